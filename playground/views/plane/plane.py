"""Scatter plot over a heat map: x₁ and x₂ from -6 to 6, what is computed there, the points, and the hand that draws.

It shows and it asks: mouse and keys become strokes (see `tools`), and strokes become signals.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPen,
    QResizeEvent,
    QTransform,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QGraphicsPathItem, QGraphicsRectItem, QGraphicsScene, QGraphicsView

from engine.training import PLANE, Points
from playground.ui import theme
from playground.views.plane.layers import AREA, NO_POINTS, HeatMap, LineLayer, PointLayer
from playground.views.plane.legend import Legend
from playground.views.plane.marks import Marks
from playground.views.plane.subject import Subject
from playground.views.plane.tools import BRUSH, TOOLS, Place, Stroke, nearest, on_plane, pen_cursor

SIDE = 156  # pixels, at the least
LEFT, BOTTOM, REST = 22, 20, 8  # pixels for the numbers along the axes, and beyond the last of them
GAP = 3  # pixels between the plane and its numbers
TICKS = -6, -3, 0, 3, 6
ON_POINT = 5  # pixels: how near a click must be that asks for a point's menu, and how far a drag goes at least
STEP, STRIDE = 0.25, 1.0  # units of an arrow key, without and with Shift

ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}


class Plane(QGraphicsView):
    """Scatter plot over a heat map: a square picture under points that can be drawn, moved and erased."""

    painted = Signal(object, int, int)  # places (n, 2), label, stroke
    erased = Signal(object, int)  # indices into the points shown, stroke
    moved = Signal(int, float, float, int)  # index, x1, x2, stroke
    looked = Signal(int)  # index of a point to be looked at closely
    menu_asked = Signal(int, QPoint)  # index of a point, and where its menu is to open on the screen
    pointed = Signal(object)  # the place under the pointer or the crosshair, None outside

    def __init__(self) -> None:
        super().__init__()
        self.points = NO_POINTS
        self.tool, self.label, self.classes = "draw", 0, 2
        self._stroke: Stroke | None = None
        self._held: tuple[int, Place] | None = None  # the point that the right button was pressed on, and where
        self._button = Qt.MouseButton.NoButton
        self._strokes = 0
        self._crosshair_at: Place = np.zeros(2)

        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setCacheMode(QGraphicsView.CacheModeFlag.CacheBackground)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Plane of x₁ and x₂")
        self.setAccessibleDescription(
            "Arrow keys move the crosshair, Enter adds a point of the chosen class, Delete erases, "
            "the menu key asks what to do with a point."
        )
        self.legend = Legend(self)
        self.setScene(QGraphicsScene(self))  # in pixels of the widget
        self._units = QGraphicsRectItem(AREA)  # what is inside it is in units of the plane
        self._units.setPen(Qt.PenStyle.NoPen)
        self.scene().addItem(self._units)
        self._map, self.lines, self.dots, self.marks = HeatMap(), LineLayer(), PointLayer(), Marks()
        self._brush, self._crosshair = _mark(_circle(BRUSH)), _mark(_cross())
        for item in (
            self._map,
            self.lines,
            self.dots,
            self._brush,
            self._crosshair,
            self.marks.needles,
            self.marks.ring,
        ):
            item.setParentItem(self._units)
        self._recolour()
        theme.theme().changed.connect(self._recolour)

    # what it shows

    def show_subject(self, subject: Subject) -> None:
        """Paint the boundary or a map."""
        self._map.show_picture(subject.picture, subject.colours)
        self.legend.show_scale(subject.scale)

    def show_points(self, points: Points) -> None:
        """The points as they are now."""
        self.points = points
        self.dots.show_points(points)

    def seen(self) -> NDArray[np.bool_]:
        """Which points are to be seen: no hand touches the others."""
        return self.dots.seen(self.points)

    def choose_tool(self, name: str) -> None:
        """What the left button does from the next press on."""
        self.tool = name
        self._brush.hide()
        self._show_cursor()

    def choose_label(self, label: int) -> None:
        """Which class the pencil draws."""
        self.label = label
        self._show_cursor()

    def erase_point(self, index: int) -> None:
        """Ask for one point to be erased, as a stroke of its own."""
        self._strokes += 1
        self.erased.emit(np.array([index]), self._strokes)

    def units(self, pixels: float) -> float:
        """A length on the screen as a length on the plane."""
        return pixels / self._units.transform().m11()

    def pixel(self, x1: float, x2: float) -> QPointF:
        """Where a place of the plane lies on the widget."""
        return self._units.mapToScene(QPointF(x1, x2))

    def _show_cursor(self) -> None:
        shape = TOOLS[self.tool].cursor
        self.setCursor(pen_cursor(self.label, self.devicePixelRatioF()) if shape is None else shape)

    def _recolour(self) -> None:
        self.setMinimumSize(theme.px(SIDE) + self.legend.room(), theme.px(SIDE))
        self.dots.refresh()
        pen = QPen(theme.colour("text"), 1.5)
        pen.setCosmetic(True)
        self.marks.recolour()
        self._brush.setPen(pen)
        self._crosshair.setPen(pen)
        self._show_cursor()
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
        scale = max(side, 1) / AREA.width()
        to_middle = QTransform.fromTranslate(x + left + side / 2, y + side / 2)
        self._units.setTransform(to_middle.scale(scale, -scale))
        self.resetCachedContent()
        self.legend.setGeometry(QRect(x + left + side + rest, y, self.legend.room(), side))

    def drawBackground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        painter.fillRect(rect, theme.colour("panel"))
        area, left, bottom = self._units.mapRectToScene(AREA), theme.px(LEFT), theme.px(BOTTOM)
        painter.setFont(theme.font(11))
        painter.setPen(theme.colour("muted"))
        for value in TICKS:
            text, spot = f"{value:d}".replace("-", "−"), self.pixel(value, value)
            beside = QRectF(area.left() - left, spot.y() - bottom / 2, left - GAP, bottom)
            painter.drawText(beside, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
            below = QRectF(spot.x() - left, area.bottom() + GAP, 2 * left, bottom)
            painter.drawText(below, Qt.AlignmentFlag.AlignHCenter, text)

    # the mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._stroke is not None or self._held is not None:
            return  # by another button
        spot, label = self._spot(event), self._label_of(event.button())
        point = nearest(self, spot, ON_POINT) if event.button() == Qt.MouseButton.RightButton else None
        if point is not None or label is not None:
            self._crosshair.hide()
            self._button = event.button()
        if point is not None:
            self._held = point, spot  # it is a click, which asks for a menu, or a drag, which draws
        elif label is not None:
            self._begin(self.tool, label, spot)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = self._spot(event)
        inside = len(on_plane(place[None])) > 0
        if not event.buttons() & self._button:
            self._stroke = self._held = None  # a dialog may have swallowed the release
        if self._held is not None and np.hypot(*(place - self._held[1])) > self.units(ON_POINT):
            (_, start), label = self._held, self._label_of(self._button)
            self._held = None
            if label is not None:
                self._begin(self.tool, label, start)
        if self._stroke is not None:
            self._stroke.drag(place)
        self._brush.setPos(*place)
        self._brush.setVisible(inside and self.tool == "erase")
        self.pointed.emit(place if inside else None)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == self._button:
            if self._held is not None:
                self.menu_asked.emit(self._held[0], event.globalPosition().toPoint())
            self._stroke = self._held = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.mousePressEvent(event)  # two quick clicks are two points

    def leaveEvent(self, event: QEvent) -> None:
        self._brush.hide()
        self.pointed.emit(None)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """By the keyboard; the mouse has asked by its press."""
        point = nearest(self, self._crosshair_at) if self._crosshair.isVisible() else None
        if event.reason() == QContextMenuEvent.Reason.Keyboard and point is not None:
            self.menu_asked.emit(point, self.mapToGlobal(self.pixel(*self.points.xy[point]).toPoint()))

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def _begin(self, tool: str, label: int, at: Place) -> None:
        self._strokes += 1
        self._stroke = TOOLS[tool].stroke(self, self._strokes, label, at)

    def _label_of(self, button: Qt.MouseButton) -> int | None:
        """The class that a button works with; None where it does nothing."""
        if button == Qt.MouseButton.LeftButton:
            return self.label
        if button == Qt.MouseButton.RightButton and self.classes == 2 and self.label < 2:
            return 1 - self.label
        return None

    def _spot(self, event: QMouseEvent) -> Place:
        point = self._units.mapFromScene(event.position())
        return np.array([point.x(), point.y()])

    # the keyboard

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in ARROWS:
            step = STRIDE if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else STEP
            self._show_crosshair(np.clip(self._crosshair_at + step * np.array(ARROWS[key]), -PLANE, PLANE))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._at_crosshair("draw")
        elif key == Qt.Key.Key_Delete:
            self._at_crosshair("erase")
        else:
            event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self._show_crosshair(self._crosshair_at)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if self._crosshair.isVisible():
            self._crosshair.hide()
            self.pointed.emit(None)

    def _at_crosshair(self, tool: str) -> None:
        self._show_crosshair(self._crosshair_at)
        self._begin(tool, self.label, self._crosshair_at)
        self._stroke = None

    def _show_crosshair(self, place: Place) -> None:
        self._crosshair_at = place
        self._crosshair.setPos(*place)
        self._crosshair.show()
        self.pointed.emit(place)


def _mark(path: QPainterPath) -> QGraphicsPathItem:
    result = QGraphicsPathItem(path)
    result.hide()
    return result


def _circle(radius: float) -> QPainterPath:
    path = QPainterPath()
    path.addEllipse(QPointF(), radius, radius)
    return path


def _cross() -> QPainterPath:
    path = QPainterPath()
    for x1, x2 in ARROWS.values():
        path.moveTo(0.2 * x1, 0.2 * x2)
        path.lineTo(0.6 * x1, 0.6 * x2)
    return path
