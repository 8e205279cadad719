"""History: bounded, the same for the same run, and at fixed steps."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from engine.training import InvalidError
from engine.training.run.history import LIMIT, History


def kept(steps: int) -> History:
    """The history of a run whose losses are 1/step and -step, measured where they are due."""
    history = History()
    for step in range(steps + 1):
        if history.is_due(step):
            history.add(step, 1 / (step + 1), step / 2)
    return history


@pytest.mark.parametrize("steps", [0, 1, LIMIT - 1, LIMIT, LIMIT + 1, 2 * LIMIT, 12_345, 100_000])
def test_it_is_bounded_and_even(steps: int) -> None:
    history = kept(steps)
    marks = [step for step, _, _ in history.samples]
    assert len(marks) <= LIMIT
    assert len(marks) >= min(steps, LIMIT // 2)
    assert marks == list(range(0, steps + 1, history.stride))
    assert all((train, test) == (1 / (step + 1), step / 2) for step, train, test in history.samples)


def test_the_curve_ends_with_this_moment() -> None:
    history = kept(10)
    curve = history.curve(10, 0.5, math.nan)
    assert curve.steps.tolist() == list(range(11))
    assert curve.train.tolist() == [*(1 / (step + 1) for step in range(10)), 0.5]
    assert math.isnan(curve.test[-1])
    assert history.curve(13, 0.5, 0.25).steps.tolist() == [*range(11), 13]
    assert curve.steps.dtype == np.int64
    curve.train[:] = 0
    assert history.curve(10, 0.5, 0.5).train[0] == 1, "whoever has a curve cannot change the history"


losses = st.floats(0, 1e30) | st.just(math.nan)


@given(st.integers(1, 2**40), st.lists(st.tuples(losses, losses), max_size=20))
def test_json_both_ways_is_the_identity(stride: int, pairs: list[tuple[float, float]]) -> None:
    history = History(stride, [(i * stride, *pair) for i, pair in enumerate(pairs)])
    again = History.from_dict(json.loads(json.dumps(history.to_dict(), allow_nan=False)))
    assert again.stride == history.stride
    np.testing.assert_array_equal(np.array(again.samples), np.array(history.samples))


@pytest.mark.parametrize("steps", [0, 1, LIMIT, LIMIT + 1, 12_345])
def test_it_knows_how_far_its_run_has_come(steps: int) -> None:
    history = kept(steps)
    reached = steps // history.stride * history.stride
    assert history.ends_at(reached)
    assert history.ends_at(reached + history.stride - 1)
    assert not history.ends_at(reached - 1)
    assert not history.ends_at(reached + history.stride)


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
        ({"stride": 2, "samples": [[0, 1, 1], [1, 1, 1]]}, "history.samples[1] step"),
        ({"stride": 1, "samples": [[1, 1, 1]]}, "history.samples[0] step"),
        ({"stride": 1, "samples": [[i, 1, 1] for i in range(LIMIT + 1)]}, "number of history.samples"),
        ({"stride": 1, "samples": [], "more": 1}, "history.more"),
    ],
)
def test_what_is_no_history_is_refused(source: Any, name: str) -> None:
    with pytest.raises(InvalidError) as caught:
        History.from_dict(source)
    assert caught.value.name == name
