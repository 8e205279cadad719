"""Square of a plot: all fits into it, it stays while that fills it, and its numbers are round."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st
from PySide6.QtCore import QRectF

from playground.views.hidden.square import FEWEST_TICKS, LOOSEST, Square

numbers = st.floats(-1e6, 1e6)
AREA = QRectF(10, 20, 200, 200)


@given(st.lists(st.tuples(numbers, numbers), min_size=1, max_size=9))
def test_all_places_lie_in_it(rows: list[tuple[float, float]]) -> None:
    places = np.array(rows)
    square = Square().around(places)
    spots, slack = square.spots(places, AREA), 1e-3
    assert (spots >= (AREA.left() - slack, AREA.top() - slack)).all()
    assert (spots <= (AREA.right() + slack, AREA.bottom() + slack)).all()
    assert FEWEST_TICKS - 1 <= len(square.ticks(square.left)) <= 11


def test_it_stays_while_it_is_filled_and_shrinks_when_it_is_not() -> None:
    corners = np.array([[-1.0, -1.0], [1.0, 1.0]])
    square = Square().around(corners)
    assert square.around(0.99 * corners) == square
    larger = square.around(1.02 * corners)
    assert larger.side > square.side
    assert larger.around(corners) == larger
    assert square.around(0.9 * LOOSEST * corners).side < square.side
    assert square.around(2 * corners).side > square.side


def test_the_numbers_along_it_are_round() -> None:
    assert Square(-1, -1, 2).ticks(-1) == pytest.approx([-1, -0.5, 0, 0.5, 1])
    assert Square(-3, 0, 12).ticks(-3) == pytest.approx([-2, 0, 2, 4, 6, 8])


@given(st.floats(-3, 3), st.floats(-3, 3), st.floats(-3, 3))
def test_a_line_through_it_has_ends_on_it_beyond_it(a: float, b: float, c: float) -> None:
    ends = Square().chord((a, b, c))
    if np.hypot(a, b) < 1e-3:
        return
    assert ends is not None
    np.testing.assert_allclose(ends @ (a, b) + c, 0, atol=1e-6)
    assert np.hypot(*(ends[1] - ends[0])) == pytest.approx(2 * Square().side)


def test_what_has_no_direction_is_no_line() -> None:
    assert Square().chord((0, 0, 1)) is None
    assert Square().chord((float("nan"), 0, 1)) is None
