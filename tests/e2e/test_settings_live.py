"""Settings changed while it trains, looking closely, and the states that the window explains in words."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLabel, QLineEdit, QSlider, QWidget

from engine.training import PRESETS, Project, save_project
from playground.runtime.frame import Frame, Status
from playground.ui import theme
from tests.e2e.conftest import InTurn, User
from tests.playground.runtime.states import PATIENCE

Play = Callable[..., int]


def texts(widget: QWidget) -> list[str]:
    return [label.text() for label in widget.findChildren(QLabel)]


class Watcher(QObject):
    """Notes each frame that the window shows, and counts those that the worker has ready for it."""

    def __init__(self, user: User) -> None:
        super().__init__(user.window)  # as long as that: the trainer may be about to tell it of a frame at any moment
        self._user, self.frames, self.ready = user, [user.frame], threading.Semaphore(0)
        user.window.frame_ready.connect(self.ready.release, Qt.ConnectionType.DirectConnection)
        user.window.frame_ready.connect(self.note, Qt.ConnectionType.QueuedConnection)

    def note(self) -> None:
        self.ready.acquire()
        self.look()

    def look(self) -> None:
        if self._user.frame is not self.frames[-1]:
            self.frames.append(self._user.frame)


def pick(user: User, name: str, text: str) -> None:
    """Choose an entry of a list by its words, with the keys that a person would use."""
    box: QComboBox = user.named(name, QComboBox)
    box.setFocus()
    user.key(Qt.Key.Key_Home)
    for _ in range(box.findText(text)):  # fewer where some cannot be chosen
        if box.currentText() != text:
            user.key(Qt.Key.Key_Down)
    assert box.currentText() == text


def optimizer_loss_penalty_and_batch_size_change_without_a_reset(user: User) -> None:
    user.key(Qt.Key.Key_Space)
    user.wait_for_step(10)
    weights = user.frame.weights[0]
    pick(user, "Optimiser", "RMSprop")
    pick(user, "Loss", "Hinge")
    user.type_into("L2 penalty", "0.01")
    user.type_into("Batch size", "20")
    wanted = user.window.document.experiment
    training = wanted.training
    assert (training.optimizer, training.loss, training.l2, training.batch_size) == ("rmsprop", "hinge", 0.01, 20)
    user.wait(lambda: user.frame.experiment == wanted)
    step = user.frame.step
    assert step >= 10
    user.wait_for_step(step + 26)
    assert user.frame.status is Status.TRAINING
    assert not np.array_equal(user.frame.weights[0], weights)
    assert user.frame.epoch < user.frame.step  # an epoch is now thirteen steps


def schedule_penalty_and_gradient_limit_change_while_it_trains_and_can_be_undone(user: User) -> None:
    before, size = user.window.document.experiment, user.window.size()
    user.key(Qt.Key.Key_Space)
    user.wait_for_step(5)
    user.press("More")
    pick(user, "Schedule", "Cosine")
    user.type_into("Span", "1")
    slider: QSlider = user.named("L1 penalty", QSlider)
    user._qtbot.mouseClick(slider, Qt.MouseButton.LeftButton, pos=slider.rect().center())
    user.named("Gradient limit", QSlider).setFocus()
    user.key(Qt.Key.Key_Right)
    user.key(Qt.Key.Key_Right)
    training = user.window.document.experiment.training
    assert (training.schedule, training.span, training.max_norm) == ("cosine", 1, 0.012)
    assert 1e-4 < training.l1 < 1
    assert user.window.size() == size
    step = user.settle().step
    still = user.frame.weights[0]
    user.wait_for_step(step + 10)
    assert np.array_equal(user.frame.weights[0], still)  # the one step is over: the rate has fallen to nothing
    assert user.frame.status is Status.TRAINING
    stack, undone = user.window.document.undo_stack, []
    while user.window.document.experiment != before:
        undone.append(stack.undoText())
        user.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert set(undone) == {f"change the {what}" for what in ("gradient limit", "L1 penalty", "span", "schedule")}
    step = user.settle().step
    user.wait_for_step(step + 10)
    assert not np.array_equal(user.frame.weights[0], still)
    user.press("Less")


def test_a_file_that_limits_its_gradients_is_opened_with_that_in_sight(play: Play, tmp_path: Path) -> None:
    place, preset = tmp_path / "limited.backprop", PRESETS["circle"]
    save_project(place, Project(preset.replace(training=preset.training.replace(max_norm=0.5))))

    def script(user: User) -> None:
        assert user.named("Gradient limit", QLineEdit).text() == "0.5"
        user.press("Less")
        user.type_into("Learning rate", "0.02")
        assert not [w for w in user.window.findChildren(QSlider) if w.accessibleName() == "Span" and w.isVisible()]
        assert "gradient limit" in user.named("More", QAbstractButton).toolTip()
        user.press("More")
        user.type_into("Gradient limit", "none")
        user.wait(lambda: user.frame.experiment.training.max_norm == 0)

    assert play(script, str(place)) == 0


def a_dragged_learning_rate_is_one_undo(user: User) -> None:
    before = user.window.document.experiment
    slider: QSlider = user.named("Learning rate", QSlider)
    slider.setSliderDown(True)
    for position in range(slider.value() + 1, slider.value() + 6):
        slider.setSliderPosition(position)
    slider.setSliderDown(False)
    assert user.window.document.experiment.training.learning_rate > before.training.learning_rate
    user.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert user.window.document.experiment == before


def a_learning_rate_out_of_range_is_refused_in_words_and_nothing_changes(user: User) -> None:
    before = user.window.document.experiment
    for text in ("99", "-1", "nan", "abc", ""):
        user.type_into("Learning rate", text)
        assert user.window.document.experiment == before, text


def test_settings_change_while_it_trains(play_in_turn: InTurn) -> None:
    play_in_turn(
        optimizer_loss_penalty_and_batch_size_change_without_a_reset,
        schedule_penalty_and_gradient_limit_change_while_it_trains_and_can_be_undone,
        a_dragged_learning_rate_is_one_undo,
        a_learning_rate_out_of_range_is_refused_in_words_and_nothing_changes,
    )


def the_speed_goes_from_one_step_a_second_to_as_fast_as_it_goes(user: User) -> None:
    for _ in range(20):
        user.key(Qt.Key.Key_BracketRight)
    assert math.isinf(user.window.transport.speed())
    user.key(Qt.Key.Key_Space)
    user.wait(lambda: user.frame.steps_per_second is not None)
    assert user.frame.steps_per_second > 60
    assert any("steps/s" in text for text in texts(user.window.statusBar()))
    for _ in range(20):
        user.key(Qt.Key.Key_BracketLeft)
    assert user.window.transport.speed() == 1


def every_step_is_drawn_at_sixty_a_second(user: User) -> None:
    watcher = Watcher(user)
    user.key(Qt.Key.Key_Space)
    user.wait(lambda: len(watcher.frames) >= 20)
    steps = list(dict.fromkeys(frame.step for frame in watcher.frames))
    assert steps == list(range(steps[0], steps[-1] + 1))


def a_neuron_under_the_pointer_is_shown_large(user: User) -> None:
    diagram, plane = user.window.network, user.window.output.plane
    user.settle()
    boundary = plane.grab().toImage()
    user.point_at(diagram, diagram.diagram.columns[1].square(0).center())
    assert "LAYER 1 NEURON 1" in texts(user.window.output)
    assert plane.grab().toImage() != boundary
    user.point_at(diagram, diagram.rect().bottomLeft())
    assert "OUTPUT" in texts(user.window.output)
    assert plane.grab().toImage() == boundary


def test_frames_neurons_and_the_speed(play_in_turn: InTurn) -> None:
    play_in_turn(
        every_step_is_drawn_at_sixty_a_second,
        a_neuron_under_the_pointer_is_shown_large,
        the_speed_goes_from_one_step_a_second_to_as_fast_as_it_goes,
    )


def a_run_that_diverges_stops_at_the_last_good_step_and_offers_smaller_ones(user: User) -> None:
    pick(user, "Optimiser", "SGD")
    pick(user, "Loss", "Squared error")
    pick(user, "Activation of layer 1", "ReLU")
    user.press("Layer 2")
    pick(user, "Activation of layer 2", "ReLU")
    user.type_into("Learning rate", "10")
    user.key(Qt.Key.Key_Space)
    user.wait_for(Status.DIVERGED)
    assert all(np.isfinite(weights).all() for weights in user.frame.weights)
    assert f"step {user.frame.step:,}" in user.window.notice.text()
    assert user.window.notice.kind() == "warning"
    user.press("Start again with 1")
    assert user.window.document.experiment.training.learning_rate == 1
    user.wait(lambda: user.frame.experiment.training.learning_rate == 1)
    user.wait(lambda: user.frame.status in (Status.TRAINING, Status.DIVERGED))  # it trains again, from the start


def without_points_training_waits_says_why_and_begins_by_itself(user: User) -> None:
    user.press("Clear")
    user.press("Train")
    user.wait(lambda: user.frame.status is Status.WAITING and user.frame.training)
    assert "no training points" in user.window.notice.text()
    user.click_plane(2, 2)
    user.wait(lambda: "class 1" in user.window.notice.text())
    assert user.frame.step == 0
    user.key(Qt.Key.Key_2)
    user.click_plane(-2, -2)
    user.wait_for_step(5)
    assert user.frame.status is Status.TRAINING


def another_dataset_keeps_the_network_and_offers_the_one_made_for_it(user: User) -> None:
    network = user.window.document.experiment.network
    user.press("Spiral")
    assert user.window.document.experiment.data.dataset == "spiral"
    assert user.window.document.experiment.network == network
    user.settle()
    user.press("Use 8 + 8 neurons, sine")
    assert user.window.document.experiment.network == PRESETS["spiral"].network
    frame = user.settle()
    assert frame.experiment.sizes == PRESETS["spiral"].sizes
    user.wait(lambda: "spiral" not in user.window.notice.text())


def test_the_theme_changes_every_picture_and_is_remembered(play: Play) -> None:
    def light_to_dark(user: User) -> None:
        user.choose("Light")
        light = user.window.grab().toImage()
        user.choose("Dark")
        dark = user.window.grab().toImage()
        assert theme.current().dark
        for part in (user.window.transport, user.window.network, user.window.output, user.window.loss):
            place = part.mapTo(user.window, part.rect().center())
            around = [(place.x() + dx, place.y() + dy) for dx in range(-40, 41, 8) for dy in range(-16, 17, 8)]
            assert any(light.pixel(x, y) != dark.pixel(x, y) for x, y in around), part

    def still_dark(user: User) -> None:
        assert theme.current().dark
        user.choose("As the system")

    assert play(light_to_dark) == 0
    assert play(still_dark) == 0


def a_new_network_in_the_place_of_a_trained_one_is_announced(user: User) -> None:
    user.key(Qt.Key.Key_Space)
    user.wait_for_step(10)
    user.press("Layer 1")
    user.press("Add a neuron to layer 1")
    user.wait(lambda: "weights kept" in user.window.notice.text())
    user.type_into("Learning rate", "0.02")  # the next edit has nothing of the kind to say
    user.wait(lambda: "weights kept" not in user.window.notice.text())
    assert user.frame.status is Status.TRAINING


def points_drawn_by_hand_alone_are_judged_by_the_training_accuracy(user: User) -> None:
    assert user.named("Test accuracy").text().endswith("%")
    user.press("Clear")
    user.click_plane(-3, 3)
    user.click_plane(3, -3)
    user.key(Qt.Key.Key_2)
    user.click_plane(3, 3)
    user.press("Train")
    user.wait(lambda: user.frame.train is not None and user.frame.train.quality == 1)
    user.wait(lambda: user.named("Train accuracy").text() == "100.0 %")


def test_what_the_window_says(play_in_turn: InTurn) -> None:
    play_in_turn(
        a_run_that_diverges_stops_at_the_last_good_step_and_offers_smaller_ones,
        without_points_training_waits_says_why_and_begins_by_itself,
        another_dataset_keeps_the_network_and_offers_the_one_made_for_it,
        a_new_network_in_the_place_of_a_trained_one_is_announced,
        points_drawn_by_hand_alone_are_judged_by_the_training_accuracy,
    )


def after(user: User, key: Qt.Key) -> Frame:
    """The first frame that is shown after a key is struck while the next one of what there was lies ready."""
    watcher = Watcher(user)
    user.window.worker.set_speed(math.inf)
    user.key(Qt.Key.Key_Space)
    user.wait_for_step(50)
    assert watcher.ready.acquire(timeout=PATIENCE)
    watcher.look()  # the window may have shown one that is not noted yet
    shown = len(watcher.frames)
    # straight to the widget: on its way through the system a key would have the window show what lies ready
    QTest.keyClick(QApplication.focusWidget() or user.window, key)
    watcher.ready.release()
    user.wait(lambda: len(watcher.frames) > shown)
    return watcher.frames[shown]


def no_frame_of_before_a_reset_is_shown_after_it(user: User) -> None:
    assert after(user, Qt.Key.Key_R).step == 0


def no_frame_of_another_network_is_shown_though_its_layers_are_as_large(user: User) -> None:
    user.named("Activation of layer 1", QComboBox).setFocus()
    frame = after(user, Qt.Key.Key_Down)
    assert frame.experiment == user.window.document.experiment != PRESETS["circle"]


def test_no_frame_of_what_was_before(play_in_turn: InTurn) -> None:
    play_in_turn(
        no_frame_of_before_a_reset_is_shown_after_it,
        no_frame_of_another_network_is_shown_though_its_layers_are_as_large,
    )
