"""The curve: a dot and a ring to drag, lines that are what they say, gaps that are gaps, ranges that hold still."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication

from playground.views.lab.plot import CurvePlot
from tests.playground.views.lab.conftest import User

SHIFT = Qt.KeyboardModifier.ShiftModifier


def f(x: float) -> float:
    return 3 * x * x - 4 * x + 5


def pixel(plot: CurvePlot) -> float:
    left, right = plot.viewRange()[0]
    return (right - left) / plot.getViewBox().width()


def test_the_curves_are_f_and_its_slope(user: User) -> None:
    xs, ys = user.line("f")
    np.testing.assert_allclose(ys, f(xs))
    xs, ys = user.line("f′")
    np.testing.assert_allclose(ys, 6 * xs - 4)
    assert (xs[0], xs[-1]) == (-6, 6)
    user.press("Show the slope f′")
    plot_items = [item for item in user.plot.getPlotItem().items if getattr(item, "name", lambda: "")() == "f′"]
    assert not plot_items[0].isVisible()


def test_the_dot_is_dragged_along_the_curve(user: User) -> None:
    user.drag((3, f(3)), (2, 60), (-1.5, 20))
    x = float(user.number("x"))
    assert x == pytest.approx(-1.5, abs=1.5 * pixel(user.plot))
    assert user.drawn_slope("tangent") == pytest.approx(6 * x - 4)
    assert float(user.read("f").replace("−", "-")) == pytest.approx(f(x), rel=1e-3)


def test_the_dot_stays_in_the_picture_however_far_it_is_dragged(user: User) -> None:
    user.drag((3, f(3)), (50, 0))
    assert user.number("x") == "6"
    assert user.plot.viewRange()[0] == [-6, 6]


def test_the_ring_is_dragged_and_as_h_shrinks_the_secant_turns_into_the_tangent(user: User) -> None:
    assert user.drawn_slope("secant") == pytest.approx(17)
    user.drag((4, f(4)), (3.5, 0))
    h = float(user.view.picture.h.value())
    assert user.drawn_slope("secant") == pytest.approx(14 + 3 * 0.5, abs=6 * pixel(user.plot))
    user.drag((3.5, f(3.5)), (1, 0))  # past the dot
    assert user.drawn_slope("secant") == pytest.approx(14, abs=1e-4)
    assert user.view.picture.h.value() == user.view.picture.h.minimum() < h
    assert user.drawn_slope("tangent") == pytest.approx(14)


def test_the_slider_of_h_is_logarithmic_and_ends_at_its_limits(user: User) -> None:
    h = user.named("h")
    errors = []
    for value in (h.maximum(), 0, -30, -60, -90, h.minimum()):
        h.setValue(value)
        errors.append(float(user.read("error of secant").replace("−", "-")))
    # h·f″/2 = 3·h
    np.testing.assert_allclose(errors, [6, 3, 0.3, 0.03, 0.003, 3e-6], rtol=2e-3)


def test_arrow_keys_move_the_dot(user: User) -> None:
    user.plot.setFocus()
    for _ in range(3):
        user.qtbot.keyClick(user.plot, Qt.Key.Key_Left)
    assert user.number("x") == "2.7"
    user.qtbot.keyClick(user.plot, Qt.Key.Key_Right, SHIFT)
    assert user.number("x") == "3.7"


def test_a_drag_beside_the_points_moves_the_picture_and_a_double_click_brings_it_back(user: User) -> None:
    user.drag((-4, 100), (-3, 90))
    (left, right), (bottom, top) = user.plot.viewRange()
    assert (left, right) == pytest.approx((-7, 5), abs=2 * pixel(user.plot))
    assert top - bottom == pytest.approx(200)
    assert user.number("x") == "3"
    assert user.line("f")[0][0] == left
    user.double_click(-5, 100)
    assert user.plot.viewRange()[0] == [-6, 6]


def test_the_wheel_enlarges_around_the_pointer_and_0_shows_all(user: User) -> None:
    spot = QPointF(user.plot.place(2, 50))
    before = user.plot.viewRange()
    wheel = QWheelEvent(
        spot, user.plot.mapToGlobal(spot), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(user.plot.viewport(), wheel)
    after = user.plot.viewRange()
    assert after[0][1] - after[0][0] == pytest.approx(12 / 1.15)
    assert QPointF(user.plot.place(2, 50)).x() == pytest.approx(spot.x(), abs=1)
    user.qtbot.keyClick(user.plot, Qt.Key.Key_0)
    assert user.plot.viewRange() == before


def test_enlarging_without_end_stops_before_floats_do(user: User) -> None:
    for _ in range(300):
        user.qtbot.keyClick(user.plot, Qt.Key.Key_Plus)
    (left, right), _ = user.plot.viewRange()
    assert 0 < right - left < 1e-5
    for _ in range(600):
        user.qtbot.keyClick(user.plot, Qt.Key.Key_Minus)
    assert np.isfinite(user.plot.viewRange()).all()
    user.view.grab()


def test_ranges_hold_still_while_an_input_is_moved(user: User) -> None:
    user.paste("x = 1, a = 1, sin(x) * a")
    before = user.plot.viewRange()
    for notch in range(50, 100, 5):
        user.slide("a, slider", notch)
        assert user.plot.viewRange() == before
    user.slide("a, slider", 600)
    (bottom, top) = user.plot.viewRange()[1]
    assert bottom <= -6
    assert top >= 6


def test_a_gap_is_not_bridged(user: User) -> None:
    for text in ("1/x", "1/(x - 0.013)", "abs(x - 0.013)/(x - 0.013)", "log(x - 0.013)", "x**0.5"):
        user.paste(f"x = 2, {text}")
        xs, ys = user.line("f")
        edge = 0.0 if text in ("1/x", "x**0.5") else 0.013
        is_there = np.isfinite(ys)
        bridges = is_there[:-1] & is_there[1:] & (xs[:-1] < edge) & (xs[1:] > edge)
        assert not bridges.any(), text
        # and the curve comes close to the gap
        assert xs[is_there][xs[is_there] >= edge].min() == pytest.approx(edge, abs=1e-3), text


def test_what_is_continuous_has_no_gap(user: User) -> None:
    for text in ("sin(x)", "tanh(200*x)", "relu(x)", "exp(x)", "abs(x)**0.5", "10*x + sin(3*x)"):
        user.paste(f"x = 2, {text}")
        assert np.isfinite(user.line("f")[1]).all(), text


def test_a_pole_does_not_flatten_the_rest(user: User) -> None:
    user.paste("x = 2, 1/(x - 0.01) + x")
    (bottom, top) = user.plot.viewRange()[1]
    assert -1000 < bottom < -6
    assert 6 < top < 1000


def test_the_dot_can_be_taken_hold_of_where_there_is_no_number(user: User) -> None:
    user.paste("x = -2, log(x)")
    bottom = user.plot.viewRange()[1][0]
    user.drag((-2, bottom), (1, bottom))
    x = float(user.number("x"))
    assert x == pytest.approx(1, abs=2 * pixel(user.plot))
    assert float(user.read("chain rule")) == pytest.approx(1 / x, rel=1e-3)


def test_the_curve_runs_over_the_input_that_is_chosen(user: User) -> None:
    user.paste("a = 2, b = 3, a * b * b")
    np.testing.assert_allclose(user.line("f")[1], 9 * user.line("f")[0])
    user.press("Curve over b")
    np.testing.assert_allclose(user.line("f")[1], 2 * user.line("f")[0] ** 2, atol=1e-12)
    assert user.read("chain rule") == "12"
    user.drag((3, 18), (1, 0))
    assert user.number("a") == "2"
    assert float(user.number("b")) == pytest.approx(1, abs=2 * pixel(user.plot))


def test_for_a_large_number_slider_and_picture_reach_further(user: User) -> None:
    user.enter("x", "20")
    assert user.plot.viewRange()[0] == [-24, 24]
    user.slide("x, slider", 600)
    assert user.number("x") == "24"
    user.enter("x", "1")
    assert user.plot.viewRange()[0] == [-6, 6]


@pytest.mark.parametrize("number", ["0", "1e-300", "-1e300", "123456789"])
def test_no_number_is_too_odd_to_be_drawn(user: User, number: str) -> None:
    for text in ("x**3", "1/x", "exp(x)", "1e300*x", "log(0-1) + x"):
        user.paste(f"x = {number}, {text}")
        user.view.grab()
        assert np.isfinite(user.plot.viewRange()).all()
        for name in ("f", "f′", "tangent", "secant"):
            assert not np.isinf(user.line(name)[1]).any()
            assert not any(math.isinf(x) for x in user.line(name)[0])


def test_h_ends_at_2_however_far_the_ring_is_dragged(user: User) -> None:
    user.paste("x = -4, 3*x**2 - 4*x + 5")
    user.drag((-3, f(-3)), (5, 0))
    assert user.drawn_slope("secant") == pytest.approx((f(-2) - f(-4)) / 2)
