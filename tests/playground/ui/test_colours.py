"""Colours that must not be taken for one another, by colour-blind people either."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtGui import QColor

from playground.ui import theme

# from linear RGB to the cones' answers, and from their cube roots to OKLab (Ottosson 2020)
CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
OKLAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
# what is left of linear RGB without red, green or blue cones (Machado and others 2009)
SIGHTS = {
    "usual": np.eye(3),
    "no red": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "no green": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "no blue": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
CLEAR = 0.16  # a distance in OKLab that is seen at a glance


def seen(name: str, sight: str) -> NDArray[np.float64]:
    tint = np.array(QColor(name).getRgbF()[:3])
    linear = np.where(tint <= 0.04045, tint / 12.92, ((tint + 0.055) / 1.055) ** 2.4)
    return np.asarray(OKLAB @ np.cbrt(CONES @ np.clip(SIGHTS[sight] @ linear, 0, 1)))


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize("palette", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
def test_activations_among_many_classes_are_not_taken_for_a_class_nor_for_each_other(
    palette: theme.Palette, sight: str
) -> None:
    for name, others in ((palette.low, (palette.high, *theme.CLASSES)), (palette.high, theme.CLASSES)):
        for other in (*others, palette.middle):
            assert np.linalg.norm(seen(name, sight) - seen(other, sight)) > CLEAR, (name, other)
