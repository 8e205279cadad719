"""What nobody saved: it is kept, comes back as it was left, and is recovered when the program was ended."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu

from engine.training import PRESETS, Project, Run, load_project, save_project
from playground.app import drafts, keeper
from playground.app.app import application
from playground.app.drafts import Draft
from playground.runtime.frame import Frame
from tests.e2e.conftest import User
from tests.e2e.dialogs import answering, button, file

pytestmark = pytest.mark.usefixtures("named")
Play = Callable[..., int]
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def named() -> None:
    """The application has its name, by which the folder of drafts goes."""
    application()


def train(user: User, steps: int) -> Frame:
    """So many steps, one by one."""
    for _ in range(steps):
        user.key(Qt.Key.Key_S)
    return user.settle()


def open_file(user: User, path: Path) -> None:
    """Open a file, and see what it holds."""
    user.window.files.open_path(path)
    user.wait(lambda: user.window.document.path == path)
    user.settle()


def recent(user: User) -> dict[str, Callable[[], None]]:
    """The entries of the menu of recent documents, as they are when it opens."""
    menu = next(m for m in user.window.findChildren(QMenu) if m.title().replace("&", "") == "Open recent")
    menu.aboutToShow.emit()
    return {action.text(): action.trigger for action in menu.actions() if action.isEnabled()}


def test_what_has_no_file_comes_back_as_it_was_left(play: Play) -> None:
    seen = []

    def leave(user: User) -> None:
        train(user, 12)
        user.click_plane(2, 2)
        user.press("Add a neuron to layer 1")
        seen.append(train(user, 5))
        with answering():  # nobody is asked
            user.window.close()
            user.wait(user.window.isHidden)

    def come_back(user: User) -> None:
        before, now = seen[0], user.settle()
        assert (now.experiment, now.step) == (before.experiment, before.step)
        assert (len(now.runs), now.end) == (len(before.runs), before.end)
        assert [run.step for run in now.runs if not run.is_current] == [12]
        np.testing.assert_array_equal(now.weights[0], before.weights[0])
        assert "what you left" in user.window.notice.text()
        user.press("Begin a new project")
        user.wait(lambda: user.frame.experiment == PRESETS["circle"] and user.frame.step == 0)
        assert "Ready" in user.window.notice.text()

    assert play(leave) == 0
    assert play(come_back) == 0


def test_where_nothing_was_done_nothing_comes_back(play: Play) -> None:
    assert play(lambda user: None) == 0
    assert play(lambda user: user.wait(lambda: "Ready" in user.window.notice.text())) == 0
    assert not list(drafts.folder().glob("*.backprop"))


def test_recent_documents_are_files_and_what_has_none(play: Play, tmp_path: Path) -> None:
    run = Run(PRESETS["moons"])
    run.step(7)
    save_project(tmp_path / "mine.backprop", Project(run.experiment, run.state()))

    def script(user: User) -> None:
        train(user, 30)
        open_file(user, tmp_path / "mine.backprop")
        user.choose("New")
        user.wait(lambda: user.window.document.path is None)
        entries = recent(user)
        assert list(entries) == ["mine.backprop", "Untitled: circle, 30 steps"]
        entries["Untitled: circle, 30 steps"]()
        user.wait(lambda: user.frame.step == 30)
        assert user.window.document.path is None
        recent(user)["mine.backprop"]()
        user.wait(lambda: user.frame.step == 7 and user.frame.experiment == PRESETS["moons"])
        assert user.window.document.path == tmp_path / "mine.backprop"
        (tmp_path / "mine.backprop").unlink()
        assert list(recent(user)) == ["Untitled: circle, 30 steps"]

    assert play(script) == 0


def test_what_was_saved_to_a_file_is_kept_there_alone(play: Play, tmp_path: Path) -> None:
    def script(user: User) -> None:
        train(user, 5)
        user.choose("New")  # so it is kept
        user.wait(lambda: user.frame.step == 0)
        recent(user)["Untitled: circle, 5 steps"]()
        user.wait(lambda: user.frame.step == 5)
        with answering(file(tmp_path / "mine.backprop")):
            user.choose("Save")
        user.wait(lambda: user.window.document.path is not None)
        assert list(recent(user)) == ["mine.backprop"]

    assert play(script) == 0
    assert not list(drafts.folder().glob("*.backprop"))
    assert play(lambda user: user.wait(lambda: "Ready" in user.window.notice.text())) == 0


def test_what_a_file_lacked_when_the_program_was_ended_is_recovered_with_it(play: Play, tmp_path: Path) -> None:
    place = tmp_path / "mine.backprop"
    run = Run(PRESETS["moons"])
    run.step(7)
    save_project(place, Project(run.experiment, run.state()))
    run.step(20)
    ended = Draft.of(place)  # by a program that could not release it
    assert ended.take()
    save_project(ended.path, Project(run.experiment, run.state(), file=str(place)))
    ended.release()

    def script(user: User) -> None:
        assert user.window.document.path == place
        assert user.frame.step == 27
        assert user.window.isWindowModified()
        assert "Recovered: step 27" in user.window.notice.text()
        with answering(button("Discard")):
            user.choose("New")
            user.wait(lambda: user.frame.step == 0)
        open_file(user, place)
        assert user.frame.step == 7, "what was discarded is recovered no more"

    assert play(script) == 0  # without its name: it was the last that was worked on
    assert load_project(place).steps == 7


@pytest.mark.parametrize("ways", [("Save as…",), ()])
def test_two_windows_do_not_write_over_each_other(play: Play, tmp_path: Path, ways: tuple[str, ...]) -> None:
    place = tmp_path / "mine.backprop"
    save_project(place, Project(PRESETS["moons"]))
    other = Draft.of(place)  # as the other window has it
    assert other.take()

    def script(user: User) -> None:
        if not ways:
            assert "open in another window" in user.window.notice.text()
            assert user.window.document.path is None
            assert user.frame.experiment == PRESETS["moons"]
        for way in ways:
            user.click_plane(1, 1)
            with answering(file(place), button("Yes"), button("OK")) as answers:
                user.choose(way)
                user.wait(lambda: not answers.left)
            assert "open in another window" in answers.heard[-1]
            assert user.window.document.path is None

    assert play(script, *([] if ways else [str(place)])) == 0
    assert load_project(place).experiment == PRESETS["moons"]
    other.release()
    assert play(lambda user: user.wait(lambda: user.window.document.path == place), str(place)) == 0


def test_where_it_cannot_be_kept_that_is_said_and_training_goes_on(
    play: Play, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper, "EVERY", 0.1)
    drafts.folder().parent.mkdir(parents=True, exist_ok=True)
    drafts.folder().write_text("a file where the folder should be")

    def script(user: User) -> None:
        user.key(Qt.Key.Key_Space)
        user.wait_for_step(5)
        user.wait(lambda: "cannot be kept" in user.window.document.state)
        step = user.frame.step
        user.wait_for_step(step + 5)
        with answering(button("Cancel")) as answers:
            user.window.close()
            user.wait(lambda: not answers.left)
        assert "cannot be kept" in answers.heard[0]
        assert user.window.isVisible()
        with answering(button("Save"), file(tmp_path / "here.backprop")):
            user.window.close()
            user.wait(user.window.isHidden)

    assert play(script) == 0
    assert load_project(tmp_path / "here.backprop").steps >= 10


def test_a_draft_that_is_damaged_is_set_aside(play: Play, caplog: pytest.LogCaptureFixture) -> None:
    drafts.folder().mkdir(parents=True)
    (drafts.folder() / "2026-11-27 broken.backprop").write_text("{")
    assert play(lambda user: user.wait(lambda: "Ready" in user.window.notice.text())) == 0
    assert "damaged or not JSON" in caplog.text
    assert (drafts.folder() / "2026-11-27 broken.damaged").read_text() == "{"


def test_a_damaged_draft_does_not_stand_before_its_file(play: Play, tmp_path: Path) -> None:
    place = tmp_path / "mine.backprop"
    save_project(place, Project(PRESETS["moons"]))
    draft = Draft.of(place)
    draft.path.parent.mkdir(parents=True)
    draft.path.write_text("{")

    def script(user: User) -> None:
        assert user.window.document.path == place
        assert user.frame.experiment == PRESETS["moons"]

    assert play(script, str(place)) == 0
    assert draft.path.with_suffix(".damaged").read_text() == "{"


def test_what_is_undone_and_made_again_is_kept_again(
    play: Play, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper, "EVERY", 0.001)  # so it looks before a frame tells of the undone edit
    place = tmp_path / "mine.backprop"
    save_project(place, Project(PRESETS["moons"]))
    draft = Draft.of(place).path

    def script(user: User) -> None:
        user.click_plane(1, 1)
        user.wait(draft.exists)
        for _ in range(2):
            user.key(Qt.Key.Key_Z, CONTROL)
            user.wait(lambda: not draft.exists())
            user.key(Qt.Key.Key_Y, CONTROL)
            user.wait(draft.exists)

    assert play(script, str(place)) == 0
