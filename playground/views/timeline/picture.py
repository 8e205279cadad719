"""Picture of the timeline: the curves and the marks, drawn anew only where there is something new.

The curves of the other runs change with the list of runs alone, so they are a picture of their own, the ground of the
one in which this run's curves grow, and those of the lanes that race with it.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPen, QPixmap

from playground.model.branch import RunSummary
from playground.runtime.frame import Frame, Status
from playground.ui import theme
from playground.ui.plots import draw_marks, polyline
from playground.ui.throttle import Throttle
from playground.views.others import other_curves
from playground.views.timeline.scales import ABOVE, BELOW, BESIDE, HEIGHT, LossScale, StepScale

PAUSE = 0.1  # seconds from one picture of growing curves to the next
PENS = {"train": "muted", "test": "text"}  # solid: dashes take ten times as long
KNOB = 4  # pixels: the radius of the playhead's


class Picture:
    """Picture of a run's losses over its steps, above the pale ones of the others, with its marks.

    Its colours stay: another theme needs another.

    Attributes:
        playhead: a picture of its own, since it moves.
    """

    def __init__(self) -> None:
        self.playhead = QPixmap()
        self._picture, self._ground = QPixmap(), QPixmap()
        self._drawn: object = None  # what the picture was drawn of
        self._grounded: object = None  # and the ground
        self._losses: LossScale | None = None
        self._runs: object = None  # the list of runs that the lowest loss is of
        self._lowest = math.inf
        self._growth = Throttle(PAUSE)

    def of(self, frame: Frame, steps: StepScale, is_log: bool, ratio: float) -> QPixmap:
        """The picture of a moment; while it trains the curves grow not as often as the playhead moves."""
        is_over = frame.status is Status.DIVERGED
        drawn = steps, is_log, ratio, frame.runs, frame.marks, is_over
        if drawn != self._drawn or self._growth.is_due(frame.training):
            with self._growth:
                self._drawn = drawn
                self._picture = self._drawn_of(frame, steps, self._loss_scale(frame, is_log), ratio)
        return self._picture

    def _loss_scale(self, frame: Frame, is_log: bool) -> LossScale:
        """From the lowest loss of all runs to this one's highest: others may have grown beyond all bounds.

        It stays as it was, where nobody would see a difference.
        """
        own = _above_nought(np.concatenate([frame.curve.train, frame.curve.test]))
        low, high = (float(own.min()), float(own.max())) if len(own) else (0.1, 1.0)
        scale = LossScale(min(low, _lowest(frame.lanes), self._lowest_of_others(frame)), high, is_log)
        if self._losses is None or not scale.is_like(self._losses):
            self._losses = scale
        return self._losses

    def _lowest_of_others(self, frame: Frame) -> float:
        if frame.runs is not self._runs:
            self._runs = frame.runs
            self._lowest = _lowest(frame.runs)
        return self._lowest

    def _drawn_of(self, frame: Frame, steps: StepScale, losses: LossScale, ratio: float) -> QPixmap:
        picture = self._ground_of(frame, steps, losses, ratio).copy()
        painter = QPainter(picture)
        _draw_others(painter, frame.lanes, steps, losses)
        for name, values in (("train", frame.curve.train), ("test", frame.curve.test)):
            painter.setPen(theme.colour(PENS[name]))
            _draw(painter, steps, losses, frame.curve.steps, values)
        draw_marks(painter, {round(steps.x_of(step)) for step, _ in frame.marks}, QRectF())
        if frame.status is Status.DIVERGED:
            _draw_cross(painter, steps.x_of(frame.end))
        painter.end()
        return picture

    def _ground_of(self, frame: Frame, steps: StepScale, losses: LossScale, ratio: float) -> QPixmap:
        """The line that the curves stand on, and those of the runs that do not grow."""
        racing = {lane.number for lane in frame.lanes}
        grounded = steps, losses, ratio, frame.runs, racing
        if grounded != self._grounded:
            self._grounded = grounded
            self.playhead = _playhead(ratio)
            self._ground = QPixmap(QSize(steps.width, HEIGHT) * ratio)
            self._ground.setDevicePixelRatio(ratio)
            self._ground.fill(theme.colour("window"))
            painter = QPainter(self._ground)
            painter.setPen(theme.colour("line"))
            painter.drawLine(BESIDE, HEIGHT - BELOW, steps.width - BESIDE, HEIGHT - BELOW)
            _draw_others(painter, tuple(run for run in frame.runs if run.number not in racing), steps, losses)
            painter.end()
        return self._ground


def draw_way(painter: QPainter, start: float, goal: float, share: float) -> None:
    """From the playhead to where it will be: a quiet line to a ring, and a strong one as far as it is behind."""
    y = HEIGHT - BELOW
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for alpha, end in ((0.3, goal), (1.0, start + share * (goal - start))):
        painter.setPen(QPen(theme.colour("accent", alpha), 3))
        painter.drawLine(QPointF(start, y), QPointF(end, y))
    painter.setPen(QPen(theme.colour("accent"), 1.5))
    painter.setBrush(theme.colour("window"))
    painter.drawEllipse(QPointF(goal, y), KNOB - 1, KNOB - 1)
    painter.restore()


def _playhead(ratio: float) -> QPixmap:
    """The playhead, as wide as its knob."""
    picture = QPixmap(QSize(2 * KNOB, HEIGHT) * ratio)
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour("accent"))
    painter.drawRect(KNOB - 1, 0, 2, HEIGHT - BELOW)
    painter.drawEllipse(QPointF(KNOB, HEIGHT - BELOW), KNOB, KNOB)
    painter.end()
    return picture


def _above_nought(losses: NDArray[np.float64]) -> NDArray[np.float64]:
    return losses[np.isfinite(losses) & (losses > 0)]


def _lowest(runs: tuple[RunSummary, ...]) -> float:
    """The lowest loss of those that are not looked at."""
    seen = [_above_nought(values) for _, _, values in other_curves(runs)]
    return float(np.concatenate([[math.inf], *seen]).min())


def _draw_others(painter: QPainter, runs: tuple[RunSummary, ...], steps: StepScale, losses: LossScale) -> None:
    for colour, at, values in other_curves(runs):
        painter.setPen(colour)
        is_on = losses.has(values)  # along the edge it would be taken for the lowest or highest
        _draw(painter, steps, losses, at[is_on], values[is_on])


def _draw(
    painter: QPainter, steps: StepScale, losses: LossScale, at: NDArray[np.int64], values: NDArray[np.float64]
) -> None:
    is_seen = np.isfinite(values)
    if is_seen.any():
        painter.drawPolyline(polyline(steps.x_of(at[is_seen]), losses.y_of(values[is_seen])))


def _draw_cross(painter: QPainter, x: float) -> None:
    """Where the numbers grew beyond all bounds."""
    y = ABOVE - 3
    painter.setPen(QPen(theme.colour("warning"), 2))
    painter.drawLine(QPointF(x - 4, y - 4), QPointF(x + 4, y + 4))
    painter.drawLine(QPointF(x - 4, y + 4), QPointF(x + 4, y - 4))
