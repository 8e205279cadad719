"""The worker's thread ends when it is told to, whatever it is doing."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from engine.training import DRAWN, PRESETS, Data, Experiment, Run
from playground.model.runs import Runs
from playground.runtime.worker import Worker
from tests.playground.runtime.states import state_of

SPEEDS = [1.0, 60.0, math.inf]


def _ready(worker: Worker) -> None:
    state_of(worker)


def _paused(worker: Worker) -> None:
    worker.train(True)
    worker.train(False)
    state_of(worker)


def _training_unseen(worker: Worker) -> None:
    worker.train(True)  # and nobody takes a frame
    state_of(worker)


def _waiting(worker: Worker) -> None:
    worker.train(True)
    worker.apply(Experiment(Data(DRAWN)))
    state_of(worker)


def _stopped(worker: Worker) -> None:
    worker.stop()


@pytest.mark.parametrize("arrive", [_ready, _paused, _training_unseen, _waiting, _stopped])
@pytest.mark.parametrize("speed", SPEEDS)
def test_it_stops_in_every_state(arrive: Callable[[Worker], None], speed: float) -> None:
    worker = Worker(Runs.of(Run(PRESETS["circle"])), lambda: None)
    worker.set_speed(speed)
    worker.start()
    arrive(worker)
    assert worker.stop()
    assert not worker.is_alive()
    assert worker.stop()  # once more does no harm


def test_it_stops_where_it_never_started() -> None:
    assert Worker(Runs.of(Run(PRESETS["circle"])), lambda: None).stop()


def test_a_stopped_worker_does_not_keep_whoever_asks_it_waiting() -> None:
    worker = Worker(Runs.of(Run(PRESETS["circle"])), lambda: None)
    worker.start()
    worker.step()
    assert worker.stop()
    assert state_of(worker)["steps"] == 1  # nobody else has the run now
