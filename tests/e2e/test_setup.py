"""A setup as text: copied from a window, pasted into another, given on the command line; nothing is lost by it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit

from engine.training import DRAWN, PRESETS, Data, Experiment, Run, experiment_of, setup_text
from main import main
from tests.e2e.conftest import InTurn, User
from tests.e2e.test_terminal import report_of
from tests.e2e.test_time import assert_same, trained

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
Play = Callable[..., int]


def put_on_the_clipboard(text: str) -> None:
    QApplication.clipboard().setText(text)


def pasted(user: User, experiment: Experiment) -> None:
    """Paste a setup with the keys, and wait until it is what there is."""
    put_on_the_clipboard(setup_text(experiment))
    user.window.setFocus()
    user.key(Qt.Key.Key_V, CONTROL)
    user.wait(lambda: user.frame.experiment == experiment)
    user.settle()


def what_is_copied_is_the_setup_and_the_window_says_so(user: User) -> None:
    user.press("Add a neuron to layer 1")
    user.click_plane(1.5, -2.5)
    user.choose("Erase all points")
    for spot in ((1.5, -2.5), (-3.25, 0.125), (0.1, 4.4)):
        user.click_plane(*spot)
    user.window.setFocus()
    user.key(Qt.Key.Key_C, CONTROL | SHIFT)
    text = QApplication.clipboard().text()
    assert experiment_of(text) == user.window.document.experiment
    assert len(experiment_of(text).data.points) == 3
    assert f"a line of {len(text)} characters" in user.window.statusBar().currentMessage()


def what_is_pasted_begins_at_step_0_and_undo_goes_back_to_what_was_trained(user: User) -> None:
    before = trained(user, 20)
    pasted(user, PRESETS["spiral"])
    assert user.frame.step == 0
    assert user.window.document.undo_stack.undoText() == "paste a setup"
    user.press("Step")
    user.wait_for_step(1)
    run = Run(PRESETS["spiral"])
    run.step()
    for shown, (weights, _) in zip(user.frame.weights, run.weights(), strict=True):
        np.testing.assert_array_equal(shown, weights)  # as at whoever copied it
    assert [run.name for run in user.frame.runs] == ["Run 1", "Run 2"]
    user.key(Qt.Key.Key_Z, CONTROL)
    assert_same(user.settle(), before)


def the_setup_that_there_is_begins_anew(user: User) -> None:
    trained(user, 20)
    pasted(user, user.window.document.experiment)
    assert user.frame.step == 0


def a_text_field_gets_the_text_and_the_menu_the_setup(user: User) -> None:
    put_on_the_clipboard(setup_text(PRESETS["moons"]))
    figure = user.named("Learning rate", QLineEdit)
    figure.setFocus()
    figure.selectAll()
    user.key(Qt.Key.Key_V, CONTROL)
    assert figure.text().startswith("bp1:")
    assert user.window.document.experiment != PRESETS["moons"]
    user.choose("Paste setup")
    assert user.window.document.experiment == PRESETS["moons"]


def what_is_no_setup_or_not_whole_is_refused_and_changes_nothing(user: User) -> None:
    before, text = trained(user, 5), setup_text(PRESETS["moons"])
    user.window.setFocus()
    for pasted, said in {
        "": "copy points, a setup or cells of a spreadsheet first",
        "0.5;1.5;2": "copy points, a setup or cells of a spreadsheet first",
        text[:-3]: "it was cut or changed on its way",
        text.replace("bp1", "bp2"): "this program reads bp1",
    }.items():
        put_on_the_clipboard(pasted)
        user.key(Qt.Key.Key_V, CONTROL)
        assert said in user.window.notice.text()
        assert user.window.document.experiment == before.experiment
    assert_same(user.settle(), before)


def more_points_than_fit_are_not_copied(user: User) -> None:
    put_on_the_clipboard("as it was")
    user.click_plane(0.5, 0.5)  # one more than the 500 of the preset
    user.key(Qt.Key.Key_C, CONTROL | SHIFT)
    assert "501 is not allowed; a setup text has 500 at most: save a file" in user.window.notice.text()
    assert QApplication.clipboard().text() == "as it was"


def test_in_the_window(play_in_turn: InTurn) -> None:
    play_in_turn(
        what_is_copied_is_the_setup_and_the_window_says_so,
        what_is_pasted_begins_at_step_0_and_undo_goes_back_to_what_was_trained,
        the_setup_that_there_is_begins_anew,
        a_text_field_gets_the_text_and_the_menu_the_setup,
        what_is_no_setup_or_not_whole_is_refused_and_changes_nothing,
        more_points_than_fit_are_not_copied,
    )


def test_on_the_command_line_of_the_window(play: Play) -> None:
    drawn = Experiment(Data(DRAWN, points=((0.1, 0.2, 0, 0), (1.5, -2.0, 1, 1))))

    def script(user: User) -> None:
        assert user.window.document.experiment == drawn
        assert user.points() == 2

    assert play(script, setup_text(drawn)) == 0


def test_on_the_command_line_of_the_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    reports = [report_of(source, "--steps", "30") for source in ("moons", setup_text(PRESETS["moons"]))]
    assert reports[0]["train_loss"] == reports[1]["train_loss"]


@pytest.mark.parametrize("argv", [("train",), ()], ids=["terminal", "window"])
def test_one_line_for_what_is_not_whole(argv: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    for text, said in ((setup_text(PRESETS["moons"])[:-1], "cut or changed"), ("bp3:AAAA", "this program reads bp1")):
        assert main([*argv, text]) == 2
        out, err = capsys.readouterr()
        assert (out, err.count("\n")) == ("", 1)
        assert err.startswith("backprop-playground: setup text: ")
        assert said in err
