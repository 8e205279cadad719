"""Edge rasteriser: the edges of the network diagram, antialiased, as one picture a gap.

Why not QPainter: it strokes 152 antialiased curves in 14 ms on a software rasteriser, and 4,096 in half a second.
But an edge is the graph of a function, so in each column of pixels it covers one interval of rows. An interval is two
changes, +alpha where it begins and -alpha where it ends, and a running sum down the column turns the changes of all
edges into what covers each pixel: a few NumPy calls for any number of edges, 1.2 ms for the 152. Orange and blue are
summed apart, and a table turns the two sums into a colour, in which the stronger of the two wins.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRect
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPen

from playground.ui import theme
from playground.views.network.layout import DiagramLayout, Edge, Gap, NeuronPlace, Target
from playground.views.network.pixels import packed, rgb

THINNEST, THICKEST = 0.5, 5.0  # pixels across
WEAKEST, FADED = 0.25, 0.12  # opacity of the weakest edge; of all others while a neuron is looked at
RIM = 2.0  # of the accent round the edge that is looked at
FULL = 63  # steps of opacity: two sums of six bits index the table of colours
STRONGER_WINS, BLUE_WINS = 8, 1.1  # how clearly, where orange and blue cross; and where they are equal
MOST_EDGES = 400  # of a gap: of more, the strongest are drawn, and the weakest of those fade to nothing


def edge_width(share: Any) -> Any:
    """Pixels across, for a weight that is this share of the largest; or for an array of them."""
    return THINNEST + (THICKEST - THINNEST) * share


def largest(values: tuple[NDArray[np.floating], ...]) -> float:
    """The largest finite size among all values; 1 if there is none but zeros."""
    finite = [abs(v[np.isfinite(v)]).max(initial=0) for v in values]
    return float(max(finite, default=0)) or 1.0


def colour_table() -> NDArray[np.uint32]:
    """Pixels for all pairs of sums, orange * (FULL + 1) + blue."""
    sums = np.linspace(0, 1, FULL + 1)
    orange, blue = sums[:, None, None], sums[None, :, None]
    cover = 1 - (1 - orange) * (1 - blue)
    lead = (BLUE_WINS * blue) ** STRONGER_WINS
    share = lead / np.maximum(orange**STRONGER_WINS + lead, 1e-30)
    panel, negative, positive = rgb("panel"), rgb("negative"), rgb("positive")
    return packed(np.rint(panel + cover * (negative + share * (positive - negative) - panel))).ravel()


class GapPicture:
    """Raster of the edges of one gap. Their curves are computed once; a frame brings only their strengths."""

    def __init__(self, gap: Gap, body: QRect) -> None:
        self.left, self.top = gap.start, body.top()
        self.width, self.height = gap.end - gap.start, body.height()
        x = np.arange(gap.start, gap.end, dtype=np.float64) + 0.5
        shape = (-1, self.width)
        self._middles = (gap.heights(x) - self.top).reshape(shape).astype(np.float32)
        self._stretch = np.hypot(1, gap.slopes(x)).reshape(shape).astype(np.float32)
        self._columns = np.arange(self.width)

    def pixels(
        self, weights: NDArray[np.floating], scale: float, bright: NDArray[np.bool_], table: NDArray[np.uint32]
    ) -> NDArray[np.uint32]:
        """The picture, (height, width). Weights that are not finite are left out."""
        flat = weights.ravel()
        share = np.where(np.isfinite(flat), abs(flat) / scale, 0).astype(np.float32)
        opacity = (WEAKEST + (1 - WEAKEST) * share) * np.where(bright.ravel(), 1, FADED) * np.isfinite(flat)
        drawn = np.flatnonzero(opacity)
        if len(drawn) > MOST_EDGES:
            drawn = np.argpartition(opacity, -MOST_EDGES)[-MOST_EDGES:]
            weakest, strongest = opacity[drawn].min(), opacity[drawn].max()
            opacity = opacity * (opacity - weakest) / max(strongest - weakest, 1e-9)
        changes = self._changes(drawn, share[drawn], opacity[drawn], flat[drawn] > 0)
        np.add.accumulate(changes, axis=1, out=changes)
        np.minimum(changes, FULL, out=changes)
        colours: NDArray[np.uint32] = table[changes[0, :-1] * (FULL + 1) + changes[1, :-1]]
        return colours

    def _changes(
        self,
        drawn: NDArray[np.intp],
        share: NDArray[np.float32],
        opacity: NDArray[np.floating],
        positive: NDArray[np.bool_],
    ) -> NDArray[np.int16]:
        """What begins and ends in each pixel, (orange and blue, height + 1, width).

        An end inside a pixel counts in part there, and for the rest in the next.
        """
        rows = self.height + 1
        changes = np.zeros(2 * rows * self.width, dtype=np.int16)
        alpha = np.rint(FULL * opacity).astype(np.int16)[:, None]
        half = (edge_width(share) / 2)[:, None] * self._stretch[drawn]
        middles = self._middles[drawn]
        offset = positive[:, None] * (rows * self.width) + self._columns
        for sign, ends in ((1, middles - half), (-1, middles + half)):
            np.clip(ends, 0, self.height - 0.01, out=ends)
            row = ends.astype(np.intp)
            later = np.rint((ends - row) * alpha).astype(np.int16)
            at = row * self.width + offset
            np.add.at(changes, at.ravel(), (sign * (alpha - later)).ravel())
            np.add.at(changes, (at + self.width).ravel(), (sign * later).ravel())
        return changes.reshape(2, rows, self.width)


class EdgePainter:
    """Edge painter: draws the edges of a layout."""

    def __init__(self, layout: DiagramLayout) -> None:
        self._gaps = layout.gaps
        self._pictures = [GapPicture(gap, layout.body) for gap in layout.gaps]
        self._table = colour_table()

    def recolour(self) -> None:
        """Take the colours of the theme in force."""
        self._table = colour_table()

    def paint(self, painter: QPainter, weights: tuple[NDArray[np.floating], ...], target: Target | None) -> None:
        """All edges; while a neuron is looked at, those that do not touch it fade."""
        scale = largest(weights)
        for index, (picture, matrix) in enumerate(zip(self._pictures, weights, strict=True)):
            pixels = picture.pixels(matrix, scale, bright_edges(index, matrix.shape, target), self._table)
            image = QImage(pixels.data, picture.width, picture.height, 4 * picture.width, QImage.Format.Format_RGB32)
            painter.drawImage(picture.left, picture.top, image)

    def paint_chosen(self, painter: QPainter, edge: Edge, weights: tuple[NDArray[np.floating], ...]) -> None:
        """The edge that is looked at, once more, with the accent round it."""
        weight, gap = float(weights[edge.gap][edge.target, edge.source]), self._gaps[edge.gap]
        start, end = float(gap.sources[edge.source]), float(gap.targets[edge.target])
        third = (gap.end - gap.start) / 3
        path = QPainterPath(QPointF(gap.start, start))
        path.cubicTo(gap.start + third, start, gap.end - third, end, gap.end, end)  # the curve of Gap.heights
        width = edge_width(abs(weight) / largest(weights)) if math.isfinite(weight) else THINNEST
        painter.setPen(QPen(theme.colour("accent"), width + 2 * RIM))
        painter.drawPath(path)
        if math.isfinite(weight):
            painter.setPen(QPen(theme.colour("positive" if weight > 0 else "negative"), width))
            painter.drawPath(path)


def bright_edges(gap: int, shape: tuple[int, ...], target: Target | None) -> NDArray[np.bool_]:
    """Which edges of a gap, (targets, sources), do not fade."""
    if not isinstance(target, NeuronPlace):
        return np.ones(shape, dtype=bool)
    bright = np.zeros(shape, dtype=bool)
    if gap == target.column - 1:
        bright[target.unit] = True
    elif gap == target.column:
        bright[:, target.unit] = True
    return bright
