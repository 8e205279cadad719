"""Linear regions: the pieces of the plane in which a network of straight-lined activations is one linear formula.

A ReLU passes its sum on or it does not. Where each neuron does the same, the whole network is a weighted sum of its
features; a neuron whose sum passes 0 begins another region. So the zero lines of the sums are the regions' borders.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.autograd import Tensor
from engine.nn.activations import Activation, activation_named
from engine.training import PLANE, Experiment, featurise
from engine.training.data.batches import DTYPE

Arrays = Sequence[NDArray[Any]]
Rest = Sequence[float]
LOW = np.full(2, -PLANE)
SIDES = 61, 41, 25  # places along each side of the plane that are looked at, its edges among them
WORK = 5e8  # products that a network may take for them: with more there are fewer places


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


def sums_at(
    experiment: Experiment, weights: Arrays, biases: Arrays, xy: NDArray[np.floating], rest: Rest = ()
) -> list[NDArray[Any]]:
    """Weighted sums of each hidden layer at places (n, 2) of the plane: an array (n, neurons) for each.

    The inputs that the plane has no axis for are as `Data.inputs_at` has them.
    """
    values = featurise(experiment.data.inputs_at(xy, rest), experiment.network.features).astype(DTYPE)
    result = []
    with np.errstate(all="ignore"):
        for weight, bias, activation in zip(weights, biases, _activations(experiment), strict=False):
            result.append(values @ weight.T + bias)
            values = activation.function(Tensor(result[-1], requires_grad=False)).data
    return result


def sums_over_plane(
    experiment: Experiment,
    weights: Arrays,
    biases: Arrays,
    low: NDArray[np.float64] = LOW,
    high: NDArray[np.float64] = -LOW,
    rest: Rest = (),
) -> list[NDArray[Any]]:
    """The sums over the plane, or a rectangle of it from one corner (2,) to another, of each hidden layer an array
    (neurons, side, side), row 0 at the bottom; the side is one of SIDES.
    """
    side = _side(experiment)
    places = low + (_lattice(side) - LOW) * (high - low) / (2 * PLANE)
    layers = sums_at(experiment, weights, biases, places, rest)
    return [sums.T.reshape(-1, side, side) for sums in layers]


def region_count(experiment: Experiment, weights: Arrays, biases: Arrays, rest: Rest = ()) -> int:
    """How many linear regions are met in the plane; between the places that are looked at there may be more."""
    sums = sums_at(experiment, weights, biases, _lattice(_side(experiment)), rest)
    numbers = region_numbers(experiment, sums)
    return int(numbers.max(initial=0)) + 1


def region_numbers(experiment: Experiment, sums: Arrays) -> NDArray[np.int64]:
    """The region (n,) that each place lies in, counted from 0, by the sums (n, neurons) of the layers there."""
    pieces = [np.zeros((len(sums[0]) if sums else 0, 1), np.uint8)]
    for layer, corners in zip(sums, borders(experiment), strict=True):
        pieces += [np.sum([layer > corner for corner in corners], axis=0, dtype=np.uint8)] if corners else []
    patterns = np.hstack(pieces)
    rows = patterns.view(np.dtype((np.void, patterns.shape[1])))[:, 0]
    return np.unique(rows, return_inverse=True)[1]


def formula_at(
    experiment: Experiment, weights: Arrays, biases: Arrays, place: NDArray[np.floating], rest: Rest = ()
) -> LinearFormula:
    """What the network computes in the region of a place (2,), in float64.

    Its slopes are products of weights, with those left out whose neurons are flat there. Where an activation is curved,
    it is the tangent.
    """
    inputs = experiment.data.inputs_at(np.asarray(place, dtype=np.float64)[None], rest)
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


def _side(experiment: Experiment) -> int:
    """Places along each side of the plane that a network is asked for while a person watches."""
    work = sum(a * b for a, b in pairwise(experiment.sizes))
    return next((side for side in SIDES if side**2 * work <= WORK), SIDES[-1])


@cache
def _lattice(side: int) -> NDArray[np.float64]:
    along = np.linspace(-PLANE, PLANE, side)
    return np.stack(np.meshgrid(along, along), axis=-1).reshape(-1, 2)


def _activations(experiment: Experiment) -> list[Activation]:
    return [activation_named(layer.activation) for layer in experiment.network.layers]
