"""Moment of a run: how large its gradients, its weights and their next updates are, and which neurons still learn.

All of it is of one snapshot, in float64: one of the past gives the very numbers that it would have given then.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import zip_longest
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.autograd import Tensor
from engine.dataclass import dataclass
from engine.microscope.outlook import outlook
from engine.nn import Sequential
from engine.nn.activations import Activation, Elementwise
from engine.training import RunSnapshot, Score
from engine.training.run.gradient_step import GradientSource

BINS = 40
FLAT = 0.05  # of its steepest slope: where a curved activation is less steep it is saturated
NEARLY_ALL = 0.95  # of the points: at which a neuron is saturated, if it counts as that
AROUND = np.linspace(-6, 6, 241)  # sums among which the steepest slope is looked for
_SUM = Activation("sum", "Identity", lambda x: x, corners=())  # an output is its sum


class Histogram(NamedTuple):
    """Histogram of numbers: how many of them lie in each of BINS equal parts (BINS,) from `low` to `high`.

    What is not finite is in none.
    """

    low: float
    high: float
    parts: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class LayerMoment:
    """Moment of one layer: of its parameters, which are weights and biases, and of its neurons.

    Attributes:
        gradient_norm, weight_norm, update_norm: Euclidean norms of the gradients of its parameters, of the parameters,
            and of what the next step adds to them.
        activations, weights, gradients, updates: histograms; of what its neurons answer to the training points, and of
            its parameters.
        dead: of each neuron (neurons,) the share of the training points at which its slope is 0: there nothing goes
            back through it.
        saturated: the share at which a curved activation is flat, its slope below FLAT of its steepest.
    """

    gradient_norm: float
    weight_norm: float
    update_norm: float
    activations: Histogram
    weights: Histogram
    gradients: Histogram
    updates: Histogram
    dead: NDArray[np.float64]
    saturated: NDArray[np.float64]

    @property
    def ratio(self) -> float:
        """Update-to-weight ratio: how far the next step moves the parameters, as a share; NaN where all are 0."""
        return self.update_norm / self.weight_norm if self.weight_norm else math.nan

    @property
    def is_dead(self) -> NDArray[np.bool_]:
        """Which neurons (neurons,) no gradient passes at any point."""
        return np.asarray(self.dead == 1)

    @property
    def is_saturated(self) -> NDArray[np.bool_]:
        """Which of the others little gradient passes at nearly all points."""
        return (self.saturated >= NEARLY_ALL) & ~self.is_dead


@dataclass(frozen=True, eq=False)
class Moment:
    """Moment of a run.

    Attributes:
        step: parameter updates so far.
        rate: the learning rate of the next step, by its schedule.
        train, test: scores of the network as it predicts, without dropout; None where there are no test points.
        layers: the hidden ones, and last the outputs.
    """

    step: int
    rate: float
    train: Score
    test: Score | None
    layers: tuple[LayerMoment, ...]

    @property
    def gradient_norm(self) -> float:
        """Euclidean norm of the gradient of the loss on the next batch, before it is shortened."""
        return math.hypot(*(layer.gradient_norm for layer in self.layers))

    @property
    def weight_norm(self) -> float:
        """Euclidean norm of all weights and biases."""
        return math.hypot(*(layer.weight_norm for layer in self.layers))


def moment(snapshot: RunSnapshot, source: GradientSource | None = None) -> Moment | None:
    """The moment of a snapshot; None where there are no points for a next step. Costs about two eager steps.

    `source`: where the run has its gradients from, if not from a sound engine.
    """
    ahead = outlook(snapshot, source)
    if ahead is None:
        return None
    model, is_test = snapshot.model(), snapshot.experiment.data.arrays.test
    with np.errstate(all="ignore"):
        columns = list(_columns(model, snapshot.points(~is_test).inputs))
        return Moment(
            step=snapshot.steps,
            rate=float(snapshot.optimizer(model.parameters()).rate),
            train=_score(snapshot, ~is_test, columns[-1].answers),
            test=_score(snapshot, is_test, _answers(model, snapshot.points(is_test).inputs)) if is_test.any() else None,
            layers=tuple(
                _layer(column, *(_vector(of, i) for of in (snapshot.weights, *ahead)))
                for i, column in enumerate(columns)
            ),
        )


def histogram(numbers: NDArray[Any]) -> Histogram:
    """The histogram of numbers in any shape."""
    finite = numbers[np.isfinite(numbers)].astype(np.float64)
    if not len(finite):
        return Histogram(0.0, 0.0, np.zeros(BINS, np.int64))
    low, high = float(finite.min()), float(finite.max())
    with np.errstate(all="ignore"):
        places = np.nan_to_num((finite - low) * (BINS / (high - low))) if high > low else np.zeros(len(finite))
    return Histogram(low, high, np.bincount(places.clip(0, BINS - 1).astype(np.int64), minlength=BINS))


class _Column(NamedTuple):
    """What the neurons of a layer answer to points (n, neurons), and the slope of their activation there."""

    activation: Activation
    answers: NDArray[np.float64]
    slopes: NDArray[np.float64]


def _columns(model: Sequential, inputs: NDArray[Any]) -> Iterator[_Column]:
    """The layers of a network that is given inputs (n, features)."""
    modules = list(model)
    for linear, module in zip_longest(modules[::2], modules[1::2]):
        activation = module.activation if isinstance(module, Elementwise) else _SUM
        column = _Column(activation, *_answers_and_slopes(activation, _answers(linear, inputs)))
        yield column
        inputs = column.answers


def _layer(
    column: _Column, weights: NDArray[np.float64], gradients: NDArray[np.float64], updates: NDArray[np.float64]
) -> LayerMoment:
    steepness = np.abs(column.slopes)
    is_flat = (steepness < FLAT * _steepest(column.activation)) & (column.activation.corners is None)
    return LayerMoment(
        gradient_norm=float(np.linalg.norm(gradients)),
        weight_norm=float(np.linalg.norm(weights)),
        update_norm=float(np.linalg.norm(updates)),
        activations=histogram(column.answers),
        weights=histogram(weights),
        gradients=histogram(gradients),
        updates=histogram(updates),
        dead=(steepness == 0).mean(axis=0),
        saturated=is_flat.mean(axis=0),
    )


def _vector(parameters: Mapping[str, NDArray[Any]], layer: int) -> NDArray[np.float64]:
    """Numbers of all parameters of a layer, by PyTorch's names, one after the other."""
    own = [array.ravel() for name, array in parameters.items() if name.startswith(f"{2 * layer}.")]
    return np.concatenate(own).astype(np.float64)


def _score(snapshot: RunSnapshot, rows: NDArray[np.bool_], outputs: NDArray[np.float64]) -> Score:
    points = snapshot.points(rows)
    loss = float(snapshot.loss(Tensor(outputs, requires_grad=False), points.targets).data)
    return snapshot.experiment.task.score(loss, outputs, points.truth, snapshot.loss)


def _answers(module: Any, inputs: NDArray[Any]) -> NDArray[np.float64]:
    """What a module, or a whole network, makes of inputs (n, features)."""
    return np.asarray(module(Tensor(inputs, requires_grad=False)).data)


def _answers_and_slopes(
    activation: Activation, sums: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """An activation of each sum, and its derivative there, by the chain rule."""
    nodes = Tensor(sums)
    answers = activation.function(nodes)
    answers.sum().backward()
    assert nodes.grad is not None
    return answers.data, nodes.grad


@lru_cache(maxsize=64)
def _steepest(activation: Activation) -> float:
    """The steepest slope of an activation at usual sums."""
    _, slopes = _answers_and_slopes(activation, AROUND)
    return float(np.abs(slopes[np.isfinite(slopes)]).max(initial=0.0))
