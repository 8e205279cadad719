"""A sweep in the background, with real processes."""

from __future__ import annotations

import multiprocessing

from pytestqt.qtbot import QtBot

from engine.training import PRESETS
from engine.training.sweep import Plan, do_jobs
from playground.runtime.sweeper import Sweeper

LIMIT = 60


def test_it_hands_on_each_result_once_and_equal_to_the_bit() -> None:
    plan = Plan(PRESETS["blobs"], seeds=4, steps=20)
    sweeper = Sweeper(plan, 2)
    sweeper.start()
    sweeper.join(LIMIT)
    found = {result.seed: result for result in sweeper.take()}
    assert sweeper.error is None
    assert {seed: r.train for seed, r in found.items()} == {r.seed: r.train for r in do_jobs(plan)}
    assert not sweeper.take()


def test_cancelled_while_it_trains_it_leaves_no_process(qtbot: QtBot) -> None:
    sweeper = Sweeper(Plan(PRESETS["spiral"], seeds=200, steps=1_000_000), 2)
    sweeper.start()
    qtbot.waitUntil(lambda: len(multiprocessing.active_children()) == 2, timeout=LIMIT * 1000)
    sweeper.cancel()
    sweeper.join(LIMIT)
    assert not sweeper.is_alive()
    assert sweeper.error is None
    assert not multiprocessing.active_children()
