"""A compiled step sees what changes between its calls, and leaves nothing behind."""

from __future__ import annotations

import copy
import gc
import math
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from engine import Tensor, compile, losses, nn, optim
from engine.nn import OPTIMIZERS, SCHEDULES


class Twins:
    """The same network twice: one trained eagerly, one by a compiled step. Whatever is done is done to both."""

    def __init__(self, make: Callable[..., optim.Optimizer] = optim.SGD, points: int = 20, dropout: float = 0) -> None:
        self.sides = [self._side(make, points, dropout) for _ in range(2)]
        _, x, t, model, optimizer = self.sides[1]
        self.step = compile(lambda: losses.mse_loss(model(x), t), optimizer)

    def _side(self, make: Callable[..., optim.Optimizer], points: int, dropout: float) -> tuple[Any, ...]:
        rng = np.random.default_rng(5)
        layers: list[nn.Module] = [nn.Linear(2, 5, rng=rng), nn.Tanh(), nn.Linear(5, 1, rng=rng)]  # type: ignore[attr-defined]
        if dropout:
            layers.insert(2, nn.Dropout(dropout, rng=np.random.default_rng(1)))
        model = nn.Sequential(*layers)
        x = Tensor(rng.normal(size=(points, 2)), requires_grad=False, label="x")
        t = Tensor(rng.normal(size=(points, 1)), requires_grad=False, label="t")
        return rng, x, t, model, make(model.parameters(), lr=0.05)

    def do(self, change: Callable[..., None]) -> None:
        for _, x, t, model, optimizer in self.sides:
            change(x=x, t=t, model=model, optimizer=optimizer)

    def train(self, n: int = 3) -> None:
        """Make n steps on both sides, and see that nothing differs."""
        _, x, t, model, optimizer = self.sides[0]
        for _ in range(n):
            loss = losses.mse_loss(model(x), t)
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
        compiled = self.step(n)
        assert compiled == pytest.approx(loss.item(), rel=1e-12)
        assert self.step.loss == compiled
        one, other = (side[3].state_dict() for side in self.sides)
        for name in one:
            np.testing.assert_allclose(one[name], other[name], rtol=1e-12, atol=1e-14)
        mine, theirs = (side[4].state_dict() for side in self.sides)
        for a, b in zip(mine, theirs, strict=True):
            assert a.keys() == b.keys()
            for key in a:
                np.testing.assert_allclose(a[key], b[key], rtol=1e-12, atol=1e-14)
        assert self.sides[0][4].steps == self.sides[1][4].steps


# ── live changes ─────────────────────────────────────────────────────────────────────────────────────────────────────


def new_contents(x: Tensor, t: Tensor, **_: Any) -> None:
    x.data[...] = np.random.default_rng(8).normal(size=x.shape)
    t.data[...] = 0.5


def new_arrays(x: Tensor, t: Tensor, **_: Any) -> None:
    x.data, t.data = np.random.default_rng(9).normal(size=x.shape), np.ones(t.shape)


def weights_written(model: nn.Sequential, **_: Any) -> None:
    model[0].weight.data[0, 1] = 3.0  # type: ignore[attr-defined]


def weights_loaded(model: nn.Sequential, **_: Any) -> None:
    model.load_state_dict({name: array * 0.5 for name, array in model.state_dict().items()})


def another_rate(optimizer: optim.Optimizer, **_: Any) -> None:
    optimizer.lr = 0.002


def penalties(optimizer: optim.Optimizer, **_: Any) -> None:
    optimizer.l1, optimizer.l2 = 0.01, 0.1


def no_penalties(optimizer: optim.Optimizer, **_: Any) -> None:
    optimizer.l1 = optimizer.l2 = 0.0


def a_limit(optimizer: optim.Optimizer, **_: Any) -> None:
    optimizer.max_norm = 0.05


def a_schedule(optimizer: optim.Optimizer, **_: Any) -> None:
    optimizer.schedule, optimizer.span = SCHEDULES["decay"], 10.0


def another_span(optimizer: optim.Optimizer, **_: Any) -> None:
    optimizer.span = 3.0


def an_eager_step(x: Tensor, t: Tensor, model: nn.Sequential, optimizer: optim.Optimizer) -> None:
    losses.mse_loss(model(x), t).backward()
    optimizer.step()
    optimizer.zero_grad()


def a_state_loaded(optimizer: optim.Optimizer, **_: Any) -> None:
    state = optimizer.state_dict()
    for memory in state:
        for name in memory:
            memory[name] = memory[name] * 2
    optimizer.load_state_dict(state)


def more_points(x: Tensor, t: Tensor, **_: Any) -> None:
    rng = np.random.default_rng(3)
    x.data, t.data = rng.normal(size=(len(x) + 1, 2)), rng.normal(size=(len(t) + 1, 1))


CHANGES = (
    new_contents, new_arrays, weights_written, weights_loaded, another_rate, penalties, no_penalties, a_limit,
    a_schedule, another_span, an_eager_step, a_state_loaded, more_points,
)  # fmt: skip


@pytest.mark.parametrize("row", OPTIMIZERS)
def test_each_change_is_seen(row: str) -> None:
    twins = Twins(OPTIMIZERS[row].make)
    twins.train()
    for change in CHANGES:
        twins.do(change)
        twins.train()


@given(st.lists(st.sampled_from(CHANGES), max_size=6), st.sampled_from(list(OPTIMIZERS)))
def test_any_changes_one_after_the_other_are_seen(changes: list[Callable[..., None]], row: str) -> None:
    twins = Twins(OPTIMIZERS[row].make)
    for change in changes:
        twins.train(2)
        twins.do(change)
    twins.train(2)


@pytest.mark.parametrize("row", SCHEDULES)
def test_schedules_go_on_within_a_call_and_between_calls(row: str) -> None:
    def set_schedule(optimizer: optim.Optimizer, **_: Any) -> None:
        optimizer.schedule, optimizer.span = SCHEDULES[row], 7.0

    twins = Twins(optim.Adam)
    twins.do(set_schedule)
    twins.train(5)
    twins.train(9)


def test_settings_of_an_optimizer_are_read_live() -> None:
    twins = Twins(lambda ps, lr: optim.SGD(ps, lr, momentum=0.5))
    twins.train()
    for momentum in (0.9, 0.0, 0.3):
        twins.do(lambda optimizer, momentum=momentum, **_: setattr(optimizer, "momentum", momentum))
        twins.train()


def test_a_parameter_that_stood_still_for_a_while_has_an_age_of_its_own() -> None:
    twins = Twins(optim.Adam)
    twins.train(2)
    for side in twins.sides:
        optimizer = side[4]
        optimizer.state[0]["step"] = 40
    twins.train(2)


def test_dropout_draws_anew_at_each_step() -> None:
    twins = Twins(dropout=0.5)
    drawn = [copy.deepcopy(side[3][2].rng.bit_generator.state) for side in twins.sides]
    # recording computed the loss once, and drew for it
    twins.sides[0][3][2].rng.bit_generator.state = drawn[1]
    twins.train(4)
    x = Tensor(np.ones((50, 3)), requires_grad=False)
    dropout = nn.Dropout(0.5)
    program = compile(lambda: dropout(x))
    assert (program() != program()).any()


def test_two_programs_of_one_optimizer_move_the_same_parameters() -> None:
    """As a full batch and the last, partial one do."""
    rng = np.random.default_rng(0)
    w = Tensor(rng.normal(size=(1, 2)), label="w")
    optimizer = optim.Adam([w], lr=0.1)
    steps = []
    for points in (5, 3):
        x = Tensor(rng.normal(size=(points, 2)), requires_grad=False)
        steps.append(compile(lambda x=x: ((x @ w.T) ** 2).mean(), optimizer))
    home = w.data
    for step in (*steps, *steps):
        before = w.data.copy()
        step()
        assert (w.data != before).all()
        assert w.data is home
    assert optimizer.state[0]["step"] == 4


def test_undo_stands_where_the_call_started_to_the_bit() -> None:
    twins = Twins(optim.Adam)
    _, _, _, model, optimizer = twins.sides[1]
    twins.step(3)
    weights, state, steps = model.state_dict(), optimizer.state_dict(), optimizer.steps
    twins.step(5, save=True)
    moved = model.state_dict()
    twins.step.undo()
    assert all((model.state_dict()[name] == weights[name]).all() for name in weights)
    assert str(optimizer.state_dict()) == str(state)
    assert optimizer.steps == steps
    twins.step(5)
    assert all((model.state_dict()[name] == moved[name]).all() for name in weights)


# ── memory ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_step_leaves_nothing_for_the_garbage_collector() -> None:
    twins = Twins(optim.Adam)
    twins.step(2)
    gc.collect()
    gc.disable()
    try:
        for _ in range(20):
            twins.step()
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_compiling_leaves_nothing_either_and_a_program_vanishes_with_its_last_reference() -> None:
    w = Tensor(np.ones((1, 2)))
    optimizer = optim.SGD([w], lr=0.1)

    def loss() -> Tensor:
        return (w * w).sum()

    compile(loss, optimizer)
    gc.collect()
    gc.disable()
    try:
        step, program = compile(loss, optimizer), compile(loss)
        step()
        program()
        del step, program
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_a_program_keeps_no_graph_of_what_a_function_computed() -> None:
    x, hidden = Tensor(np.ones((5, 2)), requires_grad=False), []

    def compute() -> Tensor:
        y = x * 3
        hidden.append(weakref.ref(y.data))
        return y + 1

    program = compile(compute)
    assert hidden[0]() is None
    assert (program() == 4).all()


def test_results_are_copies() -> None:
    x = Tensor(np.ones(3), requires_grad=False)
    program = compile(lambda: [(y := x * 2) + 1, y])
    first, (kept,) = program(), program.kept()
    x.data[...] = 5
    program()
    assert first.tolist() == [3, 3, 3]
    assert kept.tolist() == [2, 2, 2]
    first[...] = kept[...] = math.nan
    assert program().tolist() == [11, 11, 11]


def test_a_kept_activation_is_that_of_the_last_call() -> None:
    rng = np.random.default_rng(0)
    model = nn.Sequential(nn.Linear(2, 3, rng=rng), nn.Tanh(), nn.Linear(3, 1, rng=rng))  # type: ignore[attr-defined]
    x = Tensor(rng.normal(size=(7, 2)), requires_grad=False)
    program = compile(lambda: [model[2](hidden := model[1](model[0](x))), hidden])
    x.data[...] = rng.normal(size=(7, 2))
    output = program()
    expected = np.tanh(x.data @ model[0].weight.data.T + model[0].bias.data)  # type: ignore[attr-defined]
    np.testing.assert_allclose(program.kept()[0], expected, rtol=1e-12)
    np.testing.assert_allclose(output, model(x).data, rtol=1e-12)
