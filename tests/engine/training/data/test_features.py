"""Features: the columns that the network is given, for arrays and for Values alike."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, strategies as st

from engine import Value
from engine.training import FEATURES
from engine.training.data.features import featurise
from tests.engine.strategies import coordinates

BY_HAND = {
    "x1": lambda a, b: a,
    "x2": lambda a, b: b,
    "x1_squared": lambda a, b: a**2,
    "x2_squared": lambda a, b: b**2,
    "x1_x2": lambda a, b: a * b,
    "sin_x1": lambda a, b: math.sin(a),
    "sin_x2": lambda a, b: math.sin(b),
}


def test_each_row_of_the_table_is_known_here() -> None:
    assert list(FEATURES) == list(BY_HAND)
    assert len({feature.label for feature in FEATURES.values()}) == len(FEATURES)


@given(st.lists(st.tuples(coordinates, coordinates), min_size=1, max_size=5), st.permutations(list(BY_HAND)))
def test_columns_are_as_computed_by_hand_in_the_order_asked_for(
    places: list[tuple[float, float]], names: list[str]
) -> None:
    columns = featurise(np.array(places), names)
    expected = [[BY_HAND[name](a, b) for name in names] for a, b in places]
    np.testing.assert_allclose(columns, expected, rtol=1e-12)


@pytest.mark.parametrize("name", FEATURES)
def test_a_feature_of_values_has_a_derivative(name: str) -> None:
    a, b, h = 0.7, -1.3, 1e-6
    x1, x2 = Value(a), Value(b)
    y = FEATURES[name].of(x1, x2)
    assert y.data == pytest.approx(BY_HAND[name](a, b))
    y.backward()
    slopes = (
        (BY_HAND[name](a + h, b) - BY_HAND[name](a - h, b)) / (2 * h),
        (BY_HAND[name](a, b + h) - BY_HAND[name](a, b - h)) / (2 * h),
    )
    assert (x1.grad, x2.grad) == pytest.approx(slopes, abs=1e-6)


def test_no_points_give_no_rows_and_the_dtype_is_kept() -> None:
    assert featurise(np.empty((0, 2)), FEATURES).shape == (0, len(FEATURES))
    assert featurise(np.ones((3, 2), dtype=np.float32), FEATURES).dtype == np.float32
