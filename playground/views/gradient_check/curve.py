"""Step-size plot: the error of one derivative for every step h, what theory expects of it, and the h that is set."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPen, QPolygonF

from engine.microscope.gradcheck.step_curve import LARGEST, SMALLEST, StepCurve
from playground.ui import theme
from playground.views.gradient_check.chart import BOTTOM, HIGHEST, LOWEST, Chart, draw_diamonds, draw_dots, heights
from playground.views.gradient_check.words import NO_CURVE, power

ENDS = (SMALLEST - 0.4, LARGEST + 0.4)  # of the axis, as powers of ten
LABELLED = (-14, -10, -6, -2)
TITLE = "Relative error over h"
REACH = 12  # pixels from which a hand takes the line
GRIP = 5  # pixels


class CurvePicture(Chart):
    """Log-log plot: errors as points, hollow where a corner lies within the step; arms dashed; h a line to drag."""

    dragged = Signal(float)  # the power of ten that h is dragged to

    def __init__(self) -> None:
        super().__init__(TITLE)
        self.setToolTip(
            "Drag the line to change h. Too large an h misses how the loss bends: truncation, h²/6·|L‴|. Too small an "
            "h drowns in rounding: round-off, ε·|L|/h. The best h lies where the two meet. A hollow mark: a corner, "
            "such as ReLU's, lies within the step."
        )
        self._curve: StepCurve | None = None
        self._scale, self._exponent = 1.0, -6.0
        self._holding = False

    def show_curve(self, curve: StepCurve | None, scale: float, name: str, is_absolute: bool) -> None:
        """The curve of another parameter or snapshot, None if there is none; its steps are h·scale."""
        self._curve, self._scale, self._invitation = curve, scale, NO_CURVE
        what = f"{'Error (the derivative is 0)' if is_absolute else 'Relative error'} over h"
        self.set_title(f"{what}, {name}", f"{what}: {name.partition(' of ')[0]}", what, "Error over h")

    def show_nothing(self) -> None:
        """There is no parameter to show."""
        self._curve, self._invitation = None, ""
        self.set_title(TITLE)

    def show_step(self, exponent: float) -> None:
        """Another h, as a power of ten."""
        self._exponent = exponent
        self.update()

    def x_of(self, exponent: float) -> float:
        """The pixel of an h, given as a power of ten."""
        area = self.area
        return area.left() + (exponent - ENDS[0]) / (ENDS[1] - ENDS[0]) * area.width()

    # ── the hand ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _is_at_line(self, at: QPointF) -> bool:
        return abs(at.x() - self.x_of(self._exponent)) <= REACH and at.y() >= self.area.top()

    def _drag(self, at: QPointF) -> None:
        area = self.area
        exponent = ENDS[0] + (at.x() - area.left()) / area.width() * (ENDS[1] - ENDS[0])
        self.dragged.emit(min(max(exponent, SMALLEST), LARGEST))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._is_at_line(event.position()):
            self._holding = True
            self._drag(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._holding and event.buttons() & Qt.MouseButton.LeftButton:
            self._drag(event.position())
        else:
            shape = Qt.CursorShape.SplitHCursor if self._is_at_line(event.position()) else Qt.CursorShape.ArrowCursor
            self.setCursor(shape)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._holding = False

    # ── drawing ──────────────────────────────────────────────────────────────────────────────────────────────────

    def draw_below(self, painter: QPainter) -> None:
        area = self.area
        painter.setPen(theme.colour("muted"))
        for exponent in LABELLED:
            half = theme.px(30)
            box = QRectF(self.x_of(exponent) - half, area.bottom() + 3, 2 * half, theme.px(BOTTOM) - 3)
            painter.drawText(box, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, power(exponent))

    def draw(self, painter: QPainter) -> bool:
        curve = self._curve
        self._draw_step(painter)
        if curve is None:
            return False
        painter.setClipRect(self.area.adjusted(-6, -2, 6, 6))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        exponents = np.log10(curve.steps / self._scale)
        for arm in (curve.truncation, curve.roundoff):
            self._draw_arm(painter, exponents, arm)
        where = [QPointF(self.x_of(x), self.y_of(y)) for x, y in zip(exponents, heights(curve.errors), strict=True)]
        draw_dots(painter, where)
        draw_diamonds(painter, [p for p, corner in zip(where, curve.corners, strict=True) if corner])
        self._draw_names(painter, curve)
        return True

    def _draw_arm(self, painter: QPainter, exponents: np.ndarray, arm: np.ndarray) -> None:
        """One of the expectations, a straight line here."""
        with np.errstate(divide="ignore"):
            levels = np.log10(arm)
        seen = (levels > LOWEST - 3) & (levels < HIGHEST + 3)
        painter.setPen(QPen(theme.colour("muted"), 1.2, Qt.PenStyle.DashLine))
        points = zip(exponents[seen], levels[seen], strict=True)
        painter.drawPolyline(QPolygonF([QPointF(self.x_of(x), self.y_of(y)) for x, y in points]))

    def _draw_names(self, painter: QPainter, curve: StepCurve) -> None:
        """What the arms are called, above them at the sides, and where they meet."""
        area = self.area
        painter.setPen(theme.colour("muted"))
        if curve.truncation.any():
            self._draw_label(painter, "truncation", area.right(), area.top())
        if curve.roundoff.any():
            self._draw_label(painter, "round-off", area.left(), area.top())
        best = None if curve.best_step is None else math.log10(curve.best_step / self._scale)
        if best is not None and ENDS[0] <= best <= ENDS[1]:
            x = self.x_of(best)
            painter.setPen(QPen(theme.colour("muted"), 1, Qt.PenStyle.DotLine))
            painter.drawLine(QPointF(x, area.top() + painter.fontMetrics().height()), QPointF(x, area.bottom()))
            painter.setPen(theme.colour("muted"))
            self._draw_label(painter, f"best h {power(best)}", x, area.top() + painter.fontMetrics().height())

    def _draw_label(self, painter: QPainter, text: str, x: float, y: float) -> None:
        """A text on the ground of the panel beside a place, on the side that has room."""
        width = painter.fontMetrics().horizontalAdvance(text) + 4
        left = x + 3 if x + 3 + width <= self.area.right() else x - 3 - width
        box = QRectF(left, y, width, painter.fontMetrics().height())
        painter.fillRect(box, theme.colour("panel", 0.85))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    def _draw_step(self, painter: QPainter) -> None:
        """The line of h, with a grip at its foot."""
        area, x = self.area, self.x_of(self._exponent)
        painter.setPen(QPen(theme.colour("accent"), 2))
        painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
        painter.setBrush(theme.colour("panel"))
        painter.drawEllipse(QPointF(x, area.bottom() - GRIP), GRIP, GRIP)
