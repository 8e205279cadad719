"""What the compiler must reach, and whether it did."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ours import BY_HAND, COMPILED
from race import Times
from report import Table, number


@dataclass(frozen=True)
class Target:
    """A figure, and the most or the least that it may be; without a figure it was not measured."""

    what: str
    figure: float
    most: float = math.inf
    least: float = -math.inf

    @property
    def row(self) -> list[str]:
        """What, the figure, its bound, and the verdict."""
        bound = f"≤ {self.most:g}" if self.most < math.inf else f"≥ {self.least:g}"
        if math.isnan(self.figure):
            return [self.what, "–", bound, "not measured"]
        reached = self.least <= self.figure <= self.most
        return [self.what, number(self.figure), bound, "reached" if reached else "NOT reached"]


def of_steps(races: dict[str, Times]) -> list[Target]:
    """Targets of the rows of the table of steps, small networks first, the large one last."""
    found = [Target(f"{name}: compiled / by hand", t.ratio(COMPILED, BY_HAND), most=1.2) for name, t in races.items()]
    *small, (large, times) = races.items()
    for name, t in small:
        found.append(Target(f"{name}: PyTorch / compiled", t.ratio("PyTorch", COMPILED), least=10))
        found.append(Target(f"{name}: JAX / compiled", t.ratio("JAX", COMPILED), least=3))
    return [*found, Target(f"{large}: JAX / compiled", times.ratio("JAX", COMPILED), least=1.1)]


def of_grid(times: Times) -> Target:
    """The target of the forward pass."""
    return Target("grid: compiled / by hand", times.ratio(COMPILED, BY_HAND), most=1.2)


def table(targets: Sequence[Target]) -> Table:
    """All targets with their figures."""
    return Table("Must reach", ["what", "figure", "target", ""], [target.row for target in targets])
