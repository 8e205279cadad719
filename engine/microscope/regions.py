"""Linear regions: the pieces of the plane in which a network of straight-lined activations is one linear formula.

A ReLU passes its sum on or it does not. Where each neuron does the same, the whole network is a weighted sum of its
features; a neuron whose sum passes 0 begins another region. So the zero lines of the sums are the regions' borders.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.autograd import Tensor
from engine.nn.activations import Activation, activation_named
from engine.training import PLANE, Experiment, activations_at, featurise

Arrays = Sequence[NDArray[Any]]
LOW = np.full(2, -PLANE)
SIDE = 61  # places along each side of the plane that are looked at, its edges among them
_ROOM = 2**62  # for numbers of regions that are told apart by one more neuron


class LinearFormula(NamedTuple):
    """Linear formula of the outputs: `slopes` (outputs, features) · features + `constants` (outputs,).

    `outputs` (outputs,) are what it gives at the place that it was asked for.
    """

    slopes: NDArray[np.float64]
    constants: NDArray[np.float64]
    outputs: NDArray[np.float64]


def curved_activation(experiment: Experiment) -> str:
    """The label of the first hidden activation that is not known to be straight between corners; empty where all are,
    so that the network has linear regions. Without a hidden layer it is one.
    """
    return next((activation.label for activation in _activations(experiment) if activation.corners is None), "")


def borders(experiment: Experiment) -> list[tuple[float, ...]]:
    """Of each hidden layer the sums at which another region begins."""
    return [activation.corners or () for activation in _activations(experiment)]


def sums_at(experiment: Experiment, weights: Arrays, biases: Arrays, xy: NDArray[np.floating]) -> list[NDArray[Any]]:
    """Weighted sums of each hidden layer at places (n, 2) of the plane: an array (n, neurons) for each."""
    inputs = experiment.data.inputs_at(xy)
    columns = activations_at(experiment, weights, biases, inputs)[: len(experiment.network.layers)]
    with np.errstate(all="ignore"):
        return [a @ w.T + b for a, w, b in zip(columns, weights, biases, strict=False)]


def sums_over_plane(
    experiment: Experiment,
    weights: Arrays,
    biases: Arrays,
    low: NDArray[np.float64] = LOW,
    high: NDArray[np.float64] = -LOW,
) -> list[NDArray[Any]]:
    """The sums over the plane, or a rectangle of it from one corner (2,) to another, of each hidden layer an array
    (neurons, SIDE, SIDE), row 0 at the bottom.
    """
    places = low + (_lattice() - LOW) * (high - low) / (2 * PLANE)
    layers = sums_at(experiment, weights, biases, places)
    return [sums.T.reshape(-1, SIDE, SIDE) for sums in layers]


def region_count(experiment: Experiment, weights: Arrays, biases: Arrays) -> int:
    """How many linear regions are met in the plane; between the places that are looked at there may be more."""
    numbers = region_numbers(experiment, sums_at(experiment, weights, biases, _lattice()))
    return int(numbers.max(initial=0)) + 1


def region_numbers(experiment: Experiment, sums: Arrays) -> NDArray[np.int64]:
    """The region (n,) that each place lies in, counted from 0, by the sums (n, neurons) of the layers there."""
    numbers, count = np.zeros(len(sums[0]) if sums else 0, dtype=np.int64), 1
    for layer, corners in zip(sums, borders(experiment), strict=True):
        for neuron in layer.T if corners else ():
            if count > _ROOM // (len(corners) + 1):
                numbers, count = _renumbered(numbers)
            numbers = numbers * (len(corners) + 1) + np.searchsorted(corners, neuron)
            count *= len(corners) + 1
    return _renumbered(numbers)[0]


def formula_at(experiment: Experiment, weights: Arrays, biases: Arrays, place: NDArray[np.floating]) -> LinearFormula:
    """What the network computes in the region of a place (2,), in float64.

    Its slopes are products of weights, with those left out whose neurons are flat there. Where an activation is curved,
    it is the tangent.
    """
    inputs = experiment.data.inputs_at(np.asarray(place, dtype=np.float64)[None])
    features = featurise(inputs, experiment.network.features)[0]
    values, slopes = features, np.eye(len(features))
    functions: list[Callable[[Any], Any]] = [activation.function for activation in _activations(experiment)]
    functions.append(lambda sums: sums)
    with np.errstate(all="ignore"):
        for weight, bias, function in zip(weights, biases, functions, strict=True):
            sums = Tensor(weight.astype(np.float64) @ values + bias)
            answers = function(sums)
            answers.sum().backward()
            assert sums.grad is not None
            values, slopes = answers.data, sums.grad[:, None] * (weight.astype(np.float64) @ slopes)
        return LinearFormula(slopes, values - slopes @ features, values)


@cache
def _lattice() -> NDArray[np.float64]:
    along = np.linspace(-PLANE, PLANE, SIDE)
    return np.stack(np.meshgrid(along, along), axis=-1).reshape(-1, 2)


def _activations(experiment: Experiment) -> list[Activation]:
    return [activation_named(layer.activation) for layer in experiment.network.layers]


def _renumbered(numbers: NDArray[np.int64]) -> tuple[NDArray[np.int64], int]:
    """The same regions with numbers from 0 on, and how many there are."""
    seen, result = np.unique(numbers, return_inverse=True)
    return result, len(seen)
