"""Data: the labelled points of an experiment, made by a generator from its seed or drawn by hand."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.training.datasets import DATASETS, MAX_CLASSES, PLANE
from engine.training.spec import InvalidError, Number, Spec, Whole, number, one_of, ruled, whole

DRAWN = "drawn"
MAX_POINTS = 10_000
SEEDS = 2**32 - 1


class Point(tuple[float, float, int, int]):
    """A checked row: x₁, x₂, class from 0, and 1 if the point is held back for testing. Made by `Data` alone."""

    __slots__ = ()


@dataclass(frozen=True, eq=False)
class Points:
    """Labelled points as arrays: `xy` (n, 2) float64, `labels` (n,) from 0, `test` (n,): held back from training."""

    xy: NDArray[np.float64]
    labels: NDArray[np.int64]
    test: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.labels)

    def rows(self) -> tuple[tuple[float, float, int, int], ...]:
        """One row a point, as `Data.points` holds them."""
        return tuple(
            (x1, x2, label, int(test))
            for (x1, x2), label, test in zip(self.xy.tolist(), self.labels.tolist(), self.test.tolist(), strict=True)
        )


class _PointRows:
    """The rule of points drawn by hand. Rows that were checked once are not checked again: painting stays quick."""

    def __init__(self) -> None:
        self.coordinate = Number(-PLANE, PLANE)
        self.label = Whole(0, MAX_CLASSES - 1)
        self.test = Whole(0, 1)

    def check(self, name: str, value: Any) -> tuple[Point, ...]:
        if not isinstance(value, list | tuple):
            raise InvalidError(name, value, "allowed: a list of points")
        if len(value) > MAX_POINTS:
            raise InvalidError(name, f"{len(value)} points", f"allowed: at most {MAX_POINTS}")
        return tuple(row if type(row) is Point else self._row(f"{name}[{i}]", row) for i, row in enumerate(value))

    read = check

    def _row(self, name: str, row: Any) -> Point:
        if not isinstance(row, list | tuple) or len(row) != 4:
            raise InvalidError(name, row, "allowed: [x₁, x₂, class from 0, 1 if for testing]")
        rules = (self.coordinate, self.coordinate, self.label, self.test)
        names = ("x₁", "x₂", "class", "test")
        return Point(rule.check(f"{name} {part}", v) for rule, part, v in zip(rules, names, row, strict=True))


@dataclass(frozen=True)
class Data(Spec):
    """Where the points come from.

    A generator draws `count` points of a dataset with `noise` from `seed` and holds back all but `train_share` of
    them for testing. The dataset "drawn" has the `points` given by hand instead, each with its own part in the split.
    """

    dataset: str = one_of("circle", DATASETS)
    count: int = whole(400, low=2, high=MAX_POINTS)
    noise: float = number(0, low=0, high=0.5)
    classes: int = whole(2, low=2, high=MAX_CLASSES)
    train_share: float = number(0.5, low=0.1, high=0.9)
    seed: int = whole(0, low=0, high=SEEDS)
    points: tuple[Point, ...] = ruled(_PointRows(), ())

    def __post_init__(self) -> None:
        super().__post_init__()
        fixed = DATASETS[self.dataset].classes
        if fixed is not None and self.classes != fixed:
            raise InvalidError("classes", self.classes, f"allowed: {fixed}, as the dataset {self.dataset} has")
        if self.dataset != DRAWN and self.points:
            raise InvalidError("points", f"{len(self.points)} points", f"allowed: none unless dataset is {DRAWN}")
        for i, point in enumerate(self.points):
            if point[2] >= self.classes:
                raise InvalidError(f"points[{i}] class", point[2], f"allowed: 0 to {self.classes - 1}")

    @cached_property
    def materialised(self) -> Points:
        """The points themselves. The same Data always gives the same points, in the same order."""
        if self.dataset == DRAWN:
            table = np.array(self.points, dtype=np.float64).reshape(-1, 4)
            return Points(table[:, :2].copy(), table[:, 2].astype(np.int64), table[:, 3] == 1)
        draw, split = (np.random.default_rng([self.seed, stream]) for stream in (0, 1))
        xy, labels = DATASETS[self.dataset].make(self.count, self.noise, self.classes, draw)
        np.clip(xy, -PLANE, PLANE, out=xy)  # nobody trains on a point that the window cannot show
        return Points(xy, labels, self._held_back(split))

    def _held_back(self, rng: np.random.Generator) -> NDArray[np.bool_]:
        count = self.count if self.dataset != DRAWN else len(self.points)
        test = np.ones(count, dtype=bool)
        test[rng.permutation(count)[: max(1, round(count * self.train_share))]] = False
        return test

    def drawn(self, points: Points | None = None) -> Data:
        """The same points as points drawn by hand, which can be added to, moved and erased."""
        points = points if points is not None else self.materialised
        return self.replace(dataset=DRAWN, points=self.points if points is self else points.rows())

    def split_anew(self, train_share: float) -> Data:
        """Another share for training: generated points are split again from the seed, drawn ones likewise."""
        data = self.replace(train_share=train_share)
        if self.dataset != DRAWN:
            return data
        points = self.materialised
        test = data._held_back(np.random.default_rng([self.seed, 1]))
        return data.replace(points=Points(points.xy, points.labels, test).rows())
