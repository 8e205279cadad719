"""Nothing trained is lost: undo brings back the run as it was trained, and the past can be stood in again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QMessageBox

from engine.training import PRESETS, LayerSpec, Project, Run, load_project, save_project
from playground.runtime.frame import Frame, Status, Way
from tests.e2e.conftest import User
from tests.e2e.test_settings_live import pick

Play = Callable[..., int]
CONTROL = Qt.KeyboardModifier.ControlModifier
QUICK = 300.0  # steps a second
SHIFT = Qt.KeyboardModifier.ShiftModifier


def trained(user: User, steps: int = 20) -> Frame:
    """Train for some steps, pause, and look."""
    user.window.worker.set_speed(QUICK)
    user.key(Qt.Key.Key_Space)
    user.wait_for_step(steps)
    user.key(Qt.Key.Key_Space)
    user.wait_for(Status.PAUSED)
    return user.settle()


def undone(user: User) -> Frame:
    user.key(Qt.Key.Key_Z, CONTROL)
    return user.settle()


def redone(user: User) -> Frame:
    user.key(Qt.Key.Key_Y, CONTROL)
    return user.settle()


def assert_same(frame: Frame, other: Frame) -> None:
    assert frame.experiment == other.experiment
    assert (frame.step, frame.epoch) == (other.step, other.epoch)
    for now, then in zip([*frame.weights, *frame.biases], [*other.weights, *other.biases], strict=True):
        np.testing.assert_array_equal(now, then)


EDITS: tuple[Callable[[User], object], ...] = (
    lambda user: user.press("Add a neuron to layer 1"),
    lambda user: (user.press("Layer 2"), user.press("Remove layer 2")),
    lambda user: user.key(Qt.Key.Key_R),
    lambda user: user.key(Qt.Key.Key_R, SHIFT),
    lambda user: user.type_into("Learning rate", "0.3"),
)


def test_undo_brings_back_the_network_trained_as_it_was(play: Play) -> None:
    def script(user: User) -> None:
        before = trained(user)
        for edit in EDITS:
            edit(user)
            assert user.settle().step in (0, before.step)
            after = trained(user, user.frame.step + 5)
            assert_same(undone(user), before)
            assert_same(redone(user), after)
            assert_same(undone(user), before)

    assert play(script) == 0


def test_steps_can_be_taken_back_to_the_beginning_after_training_too(play: Play) -> None:
    def script(user: User) -> None:
        first = user.settle()
        end = trained(user)
        for left in reversed(range(end.step)):
            user.key(Qt.Key.Key_S, SHIFT)
            user.wait(lambda left=left: user.frame.step == left)  # type: ignore[misc]
        user.key(Qt.Key.Key_S, SHIFT)
        assert_same(user.settle(), first)
        assert f"step 0 of {end.step}" in user.window.notice.text()
        user.press("Go to the end")
        user.wait_for_step(end.step)
        assert_same(user.settle(), end)

    assert play(script) == 0


def test_a_changed_network_says_how_many_weights_it_kept_unless_it_shall_keep_none(play: Play) -> None:
    def script(user: User) -> None:
        before = trained(user)
        user.press("Add a neuron to layer 1")
        after = user.settle()
        np.testing.assert_array_equal(after.weights[0][:6], before.weights[0])
        assert "51 of 58 weights kept" in user.window.notice.text()
        user.press("Add a layer")
        user.settle()
        assert "The run before it stays" in user.window.notice.text()  # still, though the one in between has no step
        undone(user)
        undone(user)
        user.press("Layer 1")
        user.press("Keep weights")
        user.press("Add a neuron to layer 1")
        after = user.settle()
        assert not np.array_equal(after.weights[0][:6], before.weights[0])
        assert "New weights" in user.window.notice.text()

    assert play(script) == 0


def focus_timeline(user: User) -> None:
    user.named("Timeline").setFocus()


def test_the_timeline_goes_to_any_step_by_keys_and_every_view_follows(play: Play) -> None:
    def script(user: User) -> None:
        first = user.settle()
        end = trained(user, 120)
        focus_timeline(user)
        for key, modifier, step in (
            (Qt.Key.Key_Left, Qt.KeyboardModifier.NoModifier, end.step - 1),
            (Qt.Key.Key_Left, SHIFT, end.step - 101),
            (Qt.Key.Key_Right, Qt.KeyboardModifier.NoModifier, end.step - 100),
            (Qt.Key.Key_Home, Qt.KeyboardModifier.NoModifier, 0),
            (Qt.Key.Key_Left, Qt.KeyboardModifier.NoModifier, 0),
        ):
            user.key(key, modifier)
            user.wait(lambda step=step: user.frame.step == step)  # type: ignore[misc]
            assert f"step {step:,} of {end.step:,}" in user.window.notice.text()
        assert_same(user.settle(), first)
        focus_timeline(user)
        user.key(Qt.Key.Key_End)
        user.wait_for_step(end.step)
        assert_same(user.settle(), end)

    assert play(script) == 0


def test_dragging_along_the_timeline_shows_what_was_there(play: Play) -> None:
    def script(user: User) -> None:
        end = trained(user, 300)
        track = user.named("Timeline")
        user.drag(track, [track.spot_of(step) for step in (250, 200, 100, 30)])
        user.wait(lambda: user.frame.step == 30)
        user._qtbot.mouseClick(track, Qt.MouseButton.LeftButton, pos=track.spot_of(100).toPoint())
        there = user.settle().step
        user.key(Qt.Key.Key_Left)
        user.wait(lambda: user.frame.step == there - 1)
        assert user.frame.end == end.step
        user.key(Qt.Key.Key_Space)  # from here on it makes the same steps again
        user.wait_for_step(end.step + 50)
        assert user.frame.end > end.step

    assert play(script) == 0


def far_end(user: User) -> int:
    """Train so far that snapshots are far apart; the step that it comes to."""
    for _ in range(800):
        user.window.worker.step()  # with no frame between, which takes as long as fifty steps
    user.wait_for_step(800)
    return user.settle().step


def set_off(user: User, step: int) -> Way:
    """Click at a step, and see that it takes a while to go there."""
    track = user.named("Timeline")
    user._qtbot.mouseClick(track, Qt.MouseButton.LeftButton, pos=track.spot_of(step).toPoint())
    user.wait(lambda: user.frame.way is not None)
    assert user.frame.way is not None
    return user.frame.way


def test_a_long_way_along_the_timeline_is_shown_and_can_be_left(
    play: Play, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("playground.model.runs.ROOM", 1)  # as after many more steps: snapshots are few
    monkeypatch.setattr("playground.runtime.event_loop.LONG", 0.02)
    spiral = PRESETS["spiral"]
    place, large = tmp_path / "large.backprop", spiral.network.replace(layers=(LayerSpec(64),) * 4)
    save_project(place, Project(spiral.replace(network=large)))

    def script(user: User) -> None:
        end, track = far_end(user), user.named("Timeline")
        before = track.grab().toImage()
        way = set_off(user, 760)
        assert 0 < way.share < 1
        assert f"Going to step {way.goal:,} … {100 * way.share:.0f} %" in user.window.notice.text()
        assert user.frame.step == end
        assert track.grab().toImage() != before
        user.wait(lambda: user.frame.way is None)
        assert (user.frame.step, user.frame.end) == (way.goal, end)

        way = set_off(user, 500)
        user.key(Qt.Key.Key_Escape)
        user.wait(lambda: user.frame.way is None)
        there = user.settle()
        assert there.step < way.goal
        assert f"Looking at step {there.step:,} of {end:,}" in user.window.notice.text()
        user.key(Qt.Key.Key_Right)
        user.wait(lambda: user.frame.step == there.step + 1)

        set_off(user, 760)
        user.key(Qt.Key.Key_Home)
        user.wait(lambda: user.frame.way is None)
        assert user.settle().step == 0

    assert play(script, str(place)) == 0


def test_a_change_is_marked_and_an_edit_of_the_past_begins_another_run(play: Play) -> None:
    def script(user: User) -> None:
        there = trained(user, 30)
        user.type_into("Learning rate", "0.3")
        end = trained(user, there.step + 30)
        assert end.marks == ((there.step, "learning rate 0.01 → 0.3"),)
        track = user.named("Timeline")
        assert "learning rate 0.01 → 0.3" in track.words_at(there.step)
        user.drag(track, [track.spot_of(there.step - 10)])
        user.wait(lambda: user.frame.step == there.step - 10)
        assert user.named("Learning rate", QLineEdit).text() == "0.01"
        user.type_into("Learning rate", "0.05")
        fork = user.settle()
        assert (fork.step, fork.end) == (there.step - 10, there.step - 10)
        assert [run.step for run in fork.runs] == [end.step, fork.step]
        back = undone(user)
        assert (back.step, back.end, back.experiment.training.learning_rate) == (there.step - 10, end.step, 0.01)

    assert play(script) == 0


def test_a_run_that_diverged_goes_back_to_before_it_with_a_tenth_of_the_rate(play: Play) -> None:
    def script(user: User) -> None:
        trained(user, 50)
        pick(user, "Optimiser", "SGD")
        user.type_into("L2 penalty", "10")
        user.type_into("Learning rate", "10")
        user.key(Qt.Key.Key_Space)
        user.wait_for(Status.DIVERGED)
        end = user.settle()
        (back,) = [b for b in user.window.notice.findChildren(QAbstractButton) if b.text().startswith("Back to step")]
        user.press(back.text())
        user.wait(lambda: user.frame.experiment.training.learning_rate == 1)
        assert user.frame.runs[0].step == end.step

    assert play(script) == 0


def test_training_after_a_save_is_asked_about_before_the_window_closes(
    play: Play, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, asked = tmp_path / "mine.backprop", []

    def answer(box: QMessageBox) -> int:
        asked.append(box.text())
        return QMessageBox.StandardButton.Cancel

    monkeypatch.setattr(QMessageBox, "exec", answer)
    run = Run(PRESETS["circle"])
    run.step(5)
    save_project(place, Project(run.experiment, run.state()))

    def script(user: User) -> None:
        assert not user.window.isWindowModified()
        end = trained(user, 20)
        assert user.window.isWindowModified()
        user.window.close()
        assert asked == ["Save the changes to mine.backprop?"]
        assert user.window.isVisible()
        user.choose("Save")
        user.wait(lambda: not user.window.isWindowModified())
        assert load_project(place).steps == end.step

    assert play(script, str(place)) == 0
