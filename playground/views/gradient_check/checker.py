"""Controller: makes the check of a snapshot and the curve of the chosen parameter, a slice at a time; draws nothing."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cached_property

from PySide6.QtCore import QObject, Signal

from engine.dataclass import dataclass
from engine.microscope.gradcheck.check import CheckTable, GradientCheck, Verdict
from engine.microscope.gradcheck.kinks import Gradients, Kink
from engine.microscope.gradcheck.step_curve import StepCurve, StepSweep
from engine.microscope.graph.expression_graph import Parameter
from engine.training import RunSnapshot
from playground.ui.throttle import Throttle
from playground.views.gradient_check.slices import GENTLE, HASTY, Slices
from playground.views.gradient_check.words import parameter_at, row_of

PAUSE = 1.0  # seconds from the beginning of one check to that of the next while it trains
PATIENCE = 0.3  # seconds after which a check says how far it is
GradientsOf = Callable[[RunSnapshot], Gradients]


@dataclass(frozen=True, eq=False)
class CheckSubject:
    """Check subject: the derivatives of a snapshot, from somewhere else than this engine if `source` gives them."""

    snapshot: RunSnapshot
    source: GradientsOf | None

    @cached_property
    def gradients(self) -> Gradients | None:
        """The derivatives under test; None for this engine's own."""
        return None if self.source is None else self.source(self.snapshot)


class Checker(QObject):
    """Controller of the check: holds the last complete check, and the curve of one of its rows.

    Attributes:
        table: of the last complete check, None if there is nothing to check.
        row: the chosen one of the table.
        parameter: the weight or bias that it is of; not forgotten while there is nothing to check.
        curve: of the chosen row; None if it is not finite, or not measured yet.
    """

    checked = Signal()  # there is another table, or none
    swept = Signal()  # there is another curve
    advanced = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.table: CheckTable | None = None
        self.row: int | None = None
        self.curve: StepCurve | None = None
        self.parameter: Parameter | None = None
        self._check: GradientCheck | None = None  # that is being made, or was made last
        self._complete: GradientCheck | None = None  # that the table is of
        self._begun: CheckSubject | None = None  # what the one is of
        self._shown: CheckSubject | None = None  # and the other
        self._swept: tuple[CheckSubject | None, Parameter | None] = (None, None)  # what the curve is of
        self._start = 0.0
        self._throttle = Throttle(PAUSE)
        self._slices = Slices(self)
        self._slices.finished.connect(self._finish)
        self._slices.advanced.connect(self.advanced)

    def is_due(self, training: bool) -> bool:
        """Whether it is time for the next check."""
        return not training or (not self._slices.busy and self._throttle.is_due(training))

    @property
    def progress(self) -> float | None:
        """The share of the check that is made; None if there is none, or so far it has not taken long."""
        check = self._check
        is_short = time.perf_counter() < self._start + PATIENCE
        return None if check is None or check.done or is_short or not self._slices.busy else check.progress

    @property
    def scale(self) -> float:
        """What h is multiplied with for the chosen row: max(1, |w|)."""
        assert self.table is not None
        assert self._complete is not None
        return float(self.table.step[self.row] / self._complete.step)

    @property
    def kinks(self) -> tuple[Kink, ...]:
        """The corners within the step of the chosen row."""
        if self.table is None or self._complete is None or self.row is None:
            return ()
        return self._complete.kinks(self.row) if self.table.verdict[self.row] == Verdict.KINK else ()

    def be_gentle(self, is_gentle: bool) -> None:
        """Whether the window has something else to do, such as to draw a network that learns."""
        self._slices.set_pace(GENTLE if is_gentle else HASTY)

    def begin(self, snapshot: RunSnapshot, source: GradientsOf | None, step: float) -> None:
        """Check all parameters with a step, and forget a check that is not complete."""
        subject = self._begun
        if subject is None or subject.snapshot is not snapshot or subject.source is not source:
            subject = CheckSubject(snapshot, source)
        self._start, self._begun = time.perf_counter(), subject
        with self._throttle:
            self._check = GradientCheck(subject.snapshot, step, subject.gradients)
            self._slices.begin(self._check)

    def stop(self) -> None:
        """Forget a check that is not complete."""
        self._slices.stop()

    def clear(self) -> None:
        """There is nothing to check."""
        self._slices.stop()
        self._check = self._complete = self._begun = self._shown = None
        self.table = self.row = self.curve = None
        self._swept = (None, None)
        self.checked.emit()

    def choose(self, row: int) -> None:
        """Choose a row of the table, and measure its curve before all else."""
        assert self.table is not None
        self.row, self.parameter = row, parameter_at(self.table, row)
        self._sweep()

    def _finish(self, job: object) -> None:
        if isinstance(job, StepSweep):
            self.curve, self._swept = job.curve, (self._shown, self.parameter)
            self.swept.emit()
        elif isinstance(job, GradientCheck):
            self._complete, self._shown, self.table = job, self._begun, job.table
            found = row_of(self.table, self.parameter)
            self.row = 0 if found is None else found
            self.parameter = parameter_at(self.table, self.row)
            self.checked.emit()
            self._sweep()

    def _sweep(self) -> None:
        """Measure the curve of the chosen row, unless it is there."""
        if self._shown is not None and self.row is not None and self._swept != (self._shown, self.parameter):
            self._slices.put_first(StepSweep(self._shown.snapshot, self.row, self._shown.gradients))
