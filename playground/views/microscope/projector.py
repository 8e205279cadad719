"""Projector: runs a film forward and back, over the ends of steps, and has the network make them.

A film is of one step. When its last micro-step is made, the network makes the step; the film is held there until it
goes on with the next step, or back into this one, which the network then takes back.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from engine.training import RunSnapshot
from playground.views.microscope.session import Session

PACES = (1, 2, 4, 8, 15, 30)  # micro-steps a second
USUAL_PACE = PACES.index(4)


class Projector(QObject):
    """Moves a session's film.

    Attributes:
        is_playing: whether it moves by itself.
        holds: whether the film stands at its end and the network has made the step.
    """

    moved = Signal()
    playing_changed = Signal()
    pause_asked = Signal()
    step_asked = Signal()
    step_back_asked = Signal()

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._latest: RunSnapshot | None = None
        self._training = False
        self._past: list[RunSnapshot] = []  # moments of the films before this one
        self._awaited: int | None = None  # the number of steps of the moment that is on its way
        self.holds = False
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.forward)
        self.set_pace(USUAL_PACE)

    @property
    def is_playing(self) -> bool:
        """Whether the film moves by itself."""
        return self._timer.isActive()

    def take(self, snapshot: RunSnapshot, training: bool, stuck: bool) -> bool:
        """Note where the run stands, and whether no step can be made from there; whether the session is to show it."""
        before, self._latest, self._training = self._latest, snapshot, training
        is_edited = before is not None and before.experiment != snapshot.experiment
        if training or is_edited or stuck:
            self._forget()
        elif self._awaited is not None:
            if snapshot.steps != self._awaited:
                return False  # on its way before the step was asked for
            self._awaited = None
        elif self.holds and before is not None and snapshot.steps != before.steps:
            self._forget()  # the user has made a step, or begun anew
        return not self.holds

    def _forget(self) -> None:
        self.play(False)
        self._past.clear()
        self.holds, self._awaited = False, None

    def forward(self) -> None:
        """One micro-step."""
        film = self._session.film
        if film is None:
            self.play(False)
            return
        if self._training:
            self.pause_asked.emit()
        if self.holds:
            self._begin_next()
        elif not self._session.filming:
            self._session.seek(1)
        elif film.position < len(film.steps):
            self._session.seek(film.position + 1)
            self._end_step()
        else:
            self.play(False)
        self.moved.emit()

    def _end_step(self) -> None:
        film, snapshot = self._session.film, self._session.snapshot
        if film is not None and snapshot is not None and film.position == len(film.steps):
            if self._session.is_whole_step():
                self.holds, self._awaited = True, snapshot.steps + 1
                self.step_asked.emit()
            else:
                self.play(False)

    def _begin_next(self) -> None:
        if self._awaited is not None or self._latest is None or self._session.snapshot is None:
            return  # the step is still being made
        self._past.append(self._session.snapshot)
        self.holds = False
        self._session.seek(0)
        self._session.show(self._latest)
        self._session.seek(1)

    def back(self) -> None:
        """One micro-step back; the network goes back with it where it has made the step."""
        film = self._session.film
        if film is None:
            return
        if self._training:
            self.pause_asked.emit()
        if self.holds:
            self._take_step_back()
            self._session.seek(film.position - 1)
        elif film.position > 0:
            self._session.seek(film.position - 1)
        elif self._past:
            self._session.show(self._past.pop())
            self._session.seek(len(self._session.film.steps) if self._session.film is not None else 0)
            self.holds = True
        self.moved.emit()

    def _take_step_back(self) -> None:
        snapshot = self._session.snapshot
        self.holds, self._awaited = False, None if snapshot is None else snapshot.steps
        self.step_back_asked.emit()

    def seek(self, position: int) -> None:
        """Go to a place in the film."""
        film = self._session.film
        if film is None:
            return
        if self._training:
            self.pause_asked.emit()
        if self.holds and position < len(film.steps):
            self._take_step_back()
        was_at_end = self.holds
        self._session.seek(position)
        if not was_at_end:
            self._end_step()
        self.moved.emit()

    def play(self, on: bool) -> None:
        """Run by itself, or stand still."""
        if on != self.is_playing:
            if on:
                self._timer.start()
            else:
                self._timer.stop()
            self.playing_changed.emit()

    def set_pace(self, index: int) -> None:
        """How many micro-steps a second, by their place in PACES."""
        self._timer.setInterval(round(1000 / PACES[index]))

    def show_all(self) -> None:
        """Leave the film: all numbers are shown."""
        self.play(False)
        self._session.seek(0)
        self._session.stop_filming()
        if self.holds and self._latest is not None:
            self.holds, self._awaited = False, None
            self._session.show(self._latest)
        self._past.clear()
        self.moved.emit()
