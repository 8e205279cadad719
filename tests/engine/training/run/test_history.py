"""History: bounded, the same for the same run, and at fixed steps."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from engine.training import InvalidError
from engine.training.run.history import DENSE, LIMIT, STRIDE, History


def kept(steps: int) -> History:
    """The history of a run of so many steps whose losses are 1/step and step/2, measured where they are due."""
    history = History()
    for step in range(steps):
        if history.is_due(step):
            history.add(step, 1 / (step + 1), step / 2)
    return history


@pytest.mark.parametrize("steps", [0, 1, DENSE, DENSE + 1, LIMIT, 8 * LIMIT, 12_345, 100_000])
def test_it_is_bounded_and_even_after_the_first_steps(steps: int) -> None:
    history = kept(steps)
    marks = [step for step, _, _ in history.samples]
    assert min(steps, DENSE) <= len(marks) <= LIMIT
    assert len(marks) >= min(steps // STRIDE, LIMIT // 2)
    first = range(min(steps, DENSE))
    assert marks == [*first, *range(-(-DENSE // history.stride) * history.stride, steps, history.stride)]
    assert all((train, test) == (1 / (step + 1), step / 2) for step, train, test in history.samples)


def test_what_is_due_next_is_the_next_that_is_due() -> None:
    history = kept(5000)
    for step in range(4990, 5100):
        ahead = history.due_after(step)
        assert history.is_due(ahead)
        assert not any(history.is_due(between) for between in range(step + 1, ahead))


def test_steps_that_are_made_again_are_not_measured_again() -> None:
    history = kept(100)
    assert not any(history.is_due(step) for step in range(97))
    again = history.until(50)
    assert [step for step, _, _ in again.samples] == list(range(50))
    assert again.is_due(50)


def test_the_curve_has_this_moment_in_its_place() -> None:
    history = kept(11)
    curve = history.curve((10, 0.5, math.nan))
    assert curve.steps.tolist() == list(range(11))
    assert curve.train.tolist() == [*(1 / (step + 1) for step in range(10)), 0.5]
    assert math.isnan(curve.test[-1])
    assert history.curve((13, 0.5, 0.25)).steps.tolist() == [*range(11), 13]
    assert history.curve((4, 0.5, 0.25)).train.tolist()[3:6] == [1 / 4, 0.5, 1 / 6]
    assert curve.steps.dtype == np.int64
    curve.train[:] = 0
    assert history.curve().train[0] == 1, "whoever has a curve cannot change the history"


losses = st.floats(0, 1e30) | st.just(math.nan)


@given(st.integers(0, 300), st.lists(st.tuples(losses, losses), min_size=1, max_size=9))
def test_json_both_ways_is_the_identity(steps: int, pairs: list[tuple[float, float]]) -> None:
    history = kept(steps)
    history.samples = [(step, *pairs[i % len(pairs)]) for i, (step, _, _) in enumerate(history.samples)]
    again = History.from_dict(json.loads(json.dumps(history.to_dict(), allow_nan=False)))
    assert again.stride == history.stride
    np.testing.assert_array_equal(np.array(again.samples), np.array(history.samples))


@pytest.mark.parametrize("steps", [0, 1, LIMIT, LIMIT + 1, 12_345])
def test_it_knows_how_far_its_run_has_come(steps: int) -> None:
    history = kept(steps)
    assert history.ends_at(steps)
    due = history.due_after(steps - 1)
    assert history.ends_at(due)
    assert not history.ends_at(due + 1)
    assert not steps or not history.ends_at(history.samples[-1][0])


@pytest.mark.parametrize(
    ("source", "name"),
    [
        (None, "history"),
        ([], "history"),
        ({"stride": 1}, "history.samples"),
        ({"samples": []}, "history.stride"),
        ({"stride": 0, "samples": []}, "history.stride"),
        ({"stride": 1.0, "samples": []}, "history.stride"),
        ({"stride": 2**60, "samples": []}, "history.stride"),
        ({"stride": 1, "samples": {}}, "history.samples"),
        ({"stride": 1, "samples": [[0, 1]]}, "history.samples[0]"),
        ({"stride": 1, "samples": [[0, 1, 1], [-1, 1, 1]]}, "history.samples[1] step"),
        ({"stride": 1, "samples": [[0, math.nan, 1]]}, "history.samples[0] train loss"),
        ({"stride": 1, "samples": [[0, 1, "1"]]}, "history.samples[0] test loss"),
        ({"stride": 1, "samples": [[0, 1, 1], [0, 1, 1]]}, "history.samples[1] step"),
        ({"stride": 2, "samples": [[i, 1, 1] for i in [*range(64), 65]]}, "history.samples[64] step"),
        ({"stride": 1, "samples": [[1, 1, 1]]}, "history.samples[0] step"),
        ({"stride": 1, "samples": [[i, 1, 1] for i in range(LIMIT + 1)]}, "number of history.samples"),
        ({"stride": 1, "samples": [], "more": 1}, "history.more"),
    ],
)
def test_what_is_no_history_is_refused(source: Any, name: str) -> None:
    with pytest.raises(InvalidError) as caught:
        History.from_dict(source)
    assert caught.value.name == name
