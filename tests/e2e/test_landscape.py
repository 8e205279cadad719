"""The landscape: the way of the run on it, live, and going to any place of it, from which it can train on."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt

from engine.microscope.landscape.landscape import Landscape
from engine.microscope.landscape.plane import vector_of
from playground.views.landscape.picture import LandscapePicture
from playground.views.landscape.view import LandscapeView
from tests.e2e.conftest import InTurn, User
from tests.e2e.test_time import assert_same, trained


class Map:
    """The tab, as a user sees it."""

    def __init__(self, user: User) -> None:
        self._user = user
        user.choose("Landscape")
        self.picture: LandscapePicture = user.named("Landscape of the loss", LandscapePicture)

    def drawn(self) -> Landscape:
        """The landscape, when it is as fine as it gets."""
        self._user.wait(lambda: self.picture.landscape is not None and self.picture.landscape.surface.share == 1)
        assert self.picture.landscape is not None
        return self.picture.landscape

    def anew(self) -> Landscape:
        """One around the path of the run that is looked at now."""
        old = self.picture.landscape
        self._user.press("Path of this run")
        self._user.press("Draw the landscape anew")
        self._user.wait(lambda: self.picture.landscape is not old and self.drawn().step == self._user.frame.step)
        return self.drawn()

    def says(self, text: str) -> bool:
        page: LandscapeView = self._user.window.inspector.page("landscape")
        return text in self._user.named("What the landscape says").text() and page.isVisible()

    def weights(self) -> np.ndarray:
        assert self._user.frame.snapshot is not None
        return vector_of(self._user.frame.snapshot.weights)


def a_click_takes_the_network_there_as_enter_does_and_undo_brings_it_back(user: User) -> None:
    seen = Map(user)
    user.wait(lambda: seen.drawn().step == 0)  # that of the project before is not this one's
    before = trained(user, 30)
    shown = seen.anew()
    assert seen.says("lies in the plane")
    low, high = np.array(shown.surface.low), np.array(shown.surface.high)
    place = low + (high - low) * (20.5 / 50, 30.5 / 50)  # the middle of a cell
    user.drag(seen.picture, [QPointF(*seen.picture.spots(place).tolist())])
    after = user.settle()
    np.testing.assert_allclose(seen.weights(), shown.plane.at(place), atol=1e-5)
    assert after.train is not None
    assert after.train.loss == pytest.approx(shown.surface.losses[30, 20], rel=1e-3)
    assert after.step == before.step
    user.key(Qt.Key.Key_S)
    user.wait_for_step(before.step + 1)
    user.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert_same(user.settle(), before)
    seen.picture.setFocus()
    user.key(Qt.Key.Key_Left)
    user.key(Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    place = seen.picture.cursor_at
    assert place is not None
    np.testing.assert_allclose(place, shown.trail.places[-1] + (high - low) / 50 * (-1, 5), atol=1e-4)
    user.key(Qt.Key.Key_Return)
    user.settle()
    np.testing.assert_allclose(seen.weights(), shown.plane.at(place), atol=1e-5)


def it_is_drawn_when_there_is_a_path_and_anew_when_the_run_has_gone_beyond_it(user: User) -> None:
    seen = Map(user)
    user.wait(lambda: seen.picture.landscape is None)
    trained(user, 20)
    first = seen.drawn()
    assert first.trail.steps.tolist() == list(range(len(first.trail.steps)))
    trained(user, 150)
    user.wait(lambda: seen.picture.landscape is not None and seen.picture.landscape.plane is not first.plane)
    seen.drawn()
    user.wait(lambda: seen.says("because the run had gone beyond it"))
    user.press("Random directions")
    user.wait(lambda: seen.drawn().plane.shares is None)
    axes = seen.drawn().plane.axes
    user.press("Other directions")
    user.wait(lambda: (seen.drawn().plane.axes != axes).any())
    user.type_into("Learning rate", "0.02")
    user.settle()
    kept = seen.drawn()
    user.choose("New points")
    user.wait(lambda: seen.drawn() is not kept and seen.says("the same weights have another loss now"))


def test_going_about_the_landscape(play_in_turn: InTurn) -> None:
    play_in_turn(
        it_is_drawn_when_there_is_a_path_and_anew_when_the_run_has_gone_beyond_it,
        a_click_takes_the_network_there_as_enter_does_and_undo_brings_it_back,
    )
