"""Scheduling of a sweep: jobs in chunks of about a second, over any executor of `concurrent.futures`."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Collection, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from itertools import islice

from engine.training.sweep.job import Job, JobResult, do_jobs, failed

CHUNK = 1.0  # seconds that a task is to take: to send one costs milliseconds, and more to a cluster
MOST = 1000  # jobs in a task, however short they are
AHEAD = 2  # tasks for each worker, so that none waits for its next
TRIES = 3  # how often a job is begun that ends its worker

Task = list[Job]


def sweep(jobs: Collection[Job], executor: Executor, workers: int | None = None) -> Iterator[JobResult]:
    """The results of all jobs as they come, in any order; each is equal to the bit on any executor.

    Jobs are taken as they are needed, so there may be millions. Those whose worker dies are done again, one at a time
    and alone, so that one which ends every worker is known: it has a result with the reason, as has one that cannot be
    done. Who closes the iterator cancels what has not begun.

    Args:
        jobs: what to do.
        executor: who does it; the caller shuts it down.
        workers: how many tasks it does at a time; one for each core of this machine if None.
    """
    workers = workers or os.cpu_count() or 1
    left, untaken, seconds = iter(jobs), len(jobs), CHUNK
    pending: dict[Future[list[JobResult]], Task] = {}
    lost: deque[tuple[Job, int]] = deque()  # with how often each has been begun
    try:
        while True:
            while len(pending) < AHEAD * workers and not lost:
                size = min(max(round(CHUNK / seconds), 1), MOST, -(-untaken // (AHEAD * workers)))
                if not (task := list(islice(left, size))):
                    break
                pending[executor.submit(do_jobs, task)] = task
                untaken -= len(task)
            if not pending and not lost:
                return
            if not pending:
                yield _alone(executor, lost)
            for future in wait(pending, return_when=FIRST_COMPLETED).done:
                task = pending.pop(future)
                if future.exception() is not None:
                    lost += [(job, 1) for job in task]
                    continue
                for result in future.result():
                    seconds = 0.8 * seconds + 0.2 * max(result.seconds, 1e-3)
                    yield result
    finally:
        for future in pending:
            future.cancel()


def _alone(executor: Executor, lost: deque[tuple[Job, int]]) -> JobResult:
    """The result of a job that was lost with its worker, done while there is no other."""
    job, tries = lost.popleft()
    while tries < TRIES:
        tries += 1
        future = executor.submit(do_jobs, [job])
        if (error := future.exception()) is None:
            return future.result()[0]
    return failed(job, f"its worker died {TRIES} times: {error}")
