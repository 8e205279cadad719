"""Splitter: panes with a divider between them that is seen, and 8 pixels to the hand."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSplitter, QSplitterHandle

from playground.ui import theme

GRIP = 18  # pixels from the middle of the grip to its ends


class Splitter(QSplitter):
    """Splitter whose panes cannot be pushed out of sight."""

    def __init__(self, orientation: Qt.Orientation = Qt.Orientation.Horizontal) -> None:
        super().__init__(orientation)
        self.setHandleWidth(theme.GAP)
        self.setChildrenCollapsible(False)

    def createHandle(self) -> QSplitterHandle:
        return _Handle(self.orientation(), self)


class _Handle(QSplitterHandle):
    """Divider: a short bar in its middle, in the accent under the pointer."""

    def __init__(self, orientation: Qt.Orientation, parent: QSplitter) -> None:
        super().__init__(orientation, parent)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setToolTip("Drag to share the room")

    def event(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.HoverEnter, QEvent.Type.HoverLeave):
            self.update()
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        token = "accent" if self.underMouse() else "muted"
        painter.setPen(QPen(theme.colour(token), 3, c=Qt.PenCapStyle.RoundCap))
        middle = QPointF(self.width() / 2, self.height() / 2)
        along = QPointF(GRIP, 0) if self.orientation() == Qt.Orientation.Vertical else QPointF(0, GRIP)
        painter.drawLine(middle - along, middle + along)
