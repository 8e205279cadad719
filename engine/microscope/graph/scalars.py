"""Scalars: what tensors compute at once, taken apart into operations on single numbers.

A recorded tensor graph is run again on arrays of nodes, an array of objects for each tensor: a row of the table that
works on single numbers is applied to each element by itself, and those that only move elements about move nodes. So
whatever the tables of activations and losses compute on a Tensor can be looked at number by number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.autograd import array_ops, ops
from engine.autograd.node import Node, ancestors
from engine.autograd.ops import Op

# nodes, or plain numbers where the tensor had constants
Elements = NDArray[np.object_]


def in_scalars(root: Node, known: Mapping[int, Elements]) -> Elements:
    """Scalar expansion: the elements of a recorded tensor, computed by operations on single numbers.

    Args:
        root: a tensor with the graph behind it.
        known: the elements of some tensors, by `id`; other leaves are constants.

    Raises ValueError if the graph contains an operation that has no meaning here.
    """
    found = dict(known)
    for tensor in ancestors([root]):
        if id(tensor) not in found:
            op, inputs = tensor.op, [found[id(p)] for p in tensor.parents]
            elements = _constants(tensor.data) if op is None else _expanded(op, inputs, tensor.params)
            is_held = not tensor.requires_grad and any(p.requires_grad for p in tensor.parents)  # made under `no_grad`
            found[id(tensor)] = _hold(elements) if is_held else elements
    return found[id(root)]


def _constants(data: Any) -> Elements:
    result = np.empty(np.shape(data), object)
    result[...] = np.asarray(data).tolist()
    return result


def _expanded(op: Op, inputs: list[Elements], params: dict[str, Any]) -> Elements:
    if op in _EXPANSIONS:
        result = _EXPANSIONS[op](*inputs, **params)
    elif op.on_floats is not None:
        result = _each(op, *inputs)
    elif op in _MOVES:
        result = op.on_arrays(*inputs, **params)
    else:
        raise ValueError(f"{op.name} cannot be taken apart into operations on single numbers")
    return result if isinstance(result, np.ndarray) else _alone(result)


def _alone(element: Any) -> Elements:
    """An array of no axes. (np.asarray would spread a column of numbers over an array of its own.)"""
    result = np.empty((), object)
    result[()] = element
    return result


def _each(op: Op, *inputs: Elements) -> Any:
    """An operation on the elements, one by one, spread as by broadcasting."""

    def apply(*xs: Any) -> Any:
        # ÷ 1 stands where a mean is of one number alone: exactly that number
        return xs[0] if op is ops.div and type(xs[1]) is float and xs[1] == 1.0 else op(*xs)

    return np.frompyfunc(apply, len(inputs), 1)(*inputs)


def _matmul(a: Elements, b: Elements) -> Any:
    """Sums of products, from the left to the right. The weight is written before what it weighs: w·x."""
    return _sum(_each(ops.mul, np.swapaxes(b, -1, -2)[None], a[:, None]), axis=-1, keepdims=False)


def _sum(x: Elements, axis: Any, keepdims: bool) -> Any:
    add: Any = np.add
    return add.reduce(x, axis=axis, keepdims=keepdims)


def _max(x: Elements, axis: int | None, keepdims: bool) -> Any:
    larger: Any = np.frompyfunc(ops.maximum, 2, 1)
    return larger.reduce(x, axis=axis, keepdims=keepdims)


def _held(x: Any) -> Any:
    """A number by which nothing is learnt; it is called after what computed it."""
    if not isinstance(x, Node):
        return x
    held = type(x).result(x.data, array_ops.detach, (), {})
    held.label = x.op.symbol if x.op is not None else x.label
    return held


def _hold(elements: Elements) -> Elements:
    held = np.frompyfunc(_held, 1, 1)(elements)
    return held if isinstance(held, np.ndarray) else _alone(held)


_EXPANSIONS: dict[Op, Callable[..., Any]] = {
    array_ops.matmul: _matmul,
    array_ops.sum_: _sum,
    array_ops.max_: _max,
    array_ops.detach: lambda x: x,  # held as all that no gradient flows through
    array_ops.cast: lambda x, dtype: x,
}
_MOVES = (
    array_ops.transpose,
    array_ops.reverse_axes,
    array_ops.reshape,
    array_ops.index,
    array_ops.cat,
    array_ops.expand,
)
