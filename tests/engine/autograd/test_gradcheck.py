"""grad and gradcheck: what they answer, what they name, what they refuse."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from engine import GradcheckError, Tensor, Value, exp, grad, gradcheck, no_grad
from engine.autograd.ops import Op

FACES = pytest.mark.parametrize("face", [Value, Tensor])


# ── grad ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


@FACES
def test_one_input_or_several(face: Any) -> None:
    x, y = face(2.0), face(3.0)
    product = x * x * y
    for inputs in ((x, y), [x, y], iter([x, y])):
        assert [float(g) for g in grad(product, inputs)] == [12, 4]
    assert [float(g) for g in grad(product, y)] == [4]
    assert [float(g) for g in grad(product, [y, y])] == [4, 4]
    assert grad(product, []) == ()
    assert not x.grad
    assert all(type(g) is face for g in grad(product, (x, y)))


@FACES
def test_interior_nodes_and_the_output_itself(face: Any) -> None:
    x = face(2.0)
    square = x * x
    cube = square * x
    assert float(grad(cube, square)[0]) == 2
    assert float(grad(cube, cube)[0]) == 1


@FACES
def test_without_create_graph_derivatives_are_constants(face: Any) -> None:
    x = face(2.0)
    (constant,) = grad(x**3, x)
    assert not constant.requires_grad
    with pytest.raises(ValueError, match="does not depend on input 0"):
        grad(constant, x)


@FACES
def test_an_input_that_is_not_in_the_graph_is_named(face: Any) -> None:
    x, stranger = face(2.0), face(5.0)
    with pytest.raises(ValueError, match=r"does not depend on input 1, (Value|Tensor)\(.*5"):
        grad(x * x, (x, stranger))
    stranger.label = "bias"
    with pytest.raises(ValueError, match="input 0, bias"):
        grad(x * x, stranger)
    with no_grad():
        square = x * x
    with pytest.raises(ValueError, match="input 0"):
        grad(square, x)
    (first,) = grad(3 * x, x, create_graph=True)
    with pytest.raises(ValueError, match="input 0"):
        grad(first, x)  # the slope of a line is a constant


@FACES
@pytest.mark.parametrize("name", ["relu", "abs"])
def test_where_a_slope_is_a_step_its_derivative_is_zero(face: Any, name: str) -> None:
    x = face(2.0)
    (first,) = grad(getattr(x, name)(), x, create_graph=True)
    (second,) = grad(first, x)
    assert (float(first), float(second)) == (1, 0)
    y = Tensor([[1.0, -2.0]], dtype=np.float32)
    (first,) = grad(y.relu().sum(), y, create_graph=True)
    (second,) = grad(first.sum(), y)
    assert (second.shape, second.dtype) == ((1, 2), np.float32)
    assert not second.data.any()


def test_a_hessian_is_symmetric_and_right() -> None:
    x = Tensor([0.3, -0.7, 1.1])
    (slope,) = grad((x.sin() * x[[1, 2, 0]]).sum() + (x**2).sum() ** 2, x, create_graph=True)
    hessian = np.array([grad(slope[i], x)[0].data for i in range(3)])
    assert hessian == pytest.approx(hessian.T)
    s, r = np.sin(x.data), float((x.data**2).sum())
    exact = np.diag(4 * r - s * x.data[[1, 2, 0]]) + 8 * np.outer(x.data, x.data)
    exact += np.roll(np.diag(np.cos(x.data)), 1, axis=1) + np.roll(np.diag(np.cos(x.data)), 1, axis=1).T
    assert hessian == pytest.approx(exact)


def test_derivatives_of_any_order() -> None:
    for face in (Value, Tensor):
        x = face(0.5)
        y = (2 * x).exp()
        for order in range(1, 8):
            (y,) = grad(y, x, create_graph=True)
            assert float(y) == pytest.approx(2**order * math.e)
        z = x.tanh()
        for _ in range(5):
            (z,) = grad(z, x, create_graph=True)
        t = math.tanh(0.5)
        assert float(z) == pytest.approx((1 - t * t) * (16 - 120 * t**2 + 120 * t**4))


def test_derivatives_have_the_inputs_shape_and_dtype() -> None:
    x, w = Tensor(np.ones((3, 1)), dtype=np.float32), Tensor(np.ones((1, 4)))
    for create_graph in (False, True):
        by_x, by_w = grad((x * w).sum(), (x, w), create_graph)
        assert (by_x.shape, by_x.dtype) == ((3, 1), np.float32)
        assert (by_w.shape, by_w.dtype) == ((1, 4), np.float64)


# ── gradcheck ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_right_derivatives_pass() -> None:
    assert gradcheck(lambda a, b: a * b.exp(), (Value(1.0), Value(-2.0)))
    assert gradcheck(lambda a, b: a @ b, [Tensor(np.eye(2)), Tensor([[1.0], [2.0]])])
    assert gradcheck(exp, Tensor([0.0, 1.0]))
    assert gradcheck(lambda x: x, Tensor([1.0, 2.0]))
    assert gradcheck(lambda x: x[:0], Tensor([1.0, 2.0]))
    assert gradcheck(lambda x: x * 2, Tensor(np.zeros((0, 3))))
    assert gradcheck(lambda x: x.detach() * 0.0, Tensor([1.0]))
    assert gradcheck(lambda x: x**3, Tensor([1e6, 1e-6, -1e3]))


def doubled(name: str) -> Any:
    """The square, with a derivative that is wrong by a factor of two where x > 1."""
    rule: Any = lambda g, y, x: g * (2.0 + 2.0 * (x.data > 1 if isinstance(x, Tensor) else x > 1)) * x  # noqa: E731
    return Op(name, name, lambda x: x * x, lambda x: x * x, rule)


@FACES
def test_a_wrong_derivative_is_named_with_input_element_and_both_numbers(face: Any) -> None:
    wrong = doubled("wrong")
    constant = face(1.0)
    inputs = (constant, Value(3.0) if face is Value else Tensor([[0.5, 3.0]]))
    element = r"\(\)" if face is Value else r"\(0, 1\)"
    k = 0 if face is Value else 1
    with pytest.raises(
        GradcheckError,
        match=rf"input 1, element {element}, output element {k}: backpropagation gives 12, finite differences give 6",
    ):
        gradcheck(lambda a, x: wrong(x) + a, inputs)
    assert gradcheck(lambda a, x: wrong(x) + a, inputs, raise_exception=False) is False
    inputs[1].label = "slope"
    with pytest.raises(GradcheckError, match=r"input 1 \(slope\)"):
        gradcheck(lambda a, x: wrong(x) + a, inputs)
    assert gradcheck(lambda a, x: wrong(x) + a, inputs, atol=6.1)
    assert gradcheck(lambda a, x: wrong(x) + a, inputs, rtol=1.1)


def test_a_derivative_that_is_lost_or_nan_is_found() -> None:
    with pytest.raises(GradcheckError, match="backpropagation gives 1, finite differences give 2"):
        gradcheck(lambda x: x + Tensor(x.data.copy()), Tensor([1.0]))
    with pytest.raises(GradcheckError, match="gives nan"):
        gradcheck(lambda x: (x * 0).sqrt() * x, Tensor([1.0]))


@FACES
def test_inputs_are_as_before_whatever_happens(face: Any) -> None:
    x = face(2.0)
    before = x.data
    gradcheck(lambda x: x * x, x)
    assert x.data is before
    assert not x.grad
    calls = []

    def fails(x: Any) -> Any:
        calls.append(float(x))
        if len(calls) == 2:
            raise OverflowError
        return x * x

    with pytest.raises(OverflowError):
        gradcheck(fails, x)
    assert calls[1] != 2
    assert x.data is before


def test_what_cannot_be_checked_is_refused() -> None:
    with pytest.raises(ValueError, match="input 1 is float32; finite differences need float64"):
        gradcheck(lambda a, b: a * b, (Tensor([1.0]), Tensor([1.0], dtype=np.float32)))
    with pytest.raises(ValueError, match="none of the inputs requires a gradient"):
        gradcheck(lambda x: x, Tensor([1.0], requires_grad=False))


def test_constants_among_the_inputs_are_left_alone() -> None:
    indices = Tensor([0.0, 1.0, 1.0], requires_grad=False)
    assert gradcheck(lambda x, i: x[i] ** 2, (Tensor([1.0, 2.0]), indices))
