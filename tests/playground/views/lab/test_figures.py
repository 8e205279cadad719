"""Known figures, read off the window."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QComboBox

from engine.formula import EXAMPLES
from playground.views.lab.table import ORDERS
from tests.playground.views.lab.conftest import User

ORDERS_BY_RULE = [f"{order} by chain rule" for order in ORDERS]


def load(user: User, name: str) -> None:
    combo = user.named("Examples", QComboBox)
    combo.setCurrentIndex(list(EXAMPLES).index(name))
    combo.activated.emit(combo.currentIndex())


def test_the_parabola_is_there_at_the_start(user: User) -> None:
    assert user.text.toPlainText() == "x = 3, 3*x**2 - 4*x + 5"
    assert user.read("f") == "20"
    assert [user.read(cell) for cell in ORDERS_BY_RULE] == ["14", "6", "0", "0"]
    assert user.slopes() == {"x": "14"}
    # the secant of a parabola is off by h·f″/2, and the central difference by nothing at all
    assert [user.read(cell) for cell in ("chain rule", "secant", "central")] == ["14", "17", "14"]
    assert [user.read(f"error of {way}") for way in ("chain rule", "secant", "central")] == ["–", "3", "0"]


def test_a_sum_and_a_product(user: User) -> None:
    load(user, "a sum and a product")
    assert user.read("f") == "−12"
    assert user.slopes() == {"a": "−4", "b": "−4", "c": "3"}


def test_the_neuron_of_the_lecture(user: User) -> None:
    load(user, "a neuron")
    assert user.read("f") == "0.7071"
    assert user.slopes() == {"x1": "−1.5", "x2": "0.5", "w1": "1", "w2": "0", "b": "0.5"}
    assert user.boxes()["w1·x1"] == -6


def test_step_by_step(user: User) -> None:
    load(user, "step by step")
    assert user.read("f") == "64"
    assert user.slopes() == {"a": "−32", "b": "64"}
    assert user.boxes() == {"a": -4, "b": 2, "d": -8, "2": 2, "e": 64}  # and no c, on which e does not depend


def test_the_differences_agree_with_the_chain_rule_for_every_order(user: User) -> None:
    user.paste("x = 0.3, exp(2*x)")
    for n, order in enumerate(ORDERS, 1):
        exact = 2**n * 1.8221188003905089
        assert float(user.read(f"{order} by chain rule")) == pytest.approx(exact, rel=5e-4)
        assert float(user.read(f"{order} by differences")) == pytest.approx(exact, rel=2e-3)


def test_where_there_is_no_number_it_says_so(user: User) -> None:
    user.paste("x = -1, log(x)")
    for cell in ("f", "chain rule", "secant", "central", *ORDERS_BY_RULE, "Slope over x"):
        assert user.read(cell) == "not a number", cell
    assert user.read("error of secant") == "–"
    assert len(user.line("tangent")[0]) == len(user.line("secant")[0]) == 0


def test_an_input_that_the_result_does_not_depend_on_has_the_slope_0(user: User) -> None:
    user.paste("a = 3, b = 2, a * a")
    assert user.slopes() == {"a": "6", "b": "0"}
    user.press("Curve over b")
    assert user.read("chain rule") == "0"


def test_a_formula_without_inputs_has_a_value_and_nothing_to_vary(user: User) -> None:
    user.paste("3 + 4")
    assert user.read("f") == "7"
    assert user.inputs() == []
    assert user.read("chain rule") == user.read("f″ by chain rule") == "–"
    assert len(user.line("f")[0]) == 0
    user.paste("x")
    assert (user.read("f"), user.read("chain rule")) == ("1", "1")


def test_the_higher_derivatives_of_a_long_formula_follow_when_the_user_pauses(user: User) -> None:
    user.paste("x = 2, " + "+".join("x*x" for _ in range(60)))
    assert user.read("f′ by chain rule") == "…"
    user.qtbot.waitUntil(lambda: user.read("f⁗ by differences") != "…")
    assert [user.read(cell) for cell in ORDERS_BY_RULE] == ["240", "120", "0", "0"]
