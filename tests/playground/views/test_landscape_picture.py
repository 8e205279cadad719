"""Picture of a landscape: what is written beside the relief does not run together."""

from __future__ import annotations

from itertools import groupby

import pytest
from pytestqt.qtbot import QtBot

from engine.microscope.landscape.landscape import LandscapeChoice, Subject, landscapes
from engine.training import PRESETS, Run
from engine.training.run.timeline import Timeline
from playground.ui import theme
from playground.views.landscape import words
from playground.views.landscape.picture import LandscapePicture


@pytest.mark.parametrize("size", [(680, 230), (300, 200)])
def test_the_numbers_of_the_axis_and_its_title_are_two_lines(qtbot: QtBot, size: tuple[int, int]) -> None:
    timeline = Timeline.of(Run(PRESETS["spiral"]))
    timeline.step(60)
    *_, landscape = landscapes(LandscapeChoice(), Subject(timeline.run.snapshot(), timeline.copy(), {}))
    picture = LandscapePicture()
    qtbot.addWidget(picture)
    picture.resize(*size)
    picture.show_landscape(landscape, words.names(landscape))
    image, area = picture.grab().toImage(), picture.area.toAlignedRect()
    ground = image.pixel(0, image.height() - 1)
    below = range(area.bottom() + 2, image.height())
    is_written = [any(image.pixel(x, y) != ground for x in range(area.left(), area.right())) for y in below]
    rows = [(written, len(list(same))) for written, same in groupby(is_written)]
    above, _, between, title, *_ = rows
    assert not above[0]
    assert title[0]
    assert between[1] >= theme.GAP // 2
