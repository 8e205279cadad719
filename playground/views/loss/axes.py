"""Axes of the loss plot: ranges that grow by leaps, the numbers along them, and where a step and a loss lie."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF

from playground.ui.number_format import tidied
from playground.ui.ticks import round_up

FEWEST_STEPS = 10  # that the x axis spans
FAR = 50  # times its height that a curve can be outside of the area
DECADES = 4  # labels at most on a logarithmic axis
_POWERS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


class LossAxes(NamedTuple):
    """Axes: steps from 0 to `right`, and losses from `bottom` to `top`, which are exponents of ten if `is_log`."""

    right: float = FEWEST_STEPS
    bottom: float = 0.0
    top: float = 1.0
    is_log: bool = False

    @classmethod
    def of(cls, last: float, seen: NDArray[np.floating], is_log: bool) -> LossAxes:
        """Axes with room for a last step and for losses that are finite, and above 0 where `is_log`."""
        low, high = (float(seen.min()), float(seen.max())) if len(seen) else (1.0, 1.0)
        bottom, top = _decades(low, high) if is_log else _from_zero(low, high)
        return cls(round_up(max(last, FEWEST_STEPS)), bottom, top, is_log)

    def points(self, steps: NDArray[np.number], heights: NDArray[np.floating], area: QRectF) -> tuple[Any, Any]:
        """Where steps and heights (n,) lie in an area of pixels, far outside of it as near: x (n,) and y (n,)."""
        span = self.top - self.bottom
        heights = np.clip(heights, self.bottom - FAR * span, self.top + FAR * span)
        x = area.left() + steps * (area.width() / self.right)
        y = area.bottom() - (heights - self.bottom) * (area.height() / span)
        return x, y

    def point(self, step: float, height: float, area: QRectF) -> QPointF:
        """Where one step and height lie."""
        x, y = self.points(np.array([step]), np.array([height]), area)
        return QPointF(x[0], y[0])

    def step_at(self, x: float, area: QRectF) -> float:
        """The step at an x of an area."""
        return (x - area.left()) / area.width() * self.right

    def steps(self) -> list[tuple[float, str]]:
        """Numbers along the steps, and as they are written."""
        return [(at, f"{at:,.0f}") for at in _ticks(self.right)]

    def losses(self) -> list[tuple[float, str]]:
        """Heights along the losses, and the losses that they stand for, as they are written."""
        if not self.is_log:
            above = [(at, tidied(f"{at:g}")) for at in _ticks(self.top)]
            return above if self.bottom == 0 else [(self.bottom, tidied(f"{self.bottom:g}")), *above]
        stride = math.ceil((self.top - self.bottom) / DECADES)
        exponents = range(int(self.bottom), int(self.top) + 1, stride)
        return [(float(at), "10" + str(at).translate(_POWERS)) for at in exponents]


def _from_zero(low: float, high: float) -> tuple[float, float]:
    """From 0 to above two values; what lies below 0 has as much room, at the most."""
    top = round_up(high)
    return (0.0 if low >= 0 else -min(round_up(-low), top)), top


def _decades(low: float, high: float) -> tuple[float, float]:
    """The whole powers of ten around two positive values, as exponents."""
    bottom = math.floor(math.log10(low))
    return bottom, max(math.ceil(math.log10(high)), bottom + 1)


def _ticks(end: float) -> list[float]:
    """Round numbers from 0 to below an end that `round_up` gave."""
    share = 0.25 if f"{end:e}".startswith("2") else 0.4
    return [i * share * end for i in range(math.ceil(1 / share))]
