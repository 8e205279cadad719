"""Map of agreement: what colour it has where networks agree, and where they do not."""

from __future__ import annotations

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from engine.training import PRESETS
from playground.runtime.disagreement import Disagreement
from playground.runtime.pictures import CONFIDENCE_LEVELS, boundary
from playground.ui import theme
from playground.views.sweep.agreement import AgreementMap


@pytest.mark.parametrize("preset", ["circle", "blobs"])
def test_the_colour_is_the_majority_s_and_fades_where_others_differ(qtbot: QtBot, preset: str) -> None:
    data = PRESETS[preset].data
    colours = data.task.colours
    votes = Disagreement(2, colours)
    for right in (0, 1, 1):  # they agree at the left, where the first row is below, and differ at the upper right
        labels = np.array([[0, 1], [1, right]])
        votes.add(boundary(labels, np.ones((2, 2)), colours))
    page = AgreementMap()
    qtbot.addWidget(page)
    page.setFixedSize(200, 200)
    page.show_votes(votes, data.replace(points=data.points.take([]), dataset="drawn"))
    picture = page.grab().toImage()
    table = theme.boundary_colours(colours, CONFIDENCE_LEVELS)
    for x, y, label, sure in ((2, 197, 0, 1.0), (197, 197, 1, 1.0), (2, 2, 1, 1.0), (197, 2, 1, 1 / 3)):
        index = boundary(np.array(label), np.array(sure), colours)
        found = picture.pixelColor(x, y)
        assert np.abs(table[index].astype(int) - (found.red(), found.green(), found.blue())).max() < 4
    assert page.toolTip().startswith("Where 3 networks disagree")
