"""What is measured: the work that all contenders are given, and what a contender is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Work:
    """A network with tanh in its hidden layers, where it starts, and its points; all in float32.

    Attributes:
        sizes: neurons of each layer, inputs first.
        x: inputs (points, sizes[0]).
        t: targets (points, 1).
        weights: for each layer W (outputs, inputs) and b (outputs,).
        rate: the learning rate of plain gradient descent on mean((output - t)²).
    """

    sizes: tuple[int, ...]
    x: Array
    t: Array
    weights: list[tuple[Array, Array]]
    rate: float

    @property
    def products(self) -> int:
        """How many multiplications by a weight a forward pass takes: by it, slow contenders are left out."""
        return len(self.x) * sum(w.size for w, _ in self.weights)

    def __str__(self) -> str:
        return f"{'-'.join(map(str, self.sizes))}, {len(self.x):,} points"


def training(sizes: tuple[int, ...], points: int) -> Work:
    """Steps on two classes that lie crosswise."""
    return _on(np.random.default_rng(1).normal(size=(points, sizes[0])), sizes)


def grid(sizes: tuple[int, ...], side: int) -> Work:
    """A forward pass on side × side points of the plane, as for a picture of every neuron."""
    line = np.linspace(-6, 6, side)
    return _on(np.stack(np.meshgrid(line, line), axis=-1).reshape(-1, 2), sizes)


def _on(x: NDArray[Any], sizes: tuple[int, ...]) -> Work:
    rng = np.random.default_rng(0)
    weights = []
    for n, m in pairwise(sizes):
        half = np.sqrt(6 / (n + m))
        weights.append((rng.uniform(-half, half, (m, n)).astype("f4"), rng.uniform(-0.1, 0.1, m).astype("f4")))
    # the wider a layer, the steeper the loss: at one rate for all, wide networks would be timed while they diverge
    return Work(sizes, x.astype("f4"), np.sign(x[:, :1] * x[:, 1:2]).astype("f4"), weights, min(0.1, 1 / max(sizes)))


@dataclass(frozen=True)
class Contender:
    """One way to do the work, ready to run.

    Attributes:
        run: does it once.
        read: from what `run` returned, the loss before the step, or of a forward pass the activations of all layers.
        steps: how many steps one `run` makes.
    """

    run: Callable[[], Any]
    read: Callable[[Any], Any]
    steps: int = 1


@dataclass(frozen=True)
class Entrant:
    """Who takes part: a library, or one way to use it.

    Attributes:
        name: as in the tables.
        package: what must be installed.
        step: the contender that trains; None if there is none.
        forward: the contender that computes the activations of every layer; None if there is none.
        limit: the most products (see `Work`) that end in bearable time.
        note: what a reader of the tables should know.
    """

    name: str
    package: str
    step: Callable[[Work], Contender] | None = None
    forward: Callable[[Work], Contender] | None = None
    limit: float = float("inf")
    note: str = ""

    @property
    def is_ours(self) -> bool:
        """Whether it needs no other library: one that fails is then a fault, and not left out."""
        return self.package == "numpy"


class DifferentWorkError(Exception):
    """A contender that does other work than the rest: its time would mean nothing."""
