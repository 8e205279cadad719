"""Rewrite rules: cheaper forms of what operators and derivative rules ask for. One table, each row with its saving.

A rule is tried whenever its operation is applied, and sees only the inputs. It gives a node of the same value, shape
and dtype, or None. Rules may be applied before or after differentiation: whatever they make has derivatives too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from engine.autograd.array_ops import expand, index, matmul, reshape, reverse_axes, sum_, sum_to, transpose
from engine.autograd.ops import Op, absolute, add, mul, neg, power, sub
from engine.compiler.buffer import BIAS, WEIGHTS
from engine.compiler.ir import IRNode
from engine.dataclass import dataclass

RewriteRule = Callable[..., Any]  # a cheaper IRNode, or None


def _with_ones(x: Any) -> Any:
    return np.concatenate([x, np.ones((len(x), 1), x.dtype)], axis=1)


# fmt: off
# ── three operations that only programs have ──────────────────────────────────────────────────────────────────────────
with_ones: Op = Op("with_ones", "[x 1]", None, _with_ones,
                   lambda g, y, x: index(g, key=(slice(None), slice(0, x.shape[1]))))
inner:     Op = Op("inner",     "·",     None, lambda a, b: np.vdot(a, b),
                   lambda g, y, a, b: g * b,
                   lambda g, y, a, b: g * a)
# the gradients of all parameters in one vector
gather:    Op = Op("gather",    "g",     None, lambda *blocks: np.concatenate([block.reshape(-1) for block in blocks]))
# fmt: on


def _is(x: IRNode, number: float) -> bool:
    return x.is_number and x.number == number


def _gives_way(x: IRNode, other: IRNode) -> bool:
    """Whether the result of an operation on both has the shape and the dtype of the other alone."""
    return (
        np.broadcast_shapes(x.shape, other.shape) == other.shape and np.result_type(x.data, other.data) == other.dtype
    )


def _times(a: IRNode, b: IRNode) -> Any:
    if _is(a, 1) and _gives_way(a, b):
        return b
    if b.ndim == 0 and (a.ndim or (b.is_number and not a.is_number)):
        return mul(b, a)  # numbers first, so that they meet
    if b.op is neg:
        return -mul(a, b.parents[0])
    if a.op is neg:
        return -mul(a.parents[0], b)
    if a.ndim == 0 and b.op is mul:
        first, second = b.parents
        if first.ndim == 0 and (second.ndim or (a.is_number and first.is_number)):
            return mul(mul(a, first), second)
    return None


def _plus(a: IRNode, b: IRNode) -> Any:
    if a is b:
        return mul(2.0, a)
    if b.op is neg:
        return sub(a, b.parents[0])
    return sub(b, a.parents[0]) if a.op is neg else None


def _negated(x: IRNode) -> Any:
    if x.op is neg:
        return x.parents[0]
    if x.op is mul and x.parents[0].is_number:
        return mul(-x.parents[0], x.parents[1])
    return None


def _raised(a: IRNode, b: IRNode) -> Any:
    return mul(a, a) if _is(b, 2) and _gives_way(b, a) else None


def _size_of(x: IRNode) -> Any:
    return absolute(x.parents[0]) if x.op is neg else None


def _reversed(x: IRNode) -> Any:
    return transpose(x) if x.ndim == 2 else None


def _summed_to(x: IRNode, shape: Any) -> Any:
    if x.shape == shape:
        return x
    added = x.ndim - len(shape)
    stretched = tuple(i for i, n in enumerate(x.shape) if i < added or shape[i - added] != n)
    if x.ndim == 2 and stretched == (0,):  # BLAS adds rows up in a fifth of the time
        return reshape(matmul(x.graph.constant(np.ones((1, len(x.data)), x.dtype)), x), shape=shape)
    return reshape(sum_(x, axis=stretched, keepdims=True), shape=shape)


def _summed(x: IRNode, axis: Any, keepdims: bool) -> Any:
    if x.ndim == 0:
        return x
    axes = range(x.ndim) if axis is None else [axis] if isinstance(axis, int) else axis
    if len({a % x.ndim for a in axes}) < x.ndim or x.size == 0:
        return None
    if x.op is mul and x.parents[0].shape == ():
        total = x.parents[0] * sum_(x.parents[1], axis=None, keepdims=False)
    elif x.op is mul and x.parents[0].shape == x.parents[1].shape:
        total = inner(*x.parents)
    else:
        ones = np.ones((), x.dtype)
        total = inner(x, expand(x.graph.constant(ones), shape=x.shape))
    return reshape(total, shape=(1,) * x.ndim) if keepdims else total


def _biased(product: IRNode, bias: IRNode) -> Any:
    if product.op is matmul and product.ndim == 2 and product.parents[1].op is transpose and bias.op is index:
        (weights,), (block,) = product.parents[1].parents, bias.parents
        # each node stands once: what is made again is the same
        is_whole = block.op is None and block.ndim == 2 and weights is index(block, key=WEIGHTS)
        if is_whole and bias is index(block, key=BIAS):
            return matmul(with_ones(product.parents[0]), transpose(block))
    return None


@dataclass(frozen=True)
class Rewrite:
    """Rewrite rule: its name, what it says, what it saves, and for each operation that it looks at the cheaper form."""

    name: str
    says: str
    saves: str
    rewrites: dict[Op, RewriteRule]


REWRITES = (
    Rewrite("bias", "a bias is one more column of the weights: x Wᵀ + b = [x 1] [W b]ᵀ",
             "two calls a layer: adding the bias, and adding up its gradient",
             {add: _biased}),
    Rewrite("sums", "a sum of products is an inner product, a plain sum one with ones, and factors wait for it",
             "a call and an array, and BLAS adds up in half of the time of sum()",
             {sum_: _summed, sum_to: _summed_to}),
    Rewrite("products", "1·x is x, numbers meet: 2·(3·x) = 6·x, (-x)·y = -(x·y)",
             "a call each",
             {mul: _times}),
    Rewrite("plus", "x + x = 2·x, a + (-b) = a - b",
             "a call each; and the 2 may meet another number",
             {add: _plus}),
    Rewrite("powers", "x² = x·x",
             "a power takes ten times as long as a product",
             {power: _raised}),
    Rewrite("signs", "-(-x) = x, -(2·x) = (-2)·x, |-x| = |x|",
             "a call each",
             {neg: _negated, absolute: _size_of}),
    Rewrite("views", "the axes of a matrix in reverse order are its transpose",
             "nothing by itself, for views cost nothing: but other rules look for a transpose",
             {reverse_axes: _reversed}),
)  # fmt: skip


def rules() -> dict[Op, list[RewriteRule]]:
    """For each operation its rules, in the order of the table."""
    table: dict[Op, list[RewriteRule]] = {}
    for row in REWRITES:
        for op, rewrite in row.rewrites.items():
            table.setdefault(op, []).append(rewrite)
    return table
