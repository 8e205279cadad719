"""Time slicing: long work done a little at a time, so that the window answers in between."""

from __future__ import annotations

import time
from typing import NamedTuple, Protocol

from PySide6.QtCore import QObject, QTimer, Signal


class Job(Protocol):
    """Resumable job: work that can be cut anywhere."""

    @property
    def done(self) -> bool:
        """Whether nothing is left."""

    def advance(self, count: int, /) -> None:
        """Do so many more pieces of it."""


class SliceBudget(NamedTuple):
    """Time budget, in milliseconds: how long a slice of work may take, and how long from one to the next."""

    slice: int
    interval: int


HASTY = SliceBudget(8, 10)  # while the window has nothing else to do
GENTLE = SliceBudget(4, 50)  # while it draws a network that learns


class Slices(QObject):
    """Cooperative scheduler: does jobs one after the other, and says of each when it is done."""

    finished = Signal(object)  # the job
    advanced = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._jobs: list[Job] = []
        self._count = 1  # pieces to do at once
        self._pace = HASTY
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._work)

    @property
    def busy(self) -> bool:
        """Whether there is work left."""
        return bool(self._jobs)

    def set_pace(self, pace: SliceBudget) -> None:
        """How much of the window's time the work may take."""
        self._pace = pace
        if self._timer.interval() != pace.interval:
            self._timer.setInterval(pace.interval)

    def begin(self, job: Job) -> None:
        """Do this, and forget whatever was not done."""
        self._jobs = []
        self.put_first(job)

    def put_first(self, job: Job) -> None:
        """Do this before all else; another of its kind is forgotten."""
        self._jobs = [job, *(other for other in self._jobs if type(other) is not type(job))]
        self._count = 1
        self._timer.start()

    def stop(self) -> None:
        """Forget whatever was not done."""
        self._jobs = []
        self._timer.stop()

    def _work(self) -> None:
        end = time.perf_counter() + self._pace.slice / 1000
        while self._jobs and time.perf_counter() < end:
            job = self._jobs[0]
            if job.done:
                del self._jobs[0]
                self._count = 1
                self.finished.emit(job)
            else:
                self._advance(job)
        if not self._jobs:
            self._timer.stop()
        self.advanced.emit()

    def _advance(self, job: Job) -> None:
        """Some pieces, as many as take a quarter of a slice, but no more than twice as many as before."""
        start = time.perf_counter()
        job.advance(self._count)
        took = max(time.perf_counter() - start, 1e-6)
        fit = int(self._count * self._pace.slice / 1000 / 4 / took)
        self._count = max(1, min(2 * self._count, fit))
