"""Film: the expression graph of the formula, and the chain rule running through it, one operation at a time."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from playground.ui import theme
from playground.ui.controls import Button
from playground.views.expression_graph.canvas import Canvas
from playground.views.expression_graph.folding import Key
from playground.views.expression_graph.painting import Emphasis
from playground.views.expression_graph.scene import Lit
from playground.views.lab.session import LabSession
from playground.views.microscope.pages import page
from playground.views.microscope.phase_bar import PhaseBar
from playground.views.microscope.projector import Projector

PLAY = {False: ("play", "Play the film"), True: ("pause", "Hold the film")}
WELCOME = (
    "Press the arrow below the graph: one operation after the other, forward to the result, "
    "and back by the chain rule.",
    "Or choose a box to see how its number was computed.",
)


class GraphPane(QWidget):
    """The graph above the film's buttons."""

    moved = Signal()  # the film, or what is selected

    def __init__(self, session: LabSession) -> None:
        super().__init__()
        self._session = session
        self.projector = Projector(session, self)
        self.canvas, self.phases = Canvas(), PhaseBar()
        self.phases.setMinimumWidth(200)  # three phases need less room than the six of a step
        self.back = Button(icon="caret-left", role="icon", name="One operation back", tip="One operation back")
        self.play = Button(icon="play", role="icon", name=PLAY[False][1], tip="Play the film")
        self.forward = Button(icon="caret-right", role="icon", name="One operation", tip="One operation forward")
        tip = "Leave the film: show all values and gradients"
        self.all = Button(icon="arrow-counter-clockwise", role="icon", name="Show all numbers", tip=tip)
        self._lay_out()
        self.canvas.chosen.connect(self._choose)
        self.projector.moved.connect(self._film_moved)
        self.projector.playing_changed.connect(self._show_playing)
        self.back.clicked.connect(self.projector.back)
        self.forward.clicked.connect(self.projector.forward)
        self.play.clicked.connect(self._toggle_playing)
        self.all.clicked.connect(self.projector.show_all)
        self.phases.sought.connect(self.projector.seek)

    def _lay_out(self) -> None:
        frame = QFrame()
        frame.setProperty("role", "canvas")
        inside = QVBoxLayout(frame)
        inside.setContentsMargins(1, 1, 1, 1)
        inside.addWidget(self.canvas)
        row = QHBoxLayout()
        row.setSpacing(theme.GAP // 2)
        for button in (self.back, self.play, self.forward):
            row.addWidget(button)
        row.addWidget(self.phases, 1)
        row.addWidget(self.all)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.GAP // 2)
        layout.addWidget(frame, 1)
        layout.addLayout(row)

    def show_session(self, pale: bool) -> None:
        """The graph as it is now; pale while the text has a fault."""
        session = self._session
        if session.scene is not None and self.canvas.scene is not session.scene:
            self.canvas.show_scene(session.scene)
        self.canvas.emphasise(Emphasis(session.selected, None, session.lit(), Lit() if pale else None))
        film = session.film
        self.phases.show_film([] if film is None else film.steps, film.position if film and session.filming else 0)
        self.all.setEnabled(session.filming)

    def _film_moved(self) -> None:
        self.moved.emit()
        film = self._session.film
        step = film.last if film is not None and self._session.filming else None
        if step is not None and step.node is not None:
            self.canvas.reveal(step.node)

    def _choose(self, key: Key) -> None:
        self._session.selected = key
        self.moved.emit()

    def _toggle_playing(self) -> None:
        film, is_playing = self._session.film, self.projector.is_playing
        if film is not None and not is_playing and film.position == len(film.steps):
            self.projector.seek(0)
        self.projector.play(not is_playing)

    def _show_playing(self) -> None:
        icon, name = PLAY[self.projector.is_playing]
        self.play.set_icon(icon)
        self.play.setAccessibleName(name)

    def hideEvent(self, event: QHideEvent) -> None:
        self.projector.play(False)
        super().hideEvent(event)


def page_of(session: LabSession) -> str:
    """What there is to say of the last operation, and of the number that is selected."""
    return page(session) if session.has_something_to_say else "".join(f"<p>{line}</p>" for line in WELCOME)
