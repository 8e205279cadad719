"""The step curve: the V is where theory expects it, its arms rise as they should, and slices make the same of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from engine.microscope.gradcheck.step_curve import StepCurve, StepSweep
from engine.training import DRAWN, Data, Experiment, Run, RunSnapshot
from tests.engine.microscope.gradcheck.test_check import changed, checked, snapshot_of


def curve_of(snapshot: RunSnapshot, row: int, **options: Any) -> StepCurve:
    """The whole curve."""
    sweep = StepSweep(snapshot, row, **options)
    sweep.advance(1000)
    assert sweep.done
    assert sweep.curve is not None
    return sweep.curve


@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "gelu", "silu", "softplus", "sin"])
@pytest.mark.parametrize("loss", ["mse", "cross_entropy"])
def test_the_best_step_that_is_measured_is_the_one_that_theory_expects(activation: str, loss: str) -> None:
    for row in (0, 7, 10):
        curve = curve_of(snapshot_of(activation, activation, loss=loss, seed=3), row)
        over_a_decade = np.convolve(curve.errors, np.full(5, 0.2), "valid")  # one step alone may be right by luck
        measured = curve.steps[2 + np.argmin(over_a_decade)]
        assert curve.best_step / 30 < measured < curve.best_step * 30
        assert curve.errors.min() < 3 * (curve.truncation + curve.roundoff).min()
        assert not curve.corners.any()


@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "softplus"])
def test_the_arms_rise_with_the_square_of_the_step_and_with_its_inverse(activation: str) -> None:
    for row in (0, 7, 10):
        curve = curve_of(snapshot_of(activation, activation, seed=3), row)
        right = (curve.steps > 100 * curve.best_step) & (curve.steps < 0.02)
        left = curve.steps < curve.best_step / 100
        np.testing.assert_allclose(curve.errors[right], curve.truncation[right], rtol=0.02)
        slope = np.polyfit(np.log10(curve.steps[left]), np.log10(curve.errors[left] + 1e-16), 1)[0]
        assert slope == pytest.approx(-1, abs=0.3)
        assert 0.01 < np.median(curve.errors[left] / curve.roundoff[left]) < 10
        assert np.polyfit(np.log10(curve.steps), np.log10(curve.truncation), 1)[0] == pytest.approx(2)
        assert np.polyfit(np.log10(curve.steps), np.log10(curve.roundoff), 1)[0] == pytest.approx(-1)


def test_the_expectations_are_least_where_the_best_step_is() -> None:
    curve = curve_of(snapshot_of("tanh"), 4)
    both = curve.truncation + curve.roundoff
    i = int(both.argmin())
    assert curve.steps[i + 1] <= curve.best_step <= curve.steps[i - 1]
    h = curve.best_step
    least = curve.truncation[0] / curve.steps[0] ** 2 * h**2 + curve.roundoff[0] * curve.steps[0] / h
    assert least <= both.min() <= 1.1 * least


def test_the_third_derivative_is_the_known_one_of_the_logistic_loss() -> None:
    """L = mean of softplus(∓(w·x + b)): L''' in w is the mean of x³·σ·(1 - σ)·(1 - 2σ), whatever the class."""
    snapshot = snapshot_of(loss="cross_entropy")
    points = snapshot.points()
    z = points.inputs @ snapshot.weights["0.weight"].T + snapshot.weights["0.bias"]
    p = 1 / (1 + np.exp(-z))
    for row, x in enumerate((points.inputs[:, :1], points.inputs[:, 1:], np.ones((12, 1)))):
        first = ((p - points.targets) * x).mean()
        third = (x**3 * p * (1 - p) * (1 - 2 * p)).mean()
        curve = curve_of(snapshot, row)
        np.testing.assert_allclose(curve.truncation, curve.steps**2 / 6 * abs(third / first), rtol=1e-9)


def test_steps_go_from_a_tenth_to_the_last_digit_four_a_decade() -> None:
    snapshot = snapshot_of("tanh")
    for size, unit in ((0.3, 1.0), (-250.0, 250.0)):
        weights = {**snapshot.weights, "0.bias": np.array([size, 0.0, 0.0])}
        curve = curve_of(replace(snapshot, weights=weights), 6)
        np.testing.assert_allclose(curve.steps / unit, 10 ** -np.arange(1, 14.1, 0.25), rtol=1e-12)
        assert len(curve.errors) == len(curve.corners) == 53
        assert np.isfinite(curve.errors).all()


def test_for_a_parabola_a_larger_step_is_always_better() -> None:
    for loss, layers in (("mse", ()), ("mse", ("linear",)), ("hinge", ())):
        curve = curve_of(snapshot_of(*layers, loss=loss), 0)
        assert curve.best_step is None
        assert not curve.truncation.any()
        assert curve.roundoff.all()
    assert curve_of(snapshot_of("linear"), 0).errors[0] < 1e-13


def test_a_dead_weight_has_the_error_zero() -> None:
    snapshot = snapshot_of("relu")
    weights = {**snapshot.weights, "0.weight": np.zeros((3, 2)), "0.bias": np.full(3, -2.0)}
    curve = curve_of(replace(snapshot, weights=weights), 6)
    assert not curve.errors[1:].any()
    assert curve.best_step is None
    assert np.isfinite(curve.roundoff).all()


def test_a_wrong_derivative_has_no_valley() -> None:
    snapshot = snapshot_of("tanh")
    gradients = changed(snapshot, checked(snapshot), 3, 1.01)
    curve = curve_of(snapshot, 3, gradients=gradients)
    assert curve.errors.min() > 0.005
    assert curve.errors[20] == pytest.approx(0.01 / 1.01, rel=1e-3)
    assert curve_of(snapshot, 3).errors.min() < 1e-9


def test_slices_make_the_same_curve_and_show_what_they_have() -> None:
    snapshot = snapshot_of("relu")
    whole, sweep = curve_of(snapshot, 5), StepSweep(snapshot, 5)
    assert len(sweep.curve.steps) == 0
    sweep.advance(7)
    some = sweep.curve
    assert len(some.errors) == len(some.truncation) == len(some.roundoff) == len(some.corners) == 7
    assert not sweep.done
    while not sweep.done:
        sweep.advance(5)
    for name in ("steps", "errors", "truncation", "roundoff", "corners"):
        np.testing.assert_array_equal(getattr(sweep.curve, name), getattr(whole, name))
        np.testing.assert_array_equal(getattr(some, name), getattr(whole, name)[:7])
    assert whole.corners.any()


@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e200])
def test_what_is_not_finite_has_no_curve(bad: float) -> None:
    snapshot = snapshot_of("relu", "linear")
    snapshot = replace(snapshot, weights={name: np.full(w.shape, bad) for name, w in snapshot.weights.items()})
    sweep = StepSweep(snapshot, 0)
    assert sweep.done
    sweep.advance(1)
    assert sweep.curve is None


def test_what_has_no_curve_is_refused() -> None:
    with pytest.raises(ValueError, match="the next batch has 0 points; it needs at least 1"):
        StepSweep(Run(Experiment(Data(DRAWN))).snapshot(), 0)
    snapshot = snapshot_of("tanh")
    for row in (-1, 13):
        with pytest.raises(ValueError, match=f"row {row} is not allowed; allowed: 0 to 12"):
            StepSweep(snapshot, row)
    with pytest.raises(ValueError, match="0 steps is not allowed; allowed: at least 1"):
        StepSweep(snapshot, 0).advance(0)
