"""Projector: runs a film forward and back."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from playground.views.film.session import GraphSession

PACES = (1, 2, 4, 8, 15, 30)  # micro-steps a second
USUAL_PACE = PACES.index(4)


class Projector(QObject):
    """Player of a session's film."""

    moved = Signal()
    playing_changed = Signal()

    def __init__(self, session: GraphSession, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.forward)
        self.set_pace(USUAL_PACE)

    @property
    def is_playing(self) -> bool:
        """Whether the film moves by itself."""
        return self._timer.isActive()

    def forward(self) -> None:
        """One micro-step; at the end there is none, and it stands still."""
        film = self._session.film
        if film is None or self._session.is_at_end():
            self.play(False)
        else:
            self._go(film.position + 1 if self._session.filming else 1)
        self.moved.emit()

    def back(self) -> None:
        """One micro-step back."""
        film = self._session.film
        if film is not None and film.position > 0:
            self._session.seek(film.position - 1)
        self.moved.emit()

    def seek(self, position: int) -> None:
        """Go to a place in the film."""
        if self._session.film is not None:
            self._go(position)
            self.moved.emit()

    def _go(self, position: int) -> None:
        self._session.seek(position)

    def toggle(self) -> None:
        """Play the film, from its beginning if it is at its end; or hold it."""
        if self._session.is_at_end() and not self.is_playing:
            self.seek(0)
        self.play(not self.is_playing)

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
        self.moved.emit()
