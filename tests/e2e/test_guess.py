"""Predict first: a loss and a boundary that the user expects, held against what comes, and told in the notebook."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtWidgets import QTableWidget

from engine.training import AT_LAUNCH, PRESETS, Run
from playground.ui.number_format import write_loss
from playground.views.runs.table import GUESS
from tests.e2e.conftest import User
from tests.e2e.dialogs import answering, file


def test_a_guess_is_held_against_what_comes(play: Callable[..., int], tmp_path: Path) -> None:
    notebook = tmp_path / "notebook.ipynb"
    run = Run(PRESETS[AT_LAUNCH])
    run.step(15)
    _, test = run.score()
    assert test is not None
    said = f"0.25 at step 15, it was {write_loss(test.loss)}"

    def notice(user: User) -> str:
        return user.window.notice.text()

    def guess(user: User) -> None:
        user.choose("Guess first…")
        user.type_into("Loss", "0.25")
        user.type_into("At step", "15")
        user.press("Draw the boundary")
        user.drag_plane([(-3, -3), (0, 1), (3, -3)])
        user.wait(lambda: user.frame.guess is not None and len(user.frame.guess.lines) == 1)
        guess = user.frame.guess
        assert guess is not None
        assert (guess.loss, guess.steps) == (0.25, 15)
        np.testing.assert_allclose(guess.lines[0][-1], (3, -3), atol=0.05)
        assert user.frame.outcome is None
        user.window.worker.step_on(40)
        user.wait_for_step(40)
        outcome = user.frame.outcome
        assert outcome is not None
        assert outcome.score == test
        assert outcome.off is not None
        assert f"{outcome.off:.2g} off in the mean" in notice(user)
        assert said in notice(user)
        user.window.inspector.bring("runs")
        table: QTableWidget = user.named("List of runs")
        user.type_into("Note on the run", "The first one.")
        user.wait(lambda: user.frame.runs[0].note == "The first one.")
        cell = table.item(0, GUESS)
        assert cell is not None
        assert cell.text() == f"0.25 → {write_loss(test.loss)}, drawn"
        assert cell.toolTip() == f"{said}; a boundary, {outcome.off:.2g} off in the mean"
        with answering(file(notebook)):
            user.choose("Runs as a notebook…")
        user.wait(notebook.exists)
        user.choose("Guess first…")
        user.press("Remove the guess")
        user.wait(lambda: user.frame.guess is None)
        user.choose("Undo")
        user.wait(lambda: user.frame.guess == guess and user.frame.outcome == outcome)
        user.choose("Undo")
        user.wait(lambda: user.frame.runs[0].note == "")
        user.choose("Undo")
        user.wait(lambda: user.frame.guess == guess.replace(lines=()))
        user.choose("Undo")  # all that was typed while the dialog was open
        user.wait(lambda: user.frame.guess is None and user.frame.step == 40)

    assert play(guess) == 0
    told = json.loads(notebook.read_text(encoding="utf-8"))
    assert "The first one." in "".join(told["cells"][1]["source"])
