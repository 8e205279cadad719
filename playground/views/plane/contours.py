"""Contours: lines along which the network answers the same, so many steps of colour apart."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QPainterPath

from playground.runtime.area import Area
from playground.runtime.pictures import CONFIDENCE_LEVELS

SIGNED = (16, 48, 80, 127.5, 176, 208, 240)  # heights: zero, and three on either side of it
BLUR = 5  # cells
SURE = (CONFIDENCE_LEVELS / 4, CONFIDENCE_LEVELS / 2, 3 * CONFIDENCE_LEVELS / 4)


def contours(picture: NDArray[np.uint8], area: Area, of_classes: bool) -> QPainterPath:
    """Lines in a picture of an area, in units: of equal value, or, of many classes, of being equally sure."""
    heights, half = _smoothed(picture % CONFIDENCE_LEVELS if of_classes else picture), area.side / len(picture) / 2
    return level_lines(heights, SURE if of_classes else SIGNED, area.low + half, area.high - half)


def level_lines(
    heights: NDArray[np.floating], levels: Iterable[float], low: NDArray[np.float64], high: NDArray[np.float64]
) -> QPainterPath:
    """Lines in units of the plane along which heights (side, side) have these values; their places go from one (2,) to
    another.
    """
    import pyqtgraph as pg
    from contourpy import LineType, contour_generator  # who never asks for lines need not wait for it

    x1, x2 = np.linspace(low, high, len(heights), axis=1)
    generator = contour_generator(x1, x2, heights, line_type=LineType.ChunkCombinedNan)
    result = QPainterPath()
    for level in levels:
        (places,) = generator.lines(level)[0]
        if places is not None:
            result.addPath(pg.arrayToQPath(*places.T, connect="finite"))
    return result


def _smoothed(heights: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Means of a few cells: whole numbers have plateaus, and a line around one has steps."""
    result = heights.astype(np.float32)
    for _ in range(2):  # along one side, and then along the other
        padded = np.pad(result, ((BLUR // 2, BLUR // 2), (0, 0)), mode="edge")
        result = np.mean([padded[i : i + len(heights)] for i in range(BLUR)], axis=0).T
    return result
