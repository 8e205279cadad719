"""Plot style: what plots share, the colours of their axes, the pens of their lines, and the legend's samples."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPen, QPixmap

from playground.ui import theme

SAMPLE = QSize(20, 12)  # pixels of a line in a legend


def recolour_axes(plot: Any) -> None:
    """Give the axes of a pyqtgraph plot the colours and the lettering of the theme."""
    for name in ("left", "bottom"):
        axis = plot.getAxis(name)
        axis.setPen(theme.colour("line"))
        axis.setTextPen(theme.colour("muted"))
        axis.setStyle(tickFont=theme.font(11))


def line_pen(token: str, style: Qt.PenStyle) -> QPen:
    """The pen of a curve, a pixel wide on the screen whatever the scale."""
    pen = QPen(theme.colour(token), 1, style)
    pen.setCosmetic(True)
    return pen


def sample(pen: QPen) -> QPixmap:
    """A piece of a curve, for the legend."""
    pixmap = QPixmap(SAMPLE)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setPen(pen)
    painter.drawLine(0, SAMPLE.height() // 2, SAMPLE.width(), SAMPLE.height() // 2)
    painter.end()
    return pixmap
