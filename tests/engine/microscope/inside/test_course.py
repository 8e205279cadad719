"""Courses of runs: which moments are kept, and which are planned."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings, strategies as st

from engine.microscope.inside.course import MOST, PLANNED, Course, planned_steps
from engine.microscope.inside.moment import moment
from engine.training import PRESETS, Run

found = moment(Run(PRESETS["gauss"]).snapshot())
assert found is not None
ONE = found


def course_of(steps: list[int]) -> Course:
    course = Course()
    for step in steps:
        course.add(replace(ONE, step=step))
    return course


@settings(max_examples=30)
@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=700))
def test_moments_are_in_order_and_the_first_and_the_last_are_never_thinned_out(steps: list[int]) -> None:
    kept = [moment.step for moment in course_of(steps).moments]
    assert kept == sorted(set(kept) & set(steps))
    assert len(kept) == min(len(set(steps)), MOST)
    assert (kept[0], kept[-1]) == (min(steps), max(steps))


def test_a_long_course_is_thinned_evenly() -> None:
    gaps = np.diff([moment.step for moment in course_of(list(range(0, 60_000, 30))).moments])
    assert gaps.max() <= 3 * gaps.min()


def test_a_later_moment_of_a_step_takes_the_place_of_the_one_before() -> None:
    course = course_of([0, 1, 2])
    other = replace(ONE, step=1)
    course.add(other)
    assert course.moments[1] is other
    assert len(course.moments) == 3


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_planned_steps_are_even_and_few_and_the_coarsest_come_first(start: int, length: int) -> None:
    stride, steps = planned_steps(start, start + length)
    assert len(steps) <= PLANNED
    assert all(start <= step <= start + length for step in steps)
    assert (np.diff(sorted(steps)) == stride).all()
    assert len(steps) > PLANNED / 2 - 1 or stride == 1
    half = {step for step in steps if step % (2 * stride) == 0}
    assert set(steps[: len(half)]) == half


def test_what_is_near() -> None:
    course = course_of([0, 100])
    assert course.has_near(104, 4)
    assert course.has_near(96, 4)
    assert not course.has_near(95, 4)
    assert not Course().has_near(0, 1)
