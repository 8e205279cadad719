"""Relief of a loss surface: how high each loss is, its colours, and lines of equal loss."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage, QPainterPath

from engine.microscope.landscape.surface import Surface
from playground.ui import theme
from playground.views.plane.contours import level_lines

LEVELS = 12  # lines between the lowest and the highest loss


class Relief:
    """Relief of a surface: losses as shares of the way from the lowest to the highest, by their logarithms.

    Where losses are below 0, as those of a formula that was typed may be, or all are 0, they are shares as they are.

    Attributes:
        is_empty: whether there is no finite loss at all.
    """

    def __init__(self, surface: Surface) -> None:
        self._surface = surface
        known = surface.losses[np.isfinite(surface.losses)]
        above = known[known > 0]
        self.is_empty = not len(known)
        self.is_log = len(above) > 0 and not (known < 0).any()
        self._floor = float(above.min()) if self.is_log else -np.inf
        heights = self._heights(known)
        self._low, self._high = (float(heights.min()), float(heights.max())) if len(known) else (0.0, 1.0)

    def _heights(self, losses: NDArray[np.float64]) -> NDArray[np.float64]:
        floored = np.maximum(losses, self._floor)
        return np.log10(floored) if self.is_log else floored

    @property
    def shares(self) -> NDArray[np.float64]:
        """(side, side): 0 at the lowest loss, 1 at the highest, NaN where there is none."""
        return (self._heights(self._surface.losses) - self._low) / max(self._high - self._low, 1e-300)

    def loss(self, share: float) -> float:
        """The loss at a share of the way up."""
        height = self._low + share * (self._high - self._low)
        return float(10**height) if self.is_log else height

    def image(self) -> QImage:
        """The surface from above: the deeper, the stronger its colour; transparent where a loss is not finite."""
        shares = self.shares[::-1]
        depths = np.nan_to_num(255 * (1 - shares)).astype(np.uint8)
        pixels = np.dstack([theme.depth_colours()[depths], np.where(np.isnan(shares), 0, 255).astype(np.uint8)])
        pixels = np.ascontiguousarray(pixels, dtype=np.uint8)
        height, width, _ = pixels.shape
        return QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()

    def lines(self) -> QPainterPath:
        """Lines of equal loss, in units of the plane."""
        side = len(self._surface.losses)
        if side < 2 or self.is_empty:
            return QPainterPath()
        low, high = np.array(self._surface.low), np.array(self._surface.high)
        half = (high - low) / side / 2
        levels = (np.arange(LEVELS) + 0.5) / LEVELS
        return level_lines(np.ma.masked_invalid(self.shares), levels.tolist(), low + half, high - half)


def loss_at(surface: Surface, place: NDArray[np.float64]) -> float:
    """The loss of the cell that a place (2,) lies in; NaN outside, or where it is not finite."""
    low, high = np.array(surface.low), np.array(surface.high)
    column, row = np.floor((place - low) / (high - low) * len(surface.losses)).astype(int).tolist()
    side = len(surface.losses)
    return float(surface.losses[row, column]) if 0 <= row < side and 0 <= column < side else np.nan
