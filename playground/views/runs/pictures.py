"""Pictures of runs: their boundaries, where two of them disagree, and the colour of their curves."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QIcon, QImage, QPixmap

from playground.model.branch import RunSummary
from playground.runtime.pictures import CONFIDENCE_LEVELS, colours_in
from playground.ui import theme

SWATCH = 10  # pixels


def disagreement(one: RunSummary, other: RunSummary) -> NDArray[np.bool_]:
    """Where two boundaries have different colours, (side, side)."""
    assert one.picture is not None
    assert other.picture is not None
    colours = [colours_in(_coarse(run.picture), run.experiment.task.colours) for run in (one, other)]
    return np.asarray(colours[0] != colours[1])


def disagreement_of(is_other: NDArray[np.bool_], side: int) -> QPixmap:
    """Where two boundaries disagree, so many pixels wide."""
    tints = (theme.colour("field"), theme.colour("accent"))
    colours = np.array([[tint.red(), tint.green(), tint.blue()] for tint in tints], dtype=np.uint8)
    return _pixmap(np.where(is_other, 1, 0).astype(np.uint8), colours, side)


def picture_of(run: RunSummary, side: int) -> QPixmap:
    """A run's boundary, so many pixels wide."""
    assert run.picture is not None
    return _pixmap(run.picture, theme.boundary_colours(run.experiment.task.colours, CONFIDENCE_LEVELS), side)


def _pixmap(picture: NDArray[np.uint8], colours: NDArray[np.uint8], side: int) -> QPixmap:
    rgb = np.ascontiguousarray(colours[picture[::-1]])
    height, width, _ = rgb.shape
    image = QImage(rgb.data, width, height, 3 * width, QImage.Format.Format_RGB888)
    return QPixmap.fromImage(image).scaled(side, side, mode=Qt.TransformationMode.SmoothTransformation)


def icon(picture: QPixmap) -> QIcon:
    """An icon that a chosen row leaves in its own colours."""
    icon = QIcon(picture)
    icon.addPixmap(picture, QIcon.Mode.Selected)
    return icon


def swatch(run: RunSummary) -> QPixmap:
    """A piece of the colour that the run's curves have."""
    picture = QPixmap(SWATCH, SWATCH)
    picture.fill(theme.run_colour(run.number))
    return picture


def _coarse(picture: NDArray[np.uint8] | None) -> NDArray[np.uint8]:
    """A picture in 100 cells a side: that of the run that is looked at may be finer."""
    assert picture is not None
    return picture[:: len(picture) // 100, :: len(picture) // 100]
