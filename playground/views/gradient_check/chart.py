"""Logarithmic chart: a picture with logarithmic axes that never move, for errors from 1e−16 up."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from playground.ui import theme
from playground.views.gradient_check.words import power

LOWEST, HIGHEST = -18.0, 3.0  # powers of ten; an error of 0 lies on the floor
TICKS = ((LOWEST, "0"), *((exponent, power(exponent)) for exponent in (-16, -12, -8, -4, 0)))
LEFT, TOP, RIGHT, BOTTOM = 50, 24, 10, 22  # pixels around the picture
SIZE = 12  # of all letters
DIAMOND = QPolygonF([QPointF(0, -4), QPointF(4, 0), QPointF(0, 4), QPointF(-4, 0)])


def heights(errors: NDArray[np.floating]) -> NDArray[np.float64]:
    """Errors as powers of ten within the axis; what is not a number stays none."""
    with np.errstate(divide="ignore", invalid="ignore"):
        levels: NDArray[np.float64] = np.clip(np.log10(errors), LOWEST, HIGHEST)
        return levels


class Chart(QWidget):
    """Base of the charts: a title, an axis of errors at the left, and what a subclass draws."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._titles, self._invitation = [name], ""
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMouseTracking(True)
        theme.theme().changed.connect(self.update)

    def set_title(self, *titles: str) -> None:
        """Say what is shown now, the shorter the less room there is."""
        self._titles = list(titles)
        self.setAccessibleDescription(titles[0])
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme.px(340), theme.px(200))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(230), theme.px(100))

    @property
    def area(self) -> QRectF:
        """Where the picture is, without title and axes."""
        left, top, right, bottom = map(theme.px, (LEFT, TOP, RIGHT, BOTTOM))
        return QRectF(left, top, max(1, self.width() - left - right), max(1, self.height() - top - bottom))

    def y_of(self, height: float) -> float:
        """The pixel of an error, given as a power of ten."""
        area = self.area
        return area.bottom() - (height - LOWEST) / (HIGHEST - LOWEST) * area.height()

    def draw(self, painter: QPainter) -> bool:
        """Draw what there is; False if there is nothing."""
        raise NotImplementedError

    def draw_below(self, painter: QPainter) -> None:
        """What stands below the picture."""

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(theme.font(SIZE))
        self._draw_frame(painter)
        painter.save()
        has_content = self.draw(painter)
        painter.restore()
        if not has_content:
            painter.setPen(theme.colour("muted"))
            painter.drawText(self.area, Qt.AlignmentFlag.AlignCenter, self._invitation)

    def _draw_frame(self, painter: QPainter) -> None:
        area = self.area
        painter.setPen(theme.colour("text"))
        metrics, room = painter.fontMetrics(), QRectF(4, 0, self.width() - 8, theme.px(TOP - 4))
        title = next((t for t in self._titles if metrics.horizontalAdvance(t) <= room.width()), self._titles[-1])
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, title)
        between = metrics.height()
        lowest = math.inf
        for exponent, label in TICKS:
            y = round(self.y_of(exponent)) + 0.5
            painter.setPen(theme.colour("line"))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            if lowest - y >= between:  # where there is little room, not every line has a number
                lowest = y
                painter.setPen(theme.colour("muted"))
                painter.drawText(QRectF(0, y - between / 2, area.left() - 6, between), _RIGHT, label)
        self.draw_below(painter)


_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


def draw_dots(painter: QPainter, places: Sequence[QPointF], size: float = 4) -> None:
    """Round marks: a fast way to draw thousands."""
    pen = QPen(theme.colour("muted"), size, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    painter.drawPoints(list(places))


def draw_diamonds(painter: QPainter, places: Sequence[QPointF]) -> None:
    """Hollow marks for what a corner explains."""
    painter.setPen(QPen(theme.colour("text"), 1.3))
    painter.setBrush(theme.colour("panel"))
    for place in places:
        painter.drawPolygon(DIAMOND.translated(place))


def draw_crosses(painter: QPainter, places: Sequence[QPointF]) -> None:
    """Marks for what is wrong."""
    painter.setPen(QPen(theme.colour("warning"), 2))
    for place in places:
        for end in (QPointF(4, 4), QPointF(4, -4)):
            painter.drawLine(place - end, place + end)


def nearest(places: Sequence[QPointF], to: QPointF, within: float) -> int | None:
    """Which place a hand points at, if any is near enough, in pixels."""
    distances = [math.hypot(place.x() - to.x(), place.y() - to.y()) for place in places]
    best = min(range(len(distances)), key=distances.__getitem__, default=None)
    return best if best is not None and distances[best] <= within else None
