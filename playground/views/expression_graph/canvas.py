"""Canvas: the expression graph on the screen, to be moved, enlarged, opened, closed and walked over."""

from __future__ import annotations

import dataclasses
from typing import Any

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from playground.ui import theme
from playground.views.expression_graph.folding import Key
from playground.views.expression_graph.painting import NEAR, Emphasis, ScenePainter, readable
from playground.views.expression_graph.scene import Scene

SMALLEST, LARGEST = 0.05, 4.0
NOTCH = 1.15  # how much a notch of the wheel enlarges
STRIDE = 60  # pixels that an arrow key moves the picture by
CLICK = 4  # pixels that a click may tremble
RIM = 6  # pixels between what is brought into view and the border
ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


class Canvas(QWidget):
    """Canvas of a scene. It tells what is chosen and what is to be opened or closed, and decides neither."""

    chosen = Signal(object)  # the key of a box, or None
    folding = Signal(object)  # the key of a part to be opened or closed
    focus_changed = Signal(bool)  # whether the keys are its own now

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scene: Scene | None = None
        self.emphasis = Emphasis()
        self.scale = self._usual = readable()
        self._origin = QPointF()  # where the scene's upper left corner lies on the widget
        self._press: QPointF | None = None
        self._dragging = False
        self._fits = True  # until the user moves it, as much of the graph as can be read is kept in view
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Expression graph")
        self.setAccessibleDescription(
            "Arrow keys go from number to number, Enter opens and closes a part, plus and minus enlarge and shrink."
        )
        theme.theme().changed.connect(self._dress)

    def sizeHint(self) -> QSize:
        return QSize(640, 260)

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(240), theme.px(100))

    def _dress(self) -> None:
        """Another theme, or another text size, with which the picture grows."""
        growth, self._usual = readable() / self._usual, readable()
        if self._fits:
            self.fit()
        elif growth != 1:
            self.enlarge(growth)
        self.update()

    # ── what is shown ────────────────────────────────────────────────────────────────────────────────────────────

    def show_scene(self, scene: Scene, anchor: Key = None) -> None:
        """Another scene. A box that is in both, the anchor, stays where it is on the widget."""
        before = None if self.scene is None else self.scene.rects.get(anchor)
        self.scene = scene
        after = scene.rects.get(anchor)
        if before is not None and after is not None and not self._has_room():
            self._origin -= (after.topLeft() - before.topLeft()) * self.scale
        elif self._fits:
            self.fit()
        self.update()

    def clear(self) -> None:
        """Show nothing."""
        self.scene, self._fits = None, True
        self.update()

    def emphasise(self, emphasis: Emphasis) -> None:
        """Show other things first; what the pointer is at stays as it is."""
        self.emphasis = dataclasses.replace(emphasis, hovered=self.emphasis.hovered)
        self.update()

    def fit(self) -> None:
        """Bring into view the whole graph, or as much of it as can be read, around what is to be seen first."""
        if self.scene is None or self.scene.size.isEmpty():
            return
        size, focus = self.scene.size, self.scene.focus(self.emphasis.selected)
        room = min(self.width() / size.width(), self.height() / size.height())
        self.scale = min(max(room, readable()), NEAR * readable())

        def begin(room: float, length: float, middle: float) -> float:
            spare = room - length * self.scale
            return spare / 2 if spare >= 0 else min(max(room / 2 - middle * self.scale, spare), 0)

        # read from left to right: of what is wider than the room the beginning is seen
        middle = min(focus.center().x(), focus.left() + (self.width() / 2 - RIM) / self.scale)
        self._origin = QPointF(
            begin(self.width(), size.width(), middle), begin(self.height(), size.height(), focus.center().y())
        )
        self._fits = True
        self.update()

    def _has_room(self) -> bool:
        """Whether all of the graph can be read at once."""
        assert self.scene is not None
        size = self.scene.size.size() * readable()
        return self._fits and size.width() <= self.width() and size.height() <= self.height()

    def enlarge(self, factor: float, around: QPointF | None = None) -> None:
        """Enlarge or shrink; what is at a point of the widget stays there."""
        around = QPointF(self.width() / 2, self.height() / 2) if around is None else around
        scale = min(max(self.scale * factor, SMALLEST), LARGEST)
        self._origin = around - (around - self._origin) * (scale / self.scale)
        self.scale, self._fits = scale, False
        self.update()

    def move_by(self, delta: QPointF) -> None:
        """Move the picture by so many pixels: what stays in sight is shifted, not painted again."""
        whole = delta.toPoint()
        self._origin += whole.toPointF()
        self._fits = False
        self.scroll(whole.x(), whole.y())

    def reveal(self, key: Key) -> None:
        """Bring a box or frame into view, as little as need be, and large enough to read."""
        if self.scene is None or key not in self.scene.rects:
            return
        rect = self.scene.rects[key]
        room = min((self.width() - 2 * RIM) / rect.width(), (self.height() - 2 * RIM) / rect.height())
        wanted = max(min(self.scale, room), readable())
        if wanted != self.scale:
            self.enlarge(wanted / self.scale, self.on_widget(rect).center())
        seen = QRectF(self.rect()).adjusted(RIM, RIM, -RIM, -RIM)
        rect = self.on_widget(self.scene.rects[key])
        dx = min(seen.right() - rect.right(), 0) if rect.left() >= seen.left() else seen.left() - rect.left()
        dy = min(seen.bottom() - rect.bottom(), 0) if rect.top() >= seen.top() else seen.top() - rect.top()
        if dx or dy:
            self.move_by(QPointF(dx, dy))

    def on_widget(self, rect: QRectF) -> QRectF:
        """Where a rectangle of the scene lies on the widget."""
        return QRectF(self._origin + rect.topLeft() * self.scale, rect.size() * self.scale)

    def _in_scene(self, point: QPointF) -> QPointF:
        return (point - self._origin) / self.scale

    # ── painting ─────────────────────────────────────────────────────────────────────────────────────────────────

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        region: Any = event.region()
        for rect in region:  # after a move two narrow strips, whose bounds would be everything
            painter.setClipRect(rect)
            painter.fillRect(rect, theme.colour("panel"))
            if self.scene is not None:
                scene_painter = ScenePainter(self.scene, self.emphasis, self.scale, self._usual, self._origin)
                scene_painter.paint(painter, QRectF(rect))

    def resizeEvent(self, event: QResizeEvent) -> None:
        if self._fits:
            self.fit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.focus_changed.emit(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.focus_changed.emit(False)

    # ── the mouse ────────────────────────────────────────────────────────────────────────────────────────────────

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            self._press, self._dragging = event.position(), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._press is not None and event.buttons():
            delta = event.position() - self._press
            if self._dragging or delta.manhattanLength() > CLICK:
                self._dragging = True
                self._press = event.position()
                self.setCursor(Qt.CursorShape.ClosedHandCursor)
                self.move_by(delta)
            return
        self._hover(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._press is None:
            return
        clicked = not self._dragging and event.button() == Qt.MouseButton.LeftButton
        self._press, self._dragging = None, False
        self.unsetCursor()
        if clicked and self.scene is not None:
            point = self._in_scene(event.position())
            part = self.scene.fold_at(point)
            if part is not None:
                self.folding.emit(part)
            else:
                self.chosen.emit(self.scene.box_at(point))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self.scene is None:
            return
        key = self.scene.box_at(self._in_scene(event.position()))
        if key is not None and not isinstance(key, int):
            self.folding.emit(key)

    def wheelEvent(self, event: QWheelEvent) -> None:
        notches = event.angleDelta().y() / 120
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.move_by(QPointF(STRIDE * (notches or event.angleDelta().x() / 120), 0))
        else:
            self.enlarge(NOTCH**notches, event.position())
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(None)

    def _hover(self, point: QPointF | None) -> None:
        key = None if point is None or self.scene is None else self.scene.box_at(self._in_scene(point))
        if key != self.emphasis.hovered:
            self.emphasis = dataclasses.replace(self.emphasis, hovered=key)
            self.setToolTip("" if key is None or self.scene is None else self.scene.title(key))
            self.update()

    # ── the keyboard ─────────────────────────────────────────────────────────────────────────────────────────────

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, chosen = Qt.Key(event.key()), self.emphasis.selected
        if key in ARROWS and event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            dx, dy = ARROWS[key]
            self.move_by(QPointF(-dx * STRIDE, -dy * STRIDE))
        elif key in ARROWS:
            self._walk(*ARROWS[key])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and chosen is not None and not isinstance(chosen, int):
            self.folding.emit(chosen)
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.enlarge(NOTCH)
        elif key == Qt.Key.Key_Minus:
            self.enlarge(1 / NOTCH)
        elif key == Qt.Key.Key_0:
            self.fit()
        elif key == Qt.Key.Key_Escape and chosen is not None:
            self.chosen.emit(None)
        else:
            super().keyPressEvent(event)

    def _walk(self, dx: int, dy: int) -> None:
        """Choose the nearest box in a direction; to the left and right, along links."""
        scene = self.scene
        if scene is None:
            return
        boxes, here = scene.folded.boxes, self.emphasis.selected
        if here not in scene.rects:
            self.chosen.emit(boxes[-1])
            return
        start = scene.rects[here].center()
        if dx:
            links = scene.folded.links
            near = [
                link.source if dx < 0 else link.target
                for link in links
                if here == (link.target if dx < 0 else link.source)
            ]
        else:
            near = [key for key in boxes if (scene.rects[key].center().y() - start.y()) * dy > 1]

        def distance(key: Key) -> tuple[float, float]:
            away = scene.rects[key].center() - start
            return (abs(away.y()), abs(away.x())) if dx else (abs(away.y()) + 3 * abs(away.x()), abs(away.y()))

        if near:
            key = min(near, key=distance)
            self.chosen.emit(key)
            self.reveal(key)
