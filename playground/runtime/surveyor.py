"""Surveyor: the thread that surveys the run that is looked at, without holding up what trains it."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Hashable
from enum import IntEnum
from typing import NamedTuple

from engine.microscope.inside.course import planned_steps
from engine.microscope.sharpness import SharpnessMeter
from engine.training.run.timeline import Timeline
from playground.model.runs import Runs
from playground.runtime.frame import Frame
from playground.runtime.survey import Record, Survey

OFTEN, SELDOM = 0.1, 0.5  # seconds from one look at a run in training to the next, where somebody sees it or nobody
SHARE, LITTLE = 15, 50  # and at least so many times as long as one takes
MEASURED = 64  # of the steps of a past that are looked into, those at which its sharpness is measured
TELL = 0.1  # seconds from one survey that is handed on to the next, while there is more to come
_log = logging.getLogger(__name__)


class Interest(IntEnum):
    """Interest in a survey: what of it somebody looks at; who looks at findings looks at moments as well."""

    NONE = 0
    MOMENTS = 1
    FINDINGS = 2


class Past(NamedTuple):
    """Past of a run: which it is, and a timeline that is nobody else's."""

    run: Hashable
    timeline: Timeline


def past_of(runs: Runs) -> Past:
    """The past of the run that is looked at: a question that the worker answers."""
    return Past(runs.branch, runs.timeline.copy())


class Surveyor(threading.Thread):
    """Thread that surveys. It knows no window: `ready` is called in it when there is a survey to take."""

    def __init__(self, ready: Callable[[], None]) -> None:
        super().__init__(name="surveyor", daemon=True)
        self._ready = ready
        self._survey: Survey | None = None  # that nobody took yet
        self._tell_from = 0.0
        # what other threads put here, and wake this one for
        self._awake = threading.Condition()
        self._frame: Frame | None = None
        self._told_past: Past | None = None
        self._interest = Interest.NONE
        self._stopping = False
        self._due = 0.0  # when the next look may be taken
        # its own
        self._meter = SharpnessMeter()
        self._record = Record(None, self._meter)
        self._is_training = False
        self._examine_from = 0.0  # when what is wrong may be looked for, though nobody looks at it
        self._past: Past | None = None
        self._steps: deque[int] = deque()  # of the past, still to be looked into: first those that the timeline keeps
        self._kept: set[int] = set()
        self._measured: set[int] = set()

    # ── for other threads ────────────────────────────────────────────────────────────────────────────────────────

    def look(self, frame: Frame, interest: Interest) -> None:
        """Survey this frame next, unless a later one comes before its turn; the sooner and the more, the more interest
        there is.
        """
        with self._awake:
            is_urgent = interest > self._interest or (self._is_training and not frame.training)
            if is_urgent:
                self._due = 0.0
            if is_urgent or self._frame is None:  # else it waits for its turn already
                self._awake.notify()
            self._frame, self._interest = frame, interest

    def recall(self, past: Past | Exception) -> None:
        """Look into a run's past, if it could be told, when there is time for it."""
        if isinstance(past, Exception):
            return
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

    # ── looking ──────────────────────────────────────────────────────────────────────────────────────────────────

    def run(self) -> None:
        """Look at the run until told to stop: at where it stands, and into its past."""
        while self._wait():
            begun = time.perf_counter()
            try:
                self._look()
                if self._has_steps():
                    self._look_back()
            except Exception:
                self._steps.clear()  # a past that cannot be made again
                _log.exception("a run could not be surveyed")
            self._pace(begun)
            self._tell()

    def _wait(self) -> bool:
        """Wait until there is something to look at and it is time; False if there will be no more."""
        with self._awake:
            while not self._stopping:
                if self._told_past is not None:
                    self._plan(self._told_past)
                    self._told_past = None
                has_work = self._frame is not None or self._has_steps()
                left = self._due - time.perf_counter()
                if has_work and left <= 0:
                    return True
                self._awake.wait(left if has_work else None)
        return False

    def _pace(self, begun: float) -> None:
        """Rest as long as it took, much longer while something trains."""
        pause, share = (OFTEN, SHARE) if self._interest else (SELDOM, LITTLE)
        with self._awake:
            trains = self._is_training if self._frame is None else self._frame.training
            self._due = _after(begun, pause, share) if trains else _after(begun, 0, 1)

    def _look(self) -> None:
        """Look at where the run stands."""
        with self._awake:
            frame, self._frame = self._frame, None
        if frame is None:
            return
        is_new = frame.run is not self._record.run
        if is_new:
            self._record = Record(frame.run, self._meter)
        self._is_training = frame.training
        self._record.look(frame)
        begun = time.perf_counter()
        is_due = self._interest is not Interest.MOMENTS or begun >= self._examine_from
        if is_due or is_new or not frame.training:
            self._record.examine()
            self._examine_from = _after(begun, SELDOM, LITTLE)

    def _look_back(self) -> None:
        """Look at one step of the past; if something else is to be seen on the way to it, later."""
        assert self._past is not None
        step, timeline = self._steps[0], self._past.timeline
        for _ in timeline.approach(step):
            if self._frame is not None or self._stopping:
                return
        self._steps.popleft()
        self._record.look_back(timeline.run, self._measures(step))
        if not self._steps:
            self._past = None  # it has snapshots, and programs, that nobody else has any more
            self._record.examine()  # what is wrong shows by what was before

    def _plan(self, past: Past) -> None:
        """Plan which steps of a past to look into."""
        self._past, self._kept = past, {snapshot.steps for snapshot in past.timeline.snapshots}
        stride, steps = planned_steps(past.timeline.start, past.timeline.end)
        self._measured = set(steps[:MEASURED])
        if past.run is self._record.run:
            steps = [step for step in steps if not self._record.has_near(step, stride / 2, self._measures(step))]
        self._steps = deque(sorted(steps, key=lambda step: step not in self._kept))

    def _measures(self, step: int) -> bool:
        """Whether the sharpness of a step of the past is to be measured."""
        return self._interest is Interest.FINDINGS and step in self._measured

    def _has_steps(self) -> bool:
        """Whether there is something to look into; what must be made again waits until nothing trains."""
        is_seen = bool(self._interest) and self._past is not None and self._past.run is self._record.run
        return is_seen and bool(self._steps) and (not self._is_training or self._steps[0] in self._kept)

    # ── handing on ───────────────────────────────────────────────────────────────────────────────────────────────

    def _tell(self) -> None:
        now = time.perf_counter()
        if now >= self._tell_from or not (self._has_steps() or self._frame is not None):
            self._tell_from = now + TELL
            self._survey = self._record.survey
            self._ready()


def _after(begun: float, pause: float, share: float) -> float:
    """When to do again what is done now: so many seconds after it was begun, and a share of these after its end."""
    now = time.perf_counter()
    return max(begun + pause, now + share * (now - begun))
