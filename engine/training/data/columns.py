"""Columns: what the numbers of a point are called, and what they were before they were scaled."""

from __future__ import annotations

import math
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.dataclass import dataclass
from engine.training.spec.rules import Text
from engine.training.spec.spec import Spec, constrained, real

LONGEST_NAME = 60  # characters
_LARGEST = 1e300
_DIGITS = 15  # that a float keeps of any number
Numbers = TypeVar("Numbers", float, NDArray[np.float64])


@dataclass(frozen=True)
class Column(Spec):
    """Column of data: its name, and its scale: a number x of the network's was offset + unit · x in the file."""

    name: str = constrained(Text(LONGEST_NAME), "")
    offset: float = real(0, low=-_LARGEST, high=_LARGEST)
    unit: float = real(1, low=1 / _LARGEST, high=_LARGEST)

    def raw(self, scaled: Numbers) -> Numbers:
        """The number in its own unit, or the numbers of an array."""
        return self.offset + self.unit * scaled

    def scaled(self, raw: Numbers) -> Numbers:
        """The network's number, or numbers, for those in their own unit."""
        return (raw - self.offset) / self.unit

    def written(self, scaled: NDArray[np.float64]) -> list[float]:
        """The numbers (n,) in their own unit, as they were before they were scaled: to the digits that scaling kept."""
        numbers = self.raw(scaled)
        largest = max(abs(self.offset), float(np.abs(numbers).max(initial=0)), 1 / _LARGEST)
        kept = _DIGITS - math.ceil(math.log10(largest))
        raw = numbers.tolist()
        short = [round(number, kept) for number in raw]
        same = (self.scaled(np.array(short)) == scaled).tolist()
        return [short[i] if same[i] else raw[i] for i in range(len(raw))]

    def shown(self, scaled: float) -> str:
        """The number in its own unit, to three digits."""
        return f"{self.raw(scaled):.3g}".replace("-", "−")
