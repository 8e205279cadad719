"""Job of a sweep: equal to the bit to a run of its own, whatever the process has done before."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings, strategies as st

from engine.training import PRESETS, Experiment, Run
from engine.training.sweep import Job, check_steps, do_jobs
from tests.engine.strategies import experiments

SPIRAL = PRESETS["spiral"]


@given(experiments, experiments, st.integers(0, 30), st.booleans())
def test_a_run_that_begins_again_is_equal_to_a_new_one(one: Experiment, two: Experiment, n: int, alike: bool) -> None:
    if alike:  # only the seed and the initial weights differ
        two = one.with_seed(two.seed).replace(network=one.network.replace(initialiser=two.network.initialiser))
    run, other = Run(one), Run(two)
    run.step(n)
    if run.begin(two):
        for steps in (1, 7):
            assert run.step(steps) == other.step(steps)
        assert run.snapshot().weights.keys() == other.snapshot().weights.keys()
        for name, weights in other.snapshot().weights.items():
            np.testing.assert_array_equal(run.snapshot().weights[name], weights)
        assert run.history.to_dict() == other.history.to_dict()
        assert run.state() == other.state()
    else:
        assert not alike
        assert run.experiment == one


@settings(max_examples=5)
@given(st.lists(st.sampled_from(["spiral", "blobs", "saddle", "circle"]), min_size=2, max_size=4))
def test_a_job_tells_what_a_run_of_its_own_does(names: list[str]) -> None:
    jobs = [Job(PRESETS[name].with_seed(i), 100) for i, name in enumerate(names)]
    for job, result in zip(jobs, do_jobs(jobs), strict=True):
        run = Run(job.experiment)
        run.step(100)
        assert (result.train, result.test) == run.score()
        assert result.checks is not None
        assert result.checks.steps[-1] == 100
        assert result.checks.loss[-1] == run.judged().loss
        assert (result.key, result.seed, result.steps) == (job.key, job.experiment.seed, 100)


def test_a_run_is_judged_more_often_at_first() -> None:
    gaps = np.diff(check_steps(3000))
    assert check_steps(3000)[-1] == 3000
    assert (np.diff(gaps) >= -1).all()
    assert check_steps(0).tolist() == [0]
    assert check_steps(3).tolist() == [1, 2, 3]


def test_the_first_step_that_reaches_an_accuracy() -> None:
    checks = do_jobs([Job(SPIRAL, 2000)])[0].checks
    assert checks is not None
    reached = checks.steps_to(0.95)
    assert reached is not None
    run = Run(SPIRAL)
    run.step(reached)
    assert run.judged().quality >= 0.95
    before = int(checks.steps[checks.steps < reached][-1])
    assert checks.steps_to(1.1) is None
    again = Run(SPIRAL)
    again.step(before)
    assert again.judged().quality < 0.95


def test_a_run_that_diverges_says_so_and_keeps_what_it_was() -> None:
    wild = PRESETS["saddle"]
    wild = wild.replace(training=wild.training.replace(optimizer="sgd", learning_rate=10))
    result = do_jobs([Job(wild, 500)])[0]
    assert result.diverged
    assert result.steps < 500
    assert not result.reason


def test_what_cannot_be_done_is_told_and_ends_no_other() -> None:
    waits = SPIRAL.replace(data=SPIRAL.data.replace(dataset="drawn"))
    broken = Job(SPIRAL, 1, look=_fail)
    results = do_jobs([Job(waits, 10), broken, Job(SPIRAL, 1, fault="l2 does not go with l1"), Job(SPIRAL, 5)])
    told = [result.reason for result in results]
    assert told == [Run(waits).waiting_for, "nobody looks", "l2 does not go with l1", ""]
    assert results[-1].steps == 5


def _fail(_: Run) -> None:
    raise RuntimeError("nobody\nlooks")
