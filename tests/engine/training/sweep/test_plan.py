"""Plan of a sweep: all combinations of values or a sample of them, times seeds; what cannot be is refused by name."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, strategies as st

from engine.training import PRESETS, InvalidError
from engine.training.sweep import Axis, Plan

SPIRAL = PRESETS["spiral"]


def _plan(*axes: str, **more: Any) -> Plan:
    return Plan(SPIRAL, tuple(map(Axis.read, axes)), **more)


def test_a_grid_has_every_combination_with_every_seed() -> None:
    plan = _plan("learning_rate=0.003,0.01", "network.layers=4-4,8-8,none", seeds=5, steps=7)
    jobs = list(plan)
    found = {(j.experiment.training.learning_rate, j.experiment.sizes, j.experiment.seed, j.steps) for j in jobs}
    sizes = {(2, 4, 4, 1), (2, 8, 8, 1), (2, 1)}
    assert len(jobs) == len(plan) == plan.runs == 30
    assert found == {(rate, size, seed, 7) for rate in (0.003, 0.01) for size in sizes for seed in range(5)}
    assert len({job.key for job in jobs}) == 30
    assert {job.values for job in jobs} == {(r, s) for r in ("0.003", "0.01") for s in ("4-4", "8-8", "none")}


def test_what_was_done_is_not_done_again() -> None:
    plan = _plan("l2=0,0.001", seeds=4)
    names = [job.name for job in plan]
    rest = Plan(SPIRAL, plan.axes, 4, done=frozenset(names[1:3]))
    assert [job.name for job in rest] == [names[0], *names[3:]]
    assert len(rest) == 6


def test_settings_without_a_meaning_leave_equal_jobs_that_are_told_apart() -> None:
    jobs = list(_plan("network.layers=none", "layers.activation=tanh,relu"))
    assert len({job.key for job in jobs}) == 1
    assert len({job.name for job in jobs}) == 2


def test_a_job_is_found_by_its_values_and_seed() -> None:
    plan = _plan("layers=4-4,none", "optimizer=adam,sgd", seeds=3)
    assert all(plan.job(job.values, job.experiment.seed) == job for job in plan)
    with pytest.raises(KeyError):
        plan.job(("none", "sgd"), 3)


def test_a_key_tells_what_decides_on_the_numbers_and_nothing_else() -> None:
    one = next(iter(_plan("l2=0.001,0.01")))
    same = next(iter(Plan(SPIRAL)))  # the spiral's own l2 is 0.001
    assert one.key == same.key
    assert one.key != next(iter(Plan(SPIRAL, steps=2999))).key
    assert one.key != next(iter(Plan(SPIRAL.with_seed(1)))).key


@given(st.integers(1, 50), st.integers(0, 2**32 - 1))
def test_a_sample_is_within_its_ranges_and_the_same_for_the_same_seed(samples: int, seed: int) -> None:
    axes = tuple(map(Axis.read, ("learning_rate=1e-4..1", "batch_size=1..100", "optimizer=adam,sgd", "noise=0..0.5")))
    plan = Plan(SPIRAL.with_seed(seed), axes, samples=samples)
    drawn = list(plan.values())
    assert drawn == list(plan.values())
    assert len(set(drawn)) == samples
    for rate, batch, optimizer, noise in drawn:
        assert 1e-4 <= rate <= 1
        assert 1 <= batch <= 100
        assert optimizer in ("adam", "sgd")
        assert 0 <= noise <= 0.5


def test_rates_are_drawn_by_factors() -> None:
    rates = [rate for (rate,) in _plan("learning_rate=1e-4..1", samples=400).values()]
    assert abs(sum(rate < 0.01 for rate in rates) - 200) < 60  # six standard deviations
    assert abs(sum(math.log10(rate) for rate in rates) / 400 + 2) < 0.35


@pytest.mark.parametrize("axis", ["batch_size=1..3", "learning_rate=0.1..0.1009", "noise=0..0.0005"])
def test_as_many_samples_are_drawn_as_there_are_values(axis: str) -> None:
    count = Axis.read(axis).count
    assert len({*_plan(axis, samples=count).values()}) == count > 2


def test_values_that_do_not_go_together_are_jobs_with_a_reason() -> None:
    jobs = list(_plan("optimizer=adam,sgd", "beta1=0.5,0.8"))
    faulty = {job.values for job in jobs if job.fault}
    assert faulty == {("sgd", "0.5"), ("sgd", "0.8")}
    assert len({job.key for job in jobs}) == 4
    assert {job.experiment.training.optimizer_settings["beta1"] for job in jobs if not job.fault} == {0.5, 0.8}


@pytest.mark.parametrize(
    ("axes", "more", "message"),
    [
        (["speed=1,2"], {}, "setting: 'speed' is not allowed; allowed: .*training.learning_rate"),
        (["learning_rate=0.1,99"], {}, r"training.learning_rate: 99.0 is not allowed; allowed: a number from 1e-05"),
        (["learning_rate="], {}, "training.learning_rate: '' is not allowed; allowed: its values"),
        (["learning_rate"], {}, "training.learning_rate: '' is not allowed; allowed: its values"),
        (["learning_rate=0.1,0.10"], {}, "training.learning_rate: '0.1,0.10' is not allowed; allowed: each value once"),
        (["learning_rate=1..0.1"], {"samples": 3}, "'1..0.1' is not allowed; allowed: low..high, the lower one first"),
        (["learning_rate=0.1..1"], {}, "'0.1..1' is not allowed; allowed in a grid: values"),
        (["l2=0", "training.l2=1"], {}, "settings: .* is not allowed; allowed: each on one axis"),
        (["l2=0,1"], {"seeds": 600_000}, "number of runs: 1200000 is not allowed; allowed: 1,000,000 at most"),
        (["l2=0,1"], {"seeds": 0}, "seeds: 0 is not allowed"),
        (["l2=0,1"], {"samples": 3}, "samples: 3 is not allowed; allowed: 2, as many as there are combinations"),
        (["batch_size=1..3", "l2=0,1"], {"samples": 7}, "samples: 7 is not allowed; allowed: 6, as many as there are"),
        (["learning_rate=0.1..0.1001"], {"samples": 3}, "samples: 3 is not allowed; allowed: 1, as many as there are"),
        (["l2=0,1"], {"wanted": 1.5}, "wanted: 1.5 is not allowed; allowed: a number from 0 to 1"),
    ],
)
def test_what_cannot_be_is_refused_by_name(axes: list[str], more: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidError, match=message):
        _plan(*axes, **more)
