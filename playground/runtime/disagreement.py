"""Disagreement: where networks that differ by their seeds answer otherwise, from their pictures as they come."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from playground.runtime.pictures import colours_in


class Disagreement:
    """Votes of networks for each cell of the plane; of a picture that is counted nothing is kept.

    Attributes:
        count: networks that are counted.
    """

    def __init__(self, side: int, colours: int) -> None:
        """Of pictures (side, side) of a task with so many colours."""
        self.count = 0
        self._colours = colours
        self._votes = np.zeros((colours, side, side), dtype=np.int64)

    def add(self, picture: NDArray[np.uint8]) -> None:
        """Count one more network: its boundary (side, side), as `boundary_of` gives it."""
        found = colours_in(picture, self._colours)
        self._votes += found == np.arange(self._colours)[:, None, None]  # -1, unknown, is a vote for none
        self.count += 1

    @property
    def majority(self) -> NDArray[np.int64]:
        """The colour that most networks give each cell, (side, side); the first of those with equal votes."""
        return np.asarray(self._votes.argmax(axis=0))

    @property
    def share(self) -> NDArray[np.float64]:
        """The share of networks that differ from the majority in each cell, (side, side), 0 to 1; NaN before any."""
        with np.errstate(invalid="ignore"):
            return np.asarray(1 - self._votes.max(axis=0) / np.float64(self.count))
