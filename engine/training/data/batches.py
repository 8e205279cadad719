"""Mini-batches: the points as the network takes them, and which of them each step learns from."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.dataclass import dataclass
from engine.training.spec.seeds import Stream, generator

DTYPE = np.float32  # tanh takes a fifth of the time that it takes in float64


@dataclass(frozen=True, eq=False)
class Batch:
    """Batch: points as the network takes them: inputs (n, features), targets (n, outputs), and the targets as the
    points have them, `truth` (n,).
    """

    inputs: NDArray[Any]
    targets: NDArray[Any]
    truth: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.truth)

    def take(self, rows: NDArray[Any]) -> Batch:
        """Some of the points, by index or by mask."""
        return Batch(self.inputs[rows], self.targets[rows], self.truth[rows])


@lru_cache(maxsize=4)
def _order(seed: int, epoch: int, count: int) -> NDArray[np.int64]:
    return generator(seed, Stream.BATCHES, epoch).permutation(count)


def upcoming(
    seed: int, epoch: int, position: int, size: int | None, count: int, shuffle: bool = True
) -> NDArray[np.int64]:
    """Which of so many points the next batch has, as indices: at most `size`, all that are left if it is None."""
    if _is_whole(position, size, count):
        return np.arange(count)
    order = _order(seed, epoch, count) if shuffle else np.arange(count)
    return order[position : count if size is None else position + size]


def _is_whole(position: int, size: int | None, count: int) -> bool:
    """Whether the next batch is all points, which then come in their own order."""
    return position == 0 and (size is None or size >= count)


class Batches:
    """Mini-batch sampler: deals out points, a batch at a time: in each epoch every point once, in an order of its own.

    The order follows from the seed and the number of the epoch alone, so two counters say where it stands. Without
    `shuffle` it is the points' own.

    Attributes:
        points: what is dealt out; may be exchanged in the middle of an epoch, which then goes on with the new ones.
        epoch: complete passes so far.
        position: points dealt out in this epoch.
    """

    def __init__(self, points: Batch, seed: int) -> None:
        self.points, self.seed = points, seed
        self.epoch = self.position = 0

    def is_whole(self, size: int | None) -> bool:
        """Whether the next batch is all points, which then come in their own order."""
        return _is_whole(self.position, size, len(self.points))

    def next(self, size: int | None, shuffle: bool = True) -> Batch:
        """The next points, at most `size`: the last batch of an epoch may be smaller. None stands for all."""
        if self.is_whole(size):
            return self.points
        return self.points.take(upcoming(self.seed, self.epoch, self.position, size, len(self.points), shuffle))

    def advance(self, dealt: int, times: int = 1) -> None:
        """Go past points that were dealt out; all of them, if several times."""
        self.epoch += times - 1
        self.position += dealt
        if self.position >= len(self.points):
            self.epoch, self.position = self.epoch + 1, 0

    def exchange(self, points: Batch) -> None:
        """Go on with other points. An epoch of which nothing is left then is over."""
        self.points = points
        if self.position:
            self.advance(0)
