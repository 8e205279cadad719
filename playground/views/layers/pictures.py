"""Pictures of layers: histograms side by side, and as ridges over the steps, by a painter alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPen

from engine.microscope.inside.moment import BINS, Histogram, Moment
from playground.ui import theme
from playground.ui.number_format import MISSING, write_figure
from playground.ui.plots import polyline
from playground.ui.ticks import round_up
from playground.views.layers.kinds import KINDS, Kind, asleep_in_words

FONT = 11
GUTTER = 84  # pixels of the names of the rows, at the usual text size
GAP = 10  # pixels between two columns
RIDGES = 24  # at most
OVERLAP = 2.2  # times its share of the height that a ridge is high
FAINT = 0.25  # how strong the oldest ridge is
STRONG = 0.75  # how strong the colour of a histogram is
SPIKE = 1.5  # pixels that the numbers of a histogram are wide at least, to either side
_LEFT, _RIGHT, _CENTRE = (
    side | Qt.AlignmentFlag.AlignVCenter
    for side in (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight, Qt.AlignmentFlag.AlignHCenter)
)


class Reach(NamedTuple):
    """Reach of an axis: round numbers around all that is on it, and around 0."""

    low: float
    high: float

    @classmethod
    def of(cls, histograms: Iterable[Histogram]) -> Reach:
        """That of some histograms."""
        seen = [histogram for histogram in histograms if histogram.parts.any()]
        low, high = min((h.low for h in seen), default=0.0), max((h.high for h in seen), default=0.0)
        reach = cls(-round_up(-low) if low < 0 else 0.0, round_up(high) if high > 0 else 0.0)
        return reach if reach.low < reach.high else cls(-1.0, 1.0)

    def x(self, number: float, area: QRectF) -> float:
        """Where a number lies in an area of pixels."""
        return area.left() + (number - self.low) / (self.high - self.low) * area.width()


class Panes(NamedTuple):
    """Panes of a picture: a column for each layer under its name, and below it what is asleep in it."""

    rect: QRectF
    columns: int
    rows: int

    @property
    def line(self) -> float:
        """Height of a line of text."""
        return _metrics().height()

    def cell(self, row: int, column: int) -> QRectF:
        """The area of one histogram, with a line below it for the numbers along it."""
        left, top = self.rect.left() + theme.px(GUTTER), self.rect.top() + self.line + 2
        width = (self.rect.right() - left) / self.columns
        height = (self.rect.bottom() - 2 * self.line - top) / self.rows
        return QRectF(left + column * width, top + row * height, width - GAP, height - self.line)

    def at(self, spot: QPointF) -> tuple[int, int] | None:
        """Row and column of the cell at a spot; None outside."""
        cells = ((row, column) for row in range(self.rows) for column in range(self.columns))
        return next((place for place in cells if self.cell(*place).contains(spot)), None)


def paint_histograms(painter: QPainter, panes: Panes, moment: Moment, names: Sequence[str]) -> None:
    """All kinds of numbers of all layers at one moment: below 0 in the colour of what is negative."""
    _paint_frame(painter, panes, moment, names)
    for row, kind in enumerate(KINDS.values()):
        first = panes.cell(row, 0)
        painter.setPen(theme.colour("text"))
        painter.drawText(QRectF(panes.rect.left(), first.top(), theme.px(GUTTER), first.height()), _LEFT, kind.label)
        for column, layer in enumerate(moment.layers):
            area, histogram = panes.cell(row, column), kind.of(layer)
            reach = Reach.of([histogram])
            _paint_axis(painter, area, reach)
            if histogram.parts.any():
                _paint_bars(painter, area, reach, histogram)
            else:
                painter.drawText(area, _CENTRE, MISSING)


def paint_ridges(
    painter: QPainter, panes: Panes, moments: Sequence[Moment], now: Moment, kind: Kind, names: Sequence[str]
) -> None:
    """One kind of numbers over the steps, the oldest above, in each layer; the moment that is looked at stands out."""
    _paint_frame(painter, panes, now, names)
    shown = ridged(moments, now)
    height = panes.cell(0, 0).height() / (len(shown) - 1 + OVERLAP)
    painter.setPen(theme.colour("muted"))
    first = panes.cell(0, 0)
    for i, moment in enumerate(shown):
        if i in (0, len(shown) - 1):
            y = first.top() + height * (OVERLAP + i)
            box = QRectF(panes.rect.left(), y - panes.line, theme.px(GUTTER) - 4, panes.line)
            painter.drawText(box, _RIGHT, f"step {moment.step:,}")
    for column in range(panes.columns):
        area = panes.cell(0, column)
        histograms = [kind.of(moment.layers[column]) for moment in shown]
        reach = Reach.of(histograms)
        _paint_axis(painter, area, reach)
        for i, (moment, histogram) in enumerate(zip(shown, histograms, strict=True)):
            bottom = area.top() + height * (OVERLAP + i)
            ridge = QRectF(area.left(), bottom - OVERLAP * height, area.width(), OVERLAP * height)
            is_now, age = moment is now, (len(shown) - i) / len(shown)
            pen = QPen(theme.colour("accent") if is_now else theme.colour("text", 1 - (1 - FAINT) * age))
            pen.setWidth(theme.px(2 if is_now else 1))
            line = polyline(*_crest(histogram, reach, ridge))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("panel"))
            painter.drawPolygon(line)
            painter.setPen(pen)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, is_now)  # for all it would take seven times as long
            painter.drawPolyline(line)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setBrush(Qt.BrushStyle.NoBrush)


def ridged(moments: Sequence[Moment], now: Moment) -> list[Moment]:
    """Those of the moments that have a ridge, in order: some at even steps, and the one that is looked at."""
    steps = np.array([moment.step for moment in moments])
    places = np.abs(steps - np.linspace(steps[0], steps[-1], RIDGES)[:, None]).argmin(axis=1)
    chosen = {moments[place].step: moments[place] for place in places.tolist()} | {now.step: now}
    return [chosen[step] for step in sorted(chosen)]


def _paint_frame(painter: QPainter, panes: Panes, moment: Moment, names: Sequence[str]) -> None:
    """The names of the layers above, and below what is asleep in them."""
    painter.setFont(theme.font(FONT, QFont.Weight.DemiBold))
    painter.setPen(theme.colour("text"))
    metrics = painter.fontMetrics()
    for column, name in enumerate(names):
        area = panes.cell(0, column)
        if metrics.horizontalAdvance(name) > area.width():
            name = name.partition(":")[0]  # what is in it, the diagram says
        painter.drawText(QRectF(area.left(), panes.rect.top(), area.width() + GAP, panes.line), _LEFT, name)
    painter.setFont(theme.font(FONT))
    painter.setPen(theme.colour("warning"))
    for column, layer in enumerate(moment.layers):
        area = panes.cell(0, column)
        for i, said in enumerate(asleep_in_words(layer)):
            top = panes.rect.bottom() - (2 - i) * panes.line
            painter.drawText(QRectF(area.left(), top, area.width() + GAP, panes.line), _LEFT, said)


def _paint_axis(painter: QPainter, area: QRectF, reach: Reach) -> None:
    """The line under an area, its ends in numbers, and where 0 is."""
    painter.setPen(theme.colour("line"))
    painter.drawLine(area.bottomLeft(), area.bottomRight())
    zero = reach.x(0, area)
    painter.drawLine(QPointF(zero, area.top()), QPointF(zero, area.bottom() + 2))
    painter.setPen(theme.colour("muted"))
    below = QRectF(area.left(), area.bottom() + 1, area.width(), _metrics().height())
    painter.drawText(below, _LEFT, write_figure(reach.low))
    painter.drawText(below, _RIGHT, write_figure(reach.high))


def _paint_bars(painter: QPainter, area: QRectF, reach: Reach, histogram: Histogram) -> None:
    x, y = _outline(histogram, reach, area)
    outline, zero = polyline(x, y), reach.x(0, area)
    painter.save()
    painter.setPen(Qt.PenStyle.NoPen)
    for token, left, right in (("negative", area.left() - 2, zero), ("positive", zero, area.right() + 2)):
        painter.setClipRect(QRectF(left, area.top(), right - left, area.height()))
        painter.setBrush(theme.colour(token, STRONG))
        painter.drawPolygon(outline)
    painter.restore()


def _edges_and_heights(histogram: Histogram, reach: Reach, area: QRectF) -> tuple[NDArray[Any], NDArray[Any]]:
    """Where the parts of a histogram begin and end, and how high they are; the highest is as high as the area."""
    left, right = (reach.x(end, area) for end in (histogram.low, histogram.high))
    if right - left < 2 * SPIKE:
        left, right = left - SPIKE, right + SPIKE
    heights = histogram.parts / max(int(histogram.parts.max()), 1) * area.height()
    return np.linspace(left, right, BINS + 1), heights


def _crest(histogram: Histogram, reach: Reach, area: QRectF) -> tuple[NDArray[Any], NDArray[Any]]:
    """The corners of a line over the middles of the parts, x and y, from the ground to the ground."""
    edges, heights = _edges_and_heights(histogram, reach, area)
    x = np.concatenate([edges[:1], (edges[1:] + edges[:-1]) / 2, edges[-1:]])
    return x, area.bottom() - np.concatenate([[0], heights, [0]])


def _outline(histogram: Histogram, reach: Reach, area: QRectF) -> tuple[NDArray[Any], NDArray[Any]]:
    """The steps of a histogram as the corners of a polygon, x and y."""
    edges, heights = _edges_and_heights(histogram, reach, area)
    x = np.concatenate([edges[:1], np.repeat(edges, 2)[1:-1], edges[-1:]])
    y = area.bottom() - np.concatenate([[0], np.repeat(heights, 2), [0]])
    return x, y


def _metrics() -> QFontMetricsF:
    return QFontMetricsF(theme.font(FONT))
