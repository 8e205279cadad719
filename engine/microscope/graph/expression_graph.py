"""Expression graph of a step: every single number from the points to the loss, and how it was computed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.autograd import Tensor, Value, ops
from engine.autograd.node import Node, ancestors, backward_pass, local_vjps, recording
from engine.dataclass import dataclass
from engine.microscope.graph.scalars import Elements, in_scalars
from engine.nn import Linear
from engine.nn.losses import loss_named
from engine.training.data.features import EVERY_FEATURE, columns_of
from engine.training.data.points import no_points
from engine.training.run.build import build_model
from engine.training.run.dropout import Masks
from engine.training.run.snapshot import RunSnapshot
from engine.training.spec.experiment import Experiment, Network

_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


class Part(NamedTuple):
    """Neuron that a number belongs to, by column and unit. Features are column 0; the loss comes last."""

    column: int
    unit: int


class Parameter(NamedTuple):
    """A weight or a bias: the name under which the model keeps its array, and its place in that."""

    name: str
    place: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class ExpressionGraph:
    """Expression graph: the computation of a loss in single numbers, or of an output where there is no loss.

    These are Values for one point, and columns of numbers for a batch of points.

    Attributes:
        nodes: all numbers, parents before children, neuron after neuron: the order of the forward pass.
        parts: where each belongs.
        names: what each is called in its part, as w₁, b or z; empty for what lies between.
        gradients: what arrives at each on the way back from the end; None where nothing does.
        parameters: which node each parameter is.
        outputs: the nodes of each column's neurons, features first.
        rows: the points of the batch, as indices into all points; none of a place where there need be no point.
        shown: the place among them of the point whose numbers are shown.
        whole: what the last part is called, in which everything ends.
    """

    nodes: list[Node]
    parts: list[Part]
    names: list[str]
    gradients: list[Any]
    parameters: dict[Parameter, int]
    outputs: list[list[int]]
    rows: NDArray[np.int64]
    shown: int
    _index: dict[int, int] = field(repr=False)
    whole: str = "loss"

    @property
    def root(self) -> int:
        """The end, where the way back begins: the last of all nodes."""
        return len(self.nodes) - 1

    @property
    def has_loss(self) -> bool:
        """Whether it ends in a loss, or whatever else comes after the outputs."""
        return self.parts[self.root].column == len(self.outputs)

    @property
    def point(self) -> int | None:
        """The point whose numbers are shown, as an index into all points; None of a place."""
        return int(self.rows[self.shown]) if len(self.rows) else None

    def value(self, i: int) -> float:
        """The number at a node: for a batch, that of the point that is shown."""
        return self.number(self.nodes[i].data)

    def gradient(self, i: int) -> float | None:
        """The derivative of the loss with respect to a node, for the point that is shown; None if none arrives."""
        return None if self.gradients[i] is None else self.number(self.gradients[i])

    def number(self, data: Any) -> float:
        """What of a node's data or gradient belongs to the point that is shown."""
        return float(data[self.shown] if np.ndim(data) else data)

    def is_column(self, i: int) -> bool:
        """Whether each point of a batch has a number of its own here."""
        return bool(np.ndim(self.nodes[i].data))

    def parents(self, i: int) -> list[int]:
        """Parents of a node: those that it was computed from, in order."""
        return [self._index[id(parent)] for parent in self.nodes[i].parents]

    @cached_property
    def children(self) -> list[list[int]]:
        """Children of each node: those that were computed from it, in the order of the forward pass."""
        result: list[list[int]] = [[] for _ in self.nodes]
        for i in range(len(self.nodes)):
            for parent in dict.fromkeys(self.parents(i)):
                result[parent].append(i)
        return result

    def pulls(self, parameter: Parameter) -> NDArray[np.float64]:
        """Per-example gradients (n,) of a parameter: what each point adds to its gradient; together, they are it.

        Which way a point would have the parameter go is the opposite of its sign.
        """
        i = self.parameters[parameter]
        total = np.zeros(len(self.rows))
        for child in self.children[i]:
            node, gradient = self.nodes[child], self.gradients[child]
            if gradient is not None:
                shares = local_vjps(node, gradient, node.data, [p.data for p in node.parents])
                total = sum((share for k, share in shares if node.parents[k] is self.nodes[i]), total)
        return total


def point_graph(snapshot: RunSnapshot, point: int) -> ExpressionGraph:
    """Expression graph of the loss of a single point alone, in Values. Raises IndexError if there is no such point."""
    return _of_points(snapshot, np.array([point]), 0)


def batch_graph(snapshot: RunSnapshot, point: int) -> ExpressionGraph:
    """Expression graph of the loss of the next batch: each number is a column, one for each point; the loss is a mean.

    `point` is the one whose numbers are shown or, if the batch does not have it, the batch's first. Raises ValueError
    if the batch is empty.
    """
    if len(snapshot.batch) == 0:
        raise ValueError("batch_graph: the next batch is empty; there must be points to learn from")
    return _of_points(snapshot, snapshot.batch, int(np.argmax(snapshot.batch == point)))


def place_graph(snapshot: RunSnapshot, inputs: NDArray[np.float64], target: float | None = None) -> ExpressionGraph:
    """Expression graph of what the network says of inputs (d,), where there need be no point, in Values.

    It ends in the loss that a point with this target would have there; without one, at the output that says most.
    Nothing is left out of it, as dropout does of a step.
    """
    targets = None if target is None else np.array([target])
    return _build(snapshot, inputs[None], targets, [None] * len(snapshot.masks), np.empty(0, np.int64), 0)


def subscript(number: int) -> str:
    """Subscript: a number as an index, ₁₂."""
    return str(number).translate(_SUBSCRIPTS)


class _Stage(NamedTuple):
    """Recorded module: what goes in, its parameters by name, and what comes out."""

    adds_column: bool
    x: Tensor
    parameters: dict[str, Tensor]
    y: Tensor


class _Recorded(NamedTuple):
    stages: list[_Stage]
    outputs: Tensor
    targets: Tensor
    loss: Tensor


def _recorded(experiment: Experiment) -> _Recorded:
    """What the network computes on one point, as tensors: of structure alone, whatever the numbers."""
    network = experiment.network
    features = columns_of(experiment.sizes[0])  # which they are, and what is drawn, makes no difference here
    layers = tuple(layer.replace(dropout=0, initialiser=None) for layer in network.layers)
    structure = Network(features, layers, output_bias=network.output_bias)
    return _record(structure, experiment.sizes, experiment.training.loss)


@lru_cache(maxsize=8)
def _record(network: Network, sizes: tuple[int, ...], loss: str) -> _Recorded:
    blank = Experiment()
    data = blank.data.drawn(no_points(max(sizes[0], 2))).replace(classes=max(sizes[-1], 2))
    model = build_model(blank.replace(network=network, data=data), np.float64)
    stages: list[_Stage] = []
    x = Tensor(np.zeros((1, sizes[0])))
    with recording():
        for i, module in enumerate(model):
            y = module(x)
            stages.append(_Stage(isinstance(module, Linear), x, dict(module.named_parameters(f"{i}.")), y))
            x = Tensor(np.zeros(y.shape))
        targets = Tensor(np.zeros(x.shape), requires_grad=False)
        return _Recorded(stages, x, targets, loss_named(loss)(x, targets))


def named_where_shared(nodes: Sequence[Node], names: Mapping[int, str], parts: Mapping[int, Part]) -> dict[int, str]:
    """Names by id, with more of them: what has none and is used more than once is called u₁, u₂ …

    So formulas stay short, however often they use a number.
    """
    named = dict(names)
    uses = Counter(id(parent) for node in nodes for parent in node.parents)
    count: Counter[Part] = Counter()
    for node in nodes:
        if uses[id(node)] > 1 and node.op is not None and id(node) not in named:
            count[parts[id(node)]] += 1
            named[id(node)] = f"u{subscript(count[parts[id(node)]])}"
    return named


class _Owners:
    """Owners: the part that each node belongs to, the first whose output the node leads to."""

    def __init__(self) -> None:
        self.parts: dict[int, Part] = {}
        self.names: dict[int, str] = {}

    def name(self, nodes: Iterable[Any], names: Iterable[str]) -> None:
        self.names.update({id(node): name for node, name in zip(nodes, names, strict=True)})

    def name_sums(self, sums: Iterable[Any]) -> None:
        """Weighted sums are z, and what they grow from, product by product, Σ₂, Σ₃ …"""
        for z in sums:
            self.names[id(z)] = "z"
            chain, terms = [], z.parents[0]
            while terms.op is ops.add:
                chain.append(terms)
                terms = terms.parents[0]
            self.name(chain, [f"Σ{subscript(n)}" for n in range(len(chain) + 1, 1, -1)])

    def take(self, outputs: Iterable[Any], column: int) -> None:
        """Each output's neuron owns what leads to it and has no owner yet."""
        for unit, output in enumerate(outputs):
            todo = [output]
            while todo:
                node = todo.pop()
                if id(node) not in self.parts:
                    self.parts[id(node)] = Part(column, unit)
                    todo += node.parents


def _of_points(snapshot: RunSnapshot, rows: NDArray[np.int64], shown: int) -> ExpressionGraph:
    points = snapshot.experiment.data.arrays
    return _build(snapshot, points.inputs[rows], points.targets[rows], snapshot.masks_of(rows), rows, shown)


def _build(
    snapshot: RunSnapshot,
    inputs: NDArray[np.float64],
    targets: NDArray[np.float64] | None,
    masks: Masks,
    rows: NDArray[np.int64],
    shown: int,
) -> ExpressionGraph:
    with np.errstate(all="ignore"):
        owners = _Owners()
        columns = [_features(snapshot.experiment.network.features, inputs, owners)]
        recorded = _recorded(snapshot.experiment)
        parameters: dict[Parameter, Node] = {}
        for stage in recorded.stages:
            known = {id(stage.x): columns[-1]}
            for name, tensor in stage.parameters.items():
                known[id(tensor)] = _parameters(name, snapshot.weights[name], len(inputs) == 1, parameters, owners)
            column = in_scalars(stage.y, known)
            if stage.adds_column:
                columns.append(column)
                owners.name_sums(column[0])
            else:
                column = columns[-1] = _kept(column, masks[len(columns) - 2], owners)
                owners.name(column[0], ["a"] * column.size)
            owners.take(column[0], len(columns) - 1)
        outputs = columns[-1]
        owners.name(outputs[0], ["ŷ"] * outputs.size)
        if targets is None:
            end = max(outputs[0], key=lambda output: output.data)
        else:
            end = _loss(snapshot, targets, outputs, recorded, owners)
            owners.take([end], len(columns))
        return _finished(end, columns, parameters, owners, rows, shown)


def _leaf(numbers: NDArray[Any]) -> Any:
    """A number that each point has of its own: a Value for one point, a column of numbers for several."""
    return Value(float(numbers[0])) if len(numbers) == 1 else Tensor(numbers.astype(np.float64))


def _features(names: Sequence[str], inputs: NDArray[np.float64], owners: _Owners) -> Elements:
    """The features (1, features), computed from the points' own numbers (n, d)."""
    coordinates = [_leaf(column) for column in inputs.T]
    owners.name(coordinates, [f"x{subscript(k + 1)}" for k in range(len(coordinates))])
    column = np.empty((1, len(names)), object)
    column[0] = [EVERY_FEATURE[name].of(*coordinates) for name in names]
    owners.name(column[0], [EVERY_FEATURE[name].label for name in names])
    owners.take(column[0], 0)
    return column


def _kept(column: Elements, mask: NDArray[Any] | None, owners: _Owners) -> Elements:
    """What dropout makes of the activations of a layer: φ·d."""
    if mask is None:
        return column
    struck = np.empty(column.shape, object)
    struck[0] = [_leaf(of_neuron) for of_neuron in mask.T]
    owners.name(column[0], ["φ"] * column.size)
    owners.name(struck[0], ["d"] * column.size)
    kept: Elements = column * struck
    return kept


def _parameters(
    name: str, data: NDArray[Any], single: bool, parameters: dict[Parameter, Node], owners: _Owners
) -> Elements:
    """The elements of a parameter, the same for all points."""
    elements = np.empty(data.shape, object)
    for index in np.ndindex(data.shape):
        number = float(data[index])
        node = elements[index] = Value(number) if single else Tensor(number, dtype=np.float64)
        parameters[Parameter(name, index)] = node
        owners.names[id(node)] = f"w{subscript(index[1] + 1)}" if len(index) > 1 else "b"
    return elements


def _loss(
    snapshot: RunSnapshot, truth: NDArray[np.float64], outputs: Elements, recorded: _Recorded, owners: _Owners
) -> Any:
    """The mean loss of points with these targets (n,)."""
    targets = snapshot.experiment.task.targets(truth, snapshot.loss)
    elements = np.empty((1, outputs.size), object)
    elements[0] = [_leaf(column) for column in targets.T]
    alone = outputs.size == 1
    owners.name(elements[0], ["t" if alone else f"t{subscript(k + 1)}" for k in range(outputs.size)])
    loss = in_scalars(recorded.loss, {id(recorded.outputs): outputs, id(recorded.targets): elements}).item()
    owners.names[id(loss)] = "loss"
    if len(truth) > 1:
        total = loss.sum()
        loss = total / len(truth)
        owners.name([total, loss], ["total loss", "mean loss"])
    return loss


def _finished(
    end: Any,
    columns: list[Elements],
    parameters: dict[Parameter, Node],
    owners: _Owners,
    rows: NDArray[np.int64],
    shown: int,
) -> ExpressionGraph:
    last = owners.parts[id(end)]
    every = ancestors([*columns[-1][0], end])
    nodes = sorted(every, key=lambda node: (owners.parts[id(node)] == last, owners.parts[id(node)]))
    names = named_where_shared(nodes, owners.names, owners.parts)
    index = {id(node): i for i, node in enumerate(nodes)}
    arrived = {id(node): gradient for node, gradient in backward_pass(end, end.start())}
    return ExpressionGraph(
        nodes=nodes,
        parts=[owners.parts[id(node)] for node in nodes],
        names=[names.get(id(node), node.label) for node in nodes],
        gradients=[arrived.get(id(node)) for node in nodes],
        parameters={parameter: index[id(node)] for parameter, node in parameters.items()},
        outputs=[[index[id(node)] for node in column[0]] for column in columns],
        rows=rows,
        shown=shown,
        _index=index,
    )
