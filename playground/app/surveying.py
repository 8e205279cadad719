"""Surveying: the survey of the run that is looked at, for the views of a window that show it."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QWidget

from playground.runtime.frame import Frame
from playground.runtime.survey import Survey, Surveyor, past_of
from playground.runtime.worker import Ask


class Surveying(QObject):
    """Survey of a window's run. While no view is to be seen that shows it, it costs little.

    Attributes:
        survey: the last.
    """

    changed = Signal(object)  # the Survey
    _ready = Signal()  # emitted in the surveyor's thread

    def __init__(self, parent: QObject, ask: Ask) -> None:
        super().__init__(parent)
        self.survey = Survey()
        self._ask = ask
        self._surveyor = Surveyor(self._ready.emit)
        self._ready.connect(self._take, Qt.ConnectionType.QueuedConnection)
        self._views: list[Any] = []
        self._frame: Frame | None = None
        self._asked: tuple[Hashable, Hashable] = None, None  # the run whose past was asked for, and its content then

    def show_in(self, view: QWidget) -> None:
        """Have a view show the survey while it is to be seen: by `show_survey`, with which it is called then alone."""
        self._views.append(view)
        view.installEventFilter(self)

    def show_frame(self, frame: Frame) -> None:
        """Survey a moment of a run."""
        self._frame = frame
        self._look()

    def end(self) -> None:
        """Survey no more."""
        self._surveyor.stop()

    def eventFilter(self, view: Any, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show:
            view.show_survey(self.survey)
            self._look()
        elif event.type() == QEvent.Type.Hide:
            self._look()
        return False

    def _look(self) -> None:
        frame = self._frame
        if frame is None or frame.snapshot is None:
            return
        is_watched = any(view.isVisible() for view in self._views)
        self._surveyor.watch(is_watched)
        self._surveyor.look(frame.run, frame.snapshot, frame.training, frame.mistakes)
        asked, content = self._asked
        if is_watched and (frame.run is not asked or not (frame.training or frame.content == content)):
            self._asked = frame.run, frame.content
            self._ask(past_of, self._surveyor.recall)
        if self._surveyor.ident is None:
            self._surveyor.start()

    def _take(self) -> None:
        survey = self._surveyor.take()
        if survey is not None:
            self.survey = survey
            self.changed.emit(survey)
            for view in self._views:
                if view.isVisible():
                    view.show_survey(survey)
