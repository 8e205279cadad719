"""Learning-rate schedules: one table of factors by which the learning rate is multiplied, step after step."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from engine.autograd.ops import cos, div, floor, maximum, minimum, power
from engine.dataclass import dataclass


@dataclass(frozen=True)
class Schedule:
    """Learning-rate schedule: the factor of the rate at step t (from 0), in a time that is measured in `span` steps.

    Written with rows of the table, so that it runs on numbers and inside a compiled program.
    """

    label: str
    description: str
    factor: Callable[[Any, Any], Any]


def _between(t: Any, begin: Any, end: Any) -> Any:
    """How much of the way from one step to another is behind: 0 before it, 1 after it."""
    return minimum(maximum(div(t - begin, end - begin), 0.0), 1.0)


def _half_wave(share: Any) -> Any:
    """From 1 down to 0 along half a cosine."""
    return 0.5 + 0.5 * cos(math.pi * share)


def _one_cycle(t: Any, span: Any) -> Any:
    """As PyTorch's OneCycleLR: up from 1/25 in three tenths of the span, and down to a ten thousandth of that."""
    lowest, end = 1 / 25, 1 / 25e4
    top = maximum(0.3 * span - 1.0, 0.5)
    up = 1.0 - (1 - lowest) * _half_wave(_between(t, 0.0, top))
    return up - (1 - end) * (1.0 - _half_wave(_between(t, top, maximum(span - 1.0, top + 0.5))))


def _warm_up_cosine(t: Any, span: Any) -> Any:
    """Up in the first tenth of the span, and then down to nothing along a cosine."""
    warm = 0.1 * span
    return minimum(div(t + 1.0, warm), 1.0) * _half_wave(_between(t, warm, span))


CONSTANT = Schedule("Constant", "the learning rate stays as it is set", lambda t, span: 1.0)

SCHEDULES: dict[str, Schedule] = {
    "constant": CONSTANT,
    "steps": Schedule("Halved in steps", "half as large after each span",
                      lambda t, span: power(0.5, floor(div(t, span)))),
    "decay": Schedule("Exponential", "falls smoothly, to half after each span",
                      lambda t, span: power(0.5, div(t, span))),
    "inverse": Schedule("Inverse", "1 / (1 + t/span): falls ever more slowly",
                        lambda t, span: div(1.0, 1.0 + div(t, span))),
    "cosine": Schedule("Cosine", "falls to nothing along a cosine, in one span (Loshchilov and Hutter 2017)",
                       lambda t, span: _half_wave(minimum(div(t, span), 1.0))),
    "warm_up": Schedule("Warm-up", "rises to its full value in one span",
                        lambda t, span: minimum(div(t + 1.0, span), 1.0)),
    "warm_up_cosine": Schedule("Warm-up, cosine", "rises in a tenth of the span, then falls to nothing along a cosine",
                               _warm_up_cosine),
    "one_cycle": Schedule("One cycle", "rises from 1/25 in 3/10 of the span, then falls to nothing (Smith 2018)",
                          _one_cycle),
}  # fmt: skip
