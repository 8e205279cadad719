"""Custom-painted controls of the network diagram: buttons, the activation's box, the label at the pointer.

They paint themselves, because they must shrink to 20 pixels without losing their sign.
"""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import QMargins, QPointF, QRect, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QAbstractButton, QComboBox, QWidget

from engine.nn.activations import ACTIVATIONS, activation_named
from engine.training import LayerSpec
from playground.ui import theme
from playground.ui.controls import Courteous
from playground.views.network.layout import SPACE, Slots, bounds

SMALL = 11.5
ARM = 4.0  # of a + or −, from its centre
CARET = 3.0
CARET_ROOM = 10  # a box too narrow for its text and the caret goes without the caret
LABEL_MARGINS = QMargins(8, 5, 8, 5)


class ButtonSign(Enum):
    """Glyph: what a button bears: the lines of its sign, in arms from the centre."""

    LESS = ((-1, 0, 1, 0),)
    MORE = ((-1, 0, 1, 0), (0, -1, 0, 1))
    REMOVE = ((-0.75, -0.75, 0.75, 0.75), (-0.75, 0.75, 0.75, -0.75))


def paint_frame(painter: QPainter, widget: QWidget, fill: str, radius: float) -> None:
    """A control's ground and border: the accent with the focus, stronger under the pointer."""
    pointed = widget.isEnabled() and widget.underMouse()
    border = "accent" if widget.hasFocus() else "muted" if pointed else "line"
    width = 2 if widget.hasFocus() else 1
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme.colour(border), width))
    painter.setBrush(theme.colour(fill))
    painter.drawRoundedRect(bounds(widget.rect(), -width / 2), radius, radius)


class SignButton(Courteous, QAbstractButton):
    """Icon button: a sign, and beside it its text if there is any; a `prominent` one is round, in the accent."""

    def __init__(self, parent: QWidget, sign: ButtonSign, name: str, *, prominent: bool = False) -> None:
        super().__init__(parent)
        self._sign, self._prominent = sign, prominent
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setMouseTracking(True)  # moves that it ignores reach the diagram, which then ends its hovering
        self.setFont(theme.font(SMALL))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        stands_out = self._prominent and self.isEnabled()
        fill = "highlight" if stands_out or self.isDown() else "panel"
        paint_frame(painter, self, fill, self.height() / 2 if self._prominent else theme.RADIUS)
        ink = theme.colour("accent" if stands_out else "text")
        if not self.isEnabled():
            ink = theme.colour("muted", 0.5)
        painter.setPen(QPen(ink, 1.5, c=Qt.PenCapStyle.RoundCap))
        x, y = (self.height() if self.text() else self.width()) / 2, self.height() / 2
        for x0, y0, x1, y1 in self._sign.value:
            painter.drawLine(QPointF(x + ARM * x0, y + ARM * y0), QPointF(x + ARM * x1, y + ARM * y1))
        room = self.rect().adjusted(int(x + ARM) + SPACE, 0, 0, 0)
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, self.text())


class ActivationBox(QComboBox):
    """Combo box: the activation of a layer, in as little room as there is."""

    def __init__(self, parent: QWidget, name: str) -> None:
        super().__init__(parent)
        for key, activation in ACTIVATIONS.items():
            self.addItem(activation.label, key)
        self.setAccessibleName(name)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFont(theme.font(SMALL))
        self.setStyleSheet("QComboBox { min-height: 0; padding: 0 }")  # the layout alone says how high it is
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def showPopup(self) -> None:
        # The list is as wide as its widest entry, however narrow the box.
        self.view().setMinimumWidth(self.view().sizeHintForColumn(0) + 4 * theme.GAP)
        super().showPopup()

    def setValue(self, key: str) -> None:
        """Show an activation; emits nothing that the user's choice emits."""
        if self.findData(key) < 0:  # a formula that the user typed
            self.addItem(activation_named(key).label, key)
        self.setCurrentIndex(self.findData(key))
        self.setToolTip(f"{self.accessibleName()}: {self.currentText()}")

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # a stray turn of the wheel must not begin a new network

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_frame(painter, self, "field", theme.RADIUS)
        room = self.rect().adjusted(SPACE + 1, 0, -SPACE, 0)
        metrics, text = self.fontMetrics(), self.currentText()
        if metrics.horizontalAdvance(text) <= room.width() - CARET_ROOM:
            x, y = room.right() - CARET, room.center().y() + 1 + CARET / 2
            painter.setPen(QPen(theme.colour("muted"), 1.2))
            painter.drawPolyline([QPointF(x - CARET, y - CARET), QPointF(x, y), QPointF(x + CARET, y - CARET)])
        painter.setPen(theme.colour("text"))
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, shown)


class LayerControls:
    """Control row: all that changes one hidden layer."""

    def __init__(self, parent: QWidget, layer: int) -> None:
        name = f"layer {layer + 1}"
        self.fewer = SignButton(parent, ButtonSign.LESS, f"Remove a neuron from {name}")
        self.more = SignButton(parent, ButtonSign.MORE, f"Add a neuron to {name}")
        self.activation = ActivationBox(parent, f"Activation of {name}")
        self.remove = SignButton(parent, ButtonSign.REMOVE, f"Remove {name}")
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
    """Tooltip: a line of text about a place in its parent, never beyond the parent's edge, deaf to the mouse."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFont(theme.font(SMALL, QFont.Weight.Medium))
        self._room, self.text = parent, ""
        self.hide()

    def say(self, text: str, around: QRect) -> None:
        """Show a text below what it is about, or above where there is no room."""
        room, box = self._room.rect(), QRect()
        box.setSize(QFontMetrics(self.font()).size(0, text).grownBy(LABEL_MARGINS).boundedTo(room.size()))
        below = around.bottom() + theme.GAP
        box.moveTop(below if below + box.height() <= room.height() else around.top() - theme.GAP - box.height())
        box.moveLeft(max(0, min(around.left(), room.width() - box.width())))
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
