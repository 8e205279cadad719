"""The pace with a clock of the test's own."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, strategies as st

from playground.panels.transport import SPEEDS
from playground.runtime.pacing import FRAME_RATE, Meter, Pace

FINITE = [speed for speed in SPEEDS if math.isfinite(speed)]
speeds = st.sampled_from(FINITE) | st.floats(0.5, 10_000)
# how long the worker looks away between two looks at the pace: from nothing to a frozen machine
pauses = st.lists(st.sampled_from([0.0, 1e-6, 1e-3, 1 / 60, 0.1, 3.0]) | st.floats(0, 2), min_size=1, max_size=60)


def make_what_is_due(pace: Pace, now: float) -> int:
    made = 0
    while pace.is_due(now):
        pace.made()
        made += 1
    return made


def largest_burst(rate: float) -> float:
    return max(1.0, rate * 0.1)


@given(rate=speeds, pauses=pauses, start=st.floats(0, 1e5))
def test_steps_never_outrun_the_rate_in_any_stretch_of_time(rate: float, pauses: list[float], start: float) -> None:
    pace, now = Pace(rate, start), start
    looks = [(start, make_what_is_due(pace, start))]
    for pause in pauses:
        now += pause
        looks.append((now, make_what_is_due(pace, now)))
    for first, (begin, _) in enumerate(looks):
        made = 0
        for end, steps in looks[first:]:
            made += steps
            assert made <= rate * (end - begin) + largest_burst(rate) + 1e-3


@given(rate=speeds, frames=st.integers(1, 200))
def test_no_step_is_lost_while_the_worker_looks_often(rate: float, frames: int) -> None:
    pace, every = Pace(rate, 0.0), 1 / 120
    made = sum(make_what_is_due(pace, frame * every) for frame in range(frames + 1))
    assert made >= math.floor(rate * frames * every)


@given(rate=speeds, pauses=pauses)
def test_it_never_starves(rate: float, pauses: list[float]) -> None:
    pace, now = Pace(rate, 0.0), 0.0
    for pause in pauses:
        now += pause
        make_what_is_due(pace, now)
        assert 0 < pace.wait() <= 1 / rate + 1e-9
    assert pace.is_due(now + pace.wait())


@given(rate=speeds, pauses=pauses)
def test_it_asks_to_be_woken_no_earlier_than_a_step_is_due(rate: float, pauses: list[float]) -> None:
    pace, now = Pace(rate, 0.0), 0.0
    for pause in pauses:
        now += pause
        make_what_is_due(pace, now)
        assert not pace.is_due(now + pace.wait() * 0.99)


def test_the_first_step_is_due_at_once_and_the_second_after_its_time() -> None:
    pace = Pace(2.0, 100.0)
    assert make_what_is_due(pace, 100.0) == 1
    assert make_what_is_due(pace, 100.4) == 0
    assert make_what_is_due(pace, 100.5) == 1


@pytest.mark.parametrize("rate", FINITE)
def test_a_run_that_was_held_up_does_not_race_to_catch_up(rate: float) -> None:
    pace = Pace(rate, 0.0)
    assert make_what_is_due(pace, 3600.0) <= largest_burst(rate)


def test_as_fast_as_it_goes_is_always_due() -> None:
    pace = Pace(math.inf, 0.0)
    for _ in range(1000):
        assert pace.is_due(0.0)
        pace.made()
    assert pace.wait() == 0


@pytest.mark.parametrize("rate", SPEEDS)
def test_every_step_is_drawn_up_to_the_frame_rate(rate: float) -> None:
    assert Pace(rate, 0.0).draws_every_step == (rate <= FRAME_RATE)
    assert Pace(FRAME_RATE, 0.0).draws_every_step


def test_the_meter_says_what_was_made_a_second_and_forgets_the_past() -> None:
    meter = Meter(0.0)
    for _ in range(100):
        meter.made()
    assert meter.read(0.1) is None  # too early to tell
    assert meter.read(0.5) == 200
    meter.made()
    assert meter.read(0.6) == 200  # not yet another half second
    assert meter.read(1.5) == 1


def test_the_meter_waits_for_a_step_where_they_are_rare() -> None:
    meter = Meter(0.0)
    assert meter.read(0.9) is None
    meter.made()
    assert meter.read(1.0) == 1
