"""Tensor: an array that remembers how it was made. The same engine as `Value`, thousands of numbers at a time."""

from __future__ import annotations

import operator
from collections.abc import Iterator, Sequence
from typing import Any, Self, cast

import numpy as np
from numpy.typing import DTypeLike, NDArray

from engine.autograd import array_ops
from engine.autograd.arithmetic import Arithmetic
from engine.autograd.array_ops import Axis
from engine.autograd.node import Node, is_recording_program
from engine.autograd.ops import Op

# Python's numbers and NumPy's: NumPy would give way to the dtype of its own
_NUMBERS = (float, int, np.floating, np.integer)

_default_dtype: np.dtype[Any] = np.dtype(np.float64)


def set_default_dtype(dtype: DTypeLike) -> None:
    """The dtype of tensors made from lists, numbers and integers: float64 unless set to float32 (or float16)."""
    global _default_dtype
    chosen = np.dtype(dtype)
    if chosen.kind != "f":
        raise TypeError(f"set_default_dtype: {chosen} is not allowed; allowed: float16, float32, float64")
    _default_dtype = chosen


def get_default_dtype() -> np.dtype[Any]:
    """The dtype of tensors made from lists, numbers and integers."""
    return _default_dtype


def _array(data: Any, dtype: DTypeLike | None, fallback: DTypeLike) -> NDArray[Any]:
    """Data as an array of floats: floats keep their dtype, everything else takes the fallback's."""
    if isinstance(data, Node):
        raise TypeError(f"Tensor: {data!r} is a node already; use its .data, or .detach()")
    array = np.asarray(data)
    if array.dtype.kind not in "fiub":
        raise TypeError(f"Tensor: {type(data).__name__} of {array.dtype} is not allowed; a Tensor holds real numbers")
    if dtype is None:
        is_floats = isinstance(data, np.ndarray | np.generic) and array.dtype.kind == "f"
        dtype = array.dtype if is_floats else fallback
    elif np.dtype(dtype).kind != "f":
        raise TypeError(f"Tensor: dtype {np.dtype(dtype)} is not allowed; allowed: float16, float32, float64")
    return array.astype(dtype, copy=False)


def _operand(x: Any, dtype: np.dtype[Any]) -> Tensor:
    """What a tensor of this dtype meets in an operation, as a constant. A single number takes the tensor's dtype."""
    if isinstance(x, _NUMBERS):
        return Literal(np.asarray(x, dtype), requires_grad=False)
    return Tensor(_array(x, None, dtype), requires_grad=False)


class Tensor(Arithmetic):
    """Tensor: an array in a computation graph.

    >>> x = Tensor([[1.0, 2.0], [3.0, 4.0]])
    >>> (x ** 2).sum().backward()
    >>> x.grad
    array([[2., 4.],
           [6., 8.]])

    Args:
        data: numbers: nested lists, or an array, which is shared and not copied if its dtype fits.
        requires_grad: whether derivatives with respect to it are wanted. As with `Value`, they are unless you say no.
        dtype: float16, float32 or float64. Floating arrays keep theirs, everything else takes the default.
        label: a name to show.

    `grad` is a plain array of the tensor's own shape and dtype, None before the first backward pass.
    """

    __slots__ = ()

    data: NDArray[Any]
    grad: NDArray[Any] | None

    def __init__(self, data: Any, requires_grad: bool = True, dtype: DTypeLike | None = None, label: str = "") -> None:
        self.data = _array(data, dtype, _default_dtype)
        self.grad, self.label, self.requires_grad = None, label, requires_grad
        self.parents, self.op, self.params = (), None, {}

    @classmethod
    def record(cls, op: Op, inputs: Sequence[Any], params: dict[str, Any]) -> Self:
        """Compute an operation on arrays, remembering it unless `no_grad` says otherwise.

        While a program is recorded a constant remembers how it was computed too: the program computes it anew.
        """
        for x in inputs:
            if isinstance(x, Tensor):
                dtype = x.data.dtype
                break
        with np.errstate(all="ignore"):
            parents = tuple([x if isinstance(x, Tensor) else _operand(x, dtype) for x in inputs])
            data = op.on_arrays(*[p.data for p in parents], **params)
        # NumPy gives numbers, not arrays, where there are no axes
        node = Tensor.result(data if type(data) is np.ndarray else np.asarray(data), op, parents, params)
        if node.op is None and is_recording_program():
            node.parents, node.op, node.params = parents, op, params
        return cast(Self, node)

    def assign(self, data: Any) -> None:
        self.data = np.asarray(data, dtype=self.data.dtype)

    def unbroadcast(self, gradient: Any) -> Any:
        return array_ops.unbroadcast(gradient, self.data.shape, self.data.dtype)

    def accumulate_grad(self, gradient: Any) -> None:
        """Keep a gradient: a leaf adds it to what it has, an interior node forgets the last pass.

        A leaf's is an array of its own, free to be changed; interior nodes may share theirs.
        """
        if self.op is not None:
            self.grad = np.asarray(gradient)
        else:
            self.grad = np.array(gradient if self.grad is None else self.grad + gradient)

    def _seed(self) -> NDArray[Any]:
        if self.data.size != 1:
            raise ValueError(
                f"backward starts from a single number; this tensor has shape {self.shape}: take its sum or mean first"
            )
        return np.ones_like(self.data)

    @property
    def shape(self) -> tuple[int, ...]:
        """Length along each axis."""
        return self.data.shape

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return self.data.ndim

    @property
    def size(self) -> int:
        """Number of elements."""
        return self.data.size

    @property
    def dtype(self) -> np.dtype[Any]:
        """The elements' type: float16, float32 or float64."""
        return self.data.dtype

    def __len__(self) -> int:
        return len(self.data)

    def __iter__(self) -> Iterator[Tensor]:
        if not self.ndim:
            raise TypeError("a Tensor without axes holds one number and cannot be iterated over")
        return (self[i] for i in range(len(self)))

    def __float__(self) -> float:
        return self.item()

    def item(self) -> float:
        """The number in a tensor of one element. Raises ValueError if there are more."""
        return float(self.numpy().item())

    def numpy(self) -> NDArray[Any]:
        """The array itself, not a copy. Raises TypeError while a program is recorded, which would never see another."""
        if is_recording_program():
            name = self.label or f"a tensor of shape {self.shape}"
            raise TypeError(f"compile: {name} was read while recording, and the program would keep what it is now")
        return self.data

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[Any]:
        return np.array(self.numpy(), dtype=dtype, copy=copy)

    def detach(self) -> Tensor:
        """The same array as a constant: no derivative flows through it."""
        if not is_recording_program():
            return Tensor(self.data, requires_grad=False, label=self.label)
        node = self._with(array_ops.detach)
        node.requires_grad = False
        return node

    def __repr__(self) -> str:
        return f"Tensor({np.array2string(self.data, precision=4, separator=', ')}, dtype={self.dtype})"

    def __matmul__(self, other: Any) -> Tensor:
        return _product(self, other)

    def __rmatmul__(self, other: Any) -> Tensor:
        return _product(other, self)

    def _with(self, op: Op, **params: Any) -> Tensor:
        return self.record(op, (self,), params)

    @property
    def T(self) -> Tensor:
        """The transpose: all axes in reverse order."""
        return self._with(array_ops.reverse_axes)

    def reshape(self, *shape: Any) -> Tensor:
        """The same elements in another shape; -1 stands for whatever fits."""
        return self._with(array_ops.reshape, shape=shape[0] if len(shape) == 1 else shape)

    def __getitem__(self, key: Any) -> Tensor:
        """Elements by index, slice, mask or list of indices; an element picked twice receives its gradient twice."""
        plain = tuple(_plain_key(k) for k in key) if isinstance(key, tuple) else _plain_key(key)
        return self._with(array_ops.index, key=plain)

    def sum(self, axis: Axis = None, keepdims: bool = False, *, dim: Axis = None, keepdim: bool = False) -> Tensor:
        """Sum over the elements, or along an axis. `dim` and `keepdim` are PyTorch's names for the same."""
        axis = _axis(axis, dim)
        return self._with(array_ops.sum_, axis=axis, keepdims=keepdims or keepdim)

    def mean(self, axis: Axis = None, keepdims: bool = False, *, dim: Axis = None, keepdim: bool = False) -> Tensor:
        """Mean over the elements, or along an axis. `dim` and `keepdim` are PyTorch's names for the same."""
        total = self.sum(_axis(axis, dim), keepdims or keepdim)
        return total / (self.size // max(total.size, 1))

    def max(self, axis: Axis = None, keepdims: bool = False, *, dim: Axis = None, keepdim: bool = False) -> Tensor:
        """The largest element, or the largest along an axis; those that tie share the gradient."""
        axis = _axis(axis, dim)
        return self._with(array_ops.max_, axis=axis, keepdims=keepdims or keepdim)

    def log_softmax(self, axis: int = -1, *, dim: int | None = None) -> Tensor:
        """x - log Σ eˣ along an axis, computed so that no exponential overflows."""
        axis = axis if dim is None else dim
        shifted = self - self.max(axis, keepdims=True).detach()
        return shifted - shifted.exp().sum(axis, keepdims=True).log()


class Literal(Tensor):
    """Literal: a number that stands in a formula, like the 2 in `2 * x`: unlike any other leaf it never changes."""

    __slots__ = ()


def _axis(axis: Axis, dim: Axis) -> Axis:
    """One of the two names for the same thing; lists are as good as tuples, NumPy's integers as Python's."""
    chosen = axis if dim is None else dim
    if chosen is None:
        return None
    return tuple(map(operator.index, chosen)) if isinstance(chosen, tuple | list) else operator.index(chosen)


def _plain_key(key: Any) -> Any:
    """An index without a tensor in it: a tensor's floats stand for whole numbers."""
    return key.data.astype(np.int64) if isinstance(key, Tensor) else key


def _product(a: Any, b: Any) -> Tensor:
    """Matrix product. A vector is a row on the left and a column on the right, and the axis so added vanishes again."""
    left = a if isinstance(a, Tensor) else _operand(a, b.dtype)
    right = b if isinstance(b, Tensor) else _operand(b, a.dtype)
    m, n = left.data.shape, right.data.shape
    if not (m and n):
        raise ValueError(f"matmul: shapes {m} and {n}: a single number has no columns; use *")
    row, column = len(m) == 1, len(n) == 1
    columns, rows = m[-1], n[0 if column else -2]
    if columns != rows:
        raise ValueError(f"matmul: shapes {m} and {n} do not fit: {columns} columns meet {rows} rows")
    if not (row or column):
        return Tensor.record(array_ops.matmul, (left, right), {})
    left = left.reshape(1, -1) if row else left
    right = right.reshape(-1, 1) if column else right
    product = Tensor.record(array_ops.matmul, (left, right), {})
    shape = product.shape[:-2] + product.shape[-2:-1] * (not row) + product.shape[-1:] * (not column)
    return product.reshape(shape)
