"""Features: what the network is given to see of a point (x₁, x₂ …).

Each is written with the engine's own operations, so the same row computes on arrays, floats and Values.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.autograd.ops import sin
from engine.dataclass import dataclass
from engine.training.data.points import MAX_INPUTS, subscripted


@dataclass(frozen=True)
class Feature:
    """Input feature: a function of a point's numbers, and the name that it bears in the window.

    Attributes:
        label: its name.
        of: the function, of as many numbers as a point has.
        needs: how many numbers a point has at least.
        power: with which power of the numbers it grows.
    """

    label: str
    of: Callable[..., Any]
    needs: int = 1
    power: int = 1

    def largest(self, coordinate: float) -> float:
        """Its largest size where no number is larger than this."""
        return max(1.0, coordinate) ** self.power


def _column(k: int) -> Feature:
    return Feature(subscripted("x", k), lambda *x: x[k - 1], needs=k)


FEATURES: dict[str, Feature] = {
    "x1": _column(1),
    "x2": _column(2),
    "x1_squared": Feature("x₁²", lambda x1, *_: x1 * x1, power=2),
    "x2_squared": Feature("x₂²", lambda x1, x2, *_: x2 * x2, needs=2, power=2),
    "x1_x2": Feature("x₁x₂", lambda x1, x2, *_: x1 * x2, needs=2, power=2),
    "sin_x1": Feature("sin x₁", lambda x1, *_: sin(x1), power=0),
    "sin_x2": Feature("sin x₂", lambda x1, x2, *_: sin(x2), needs=2, power=0),
}
# of points with more numbers too
EVERY_FEATURE: Mapping[str, Feature] = ChainMap({f"x{k}": _column(k) for k in range(3, MAX_INPUTS + 1)}, FEATURES)


def features_of(inputs: int) -> dict[str, Feature]:
    """The features that there are of points with so many numbers."""
    return {name: feature for name, feature in EVERY_FEATURE.items() if feature.needs <= inputs}


def columns_of(inputs: int) -> tuple[str, ...]:
    """The names of the features that are the points' numbers themselves."""
    return tuple(f"x{k + 1}" for k in range(inputs))


def featurise(inputs: NDArray[np.floating[Any]], names: Iterable[str]) -> NDArray[np.floating[Any]]:
    """Points of shape (points, inputs) to what the network sees, (points, features), in the points' dtype."""
    return np.stack([EVERY_FEATURE[name].of(*inputs.T) for name in names], axis=1)
