"""Custom-painted parts of the network diagram: the heads of the layers, and the label at the pointer.

They paint themselves, because a head must shrink to the width of a number, and must be quick.
"""

from __future__ import annotations

from PySide6.QtCore import QMargins, QRect, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget

from engine.nn.activations import activation_named
from engine.training import LayerSpec
from playground.ui import theme
from playground.ui.controls import Courteous
from playground.ui.number_format import write_percent
from playground.views.network import words
from playground.views.network.layout import SPACE, bounds

SMALL = 11.5
LABEL_MARGINS = 8, 5


class LayerHead(Courteous, QAbstractButton):
    """Layer head: how many neurons a layer has, and its activation, as a tab: one layer is the chosen one."""

    def __init__(self, parent: QWidget, layer: int) -> None:
        super().__init__(parent)
        self._layer, self._spec = layer, LayerSpec()
        self.setAccessibleName(f"Layer {layer + 1}")
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setMouseTracking(True)  # moves that it ignores reach the diagram, which then ends its hovering

    def show_layer(self, spec: LayerSpec) -> None:
        """Show what a layer is like."""
        self._spec = spec
        text = words.layer(spec)
        self.setAccessibleDescription(text)
        self.setToolTip(f"Layer {self._layer + 1}: {text}. Click to change it; right-click for more.")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        border = "accent" if self.isChecked() or self.hasFocus() else "muted" if self.underMouse() else "line"
        width = 2 if self.hasFocus() else 1
        painter.setPen(QPen(theme.colour(border), width))
        painter.setBrush(theme.colour("highlight" if self.isChecked() or self.isDown() else "panel"))
        painter.drawRoundedRect(bounds(self.rect(), -width / 2), theme.RADIUS, theme.RADIUS)
        upper, lower = self.rect(), self.rect()
        upper.setBottom(self.rect().center().y() + 1)
        lower.setTop(self.rect().center().y() - 1)
        self._write(painter, upper, theme.font(SMALL, QFont.Weight.DemiBold), words.count(self._spec.size))
        label = activation_named(self._spec.activation).label
        dropout = f" · {write_percent(self._spec.dropout)}" if self._spec.dropout else ""
        self._write(painter, lower, theme.font(SMALL), label + dropout)

    def _write(self, painter: QPainter, room: QRect, font: QFont, text: str) -> None:
        """A text, or, where there is no room for all of it, its first word, or nothing."""
        advance = QFontMetrics(font).horizontalAdvance
        text = next((part for part in (text, text.split()[0]) if advance(part) <= room.width() - SPACE), "")
        painter.setFont(font)
        painter.setPen(theme.colour("text"))
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter, text)


class FrozenLegend(QLabel):
    """Legend of dashed edges, deaf to the mouse; hidden until there are some."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("Dashed: frozen", parent)
        self.setProperty("role", "small")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()


def head_height() -> int:
    """Pixels that the two lines of a head need."""
    return 2 * QFontMetrics(theme.font(SMALL)).height() + SPACE


class PointerLabel(QWidget):
    """Tooltip: a line of text about a place in its parent, never beyond the parent's edge, deaf to the mouse."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._room, self.text = parent, ""
        self.hide()

    def say(self, text: str, around: QRect) -> None:
        """Show a text below what it is about, or above where there is no room."""
        room, box = self._room.rect(), QRect()
        x, y = map(theme.px, LABEL_MARGINS)
        size = QFontMetrics(self._font()).size(0, text).grownBy(QMargins(x, y, x, y))
        box.setSize(size.boundedTo(room.size()))
        below = around.bottom() + theme.GAP
        box.moveTop(below if below + box.height() <= room.height() else around.top() - theme.GAP - box.height())
        box.moveLeft(max(0, min(around.left(), room.width() - box.width())))
        if text != self.text:
            self.text = text
            self.update()
        self.setGeometry(box)
        self.show()
        self.raise_()

    def _font(self) -> QFont:
        return theme.font(SMALL, QFont.Weight.Medium)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("text"))
        painter.drawRoundedRect(self.rect(), SPACE, SPACE)
        painter.setPen(theme.colour("panel"))
        painter.setFont(self._font())
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text)
