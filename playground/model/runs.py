"""Runs of a document: the tree of all that was trained, of which one is looked at. The worker's thread owns it."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from engine.microscope.mistakes import source_with
from engine.training import Curve, Experiment, Run, StopRules
from engine.training.run.common_start import common_start
from engine.training.run.timeline import ROOM, Change, Faults, Place, Timeline
from engine.training.run.transfer import LIVED_THROUGH, Transfer, transfer
from playground.model.branch import FEWEST, Branch, Lane, RunSummary, begun
from playground.model.commands import USUAL, Manner
from playground.model.differences import in_words, values_in_words
from playground.runtime.pictures import boundary_of

NO_RULES = StopRules()
SIDE = 100  # cells along each side of their pictures


class Runs:
    """Tree of runs. What changes the past, or needs another network, begins a new run; the old one stays.

    Args:
        branches: those that there are.
        current: the number of the one that is looked at.
        hidden: the parts of the window that are not to be seen with them.
        rules: when training stops by itself.
        lanes: the numbers of those that race: they go on together as long as one of them is looked at.

    Attributes:
        branch: the one that is looked at.
    """

    def __init__(
        self,
        branches: Iterable[Branch],
        current: int,
        hidden: frozenset[str] = frozenset(),
        rules: StopRules = NO_RULES,
        lanes: tuple[int, ...] = (),
    ) -> None:
        self.hidden, self.rules, self.lanes = hidden, rules, lanes
        self._branches = {branch.number: branch for branch in branches}
        self._marks: dict[Hashable, tuple[int, Place, tuple[int, ...]]] = {}
        self._told: tuple[RunSummary, ...] | None = None
        self._stroke: tuple[Hashable, int, Place] | None = None  # the gesture that set values, and where it stood then
        self._marked: dict[int, tuple[tuple[int, str], ...]] = {}
        self.branch = self._branches[current]
        self._share_room()

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

    @property
    def abreast(self) -> list[Branch]:
        """Those that go on together: the one that is looked at and, if it is a lane of the race, the other lanes."""
        lanes = self.lanes if self.branch.number in self.lanes else ()
        return [self.branch, *(self._branches[lane] for lane in lanes if lane != self.branch.number)]

    @property
    def going(self) -> list[Branch]:
        """Those of them that can go on."""
        return [branch for branch in self.abreast if not branch.trouble]

    @property
    def has_diverged(self) -> bool:
        """Whether all of them have."""
        return all(branch.timeline.run.diverged for branch in self.abreast)

    # ── going on ─────────────────────────────────────────────────────────────────────────────────────────────────

    def step(self, n: int = 1) -> int:
        """Go on n steps, fewer if it cannot; how many there were. A change that was undone here is made no more.

        In a race all lanes do. One that cannot go on stands still, and the others wait for one that is behind.
        """
        if self.timeline.is_before_a_change:
            self.fork()
        while n and (going := [branch.timeline for branch in self.going]):
            goal = min(timeline.place.step for timeline in going) + n
            made = [timeline.step(goal - timeline.place.step) for timeline in going if timeline.place.step < goal]
            if sum(branch.judge() for branch in self.going):  # each of them
                self._told = None
            if any(made):
                return max(made)
        return 0

    def apply(self, experiment: Experiment, keeps_weights: bool = True, manner: Manner = USUAL) -> None:
        """Go on with a changed experiment; in the past, or where it needs another network, in a run of its own."""
        if manner.race is not None:
            self._race(manner.race, experiment)
            return
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

    def _race(self, lanes: Sequence[Lane], looked_at: Experiment) -> None:
        """Begin a run for each of some lanes, abreast from a common start; with none, the race is over."""
        since, faults, current = self.timeline.in_force.experiment, self.faults, self.branch.number
        _, *starts = common_start([since, *(lane.experiment for lane in lanes)])
        numbers = []
        for (name, experiment), weights in zip(lanes, starts, strict=True):
            branch = self._add(begun(experiment, faults, weights), since)
            branch.name = name
            numbers.append(branch.number)
            if current == self.branch.number or experiment == looked_at:
                current = branch.number
        self._look_at(current, tuple(numbers))

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
        """Look at another run, where it was left; at another lane of a race, where all of them are."""
        self._look_at(number, self.lanes)

    def seek(self, step: int) -> None:
        """Stand after a step, or at the nearest that there is; with all lanes of a race."""
        for _ in self.approach(step):
            pass

    def approach(self, step: int) -> Iterator[float]:
        """`seek` bit by bit: yields the share of the way that is behind; who stops asking stands on the way."""
        abreast = self.abreast
        for i, branch in enumerate(abreast):
            for share in branch.timeline.approach(step):
                yield (i + share) / len(abreast)

    def mark(self, name: Hashable) -> None:
        """Remember this run, this place and the race under a name."""
        self._marks[name] = self.branch.number, self.timeline.place, self.lanes

    def return_to(self, name: Hashable) -> None:
        """Stand where a mark was made, trained as it was."""
        number, place, lanes = self._marks[name]
        self._look_at(number, lanes)
        self.timeline.seek(*place)
        for other in self.abreast[1:]:
            other.timeline.seek(place.step)

    def _look_at(self, number: int, lanes: tuple[int, ...]) -> None:
        """Look at a run, with these lanes racing. What goes on no more is let go, and stays where it stands."""
        before, self.lanes, self.branch = self.abreast, lanes, self._branches[number]
        for branch in before:
            if branch not in self.abreast:
                self._find_scores(branch)
                branch.timeline.release()
        self._share_room()
        self._told = None

    # ── the tree ─────────────────────────────────────────────────────────────────────────────────────────────────

    def tell_of(self, number: int, **said: Any) -> None:
        """Have a run bear another name, note or guess, stay at the top of the list, or leave it: fields of its branch.

        A guess is held against what is known already. A run that is removed leaves the race as well.
        """
        branch, self._told = self._branches[number], None
        for name, value in said.items():
            setattr(branch, name, value)
        if "guess" in said:
            branch.outcome = None
            branch.judge()
        if branch.is_removed and number in self.lanes:
            lanes = tuple(lane for lane in self.lanes if lane != number)
            self._look_at(self.branch.number, lanes if len(lanes) >= FEWEST else ())

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

    def race(self, is_watched: bool = True) -> tuple[RunSummary, ...]:
        """The lanes of the race, each where it stands; unless it is watched, with the scores and the picture that the
        list of runs has, since they take a pass of the network each.
        """
        abreast, lanes = self.abreast, [self._branches[lane] for lane in self.lanes]
        return tuple(self._standing(lane, is_watched) if lane in abreast else self._summary(lane) for lane in lanes)

    def tell_anew(self) -> None:
        """Have the list of runs say of the other lanes of a race how far they have come."""
        for branch in self.abreast[1:]:
            self._find_scores(branch)
            self._told = None

    @property
    def shown(self) -> list[Branch]:
        """Those that are worth showing."""
        kept = {self.branch.number, *self.lanes}
        return [b for b in self._branches.values() if b.number in kept or (b.is_made and not b.is_removed)]

    @property
    def content(self) -> Hashable:
        """All that a file would hold of them, as what is equal where nothing has changed."""
        told = [
            (b.number, *b.timeline.made, b.timeline.last.values, b.name, b.note, b.guess, b.is_pinned)
            for b in self.shown
        ]
        return self.hidden, tuple(told), self.rules, self.lanes

    def marks(self) -> tuple[tuple[int, str], ...]:
        """Where the settings of the run that is looked at were changed: at which step, and what, in words."""
        timeline = self.timeline
        known = self._marked.get(self.branch.number, ())
        for before, change in pairwise([timeline.origin, *timeline.changes][len(known) :]):
            known += ((change.step, ", ".join(change_in_words(before, change))),)
        self._marked[self.branch.number] = known
        return known

    def _summary(self, branch: Branch, curve: Curve | None = None) -> RunSummary:
        is_current = branch is self.branch
        train, test = branch.scores
        return RunSummary(
            number=branch.number,
            name=branch.name or f"Run {branch.number}",
            words=branch.words(),
            step=branch.timeline.end,
            train=train,
            test=test,
            curve=curve or branch.timeline.history.curve(),
            experiment=branch.timeline.last.experiment,
            first_settings=branch.first_settings,
            picture=branch.picture,
            is_pinned=branch.is_pinned,
            is_current=is_current,
            is_removed=branch.is_removed,
            note=branch.note,
            guess=branch.guess,
            outcome=branch.outcome,
        )

    def _standing(self, lane: Branch, is_watched: bool) -> RunSummary:
        run = lane.timeline.run
        told = replace(
            self._summary(lane, run.curve()), step=run.steps, experiment=run.experiment, trouble=lane.trouble
        )
        if not is_watched:
            return told
        train, test = run.score()
        return replace(told, train=train, test=test, picture=boundary_of(run, SIDE))

    def _begin(self, experiment: Experiment, transferred: Transfer | None, faults: Faults | None = None) -> None:
        faults = self.faults if faults is None else faults
        since = self.timeline.in_force.experiment
        weights = None if transferred is None else transferred.weights
        timeline = begun(experiment, faults, weights)
        branch = self._add(timeline, since, None if transferred is None else (transferred.kept, transferred.of))
        branch.guess = self.branch.open_guess
        self.open(branch.number)

    def _fork_unless_at_end(self) -> None:
        if not self.timeline.is_at_end:
            self.fork()

    def fork(self) -> None:
        """Begin a run with the same past up to here, and a future of its own. In a race it takes this one's place."""
        left = self.branch
        self._find_scores(left)
        self.branch = self._add(left.timeline.fork(), left.timeline.in_force.experiment)
        self.branch.guess = left.open_guess
        self.lanes = tuple(self.branch.number if lane == left.number else lane for lane in self.lanes)
        self._share_room()

    def _add(
        self, timeline: Timeline, since: Experiment | None = None, transferred: tuple[int, int] | None = None
    ) -> Branch:
        step, changes = timeline.place
        branch = Branch(max(self._branches, default=0) + 1, timeline, since, transferred, step, changes)
        self._branches[branch.number] = branch
        self._told = None
        return branch

    def _share_room(self) -> None:
        abreast = self.abreast
        growing = [branch for branch in self._branches.values() if branch.has_steps or branch in abreast]
        for branch in growing:
            branch.timeline.make_do_with(ROOM // len(growing))

    def _find_scores(self, branch: Branch) -> None:
        """Find what the list says of a run when it is not looked at."""
        timeline, place = branch.timeline, branch.timeline.place
        timeline.seek(timeline.end)
        branch.scores, branch.picture = timeline.run.score(), boundary_of(timeline.run, SIDE)
        timeline.seek(*place)


def _optimizer_of(change: Change) -> str:
    return change.experiment.training.optimizer


def change_in_words(before: Change, after: Change) -> tuple[str, ...]:
    """What a change changed."""
    engine = ("the engine broken" if after.faults else "the engine repaired",) if before.faults != after.faults else ()
    return in_words(before.experiment, after.experiment) + values_in_words(after) + engine
