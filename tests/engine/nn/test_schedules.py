"""Schedules, penalties and the limit on gradients: what every optimiser can do besides its own rule."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from engine import Tensor, Value, optim
from engine.nn import OPTIMIZERS, SCHEDULES

spans = st.integers(1, 10_000)


def factor(row: str, t: float, span: float) -> float:
    return float(SCHEDULES[row].factor(float(t), float(span)))


def test_the_schedules_by_hand() -> None:
    # fmt: off
    cases = {
        "constant": [(0, 1), (10, 1), (1000, 1)],
        "steps":    [(0, 1), (9, 1), (10, 0.5), (19, 0.5), (20, 0.25)],
        "decay":    [(0, 1), (5, math.sqrt(0.5)), (10, 0.5), (20, 0.25)],
        "inverse":  [(0, 1), (10, 0.5), (30, 0.25)],
        "cosine":   [(0, 1), (5, 0.5), (10, 0), (99, 0)],
        "warm_up":  [(0, 0.1), (4, 0.5), (9, 1), (50, 1)],
        "warm_up_cosine": [(0, 1), (1, 1), (5.5, 0.5), (10, 0), (99, 0)],
        # torch.optim.lr_scheduler.OneCycleLR(max_lr=1, total_steps=10)
        "one_cycle": [(0, 0.04), (1, 0.52), (2, 1), (5.5, 0.500002), (9, 4e-6), (99, 4e-6)],
    }
    # fmt: on
    assert cases.keys() == SCHEDULES.keys()
    for row, points in cases.items():
        for t, expected in points:
            assert factor(row, t, 10) == pytest.approx(expected, abs=1e-15), (row, t)


@given(st.sampled_from(list(SCHEDULES)), st.integers(0, 10**7), spans)
def test_a_schedule_never_leaves_0_to_1_and_all_but_those_that_warm_up_only_fall(row: str, t: int, span: int) -> None:
    now, then = factor(row, t, span), factor(row, t + 1, span)
    assert 0 <= now <= 1
    rises = {"warm_up": math.inf, "warm_up_cosine": 0.1, "one_cycle": 0.3}.get(row, 0.0)  # for this share of the span
    if t + 1 <= rises * span - 1:
        assert then >= now
    elif t >= rises * span:
        assert then <= now


@pytest.mark.parametrize("row", SCHEDULES)
@pytest.mark.parametrize("face", [Value, Tensor])
def test_a_step_is_as_long_as_the_schedule_says(row: str, face: Any) -> None:
    x = face(0.0)
    optimizer = optim.SGD([x], lr=0.5)
    optimizer.schedule, optimizer.span = SCHEDULES[row], 4
    for t in range(12):
        before = float(x.data)
        x.grad = 2.0 if face is Value else np.array(2.0)
        optimizer.step()
        assert optimizer.steps == t + 1
        assert before - float(x.data) == pytest.approx(0.5 * 2 * factor(row, t, 4), abs=1e-15)


@pytest.mark.parametrize("row", OPTIMIZERS)
def test_a_rate_of_zero_moves_nothing(row: str) -> None:
    x = Tensor(np.ones((2, 2)))
    optimizer = OPTIMIZERS[row].make([x], lr=0.5)
    optimizer.schedule, optimizer.span, optimizer.steps = SCHEDULES["cosine"], 10, 50
    x.grad = np.ones((2, 2))
    optimizer.step()
    assert (x.data == 1).all()


def test_penalties_pull_at_weights_and_not_at_biases() -> None:
    w, b = Tensor([[2.0, -3.0, 0.0]]), Tensor([2.0])
    optimizer = optim.SGD([w, b], lr=0.1)
    optimizer.l1, optimizer.l2 = 0.5, 0.2
    w.grad, b.grad = np.zeros((1, 3)), np.zeros(1)
    optimizer.step()
    # l1 pulls by its own size towards 0, and at 0 not at all; l2 in proportion
    assert w.data[0] == pytest.approx([2 - 0.1 * (0.5 + 0.4), -3 + 0.1 * (0.5 + 0.6), 0])
    assert b.data == 2


def test_l1_does_not_hold_a_weight_that_is_edited_away_from_zero() -> None:
    w = Tensor([[0.0]])
    optimizer = optim.SGD([w], lr=0.1)
    optimizer.l1 = 0.5
    for expected in (-0.1, -0.15):
        w.grad = np.array([[1.0]])
        optimizer.step()
        assert w.data == pytest.approx(expected)


def test_gradients_are_shortened_together_and_keep_their_direction() -> None:
    """As torch.nn.utils.clip_grad_norm_ does: max_norm / (norm + 1e-6), if that is below 1."""
    x, y = Tensor([0.0, 0.0]), Tensor([[0.0]])
    optimizer = optim.SGD([x, y], lr=1.0)
    optimizer.max_norm = 2.5
    x.grad, y.grad = np.array([3.0, 0.0]), np.array([[4.0]])
    optimizer.step()
    scale = 2.5 / (5 + 1e-6)
    assert x.data == pytest.approx([-3 * scale, 0])
    assert y.data == pytest.approx(-4 * scale)
    x.grad, y.grad = np.array([0.3, 0.0]), np.array([[0.4]])
    optimizer.step()
    assert x.data == pytest.approx([-3 * scale - 0.3, 0])


def test_the_gradient_of_a_value_is_shortened_too() -> None:
    x = Value(0.0)
    optimizer = optim.SGD([x], lr=1.0)
    optimizer.max_norm = 0.5
    x.grad = -10.0
    optimizer.step()
    assert x.data == pytest.approx(0.5, rel=1e-6)


def test_a_gradient_that_is_not_a_number_stays_so() -> None:
    x = Tensor([1.0])
    optimizer = optim.SGD([x], lr=1.0)
    optimizer.max_norm = 0.5
    x.grad = np.array([math.nan])
    optimizer.step()
    assert math.isnan(x.data[0])
