"""Branch of the tree of runs: a timeline, where it comes from, and what the list says of it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.dataclass import dataclass
from engine.microscope.mistakes import broken_run, source_with
from engine.training import Curve, Experiment, Score
from engine.training.run.state import Weights
from engine.training.run.timeline import ROOM, Faults, Timeline
from playground.model.differences import in_words, values_in_words
from playground.model.guess import Guess, Outcome

DIVERGED = "diverged"
FEWEST, MOST = 2, 6  # lanes of a race


class Lane(NamedTuple):
    """Lane of a race, before it is a branch: what the run in it is called, and what it trains."""

    name: str
    experiment: Experiment


@dataclass(eq=False)
class Branch:
    """Branch of the tree of runs: a timeline, and where it comes from."""

    number: int
    timeline: Timeline
    since: Experiment | None = None  # what was trained where it left the run that it came from
    transferred: tuple[int, int] | None = None  # how many weights of how many it took over
    first_step: int = 0  # what is after these is its own
    first_change: int = 0
    name: str = ""
    note: str = ""
    is_pinned: bool = False
    is_removed: bool = False
    scores: tuple[Score | None, Score | None] = (None, None)  # at its end, when it was left
    picture: NDArray[np.uint8] | None = None  # its boundary there
    guess: Guess | None = None
    outcome: Outcome | None = None  # what came of the guess; None while it has not come to that

    @property
    def has_steps(self) -> bool:
        """Whether it was trained beyond where it began."""
        return self.timeline.end > self.first_step

    @property
    def is_made(self) -> bool:
        """Whether it was trained, or has weights that were set by hand."""
        return self.has_steps or any(change.values for change in self.timeline.changes[self.first_change :])

    @property
    def open_guess(self) -> Guess | None:
        """The guess, if it has not come to that."""
        return self.guess if self.outcome is None else None

    def judge(self) -> bool:
        """Look up what came of the guess, if it is known by now and was not before; whether it was."""
        guess, end = self.open_guess, self.timeline.end
        if guess is not None and guess.steps is not None and guess.steps <= end:
            self.outcome = guess.outcome(self.timeline.copy())
        return self.open_guess is not guess

    @property
    def trouble(self) -> str:
        """Why it cannot go on from where it stands, in words; empty where it can."""
        run = self.timeline.run
        return DIVERGED if run.diverged else run.waiting_for if self.timeline.is_at_end else ""

    @property
    def began_with(self) -> Experiment:
        """The experiment where it begins to be of its own."""
        changes = self.timeline.changes[: self.first_change]
        return changes[-1].experiment if changes else self.timeline.origin.experiment

    @property
    def first_settings(self) -> Experiment:
        """What it trained in the first step of its own: with what was changed there."""
        changes = [change for change in self.timeline.changes if change.step <= self.first_step]
        return changes[-1].experiment if changes else self.timeline.origin.experiment

    def words(self) -> str:
        """What it has different from the run that it came from: at its beginning, and since."""
        parts = () if self.since is None else in_words(self.since, self.began_with)
        if own := self.timeline.changes[self.first_change :]:
            steps = {change.step for change in own}
            when = f" at step {own[0].step:,}" if len(steps) == 1 and own[0].step > 0 else ""
            changed = in_words(self.began_with, own[-1].experiment) + values_in_words(*own)
            parts += tuple(f"{words}{when}" for words in changed)
        if not parts and self.since is not None:
            parts = (f"goes on from step {self.first_step:,}" if self.first_step else "begun again",)
        return ", ".join(parts)


@dataclass(frozen=True, eq=False)
class RunSummary:
    """Summary of a run, as the list of runs shows it.

    Attributes:
        number, name: of the run; the number is its own for as long as the program runs.
        words: what it has different from the run that it came from.
        step: its last step.
        train, test: its scores there; None without such points.
        curve: its losses.
        experiment: what it trains there.
        first_settings: what it trained in the first step of its own.
        picture: its boundary there, as `pictures` has it; None before it was left for the first time.
        is_current, is_removed: whether it is the one that is looked at; whether it is in the list only for that.
        note: what the user has noted of it.
        guess, outcome: what was guessed of it, and what came of that; None where there is none, or not yet.
        trouble: why it cannot go on, in words; empty where it can.
    """

    number: int
    name: str
    words: str
    step: int
    train: Score | None
    test: Score | None
    curve: Curve
    experiment: Experiment
    first_settings: Experiment
    picture: NDArray[np.uint8] | None
    is_pinned: bool
    is_current: bool
    is_removed: bool = False
    note: str = ""
    guess: Guess | None = None
    outcome: Outcome | None = None
    trouble: str = ""


def begun(experiment: Experiment, faults: Faults, weights: Weights | None) -> Timeline:
    """The timeline of a new run; its initial weights are drawn from its seed if there are none."""
    return Timeline.of(broken_run(experiment, source_with(faults), weights), faults, source_with, ROOM)
