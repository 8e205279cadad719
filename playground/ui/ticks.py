"""Ticks: round numbers along an axis."""

from __future__ import annotations

import math

from playground.ui.number_format import tidied

LONG = 4  # digits before or behind the point that are written out


def round_up(value: float) -> float:
    """The next of …, 1, 2, 5, 10, 20, 50, … that is not below a value; 1 for nothing."""
    if value <= 0:
        return 1.0
    decade = 10.0 ** math.floor(math.log10(value))
    return next(lead * decade for lead in (1, 2, 5, 10) if value <= lead * decade * (1 + 1e-9))


def ticks_between(low: float, high: float, most: int) -> list[tuple[float, str]]:
    """At most so many round numbers, equally far apart, from a low to a high end, and as they are written."""
    step = round_up((high - low) / (most - 1))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    digits = max(0, -math.floor(math.log10(step)))
    form = f".{digits}f" if digits < LONG and max(abs(low), abs(high)) < 10**LONG else f".{LONG - 1}g"
    return [(i * step, tidied(f"{i * step:{form}}")) for i in range(first, last + 1)]
