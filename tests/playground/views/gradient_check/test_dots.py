"""The picture of all errors: a mark for each row where it belongs, told apart by shape, and chosen by a click."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from pytestqt.qtbot import QtBot

from engine.microscope.gradcheck.check import Verdict
from playground.ui import theme
from playground.views.gradient_check.dots import DotsPicture
from tests.frames import frame_of
from tests.playground.conftest import LEFT, heard
from tests.playground.views.gradient_check.conftest import (
    experiment,
    has_colour,
    table_of,
    with_weights,
    wrong_by,
)


@pytest.fixture
def picture(show: Callable[[Any], Any]) -> DotsPicture:
    result = DotsPicture()
    result.resize(600, 300)
    return show(result)


def test_a_mark_is_as_high_as_its_error_and_rows_go_from_left_to_right(picture: DotsPicture) -> None:
    table = table_of(frame_of(experiment("tanh", "tanh")))
    picture.show_table(table)
    places = picture.places()
    assert len(places) == len(table)
    assert (np.diff([place.x() for place in places]) > 0).all()
    nonzero = table.relative > 0
    for place, relative in zip(np.array(places)[nonzero], table.relative[nonzero], strict=True):
        assert place.y() == pytest.approx(picture.y_of(np.log10(relative)))
    image = picture.grab().toImage()
    assert all(has_colour(image, place, theme.colour("muted")) for place in places)


def test_a_wrong_one_is_a_cross_in_the_colour_of_warnings_and_a_kink_is_hollow(picture: DotsPicture) -> None:
    frame = frame_of(experiment("relu", "relu"), steps=5)
    table = table_of(frame, 0.05, wrong_by(2, "4.weight")(frame.snapshot))
    picture.show_table(table)
    image, places = picture.grab().toImage(), picture.places()
    assert table.count(Verdict.KINK)
    assert table.count(Verdict.WRONG)
    for row in np.flatnonzero(table.verdict == Verdict.WRONG):
        assert has_colour(image, places[row], theme.colour("warning"))
        assert has_colour(image, places[row] + QPointF(3, 3), theme.colour("warning"))
    kinks = np.flatnonzero(table.verdict == Verdict.KINK)
    last = max(kinks, key=lambda row: places[row].x())
    assert has_colour(image, places[last], theme.colour("panel"), reach=0)


def test_a_click_chooses_the_nearest_and_beside_all_of_them_nothing(picture: DotsPicture, qtbot: QtBot) -> None:
    table = table_of(frame_of(experiment("tanh")))
    picture.show_table(table)
    chosen = heard(picture.row_chosen)
    for row in (3, 9):
        qtbot.mouseClick(picture, LEFT, pos=(picture.places()[row] + QPointF(2, 2)).toPoint())
    qtbot.mouseClick(picture, LEFT, pos=QPointF(picture.places()[5].x(), picture.area.top()).toPoint())
    assert chosen == [(3,), (9,)]


def test_the_chosen_one_is_ringed(picture: DotsPicture) -> None:
    picture.show_table(table_of(frame_of(experiment("tanh"))))
    for row in (2, 7):
        picture.show_row(row)
        image = picture.grab().toImage()
        ringed = [has_colour(image, place + QPointF(0, 7), theme.colour("accent")) for place in picture.places()]
        assert ringed == [i == row for i in range(13)]


def test_what_is_not_a_number_has_no_mark(picture: DotsPicture) -> None:
    picture.show_table(None)
    blank = picture.grab().toImage()
    table = table_of(with_weights(frame_of(experiment()), w0=np.full((1, 2), np.nan)))
    picture.show_table(table)
    image = picture.grab().toImage()
    assert not any(picture.rect().contains(place.toPoint()) for place in picture.places())
    area = picture.area.toRect()
    assert image.copy(area) == blank.copy(area)


def test_the_theme_repaints_it(picture: DotsPicture) -> None:
    picture.show_table(table_of(frame_of(experiment("tanh"))))
    theme.set_mode(theme.Mode.DARK)
    image = picture.grab().toImage()
    assert all(has_colour(image, place, theme.colour("muted")) for place in picture.places())
