"""Task: what the outputs of a network mean.

Everything that depends on it asks this one object: targets, score, colours and words. Outputs tell classes apart
(classification), are a value over the plane (regression), or a value over a line (a curve).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from engine.dataclass import dataclass
from engine.nn.losses import LOSSES, Loss
from engine.training.data.columns import Column
from engine.training.data.datasets import PLANE

NO_POINTS = "There are no training points yet: click in the plane to add some."
OFF = 0.1  # of full colour: a value that is further from its target is wrong


@dataclass(frozen=True)
class Score:
    """Score of a set of points: the mean loss, how good the outputs are, how far off, and of how many points.

    Attributes:
        loss: the mean loss.
        quality: accuracy, the share of points that are right, 0 to 1; or R², 1 at best, NaN where targets are equal.
        error: the share that is wrong; or the mean absolute error.
        count: how many points there are.
    """

    loss: float
    quality: float
    error: float
    count: int

    @property
    def right(self) -> int:
        """How many points are in the right class."""
        return round(self.quality * self.count)


@dataclass(frozen=True)
class Task:
    """Task: what the outputs of a network mean.

    Attributes:
        colours: how many there are in its picture: of classes one each, of values those of the ends of their scale.
        names: of the classes, as far as they have any.
        target: the column of the values.
        label, description: of its class: its name in the window, and a few words on it.
        inputs: of its class: how many numbers a point has, None if any number of them.
        full: of its class: the value that has full colour.
        measure: of its class: what `Score.quality` is called.
        has_classes: of its class: whether targets are classes.
        brushes: of its class: how many targets one can choose to draw, if they are not classes.
    """

    colours: int = 2
    names: tuple[str, ...] = ()
    target: Column = Column("value")

    label: ClassVar[str]
    description: ClassVar[str]
    inputs: ClassVar[int | None] = None
    full: ClassVar[float] = 1.0
    measure: ClassVar[str]
    has_classes: ClassVar[bool] = False
    brushes: ClassVar[int] = 5

    @property
    def outputs(self) -> int:
        """How many outputs the network has."""
        return 1

    def fits(self, loss: Loss) -> bool:
        """Whether a loss can be used."""
        return loss.fits_values

    def targets(self, targets: NDArray[np.float64], loss: Loss) -> NDArray[np.float64]:
        """What the outputs (n, outputs) should be, for the targets (n,) of points."""
        return targets[:, None]

    def missing(self, targets: NDArray[np.float64]) -> str:
        """What training waits for, of points with these targets (n,), as a sentence; empty if for nothing."""
        return "" if len(targets) else NO_POINTS

    def signed_scores(self, outputs: NDArray[Any], loss: Loss) -> NDArray[Any]:
        """What each output (n, outputs) says, as a share of the scale of colours from -1 to 1."""
        scores: NDArray[Any] = np.clip(outputs / self.full, -1, 1)
        return scores

    def verdict(self, outputs: NDArray[Any], loss: Loss) -> tuple[NDArray[np.int64], NDArray[Any]]:
        """The colour (n,) that outputs have, of a class or of an end of the scale, and how strong it is, 0 to 1."""
        return (outputs[:, 0] <= 0).astype(np.int64), np.abs(np.clip(outputs[:, 0] / self.full, -1, 1))

    def is_wrong(self, outputs: NDArray[Any], targets: NDArray[np.float64], loss: Loss) -> NDArray[np.bool_]:
        """Which of some points (n,) the outputs are wrong of."""
        wrong: NDArray[np.bool_] = ~(np.abs(outputs[:, 0] - targets) <= OFF * self.full)
        return wrong

    def score(self, mean_loss: float, outputs: NDArray[Any], targets: NDArray[np.float64], loss: Loss) -> Score:
        """The score of points with these targets (n,)."""
        errors = outputs[:, 0] - targets
        spread = float(np.square(targets - targets.mean()).sum())
        quality = 1 - float(np.square(errors).sum()) / spread if spread else math.nan
        return Score(mean_loss, quality, float(np.abs(errors).mean()), len(targets))

    @property
    def choices(self) -> tuple[float, ...]:
        """The targets that one can choose to draw."""
        return tuple(np.linspace(self.full, -self.full, self.brushes).tolist())

    def name_of(self, target: float) -> str:
        """A target in words: that of a class, or the value in its own unit."""
        return f"{self.target.name} {self.target.shown(target)}"


class Regression(Task):
    """Regression: one output, a value over the plane."""

    label, description, measure = "Values", "the network tells a value at each place: regression", "R²"


class Curve(Regression):
    """Regression with one input: the output is a curve over a line, drawn in the plane."""

    full, brushes = PLANE, 1  # the place says the value
    label, description, inputs = "Curve", "one input: the network draws a curve through the points", 1


class Classification(Task):
    """Classification: one output decides between two classes, one output a class between more."""

    label, description, measure, has_classes = "Classes", "the network tells classes apart", "accuracy", True

    @property
    def outputs(self) -> int:
        return 1 if self.colours == 2 else self.colours

    def fits(self, loss: Loss) -> bool:
        return True

    def targets(self, targets: NDArray[np.float64], loss: Loss) -> NDArray[np.float64]:
        return loss.targets(targets.astype(np.int64), self.outputs)

    def missing(self, targets: NDArray[np.float64]) -> str:
        if len(targets) and (targets == targets[0]).all():
            return f"All training points are of {self.name_of(targets[0])}: add points of another class."
        return super().missing(targets)

    def signed_scores(self, outputs: NDArray[Any], loss: Loss) -> NDArray[Any]:
        return loss.signed_scores(outputs)

    def verdict(self, outputs: NDArray[Any], loss: Loss) -> tuple[NDArray[np.int64], NDArray[Any]]:
        return loss.classify(outputs)

    def is_wrong(self, outputs: NDArray[Any], targets: NDArray[np.float64], loss: Loss) -> NDArray[np.bool_]:
        wrong: NDArray[np.bool_] = loss.classify(outputs)[0] != targets
        return wrong

    def score(self, mean_loss: float, outputs: NDArray[Any], targets: NDArray[np.float64], loss: Loss) -> Score:
        wrong, count = int(self.is_wrong(outputs, targets, loss).sum()), len(targets)
        return Score(mean_loss, (count - wrong) / count, wrong / count, count)

    @property
    def choices(self) -> tuple[float, ...]:
        return tuple(map(float, range(self.colours)))

    def name_of(self, target: float) -> str:
        label = int(target)
        name = self.names[label] if label < len(self.names) else str(label + 1)
        is_number = not any(map(str.isalpha, name))
        return f"class {name}" if is_number else name


TASKS: Mapping[str, type[Task]] = {"classification": Classification, "regression": Regression, "curve": Curve}


def losses_for(task: Task) -> dict[str, Loss]:
    """The rows of the table of losses that fit a task."""
    return {name: loss for name, loss in LOSSES.items() if task.fits(loss)}
