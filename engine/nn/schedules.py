"""Learning-rate schedules: one table of factors by which the learning rate is multiplied, step after step."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from engine.autograd.ops import cos, div, floor, minimum, power


@dataclass(frozen=True)
class Schedule:
    """Learning-rate schedule: the factor of the rate at step t (from 0), in a time that is measured in `span` steps.

    Written with rows of the table, so that it runs on numbers and inside a compiled program.
    """

    label: str
    description: str
    factor: Callable[[Any, Any], Any]


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
                       lambda t, span: 0.5 + 0.5 * cos(math.pi * minimum(div(t, span), 1.0))),
    "warm_up": Schedule("Warm-up", "rises to its full value in one span",
                        lambda t, span: minimum(div(t + 1.0, span), 1.0)),
}  # fmt: skip
