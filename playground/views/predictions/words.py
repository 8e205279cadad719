"""Wording of the predictions: how good they are, and what is behind a cell or a dot."""

from __future__ import annotations

import numpy as np

from engine.microscope.inside.predictions import Predictions
from playground.ui.number_format import write_accuracy, write_fit
from playground.views.predictions.matrix import Cell

NO_POINTS = "There are no such points."
CLICK_CELL = "Choose a cell: its points are ringed in the plane."
CLICK_DOT = "Choose a dot: it is marked in the plane."
HIDDEN = "It is not among those that are counted."


def summary(found: Predictions) -> str:
    """How many are right, or how far off they are."""
    count = len(found)
    if found.score is None:
        return NO_POINTS
    unknown = f" Of {found.unknown:,} the network says no number." if found.unknown else ""
    if found.task.has_classes:
        return f"{found.right:,} of {count:,} are right: {write_accuracy(found.right, count)}.{unknown}"
    error = found.score.error
    mean = "–" if np.isnan(error) else f"{found.task.target.unit * error:.3g}"
    return f"R² is {write_fit(found.score.quality)}. The mean absolute error is {mean}, of {_points(count)}.{unknown}"


def chosen_in_words(found: Predictions, cell: Cell | None) -> str:
    """What is behind a cell."""
    if cell is None:
        return CLICK_CELL
    name, taken = (found.task.name_of(label) for label in cell)
    count = len(found.behind(*cell))
    points, are, what = (_points(count), "are", "what they are") if count > 1 else (_points(count), "is", "what it is")
    return f"{points} of {name} {are} taken for {what if cell.true == cell.said else taken}."


def point_in_words(found: Predictions, point: int | None) -> str:
    """What is said of a point, and what is so."""
    if point is None:
        return CLICK_DOT
    at = np.flatnonzero(found.rows == point)
    if not len(at):
        return HIDDEN
    target, said, true = found.task.target, float(found.said[at[0]]), float(found.targets[at[0]])
    if not np.isfinite(said):
        return f"It is {target.shown(true)}; the network says no number."
    off = f"{target.unit * (said - true):+.3g}".replace("-", "−")
    return f"It is {target.shown(true)}, said {target.shown(said)}: off by {off}."


def _points(count: int) -> str:
    return f"{count:,} points" if count > 1 else "1 point" if count else "No point"
