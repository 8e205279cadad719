"""Frame: what the window shows of a run at one moment, as fresh arrays that nobody writes to again."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from engine.training import Curve, Experiment, Score


class Status(Enum):
    """What the run is doing, as the window says it."""

    READY = "Ready"
    TRAINING = "Training"
    PAUSED = "Paused"
    WAITING = "Waiting for points"
    DIVERGED = "Diverged"


@dataclass(frozen=True, eq=False)
class Frame:
    """One moment of a run.

    Pictures are square arrays of palette indices (uint8), row 0 at the bottom (x₂ = -6), column 0 at the left
    (x₁ = -6): `theme.boundary_colours(classes)` turns `boundary` into colours, `theme.map_colours()` the maps.
    """

    experiment: Experiment
    status: Status
    note: str  # one sentence: why it waits, where it diverged; empty otherwise
    step: int  # parameter updates so far
    epoch: int  # complete passes over the training points
    train: Score | None  # loss, accuracy, right, count; None without such points
    test: Score | None
    curve: Curve  # steps (n,), train (n,), test (n,): n ≤ 2,000, the last entry is this moment
    boundary: NDArray[np.uint8]  # (side, side)
    maps: tuple[NDArray[np.uint8], ...]  # per column, features first, outputs last: (neurons, side, side), 128 is zero
    weights: tuple[NDArray[np.floating], ...]  # per column after the first: (neurons, inputs)
    biases: tuple[NDArray[np.floating], ...]  # per column after the first: (neurons,)
    steps_per_second: float | None  # None while not training
