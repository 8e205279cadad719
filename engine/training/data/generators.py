"""Generators: points on the plane [-6, 6]², drawn at random.

Each is a function of what is wanted and of random numbers. It gives inputs (count, 2), or (count, 1) for a curve, and
targets (count,), which are classes from 0 or values from about -1 to 1, in random order. Noise, from 0 to 0.5, moves
the points about, or their values; the shapes and their sizes follow TensorFlow Playground where it has them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.dataclass import dataclass

PLANE = 6.0  # the plane that is shown at first runs from -PLANE to PLANE
GATE_REACH = 3.0  # a gate's 0 and 1 stand so far from the middle
TRIES = 25  # how often places are looked for, so many at a time, where a rule says which ones count
AT_A_TIME = 4000

Numbers = NDArray[np.float64]
Labels = NDArray[np.int64]
Made = tuple[Numbers, NDArray[Any]]


@dataclass(frozen=True)
class Wanted:
    """What is wanted of a generator.

    Attributes:
        count: how many points.
        noise: how far they stray, 0 to 0.5.
        classes: how many there are.
        balance: how many are of the first class beside each other one, as a share of the two: half are equally many.
        formula: what the targets follow, where that is the user's to say.
        inputs: how many numbers a point has, 1 or 2, where there is a choice.
        full: the value that has full colour.
    """

    count: int
    noise: float = 0.0
    classes: int = 2
    balance: float = 0.5
    formula: str = ""
    inputs: int = 2
    full: float = 1.0

    @property
    def stray(self) -> float:
        """How far values stray: those of a curve are as large as the plane."""
        return self.noise * (3 if self.inputs == 1 else 1)

    def labels(self, rng: np.random.Generator) -> Labels:
        """Labels in random order: as many of each class as of the others, but for the balance."""
        if self.balance == 0.5:
            return rng.permutation(np.arange(self.count) % self.classes)
        share = self.balance / (self.balance + (1 - self.balance) * (self.classes - 1))
        first = min(max(1, round(share * self.count)), self.count - 1)
        rest = 1 + np.arange(self.count - first) % (self.classes - 1)
        return rng.permutation(np.concatenate([np.zeros(first, np.int64), rest]))


Make = Callable[[Wanted, np.random.Generator], Made]


def _polar(radius: Numbers, angle: Numbers) -> Numbers:
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)


def parted(
    labels: Labels, rng: np.random.Generator, class_of: Callable[[Numbers], Labels], reach: float, inputs: int = 2
) -> Numbers:
    """Places for points with these labels, (n, inputs), spread evenly over where `class_of` puts each class.

    Places run from -reach to reach; those that count for no class have -1. Where they are rare, some are taken twice.
    """
    needed = np.bincount(labels)
    found: list[Numbers] = [np.empty((0, inputs))] * len(needed)
    for _ in range(TRIES):
        places = rng.uniform(-reach, reach, (AT_A_TIME, inputs))
        classes = class_of(places)
        found = [np.concatenate([old, places[classes == label]]) for label, old in enumerate(found)]
        if all(len(there) >= count for there, count in zip(found, needed, strict=True)):
            break
    result = np.empty((len(labels), inputs))
    for label, there in enumerate(found):
        result[labels == label] = np.resize(there, (needed[label], inputs))
    return result


# ── classes ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def circle(wanted: Wanted, rng: np.random.Generator) -> Made:
    labels, count = wanted.labels(rng), wanted.count
    radius = np.where(labels == 0, rng.uniform(0, 2.5, count), rng.uniform(3.5, 5, count))
    xy = _polar(radius, rng.uniform(0, 2 * np.pi, count))
    return xy + rng.normal(0, 2 * wanted.noise, (count, 2)), labels


def quarters(wanted: Wanted, rng: np.random.Generator) -> Made:
    xy = rng.uniform(-5, 5, (wanted.count, 2))
    xy += np.where(xy > 0, 0.3, -0.3)  # a gap along the axes
    labels = (xy[:, 0] * xy[:, 1] < 0).astype(np.int64)
    return xy + rng.normal(0, 2 * wanted.noise, xy.shape), labels


def two_clouds(wanted: Wanted, rng: np.random.Generator) -> Made:
    labels = wanted.labels(rng)
    centres = np.where(labels[:, None] == 0, 2.0, -2.0)
    return centres + rng.normal(0, 0.7 + 2 * wanted.noise, (wanted.count, 2)), labels


def spiral(turns: float) -> Make:
    """As many arms as there are classes, each of so many turns."""

    def make(wanted: Wanted, rng: np.random.Generator) -> Made:
        labels, count = wanted.labels(rng), wanted.count
        along = rng.permutation(count) / count
        xy = _polar(5 * along, turns * 2 * np.pi * along + 2 * np.pi * labels / wanted.classes)
        return xy + rng.normal(0, wanted.noise, (count, 2)), labels

    return make


def moons(wanted: Wanted, rng: np.random.Generator) -> Made:
    labels, count = wanted.labels(rng), wanted.count
    angle = rng.uniform(0, np.pi, count)
    upper = np.stack([3 * np.cos(angle) - 1.5, 3 * np.sin(angle) - 0.75], axis=1)
    xy = np.where(labels[:, None] == 0, upper, -upper)
    return xy + rng.normal(0, 0.2 + 1.5 * wanted.noise, (count, 2)), labels


def blobs(wanted: Wanted, rng: np.random.Generator) -> Made:
    labels, classes = wanted.labels(rng), wanted.classes
    centres = _polar(np.full(wanted.count, 3.8), 2 * np.pi * labels / classes + np.pi / 2)
    spread = min(0.6, 1.2 * np.sin(np.pi / classes))  # the more there are, the nearer they stand
    return centres + rng.normal(0, spread + wanted.noise, (wanted.count, 2)), labels


def rings(wanted: Wanted, rng: np.random.Generator) -> Made:
    labels, count = wanted.labels(rng), wanted.count
    is_outer = rng.random(count) < np.where(labels == 0, 0.9, 0.7)  # about as dense as the inner one of its class
    radius = 1.4 * (labels + 2 * is_outer) + rng.uniform(0, 0.8, count)
    xy = _polar(radius, rng.uniform(0, 2 * np.pi, count))
    return xy + rng.normal(0, wanted.noise, (count, 2)), labels


def checkerboard(wanted: Wanted, rng: np.random.Generator) -> Made:
    labels, count = wanted.labels(rng), wanted.count
    column = rng.integers(0, 4, count)
    row = 2 * rng.integers(0, 2, count) + (column + labels) % 2
    xy = 2.5 * np.stack([column, row], axis=1) - 5 + rng.uniform(0.2, 2.3, (count, 2))  # a gap between the squares
    return xy + rng.normal(0, wanted.noise, (count, 2)), labels


def yin_yang(wanted: Wanted, rng: np.random.Generator) -> Made:
    labels = wanted.labels(rng)
    xy = parted(labels, rng, _yin_yang_class, 5.0)
    return xy + rng.normal(0, wanted.noise, xy.shape), labels


def _yin_yang_class(xy: Numbers) -> Labels:
    """0 for the half with the upper head and its eye in the lower one; -1 outside, and within a gap at the borders."""
    head, eye, gap = 2.5, 0.9, 0.25
    x, y = xy.T
    upper, lower = np.hypot(x, y - head), np.hypot(x, y + head)
    label = np.where((upper < head) | (x < 0) & (lower > head), 0, 1)
    label = np.where(upper < eye, 1, np.where(lower < eye, 0, label))
    heads = np.where(x > 0, upper, np.inf) - head, np.where(x < 0, lower, np.inf) - head
    is_near = (np.abs((*heads, upper - eye, lower - eye)) < gap).any(axis=0)
    return np.where(is_near | (np.hypot(x, y) > 2 * head), -1, label)


def gate(truth: tuple[int, ...]) -> Make:
    """Corners of a square: x₁ and x₂ are 0 or 1, and `truth` says what comes out for 00, 01, 10 and 11."""

    def make(wanted: Wanted, rng: np.random.Generator) -> Made:
        corner = rng.permutation(np.arange(wanted.count) % len(truth))
        xy = gate_corners()[corner]
        return xy + rng.normal(0, 2 * wanted.noise, xy.shape), 1 - np.array(truth)[corner]

    return make


def gate_corners() -> Numbers:
    """The places (4, 2) of 00, 01, 10 and 11."""
    return 2 * GATE_REACH * (np.array([[0, 0], [0, 1], [1, 0], [1, 1]]) - 0.5)


# ── values: noise strays from them, not from the places ─────────────────────────────────────────────────────────────


def valued(of: Callable[[Numbers, Numbers], Numbers]) -> Make:
    """A generator of values over the plane, from a function of x₁ and x₂."""

    def make(wanted: Wanted, rng: np.random.Generator) -> Made:
        xy = rng.uniform(-5, 5, (wanted.count, 2))
        return xy, of(*xy.T) + rng.normal(0, wanted.stray, wanted.count)

    return make


def hills(x1: Numbers, x2: Numbers) -> Numbers:
    total = np.zeros_like(x1)
    for i, along in enumerate((-3.5, 0.0, 3.5)):
        for j, across in enumerate((-2.5, 2.5)):
            total += (-1) ** (i + j) * np.exp(-((x1 - along) ** 2 + (x2 - across) ** 2) / 2.5)
    return total


def wave(wanted: Wanted, rng: np.random.Generator) -> Made:
    x = rng.uniform(-5, 5, wanted.count)
    return x[:, None], 3.5 * np.sin(1.2 * x) + rng.normal(0, wanted.stray, wanted.count)


def nothing(wanted: Wanted, rng: np.random.Generator) -> Made:
    return np.empty((0, 2)), np.empty(0, dtype=np.int64)
