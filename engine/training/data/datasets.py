"""Datasets: one table of generators of labelled points on the plane [-6, 6]².

`make(count, noise, classes, rng)` gives points (count, 2) and labels (count,) from 0, in random order. Noise, from 0 to
0.5, moves the points about; the shapes and their sizes follow TensorFlow Playground where it has them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

PLANE = 6.0  # coordinates of what generators draw run from -PLANE to PLANE
LIMIT = 1000.0  # how far any coordinate goes to either side
MAX_CLASSES = 9

Labelled = tuple[NDArray[np.float64], NDArray[np.int64]]


@dataclass(frozen=True)
class Dataset:
    """Dataset: a generator of points, and its preset, a small network that learns them from any seed.

    Attributes:
        label, description: its name in the window, and a few words on it.
        classes: how many it has, None if as many as one likes.
        make: the generator.
        hidden: the sizes of the preset's hidden layers.
        activation, initialiser: the preset's, by their names in the tables.
        preset_classes: how many classes the preset has, where one may choose.
    """

    label: str
    description: str
    classes: int | None
    make: Callable[[int, float, int, np.random.Generator], Labelled]
    hidden: tuple[int, ...] = (8, 4)
    activation: str = "tanh"
    initialiser: str = "xavier"
    preset_classes: int = 2


def _alternating(count: int, classes: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Labels in random order, as many of each as of the others."""
    return rng.permutation(np.arange(count) % classes)


def _polar(radius: NDArray[np.float64], angle: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)


def _circle(count: int, noise: float, classes: int, rng: np.random.Generator) -> Labelled:
    labels = _alternating(count, classes, rng)
    radius = np.where(labels == 0, rng.uniform(0, 2.5, count), rng.uniform(3.5, 5, count))
    xy = _polar(radius, rng.uniform(0, 2 * np.pi, count))
    return xy + rng.normal(0, 2 * noise, (count, 2)), labels


def _xor(count: int, noise: float, classes: int, rng: np.random.Generator) -> Labelled:
    xy = rng.uniform(-5, 5, (count, 2))
    xy += np.where(xy > 0, 0.3, -0.3)  # a gap along the axes
    labels = (xy[:, 0] * xy[:, 1] < 0).astype(np.int64)
    return xy + rng.normal(0, 2 * noise, (count, 2)), labels


def _gauss(count: int, noise: float, classes: int, rng: np.random.Generator) -> Labelled:
    labels = _alternating(count, classes, rng)
    centres = np.where(labels[:, None] == 0, 2.0, -2.0)
    return centres + rng.normal(0, 0.7 + 2 * noise, (count, 2)), labels


def _spiral(count: int, noise: float, classes: int, rng: np.random.Generator) -> Labelled:
    labels = _alternating(count, classes, rng)
    along = rng.permutation(count) / count
    xy = _polar(5 * along, 1.75 * 2 * np.pi * along + np.pi * labels)
    return xy + rng.normal(0, noise, (count, 2)), labels


def _moons(count: int, noise: float, classes: int, rng: np.random.Generator) -> Labelled:
    labels = _alternating(count, classes, rng)
    angle = rng.uniform(0, np.pi, count)
    upper = np.stack([3 * np.cos(angle) - 1.5, 3 * np.sin(angle) - 0.75], axis=1)
    xy = np.where(labels[:, None] == 0, upper, -upper)
    return xy + rng.normal(0, 0.2 + 1.5 * noise, (count, 2)), labels


def _blobs(count: int, noise: float, classes: int, rng: np.random.Generator) -> Labelled:
    labels = _alternating(count, classes, rng)
    centres = _polar(np.full(count, 3.8), 2 * np.pi * labels / classes + np.pi / 2)
    spread = min(0.6, 1.2 * np.sin(np.pi / classes))  # the more there are, the nearer they stand
    return centres + rng.normal(0, spread + noise, (count, 2)), labels


def _nothing(count: int, noise: float, classes: int, rng: np.random.Generator) -> Labelled:
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
    DRAWN: Dataset(
        "Drawn by hand", "the points that you draw", None, _nothing),
}  # fmt: skip
