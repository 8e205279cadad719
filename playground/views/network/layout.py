"""Diagram layout: where columns, neurons, edges and heads of the network diagram stand, from sizes to pixels.

Nothing is drawn here. `arrange` does the whole layout, and `DiagramLayout.hit` says what lies under the pointer.

An edge is the graph of a function: with u from 0 to 1 across the gap between two columns, y = a + (b - a)(3u² - 2u³).
It leaves and arrives level, and all the edges of a gap share one u, so that one line of NumPy draws or tests them all.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRect, QRectF

from engine.dataclass import dataclass

SPACE = 4  # between two heads, and round them
BIGGEST_THUMB, SMALLEST_THUMB = 72, 3
EVEN_THUMB = 24  # columns whose neurons may be at least this big are all drawn alike
SINGLE_FILE = 14.0  # pixels a neuron: with less, a column stands in two lanes, or in three
MOST_LANES, LANE_SPACE = 3, 2
COLUMN_SHARE = 0.5  # of the way from column to column; the rest is the edges'
THICKEST, SLENDER, CROWDED = 5.0, 1.5, 0.35  # pixels across an edge; at least; share of the way between neurons
REACH = 5.0  # how near to an edge the pointer must be


@dataclass(frozen=True)
class NeuronPlace:
    """Neuron of a column, features and outputs among them."""

    column: int
    unit: int


@dataclass(frozen=True)
class Bias:
    """Bias of a neuron."""

    column: int
    unit: int


@dataclass(frozen=True)
class Edge:
    """Edge, a weight: from a neuron of column `gap` to one of the next."""

    gap: int
    source: int
    target: int


Target = NeuronPlace | Bias | Edge


@dataclass(frozen=True)
class TextSizes:
    """Text metrics, in pixels: the widest of its kind, and how high a head is."""

    feature: int  # "sin x₁"
    heading: int  # "Features"
    head: int  # "64 neurons" above "leaky ReLU"
    head_height: int
    output: int = 0  # "versicolor", beside its neuron; 0 where classes have no names, or there is one output


@dataclass(frozen=True, eq=False)
class Column:
    """Column: neurons above one another, as squares of `thumb` pixels in one lane or two."""

    thumb: int
    lefts: NDArray[np.int64]
    tops: NDArray[np.int64]

    def square(self, unit: int) -> QRect:
        return QRect(int(self.lefts[unit]), int(self.tops[unit]), self.thumb, self.thumb)

    @property
    def left(self) -> int:
        return int(self.lefts.min())

    @property
    def right(self) -> int:
        return int(self.lefts.max()) + self.thumb

    @cached_property
    def middles(self) -> NDArray[np.float64]:
        """Where edges arrive and leave, from top to bottom."""
        return self.tops.astype(np.float64) + self.thumb / 2

    @property
    def bias_radius(self) -> float:
        return min(max(0.12 * self.thumb, 1.5), 4.5)

    def bias_centre(self, unit: int) -> QPointF:
        """At the lower left corner."""
        inset = 0.5 * self.bias_radius
        return QPointF(self.lefts[unit] + inset, self.tops[unit] + self.thumb - inset)

    def unit_at(self, x: float, y: float) -> int | None:
        inside = (abs(self.lefts + self.thumb / 2 - x) <= self.thumb / 2) & (abs(self.middles - y) <= self.thumb / 2)
        return int(inside.argmax()) if inside.any() else None

    def bias_at(self, x: float, y: float) -> int | None:
        inset = 0.5 * self.bias_radius
        distances = np.hypot(self.lefts + inset - x, self.tops + self.thumb - inset - y)
        nearest = int(distances.argmin())
        return nearest if distances[nearest] <= self.bias_radius + 1 else None


@dataclass(frozen=True, eq=False)
class Gap:
    """Gap: the space between two columns, which the edges cross from `start` to `end`."""

    start: int
    end: int
    sources: NDArray[np.float64]
    targets: NDArray[np.float64]

    @cached_property
    def thickest(self) -> float:
        """Pixels across the strongest edge: less where neurons stand close."""
        ends = (np.diff(np.sort(ends)).min(initial=np.inf) for ends in (self.sources, self.targets))
        return float(min(THICKEST, max(SLENDER, CROWDED * min(ends))))

    def heights(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """y of every edge at every x: (targets, sources, len(x))."""
        u = (x - self.start) / (self.end - self.start)
        share = u * u * (3 - 2 * u)
        return self.targets[:, None, None] * share + self.sources[None, :, None] * (1 - share)

    def slopes(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """dy/dx of every edge at every x."""
        width = self.end - self.start
        u = (x - self.start) / width
        return (self.targets[:, None, None] - self.sources[None, :, None]) * (6 * u * (1 - u) / width)

    def edge_at(self, x: float, y: float) -> tuple[int, int] | None:
        """(source, target) of the nearest edge within reach."""
        if not self.start <= x <= self.end:
            return None
        at = np.array([x])
        # Across a steep edge the distance is shorter than the way straight up or down.
        distances = abs(self.heights(at) - y)[..., 0] / np.hypot(1, self.slopes(at))[..., 0]
        target, source = np.unravel_index(distances.argmin(), distances.shape)
        return (int(source), int(target)) if distances[target, source] <= REACH else None


@dataclass(frozen=True, eq=False)
class DiagramLayout:
    """Diagram layout: everything in its place."""

    columns: tuple[Column, ...]
    gaps: tuple[Gap, ...]
    body: QRect  # neurons and edges; above it the heads
    heads: tuple[QRect, ...]  # per hidden layer
    headings: tuple[QRect, ...]  # "Features" and "Output", or neither where there is no room
    foot: QRect  # below them, where columns that are too large are said to go on; of no height where none is

    def hit(self, x: float, y: float) -> Target | None:
        """What lies at a point: a bias before its neuron, a neuron before an edge."""
        for index, column in enumerate(self.columns):
            if index > 0 and (unit := column.bias_at(x, y)) is not None:
                return Bias(index, unit)
            if (unit := column.unit_at(x, y)) is not None:
                return NeuronPlace(index, unit)
        for index, gap in enumerate(self.gaps):
            if (edge := gap.edge_at(x, y)) is not None:
                return Edge(index, *edge)
        return None

    def holds(self, target: Target) -> bool:
        """Whether there is such a thing in this network."""
        if isinstance(target, Edge):
            if target.gap >= len(self.gaps):
                return False
            gap = self.gaps[target.gap]
            return target.source < len(gap.sources) and target.target < len(gap.targets)
        return target.column < len(self.columns) and target.unit < len(self.columns[target.column].tops)

    def neighbour(self, neuron: NeuronPlace, columns: int, units: int) -> NeuronPlace:
        """The neuron that many columns to the right, at about the same height, and units down; or the last there is."""
        column = min(max(neuron.column + columns, 0), len(self.columns) - 1)
        if column == neuron.column:
            last = len(self.columns[column].tops) - 1
            return NeuronPlace(column, min(max(neuron.unit + units, 0), last))
        height = self.columns[neuron.column].middles[neuron.unit]
        return NeuronPlace(column, int(abs(self.columns[column].middles - height).argmin()))


def arrange(sizes: tuple[int, ...], width: int, height: int, top: int, text: TextSizes, foot: int = 0) -> DiagramLayout:
    """Lay out a network of these neurons per column in a widget of this size, below `top`, and above so much `foot`."""
    biggest = min(BIGGEST_THUMB, 0.1 * height)
    for heading in (text.heading, 0):  # which makes way where the columns stand close
        first = max(text.feature + 2 * SPACE + biggest / 2, heading / 2)
        last = max(text.output + 2 * SPACE + biggest / 2 if text.output else 0, SPACE + max(biggest, heading) / 2)
        pitch = (width - last - first) / (len(sizes) - 1)
        if pitch >= heading + SPACE:
            break
    centres = [first + pitch * index for index in range(len(sizes))]

    def above(centre: float, wide: int) -> QRect:
        return QRect(round(centre - wide / 2), top, wide, text.head_height)

    heads = tuple(above(x, min(int(pitch) - SPACE, text.head)) for x in centres[1:-1])
    headings = tuple(above(x, heading) for x in (centres[0], centres[-1])) if heading else ()
    below = top + text.head_height + 2 * SPACE
    body = QRect(0, below, width, height - below - SPACE - foot)
    columns = tuple(_columns(sizes, centres, body, biggest, COLUMN_SHARE * pitch))
    gaps = tuple(Gap(a.right, b.left, a.middles, b.middles) for a, b in itertools.pairwise(columns))
    return DiagramLayout(columns, gaps, body, heads, headings, QRect(0, height - SPACE - foot, width, foot))


def _columns(
    sizes: tuple[int, ...], centres: list[float], body: QRect, biggest: float, widest: float
) -> Iterator[Column]:
    rooms = [min(widest, 2 * x, 2 * (body.width() - x)) for x in centres]
    ways = [_lanes(size, body.height(), biggest, room) for size, room in zip(sizes, rooms, strict=True)]
    even = min((thumb for thumb, _ in ways if thumb >= EVEN_THUMB), default=biggest)
    for size, x, (thumb, lanes) in zip(sizes, centres, ways, strict=True):
        yield _column(size, x, body, int(min(thumb, even)), lanes)


def _lanes(size: int, height: int, biggest: float, widest: float) -> tuple[float, int]:
    """How large the neurons of a column are, and in how many lanes they stand: in more if that makes them larger."""
    ways = []
    for lanes in range(1, MOST_LANES + 1):
        room = height / size * lanes
        thumb = min(room - min(max(0.18 * room, 1), 10), biggest, (widest + LANE_SPACE) / lanes - LANE_SPACE)
        ways.append((thumb, lanes))
        if height / size * lanes >= SINGLE_FILE:
            break
    thumb, lanes = max(ways, key=lambda way: (way[0], -way[1]))
    return max(thumb, SMALLEST_THUMB), lanes


def _column(size: int, centre: float, body: QRect, thumb: int, lanes: int) -> Column:
    pitch = min((body.height() - thumb) / max(size - 1, 1), 1.35 * thumb)
    units = np.arange(size)
    middles = body.top() + body.height() / 2 + (units - (size - 1) / 2) * pitch
    offsets = (units % lanes - (lanes - 1) / 2) * (thumb + LANE_SPACE)
    lefts = np.floor(centre + offsets - thumb / 2).astype(np.int64)
    return Column(thumb, lefts, np.floor(middles - thumb / 2).astype(np.int64))


def bounds(square: QRect, margin: float) -> QRectF:
    """A square grown by a margin on every side."""
    return QRectF(square).adjusted(-margin, -margin, margin, margin)
