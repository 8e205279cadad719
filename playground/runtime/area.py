"""Area: the square piece of the plane that is looked at."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.dataclass import dataclass
from engine.training import LIMIT, PLANE

SMALLEST, LARGEST = 0.1, 100.0  # units: the sides that an area can have
SAME = 1e-9  # of a side: what arithmetic leaves over


@dataclass(frozen=True)
class Area:
    """Area of the plane: its left and its lower edge and its side, in units of x₁ and x₂. By itself the whole plane."""

    left: float = -PLANE
    bottom: float = -PLANE
    side: float = 2 * PLANE

    @property
    def low(self) -> NDArray[np.float64]:
        """The least x₁ and x₂ in it (2,)."""
        return np.array([self.left, self.bottom])

    @property
    def high(self) -> NDArray[np.float64]:
        """The largest x₁ and x₂ in it (2,)."""
        return self.low + self.side

    @property
    def share(self) -> float:
        """Its side as a share of that of the whole plane: half at twice the size."""
        return self.side / WHOLE.side

    def contains(self, places: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which of some places (n, 2) lie in it (n,); its edge, where pixels map to 6.000000000000001, is of it."""
        beyond = np.maximum(self.low - places, places - self.high).max(axis=1)
        return np.asarray(beyond <= self.side * SAME)

    def clip(self, places: NDArray[np.float64]) -> NDArray[np.float64]:
        """Places (…, 2), each outside replaced by the nearest in it."""
        return np.clip(places, self.low, self.high)

    def zoomed(self, factor: float, at: NDArray[np.float64]) -> Area:
        """The area that shows things so many times as large, with a place (2,) where it was, as far as that goes."""
        side = min(max(self.side / factor, SMALLEST), LARGEST)
        return _at(at - (at - self.low) * (side / self.side), side)

    def moved(self, by: NDArray[np.float64]) -> Area:
        """The area so far (2,) from here, where there can be points."""
        return _at(self.low + by, self.side)


def _at(low: NDArray[np.float64], side: float) -> Area:
    left, bottom = np.clip(low, -LIMIT, LIMIT - side).tolist()
    is_whole = np.allclose((left, bottom, side), (WHOLE.left, WHOLE.bottom, WHOLE.side), rtol=SAME, atol=SAME)
    return WHOLE if is_whole else Area(left, bottom, side)


WHOLE = Area()
