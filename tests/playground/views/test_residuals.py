"""Residuals over predictions: however far off a network is, the axis tells how far."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QFontMetrics
from pytestqt.qtbot import QtBot

from engine.microscope.inside.predictions import Predictions
from engine.training import PRESETS
from playground.ui import theme
from playground.views.predictions.residuals import FONT, ResidualPicture


def shown(qtbot: QtBot, largest: float) -> ResidualPicture:
    """Of values that are said too high, by no more than this."""
    data = PRESETS["saddle"].data
    points = data.arrays
    targets = points.targets.astype(float)
    off = largest * np.linspace(0.1, 1, len(points)) / data.task.target.unit
    picture = ResidualPicture()
    qtbot.addWidget(picture)
    picture.resize(520, 110)
    picture.show_predictions(Predictions(data.task, np.arange(len(points)), targets + off, targets, None), points)
    return picture


@pytest.mark.parametrize("lead", [1.0, 1.7, 2.2, 3.9, 4.2, 4.6, 9.9])
@pytest.mark.parametrize("decade", [-5, 0, 2, 33, 130])
def test_the_axis_of_residuals_has_a_scale_that_is_seen_whole(qtbot: QtBot, lead: float, decade: int) -> None:
    picture = shown(qtbot, lead * 10.0**decade)
    metrics = QFontMetrics(theme.font(FONT))
    numbers = [number for number, _ in picture.ticks]
    assert 0 in numbers
    assert len(numbers) >= 3
    assert max(numbers) <= 1.06 * lead * 10.0**decade * (1 + 1e-6)
    for number, text in picture.ticks:
        assert float(text.replace("−", "-").replace(",", "")) == pytest.approx(number, rel=1e-9, abs=0)
        assert metrics.horizontalAdvance(text) < picture.area.left()
        assert "e+" not in text
