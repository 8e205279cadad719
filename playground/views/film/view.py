"""Film view: an expression graph above the buttons of its film."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from playground.ui import theme
from playground.ui.controls import Button, restyle
from playground.ui.splitter import Splitter
from playground.views.expression_graph.canvas import Canvas
from playground.views.expression_graph.folding import Key
from playground.views.expression_graph.painting import Emphasis
from playground.views.expression_graph.scene import Highlight
from playground.views.film.phase_bar import PhaseBar
from playground.views.film.projector import Projector
from playground.views.film.session import GraphSession

PLAY = {False: ("play", "Play the film"), True: ("pause", "Hold the film")}


class Rows(QWidget):
    """Rows of controls, side by side where there is room for both, else one below the other."""

    def __init__(self, *rows: QWidget) -> None:
        super().__init__()
        self._rows = rows
        self._layout = QBoxLayout(QBoxLayout.Direction.TopToBottom, self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(theme.GAP // 2)
        for row in rows:
            self._layout.addWidget(row)
        self._layout.setStretchFactor(rows[-1], 1)

    def minimumSizeHint(self) -> QSize:
        return QSize(max(row.minimumSizeHint().width() for row in self._rows), super().minimumSizeHint().height())

    def event(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            needed = sum(row.minimumSizeHint().width() for row in self._rows) + theme.GAP
            direction = QBoxLayout.Direction
            self._layout.setDirection(direction.LeftToRight if self.width() >= needed else direction.TopToBottom)
        return super().event(event)


class FilmView(QWidget):
    """Film view: the graph, the phases of its film, and what moves it; that is below the graph, or in a row above it.

    It shows a session when it is told to, and says when the film has moved or something was selected.

    Args:
        leave: the button that shows all numbers again.
        head: controls that stand above the graph.

    Attributes:
        split: has the graph; what is to stand beside it is added there.
    """

    moved = Signal()  # the film, or what is selected

    def __init__(self, session: GraphSession, projector: Projector, leave: Button, head: QWidget | None = None) -> None:
        super().__init__()
        self._session, self.projector = session, projector
        self.canvas, self.phases = Canvas(), PhaseBar()
        self.split = Splitter()
        self.back = Button(icon="skip-back", role="icon", name="One operation back", tip="One operation back")
        self.play = Button(icon="play", role="icon", name=PLAY[False][1], tip="Play the film")
        self.forward = Button(
            icon="skip-forward", role="icon", name="One operation forward", tip="One operation forward"
        )
        self.leave = leave
        self._lay_out(head)
        self.canvas.chosen.connect(self.choose)
        self.projector.moved.connect(self._film_moved)
        self.projector.playing_changed.connect(self._show_playing)
        self.back.clicked.connect(self.projector.back)
        self.forward.clicked.connect(self.projector.forward)
        self.play.clicked.connect(self.projector.toggle)
        self.leave.clicked.connect(self.projector.show_all)
        self.phases.sought.connect(self.projector.seek)

    def _lay_out(self, head: QWidget | None) -> None:
        frame = QFrame()
        frame.setProperty("role", "canvas")
        self.canvas.focus_changed.connect(lambda focused: restyle(frame, focused=focused))
        inside = QVBoxLayout(frame)
        inside.setContentsMargins(1, 1, 1, 1)
        inside.addWidget(self.canvas)
        self.split.addWidget(frame)
        self.split.setStretchFactor(0, 1)
        film = QWidget()
        row = QHBoxLayout(film)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.GAP // 2)
        for button in (self.back, self.play, self.forward):
            row.addWidget(button)
        row.addWidget(self.phases, 1)
        row.addWidget(self.leave)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.GAP // 2)
        layout.addWidget(self.split, 1)
        if head is None:
            layout.addWidget(film)
        else:
            layout.insertWidget(0, Rows(head, film))

    # ── showing ──────────────────────────────────────────────────────────────────────────────────────────────────

    def show_session(self, path: Highlight | None, anchor: Key = None) -> None:
        """The graph and the film as they are now.

        Args:
            path: all that is not pale; None for everything.
            anchor: the box that stays where it is on the screen while others come or go.
        """
        session, film = self._session, self._session.film
        self.canvas.emphasise(Emphasis(session.box_of(session.selected), None, session.lit(), path))
        if session.scene is None:
            self.canvas.clear()
        elif self.canvas.scene is not session.scene:
            self.canvas.show_scene(session.scene, anchor)
        self.phases.show_film([] if film is None else film.steps, film.position if film and session.filming else 0)
        self.leave.setEnabled(session.filming)

    def _film_moved(self) -> None:
        self.moved.emit()
        film = self._session.film
        step = film.last if film is not None and self._session.filming else None
        if step is not None and step.node is not None:
            self.canvas.reveal(self._session.box_of(step.node))

    def _show_playing(self) -> None:
        icon, name = PLAY[self.projector.is_playing]
        self.play.set_icon(icon)
        self.play.setAccessibleName(name)

    def hideEvent(self, event: QHideEvent) -> None:
        self.projector.play(False)
        super().hideEvent(event)

    # ── what the user does ───────────────────────────────────────────────────────────────────────────────────────

    def choose(self, key: Key) -> None:
        """Select a number or a part."""
        self._session.selected = key
        self.moved.emit()

    def go_to(self, key: Key) -> None:
        """Select something, open what hides it, and bring it into view."""
        self._session.reveal(key)
        self.choose(key)
        self.canvas.reveal(self._session.box_of(key))
