"""Where a curve is sampled, and what range shows it."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import example, given, strategies as st

from engine.formula import parse
from engine.formula.ranges import enlarged, fitting, reach, rounded_to
from engine.formula.sampling import evenly, sample
from engine.microscope.gradcheck.derivatives import curve

FINITE = st.floats(-1e9, 1e9, allow_subnormal=False)


@given(st.floats(-5.9, 5.9), st.sampled_from([-1.0, 1.0]))
@example(1.1125369292536007e-308, -1.0)  # its heights are the largest of numbers
def test_a_pole_is_a_gap_wherever_it_lies(at: float, sign: float) -> None:
    program = parse(f"x = 0, {sign} / (x - a)").with_inputs(a=at)
    xs, ys, slopes = sample(lambda xs: curve(program, "x", xs), -6, 6)
    assert len(xs) == len(ys) == len(slopes)
    assert (np.diff(xs) > 0).all()
    is_there = np.isfinite(ys)
    assert not (is_there[:-1] & is_there[1:] & (np.sign(ys[:-1]) * np.sign(ys[1:]) < 0)).any()  # never from −∞ to ∞
    assert np.abs(ys[is_there]).max() > 1000  # and close to the pole on either side


@given(st.floats(-5.9, 5.9), st.floats(0.1, 1000))
def test_a_steep_but_continuous_curve_has_no_gap(at: float, steep: float) -> None:
    program = parse("x = 0, tanh(k * (x - a))").with_inputs(a=at, k=steep)
    _, ys, _ = sample(lambda xs: curve(program, "x", xs), -6, 6)
    assert np.isfinite(ys).all()


def test_equally_spaced_heights_are_those_of_the_curve() -> None:
    program = parse("1/(x - 0.5)")
    xs, ys, _ = sample(lambda xs: curve(program, "x", xs), -6, 6)
    even = evenly(xs, ys)
    assert len(even) < len(ys)
    np.testing.assert_allclose(even, 1 / (np.linspace(-6, 6, len(even)) - 0.5))


@given(st.lists(FINITE, min_size=2, max_size=20), FINITE)
def test_a_range_holds_the_point_and_is_kept_while_it_serves(heights: list[float], point: float) -> None:
    ys = np.array(heights)
    found = fitting((0.0, 1.0), [ys], point, afresh=True)
    assert found[0] <= point <= found[1]
    assert found[0] < found[1]
    assert fitting(found, [ys], point, afresh=False) == found


@given(st.floats(-8e11, 8e11))
def test_a_number_is_within_reach_and_no_further_than_needed(number: float) -> None:
    found = reach(number)
    assert abs(number) <= found
    assert found == 6 or abs(number) > found / 2


@given(st.floats(-100, 100), st.floats(1e-4, 10))
def test_a_place_is_no_more_exact_than_a_pixel_and_no_less(number: float, pixel: float) -> None:
    found = rounded_to(pixel, number)
    assert abs(found - number) <= pixel / 2 * (1 + 1e-9)
    assert len(f"{abs(found):.12g}".replace(".", "").strip("0")) <= math.ceil(math.log10(100 / pixel)) + 2


@given(st.floats(-10, 10), st.floats(0.1, 10))
def test_what_is_enlarged_keeps_its_middle(around: float, factor: float) -> None:
    left, right = enlarged((-6.0, 6.0), factor, around)
    assert math.isclose(right - left, 12 / factor, rel_tol=1e-12)
    assert math.isclose((around - left) * factor, around + 6, rel_tol=1e-9, abs_tol=1e-9)
