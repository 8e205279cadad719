"""New, open, save, and the question before anything is lost, through the window and its real dialogs."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication, QDialog

from engine.training import PRESETS, Project, Run, load_project, save_project
from playground.model.runs import Runs
from playground.runtime.frame import Status
from tests.e2e.conftest import InTurn, User
from tests.e2e.dialogs import answering, button, escape, file

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
Play = Callable[..., int]


@pytest.fixture
def in_turn(play_in_turn: InTurn, tmp_path: Path) -> InTurn:
    """As `play_in_turn`, with an empty folder for each script."""

    def boot(*scripts: Callable[[User, Path], None]) -> None:
        folders = [tmp_path / act.__name__ for act in scripts]
        for folder in folders:
            folder.mkdir()
        play_in_turn(*(partial(act, folder=folder) for act, folder in zip(scripts, folders, strict=True)))

    return boot


def draw(user: User) -> None:
    """An edit that somebody would not want to lose."""
    user.click_plane(1.5, -2.5)
    assert user.window.document.is_modified


def open_file(user: User, path: Path) -> None:
    """Open a file, and see what it holds."""
    user.window.files.open_path(path)
    user.wait(lambda: user.window.document.path == path and not user.window.document.is_modified)
    user.settle()


def wait_until_saved(user: User) -> None:
    """Until the window says that all edits are in the file."""
    user.wait(lambda: not user.window.isWindowModified())


def trained(path: Path, preset: str = "moons", steps: int = 12) -> Run:
    """A project file whose training has begun."""
    run = Run(PRESETS[preset])
    run.step(steps)
    save_project(path, Project(run.experiment, run.state()))
    return run


def save_asks_for_a_place_once_and_writes_what_is_there(user: User, folder: Path) -> None:
    place = folder / "mine.backprop"
    draw(user)
    for _ in range(3):
        user.key(Qt.Key.Key_S)
    user.wait_for_step(3)
    with answering(file(place)):
        user.key(Qt.Key.Key_S, CONTROL)
    wait_until_saved(user)
    assert "mine.backprop" in user.window.windowTitle()
    first = place.read_bytes()
    draw(user)
    assert user.window.isWindowModified()
    user.key(Qt.Key.Key_S, CONTROL)  # and no dialog
    wait_until_saved(user)
    assert place.read_bytes() != first
    project = load_project(place)
    assert project.experiment == user.window.document.experiment
    assert project.run().steps == 3
    np.testing.assert_array_equal(project.run().weights()[0][0], user.frame.weights[0])


def save_as_makes_a_second_file_and_goes_on_with_it(user: User, folder: Path) -> None:
    trained(folder / "one.backprop")
    before = (folder / "one.backprop").read_bytes()
    open_file(user, folder / "one.backprop")
    draw(user)
    with answering(file(folder / "two.backprop")):
        user.key(Qt.Key.Key_S, CONTROL | SHIFT)
    user.wait(lambda: "two.backprop" in user.window.windowTitle())
    draw(user)
    user.key(Qt.Key.Key_S, CONTROL)
    wait_until_saved(user)
    assert (folder / "one.backprop").read_bytes() == before
    assert len(load_project(folder / "two.backprop").experiment.data.arrays) == 502


def a_name_without_an_ending_gets_one_and_nothing_is_written_over_unasked(user: User, folder: Path) -> None:
    there = folder / "net.backprop"
    trained(there)
    before = there.read_bytes()
    with answering(file(folder / "other")):
        user.choose("Save as…")
    user.wait((folder / "other.backprop").exists)
    with answering(file(folder / "net"), button("No"), escape) as answers:
        user.choose("Save as…")
    assert "net.backprop" in answers.heard[0]
    assert there.read_bytes() == before
    assert "other.backprop" in user.window.windowTitle()
    with answering(file(folder / "net"), button("Yes")):
        user.choose("Save as…")
    user.wait(lambda: "net.backprop" in user.window.windowTitle())
    assert there.read_bytes() != before


def giving_up_on_a_place_saves_nothing_and_loses_nothing(user: User, folder: Path) -> None:
    draw(user)
    with answering(escape):
        user.choose("Save")
    assert user.window.document.path is None
    assert user.points() == 501
    assert list(folder.iterdir()) == []


def test_the_question_before_edits_are_lost(play: Play, tmp_path: Path) -> None:
    place, other = tmp_path / "mine.backprop", tmp_path / "other.backprop"
    trained(other)

    def script(user: User) -> None:
        document = user.window.document
        for way, dataset in (("New", "circle"), ("Moons", "moons"), ("Open…", "moons")):
            then = [file(other)] if way == "Open…" else []
            trained(place, "xor")
            open_file(user, place)
            draw(user)
            edited = document.experiment
            with answering(button("Cancel")) as answers:
                user.choose(way)
            assert "mine.backprop" in answers.heard[0]
            with answering(escape):
                user.choose(way)
            assert document.experiment == edited
            assert document.is_modified
            with answering(button("Discard"), *then):
                user.choose(way)
                user.wait(lambda wanted=dataset: document.experiment.data.dataset == wanted)
            assert load_project(place).experiment == PRESETS["xor"]
            open_file(user, place)
            draw(user)
            with answering(button("Save"), *then):
                user.choose(way)
                user.wait(lambda wanted=dataset: document.experiment.data.dataset == wanted)
            assert load_project(place).experiment == edited
            assert not document.is_modified
            with answering(*then):  # nothing to lose, nothing to ask
                user.choose(way)

    assert play(script) == 0


@pytest.mark.parametrize("answer", ["Save", "Discard", "Cancel"])
def test_the_question_at_the_end(play: Play, tmp_path: Path, answer: str) -> None:
    place = tmp_path / "mine.backprop"
    trained(place)

    def script(user: User) -> None:
        draw(user)
        with answering(button(answer)):
            user.key(Qt.Key.Key_Q, CONTROL)
        if answer == "Save":
            user.wait(user.window.isHidden)
        assert user.window.isVisible() == (answer == "Cancel")
        assert user.window.worker.is_alive() == (answer == "Cancel")

    assert play(script, str(place)) == 0
    assert len(load_project(place).experiment.data.arrays) == (501 if answer == "Save" else 500)


def opening_brings_the_training_back_and_pauses_it(user: User, folder: Path) -> None:
    run = trained(folder / "a.backprop")
    user.key(Qt.Key.Key_Space)
    user.wait_for_step(3)
    with answering(file(folder / "a.backprop")):
        user.key(Qt.Key.Key_O, CONTROL)
        user.wait(lambda: user.frame.experiment.data.dataset == "moons" and user.frame.status is Status.PAUSED)
    assert user.frame.step == 12
    for shown, (weights, _) in zip(user.frame.weights, run.weights(), strict=True):
        np.testing.assert_array_equal(shown, weights)
    assert not user.window.document.undo_stack.canUndo()
    user.press("Step")
    user.wait_for_step(13)
    run.step()
    np.testing.assert_array_equal(user.frame.weights[0], run.weights()[0][0])


def test_a_file_on_the_command_line_is_open_when_the_window_is(play: Play, tmp_path: Path) -> None:
    run = trained(tmp_path / "a.backprop")
    boundary_step = run.steps

    def script(user: User) -> None:
        assert user.window.windowTitle().startswith("a.backprop")
        assert not user.window.document.is_modified
        assert (user.frame.step, user.frame.status) == (boundary_step, Status.PAUSED)
        np.testing.assert_array_equal(user.frame.weights[0], run.weights()[0][0])
        assert user.frame.curve.steps.tolist() == list(range(boundary_step + 1))

    assert play(script, str(tmp_path / "a.backprop")) == 0


def a_file_that_cannot_be_opened_is_explained_and_nothing_is_lost(user: User, folder: Path) -> None:
    bad = folder / "bad <b>file.backprop"
    bad.write_text('{"format": "backprop-playground", "version": 99}')
    draw(user)
    edited = user.window.document.experiment
    user.key(Qt.Key.Key_Space)
    user.wait_for_step(5)
    with answering(file(bad), button("OK")) as answers:
        user.choose("Open…")
        user.wait(lambda: not answers.left)
    assert bad.name in answers.heard[0]
    assert "99" in answers.heard[0]
    assert user.window.document.experiment == edited
    assert user.window.document.path is None
    step = user.settle().step
    user.press("Train")
    user.wait_for_step(step + 5)


def a_place_that_cannot_be_written_to_is_explained_and_nothing_is_lost(user: User, folder: Path) -> None:
    place = folder / "folder" / "mine.backprop"
    place.parent.mkdir()
    trained(place)
    open_file(user, place)
    draw(user)
    place.unlink()
    place.parent.rmdir()
    with answering(button("OK")) as answers:
        user.choose("Save")
        user.wait(lambda: not answers.left)
    assert "mine.backprop" in answers.heard[0]
    assert "cannot be written" in answers.heard[0]
    assert user.window.document.is_modified
    with answering(button("Save"), button("OK")) as answers:  # what was not saved is not closed either
        user.window.close()
        user.wait(lambda: not answers.left)
    assert user.window.isVisible()
    assert user.window.worker.is_alive()
    with answering(file(folder / "elsewhere.backprop")):
        user.choose("Save as…")
    wait_until_saved(user)
    assert len(load_project(folder / "elsewhere.backprop").experiment.data.arrays) == 501


class _Slow(Run):
    """A run that takes its time to tell its state."""

    def __init__(self) -> None:
        super().__init__(PRESETS["circle"])
        self.may_tell = threading.Event()

    def state(self) -> dict[str, Any]:
        assert self.may_tell.wait(timeout=20)
        return super().state()


def test_the_window_lives_while_it_waits_for_a_state_and_closes_when_that_is_written(
    play: Play, tmp_path: Path
) -> None:
    place = tmp_path / "mine.backprop"
    trained(place, "circle")

    def script(user: User) -> None:
        run = _Slow()
        user.window.worker.replace(Runs.of(run))
        draw(user)
        user.key(Qt.Key.Key_S, CONTROL)
        draw(user)  # which the file of the first save has not
        with answering(button("Save")):
            user.window.close()
            user.window.close()
            run.may_tell.set()  # the first is written, and then there is still something to be lost
            user.wait(user.window.isHidden)
        assert not user.window.worker.is_alive()

    assert play(script, str(place)) == 0
    assert len(load_project(place).experiment.data.arrays) == 502


def what_is_edited_before_the_file_is_written_is_not_called_saved(user: User, folder: Path) -> None:
    place = folder / "mine.backprop"
    trained(place, "circle")
    open_file(user, place)
    draw(user)
    before = place.read_bytes()
    user.key(Qt.Key.Key_S, CONTROL)
    draw(user)
    user.wait(lambda: place.read_bytes() != before)
    assert len(load_project(place).experiment.data.arrays) == 501
    assert user.window.isWindowModified()
    user.key(Qt.Key.Key_Z, CONTROL)
    wait_until_saved(user)


def test_where_it_is_saved(in_turn: InTurn) -> None:
    in_turn(
        save_asks_for_a_place_once_and_writes_what_is_there,
        save_as_makes_a_second_file_and_goes_on_with_it,
        a_name_without_an_ending_gets_one_and_nothing_is_written_over_unasked,
        giving_up_on_a_place_saves_nothing_and_loses_nothing,
        a_place_that_cannot_be_written_to_is_explained_and_nothing_is_lost,
        what_is_edited_before_the_file_is_written_is_not_called_saved,
    )


@pytest.mark.parametrize("way", ["New", "Quit"])
def test_what_comes_right_after_a_save_waits_for_it(play: Play, tmp_path: Path, way: str) -> None:
    place = tmp_path / "mine.backprop"
    trained(place)

    def script(user: User) -> None:
        for _ in range(3):
            user.key(Qt.Key.Key_S)
        user.wait_for_step(15)
        user.key(Qt.Key.Key_S, CONTROL)
        user.choose(way)
        if way == "New":
            user.wait(lambda: user.window.document.experiment == PRESETS["circle"])
            assert "Untitled" in user.window.windowTitle()

    assert play(script, str(place)) == 0
    assert load_project(place).run().steps == 15


class _Secretive(Run):
    def state(self) -> dict[str, Any]:
        raise RuntimeError("a bug in the state")


def test_a_run_that_cannot_tell_its_state_is_explained_and_nothing_is_closed(
    play: Play, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    place = tmp_path / "mine.backprop"
    trained(place, "circle")
    before = place.read_bytes()

    def script(user: User) -> None:
        user.window.worker.replace(Runs.of(_Secretive(PRESETS["circle"])))
        draw(user)
        with answering(button("Save"), button("OK")) as answers:
            user.window.close()
            user.wait(lambda: not answers.left)
        assert "a bug in the state" in answers.heard[1]
        assert user.window.isVisible()
        assert user.window.document.is_modified
        user.press("Reset")

    assert play(script, str(place)) == 0
    assert place.read_bytes() == before
    assert "a bug in the state" in caplog.text


def a_new_document_starts_where_its_preset_does(user: User, folder: Path) -> None:
    user.key(Qt.Key.Key_Space)
    user.wait_for_step(3)
    user.choose("Spiral")
    user.wait_for(Status.READY)
    assert (user.frame.experiment, user.frame.step) == (PRESETS["spiral"], 0)
    fresh = Run(PRESETS["spiral"])
    np.testing.assert_array_equal(user.frame.weights[0], fresh.weights()[0][0])
    assert "Untitled" in user.window.windowTitle()


def test_closing_while_it_trains_ends_the_thread(play: Play) -> None:
    def script(user: User) -> None:
        user.key(Qt.Key.Key_BracketRight)  # faster than the eye
        user.key(Qt.Key.Key_Space)
        user.wait_for_step(10)
        user.window.close()
        user.wait(user.window.isHidden)
        assert not user.window.worker.is_alive()

    assert play(script) == 0


def dialogs_that_are_answered_are_gone(user: User, folder: Path) -> None:
    draw(user)
    for _ in range(3):
        with answering(escape):
            user.choose("Save as…")
        with answering(file(os.devnull), button("OK")) as answers:
            user.choose("Open…")
            user.wait(lambda answers=answers: not answers.left)
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    assert user.window.findChildren(QDialog) == []


@pytest.mark.skipif(sys.platform == "win32", reason="no file can have that name there")
def test_a_name_with_qts_placeholder_in_it_is_shown_as_it_is(play: Play, tmp_path: Path) -> None:
    path = tmp_path / "odd[*].backprop"
    save_project(path, Project(PRESETS["gauss"]))

    def script(user: User) -> None:
        assert user.window.windowTitle().replace("[*][*]", "[*]").startswith("odd[*].backprop[*] — ")
        assert user.window.windowTitle().count("[*]") == 3  # a doubled one stands for itself

    assert play(script, str(path)) == 0


def opening_a_trained_network_over_another_does_not_call_it_a_new_one(user: User, folder: Path) -> None:
    run = Run(PRESETS["gauss"])
    run.step(40)
    path = folder / "trained.backprop"
    save_project(path, Project(run.experiment, run.state()))
    user.key(Qt.Key.Key_Space)
    user.wait_for_step(10)
    user.window.files.open_path(path)
    user.wait(lambda: user.frame.experiment == PRESETS["gauss"] and user.frame.step == 40)
    assert "step 40" in user.window.notice.text()
    assert "new network" not in user.window.notice.text()


def test_what_is_opened(in_turn: InTurn) -> None:
    in_turn(
        opening_brings_the_training_back_and_pauses_it,
        a_file_that_cannot_be_opened_is_explained_and_nothing_is_lost,
        a_new_document_starts_where_its_preset_does,
        dialogs_that_are_answered_are_gone,
        opening_a_trained_network_over_another_does_not_call_it_a_new_one,
    )
