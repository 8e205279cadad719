"""Data from a formula: both sides of a condition have points, values are as typed, and what cannot be is said."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, strategies as st

from engine.training import PLANE, Data, InvalidError
from tests.engine.strategies import seeds

CONDITIONS = {
    "x2 > sin(x1)": lambda x1, x2: x2 > np.sin(x1),
    "x1*x2 > 0": lambda x1, x2: x1 * x2 > 0,
    "x1^2 + x2^2 < 9": lambda x1, x2: x1**2 + x2**2 < 9,
    "x₁ <= x₂": lambda x1, x2: x1 <= x2,
    "r = 4, x1**2 + x2**2 >= r**2": lambda x1, x2: x1**2 + x2**2 >= 16,
    "sqrt(x1) > 1": lambda x1, x2: np.sqrt(x1) > 1,
}


@pytest.mark.parametrize("formula", CONDITIONS)
@pytest.mark.parametrize("seed", range(3))
def test_a_condition_makes_two_classes_of_as_many_points_all_over_the_plane(formula: str, seed: int) -> None:
    points = Data("formula", formula=formula, seed=seed).arrays
    np.testing.assert_array_equal(points.labels == 0, CONDITIONS[formula](*points.xy.T))
    assert np.bincount(points.labels).tolist() == [250, 250]
    assert np.abs(points.xy).max() <= PLANE
    assert np.abs(points.xy).max() > 0.9 * PLANE


def test_points_stray_with_the_noise_and_the_balance_is_kept() -> None:
    points = Data("formula", formula="x1 > 0", noise=0.2, balance=0.8, seed=3).arrays
    assert np.bincount(points.labels).tolist() == [400, 100]
    wrong = (points.labels == 0) != (points.xy[:, 0] > 0)
    assert 0 < wrong.mean() < 0.2


@pytest.mark.parametrize(("formula", "unit"), [("sin(3*x1)", 1.0), ("x1 * x2 / 36", 1.0), ("x1^2", 36.0)])
def test_a_value_is_the_formulas_in_its_own_unit_and_no_larger_than_the_scale_of_colours(
    formula: str, unit: float
) -> None:
    data = Data("formula", formula=formula, kind="regression")
    points, target = data.arrays, data.task.target
    x1, x2 = points.xy.T
    expected = {"sin(3*x1)": np.sin(3 * x1), "x1 * x2 / 36": x1 * x2 / 36, "x1^2": x1**2}[formula]
    np.testing.assert_allclose(points.targets * target.unit, expected, atol=1e-12)
    assert np.abs(points.targets).max() <= 1
    assert target.unit == unit
    assert data.drawn().task.target.unit == unit, "points that are drawn among them have their unit"
    assert data.replace(formula="sin(x1)").task.target.unit == 1


def test_a_curve_stands_where_it_does_in_the_plane() -> None:
    data = Data("formula", formula="x1^2", kind="curve")
    assert data.arrays.inputs.shape == (500, 1)
    np.testing.assert_allclose(data.arrays.targets * 6, data.arrays.inputs[:, 0] ** 2, atol=1e-12)
    assert data.task.target.unit == 6


@given(seeds)
def test_there_are_points_where_there_are_values_alone(seed: int) -> None:
    points = Data("formula", formula="log(x1) / x2", kind="regression", seed=seed, count=40).arrays
    assert (points.xy[:, 0] > 0).all()
    assert np.isfinite(points.targets).all()


@given(st.sampled_from(list(CONDITIONS)), seeds, st.floats(0, 0.5))
def test_the_same_text_gives_the_same_points_from_a_file(formula: str, seed: int, noise: float) -> None:
    data = Data("formula", formula=formula, seed=seed, noise=noise, count=30)
    again = Data.from_dict(data.to_dict())
    assert again == data
    assert again.arrays == data.arrays


@pytest.mark.parametrize(
    ("formula", "kind", "allowed"),
    [
        ("x1 > 7", "classification", "of 4,000 places tried from -6 to 6 it holds at none"),
        ("x1 < 7", "classification", "of 4,000 places tried from -6 to 6 there is none where it does not hold"),
        ("log(-1 - x1^2) > 0", "classification", "it holds at none"),
        ("x1 + x2", "classification", "allowed for classes: a comparison, such as x2 > sin(x1)"),
        ("x1 > x2", "regression", "allowed for values: none that compares"),
        ("log(-1 - x1^2)", "regression", "it has none"),
        ("x1 + x2", "curve", "character 6: expected only x1 as free inputs"),
        ("x2 >", "classification", "character 5: expected a number, a name or ("),
        ("x2 > y", "classification", "character 6: expected only x1 and x2 as free inputs"),
        ("1 < x1 < 2", "classification", "character 8: expected the end: a formula compares once"),
        ("1 < 2", "classification", "expected a result that depends on x1 or x2"),
        ("x1 > 0, x2 > 0", "classification", "expected a name and = before all but the last statement"),
        ("a" * 301, "classification", "a text of 300 characters at most"),
    ],
)
def test_what_makes_no_points_is_told_in_a_line(formula: str, kind: str, allowed: str) -> None:
    with pytest.raises(InvalidError) as caught:
        Data("formula", formula=formula, kind=kind)
    assert caught.value.name == "formula"
    assert allowed in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_another_dataset_follows_no_formula() -> None:
    with pytest.raises(InvalidError, match="allowed: none, as the dataset circle follows none"):
        Data(formula="x1 > 0")
    assert Data("formula").drawn().formula == ""


@pytest.mark.parametrize(
    ("before", "formula", "kind"),
    [
        ("classification", "x1 < x2", "classification"),
        ("classification", "sin(3*x1)", "regression"),
        ("regression", "x1 < x2", "classification"),
        ("curve", "sin(3*x1)", "curve"),
        ("curve", "x1 > 1", "classification"),
        ("curve", "sin(x2)", "regression"),
    ],
)
def test_whether_a_formula_compares_says_what_is_learned(before: str, formula: str, kind: str) -> None:
    data = Data("formula", kind=before).with_formula(formula)
    assert (data.formula, data.kind) == (formula, kind)


def test_a_very_narrow_side_has_as_many_points_as_any() -> None:
    points = Data("formula", formula="x1 > 5.99", count=2000).arrays
    assert np.bincount(points.labels).tolist() == [1000, 1000]
    assert points.xy[points.labels == 0, 0].min() > 5.99


def test_a_value_beyond_all_limits_is_left_out() -> None:
    points = Data("formula", formula="1 / x1**9", kind="regression", count=5000).arrays
    assert math.isfinite(np.abs(points.targets).max())
    assert np.abs(points.targets).max() <= 1000
