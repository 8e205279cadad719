"""Frozen parameters: equal to the bit after any training, compiled as eager; and free where nothing is frozen."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st
from numpy.typing import NDArray

from engine import Tensor, Value, compile, losses, nn
from engine.nn import OPTIMIZERS
from tests.engine.tables import STEPPING

SHAPES = (3, 2), (3,), (1, 3), (1,)
COUNT = sum(math.prod(shape) for shape in SHAPES)
masks = st.lists(st.booleans(), min_size=COUNT, max_size=COUNT)
penalties = st.fixed_dictionaries({}, optional={"l1": st.just(0.02), "l2": st.just(0.3), "max_norm": st.just(0.05)})


def shaped(mask: list[bool]) -> list[NDArray[np.float64]]:
    """1 where a parameter may move, for each of them."""
    flat = iter(mask)
    return [np.array([float(next(flat)) for _ in range(math.prod(s))]).reshape(s) for s in SHAPES]


class Side:
    """A small network with its points and its optimizer."""

    def __init__(self, name: str, **settings: float) -> None:
        rng = np.random.default_rng(7)
        self.model = nn.Sequential(nn.Linear(2, 3, rng=rng), nn.Tanh(), nn.Linear(3, 1, rng=rng))  # type: ignore[attr-defined]
        self.x = Tensor(rng.normal(size=(9, 2)), requires_grad=False)
        self.t = Tensor(rng.normal(size=(9, 1)), requires_grad=False)
        self.parameters = self.model.parameters()
        self.optimizer = OPTIMIZERS[name].make(self.parameters, lr=0.03)
        for setting, value in settings.items():
            setattr(self.optimizer, setting, value)

    def loss(self) -> Any:
        return losses.mse_loss(self.model(self.x), self.t)

    def step(self) -> None:
        self.optimizer.zero_grad()
        self.loss().backward()
        self.optimizer.step()

    def data(self) -> list[NDArray[Any]]:
        return [p.data.copy() for p in self.parameters]


@given(st.sampled_from(sorted(OPTIMIZERS)), st.lists(masks, min_size=1, max_size=3), penalties)
def test_what_is_frozen_stays_to_the_bit_and_the_compiled_step_is_the_eager_one(
    name: str, frozen: list[list[bool]], settings: dict[str, float]
) -> None:
    eager, compiled = Side(name, **settings), Side(name, **settings)
    program = compile(compiled.loss, compiled.optimizer)
    for mask in (None, *frozen, None):
        mobility = None if mask is None else shaped(mask)
        for side in (eager, compiled):
            side.optimizer.mobility = None if mobility is None else [array.copy() for array in mobility]
        before = eager.data(), compiled.data()
        for _ in range(3):
            eager.step()
        program(3)
        for k, (one, other) in enumerate(zip(eager.data(), compiled.data(), strict=True)):
            np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-14)
            if mobility is not None:
                rests = mobility[k] == 0
                assert (one[rests] == before[0][k][rests]).all()
                assert (other[rests] == before[1][k][rests]).all()


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_others_move_as_if_what_is_frozen_had_no_gradient(name: str) -> None:
    mobility = shaped([k % 3 != 0 for k in range(COUNT)])
    settings = {"l1": 0.02, "max_norm": 0.05}
    frozen, by_hand = Side(name, **settings), Side(name, max_norm=0.05)
    frozen.optimizer.mobility = mobility
    for _ in range(5):
        frozen.step()
        by_hand.optimizer.zero_grad()
        by_hand.loss().backward()
        before = by_hand.data()
        for p, moves in zip(by_hand.parameters, mobility, strict=True):
            p.grad = (p.grad + 0.02 * np.sign(p.data) * (p.ndim > 1)) * moves
        by_hand.optimizer.step()
        for p, moves, old in zip(by_hand.parameters, mobility, before, strict=True):
            p.assign(np.where(moves, p.data, old))
    for one, other in zip(frozen.data(), by_hand.data(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12)


def test_where_nothing_is_frozen_the_program_is_what_it_was_and_masks_are_only_written() -> None:
    side = Side("adam")
    program = compile(side.loss, side.optimizer)
    bare = program.source
    assert "mobility" not in bare
    side.optimizer.mobility = shaped([True] * COUNT)
    program(1)
    masked = program.source
    assert "mobility" in masked
    side.optimizer.mobility = shaped([False] * COUNT)
    executable = program._executable
    program(1)
    assert program._executable is executable, "another mask asks for no other program"
    side.optimizer.mobility = None
    program(1)
    assert program.source == bare


@pytest.mark.parametrize("name", STEPPING)
@pytest.mark.parametrize("gradient", [math.nan, math.inf, -math.inf])
def test_a_gradient_that_is_no_number_does_no_harm_to_what_is_frozen(name: str, gradient: float) -> None:
    x, v = Tensor([1.5, -0.0]), Value(0.25)
    optimizer = OPTIMIZERS[name].make([x, v], lr=0.1)
    optimizer.mobility = [np.array([0.0, 0.0]), 0.0]
    for _ in range(3):
        x.grad, v.grad = np.array([gradient, gradient]), gradient
        optimizer.step()
    assert x.data.tobytes() == np.array([1.5, -0.0]).tobytes()
    assert v.data == 0.25
    optimizer.mobility = None
    x.grad, v.grad = np.array([1.0, 1.0]), 1.0
    optimizer.step()
    assert np.isfinite(x.data).all()
    assert math.isfinite(v.data)
