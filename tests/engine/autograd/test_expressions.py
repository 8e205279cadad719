"""Broadcasting and random expressions: Value against Tensor, both against finite differences (engine-case 13)."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra.numpy import mutually_broadcastable_shapes

from engine import Tensor, Value, cos, exp, grad, gradcheck, maximum, minimum, relu, sigmoid, sin, softplus, tanh

BINARY: list[Callable[[Any, Any], Any]] = [
    operator.add,
    operator.sub,
    operator.mul,
    lambda a, b: a / (b * b + 1.0),
    lambda a, b: (a * a + 1.0) ** (b * 0.5),
    maximum,
    minimum,
]
UNARY: list[Callable[[Any], Any]] = [tanh, sigmoid, softplus, sin, cos, relu, abs, lambda x: exp(x * 0.3), lambda x: -x]


# ── broadcasting ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("left", "right", "result"),
    [
        ((3, 1), (1, 4), (3, 4)),
        ((2, 3), (3,), (2, 3)),
        ((), (2, 3), (2, 3)),
        ((1,), (2, 3), (2, 3)),
        ((1, 1), (), (1, 1)),
        ((2, 1, 3), (4, 1), (2, 4, 3)),
        ((0, 3), (1, 3), (0, 3)),
        ((1,), (0,), (0,)),
        ((5, 3), (5, 3), (5, 3)),
    ],
)
@pytest.mark.parametrize("f", BINARY)
def test_a_gradient_has_its_operands_shape(f: Any, left: Any, right: Any, result: Any) -> None:
    rng = np.random.default_rng(0)
    a, b = Tensor(rng.normal(size=left)), Tensor(rng.normal(size=right))
    assert f(a, b).shape == result
    total = f(a, b).sum()
    for create_graph in (False, True):
        assert [g.shape for g in grad(total, (a, b), create_graph)] == [left, right]
    total.backward()
    assert a.grad is not None
    assert b.grad is not None
    assert (a.grad.shape, b.grad.shape) == (left, right)
    assert gradcheck(f, (a, b))
    if total.size:
        assert gradcheck(lambda a, b: grad((f(a, b) ** 2).sum(), (a, b), create_graph=True)[1], (a, b))


@given(
    shapes=mutually_broadcastable_shapes(num_shapes=3, max_dims=3, min_side=0, max_side=3),
    first=st.sampled_from(BINARY),
    second=st.sampled_from(BINARY),
    seed=st.integers(0, 100),
)
def test_gradients_of_any_shapes_that_broadcast(shapes: Any, first: Any, second: Any, seed: int) -> None:
    rng = np.random.default_rng(seed)
    tensors = [Tensor(rng.normal(size=shape)) for shape in shapes.input_shapes]

    def f(a: Tensor, b: Tensor, c: Tensor) -> Tensor:
        return second(first(a, b), c)

    assert f(*tensors).shape == shapes.result_shape
    f(*tensors).sum().backward()
    for tensor in tensors:
        assert tensor.grad is not None
        assert tensor.grad.shape == tensor.shape
    assert gradcheck(lambda *xs: f(*xs).sum(), tensors)


@given(shapes=mutually_broadcastable_shapes(num_shapes=2, max_dims=3, min_side=1, max_side=3), seed=st.integers(0, 99))
def test_products_of_any_shapes_that_fit(shapes: Any, seed: int) -> None:
    rng = np.random.default_rng(seed)
    left, right = shapes.input_shapes
    a, b = Tensor(rng.normal(size=(*left, 2, 3))), Tensor(rng.normal(size=(*right, 3, 1)))
    assert (a @ b).shape == (*shapes.result_shape, 2, 1)
    assert gradcheck(lambda a, b: (a @ b).sum(), (a, b))
    (a @ b).sum().backward()
    assert a.grad is not None
    assert b.grad is not None
    assert (a.grad.shape, b.grad.shape) == (a.shape, b.shape)


# ── random expressions ────────────────────────────────────────────────────────────────────────────────────────────────


@st.composite
def expressions(draw: st.DrawFn) -> tuple[list[float], Callable[..., Any]]:
    """Numbers, and a function of them: a graph in which any node may be used any number of times."""
    numbers = draw(st.lists(st.floats(-2, 2), min_size=1, max_size=3))
    steps = draw(
        st.lists(
            st.tuples(st.sampled_from(BINARY), st.integers(0, 20), st.integers(0, 20))
            | st.tuples(st.sampled_from(UNARY), st.integers(0, 20)),
            min_size=1,
            max_size=12,
        )
    )

    def f(*leaves: Any) -> Any:
        nodes = list(leaves)
        for function, *operands in steps:
            # kept small, so that no tower of powers overflows
            nodes.append(tanh(function(*[nodes[i % len(nodes)] for i in operands])) * 2.0)
        return nodes[-1] + sum(leaf * leaf for leaf in leaves)

    return numbers, f


@given(expressions())
def test_values_and_tensors_agree(expression: tuple[list[float], Callable[..., Any]]) -> None:
    numbers, f = expression
    values, tensors = [Value(x) for x in numbers], [Tensor(x) for x in numbers]
    rows = [Tensor([x, x]) for x in numbers]
    by_value, by_tensor, by_row = f(*values), f(*tensors), f(*rows)
    assert by_tensor.item() == pytest.approx(by_value.data, rel=1e-12, abs=1e-12)
    assert by_row.data == pytest.approx(by_value.data, rel=1e-12, abs=1e-12)
    by_value.backward()
    by_tensor.backward()
    by_row.sum().backward()
    for value, tensor, row in zip(values, tensors, rows, strict=True):
        assert tensor.grad == pytest.approx(value.grad, rel=1e-12, abs=1e-12)
        assert row.grad == pytest.approx(value.grad, rel=1e-12, abs=1e-12)


@given(expressions())
def test_first_and_second_derivatives_agree_between_the_faces(
    expression: tuple[list[float], Callable[..., Any]],
) -> None:
    numbers, f = expression
    found = []
    for face in (Value, Tensor):
        leaves = [face(x) for x in numbers]
        (first,) = grad(f(*leaves), leaves[0], create_graph=True)
        (second,) = grad(first, leaves[0])
        assert float(grad(f(*leaves), leaves[0])[0]) == float(first)
        found.append((float(first), float(second)))
    assert found[0] == pytest.approx(found[1], rel=1e-11, abs=1e-11)


@given(expressions().filter(lambda pair: all(abs(x) > 0.01 for x in pair[0])))
def test_random_expressions_agree_with_finite_differences(
    expression: tuple[list[float], Callable[..., Any]],
) -> None:
    numbers, f = expression
    assert gradcheck(f, [Value(x) for x in numbers], raise_exception=False) or near_a_kink(f, numbers)


def near_a_kink(f: Callable[..., Any], numbers: list[float]) -> bool:
    """Whether left and right slopes differ: there backpropagation gives one of many slopes, differences another."""
    centre = f(*map(Value, numbers)).data
    for i in range(len(numbers)):
        h = 1e-6
        sides = [f(*[Value(x + s * h * (j == i)) for j, x in enumerate(numbers)]).data for s in (1, -1)]
        if abs((sides[0] - centre) - (centre - sides[1])) / h > 1e-4:
            return True
    return False
