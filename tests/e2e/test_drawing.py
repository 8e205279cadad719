"""Drawing: classes, tools, undo, and the keyboard, all while it trains."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt

from engine.training import PLANE
from playground.runtime.frame import Status
from tests.e2e.conftest import RIGHT, InTurn, User

CONTROL = Qt.KeyboardModifier.ControlModifier


def last(user: User) -> tuple[float, float, int, int]:
    """The newest point: x₁, x₂, class from 0, held back for testing."""
    x1, x2, label, test = user.window.document.experiment.data.points.rows()[-1]
    return x1, x2, label, test


def points_join_the_training_at_once_without_a_reset(user: User) -> None:
    user.key(Qt.Key.Key_Space)
    user.wait_for_step(20)
    before = user.frame.train.count
    user.click_plane(4.5, 4.5)
    assert last(user)[2:] == (0, 0)
    user.wait(lambda: user.frame.train.count == before + 1)
    assert user.frame.step >= 20
    user.wait_for_step(user.frame.step + 5)
    assert user.frame.status is Status.TRAINING


def number_keys_choose_the_class_and_the_right_button_takes_the_other_of_two(user: User) -> None:
    for key, label in ((Qt.Key.Key_2, 1), (Qt.Key.Key_1, 0)):
        user.key(key)
        user.click_plane(1, 1)
        assert last(user)[2] == label
        user.click_plane(5.5 - label, -5.5, RIGHT)  # where no point is under the pointer
        assert last(user)[2] == 1 - label


def a_third_class_gets_an_output_of_its_own(user: User) -> None:
    user.key(Qt.Key.Key_Space)
    user.wait_for_step(5)
    user.key(Qt.Key.Key_3)
    user.click_plane(-5, 5)
    assert last(user)[2] == 2
    frame = user.settle()
    assert (frame.experiment.outputs, len(frame.maps[-1])) == (3, 3)
    assert frame.boundary.max() > 28  # indices of three classes now
    user.wait_for_step(5)
    user.key(Qt.Key.Key_Z, CONTROL)
    assert len(user.settle().maps[-1]) == 1


def a_point_is_moved_and_one_undo_puts_it_back(user: User) -> None:
    user.choose("Erase all points")
    user.click_plane(-3, -3)
    user.click_plane(3, 3, RIGHT)
    user.key(Qt.Key.Key_V)
    user.drag_plane([(3, 3), (2, 0), (0, -4), (0, -9)])
    moved = user.window.document.experiment.data.arrays
    np.testing.assert_allclose(moved.xy[1], (0, -PLANE), atol=0.05)  # not beyond the edge
    np.testing.assert_allclose(moved.xy[0], (-3, -3), atol=0.05)
    assert moved.labels.tolist() == [0, 1]
    user.key(Qt.Key.Key_Z, CONTROL)
    np.testing.assert_allclose(user.window.document.experiment.data.arrays.xy[1], (3, 3), atol=0.05)


def a_drag_erases_what_it_passes_and_one_undo_brings_all_back(user: User) -> None:
    user.choose("Erase all points")
    user.drag_plane([(-5, 0), (5, 0)])
    user.click_plane(0, 5, RIGHT)
    drawn = user.points()
    user.key(Qt.Key.Key_E)
    user.drag_plane([(-6, 0), (0, 0), (6, 0)])
    left = user.window.document.experiment.data.arrays
    np.testing.assert_allclose(left.xy, [(0, 5)], atol=0.05)
    user.key(Qt.Key.Key_Z, CONTROL)
    assert user.points() == drawn
    user.key(Qt.Key.Key_Y, CONTROL)
    assert user.points() == 1


def nothing_is_drawn_outside_the_plane(user: User) -> None:
    before = user.points()
    user.click_plane(6.3, 0)
    user.click_plane(0, -6.4)
    assert user.points() == before


def the_keyboard_alone_draws_and_erases(user: User) -> None:
    user.choose("Erase all points")
    user.window.output.plane.setFocus(Qt.FocusReason.TabFocusReason)
    user.key(Qt.Key.Key_Right)
    user.key(Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    user.key(Qt.Key.Key_Return)
    assert user.points() == 1
    assert last(user)[:3] == (0.25, 1.0, 0)
    user.key(Qt.Key.Key_2)
    user.key(Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    user.key(Qt.Key.Key_Return)
    assert last(user)[:3] == (-0.75, 1.0, 1)
    user.key(Qt.Key.Key_Delete)
    assert user.points() == 1


def test_tools(play_in_turn: InTurn) -> None:
    play_in_turn(
        a_point_is_moved_and_one_undo_puts_it_back,
        a_drag_erases_what_it_passes_and_one_undo_brings_all_back,
        the_keyboard_alone_draws_and_erases,
    )


def every_edit_can_be_undone_in_turn_and_redone(user: User) -> None:
    start = user.window.document.experiment
    stages = [start]
    for act in (
        lambda: user.click_plane(1, 1),
        lambda: user.drag_plane([(-4, -4), (4, -4)], RIGHT),
        lambda: user.press("Add a neuron to layer 1"),
        lambda: user.type_into("Learning rate", "0.5"),
        lambda: user.press("New weights"),
        lambda: user.press("Moons"),
    ):
        act()
        stages.append(user.window.document.experiment)
    assert len(set(map(repr, stages))) == len(stages)
    for stage in reversed(stages[:-1]):
        user.key(Qt.Key.Key_Z, CONTROL)
        assert user.window.document.experiment == stage
    assert not user.window.document.is_modified
    for stage in stages[1:]:
        user.key(Qt.Key.Key_Y, CONTROL)
        assert user.window.document.experiment == stage


def the_first_point_by_hand_says_what_became_of_the_dataset_and_can_be_taken_back(user: User) -> None:
    before = user.window.document.experiment
    user.drag_plane([(5, 5), (5, 2)])
    user.wait(lambda: "now your own drawing" in user.window.notice.text())
    assert user.window.notice.text().startswith(f"{user.points() - 500} points added")
    user.click_plane(-5, -5)
    user.wait(lambda: "drawing" not in user.window.notice.text())
    user.key(Qt.Key.Key_Z, CONTROL)
    user.wait(lambda: "now your own drawing" in user.window.notice.text())
    user.press("Undo")
    assert user.window.document.experiment == before
    user.wait(lambda: "drawing" not in user.window.notice.text())


def the_plane_is_emptied_and_a_point_changes_its_class(user: User) -> None:
    user.press("Erase all points")
    assert user.points() == 0
    user.click_plane(1, 1)
    user.window.output.relabelled.emit(np.array([0]), 1)
    assert last(user)[2] == 1
    user.key(Qt.Key.Key_Z, CONTROL)
    assert last(user)[2] == 0
    user.key(Qt.Key.Key_Z, CONTROL)
    user.key(Qt.Key.Key_Z, CONTROL)
    assert user.points() == 500


def test_points_classes_and_undo(play_in_turn: InTurn) -> None:
    play_in_turn(
        points_join_the_training_at_once_without_a_reset,
        number_keys_choose_the_class_and_the_right_button_takes_the_other_of_two,
        a_third_class_gets_an_output_of_its_own,
        nothing_is_drawn_outside_the_plane,
        the_first_point_by_hand_says_what_became_of_the_dataset_and_can_be_taken_back,
        the_plane_is_emptied_and_a_point_changes_its_class,
        every_edit_can_be_undone_in_turn_and_redone,
    )
