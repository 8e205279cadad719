"""Folding: which parts of an expression graph are opened, and what boxes, groups and links that leaves to draw.

The network, each layer, each neuron and the loss are closed boxes or open frames. What is open is told by keys that
depend on the place in the network alone, so it stays open while the network trains and is edited.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable
from enum import Enum
from functools import cached_property
from typing import NamedTuple

from engine.autograd import ops
from engine.dataclass import dataclass
from engine.microscope.graph.expression_graph import ExpressionGraph, Part
from playground.views.expression_graph.layout import Box, Group, Link

# pixels: room for two lines of type of 12 pixels
OPERATION = (144, 32)
LETTER = 8  # how much wider a box is for each letter of a long name such as softplus
NEURON = (188, 32)
LAYER = (160, 68)
TITLE = 20
PADDING = 6  # inside the frame of a neuron


class LayerKey(NamedTuple):
    """Key of a layer: the neurons of a column."""

    column: int


class WholeKey(NamedTuple):
    """Key of the network: all layers together."""

    name: str = "network"


class Level(Enum):
    """Level of detail: how far everything is opened, as the window says it."""

    NETWORK = "Network"
    LAYERS = "Layers"
    NEURONS = "Neurons"
    OPERATIONS = "Operations"


NETWORK = WholeKey()
_ROOT = "everything"
Key = Hashable  # an int, the number of a node; or a Part, a Layer or NETWORK


@dataclass(frozen=True, eq=False)
class FoldedGraph:
    """Folded graph: what there is to draw.

    Attributes:
        root: the tree of boxes and groups.
        links: the arrows between boxes.
        weights: for each link, the node of the weight that it stands for; None where it stands for none.
        homes: for each node, the key of the box that shows it.
    """

    root: Group
    links: list[Link]
    weights: list[int | None]
    homes: list[Key]

    @cached_property
    def boxes(self) -> list[Key]:
        """The keys of all boxes, from the inputs to the loss."""
        return list(_boxes(self.root))

    @cached_property
    def groups(self) -> list[Key]:
        """The keys of all open frames, the outer before the inner."""
        return [key for key in _groups(self.root) if key != _ROOT]


def foldable(graph: ExpressionGraph) -> list[Key]:
    """Everything that can be open or closed, the outer before the inner."""
    columns = range(1, len(graph.outputs))
    neurons = [Part(column, unit) for column in columns for unit in range(len(graph.outputs[column]))]
    return [NETWORK, *map(LayerKey, columns), *neurons, *([loss_of(graph)] if graph.has_loss else [])]


def has_layers(graph: ExpressionGraph) -> bool:
    """Whether anything can be open or closed; of a formula all operations are seen."""
    return len(graph.outputs) > 1


def loss_of(graph: ExpressionGraph) -> Part | None:
    """The part that computes the loss; None where there is none."""
    return graph.parts[graph.root] if graph.has_loss else None


def opened_to(graph: ExpressionGraph, level: Level) -> set[Key]:
    """What is open at a level."""
    kinds = {Level.NETWORK: (), Level.LAYERS: (WholeKey,), Level.NEURONS: (WholeKey, LayerKey)}
    if level is Level.OPERATIONS:
        return set(foldable(graph))
    return {key for key in foldable(graph) if isinstance(key, kinds[level])}


def around(key: Key, graph: ExpressionGraph) -> list[Key]:
    """What must be open for a box to be seen, the outer first: a node's neuron, its layer and the network."""
    if not has_layers(graph):
        return []
    part = graph.parts[key] if isinstance(key, int) else key
    if isinstance(part, Part):
        inner = [part] if isinstance(key, int) else []
        if part == loss_of(graph):
            return list(inner)
        return [] if part.column == 0 else [NETWORK, LayerKey(part.column), *inner]
    return [NETWORK] if isinstance(part, LayerKey) else []


def fold(graph: ExpressionGraph, opened: Collection[Key]) -> FoldedGraph:
    """The drawing of a graph of which some parts are open."""
    homes = [_home(graph, i, opened) for i in range(len(graph.nodes))]
    links, weights = _links(graph, homes)
    return FoldedGraph(_tree(graph, opened), links, weights, homes)


def _home(graph: ExpressionGraph, i: int, opened: Collection[Key]) -> Key:
    part = graph.parts[i]
    if part.column == 0 or not has_layers(graph):
        return i
    outer: list[Key] = [] if part == loss_of(graph) else [NETWORK, LayerKey(part.column)]
    return next((key for key in (*outer, part) if key not in opened), i)


def _links(graph: ExpressionGraph, homes: list[Key]) -> tuple[list[Link], list[int | None]]:
    links: dict[Link, int | None] = {}
    parameters = set(graph.parameters.values())
    for i, home in enumerate(homes):
        for k, parent in enumerate(graph.parents(i)):
            source = homes[parent]
            if source != home:
                link = Link(source, home, k == 0 and isinstance(home, int) and _continues(graph, parent, i))
                is_weighted = isinstance(home, Part) and graph.parts[i].column < len(graph.outputs)
                weights = parameters.intersection(graph.parents(i)) if is_weighted else ()
                links.setdefault(link, next(iter(weights), None))
    return list(links), list(links.values())


def _continues(graph: ExpressionGraph, parent: int, i: int) -> bool:
    """Whether a sum goes on with the running sum that is its first operand."""
    is_sum = graph.nodes[i].op is ops.add and graph.nodes[parent].op is ops.add
    return is_sum and graph.parts[i] == graph.parts[parent] and graph.children[parent] == [i]


def _tree(graph: ExpressionGraph, opened: Collection[Key]) -> Group:
    if not has_layers(graph):
        return Group(_ROOT, tuple(_operation(graph, i) for i in range(len(graph.nodes))), title=0, padding=24)
    nodes: dict[Part, list[Box]] = {}
    for i, part in enumerate(graph.parts):
        nodes.setdefault(part, []).append(_operation(graph, i))

    def neuron(part: Part) -> Box | Group:
        return Group(part, tuple(nodes[part]), TITLE, PADDING) if part in opened else Box(part, *NEURON)

    def layer(column: int) -> Box | Group:
        key = LayerKey(column)
        if key not in opened:
            return Box(key, *LAYER)
        parts = [Part(column, unit) for unit in range(len(graph.outputs[column]))]
        return Group(key, tuple(map(neuron, parts)), TITLE, stacked=True)

    columns = range(1, len(graph.outputs))
    network = Group(NETWORK, tuple(map(layer, columns)), TITLE) if NETWORK in opened else Box(NETWORK, *LAYER)
    inputs = [box for part, boxes in nodes.items() if part.column == 0 for box in boxes]
    loss = loss_of(graph)
    return Group(_ROOT, (*inputs, network, *([] if loss is None else [neuron(loss)])), title=0, padding=24)


def _operation(graph: ExpressionGraph, i: int) -> Box:
    op, (width, height) = graph.nodes[i].op, OPERATION
    return Box(i, width + LETTER * max(0, len(op.symbol if op is not None else "") - 4), height)


def _boxes(group: Group) -> Iterable[Key]:
    for child in group.children:
        if isinstance(child, Group):
            yield from _boxes(child)
        else:
            yield child.key


def _groups(group: Group) -> Iterable[Key]:
    yield group.key
    for child in group.children:
        if isinstance(child, Group):
            yield from _groups(child)
