"""Plot style: what plots share, the colours of their axes, the pens of their lines, the legend's samples, and marks."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPen, QPixmap, QPolygonF

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
    if style is Qt.PenStyle.DashLine:
        pen.setDashPattern([4, 4])
    return pen


def sample(pen: QPen) -> QPixmap:
    """A piece of a curve, for the legend."""
    size = QSize(theme.px(SAMPLE.width()), theme.px(SAMPLE.height()))
    pixmap = QPixmap(size)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setPen(pen)
    painter.drawLine(0, size.height() // 2, size.width(), size.height() // 2)
    painter.end()
    return pixmap


def draw_marks(painter: QPainter, xs: set[int], area: QRectF) -> None:
    """Where settings changed: a triangle each at the top of an area."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour("accent"))
    top = area.top()
    for x in sorted(xs):
        painter.drawPolygon(QPolygonF([QPointF(x - 5, top + 1), QPointF(x + 5, top + 1), QPointF(x, top + 9)]))
    painter.restore()
