"""Landscape view: the loss over a plane through weight space, the way of the run on it, and going elsewhere."""

from __future__ import annotations

import time
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QVBoxLayout, QWidget

from engine.microscope.landscape.landscape import (
    Directions,
    Landscape,
    LandscapeChoice,
    has_same_loss,
    is_alike,
)
from engine.microscope.landscape.plane import vector_of
from engine.training.spec.rules import Integer
from playground.runtime.frame import Frame
from playground.ui import theme
from playground.ui.choice import Choice
from playground.ui.controls import Button, caption_label
from playground.ui.fields import ChoiceField
from playground.ui.stepper import Stepper
from playground.ui.throttle import Throttle
from playground.views.landscape import words
from playground.views.landscape.picture import LandscapePicture

PAUSE, SHARE = 1.0, 20  # seconds between two landscapes of a network in training, and times as long as the last took
OFTEN = 4  # times as long as it takes to find where the network stands, until it is looked for again
FAR = 0.5  # of the picture's diagonal: a moment that is further from the plane is beyond it
MOST_LIVE = 1000  # moments of the way since it was drawn
COLUMN = 224  # pixels of the words
TIPS = {
    Directions.PATH: "The plane that this run's path lies in as nearly as in any: its two principal components",
    Directions.RANDOM: "Two directions drawn from a seed, each as long as each neuron's weights",
}


class Reach(NamedTuple):
    """Reach of a landscape, as a row of a list."""

    label: str
    factor: float


REACHES = {
    str(factor): Reach(label, factor)
    for label, factor in (("× ¼", 0.25), ("× ½", 0.5), ("× 1", 1.0), ("× 2", 2.0), ("× 4", 4.0))
}
USUAL = str(LandscapeChoice().reach)
REACH_TIP = "× 1 shows the whole path; along random directions, as far as each neuron's weights are long"


class LandscapeView(QWidget):
    """Landscape view: what is chosen at the left, the picture in the middle, and what it says at the right.

    It is drawn anew when something else is chosen or asked for, when the loss is another one, and when the run has gone
    beyond what is shown; while a network trains not too often.
    """

    asked = Signal(object)  # a LandscapeChoice
    went = Signal(object)  # all weights and biases (parameters,), to be set by hand

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Landscape")
        self._frame: Frame | None = None
        self._choice = LandscapeChoice()
        self._landscape: Landscape | None = None
        self._run: int | None = None  # the run that it is of
        self._live: list[NDArray[np.float64]] = []  # places since it was drawn
        self._last: tuple[Any, int] = None, -1  # the run and the step of the last of them
        self._begun: float | None = None  # when the one that is being drawn was asked for
        self._next, self._reason = 0.0, ""
        self._is_inside, self._marking = True, Throttle(0, OFTEN)
        self._refused: object = None  # the moment that there is no landscape of
        self._directions = Choice("Directions", Directions, TIPS)
        self._directions.show_choice(self._choice.directions)
        self._seed = Stepper(Integer(0, 999), ("It is the first.", "It is the last."))
        self._seed.name("Seed of the directions", "The directions before", "Other directions")
        self._reach = ChoiceField("Range", REACHES, REACH_TIP)
        self._reach.setValue(USUAL)
        tip = "Around where the network stands now, with the whole path until here"
        self._anew = Button("Draw anew", role="small", name="Draw the landscape anew", tip=tip)
        self._bar = QProgressBar()
        self._bar.setAccessibleName("Progress of the landscape")
        self._bar.setRange(0, 100)
        self.picture = LandscapePicture()
        self.picture.say(words.INVITATION)
        self._words = QLabel()
        self._words.setAccessibleName("What the landscape says")
        self._lay_out()
        self._directions.chosen.connect(lambda chosen: self._choose(directions=chosen))
        self._seed.changed.connect(lambda seed: self._choose(seed=seed))
        self._reach.changed.connect(lambda key: self._choose(reach=REACHES[key].factor))
        self._anew.clicked.connect(lambda: self._ask(""))
        self.picture.chosen.connect(self._go)
        theme.theme().changed.connect(self._grow)
        self._grow()
        self._show_choice()

    def _lay_out(self) -> None:
        left, seed = QVBoxLayout(), QHBoxLayout()
        seed.addWidget(caption_label("Seed"))
        seed.addStretch()
        seed.addWidget(self._seed)
        left.addWidget(self._directions)
        left.addLayout(seed)
        left.addWidget(self._reach)
        left.addWidget(self._anew)
        left.addWidget(self._bar)
        left.addStretch()
        room = self._bar.sizePolicy()
        room.setRetainSizeWhenHidden(True)
        self._bar.setSizePolicy(room)
        self._bar.hide()
        self._words.setProperty("role", "small")
        self._words.setWordWrap(True)
        self._words.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, theme.GAP // 2, 0, 0)
        layout.setSpacing(theme.GAP)
        left.setSpacing(theme.GAP // 2)
        layout.addLayout(left)
        layout.addWidget(self.picture, 1)
        layout.addWidget(self._words)

    def _grow(self) -> None:
        self._words.setFixedWidth(theme.px(COLUMN))

    # ── asking ───────────────────────────────────────────────────────────────────────────────────────────────────

    def _choose(self, **changes: Any) -> None:
        self._choice = self._choice._replace(**changes)
        self._show_choice()
        self._ask("")

    def _show_choice(self) -> None:
        self._directions.show_choice(self._choice.directions)
        self._seed.setEnabled(self._choice.directions is Directions.RANDOM)

    def _ask(self, reason: str) -> None:
        """Have it drawn, and remember why."""
        self._begun, self._reason = time.perf_counter(), reason
        self.asked.emit(self._choice)

    def show_frame(self, frame: Frame) -> None:
        """Show where a moment of a run lies, and have the landscape drawn anew where it has left it."""
        self._frame = frame
        if self.isVisible():
            self._show()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show()

    def _show(self) -> None:
        frame = self._frame
        if frame is None or frame.snapshot is None:
            return
        if self._marking.is_due(frame.training):
            with self._marking:
                self._is_inside = self._show_moment(frame)
        is_due = self._begun is None and (not frame.training or time.perf_counter() >= self._next)
        if not is_due or self._refused == (frame.revision, frame.step, self._choice):
            return
        if self._landscape is None:
            self._ask("")
        elif not has_same_loss(frame.experiment, self._landscape.experiment):
            self._ask(words.OTHER_LOSS)
        elif not self._is_inside:
            self._ask(words.BEYOND)

    def _show_moment(self, frame: Frame) -> bool:
        """Mark where the network stands; whether that is on the picture."""
        landscape, snapshot = self._landscape, frame.snapshot
        if landscape is None or snapshot is None or self._is_of_another(frame, landscape):
            self.picture.mark(None, np.empty((0, 2)))
            return False
        weights = vector_of(snapshot.weights)
        place = landscape.plane.of(weights)
        distance = float(landscape.plane.distance(weights, place))
        low, high = np.array(landscape.surface.low), np.array(landscape.surface.high)
        is_inside = bool(((low <= place) & (place <= high)).all())
        self._go_along(frame, place)
        self.picture.mark(place if is_inside else None, np.array(self._live).reshape(-1, 2))
        self._say(landscape, words.moment_in_words(frame.step, distance, is_inside))
        return is_inside and distance <= FAR * landscape.diagonal

    def _is_of_another(self, frame: Frame, landscape: Landscape) -> bool:
        """Whether a landscape is of another network, or of a run that had come further: of another document's."""
        is_shorter = _run_of(frame) == self._run and frame.end < landscape.step
        return is_shorter or not is_alike(frame.experiment, landscape.experiment)

    def _go_along(self, frame: Frame, place: NDArray[np.float64]) -> None:
        """Lengthen the way by a moment that comes after its end; another run has a way of its own."""
        run, step = self._last
        number = _run_of(frame)
        if number != run:
            self._live, step = [], -1
        if frame.step > step:
            self._live = [*(self._live if len(self._live) < MOST_LIVE else self._live[::2]), place]
            self._last = number, frame.step

    def _say(self, landscape: Landscape, moment: str) -> None:
        called = {} if self._frame is None else {run.number: run.name for run in self._frame.runs}
        sentences = [
            words.directions_in_words(landscape),
            f"{words.drawn_in_words(landscape, self._reason)} {moment}",
            words.others_in_words(landscape, called),
            words.KEPT,
        ]
        text = "\n\n".join(filter(None, sentences))
        if text != self._words.text():
            self._words.setText(text)

    # ── what comes ───────────────────────────────────────────────────────────────────────────────────────────────

    def show_landscape(self, landscape: Landscape) -> None:
        """Show a landscape as far as it is made."""
        is_other = self._landscape is None or landscape.plane is not self._landscape.plane
        self._landscape = landscape
        if is_other and self._frame is not None:
            self._run, self._live = _run_of(self._frame), [landscape.trail.places[-1]]
            self._last = self._run, int(landscape.trail.steps[-1])
        self.picture.show_landscape(landscape, words.names(landscape))
        self._bar.setVisible(landscape.surface.share < 1)
        self._bar.setValue(round(100 * landscape.surface.share))
        if self._frame is not None:
            self._show_moment(self._frame)

    def show_over(self, trouble: str) -> None:
        """Take note that it is as fine as it gets; or why there is none."""
        now = time.perf_counter()
        took = 0.0 if self._begun is None else now - self._begun
        self._begun, self._next = None, now + max(PAUSE, SHARE * took)
        self._bar.hide()
        self._refused = None
        if trouble:
            self._landscape = None
            self._refused = None if self._frame is None else (self._frame.revision, self._frame.step, self._choice)
            self.picture.say(trouble)
            self._words.setText("")

    def _go(self, place: NDArray[np.float64]) -> None:
        """Have the network stand at a place, if the landscape is its own."""
        landscape, frame = self._landscape, self._frame
        if landscape is not None and frame is not None and is_alike(frame.experiment, landscape.experiment):
            self.went.emit(landscape.plane.at(place))


def _run_of(frame: Frame) -> int | None:
    """The number of the run that is looked at."""
    return next((run.number for run in frame.runs if run.is_current), None)
