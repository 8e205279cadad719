"""Curves of the other runs: pale, each in its run's colour, beside those of the run that is looked at."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor

from playground.model.branch import RunSummary
from playground.ui import theme

PALE = 0.6


def other_curves(
    runs: tuple[RunSummary, ...],
) -> Iterator[tuple[QColor, NDArray[np.int64], NDArray[np.float64]]]:
    """Colour, steps and losses of each run that is not looked at: on test points, or on those that it learns from
    where there are none.
    """
    for run in runs:
        if not run.is_current:
            curve = run.curve
            losses = curve.test if np.isfinite(curve.test).any() else curve.train
            is_known = np.isfinite(losses)
            yield theme.run_colour(run.number, PALE), curve.steps[is_known], losses[is_known]
