"""Axis ranges: what stretch of an axis is shown. They are round and change by leaps, so the picture holds still."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from engine.formula.sampling import Array, spread

POLE = 8  # a curve that is this many times as high as most of it is has a pole, which no picture could hold
LEAST_FILLED = 0.25  # of its height: a picture that is emptier is fitted anew
MARGIN = 0.03  # of the height, so that a flat curve does not lie on the frame
NARROWEST, WIDEST = 1e-7, 1e12  # of a stretch: relative to how far from 0 it lies, and as it is

REACH = 6.0  # an input goes from -6 to 6, or twice as far, or four times …, until its number is between
_REACHES = [REACH * 2**n for n in range(38)]  # up to a million million

Range = tuple[float, float]


def reach(number: float) -> float:
    """How far an input goes to either side of 0, for a number to be between."""
    result: float = next(step for step in _REACHES if abs(number) <= step or step == _REACHES[-1])
    return result


def fitting(now: Range, curves: Iterable[Array], point: float, afresh: bool) -> Range:
    """A range that holds some curves and a point: the one of now, where that is not too small or by far too large."""
    ends = [end for ys in curves for end in _ends(ys)]
    ends += [point] if math.isfinite(point) and abs(point) < WIDEST else []
    low, high = (min(ends), max(ends)) if ends else (0.0, 1.0)
    if low == high:
        low, high = low - max(1.0, abs(low)), high + max(1.0, abs(low))
    is_held = now[0] <= low and high <= now[1]
    if is_held and not afresh and high - low >= LEAST_FILLED * (now[1] - now[0]):
        return now
    margin = MARGIN * (high - low)
    step = _round_up((high - low) / 8)
    return step * math.floor((low - margin) / step), step * math.ceil((high + margin) / step)


def _ends(ys: Array) -> list[float]:
    """The lowest and the highest place of a curve; without its poles, if it has some."""
    finite = ys[np.isfinite(ys) & (np.abs(ys) < WIDEST)]
    if len(finite) == 0:
        return []
    low, high, most = float(finite.min()), float(finite.max()), spread(finite)
    if most and high - low > POLE * most:
        middle = float(np.median(finite))
        low, high = max(low, middle - 2 * most), min(high, middle + 2 * most)
    return [low, high]


def shifted(stretch: Range, by: float) -> Range:
    """A range further along."""
    return stretch[0] + by, stretch[1] + by


def enlarged(stretch: Range, factor: float, around: float) -> Range:
    """A smaller range, in which one place stays where it is."""
    return around - (around - stretch[0]) / factor, around + (stretch[1] - around) / factor


def is_possible(stretch: Range) -> bool:
    """Whether a range is neither too narrow for floats nor too wide for a picture."""
    low, high = stretch
    return NARROWEST * max(1.0, abs(low), abs(high)) < high - low < WIDEST


def rounded_to(pixel: float, number: float) -> float:
    """A number, no more exact than a pixel can tell."""
    return round(number, -math.floor(math.log10(pixel)))


def _round_up(value: float) -> float:
    """The next of …, 1, 2, 5, 10, 20, 50, … that is not below a positive value."""
    decade = 10.0 ** math.floor(math.log10(value))
    return next(lead * decade for lead in (1, 2, 5, 10, 20) if value <= lead * decade)
