"""The rows of the table that only arrays have: products of matrices, sums, and moving elements about.

They come in pairs that undo each other's shapes: what `expand` spreads, `sum_to` gathers; what `index` picks,
`scatter` puts back.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.autograd.ops import Op, div, equal

Array = NDArray[Any]
Axis = int | tuple[int, ...] | None


def _matmul(a: Array, b: Array) -> Array:
    product: Array = a.dot(b) if a.ndim == b.ndim == 2 else np.matmul(a, b)
    return product


def _sum_to(x: Array, shape: tuple[int, ...]) -> Array:
    """Sum over the axes along which `shape` was broadcast to x's shape."""
    added = x.ndim - len(shape)
    stretched = tuple(i for i, n in enumerate(x.shape) if i < added or shape[i - added] != n)
    return x.sum(axis=stretched, keepdims=True).reshape(shape)


def _scatter(x: Array, key: Any, shape: tuple[int, ...]) -> Array:
    """An array of zeros with x added at `key`: an element picked twice receives twice."""
    out = np.zeros(shape, dtype=x.dtype)
    np.add.at(out, key, x)
    return out


def kept_shape(shape: tuple[int, ...], axis: Axis) -> tuple[int, ...]:
    """A shape after a reduction that keeps the reduced axes at length 1."""
    reduced = range(len(shape)) if axis is None else (axis,) if isinstance(axis, int) else axis
    gone = {i % len(shape) for i in reduced} if shape else set()
    return tuple(1 if i in gone else n for i, n in enumerate(shape))


def _spread(g: Any, x: Any, axis: Axis) -> Any:
    """The gradient of a reduction, as large as what was reduced."""
    return expand(reshape(g, shape=kept_shape(x.shape, axis)), shape=x.shape)


def _max_derivative(g: Any, y: Any, x: Any, axis: Axis, keepdims: bool) -> Any:
    """Elements that tie for the largest share the gradient."""
    largest = equal(x, _spread(y, x, axis))
    return _spread(g, x, axis) * div(largest, _spread(sum_(largest, axis=axis, keepdims=True), x, axis))


# ── row ─────── symbol  on arrays          derivative with respect to each input ───────────────────────────────────
matmul: Op = Op("matmul", "@", None, _matmul,
            lambda g, y, a, b: matmul(g, transpose(b)),
            lambda g, y, a, b: matmul(transpose(a), g))  # fmt: skip
transpose: Op = Op("transpose", "ᵀ", None, lambda x: x.swapaxes(-1, -2),
               lambda g, y, x: transpose(g))  # fmt: skip
reverse_axes: Op = Op("reverse_axes", "ᵀ", None, lambda x: x.T,
                  lambda g, y, x: reverse_axes(g))  # fmt: skip
reshape: Op = Op("reshape", "reshape", None, lambda x, shape: x.reshape(shape),
             lambda g, y, x, shape: reshape(g, shape=x.shape))  # fmt: skip
expand: Op = Op("expand", "expand", None, lambda x, shape: np.broadcast_to(x, shape),
            lambda g, y, x, shape: sum_to(g, shape=x.shape))  # fmt: skip
sum_to: Op = Op("sum_to", "Σ", None, _sum_to,
            lambda g, y, x, shape: expand(g, shape=x.shape))  # fmt: skip
sum_: Op = Op("sum", "Σ", None, lambda x, axis, keepdims: x.sum(axis=axis, keepdims=keepdims),
          lambda g, y, x, axis, keepdims: _spread(g, x, axis))  # fmt: skip
max_: Op = Op("max", "max", None, lambda x, axis, keepdims: x.max(axis=axis, keepdims=keepdims),
          _max_derivative)  # fmt: skip
index: Op = Op("index", "[ ]", None, lambda x, key: x[key],
           lambda g, y, x, key: scatter(g, key=key, shape=x.shape))  # fmt: skip
scatter: Op = Op("scatter", "[ ]ᵀ", None, _scatter,
             lambda g, y, x, key, shape: index(g, key=key))  # fmt: skip


def _joined_slices(parts: Sequence[Any], axis: int) -> list[tuple[slice, ...]]:
    """Where each part of a concatenation stands in the whole."""
    ends = np.cumsum([part.shape[axis] for part in parts]).tolist()
    before = (slice(None),) * (axis % parts[0].ndim)
    return [(*before, slice(end - part.shape[axis], end)) for part, end in zip(parts, ends, strict=True)]


class _Join(Op):
    """Joining takes any number of inputs: one rule serves them all."""

    __slots__ = ()

    def derivative(self, i: int, g: Any, y: Any, inputs: Sequence[Any], params: dict[str, Any]) -> Any:
        return index(g, key=_joined_slices(inputs, params["axis"])[i])


cat: Op = _Join("cat", "cat", None, lambda *xs, axis: np.concatenate(xs, axis=axis))


def count(shape: tuple[int, ...], axis: Axis) -> int:
    """How many elements of an array of this shape a reduction takes together."""
    return math.prod(n for n, kept in zip(shape, kept_shape(shape, axis), strict=True) if kept != n)
