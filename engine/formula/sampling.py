"""Adaptive sampling: where a curve is computed for the screen, so that gaps are seen as gaps and corners as corners.

A curve that moves from one sample to the next further than its slopes can account for, or the other way, is computed
anew in between. What is continuous is followed in that way; what goes on jumping, as 1/x does at 0, is a gap.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

SAMPLES = 301  # over the width of the picture
ROUNDS, FINER = 3, 16  # how often a jump is looked into, and with how many new samples
MOST_JUMPS = 24  # that are looked into; of more, as of sin(1000·x), no screen could show a single one
LEAP = 0.02  # of the curve's height: smaller jumps are not seen

Array = NDArray[np.float64]
Curve = Callable[[Array], tuple[Array, Array]]  # from places to heights and slopes


def sample(curve: Curve, left: float, right: float) -> tuple[Array, Array, Array]:
    """Places from left to right (n,), heights and slopes of the curve there. In a gap there is a NaN."""
    xs = np.linspace(left, right, SAMPLES)
    ys, slopes = curve(xs)
    height = spread(ys)
    for _ in range(ROUNDS):
        jumps = np.flatnonzero(_jumps(xs, ys, slopes, height) | _edges(ys))
        if not 0 < len(jumps) <= MOST_JUMPS:
            break
        shares = np.arange(1, FINER) / FINER
        new = (xs[jumps, None] + np.diff(xs)[jumps, None] * shares).reshape(-1)
        new_ys, new_slopes = curve(new)
        at = np.repeat(jumps + 1, FINER - 1)
        xs, ys, slopes = np.insert(xs, at, new), np.insert(ys, at, new_ys), np.insert(slopes, at, new_slopes)
    gaps = np.flatnonzero(_jumps(xs, ys, slopes, height)) + 1
    xs = np.insert(xs, gaps, (xs[gaps - 1] + xs[gaps]) / 2)
    return xs, np.insert(ys, gaps, np.nan), np.insert(slopes, gaps, np.nan)


def evenly(xs: Array, ys: Array) -> Array:
    """Of a curve that was sampled closely here and there, the heights at places that are equally far apart."""
    return ys[np.searchsorted(xs, np.linspace(xs[0], xs[-1], SAMPLES)).clip(max=len(xs) - 1)] if len(xs) else ys


def spread(ys: Array) -> float:
    """How high most of a curve is, whatever its poles."""
    finite = np.sort(ys[np.isfinite(ys)])
    if not len(finite):
        return 0.0
    with np.errstate(over="ignore"):  # by hand: the first quantile that NumPy is asked for costs it 50 ms of imports
        low, high = np.interp([0.05 * (len(finite) - 1), 0.95 * (len(finite) - 1)], np.arange(len(finite)), finite)
        return float(high - low)


def _jumps(xs: Array, ys: Array, slopes: Array, height: float) -> NDArray[np.bool_]:
    """Between which samples (n - 1,) the curve moves further, or another way, than the slopes at both can explain."""
    with np.errstate(all="ignore"):
        run, rise = np.diff(xs), np.diff(ys)
        before, after = run * slopes[:-1], run * slopes[1:]
        room = np.maximum(np.abs(before), np.abs(after))
        is_far = (rise > np.maximum(before, after) + room) | (rise < np.minimum(before, after) - room)
        is_contrary = (rise * before < 0) & (rise * after < 0)
        return (is_far | is_contrary) & (np.abs(rise) > LEAP * height)


def _edges(ys: Array) -> NDArray[np.bool_]:
    """Between which samples (n - 1,) the curve begins or ends."""
    there = np.isfinite(ys)
    return np.diff(there)
