"""Value: Python's arithmetic, IEEE's infinities, and what it refuses (engine-cases 8 to 11)."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from engine import Tensor, Value, grad, gradcheck

finite = st.floats(allow_nan=False, allow_infinity=False, width=64)
anything = st.floats()


# ── arithmetic ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("number", [2, 2.0, True, np.float64(2), np.float32(2), np.int64(2), np.uint8(2), Fraction(2)])
def test_numbers_of_every_kind_meet_a_value_on_both_sides(number: Any) -> None:
    n = float(number)
    # fmt: off
    results: list[tuple[Callable[[Value], Any], float, float]] = [
        (lambda v: v + number,  3 + n,  1),
        (lambda v: number + v,  n + 3,  1),
        (lambda v: v - number,  3 - n,  1),
        (lambda v: number - v,  n - 3, -1),
        (lambda v: v * number,  3 * n,  n),
        (lambda v: number * v,  n * 3,  n),
        (lambda v: v / number,  3 / n,  1 / n),
        (lambda v: number / v,  n / 3, -n / 9),
        (lambda v: v ** number, 3 ** n, n * 3 ** (n - 1)),
        (lambda v: number ** v, n ** 3, n ** 3 * math.log(n)),
    ]
    # fmt: on
    for f, expected, slope in results:
        v = Value(3.0)
        result = f(v)
        assert type(result) is Value
        assert type(result.data) is float
        assert result.data == pytest.approx(expected)
        result.backward()
        assert type(v.grad) is float
        assert v.grad == pytest.approx(slope)


def test_values_in_both_places_of_a_power() -> None:
    a, b = Value(2.0), Value(3.0)
    (a**b).backward()
    assert (a.grad, b.grad) == (12, 8 * math.log(2))
    c = Value(3.0)
    (2**c).backward()
    assert c.grad == 8 * math.log(2)


def test_sum_and_signs() -> None:
    u, v = Value(2.0), Value(-3.0)
    assert sum([u, v]).data == -1
    assert (-v).data == v.neg().data == abs(v).data == v.abs().data == 3
    assert (u - v).data == 5
    assert (u * v + u / v - u**2).data == pytest.approx(-6 - 2 / 3 - 4)


@given(finite, finite)
def test_a_result_is_what_floats_give(a: float, b: float) -> None:
    assert (Value(a) + b).data == a + b
    assert (a - Value(b)).data == a - b
    assert (Value(a) * Value(b)).data == a * b
    assert Value(a).maximum(b).data == max(a, b)
    assert Value(a).minimum(b).data == min(a, b)
    if b:
        assert (Value(a) / b).data == a / b


@given(anything, anything)
def test_no_number_raises_in_any_operation_forward_or_backward(a: float, b: float) -> None:
    with np.errstate(all="ignore"):
        x, y = np.float64(a), np.float64(b)
        expected = [x / y, x**y, np.exp(x), np.log(x), np.sqrt(x), np.sin(x), np.cos(x), np.tanh(x), np.maximum(x, y)]
    u, v = Value(a), Value(b)
    results = [u / v, u**v, u.exp(), u.log(), u.sqrt(), u.sin(), u.cos(), u.tanh(), u.maximum(v)]
    results += [u.sigmoid(), u.softplus(), u.relu(), u.elu(), abs(u), u.minimum(v), u - v, u * v]
    for result, number in zip(results, expected, strict=False):
        assert result.data == pytest.approx(float(number), rel=1e-12, nan_ok=True)
    for result in results:
        assert type(result.data) is float
        result.backward()
        grad(result, u, create_graph=True)


def test_overflow_is_infinite_and_nothing_is_complex() -> None:
    assert (Value(10.0) ** 400).data == math.inf
    assert (Value(1e308) * 10).data == math.inf
    assert Value(1000.0).exp().data == math.inf
    assert (Value(1.0) / 0).data == math.inf
    assert (Value(-1.0) / 0).data == -math.inf
    assert math.isnan((Value(0.0) / 0).data)
    assert math.isnan((Value(-8.0) ** (1 / 3)).data)
    assert math.isnan(((-8.0) ** Value(1 / 3)).data)
    assert math.isnan((Value(math.inf) - math.inf).data)
    assert (Value(-8.0) ** 3).data == -512


@pytest.mark.parametrize("name", ["relu", "elu", "abs", "exp", "tanh", "sigmoid", "softplus", "sin", "sqrt", "log"])
def test_nan_is_never_hidden(name: str) -> None:
    v = Value(math.nan)
    result = getattr(v, name)()
    result.backward()
    assert math.isnan(result.data)
    assert math.isnan(v.grad)


def test_ties_and_kinks() -> None:
    a, b = Value(2.0), Value(2.0)
    a.maximum(b).backward()
    assert (a.grad, b.grad) == (0.5, 0.5)
    c = Value(2.0)
    c.minimum(c).backward()
    assert c.grad == 1
    for name in ("relu", "abs"):
        v = Value(0.0)
        getattr(v, name)().backward()
        assert v.grad == 0


# ── making ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("number", [3, True, 3.5, np.float32(0.5), np.int8(-1), math.inf, math.nan, Fraction(1, 3)])
def test_real_numbers_become_floats(number: Any) -> None:
    v = Value(number)
    assert type(v.data) is float
    assert v.data == pytest.approx(float(number), nan_ok=True)
    assert v.grad == 0
    assert v.parents == ()


@pytest.mark.parametrize(
    "thing", [np.ones(2), np.array(1.0), [1.0], "1", None, 1j, Decimal(1), Value(1.0), Tensor(1.0)], ids=repr
)
def test_what_is_not_a_real_number_is_refused(thing: Any) -> None:
    with pytest.raises(TypeError, match=f"{type(thing).__name__}; a Value holds one real number"):
        Value(thing)
    v = Value(2.0)
    for meet in (lambda: v * thing, lambda: v**thing, lambda: v.maximum(thing), lambda: Value.constant(thing)):
        if not isinstance(thing, Value):
            with pytest.raises(TypeError):
                meet()


@pytest.mark.parametrize("thing", [np.ones(2), np.ones((2, 2)), np.array(2.0), np.array([1, 2]), Tensor([1.0])])
def test_an_array_times_a_value_is_refused_from_both_sides(thing: Any) -> None:
    v = Value(2.0)
    for meet in (lambda: thing * v, lambda: v * thing, lambda: thing + v, lambda: v - thing, lambda: thing / v):
        with pytest.raises(TypeError):
            meet()


def test_a_value_shows_itself() -> None:
    v = Value(2.0, label="w")
    assert repr(v) == "Value(data=2.0, grad=0.0)"
    assert v.label == "w"
    assert float(v) == 2.0
    assert Value.constant(2.0).requires_grad is False
    v.assign(np.float64(5))
    assert type(v.data) is float


def test_a_value_made_by_hand_has_parents_but_no_derivative() -> None:
    a, b = Value(1.0), Value(2.0)
    c = Value(3.0, (a, b), "+")
    assert c.parents == (a, b)
    assert c._prev == {a, b}
    assert c._op == "+"
    with pytest.raises(ValueError, match="made by hand"):
        c.backward()


# ── derivatives of whole expressions ──────────────────────────────────────────────────────────────────────────────────


@given(st.floats(-2, 2), st.floats(0.5, 2))
def test_gradcheck_of_a_long_expression(a: float, b: float) -> None:
    def f(x: Value, y: Value) -> Value:
        z = (x * y).tanh() + (x / y).sigmoid() * y.log() - (x - y).softplus()
        return z * z.exp() + (y**x).sqrt() + (x.sin() * y.cos()) ** 2

    assert gradcheck(f, (Value(a), Value(b)))
