"""The main job, as a person does it: click points, build a network, watch it train."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import Qt

from playground.runtime.frame import Status
from tests.e2e.conftest import InTurn, User, classified

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
Play = Callable[..., int]


def it_starts_with_a_network_that_one_key_trains(user: User) -> None:
    assert user.frame.status is Status.READY
    before = user.frame
    user.key(Qt.Key.Key_Space)
    user.wait_for_step(30)
    assert user.frame.status is Status.TRAINING
    assert user.frame.train.loss < before.train.loss
    assert not np.array_equal(user.frame.boundary, before.boundary)
    assert all(not np.array_equal(a, b) for a, b in zip(user.frame.maps[1:], before.maps[1:], strict=True))
    assert user.frame.curve.steps[-1] == user.frame.step


def test_points_drawn_by_hand_are_told_apart_after_500_steps(play: Play) -> None:
    def script(user: User) -> None:
        user.choose("Erase all points")
        assert user.settle().status is Status.WAITING
        rng = np.random.default_rng(1)
        first = rng.normal((-3, 2), 0.8, (12, 2))
        second = rng.normal((2, -2), 0.8, (12, 2))
        for place in first:
            user.click_plane(*place)
        user.key(Qt.Key.Key_2)  # the right button would ask for the menu of a point that is very near
        for place in second:
            user.click_plane(*place)
        points = user.window.document.experiment.data.arrays
        assert points.labels.tolist() == [0] * 12 + [1] * 12
        np.testing.assert_allclose(points.xy, np.concatenate([first, second]), atol=0.04)  # a pixel
        user.window.worker.set_speed(1000)
        user.press("Train")
        user.wait_for_step(500)
        user.press("Pause")
        user.wait_for(Status.PAUSED)
        assert user.frame.train.quality == 1
        np.testing.assert_array_equal(classified(user.frame, points.xy), points.labels)

    assert play(script) == 0


def a_drag_paints_and_one_undo_takes_the_whole_stroke_back(user: User) -> None:
    before = user.points()
    user.drag_plane([(-5, 0), (0, 0), (5, 0)])
    painted = user.points() - before
    assert painted > 20  # sparse events are filled in
    xy = user.window.document.experiment.data.arrays.xy[before:]
    assert np.diff(xy[:, 0]).max() < 0.5
    np.testing.assert_allclose(xy[:, 1], 0, atol=0.04)  # a pixel
    user.key(Qt.Key.Key_Z, CONTROL)
    assert user.points() == before
    assert user.window.document.experiment.data.dataset == "circle"
    user.key(Qt.Key.Key_Z, CONTROL | SHIFT)
    assert user.points() == before + painted


def the_network_grows_and_shrinks_at_the_diagram(user: User) -> None:
    sizes = user.frame.experiment.sizes
    layers = len(sizes) - 2
    user.press("Add a layer")
    frame = user.settle()
    assert len(frame.experiment.sizes) - 2 == layers + 1
    assert len(frame.maps) == layers + 3
    user.press("Layer 1")
    user.press("Add a neuron to layer 1")
    assert user.settle().maps[1].shape[0] == sizes[1] + 1
    user.press("Remove a neuron from layer 1")
    user.press("Layer 2")
    user.press("Remove layer 2")
    assert user.settle().experiment.sizes == sizes
    for _ in range(4):
        user.key(Qt.Key.Key_Z, CONTROL)
    assert not user.window.document.is_modified


def test_building(play_in_turn: InTurn) -> None:
    play_in_turn(
        a_drag_paints_and_one_undo_takes_the_whole_stroke_back,
        the_network_grows_and_shrinks_at_the_diagram,
    )


def the_learning_rate_changes_while_it_trains_without_a_reset(user: User) -> None:
    user.key(Qt.Key.Key_Space)
    user.wait_for_step(20)
    step = user.frame.step
    user.type_into("Learning rate", "0.0123")
    assert user.window.document.experiment.training.learning_rate == 0.0123
    user.wait(lambda: user.frame.experiment.training.learning_rate == 0.0123)
    assert user.frame.step >= step
    assert user.frame.status is Status.TRAINING


def step_makes_one_update_and_reset_brings_the_same_weights_back(user: User) -> None:
    start = user.frame
    user.press("Step")
    user.wait_for_step(1)
    assert (user.frame.step, user.frame.status) == (1, Status.PAUSED)
    user.key(Qt.Key.Key_S)
    user.wait_for_step(2)
    once = user.frame.weights
    user.press("Reset")
    user.wait(lambda: user.frame.step == 0)
    for now, then in zip(user.frame.weights, start.weights, strict=True):
        np.testing.assert_array_equal(now, then)
    user.key(Qt.Key.Key_S)
    user.key(Qt.Key.Key_S)
    user.wait_for_step(2)
    for now, then in zip(user.frame.weights, once, strict=True):
        np.testing.assert_array_equal(now, then)
    user.press("New weights")
    user.wait(lambda: user.frame.step == 0)
    assert not np.array_equal(user.settle().weights[0], start.weights[0])


def pause_holds_the_step_and_train_goes_on_from_there(user: User) -> None:
    user.press("Train")
    user.wait_for_step(10)
    user.press("Pause")
    user.wait_for(Status.PAUSED)
    held = user.frame.step
    user.settle()
    assert user.frame.step == held
    user.press("Train")
    user.wait_for_step(held + 5)


def two_presses_before_a_frame_are_as_none(user: User) -> None:
    before = user.frame
    user.key(Qt.Key.Key_Space)
    user.key(Qt.Key.Key_Space)
    assert not user.settle().training
    user.key(Qt.Key.Key_Space)
    user.wait_for_step(before.step + 5)


def test_training(play_in_turn: InTurn) -> None:
    play_in_turn(
        it_starts_with_a_network_that_one_key_trains,
        two_presses_before_a_frame_are_as_none,
        pause_holds_the_step_and_train_goes_on_from_there,
        the_learning_rate_changes_while_it_trains_without_a_reset,
        step_makes_one_update_and_reset_brings_the_same_weights_back,
    )
