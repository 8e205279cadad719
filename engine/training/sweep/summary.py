"""Summary of a sweep: of each combination of settings, what its runs say once the luck of the seed is taken out."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from engine.dataclass import dataclass
from engine.training.sweep.job import check_steps
from engine.training.sweep.plan import Plan
from engine.training.sweep.rows import Row
from engine.training.sweep.statistics import quartiles, wilson_interval


@dataclass(frozen=True)
class Summary:
    """Summary of the runs of one combination.

    Attributes:
        plan: the sweep that it is of.
        values: of the settings that vary, as they are written.
        rows: its runs.
        failures: those with a reason instead of a result, which are not among them.
    """

    plan: Plan
    values: tuple[str, ...]
    rows: tuple[Row, ...]
    failures: tuple[Row, ...]

    @property
    def reached(self) -> int:
        """How many of its runs reached the wanted quality."""
        return int(np.isfinite(self._steps_to).sum())

    @property
    def share(self) -> float:
        """Their share; 0 of none."""
        return self.reached / len(self.rows) if self.rows else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """From the least to the greatest share that is plausible, by Wilson."""
        return wilson_interval(self.reached, len(self.rows))

    @cached_property
    def loss(self) -> tuple[float, float, float]:
        """Quartiles of the loss at the end."""
        return quartiles([row.loss for row in self.rows])

    @property
    def steps_to(self) -> float:
        """Median of the steps to the wanted quality; infinite where half of the runs never reached it."""
        return quartiles(self._steps_to)[1]

    @cached_property
    def _steps_to(self) -> NDArray[np.float64]:
        """Of each run, the first check that found as much as wanted, in steps; infinite if none did."""
        at, found = check_steps(self.plan.steps), np.full(len(self.rows), np.inf)
        for i, row in enumerate(self.rows):
            if len(first := np.flatnonzero(row.qualities >= self.plan.wanted)):
                found[i] = at[first[0]]
        return found

    @property
    def diverged(self) -> int:
        """How many of its runs diverged."""
        return sum(row.diverged for row in self.rows)

    @property
    def curve(self) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The checks of a run, in steps, (n,), and the quartiles of the loss after each, (3, n)."""
        at = check_steps(self.plan.steps)
        losses = np.full((len(self.rows), len(at)), np.nan)
        for line, row in zip(losses, self.rows, strict=True):
            line[: len(row.losses)] = row.losses
        return at, np.array([quartiles(column) for column in losses.T]).T.reshape(3, len(at))


def summaries(plan: Plan, rows: Iterable[Row]) -> list[Summary]:
    """A summary for each combination, the best first: more runs that get there, then a lower loss."""
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(row.values, []).append(row)
    found = []
    for values, group in groups.items():
        done = tuple(sorted((row for row in group if not row.reason), key=lambda row: row.seed))
        found.append(Summary(plan, values, done, tuple(row for row in group if row.reason)))
    return sorted(found, key=lambda one: (-one.share, not one.rows, one.loss[1], one.values))
