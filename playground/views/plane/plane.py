"""Drawing board: the scatter plot with the hand that draws in it.

It shows and it asks: mouse and keys become strokes (see `strokes`), and strokes become signals.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QKeyEvent, QMouseEvent, QPainterPath, QWheelEvent
from PySide6.QtWidgets import QApplication, QGraphicsPathItem, QWidget

from engine.training import LIMIT, Experiment
from playground.runtime.area import WHOLE
from playground.ui import theme
from playground.views.plane.brush import PEN, Brush
from playground.views.plane.canvas import Canvas, hair_pen
from playground.views.plane.regions import Place
from playground.views.plane.selection import NOBODY
from playground.views.plane.strokes import Stroke, moved_within, nearest
from playground.views.plane.tools import TOOLS, pen_cursor

ON_POINT = 5  # pixels: how near a click must be that asks for a point's menu, and how far a drag goes at least
STEP, STRIDE = 0.25, 1.0  # units of an arrow key in the whole plane, without and with Shift
PAN = 0.1  # of what is seen: how far an arrow key with Ctrl goes
ZOOM = 1.25  # times as large, by a notch of the wheel or a key
NOTCH = 120  # of the wheel, in Qt's units
JITTER = 0.01  # of the side of what is seen: how far points are shaken
BESIDE = 0.03  # of the side of what is seen: how far copies lie from what they are copies of

ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}
ZOOMS = {Qt.Key.Key_Plus: ZOOM, Qt.Key.Key_Equal: ZOOM, Qt.Key.Key_Minus: 1 / ZOOM}
SHIFT, CONTROL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


class Plane(Canvas):
    """Drawing board: points are drawn, selected, moved and erased on it, and what is seen is zoomed and panned."""

    painted = Signal(object, int, bool, int)  # places (n, 2), label, whether to test, stroke
    erased = Signal(object, int)  # indices into the points shown, stroke
    moved = Signal(object, object, str, int)  # indices, places (n, 2), what is done to them, stroke
    duplicated = Signal(object, object)  # indices, how far (2,) from them
    looked = Signal(int)  # index of a point to be looked at closely
    guessed = Signal(object)  # places (n, 2) of a line along which the boundary is expected
    explained = Signal(object)  # a place (2,) to be looked at closely
    menu_asked = Signal(object, object, QPoint)  # the index of a point, or None, a place, and where on the screen
    pointed = Signal(object)  # the place under the pointer or the crosshair, None outside
    radius_turned = Signal(float)  # by how many times the brush is to grow
    train_asked = Signal()  # Space was struck and nothing was dragged while it was down

    def __init__(self) -> None:
        super().__init__()
        self.tool, self.label, self.task = "draw", 0, Experiment().task
        self.brush, self.adds, self.chance = Brush(), False, np.random.default_rng()
        self._stroke: Stroke | None = None
        self._held: tuple[int | None, Place] | None = None  # what the right button was pressed on: a point, and where
        self._button = Qt.MouseButton.NoButton
        self._grip: Place | None = None  # the place that a pan keeps under the pointer
        self._has_pointer = False
        self._space = False  # whether Space is down, and nothing was panned yet
        self._lender: QWidget | None = None  # who has the keyboard back when Space is let go of
        self._strokes = 0
        self._crosshair_at: Place = np.zeros(2)

        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Plane of x₁ and x₂")
        self.setAccessibleDescription(
            "Arrow keys move the crosshair, or what is selected. Enter adds a point of the chosen class, Delete "
            "erases, Escape selects nothing, the menu key asks what to do with a point or a place. Plus, minus and 0 "
            "zoom, and Ctrl with the arrow keys pans."
        )
        self._ring, self._crosshair = _mark(_circle()), _mark(_cross())
        for item in (self._ring, self._crosshair):
            item.setParentItem(self._units)
        self.recolour()
        theme.theme().changed.connect(self.recolour)

    # ── what is in hand ──────────────────────────────────────────────────────────────────────────────────────────

    def choose_tool(self, name: str) -> None:
        """What the left button does from the next press on."""
        self.tool = name
        if not TOOLS[name].holds:
            self.selection.choose(NOBODY)
        self._ring.hide()
        self.show_cursor()

    def choose_label(self, label: int) -> None:
        """What the pencil draws, of all that there is to choose from."""
        self.label = label
        self.show_cursor()

    @property
    def _target(self) -> float:
        """The target that it draws: of a class that is to be, if there is none like it yet."""
        choices = self.task.choices
        return choices[self.label] if self.label < len(choices) else float(self.label)

    def show_cursor(self) -> None:
        """Have the pointer show what is in hand."""
        shape = TOOLS[self.tool].cursor
        is_pen, ratio = shape is None, self.devicePixelRatioF()
        self.setCursor(
            pen_cursor(self._target, self.task, self.brush.test, ratio) if is_pen or shape is None else shape
        )
        self._show_radius()

    def _show_radius(self) -> None:
        if name := TOOLS[self.tool].radius:
            self._ring.setScale(getattr(self.brush, name) * self.area.side)

    def recolour(self) -> None:
        super().recolour()
        for item in (self._ring, self._crosshair):
            item.setPen(hair_pen("text"))
        self.show_cursor()

    def _place(self) -> None:
        super()._place()
        self._crosshair.setScale(self.area.share)
        self._show_radius()

    # ── the selection ────────────────────────────────────────────────────────────────────────────────────────────

    def select(self, indices: NDArray[np.int64]) -> None:
        """Select these points and no others; those that are not seen cannot be."""
        self.selection.choose(indices[self.seen()[indices]])

    def erase(self, indices: NDArray[np.int64]) -> None:
        """Ask for some points to be erased, as a stroke of its own."""
        if len(indices):
            self.erased.emit(indices, self._next_stroke())

    def duplicate(self) -> None:
        """Ask for what is selected a second time, and select that."""
        before = len(self.points)
        self.duplicated.emit(self.selection.indices, np.array([BESIDE, -BESIDE]) * self.area.side)
        self.select(np.arange(before, len(self.points)))

    def jitter(self) -> None:
        """Ask for what is selected to be moved a little, each point by chance."""
        xy = self.points.xy[self.selection.indices]
        shaken = np.clip(xy + self.chance.normal(0, JITTER * self.area.side, xy.shape), -LIMIT, LIMIT)
        self.moved.emit(self.selection.indices, shaken, "jitter", self._next_stroke())

    def _nudge(self, by: Place, repeats: bool) -> None:
        """Move what is selected; all that a key does until it is let go of is one stroke."""
        xy = self.points.xy[self.selection.indices]
        places = moved_within(self.area, xy, by)
        stroke = self._strokes if repeats else self._next_stroke()
        if (places != xy).any():
            self.moved.emit(self.selection.indices, places, "move", stroke)

    def _next_stroke(self) -> int:
        self._strokes += 1
        return self._strokes

    # ── the mouse ────────────────────────────────────────────────────────────────────────────────────────────────

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._stroke is not None or self._held is not None or self._grip is not None:
            return  # by another button
        spot, label = self.place(event.position()), self._label_of(event.button())
        is_right = event.button() == Qt.MouseButton.RightButton
        point = nearest(self, spot, ON_POINT) if is_right else None
        asks = is_right and (point is not None or label is None or TOOLS[self.tool].family != PEN)
        pans = event.button() == Qt.MouseButton.MiddleButton or self._space
        if asks or label is not None or pans:
            self._crosshair.hide()
            self._button = event.button()
        if pans:
            self._grip, self._space = spot, False
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        elif asks:
            self._held = point, spot  # it is a click, which asks for a menu, or a drag, which draws
        elif label is not None:
            self.adds = bool(event.modifiers() & SHIFT)
            self._begin(self.tool, label, spot)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if not event.buttons() & self._button:
            self._let_go()  # a dialog may have swallowed the release
        if self._grip is not None:
            self.look_at_area(self.area.moved(self._grip - self.place(event.position())))
        place = self.place(event.position())
        inside = bool(self.area.contains(place[None]).all())
        if self._held is not None and np.hypot(*(place - self._held[1])) > self.units(ON_POINT):
            (_, start), label = self._held, self._label_of(self._button)
            self._held = None
            if label is not None:
                self._begin(self.tool, label, start)
        if self._stroke is not None:
            self._stroke.drag(place)
        self._has_pointer = inside
        self._ring.setPos(*place)
        self._ring.setVisible(inside and bool(TOOLS[self.tool].radius))
        self.pointed.emit(place if inside else None)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == self._button:
            if self._held is not None:
                self.menu_asked.emit(*self._held, event.globalPosition().toPoint())
            stroke = self._stroke
            self._let_go()
            if stroke is not None:
                stroke.release()

    def _let_go(self) -> None:
        """Nothing is in hand any more."""
        if self._grip is not None:
            self.show_cursor()
        self._stroke = self._held = self._grip = None
        self.draw_outline(np.empty((0, 2)), False)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.MiddleButton:
            self.look_at_area(WHOLE)
        else:
            self.mousePressEvent(event)  # two quick clicks are two points

    def leaveEvent(self, event: QEvent) -> None:
        self._has_pointer = False
        self._ring.hide()
        self.pointed.emit(None)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """By the keyboard; the mouse has asked by its press."""
        if event.reason() == QContextMenuEvent.Reason.Keyboard and self._crosshair.isVisible():
            point = nearest(self, self._crosshair_at)
            place = self._crosshair_at if point is None else self.points.xy[point]
            self.menu_asked.emit(point, place, self.mapToGlobal(self.pixel(*place).toPoint()))

    def wheelEvent(self, event: QWheelEvent) -> None:
        turned = event.angleDelta()
        notches = (turned.y() or turned.x()) / NOTCH  # with Shift some systems turn it sideways
        if event.modifiers() & SHIFT:
            self.radius_turned.emit(ZOOM**notches)
        elif self._stroke is None:
            self.zoom(ZOOM**notches, self.area.clip(self.place(event.position())))
            self._point_again(event.position())
        event.accept()

    def _point_again(self, spot: QPointF) -> None:
        """The pointer is where it was, and under it is the same place, or another."""
        place = self.place(spot)
        self._ring.setPos(*place)
        self.pointed.emit(place if self.area.contains(place[None]).all() else None)

    def _begin(self, tool: str, label: int, at: Place) -> None:
        self._stroke = TOOLS[tool].stroke(self, self._next_stroke(), label, at)

    def _label_of(self, button: Qt.MouseButton) -> int | None:
        """The class that a button works with; None where it does nothing."""
        if button == Qt.MouseButton.LeftButton:
            return self.label
        if button == Qt.MouseButton.RightButton and self.task.choices == (0, 1) and self.label < 2:
            return 1 - self.label
        return None

    # ── the keyboard ─────────────────────────────────────────────────────────────────────────────────────────────

    def event(self, event: QEvent) -> bool:
        """Space is the plane's own while the pointer is in it: what is dragged then pans. Else it trains."""
        is_key = event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent)
        if is_key and event.key() == Qt.Key.Key_Space and self._has_pointer:  # type: ignore[attr-defined]
            event.accept()
            return True
        return super().event(event)

    def borrow_keyboard(self, event: QKeyEvent) -> None:
        """Have the keyboard while Space is down in the plane, if a key that is about to be struck is that."""
        if event.key() == Qt.Key.Key_Space and self._has_pointer:
            self._lender = QApplication.focusWidget()
            self.setFocus(Qt.FocusReason.OtherFocusReason)
            event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, modifiers = Qt.Key(event.key()), event.modifiers()
        if key in ARROWS:
            self._go(np.array(ARROWS[key], dtype=np.float64), modifiers, event.isAutoRepeat())
        elif key in ZOOMS:
            self.zoom(ZOOMS[key], self._crosshair_at if self._crosshair.isVisible() else None)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._at_crosshair("draw")
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and len(self.selection):
            self.erase(self.selection.indices)
        elif key == Qt.Key.Key_Delete:
            self._at_crosshair("erase")
        elif key == Qt.Key.Key_Escape and (self._stroke is not None or len(self.selection)):
            self._give_up()
        elif key == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._space = True
        else:
            event.ignore()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            if self._space:
                self.train_asked.emit()
            self._space = False
            if self._lender is not None:
                self._lender.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            super().keyReleaseEvent(event)

    def _go(self, way: Place, modifiers: Qt.KeyboardModifier, repeats: bool) -> None:
        """Pan, or move what is selected, or the crosshair, in the direction of an arrow key."""
        step = (STRIDE if modifiers & SHIFT else STEP) * self.area.share
        if modifiers & CONTROL:
            self.look_at_area(self.area.moved(way * PAN * self.area.side))
        elif len(self.selection):
            self._nudge(way * step, repeats)
        else:
            self._show_crosshair(self.area.clip(self._crosshair_at + step * way))

    def _give_up(self) -> None:
        """Drop what is being drawn, or else what is selected."""
        if self._stroke is None:
            self.selection.choose(NOBODY)
        self._let_go()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self._show_crosshair(self.area.clip(self._crosshair_at))

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._space, self._lender = False, None
        if self._crosshair.isVisible():
            self._crosshair.hide()
            self.pointed.emit(None)

    def _at_crosshair(self, tool: str) -> None:
        self._show_crosshair(self.area.clip(self._crosshair_at))
        self._begin(tool, self.label, self._crosshair_at)
        self._stroke = None

    @property
    def crosshair(self) -> Place:
        """The place (2,) that the keyboard is at, or was last."""
        return self.area.clip(self._crosshair_at)

    def _show_crosshair(self, place: Place) -> None:
        self._crosshair_at = place
        self._crosshair.setPos(*place)
        self._crosshair.show()
        self.pointed.emit(place)


def _mark(path: QPainterPath) -> QGraphicsPathItem:
    result = QGraphicsPathItem(path)
    result.hide()
    return result


def _circle() -> QPainterPath:
    path = QPainterPath()
    path.addEllipse(QPointF(), 1, 1)
    return path


def _cross() -> QPainterPath:
    path = QPainterPath()
    for x1, x2 in ARROWS.values():
        path.moveTo(0.2 * x1, 0.2 * x2)
        path.lineTo(0.6 * x1, 0.6 * x2)
    return path
