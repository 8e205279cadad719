"""The state of a worker's run, for a test that has nothing else to do than to wait for it."""

from __future__ import annotations

import queue
from typing import Any

from playground.runtime.worker import Worker

PATIENCE = 20  # seconds, after which something is wrong


def state_of(worker: Worker) -> dict[str, Any]:
    """The state, when all that was asked for before is done; raises what the run raised."""
    answers: queue.SimpleQueue[dict[str, Any] | Exception] = queue.SimpleQueue()
    worker.ask(lambda runs: runs.timeline.run.state(), answers.put)
    answer = answers.get(timeout=PATIENCE)
    if isinstance(answer, Exception):
        raise answer
    return answer
