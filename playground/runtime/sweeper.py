"""Sweeper: a sweep in the background, in a thread that waits for processes and hands on what they have done."""

from __future__ import annotations

import threading
from collections import deque

from engine.training.sweep import JobResult, Plan, Processes, sweep


class Sweeper(threading.Thread):
    """Thread of one sweep. It knows no window: who has one takes the results when it is time to draw.

    Attributes:
        plan: what it does.
        error: what has ended it before its time; None if nothing has.
    """

    def __init__(self, plan: Plan, processes: int | None = None) -> None:
        super().__init__(name="sweeper", daemon=True)
        self.plan = plan
        self.error: Exception | None = None
        self._processes = Processes(processes)
        self._results: deque[JobResult] = deque()
        self._cancelled = threading.Event()

    def run(self) -> None:
        """Do all jobs, unless it is cancelled."""
        try:
            for result in sweep(self.plan, self._processes, self._processes.count):
                if not self._cancelled.is_set():  # else it goes on until its processes have ended, and says so
                    self._results.append(result)
        except Exception as error:
            self.error = None if self._cancelled.is_set() else error
        finally:
            self._processes.shutdown(cancel_futures=True)

    def take(self) -> list[JobResult]:
        """The results that have come since the last time."""
        return [self._results.popleft() for _ in range(len(self._results))]

    def cancel(self) -> None:
        """End the processes at once; results that have come can still be taken."""
        self._cancelled.set()
        self._processes.shutdown(wait=False, cancel_futures=True)
