"""Cards: framed surfaces that hold widgets, one below the other."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from playground.ui import theme

LEAST = QSize(300, 80)  # pixels that what is panned shows of itself, whatever the size of the text


class CappedCard(QFrame):
    """Capped card: no higher than what stands on it can use at its width; the rest is its neighbours'.

    Args:
        height_at: the height that it can use, by the width.
    """

    def __init__(self, height_at: Callable[[int], int]) -> None:
        super().__init__()
        self._height_at = height_at

    def event(self, event: QEvent) -> bool:
        handled = super().event(event)
        layout = self.layout()
        if layout is not None and event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            inside = layout.contentsRect()
            self.setMaximumHeight(self._height_at(inside.width()) + self.height() - inside.height())
        return handled


class Column(QWidget):
    """Column of cards, between two widths at the usual text size; wider where a larger font needs more."""

    def __init__(self, narrowest: int, widest: int) -> None:
        super().__init__()
        self._widths = narrowest, widest
        self.cards = QVBoxLayout(self)
        self.cards.setContentsMargins(0, 0, 0, 0)
        self.cards.setSpacing(theme.GAP)
        theme.theme().changed.connect(self._grow)
        self._grow()

    def _grow(self) -> None:
        self.setMaximumWidth(theme.px(self._widths[1]))
        self.updateGeometry()

    def minimumSizeHint(self) -> QSize:
        return super().minimumSizeHint().expandedTo(QSize(theme.px(self._widths[0]), 0))


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


class Panned(QScrollArea):
    """Scroll area that shows all it holds where there is room for its least size, and has bars where there is not.

    Qt's own way gives what has lines of text that wrap the height that it likes, not the least.
    """

    def __init__(self, content: QWidget) -> None:
        super().__init__()
        self._content = content
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(content)
        content.setAutoFillBackground(False)  # which setWidget has just told it to do

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """QScrollArea watches what it holds."""
        if watched is self._content and event.type() == QEvent.Type.LayoutRequest:
            self._fit()
        return super().eventFilter(watched, event)

    def _fit(self) -> None:
        room, least = self.maximumViewportSize(), self._content.minimumSizeHint()
        bar = self.verticalScrollBar().sizeHint().width()
        if least.height() > room.height():
            room.setWidth(room.width() - bar)
        if least.width() > room.width():
            room.setHeight(room.height() - bar)
        self._content.resize(room.expandedTo(least))

    def minimumSizeHint(self) -> QSize:
        return LEAST


class Scrolled(QScrollArea):
    """Scroll area around a card, so many pixels wide at the usual text size; on low screens its bar is among them.

    It is wider where a larger font needs more.
    """

    def __init__(self, card: QFrame, width: int) -> None:
        super().__init__()
        self._card, self._usual_width = card, width
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(card)
        theme.theme().changed.connect(self._grow_later)
        self._grow()

    def _grow_later(self) -> None:
        QTimer.singleShot(0, self, self._grow)  # when all that it holds has grown

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._grow()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """QScrollArea watches what it holds."""
        if watched is self._card and event.type() == QEvent.Type.LayoutRequest:
            self._grow()
        return super().eventFilter(watched, event)

    def _grow(self) -> None:
        needed = self._card.minimumSizeHint().width() + self.verticalScrollBar().sizeHint().width()
        is_dressed = self.isVisible()  # else its fonts are none that will be seen
        self.setFixedWidth(max(theme.px(self._usual_width), needed if is_dressed else 0))
