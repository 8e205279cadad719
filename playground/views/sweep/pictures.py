"""Pictures of a sweep: ribbons of the loss over the steps, and a heat map over two settings, by a painter alone.

The window and a report paint with the same functions, in the colours of the theme in force.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen

from playground.ui import theme
from playground.ui.number_format import MISSING
from playground.ui.plots import polyline
from playground.ui.ticks import ticks_between
from playground.views.loss.axes import LossAxes
from playground.views.loss.painting import TICK, paint_axes

FONT = 11
STEPS = 6  # numbers along them, at most
MARGIN = 48  # at the right of the axes, for what the steps are called
SWATCH = 14  # pixels of a colour in the legend
LEGEND = 0.4  # of the width, at most
BAND = 0.18  # how strong the colour of a ribbon is
FAINT, STRONG = 0.06, 0.75  # how strong the colour of the lowest and of the highest cell is
_CENTRE, _RIGHT = Qt.AlignmentFlag.AlignCenter, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class Ribbon(NamedTuple):
    """Ribbon: the losses of many runs that differ in their seed.

    Attributes:
        label: what these runs have in common, as the legend says it.
        steps: (n,), growing.
        low, median, high: the quartiles of the loss after each of the steps, (n,); infinite where runs are lost.
    """

    label: str
    steps: NDArray[np.number]
    low: NDArray[np.floating]
    median: NDArray[np.floating]
    high: NDArray[np.floating]


class HeatMap(NamedTuple):
    """Heat map: a share for each pair of values of two settings.

    Attributes:
        figures: (rows, columns), from 0, the worst, to 1; NaN where there is none yet.
        rows, columns: the values of either setting, as they are written.
        row_title, column_title: the settings' names.
        write: a figure, as its cell says it.
        note: what else is to be said of the figures.
    """

    figures: NDArray[np.floating]
    rows: Sequence[str]
    columns: Sequence[str]
    row_title: str
    column_title: str
    write: Callable[[float], str]
    note: str = ""

    def area(self, rect: QRectF) -> QRectF:
        """Where the cells are, in a picture's rectangle."""
        metrics = _metrics()
        left = min(max(map(metrics.horizontalAdvance, (*self.rows, ""))) + 2 * TICK, rect.width() / 3)
        line = metrics.height() + TICK
        return rect.adjusted(left, line, -TICK, -2 * line)

    def cell(self, row: int, column: int, rect: QRectF) -> QRectF:
        """Where one cell is; the first row is the uppermost."""
        area = self.area(rect)
        width, height = area.width() / len(self.columns), area.height() / len(self.rows)
        return QRectF(area.left() + column * width, area.top() + row * height, width, height)

    def cell_at(self, spot: QPointF, rect: QRectF) -> tuple[int, int] | None:
        """Row and column of the cell at a spot; None outside."""
        area = self.area(rect)
        if not area.contains(spot) or not area.width() or not area.height():
            return None
        row = int((spot.y() - area.top()) / area.height() * len(self.rows))
        column = int((spot.x() - area.left()) / area.width() * len(self.columns))
        return min(row, len(self.rows) - 1), min(column, len(self.columns) - 1)


def paint_ribbons(painter: QPainter, rect: QRectF, ribbons: Sequence[Ribbon], *, log: bool = True) -> None:
    """The median of each as a line, and its quartiles as a band in the same colour, between axes, with a legend.

    What is not finite lies above the plot, what is not positive on a logarithmic axis' floor.
    """
    painter.save()
    painter.setFont(theme.font(FONT))
    seen = np.concatenate([np.empty(0), *(side for ribbon in ribbons for side in ribbon[2:])])
    seen = seen[np.isfinite(seen) & ((seen > 0) | (not log))]
    last = max((float(ribbon.steps[-1]) for ribbon in ribbons if len(ribbon.steps)), default=0.0)
    axes, floor = LossAxes.of(last, seen, log)._replace(right=max(last, 1)), float(seen.min()) if len(seen) else 1.0
    area = _plot_area(rect, axes, ribbons)
    ticks = [(step, f"{step:,.0f}") for step, _ in ticks_between(0, axes.right, STEPS)]
    outer = QRectF(rect.left(), rect.top(), area.right() + MARGIN - rect.left(), rect.height())
    paint_axes(painter, axes, area, outer, ticks)
    painter.setClipRect(area.adjusted(0, -1, 1, 1))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for number, ribbon in enumerate(ribbons, 1):
        low, median, high = (_points(axes, ribbon.steps, side, area, floor) for side in ribbon[2:])
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.run_colour(number, BAND))
        painter.drawPolygon(
            polyline(*(np.concatenate([one, other[::-1]]) for one, other in zip(low, high, strict=True)))
        )
        painter.setPen(QPen(theme.run_colour(number), theme.px(1.5)))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(polyline(*median))
    painter.setClipping(False)
    _paint_legend(painter, ribbons, QRectF(area.right(), area.top(), rect.right() - area.right(), area.height()))
    painter.restore()


def paint_heat_map(painter: QPainter, rect: QRectF, heat: HeatMap) -> None:
    """Its cells, each with its figure where there is room, between the values of both settings."""
    painter.save()
    painter.setFont(theme.font(FONT))
    metrics, area = _metrics(), heat.area(rect)
    line = metrics.height()
    for (row, column), figure in np.ndenumerate(heat.figures):
        cell = heat.cell(row, column, rect)
        inner = cell.adjusted(1, 1, -1, -1)
        if np.isfinite(figure):
            painter.fillRect(inner, theme.colour("accent", FAINT + (STRONG - FAINT) * float(figure)))
        else:
            painter.fillRect(inner, theme.colour("field"))
        said = MISSING if np.isnan(figure) else heat.write(float(figure))
        painter.setPen(theme.colour("text" if np.isfinite(figure) else "muted"))
        if metrics.horizontalAdvance(said) < inner.width() and line < inner.height():
            painter.drawText(inner, _CENTRE, said)
    painter.setPen(theme.colour("muted"))
    for row, text in enumerate(heat.rows):
        cell = heat.cell(row, 0, rect)
        paint_text(painter, QRectF(rect.left(), cell.top(), area.left() - rect.left() - TICK, cell.height()), text)
    for column, text in enumerate(heat.columns):
        cell = heat.cell(0, column, rect)
        paint_text(painter, QRectF(cell.left(), area.bottom() + TICK, cell.width(), line), text, _CENTRE)
    painter.setPen(theme.colour("text"))
    title = QRectF(rect.left(), rect.top(), rect.width(), line)
    paint_text(painter, title, heat.row_title, _LEFT)
    taken = metrics.horizontalAdvance(heat.row_title) + 4 * TICK
    painter.setPen(theme.colour("muted"))
    paint_text(painter, title.adjusted(taken, 0, -TICK, 0), heat.note)
    painter.setPen(theme.colour("text"))
    below = QRectF(area.left(), area.bottom() + line + TICK, area.width(), line)
    paint_text(painter, below, heat.column_title, _CENTRE)
    painter.restore()


def _metrics() -> QFontMetricsF:
    return QFontMetricsF(theme.font(FONT))


def _plot_area(rect: QRectF, axes: LossAxes, ribbons: Sequence[Ribbon]) -> QRectF:
    """The plot without its numbers and its legend."""
    metrics = _metrics()
    left = max(metrics.horizontalAdvance(text) for _, text in axes.losses()) + 3 * TICK
    legend = 0.0
    if any(ribbon.label for ribbon in ribbons):
        widest = max(metrics.horizontalAdvance(ribbon.label) for ribbon in ribbons)
        legend = min(widest + SWATCH + 4 * TICK, LEGEND * rect.width())
    line = metrics.height() + TICK
    return rect.adjusted(left, line, -max(legend, MARGIN), -line)


def _points(
    axes: LossAxes, steps: NDArray[np.number], losses: NDArray[np.floating], area: QRectF, floor: float
) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """Where losses lie, in pixels."""
    heights = np.where(np.isnan(losses), np.inf, losses)
    if axes.is_log:
        heights = np.log10(np.maximum(heights, floor))
    x, y = axes.points(steps, heights, area)
    return x, y


def _paint_legend(painter: QPainter, ribbons: Sequence[Ribbon], rect: QRectF) -> None:
    """A line for each, as many as have room."""
    line = painter.fontMetrics().height() + TICK
    for number, ribbon in enumerate(ribbons, 1):
        top = rect.top() + (number - 1) * line
        if not ribbon.label or top + line > rect.bottom() + 1:
            return
        swatch = QRectF(rect.left() + 2 * TICK, top + (line - 3) / 2, SWATCH, 3)
        painter.fillRect(swatch, theme.run_colour(number))
        painter.setPen(theme.colour("text"))
        paint_text(
            painter, QRectF(swatch.right() + TICK, top, rect.right() - swatch.right() - TICK, line), ribbon.label, _LEFT
        )


def paint_text(painter: QPainter, box: QRectF, text: str, where: Qt.AlignmentFlag = _RIGHT) -> None:
    """A text, cut in words where it is longer than its box."""
    painter.drawText(
        box, where, painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(box.width() + 1))
    )
