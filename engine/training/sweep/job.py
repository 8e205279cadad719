"""Job of a sweep: one experiment trained for so many steps, and what is told of it, wherever it is run."""

from __future__ import annotations

import hashlib
import json
import platform
import threading
import time
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.dataclass import dataclass
from engine.training.run.run import Run
from engine.training.spec.experiment import Experiment
from engine.training.task import Score

CHECKS = 40  # how often a run is judged on its way, at first more often than later


@dataclass(frozen=True)
class Job:
    """Job: an experiment with a seed of its own, and how long it is trained.

    Attributes:
        experiment: what is trained, seed and all.
        steps: parameter updates to make.
        values: of each setting that the sweep varies, the text of its value.
        look: what is asked of the run at its end, a function that another process can import; None for nothing.
        fault: why there is nothing to train, in one line; empty if there is.
    """

    experiment: Experiment
    steps: int
    values: tuple[str, ...] = ()
    look: Callable[[Run], Any] | None = None
    fault: str = ""

    @cached_property
    def key(self) -> str:
        """Hash of what decides on the numbers: equal for equal experiments, seeds and steps, in every process."""
        parts = [self.experiment.to_dict(), self.steps, *([self.values, self.fault] if self.fault else [])]
        told = json.dumps(parts, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(told.encode()).hexdigest()[:16]

    @property
    def name(self) -> tuple[str, tuple[str, ...]]:
        """Its key and values, which no other job of a plan has: settings without a meaning there leave equal keys."""
        return self.key, self.values


@dataclass(frozen=True, eq=False)
class Checks:
    """Checks of a run on its way: arrays (n,) of steps, and of the loss and the quality of its output after each.

    They are of the test points, of the training points where there are no others.
    """

    steps: NDArray[np.int64]
    loss: NDArray[np.float64]
    quality: NDArray[np.float64]

    def steps_to(self, quality: float) -> int | None:
        """The first of its steps after which the quality was as high; None if it never was."""
        reached = np.flatnonzero(self.quality >= quality)
        return int(self.steps[reached[0]]) if len(reached) else None


@dataclass(frozen=True, eq=False)
class JobResult:
    """Result of a job.

    Attributes:
        key, seed, values: as the job has them.
        steps: parameter updates that it made; fewer than asked for if it diverged.
        train, test: its scores at the end; None without such points.
        checks: how it stood on the way.
        diverged: whether its numbers stopped being finite.
        seconds: how long it took.
        machine: the one that it ran on, with its version of NumPy.
        reason: why there is no result, in one line; empty if there is.
        seen: what `look` has returned.
    """

    key: str
    seed: int
    values: tuple[str, ...]
    steps: int = 0
    train: Score | None = None
    test: Score | None = None
    checks: Checks | None = None
    diverged: bool = False
    seconds: float = 0.0
    machine: str = ""
    reason: str = ""
    seen: Any = None

    @property
    def judged(self) -> Score | None:
        """The score that counts, as `Run.judged` has it."""
        return self.test or self.train


def failed(job: Job, reason: object) -> JobResult:
    """The result of a job that could not be done."""
    told = " ".join(str(reason).split()) or type(reason).__name__
    return JobResult(job.key, job.experiment.seed, job.values, reason=told, machine=machine())


def check_steps(steps: int) -> NDArray[np.int64]:
    """The steps after which a run is judged: at most CHECKS, from close together to far apart, and the last one."""
    return np.unique(np.ceil(steps * (np.arange(1, CHECKS + 1) / CHECKS) ** 2).astype(np.int64))


def machine() -> str:
    """Where this process runs: what results that differ in their last bits would differ by."""
    return f"{platform.node()} {platform.machine()} numpy {np.__version__}"


class Trainer:
    """Trainer of one job after another, which keeps compiled programs from one to the next where they fit."""

    def __init__(self) -> None:
        self._run: Run | None = None

    def do(self, job: Job) -> JobResult:
        """Train as told; whatever goes wrong is told in the result."""
        if job.fault:
            return failed(job, job.fault)
        try:
            return self._do(job)
        except Exception as error:  # of one job, which must not end the others
            self._run = None
            return failed(job, error)

    def _do(self, job: Job) -> JobResult:
        begun = time.perf_counter()
        if self._run is None or not self._run.begin(job.experiment):
            self._run = Run(job.experiment)
        run = self._run
        if waits := run.waiting_for:
            return failed(job, waits)
        with np.errstate(all="ignore"):
            checks = _train(run, job.steps)
            train, test = run.score()
            seen = None if job.look is None else job.look(run)
        seconds, told = time.perf_counter() - begun, (job.key, job.experiment.seed, job.values)
        return JobResult(*told, run.steps, train, test, checks, run.diverged, seconds, machine(), seen=seen)


def _train(run: Run, steps: int) -> Checks:
    rows: list[tuple[float, float, float]] = []
    for step in check_steps(steps).tolist():
        run.step(step - run.steps)
        if run.diverged or (score := run.judged()) is None:
            break
        rows.append((step, score.loss, score.quality))
    table = np.array(rows, dtype=np.float64).reshape(-1, 3)
    return Checks(table[:, 0].astype(np.int64), table[:, 1], table[:, 2])


_trainer = Trainer()  # of this process
_turn = threading.Lock()


def do_jobs(jobs: Iterable[Job]) -> list[JobResult]:
    """The results of some jobs, done one after another in whatever process this is called in, one thread at a time."""
    with _turn:
        return [_trainer.do(job) for job in jobs]
