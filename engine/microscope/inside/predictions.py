"""Predictions of a run: what the network says of each point, how often it takes one class for another, and how far off
its values are.
"""

from __future__ import annotations

import math
from enum import Enum
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.autograd import Tensor
from engine.dataclass import dataclass
from engine.training import RunSnapshot, Score, Task

UNKNOWN = -1  # in the place of a class, where the outputs are not numbers
AT_ONCE = 1 << 24  # numbers that a layer makes of points which are asked at once


class Which(Enum):
    """Which points are counted, as the window says it."""

    TRAIN = "Training"
    TEST = "Test"
    BOTH = "Both"

    def of(self, test: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Their indices, of all points, some of which are test points (n,)."""
        return np.flatnonzero(np.ones_like(test) if self is Which.BOTH else test == (self is Which.TEST))


@dataclass(frozen=True, eq=False)
class Predictions:
    """Predictions of points: those of `rows`, indices (n,) into all of them.

    Attributes:
        task: what outputs mean.
        said: the class (n,), UNKNOWN where it is none, or the value, that the network says.
        targets: the class or value (n,) that each has.
        score: quality, accuracy or R², and error of all of them, as the task has it; None where there are none.
    """

    task: Task
    rows: NDArray[np.int64]
    said: NDArray[np.float64]
    targets: NDArray[np.float64]
    score: Score | None

    def __len__(self) -> int:
        return len(self.rows)

    # ── classes ──────────────────────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def confusion(self) -> NDArray[np.int64]:
        """Confusion matrix (classes, classes): how many points of the row's class are taken for the column's."""
        classes, known = self.task.colours, self.said != UNKNOWN
        pairs = self.targets[known] * classes + self.said[known]
        return np.bincount(pairs.astype(np.int64), minlength=classes**2).reshape(classes, classes)

    @property
    def counts(self) -> NDArray[np.int64]:
        """How many points each class has (classes,), those among them of which nothing is said."""
        return np.bincount(self.targets.astype(np.int64), minlength=self.task.colours)

    @property
    def precision(self) -> NDArray[np.float64]:
        """Of the points that are taken for each class, the share that are of it; NaN where there are none."""
        return _share(np.diag(self.confusion), self.confusion.sum(axis=0))

    @property
    def recall(self) -> NDArray[np.float64]:
        """Of the points of each class, the share that are taken for it; NaN where there are none."""
        return _share(np.diag(self.confusion), self.counts)

    @property
    def right(self) -> int:
        """How many points are taken for what they are."""
        return int(np.trace(self.confusion))

    @property
    def unknown(self) -> int:
        """Of how many points nothing is said, for what the network answers is not a number."""
        return int((~np.isfinite(self.said) | ((self.said == UNKNOWN) & self.task.has_classes)).sum())

    def behind(self, true: int, said: int) -> NDArray[np.int64]:
        """The points, as indices into all of them, of one class that are taken for another, or for it."""
        is_behind = (self.targets == true) & (self.said == said)
        return self.rows[np.flatnonzero(is_behind)]

    # ── values ───────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def residuals(self) -> NDArray[np.float64]:
        """Residuals (n,): what the network says, less what is so."""
        return self.said - self.targets


def predictions(snapshot: RunSnapshot, which: Which = Which.BOTH) -> Predictions:
    """The predictions of some of the points, by the network as it predicts: without dropout, in float64."""
    task, points = snapshot.experiment.task, snapshot.experiment.data.arrays
    rows = which.of(points.test)
    with np.errstate(all="ignore"):
        outputs = _outputs(snapshot, rows)
        if task.has_classes:
            labels, sure = task.verdict(outputs, snapshot.loss)
            said = np.where(np.isnan(sure), UNKNOWN, labels).astype(np.float64)
        else:
            said = outputs[:, 0]
        score = task.score(math.nan, outputs, points.targets[rows], snapshot.loss) if len(rows) else None
    return Predictions(task, rows, said, points.targets[rows], score)


def _outputs(snapshot: RunSnapshot, rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """What the network answers to points (n, outputs), to some after others where they are many."""
    model, inputs = snapshot.model(), snapshot.points(rows).inputs
    size = max(1, AT_ONCE // max(snapshot.experiment.sizes))
    pieces: list[Any] = [
        model(Tensor(inputs[at : at + size], requires_grad=False)).data for at in range(0, max(1, len(rows)), size)
    ]
    return np.concatenate(pieces)


def _share(part: NDArray[np.int64], whole: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.where(whole > 0, part / np.maximum(whole, 1), np.nan)
