"""Sweep view: the same experiment over many seeds, and over the values of some settings, in the background."""

from __future__ import annotations

import time
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from engine.training import Experiment
from engine.training.sweep import JobResult, Plan, Row, Summary, as_csv, summaries
from playground.model.differences import in_words
from playground.runtime.disagreement import Disagreement
from playground.runtime.frame import Frame
from playground.ui import theme
from playground.ui.controls import Button, Combo, announce
from playground.ui.number_format import MISSING, write_loss
from playground.ui.text_field import SaidLabel
from playground.ui.throttle import Throttle
from playground.views.sweep.agreement import AgreementMap
from playground.views.sweep.chart import SweepChart
from playground.views.sweep.choice import SIDE, SweepChoice
from playground.views.sweep.table import SweepTable

RIGHT = 232  # pixels of the list of runs, at the usual text size
SHARE = 10  # times as long as it takes to draw what has come, until it is drawn again
LOW = 84  # pixels of the table, at least
LINES = 2  # of what is said of it
BAR = 6  # pixels, at the usual text size
MAP = 150  # of the map of agreement
INVITATION = "Is it the setting, or the luck of the seed? Train many runs in the background, and see."
GO_TIP = (
    "Train all runs in processes of their own, while training here goes on (Enter in the values); what the last sweep "
    "found makes way"
)
CANCEL_TIP = "End it; what is done stays"
SAVE_TIP = "Save a row for each run as CSV, from which “main.py sweep” can go on"
OPEN_TIP = "Train this run here, in the window, to the same step, equal to the last bit; Undo goes back"


class SweepView(QWidget):
    """Sweep view: what to sweep over at the left, what came of it at the right, filling while it runs."""

    begun = Signal(object)  # the plan
    cancelled = Signal()
    opened = Signal(object, int)  # the experiment of a run, and its steps
    export_asked = Signal()  # of the rows

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Sweep")
        self._frame: Frame | None = None
        self._plan: Plan | None = None
        self._compared: Experiment | None = None  # with the sweep's, the last time
        self._picked: tuple[str, ...] | None = None  # the values whose row was chosen; None for the best ones
        self._rows: list[Row] = []
        self._votes: dict[tuple[str, ...], Disagreement] = {}
        self._found: list[Summary] = []
        self._since, self._drawing = 0.0, Throttle(0, SHARE)
        self.choice = SweepChoice()
        self._go = Button("Sweep", icon="play-fill", role="primary", name="Begin the sweep", tip=GO_TIP)
        self._go.set_icon("play-fill", "on_accent")
        self._cancel = Button("Cancel", role="small", name="Cancel the sweep", tip=CANCEL_TIP)
        self._bar = QProgressBar()
        self._bar.setAccessibleName("Progress of the sweep")
        self._bar.setTextVisible(False)
        policy = self._bar.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self._bar.setSizePolicy(policy)
        self._said, self._changed = SaidLabel(INVITATION, LINES), SaidLabel("", LINES)
        self._said.setAccessibleName("State of the sweep")
        self._changed.setAccessibleName("What has changed since the sweep")
        self.chart, self._map = SweepChart(), AgreementMap()
        self._table = SweepTable()
        self._runs = Combo()
        self._runs.setAccessibleName("Runs of the combination")
        self._runs.setToolTip("The runs of the row that is chosen above, by their seeds")
        self._open = Button("Open this run", role="small", tip=OPEN_TIP)
        self._save = Button("Save rows…", role="small", tip=SAVE_TIP)
        self._lay_out()
        self._go.clicked.connect(self.begin)
        self.choice.entered.connect(self.begin)
        self._cancel.clicked.connect(self.cancelled)
        self._open.clicked.connect(self._open_run)
        self._save.clicked.connect(self.export_asked)
        self.choice.wanted_changed.connect(self._judge_anew)
        self._runs.currentIndexChanged.connect(self._show_run)
        self._table.picked.connect(self._pick)
        self.chart.chosen.connect(self._table.choose)
        for part in (self._save, self._open, self._runs):
            part.setEnabled(False)
        self._set_running(False)

    def _lay_out(self) -> None:
        left, buttons, middle, right = QVBoxLayout(), QHBoxLayout(), QVBoxLayout(), QVBoxLayout()
        buttons.addWidget(self._go, 1)
        buttons.addWidget(self._cancel)
        left.addWidget(self.choice)
        left.addLayout(buttons)
        for widget in (self._bar, self._said, self._changed):
            left.addWidget(widget)
        left.addStretch()
        self.chart.header.addWidget(self._save)
        middle.addWidget(self.chart, 3)
        middle.addWidget(self._table, 2)
        for part in (self._map, self._runs, self._open):
            right.addWidget(part, 0, Qt.AlignmentFlag.AlignHCenter)
        right.addStretch()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, theme.GAP // 2, 0, 0)
        layout.setSpacing(theme.GAP)
        for column, stretch in ((left, 0), (middle, 1), (right, 0)):
            column.setSpacing(theme.GAP // 2)
            layout.addLayout(column, stretch)
        theme.theme().changed.connect(self._grow)
        self._grow()

    def _grow(self) -> None:
        for widget in (self._runs, self._open):
            widget.setFixedWidth(theme.px(RIGHT))
        self._bar.setFixedHeight(theme.px(BAR))
        self._map.setFixedSize(theme.px(MAP), theme.px(MAP))
        self._table.setMinimumHeight(theme.px(LOW))

    def show_frame(self, frame: Frame) -> None:
        """Take what the next sweep is to have in common."""
        self._frame = frame
        if self.isVisible():
            self._show_experiment(frame.experiment)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._frame is not None:
            self._show_experiment(self._frame.experiment)

    def _show_experiment(self, experiment: Experiment) -> None:
        """Take it, and say what it has different from that of the sweep that is seen."""
        self.choice.show_experiment(experiment)
        if self._plan is not None and experiment is not self._compared:
            self._compared = experiment
            told = ", ".join(in_words(self._plan.experiment, experiment))
            self._changed.setText(f"Changed since this sweep: {told}." if told else "")
            self._changed.setToolTip(self._changed.text())

    # ── running ──────────────────────────────────────────────────────────────────────────────────────────────────

    def begin(self) -> None:
        """Begin the sweep that is chosen, unless something is wrong with it."""
        if self._cancel.isEnabled():  # one is running
            return
        if not self.choice.judge():
            announce(self.choice.said, self.choice.said.text())
        elif (plan := self.choice.plan()) is not None:
            self._plan, self._rows, self._votes, self._since = plan, [], {}, time.perf_counter()
            self._bar.setRange(0, plan.runs)
            self.chart.begin(plan)
            self._compared = self._picked = None
            self._changed.clear()
            self._set_running(True)
            self._show()
            self.begun.emit(plan)

    def show_results(self, results: list[JobResult], is_over: bool, error: str) -> None:
        """Show more results, and whether they are the last; `error` is what has ended them before their time."""
        assert self._plan is not None
        for result in results:
            self._rows.append(Row.of(result))
            if result.seen is not None:
                colours = self._plan.experiment.task.colours
                self._votes.setdefault(result.values, Disagreement(SIDE, colours)).add(result.seen)
        if is_over or (results and self._drawing.is_due(True)):
            with self._drawing:
                self._show()
        self._set_running(not is_over)
        self._said.setText(self._state(is_over, error))
        self._said.setToolTip(error)
        if is_over:
            announce(self._said, self._said.text())

    def _state(self, is_over: bool, error: str) -> str:
        assert self._plan is not None
        done, runs = len(self._rows), self._plan.runs
        if error:
            return f"{done:,} of {runs:,} runs; it ended: {error}."
        if is_over:
            return f"{done:,} of {runs:,} runs done{'' if done == runs else '; cancelled, what is done stays'}."
        left = (time.perf_counter() - self._since) / done * (runs - done) if done else None
        return f"{done:,} of {runs:,} runs{'' if left is None else f'; about {left:,.0f} s left'}"

    def _judge_anew(self, wanted: float) -> None:
        """Have the runs that there are be to reach something else."""
        if self._plan is not None:
            self._plan = replace(self._plan, wanted=wanted)
            self._show()

    def _set_running(self, on: bool) -> None:
        self._cancel.setEnabled(on)
        self._go.setEnabled(not on)
        self._bar.setVisible(on)

    # ── what came of it ──────────────────────────────────────────────────────────────────────────────────────────

    def _show(self) -> None:
        assert self._plan is not None
        self._found = summaries(self._plan, self._rows)
        self._bar.setValue(len(self._rows))
        self._save.setEnabled(bool(self._rows))
        self._table.show_sweep(self._plan, self._found, self._picked)
        self._show_chosen()

    def _pick(self, values: tuple[str, ...]) -> None:
        """Stay with the row that was chosen, whichever becomes the best."""
        self._picked = values
        self._show_chosen()

    def _show_chosen(self) -> None:
        assert self._plan is not None
        one = self._table.chosen
        self.chart.show_sweep(self._plan, self._found, one.values if one else None)
        runs = [] if one is None else [*one.rows, *one.failures]
        seed = self._runs.currentData().seed if self._runs.currentData() else None
        self._runs.blockSignals(True)
        self._runs.clear()
        for row in runs:
            self._runs.addItem(_words(row), row)
        self._runs.setCurrentIndex(max(0, next((i for i, row in enumerate(runs) if row.seed == seed), 0)))
        self._runs.blockSignals(False)
        self._runs.setEnabled(bool(runs))
        self._show_run()

    def _show_run(self) -> None:
        """Where the networks of the chosen combination disagree, with the points of the chosen run; and whether it
        can be opened.
        """
        row, experiment = self._runs.currentData(), self._experiment
        self._open.setEnabled(experiment is not None and not row.reason)
        votes = None if experiment is None else self._votes.get(row.values)
        self._map.show_votes(votes, None if experiment is None else experiment.data)

    @property
    def _experiment(self) -> Experiment | None:
        """Of the run that is chosen."""
        row, plan = self._runs.currentData(), self._plan
        return plan.job(row.values, row.seed).experiment if isinstance(row, Row) and plan is not None else None

    def _open_run(self) -> None:
        if self._experiment is not None and self._plan is not None:
            self.opened.emit(self._experiment, self._plan.steps)

    @property
    def has_rows(self) -> bool:
        """Whether any run is done."""
        return bool(self._rows)

    def as_csv(self) -> str:
        """The rows of all runs that are done, as the command line writes them; empty before any sweep."""
        return as_csv(self._plan, self._rows) if self._plan is not None else ""


def _words(row: Row) -> str:
    """A run in a line."""
    if row.reason:
        return f"Seed {row.seed}: {row.reason}"
    quality = MISSING if row.quality is None else f"{row.quality:.1%}"
    state = f"diverged at step {row.steps:,}" if row.diverged else f"loss {write_loss(row.loss)}, {quality}"
    return f"Seed {row.seed}: {state}"
