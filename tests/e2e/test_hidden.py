"""The hidden space: a layer's view of the points, live, of any network; and the layer's lines in the plane."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLabel

from engine.training import (
    PRESETS,
    Data,
    Experiment,
    LayerSpec,
    Network,
    Training,
    activations_at,
    setup_text,
)
from playground.app.menus import MenuAction
from playground.runtime.frame import Frame, Status
from playground.ui import theme
from playground.views.hidden.plot import HiddenPlot, Shown
from tests.e2e.conftest import InTurn, User
from tests.e2e.test_settings_live import pick
from tests.e2e.test_time import trained

Play = Callable[..., int]


class Hidden:
    """The tab, as a user sees it."""

    def __init__(self, user: User) -> None:
        self._user = user
        user.choose("Hidden space")
        user.settle()
        self.plot: HiddenPlot = user.named("Hidden space", HiddenPlot)

    @property
    def shown(self) -> Shown:
        assert self.plot.shown is not None
        return self.plot.shown

    def says(self, text: str) -> bool:
        labels = self._user.window.inspector.page("hidden").findChildren(QLabel)
        return any(text in label.text() for label in labels if label.isVisible())

    def answers(self, layer: int, frame: Frame | None = None) -> NDArray[np.float64]:
        """What a layer answers to the points that are drawn, computed from the weights that are shown."""
        frame = self._user.frame if frame is None else frame
        places = self.shown.points.inputs
        return np.asarray(activations_at(frame.experiment, frame.weights, frame.biases, places)[layer + 1], float)

    def assert_components(self, layer: int) -> None:
        """What is plotted are the layer's answers in the directions of their largest spread."""
        answers = self.answers(layer)
        _, sizes, _ = np.linalg.svd(answers - answers.mean(axis=0))
        np.testing.assert_allclose(np.linalg.norm(self.shown.space.points, axis=0), sizes[:2], rtol=1e-3)


def in_the_plane(user: User, option: str) -> None:
    """Turn an option of the plane by the menus."""
    (found,) = (a for a in user.window.findChildren(MenuAction) if a.entry.name == option)
    found.trigger()


def each_layer_has_its_view_and_one_layer_is_chosen_everywhere(user: User) -> None:
    trained(user, 30)
    hidden = Hidden(user)
    hidden.assert_components(0)
    assert hidden.shown.space.border is None
    pick(user, "Layer", "Layer 2: 4 neurons")
    hidden.assert_components(1)
    assert hidden.shown.space.border is not None
    assert hidden.says("Layer 2 makes 4 numbers of each point.")
    user.named("Activation of layer 2")  # the diagram has chosen it as well
    user.press("Layer 1")
    assert user.named("Layer", QComboBox).currentText() == "Layer 1: 6 neurons"
    hidden.assert_components(0)


def two_neurons_are_shown_as_they_are(user: User) -> None:
    hidden = Hidden(user)
    user.press("Two neurons")
    np.testing.assert_allclose(hidden.shown.space.points, hidden.answers(0)[:, [0, 1]], atol=1e-5)
    pick(user, "Across", "Neuron 5")
    pick(user, "Up", "Neuron 3")
    np.testing.assert_allclose(hidden.shown.space.points, hidden.answers(0)[:, [4, 2]], atol=1e-5)
    assert (hidden.shown.across, hidden.shown.up) == ("neuron 5", "neuron 3")
    pick(user, "Layer", "Layer 2: 4 neurons")  # which has no fifth
    np.testing.assert_allclose(hidden.shown.space.points, hidden.answers(1)[:, [0, 1]], atol=1e-5)
    user.press("Components")
    hidden.assert_components(1)


def it_goes_along_with_training_and_back_in_time(user: User) -> None:
    hidden = Hidden(user)
    user.press("Two neurons")
    before = hidden.shown.space.points
    trained(user, 25)
    assert not np.allclose(hidden.shown.space.points, before)
    user.choose("To the beginning")
    user.wait(lambda: user.frame.step == 0)
    user.settle()
    np.testing.assert_array_equal(hidden.shown.space.points, before)


def without_a_hidden_layer_it_says_so(user: User) -> None:
    hidden = Hidden(user)
    for _ in range(2):
        user.choose("Remove the last layer")
    user.settle()
    assert hidden.plot.shown is None
    assert user.named("Layer", QComboBox).count() == 0
    assert hidden.says("One linear region: the whole plane.")
    user.choose("Add a hidden layer")
    user.settle()
    hidden.assert_components(0)


def a_layer_of_one_neuron_has_one_direction(user: User) -> None:
    hidden = Hidden(user)
    for _ in range(5):
        user.press("Remove a neuron from layer 1")
    user.settle()
    assert hidden.says("Layer 1 makes one number of each point.")
    np.testing.assert_array_equal(hidden.shown.space.points[:, 1], 0)
    assert not user.named("Across", QComboBox).isEnabled()


def an_empty_plane_is_bent_all_the_same(user: User) -> None:
    hidden = Hidden(user)
    user.choose("Erase all points")
    user.settle()
    assert len(hidden.shown.points) == 0
    assert np.ptp(hidden.shown.space.grid) > 0


def the_place_that_is_pointed_at_is_ringed(user: User) -> None:
    hidden = Hidden(user)
    before = hidden.plot.grab().toImage()
    plane = user.window.output.plane
    user.point_at(plane.viewport(), plane.pixel(-5, 5).toPoint())
    assert hidden.plot.grab().toImage() != before
    plane.leaveEvent(None)  # type: ignore[arg-type]
    assert hidden.plot.grab().toImage() == before


def test_of_two_classes(play_in_turn: InTurn) -> None:
    play_in_turn(
        each_layer_has_its_view_and_one_layer_is_chosen_everywhere,
        two_neurons_are_shown_as_they_are,
        it_goes_along_with_training_and_back_in_time,
        without_a_hidden_layer_it_says_so,
        a_layer_of_one_neuron_has_one_direction,
        an_empty_plane_is_bent_all_the_same,
        the_place_that_is_pointed_at_is_ringed,
    )


def test_the_regions_of_relus_are_counted_and_one_is_read(play: Play) -> None:
    network = Network(("x1", "x1_x2"), (LayerSpec(5, "relu"), LayerSpec(3, "leaky_relu")))
    experiment = Experiment(Data("blobs", classes=4), network)

    def script(user: User) -> None:
        trained(user, 20)
        hidden = Hidden(user)
        hidden.assert_components(0)
        assert hidden.says("linear regions in the plane. Point at one to read its formula.")
        for option in ("Linear regions", "Zero lines of the chosen layer"):
            in_the_plane(user, option)
        plane = user.window.output.plane
        user.point_at(plane.viewport(), plane.pixel(2, 1.5).toPoint())
        assert hidden.says("Here ŷ")
        assert hidden.says(" x₁x₂")
        below = [label.text() for label in user.window.output.findChildren(QLabel) if label.isVisible()]
        assert any(hidden.says(text) for text in below if text.startswith("ŷ")), "the same stands below the plane"
        for option in ("Linear regions", "Zero lines of the chosen layer"):
            in_the_plane(user, option)

    assert play(script, setup_text(experiment)) == 0


def test_what_is_no_number_is_not_drawn(play: Play) -> None:
    data, layers = Data("circle"), (LayerSpec(4, "relu"),)
    experiment = Experiment(data, Network(layers=layers), Training("mse", "sgd", 10))

    def script(user: User) -> None:
        hidden = Hidden(user)
        user.key(Qt.Key.Key_Space)
        user.wait_for(Status.DIVERGED)
        user.settle()
        assert hidden.plot.shown is None or hidden.plot.shown.space.is_finite
        assert not hidden.says("nan")
        hidden.plot.grab()
        theme.set_mode(theme.Mode.DARK)
        hidden.plot.grab()
        theme.set_mode(theme.Mode.LIGHT)

    assert play(script, setup_text(experiment)) == 0


def test_of_ten_thousand_points_five_hundred_are_drawn(play: Play) -> None:
    def script(user: User) -> None:
        hidden = Hidden(user)
        assert len(hidden.shown.points) <= 500
        assert hidden.says("500 of 10,000 points are drawn.")

    assert play(script, setup_text(PRESETS["circle"].replace(data=Data("circle", count=10_000)))) == 0


@pytest.mark.parametrize("preset", ["hills", "wave"])
def test_values_have_a_hidden_space_too(play: Play, preset: str) -> None:
    def script(user: User) -> None:
        hidden = Hidden(user)
        hidden.assert_components(0)
        before = hidden.plot.grab().toImage()
        plane = user.window.output.plane
        user.point_at(plane.viewport(), plane.pixel(3, 1).toPoint())
        assert hidden.plot.grab().toImage() != before

    assert play(script, setup_text(PRESETS[preset])) == 0
