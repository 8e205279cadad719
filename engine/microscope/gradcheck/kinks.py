"""Kinks: the loss a little beside a snapshot's parameters, and the corners that a network passes on the way there.

ReLU, |x| and max are smooth pieces that meet in corners. A central difference that reaches from w - h to w + h over a
corner mixes the slopes of two pieces, while backpropagation takes the slope at w alone: the two disagree, and nobody is
wrong. Which piece each number stands on says whether that happened, and where.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.autograd import Tensor, no_grad
from engine.autograd.array_ops import matmul, max_
from engine.autograd.node import Node, backward_pass, topological_order
from engine.autograd.ops import Op, absolute, equal, floor, greater_equal, max_mask, maximum, minimum, relu, sign, step
from engine.dataclass import dataclass
from engine.nn import Linear, Module
from engine.training.run.dropout import Dropped
from engine.training.run.snapshot import RunSnapshot

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
Gradients = Mapping[str, NDArray[Any]]

_ELEMENTS = 1 << 16  # numbers in one array at a time: half a megabyte stays in a processor's cache


def _order(a: Any, b: Any) -> Any:
    return np.sign(a - b)


# Every operation with a corner or a jump, and the piece that each element of its inputs stands on: -1 before a corner,
# 0 in it, 1 beyond. ELU is not among them: its derivative has no jump, only a corner of its own.
PIECES: dict[Op, Callable[..., Any]] = {
    relu: np.sign,
    absolute: np.sign,
    step: np.sign,
    sign: np.sign,
    floor: np.floor,
    maximum: _order,
    minimum: _order,
    max_mask: _order,
    equal: _order,
    greater_equal: _order,
    max_: lambda x, axis, keepdims: x == x.max(axis=axis, keepdims=True),
}


@dataclass(frozen=True)
class Kink:
    """Kink: a corner that lies between w - h and w + h.

    Attributes:
        operation: what has the corner, such as `ReLU`.
        layer: of the network, from 1; None if the corner is one of the loss.
        neuron: of that layer, or output that the loss looks at, from 1.
        points: for how many points of the batch the corner is passed.
        total: points in the batch.
        at_corner: whether all of them stand in the corner itself at w.
        direction: 1 if its input rises through the corner from w - h to w + h for each of these points, -1 if it falls
            for each, 0 if that differs.
    """

    operation: str
    layer: int | None
    neuron: int
    points: int
    total: int
    at_corner: bool
    direction: int

    @property
    def sentence(self) -> str:
        """What happened, for people."""
        who = f"layer {self.layer} neuron {self.neuron}" if self.layer else f"the loss at output {self.neuron}"
        turns = {1: "switches on", -1: "switches off", 0: "switches on or off"} if self.operation == relu.symbol else {}
        what = turns.get(self.direction, "passes its corner")
        how_many = f"{self.points} of {self.total} point{'s' if self.total > 1 else ''}"
        if self.at_corner:
            return (
                f"The {self.operation} of {who} stands exactly in its corner for {how_many}: there it has no single "
                "slope, so the two numbers need not agree, however small h is."
            )
        return (
            f"The {self.operation} of {who} {what} for {how_many} between w − h and w + h: on the way the slope jumps, "
            "so the two numbers need not agree. A smaller h usually avoids it."
        )


@dataclass(frozen=True)
class Corner:
    """Non-smooth operation: one with corners, in several copies of the network at once.

    Attributes:
        operation: its sign.
        layer: from 0; None for the loss.
        first: the neuron that the first column stands for, in the first copy.
        pieces: which piece each number stands on, (copies, points, neurons).
    """

    operation: str
    layer: int | None
    first: int
    pieces: NDArray[Any]


def corners(output: Node, layer: int | None, copies: int, first: int = 0) -> list[Corner]:
    """The corners in the graph behind an output, whose rows are the points of one copy after the other."""
    found = []
    for node in topological_order(output):
        if node.op in PIECES:
            pieces = np.asarray(PIECES[node.op](*[p.data for p in node.parents], **node.params), dtype=np.float64)
            found.append(Corner(node.op.symbol, layer, first, pieces.reshape(copies, -1, pieces.shape[-1])))
    return found


def _passed(corner: Corner) -> NDArray[np.bool_]:
    """Where w - h, w and w + h, the three parts of the copies, are not all on one piece: (rows, points, neurons)."""
    below, here, above = np.split(corner.pieces, 3)
    passed: NDArray[np.bool_] = abs(here - below) + abs(above - here) > 0  # a NaN passes nothing
    return passed


class Neighbourhood:
    """Neighbourhood: the loss of a snapshot's next batch, in float64, at its parameters and a little beside them.

    What is moved is counted in rows; a subclass says what a row is. The loss is the mean over the batch: penalties (L1,
    L2) are no part of it, they stand in the optimizer. Raises ValueError if the batch has no points.

    Attributes:
        loss: at the parameters themselves.
        gradients: of the loss by backpropagation, an array for each parameter's name.
        roundoff: how far rounding may push the loss, at most.
    """

    rows: Rows

    def __init__(self, snapshot: RunSnapshot) -> None:
        self._points, self._model, self._loss_of = snapshot.points(), snapshot.learner(), snapshot.loss
        if not len(self._points):
            raise ValueError("gradient check: the next batch has 0 points; it needs at least 1 to have a loss")
        self._modules = list(self._model)
        self._linears = [module for module in self._modules if isinstance(module, Linear)]
        # the layer of each module, from 0
        self._layers = [n - 1 for n in accumulate(isinstance(module, Linear) for module in self._modules)]
        inputs = Tensor(self._points.inputs, requires_grad=False)
        loss = self._loss_of(self._model(inputs), self._points.targets)
        self.loss = loss.item()
        self.gradients, self.roundoff = self._backward(loss)

    def _backward(self, loss: Tensor) -> tuple[dict[str, Floats], float]:
        """The gradients, and the first-order bound on the rounding error of the loss.

        Each number v that leads to the loss is off by at most ε·|v|, so the loss is by Σ |∂L/∂v|·ε·|v| (Bauer 1974,
        Computational graphs and rounding error). A product of matrices is off by ε·Σ|a|·|b|, however small it is.
        """
        names = {id(node): name for name, node in self._model.named_parameters()}
        gradients = {name: np.zeros(node.shape) for name, node in self._model.named_parameters()}
        total = 0.0
        with np.errstate(all="ignore"):
            for node, gradient in backward_pass(loss, loss.start()):
                size = abs(node.data)
                if node.op is matmul:
                    a, b = node.parents
                    size = abs(a.data) @ abs(b.data)
                elif node.op is None:
                    gradients[names[id(node)]] = gradient
                total += float((abs(gradient) * size).sum())
        return gradients, float(np.finfo(np.float64).eps) * total

    def flat(self, gradients: Gradients | None) -> Floats:
        """Gradients in one array, (parameters,), the engine's own if None. Raises ValueError if they do not fit."""
        own = self.gradients
        gradients = own if gradients is None else gradients
        for name in sorted(gradients.keys() ^ own.keys()):
            raise ValueError(f"gradient check: {name} is {'missing' if name in own else 'not a parameter here'}")
        for name, gradient in own.items():
            if np.shape(gradients[name]) != gradient.shape:
                raise ValueError(
                    f"gradient check: the gradient of {name} has shape {np.shape(gradients[name])}; "
                    f"allowed: {gradient.shape}"
                )
        return np.concatenate([np.ravel(gradients[name]) for name in own]).astype(np.float64)

    def losses(self, rows: Rows, shifts: Floats) -> Floats:
        """The loss with each of some rows moved by its shift, all others as they are: (rows,)."""
        with no_grad():
            return np.concatenate([[], *(self._losses(rows[part], shifts[part]) for part in self._parts(rows))])

    def _losses(self, rows: Rows, shifts: Floats) -> Floats:
        outputs, _ = self._outputs(rows, shifts)
        copies = outputs.data.reshape(len(rows), len(self._points), -1)
        return np.array([self._loss_of(Tensor(copy), self._points.targets).item() for copy in copies])

    def differences(self, rows: Rows, steps: Floats) -> Floats:
        """Central differences (L(w + h) - L(w - h)) / 2h: one for each of some rows, each with its own step h."""
        with np.errstate(all="ignore"):
            difference: Floats = (self.losses(rows, steps) - self.losses(rows, -steps)) / (2 * steps)
        return difference

    def corners(self, rows: Rows, steps: Floats) -> list[Corner]:
        """All corners of the network and its loss, in copies at w - h of each row, at w, and at w + h."""
        shifts = np.concatenate([-steps, 0 * steps, steps])
        targets = np.tile(self._points.targets, (len(shifts), 1))
        with np.errstate(all="ignore"):
            outputs, found = self._outputs(np.tile(rows, 3), shifts)
            return found + corners(self._loss_of(Tensor(outputs.data), targets), None, len(shifts))

    def passes(self, rows: Rows, steps: Floats) -> NDArray[np.bool_]:
        """Whether any corner lies between w - h and w + h, for each of some rows."""
        passes = np.zeros(len(rows), dtype=bool)
        for part in self._parts(rows):
            for corner in self.corners(rows[part], steps[part]):
                passes[part] |= _passed(corner).any(axis=(1, 2))
        return passes

    def kinks(self, row: int, step: float) -> tuple[Kink, ...]:
        """The corners that lie between w - h and w + h of one row, those of the first layer first."""
        found = []
        for corner in self.corners(np.array([row]), np.array([step])):
            passed, (below, here, above) = _passed(corner)[0], corner.pieces
            layer = None if corner.layer is None else corner.layer + 1
            for neuron in np.flatnonzero(passed.any(axis=0)).tolist():
                which = passed[:, neuron]
                turns = set(np.sign(above - below)[which, neuron].tolist())
                found.append(
                    Kink(
                        operation=corner.operation,
                        layer=layer,
                        neuron=corner.first + neuron + 1,
                        points=int(which.sum()),
                        total=len(self._points),
                        at_corner=not here[which, neuron].any(),
                        direction=int(turns.pop()) if len(turns) == 1 else 0,
                    )
                )
        return tuple(found)

    def _outputs(self, rows: Rows, shifts: Floats) -> tuple[Tensor, list[Corner]]:
        """The outputs of a copy of the network for each row, (copies · points, outputs), and the corners before them.

        There are no corners while nothing is recorded.
        """
        raise NotImplementedError

    def _parts(self, rows: Rows) -> Iterator[slice]:
        """The rows in parts that `_outputs` can take at once."""
        raise NotImplementedError

    def _forward(self, x: Floats, start: int, copies: int) -> tuple[Tensor, list[Corner]]:
        """What the modules from `start` on make of x, and the corners in them."""
        output, found = Tensor(x), []
        for module, layer in zip(self._modules[start:], self._layers[start:], strict=True):
            output = module(Tensor(output.data))
            found += corners(output, layer, copies)
        return output, found


class Parameters(Neighbourhood):
    """Coordinate directions: each row is one weight or bias.

    A weight moves one neuron of its layer alone, and what comes before that layer not at all. So a copy of the network
    starts with that neuron: its weighted sum changes by h times the weight's input, its activation follows, the next
    layer's sums change by that times the weights that lead there, and from then on copies are no more than further
    points.

    Attributes:
        rows: their numbers, from 0.
        names: of the parameter that each belongs to, such as `2.weight`.
        index: row and column in it; the column of a bias is -1.
        layers: of the network, from 0.
        weights: the numbers themselves.
    """

    def __init__(self, snapshot: RunSnapshot) -> None:
        super().__init__(snapshot)
        parameters = dict(self._model.named_parameters())
        sizes = [node.size for node in parameters.values()]
        self.names = np.repeat(list(parameters), sizes)
        self.layers = np.repeat([self._layers[int(name.split(".")[0])] for name in parameters], sizes)
        self.index = np.concatenate([_places(node.shape) for node in parameters.values()])
        self.weights = np.concatenate([node.data.reshape(-1) for node in parameters.values()])
        self.rows = np.arange(len(self.names))
        # what goes into each module, and what comes out of the last: (points, neurons) each
        self._columns = [self._points.inputs]
        with no_grad():
            for module in self._modules:
                self._columns.append(module(Tensor(self._columns[-1])).data)

    def _parts(self, rows: Rows) -> Iterator[slice]:
        most = max(1, _ELEMENTS // max(column.size for column in self._columns))
        ends = (np.flatnonzero(np.diff(self.layers[rows])) + 1).tolist()
        for start, end in pairwise([0, *ends, len(rows)]):
            for first in range(start, end, most):
                yield slice(first, min(first + most, end))

    def _outputs(self, rows: Rows, shifts: Floats) -> tuple[Tensor, list[Corner]]:
        at = self._layers.index(self.layers[rows[0]])
        neurons, sources = self.index[rows].T
        inputs, sums = self._columns[at].T, self._columns[at + 1].T
        change = shifts[:, None] * np.where(sources[:, None] < 0, 1.0, inputs[sources])
        if at == len(self._modules) - 1:
            return Tensor(_spread(sums.T, change, np.eye(len(sums))[neurons])), []
        activation, mask = _taken_apart(self._modules[at + 1], neurons)
        moved = activation(Tensor((sums[neurons] + change).reshape(-1, 1)))
        change = moved.data.reshape(change.shape) * mask - self._columns[at + 2].T[neurons]
        own = corners(moved, self._layers[at], len(rows), first=int(neurons[0]))
        weights = self._linears[self._layers[at] + 1].weight.data.T[neurons]
        outputs, later = self._forward(_spread(self._columns[at + 3], change, weights), at + 3, len(rows))
        return outputs, own + later


def _places(shape: tuple[int, ...]) -> Rows:
    """Row and column (n, 2) of each number of a weight; a bias has the column -1."""
    axes = np.indices(shape).reshape(len(shape), -1)
    return np.pad(axes, ((0, 2 - len(shape)), (0, 0)), constant_values=-1).T


def _taken_apart(module: Module, neurons: Rows) -> tuple[Module, Any]:
    """An activation, and what dropout makes of each of some neurons, (neurons, points), or 1 without."""
    return (module.activation, module.mask.data.T[neurons]) if isinstance(module, Dropped) else (module, 1.0)


def _spread(sums: Floats, change: Floats, weights: Floats) -> Floats:
    """Sums (points, neurons) plus a neuron's change (copies, points) times its weights (copies, neurons), flattened."""
    copies: Floats = sums + change[:, :, None] * weights[:, None, :]
    return copies.reshape(-1, sums.shape[1])


class Direction(Neighbourhood):
    """Random direction, the one row 0: all parameters move, each by the shift times ±max(1, |w|), its sign at random.

    Attributes:
        rows: the one row.
        direction: what the shift is multiplied with, an array for each parameter's name.
    """

    def __init__(self, snapshot: RunSnapshot, seed: int) -> None:
        super().__init__(snapshot)
        rng = np.random.default_rng(seed)
        self.rows = np.zeros(1, dtype=np.int64)
        self._at = {name: node.data for name, node in self._model.named_parameters()}
        self.direction = {
            name: rng.choice((-1.0, 1.0), w.shape) * np.maximum(1, abs(w)) for name, w in self._at.items()
        }

    def _parts(self, rows: Rows) -> Iterator[slice]:
        for i in range(len(rows)):
            yield slice(i, i + 1)

    def _outputs(self, rows: Rows, shifts: Floats) -> tuple[Tensor, list[Corner]]:
        copies = []
        for shift in shifts:
            self._model.load_state_dict({name: w + shift * self.direction[name] for name, w in self._at.items()})
            copies.append(self._forward(self._points.inputs, 0, 1))
        outputs = Tensor(np.concatenate([output.data for output, _ in copies]))
        found = [
            Corner(same[0].operation, same[0].layer, 0, np.concatenate([corner.pieces for corner in same]))
            for same in zip(*(passed_by for _, passed_by in copies), strict=True)
        ]
        return outputs, found
