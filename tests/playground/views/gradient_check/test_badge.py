"""The badge: the verdict of a spot check in one button, sparingly while it trains, and of one width."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from engine.microscope.gradcheck.check import Verdict, spot_check
from engine.microscope.gradcheck.kinks import Parameters
from engine.training import RunSnapshot
from playground.runtime.frame import Status
from playground.ui import theme
from playground.views.gradient_check.badge import NOTHING, TEXTS, CheckBadge
from tests.frames import frame_of
from tests.playground.conftest import LEFT, heard
from tests.playground.views.gradient_check.conftest import WITHOUT_POINTS, experiment, with_weights, wrong_by


class Engine:
    """This engine's gradients, and how often they were asked for."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, snapshot: RunSnapshot) -> Mapping[str, np.ndarray]:
        self.asked += 1
        return Parameters(snapshot).gradients


@pytest.fixture
def badge(show: Callable[[Any], Any]) -> CheckBadge:
    badge = CheckBadge()
    badge.asked.connect(lambda check: badge.show_spot(check()))  # at once, where a window has a thread for it
    return show(badge)


def test_right_gradients_are_said_with_their_error(badge: CheckBadge) -> None:
    assert badge.text() == NOTHING
    frame = frame_of(experiment("tanh"), steps=3)
    badge.show_frame(frame)
    error = spot_check(frame.snapshot, 3).error
    assert badge.text().startswith("✓ Gradients ")
    shown = float(badge.text().removeprefix("✓ Gradients ").replace("−", "-"))
    assert shown == pytest.approx(error, rel=0.5)


def test_wrong_gradients_are_said_in_words(badge: CheckBadge) -> None:
    badge.gradients = wrong_by(1.5, "2.weight")
    badge.show_frame(frame_of(experiment("tanh")))
    assert badge.text() == "! Gradients wrong"
    assert "the derivative is wrong" in badge.toolTip()
    badge.gradients = None
    badge.show_frame(frame_of(experiment("tanh")))
    assert badge.text().startswith("✓ Gradients ")


def test_a_kink_is_explained_and_is_no_error(badge: CheckBadge) -> None:
    at_corner = with_weights(frame_of(experiment("relu")), w0=np.zeros((3, 2)), b0=np.zeros(3), w2=np.ones((1, 3)))
    badge.show_frame(at_corner)
    assert badge.text() == TEXTS[Verdict.KINK]
    assert "stands exactly in its corner" in badge.toolTip()


def test_what_cannot_be_checked_is_no_number(badge: CheckBadge) -> None:
    badge.show_frame(with_weights(frame_of(experiment("tanh")), b0=np.full(3, np.nan)))
    assert badge.text() == TEXTS[Verdict.NOT_FINITE]
    badge.show_frame(frame_of(WITHOUT_POINTS))
    assert badge.text() == NOTHING


def test_while_training_most_frames_are_not_checked_and_each_one_is_while_paused(badge: CheckBadge) -> None:
    badge.gradients = engine = Engine()
    training = frame_of(experiment("tanh"), status=Status.TRAINING)
    for _ in range(200):
        badge.show_frame(training)
    assert 1 <= engine.asked < 100
    engine.asked = 0
    for _ in range(3):
        badge.show_frame(frame_of(experiment("tanh")))
    assert engine.asked == 3


def test_after_a_while_of_training_it_checks_again(badge: CheckBadge, qtbot: QtBot) -> None:
    badge.gradients = engine = Engine()
    training = frame_of(experiment("tanh"), status=Status.TRAINING)
    badge.show_frame(training)

    def checked_again() -> bool:
        badge.show_frame(training)
        return engine.asked >= 2

    qtbot.waitUntil(checked_again)


def test_nothing_is_checked_while_nobody_sees_it(badge: CheckBadge) -> None:
    badge.gradients = engine = Engine()
    badge.hide()
    badge.show_frame(frame_of(experiment("tanh")))
    assert engine.asked == 0
    assert badge.text() == NOTHING
    badge.show()
    assert engine.asked == 1
    assert badge.text().startswith("✓")


def test_it_keeps_its_width_and_no_text_is_cut_off(family: str, badge: CheckBadge) -> None:
    width = badge.width()
    for text in (*TEXTS.values(), NOTHING, "✓ Gradients 4e−10", "✓ Gradients 0"):
        badge.setText(text)
        assert badge.width() == width
        assert badge.sizeHint().width() <= width


def test_a_click_or_a_key_asks_for_more(badge: CheckBadge, qtbot: QtBot) -> None:
    clicked = heard(badge.clicked)
    qtbot.mouseClick(badge, LEFT)
    qtbot.keyClick(badge, Qt.Key.Key_Return)
    assert len(clicked) == 2
    assert badge.accessibleName()
    assert badge.accessibleDescription() == NOTHING
    assert "random direction" in badge.toolTip()
    theme.set_mode(theme.Mode.DARK)
    assert badge.text() == NOTHING
