"""Geometry of the drawing board: outlines, movements, scaling, and points that are found again."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

from engine.training import Points
from playground.runtime.area import WHOLE, Area
from playground.ui.ticks import ticks_between
from playground.views.plane.regions import Box, Lasso, gaussian, uniform
from playground.views.plane.selection import followed
from playground.views.plane.strokes import moved_within, scaled

numbers = st.floats(-20, 20)
places = st.tuples(numbers, numbers).map(np.array)
many = st.lists(st.tuples(numbers, numbers), min_size=1, max_size=12).map(np.array)
areas = st.builds(Area, numbers, numbers, st.floats(0.1, 100))


def lasso(corners: np.ndarray) -> Lasso:
    result = Lasso(corners[0])
    for corner in corners[1:]:
        result.extend(corner)
    return result


@given(places, places, many)
def test_a_box_has_in_it_what_lies_between_its_corners_whichever_was_first(a, b, xy) -> None:
    box, back = Box(a), Box(b)
    box.extend(b)
    back.extend(a)
    expected = [
        bool(min(a[0], b[0]) <= x <= max(a[0], b[0]) and min(a[1], b[1]) <= y <= max(a[1], b[1])) for x, y in xy
    ]
    assert box.contains(xy).tolist() == back.contains(xy).tolist() == expected


@given(st.floats(0.5, 9), st.integers(12, 90), many)
def test_a_lasso_around_a_circle_has_in_it_what_is_nearer_to_the_middle(radius, corners, xy) -> None:
    angles = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    around = lasso(radius * np.column_stack([np.cos(angles), np.sin(angles)]))
    far, inner = np.hypot(*xy.T), radius * np.cos(np.pi / corners)
    inside = around.contains(xy)
    assert inside[far < inner * (1 - 1e-9)].all()
    assert not inside[far > radius * (1 + 1e-9)].any()


def test_a_lasso_that_goes_around_a_hole_leaves_it_out() -> None:
    ring = lasso(np.array([(-4, -4), (4, -4), (4, 4), (-4, 4), (-4, -4), (-2, -2), (-2, 2), (2, 2), (2, -2), (-2, -2)]))
    assert ring.contains(np.array([(0.0, 0.1), (3.0, 0.1), (9.0, 0.1)])).tolist() == [False, True, False]


@pytest.mark.parametrize("scatter", [uniform, gaussian])
def test_a_filling_is_of_as_many_points_as_are_wanted_and_all_of_them_inside(scatter) -> None:
    box, slim = Box(np.array([1.0, 2])), lasso(np.array([(0, 0), (5, 5), (5, 5.3)]))
    box.extend(np.array([-3.0, 5]))
    for outline in (box, slim):
        found = scatter(outline, 40, np.random.default_rng(1))
        assert len(found) == 40
        assert outline.contains(found).all()
        assert len(np.unique(found, axis=0)) == 40


def test_what_has_no_inside_is_not_filled() -> None:
    assert len(uniform(lasso(np.array([(0, 0), (1, 1)])), 10, np.random.default_rng(1))) == 0


@given(many, places, places, places)
def test_scaling_back_puts_points_where_they_were(xy, fixed, handle, to) -> None:
    if (np.abs(handle - fixed) < 0.1).any() or (np.abs(to - fixed) < 0.1).any():
        return  # what was made flat cannot be drawn out again
    there = scaled(xy, fixed, handle, to)
    np.testing.assert_allclose(scaled(np.array([handle]), fixed, handle, to), [to], atol=1e-9)
    np.testing.assert_allclose(scaled(there, fixed, to, handle), xy, atol=1e-6)


def test_along_a_side_without_length_nothing_is_scaled() -> None:
    xy = np.array([(1.0, 3.0), (2.0, 3.0)])
    there = scaled(xy, np.array([1.0, 3]), np.array([2.0, 3]), np.array([5.0, 9]))
    np.testing.assert_array_equal(there, [(1, 3), (5, 3)])


@given(areas, many, places)
def test_what_moves_keeps_its_form_and_goes_no_further_out_than_the_edge(area, xy, by) -> None:
    there = moved_within(area, xy, by)
    np.testing.assert_allclose(there - xy, (there - xy)[[0] * len(xy)], atol=1e-9)
    assert (there >= np.minimum(area.low, xy.min(axis=0))).all()
    assert (there <= np.maximum(area.high, xy.max(axis=0))).all()


def points(xy: np.ndarray) -> Points:
    return Points(xy, np.zeros(len(xy)), np.zeros(len(xy), dtype=bool))


rows = st.lists(st.tuples(numbers, numbers), min_size=3, max_size=10, unique=True).map(np.array)


@given(rows, st.data())
def test_points_are_found_again_when_others_go_and_when_they_themselves_move(xy, data) -> None:
    chosen = np.array(sorted(data.draw(st.sets(st.integers(0, len(xy) - 1), min_size=1))))
    gone = np.array(sorted(data.draw(st.sets(st.integers(0, len(xy) - 1), min_size=1))))
    kept = np.setdiff1d(np.arange(len(xy)), gone)
    found = followed(chosen, points(xy), points(xy[kept]))
    np.testing.assert_array_equal(xy[kept][found], xy[np.setdiff1d(chosen, gone)])
    moved = xy.copy()
    moved[chosen] += 1
    np.testing.assert_array_equal(followed(chosen, points(xy), points(moved)), chosen)


# ── areas ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@given(areas, st.floats(0.2, 5), st.floats(0, 1), st.floats(0, 1))
def test_zooming_keeps_the_place_under_the_pointer(area, factor, right, up) -> None:
    share = np.array([right, up])
    at = area.low + share * area.side
    near = area.zoomed(factor, at)
    assert 0.1 <= near.side <= 100
    np.testing.assert_allclose(near.low + share * near.side, at, atol=1e-6)


@given(st.integers(1, 12), places)
def test_as_many_notches_back_one_sees_the_whole_plane_again(notches, at) -> None:
    at, area = WHOLE.clip(at), WHOLE
    for factor in (1.25, 1 / 1.25):
        for _ in range(notches):
            area = area.zoomed(factor, at)
    assert area == WHOLE


@given(areas, places)
def test_an_area_stays_where_there_can_be_points(area, by) -> None:
    far = area.moved(1e3 * by)
    assert far.side == area.side
    assert (np.abs([far.low, far.high]) <= 1000 + 1e-9).all()


@given(areas)
def test_ticks_are_few_even_and_inside(area) -> None:
    ticks = ticks_between(area.left, area.left + area.side, 7)
    values = np.array([value for value, _ in ticks])
    assert 2 <= len(ticks) <= 7
    assert (values >= area.left - 1e-6).all()
    assert (values <= area.left + area.side + 1e-6).all()
    np.testing.assert_allclose(np.diff(values), np.diff(values)[0])
    for value, text in ticks:
        assert float(text.replace("−", "-")) == pytest.approx(value, abs=1e-9)
    assert len({text for _, text in ticks}) == len(ticks)
