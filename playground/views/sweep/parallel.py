"""Parallel coordinates of a sweep: an axis for each setting and one for what came of it, a line for each combination.

By a painter alone, as the other pictures.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen

from playground.ui import theme
from playground.ui.plots import polyline
from playground.views.loss.painting import TICK
from playground.views.sweep.pictures import FONT, paint_text

NEAR = 8  # pixels from a line that are still on it
FAINT, STRONG = 0.12, 0.9  # how strong the colour of the worst and of the best line is
CLEAR = 0.85  # how much of the lines a number on an axis covers
THIN, THICK = 1.2, 3.0  # pixels
_CENTRE, _LEFT = (side | Qt.AlignmentFlag.AlignVCenter for side in (Qt.AlignmentFlag.AlignHCenter,
                                                                    Qt.AlignmentFlag.AlignLeft))  # fmt: skip
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class ParallelAxis(NamedTuple):
    """Axis of parallel coordinates: its name, and what is written at which heights, from 0 to 1."""

    title: str
    ticks: Sequence[tuple[float, str]]


class ParallelLines(NamedTuple):
    """Lines of parallel coordinates, the best first.

    Attributes:
        axes: from left to right; the last is that of what came of it.
        heights: of each line on each axis, (lines, axes), from 0 to 1.
        merits: how good each line is, (lines,), from 0 to 1: the strength of its colour.
    """

    axes: Sequence[ParallelAxis]
    heights: NDArray[np.floating]
    merits: NDArray[np.floating]

    def area(self, rect: QRectF) -> QRectF:
        """Where the lines are, in a picture's rectangle: below the titles, with room for the numbers at both ends."""
        metrics, line = _metrics(), _metrics().height() + TICK
        first, last = self.axes[0], self.axes[-1]
        left = max((metrics.horizontalAdvance(text) for _, text in first.ticks), default=0) + 2 * TICK
        right = max((metrics.horizontalAdvance(text) for _, text in last.ticks), default=0) + 2 * TICK
        left, right = (
            min(max(room, metrics.horizontalAdvance(axis.title) / 2), rect.width() / 4)
            for room, axis in ((left, first), (right, last))
        )
        return rect.adjusted(left, line + 2 * TICK, -right, -2 * TICK)

    def points(self, rect: QRectF) -> tuple[NDArray[Any], NDArray[Any]]:
        """Where the lines cross the axes: x (axes,) and y (lines, axes), in pixels."""
        area = self.area(rect)
        return np.linspace(area.left(), area.right(), len(self.axes)), area.bottom() - self.heights * area.height()

    def line_at(self, spot: QPointF, rect: QRectF) -> int | None:
        """The line nearest to a spot, the best of those that are equally near; None where there is none near it."""
        x, y = self.points(rect)
        if not len(y) or not x[0] - NEAR <= spot.x() <= x[-1] + NEAR:
            return None
        at = min(max(spot.x(), x[0]), x[-1])
        i = min(int(np.searchsorted(x, at, side="right")) - 1, len(x) - 2)
        slope = (y[:, i + 1] - y[:, i]) / (x[i + 1] - x[i])
        away = np.abs(y[:, i] + slope * (at - x[i]) - spot.y()) / np.hypot(1, slope)
        nearest = int(np.argmin(np.round(away, 1)))
        return nearest if away[nearest] <= NEAR else None


def paint_parallel(painter: QPainter, rect: QRectF, lines: ParallelLines, chosen: int | None = None) -> None:
    """The worst lines first, so that the best lie upon them, and the chosen one upon all."""
    painter.save()
    painter.setFont(theme.font(FONT))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    x, y = lines.points(rect)
    for i in reversed(range(len(y))):
        painter.setPen(QPen(theme.colour("accent", FAINT + (STRONG - FAINT) * float(lines.merits[i])), theme.px(THIN)))
        painter.drawPolyline(polyline(x, y[i]))
    if chosen is not None:
        painter.setPen(QPen(theme.colour("text"), theme.px(THICK)))
        painter.drawPolyline(polyline(x, y[chosen]))
    _paint_axes(painter, rect, lines, x.tolist())
    painter.restore()


def _paint_axes(painter: QPainter, rect: QRectF, lines: ParallelLines, places: Sequence[float]) -> None:
    area, metrics = lines.area(rect), _metrics()
    line, stride = metrics.height(), places[1] - places[0]
    for axis, x in zip(lines.axes, places, strict=True):
        is_last = axis is lines.axes[-1]
        painter.fillRect(QRectF(x, area.top(), 1, area.height()), theme.colour("muted"))
        painter.setPen(theme.colour("text"))
        width = min(stride - TICK, 2 * (x - rect.left()), 2 * (rect.right() - x))
        paint_text(painter, QRectF(x - width / 2, rect.top(), width, line), axis.title, _CENTRE)
        free = area.bottom() + line
        for height, text in sorted(axis.ticks):
            y = area.bottom() - height * area.height()
            if y > free - line:  # it would lie upon the last one
                continue
            free = y
            room = min(metrics.horizontalAdvance(text) + TICK, stride / 2)
            box = QRectF(x + TICK if is_last else x - TICK - room, y - line / 2, room, line)
            painter.fillRect(box, theme.colour("panel", CLEAR))
            painter.fillRect(QRectF(x - TICK / 2, y, TICK + 1, 1), theme.colour("muted"))
            painter.setPen(theme.colour("text"))
            paint_text(painter, box, text, _LEFT if is_last else _RIGHT)


def _metrics() -> QFontMetricsF:
    return QFontMetricsF(theme.font(FONT))
