"""Metrics view: up to six figures of a run over its steps, each in a small plot, and what is seen of them."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Collection
from enum import Enum

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QMenu, QSizePolicy, QVBoxLayout, QWidget

from engine.training import Experiment
from engine.training.spec.rules import Real
from playground.runtime.frame import Frame
from playground.runtime.survey import Survey
from playground.ui import theme
from playground.ui.choice import Choice
from playground.ui.controls import Button, tell, tiled
from playground.ui.fields import SliderField
from playground.views.metrics.plot import MetricPlot
from playground.views.metrics.table import METRICS, Readings

AT_ONCE = 6  # plots
FIRST = ("loss", "quality", "gradient", "ratio")  # that are seen at first
LEFT = 408  # pixels of the controls, at the usual text size
COLUMNS = {1: 1, 2: 2, 4: 2}  # of so many plots; of others three
SMOOTHINGS = (0, 0.3, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.97, 0.98, 0.99)


class Scale(Enum):
    """Scale of the plots, as the user chooses it."""

    USUAL = "Usual"
    LINEAR = "Linear"
    LOG = "Log"


SCALES = {Scale.USUAL: None, Scale.LINEAR: False, Scale.LOG: True}
TIPS = {
    Scale.USUAL: "Each plot on the scale that suits it",
    Scale.LINEAR: "All plots from 0 on",
    Scale.LOG: "All plots logarithmic: every factor of ten has the same height",
}


class MetricsView(QWidget):
    """Metrics view: what is plotted and how at the left, the plots beside it."""

    sought = Signal(object)  # the step to go to
    turned = Signal(str, bool)  # a metric, and whether the user wants it plotted
    export_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Metrics")
        self._survey = Survey()
        self._frame: Frame | None = None
        self._scale = Scale.USUAL
        self._chips = {name: Button(role="chip", tip=metric.words) for name, metric in METRICS.items()}
        self._plots: dict[str, MetricPlot] = {}
        self._choice = Choice("Scale of the plots", Scale, TIPS)
        self._choice.show_choice(self._scale)
        tip = "Exponential moving average: how much of each value is that of the values before it"
        self._smoothing = SliderField("Smoothing", Real(0, 0.99), SMOOTHINGS, tip=tip)
        self._export = Button(
            "Export…",
            role="small",
            name="Export the metrics",
            tip="Save what is plotted as a table (CSV) or a picture (PNG, SVG)",
        )
        self._grid = QGridLayout()
        self._lay_out()
        for name, chip in self._chips.items():
            chip.setCheckable(True)
            chip.clicked.connect(lambda on, name=name: self._turn(name, on))
        self._choice.chosen.connect(self._rescale)
        self._smoothing.changed.connect(self._redraw)
        self._export.clicked.connect(self.export_asked)
        self._name_chips(None)
        self.show_metrics(FIRST)

    def _lay_out(self) -> None:
        self._left = QWidget()
        left = QVBoxLayout(self._left)
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(theme.GAP)
        left.addLayout(tiled(self._chips.values(), 3))
        row = QHBoxLayout()
        row.addWidget(self._choice, 1)
        row.addWidget(self._export)
        left.addLayout(row)
        left.addWidget(self._smoothing)
        self._smoothing.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        left.addStretch()
        self._grid.setSpacing(theme.GAP)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, theme.GAP // 2, 0, 0)
        layout.setSpacing(2 * theme.GAP)
        layout.addWidget(self._left)
        layout.addLayout(self._grid, 1)
        theme.theme().changed.connect(self._fit)
        self._fit()

    def _fit(self) -> None:
        self._left.setFixedWidth(max(theme.px(LEFT), self._left.minimumSizeHint().width()))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._left.width() + 300, super().minimumSizeHint().height())

    # ── what is plotted ──────────────────────────────────────────────────────────────────────────────────────────

    @property
    def chosen(self) -> tuple[str, ...]:
        """The metrics that are plotted."""
        return tuple(self._plots)

    def show_metrics(self, names: Collection[str]) -> None:
        """Plot these, as many as have room, and no others."""
        chosen = [name for name in METRICS if name in names][:AT_ONCE]
        for name, chip in self._chips.items():
            chip.setChecked(name in chosen)
        for name in self._plots.keys() - chosen:
            plot = self._plots.pop(name)
            self._grid.removeWidget(plot)
            plot.deleteLater()
        self._plots = {name: self._plots.get(name) or self._new_plot(name) for name in chosen}
        columns = COLUMNS.get(len(chosen), 3)
        for i, plot in enumerate(self._plots.values()):
            self._grid.addWidget(plot, i // columns, i % columns)
        for column in range(3):
            self._grid.setColumnStretch(column, int(column < columns))
        self._redraw()

    def _turn(self, name: str, on: bool) -> None:
        """Plot one more, or one less, unless there would be too many or none."""
        chosen = {*self.chosen, name} if on else {*self.chosen} - {name}
        if not 1 <= len(chosen) <= AT_ONCE:
            self._chips[name].setChecked(not on)
            reason = f"{AT_ONCE} at once: turn another one off first." if on else "At least one stays on."
            tell(self._chips[name], reason)
            return
        self.show_metrics(chosen)
        self.turned.emit(name, on)

    def _new_plot(self, name: str) -> MetricPlot:
        plot = MetricPlot(name)
        plot.hovered.connect(self._point)
        plot.menu_asked.connect(self._open_menu)
        return plot

    def _name_chips(self, experiment: Experiment | None) -> None:
        for name, chip in self._chips.items():
            title = METRICS[name].title(experiment)
            if title != chip.text():
                chip.setText(title)
                chip.setAccessibleName(title)
                self._fit()

    def _rescale(self, scale: Scale) -> None:
        self._scale = scale
        self._choice.show_choice(scale)
        self._redraw()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._fit()  # the controls are dressed by now, and know how wide they are

    # ── showing ──────────────────────────────────────────────────────────────────────────────────────────────────

    def show_frame(self, frame: Frame) -> None:
        """Take what was changed when, and how far the run goes."""
        self._frame = frame
        self._name_chips(frame.experiment)

    def show_survey(self, survey: Survey) -> None:
        """Draw the course of a run."""
        self._survey = survey
        self._redraw()

    def _redraw(self) -> None:
        for plot in self._plots.values():
            if self._frame is not None:
                plot.show_marks(self._frame.marks)
            plot.show_survey(self._survey, SCALES[self._scale], self._smoothing.value())

    def _point(self, step: float | None) -> None:
        for plot in self._plots.values():
            if plot is not self.sender():
                plot.point_at(step)

    def _open_menu(self, step: float | None, at: QPoint) -> None:
        if step is None or self._frame is None:
            return
        goal = min(max(round(step), self._frame.start), self._frame.end)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(theme.icon("skip-forward"), f"Go to step {goal:,}").triggered.connect(
            lambda: self.sought.emit(goal)
        )
        menu.popup(at)

    @property
    def plotted(self) -> QRect:
        """Where the plots are."""
        return self._grid.geometry()

    def as_csv(self) -> str:
        """What is plotted as a table: a row for each moment, a column for each curve, unsmoothed."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        columns = {
            f"{METRICS[name].title(self._survey.experiment)} {curve}".strip(): values
            for name in self._plots
            for curve, (_, values) in Readings(METRICS[name]).of(self._survey.moments).items()
        }
        writer.writerow(["step", *columns])
        for i, moment in enumerate(self._survey.moments):
            values = [float(values[i]) for values in columns.values()]
            writer.writerow([moment.step, *(repr(value) if math.isfinite(value) else "" for value in values)])
        return out.getvalue()
