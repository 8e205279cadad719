"""Scatter plot over a heat map: an area of the plane, what is computed there, the points, and numbers at its edges."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPainterPath, QPen, QResizeEvent, QTransform
from PySide6.QtWidgets import (
    QFrame,
    QGraphicsItem,
    QGraphicsPathItem,
    QGraphicsRectItem,
    QGraphicsScene,
    QGraphicsView,
    QLabel,
)

from engine.training import Data
from playground.runtime.area import WHOLE, Area
from playground.runtime.thinning import drawn_rows
from playground.ui import theme
from playground.ui.number_format import shortened
from playground.ui.ticks import ticks_between
from playground.views.plane.fit import FitLayer
from playground.views.plane.layers import NO_POINTS, HeatMap, Layer, LineLayer, PointLayer, rectangle
from playground.views.plane.legend import Legend
from playground.views.plane.marks import Marks
from playground.views.plane.selection import Selection
from playground.views.plane.subject import Subject

SIDE = 156  # pixels, at the least
LEFT, BOTTOM, REST = 26, 20, 8  # pixels for the numbers along the axes, and beyond the last of them
GAP = 3  # pixels between the plane and its numbers
FEWEST_TICKS, MOST_TICKS = 4, 7  # along each axis, at the most, where there is little room and where there is much
LONGEST = 18  # characters of an axis' name
APART = 34  # pixels from tick to tick, about


class Canvas(QGraphicsView):
    """Scatter plot over a heat map: a square picture under points, of which one sees an area."""

    area_changed = Signal(object)  # the Area that is to be seen from now on

    def __init__(self) -> None:
        super().__init__()
        self.points, self.area, self.axes = NO_POINTS, WHOLE, Data().axes
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setCacheMode(QGraphicsView.CacheModeFlag.CacheBackground)
        self.legend = Legend(self)
        self._outside = QLabel(self)
        self._outside.setProperty("role", "outside")
        self._outside.setToolTip("Points beyond the edges, where arrows point to them: zoom out to see them")
        self._outside.hide()
        self._names = QLabel(self), QLabel(self)  # of the axes, where the points' columns have some
        for name in self._names:
            name.setProperty("role", "outside")
            name.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            name.hide()
        self.setScene(QGraphicsScene(self))  # in pixels of the widget
        self._units = QGraphicsRectItem(rectangle(WHOLE))  # what is inside it is in units of the plane
        self._units.setPen(Qt.PenStyle.NoPen)
        self._units.setFlag(QGraphicsItem.GraphicsItemFlag.ItemClipsChildrenToShape)
        self.scene().addItem(self._units)
        self._map, self.lines, self.fit, self.dots = HeatMap(), LineLayer(), FitLayer(), PointLayer()
        self.selection, self.marks = Selection(), Marks()
        self._outline = QGraphicsPathItem()
        self._outline.hide()
        for item in (*self._layers(), self.marks.needles, self.marks.ring, self._outline):
            item.setParentItem(self._units)

    def _layers(self) -> tuple[Layer, ...]:
        return self._map, self.lines, self.dots, self.fit, self.selection

    # what it shows

    def show_subject(self, subject: Subject) -> None:
        """Paint the boundary or a map."""
        self._map.show_picture(subject.area, subject.picture, subject.colours)
        self.legend.show_scale(subject.scale)

    def show_data(self, data: Data) -> None:
        """The points as they are now, in the colours of their task, and what the axes measure."""
        points = self.points = data.arrays
        if data.axes != self.axes or bool(data.columns) is self._names[0].isHidden():
            self.axes = data.axes
            self.resetCachedContent()
            self._show_names(bool(data.columns))
        self.dots.show_points(points, data.task)
        self.selection.show_points(points)
        self._count_outside()

    def choose_shown(self, *, test: bool, wrong: bool) -> None:
        """Whether test points, and the rings around wrong ones, are to be seen."""
        self.dots.choose(test=test, wrong=wrong)
        self._count_outside()

    def ring(self, rows: NDArray[np.int64] | None) -> None:
        """Ring these points, by their indices, in place of those that are wrong; None for these again."""
        self.dots.show_chosen(None if rows is None else self.points.take(rows[self.drawn(rows)]))

    def drawn(self, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which of some points, by their indices (n,), are there, and not left out because there are very many."""
        there = rows < len(self.points)
        there[there] = drawn_rows(len(self.points))[rows[there]]
        return there

    def show_pulls(self, pulls: tuple[NDArray[np.int64], NDArray[np.float64]] | None) -> None:
        """Draw which way points, by their indices, would have a weight go; or nothing."""
        rows, sizes = (np.empty(0, np.int64), np.empty(0)) if pulls is None else pulls
        there = self.drawn(rows)
        self.marks.show_pulls(self.points.xy[rows[there]], sizes[there])

    def seen(self) -> NDArray[np.bool_]:
        """Which points are to be seen: no hand touches the others."""
        return self.dots.seen(self.points)

    def draw_outline(self, corners: NDArray[np.float64], is_closed: bool) -> None:
        """What the hand goes around: a line from corner to corner (n, 2), and back to the first; without any none."""
        path = QPainterPath()
        for number, corner in enumerate(corners.tolist()):
            (path.lineTo if number else path.moveTo)(*corner)
        if is_closed:
            path.closeSubpath()
        self._outline.setPath(path)
        self._outline.setVisible(len(corners) > 0)

    def _show_names(self, are_told: bool) -> None:
        for label in self._names:
            label.setVisible(are_told)
        self._place_names()

    def _place_names(self) -> None:
        """At the end of the axis across, and at that of the axis up; as far as there is room."""
        if self._names[0].isHidden():
            return
        square = self._units.mapRectToScene(rectangle(self.area))
        for label, axis, end in zip(self._names, self.axes, (" →", " ↑"), strict=True):
            name = shortened(axis.name, LONGEST)
            label.setText(name + end)
            over = label.sizeHint().width() - (round(square.width()) - 2 * GAP)
            if over > 0:
                metrics = label.fontMetrics()
                room = max(0, metrics.horizontalAdvance(name) - over)
                label.setText(metrics.elidedText(name, Qt.TextElideMode.ElideRight, room) + end)
            label.adjustSize()
        across, up = self._names
        across.move(round(square.right()) - GAP - across.width(), round(square.bottom()) - GAP - across.height())
        up.move(round(square.left()) + GAP, round(square.top()) + GAP)

    def _count_outside(self) -> None:
        count = self.dots.outside()
        self._outside.setText(f"{count:,} point{'' if count == 1 else 's'} outside")
        self._outside.setVisible(count > 0)
        self._outside.adjustSize()
        corner = self.pixel(*self.area.low.tolist())
        self._outside.move(round(corner.x()) + GAP, round(corner.y()) - GAP - self._outside.height())

    # where it looks

    def look_at_area(self, area: Area) -> None:
        """See another area of the plane."""
        if area == self.area:
            return
        self.area = area
        for layer in self._layers():
            layer.show_area(area)
        self._units.setRect(rectangle(area))
        self._place()
        self.area_changed.emit(area)

    def zoom(self, factor: float, at: NDArray[np.float64] | None = None) -> None:
        """See things so many times as large, with a place, or else the middle, where it is."""
        self.look_at_area(self.area.zoomed(factor, (self.area.low + self.area.high) / 2 if at is None else at))

    def units(self, pixels: float) -> float:
        """A length on the screen as a length on the plane."""
        return pixels / self._units.transform().m11()

    def pixel(self, x1: float, x2: float) -> QPointF:
        """Where a place of the plane lies on the widget."""
        return self._units.mapToScene(QPointF(x1, x2))

    def place(self, spot: QPointF) -> NDArray[np.float64]:
        """The place of the plane (2,) at a pixel of the widget."""
        point = self._units.mapFromScene(spot)
        return np.array([point.x(), point.y()])

    # putting together

    def recolour(self) -> None:
        """Take the theme's colours and the size of its text."""
        self.setMinimumSize(theme.px(SIDE) + self.legend.room(), theme.px(SIDE))
        self.dots.refresh()
        self.marks.recolour()
        self._outline.setPen(hair_pen("accent"))
        self._place()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def height_at(self, width: int) -> int:
        """The height at which the square is as large as the width has room for."""
        return width - theme.px(LEFT) - self.legend.room() + theme.px(BOTTOM)

    def _place(self) -> None:
        """The square plane and its legend in the middle."""
        left, bottom, rest = theme.px(LEFT), theme.px(BOTTOM), theme.px(REST)
        beside = rest + self.legend.room()
        side = min(self.width() - left - beside, self.height() - bottom - rest)
        x, y = (self.width() - side - left - beside) // 2, (self.height() - side - bottom - rest) // 2 + rest
        self.setSceneRect(QRectF(self.rect()))
        scale = max(side, 1) / self.area.side
        to_middle = QTransform.fromTranslate(x + left + side / 2, y + side / 2).scale(scale, -scale)
        middle = (self.area.low + self.area.high) / 2
        self._units.setTransform(to_middle.translate(*(-middle).tolist()))
        self.resetCachedContent()
        self.legend.setGeometry(QRect(x + left + side + rest, y, self.legend.room(), side))
        self.selection.show_scale(self.units(1))
        self.marks.show_share(self.area.share)
        self._count_outside()
        self._place_names()

    def drawBackground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        painter.fillRect(rect, theme.colour("panel"))
        square, left, bottom = self._units.mapRectToScene(rectangle(self.area)), theme.px(LEFT), theme.px(BOTTOM)
        painter.setFont(theme.font(11))
        painter.setPen(theme.colour("muted"))
        (x1, x2), (right, top) = self.area.low.tolist(), self.area.high.tolist()
        most = min(max(int(square.width() / theme.px(APART)), FEWEST_TICKS), MOST_TICKS)
        across, up = self.axes
        for raw, text in ticks_between(up.raw(x2), up.raw(top), most):
            beside = QRectF(
                square.left() - 2 * left, self.pixel(x1, up.scaled(raw)).y() - bottom / 2, 2 * left - GAP, bottom
            )
            painter.drawText(beside, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
        for raw, text in ticks_between(across.raw(x1), across.raw(right), most):
            below = QRectF(self.pixel(across.scaled(raw), x2).x() - left, square.bottom() + GAP, 2 * left, bottom)
            painter.drawText(below, Qt.AlignmentFlag.AlignHCenter, text)


def hair_pen(token: str) -> QPen:
    """A pen as wide on the screen at any size of the plane."""
    pen = QPen(theme.colour(token), 1.5)
    pen.setCosmetic(True)
    return pen
