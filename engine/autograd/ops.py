"""Primitive operations: one table, each row an operation and its derivatives.

A row says how to compute the operation on floats and on arrays, and for each input how the gradient `g` of the output
becomes the gradient of that input. `y` is the output, `a, b` or `x` are the inputs.

The derivative rules use only `+ - *` and other rows. So the same text runs on floats (a `Value`'s backward pass), on
arrays (a `Tensor`'s), and on nodes, where it records: that gives derivatives of derivatives. Calling a row does the
same: `tanh(0.5)`, `tanh(array)`, `tanh(value)` and `tanh(tensor)` all work.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from engine.autograd.node import Node

Rule = Callable[..., Any] | None

_ARRAYS = (np.ndarray, np.generic)


class Op:
    """Primitive operation: a row of the table.

    Args:
        name: the row's name; also the method's of `Value` and `Tensor`.
        symbol: how mathematics writes it.
        on_floats: computes it on Python floats; None where it means nothing on a single number.
        on_arrays: computes it on NumPy arrays.
        rules: one derivative rule per input; None for an input that no derivative flows to.
    """

    __slots__ = ("name", "on_arrays", "on_floats", "rules", "symbol")

    def __init__(self, name: str, symbol: str, on_floats: Callable[..., float] | None, on_arrays: Callable[..., Any],
                 *rules: Rule) -> None:  # fmt: skip
        self.name, self.symbol = name, symbol
        self.on_floats, self.on_arrays, self.rules = on_floats, on_arrays, rules

    def __repr__(self) -> str:
        return f"Op({self.name})"

    def __call__(self, *inputs: Any, **params: Any) -> Any:
        for x in inputs:
            if isinstance(x, Node):
                return x.record(self, inputs, params)
        for x in inputs:
            if isinstance(x, _ARRAYS):
                return self.on_arrays(*inputs, **params)
        return (self.on_floats or self.on_arrays)(*inputs, **params)


def _ieee(on_floats: Callable[..., float], on_arrays: Callable[..., Any]) -> Callable[..., float]:
    """Python raises where IEEE 754 has an infinity or NaN; there NumPy gives the answer."""

    @wraps(on_floats)  # so that whoever writes a program out finds what is meant
    def compute(*xs: float) -> float:
        try:
            return on_floats(*xs)
        except (ArithmeticError, ValueError):
            with np.errstate(all="ignore"):
                return float(on_arrays(*map(np.float64, xs)))

    return compute


class CompositeOp(Op):
    """Composite operation: computes on arrays by other rows, which a compiler can share."""

    __slots__ = ()


def _float_sigmoid(x: float) -> float:
    return math.exp(min(x, 0.0)) / (1.0 + math.exp(-abs(x)))


def _sigmoid(x: Any) -> Any:
    """1 / (1 + e⁻ˣ), multiplied through by eˣ where x is negative, so that nothing overflows."""
    return div(exp(minimum(x, 0.0)), 1.0 + exp(-absolute(x)))


def _float_softplus(x: float) -> float:
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))


def _softplus(x: Any) -> Any:
    """log(1 + eˣ) as max(x, 0) + log(1 + exp(-|x|)), like NumPy's logaddexp but vectorised."""
    return maximum(x, 0.0) + log1p(exp(-absolute(x)))


def _float_elu(x: float) -> float:
    return x if x > 0 else math.expm1(x)


def _elu(x: Any) -> Any:
    """One of the two summands is always 0."""
    return maximum(x, 0.0) + expm1(minimum(x, 0.0))


def _float_relu(x: float) -> float:
    return max(x, 0.0)  # in this order NaN stays NaN


def _float_maximum(a: float, b: float) -> float:
    return b if b != b else max(a, b)


def _float_minimum(a: float, b: float) -> float:
    return b if b != b else min(a, b)


def _float_sign(x: float) -> float:
    return x if x != x else float((x > 0) - (x < 0))


def _float_step(x: float) -> float:
    return x if x != x else float(x > 0)


def _float_floor(x: float) -> float:
    return x // 1.0


def _float_max_mask(a: float, b: float) -> float:
    return math.nan if a != a or b != b else ((a > b) + (a >= b)) / 2


def _max_mask(a: Any, b: Any) -> Any:
    """1 where a > b, ½ at a tie, 0 where a < b: a's share of max(a, b). NaN where either is NaN."""
    share = np.greater(a, b) * 0.5 + np.greater_equal(a, b) * 0.5
    return np.where(np.isnan(a) | np.isnan(b), np.nan, share).astype(np.result_type(a, b))


def _float_equal(a: float, b: float) -> float:
    return float(a == b)


def _equal(a: Any, b: Any) -> Any:
    return np.equal(a, b).astype(np.result_type(a, b))


def _float_greater_equal(a: float, b: float) -> float:
    return float(a >= b)


def _greater_equal(a: Any, b: Any) -> Any:
    return np.greater_equal(a, b).astype(np.result_type(a, b))


# fmt: off
# ── arithmetic ───────────────────────────────────────────────────────────────────────────────────────────────────────
#                 name        symbol      on floats                             on arrays
#                 derivative with respect to each input
add:      Op = Op("add",      "+",        operator.add,                         np.add,
                  lambda g, y, a, b: g,
                  lambda g, y, a, b: g)
sub:      Op = Op("sub",      "-",        operator.sub,                         np.subtract,
                  lambda g, y, a, b: g,
                  lambda g, y, a, b: -g)
mul:      Op = Op("mul",      "*",        operator.mul,                         np.multiply,
                  lambda g, y, a, b: g * b,
                  lambda g, y, a, b: g * a)
div:      Op = Op("div",      "/",        _ieee(operator.truediv, np.divide),   np.divide,
                  lambda g, y, a, b: div(g, b),
                  lambda g, y, a, b: -div(g * y, b))
neg:      Op = Op("neg",      "-",        operator.neg,                         np.negative,
                  lambda g, y, x: -g)
# x⁰ = 1 and 0ᵇ = 0 are flat at 0: there b·xᵇ⁻¹ must not become 0·∞, nor xᵇ·log x become 0·(-∞)
power:    Op = Op("power",    "**",       _ieee(math.pow, np.power),            np.power,
                  lambda g, y, a, b: g * (b * power(a, b - 1.0 + equal(a, 0.0) * equal(b, 0.0))),
                  lambda g, y, a, b: g * (y * log(a + equal(a, 0.0) * greater_equal(b, 0.0))))

# ── functions ────────────────────────────────────────────────────────────────────────────────────────────────────────
exp:      Op = Op("exp",      "exp",      _ieee(math.exp, np.exp),              np.exp,
                  lambda g, y, x: g * y)
expm1:    Op = Op("expm1",    "expm1",    _ieee(math.expm1, np.expm1),          np.expm1,
                  lambda g, y, x: g * (y + 1.0))
log:      Op = Op("log",      "log",      _ieee(math.log, np.log),              np.log,
                  lambda g, y, x: div(g, x))
log1p:    Op = Op("log1p",    "log1p",    _ieee(math.log1p, np.log1p),          np.log1p,
                  lambda g, y, x: div(g, x + 1.0))
sqrt:     Op = Op("sqrt",     "√",        _ieee(math.sqrt, np.sqrt),            np.sqrt,
                  lambda g, y, x: div(g, y + y))
sin:      Op = Op("sin",      "sin",      _ieee(math.sin, np.sin),              np.sin,
                  lambda g, y, x: g * cos(x))
cos:      Op = Op("cos",      "cos",      _ieee(math.cos, np.cos),              np.cos,
                  lambda g, y, x: -(g * sin(x)))
tanh:     Op = Op("tanh",     "tanh",     math.tanh,                            np.tanh,
                  lambda g, y, x: g * (1.0 - y * y))
sigmoid:  Op = CompositeOp("sigmoid",   "σ",        _float_sigmoid,             _sigmoid,
                  lambda g, y, x: g * (y * (1.0 - y)))
softplus: Op = CompositeOp("softplus",  "softplus", _float_softplus,            _softplus,
                  lambda g, y, x: g * sigmoid(x))
relu:     Op = CompositeOp("relu",      "ReLU",     _float_relu,                lambda x: maximum(x, 0.0),
                  lambda g, y, x: g * step(x))
elu:      Op = CompositeOp("elu",       "ELU",      _float_elu,                 _elu,
                  lambda g, y, x: g * (1.0 - relu(-y)))
absolute: Op = Op("abs",      "abs",      abs,                                  np.abs,
                  lambda g, y, x: g * sign(x))
maximum:  Op = Op("maximum",  "max",      _float_maximum,                       np.maximum,
                  lambda g, y, a, b: g * max_mask(a, b),
                  lambda g, y, a, b: g * max_mask(b, a))
minimum:  Op = Op("minimum",  "min",      _float_minimum,                       np.minimum,
                  lambda g, y, a, b: g * max_mask(b, a),
                  lambda g, y, a, b: g * max_mask(a, b))

# ── piecewise constant: their derivative is zero wherever it exists, so no gradient flows ────────────────────────────
step:          Op = CompositeOp("step",   "step", _float_step,          lambda x: sign(maximum(x, 0.0)), None)
sign:          Op = Op("sign",            "sign", _float_sign,          np.sign,                           None)
floor:         Op = Op("floor",           "⌊ ⌋",  _float_floor,         np.floor,                          None)
max_mask:      Op = Op("max_mask",        "≥",    _float_max_mask,      _max_mask,                         None, None)
equal:         Op = Op("equal",           "=",    _float_equal,         _equal,                            None, None)
greater_equal: Op = Op("greater_equal",   "≥",    _float_greater_equal, _greater_equal,                    None, None)
# fmt: on
