"""What cannot be compiled, or is not as a program was made for, is refused by name, and nothing is lost."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from engine import Tensor, Value, compile, optim
from engine.autograd.ops import Op


def test_another_shape_or_dtype_is_recorded_anew() -> None:
    x, w = Tensor(np.ones((4, 2)), requires_grad=False, label="points"), Tensor(np.ones((1, 2)))
    step = compile(lambda: ((x @ w.T) ** 2).sum(), optim.SGD([w], lr=0.0))
    for shape in ((5, 2), (1, 2), (4, 2)):  # of which one would spread over the points
        x.data = np.ones(shape)
        assert step() == 4 * shape[0]
    x.data = np.ones((4, 2), np.float32)
    assert step() == 16
    x.data = np.ones((4, 2))
    assert step() == 16
    assert (w.data == 1).all()


def test_parameters_of_another_shape_are_recorded_anew() -> None:
    x, w = Tensor(np.ones((4, 2)), requires_grad=False), Tensor(np.ones((1, 2)))
    optimizer = optim.SGD([w], lr=0.1)
    step = compile(lambda: ((x @ w.T) ** 2).sum(), optimizer)
    assert step() == 16
    w.data = np.ones((3, 2))
    assert step() == 48


@pytest.mark.parametrize("n", [0, -1])
def test_less_than_a_step_is_refused(n: int) -> None:
    w = Tensor(np.ones((1, 2)))
    with pytest.raises(ValueError, match=f"step: {n} steps are not allowed; allowed: at least 1"):
        compile(lambda: (w * w).sum(), optim.SGD([w]))(n)


def test_a_tensor_is_refused_because_it_was_computed_once_and_for_all() -> None:
    w = Tensor(np.ones((1, 2)))
    with pytest.raises(TypeError, match="compile: a Tensor is not allowed; give a function that computes it"):
        compile((w * w).sum(), optim.SGD([w]))  # type: ignore[call-overload]


@pytest.mark.parametrize("label", ["tanh", "program", "for", "x y", "1", "float", "optimizer", "w₁"])
def test_any_label_will_do(label: str) -> None:
    x = Tensor(np.full((2, 2), 0.5), label=label)
    other = Tensor(np.full((2, 2), 0.5), label=label)
    step = compile(lambda: ((x @ other).tanh()).sum(), optim.SGD([x, other], lr=0.1))
    assert step() == pytest.approx(4 * math.tanh(0.5))


def test_a_loss_that_is_no_number_is_refused_as_by_backward() -> None:
    x = Tensor(np.ones((4, 2)))
    for loss in (x * x, Tensor(1.0, requires_grad=False)):
        with pytest.raises(ValueError, match="backward") as backward:
            loss.backward()
        with pytest.raises(ValueError, match="backward") as compiled:
            compile(lambda loss=loss: loss, optim.SGD([x]))
        assert str(compiled.value) == str(backward.value)


def test_what_cannot_be_compiled_is_named() -> None:
    x = Tensor(np.ones((4, 2)), label="x")
    odd = Op("odd", "?", None, lambda a: a, lambda g, y, a: g)
    strange = odd(x)
    strange.label = "strange"
    with pytest.raises(TypeError, match=r"compile: strange of shape \(4, 2\) was computed by 'odd', which is not"):
        compile(lambda: strange.sum(), optim.SGD([x]))
    y = x * 2
    x.data = [[1.0, 2.0]] * 4  # type: ignore[assignment]
    with pytest.raises(TypeError, match=r"compile: x of shape \(4, 2\) is a list, not an array"):
        compile(lambda: y.sum(), optim.SGD([x]))
    v = Value(2.0, label="v")
    with pytest.raises(TypeError, match=r"compile: v of shape \(\) is a Value, not an array: make it a Tensor"):
        compile(lambda: v * v, optim.SGD([v]))  # type: ignore[arg-type, return-value]


def test_constants_are_computed_anew_however_long_their_chain() -> None:
    x = Tensor(np.ones(3), requires_grad=False)

    def chain() -> Tensor:
        c = x
        for _ in range(20):
            c = c * 1.5
        return c

    program = compile(chain)
    x.data[...] = 2
    assert program() == pytest.approx(2 * 1.5**20)


def test_a_loss_without_parameters_of_the_optimizer_is_refused() -> None:
    x, y = Tensor(np.ones(3)), Tensor(np.ones(3))
    with pytest.raises(ValueError, match="the loss depends on none of the optimizer's parameters"):
        compile(lambda: (x * x).sum(), optim.SGD([y]))


@pytest.mark.parametrize("look", [float, np.asarray, Tensor.item, Tensor.numpy])
def test_a_number_that_is_read_while_recording_is_refused(look: Callable[[Tensor], Any]) -> None:
    x = Tensor(2.0, label="x")

    def loss() -> Tensor:
        return x * x if look(x) > 1 else x

    with pytest.raises(TypeError, match="compile: x was read while recording"):
        compile(loss, optim.SGD([x]))
    assert look(x) == 2  # and only then


def test_an_update_that_depends_on_a_computed_number_is_refused() -> None:
    class Moody(optim.SGD):
        def update(self, p: Any, g: Any, state: dict[str, Any], lr: Any) -> Any:
            return p - lr * g if lr * 2 else p

    w = Tensor(np.ones((1, 2)))
    with pytest.raises(TypeError, match="depends on whether a computed number is 0"):
        compile(lambda: (w * w).sum(), Moody([w], lr=0.1))
