"""Timeline: everything that happened to a run since its origin, so that it can stand at any of its steps again.

Steps are so quick, and repeat themselves so exactly, that few moments need keeping: any other one is had, to the last
bit, from the snapshot before it, by making its steps again with each change of the experiment at its own step.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from engine.dataclass import dataclass
from engine.training.run.gradient_step import GradientSource
from engine.training.run.history import History
from engine.training.run.run import Run
from engine.training.run.snapshot import RunSnapshot
from engine.training.spec.experiment import Experiment
from engine.training.spec.places import Values

ROOM = 48 << 20  # bytes that the snapshots of all timelines may take
MOST, FEWEST = 2000, 4  # snapshots that it keeps, within the room
CLOSEST, WIDEST = 16, 256  # steps from one snapshot to the next, at first: taking one costs as much as five
LARGE = 500  # parameters from which on steps take so long that snapshots are taken more often
AT_ONCE = 64  # steps that are made again before whoever waits is told how far it is

Faults = frozenset[str]
SourceMaker = Callable[[Faults], GradientSource | None]


def _sound(_: Faults) -> None:
    """No source but the run's own program."""


@dataclass(frozen=True)
class Change:
    """Change of a run: from this step on it trains this experiment, by an engine with these faults.

    Before it goes on, these weights and biases are set by hand.
    """

    step: int
    experiment: Experiment
    faults: Faults = frozenset()
    values: Values = ()


class Place(NamedTuple):
    """Place on a timeline: after so many steps, and so many of the changes made by then. Later places are larger."""

    step: int
    changes: int


class Timeline:
    """Timeline of a run: its snapshots, thinned as they grow in number, and each change at its step.

    Args:
        origin: the experiment that it began with, and the faults of its engine.
        snapshots: by their steps; that of the origin at least, the others before the changes at their steps.
        stride: steps from one snapshot to the next, from now on.
        end: its last step.
        changes: what was changed since the origin, in order.
        history: its losses, up to the end.
        place: where its run stands.
        make_source: from faults the source of gradients that has them; None for those without.
        room: bytes that its snapshots may take.

    Attributes:
        start, end: its first and its last step.
        origin, changes, history, stride: as above.
    """

    def __init__(
        self,
        origin: Change,
        snapshots: Mapping[int, RunSnapshot],
        stride: int,
        end: int,
        changes: Iterable[Change],
        history: History,
        place: Place,
        make_source: SourceMaker = _sound,
        room: int = ROOM,
    ) -> None:
        self.start, self.end, self.stride = origin.step, end, stride
        self.origin, self.changes, self.history = origin, list(changes), history
        self._snapshots = dict(snapshots)
        self._make_source, self._room = make_source, room
        self._run: Run | None = None  # made when somebody asks for it
        self._lost: Place | None = None  # from where a step was tried that could not be made: the run diverged
        self._place = place

    @classmethod
    def of(
        cls,
        run: Run,
        faults: Faults = frozenset(),
        make_source: SourceMaker = _sound,
        room: int = ROOM,
        stride: int | None = None,
    ) -> Timeline:
        """The timeline of a run that stands at its origin, and from now on is the timeline's alone.

        `stride`: steps from one snapshot to the next, at first; by the size of the network if None.
        """
        often = max(CLOSEST, WIDEST * LARGE // max(LARGE, run.experiment.parameter_count))
        origin, snapshots = Change(run.steps, run.experiment, faults), {run.steps: run.snapshot()}
        place, stride = Place(run.steps, 0), often if stride is None else stride
        result = cls(origin, snapshots, stride, run.steps, [], run.history, place, make_source, room)
        result._run = run
        return result

    # ── where it stands ──────────────────────────────────────────────────────────────────────────────────────────

    @property
    def run(self) -> Run:
        """The run, standing at the place; made anew if it was let go."""
        if self._run is None:
            self._run = Run(self.origin.experiment, self._make_source(self.origin.faults))
            self._run.history = self.history
            place, self._place = self._place, Place(self.start, 0)
            self._stand_at_snapshot(max(step for step in self._snapshots if step <= place.step))
            for _ in self._replay(place):
                pass
        return self._run

    def release(self) -> None:
        """Let the run go, which takes far more memory than what it takes to make it again."""
        if (here := self.here) is not None:
            self._snapshots.setdefault(here.steps, here)
        self._run = None

    @property
    def here(self) -> RunSnapshot | None:
        """The snapshot of where its run stands; None if that was let go, or a change was made at this very step."""
        is_before = self._place.changes == bisect_left(self.changes, self._place.step, key=_step_of)
        return None if self._run is None or not is_before else self._run.snapshot()

    @property
    def place(self) -> Place:
        """Where the run stands."""
        return self._place

    @property
    def is_at_end(self) -> bool:
        """Whether all that happened has happened where it stands."""
        return self._place == (self.end, len(self.changes))

    @property
    def made(self) -> Place:
        """The last place there is, without changes at its step that were undone since."""
        return self._place if self._place.step == self.end else self._recorded(self.end)

    @property
    def in_force(self) -> Change:
        """The change that says what is trained where it stands."""
        return self.changes[self._place.changes - 1] if self._place.changes else self.origin

    @property
    def last(self) -> Change:
        """The change that says what is trained at the end."""
        return self.changes[-1] if self.changes else self.origin

    @property
    def is_before_a_change(self) -> bool:
        """Whether it stands before one that was made at this very step: what was recorded goes on otherwise."""
        return self._place.changes < self._recorded(self._place.step).changes

    @property
    def snapshots(self) -> tuple[RunSnapshot, ...]:
        """The snapshots that are kept, in order."""
        return tuple(snapshot for _, snapshot in sorted(self._snapshots.items()))

    @property
    def nbytes(self) -> int:
        """Memory of the snapshots."""
        return sum(snapshot.nbytes for snapshot in self._snapshots.values())

    # ── going on ─────────────────────────────────────────────────────────────────────────────────────────────────

    def step(self, n: int = 1) -> int:
        """Go n steps on, of which those that were made before are made again; returns how many there were.

        Fewer than n where the run waits for points, or diverges.
        """
        run, start = self.run, self._place.step
        for _ in self._replay(self._recorded(start + n)):
            pass
        while run.steps < start + n:
            due = run.steps - run.steps % self.stride + self.stride
            made = run.step(min(due, start + n) - run.steps)
            self._lost = Place(run.steps, self._place.changes) if run.diverged else self._lost
            if not made:
                break
            self.end = run.steps
            self._place = self._place._replace(step=run.steps)
            if run.steps == due:
                self._keep(run.snapshot())
        return run.steps - start

    def apply(self, experiment: Experiment, faults: Faults | None = None, values: Values = ()) -> tuple[str, ...]:
        """Go on with a changed experiment, an engine with other faults, as it is if None, or values set by hand.

        Returns the names of those changes that need a new network, and then nothing is changed. Raises ValueError in
        the past, which stays as it was: only a fork can be changed.
        """
        if not self.is_at_end:
            raise ValueError(f"apply: step {self._place.step} of {self.end} is past; fork first")
        change = Change(self.end, experiment, self.in_force.faults if faults is None else faults, values)
        if reasons := self.run.experiment.needs_new_network(experiment):
            return reasons
        if values or (change.experiment, change.faults) != (self.in_force.experiment, self.in_force.faults):
            self.changes.append(change)
            self._make_next()
        return ()

    def amend(self, values: Values) -> None:
        """Set more values by hand, as part of the last change, which was made where it stands at the end."""
        self.changes[-1] = replace(self.last, values=tuple({**dict(self.last.values), **dict(values)}.items()))
        self.run.set_values(values)

    def fork(self) -> Timeline:
        """A timeline that has the same past up to here, and a future of its own. It takes the run over."""
        step, changes = self._place
        run, snapshots = self.run, {s: snapshot for s, snapshot in self._snapshots.items() if s <= step}
        past, make_source = (self.changes[:changes], self.history.until(step), self._place), self._make_source
        fork = Timeline(self.origin, snapshots, self.stride, step, *past, make_source, self._room)
        self.release()
        run.history = fork.history
        fork._run = run
        return fork

    def copy(self) -> Timeline:
        """The same timeline once more, with a run of its own, for who looks back while this one goes on."""
        past = (self.end, self.changes, self.history.until(self.end), self._place)
        return Timeline(self.origin, self._snapshots, self.stride, *past, self._make_source, self._room)

    # ── going back ───────────────────────────────────────────────────────────────────────────────────────────────

    def seek(self, step: int, changes: int | None = None) -> None:
        """Stand after a step, and after all changes made there or only so many of all; at the nearest that there is."""
        for _ in self.approach(step, changes):
            pass

    def approach(self, step: int, changes: int | None = None) -> Iterator[float]:
        """`seek` bit by bit: yields the share of the way that is behind; who stops asking stands on the way."""
        place = self._recorded(step)
        if changes is not None:
            fewest = bisect_left(self.changes, place.step, key=_step_of)
            place = place._replace(changes=min(max(changes, fewest), place.changes))
        nearest = max(s for s in self._snapshots if s <= place.step)
        if not nearest <= self.run.steps or not self._place <= place:
            self._stand_at_snapshot(nearest)
        yield from self._replay(place)

    def before(self) -> RunSnapshot | None:
        """The snapshot of the step before; None at the start. It stands where it stood."""
        step, changes = self._place
        if step == self.start:
            return None
        self.seek(step - 1)
        result = self.run.snapshot()
        self.seek(step, changes)
        return result

    def _recorded(self, step: int) -> Place:
        """The last place at a step, or at the nearest that there is."""
        step = min(max(step, self.start), self.end)
        return Place(step, bisect_right(self.changes, step, key=_step_of))

    def _stand_at_snapshot(self, step: int) -> None:
        """Stand where a snapshot was taken: before the changes that were made there."""
        self._place = Place(step, bisect_left(self.changes, step, key=_step_of))
        run = self.run
        run.source = self._make_source(self.in_force.faults)
        run.stand_at(self._snapshots[step])

    def _replay(self, place: Place) -> Iterator[float]:
        """Go on to a recorded place."""
        run, start = self.run, self._place.step
        while self._place < place:
            upcoming = self.changes[self._place.changes] if self._place.changes < place.changes else None
            if upcoming is not None and upcoming.step == run.steps:
                self._make_next()
                continue
            until = place.step if upcoming is None else upcoming.step
            if not run.step(min(until - run.steps, AT_ONCE)):
                raise ValueError(f"step {run.steps + 1} cannot be made again: the timeline is not this run's")
            self._place = self._place._replace(step=run.steps)
            yield (run.steps - start) / (place.step - start)
        run.diverged = self._place == self._lost

    def _make_next(self) -> None:
        """Make the next of the changes."""
        before, change = self.in_force, self.changes[self._place.changes]
        self._place = Place(change.step, self._place.changes + 1)
        if change.faults != before.faults:
            self.run.source = self._make_source(change.faults)
        self.run.apply(change.experiment)
        self.run.set_values(change.values)

    def make_do_with(self, room: int) -> None:
        """Have its snapshots take so many bytes at most from now on."""
        self._room = room
        self._thin()

    def _keep(self, snapshot: RunSnapshot) -> None:
        self._snapshots[snapshot.steps] = snapshot
        self._thin()

    def _thin(self) -> None:
        """Where there are too many snapshots, every other one goes."""
        size = self._snapshots[self.start].nbytes
        while len(self._snapshots) > max(FEWEST, min(MOST, self._room // size)):
            self.stride *= 2
            self._snapshots = {
                s: kept for s, kept in self._snapshots.items() if s == self.start or s % self.stride == 0
            }


def _step_of(change: Change) -> int:
    return change.step
