"""Diagram layout: where columns, neurons, edges and controls of the network diagram stand, from sizes to pixels.

Nothing is drawn here. `arrange` does the whole layout, and `DiagramLayout.hit` says what lies under the pointer.

An edge is the graph of a function: with u from 0 to 1 across the gap between two columns, y = a + (b - a)(3u² - 2u³).
It leaves and arrives level, and all the edges of a gap share one u, so that one line of NumPy draws or tests them all.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRect, QRectF

BUTTON = 22  # buttons and rows of controls
SPACE = 4  # inside a group of controls
GROUP_SPACE = 8  # between groups
TITLE = 28
BIGGEST_THUMB, SMALLEST_THUMB = 72, 6
EVEN_THUMB = 24  # columns whose neurons may be at least this big are all drawn alike
SINGLE_FILE = 14.0  # pixels a neuron: with less, a column stands in two lanes
LANE_SPACE = 2
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
    """Text metrics, in pixels: the widest of its kind."""

    feature: int  # "sin x₁"
    count: int  # "64 neurons"
    heading: int  # "Features"
    insert: int  # "Layer"


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


@dataclass(frozen=True)
class Slots:
    """Control slots of a hidden layer; `words`: whether there is room for "8 neurons" and not just "8"."""

    fewer: QRect
    count: QRect
    more: QRect
    activation: QRect
    remove: QRect
    words: bool


@dataclass(frozen=True, eq=False)
class DiagramLayout:
    """Diagram layout: everything in its place."""

    columns: tuple[Column, ...]
    gaps: tuple[Gap, ...]
    body: QRect  # neurons and edges; above it the controls
    slots: tuple[Slots, ...]  # per hidden layer
    inserts: tuple[QRect, ...]  # per gap
    inserts_named: bool  # room for "+ Layer" and not just "+"
    headings: tuple[QRect, QRect]  # "Features", "Output"

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


def arrange(sizes: tuple[int, ...], width: int, height: int, text: TextSizes) -> DiagramLayout:
    """Lay out a network of these neurons per column in a widget of this size."""
    biggest = min(BIGGEST_THUMB, 0.1 * height)
    first = max(text.feature + GROUP_SPACE + biggest / 2, text.heading / 2)
    last = width - SPACE - max(biggest, text.heading) / 2
    pitch = (last - first) / (len(sizes) - 1)
    centres = [first + pitch * index for index in range(len(sizes))]
    group = 2 * (BUTTON + SPACE) + text.count
    stacked = len(sizes) > 3 and pitch < group + SPACE
    named = BUTTON + text.insert + SPACE
    between = pitch - (group if len(sizes) > 3 else (group + text.heading) / 2 if len(sizes) > 2 else text.heading)
    inserts_named = not stacked and between >= named + 2 * GROUP_SPACE
    in_line = not stacked and between >= BUTTON + GROUP_SPACE

    if stacked:
        slots = [_stacked_slots(x, min(group, int(pitch) - 6), text.count) for x in centres[1:-1]]
        insert_top = slots[0].remove.top()
    else:
        slots = [_grouped_slots(x, group) for x in centres[1:-1]]
        insert_top = TITLE + (BUTTON + SPACE) // 2 if in_line else TITLE + 2 * (BUTTON + SPACE)
    insert_width = named if inserts_named else BUTTON - 2 if stacked else BUTTON
    inserts = [
        QRect(round((a + b - insert_width) / 2), insert_top, insert_width, BUTTON - 2 if stacked else BUTTON)
        for a, b in itertools.pairwise(centres)
    ]
    top = max([r.bottom() + 1 for r in inserts] + [s.remove.bottom() + 1 for s in slots]) + 2 * GROUP_SPACE
    body = QRect(0, top, width, height - top - SPACE)
    columns = _columns(sizes, centres, body, min(biggest, 0.5 * pitch))
    gaps = tuple(Gap(a.right, b.left, a.middles, b.middles) for a, b in itertools.pairwise(columns))
    heading_left, heading_right = (
        QRect(round(x - text.heading / 2), TITLE, text.heading, BUTTON) for x in (centres[0], centres[-1])
    )
    return DiagramLayout(
        columns, gaps, body, tuple(slots), tuple(inserts), inserts_named, (heading_left, heading_right)
    )


def _grouped_slots(x: float, width: int) -> Slots:
    """[−] 8 neurons [+] over [tanh ▾] [×]."""
    left, right = round(x - width / 2), round(x - width / 2) + width
    second = TITLE + BUTTON + SPACE
    return Slots(
        fewer=QRect(left, TITLE, BUTTON, BUTTON),
        count=QRect(left + BUTTON, TITLE, width - 2 * BUTTON, BUTTON),
        more=QRect(right - BUTTON, TITLE, BUTTON, BUTTON),
        activation=QRect(left, second, width - BUTTON - SPACE, BUTTON),
        remove=QRect(right - BUTTON, second, BUTTON, BUTTON),
        words=True,
    )


def _stacked_slots(x: float, width: int, count_width: int) -> Slots:
    """The same, one under the other; the × stands in the row of the round + of the gaps."""
    button = min(BUTTON, (width - SPACE) // 2)
    left, middle = round(x - width / 2), round(x)
    rows = [TITLE, TITLE + 18, TITLE + 18 + BUTTON + SPACE, TITLE + 18 + 2 * (BUTTON + SPACE)]
    return Slots(
        count=QRect(left - 2, rows[0], width + 4, 16),
        fewer=QRect(middle - SPACE // 2 - button, rows[1], button, BUTTON),
        more=QRect(middle + SPACE // 2, rows[1], button, BUTTON),
        activation=QRect(left, rows[2], width, BUTTON),
        remove=QRect(middle - BUTTON // 2 + 1, rows[3], BUTTON - 2, BUTTON - 2),
        words=count_width <= width + 4,
    )


def _columns(sizes: tuple[int, ...], centres: list[float], body: QRect, biggest: float) -> tuple[Column, ...]:
    lanes = [1 if body.height() / size >= SINGLE_FILE else 2 for size in sizes]
    fits = []
    for size, lane in zip(sizes, lanes, strict=True):
        room = body.height() / size * lane
        fits.append(min(room - min(max(0.18 * room, 1), 10), biggest))
    even = min((fit for fit in fits if fit >= EVEN_THUMB), default=biggest)
    return tuple(
        _column(size, x, body, max(int(min(fit, even)), SMALLEST_THUMB), lane)
        for size, x, fit, lane in zip(sizes, centres, fits, lanes, strict=True)
    )


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
