"""Gradient check of a formula: whether the engine differentiates it rightly, before a network trains with it."""

from __future__ import annotations

import math

import numpy as np

from engine.formula import Formula
from engine.microscope.gradcheck.derivatives import best_step, central_difference, slope

PLACES = np.linspace(-2.5, 2.5, 11)  # where the derivative is checked; odd ones, where corners are rare
AGREES = 1e-5  # relative to the larger of the two, or to 1


def check_formula(program: Formula) -> tuple[int, int]:
    """At how many places the engine's derivative agrees with a finite difference, and of how many, one input a time.

    Places where the formula is no number, or where the slopes to the left and to the right differ, are not counted.
    """
    agreeing = count = 0
    for name in program.free:
        f = program.of(name)
        for x in PLACES.tolist():
            h = best_step(x)
            numbers = [f(x - h), f(x), f(x + h)]
            left, right = (numbers[1] - numbers[0]) / h, (numbers[2] - numbers[1]) / h
            if not all(map(math.isfinite, numbers)) or abs(left - right) > 0.01 * max(1.0, abs(left), abs(right)):
                continue
            analytical, numerical = slope(program, name, x), central_difference(f, x, h)
            count += 1
            agreeing += abs(analytical - numerical) <= AGREES * max(1.0, abs(analytical), abs(numerical))
    return agreeing, count
