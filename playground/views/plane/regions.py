"""Outlines: what is drawn around a piece of the plane, and which places lie in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Place = NDArray[np.float64]  # x₁ and x₂
FINEST = 200  # parts of what an outline reaches over: the corners of a lasso that are told apart
TRIES = 50  # rounds of drawing places, of which those outside are dropped


class Outline(Protocol):
    """Outline, begun at a place. `corners` (n, 2) is what is drawn of it; from the last to the first it closes."""

    @property
    def corners(self) -> NDArray[np.float64]: ...

    def extend(self, to: Place) -> None:
        """Follow the hand."""

    def contains(self, places: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which of some places (n, 2) are in it (n,)."""


class Box:
    """Rectangle from one corner to the opposite one."""

    def __init__(self, at: Place) -> None:
        self._from = self._to = at

    @property
    def corners(self) -> NDArray[np.float64]:
        (left, bottom), (right, top) = self._from, self._to
        return np.array([(left, bottom), (right, bottom), (right, top), (left, top)])

    def extend(self, to: Place) -> None:
        self._to = to

    def contains(self, places: NDArray[np.float64]) -> NDArray[np.bool_]:
        low, high = np.minimum(self._from, self._to), np.maximum(self._from, self._to)
        return np.asarray(((places >= low) & (places <= high)).all(axis=1))


class Lasso:
    """Free line, closed by a straight one. What it goes around an even number of times is outside."""

    def __init__(self, at: Place) -> None:
        self._places = [at]

    @property
    def corners(self) -> NDArray[np.float64]:
        return np.array(self._places)

    def extend(self, to: Place) -> None:
        if np.abs(to - self._places[-1]).max() * FINEST >= np.ptp([*self._places, to], axis=0).max():
            self._places.append(to)

    def contains(self, places: NDArray[np.float64]) -> NDArray[np.bool_]:
        x1, x2 = places.T
        inside = np.zeros(len(places), dtype=bool)
        corners = self.corners
        for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
            passes = (start[1] > x2) != (end[1] > x2)  # a ray to the right, and whether this side is in its way
            if passes.any():
                inside ^= passes & (x1 < start[0] + (x2 - start[1]) / (end[1] - start[1]) * (end[0] - start[0]))
        return inside


def uniform(outline: Outline, count: int, chance: np.random.Generator) -> NDArray[np.float64]:
    """Places (n, 2) all over an outline, each as likely as any other; none in one that has no inside."""
    low, high = outline.corners.min(axis=0), outline.corners.max(axis=0)
    return _some_inside(outline, count, lambda n: chance.uniform(low, high, (n, 2)))


def gaussian(outline: Outline, count: int, chance: np.random.Generator) -> NDArray[np.float64]:
    """Places (n, 2) in an outline, denser towards its middle; none in one that has no inside."""
    low, high = outline.corners.min(axis=0), outline.corners.max(axis=0)
    return _some_inside(outline, count, lambda n: chance.normal((low + high) / 2, (high - low) / 5, (n, 2)))


def _some_inside(outline: Outline, count: int, draw: Callable[[int], NDArray[np.float64]]) -> NDArray[np.float64]:
    found = np.empty((0, 2))
    for _ in range(TRIES):
        drawn = draw(2 * count)
        found = np.concatenate([found, drawn[outline.contains(drawn)]])
        if len(found) >= count:
            break
    return found[:count]
