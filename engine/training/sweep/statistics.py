"""Statistics over seeds: what can be said of settings once the luck of a single run is taken out."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

NORMAL_95 = 1.959963984540054  # standard deviations on each side that 95 % of a normal distribution lie within


def wilson_interval(successes: int, count: int) -> tuple[float, float]:
    """The share that `successes` of `count` speak for, from the least to the greatest that is plausible, at 95 %.

    Wilson's score interval (1927), which unlike the usual ± is right for few runs and for shares near 0 and 1. For no
    run it is (0, 1): nothing is known.
    """
    if not count:
        return 0.0, 1.0
    share, z2 = successes / count, NORMAL_95**2
    middle = (share + z2 / (2 * count)) / (1 + z2 / count)
    reach = NORMAL_95 / (1 + z2 / count) * math.sqrt(share * (1 - share) / count + z2 / (4 * count**2))
    return (0.0 if successes == 0 else middle - reach), (1.0 if successes == count else middle + reach)


def quartiles(values: Sequence[float] | NDArray[np.float64]) -> tuple[float, float, float]:
    """Lower quartile, median and upper quartile of numbers; NaN, a run that diverged, counts as larger than any.

    Infinite where a quarter of the runs or more is lost; all NaN where there are none.
    """
    numbers = np.where(np.isnan(values), np.inf, values)
    if not len(numbers):
        return math.nan, math.nan, math.nan
    low, middle, high = np.quantile(numbers, (0.25, 0.5, 0.75), method="nearest").tolist()
    return low, middle, high
