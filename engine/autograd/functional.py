"""Functional interface: `tanh(x)` for `x.tanh()`, on a Value, a Tensor, or plain numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import numpy as np

from engine.autograd import array_ops, ops
from engine.autograd.tensor import Tensor

__all__ = ["abs", "cat", "cos", "dropout", "elu", "exp", "log", "log_softmax", "max", "maximum", "mean", "minimum",
           "neg", "relu", "reshape", "sigmoid", "sin", "softplus", "sqrt", "sum", "tanh"]  # fmt: skip

# rows of the table, which can be called
abs, neg, exp, log, sqrt, sin, cos = ops.absolute, ops.neg, ops.exp, ops.log, ops.sqrt, ops.sin, ops.cos
tanh, sigmoid, softplus, relu, elu = ops.tanh, ops.sigmoid, ops.softplus, ops.relu, ops.elu
maximum, minimum = ops.maximum, ops.minimum


def _tensor(x: Any) -> Tensor:
    return x if isinstance(x, Tensor) else Tensor(x, requires_grad=False)


def _of_tensors(method: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """A method of Tensor as a function, also of plain numbers."""

    @wraps(method)
    def function(x: Any, *args: Any, **options: Any) -> Tensor:
        return method(_tensor(x), *args, **options)

    return function


sum, mean, max = _of_tensors(Tensor.sum), _of_tensors(Tensor.mean), _of_tensors(Tensor.max)
reshape, log_softmax = _of_tensors(Tensor.reshape), _of_tensors(Tensor.log_softmax)


def dropout(x: Any, p: float = 0.5, generator: np.random.Generator | None = None) -> Tensor:
    """Each element by chance 0, with probability p, or 1 / (1 - p) times itself (Srivastava and others 2014).

    Drawn anew at each call, from a generator of its own if none is given, and at each step of a compiled program.
    Raises ValueError unless 0 ≤ p < 1.
    """
    if not 0 <= p < 1:
        raise ValueError(f"dropout: p = {p} is not allowed; allowed: from 0 up to, but not, 1")
    tensor = _tensor(x)
    chance = Tensor.record(array_ops.uniform, (tensor,), {"generator": generator or np.random.default_rng()})
    kept: Tensor = ops.greater_equal(chance, p) / (1 - p)
    return tensor * kept


def cat(tensors: Sequence[Any], axis: int = 0, *, dim: int | None = None) -> Tensor:
    """Join tensors along an axis that they have. Raises ValueError for none, or for shapes that do not fit."""
    if len(tensors) == 0:
        raise ValueError("cat: an empty list is not allowed; give at least one tensor")
    parts = tensors if any(isinstance(t, Tensor) for t in tensors) else [_tensor(t) for t in tensors]
    return Tensor.record(array_ops.cat, parts, {"axis": axis if dim is None else dim})
