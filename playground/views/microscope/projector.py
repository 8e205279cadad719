"""Run projector: runs a film over the ends of steps, and has the network make them.

A film is of one step. When its last micro-step is made, the network makes the step; the film is held there until it
goes on with the next step, or back into this one, which the network then takes back.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from engine.training import RunSnapshot
from playground.views.film.projector import Projector
from playground.views.microscope.session import RunSession


class RunProjector(Projector):
    """Projector of a run's film.

    Attributes:
        holds: whether the film stands at its end and the network has made the step.
    """

    pause_asked = Signal()
    step_asked = Signal()
    step_back_asked = Signal()

    def __init__(self, session: RunSession, parent: QObject) -> None:
        super().__init__(session, parent)
        self._session: RunSession = session
        self._latest: RunSnapshot | None = None
        self._training = False
        self._past: list[RunSnapshot] = []  # snapshots of the films before this one
        self._awaited: int | None = None  # the number of steps of the snapshot that is on its way
        self.holds = False

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
        """One micro-step; at its end the film of the next step begins."""
        self._pause()
        if self.holds:
            self._begin_next()
            self.moved.emit()
        else:
            super().forward()

    def _pause(self) -> None:
        """The network stands still where its film moves."""
        if self._training and self._session.film is not None:
            self.pause_asked.emit()

    def _go(self, position: int) -> None:
        super()._go(position)
        if self._session.is_at_end() and not self.holds:
            self._end_step()

    def _end_step(self) -> None:
        if self._session.snapshot is not None and self._session.is_whole_step():
            self.holds, self._awaited = True, self._session.snapshot.steps + 1
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
        self._pause()
        film = self._session.film
        if self.holds:
            self._take_step_back()
        elif film is not None and film.position == 0 and self._past:
            self._session.show(self._past.pop())
            self._session.seek(len(self._session.film.steps) if self._session.film is not None else 0)
            self.holds = True
            self.moved.emit()
            return
        super().back()

    def _take_step_back(self) -> None:
        snapshot = self._session.snapshot
        self.holds, self._awaited = False, None if snapshot is None else snapshot.steps
        self.step_back_asked.emit()

    def seek(self, position: int) -> None:
        """Go to a place in the film."""
        self._pause()
        film = self._session.film
        if self.holds and film is not None and position < len(film.steps):
            self._take_step_back()
        super().seek(position)

    def toggle(self) -> None:
        """Play the film, over the ends of steps; or hold it."""
        self.play(not self.is_playing)

    def show_all(self) -> None:
        """Leave the film: all numbers are shown, of the moment that the network has come to."""
        if self.holds and self._latest is not None:
            self.holds, self._awaited = False, None
            self._session.show(self._latest)
        self._past.clear()
        super().show_all()
