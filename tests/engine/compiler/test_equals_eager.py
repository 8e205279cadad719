"""A compiled program computes what eager execution computes: for any graph, and for every row of the tables."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, strategies as st

from engine import Tensor, compile, grad, nn, no_grad, optim
from engine.nn import ACTIVATIONS, LOSSES, OPTIMIZERS, activation
from tests.engine.compiler.random_graphs import Recipe, recipes
from tests.engine.tables import pairs

Trainee = tuple[nn.Sequential, Tensor, Tensor, optim.Optimizer]


def close(a: Any, b: Any, dtype: Any, scale: float = 1.0) -> bool:
    """Equal to 1e-12 in float64, to 1e-6 in float32; what is not a number or infinite in one is so in the other."""
    bound = {"float64": 1e-12, "float32": 1e-6}[str(np.dtype(dtype))] * scale
    return bool(np.allclose(a, b, rtol=bound, atol=bound, equal_nan=True))


# ── any graph ────────────────────────────────────────────────────────────────────────────────────────────────────────


@given(recipes, st.integers(0, 1000))
def test_any_graph_computes_the_same(recipe: Recipe, seed: int) -> None:
    parameters, inputs = recipe.leaves(seed)
    program = compile(lambda: recipe.loss(parameters, inputs))
    for new in (seed, seed + 1):
        others, other_inputs = recipe.leaves(new)
        for mine, theirs in zip(parameters + inputs, others + other_inputs, strict=True):
            mine.data[...] = theirs.data
        assert close(program(), recipe.loss(others, other_inputs).data, recipe.dtype, 100)


@given(recipes, st.integers(0, 1000))
def test_any_graph_has_the_same_gradients(recipe: Recipe, seed: int) -> None:
    parameters, inputs = recipe.leaves(seed)
    before = [np.array(p.data) for p in parameters]
    expected = [g.data for g in grad(recipe.loss(parameters, inputs), parameters)]
    step = compile(lambda: recipe.loss(parameters, inputs), optim.SGD(parameters, lr=1.0))
    loss = step()
    assert close(loss, recipe.loss(recipe.leaves(seed)[0], inputs).data, recipe.dtype, 100)
    for old, p, slope in zip(before, parameters, expected, strict=True):
        # what the step took off, up to the rounding of the subtraction; large slopes come of large parts that cancel
        assert close(old - p.data, slope, recipe.dtype, 1000 * (1 + float(np.abs(slope).max())))


@given(recipes, st.integers(0, 1000), st.integers(0, 15))
def test_any_graph_takes_the_same_course(recipe: Recipe, seed: int, frozen: int) -> None:
    """Some parameters are frozen, as the bits of `frozen` say, and all leaves are edited in place on the way."""
    sides = []
    for _ in range(2):
        parameters, inputs = recipe.leaves(seed)
        for i, p in enumerate(parameters):
            p.requires_grad = not frozen >> i & 1
        sides.append((parameters, inputs, optim.SGD(parameters, lr=0.01)))
    assume(any(p.requires_grad for p in sides[0][0]))
    (mine, inputs, optimizer), (theirs, other_inputs, other) = sides
    step = compile(lambda: recipe.loss(mine, inputs), optimizer)
    for n in range(3):
        for leaf in (*mine, *inputs, *theirs, *other_inputs):
            leaf.data *= 1 - 0.1 * n
        loss = recipe.loss(theirs, other_inputs)
        loss.backward()
        other.step()
        other.zero_grad()
        assert close(step(), loss.data, recipe.dtype, 1000)
        for p, q in zip(mine, theirs, strict=True):
            assert close(p.data, q.data, recipe.dtype, 1000 * (1 + float(np.abs(q.data).max())))


def test_what_is_computed_under_no_grad_is_a_constant_that_is_computed_anew() -> None:
    """Found by random models: the gradient flowed through it, and the losses were 5.25, 23.4, 208.9."""
    x, losses = Tensor([1.0, 2.0, 4.0], requires_grad=False), []
    for is_compiled in (False, True):
        w = Tensor(0.5)

        def loss(w: Tensor = w) -> Tensor:
            h = x * w
            with no_grad():
                m = h.mean()
            return ((h - m) ** 2).sum() + (m * h).sum()

        optimizer = optim.SGD([w], lr=0.1)
        step = compile(loss, optimizer) if is_compiled else None
        for _ in range(3):
            losses += [step() if step else eager_loss(loss(), optimizer)]
    assert losses[:3] == pytest.approx([5.25, 12.8858, 31.6276], rel=1e-4)
    assert losses[3:] == pytest.approx(losses[:3], rel=1e-12)


def eager_loss(loss: Tensor, optimizer: optim.Optimizer) -> float:
    """A loss, once its step is made."""
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    return loss.item()


ALL = slice(None)


@pytest.mark.parametrize("key", [
    np.array([1, -1]), [0, 1], (slice(np.int64(0), None), ALL), (ALL, np.array([0, 2])), (np.array([0, 1]), ALL),
    (ALL, slice(0, 2)), (ALL, [0, 1]),
])  # fmt: skip
def test_parts_picked_by_any_index_are_not_taken_for_weights_with_their_bias(key: Any) -> None:
    """Found by a random graph: the rule for a bias compared an array of indices with a slice."""
    rng = np.random.default_rng(0)
    w, x = Tensor(rng.normal(size=(2, 3))), Tensor(rng.normal(size=(5, 3)), requires_grad=False)

    def loss() -> Tensor:
        weights, square = w[key], x.T @ x
        y = x[:, : weights.shape[1]] @ weights.T + w[:, 2]
        picked = (square * w.sum()) @ square
        return (y * y).sum() + picked[key].sum()

    (expected,) = grad(loss(), w)
    before = w.data.copy()
    assert compile(loss)() == pytest.approx(loss().item(), rel=1e-12)
    compile(loss, optim.SGD([w], lr=1.0))()
    np.testing.assert_allclose(before - w.data, expected.data, rtol=1e-9)


# ── every row of the tables ──────────────────────────────────────────────────────────────────────────────────────────


def trainee(row: str, loss: str, optimizer: str, outputs: int, dtype: Any) -> Trainee:
    """A small network, its data, and its optimiser.

    41 points, an odd number, and a small learning rate: where a gradient is zero up to rounding,
    an optimiser that divides by the gradient's size makes steps of the rounding, and two runs that differ in one bit,
    be they both eager, part ways.
    """

    rng = np.random.default_rng(3)
    model = nn.Sequential(
        nn.Linear(2, 6, rng=rng, dtype=dtype), activation(row), nn.Linear(6, 4, rng=rng, dtype=dtype), activation(row),
        nn.Linear(4, outputs, rng=rng, dtype=dtype),
    )  # fmt: skip
    xy = rng.normal(size=(41, 2))
    labels = (xy[:, 0] * xy[:, 1] > 0).astype(np.int64) + (outputs > 1) * (xy[:, 0] > 1)
    targets = LOSSES[loss].targets(labels, outputs)
    x, t = (Tensor(array.astype(dtype), requires_grad=False) for array in (xy, targets))
    return model, x, t, OPTIMIZERS[optimizer].make(model.parameters(), lr=1e-4)


def eager_step(loss: str, model: nn.Sequential, x: Tensor, t: Tensor, optimizer: optim.Optimizer) -> float:
    return eager_loss(LOSSES[loss](model(x), t), optimizer)


def difference(one: Trainee, other: Trainee) -> float:
    """The largest difference between the parameters of two networks."""
    pairs = zip(one[0].parameters(), other[0].parameters(), strict=True)
    return max(float(np.abs(a.data - b.data).max()) for a, b in pairs)


def assert_same_course(names: tuple[str, str, str], outputs: int, dtype: Any, steps: int) -> None:
    eager, compiled = trainee(*names, outputs, dtype), trainee(*names, outputs, dtype)
    model, x, t, optimizer = compiled
    step = compile(lambda: LOSSES[names[1]](model(x), t), optimizer)
    for _ in range(steps):
        expected = eager_step(names[1], *eager)
    bound = 1e-12 if dtype == np.float64 else 1e-6
    assert step(steps) == pytest.approx(expected, rel=bound, abs=bound)
    assert difference(eager, compiled) <= bound


LONG = [  # 1,000 steps show rounding that 60 do not; one course need not be waited for
    pytest.param(names, marks=() if names == ("tanh", "mse", "adam") else pytest.mark.slow, id="-".join(names))
    for table in (
        [(a, "mse", "adam") for a in ACTIVATIONS],
        [("tanh", loss, "sgd") for loss in LOSSES],
        [("tanh", "cross_entropy", o) for o in OPTIMIZERS],
    )
    for names in table
]


@pytest.mark.parametrize(("row", "optimizer"), pairs(ACTIVATIONS, OPTIMIZERS))
@pytest.mark.parametrize(("outputs", "dtype"), [(1, np.float32), (3, np.float64)])
def test_every_activation_with_every_optimizer_and_a_loss(row: str, optimizer: str, outputs: int, dtype: Any) -> None:
    in_turn = list(ACTIVATIONS).index(row) + list(OPTIMIZERS).index(optimizer)
    assert_same_course((row, list(LOSSES)[in_turn % len(LOSSES)], optimizer), outputs, dtype, steps=60)


@pytest.mark.parametrize("names", LONG)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_thousand_steps(names: tuple[str, str, str], dtype: Any) -> None:
    assert_same_course(names, 1, dtype, steps=1000)


def test_elementwise_work_is_equal_to_the_bit() -> None:
    x = Tensor(np.random.default_rng(0).normal(size=(50, 3)).astype(np.float32), requires_grad=False)
    for row in ACTIVATIONS.values():
        assert (compile(lambda row=row: row.function(x))() == row.function(x).data).all()
    p, q = Tensor(x.data.copy()), Tensor(x.data.copy())
    for recipe in OPTIMIZERS.values():
        one, other = recipe.make([p], lr=0.01), recipe.make([q], lr=0.01)
        step = compile(lambda: (q * q * 0.5).sum(), other)
        for _ in range(5):
            (p * p * 0.5).sum().backward()
            one.step()
            one.zero_grad()
            step()
        assert (p.data == q.data).all(), recipe.label


@pytest.mark.parametrize("options", [
    {"weight_decay": 0.1},
    {"momentum": 0.8, "dampening": 0.3},
    {"momentum": 0.9, "nesterov": True, "weight_decay": 0.01},
])  # fmt: skip
def test_sgd_with_all_that_it_can_do(options: dict[str, Any]) -> None:
    results = []
    for is_compiled in (False, True):
        p = Tensor(np.arange(4.0))
        optimizer = optim.SGD([p], lr=0.05, **options)
        step = compile(lambda p=p: (p * p - p).sum(), optimizer) if is_compiled else None
        for _ in range(20):
            if step:
                step()
            else:
                (p * p - p).sum().backward()
                optimizer.step()
                optimizer.zero_grad()
        results.append(p.data)
    assert results[0] == pytest.approx(results[1], rel=1e-12)
