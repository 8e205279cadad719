"""Doctoring: checkups of the run that is looked at, for the views of a window that show them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Hashable, Sequence
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QWidget

from engine.training import RunSnapshot
from playground.app.surveying import Surveying
from playground.model.runs import Runs
from playground.runtime.examiner import Checkup, Examiner, Patient
from playground.runtime.frame import Frame, Status
from playground.runtime.survey import Survey
from playground.runtime.worker import Ask


class Doctoring(QObject):
    """Doctor of a window's run.

    Attributes:
        checkup: the last.
    """

    changed = Signal(object)  # the Checkup
    _ready = Signal()  # emitted in the examiner's thread

    def __init__(self, parent: QObject, surveying: Surveying, ask: Ask) -> None:
        super().__init__(parent)
        self.checkup = Checkup()
        self._ask = ask
        self._surveying = surveying
        self._examiner = Examiner(self._ready.emit)
        self._ready.connect(self._take, Qt.ConnectionType.QueuedConnection)
        self._view: Any = None
        self._frame: Frame | None = None
        self._recalled: Hashable = None  # the run whose past was asked for

    def show_in(self, view: QWidget) -> None:
        """Have a view show the checkups while it is to be seen, by `show_checkup`."""
        self._view = view
        view.installEventFilter(self)

    def show_frame(self, frame: Frame) -> None:
        """Examine a moment of a run."""
        self._frame = frame
        self._examine()

    def end(self) -> None:
        """Examine no more."""
        self._examiner.stop()

    def eventFilter(self, view: Any, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show:
            is_of_this_run = self._frame is not None and self.checkup.run is self._frame.run
            view.show_checkup(self.checkup if is_of_this_run else Checkup())
            self._recalled = None
            self._examine()
        elif event.type() == QEvent.Type.Hide:
            self._examiner.watch(False)
        return False

    def _examine(self) -> None:
        frame = self._frame
        if frame is None or frame.snapshot is None:
            return
        is_watched = self._view is not None and self._view.isVisible()
        self._examiner.watch(is_watched)
        survey: Survey = self._surveying.survey
        moments = survey.moments if survey.run is frame.run else ()
        is_lost = frame.status is Status.DIVERGED
        begun = _last_before(frame.step, [step for step, _ in frame.marks], frame.start)
        self._examiner.examine(Patient(frame.run, frame.snapshot, moments, frame.curve, begun, is_lost, frame.training))
        if is_watched and frame.run is not self._recalled:
            self._recalled = frame.run
            self._ask(_snapshots, self._recall)
        if self._examiner.ident is None:
            self._examiner.start()

    def _recall(self, snapshots: Sequence[RunSnapshot]) -> None:
        """In the worker's thread."""
        self._examiner.recall(snapshots)

    def _take(self) -> None:
        checkup = self._examiner.take()
        if checkup is not None:
            self.checkup = checkup
            self.changed.emit(checkup)
            if self._view is not None and self._view.isVisible():
                self._view.show_checkup(checkup)


def _last_before(step: int, steps: Sequence[int], start: int) -> int:
    """The last of some steps, in order, that is not after one; the start if none is."""
    at = bisect_right(steps, step)
    return steps[at - 1] if at else start


def _snapshots(runs: Runs) -> tuple[RunSnapshot, ...]:
    """What a run's past is known by."""
    return runs.timeline.snapshots
