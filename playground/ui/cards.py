"""Cards: framed surfaces that hold widgets, one below the other."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from playground.ui import theme


class SquareCard(QFrame):
    """Square card: no higher than it is wide, but for some pixels at the usual text size."""

    def __init__(self, more: int) -> None:
        super().__init__()
        self._more = more
        theme.theme().changed.connect(self._cap)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._cap()

    def _cap(self) -> None:
        self.setMaximumHeight(self.width() + theme.px(self._more))


def panel(*parts: QWidget, fills: bool = True, card: QFrame | None = None) -> QFrame:
    """Widgets one below the other on a card; the last has what is left of the height, or nobody."""
    card = card or QFrame()
    card.setProperty("role", "panel")
    layout = QVBoxLayout(card)
    layout.setContentsMargins(12, 12, 12, 12)
    layout.setSpacing(12)
    for part in parts:
        layout.addWidget(part)
    if fills:
        layout.setStretchFactor(parts[-1], 1)
    else:
        layout.addStretch(1)
    return card


def scrolled(card: QFrame, width: int) -> QScrollArea:
    """A card of fixed width in a frame that scrolls on low screens."""
    card.setFixedWidth(width)
    area = QScrollArea()
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidgetResizable(True)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setFixedWidth(width)
    area.setWidget(card)
    return area
