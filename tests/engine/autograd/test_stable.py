"""Stable forms: finite where the mathematics is, accurate to the last digits, without a warning (engine-cases 17)."""

from __future__ import annotations

import math
from decimal import Decimal, getcontext
from typing import Any

import numpy as np
import pytest

import engine
from engine import Tensor, Value, losses
from engine.nn import ACTIVATIONS

getcontext().prec = 60
POINTS = [-1000.0, -750.0, -700.0, -100.0, -40.0, -20.0, -3.0, -1e-3, -1e-9, 0.0, 1e-9, 1e-3, 3.0, 20.0, 40.0, 1000.0]
ONE = Decimal(1)
# fmt: off
EXACT = {
    "sigmoid":  lambda x: ONE / (ONE + (-x).exp()),
    "softplus": lambda x: (ONE + x.exp()).ln(),
    "tanh":     lambda x: 1 - 2 / (ONE + (2 * x).exp()),
    "elu":      lambda x: x if x > 0 else x.exp() - 1,
}
# fmt: on


@pytest.mark.parametrize("x", POINTS)
@pytest.mark.parametrize("name", EXACT)
def test_every_digit_is_right(name: str, x: float) -> None:
    getcontext().prec = 60 if x > -60 else 950  # 1 + e⁻¹⁰⁰⁰ needs 435 digits
    expected = float(EXACT[name](Decimal(x)))
    for face in (Value, Tensor, float, np.float64, np.array):
        result = float(getattr(engine, name)(face(x)))
        assert result == pytest.approx(expected, rel=4e-16, abs=5e-324), face


@pytest.mark.parametrize("face", [Value, Tensor, lambda x: Tensor(x, dtype=np.float32)])
@pytest.mark.parametrize("x", [-1000.0, -100.0, 100.0, 1000.0])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_and_their_slopes_are_finite_far_out(name: str, x: float, face: Any) -> None:
    node = face(x)
    y = ACTIVATIONS[name].function(node)
    y.backward()
    assert math.isfinite(float(y))
    assert math.isfinite(float(node.grad))


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_of_plain_numbers_and_arrays_warn_of_nothing(name: str) -> None:
    function = ACTIVATIONS[name].function
    array = np.array(POINTS)
    expected = [float(function(Value(x))) for x in POINTS]
    assert [function(x) for x in POINTS] == pytest.approx(expected, rel=1e-14)
    assert function(array) == pytest.approx(np.array(expected), rel=1e-14)
    assert np.isfinite(function(array.astype(np.float32))).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("logit", "target", "loss", "slope"),
    [
        (1000.0, 1.0, 0.0, 0.0),
        (1000.0, 0.0, 1000.0, 1.0),
        (-1000.0, 1.0, 1000.0, -1.0),
        (-1000.0, 0.0, 0.0, 0.0),
        (1000.0, 0.5, 500.0, 0.5),
        (0.0, 1.0, math.log(2), -0.5),
    ],
)
def test_binary_cross_entropy(logit: float, target: float, loss: float, slope: float, dtype: Any) -> None:
    z = Tensor([[logit]], dtype=dtype)
    result = losses.bce_with_logits(z, [[target]])
    result.backward()
    assert result.item() == pytest.approx(loss)
    assert z.grad == pytest.approx(np.array([[slope]]))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("scale", [1.0, 1e3, 1e6, 1e30])
def test_log_softmax_and_cross_entropy(scale: float, dtype: Any) -> None:
    z = Tensor(np.array([[1.0, -1.0, 0.0], [1.0, 1.0, 1.0]]) * scale, dtype=dtype)
    result = z.log_softmax()
    assert np.isfinite(result.data).all()
    assert np.exp(result.data).sum(axis=1) == pytest.approx(1)
    assert result.data[1] == pytest.approx(np.full(3, -math.log(3)), rel=1e-6)
    for label in (0, 1, 2):
        z.zero_grad()
        losses.cross_entropy(z, [label, label]).backward()
        assert z.grad is not None
        assert np.isfinite(z.grad).all()
        assert z.grad.sum(axis=1) == pytest.approx(0, abs=1e-6)


def test_a_class_that_is_ruled_out_leaves_the_others_finite() -> None:
    z = Tensor([[1.0, -math.inf, 2.0]])
    result = z.log_softmax()
    assert result.data[0, [0, 2]] == pytest.approx(Tensor([1.0, 2.0]).log_softmax().data)
    result[0, 0].backward()
    assert z.grad is not None
    assert np.isfinite(z.grad).all()


def test_overflow_warns_of_nothing_in_either_direction() -> None:
    x = Tensor([1e200, -1e200, 0.0])
    for f in (
        lambda: (x * x).sum(),
        lambda: x.exp().sum(),
        lambda: (x / 0.0).sum(),
        lambda: x.log().sum(),
        lambda: (x**3).sum(),
        lambda: x.sqrt().mean(),
        lambda: (x.reshape(1, 3) @ x.reshape(3, 1)).sum(),
        lambda: (x * x).softplus().max(),
    ):
        x.zero_grad()
        f().backward()
        engine.grad(f(), x, create_graph=True)
    assert (Tensor([1.0], dtype=np.float32) * 1e300).data == math.inf
