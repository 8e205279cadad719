"""Optimisers: PyTorch's figures, bookkeeping, and steps that overflow (engine-cases 7 and 19)."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from engine import Tensor, Value, grad, nn, optim
from engine.nn import OPTIMIZERS
from tests.engine.tables import STEPPING

REFERENCE = Path(__file__).parents[1] / "reference" / "torch.json"
RUNS = json.loads(REFERENCE.read_text(encoding="utf-8"))["optimisers"]
CLASSES = [optim.SGD, optim.Adam, optim.AdamW, optim.RMSprop, optim.Adagrad]


def wave(*shape: int, phase: float = 0.0) -> NDArray[np.float64]:
    k = np.arange(math.prod(shape))
    return (2 * np.sin(1.7 * k + phase) * np.cos(0.3 * k * k)).reshape(shape)


@pytest.mark.parametrize("run", RUNS, ids=lambda run: f"{run['name']} {run['options']}")
def test_twenty_steps_are_pytorchs(run: dict[str, Any]) -> None:
    parameters = [Tensor(wave(2, 2)), Tensor(wave(2, phase=1)), Tensor(wave(1, phase=2)), Tensor(wave(1, phase=3))]
    w, b, _, now_and_then = parameters
    optimizer = getattr(optim, run["name"])(parameters, **run["options"])
    for step in range(20):
        optimizer.zero_grad()
        loss = ((w @ b + b) ** 2).sum() + w.sin().sum()
        if step % 2:
            loss = loss + (now_and_then**4).sum()
        loss.backward()
        optimizer.step()
    for parameter, expected in zip(parameters, run["parameters"], strict=True):
        assert parameter.data == pytest.approx(np.array(expected), rel=1e-12, abs=1e-12)


def test_pytorch_was_asked_about_every_optimizer_and_option() -> None:
    for make in CLASSES:
        options = {key for run in RUNS if run["name"] == make.__name__ for key in run["options"]}
        names = set(make.__init__.__annotations__) - {"parameters", "return"}
        assert options == names
    assert {getattr(row.make, "func", row.make) for row in OPTIMIZERS.values() if not row.waits} == set(CLASSES)


@pytest.mark.parametrize("make", [row.make for row in OPTIMIZERS.values()], ids=OPTIMIZERS)
def test_values_move_as_tensors_do(make: Any) -> None:
    v, t = Value(1.5), Tensor([1.5])
    optimizers = [make([v], lr=0.1), make([t], lr=0.1)]
    for _ in range(30):
        for optimizer, loss in zip(optimizers, ((v**2 + v.sin()), (t**2 + t.sin()).sum()), strict=True):
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    assert type(v.data) is float
    assert v.data == pytest.approx(t.data[0], rel=1e-12)


@pytest.mark.parametrize("row", STEPPING.values(), ids=STEPPING)
def test_every_row_goes_downhill(row: Any) -> None:
    x = Tensor([3.0, -2.0])
    optimizer = row.make([x], lr=0.05)
    before = (x.data**2).sum()
    for _ in range(100):
        optimizer.zero_grad()
        (x**2).sum().backward()
        optimizer.step()
    assert (x.data**2).sum() < before / 2
    assert row.label
    assert row.description


@pytest.mark.parametrize("make", [row.make for row in STEPPING.values()], ids=STEPPING)
@pytest.mark.parametrize("shape", [(), (1,), (2, 3)])
def test_parameters_stay_arrays_of_their_dtype_and_old_ones_stay_as_they_were(make: Any, shape: Any) -> None:
    x = Tensor(np.ones(shape), dtype=np.float32)
    optimizer = make([x], lr=np.float64(0.1))  # as from np.linspace
    old, kept = x.data, x.data.copy()
    for _ in range(3):
        (x * x).sum().backward()
        gradient = x.grad
        optimizer.step()
        assert x.grad is gradient
    assert type(x.data) is np.ndarray
    assert (x.dtype, x.shape) == (np.float32, shape)
    assert (old == kept).all()
    assert (x.data < 1).all()


def test_the_first_velocity_is_the_gradient_and_a_copy_of_it() -> None:
    x = Tensor([1.0, 1.0])
    optimizer = optim.SGD([x], lr=1.0, momentum=0.5, dampening=0.9)
    x.grad = np.array([2.0, 4.0])
    optimizer.step()
    assert x.data.tolist() == [-1, -3]
    x.grad[:] = 0  # a way to zero gradients
    optimizer.step()
    assert x.data.tolist() == [-2, -5]


def test_the_formulas_by_hand() -> None:
    """One step of each from g = 3: what eps and decay do is seen where they are large."""
    # fmt: off
    cases = [
        (optim.SGD,     {"weight_decay": 0.5},              2 - 0.1 * (3 + 0.5 * 2)),
        (optim.Adam,    {"eps": 1.0},                       2 - 0.1 * 3 / (3 + 1)),
        (optim.Adam,    {"eps": 1.0, "weight_decay": 0.5},  2 - 0.1 * 4 / (4 + 1)),
        (optim.AdamW,   {"eps": 1.0, "weight_decay": 0.5},  2 * (1 - 0.1 * 0.5) - 0.1 * 3 / (3 + 1)),
        (optim.RMSprop, {"eps": 1.0, "alpha": 0.75},        2 - 0.1 * 3 / (3 * 0.5 + 1)),
        (optim.Adagrad, {"eps": 1.0},                       2 - 0.1 * 3 / (3 + 1)),
    ]
    # fmt: on
    for make, options, expected in cases:
        x = Value(2.0)
        x.grad = 3.0
        make([x], lr=0.1, **options).step()
        assert x.data == pytest.approx(expected, rel=1e-14)


def test_the_rate_can_change_between_steps() -> None:
    x = Value(1.0)
    optimizer = optim.SGD([x], lr=0.5)
    x.grad = 1.0
    optimizer.step()
    optimizer.lr = 0.25
    optimizer.step()
    assert x.data == 0.25


def test_a_variance_of_zero_never_turns_negative() -> None:
    for alpha, gradient in ((0.5, 0.7), (0.7, 2.5), (0.3, 1.1), (0.25, 1.3)):  # where rounding would make it so
        x = Value(0.0)
        optimizer = optim.RMSprop([x], alpha=alpha, eps=1.0, centered=True)
        x.grad = gradient
        for _ in range(200):
            optimizer.step()
        assert math.isfinite(x.data)


@pytest.mark.parametrize("make", [row.make for row in OPTIMIZERS.values()], ids=OPTIMIZERS)
@pytest.mark.parametrize("gradient", [1e38, -1e38, math.inf, math.nan, 0.0])
def test_a_step_that_overflows_warns_of_nothing(make: Any, gradient: float) -> None:
    x, v = Tensor([1.0], dtype=np.float32), Value(1.0)
    optimizer = make([x, v], lr=1e3)
    x.grad, v.grad = np.array([gradient], dtype=np.float32), gradient
    for _ in range(3):
        optimizer.step()  # warnings are errors here
    assert x.dtype == np.float32


def test_state_can_be_taken_and_given_back() -> None:
    for row in OPTIMIZERS.values():
        x, y = Tensor([1.0, -2.0]), Tensor([1.0, -2.0])
        one, two = row.make([x], lr=0.1), row.make([y], lr=0.1)
        for _ in range(3):
            x.grad = x.data * 2
            one.step()
        state = one.state_dict()
        y.assign(x.data)
        two.load_state_dict(state)
        for entry in state[0].values():
            if isinstance(entry, np.ndarray):
                entry[:] = math.nan  # copies both ways
        for _ in range(3):
            x.grad, y.grad = x.data * 2, y.data * 2
            one.step()
            two.step()
        assert (x.data == y.data).all()
    with pytest.raises(ValueError, match="state of 2 parameters, but there are 1"):
        optim.SGD([Value(1.0)]).load_state_dict([{}, {}])


def test_what_cannot_be_optimised_is_refused() -> None:
    x = Tensor([1.0, 2.0])
    with pytest.raises(ValueError, match="SGD: no parameters"):
        optim.SGD([])
    with pytest.raises(ValueError, match="Adam: parameter 0 was computed by index"):
        optim.Adam(x)  # the tensor itself, not a list of it
    with pytest.raises(ValueError, match="parameter 1 was computed by mul"):
        optim.Adagrad([x, x * 2])
    for options in ({"momentum": 0.0}, {"momentum": 0.9, "dampening": 0.1}):
        with pytest.raises(ValueError, match="nesterov needs a momentum above 0"):
            optim.SGD([x], nesterov=True, **options)


def test_zero_grad_forgets_all() -> None:
    layer = nn.Linear(2, 1)
    v = Value(1.0)
    optimizer = optim.SGD([*layer.parameters(), v])
    (layer(Tensor([[1.0, 2.0]])).sum()).backward()
    (v * v).backward()
    optimizer.zero_grad()
    assert [p.grad for p in layer.parameters()] == [None, None]
    assert v.grad == 0
    assert grad(v * v, v)[0].data == 2
