"""The small controls of the network diagram: round and square buttons, the activation's box, the label at the pointer.

They paint themselves, because they must shrink to 20 pixels without losing their sign.
"""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import QMargins, QPoint, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QEnterEvent, QFont, QFontMetrics, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QAbstractButton, QComboBox, QWidget

from engine.nn import ACTIVATIONS
from engine.training import LayerSpec
from playground import theme
from playground.views.network_layout import SPACE, Slots

SMALL = 11.5
ARM = 4.0  # of a + or −, from its centre
CARET = 3.0
POINTER_OFFSET = QPoint(12, 16)
LABEL_MARGIN = (8, 5)


class Sign(Enum):
    """What a button bears: the lines of its sign, in arms from the centre."""

    LESS = ((-1, 0, 1, 0),)
    MORE = ((-1, 0, 1, 0), (0, -1, 0, 1))
    REMOVE = ((-0.75, -0.75, 0.75, 0.75), (-0.75, 0.75, 0.75, -0.75))


def outline(widget: QWidget) -> QColor:
    """A control's border: the accent with the focus, stronger under the pointer."""
    if widget.hasFocus():
        return theme.colour("accent")
    return theme.colour("muted" if widget.isEnabled() and widget.underMouse() else "line")


class SignButton(QAbstractButton):
    """A button with a sign, and beside it its text if there is any."""

    def __init__(self, parent: QWidget, sign: Sign, name: str, *, round_ends: bool = False) -> None:
        super().__init__(parent)
        self._sign, self._round_ends = sign, round_ends
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)  # moves that it ignores reach the diagram, which then ends its hovering
        self.setFont(theme.font(SMALL))

    def enterEvent(self, event: QEnterEvent) -> None:
        self.update()
        super().enterEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(outline(self), 1))
        painter.setBrush(theme.colour("highlight" if self.isDown() else "panel"))
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        radius = frame.height() / 2 if self._round_ends else theme.RADIUS
        painter.drawRoundedRect(frame, radius, radius)
        ink = theme.colour("text") if self.isEnabled() else theme.colour("muted", 0.5)
        painter.setPen(QPen(ink, 1.5, c=Qt.PenCapStyle.RoundCap))
        middle = frame.center()
        if self.text():
            middle.setX(frame.height() / 2)
        for x0, y0, x1, y1 in self._sign.value:
            painter.drawLine(middle + ARM * QPointF(x0, y0), middle + ARM * QPointF(x1, y1))
        painter.setPen(ink)
        left = round(middle.x() + ARM) + SPACE
        painter.drawText(self.rect().adjusted(left, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, self.text())


class ActivationBox(QComboBox):
    """The activation of a layer, in as little room as there is."""

    def __init__(self, parent: QWidget, name: str) -> None:
        super().__init__(parent)
        for key, activation in ACTIVATIONS.items():
            self.addItem(activation.label, key)
        self.setAccessibleName(name)
        self.setMouseTracking(True)
        self.setFont(theme.font(SMALL))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        # The list is as wide as its widest entry, however narrow the box.
        self.view().setMinimumWidth(self.view().sizeHintForColumn(0) + 4 * theme.GAP)

    def setValue(self, key: str) -> None:
        """Show an activation; emits nothing that the user's choice emits."""
        self.setCurrentIndex(self.findData(key))
        self.setToolTip(f"{self.accessibleName()}: {self.currentText()}")

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # a stray turn of the wheel must not begin a new network

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(outline(self), 1))
        painter.setBrush(theme.colour("field"))
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(frame, theme.RADIUS, theme.RADIUS)
        painter.setPen(QPen(theme.colour("muted"), 1.2))
        tip = frame.center() + QPointF(frame.width() / 2 - 2 * CARET - 1, CARET / 2)
        painter.drawPolyline([tip + QPointF(-CARET, -CARET), tip, tip + QPointF(CARET, -CARET)])
        painter.setPen(theme.colour("text"))
        inset = min(theme.GAP, self.width() // 12)
        room = self.rect().adjusted(inset, 0, -round(3 * CARET) - 3, 0)
        text = self.fontMetrics().elidedText(self.currentText(), Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, text)


class LayerControls:
    """All that changes one hidden layer."""

    def __init__(self, parent: QWidget, layer: int) -> None:
        name = f"layer {layer + 1}"
        self.fewer = SignButton(parent, Sign.LESS, f"Remove a neuron from {name}")
        self.more = SignButton(parent, Sign.MORE, f"Add a neuron to {name}")
        self.activation = ActivationBox(parent, f"Activation of {name}")
        self.remove = SignButton(parent, Sign.REMOVE, f"Remove {name}")
        self.widgets = (self.fewer, self.more, self.activation, self.remove)

    def show(self, spec: LayerSpec, low: int, high: int) -> None:
        self.activation.setValue(spec.activation)
        self.fewer.setEnabled(spec.size > low)
        self.more.setEnabled(spec.size < high)
        for widget in self.widgets:
            widget.show()

    def hide(self) -> None:
        for widget in self.widgets:
            widget.hide()

    def place(self, slots: Slots) -> None:
        self.fewer.setGeometry(slots.fewer)
        self.more.setGeometry(slots.more)
        self.activation.setGeometry(slots.activation)
        self.remove.setGeometry(slots.remove)


class PointerLabel(QWidget):
    """A line of text at a point of its parent, never beyond the parent's edge, deaf to the mouse."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFont(theme.font(SMALL, QFont.Weight.Medium))
        self.text = ""
        self.hide()

    def say(self, text: str, point: QPoint) -> None:
        """Show a text below and to the right of a point, or above it where there is no room."""
        room = self.parentWidget().rect()
        metrics, (dx, dy) = QFontMetrics(self.font()), LABEL_MARGIN
        box = QRect(
            point + POINTER_OFFSET, metrics.size(0, text).grownBy(QMargins(dx, dy, dx, dy)).boundedTo(room.size())
        )
        if box.bottom() > room.bottom():
            box.moveBottom(point.y() - POINTER_OFFSET.y() // 2)
        box.moveLeft(min(box.left(), room.right() - box.width()))
        box.moveTop(max(box.top(), 0))
        if text != self.text:
            self.text = text
            self.update()
        self.setGeometry(box)
        self.show()
        self.raise_()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("text"))
        painter.drawRoundedRect(self.rect(), SPACE, SPACE)
        painter.setPen(theme.colour("panel"))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text)
