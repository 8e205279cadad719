"""Plot of a race: the losses of all lanes, each in its run's colour and with its letter at the end."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QPen

from playground.model.branch import RunSummary
from playground.ui import theme
from playground.ui.number_format import MISSING, write_loss
from playground.views.loss.plot import LossPlot, Points
from playground.views.race.words import LETTERS

FAR = 30  # times the lowest loss: a highest beyond it leaves those that are good too near to each other


class RacePlot(LossPlot):
    """Loss plot of the lanes of a race."""

    def __init__(self) -> None:
        super().__init__()
        self._lanes: tuple[RunSummary, ...] = ()
        self._pens: dict[str, QPen] = {}
        self.hovered.connect(self._hover)
        self.setAccessibleName("Losses of the race")
        theme.theme().changed.connect(self.recolour)
        self.recolour()

    def draw_lanes(self, lanes: tuple[RunSummary, ...]) -> None:
        """The losses so far, of test points, or of those to learn from where there are no others."""
        self._lanes = lanes
        curves = {LETTERS[i]: _losses(lane) for i, lane in enumerate(lanes)}
        self._pens = {LETTERS[i]: _pen(lane) for i, lane in enumerate(lanes)}
        seen = np.concatenate([losses[losses > 0] for _, losses in curves.values()])
        self.draw_curves(curves, log=len(seen) > 0 and bool(seen.max() > FAR * seen.min()))

    def pen_of(self, name: str) -> QPen:
        return self._pens[name]

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter, area = QPainter(self), self.area
        painter.setFont(theme.font(11, QFont.Weight.DemiBold))
        for name, (steps, heights) in self.curves.items():
            if len(steps):
                x, y = self.axes.points(steps[-1:], heights[-1:], area)
                painter.setPen(self.pen_of(name))
                painter.drawText(QPointF(x[0] + 3, min(max(y[0], area.top() + 8), area.bottom()) + 4), name)

    def _hover(self, step: float | None) -> None:
        """Say the losses that were measured nearest to a step."""
        if step is None:
            self.show_values(0.0, "")
            return
        values = [f"{LETTERS[i]} {_loss_at(lane, step)}" for i, lane in enumerate(self._lanes)]
        self.show_values(step, "\n".join([f"step {step:,.0f}", *values]))


def _loss_at(lane: RunSummary, step: float) -> str:
    train, test = lane.curve.at(step)
    loss = train if lane.test is None else test
    return write_loss(loss) if math.isfinite(loss) else MISSING


def _losses(lane: RunSummary) -> Points:
    """The curve of a lane: what there is of it."""
    losses = lane.curve.train if lane.test is None else lane.curve.test
    is_known = np.isfinite(losses)
    return lane.curve.steps[is_known], losses[is_known]


def _pen(lane: RunSummary) -> QPen:
    """The pen of a lane: that of the one that is looked at is wider."""
    pen = QPen(theme.run_colour(lane.number), theme.px(2 if lane.is_current else 1))
    pen.setCosmetic(True)
    return pen
