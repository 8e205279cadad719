"""Hidden space: where a hidden layer puts the points and the plane, as two numbers each.

A layer bends the plane until the next one can part the classes by straight lines. Of its neurons two are shown, or, as
directions through all of them, the two principal components: those in which the points differ most.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.dataclass import dataclass
from engine.training import PLANE, Experiment, activations_at

LINES, PLACES = 13, 49  # of the plane's grid: as many each way, and places along each
FEWEST = 3  # points whose components say something; with fewer, those of the grid do
BLOCK, POWERS = 8, 8  # of the space in which the components of very many neurons are looked for
Arrays = Sequence[NDArray[Any]]
Pair = tuple[int, int]


def _grid() -> NDArray[np.float64]:
    across, along = np.linspace(-PLANE, PLANE, LINES), np.linspace(-PLANE, PLANE, PLACES)
    upright = np.stack(np.broadcast_arrays(across[:, None], along), axis=-1)
    return np.concatenate([upright, upright[..., ::-1]])


GRID = _grid()  # lines of equal x₁, then of equal x₂: (2 · LINES, PLACES, 2)


@dataclass(frozen=True, eq=False)
class Projection:
    """Projection of activations (n, neurons) onto two directions.

    Attributes:
        origin: (neurons,), what becomes (0, 0).
        axes: (2, neurons); zeros for a direction that there is not.
        shares: of the points' variance, what each direction holds; None if they are two neurons.
    """

    origin: NDArray[np.float64]
    axes: NDArray[np.float64]
    shares: tuple[float, float] | None = None

    def of(self, activations: NDArray[np.floating]) -> NDArray[np.float64]:
        """Where activations (..., neurons) lie: (..., 2)."""
        return np.asarray((activations - self.origin) @ self.axes.T)


@dataclass(frozen=True, eq=False)
class HiddenSpace:
    """Hidden space of one layer at one moment.

    Attributes:
        points: where the points lie, (n, 2).
        grid: where the lines of GRID lie, (lines, places, 2).
        projection: of this layer's activations.
        border: (a, b, c) of the line a·u + b·v + c = 0 on which a single output, fed by this layer, is 0 and so parts
            two classes, the rest of the layer being as in `projection.origin`; None if the layer feeds something else.
    """

    points: NDArray[np.float64]
    grid: NDArray[np.float64]
    projection: Projection
    border: tuple[float, float, float] | None

    @property
    def is_finite(self) -> bool:
        """Whether all of it can be drawn."""
        return bool(np.isfinite(self.points).all() and np.isfinite(self.grid).all())


def hidden_space(
    experiment: Experiment,
    weights: Arrays,
    biases: Arrays,
    layer: int,
    inputs: NDArray[np.floating],
    pair: Pair | None = None,
    before: Projection | None = None,
    rest: Sequence[float] = (),
) -> HiddenSpace:
    """The hidden space of a layer, counted from 0.

    Args:
        weights, biases: of the network, as a frame has them.
        inputs: those of the points, (n, inputs).
        pair: the two neurons that are shown; the principal components if None.
        before: the projection of the moment before, so that no component turns round between two moments.
        rest: where the grid lies in the inputs that the plane has no axis for, as `Data.inputs_at` has them.
    """
    places = np.concatenate([inputs, experiment.data.inputs_at(GRID.reshape(-1, 2), rest)])
    seen = activations_at(experiment, weights[: layer + 1], biases, places)[-1].astype(np.float64)
    count = len(inputs)
    points, grid = seen[:count], seen[count:]
    basis = points if len(points) >= FEWEST else grid
    with np.errstate(all="ignore"):
        projection = principal_components(basis, before) if pair is None else neurons(basis, pair)
        lies = projection.of(seen)
        border = None
        if layer + 2 == len(experiment.sizes) - 1 and experiment.outputs == 1 and experiment.task.has_classes:
            weight, bias = weights[-1][0].astype(np.float64), float(biases[-1][0])
            a, b = (projection.axes @ weight).tolist()
            border = (a, b, float(weight @ projection.origin) + bias)
    return HiddenSpace(lies[:count], lies[count:].reshape(GRID.shape), projection, border)


def principal_components(activations: NDArray[np.floating], before: Projection | None = None) -> Projection:
    """The two directions in which activations (n, neurons) differ most: eigenvectors of their covariance.

    A component may as well point the other way: it points as `before` did, or else to where its largest part is
    positive. What is not finite has none: zeros.
    """
    neurons = activations.shape[1]
    origin, axes = activations.mean(axis=0), np.zeros((2, neurons))
    if not np.isfinite(activations).all():
        return Projection(np.zeros(neurons), axes, (0.0, 0.0))
    centred = activations - origin
    basis = _widest(centred)
    seen = centred @ basis
    spreads, directions = np.linalg.eigh(seen.T @ seen)  # in rising order, as columns
    axes[: min(neurons, 2)] = (basis @ directions).T[::-1][:2]
    if before is not None and before.axes.shape == axes.shape:
        turned = (axes * before.axes).sum(axis=1) < 0
    else:
        turned = np.take_along_axis(axes, np.abs(axes).argmax(axis=1, keepdims=True), axis=1)[:, 0] < 0
    axes[turned] *= -1
    largest = np.pad(spreads.clip(0)[::-1], (0, 1))
    first, second = (largest[:2] / max(float(np.square(centred).sum()), np.finfo(float).tiny)).tolist()
    return Projection(origin, axes, (first, second))


def _widest(centred: NDArray[np.float64]) -> NDArray[np.float64]:
    """Orthonormal basis (neurons, k) of a space that holds the directions in which rows (n, neurons) differ most.

    It is all of it, or, of very many neurons, whose eigenvectors a person would wait for, a block Krylov space: a few
    rows, and what the covariance makes of them again and again.
    """
    if centred.shape[1] <= BLOCK * (POWERS + 1):
        return np.eye(centred.shape[1])
    blocks = [np.linalg.qr(centred[:: max(1, len(centred) // BLOCK)][:BLOCK].T)[0]]
    for _ in range(POWERS):
        blocks.append(np.linalg.qr(centred.T @ (centred @ blocks[-1]))[0])
    return np.linalg.qr(np.concatenate(blocks, axis=1))[0]


def neurons(activations: NDArray[np.floating], pair: Pair) -> Projection:
    """Two neurons of a layer as they are, the others at their mean."""
    origin, axes = activations.mean(axis=0), np.zeros((2, activations.shape[1]))
    for axis, neuron in enumerate(pair):
        origin[neuron], axes[axis, neuron] = 0, 1
    return Projection(origin, axes)
