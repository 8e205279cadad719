"""Derivative of a formula, two ways: by backpropagation, and by finite differences.

Where a formula has no value (NaN), it has no derivative either, though a rule such as (log x)' = 1/x would give one.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.autograd.gradcheck import grad
from engine.autograd.node import ancestors
from engine.autograd.tensor import Tensor
from engine.autograd.value import Value
from engine.dataclass import dataclass
from engine.formula import Formula

MAX_ORDER = 4
MAX_NODES = 50_000


@dataclass(frozen=True)
class Slopes:
    """Derivative estimates: what is known of a formula at one place x of one of its inputs.

    Attributes:
        value, ahead: f(x) and f(x+h).
        exact: the slope by the chain rule.
        forward: the slope of the secant through x and x+h.
        central: that of the secant through x-h and x+h.
    """

    value: float
    ahead: float
    exact: float
    forward: float
    central: float


# ── by backpropagation ────────────────────────────────────────────────────────────────────────────────────────────────


def slope(program: Formula, name: str, at: float) -> float:
    """d(output)/d(input `name`) where that input is `at` and the others have their numbers, by one backward pass.

    >>> from engine.formula import parse
    >>> slope(parse("3*x**2 - 4*x + 5"), "x", at=3.0)
    14.0

    Raises ValueError for a name that is not an input.
    """
    x = Value(at)
    y = program.of(name)(x)
    if not isinstance(y, Value):  # a plain float: computed from other inputs alone
        return 0.0
    y.backward()
    return x.grad if not math.isnan(y.data) else math.nan


def derivative(program: Formula, name: str, at: float, order: int) -> float:
    """The derivative of some order, from 1 to 4, as the gradient of a gradient of …

    Each backward pass but the last records a graph of its own, for the next one to go through. These graphs swell:
    every product doubles by the product rule, and so does what came of it.

    Raises ValueError for a name that is not an input, for another order, and where a graph that has to be
    differentiated again has more than 50,000 nodes.
    """
    _check_order(order)
    x = Value(at)
    y = program.of(name)(x)
    if math.isnan(y):
        return math.nan
    for n in range(1, order + 1):
        if not (isinstance(y, Value) and y.requires_grad):  # a constant: what it is derived from does not meet x
            return 0.0
        (y,) = grad(y, x, create_graph=n < order)
        if n < order:
            _check_size(y, n, order)
    return float(y)


def _check_size(y: Value, n: int, order: int) -> None:
    nodes = len(ancestors([y]))
    if nodes > MAX_NODES:
        raise ValueError(
            f"derivative of order {order}: the graph of order {n} has {nodes:,} nodes; allowed: up to {MAX_NODES:,}; "
            "take a lower order or a shorter formula"
        )


def curve(program: Formula, name: str, xs: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The output f and its derivative f' at many numbers of one input; the other inputs keep theirs.

    One backward pass serves all: f(x) depends on no x but its own, so the gradient of their sum holds every f'(x).

    Args:
        xs: array of any shape.

    Returns two new float64 arrays of that shape, in which infinities and NaN stay. Raises ValueError for a name that is
    not an input.
    """
    x = Tensor(np.array(xs, dtype=np.float64))
    y = program.of(name)(x)
    if not isinstance(y, Tensor):
        return np.full(x.shape, y), np.zeros(x.shape)
    (slopes,) = grad(y.sum(), x)
    return y.data, np.where(np.isnan(y.data), np.nan, slopes.data)


# ── by finite differences ─────────────────────────────────────────────────────────────────────────────────────────────


def forward_difference(f: Callable[[float], float], x: float, h: float) -> float:
    """(f(x+h) - f(x)) / h: the slope of the secant, which is wrong by about h·f''(x)/2 (Taylor).

    Raises ValueError for an h that is 0 or not finite.
    """
    _check_step(h)
    return (f(x + h) - f(x)) / h


def central_difference(f: Callable[[float], float], x: float, h: float, order: int = 1) -> float:
    """(f(x+h) - f(x-h)) / 2h, which is wrong by about h²·f'''(x)/6; a higher order is the difference of the difference.

    Multiplied out, order n is Σₖ (-1)ᵏ C(n, k) f(x + (n-2k)h) / (2h)ⁿ, wrong by about n·h²·f⁽ⁿ⁺²⁾(x)/6 (Abramowitz and
    Stegun, 25.1.2 and 25.3).

    Raises ValueError for an h that is 0 or not finite, and for an order outside 1 to 4.
    """
    _check_step(h)
    _check_order(order)

    def g(t: float) -> float:
        return f(t) if order == 1 else central_difference(f, t, h, order - 1)

    return (g(x + h) - g(x - h)) / (2 * h)


def best_step(x: float, order: int = 1) -> float:
    """An h for the central difference of some order, from 1 to 4, when all that is known is x.

    Taylor's theorem makes the difference wrong by about h², the rounding of f by about ε/hⁿ; they balance at
    ε^(1/(n+2)), with ε = 2⁻⁵². It is scaled with |x|, and is a power of two, which x+h takes up with little or no
    rounding (Press and others, Numerical Recipes, 3rd edition, section 5.7).
    """
    _check_order(order)
    _, exponent = math.frexp(max(1.0, abs(x)))
    return math.ldexp(1.0, exponent - 1 - round(52 / (order + 2)))


# ── beside one another ────────────────────────────────────────────────────────────────────────────────────────────────


def slopes_at(program: Formula, name: str, h: float) -> Slopes:
    """The slopes of the output over one input, where that has its number.

    Raises ValueError for a name that is not an input, and for an h that is 0 or not finite.
    """
    f, x = program.of(name), program.inputs[name]
    return Slopes(f(x), f(x + h), slope(program, name, x), forward_difference(f, x, h), central_difference(f, x, h))


def order_at(program: Formula, name: str, n: int) -> tuple[float | None, float]:
    """The derivative of order n, from 1 to 4: by the chain rule, and by central differences with the best step.

    The first is None where the graph of the order before has too many nodes. Raises ValueError for a name that is not
    an input, and for another order.
    """
    x = program.inputs[name]
    difference = central_difference(program.of(name), x, best_step(x, n), n)
    try:
        return derivative(program, name, x, n), difference
    except ValueError:  # that of the order before has swollen to too many nodes
        return None, difference


def absolute_error(estimate: float, exact: float) -> float:
    """|estimate - exact|: 0 for one infinity beside the same; NaN where one of the two is no number."""
    return 0.0 if estimate == exact else math.fabs(estimate - exact)


def _check_step(h: float) -> None:
    if not math.isfinite(h) or h == 0:
        raise ValueError(f"step h = {h} is not allowed; allowed: any finite number but 0")


def _check_order(order: int) -> None:
    if order not in range(1, MAX_ORDER + 1):
        raise ValueError(f"order {order} is not allowed; allowed: 1 to {MAX_ORDER}")
