"""Loss view: how the loss falls on training and test points, step by step."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPoint, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QVBoxLayout, QWidget

from engine.training import Curve
from playground.runtime.frame import Frame
from playground.ui import theme
from playground.ui.controls import Button
from playground.ui.glossary import explain
from playground.ui.number_format import MISSING
from playground.ui.plots import line_pen, sample
from playground.views.loss.plot import PENS, LossPlot
from playground.views.metrics.plot import MetricPlot
from playground.views.metrics.table import METRICS

FAR = 1000  # times the lowest loss: a highest beyond it leaves the lowest flat on the floor
BELOW, NOTHING = "Below the loss", "Nothing"
LARGE = {False: ("arrows-out", "Enlarge the loss"), True: ("arrows-in", "Give the plane its place back (Escape)")}


class LossView(QWidget):
    """Loss view: the curves under a title row, which is the legend as well; below them a metric, if one is chosen.

    Attributes:
        below: the plot of that metric.
    """

    enlarge_asked = Signal(bool)  # to have the room of the plane, or to give it back
    sought = Signal(object)  # the step to go to

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Loss")
        self._frame: Frame | None = None
        self._hovered: float | None = None  # the step that the pointer is at
        self._others: object = None  # the list of runs whose curves are drawn, and how
        self._is_chosen = False  # the scale, by the user: it does not change by itself any more

        tip = "Logarithmic scale: every factor of ten has the same height"
        self._log = Button("Log", name="Logarithmic scale", tip=tip, role="small")
        self._log.setCheckable(True)
        self._log.toggled.connect(self._choose_scale)
        self._large = Button(role="small")
        self._large.setCheckable(True)
        self._large.toggled.connect(self._enlarge)
        self._escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        self._escape.activated.connect(self._large.click)
        self._plot, self.below = LossPlot(), MetricPlot(next(reversed(METRICS)))
        self.below.hide()
        self._plot.hovered.connect(self._hover)
        self._plot.hovered.connect(self.below.point_at)
        self.below.hovered.connect(self._hover)
        for plot in (self._plot, self.below):
            plot.menu_asked.connect(self._open_menu)
        self._samples = {name: QLabel() for name in PENS}
        self._lay_out()
        theme.theme().changed.connect(self._recolour)
        self._recolour()
        self._enlarge(False)

    def _lay_out(self) -> None:
        title = QLabel("LOSS")
        title.setProperty("role", "title")
        explain(title)
        top = QHBoxLayout()
        top.setSpacing(theme.GAP // 2)
        top.addWidget(title)
        for name, picture in self._samples.items():
            words = QLabel(name)
            words.setProperty("role", "small")
            top.addSpacing(theme.GAP // 2)
            top.addWidget(picture)
            top.addWidget(words)
        top.addStretch(1)
        top.addWidget(self._log)
        top.addWidget(self._large)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.GAP // 2)
        layout.addLayout(top)
        layout.addWidget(self._plot, 1)
        layout.addWidget(self.below, 1)

    @property
    def is_enlarged(self) -> bool:
        """Whether it has the room of the plane."""
        return self._large.isChecked()

    def show_frame(self, frame: Frame) -> None:
        """Draw the curves up to this moment."""
        self._frame = frame
        if not self._is_chosen and _spans_far(frame.curve) != self._log.isChecked():
            with QSignalBlocker(self._log):
                self._log.toggle()
        self._redraw()

    @property
    def plotted(self) -> str:
        """The metric that is plotted below; empty where none is."""
        return "" if self.below.isHidden() else self.below.shown

    def show_metric(self, name: str) -> None:
        """Plot a metric below; none, if it has no name."""
        self.below.hide()
        if name:
            self.below.choose(name)
            self.below.show()

    def _redraw(self) -> None:
        if self._frame is None:
            return
        curve = self._frame.curve
        log = self._log.isChecked()
        if (self._frame.runs, log) != self._others:
            self._others = self._frame.runs, log
            self._plot.draw_others(self._frame.runs, log=log)
        self._plot.show_marks(self._frame.marks)
        self._plot.show_guess(self._frame.guess)
        self._plot.draw(curve.steps, {"train": curve.train, "test": curve.test}, log=log)
        self._hover(self._hovered)

    def _choose_scale(self) -> None:
        self._is_chosen = True
        self._redraw()

    def _enlarge(self, on: bool) -> None:
        icon, tip = LARGE[on]
        self._large.set_icon(icon)
        self._large.setToolTip(tip)
        self._large.setAccessibleName(tip.partition(" (")[0])
        self._escape.setEnabled(on)
        self.enlarge_asked.emit(on)

    def _hover(self, step: float | None) -> None:
        """Say the values at the sample that is nearest to a step."""
        self._hovered = step
        if step is None or self._frame is None:
            self._plot.show_values(0.0, "")
            return
        curve = self._frame.curve
        nearest = int(np.abs(curve.steps - step).argmin())
        values = [f"{name} {_number(loss)}" for name, loss in zip(PENS, curve.at(step), strict=True)]
        said = [f"step {curve.steps[nearest]:,.0f}", *values, self._plot.mark_near(step)]
        self._plot.show_values(float(curve.steps[nearest]), "\n".join(filter(None, said)))

    def _open_menu(self, step: float | None, at: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if step is not None and self._frame is not None:
            goal = min(max(round(step), self._frame.start), self._frame.end)
            seek = menu.addAction(theme.icon("skip-forward"), f"Go to step {goal:,}")
            seek.triggered.connect(lambda: self.sought.emit(goal))
            menu.addSeparator()
        for button, text in ((self._log, self._log.accessibleName()), (self._large, self._large.accessibleName())):
            action = menu.addAction(button.icon(), text)
            action.setCheckable(button is self._log)
            action.setChecked(button.isChecked() and button is self._log)
            action.triggered.connect(button.click)
        menu.addMenu(self._below_menu(menu))
        menu.popup(at)

    def _below_menu(self, parent: QMenu) -> QMenu:
        """The menu of what can be plotted below."""
        menu = QMenu(BELOW, parent)
        experiment = None if self._frame is None else self._frame.experiment
        for name, text in {"": NOTHING, **{name: row.title(experiment) for name, row in METRICS.items()}}.items():
            action = menu.addAction(text)
            action.setCheckable(True)
            action.setChecked(name == self.plotted)
            action.triggered.connect(lambda _, name=name: self.show_metric(name))
        return menu

    def _recolour(self) -> None:
        self._plot.recolour()
        self._others = None
        self._redraw()
        for name, label in self._samples.items():
            label.setPixmap(sample(line_pen(*PENS[name])))


def _spans_far(curve: Curve) -> bool:
    """Whether the losses, as far as a logarithm has them, are more than three powers of ten apart."""
    losses = np.concatenate([curve.train, curve.test])
    losses = losses[np.isfinite(losses) & (losses > 0)]
    return len(losses) > 0 and bool(losses.max() > FAR * losses.min())


def _number(value: float) -> str:
    return f"{value:.4g}" if math.isfinite(value) else MISSING
