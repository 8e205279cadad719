"""Features: what the network is given to see of a point (x₁, x₂).

Each is written with the engine's own operations, so the same row computes on arrays, floats and Values.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.autograd.ops import sin
from engine.training.data.datasets import PLANE


@dataclass(frozen=True)
class Feature:
    """Input feature: a function of the two coordinates, the name that it bears in the window, and its largest size."""

    label: str
    of: Callable[[Any, Any], Any]
    largest: float = math.inf  # on the plane, as far as one knows


FEATURES: dict[str, Feature] = {
    "x1": Feature("x₁", lambda x1, x2: x1, PLANE),
    "x2": Feature("x₂", lambda x1, x2: x2, PLANE),
    "x1_squared": Feature("x₁²", lambda x1, x2: x1 * x1, PLANE**2),
    "x2_squared": Feature("x₂²", lambda x1, x2: x2 * x2, PLANE**2),
    "x1_x2": Feature("x₁x₂", lambda x1, x2: x1 * x2, PLANE**2),
    "sin_x1": Feature("sin x₁", lambda x1, x2: sin(x1), 1.0),
    "sin_x2": Feature("sin x₂", lambda x1, x2: sin(x2), 1.0),
}


def featurise(xy: NDArray[np.floating[Any]], names: Iterable[str]) -> NDArray[np.floating[Any]]:
    """Points of shape (points, 2) to network inputs of shape (points, features), in the points' dtype."""
    return np.stack([FEATURES[name].of(xy[:, 0], xy[:, 1]) for name in names], axis=1)
