"""Operator overloading: what `Value` and `Tensor` share: operators, elementwise functions, and the backward pass."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from engine.autograd import ops
from engine.autograd.node import Node, backward_pass
from engine.autograd.ops import Op

N = TypeVar("N", bound="Arithmetic")


def _unary(op: Op, says: str = "") -> Callable[[N], N]:
    def method(self: N) -> N:
        return self.record(op, (self,), {})

    method.__name__, method.__doc__ = op.name, says
    return method


def _binary(op: Op, says: str = "") -> Callable[[N, Any], N]:
    def method(self: N, other: Any) -> N:
        return self.record(op, (self, other), {})

    method.__name__, method.__doc__ = op.name, says
    return method


def _reflected(op: Op) -> Callable[[N, Any], N]:
    """For `2 - x`, which Python asks x about."""

    def method(self: N, other: Any) -> N:
        return self.record(op, (other, self), {})

    return method


class Arithmetic(Node):
    """Node with operators: `a * b + 1` builds a graph, `backward()` runs the chain rule through it."""

    __slots__ = ()

    __add__, __radd__ = _binary(ops.add), _reflected(ops.add)
    __sub__, __rsub__ = _binary(ops.sub), _reflected(ops.sub)
    __mul__, __rmul__ = _binary(ops.mul), _reflected(ops.mul)
    __truediv__, __rtruediv__ = _binary(ops.div), _reflected(ops.div)
    __pow__, __rpow__ = _binary(ops.power), _reflected(ops.power)
    __neg__, __abs__ = _unary(ops.neg), _unary(ops.absolute)

    # fmt: off
    neg      = _unary(ops.neg,      "-x.")
    abs      = _unary(ops.absolute, "|x|; its derivative at 0 is taken as 0.")
    exp      = _unary(ops.exp,      "eˣ.")
    log      = _unary(ops.log,      "Natural logarithm: -∞ at 0, NaN below.")
    sqrt     = _unary(ops.sqrt,     "Square root; its derivative at 0 is ∞.")
    sin      = _unary(ops.sin,      "Sine of an angle in radians.")
    cos      = _unary(ops.cos,      "Cosine of an angle in radians.")
    tanh     = _unary(ops.tanh,     "Hyperbolic tangent: squashes everything into (-1, 1).")
    sigmoid  = _unary(ops.sigmoid,  "1 / (1 + e⁻ˣ): squashes everything into (0, 1).")
    softplus = _unary(ops.softplus, "log(1 + eˣ), computed so that a large x does not overflow.")
    relu     = _unary(ops.relu,     "max(x, 0); its derivative at 0 is taken as 0.")
    elu      = _unary(ops.elu,      "x above 0, eˣ - 1 below (Clevert and others 2016).")
    maximum  = _binary(ops.maximum, "The larger of two; where they tie, each receives half of the gradient.")
    minimum  = _binary(ops.minimum, "The smaller of two; where they tie, each receives half of the gradient.")
    # fmt: on

    def _seed(self) -> Any:
        """d(self)/d(self), in the form of this node's data. Raises ValueError unless the node is a single number."""
        raise NotImplementedError

    def start(self) -> Any:
        """What a backward pass from here starts with: 1. Raises ValueError if this is nowhere to start from."""
        if not self.requires_grad:
            raise ValueError(f"backward: {self!r} depends on nothing that requires a gradient")
        return self._seed()

    def backward(self) -> None:
        """Give every node that led here its `grad`: the derivative of this number with respect to that node.

        Leaves add to the `grad` that they have, so that gradients of several backward passes sum; set it to zero
        between two steps of training. What lies between is overwritten. The rules read the data that the nodes hold
        now, so go backward before anything moves them.

        Raises ValueError unless this is a single number that was computed from something with a gradient.
        """
        seed = self.start()
        with np.errstate(all="ignore"):
            for node, gradient in backward_pass(self, seed):
                node.accumulate_grad(gradient)
