"""Edge rasteriser: the edges of the network diagram, antialiased, as one picture.

Why not QPainter: it strokes 152 antialiased curves in 14 ms on a software rasteriser, and 4,096 in half a second.
But an edge is the graph of a function, so in each column of pixels it covers one interval of rows. An interval is two
changes, +alpha where it begins and -alpha where it ends, and a running sum down the column turns the changes of all
edges into what covers each pixel: a few NumPy calls for any number of edges, half a millisecond for the 152. Orange and
blue are summed apart, and a table turns the two sums into a colour, in which the stronger of the two wins.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPen

from playground.ui import theme
from playground.views.network.layout import THICKEST, DiagramLayout, Edge, Gap, NeuronPlace, Target
from playground.views.network.pixels import packed, rgb

THINNEST = 0.5  # pixels across
WEAKEST, CLEAR, FADED = 0.25, 0.5, 0.12  # opacity of the weakest edge; of a neuron's own; share of it of the others
DASH = 5  # pixels of a dash of a frozen edge, and of what is left out
RIM = 2.0  # of the accent round the edge that is looked at
FULL = 63  # steps of opacity: two sums of six bits, in a byte each, index the table of colours
STRONGER_WINS, BLUE_WINS = 16, 1.1  # how clearly, where orange and blue cross; and where they are equal
BLUE, ORANGE = 0, 1  # of the two bytes of a sum: the lower one and the upper one
DENSEST = 0.5  # edges for each pixel of a gap's mean side: of more, the strongest are drawn, the weaker ones fading


def edge_width(share: Any, gap: Gap) -> Any:
    """Pixels across, for a weight that is this share of the largest; or for an array of them."""
    return theme.theme().text_size * (THINNEST + (gap.thickest - THINNEST) * share)


def largest(values: tuple[NDArray[np.floating], ...]) -> float:
    """The largest finite size among all values; 1 if there is none but zeros."""
    finite = [abs(v[np.isfinite(v)]).max(initial=0) for v in values]
    return float(max(finite, default=0)) or 1.0


def colour_table() -> NDArray[np.uint32]:
    """Pixels for all pairs of sums, orange * 256 + blue."""
    sums = np.linspace(0, 1, FULL + 1)
    orange, blue = sums[:, None, None], sums[None, :, None]
    cover = 1 - (1 - orange) * (1 - blue)
    lead = (BLUE_WINS * blue) ** STRONGER_WINS
    share = lead / np.maximum(orange**STRONGER_WINS + lead, 1e-30)
    panel, negative, positive = rgb("panel"), rgb("negative"), rgb("positive")
    table = np.zeros((FULL + 1, 256), dtype=np.uint32)
    table[:, : FULL + 1] = packed(np.rint(panel + cover * (negative + share * (positive - negative) - panel)))
    return table.ravel()


class GapCurves:
    """Curves of the edges of one gap, computed once; a frame brings only their strengths.

    Args:
        left: the gap's first column in the picture of all gaps.
        size: height and width of that picture.
    """

    def __init__(self, gap: Gap, top: int, left: int, size: tuple[int, int]) -> None:
        self._gap, self._size = gap, size
        width = gap.end - gap.start
        x = np.arange(gap.start, gap.end, dtype=np.float64) + 0.5
        self._middles = (gap.heights(x) - top).reshape(-1, width).astype(np.float32)
        self._half_stretch = (np.hypot(1, gap.slopes(x)) / 2).reshape(-1, width).astype(np.float32)
        self._blue = BLUE + 2 * (left + np.arange(width, dtype=np.intp))
        self._gaps_of_dashes = np.arange(width) // theme.px(DASH) % 2 == 1
        self._most = int(DENSEST * math.sqrt(width * size[0]))

    def add_to(
        self,
        changes: NDArray[np.int16],
        weights: NDArray[np.floating],
        scale: float,
        bright: NDArray[np.bool_] | None,
        dashed: NDArray[np.bool_] | None = None,
    ) -> None:
        """Add what begins and ends in each pixel to the changes of the picture, (height + 1, width, blue and orange).

        An end inside a pixel counts in part there, and for the rest in the next. Weights that are not finite are left
        out; where some are `bright`, all others fade. Those that are frozen are `dashed`.
        """
        flat = weights.ravel()
        share = (np.abs(flat) / np.float64(scale)).astype(np.float32)  # which has room for the least and the largest
        is_finite = share <= 1.001
        if not is_finite.all():
            share = np.where(is_finite, share, 0)
        opacity = self._opacity(share, bright)
        alphas = np.rint(FULL * opacity * is_finite).astype(np.int16)
        drawn = alphas.nonzero()[0]
        height, width = self._size
        alpha = alphas[drawn, None]
        if dashed is not None:
            alpha = alpha * ~(dashed.ravel()[drawn, None] & self._gaps_of_dashes)
        half = edge_width(share[drawn], self._gap).astype(np.float32)[:, None] * self._half_stretch[drawn]
        middles = self._middles[drawn]
        offset = self._blue + (flat[drawn, None] <= 0) * (ORANGE - BLUE)
        for ends, sign in ((middles - half, alpha), (middles + half, -alpha)):
            np.clip(ends, 0, height - 0.01, out=ends)
            row = ends.astype(np.intp)
            later = np.rint((ends - row) * sign).astype(np.int16)
            at = row * (2 * width) + offset
            np.add.at(changes, at.ravel(), (sign - later).ravel())
            np.add.at(changes, (at + 2 * width).ravel(), later.ravel())

    def _opacity(self, share: NDArray[np.floating], bright: NDArray[np.bool_] | None) -> NDArray[np.floating]:
        opacity = WEAKEST + (1 - WEAKEST) * share
        if len(share) > self._most:
            weakest, strongest = np.partition(share, -self._most)[-self._most], share.max()
            opacity = opacity * np.clip((share - weakest) / max(strongest - weakest, 1e-9), 0, 1)
        if bright is None:
            return opacity
        return np.where(bright.ravel(), CLEAR + (1 - CLEAR) * share, FADED * opacity)


class EdgePainter:
    """Edge painter: draws the edges of a layout."""

    def __init__(self, layout: DiagramLayout) -> None:
        self._gaps = layout.gaps
        ends = [end for gap in layout.gaps for end in (*gap.sources, *gap.targets)]
        self._top = max(math.floor(min(ends) - THICKEST), layout.body.top())  # no edge goes beyond its ends
        bottom = min(math.ceil(max(ends) + THICKEST), layout.body.bottom() + 1)
        widths = [gap.end - gap.start for gap in layout.gaps]
        self._lefts = [sum(widths[:index]) for index in range(len(widths))]
        self._size = height, width = bottom - self._top, sum(widths)
        self._curves = [
            GapCurves(gap, self._top, left, self._size) for gap, left in zip(layout.gaps, self._lefts, strict=True)
        ]
        self._changes = np.empty((height + 1, 2 * width), dtype=np.int16)
        self._sums = np.empty((height, 2 * width), dtype=np.uint8)
        self._pixels = np.empty((height, width), dtype=np.uint32)
        self.recolour()

    def recolour(self) -> None:
        """Take the colours of the theme in force."""
        self._table = colour_table()

    def paint(
        self,
        painter: QPainter,
        weights: tuple[NDArray[np.floating], ...],
        target: Target | None,
        frozen: tuple[NDArray[np.bool_], ...] = (),
    ) -> None:
        """All edges; while a neuron is looked at, all of its own, and those that do not touch it fade.

        Those are dashed whose weights are `frozen`, of each gap (neurons, inputs and bias).
        """
        scale, changes = largest(weights), self._changes
        changes.fill(0)
        for index, (curves, matrix) in enumerate(zip(self._curves, weights, strict=True)):
            dashed = frozen[index][:, :-1] if frozen else None
            curves.add_to(changes.reshape(-1), matrix, scale, bright_edges(index, matrix.shape, target), dashed)
        np.add.accumulate(changes, axis=0, out=changes)
        np.minimum(changes, FULL, out=changes)
        self._sums[:] = changes[:-1]
        self._table.take(self._sums.view(np.uint16), out=self._pixels, mode="clip")
        height, width = self._size
        image = QImage(self._pixels.data, width, height, 4 * width, QImage.Format.Format_RGB32)
        for gap, left in zip(
            self._gaps, self._lefts, strict=True
        ):  # copied: a drawing in vectors takes only all of one
            painter.drawImage(gap.start, self._top, image.copy(left, 0, gap.end - gap.start, height))

    def paint_chosen(self, painter: QPainter, edge: Edge, weights: tuple[NDArray[np.floating], ...]) -> None:
        """The edge that is looked at, once more, with the accent round it."""
        weight, gap = float(weights[edge.gap][edge.target, edge.source]), self._gaps[edge.gap]
        start, end = float(gap.sources[edge.source]), float(gap.targets[edge.target])
        third = (gap.end - gap.start) / 3
        path = QPainterPath(QPointF(gap.start, start))
        path.cubicTo(gap.start + third, start, gap.end - third, end, gap.end, end)  # the curve of Gap.heights
        width = edge_width(abs(weight) / largest(weights), gap) if math.isfinite(weight) else THINNEST
        painter.setPen(QPen(theme.colour("accent"), width + 2 * RIM))
        painter.drawPath(path)
        if math.isfinite(weight):
            painter.setPen(QPen(theme.colour("positive" if weight > 0 else "negative"), width))
            painter.drawPath(path)


def bright_edges(gap: int, shape: tuple[int, ...], target: Target | None) -> NDArray[np.bool_] | None:
    """Which edges of a gap, (targets, sources), do not fade; None if no neuron is looked at."""
    if not isinstance(target, NeuronPlace):
        return None
    bright = np.zeros(shape, dtype=bool)
    if gap == target.column - 1:
        bright[target.unit] = True
    elif gap == target.column:
        bright[:, target.unit] = True
    return bright
