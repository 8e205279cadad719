"""Array operations: the rows of the table that single numbers have no use for: products, sums, moving elements about.

They come in pairs that undo each other's shapes: what `expand` spreads, `sum_to` gathers; what `index` picks,
`scatter` puts back.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.autograd.ops import Op, Rule, div, equal

Array = NDArray[Any]
Axis = int | tuple[int, ...] | None

_BASIC = (int, np.integer, slice, type(Ellipsis), type(None))


def _matmul(a: Array, b: Array) -> Array:
    product: Array = a.dot(b) if a.ndim == b.ndim == 2 else np.matmul(a, b)
    return product


def _expand(x: Array, shape: tuple[int, ...]) -> Array:
    """x spread to a shape, as broadcasting does: a copy, which is made sooner than np.broadcast_to's view."""
    out = np.empty(shape, x.dtype)
    out[...] = x
    return out


def _sum_to(x: Array, shape: tuple[int, ...]) -> Array:
    """Sum over the axes along which `shape` was broadcast to x's shape."""
    total: Array
    if x.ndim == 2 and x.shape[1:] == shape:  # a bias: BLAS adds rows up in a fifth of the time
        total = np.ones(len(x), x.dtype).dot(x)
    else:
        added = x.ndim - len(shape)
        stretched = tuple(i for i, n in enumerate(x.shape) if i < added or shape[i - added] != n)
        total = x.sum(axis=stretched, keepdims=True).reshape(shape)
    return total


def is_basic(key: Any) -> bool:
    """Whether an index picks no element twice, as a list of indices may, so that what it picks is a view."""
    parts = key if isinstance(key, tuple) else (key,)
    return all(isinstance(part, _BASIC) and not isinstance(part, bool) for part in parts)


def _scatter(x: Array, key: Any, shape: tuple[int, ...]) -> Array:
    """An array of zeros with x added at `key`: an element picked twice receives twice."""
    out = np.zeros(shape, dtype=x.dtype)
    if is_basic(key):
        out[key] = x
    else:
        np.add.at(out, key, x)
    return out


def _uniform(x: Array, generator: np.random.Generator) -> Array:
    return generator.random(x.shape, np.float32).astype(x.dtype, copy=False)


def _spread(g: Any, x: Any, axis: Axis) -> Any:
    """The gradient of a reduction, as large as what was reduced."""
    n = len(x.shape)
    kept = [1] * n
    if axis is not None:
        gone = {i % n for i in ((axis,) if isinstance(axis, int) else axis)} if n else set()
        kept = [1 if i in gone else length for i, length in enumerate(x.shape)]
    return expand(reshape(g, shape=tuple(kept)), shape=x.shape)


def _max_mask(y: Any, x: Any, axis: Axis) -> Any:
    """The share that each element has in the maximum y of x: elements that tie share equally."""
    largest = equal(x, _spread(y, x, axis))
    return div(largest, _spread(sum_(largest, axis=axis, keepdims=True), x, axis))


def _joined_slices(parts: Sequence[Any], axis: int) -> list[tuple[slice, ...]]:
    """Where each part of a concatenation stands in the whole."""
    ends = np.cumsum([part.shape[axis] for part in parts]).tolist()
    before = (slice(None),) * (axis % parts[0].ndim)
    return [(*before, slice(end - part.shape[axis], end)) for part, end in zip(parts, ends, strict=True)]


class _SharedRule(tuple[Rule]):
    """The one rule of any number of inputs: it is told first which of them it is for."""

    def __getitem__(self, i: Any) -> Any:
        rule: Any = super().__getitem__(0)
        return partial(rule, i)


def unbroadcast(gradient: Any, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Any:
    """A gradient in the shape and dtype of what it is of: summed over whatever broadcasting spread."""
    if gradient.shape != shape:
        gradient = sum_to(gradient, shape=shape)
    return gradient if gradient.dtype == dtype else cast(gradient, dtype=dtype)


# fmt: off
# ── moving elements ──────────────────────────────────────────────────────────────────────────────────────────────────
#                     name            symbol      floats, on arrays
#                     derivative with respect to each input
transpose:    Op = Op("transpose",    "ᵀ",        None, lambda x: x.swapaxes(-1, -2),
                      lambda g, y, x: transpose(g))
reverse_axes: Op = Op("reverse_axes", "ᵀ",        None, lambda x: x.T,
                      lambda g, y, x: reverse_axes(g))
reshape:      Op = Op("reshape",      "reshape",  None, lambda x, shape: x.reshape(shape),
                      lambda g, y, x, shape: reshape(g, shape=x.shape))
cast:         Op = Op("cast",         "cast",     None, lambda x, dtype: x.astype(dtype),
                      lambda g, y, x, dtype: cast(g, dtype=x.dtype))
index:        Op = Op("index",        "[ ]",      None, lambda x, key: x[key],
                      lambda g, y, x, key: scatter(g, key=key, shape=x.shape))
scatter:      Op = Op("scatter",      "[ ]ᵀ",     None, _scatter,
                      lambda g, y, x, key, shape: index(g, key=key))
cat:          Op = Op("cat",          "cat",      None, lambda *xs, axis: np.concatenate(xs, axis=axis))
cat.rules = _SharedRule((lambda i, g, y, *xs, axis: index(g, key=_joined_slices(xs, axis)[i]),))

# no gradient flows: by decree; and to what only lends its shape to numbers drawn from 0 to 1, anew each time
detach:       Op = Op("detach",       "detach",   None, lambda x: x,
                      None)
uniform:      Op = Op("uniform",      "random",   None, _uniform,
                      None)

# ── reducing and spreading ───────────────────────────────────────────────────────────────────────────────────────────
matmul:       Op = Op("matmul",       "@",        None, _matmul,
                      lambda g, y, a, b: matmul(g, transpose(b)),
                      lambda g, y, a, b: matmul(transpose(a), g))
expand:       Op = Op("expand",       "expand",   None, _expand,
                      lambda g, y, x, shape: sum_to(g, shape=x.shape))
sum_to:       Op = Op("sum_to",       "Σ",        None, _sum_to,
                      lambda g, y, x, shape: expand(g, shape=x.shape))
sum_:         Op = Op("sum",          "Σ",        None, lambda x, axis, keepdims: x.sum(axis=axis, keepdims=keepdims),
                      lambda g, y, x, axis, keepdims: _spread(g, x, axis))
max_:         Op = Op("max",          "max",      None, lambda x, axis, keepdims: x.max(axis=axis, keepdims=keepdims),
                      lambda g, y, x, axis, keepdims: _spread(g, x, axis) * _max_mask(y, x, axis))
# fmt: on
