"""Microscope: a step of the run in single numbers, and the chain rule running through it, one operation at a time."""

from __future__ import annotations

from enum import Enum

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize, QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.microscope.autopsy import Autopsy
from engine.microscope.film.film import weights_after
from engine.microscope.graph.expression_graph import Parameter, Part
from playground.runtime.frame import Frame, Status
from playground.ui import theme
from playground.ui.choice import Choice
from playground.ui.controls import Button, Slider, SteadyLabel, tell
from playground.ui.throttle import Throttle
from playground.views.expression_graph.export import COPIES
from playground.views.expression_graph.folding import Key, Level
from playground.views.expression_graph.scene import Highlight
from playground.views.film.page_pane import PagePane
from playground.views.film.projector import PACES, USUAL_PACE
from playground.views.film.view import FilmView
from playground.views.microscope.header import Header
from playground.views.microscope.pages import page
from playground.views.microscope.projector import RunProjector
from playground.views.microscope.session import RunSession, Subject
from playground.views.microscope.targets import key_of_target, target_of_key
from playground.views.network.layout import Target

PAGE_WIDTH = 340  # pixels
PACE_WIDTH = 64
SHORTEST = 0.03  # seconds from one picture to the next while it trains
READING = 120  # milliseconds from one page to the next while it trains: nobody reads quicker, and laying out takes time
SOON = 1  # milliseconds: the graph has a turn of its own, since it takes about as long as all other views of a frame
SHARE = 3  # or this many times what one takes, so that most of the time is left for everything else
KEYS = (",", "P", ".")  # of the film, which the window listens to
LEAVE = "Leave the film: show all numbers"


class Moment(Enum):
    """Moment of an update, at which the diagram's neurons are shown."""

    BEFORE = "Before"
    AFTER = "After"


MOMENT_TIPS = {
    Moment.BEFORE: "Show the neurons of the diagram as they were before the update",
    Moment.AFTER: "Show the neurons of the diagram as they are after the update",
}


class Microscope(QWidget):
    """Microscope: the graph, what there is to say of it, and the film.

    It is shown frames as the other views are, but takes them only while it is visible.
    """

    pause_asked = Signal()
    step_asked = Signal()
    step_back_asked = Signal()
    point_shown = Signal(object)  # the index of the point that is looked at, or None
    place_shown = Signal(object)  # the place of the plane (2,) that is looked at, or None
    chosen = Signal(object)  # the Neuron, Bias or Edge of the diagram that is looked at, or None
    lit = Signal(object)  # the one that computes at this micro-step, or None
    stepped = Signal(object, int)  # the film's last micro-step, or None, and the column of the network that it is in
    weights_shown = Signal(object)  # that the diagram's neurons are to be shown with, by name; None for their own
    pulls_shown = Signal(object)  # (indices of points, what each pulls at the chosen weight), or None

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Microscope")
        self._frame: Frame | None = None
        self._throttle = Throttle(SHORTEST, SHARE)
        self._later = QTimer(self, singleShot=True, interval=READING)
        self._soon = QTimer(self, singleShot=True, interval=SOON)
        self._soon.timeout.connect(self._take_last)
        self._told: tuple[object, ...] = ()
        self._place: NDArray[np.float64] = np.zeros(2)  # of the plane, that is looked at or was last
        self._is_followed = False  # whether another view shows what the film does
        self._update: object = None  # where in an update the film stands
        self._moment: Moment | None = None  # that the user wants to see of it
        self.session = RunSession()
        self.projector = RunProjector(self.session, self)
        leave = Button(icon="arrow-counter-clockwise", role="icon", name="Show all numbers", tip=LEAVE)
        self.header = Header()
        self.film_view = FilmView(self.session, self.projector, leave, self.header)
        self.canvas, self._page = self.film_view.canvas, PagePane()
        self._lay_out()
        self._connect()
        theme.theme().changed.connect(self._dress)
        theme.theme().changed.connect(self._show)

    def sizeHint(self) -> QSize:
        return QSize(theme.px(1000), theme.px(340))

    # ── putting together ─────────────────────────────────────────────────────────────────────────────────────────

    def _lay_out(self) -> None:
        film, side = self.film_view, QWidget()
        beside = QVBoxLayout(side)
        beside.setContentsMargins(theme.GAP // 2, 0, 0, 0)
        beside.setSpacing(theme.GAP // 2)
        beside.addWidget(self._page, 1)
        film.split.addWidget(side)
        film.split.setSizes([3 * PAGE_WIDTH, PAGE_WIDTH])
        film.split.setStretchFactor(0, 4)
        film.split.setStretchFactor(1, 1)
        for button, key in zip((film.back, film.play, film.forward), KEYS, strict=True):
            button.setToolTip(f"{button.toolTip()} ({key})")
        self.pace = Slider()
        self.pace.setRange(0, len(PACES) - 1)
        self.pace.setValue(USUAL_PACE)
        self.pace.setAccessibleName("Pace of the film")
        self.pace.setToolTip("How many operations a second the film makes")
        self._pace_text = SteadyLabel("", *map(_pace_in_words, range(len(PACES))), role="small")
        self._pace_text.setText(_pace_in_words(USUAL_PACE))
        self.moment = Choice("The neurons of the diagram", Moment, MOMENT_TIPS)
        row = QHBoxLayout()
        row.setSpacing(theme.GAP // 2)
        for widget in (self.pace, self._pace_text, self.moment):
            row.addWidget(widget)
        beside.addLayout(row)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(film, 1)
        self._dress()

    def _dress(self) -> None:
        self.pace.setMinimumWidth(theme.px(PACE_WIDTH))
        self._page.setMinimumWidth(theme.px(PAGE_WIDTH) * 3 // 4)

    def _connect(self) -> None:
        header, canvas, projector = self.header, self.canvas, self.projector
        header.subject_chosen.connect(self._choose_subject)
        header.level_chosen.connect(self._choose_level)
        header.stepped.connect(self._step_on)
        header.sought.connect(self.search)
        header.copy_asked.connect(self._copy)
        header.fit_asked.connect(canvas.fit)
        canvas.folding.connect(self.toggle)
        self.film_view.moved.connect(self._show)
        self._later.timeout.connect(self._show_page)
        projector.pause_asked.connect(self.pause_asked)
        projector.step_asked.connect(self.step_asked)
        projector.step_back_asked.connect(self.step_back_asked)
        self.pace.valueChanged.connect(self._set_pace)
        self._page.followed.connect(self.film_view.go_to)
        self.moment.chosen.connect(self._choose_moment)

    # ── showing ──────────────────────────────────────────────────────────────────────────────────────────────────

    def show_frame(self, frame: Frame) -> None:
        """Show a moment of a run, if anybody can see it."""
        self._frame = frame
        is_idle = frame.training and not self.isVisible() and self.session.selected is None
        if self._is_watched and not is_idle and self._throttle.is_due(frame.training):
            if frame.training:
                self._soon.start()
            else:
                self._take_last()

    def _take_last(self) -> None:
        self._soon.stop()
        if self._frame is not None and self._is_watched:
            with self._throttle:
                self._take(self._frame)

    @property
    def _is_watched(self) -> bool:
        return self.isVisible() or self._is_followed

    def follow(self, on: bool) -> None:
        """Keep the film going, though the graph itself cannot be seen, because another view shows what it does."""
        self._is_followed = on
        if on and self._frame is not None:
            self._take(self._frame)
        elif not self._is_watched:
            self._leave()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._frame is not None:
            self._take(self._frame)
        self._tell_outside()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._leave()

    def _leave(self) -> None:
        """Nobody watches: the film stops, and the marks in the other views go."""
        self.projector.play(False)
        self._show_moment(None)
        for signal in (self.point_shown, self.place_shown, self.chosen, self.lit, self.pulls_shown):
            signal.emit(None)
        self._told = ()

    def _take(self, frame: Frame) -> None:
        if frame.snapshot is None:
            return
        stuck = frame.status in (Status.DIVERGED, Status.WAITING, Status.BY_HAND)
        if self.projector.take(frame.snapshot, frame.training, stuck):
            self._take_place(frame)
            self.session.show(frame.snapshot)
        self._show()
        if self._moment is not None:
            self._choose_moment(self._moment)

    def _show(self, anchor: Key = None) -> None:
        session = self.session
        self.film_view.show_session(self._ways(), anchor)
        if self._frame is None or not self._frame.training:
            self._show_page()
        elif not self._later.isActive():
            self._later.start()
        self.header.subject.show_choice(session.subject)
        self.header.show_level(session.level)
        self._show_where()
        film = session.film
        self._show_moment((film, film.position) if session.filming and film is not None and film.before else None)
        if self._is_watched:
            self._tell_outside()

    def _show_where(self) -> None:
        session = self.session
        if session.subject is not Subject.PLACE or session.snapshot is None:
            self.header.show_point(*session.place_in_batch())
        else:
            task, target = session.snapshot.experiment.task, session.target
            self.header.show_target("" if target is None else task.name_of(target))

    def _show_page(self) -> None:
        self._later.stop()
        self._page.show_page(page(self.session))

    def _show_moment(self, update: object) -> None:
        """What the diagram shows of an update, if the film stands in one; of another one, what the network has made."""
        if update != self._update:
            self._update = update
            if self._moment is not None:
                self._moment = None
                self.weights_shown.emit(None)
        self.moment.setEnabled(update is not None)
        made = Moment.AFTER if self.projector.holds else Moment.BEFORE
        self.moment.show_choice(None if update is None else self._moment or made)

    def _choose_moment(self, moment: Moment) -> None:
        """Have the diagram show its neurons before or after the update."""
        graph, snapshot = self.session.graph, self.session.snapshot
        if graph is None or snapshot is None:
            return
        self._moment = moment
        if moment is (Moment.AFTER if self.projector.holds else Moment.BEFORE):
            self.weights_shown.emit(None)
        else:
            after = moment is Moment.AFTER
            self.weights_shown.emit(weights_after(graph, snapshot) if after else snapshot.weights)
        self._show_moment(self._update)

    def _ways(self) -> Highlight | None:
        """The ways from a weight to the loss; of what is not a weight none are drawn."""
        key = self.session.selected
        is_weight = isinstance(key, int) and self.session.graph is not None and self.session.parameter(key) is not None
        return self.session.ways_to_the_loss() if is_weight and not self.session.filming else None

    def _tell_outside(self) -> None:
        """Tell the other views what to mark, if it is something else than before."""
        graph, film = self.session.graph, self.session.film
        point = None if graph is None else graph.point
        step = film.last if film is not None and self.session.filming else None
        lit = None if step is None or step.node is None else target_of_key(self.session, step.node)
        chosen = target_of_key(self.session, self.session.selected)
        place = tuple(self._place.tolist()) if graph is not None and self.session.subject is Subject.PLACE else None
        if (point, place, chosen, lit, step) != self._told:
            self._told = (point, place, chosen, lit, step)
            self.point_shown.emit(point)
            self.place_shown.emit(None if place is None else self._place)
            self.chosen.emit(chosen)
            self.lit.emit(lit)
            column = 0 if step is None or step.node is None or graph is None else graph.parts[step.node].column
            self.stepped.emit(step, column)
        self.pulls_shown.emit(self.session.pulls())

    # ── what the user does ───────────────────────────────────────────────────────────────────────────────────────

    def toggle_playing(self) -> None:
        """Play the film, or hold it."""
        self.projector.toggle()

    def select_parameter(self, parameter: Parameter) -> None:
        """Select a weight or a bias, for when the graph is looked at."""
        if self.session.graph is None and self._frame is not None and self._frame.snapshot is not None:
            self.session.show(self._frame.snapshot)
        graph = self.session.graph
        if graph is not None and parameter in graph.parameters:
            self.session.reveal(graph.parameters[parameter])
            self.session.selected = graph.parameters[parameter]

    def toggle(self, key: Key) -> None:
        """Open or close a part."""
        self.session.toggle(key)
        self._show(anchor=key)

    def look_at_point(self, point: int) -> None:
        """Look at another point."""
        self.session.look_at_point(point)
        self._show()

    def look_at_place(self, place: NDArray[np.float64]) -> None:
        """Look at a place of the plane (2,), where there need be no point, and hear of it before all else."""
        self._place, self.session.selected = place, None
        self._choose_subject(Subject.PLACE)
        if (graph := self.session.graph) is not None:
            self.canvas.reveal(self.session.box_of(graph.root))  # what it says there

    def _take_place(self, frame: Frame) -> None:
        """Have the session know the place as the network is given it now, and what a point there could be."""
        data = frame.experiment.data
        targets = data.task.choices if len(data.task.choices) > 1 else (float(self._place[1]),)  # of a curve, its own
        self.session.take_place(data.inputs_at(self._place[None], frame.rest)[0], targets)

    def look_at(self, target: Target) -> None:
        """Look at a neuron, a weight or a bias of the diagram: its neuron is opened, and brought into view."""
        graph = self.session.graph
        key = None if graph is None else key_of_target(graph, target)
        if key is None:
            return
        if isinstance(key, Part):
            self.session.look_into(key)
        self.film_view.go_to(key)

    def look_at_operation(self, autopsy: Autopsy) -> None:
        """Look at the operation at which a step goes wrong: its number, in the film of the step held there.

        Where it is after the step, the film is another one's, and what computes it is looked at alone.
        """
        self.session.look_at(Subject.BATCH)
        if (point := autopsy.film.graph.point) is not None:
            self.session.look_at_point(point)
        if not autopsy.is_after:
            self.projector.seek(autopsy.film.position)
        self.film_view.go_to(autopsy.node)

    def search(self, text: str) -> None:
        """Go to the next number or part whose name has these words."""
        key = self.session.find(text, self.session.selected)
        if key is None:
            tell(
                self.header.search, f"Nothing here is called “{text}”." if text.strip() else "Type a name to look for."
            )
            return
        self.film_view.go_to(key)

    def _choose_subject(self, subject: Subject) -> None:
        if self._frame is not None:
            self._take_place(self._frame)
        self.session.look_at(subject)
        self._show()

    def _choose_level(self, level: Level) -> None:
        self.session.open_to(level)
        self._show()
        self.canvas.fit()

    def _step_on(self, by: int) -> None:
        self.session.step_on(by)
        self._show()

    def _copy(self, text: str) -> None:
        if self.canvas.scene is not None:
            COPIES[text](self.canvas.scene, self.canvas.emphasis)
            tell(self.header, "Copied.")

    def _set_pace(self, index: int) -> None:
        self.projector.set_pace(index)
        self._pace_text.setText(_pace_in_words(index))


def _pace_in_words(index: int) -> str:
    return f"{PACES[index]} a second"
