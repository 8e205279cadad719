"""Data: the points of an experiment, made by a generator from its seed, drawn by hand or read from a file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.dataclass import dataclass
from engine.training.data.columns import Column
from engine.training.data.datasets import DATASETS, DRAWN, MAX_CLASSES
from engine.training.data.features import EVERY_FEATURE, columns_of
from engine.training.data.formulas import LONGEST, check_formula, compares, is_of
from engine.training.data.generators import Wanted
from engine.training.data.points import FIRST_TWO, MAX_INPUTS, Points, PointsRule, no_points
from engine.training.spec.rules import Integer, InvalidError, ListOf, Text
from engine.training.spec.seeds import MAX_SEED, Stream, generator
from engine.training.spec.spec import Nested, Spec, constrained, integer, one_of, real
from engine.training.task import TASKS, Task

_AXES_OF_CURVE = Column("x"), Column("y")
_ON_AXIS = Integer(0, MAX_INPUTS - 1)
MAX_MADE = 10_000  # points at most that a generator draws


@dataclass(frozen=True)
class Data(Spec):
    """Data specification: where the points come from, and what is to be learned of them.

    A generator draws `count` points of a dataset with `noise` from `seed` and holds back all but `train_share` of
    them for testing. The dataset "drawn" has the `points` given by hand or by a file instead, each with its own part in
    the split. `columns`, where there are any, name their inputs and last their target; a dataset that names its own, or
    its classes, says so itself. `balance` is the share of the first class beside each other one, `label_noise` the
    share of all points that are given to a wrong class, and `formula` what a dataset of that kind follows. `plane`
    are the inputs, counted from 0, that the plane shows across and up: no network learns other things by it.
    """

    dataset: str = one_of("circle", DATASETS)
    count: int = integer(500, low=2, high=MAX_MADE)
    noise: float = real(0, low=0, high=0.5)
    classes: int = integer(2, low=2, high=MAX_CLASSES)
    train_share: float = real(0.5, low=0.1, high=0.9)
    seed: int = integer(0, low=0, high=MAX_SEED)
    points: Points = constrained(PointsRule(), no_points())
    kind: str = one_of("classification", TASKS)
    class_names: tuple[str, ...] = constrained(ListOf(Text(60), 0, MAX_CLASSES), ())
    columns: tuple[Column, ...] = constrained(ListOf(Nested(Column), 0, MAX_INPUTS + 1), ())
    formula: str = constrained(Text(LONGEST), "")
    balance: float = real(0.5, low=0.1, high=0.9)
    label_noise: float = real(0, low=0, high=0.5)
    plane: tuple[int, int] = constrained(ListOf(_ON_AXIS, 2, 2, distinct=True), FIRST_TWO)

    def __post_init__(self) -> None:
        super().__post_init__()
        row, task = DATASETS[self.dataset], TASKS[self.kind]
        if row.kind not in (None, self.kind):
            raise InvalidError("kind", self.kind, f"allowed: {row.kind}, as the dataset {self.dataset} has")
        if task.has_classes and row.classes not in (None, self.classes):
            raise InvalidError("classes", self.classes, f"allowed: {row.classes}, as the dataset {self.dataset} has")
        if row.count not in (None, self.count):
            raise InvalidError("count", self.count, f"allowed: {row.count}, as the dataset {self.dataset} has")
        if self.dataset != DRAWN and len(self.points):
            raise InvalidError("points", self.points.rows(), f"allowed: none unless the dataset is {DRAWN}")
        if task.inputs is not None and not len(self.points):
            object.__setattr__(self, "points", no_points(task.inputs))
        if task.inputs is not None and self.points.inputs.shape[1] != task.inputs:
            found = self.points.inputs.shape[1]
            raise InvalidError("inputs of points", found, f"allowed: {task.inputs}, as for a {self.kind}")
        if task.has_classes:
            self._check_classes()
        self._say_formula()
        if self.dataset != DRAWN:
            object.__setattr__(self, "columns", row.columns(self._wanted))
            object.__setattr__(self, "class_names", row.class_names or self.class_names)
        if self.columns and len(self.columns) != self.inputs + 1:
            raise InvalidError("number of columns", len(self.columns), f"allowed: 0 or {self.inputs + 1}")
        if self.inputs == 1:
            object.__setattr__(self, "plane", FIRST_TWO)
        elif max(self.plane) >= self.inputs:
            raise InvalidError("plane", list(self.plane), f"allowed: two inputs from 0 to {self.inputs - 1}")

    def _check_classes(self) -> None:
        targets = self.points.targets
        whole = (targets >= 0) & (targets < self.classes) & (targets == np.floor(targets))
        for i in np.flatnonzero(~whole)[:1]:
            given = targets[i].item()
            given = int(given) if given.is_integer() else given
            raise InvalidError(f"points[{i}] class", given, f"allowed: a whole number from 0 to {self.classes - 1}")

    def to_dict(self, terse: bool = False) -> dict[str, Any]:
        """As of any specification; where it is terse, without what a dataset says itself."""
        result = super().to_dict(terse)
        if terse and self.dataset != DRAWN:
            said = ["points", "columns", *(["class_names"] if DATASETS[self.dataset].class_names else [])]
            result = {name: value for name, value in result.items() if name not in said}
        return result

    def _say_formula(self) -> None:
        formulas = DATASETS[self.dataset].formulas
        if formulas:
            object.__setattr__(self, "formula", self.formula.strip() or formulas[self.kind])
            check_formula(self.formula, self.inputs, TASKS[self.kind].has_classes)
        elif self.formula:
            raise InvalidError("formula", self.formula, f"allowed: none, as the dataset {self.dataset} follows none")

    @property
    def inputs(self) -> int:
        """How many numbers a point has."""
        if self.dataset == DRAWN:
            return int(self.points.inputs.shape[1])
        return TASKS[self.kind].inputs or DATASETS[self.dataset].inputs

    @property
    def _wanted(self) -> Wanted:
        full = TASKS[self.kind].full
        return Wanted(self.count, self.noise, self.classes, self.balance, self.formula, self.inputs, full)

    @property
    def axes(self) -> tuple[Column, Column]:
        """What the axes of the plane measure: two of the inputs; of a single one, that and the target."""
        if self.inputs == 1:
            return (self.columns[0], self.columns[1]) if self.columns else _AXES_OF_CURVE
        across, up = self.plane
        return self.input_columns[across], self.input_columns[up]

    @property
    def input_columns(self) -> tuple[Column, ...]:
        """The columns of the inputs; those that have no name are called x₁, x₂ …"""
        plain = (Column(EVERY_FEATURE[name].label) for name in columns_of(self.inputs))
        return self.columns[: self.inputs] or tuple(plain)

    @property
    def others(self) -> tuple[int, ...]:
        """The inputs, counted from 0, that the plane has no axis for."""
        return tuple(k for k in range(self.inputs) if k not in self.plane)

    def feature_label(self, name: str) -> str:
        """The name that a feature bears in the window: that of its column, if it is one that has a name."""
        columns = columns_of(self.inputs)
        named = self.columns[columns.index(name)].name if self.columns and name in columns else ""
        return named or EVERY_FEATURE[name].label

    @cached_property
    def task(self) -> Task:
        """What the outputs of a network are to mean."""
        kind = TASKS[self.kind]
        target = self.columns[-1] if self.columns else Column("value")
        return kind(self.classes if kind.has_classes else 2, self.class_names, target)

    def inputs_at(self, places: NDArray[np.floating[Any]], rest: Sequence[float] = ()) -> NDArray[np.float64]:
        """What a network is given at places of the plane (n, 2): (n, inputs).

        The other inputs are as given in `rest`, if there are as many, or else at their mean.
        """
        others, points = list(self.others), self.arrays
        if len(rest) != len(others):
            rest = points.inputs[:, others].mean(axis=0).tolist() if len(points) else [0.0] * len(others)
        result = np.empty((len(places), self.inputs))
        result[:, self.plane[: self.inputs]] = places[:, : self.inputs]
        result[:, others] = rest
        return result

    @cached_property
    def arrays(self) -> Points:
        """The points themselves, not to be written to. The same Data always gives the same, in the same order."""
        points = self.points if self.dataset == DRAWN else self._made()
        return points if points.plane == self.plane else replace(points, plane=self.plane)

    def _made(self) -> Points:
        rng = generator(self.seed, Stream.POINTS)
        inputs, targets = DATASETS[self.dataset].make(self._wanted, rng)
        if TASKS[self.kind].has_classes:
            targets = self._mislabelled(targets)
        return Points(inputs, targets, self._split(self.count))

    def _mislabelled(self, labels: NDArray[np.int64]) -> NDArray[np.int64]:
        """Some in another class, for training and for testing alike, as wrong labels in the world are: the more there
        are to be, the more are added to those that there were.
        """
        rng, result = generator(self.seed, Stream.LABELS), labels.copy()
        shifts = rng.integers(1, self.classes, len(labels))
        wrong = rng.permutation(len(labels))[: round(self.label_noise * len(labels))]
        result[wrong] = (labels[wrong] + shifts[wrong]) % self.classes
        return result

    def _split(self, count: int) -> NDArray[np.bool_]:
        """Which of the points are held back, at random from the seed; where there are two, each side has one."""
        test = np.ones(count, dtype=bool)
        train_count = min(max(1, round(count * self.train_share)), max(1, count - 1))
        test[generator(self.seed, Stream.SPLIT).permutation(count)[:train_count]] = False
        return test

    def with_formula(self, formula: str) -> Data:
        """The points of another formula: classes where it compares, else a curve of x₁ if there is one, or values."""
        is_curve = self.task.inputs is not None and is_of(formula, self.task.inputs)
        kind = "classification" if compares(formula) else "curve" if is_curve else "regression"
        return self.replace(formula=formula, kind=kind, classes=2)

    # ── drawing by hand: each gives other data, and turns generated points into drawn ones first ─────────────────

    def drawn(self, points: Points | None = None) -> Data:
        """These points as drawn by hand, or others in their place. There are more classes if a target needs them."""
        if points is None:
            return self if self.dataset == DRAWN else self.drawn(self.arrays)
        if not TASKS[self.kind].has_classes:
            return self.replace(dataset=DRAWN, points=points, formula="")
        most = 1 + int(points.targets.max(initial=0))
        if most > MAX_CLASSES:
            raise InvalidError("class", most - 1, f"allowed: 0 to {MAX_CLASSES - 1}")
        return self.replace(dataset=DRAWN, points=points, formula="", classes=max(self.classes, most))

    def with_points_added(
        self, places: ArrayLike, target: float, test: bool = False, rest: Sequence[float] = ()
    ) -> Data:
        """Points of one target added at places of the plane (n, 2), with other inputs as `inputs_at` has them; of one
        input, the place says the target.
        """
        places = np.asarray(places, dtype=np.float64).reshape(-1, 2)
        targets = np.full(len(places), float(target)) if self.inputs > 1 else places[:, 1]
        return self.drawn(self.arrays + Points(self.inputs_at(places, rest), targets, np.full(len(places), test)))

    def with_points_erased(self, indices: Iterable[int]) -> Data:
        """Without the points of these indices."""
        old = self.arrays
        kept = np.ones(len(old), dtype=bool)
        kept[[self._index(i) for i in indices]] = False
        return self.drawn(old.take(kept))

    def with_points_at(self, places: NDArray[np.float64]) -> Data:
        """All points at other places of the plane (n, 2)."""
        return self.drawn(_moved(self.arrays, places))

    def split_anew(self, train_share: float) -> Data:
        """Another share for training: generated points are split again from the seed, drawn ones likewise."""
        data = self.replace(train_share=train_share)
        if self.dataset != DRAWN:
            return data
        points = self.arrays
        return data.drawn(Points(points.inputs, points.targets, data._split(len(points))))

    def _index(self, i: int) -> int:
        if not 0 <= i < len(self.arrays):
            raise InvalidError("index of a point", i, f"allowed: 0 to {len(self.arrays) - 1}")
        return int(i)


def _moved(points: Points, places: NDArray[np.float64]) -> Points:
    """Points at other places of the plane (n, 2), as `Points.xy` has them."""
    inputs = points.inputs.copy()
    if inputs.shape[1] == 1:
        return Points(places[:, :1], places[:, 1], points.test)
    inputs[:, points.plane] = places
    return Points(inputs, points.targets, points.test, points.plane)
