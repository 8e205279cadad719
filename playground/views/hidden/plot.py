"""Plot of the hidden space: the bent grid of the plane, and the points on it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.microscope.hidden_space import HiddenSpace
from engine.training import Points, Task
from playground.ui import theme
from playground.ui.plots import polyline
from playground.views.hidden.square import Square
from playground.views.plane.layers import stamp
from playground.views.plane.markers import FILLED, HOLLOW, kinds, ring

LEFT, BOTTOM, TOP = 38, 34, 18  # pixels for numbers and names, at the usual text size
RIGHT = 10
TICK_ROOM = 30  # pixels left of the square, of what a name above it may take
SMALLEST = 120  # pixels of its side
ZOOM = 0.8  # times the usual size of a marker
UPRIGHT, LEVEL = 0.75, 0.35  # how strong the lines of equal x₁, and of equal x₂, are
FAR = 50  # times the side of the square that a line can be outside of it


class Shown(NamedTuple):
    """What is plotted: a hidden space, the points in it, and what the two directions are called."""

    space: HiddenSpace
    points: Points
    task: Task
    across: str
    up: str


class HiddenPlot(QWidget):
    """Plot of a hidden space.

    Attributes:
        square: the numbers that it shows.
        shown: what is plotted; None where nothing can be.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Hidden space")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.square = Square()
        self.shown: Shown | None = None
        self._message = ""
        self._mark: NDArray[np.float64] | None = None
        theme.theme().changed.connect(self.update)

    def minimumSizeHint(self) -> QSize:
        side = theme.px(SMALLEST)
        return QSize(side + theme.px(LEFT) + RIGHT, side + theme.px(BOTTOM + TOP))

    def width_at(self, height: int) -> int:
        """The width at which the square is as high as the height has room for."""
        return height - theme.px(BOTTOM + TOP) + theme.px(LEFT) + RIGHT

    def show_space(self, shown: Shown | None, message: str = "") -> None:
        """Plot a hidden space, or say why there is none."""
        self.shown, self._message = shown, message
        if shown is not None:
            self.square = self.square.around(np.concatenate([shown.space.grid.reshape(-1, 2), shown.space.points]))
        self.update()

    def mark(self, place: NDArray[np.float64] | None) -> None:
        """Ring a place (2,) of the hidden space, or none."""
        self._mark = place
        self.update()

    @property
    def area(self) -> QRectF:
        """The square of pixels that is plotted in."""
        left, bottom, top = theme.px(LEFT), theme.px(BOTTOM), theme.px(TOP)
        side = max(1, min(self.width() - left - RIGHT, self.height() - bottom - top))
        return QRectF(left, top, side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, area = QPainter(self), self.area
        if self.shown is None:
            painter.setPen(theme.colour("muted"))
            painter.setFont(theme.font(12))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._message)
            return
        self._draw_axes(painter, area, self.shown)
        painter.setClipRect(area)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._draw_grid(painter, self.shown.space)
        self._draw_border(painter, area, self.shown.space)
        self._draw_points(painter, self.shown)
        if self._mark is not None and np.isfinite(self._mark).all():
            stamp(painter, ring(1.2 * theme.theme().text_size, self.devicePixelRatioF()), self._spots(self._mark[None]))

    def _spots(self, places: NDArray[np.floating]) -> NDArray[np.float64]:
        far = FAR * self.square.side
        corner = np.array([self.square.left, self.square.bottom])
        return self.square.spots(np.clip(places, corner - far, corner + far), self.area)

    def _draw_grid(self, painter: QPainter, space: HiddenSpace) -> None:
        spots = self._spots(space.grid)
        half = len(spots) // 2
        for i, line in enumerate(spots):
            is_axis = i % half == half // 2
            painter.setPen(QPen(theme.colour("muted", UPRIGHT if i < half else LEVEL), 2.0 if is_axis else 1.0))
            painter.drawPolyline(polyline(*line.T))

    def _draw_border(self, painter: QPainter, area: QRectF, space: HiddenSpace) -> None:
        ends = self.square.chord(space.border) if space.border is not None else None
        if ends is not None:
            painter.setPen(QPen(theme.colour("text"), theme.px(2)))
            painter.drawPolyline(polyline(*self.square.spots(ends, area).T))

    def _draw_points(self, painter: QPainter, shown: Shown) -> None:
        points, spots = shown.points, self._spots(shown.space.points)
        zoom, ratio = ZOOM * theme.theme().text_size, self.devicePixelRatioF()
        found = list(kinds(points, shown.task))
        for test, side in ((True, HOLLOW), (False, FILLED)):
            for kind in found:
                stamp(painter, kind.picture(side, ratio, zoom), spots[kind.rows & (points.test == test)])

    def _draw_axes(self, painter: QPainter, area: QRectF, shown: Shown) -> None:
        painter.fillRect(area, theme.colour("field"))
        painter.setFont(theme.font(11))
        painter.setPen(theme.colour("muted"))
        line, square = painter.fontMetrics().height(), self.square
        for number in square.ticks(square.left):
            x = area.left() + (number - square.left) * area.width() / square.side
            painter.drawText(
                QRectF(x - 40, area.bottom() + 2, 80, line), Qt.AlignmentFlag.AlignHCenter, _written(number)
            )
        for number in square.ticks(square.bottom):
            y = area.bottom() - (number - square.bottom) * area.height() / square.side
            beside = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRectF(area.left() - 80, y - line / 2, 76, line), beside, _written(number))
        painter.setPen(theme.colour("text"))
        above = QRectF(area.left() - TICK_ROOM, area.top() - line - 1, self.width(), line)
        painter.drawText(above, Qt.AlignmentFlag.AlignLeft, f"↑ {shown.up}")
        below = QRectF(0, area.bottom() + line, area.right(), line + 4)
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, f"{shown.across} →")


def _written(number: float) -> str:
    return f"{number:.3g}".replace("-", "−")
