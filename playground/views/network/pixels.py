"""Pixel conversion: colours of the theme as arrays, and arrays as pixels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from playground.ui import theme


def rgb(name: str) -> NDArray[np.float64]:
    """A colour of the theme by its token: red, green, blue, 0 to 255."""
    tint = theme.colour(name)
    return np.array([tint.red(), tint.green(), tint.blue()], dtype=np.float64)


def packed(colours: NDArray[np.generic]) -> NDArray[np.uint32]:
    """Colours (…, 3) as pixels (…) of QImage.Format_RGB32."""
    red, green, blue = np.moveaxis(colours.astype(np.uint32), -1, 0)
    pixels: NDArray[np.uint32] = 0xFF << 24 | red << 16 | green << 8 | blue
    return pixels
