"""Columns: what the numbers of a point are called, and what they were before they were scaled."""

from __future__ import annotations

from dataclasses import dataclass

from engine.training.spec.rules import Text
from engine.training.spec.spec import Spec, constrained, real

LONGEST_NAME = 60  # characters
_LARGEST = 1e300


@dataclass(frozen=True)
class Column(Spec):
    """Column of data: its name, and its scale: a number x of the network's was offset + unit · x in the file."""

    name: str = constrained(Text(LONGEST_NAME), "")
    offset: float = real(0, low=-_LARGEST, high=_LARGEST)
    unit: float = real(1, low=1 / _LARGEST, high=_LARGEST)

    def raw(self, scaled: float) -> float:
        """The number in its own unit."""
        return self.offset + self.unit * scaled

    def shown(self, scaled: float) -> str:
        """The number in its own unit, to three digits."""
        return f"{self.raw(scaled):.3g}".replace("-", "−")
