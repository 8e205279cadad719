"""Square of numbers that a plot shows, with the numbers along its sides; it stays as long as it fits."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF

LOOSEST = 0.55  # share of the side that is filled at the least, before a smaller square is taken
MARGIN = 1.06  # times what there is
LEADS = (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)  # of the lengths of sides
FEWEST_TICKS = 3


class Square(NamedTuple):
    """Square: its lower left corner and its side, in the numbers that are plotted."""

    left: float = -1.0
    bottom: float = -1.0
    side: float = 2.0

    def around(self, places: NDArray[np.floating]) -> Square:
        """This one if places (n, 2) still fit into it and fill it, or else another, around their middle."""
        low, high = places.min(axis=0), places.max(axis=0)
        extent = float((high - low).max())
        corner = np.array([self.left, self.bottom])
        if (low >= corner).all() and (high <= corner + self.side).all() and extent >= LOOSEST * self.side:
            return self
        side = _round_up(MARGIN * extent)
        left, bottom = ((low + high - side) / 2).tolist()
        return Square(left, bottom, side)

    def spots(self, places: NDArray[np.floating], area: QRectF) -> NDArray[np.float64]:
        """Where places (..., 2) lie in a square area of pixels."""
        scale = area.width() / self.side
        return np.asarray((places - (self.left, self.bottom)) * (scale, -scale) + (area.left(), area.bottom()))

    def chord(self, line: tuple[float, float, float]) -> NDArray[np.float64] | None:
        """The ends (2, 2) of a piece of the line a·u + b·v + c = 0 that reaches beyond the square; None if it has no
        direction.
        """
        a, b, c = line
        length = math.hypot(a, b)
        if not (length and math.isfinite(length) and math.isfinite(c)):
            return None
        normal = np.array([a, b]) / length
        middle = np.array([self.left, self.bottom]) + self.side / 2
        foot = middle - (normal @ middle + c / length) * normal  # of the perpendicular from the middle
        along = self.side * np.array([-normal[1], normal[0]])
        return np.array([foot - along, foot + along])

    def ticks(self, start: float) -> list[float]:
        """Round numbers along a side that begins at one."""
        decade = 10.0 ** math.floor(math.log10(self.side))
        step = next(s for s in (decade, decade / 2, decade / 5, decade / 10) if self.side / s >= FEWEST_TICKS)
        first, last = math.ceil(start / step), math.floor((start + self.side) / step)
        return [i * step for i in range(first, last + 1)]


def _round_up(value: float) -> float:
    """The next round length that is not below a value; 1 for nothing."""
    if value <= 0:
        return 1.0
    decade = 10.0 ** math.floor(math.log10(value))
    return next(lead * decade for lead in LEADS if value <= lead * decade)
