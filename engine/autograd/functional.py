"""Functional interface: `tanh(x)` for `x.tanh()`, on a Value, a Tensor, or plain numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from engine.autograd import array_ops
from engine.autograd.array_ops import Axis
from engine.autograd.ops import (
    absolute as abs,
    cos,
    elu,
    exp,
    greater_equal,
    log,
    maximum,
    minimum,
    neg,
    relu,
    sigmoid,
    sin,
    softplus,
    sqrt,
    tanh,
)
from engine.autograd.tensor import Tensor

__all__ = [
    "abs",
    "cat",
    "cos",
    "dropout",
    "elu",
    "exp",
    "log",
    "log_softmax",
    "max",
    "maximum",
    "mean",
    "minimum",
    "neg",
    "relu",
    "reshape",
    "sigmoid",
    "sin",
    "softplus",
    "sqrt",
    "sum",
    "tanh",
]


def _tensor(x: Any) -> Tensor:
    return x if isinstance(x, Tensor) else Tensor(x, requires_grad=False)


def sum(x: Any, axis: Axis = None, keepdims: bool = False, *, dim: Axis = None, keepdim: bool = False) -> Tensor:
    """`Tensor.sum`."""
    return _tensor(x).sum(axis, keepdims, dim=dim, keepdim=keepdim)


def mean(x: Any, axis: Axis = None, keepdims: bool = False, *, dim: Axis = None, keepdim: bool = False) -> Tensor:
    """`Tensor.mean`."""
    return _tensor(x).mean(axis, keepdims, dim=dim, keepdim=keepdim)


def max(x: Any, axis: Axis = None, keepdims: bool = False, *, dim: Axis = None, keepdim: bool = False) -> Tensor:
    """`Tensor.max`."""
    return _tensor(x).max(axis, keepdims, dim=dim, keepdim=keepdim)


def reshape(x: Any, *shape: Any) -> Tensor:
    """`Tensor.reshape`."""
    return _tensor(x).reshape(*shape)


def log_softmax(x: Any, axis: int = -1, *, dim: int | None = None) -> Tensor:
    """`Tensor.log_softmax`."""
    return _tensor(x).log_softmax(axis, dim=dim)


def dropout(x: Any, p: float = 0.5, generator: np.random.Generator | None = None) -> Tensor:
    """Each element by chance 0, with probability p, or 1 / (1 - p) times itself (Srivastava and others 2014).

    Drawn anew at each call, from a generator of its own if none is given, and at each step of a compiled program.
    Raises ValueError unless 0 ≤ p < 1.
    """
    if not 0 <= p < 1:
        raise ValueError(f"dropout: p = {p} is not allowed; allowed: from 0 up to, but not, 1")
    tensor = _tensor(x)
    chance = Tensor.record(array_ops.uniform, (tensor,), {"generator": generator or np.random.default_rng()})
    kept: Tensor = greater_equal(chance, p) / (1 - p)
    return tensor * kept


def cat(tensors: Sequence[Any], axis: int = 0, *, dim: int | None = None) -> Tensor:
    """Join tensors along an axis that they have. Raises ValueError for none, or for shapes that do not fit."""
    if len(tensors) == 0:
        raise ValueError("cat: an empty list is not allowed; give at least one tensor")
    parts = tensors if any(isinstance(t, Tensor) for t in tensors) else [_tensor(t) for t in tensors]
    return Tensor.record(array_ops.cat, parts, {"axis": axis if dim is None else dim})
