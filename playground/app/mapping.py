"""Mapping: the landscape that is made in the background of a window, and its page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from engine.microscope.landscape.landscape import LandscapeChoice, Subject
from playground.runtime.mapper import Mapper, subject_of
from playground.runtime.worker import Ask

if TYPE_CHECKING:
    from playground.views.landscape.view import LandscapeView

PAUSE = 40  # milliseconds from one look at what there is to the next


class Mapping(QObject):
    """Landscape of a window, one at a time: it begins when its page says so, and ends with the window."""

    _told = Signal(object)  # what the worker was asked; from its thread to the window's

    def __init__(self, page: LandscapeView, ask: Ask) -> None:
        super().__init__(page)
        self._page, self._ask = page, ask
        self._choice = LandscapeChoice()
        self._mapper: Mapper | None = None
        self._timer = QTimer(self, interval=PAUSE)
        self._timer.timeout.connect(self._look)
        self._told.connect(self._begin)
        page.asked.connect(self._ask_for)

    def _ask_for(self, choice: LandscapeChoice) -> None:
        self._choice = choice
        self._ask(subject_of, self._told.emit)

    def _begin(self, subject: Subject | Exception) -> None:
        self._cancel()
        if isinstance(subject, Exception):
            self._page.show_over(f"The runs cannot be told: {subject}.")
            return
        self._mapper = Mapper(self._choice, subject)
        self._mapper.start()
        self._timer.start()

    def _cancel(self) -> None:
        if self._mapper is not None:
            self._mapper.cancel()

    def end(self) -> None:
        """Have nothing be made any more, and wait for it."""
        self._timer.stop()
        self._cancel()
        if self._mapper is not None:
            self._mapper.join()

    def _look(self) -> None:
        assert self._mapper is not None
        is_over = not self._mapper.is_alive()
        if (landscape := self._mapper.take()) is not None:
            self._page.show_landscape(landscape)
        if is_over:
            self._timer.stop()
            self._page.show_over(self._mapper.trouble)
