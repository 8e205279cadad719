"""Painting of loss axes: the lines, the numbers along them, and what they count."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter

from playground.ui import theme
from playground.views.loss.axes import LossAxes

TICK = 4  # pixels
STEPS = "step"  # what is counted along the axis
_CENTRE, _LEFT, _RIGHT = (
    side | Qt.AlignmentFlag.AlignVCenter
    for side in (Qt.AlignmentFlag.AlignHCenter, Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight)
)


def paint_axes(
    painter: QPainter,
    axes: LossAxes,
    area: QRectF,
    outer: QRectF,
    steps: Iterable[tuple[float, str]],
    title: str = "loss",
) -> None:
    """The axes around an area of curves, in the painter's font, with what is written inside of an outer rectangle.

    `steps` are the numbers along them, and as they are written; `title` is what the heights are.
    """
    line = painter.fontMetrics().height()
    painter.setPen(theme.colour("line"))
    painter.drawPolyline([area.topLeft(), area.bottomLeft(), area.bottomRight()])
    painter.setPen(theme.colour("muted"))
    taken = area.bottom() + line
    for height, text in axes.losses():
        y = axes.point(0, height, area).y()
        if abs(y - taken) < 0.8 * line:  # no room: one over the other says nothing
            continue
        taken = y
        box = QRectF(outer.left(), y - line / 2, area.left() - 2 * TICK - outer.left(), line)
        painter.drawText(box, _RIGHT, text)
        painter.fillRect(QRectF(area.left() - TICK, y, TICK, 1), theme.colour("line"))
    end = outer.right() - painter.fontMetrics().horizontalAdvance(f" {STEPS}")
    for step, text in steps:
        x = axes.point(step, 0, area).x()
        if x + painter.fontMetrics().horizontalAdvance(text) / 2 <= end:
            painter.drawText(QRectF(x - 50, area.bottom() + TICK, 100, line), _CENTRE, text)
        painter.fillRect(QRectF(x, area.bottom(), 1, TICK), theme.colour("line"))
    # beside the axis, and not over the number at its end
    painter.drawText(QRectF(area.left() + TICK, area.top() - line, area.width(), line), _LEFT, title)
    painter.drawText(QRectF(area.left(), area.bottom() + TICK, outer.right() - area.left(), line), _RIGHT, STEPS)
