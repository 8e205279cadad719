"""Operator overloading: what `Value` and `Tensor` share: operators, elementwise functions, and the backward pass."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from engine.autograd import ops
from engine.autograd.node import Node, backward_pass
from engine.autograd.ops import Op


class Arithmetic(Node):
    """Node with operators: `a * b + 1` builds a graph, `backward()` runs the chain rule through it."""

    __slots__ = ()

    def _do(self, op: Op, *inputs: Any) -> Self:
        return self.record(op, inputs, {})

    def __add__(self, other: Any) -> Self:
        return self._do(ops.add, self, other)

    def __radd__(self, other: Any) -> Self:
        return self._do(ops.add, other, self)

    def __sub__(self, other: Any) -> Self:
        return self._do(ops.sub, self, other)

    def __rsub__(self, other: Any) -> Self:
        return self._do(ops.sub, other, self)

    def __mul__(self, other: Any) -> Self:
        return self._do(ops.mul, self, other)

    def __rmul__(self, other: Any) -> Self:
        return self._do(ops.mul, other, self)

    def __truediv__(self, other: Any) -> Self:
        return self._do(ops.div, self, other)

    def __rtruediv__(self, other: Any) -> Self:
        return self._do(ops.div, other, self)

    def __pow__(self, other: Any) -> Self:
        return self._do(ops.power, self, other)

    def __rpow__(self, other: Any) -> Self:
        return self._do(ops.power, other, self)

    def __neg__(self) -> Self:
        return self._do(ops.neg, self)

    def __abs__(self) -> Self:
        return self.abs()

    def neg(self) -> Self:
        """-x."""
        return self._do(ops.neg, self)

    def abs(self) -> Self:
        """|x|; its derivative at 0 is taken as 0."""
        return self._do(ops.absolute, self)

    def exp(self) -> Self:
        """eˣ."""
        return self._do(ops.exp, self)

    def log(self) -> Self:
        """Natural logarithm: -∞ at 0, NaN below."""
        return self._do(ops.log, self)

    def sqrt(self) -> Self:
        """Square root; its derivative at 0 is ∞."""
        return self._do(ops.sqrt, self)

    def sin(self) -> Self:
        """Sine of an angle in radians."""
        return self._do(ops.sin, self)

    def cos(self) -> Self:
        """Cosine of an angle in radians."""
        return self._do(ops.cos, self)

    def tanh(self) -> Self:
        """Hyperbolic tangent: squashes everything into (-1, 1)."""
        return self._do(ops.tanh, self)

    def sigmoid(self) -> Self:
        """1 / (1 + e⁻ˣ): squashes everything into (0, 1)."""
        return self._do(ops.sigmoid, self)

    def softplus(self) -> Self:
        """log(1 + eˣ), computed so that a large x does not overflow."""
        return self._do(ops.softplus, self)

    def relu(self) -> Self:
        """max(x, 0); its derivative at 0 is taken as 0."""
        return self._do(ops.relu, self)

    def elu(self) -> Self:
        """x above 0, eˣ - 1 below (Clevert and others 2016)."""
        return self._do(ops.elu, self)

    def maximum(self, other: Any) -> Self:
        """The larger of two; where they tie, each receives half of the gradient."""
        return self._do(ops.maximum, self, other)

    def minimum(self, other: Any) -> Self:
        """The smaller of two; where they tie, each receives half of the gradient."""
        return self._do(ops.minimum, self, other)

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
