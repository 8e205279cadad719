"""The primitive operations: one table, each row an operation and its derivatives.

A row says how to compute the operation on floats and on arrays, and for each input how the gradient `g` of the output
becomes the gradient of that input. `y` is the output, `a, b` or `x` are the inputs.

The derivative rules use only `+ - *` and other rows. So the same text runs on floats (a `Value`'s backward pass), on
arrays (a `Tensor`'s), and on nodes, where it records: that gives derivatives of derivatives. Calling a row does the
same: `tanh(0.5)`, `tanh(array)`, `tanh(value)` and `tanh(tensor)` all work.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from engine.autograd.graph import Node

Rule = Callable[..., Any] | None


class Op:
    """One primitive operation.

    Args:
        name: the row's name; also the method's of `Value` and `Tensor`.
        symbol: how mathematics writes it.
        on_floats: computes it on Python floats; None where it means nothing on a single number.
        on_arrays: computes it on NumPy arrays.
        rules: one derivative rule per input; None for an input that no derivative flows to.
    """

    __slots__ = ("name", "on_arrays", "on_floats", "rules", "symbol")

    def __init__(
        self,
        name: str,
        symbol: str,
        on_floats: Callable[..., float] | None,
        on_arrays: Callable[..., Any],
        *rules: Rule,
    ) -> None:
        self.name, self.symbol = name, symbol
        self.on_floats, self.on_arrays, self.rules = on_floats, on_arrays, rules

    def __repr__(self) -> str:
        return f"Op({self.name})"

    def __call__(self, *inputs: Any, **params: Any) -> Any:
        for x in inputs:
            if isinstance(x, Node):
                return x.record(self, inputs, params)
        if self.on_floats is None or any(isinstance(x, np.ndarray | np.generic) for x in inputs):
            return self.on_arrays(*inputs, **params)
        return self.on_floats(*inputs, **params)

    def derivative(self, i: int, g: Any, y: Any, inputs: Sequence[Any], params: dict[str, Any]) -> Any:
        """The gradient of input `i`, given the gradient `g` of the output `y`; None if none flows."""
        rule = self.rules[i]
        return rule(g, y, *inputs, **params) if rule is not None else None


def _ieee(on_floats: Callable[..., float], on_arrays: Callable[..., Any]) -> Callable[..., float]:
    """Python raises where IEEE 754 has an infinity or NaN; there NumPy gives the answer."""

    def compute(*xs: float) -> float:
        try:
            return on_floats(*xs)
        except (ArithmeticError, ValueError):
            with np.errstate(all="ignore"):
                return float(on_arrays(*map(np.float64, xs)))

    return compute


def _logistic(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-x))


def _softplus(x: float) -> float:
    return (x if x > 0 else 0.0) + math.log1p(math.exp(-abs(x))) if x == x else x


def _winner(a: Any, b: Any) -> Any:
    """1 where a > b, ½ at a tie, 0 where a < b: the share of max(a, b) that is a's. NaN where either is NaN."""
    share = (np.greater(a, b) + np.greater_equal(a, b)) * np.asarray(a).dtype.type(0.5)
    return np.where(np.isnan(a) | np.isnan(b), np.nan, share).astype(share.dtype)


def _float_winner(a: float, b: float) -> float:
    return math.nan if a != a or b != b else ((a > b) + (a >= b)) / 2


def _as_a(compare: Callable[..., Any]) -> Callable[..., Any]:
    """A comparison whose answer is 0.0 or 1.0 in the dtype of its first input."""
    return lambda a, b: compare(a, b).astype(np.asarray(a).dtype)


def _nan_or(x: float, y: float) -> float:
    """y, but NaN where x is: a maximum must not hide a NaN."""
    return x if x != x else y


# ── arithmetic ───────────── symbol  on floats        on arrays       derivative with respect to each input ─────────
add: Op = Op("add", "+", operator.add, np.add,
         lambda g, y, a, b: g,
         lambda g, y, a, b: g)  # fmt: skip
sub: Op = Op("sub", "-", operator.sub, np.subtract,
         lambda g, y, a, b: g,
         lambda g, y, a, b: -g)  # fmt: skip
mul: Op = Op("mul", "*", operator.mul, np.multiply,
         lambda g, y, a, b: g * b,
         lambda g, y, a, b: g * a)  # fmt: skip
div: Op = Op("div", "/", _ieee(operator.truediv, np.true_divide), np.true_divide,
         lambda g, y, a, b: div(g, b),
         lambda g, y, a, b: -div(g * y, b))  # fmt: skip
neg: Op = Op("neg", "-", operator.neg, np.negative,
         lambda g, y, x: -g)  # fmt: skip
# x⁰ = 1 and 0ᵇ = 0 are flat at 0, where b·xᵇ⁻¹ would be 0·∞ and xᵇ·log x would be 0·(-∞)
power: Op = Op("power", "**", _ieee(math.pow, np.power), np.power,
           lambda g, y, a, b: where(equal(b, 0.0), 0.0, g * b * power(a, b - 1.0)),
           lambda g, y, a, b: where(equal(a, 0.0) * at_least(b, 0.0), 0.0, g * y * log(a)))  # fmt: skip

# ── functions ────────────────────────────────────────────────────────────────────────────────────────────────────
exp: Op = Op("exp", "exp", _ieee(math.exp, np.exp), np.exp,
         lambda g, y, x: g * y)  # fmt: skip
log: Op = Op("log", "log", _ieee(math.log, np.log), np.log,
         lambda g, y, x: div(g, x))  # fmt: skip
sqrt: Op = Op("sqrt", "√", _ieee(math.sqrt, np.sqrt), np.sqrt,
          lambda g, y, x: div(g, y + y))  # fmt: skip
sin: Op = Op("sin", "sin", _ieee(math.sin, np.sin), np.sin,
         lambda g, y, x: g * cos(x))  # fmt: skip
cos: Op = Op("cos", "cos", _ieee(math.cos, np.cos), np.cos,
         lambda g, y, x: -(g * sin(x)))  # fmt: skip
tanh: Op = Op("tanh", "tanh", math.tanh, np.tanh,
          lambda g, y, x: g * (1.0 - y * y))  # fmt: skip
sigmoid: Op = Op("sigmoid", "σ", _ieee(_logistic, lambda x: 1.0 / (1.0 + np.exp(-x))), lambda x: 1.0 / (1.0 + np.exp(-x)),
             lambda g, y, x: g * (y * (1.0 - y)))  # fmt: skip
softplus: Op = Op("softplus", "softplus", _softplus, lambda x: np.logaddexp(x, x.dtype.type(0)),
              lambda g, y, x: g * sigmoid(x))  # fmt: skip
relu: Op = Op("relu", "ReLU", lambda x: _nan_or(x, max(x, 0.0)), lambda x: np.maximum(x, 0.0),
          lambda g, y, x: g * step(x))  # fmt: skip
elu: Op = Op("elu", "ELU", lambda x: x if x > 0 else math.expm1(x), lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0.0))),
         lambda g, y, x: g * (1.0 - relu(-y)))  # fmt: skip
absolute: Op = Op("abs", "abs", abs, np.abs,
              lambda g, y, x: g * sign(x))  # fmt: skip
maximum: Op = Op("maximum", "max", lambda a, b: _nan_or(a, _nan_or(b, max(a, b))), np.maximum,
             lambda g, y, a, b: g * winner(a, b),
             lambda g, y, a, b: g * winner(b, a))  # fmt: skip
minimum: Op = Op("minimum", "min", lambda a, b: _nan_or(a, _nan_or(b, min(a, b))), np.minimum,
             lambda g, y, a, b: g * winner(b, a),
             lambda g, y, a, b: g * winner(a, b))  # fmt: skip

# ── piecewise constant: their derivative is zero wherever it exists, so no gradient flows ─────────────────────────
step: Op = Op("step", "step", lambda x: _nan_or(x, float(x > 0)), lambda x: np.heaviside(x, x.dtype.type(0)), None)
sign: Op = Op("sign", "sign", lambda x: _nan_or(x, float((x > 0) - (x < 0))), np.sign, None)
winner: Op = Op("winner", "≥", _float_winner, _winner, None, None)
equal: Op = Op("equal", "=", lambda a, b: float(a == b), _as_a(np.equal), None, None)
at_least: Op = Op("at_least", "≥", lambda a, b: float(a >= b), _as_a(np.greater_equal), None, None)
where: Op = Op("where", "where", lambda c, a, b: a if c else b, np.where,
           None,
           lambda g, y, c, a, b: where(c, g, 0.0),
           lambda g, y, c, a, b: where(c, 0.0, g))  # fmt: skip
