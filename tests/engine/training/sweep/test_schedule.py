"""Scheduling of a sweep: the same results on any executor, whoever dies on the way."""

from __future__ import annotations

import os
import signal
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from engine.training import PRESETS, Run
from engine.training.sweep import Axis, Job, JobResult, Plan, Processes, do_jobs, sweep

SPIRAL = PRESETS["spiral"]
PLAN = Plan(SPIRAL, (Axis.read("learning_rate=0.003,0.03"), Axis.read("optimizer=adam,sgd")), 3, steps=60)


def _same(one: JobResult, other: JobResult) -> bool:
    assert one.checks is not None
    assert other.checks is not None
    alike = np.array_equal(one.checks.loss, other.checks.loss)
    return alike and (one.key, one.values, one.train, one.test) == (other.key, other.values, other.train, other.test)


@pytest.fixture(scope="module")
def here() -> dict[str, JobResult]:
    return {result.key: result for result in do_jobs(PLAN)}


def test_processes_give_the_same_results(here: dict[str, JobResult]) -> None:
    with Processes(2) as executor:
        there = list(sweep(PLAN, executor, 2))
    assert len(there) == len(PLAN) == 12
    assert all(_same(result, here[result.key]) for result in there)


class Lazy(Executor):
    """Executor that does what it is given when somebody waits for it, and counts what was given to it."""

    def __init__(self) -> None:
        self.given = 0

    def submit(self, fn, /, *args, **kwargs):  # type: ignore[no-untyped-def]
        self.given += len(args[0])
        future: Future[list[JobResult]] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


def test_jobs_are_taken_as_they_are_needed() -> None:
    executor = Lazy()
    results = sweep(Plan(SPIRAL, seeds=1_000_000, steps=1), executor, 1)
    next(results)
    assert executor.given < 10
    results.close()


def _end_process(run: Run) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _end_process_once(run: Run, mark: Path) -> str:
    if mark.exists():
        return "done again"
    mark.touch()
    os.kill(os.getpid(), signal.SIGKILL)
    return "never"


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no such signal")
def test_one_that_ends_every_worker_has_a_reason_and_the_others_their_results(here: dict[str, JobResult]) -> None:
    jobs = [*PLAN, Job(SPIRAL.with_seed(99), 5, look=_end_process)]
    with Processes(2) as executor:
        results = {result.key: result for result in sweep(jobs, executor, 2)}
    assert len(results) == len(jobs)
    assert results[jobs[-1].key].reason.startswith("its worker died 3 times")
    assert all(_same(result, here[key]) for key, result in results.items() if key != jobs[-1].key)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no such signal")
def test_what_a_worker_takes_with_it_is_done_again(here: dict[str, JobResult], tmp_path: Path) -> None:
    from functools import partial

    jobs = [Job(SPIRAL.with_seed(99), 5, look=partial(_end_process_once, mark=tmp_path / "mark")), *PLAN]
    with Processes(2) as executor:
        results = {result.key: result for result in sweep(jobs, executor, 2)}
    assert results[jobs[0].key].seen == "done again"
    assert all(_same(results[key], here[key]) for key in here)


def test_who_closes_it_cancels_what_has_not_begun() -> None:
    with ThreadPoolExecutor(1) as executor:
        results = sweep(Plan(SPIRAL, seeds=1000, steps=1), executor, 1)
        next(results)
        results.close()
        assert executor.submit(int).result() == 0  # nothing of the thousand stands before it for long


def test_processes_that_are_cancelled_end_in_the_middle_of_a_job() -> None:
    executor = Processes(2)
    jobs = [Job(SPIRAL.with_seed(i), 10_000_000) for i in range(2)]
    futures = [executor.submit(do_jobs, [job]) for job in jobs]
    while not all(future.running() for future in futures):
        pass
    executor.shutdown(cancel_futures=True)  # and waits for their end
    assert all(future.exception() for future in futures)
