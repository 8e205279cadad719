"""Sharpness plot: the largest curvature of the loss over the steps, and the limit beyond which steps grow."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen

from engine.microscope.sharpness import Sharpness
from playground.ui import theme
from playground.ui.number_format import write_loss
from playground.ui.plots import line_pen
from playground.views.loss.plot import LossPlot

SHARPNESS, LIMIT = "sharpness", "limit"
PENS = {SHARPNESS: ("text", Qt.PenStyle.SolidLine), LIMIT: ("muted", Qt.PenStyle.DashLine)}
PLAIN = "The largest eigenvalue of the Hessian. Beyond the limit, 2/η or more with momentum, steps grow."
DIVIDED = "The largest eigenvalue of the Hessian, in units of what the optimiser divides gradients by; and its limit."


class SharpnessPlot(LossPlot):
    """Sharpness plot, logarithmic."""

    title = ""  # the figures above the curves say what they are
    invitation = "Train to see the sharpness"

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Sharpness over the steps")
        self._course: tuple[Sharpness, ...] = ()
        self._now: Sharpness | None = None
        self.hovered.connect(self._point)
        theme.theme().changed.connect(self.recolour)
        self.recolour()

    def show_course(self, course: tuple[Sharpness, ...], now: Sharpness | None) -> None:
        """Draw what was measured, and what it is where the run stands."""
        self._course, self._now = course, now
        steps = np.array([at.step for at in course], float)
        curves = {SHARPNESS: [at.value for at in course], LIMIT: [at.limit for at in course]} if course else {}
        self.draw_curves({name: (steps, np.array(values, float)) for name, values in curves.items()}, log=True)
        self.setToolTip(PLAIN if now is None or now.is_plain else DIVIDED)
        self.setAccessibleDescription(" ".join(self._figures()))

    def _point(self, step: float | None) -> None:
        if step is None or not self._course:
            self.show_values(0.0, "")
            return
        at = min(self._course, key=lambda known: abs(known.step - step))
        self.show_values(at.step, f"step {at.step:,}\n{SHARPNESS} {_written(at.value)}\n{LIMIT} {_written(at.limit)}")

    def _figures(self) -> list[str]:
        if self._now is None:
            return [SHARPNESS]
        limit = f"{LIMIT} {_written(self._now.limit)}"
        return [f"{SHARPNESS} {_written(self._now.value)}", limit]

    def pen_of(self, name: str) -> QPen:
        return line_pen(*PENS[name])

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter, area = QPainter(self), self.area
        painter.setFont(theme.font(11))
        metrics, left = painter.fontMetrics(), area.left()
        for text, (token, _) in zip(self._figures(), PENS.values(), strict=False):
            painter.setPen(theme.colour(token))
            width = metrics.horizontalAdvance(text)
            box = QRectF(left, area.top() - metrics.height(), width + 1, metrics.height())
            painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
            left += width + 2 * theme.GAP


def _written(value: float) -> str:
    return f"{'−' if value < 0 else ''}{write_loss(abs(value))}"
