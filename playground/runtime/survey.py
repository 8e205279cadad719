"""Survey: the moments of the run that is looked at, now and as far back as it goes, found in a thread of their own."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Hashable
from typing import NamedTuple

from engine.microscope.inside.course import Course, planned_steps
from engine.microscope.inside.moment import Moment, moment
from engine.microscope.mistakes import source_with
from engine.training import Experiment, RunSnapshot
from engine.training.run.timeline import Timeline
from playground.model.runs import Runs

OFTEN, SELDOM = 0.1, 0.5  # seconds between two moments of a run in training, where somebody watches and where nobody
SHARE, LITTLE = 15, 50  # and at least so many times as long as one takes
TELL = 0.1  # seconds from one survey that is handed on to the next, while there is more to come
_log = logging.getLogger(__name__)


class Survey(NamedTuple):
    """Survey of a run: which it is, what it trains, the moment that is looked at, and those of its course, in order.

    There is no moment where there are no points to learn from.
    """

    run: Hashable = None
    experiment: Experiment | None = None
    now: Moment | None = None
    moments: tuple[Moment, ...] = ()


class Past(NamedTuple):
    """Past of a run: which it is, and a timeline that is nobody else's."""

    run: Hashable
    timeline: Timeline


class _Sight(NamedTuple):
    """What is looked at: the run, where it stands, whether it trains, and the mistakes that its engine makes."""

    run: Hashable
    snapshot: RunSnapshot
    training: bool
    mistakes: frozenset[str]


def past_of(runs: Runs) -> Past:
    """The past of the run that is looked at: a question that the worker answers."""
    return Past(runs.branch, runs.timeline.copy())


class Surveyor(threading.Thread):
    """Thread that finds moments. It knows no window: `ready` is called in it when there is a survey to take."""

    def __init__(self, ready: Callable[[], None]) -> None:
        super().__init__(name="surveyor", daemon=True)
        self._ready = ready
        self._survey: Survey | None = None  # that nobody took yet
        self._tell_from = 0.0
        # what other threads put here, and wake this one for
        self._awake = threading.Condition()
        self._sight: _Sight | None = None
        self._told_past: Past | None = None
        self._is_watched = self._stopping = False
        self._due = 0.0  # when the next moment may be found
        # its own
        self._run: Hashable = None
        self._experiment: Experiment | None = None
        self._training = False
        self._now: Moment | None = None
        self._course = Course[Moment]()
        self._past: Past | None = None
        self._steps: deque[int] = deque()  # of the past, still to be looked into: first those that the timeline keeps
        self._kept: set[int] = set()

    # ── for other threads ────────────────────────────────────────────────────────────────────────────────────────

    def look(
        self, run: Hashable, snapshot: RunSnapshot, training: bool, mistakes: frozenset[str] = frozenset()
    ) -> None:
        """Find the moment of this snapshot next, unless a later one comes before its turn."""
        with self._awake:
            is_new = self._sight is None or self._sight.training is not training
            self._sight = _Sight(run, snapshot, training, mistakes)
            if not training:
                self._due = 0.0
            if is_new:  # else it waits for its turn already
                self._awake.notify()

    def watch(self, on: bool) -> None:
        """Whether somebody watches: then moments come soon, and those of the past as well."""
        with self._awake:
            if on is not self._is_watched:
                self._is_watched, self._due = on, 0.0
                self._awake.notify()

    def recall(self, past: Past) -> None:
        """Find moments of a run's past when there is time for them."""
        with self._awake:
            self._told_past = past
            self._awake.notify()

    def take(self) -> Survey | None:
        """The survey, if there is a new one."""
        survey, self._survey = self._survey, None
        return survey

    def stop(self) -> None:
        """End the thread, and wait for it."""
        with self._awake:
            self._stopping = True
            self._awake.notify()
        if self.is_alive():
            self.join()

    # ── finding ──────────────────────────────────────────────────────────────────────────────────────────────────

    def run(self) -> None:
        """Find moments until told to stop: the one that is looked at, and one of the past."""
        while self._wait():
            begun = time.perf_counter()
            try:
                self._look()
                if self._has_steps():
                    self._look_back()
            except Exception:
                _log.exception("a moment of the run could not be found")
            self._pace(begun, time.perf_counter())
            self._tell()

    def _wait(self) -> bool:
        """Wait until there is something to find and it is time; False if there will be no more."""
        with self._awake:
            while not self._stopping:
                if self._told_past is not None:
                    self._plan(self._told_past)
                    self._told_past = None
                has_work = self._sight is not None or self._has_steps()
                left = self._due - time.perf_counter()
                if has_work and left <= 0:
                    return True
                self._awake.wait(left if has_work else None)
        return False

    def _pace(self, begun: float, now: float) -> None:
        """Rest as long as it took, much longer while something trains."""
        pause, share = (OFTEN, SHARE) if self._is_watched else (SELDOM, LITTLE)
        with self._awake:
            self._due = max(begun + pause, now + share * (now - begun)) if self._training else now + (now - begun)

    def _look(self) -> None:
        """Find the moment that is looked at."""
        with self._awake:
            sight, self._sight = self._sight, None
        if sight is not None:
            if sight.run is not self._run:
                self._run, self._course = sight.run, Course[Moment]()
            self._training, self._experiment = sight.training, sight.snapshot.experiment
            self._now = moment(sight.snapshot, source_with(sight.mistakes))
            if self._now is not None:
                self._course.add(self._now)

    def _look_back(self) -> None:
        """Find one of the past; if something else is to be seen on the way to it, later."""
        assert self._past is not None
        step, timeline = self._steps[0], self._past.timeline
        for _ in timeline.approach(step):
            if self._sight is not None or self._stopping:
                return
        self._steps.popleft()
        if not self._steps:
            self._past = None  # it has snapshots, and programs, that nobody else has any more
        if (found := moment(timeline.run.snapshot(), timeline.run.source)) is not None:
            self._course.add(found)

    def _plan(self, past: Past) -> None:
        """Plan which moments of a past are to be found."""
        self._past, self._kept = past, {snapshot.steps for snapshot in past.timeline.snapshots}
        stride, steps = planned_steps(past.timeline.start, past.timeline.end)
        is_known = past.run is self._run
        steps = [step for step in steps if not (is_known and self._course.has_near(step, stride / 2))]
        self._steps = deque(sorted(steps, key=lambda step: step not in self._kept))

    def _has_steps(self) -> bool:
        """Whether there is something to find in the past; what must be made again waits until nothing trains."""
        is_seen = self._is_watched and self._past is not None and self._past.run is self._run
        return is_seen and bool(self._steps) and (not self._training or self._steps[0] in self._kept)

    # ── handing on ───────────────────────────────────────────────────────────────────────────────────────────────

    def _tell(self) -> None:
        now = time.perf_counter()
        if now >= self._tell_from or not (self._has_steps() or self._sight is not None):
            self._tell_from = now + TELL
            self._survey = Survey(self._run, self._experiment, self._now, self._course.moments)
            self._ready()
