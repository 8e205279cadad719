"""First steps: five callouts for the first minute, each done by doing, skipped for good with one key."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtWidgets import QLabel, QSlider
from pytestqt.qtbot import QtBot

from playground.app import settings
from playground.app.help.first_steps import STEPS, FirstSteps
from playground.ui import theme
from playground.ui.controls import Button
from tests.e2e.conftest import User

Play = Callable[..., int]


@pytest.fixture(autouse=True)
def _at_the_usual_size() -> None:
    theme.set_text_size(1)


@pytest.fixture
def first_start(_no_first_steps: None) -> None:
    """Nothing has been seen yet."""
    settings._settings().remove("first_steps_seen")


def callouts(user: User) -> list[FirstSteps]:
    """Those that can be seen."""
    return [callout for callout in user.window.findChildren(FirstSteps) if callout.isVisible()]


def says(user: User, number: int) -> None:
    """Wait for the callout of a step, counted from 1."""
    user.wait(lambda: [callout.step() for callout in callouts(user)] == [STEPS[number - 1]], 5_000)


@pytest.mark.usefixtures("first_start")
def test_each_is_done_by_doing_and_then_they_are_seen(play: Play) -> None:
    def script(user: User) -> None:
        says(user, 1)
        user.key(Qt.Key.Key_Space)  # which is not the callout's
        says(user, 2)
        assert user.frame.training
        user.click_plane(1, 1)
        says(user, 3)
        user.press("Add a neuron to layer 1")
        says(user, 4)
        user.wait_for_step(5)
        user.settle()
        spot = user.window.network.diagram.columns[1].square(0).center()
        user.drag(user.window.network, [spot.toPointF()])
        assert user.window.inspector.is_open
        says(user, 5)
        user.key(Qt.Key.Key_S, Qt.KeyboardModifier.ShiftModifier)
        user.wait(lambda: not callouts(user), 5_000)
        assert settings.first_steps_seen()

    def script_of_the_second_start(user: User) -> None:
        user.settle()
        assert not callouts(user)

    assert play(script) == 0
    assert play(script_of_the_second_start) == 0


@pytest.mark.usefixtures("first_start")
def test_escape_skips_them_for_good_wherever_the_keyboard_is(play: Play) -> None:
    def script(user: User) -> None:
        says(user, 1)
        user.named("Speed", QSlider).setFocus()
        user.key(Qt.Key.Key_Escape)
        assert not callouts(user)
        assert settings.first_steps_seen()
        for _ in range(2):  # asked for twice, there is one
            user.choose("First steps")
        says(user, 1)
        user.press("Skip the first steps")
        assert not callouts(user)

    assert play(script) == 0


def test_they_come_only_where_they_are_wanted(play: Play) -> None:
    def script(user: User) -> None:
        user.settle()
        assert not callouts(user)
        user.choose("First steps")
        for number in range(1, len(STEPS) + 1):
            says(user, number)
            user.press("Next" if number < len(STEPS) else "Done")
        assert not callouts(user)

    assert play(script) == 0


def test_they_cover_nothing_of_what_they_speak_of(play: Play, qtbot: QtBot) -> None:
    def script(user: User) -> None:
        for size, share in ((QSize(1280, 800), 1.0), (QSize(1280, 800), 1.5), (QSize(1920, 1080), 1.0)):
            theme.set_text_size(share)
            user.window.resize(size)
            user.choose("First steps")
            for number in range(1, len(STEPS) + 1):
                says(user, number)
                stands_beside(user, number)
                user.window.resize(user.window.size() + QSize(30, 20))
                user.wait(lambda number=number: stands_beside(user, number) is None, 5_000)
                user.press("Next" if number < len(STEPS) else "Done")

    try:
        assert play(script) == 0
    finally:
        theme.set_text_size(1)


def stands_beside(user: User, number: int) -> None:
    """Fail unless the callout is whole, in the window, and beside what it speaks of."""
    (callout,) = callouts(user)
    place: QRect = STEPS[number - 1].place(user.window)
    assert not place.isEmpty()
    assert not callout.geometry().intersects(place), STEPS[number - 1].text
    assert user.window.rect().contains(callout.geometry())
    assert callout.geometry().adjusted(-2, -2, 2, 2).intersects(place)  # and not far from it
    for label in callout.findChildren(QLabel):
        assert label.height() >= label.heightForWidth(label.width())
        assert label.width() >= label.minimumSizeHint().width()
    for button in callout.findChildren(Button):
        assert button.width() >= button.sizeHint().width()


def test_they_make_way_while_what_they_speak_of_is_hidden(play: Play) -> None:
    def script(user: User) -> None:
        user.choose("First steps")
        for number in (1, 2):
            says(user, number)
            user.press("Next")
        says(user, 3)
        user.window.inspector.fill()  # the tabs have all the room
        user.wait(lambda: not callouts(user), 5_000)
        user.window.inspector.toggle()
        says(user, 3)

    assert play(script) == 0
