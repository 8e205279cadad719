"""Slopes: the derivative at one place, by the chain rule and by differences, to be held against one another."""

from __future__ import annotations

import math
from dataclasses import dataclass

from engine.formula import Formula
from engine.microscope.gradcheck.derivatives import (
    best_step,
    central_difference,
    derivative,
    forward_difference,
    slope,
)


@dataclass(frozen=True)
class Slopes:
    """What is known of a formula at one place x of one of its inputs.

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


# a derivative by the chain rule, None where its graph would be too large; and by differences
Order = tuple[float | None, float]


def slopes_at(program: Formula, name: str, h: float) -> Slopes:
    """The slopes of the output over one input, where that has its number."""
    f, x = program.of(name), program.inputs[name]
    return Slopes(
        value=f(x),
        ahead=f(x + h),
        exact=slope(program, name, x),
        forward=forward_difference(f, x, h),
        central=central_difference(f, x, h),
    )


def order_at(program: Formula, name: str, n: int) -> Order:
    """The derivative of order n, from 1 to 4, also by central differences with a step that suits the order."""
    x = program.inputs[name]
    difference = central_difference(program.of(name), x, best_step(x, n), n)
    try:
        return derivative(program, name, x, n), difference
    except ValueError:  # that of the order before has swollen to too many nodes
        return None, difference


def error(estimate: float, exact: float) -> float:
    """How far off an estimate is; NaN where one of the two is no number."""
    return 0.0 if estimate == exact else math.fabs(estimate - exact)
