"""Sweeping: the sweep that runs in the background of a window, and its page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from engine.training.sweep import Plan
from playground.runtime.sweeper import Sweeper

if TYPE_CHECKING:
    from playground.views.sweep.view import SweepView

PAUSE = 100  # milliseconds from one look at what has come to the next


class Sweeping(QObject):
    """Sweep of a window, one at a time: it begins when its page says so, and ends with the window."""

    def __init__(self, page: SweepView) -> None:
        super().__init__(page)
        self._page = page
        self._sweeper: Sweeper | None = None
        self._timer = QTimer(self, interval=PAUSE)
        self._timer.timeout.connect(self._look)
        page.begun.connect(self._begin)
        page.cancelled.connect(self.cancel)

    def _begin(self, plan: Plan) -> None:
        self._sweeper = Sweeper(plan)
        self._sweeper.start()
        self._timer.start()

    def cancel(self) -> None:
        """Have nothing run any more; what is done stays."""
        if self._sweeper is not None:
            self._sweeper.cancel()

    def end(self) -> None:
        """The same, and wait for it."""
        self.cancel()
        self._timer.stop()
        if self._sweeper is not None:
            self._sweeper.join()

    def _look(self) -> None:
        assert self._sweeper is not None
        is_over = not self._sweeper.is_alive()
        results, error = self._sweeper.take(), self._sweeper.error
        if is_over:
            self._timer.stop()
            self._sweeper = None
        self._page.show_results(results, is_over, str(error or ""))
