"""Phase bar: where it is clicked or walked to is where the film goes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from engine.microscope.film.film import Film, Phase
from engine.microscope.graph.expression_graph import batch_graph
from engine.training import PRESETS, Run
from playground.views.film.phase_bar import PhaseBar
from tests.playground.conftest import heard

LEFT = Qt.MouseButton.LeftButton
MOMENT = Run(PRESETS["gauss"]).snapshot()
STEPS = Film(batch_graph(MOMENT, 0), MOMENT).steps


@pytest.fixture
def bar(show: Callable[[Any], Any]) -> PhaseBar:
    bar = PhaseBar()
    bar.resize(700, bar.height())
    bar.show_film(STEPS, 0)
    shown: PhaseBar = show(bar)
    return shown


def test_a_click_goes_to_where_it_points(qtbot: QtBot, bar: PhaseBar) -> None:
    sought = heard(bar.sought)
    for position in (0, 1, 7, len(STEPS) // 2, len(STEPS) - 1, len(STEPS)):
        x = round(bar._x(position))
        qtbot.mouseClick(bar, LEFT, pos=QPoint(x, bar.height() - 8))
        (found,) = sought.pop()
        assert abs(found - position) <= 1 + len(STEPS) // 300


def test_each_phase_has_room_for_its_name_in_the_narrowest_bar(bar: PhaseBar, family: str) -> None:
    bar.resize(bar.minimumSizeHint())
    metrics = bar.fontMetrics()
    for phase, _, _, width in bar._stretches():
        assert width >= metrics.tightBoundingRect(phase.value if phase is not Phase.ZERO else "Zero").width() * 11 / 13


def test_keys_walk_by_one_operation_and_by_one_phase(qtbot: QtBot, bar: PhaseBar) -> None:
    sought = heard(bar.sought)
    ends = [n for n in range(1, len(STEPS)) if STEPS[n].phase is not STEPS[n - 1].phase]
    bar.show_film(STEPS, ends[0] + 3)
    for key, position in (
        (Qt.Key.Key_Left, ends[0] + 2),
        (Qt.Key.Key_Right, ends[0] + 4),
        (Qt.Key.Key_PageUp, ends[0]),
        (Qt.Key.Key_PageDown, ends[1]),
        (Qt.Key.Key_Home, 0),
        (Qt.Key.Key_End, len(STEPS)),
    ):
        qtbot.keyClick(bar, key)
        assert sought.pop() == (position,)


def test_it_says_where_it_stands(bar: PhaseBar) -> None:
    assert bar.accessibleDescription() == "Before the first operation" or bar.accessibleDescription().startswith("Left")
    bar.show_film(STEPS, 2)
    assert bar.accessibleDescription().startswith("Forward, operation 1 of ")
    bar.show_film(STEPS, len(STEPS))
    assert bar.accessibleDescription().startswith("Update, operation 13 of 13")


def test_without_a_film_nothing_happens(qtbot: QtBot, bar: PhaseBar) -> None:
    sought = heard(bar.sought)
    bar.show_film([], 0)
    qtbot.mouseClick(bar, LEFT, pos=QPoint(300, 20))
    qtbot.keyClick(bar, Qt.Key.Key_Right)
    assert sought == []
    bar.grab()
