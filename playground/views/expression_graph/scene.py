"""Scene: a laid-out expression graph with what is written in its boxes, and what is lit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF
from PySide6.QtGui import QPainterPath

from engine.dataclass import dataclass
from engine.microscope.graph.expression_graph import ExpressionGraph, Part
from engine.microscope.text.words import Words
from playground.views.expression_graph.folding import FoldedGraph, Key, LayerKey, WholeKey, loss_of
from playground.views.expression_graph.layout import Placement

SIGNS = {"mul": "×", "add": "+", "sub": "−", "div": "÷", "neg": "−", "power": "^"}
LOW = 40  # pixels: a box in whose middle the next has its place
FOLD = 16  # pixels: the square that opens and closes


@dataclass(frozen=True)
class Highlight:
    """Highlight: the boxes that compute or receive just now, and the links by which the numbers come."""

    boxes: frozenset[Key] = frozenset()
    links: frozenset[tuple[Key, Key]] = frozenset()


@dataclass(eq=False)
class Numbers:
    """Node values: what is known of each node by now: its number and its gradient; None before its time.

    `before` has the numbers that an update has just written over.
    """

    data: Sequence[Any]
    gradients: Sequence[Any]
    before: Mapping[int, Any] = field(default_factory=dict)


class Caption(NamedTuple):
    """Caption: what stands in a box beside its numbers, the second and third where there is room."""

    name: str
    note: str = ""
    formula: str = ""


class Scene:
    """Scene: boxes, frames and links in their places.

    Attributes:
        graph, folded, placement: what it was made from; the graph's numbers may be exchanged for newer ones.
        numbers: what is known by now.
        rects: the place of each box and frame.
        paths, lines: the course of each link, smooth and straight.
    """

    def __init__(self, graph: ExpressionGraph, folded: FoldedGraph, placement: Placement) -> None:
        self.graph, self.folded, self.placement = graph, folded, placement
        self.numbers = Numbers([node.data for node in graph.nodes], graph.gradients)
        self.words = Words(graph)
        self.rects: dict[Key, QRectF] = {key: QRectF(*rect) for key, rect in placement.rects.items()}
        self.paths = [_path(route) for route in placement.routes]
        self.lines = [[QLineF(QPointF(*a), QPointF(*b)) for a, b in pairwise(route)] for route in placement.routes]
        self.size = QRectF(0, 0, *placement.size)
        self._captions: dict[Key, Caption] = {}
        self._boxes = np.array([placement.rects[key] for key in folded.boxes], float).reshape(-1, 4)
        bounds = [path.controlPointRect() for path in self.paths]
        self._courses = np.array([(r.x(), r.y(), r.width(), r.height()) for r in bounds]).reshape(-1, 4)

    def renew(self, graph: ExpressionGraph) -> None:
        """Take the newer numbers of a graph of the same structure."""
        self.graph = graph
        self.words = Words(graph)
        self.numbers = Numbers([node.data for node in graph.nodes], graph.gradients)

    def node(self, key: Key) -> int:
        """The node whose number a box shows: of a neuron its output, of a layer or the network the last of these."""
        if isinstance(key, int):
            return key
        if isinstance(key, Part):
            return self.words.output(key)
        return self.nodes(key)[-1]

    def nodes(self, key: Key) -> list[int]:
        """All nodes whose numbers a box shows."""
        if isinstance(key, LayerKey):
            return self.graph.outputs[key.column]
        return self.graph.outputs[-1] if isinstance(key, WholeKey) else [self.node(key)]

    def value(self, i: int) -> float | None:
        """The number of a node; None before it is computed."""
        data = self.numbers.data[i]
        return None if data is None else self.graph.number(data)

    def gradient(self, i: int) -> float | None:
        """The gradient of a node; None before anything has arrived."""
        gradient = self.numbers.gradients[i]
        return None if gradient is None else self.graph.number(gradient)

    def before(self, i: int) -> float | None:
        """What a node held before the update; None if it has had none."""
        return self.graph.number(self.numbers.before[i]) if i in self.numbers.before else None

    def caption(self, key: Key) -> Caption:
        """What stands in a box beside its numbers."""
        if key not in self._captions:
            self._captions[key] = self._caption(key)
        return self._captions[key]

    def title(self, key: Key) -> str:
        """What a box or frame is called: layer 2 neuron 3."""
        if isinstance(key, int):
            return self.words.title(key)
        if isinstance(key, Part):
            return self.words.part(key)
        if isinstance(key, LayerKey):
            is_last = key.column == len(self.graph.outputs) - 1
            return ("output" if len(self.graph.outputs[-1]) == 1 else "outputs") if is_last else f"layer {key.column}"
        return "network"

    def box_at(self, point: QPointF) -> Key | None:
        """The box under a point of the scene."""
        found = self.boxes_in(QRectF(point, point))
        return found[0] if found else None

    def boxes_in(self, rect: QRectF) -> list[Key]:
        """The boxes that a rectangle touches."""
        return [self.folded.boxes[i] for i in _touched(self._boxes, rect)]

    def links_in(self, rect: QRectF) -> list[int]:
        """The numbers of the links that may run through a rectangle."""
        return list(_touched(self._courses, rect))

    def focus(self, key: Key) -> QRectF:
        """What is to be seen first where there is no room for everything: a key, else the first neuron that is open."""
        opened = [part for part in self.folded.groups if isinstance(part, Part)]
        return self.rects[next(k for k in (key, *opened, *self.folded.boxes) if k in self.rects)]

    def fold_square(self, key: Key) -> QRectF | None:
        """Where a part is opened or closed; None for a single operation."""
        if isinstance(key, int):
            return None
        rect = self.rects[key]
        return QRectF(
            rect.right() - FOLD - 4, rect.top() + (3 if rect.height() > LOW else (rect.height() - FOLD) / 2), FOLD, FOLD
        )

    def fold_at(self, point: QPointF) -> Key | None:
        """The part whose square for opening and closing is under a point."""
        for key in (*self.folded.groups, *self.folded.boxes):
            square = self.fold_square(key)
            if square is not None and square.contains(point):
                return key
        return None

    def _caption(self, key: Key) -> Caption:
        if isinstance(key, int):
            return self._operation(key)
        if isinstance(key, Part):
            if key == loss_of(self.graph):
                return Caption(self.graph.whole, formula="how wrong it is" if self.graph.parameters else "")
            is_output = key.column == len(self.graph.outputs) - 1
            name = self.title(key) if is_output else f"neuron {key.unit + 1}"
            return Caption(name, formula=self.words.line(self.words.lines(key)[-1]))
        if isinstance(key, LayerKey):
            count = len(self.graph.outputs[key.column])
            return Caption(self.title(key), "1 neuron" if count == 1 else f"{count} neurons")
        return Caption(self.title(key), " – ".join(str(len(column)) for column in self.graph.outputs))

    def _operation(self, i: int) -> Caption:
        op, called = self.graph.nodes[i].op, self.words.called(i)
        if op is None:
            return Caption(called or "fixed")
        return Caption(SIGNS.get(op.name, op.symbol), self.words.name(i), self.words.formula(i) if called else "")


def _touched(rects: NDArray[np.float64], rect: QRectF) -> list[int]:
    """Which of some rectangles (n, 4) meet another one, its border included."""
    left, top, width, height = rects.T
    across = (left <= rect.right()) & (left + width >= rect.left())
    down = (top <= rect.bottom()) & (top + height >= rect.top())
    return np.flatnonzero(across & down).tolist()


def _path(route: list[tuple[int, int]]) -> QPainterPath:
    """A smooth course through the points of a route: level at each of them, or straight down."""
    path = QPainterPath(QPointF(*route[0]))
    for (x0, y0), (x1, y1) in pairwise(route):
        if y0 == y1 or x1 <= x0:
            path.lineTo(x1, y1)
        else:
            middle = (x0 + x1) / 2
            path.cubicTo(middle, y0, middle, y1, x1, y1)
    return path
