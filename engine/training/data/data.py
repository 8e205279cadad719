"""Labelled data: the points of an experiment, made by a generator from its seed or drawn by hand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.training.data.datasets import DATASETS, DRAWN, LIMIT, MAX_CLASSES, PLANE
from engine.training.spec.rules import Integer, InvalidError, Real, TupleOf
from engine.training.spec.seeds import MAX_SEED, Stream, generator
from engine.training.spec.spec import Spec, constrained, integer, one_of, real

MAX_POINTS = 10_000


class Point(tuple[float, float, int, int]):
    """Data point, a checked row: x₁, x₂, class from 0, and 1 if it is held back for testing. Made by its rule alone."""

    __slots__ = ()


class _PointRows:
    """Validation rule of drawn points. Rows that were checked once are not checked again: painting stays quick."""

    def __init__(self) -> None:
        coordinate = Real(-LIMIT, LIMIT)
        self.row = TupleOf(
            {"x₁": coordinate, "x₂": coordinate, "class": Integer(0, MAX_CLASSES - 1), "test": Integer(0, 1)}
        )

    def check(self, name: str, value: Any) -> tuple[Point, ...]:
        if not isinstance(value, list | tuple):
            raise InvalidError(name, value, "allowed: a list of points")
        if len(value) > MAX_POINTS:
            raise InvalidError(f"number of {name}", len(value), f"allowed: 0 to {MAX_POINTS}")
        return tuple([p if type(p) is Point else Point(self.row.check(f"{name}[{i}]", p)) for i, p in enumerate(value)])


_POINT_ROWS = _PointRows()


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


@dataclass(frozen=True)
class Data(Spec):
    """Data specification: where the points come from.

    A generator draws `count` points of a dataset with `noise` from `seed` and holds back all but `train_share` of
    them for testing. The dataset "drawn" has the `points` given by hand instead, each with its own part in the split.
    """

    dataset: str = one_of("circle", DATASETS)
    count: int = integer(500, low=2, high=MAX_POINTS)
    noise: float = real(0, low=0, high=0.5)
    classes: int = integer(2, low=2, high=MAX_CLASSES)
    train_share: float = real(0.5, low=0.1, high=0.9)
    seed: int = integer(0, low=0, high=MAX_SEED)
    points: tuple[Point, ...] = constrained(_POINT_ROWS, ())

    def __post_init__(self) -> None:
        super().__post_init__()
        fixed = DATASETS[self.dataset].classes
        if fixed is not None and self.classes != fixed:
            raise InvalidError("classes", self.classes, f"allowed: {fixed}, as the dataset {self.dataset} has")
        if self.dataset != DRAWN and self.points:
            raise InvalidError("points", list(self.points), f"allowed: none unless the dataset is {DRAWN}")
        for i, point in enumerate(self.points):
            if point[2] >= self.classes:
                raise InvalidError(f"points[{i}] class", point[2], f"allowed: 0 to {self.classes - 1}")

    @cached_property
    def arrays(self) -> Points:
        """The points themselves, not to be written to. The same Data always gives the same, in the same order."""
        if self.dataset == DRAWN:
            table = np.array(self.points, dtype=np.float64).reshape(-1, 4)
            points = Points(table[:, :2].copy(), table[:, 2].astype(np.int64), table[:, 3] == 1)
        else:
            rng = generator(self.seed, Stream.POINTS)
            xy, labels = DATASETS[self.dataset].make(self.count, self.noise, self.classes, rng)
            np.clip(xy, -PLANE, PLANE, out=xy)  # nobody trains on a point that the window cannot show
            points = Points(xy, labels, self._split(self.count))
        for array in (points.xy, points.labels, points.test):
            array.flags.writeable = False
        return points

    def _split(self, count: int) -> NDArray[np.bool_]:
        """Which of the points are held back, at random from the seed; where there are two, each side has one."""
        test = np.ones(count, dtype=bool)
        train_count = min(max(1, round(count * self.train_share)), max(1, count - 1))
        test[generator(self.seed, Stream.SPLIT).permutation(count)[:train_count]] = False
        return test

    # ── drawing by hand: each gives other data, and turns generated points into drawn ones first ─────────────────

    def drawn(self, points: Points | None = None) -> Data:
        """These points as drawn by hand, or others in their place. There are more classes if a label needs them."""
        if points is None and self.dataset == DRAWN:
            return self
        return self._with_rows((self.arrays if points is None else points).rows())

    def with_points_added(self, xy: ArrayLike, label: int, test: bool = False) -> Data:
        """Points of one class added at places (n, 2)."""
        places = np.asarray(xy, dtype=np.float64).reshape(-1, 2).tolist()
        return self._with_rows((*self.drawn().points, *[(x1, x2, label, int(test)) for x1, x2 in places]))

    def with_points_erased(self, indices: Iterable[int]) -> Data:
        """Without the points of these indices."""
        points = self.drawn().points
        gone = {self._index(i, points) for i in indices}
        return self._with_rows([point for i, point in enumerate(points) if i not in gone])

    def with_point_moved(self, index: int, xy: ArrayLike) -> Data:
        """One point at another place."""
        places = self.arrays.xy.copy()
        places[self._index(index, places.tolist())] = np.asarray(xy, dtype=np.float64)
        return self.with_points_at(places)

    def with_points_at(self, xy: NDArray[np.float64]) -> Data:
        """All points at other places (n, 2)."""
        rows: list[Sequence[Any]] = list(self.drawn().points)
        for i in np.flatnonzero((xy != self.arrays.xy).any(axis=1)).tolist():
            rows[i] = (*xy[i].tolist(), *rows[i][2:])
        return self._with_rows(rows)

    def split_anew(self, train_share: float) -> Data:
        """Another share for training: generated points are split again from the seed, drawn ones likewise."""
        data = self.replace(train_share=train_share)
        if self.dataset != DRAWN:
            return data
        points = self.arrays
        return data.drawn(Points(points.xy, points.labels, data._split(len(points))))

    def _with_rows(self, rows: Sequence[Any]) -> Data:
        points = _POINT_ROWS.check("points", tuple(rows))
        classes = max(self.classes, 1 + max((point[2] for point in points), default=0))
        return self.replace(dataset=DRAWN, points=points, classes=classes)

    @staticmethod
    def _index(i: int, rows: Sequence[Any]) -> int:
        if not 0 <= i < len(rows):
            raise InvalidError("index of a point", i, f"allowed: 0 to {len(rows) - 1}")
        return int(i)
