"""Examiner: what the doctor finds of the run that is looked at, in a thread of its own."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from typing import NamedTuple

from engine.microscope.doctor import Evidence, Finding, diagnose
from engine.microscope.inside.course import Course
from engine.microscope.inside.moment import Moment, moment
from engine.microscope.sharpness import Sharpness, SharpnessMeter
from engine.training import Curve, RunSnapshot

OFTEN, SELDOM = 0.15, 1.0  # seconds between two checkups of a run in training, where somebody watches and where nobody
SHARE, LITTLE = 5, 50  # and at least so many times as long as one takes
_log = logging.getLogger(__name__)


class Patient(NamedTuple):
    """Patient: a run at one step, with what is known of it.

    Attributes:
        run: which it is.
        moments: of its whole course, as far as they are known.
        begun: the step at which the settings in force came into force.
    """

    run: Hashable
    snapshot: RunSnapshot
    moments: tuple[Moment, ...]
    curve: Curve
    begun: int
    has_diverged: bool
    is_training: bool


class Checkup(NamedTuple):
    """Checkup of a run: what it went by, what was found, and its sharpness over the steps.

    There is no evidence where there are no points to learn from.
    """

    run: Hashable = None
    evidence: Evidence | None = None
    findings: tuple[Finding, ...] = ()
    course: tuple[Sharpness, ...] = ()


class Examiner(threading.Thread):
    """Thread that makes checkups. It knows no window: `ready` is called in it when there is one to take."""

    def __init__(self, ready: Callable[[], None]) -> None:
        super().__init__(name="examiner", daemon=True)
        self._ready = ready
        self._checkup: Checkup | None = None  # that nobody took yet
        # what other threads put here, and wake this one for
        self._awake = threading.Condition()
        self._patient: Patient | None = None
        self._past: deque[RunSnapshot] = deque()
        self._is_watched = self._stopping = False
        self._due = 0.0  # when the next checkup may be made
        # its own
        self._run: Hashable = None
        self._is_training = False
        self._meter, self._course = SharpnessMeter(), Course[Sharpness]()
        self._last = Checkup()

    # ── for other threads ────────────────────────────────────────────────────────────────────────────────────────

    def examine(self, patient: Patient) -> None:
        """Examine this patient next, unless another one comes before its turn."""
        with self._awake:
            self._patient = patient
            if not patient.is_training:
                self._due = 0.0
            self._awake.notify()

    def watch(self, on: bool) -> None:
        """Whether somebody watches: then checkups come soon."""
        with self._awake:
            if on is not self._is_watched:
                self._is_watched, self._due = on, 0.0
                self._awake.notify()

    def recall(self, snapshots: Sequence[RunSnapshot]) -> None:
        """Measure the sharpness of these moments of the run, when there is time for it."""
        with self._awake:
            self._past = deque(snapshots)
            self._awake.notify()

    def take(self) -> Checkup | None:
        """The checkup, if there is a new one."""
        checkup, self._checkup = self._checkup, None
        return checkup

    def stop(self) -> None:
        """End the thread, and wait for it."""
        with self._awake:
            self._stopping = True
            self._awake.notify()
        if self.is_alive():
            self.join()

    # ── examining ────────────────────────────────────────────────────────────────────────────────────────────────

    def run(self) -> None:
        """Make checkups until told to stop."""
        while self._wait():
            begun = time.perf_counter()
            try:
                self._examine_next()
            except Exception:
                _log.exception("a run could not be examined")
            self._pace(begun, time.perf_counter())

    def _wait(self) -> bool:
        """Wait until there is somebody to examine and it is time; False if there will be nobody."""
        with self._awake:
            while not self._stopping:
                has_work = self._patient is not None or (self._is_watched and self._past)
                left = self._due - time.perf_counter()
                if has_work and left <= 0:
                    return True
                self._awake.wait(left if has_work else None)
        return False

    def _pace(self, begun: float, now: float) -> None:
        pause, share = (OFTEN, SHARE) if self._is_watched else (SELDOM, LITTLE)
        with self._awake:
            self._due = max(begun + pause, now + share * (now - begun)) if self._is_training else now

    def _examine_next(self) -> None:
        with self._awake:
            patient, self._patient = self._patient, None
        if patient is not None:
            if patient.run is not self._run:
                self._run, self._course = patient.run, Course[Sharpness]()
            self._is_training = patient.is_training
            evidence = self._evidence_on(patient)
            findings = () if evidence is None else diagnose(evidence)
            self._last = Checkup(patient.run, evidence, findings)
        elif self._past:
            snapshot = self._past.popleft()
            if not self._course.has_near(snapshot.steps, 0):
                self._measure(snapshot)
        self._checkup = self._last = self._last._replace(course=self._course.moments)
        self._ready()

    def _evidence_on(self, patient: Patient) -> Evidence | None:
        snapshot = patient.snapshot
        now = moment(snapshot)
        if now is None:
            return None
        before = (m for m in patient.moments if patient.begun <= m.step < snapshot.steps)
        sharpness = self._measure(snapshot)
        curve, lost = patient.curve, patient.has_diverged
        return Evidence(snapshot, (*before, now), curve, sharpness, lost, patient.begun)

    def _measure(self, snapshot: RunSnapshot) -> Sharpness | None:
        sharpness = self._meter(snapshot)
        if sharpness is not None:
            self._course.add(sharpness)
        return sharpness
