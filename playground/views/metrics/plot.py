"""Metric plot: the curves of one metric, a line at the step that is looked at, and what they are there."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen

from playground.ui import theme
from playground.ui.number_format import write_figure
from playground.views.loss.plot import PENS, LossPlot, Points
from playground.views.metrics.table import METRICS, OUTPUT, Readings, smoothed

if TYPE_CHECKING:
    from playground.runtime.survey import Survey

BAND = 0.12  # how strong the colour is where a metric should be
IN_A_ROW = 3  # figures beside the pointer
GAP = 6  # pixels between two figures above the curves


class MetricPlot(LossPlot):
    """Plot of one metric.

    Attributes:
        shown: the name of what it plots, in METRICS.
    """

    invitation = "Train to see it change"

    def __init__(self, metric: str) -> None:
        super().__init__()
        self.shown = metric
        self._readings = Readings(METRICS[metric])
        self._raw: dict[str, Points] = {}
        self._now: int | None = None  # the step that is looked at
        self._pointed: float | None = None  # the step that is pointed at, here or elsewhere
        self._is_pointed_here = False
        self.hovered.connect(self._hover)
        self._name(METRICS[metric].title(None))
        theme.theme().changed.connect(self.recolour)
        self.recolour()

    def _name(self, title: str) -> None:
        self.title = title
        self.setAccessibleName(f"{title} over the steps")
        self.setToolTip(METRICS[self.shown].words)

    def choose(self, metric: str) -> None:
        """Plot another metric from now on."""
        self.shown, self._readings = metric, Readings(METRICS[metric])

    def show_survey(self, survey: Survey, log: bool | None = None, smoothing: float = 0) -> None:
        """Draw the course of a run, on a scale that suits the metric where `log` does not say."""
        metric = METRICS[self.shown]
        title = metric.title(survey.experiment)
        if title != self.title:
            self._name(title)
            self.recolour()
        self._now, self._raw = None if survey.now is None else survey.now.step, self._readings.of(survey.moments)
        curves = {name: (steps, smoothed(values, smoothing)) for name, (steps, values) in self._raw.items()}
        self.draw_curves(curves, log=metric.is_log if log is None else log)
        self._say()

    def point_at(self, step: float | None, here: bool = False) -> None:
        """Say what the curves are at a step that is pointed at in another plot; None for no step."""
        self._pointed, self._is_pointed_here = step, here and step is not None
        self._say()
        self.update()

    def _hover(self, step: float | None) -> None:
        self.point_at(step, here=True)

    def values_at(self, step: float) -> tuple[int, dict[str, float]]:
        """The step of the moment that is nearest to a step, and what each curve is there."""
        steps = next(iter(self._raw.values()))[0]
        nearest = int(np.abs(steps - step).argmin())
        return int(steps[nearest]), {name: float(values[nearest]) for name, (_, values) in self._raw.items()}

    def _say(self) -> None:
        """The figures in a box beside the pointer, where it is over this plot."""
        if self._pointed is None or not self._raw or not self._is_pointed_here:
            self.show_values(0.0, "")
            return
        step, values = self.values_at(self._pointed)
        figures = [_written(name, value) for name, value in values.items()]
        rows = ["   ".join(figures[i : i + IN_A_ROW]) for i in range(0, len(figures), IN_A_ROW)]
        self.show_values(step, "\n".join(filter(None, [f"step {step:,}", *rows, self.mark_near(step)])))

    # painting

    def pen_of(self, name: str) -> QPen:
        if name in PENS:
            return super().pen_of(name)
        pen = QPen(_colour(name), theme.px(1))
        pen.setCosmetic(True)
        return pen

    def paint_behind(self, painter: QPainter, area: QRectF) -> None:
        if (band := METRICS[self.shown].band) is not None:
            low, high = (math.log10(end) if self.axes.is_log else end for end in band)
            top, bottom = (self.axes.point(0, height, area) for height in (high, low))
            box = QRectF(top, QPointF(area.right(), bottom.y())).intersected(area)
            painter.fillRect(box, theme.colour("accent", BAND))

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        here = self._now if self._pointed is None else self._pointed
        if here is None or not self._raw:
            return
        painter, area = QPainter(self), self.area
        step, values = self.values_at(here)
        x = self.axes.point(step, 0, area).x()
        painter.setPen(theme.colour("accent" if self._pointed is None else "muted"))
        painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
        self._paint_figures(painter, values, area)

    def _paint_figures(self, painter: QPainter, values: dict[str, float], area: QRectF) -> None:
        """The figures above the curves, as many as have room beside the title, each in its curve's colour."""
        painter.setFont(theme.font(11))
        metrics = painter.fontMetrics()
        line, right = metrics.height(), area.right()
        left = area.left() + metrics.horizontalAdvance(self.title) + 2 * GAP
        for name, value in reversed(values.items()):
            text = _written(name, value)
            width = metrics.horizontalAdvance(text)
            if right - width < left:
                break
            painter.setPen(_colour(name) if name and name not in PENS else theme.colour("text"))
            box = QRectF(right - width, area.top() - line, width + 1, line)
            painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
            right -= width + GAP


def _colour(name: str) -> QColor:
    """The colour of a curve: of a hidden layer its own."""
    return theme.run_colour(int(name)) if name.isdigit() else theme.colour("text" if name in (OUTPUT, "") else "muted")


def _written(name: str, value: float) -> str:
    """What a curve is somewhere: train 0.159, or of a layer 1: 0.159."""
    return f"{name}{'' if name in PENS or not name else ':'} {write_figure(value)}".strip()
