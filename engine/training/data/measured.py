"""Measured sets: small tables of real things with names, each a file beside this one, scaled to the plane."""

from __future__ import annotations

import csv
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.dataclass import dataclass
from engine.training.data.columns import Column
from engine.training.data.generators import Made, Wanted

FOLDER = Path(__file__).parent / "sets"
REACH = 5.0  # the smallest and the largest number of a column stand so far from the middle of the plane


@dataclass(frozen=True)
class Measured:
    """Measured set: the table of a file, whose last column names the class, as a generator of its points.

    Attributes:
        file: its name.
        order: its columns of numbers, counted from 0: the first two are plotted.
        classes: the names in its last column.
    """

    file: str
    order: tuple[int, ...]
    classes: tuple[str, ...]

    def __call__(self, wanted: Wanted, rng: np.random.Generator) -> Made:
        """All of its points in random order. Noise moves them."""
        rows = rng.permutation(len(self._labels))
        places = (self._numbers - [column.offset for column in self._scales]) / [column.unit for column in self._scales]
        return places[rows] + rng.normal(0, 2 * wanted.noise, places.shape), self._labels[rows]

    def columns(self, wanted: Wanted) -> tuple[Column, ...]:
        """What its numbers are called, and how they were scaled; last what its classes are of."""
        return (*self._scales, Column(self._table[0][-1]))

    @cached_property
    def _table(self) -> list[list[str]]:
        with (FOLDER / self.file).open(encoding="utf-8", newline="") as lines:
            return list(csv.reader(lines))

    @cached_property
    def _numbers(self) -> NDArray[np.float64]:
        return np.array([[float(row[i]) for i in self.order] for row in self._table[1:]])

    @cached_property
    def _labels(self) -> NDArray[np.int64]:
        return np.array([self.classes.index(row[-1]) for row in self._table[1:]])

    @cached_property
    def _scales(self) -> tuple[Column, ...]:
        low, high = self._numbers.min(axis=0), self._numbers.max(axis=0)
        middles, units = ((low + high) / 2).tolist(), ((high - low) / (2 * REACH)).tolist()
        names = [self._table[0][i] for i in self.order]
        return tuple(Column(*column) for column in zip(names, middles, units, strict=True))
