"""Weight initialisation: one table of how weights start.

A weighted sum of n inputs has n times the variance of one term. So weights are drawn narrower the more inputs (fan-in)
a neuron has, or signals grow from layer to layer; the same holds backwards for outputs (fan-out) and gradients.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.dataclass import dataclass

Draw = Callable[[np.random.Generator, int, int], NDArray[Any]]


@dataclass(frozen=True)
class Initialiser:
    """Weight initialiser: `draw(rng, fan_in, fan_out)` gives weights of shape (fan_out, fan_in) in float64."""

    label: str
    description: str
    draw: Draw


def _uniform(half_width: Callable[[int, int], float]) -> Draw:
    return lambda rng, n, m: rng.uniform(-half_width(n, m), half_width(n, m), (m, n))


def _normal(deviation: Callable[[int, int], float]) -> Draw:
    return lambda rng, n, m: rng.normal(0.0, deviation(n, m), (m, n))


INITIALISERS: dict[str, Initialiser] = {
    "xavier": Initialiser(
        "Xavier", "uniform, variance 2 / (inputs + outputs): for tanh (Glorot and Bengio 2010)",
        _uniform(lambda n, m: math.sqrt(6 / (n + m)))),
    "he": Initialiser(
        "He", "normal, variance 2 / inputs: for ReLU, which silences half (He and others 2015)",
        _normal(lambda n, m: math.sqrt(2 / n))),
    "lecun": Initialiser(
        "LeCun", "normal, variance 1 / inputs (LeCun and others 1998)",
        _normal(lambda n, m: math.sqrt(1 / n))),
    "uniform": Initialiser(
        "Uniform", "from -0.5 to 0.5, however many inputs there are",
        _uniform(lambda n, m: 0.5)),
    "normal": Initialiser(
        "Normal", "mean 0, deviation 1, however many inputs there are",
        _normal(lambda n, m: 1.0)),
    "zeros": Initialiser(
        "Zeros", "all alike: neurons of a layer then stay alike for ever",
        lambda rng, n, m: np.zeros((m, n))),
}  # fmt: skip
