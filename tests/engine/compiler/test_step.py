"""A compiled step sees what changes between its calls, and refuses what it was not made for."""

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

from engine import Tensor, Value, compile, losses, nn, optim
from engine.autograd.ops import Op
from engine.nn import OPTIMISERS, SCHEDULES


class Twins:
    """The same network twice: one trained eagerly, one by a compiled step. Whatever is done is done to both."""

    def __init__(self, make: Callable[..., optim.Optimizer] = optim.SGD, points: int = 20, dropout: float = 0) -> None:
        self.sides = [self._side(make, points, dropout) for _ in range(2)]
        _, x, t, model, optimiser = self.sides[1]
        self.step = compile(lambda: losses.mse_loss(model(x), t), optimiser)

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
        for _, x, t, model, optimiser in self.sides:
            change(x=x, t=t, model=model, optimiser=optimiser)

    def train(self, n: int = 3) -> None:
        """Make n steps on both sides, and see that nothing differs."""
        _, x, t, model, optimiser = self.sides[0]
        for _ in range(n):
            loss = losses.mse_loss(model(x), t)
            loss.backward()
            optimiser.step()
            optimiser.zero_grad()
        assert self.step(n) == pytest.approx(loss.item(), rel=1e-12)
        assert self.step.loss == self.step.loss
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


def another_rate(optimiser: optim.Optimizer, **_: Any) -> None:
    optimiser.lr = 0.002


def penalties(optimiser: optim.Optimizer, **_: Any) -> None:
    optimiser.l1, optimiser.l2 = 0.01, 0.1


def no_penalties(optimiser: optim.Optimizer, **_: Any) -> None:
    optimiser.l1 = optimiser.l2 = 0.0


def a_limit(optimiser: optim.Optimizer, **_: Any) -> None:
    optimiser.max_norm = 0.05


def a_schedule(optimiser: optim.Optimizer, **_: Any) -> None:
    optimiser.schedule, optimiser.span = SCHEDULES["decay"], 10.0


def another_span(optimiser: optim.Optimizer, **_: Any) -> None:
    optimiser.span = 3.0


def an_eager_step(x: Tensor, t: Tensor, model: nn.Sequential, optimiser: optim.Optimizer) -> None:
    losses.mse_loss(model(x), t).backward()
    optimiser.step()
    optimiser.zero_grad()


def a_state_loaded(optimiser: optim.Optimizer, **_: Any) -> None:
    state = optimiser.state_dict()
    for memory in state:
        for name in memory:
            memory[name] = memory[name] * 2
    optimiser.load_state_dict(state)


def more_points(x: Tensor, t: Tensor, **_: Any) -> None:
    rng = np.random.default_rng(3)
    x.data, t.data = rng.normal(size=(len(x) + 1, 2)), rng.normal(size=(len(t) + 1, 1))


CHANGES = (
    new_contents, new_arrays, weights_written, weights_loaded, another_rate, penalties, no_penalties, a_limit,
    a_schedule, another_span, an_eager_step, a_state_loaded, more_points,
)  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("row", OPTIMISERS)
def test_a_change_is_seen(change: Callable[..., None], row: str) -> None:
    twins = Twins(OPTIMISERS[row].make)
    twins.train()
    twins.do(change)
    twins.train()


@given(st.lists(st.sampled_from(CHANGES), max_size=6), st.sampled_from(list(OPTIMISERS)))
def test_any_changes_one_after_the_other_are_seen(changes: list[Callable[..., None]], row: str) -> None:
    twins = Twins(OPTIMISERS[row].make)
    for change in changes:
        twins.train(2)
        twins.do(change)
    twins.train(2)


@pytest.mark.parametrize("row", SCHEDULES)
def test_schedules_go_on_within_a_call_and_between_calls(row: str) -> None:
    def set_schedule(optimiser: optim.Optimizer, **_: Any) -> None:
        optimiser.schedule, optimiser.span = SCHEDULES[row], 7.0

    twins = Twins(optim.Adam)
    twins.do(set_schedule)
    twins.train(5)
    twins.train(9)


def test_settings_of_an_optimiser_are_read_live() -> None:
    twins = Twins(lambda ps, lr: optim.SGD(ps, lr, momentum=0.5))
    twins.train()
    for momentum in (0.9, 0.0, 0.3):
        twins.do(lambda optimiser, momentum=momentum, **_: setattr(optimiser, "momentum", momentum))
        twins.train()


def test_a_parameter_that_stood_still_for_a_while_has_an_age_of_its_own() -> None:
    twins = Twins(optim.Adam)
    twins.train(2)
    for side in twins.sides:
        optimiser = side[4]
        optimiser.state[0]["step"] = 40
    twins.train(2)


def test_dropout_draws_anew_at_each_step() -> None:
    twins = Twins(dropout=0.5)
    drawn = [copy.deepcopy(side[3][2].rng.bit_generator.state) for side in twins.sides]
    # recording computed the loss once, and drew for it
    twins.sides[0][3][2].rng.bit_generator.state = drawn[1]
    twins.train(4)
    x = Tensor(np.ones((50, 3)), requires_grad=False)
    program = compile(nn.Dropout(0.5)(x))
    assert (program() != program()).any()


def test_two_programs_of_one_optimiser_move_the_same_parameters() -> None:
    """As a full batch and the last, partial one do."""
    rng = np.random.default_rng(0)
    w = Tensor(rng.normal(size=(1, 2)), label="w")
    optimiser = optim.Adam([w], lr=0.1)
    steps = []
    for points in (5, 3):
        x = Tensor(rng.normal(size=(points, 2)), requires_grad=False)
        steps.append(compile(((x @ w.T) ** 2).mean(), optimiser))
    home = w.data
    for step in (*steps, *steps):
        before = w.data.copy()
        step()
        assert (w.data != before).all()
        assert w.data is home
    assert optimiser.state[0]["step"] == 4


def test_undo_stands_where_the_call_started_to_the_bit() -> None:
    twins = Twins(optim.Adam)
    _, _, _, model, optimiser = twins.sides[1]
    twins.step(3)
    weights, state, steps = model.state_dict(), optimiser.state_dict(), optimiser.steps
    twins.step(5, save=True)
    moved = model.state_dict()
    twins.step.undo()
    assert all((model.state_dict()[name] == weights[name]).all() for name in weights)
    assert str(optimiser.state_dict()) == str(state)
    assert optimiser.steps == steps
    twins.step(5)
    assert all((model.state_dict()[name] == moved[name]).all() for name in weights)


# ── what is refused ──────────────────────────────────────────────────────────────────────────────────────────────────


def a_loss(shape: tuple[int, ...] = (4, 2)) -> tuple[Tensor, Tensor, optim.Optimizer]:
    x = Tensor(np.ones(shape), requires_grad=False, label="points")
    w = Tensor(np.ones((1, 2)), label="w")
    return x, ((x @ w.T) ** 2).mean(), optim.SGD([w], lr=0.1)


def test_another_shape_or_dtype_is_refused_and_nothing_is_lost() -> None:
    x, loss, optimiser = a_loss()
    step = compile(loss, optimiser)
    before = optimiser.parameters[0].data.copy()
    for wrong, now in (
        (np.ones((5, 2)), r"\(5, 2\) of float64"),
        (np.ones((1, 2)), r"\(1, 2\) of float64"),  # which would spread over the points
        (np.ones((4, 2), np.float32), r"\(4, 2\) of float32"),
        ([[1.0, 2.0]] * 4, "list"),
    ):
        x.data = wrong  # type: ignore[assignment]
        with pytest.raises(
            ValueError, match=rf"compile: points was \(4, 2\) of float64 and is now {now}: compile anew"
        ):
            step()
    assert (optimiser.parameters[0].data == before).all()
    x.data = np.ones((4, 2))
    step()
    w = optimiser.parameters[0]
    w.data = np.ones((3, 2))
    with pytest.raises(ValueError, match=r"compile: w was \(1, 2\) of float64 and is now \(3, 2\)"):
        step()


def test_parameters_of_another_shape_are_recorded_anew_from_a_function() -> None:
    x, w = Tensor(np.ones((4, 2)), requires_grad=False), Tensor(np.ones((1, 2)))
    optimiser = optim.SGD([w], lr=0.1)
    step = compile(lambda: ((x @ w.T) ** 2).sum(), optimiser)
    assert step() == 16
    w.data = np.ones((3, 2))
    assert step() == 48


@pytest.mark.parametrize("n", [0, -1])
def test_less_than_a_step_is_refused(n: int) -> None:
    _, loss, optimiser = a_loss()
    with pytest.raises(ValueError, match=f"step: {n} steps are not allowed; allowed: at least 1"):
        compile(loss, optimiser)(n)


@pytest.mark.parametrize("label", ["tanh", "program", "for", "x y", "1", "float", "optimizer", "w₁"])
def test_any_label_will_do(label: str) -> None:
    x = Tensor(np.full((2, 2), 0.5), label=label)
    other = Tensor(np.full((2, 2), 0.5), label=label)
    step = compile(((x @ other).tanh()).sum(), optim.SGD([x, other], lr=0.1))
    assert step() == pytest.approx(4 * math.tanh(0.5))


def test_a_loss_that_is_no_number_is_refused_as_by_backward() -> None:
    x = Tensor(np.ones((4, 2)))
    for loss in (x * x, Tensor(1.0, requires_grad=False)):
        with pytest.raises(ValueError, match="backward") as backward:
            loss.backward()
        with pytest.raises(ValueError, match="backward") as compiled:
            compile(loss, optim.SGD([x]))
        assert str(compiled.value) == str(backward.value)


def test_what_cannot_be_compiled_is_named() -> None:
    x = Tensor(np.ones((4, 2)), label="x")
    odd = Op("odd", "?", None, lambda a: a, lambda g, y, a: g)
    strange = odd(x)
    strange.label = "strange"
    with pytest.raises(TypeError, match=r"compile: strange of shape \(4, 2\) was computed by 'odd', which is not"):
        compile(strange.sum(), optim.SGD([x]))
    y = x * 2
    x.data = [[1.0, 2.0]] * 4  # type: ignore[assignment]
    with pytest.raises(TypeError, match=r"compile: x of shape \(4, 2\) is a list, not an array"):
        compile(y.sum(), optim.SGD([x]))
    v = Value(2.0, label="v")
    with pytest.raises(TypeError, match=r"compile: v of shape \(\) is a Value, not an array: make it a Tensor"):
        compile(v * v, optim.SGD([v]))


def test_constants_that_forgot_how_they_were_computed_are_refused() -> None:
    c = x = Tensor(np.ones(3), requires_grad=False, label="x")
    for _ in range(20):
        c = c * 1.5
    with pytest.raises(TypeError, match=r"was computed by mul from constants, too long ago to be remembered"):
        compile(c)

    def chain() -> Tensor:
        c = x
        for _ in range(20):
            c = c * 1.5
        return c

    program = compile(chain)
    x.data[...] = 2
    assert program() == pytest.approx(2 * 1.5**20)


def test_a_loss_without_parameters_of_the_optimiser_is_refused() -> None:
    x, y = Tensor(np.ones(3)), Tensor(np.ones(3))
    with pytest.raises(ValueError, match="the loss depends on none of the optimizer's parameters"):
        compile((x * x).sum(), optim.SGD([y]))


@pytest.mark.parametrize("look", [float, np.asarray, Tensor.item, Tensor.numpy])
def test_a_number_that_is_read_while_recording_is_refused(look: Callable[[Tensor], Any]) -> None:
    x = Tensor(2.0, label="x")

    def loss() -> Tensor:
        return x * x if look(x) > 1 else x

    with pytest.raises(TypeError, match="compile: x was read while recording"):
        compile(loss, optim.SGD([x]))
    assert look(x) == 2  # and only then


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
    _, loss, optimiser = a_loss()
    compile(loss, optimiser)
    gc.collect()
    gc.disable()
    try:
        step, program = compile(loss, optimiser), compile(loss)
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
    y = x * 2
    program = compile(y + 1, keep=[y])
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
    hidden = model[1](model[0](x))
    program = compile(model[2](hidden), keep=[hidden])
    x.data[...] = rng.normal(size=(7, 2))
    output = program()
    expected = np.tanh(x.data @ model[0].weight.data.T + model[0].bias.data)  # type: ignore[attr-defined]
    np.testing.assert_allclose(program.kept()[0], expected, rtol=1e-12)
    np.testing.assert_allclose(output, model(x).data, rtol=1e-12)
