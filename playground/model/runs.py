"""Runs of a document: the tree of all that was trained, of which one is looked at. The worker's thread owns it."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from engine.microscope.mistakes import broken_run, source_with
from engine.training import Curve, Experiment, Run, Score, StopRules
from engine.training.run.timeline import ROOM, Change, Faults, Place, Timeline
from engine.training.run.transfer import LIVED_THROUGH, Transfer, transfer
from playground.model.commands import USUAL, Manner
from playground.model.differences import in_words, values_in_words
from playground.runtime.pictures import boundary_of

NO_RULES = StopRules()
SIDE = 100  # cells along each side of their pictures


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
        picture: its boundary there, as `pictures` has it; None before it was left for the first time.
        is_current: whether it is the one that is looked at.
    """

    number: int
    name: str
    words: str
    step: int
    train: Score | None
    test: Score | None
    curve: Curve
    experiment: Experiment
    picture: NDArray[np.uint8] | None
    is_pinned: bool
    is_current: bool


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
    is_pinned: bool = False
    is_removed: bool = False
    scores: tuple[Score | None, Score | None] = (None, None)  # at its end, when it was left
    picture: NDArray[np.uint8] | None = None  # its boundary there

    @property
    def has_steps(self) -> bool:
        """Whether it was trained beyond where it began."""
        return self.timeline.end > self.first_step

    @property
    def is_made(self) -> bool:
        """Whether it was trained, or has weights that were set by hand."""
        return self.has_steps or any(change.values for change in self.timeline.changes[self.first_change :])

    @property
    def began_with(self) -> Experiment:
        """The experiment where it begins to be of its own."""
        changes = self.timeline.changes[: self.first_change]
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


class Runs:
    """Tree of runs. What changes the past, or needs another network, begins a new run; the old one stays.

    Args:
        branches: those that there are.
        current: the number of the one that is looked at.
        hidden: the parts of the window that are not to be seen with them.
        rules: when training stops by itself.

    Attributes:
        branch: the one that is looked at.
    """

    def __init__(
        self,
        branches: Iterable[Branch],
        current: int,
        hidden: frozenset[str] = frozenset(),
        rules: StopRules = NO_RULES,
    ) -> None:
        self.hidden, self.rules = hidden, rules
        self._branches = {branch.number: branch for branch in branches}
        self._marks: dict[Hashable, tuple[int, Place]] = {}
        self._told: tuple[RunSummary, ...] | None = None
        self._stroke: tuple[Hashable, int, Place] | None = None  # the gesture that set values, and where it stood then
        self._marked: dict[int, tuple[tuple[int, str], ...]] = {}
        self.branch = self._branches[current]
        self._share_room(self.branch)

    @classmethod
    def of(cls, run: Run) -> Runs:
        """The tree of a run that nothing has come from yet."""
        return cls([Branch(1, Timeline.of(run, make_source=source_with), first_step=run.steps)], 1)

    @property
    def timeline(self) -> Timeline:
        """The timeline of the run that is looked at."""
        return self.branch.timeline

    @property
    def faults(self) -> Faults:
        """The mistakes that the engine makes where it stands."""
        return self.timeline.in_force.faults

    # ── going on ─────────────────────────────────────────────────────────────────────────────────────────────────

    def step(self, n: int = 1) -> int:
        """Go on n steps, fewer if it cannot; how many there were. A change that was undone here is made no more."""
        if self.timeline.is_before_a_change:
            self.fork()
        return self.timeline.step(n)

    def apply(self, experiment: Experiment, keeps_weights: bool = True, manner: Manner = USUAL) -> None:
        """Go on with a changed experiment; in the past, or where it needs another network, in a run of its own."""
        if manner.from_start:
            self._apply_from_start(experiment)
            return
        here = self.timeline.in_force.experiment
        if experiment == here and not manner.values:
            return
        reasons = set(here.needs_new_network(experiment))
        if reasons:
            keeps = keeps_weights and reasons <= LIVED_THROUGH
            self._begin(experiment, transfer(self.timeline.run.snapshot(), experiment) if keeps else None)
        else:
            self._fork_unless_at_end()
            self._set(experiment, manner)

    def _set(self, experiment: Experiment, manner: Manner) -> None:
        """Have the experiment, and the values, in force; those of one gesture at one step are one change."""
        timeline = self.timeline
        if manner.gesture is not None and self._stroke == (manner.gesture, self.branch.number, timeline.place):
            timeline.amend(manner.values)
            self._marked.pop(self.branch.number, None)
        else:
            timeline.apply(experiment, values=manner.values)
        self._stroke = (manner.gesture, self.branch.number, timeline.place) if manner.values else None

    def _apply_from_start(self, experiment: Experiment) -> None:
        """Begin a run where the optimizer in force came into force; the one that there was stays where it stands."""
        left, place = self.timeline, self.timeline.place
        left.seek(*self._start)
        self.fork()
        self.timeline.apply(experiment)
        left.seek(*place)
        left.release()

    @property
    def _start(self) -> Place:
        """Where the optimizer that is in force came into force."""
        place, changes = self.timeline.place, [self.timeline.origin, *self.timeline.changes]
        made = place.changes
        while made and _optimizer_of(changes[made - 1]) == _optimizer_of(changes[made]):
            made -= 1
        return Place(changes[made].step, made)

    def begin_again(self, experiment: Experiment) -> None:
        """Begin a run with fresh initial weights."""
        self._begin(experiment, None)

    def break_engine(self, mistakes: Faults) -> None:
        """Go on with an engine that makes these mistakes; one that begins with other weights begins a new run."""
        if "zero_weights" in mistakes ^ self.faults:
            self._begin(self.timeline.in_force.experiment, None, mistakes)
        else:
            self._fork_unless_at_end()
            self.timeline.apply(self.timeline.in_force.experiment, mistakes)

    # ── going elsewhere ──────────────────────────────────────────────────────────────────────────────────────────

    def open(self, number: int) -> None:
        """Look at another run, where it was left."""
        if number != self.branch.number:
            self._leave()
            self.branch = self._branches[number]

    def mark(self, name: Hashable) -> None:
        """Remember this run and this place under a name."""
        self._marks[name] = self.branch.number, self.timeline.place

    def return_to(self, name: Hashable) -> None:
        """Stand where a mark was made, trained as it was."""
        number, place = self._marks[name]
        self.open(number)
        self.timeline.seek(*place)

    # ── the tree ─────────────────────────────────────────────────────────────────────────────────────────────────

    def remove(self, number: int) -> None:
        """Take a run out of the list; an edit that is undone can still bring it back."""
        self._branches[number].is_removed, self._told = True, None

    def rename(self, number: int, name: str) -> None:
        """Give a run a name."""
        self._branches[number].name, self._told = name, None

    def pin(self, number: int, on: bool) -> None:
        """Have a run stay at the top of the list."""
        self._branches[number].is_pinned, self._told = on, None

    def hide(self, parts: frozenset[str]) -> None:
        """Have these parts of the window, and no others, not be seen."""
        self.hidden = parts

    def stop_by(self, rules: StopRules) -> None:
        """Have training stop by these rules, and no others."""
        self.rules = rules

    def summaries(self) -> tuple[RunSummary, ...]:
        """The runs that are worth showing: those that were trained, and the one that is looked at.

        Of the latter it says what it was when it was last asked to change; a frame says what it is.
        """
        if self._told is None:
            self._told = tuple(self._summary(branch) for branch in self.shown)
        return self._told

    @property
    def shown(self) -> list[Branch]:
        """Those that are worth showing."""
        return [b for b in self._branches.values() if b is self.branch or (b.is_made and not b.is_removed)]

    @property
    def content(self) -> Hashable:
        """All that a file would hold of them, as what is equal where nothing has changed."""
        told = [(b.number, *b.timeline.made, b.timeline.last.values, b.name, b.is_pinned) for b in self.shown]
        return self.hidden, tuple(told), self.rules

    def marks(self) -> tuple[tuple[int, str], ...]:
        """Where the settings of the run that is looked at were changed: at which step, and what, in words."""
        timeline = self.timeline
        known = self._marked.get(self.branch.number, ())
        for before, change in pairwise([timeline.origin, *timeline.changes][len(known) :]):
            known += ((change.step, ", ".join(_words(before, change))),)
        self._marked[self.branch.number] = known
        return known

    def _summary(self, branch: Branch) -> RunSummary:
        is_current = branch is self.branch
        train, test = branch.scores
        return RunSummary(
            number=branch.number,
            name=branch.name or f"Run {branch.number}",
            words=branch.words(),
            step=branch.timeline.end,
            train=train,
            test=test,
            curve=branch.timeline.history.curve(),
            experiment=branch.timeline.last.experiment,
            picture=branch.picture,
            is_pinned=branch.is_pinned,
            is_current=is_current,
        )

    def _begin(self, experiment: Experiment, transferred: Transfer | None, faults: Faults | None = None) -> None:
        faults = self.faults if faults is None else faults
        since = self.timeline.in_force.experiment
        weights = None if transferred is None else transferred.weights
        run = broken_run(experiment, source_with(faults), weights)
        timeline = Timeline.of(run, faults, source_with, ROOM)
        self._leave()
        self.branch = self._add(timeline, since, None if transferred is None else (transferred.kept, transferred.of))

    def _fork_unless_at_end(self) -> None:
        if not self.timeline.is_at_end:
            self.fork()

    def fork(self) -> None:
        """Begin a run with the same past up to here, and a future of its own."""
        self._find_scores()
        since = self.timeline.in_force.experiment
        self.branch = self._add(self.timeline.fork(), since)

    def _add(
        self, timeline: Timeline, since: Experiment | None = None, transferred: tuple[int, int] | None = None
    ) -> Branch:
        step, changes = timeline.place
        branch = Branch(max(self._branches, default=0) + 1, timeline, since, transferred, step, changes)
        self._branches[branch.number] = branch
        self._share_room(branch)
        self._told = None
        return branch

    def _share_room(self, current: Branch) -> None:
        growing = [branch for branch in self._branches.values() if branch.has_steps or branch is current]
        for branch in growing:
            branch.timeline.make_do_with(ROOM // len(growing))

    def _leave(self) -> None:
        """Let the run that is looked at go; it stays where it stands."""
        self._find_scores()
        self.timeline.release()
        self._told = None

    def _find_scores(self) -> None:
        """Find what the list says of the run that is looked at when it is no more."""
        place = self.timeline.place
        self.timeline.seek(self.timeline.end)
        self.branch.scores, self.branch.picture = self.timeline.run.score(), boundary_of(self.timeline.run, SIDE)
        self.timeline.seek(*place)


def _optimizer_of(change: Change) -> str:
    return change.experiment.training.optimizer


def _words(before: Change, after: Change) -> tuple[str, ...]:
    """What a change changed."""
    engine = ("the engine broken" if after.faults else "the engine repaired",) if before.faults != after.faults else ()
    return in_words(before.experiment, after.experiment) + values_in_words(after) + engine
