"""Network and learning as a person has them: settings, dropout, biases, the seed, epochs and stop rules."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLineEdit, QMenu

from engine.training import LayerSpec, StopRules
from playground.app.stop_dialog import StopDialog
from playground.model.runs_file import open_project
from playground.runtime.frame import Status
from tests.e2e.conftest import InTurn, User
from tests.e2e.dialogs import answering, file

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def first_layer(user: User) -> LayerSpec:
    return user.window.document.experiment.network.layers[0]


def a_setting_of_the_optimiser_is_typed_and_undone(user: User) -> None:
    user.press("More")
    user.type_into("β₁", "0.5")
    assert user.window.document.experiment.training.settings == (("beta1", 0.5),)
    user.window.setFocus()
    user.key(Qt.Key.Key_Z, CONTROL)
    assert user.window.document.experiment.training.settings == ()
    assert user.named("β₁", QLineEdit).text() == "0.9"
    user.press("Less")


def dropout_is_stepped_while_it_trains_and_the_run_goes_on(user: User) -> None:
    user.key(Qt.Key.Key_Space)
    user.wait_for_step(3)
    user.press("More dropout in layer 1")
    user.press("More dropout in layer 1")
    assert first_layer(user).dropout == 0.2
    step = user.settle().step
    user.wait_for_step(step + 3)
    assert len(user.frame.runs) == 1, "no new network"
    user.key(Qt.Key.Key_Space)
    user.wait_for(Status.PAUSED)


def a_layer_without_biases_is_chosen_in_its_menu(user: User) -> None:
    user.press("More for layer 1")
    menu = next(m for m in user.window.network.findChildren(QMenu) if m.isVisible())
    next(action for action in menu.actions() if "iases in layer 1" in action.text()).trigger()
    menu.close()
    assert not first_layer(user).bias
    frame = user.settle()
    assert not frame.biases[0].any()
    assert "0.bias" not in frame.snapshot.weights
    user.window.activateWindow()
    user.wait(user.window.isActiveWindow)
    user.window.document.undo_stack.undo()
    assert first_layer(user).bias


def layers_are_duplicated_and_moved_by_the_keyboard(user: User) -> None:
    layers = user.window.document.experiment.network.layers
    user.key(Qt.Key.Key_Left, CONTROL | SHIFT)
    assert user.window.document.experiment.network.layers == layers[::-1]
    user.key(Qt.Key.Key_D, CONTROL | Qt.KeyboardModifier.ShiftModifier)
    assert user.window.document.experiment.network.layers == (*layers[::-1], layers[0])
    user.key(Qt.Key.Key_Z, CONTROL)
    user.key(Qt.Key.Key_Z, CONTROL)
    assert user.window.document.experiment.network.layers == layers


def the_seed_is_seen_and_typed(user: User) -> None:
    before = user.frame.weights[0]
    user.type_into("Seed", "7")
    assert user.window.document.experiment.seed == 7
    after = user.settle().weights[0]
    assert not np.array_equal(before, after)
    user.press("New weights")
    assert user.named("Seed", QLineEdit).text() == "8"
    user.type_into("Seed", "7")
    assert np.array_equal(user.settle().weights[0], after)


def an_epoch_is_made_by_a_key_and_the_order_of_points_is_chosen(user: User) -> None:
    user.type_into("Batch size", "100")
    user.window.setFocus()
    user.key(Qt.Key.Key_N)
    user.wait(lambda: user.frame.epoch == 1)
    assert user.frame.step == 3
    user.press("Shuffle")
    assert not user.window.document.experiment.training.shuffle
    assert user.settle().snapshot.batch.tolist() == sorted(user.frame.snapshot.batch.tolist())


def training_stops_by_itself_and_says_why(user: User) -> None:
    user.choose("Train until…")
    (dialog,) = user.window.findChildren(StopDialog)
    user.type_into("Accuracy at least", "90 %")
    assert user.window.rules == StopRules(accuracy=0.9)
    next(b for b in dialog.findChildren(QAbstractButton) if b.accessibleName() == "Train").click()
    user.wait_for(Status.STOPPED)
    user.window.activateWindow()
    user.wait(user.window.isActiveWindow)
    assert user.frame.note == f"test accuracy reached 90 % at step {user.frame.step}"
    assert user.window.notice.text() == f"Stopped: {user.frame.note}."
    step = user.frame.step
    user.window.setFocus()
    user.key(Qt.Key.Key_Space)
    user.wait_for_step(step + 20)
    user.key(Qt.Key.Key_Space)
    user.wait_for(Status.PAUSED)


def test_learning(play_in_turn: InTurn) -> None:
    play_in_turn(
        a_setting_of_the_optimiser_is_typed_and_undone,
        dropout_is_stepped_while_it_trains_and_the_run_goes_on,
        a_layer_without_biases_is_chosen_in_its_menu,
        layers_are_duplicated_and_moved_by_the_keyboard,
        the_seed_is_seen_and_typed,
        an_epoch_is_made_by_a_key_and_the_order_of_points_is_chosen,
        training_stops_by_itself_and_says_why,
    )


def test_a_project_of_all_that_saves_reopens_and_goes_on_to_the_same_bits(
    play: Callable[..., int], tmp_path: Path
) -> None:
    place = tmp_path / "all.backprop"

    def script(user: User) -> None:
        user.press("More dropout in layer 1")
        user.window.editor.change_layer(1, "bias", False)
        user.window.editor.set_training(
            user.window.document.experiment.training.replace(optimizer="nesterov", schedule="one_cycle"), "learn so"
        )
        user.window.editor.set_training(
            user.window.document.experiment.training.with_settings(momentum=0.8), "change the momentum"
        )
        user.window.editor.set_batch_size(16)
        user.window.stop_by(StopRules(steps=37))
        user.key(Qt.Key.Key_Space)
        user.wait_for(Status.STOPPED)
        with answering(file(place)):
            user.key(Qt.Key.Key_S, CONTROL)
        user.wait(lambda: not user.window.isWindowModified())
        user.key(Qt.Key.Key_Space)
        user.wait(lambda: user.frame.status is Status.STOPPED and user.frame.step == 74)
        found.append(user.frame.weights)
        assert user.named("Optimiser", QComboBox).currentText() == "Nesterov"

    found: list[tuple[np.ndarray, ...]] = []
    assert play(script) == 0
    runs = open_project(place)[1]
    assert runs.rules == StopRules(steps=37)
    assert runs.step(37) == 37
    for (weights, _), shown in zip(runs.timeline.run.weights(), found[0], strict=True):
        np.testing.assert_array_equal(weights, shown)
