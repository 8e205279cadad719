"""Plot style: what plots share: the pens of their lines, points as Qt draws them, the legend's samples, and marks."""

from __future__ import annotations

from typing import Any

import numpy as np
import shiboken6
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPen, QPixmap, QPolygonF

from playground.ui import theme

SAMPLE = QSize(20, 12)  # pixels of a line in a legend


def polyline(x: NDArray[np.floating], y: NDArray[np.floating]) -> QPolygonF:
    """Points (n,) and (n,) as what Qt draws, copied in one go: one by one they take a hundred times as long."""
    result = QPolygonF()
    result.resize(len(x))
    if len(x):
        pointer: Any = shiboken6.VoidPtr
        memory = pointer(result.data(), 16 * len(x), True)  # bytes: two numbers a point; to be written to
        np.frombuffer(memory, dtype=np.float64).reshape(-1, 2)[:] = np.column_stack([x, y])
    return result


def line_pen(token: str, style: Qt.PenStyle) -> QPen:
    """The pen of a curve, a pixel wide on the screen at the usual text size, whatever the scale."""
    pen = QPen(theme.colour(token), theme.px(1), style)
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
