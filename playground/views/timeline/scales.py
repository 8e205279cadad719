"""Scales of the timeline: how far from the left a step is, and how high a loss."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

HEIGHT = 38
ABOVE, BELOW, BESIDE = 11, 5, 5  # pixels: room for the marks, below the curves, and for half a mark at either end
SAME = 0.5  # pixels that nobody sees


class StepScale(NamedTuple):
    """Scale of steps: which are at the left and at the right end of so many pixels."""

    left: float
    right: float
    width: int

    def x_of(self, step: Any) -> Any:
        """Where a step is, or an array of them, in pixels from the left."""
        return BESIDE + (step - self.left) / (self.right - self.left) * self._reach

    def step_at(self, x: float) -> float:
        """The step at so many pixels from the left."""
        return self.left + (x - BESIDE) / self._reach * (self.right - self.left)

    @property
    def _reach(self) -> int:
        return max(1, self.width - 1 - 2 * BESIDE)


class LossScale(NamedTuple):
    """Scale of losses: which are lowest and highest; on a logarithmic one, both are above 0."""

    low: float
    high: float
    is_log: bool

    def has(self, losses: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which losses are on the scale."""
        return (losses <= self.high) & ((losses >= self.low) | (not self.is_log))

    def y_of(self, losses: NDArray[np.float64]) -> NDArray[np.float64]:
        """How far losses are from above, in pixels; what is out of the scale is at its ends."""
        values = np.log10(np.maximum(losses, self.low)) if self.is_log else losses
        bottom, top = (math.log10(self.low), math.log10(self.high)) if self.is_log else (0.0, self.high)
        share = (values - bottom) / max(top - bottom, 1e-12)
        return HEIGHT - BELOW - np.clip(share, 0, 1) * (HEIGHT - ABOVE - BELOW)

    def is_like(self, other: LossScale) -> bool:
        """Whether no loss is seen to be elsewhere on the other one."""
        if self.is_log is not other.is_log:
            return False
        ends = [np.array([scale.low, scale.high]) for scale in (self, other)]
        return all(float(np.abs(self.y_of(end) - other.y_of(end)).max()) < SAME for end in ends)
