"""The step in code: three programs that run as they are, and light up together, also with the film."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPlainTextEdit

from engine.microscope.listings import LISTINGS, source
from playground.model import edits
from playground.runtime.frame import Status
from playground.views.code import ListingsView
from tests.e2e.conftest import InTurn, User

Play = Callable[..., int]
ROOT = Path(__file__).parents[2]


def open_code(user: User) -> ListingsView:
    user.key(Qt.Key.Key_M)
    view = user.window.inspector.page("listings")
    user.window.inspector.bring("listings")
    assert view.isVisible()
    user.wait(lambda: all(pane.lines for pane in view.panes.values()))
    return view


def lit(view: ListingsView, name: str) -> set[str]:
    """The parts whose lines are lit in a pane."""
    pane = view.panes[name]
    return {pane.lines[mark.cursor.blockNumber()].part for mark in pane.text.extraSelections()}


def test_programs_are_copied_and_run_as_they_are(play: Play, tmp_path: Path) -> None:
    paths = [tmp_path / f"{name}.py" for name in ("NumPy", "Value")]

    def script(user: User) -> None:
        open_code(user)
        for path in paths:
            user.press(f"Copy the {path.stem} program")
            path.write_text(QApplication.clipboard().text(), encoding="utf-8")

    assert play(script) == 0
    for path in paths:
        done = subprocess.run(
            [sys.executable, str(path)], capture_output=True, text=True, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout.strip(), "it prints what came out"


def test_the_forward_pass_is_seen_first(play: Play) -> None:
    def script(user: User) -> None:
        view = open_code(user)
        for name, pane in view.panes.items():
            user.wait(lambda name=name: lit(view, name) == {"layer 1"})
            assert pane.text.verticalScrollBar().value() > 0, "above it stand only numbers"

    assert play(script) == 0


def numbers_are_written_in_place_while_it_trains_and_what_is_selected_stays(user: User) -> None:
    text = open_code(user).panes["PyTorch"].text
    before = text.toPlainText()
    assert text.find("import torch")
    user.key(Qt.Key.Key_Space)
    user.wait(lambda: text.toPlainText() != before)
    assert text.textCursor().selectedText() == "import torch"
    user.key(Qt.Key.Key_Space)
    user.wait_for(Status.PAUSED)
    for name, pane in user.window.inspector.page("listings").panes.items():
        point = user.window.inspector.page("microscope").session.point

        def is_written(name: str = name, pane: Any = pane, point: int = point) -> bool:
            return bool(pane.text.toPlainText() == source(LISTINGS[name](user.frame.snapshot, point)))

        user.wait(is_written)


def what_is_read_in_one_program_is_lit_in_all(user: User) -> None:
    view = open_code(user)
    pane = view.panes["PyTorch"]
    line = next(n for n, line in enumerate(pane.lines) if line.part == "layer 2")
    text: QPlainTextEdit = pane.text
    text.setFocus()
    cursor = text.textCursor()
    cursor.setPosition(text.document().findBlockByNumber(line).position())
    text.setTextCursor(cursor)
    for name in view.panes:
        assert lit(view, name) == {"layer 2"}


def the_film_lights_up_its_lines_and_the_diagram(user: User) -> None:
    view = open_code(user)
    microscope = user.window.inspector.page("microscope")
    film = microscope.session.film
    assert film is not None
    user.key(Qt.Key.Key_Period)
    assert view.isVisible(), "the code stays where it is"
    assert lit(view, "NumPy") <= {"zero"}
    user.key(Qt.Key.Key_Period)
    assert lit(view, "NumPy") == lit(view, "PyTorch") == {"layer 1"}
    assert user.window.network.lit is not None
    microscope.projector.seek(len(film.steps))
    assert lit(view, "PyTorch") == {"backward"}


def the_marks_of_the_film_go_when_the_code_is_closed(user: User) -> None:
    open_code(user)
    user.key(Qt.Key.Key_Period)
    user.key(Qt.Key.Key_Period)
    user.key(Qt.Key.Key_P)
    assert user.window.network.lit is not None
    assert user.window.output.plane.marks.ring.isVisible()
    user.key(Qt.Key.Key_M)
    assert user.window.network.lit is None
    assert not user.window.output.plane.marks.ring.isVisible()
    assert not user.window.inspector.page("microscope").projector.is_playing


def test_the_programs_and_what_is_lit_in_them(play_in_turn: InTurn) -> None:
    play_in_turn(
        what_is_read_in_one_program_is_lit_in_all,
        the_film_lights_up_its_lines_and_the_diagram,
        the_marks_of_the_film_go_when_the_code_is_closed,
    )


def the_programs_follow_the_run(user: User) -> None:
    view = open_code(user)
    before = view.panes["NumPy"].text.toPlainText()
    user.key(Qt.Key.Key_Space)
    user.wait_for_step(10)
    user.key(Qt.Key.Key_Space)
    user.wait_for(Status.PAUSED)
    user.wait(lambda: view.panes["NumPy"].text.toPlainText() != before)
    document = user.window.document
    for layer in (0, 1):
        document.edit(edits.change_layer(document.experiment, layer, size=64), "grow")
    user.wait(lambda: "too many to list" in view.panes["PyTorch"].text.toPlainText())
    user.window.editor.clear_points()
    user.window.document.undo_stack.undo()
    user.window.document.undo_stack.undo()
    user.window.document.undo_stack.undo()
    user.wait(lambda: "nn.Linear(2, 6)" in view.panes["PyTorch"].text.toPlainText())
    user.window.editor.clear_points()
    user.wait(lambda: "no points" in view.panes["Value"].text.toPlainText())


def test_the_programs_while_it_trains(play_in_turn: InTurn) -> None:
    play_in_turn(
        numbers_are_written_in_place_while_it_trains_and_what_is_selected_stays,
        the_programs_follow_the_run,
    )
