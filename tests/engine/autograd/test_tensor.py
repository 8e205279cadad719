"""Tensor: making, dtypes, reductions, indexing, products, and errors that name shapes (engine-cases 14 to 16)."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from engine import Tensor, Value, cat, get_default_dtype, grad, gradcheck, set_default_dtype

rng = np.random.default_rng(0)


def drawn(*shape: int) -> Tensor:
    return Tensor(rng.normal(size=shape))


# ── making and dtypes ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def _float32() -> Iterator[None]:
    set_default_dtype(np.float32)
    yield
    set_default_dtype(np.float64)


def test_lists_and_integers_take_the_default_dtype() -> None:
    for data in (1, True, [1, 2], [[1.5]], np.arange(3), np.array([True, False]), [], np.uint8(3)):
        assert Tensor(data).dtype == get_default_dtype() == np.float64
    for dtype in (np.float16, np.float32, np.float64):
        assert Tensor(np.ones(2, dtype)).dtype == dtype
        assert Tensor([1], dtype=dtype).dtype == dtype


@pytest.mark.usefixtures("_float32")
def test_the_default_dtype_can_be_set() -> None:
    assert Tensor([1, 2]).dtype == np.float32
    assert Tensor(np.ones(2)).dtype == np.float64


@pytest.mark.parametrize("dtype", [np.int64, np.complex128, np.bool_, "U3"])
def test_other_dtypes_are_refused(dtype: Any) -> None:
    with pytest.raises(TypeError, match="allowed: float16, float32, float64"):
        Tensor([1.0], dtype=dtype)
    with pytest.raises(TypeError, match="allowed: float16, float32, float64"):
        set_default_dtype(dtype)


@pytest.mark.parametrize(
    "data", ["a", None, 1j, [Value(1.0)], np.array([object()])], ids=["text", "None", "complex", "Values", "objects"]
)
def test_other_data_are_refused(data: Any) -> None:
    with pytest.raises(TypeError, match="a Tensor holds real numbers"):
        Tensor(data)


def test_a_node_is_no_data() -> None:
    for node in (Value(1.0), Tensor([1.0])):
        with pytest.raises(TypeError, match="is a node already"):
            Tensor(node)


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_single_numbers_keep_the_dtype_and_gradients_have_their_tensors(dtype: Any) -> None:
    x = Tensor([1.0, 2.0], dtype=dtype)
    for number in (2, 2.0, np.float64(2), np.float32(2), np.int64(2), True):
        for result in (x * number, number * x, x**number, number - x, x.maximum(number), x / number):
            assert result.dtype == dtype
    wide = Tensor([3.0, 4.0])
    product = (x * wide).sum()
    assert product.dtype == np.float64
    for create_graph in (False, True):
        assert [g.dtype for g in grad(product, (x, wide), create_graph)] == [dtype, np.float64]
    product.backward()
    product.backward()
    assert x.grad is not None
    assert x.grad.dtype == dtype
    assert x.grad.tolist() == [6, 8]


def test_tensors_without_axes_hold_arrays() -> None:
    x = Tensor(3.0)
    for result in (x * x, x.sum(), x.mean(), x.max(), x.tanh(), x[()], x.T, x.reshape(()), Tensor([1.0, 2.0])[1]):
        assert type(result.data) is np.ndarray
        assert result.shape == ()
    (x * x).backward()
    assert type(x.grad) is np.ndarray
    assert (x.item(), float(x), x.ndim, x.size) == (3.0, 3.0, 0, 1)
    with pytest.raises(TypeError, match="without axes"):
        list(x)


def test_looking_at_a_tensor() -> None:
    x = Tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], label="x")
    assert (x.shape, x.ndim, x.size, len(x), x.label) == ((3, 2), 2, 6, 3, "x")
    assert [row.data.tolist() for row in x] == [[1, 2], [3, 4], [5, 6]]
    assert x.numpy() is x.data
    assert np.asarray(x).tolist() == x.data.tolist()
    assert repr(Tensor([1.0, 2.5])) == "Tensor([1. , 2.5], dtype=float64)"
    assert x.detach().requires_grad is False
    assert x.detach().data is x.data
    assert copy.deepcopy(x).data.tolist() == x.data.tolist()
    with pytest.raises(ValueError, match="size 1"):
        x.item()


# ── gradients that belong to their leaves ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "f", [lambda a, b: (a + b).sum(), lambda a, b: a.sum() + b.sum(), lambda a, b: (a.T + b.T).mean()]
)
def test_a_leafs_gradient_can_be_changed_in_place(f: Callable[[Tensor, Tensor], Tensor]) -> None:
    a, b = drawn(2, 2), drawn(2, 2)
    f(a, b).backward()
    assert a.grad is not None
    assert b.grad is not None
    before = b.grad.copy()
    a.grad *= 0.5
    assert (b.grad == before).all()
    assert (a.grad == before / 2).all()
    derivatives = grad(f(a, b), (a, b))
    derivatives[0].data[:] = 0
    assert (derivatives[1].data == before).all()


# ── reductions ────────────────────────────────────────────────────────────────────────────────────────────────────────

AXES = [None, 0, 1, -1, -3, (0, 2), (-1, 0), (2, 1, 0), (), [1, 2], np.int64(1)]


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("axis", AXES, ids=repr)
@pytest.mark.parametrize("name", ["sum", "mean", "max"])
def test_reductions_are_numpys_with_their_derivative(name: str, axis: Any, keepdims: bool) -> None:
    x = drawn(2, 3, 4)
    of_numpy = tuple(axis) if isinstance(axis, list) else axis
    expected = getattr(np, name)(x.data, axis=of_numpy, keepdims=keepdims)
    for result in (
        getattr(x, name)(axis, keepdims),
        getattr(x, name)(dim=axis, keepdim=keepdims),
        getattr(x, name)(axis=axis, keepdims=keepdims),
    ):
        assert result.shape == np.shape(expected)
        assert result.data == pytest.approx(expected, rel=1e-14)
    assert gradcheck(lambda x: getattr(x, name)(axis, keepdims), x)


@pytest.mark.parametrize("name", ["sum", "mean", "max"])
def test_an_axis_that_is_not_there_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="axis 2 is out of bounds"):
        getattr(drawn(2, 3), name)(2)
    with pytest.raises(ValueError, match="duplicate"):
        getattr(drawn(2, 3), name)((0, 0))
    with pytest.raises(TypeError):
        getattr(drawn(2, 3), name)(0.5)


def test_empty_tensors() -> None:
    x = Tensor(np.zeros((0, 3)))
    assert x.sum().item() == 0
    assert math.isnan(x.mean().item())
    assert np.isnan(x.mean(axis=0).data).all()
    assert x.mean(axis=1).shape == (0,)
    with pytest.raises(ValueError, match="zero-size"):
        x.max()
    (x.sum() + (x + np.ones(3)).sum() + (x @ np.ones((3, 2))).sum() + cat([x, x]).sum()).backward()
    assert x.grad is not None
    assert x.grad.shape == (0, 3)
    w = drawn(3, 2)
    (x @ w).sum().backward()
    assert (w.grad == np.zeros((3, 2))).all()


def test_the_largest_elements_share_the_gradient() -> None:
    x = Tensor([[1.0, 3.0, 3.0], [2.0, 2.0, 2.0]])
    x.max(axis=1).sum().backward()
    assert x.grad is not None
    assert x.grad == pytest.approx(np.array([[0, 0.5, 0.5], [1 / 3, 1 / 3, 1 / 3]]))
    y = Tensor([math.inf, math.inf, 1.0])
    y.max().backward()
    assert y.grad is not None
    assert y.grad.tolist() == [0.5, 0.5, 0]
    z = Tensor([1.0, math.nan])
    z.max().backward()
    assert z.grad is not None
    assert math.isnan(z.max().item())
    assert np.isnan(z.grad).all()


def test_squares_and_roots_at_zero() -> None:
    x = Tensor([0.0, 3.0])
    (x**2).sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [0, 6]
    x.zero_grad()
    x.sqrt().sum().backward()
    assert x.grad == pytest.approx([math.inf, 0.5 / math.sqrt(3)])


# ── moving elements ───────────────────────────────────────────────────────────────────────────────────────────────────

MASK = np.array([[True, False, True], [False, False, True]])
# fmt: off
KEYS: list[Any] = [
    0, -1, (1, 2), (-1, -1), np.int64(1), slice(None), slice(None, None, -1), slice(1, 1), slice(0, 2, 2), ...,
    None, (None, 0), (..., 0), (slice(None), -1), (slice(None), slice(0, 2)), (None, slice(None), None, 1),
    [0, 0, 1], [1, 1, 1, 1], [], np.array([[0, 1], [1, 1]]), ([0, 0], [1, 1]), ([0, 1, 0], 2), (slice(None), [2, 2, 0]),
    ([[0], [1]], [0, 2, 2]), MASK, [True, False], (slice(None), [True, False, True]), (MASK[:, 0], 1),
    Tensor([0.0, 1.0, 0.0]), (slice(None), Tensor([2.0, 2.0])), (0, Tensor([2.0, 2.0])), True, (Ellipsis, None, [1]),
]
# fmt: on


@pytest.mark.parametrize("key", KEYS, ids=repr)
def test_what_is_picked_receives_its_gradient(key: Any) -> None:
    x = drawn(2, 3)
    plain = tuple(np.asarray(k.data, int) if isinstance(k, Tensor) else k for k in key) if type(key) is tuple else key
    plain = plain.data.astype(int) if isinstance(plain, Tensor) else plain
    picked = x.data[plain]
    assert x[key].shape == picked.shape
    assert (x[key].data == picked).all()
    times = np.zeros((2, 3))
    np.add.at(times, plain, 1.0)
    x[key].sum().backward()
    assert x.grad is not None
    assert (x.grad == times).all()
    assert gradcheck(lambda x: grad((x[key] ** 3).sum(), x, create_graph=True)[0], x)


def test_an_index_out_of_bounds_is_refused() -> None:
    with pytest.raises(IndexError, match="index 2 is out of bounds for axis 0 with size 2"):
        drawn(2, 3)[2]
    with pytest.raises(IndexError, match="too many indices"):
        drawn(2)[0, 0]


@pytest.mark.parametrize("shape", [(6,), (3, 2), (1, 6), (-1,), (3, -1), ((2, 3),), ([6, 1],), (2, 1, 3)])
def test_reshape_and_transpose_move_gradients_back(shape: Any) -> None:
    x = drawn(2, 3)
    weights = rng.normal(size=x.data.reshape(*shape).shape)
    (x.reshape(*shape) * weights).sum().backward()
    assert (x.grad == weights.reshape(2, 3)).all()
    assert gradcheck(lambda x: x.T.reshape(*shape) ** 2, x)


def test_transposes_reverse_all_axes() -> None:
    x = drawn(2, 3, 4)
    assert x.T.shape == (4, 3, 2)
    assert (x.T.T.data == x.data).all()
    assert gradcheck(lambda x: x.T * np.arange(24.0).reshape(4, 3, 2), x)


@pytest.mark.parametrize("axis", [0, 1, -1, -2])
def test_joining_gives_each_part_its_gradient(axis: int) -> None:
    shapes = [(n, 3) if axis in (0, -2) else (3, n) for n in (2, 0, 1)]
    parts = [drawn(*shape) for shape in shapes]
    assert (cat(parts, axis).data == np.concatenate([p.data for p in parts], axis)).all()
    assert (cat(parts, dim=axis).data == cat(parts, axis).data).all()
    assert gradcheck(lambda *xs: cat(xs, axis) ** 2, parts)
    assert gradcheck(lambda x: cat([x, np.ones((2, 2)), x.T @ x, x][:: 1 if axis else 3], axis) ** 2, drawn(2, 2))


def test_joining_keeps_the_tensors_dtype_and_refuses_nothing_to_join() -> None:
    x = Tensor([1.0], dtype=np.float32)
    assert cat([x, [2, 3], (4.0,)]).dtype == np.float32
    assert cat([[1.0], [2.0]]).data.tolist() == [1, 2]
    with pytest.raises(ValueError, match="empty list"):
        cat([])
    with pytest.raises(ValueError, match=r"size 2 and .* size 3"):
        cat([np.ones((1, 2)), np.ones((1, 3))])


# ── products and errors ───────────────────────────────────────────────────────────────────────────────────────────────

# fmt: off
PRODUCTS = [
    ((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 2)), ((2, 3), (3, 4)), ((1, 1), (1, 1)), ((2, 0), (0, 3)), ((0,), (0,)),
    ((5, 2, 3), (3, 4)), ((2, 3), (5, 3, 4)), ((5, 2, 3), (5, 3, 4)), ((5, 1, 2, 3), (4, 3, 2)), ((5, 2, 3), (3,)),
    ((3,), (5, 3, 2)),
]
# fmt: on


@pytest.mark.parametrize(("left", "right"), PRODUCTS)
def test_matrix_products_are_numpys_with_their_derivative(left: tuple[int, ...], right: tuple[int, ...]) -> None:
    a, b = drawn(*left), drawn(*right)
    expected = a.data @ b.data
    for result in (a @ b, a.data @ b, a @ b.data):
        assert result.shape == expected.shape
        assert result.data == pytest.approx(expected)
    assert gradcheck(lambda a, b: (a @ b).sin(), (a, b))


# fmt: off
MISFITS: list[tuple[Callable[[], Any], str]] = [
    (lambda: drawn(3, 4) @ drawn(5, 2),      r"\(3, 4\) and \(5, 2\) do not fit: 4 columns meet 5 rows"),
    (lambda: np.ones((3, 4)) @ drawn(5, 2),  r"\(3, 4\) and \(5, 2\)"),
    (lambda: drawn(3, 4) @ drawn(5),         r"\(3, 4\) and \(5,\)"),
    (lambda: drawn(3) @ drawn(5, 2),         r"\(3,\) and \(5, 2\)"),
    (lambda: drawn(3) @ drawn(4),            r"\(3,\) and \(4,\)"),
    (lambda: drawn(2, 3, 4) @ drawn(3, 4, 5), r"\(2,3,4\).*\(3,4,5\)"),
    (lambda: drawn(3, 4) @ 2.0,              r"\(3, 4\) and \(\): a single number has no columns"),
    (lambda: 2.0 @ drawn(3, 4),              r"\(\) and \(3, 4\)"),
    (lambda: drawn(2, 3) + drawn(4),         r"\(2,3\) \(4,\)"),
    (lambda: drawn(2, 3) * np.ones((3, 2)),  r"\(2,3\) \(3,2\)"),
    (lambda: drawn(2).maximum(drawn(3)),     r"\(2,\) \(3,\)"),
    (lambda: drawn(2) ** drawn(3),           r"\(2,\) \(3,\)"),
    (lambda: drawn(2, 3).reshape(4),         r"size 6 into shape \(4,\)"),
    (lambda: drawn(2, 3).backward(),         r"a single number; this tensor has shape \(2, 3\)"),
    (lambda: grad(drawn(2) * 2, drawn(2)),   r"a single number; this tensor has shape \(2,\)"),
]
# fmt: on


@pytest.mark.parametrize(("misfit", "message"), MISFITS)
def test_what_does_not_fit_is_refused_with_both_shapes(misfit: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        misfit()


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_log_softmax_is_a_distribution(axis: int) -> None:
    x = drawn(3, 4)
    p = np.exp(x.log_softmax(axis).data)
    assert p.sum(axis=axis) == pytest.approx(1)
    assert p == pytest.approx(np.exp(x.data) / np.exp(x.data).sum(axis=axis, keepdims=True))
    assert (x.log_softmax(dim=axis).data == x.log_softmax(axis).data).all()
    assert gradcheck(lambda x: x.log_softmax(axis), x)
    assert gradcheck(lambda x: grad((x.log_softmax(axis) ** 2).sum(), x, create_graph=True)[0], x)
