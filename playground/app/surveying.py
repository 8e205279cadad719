"""Surveying: the survey of the run that is looked at, for what shows it in a window."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QWidget

from playground.runtime.frame import Frame
from playground.runtime.survey import Survey
from playground.runtime.surveyor import Interest, Surveyor, past_of
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
        self._views: dict[Any, Interest] = {}
        self._frame: Frame | None = None
        self._asked: object = None  # by whom, and of what, the past was asked for

    def show_in(self, view: QWidget, interest: Interest = Interest.MOMENTS) -> None:
        """Have a view show the survey while it is to be seen: by `show_survey`, with which it is called then alone."""
        self._views[view] = interest
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
        interest = max((of for view, of in self._views.items() if view.isVisible()), default=Interest.NONE)
        self._surveyor.look(frame, interest)
        asks = frame.run, interest, frame.training or frame.content
        if interest and asks != self._asked:
            self._asked = asks
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
