"""Fit: the curve that a network of one input draws, and how far each point is from it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QTransform

from playground.ui import theme
from playground.ui.plots import polyline

WIDTH = 2.0  # pixels of the curve at the usual text size


def paint_fit(
    painter: QPainter, area: QRectF, seen: QRectF, fit: NDArray[np.floating], residuals: NDArray[np.float64]
) -> None:
    """Draw a curve, and a line from each point to it.

    Args:
        area: where, in pixels.
        seen: what of the plane is seen there, in its units, with x₂ upward.
        fit: its values (n,) at the middles of n equal parts of what is seen.
        residuals: of each point its place, and the value of the curve over it, (points, 3).
    """
    to_pixels = QTransform.fromTranslate(area.left(), area.bottom())
    to_pixels.scale(area.width() / seen.width(), -area.height() / seen.height())
    to_pixels.translate(-seen.left(), -seen.top())
    x = seen.left() + (np.arange(len(fit)) + 0.5) * seen.width() / len(fit)
    painter.save()
    painter.setClipRect(area)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme.colour("muted"), 1))
    painter.drawLines([to_pixels.map(QLineF(x1, x2, x1, value)) for x1, x2, value in residuals.tolist()])
    painter.setPen(QPen(theme.colour("accent"), theme.px(WIDTH), j=Qt.PenJoinStyle.RoundJoin))
    painter.drawPolyline(to_pixels.map(polyline(x, np.clip(fit, -1e6, 1e6))))
    painter.restore()
