"""Datasets: one table of generators of points on the plane [-6, 6]².

`make(count, noise, classes, rng)` gives inputs (count, 2), or (count, 1) for a curve, and targets (count,), which are
classes from 0 or values from about -1 to 1, in random order. Noise, from 0 to
0.5, moves the points about; the shapes and their sizes follow TensorFlow Playground where it has them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

PLANE = 6.0  # the plane that is shown at first runs from -PLANE to PLANE
MAX_CLASSES = 9

Made = tuple[NDArray[np.float64], NDArray[Any]]
Make = Callable[[int, float, int, np.random.Generator], Made]


@dataclass(frozen=True)
class Dataset:
    """Dataset: a generator of points, and its preset, a small network that learns them from any seed.

    Attributes:
        label, description: its name in the window, and a few words on it.
        classes: how many it has, None if as many as one likes, or if it has values.
        make: the generator.
        hidden: the sizes of the preset's hidden layers.
        activation, initialiser: the preset's, by their names in the tables.
        preset_classes: how many classes the preset has, where one may choose.
        kind: what its targets mean, a name from the table of tasks; None if one may choose.
    """

    label: str
    description: str
    classes: int | None
    make: Make
    hidden: tuple[int, ...] = (8, 4)
    activation: str = "tanh"
    initialiser: str = "xavier"
    preset_classes: int = 2
    kind: str | None = "classification"


def _alternating(count: int, classes: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Labels in random order, as many of each as of the others."""
    return rng.permutation(np.arange(count) % classes)


def _polar(radius: NDArray[np.float64], angle: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)


def _circle(count: int, noise: float, classes: int, rng: np.random.Generator) -> Made:
    labels = _alternating(count, classes, rng)
    radius = np.where(labels == 0, rng.uniform(0, 2.5, count), rng.uniform(3.5, 5, count))
    xy = _polar(radius, rng.uniform(0, 2 * np.pi, count))
    return xy + rng.normal(0, 2 * noise, (count, 2)), labels


def _xor(count: int, noise: float, classes: int, rng: np.random.Generator) -> Made:
    xy = rng.uniform(-5, 5, (count, 2))
    xy += np.where(xy > 0, 0.3, -0.3)  # a gap along the axes
    labels = (xy[:, 0] * xy[:, 1] < 0).astype(np.int64)
    return xy + rng.normal(0, 2 * noise, (count, 2)), labels


def _gauss(count: int, noise: float, classes: int, rng: np.random.Generator) -> Made:
    labels = _alternating(count, classes, rng)
    centres = np.where(labels[:, None] == 0, 2.0, -2.0)
    return centres + rng.normal(0, 0.7 + 2 * noise, (count, 2)), labels


def _spiral(count: int, noise: float, classes: int, rng: np.random.Generator) -> Made:
    labels = _alternating(count, classes, rng)
    along = rng.permutation(count) / count
    xy = _polar(5 * along, 1.75 * 2 * np.pi * along + np.pi * labels)
    return xy + rng.normal(0, noise, (count, 2)), labels


def _moons(count: int, noise: float, classes: int, rng: np.random.Generator) -> Made:
    labels = _alternating(count, classes, rng)
    angle = rng.uniform(0, np.pi, count)
    upper = np.stack([3 * np.cos(angle) - 1.5, 3 * np.sin(angle) - 0.75], axis=1)
    xy = np.where(labels[:, None] == 0, upper, -upper)
    return xy + rng.normal(0, 0.2 + 1.5 * noise, (count, 2)), labels


def _blobs(count: int, noise: float, classes: int, rng: np.random.Generator) -> Made:
    labels = _alternating(count, classes, rng)
    centres = _polar(np.full(count, 3.8), 2 * np.pi * labels / classes + np.pi / 2)
    spread = min(0.6, 1.2 * np.sin(np.pi / classes))  # the more there are, the nearer they stand
    return centres + rng.normal(0, spread + noise, (count, 2)), labels


# ── values: noise strays from them, not from the places ─────────────────────────────────────────────────────────────


def _valued(of: Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.float64]]) -> Make:
    """A generator of values over the plane, from a function of x₁ and x₂."""

    def make(count: int, noise: float, classes: int, rng: np.random.Generator) -> Made:
        xy = rng.uniform(-5, 5, (count, 2))
        return xy, of(*xy.T) + rng.normal(0, noise, count)

    return make


def _hills(x1: NDArray[np.float64], x2: NDArray[np.float64]) -> NDArray[np.float64]:
    total = np.zeros_like(x1)
    for i, along in enumerate((-3.5, 0.0, 3.5)):
        for j, across in enumerate((-2.5, 2.5)):
            total += (-1) ** (i + j) * np.exp(-((x1 - along) ** 2 + (x2 - across) ** 2) / 2.5)
    return total


def _wave(count: int, noise: float, classes: int, rng: np.random.Generator) -> Made:
    x = rng.uniform(-5, 5, count)
    return x[:, None], 3.5 * np.sin(1.2 * x) + rng.normal(0, 3 * noise, count)


def _nothing(count: int, noise: float, classes: int, rng: np.random.Generator) -> Made:
    return np.empty((0, 2)), np.empty(0, dtype=np.int64)


DRAWN = "drawn"  # the row whose points are given by hand

DATASETS: dict[str, Dataset] = {
    "circle": Dataset(
        "Circle", "one class inside the other", 2, _circle, hidden=(6, 4)),
    "xor": Dataset(
        "Exclusive or", "opposite quarters belong together", 2, _xor, activation="relu", initialiser="he"),
    "gauss": Dataset(
        "Two clouds", "two Gaussians: a straight line can part them", 2, _gauss, hidden=(3,)),
    "spiral": Dataset(
        "Spiral", "two arms wound into each other", 2, _spiral, hidden=(8, 8), activation="sin"),
    "moons": Dataset(
        "Moons", "two half circles that reach into each other", 2, _moons, hidden=(6, 4)),
    "blobs": Dataset(
        "Blobs", "as many clouds as you choose, one a class", None, _blobs, hidden=(6,), preset_classes=3),
    "slope": Dataset(
        "Slope", "a plane: the value grows along the diagonal", None,
        _valued(lambda x1, x2: (x1 + x2) / 10), hidden=(3,), kind="regression"),
    "saddle": Dataset(
        "Saddle", "x₁ · x₂: up towards two corners, down towards the others", None,
        _valued(lambda x1, x2: x1 * x2 / 25), hidden=(8,), kind="regression"),
    "ridges": Dataset(
        "Sine ridges", "waves across the plane", None,
        _valued(lambda x1, x2: np.sin(x1 + 0.5 * x2)), hidden=(8, 8), kind="regression"),
    "hills": Dataset(
        "Hills", "Gaussians that go up and down in turn", None,
        _valued(_hills), hidden=(16, 8), kind="regression"),
    "wave": Dataset(
        "Wave", "a curve over a line: one input", None, _wave, hidden=(8, 8), kind="curve"),
    DRAWN: Dataset(
        "Drawn by hand", "the points that you draw", None, _nothing, kind=None),
}  # fmt: skip
