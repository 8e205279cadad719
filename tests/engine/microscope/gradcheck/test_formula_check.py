"""The check of a formula that is to be put to work: it counts where it compares, and sees a wrong derivative."""

from __future__ import annotations

import pytest

from engine.autograd import ops
from engine.formula import FUNCTIONS, parse
from engine.microscope.gradcheck.formula_check import check_formula


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if name not in ("max", "min")])
def test_every_function_is_differentiated_rightly_wherever_it_is_smooth(name: str) -> None:
    agreeing, count = check_formula(parse(f"{name}(x)"))
    assert agreeing == count
    assert count >= 5


def test_each_free_input_is_checked_and_corners_and_missing_numbers_are_not() -> None:
    assert check_formula(parse("(y - t)**2")) == (22, 22)
    assert check_formula(parse("abs(x)")) == (10, 10)
    assert check_formula(parse("log(x)")) == (5, 5)
    assert check_formula(parse("x = 1, x*x")) == (0, 0)


def test_a_wrong_rule_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ops.sin, "rules", (lambda g, y, x: -g * ops.cos(x),))
    agreeing, count = check_formula(parse("sin(x)"))
    assert agreeing == 0
    assert count == 11
