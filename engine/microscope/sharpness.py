"""Sharpness: the largest curvature of what training makes small, which says how large a learning rate may be.

Along a direction of curvature h, plain descent multiplies the distance to the bottom of the valley by 1 - η·h at each
step: it grows if h > 2/η. The largest curvature is the largest eigenvalue of the Hessian, and training tends to raise
it until it meets that limit, the "edge of stability" (Cohen and others 2021). An optimizer that divides gradients by
their size sees the Hessian in units of what it divides by (Cohen and others 2022).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.autograd import Tensor
from engine.autograd.node import backward_pass
from engine.compiler import compile
from engine.training.run.build import build_model, training_rows
from engine.training.run.snapshot import RunSnapshot

Vector = NDArray[np.float64]
TOLERANCE = 1e-3  # of an eigenvalue, relative: ten times as exact as it is shown
MOST_PRODUCTS = 40  # that a value may take: what they have come to by then is nearly it
SEED = 0  # of the directions that are looked into first


class Hessian:
    """Hessian of what training makes small: the mean loss of the training points, and the penalty ½·l2·Σw².

    It is never written down: a program, compiled once, multiplies it by a vector, as the gradient of (gradient · v)
    (Pearlmutter 1994). All vectors are of all parameters (n,), in the order of the network.

    Args:
        snapshot: whose points and network these are; its weights do not count.
    """

    def __init__(self, snapshot: RunSnapshot) -> None:
        experiment = snapshot.experiment
        points = snapshot.points(training_rows(experiment))
        x, t = (Tensor(array, requires_grad=False) for array in (points.inputs, points.targets))
        self._model = model = build_model(experiment, np.float64)
        self._parameters = parameters = list(model.parameters())
        self._directions = [Tensor(np.ones_like(p.data), requires_grad=False) for p in parameters]
        self._penalty = _flat(experiment.training.l2 * (p.ndim > 1) * np.ones_like(p.data) for p in parameters)

        def record() -> list[Tensor]:
            loss = snapshot.loss(model(x), t)
            gradients = _gradients(loss, parameters)
            slope = sum((g * v).sum() for g, v in zip(gradients, self._directions, strict=True))
            return [loss, *_gradients(slope, parameters)]

        self._product = compile(record)

    def stand_at(self, snapshot: RunSnapshot) -> None:
        """Be that at the weights of a snapshot."""
        self._model.load_state_dict(snapshot.weights)

    def __matmul__(self, vector: Vector) -> Vector:
        """Hessian-vector product."""
        start = 0
        for direction in self._directions:
            end = start + direction.size
            direction.data, start = vector[start:end].reshape(direction.shape), end
        self._product.run()
        return _flat(self._product.kept()) + self._penalty * vector


class Sharpness(NamedTuple):
    """Sharpness of a run at one step.

    Attributes:
        step: parameter updates so far.
        value: the largest eigenvalue of the Hessian, in units of what the optimizer divides gradients by.
        limit: how large it may be at the learning rate in force for steps along its direction not to grow: 2/η of plain
            descent, more with momentum.
        direction: its eigenvector (n,), over all parameters.
        is_plain: whether the optimizer divides by nothing, and the Hessian is seen as it is.
    """

    step: int
    value: float
    limit: float
    direction: Vector
    is_plain: bool

    @property
    def share(self) -> float:
        """Of the limit: beyond 1, steps along its direction grow."""
        return self.value / self.limit


class SharpnessMeter:
    """Sharpness meter: measures one moment of a run after the other, each from what the last one has found.

    The program is compiled anew only where the experiment is another one.
    """

    def __init__(self) -> None:
        self._hessian: tuple[object, Hessian] | None = None
        self._last: Vector | None = None

    def __call__(self, snapshot: RunSnapshot) -> Sharpness | None:
        """The sharpness; None where there are no points, nothing can move, or the optimizer has no unit yet."""
        if not len(snapshot.batch) or (units := _units(snapshot)) is None:
            return None
        divisors, limit = units
        hessian = self._hessian_of(snapshot)
        roots = 1 / np.sqrt(divisors)  # 0 for what is frozen
        if not roots.any():
            return None
        start = np.random.default_rng(SEED).normal(size=len(roots))
        if self._last is not None and len(self._last) == len(start):
            start = self._last + 0.01 / math.sqrt(len(start)) * start  # so that nothing is orthogonal to it
        value, direction = largest_eigenpair(lambda v: roots * (hessian @ (roots * v)), start * (roots > 0))
        if not math.isfinite(value):
            return None
        self._last = direction
        return Sharpness(snapshot.steps, value, limit, direction, is_plain=set(roots) <= {0.0, 1.0})

    def _hessian_of(self, snapshot: RunSnapshot) -> Hessian:
        experiment = snapshot.experiment
        key = experiment.data, experiment.network, experiment.training.loss, experiment.training.l2
        if self._hessian is None or self._hessian[0] != key:
            self._hessian = key, Hessian(snapshot)
        hessian = self._hessian[1]
        hessian.stand_at(snapshot)
        return hessian


def largest_eigenpair(times: Callable[[Vector], Vector], start: Vector) -> tuple[float, Vector]:
    """The largest eigenvalue of a symmetric matrix, and its eigenvector, by Lanczos's method (1950).

    Power iteration looks at its last vector alone; this one at all that it came by, and needs far fewer products.

    Args:
        times: multiplies the matrix by a vector.
        start: where to begin: the nearer to the eigenvector, the better.
    """
    basis = [start / np.linalg.norm(start)]
    diagonal: list[float] = []
    beside: list[float] = []
    while True:
        product = times(basis[-1])
        diagonal.append(float(basis[-1] @ product))
        rows = np.array(basis)
        for _ in range(2):  # rounding would bring back what was found
            product = product - rows.T @ (rows @ product)
        rest = float(np.linalg.norm(product))
        small = np.diag(diagonal) + np.diag(beside, 1) + np.diag(beside, -1)
        if not np.isfinite(small).all():
            return math.nan, start
        values, vectors = np.linalg.eigh(small)
        is_exact = rest * abs(vectors[-1, -1]) <= TOLERANCE * abs(values[-1])
        if is_exact or len(basis) == min(MOST_PRODUCTS, len(start)):
            return float(values[-1]), vectors[:, -1] @ rows
        beside.append(rest)
        basis.append(product / rest)


def _units(snapshot: RunSnapshot) -> tuple[Vector, float] | None:
    """What the optimizer divides the gradient of each parameter by (n,), infinite for what is frozen, or was until now;
    and the limit of what it then sees of curvature. None where it has not seen a gradient yet, or makes no steps.
    """
    parameters = [Tensor(data, requires_grad=False) for data in snapshot.weights.values()]
    optimizer = snapshot.optimizer(parameters)
    with np.errstate(all="ignore"):
        pairs = [pair for state in optimizer.state if (pair := optimizer.stability(state)) is not None]
    if len(pairs) < len(parameters) or not optimizer.rate:
        return None
    masks = optimizer.mobility or [1.0] * len(pairs)
    seen = [np.asarray(state.get("square", 1.0)) > 0 for state in optimizer.state]  # 0: every gradient was
    divisors = _flat(
        np.where(mask * is_seen, divisor, np.inf) * np.ones(p.shape)
        for (divisor, _), mask, is_seen, p in zip(pairs, masks, seen, parameters, strict=True)
    )
    return divisors, pairs[0][1] / float(optimizer.rate)


def _gradients(output: Any, parameters: Sequence[Tensor]) -> list[Any]:
    """Gradients as nodes, to be differentiated again; 0 with respect to what the output does not depend on."""
    found: dict[int, Any] = {id(p): p * 0.0 for p in parameters}
    if output.requires_grad:
        found |= {id(n): g for n, g in backward_pass(output, Tensor(output.start(), requires_grad=False))}
    return [found[id(p)] for p in parameters]


def _flat(arrays: Iterable[NDArray[Any]]) -> Vector:
    return np.concatenate([np.ravel(array) for array in arrays])
