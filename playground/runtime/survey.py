"""Survey: what is known of the run that is looked at, now and as far back as it goes."""

from __future__ import annotations

from collections.abc import Hashable
from typing import NamedTuple

from engine.microscope.doctor import Evidence, Finding, diagnose
from engine.microscope.inside.course import Course
from engine.microscope.inside.moment import Moment, moment
from engine.microscope.mistakes import source_with
from engine.microscope.sharpness import Sharpness, SharpnessMeter
from engine.training import Experiment, Run
from playground.runtime.frame import Frame, Status


class Survey(NamedTuple):
    """Survey of a run.

    Attributes:
        run: which it is.
        experiment: what it trains.
        now: the moment that is looked at; None where there are no points to learn from.
        moments: those of its course, in order.
        evidence: what its findings are of: this moment, or one before it while nobody looks at them.
        findings: what is wrong with it.
        sharpness: over its steps, where it was measured.
    """

    run: Hashable = None
    experiment: Experiment | None = None
    now: Moment | None = None
    moments: tuple[Moment, ...] = ()
    evidence: Evidence | None = None
    findings: tuple[Finding, ...] = ()
    sharpness: tuple[Sharpness, ...] = ()


class Record:
    """Record of one run, from which its survey is made.

    Args:
        run: which it is.
        meter: of sharpness; it is quick where it has measured the same network before.
    """

    def __init__(self, run: Hashable, meter: SharpnessMeter) -> None:
        self.run, self._meter = run, meter
        self._frame: Frame | None = None
        self._now: Moment | None = None
        self._moments, self._sharpness = Course[Moment](), Course[Sharpness]()
        self._evidence: Evidence | None = None
        self._findings: tuple[Finding, ...] = ()

    @property
    def survey(self) -> Survey:
        """The survey, as much of it as there is."""
        return Survey(
            self.run,
            None if self._frame is None else self._frame.experiment,
            self._now,
            self._moments.moments,
            self._evidence,
            self._findings,
            self._sharpness.moments,
        )

    def look(self, frame: Frame) -> None:
        """Find the moment of a frame."""
        assert frame.snapshot is not None
        self._frame = frame
        self._now = moment(frame.snapshot, source_with(frame.mistakes))
        if self._now is not None:
            self._moments.add(self._now)

    def examine(self) -> None:
        """Find what is wrong with the run there."""
        frame, now = self._frame, self._now
        if frame is None or frame.snapshot is None or now is None or frame.mistakes:
            self._evidence, self._findings = None, ()  # of mistakes on purpose nothing that is seen is the run's own
            return
        before = (known for known in self._moments.moments if frame.begun <= known.step < now.step)
        sharpness = self._meter(frame.snapshot)
        if sharpness is not None:
            self._sharpness.add(sharpness)
        has_diverged = frame.status is Status.DIVERGED
        evidence = Evidence(frame.snapshot, (*before, now), frame.curve, sharpness, has_diverged, frame.begun)
        self._findings, self._evidence = diagnose(evidence), evidence

    def look_back(self, run: Run, measures: bool) -> None:
        """Find the moment of the past at which a run stands again; `measures`: and its sharpness."""
        snapshot = run.snapshot()
        if (found := moment(snapshot, run.source)) is not None:
            self._moments.add(found)
        if measures and (sharpness := self._meter(snapshot)) is not None:
            self._sharpness.add(sharpness)

    def has_near(self, step: int, within: float, measures: bool) -> bool:
        """Whether a moment so many steps from a step, or nearer, is known; `measures`: and its sharpness."""
        return self._moments.has_near(step, within) and (not measures or self._sharpness.has_near(step, within))
