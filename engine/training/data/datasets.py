"""Datasets: one table of what points can be made of, each row with the small network that learns them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field

import numpy as np

from engine.dataclass import dataclass
from engine.training.data import generators as g
from engine.training.data.columns import Column
from engine.training.data.formulas import formula_columns, formula_points
from engine.training.data.generators import PLANE, Make, Wanted, gate_corners
from engine.training.data.measured import Measured

__all__ = ["DATASETS", "DRAWN", "MAX_CLASSES", "PLANE", "Dataset", "gate_corners"]

MAX_CLASSES = 9


def _nameless(_: Wanted) -> tuple[Column, ...]:
    return ()


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
        count: how many points it has, None if as many as one likes.
        noise: the preset's.
        inputs: how many numbers a point has, unless its kind says so.
        has_balance: whether one may choose how many points of the first class there are.
        columns: what the numbers of its points are called, and last the target; none if they have no names.
        class_names: those of its classes, as far as they have any.
        formulas: what its targets follow unless the user types something else, by kind; none if they follow no formula.
        truth: what comes out for the inputs 00, 01, 10 and 11, of a logic gate.
        source: where measured points come from, and under which licence they may be passed on.
        icon: what stands for it where its points depend on the user; of others their picture does.
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
    count: int | None = None
    noise: float = 0.0
    inputs: int = 2
    has_balance: bool = True
    columns: Callable[[Wanted], tuple[Column, ...]] = _nameless
    class_names: tuple[str, ...] = ()
    formulas: Mapping[str, str] = field(default_factory=dict)
    truth: tuple[int, ...] = ()
    source: str = ""
    icon: str = ""

    @property
    def name(self) -> str:
        """Its label in the middle of a sentence."""
        return self.label if self.label[:2].isupper() else self.label[0].lower() + self.label[1:]


def _gate(label: str, description: str, *truth: int) -> Dataset:
    scale = {"offset": 0.5, "unit": 0.5 / g.GATE_REACH}
    columns = Column("x₁", **scale), Column("x₂", **scale), Column("output")
    return Dataset(
        label, description, 2, g.gate(truth), hidden=(4,), noise=0.2, has_balance=False, columns=lambda _: columns,
        class_names=("1", "0"), truth=truth,
    )  # fmt: skip


def _values(label: str, description: str, of: Callable[..., np.ndarray], hidden: tuple[int, ...]) -> Dataset:
    return Dataset(label, description, None, g.valued(of), hidden, kind="regression", has_balance=False)


def _measured(label: str, description: str, table: Measured, count: int, source: str) -> Dataset:
    return Dataset(
        label, description, len(table.classes), table, hidden=(3,), count=count, inputs=len(table.order),
        has_balance=False, columns=table.columns, class_names=table.classes, source=source,
    )  # fmt: skip


_IRIS = Measured("iris.csv", (2, 3, 0, 1), ("setosa", "versicolor", "virginica"))
_PENGUINS = Measured("penguins.csv", (0, 1, 2, 3), ("Adelie", "Chinstrap", "Gentoo"))

DRAWN = "drawn"  # the row whose points are given by hand

DATASETS: dict[str, Dataset] = {
    "circle": Dataset(
        "Circle", "one class inside the other", 2, g.circle, hidden=(6, 4)),
    "xor": Dataset(
        "Exclusive or", "opposite quarters belong together", 2, g.quarters, activation="relu", initialiser="he",
        has_balance=False),
    "gauss": Dataset(
        "Two clouds", "two Gaussians: a straight line can part them", 2, g.two_clouds, hidden=(3,)),
    "spiral": Dataset(
        "Spiral", "two arms wound into each other", 2, g.spiral(1.75), hidden=(8, 8), activation="sin"),
    "moons": Dataset(
        "Moons", "two half circles that reach into each other", 2, g.moons, hidden=(6, 4)),
    "blobs": Dataset(
        "Blobs", "as many clouds as you choose, one a class", None, g.blobs, hidden=(6,), preset_classes=3),
    "rings": Dataset(
        "Rings", "four rings, the classes in turn", 2, g.rings, hidden=(8, 8), activation="sin"),
    "checkerboard": Dataset(
        "Checkerboard", "four by four squares, the classes in turn", 2, g.checkerboard, hidden=(16, 16),
        activation="sin"),
    "yin_yang": Dataset(
        "Yin and yang", "two drops, each with an eye of the other class", 2, g.yin_yang, hidden=(16, 8),
        activation="sin"),
    "three_arms": Dataset(
        "Three-arm spiral", "three classes wound into each other", 3, g.spiral(1.0), hidden=(8, 8), activation="sin"),
    "and": _gate("AND gate", "1 where both inputs are 1: one neuron is enough", 0, 0, 0, 1),
    "or": _gate("OR gate", "1 where an input is 1: one neuron is enough", 0, 1, 1, 1),
    "nand": _gate("NAND gate", "0 where both inputs are 1: one neuron is enough", 1, 1, 1, 0),
    "xor_gate": _gate("XOR gate", "1 where one input alone is 1: it takes a hidden layer", 0, 1, 1, 0),
    "iris": _measured(
        "Iris", "150 flowers of three species, by the size of their leaves", _IRIS, 150,
        "Measured by E. Anderson, 1935; published by R. A. Fisher, 1936; public domain."),
    "penguins": _measured(
        "Penguins", "342 penguins of three species, by their size and weight", _PENGUINS, 342,
        "Measured by K. Gorman and the Palmer Station LTER, 2007 to 2009; edited by A. Horst and others; CC0. Two "
        "of their 344 rows have no numbers."),
    "slope": _values(
        "Slope", "a plane: the value grows along the diagonal", lambda x1, x2: (x1 + x2) / 10, (3,)),
    "saddle": _values(
        "Saddle", "x₁ · x₂: up towards two corners, down towards the others", lambda x1, x2: x1 * x2 / 25, (8,)),
    "ridges": _values(
        "Sine ridges", "waves across the plane", lambda x1, x2: np.sin(x1 + 0.5 * x2), (12, 8)),
    "hills": _values(
        "Hills", "Gaussians that go up and down in turn", g.hills, (16, 8)),
    "wave": Dataset(
        "Wave", "a curve over a line: one input", None, g.wave, hidden=(8, 8), kind="curve", has_balance=False),
    "formula": Dataset(
        "Formula", "points that follow what you type", 2, formula_points, hidden=(8, 4), activation="sin", kind=None,
        icon="function", columns=formula_columns, formulas={
            "classification": "x2 > sin(x1)", "regression": "sin(x1) + x2 / 3", "curve": "x1 * sin(x1)"}),
    DRAWN: Dataset(
        "Drawn by hand", "the points that you draw", None, g.nothing, kind=None, has_balance=False,
        icon="pencil-simple"),
}  # fmt: skip
