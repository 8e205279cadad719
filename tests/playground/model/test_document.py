"""The document: what is edited, what can be undone, and what its file has."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from engine.training import PRESETS, Experiment
from playground.model import edits
from playground.model.document import Document
from playground.model.runs_file import Moment

CIRCLE = PRESETS["circle"]
FILE = Path("folder") / "a.backprop"


def rate(value: float, experiment: Experiment = CIRCLE) -> Experiment:
    return edits.set_training(experiment, learning_rate=value)


@pytest.fixture
def document(qapp: object) -> Iterator[Document]:
    """It goes as the window's does, with Qt, and is not left to the collector."""
    result = Document(Moment(CIRCLE))
    yield result
    result.undo_stack.clear()
    result.deleteLater()


@pytest.fixture
def announced(document: Document) -> list[Experiment]:
    """Every experiment that the document said was in force."""
    result: list[Experiment] = []
    document.edited.connect(lambda experiment, _mark, _anew: result.append(experiment))
    document.returned.connect(lambda experiment, _place, _mark: result.append(experiment))
    return result


def undo_all(document: Document) -> None:
    while document.undo_stack.canUndo():
        document.undo_stack.undo()


def test_every_edit_is_announced_undone_and_redone(document: Document, announced: list[Experiment]) -> None:
    first, second = rate(0.1), edits.add_layer(rate(0.1), 0)
    document.edit(first, "change the learning rate")
    document.edit(second, "add a layer")
    assert (document.experiment, announced) == (second, [first, second])
    assert document.undo_stack.undoText() == "add a layer"
    document.undo_stack.undo()
    assert document.experiment == first
    document.undo_stack.undo()
    assert document.experiment == CIRCLE
    assert not document.undo_stack.canUndo()
    document.undo_stack.redo()
    document.undo_stack.redo()
    assert document.experiment == second
    assert announced == [first, second, first, CIRCLE, first, second]


def test_an_edit_that_changes_nothing_is_none(document: Document, announced: list[Experiment]) -> None:
    document.edit(CIRCLE.replace(), "change nothing")
    assert not document.is_modified
    assert not announced
    assert not document.undo_stack.canUndo()


def test_edits_of_one_gesture_are_undone_together(document: Document, announced: list[Experiment]) -> None:
    document.edit(rate(0.2), "change the learning rate", ("rate", 1))
    for value in (0.3, 0.4, 0.5):
        document.edit(rate(value), "change the learning rate", ("rate", 1))
    document.edit(rate(0.6), "change the learning rate", ("rate", 2))
    assert len(announced) == 5  # each took effect at once
    document.undo_stack.undo()
    assert document.experiment == rate(0.5)
    document.undo_stack.undo()
    assert document.experiment == CIRCLE
    document.undo_stack.redo()
    assert document.experiment == rate(0.5)


def test_edits_without_a_gesture_stand_alone(document: Document) -> None:
    document.edit(rate(0.2), "change the learning rate")
    document.edit(rate(0.3), "change the learning rate")
    document.undo_stack.undo()
    assert document.experiment == rate(0.2)


def test_a_gesture_that_returns_to_its_start_vanishes(document: Document) -> None:
    document.edit(rate(0.2), "change the learning rate", 1)
    document.edit(CIRCLE, "change the learning rate", 1)
    assert not document.undo_stack.canUndo()
    assert not document.is_modified
    assert document.experiment == CIRCLE
    document.edit(rate(0.3), "change the learning rate", 1)  # it goes on all the same
    assert document.is_modified
    document.undo_stack.undo()
    assert document.experiment == CIRCLE


def test_a_gesture_that_vanishes_leaves_the_edits_before_it(document: Document) -> None:
    document.edit(rate(0.1), "change the learning rate")
    document.edit(rate(0.2), "change the learning rate", 1)
    document.edit(rate(0.1), "change the learning rate", 1)
    assert document.undo_stack.count() == 1
    document.undo_stack.undo()
    assert document.experiment == CIRCLE


def test_a_save_within_a_gesture_can_be_undone_to(document: Document) -> None:
    document.edit(rate(0.2), "change the learning rate", 1)
    document.be_saved(FILE, document.moment)
    document.edit(rate(0.3), "change the learning rate", 1)
    assert document.is_modified
    document.undo_stack.undo()
    assert document.experiment == rate(0.2)
    assert not document.is_modified


def test_modified_follows_the_saved_state_both_ways(document: Document, qtbot: QtBot) -> None:
    assert not document.is_modified
    with qtbot.waitSignal(document.file_changed, timeout=1_000):
        document.edit(rate(0.1), "change the learning rate")
    assert document.is_modified
    with qtbot.waitSignal(document.file_changed, timeout=1_000):
        document.be_saved(FILE, document.moment)
    assert not document.is_modified
    assert (document.path, document.name) == (FILE, "a.backprop")
    with qtbot.waitSignal(document.file_changed, timeout=1_000):
        document.undo_stack.undo()  # past the saved state
    assert document.is_modified
    document.undo_stack.redo()
    assert not document.is_modified
    document.undo_stack.undo()
    document.edit(rate(0.2), "change the learning rate")  # what was saved is out of reach now
    undo_all(document)
    assert document.is_modified


def test_what_was_edited_while_it_was_saved_is_not_called_saved(document: Document) -> None:
    document.edit(rate(0.1), "change the learning rate", 1)
    lately = document.moment
    document.edit(rate(0.2), "change the learning rate")
    document.be_saved(FILE, lately)
    assert document.is_modified
    document.undo_stack.undo()
    assert not document.is_modified


def test_beginning_again_has_nothing_to_undo_and_no_file(document: Document, qtbot: QtBot) -> None:
    document.be_saved(FILE, document.moment)
    document.edit(rate(0.1), "change the learning rate", 1)
    with qtbot.waitSignal(document.file_changed, timeout=1_000):
        document.renew(Moment(PRESETS["xor"]))
    assert document.experiment == PRESETS["xor"]
    assert (document.path, document.is_modified, document.name) == (None, False, "Untitled")
    assert not document.undo_stack.canUndo()
    assert not document.undo_stack.canRedo()
    document.edit(rate(0.2, PRESETS["xor"]), "change the learning rate", 1)  # of the same gesture as before
    document.undo_stack.undo()
    assert document.experiment == PRESETS["xor"]


def test_a_hundred_strokes_are_undone_one_by_one(document: Document) -> None:
    for stroke in range(100):
        for x in (0.0, 1.0, 2.0):
            painted = edits.paint(document.experiment, np.array([[x, stroke / 20]]), 0)
            document.edit(painted, "draw points", ("draw", stroke))
    assert document.undo_stack.count() == 100
    for left in range(100, 0, -1):
        assert len(document.experiment.data.arrays) == 500 + 3 * left
        document.undo_stack.undo()
    assert document.experiment == CIRCLE


def test_training_counts_as_a_change_of_a_file_and_is_told_in_words(document: Document) -> None:
    document.look("trained 20", 20, False)
    assert not document.is_modified, "what has no file is not asked about"
    assert document.state == "not in a file yet"
    document.be_saved(FILE, document.moment)
    assert (document.is_modified, document.state) == (False, "saved")
    document.look("trained 60", 60, True)
    assert (document.is_modified, document.state) == (True, "training since it was saved")
    document.look("trained 140", 140, False)
    assert (document.is_modified, document.state) == (True, "trained 120 steps since it was saved")
    document.look("trained 140", 7, False)
    assert (document.is_modified, document.state) == (True, "changed since it was saved")
    document.edit(rate(0.5), "change the learning rate")
    assert document.state == "edited since it was saved"


def test_looking_at_another_step_is_no_change_of_a_file(document: Document) -> None:
    document.renew(Moment(CIRCLE, "trained 20", 20), FILE)
    document.look("trained 20", 7, False)
    assert (document.is_modified, document.state) == (False, "saved")


def test_what_was_recovered_is_not_in_its_file_yet(document: Document) -> None:
    document.renew(Moment(CIRCLE, "trained 60", 60), FILE, saved=Moment(CIRCLE, "trained 20", 20))
    assert (document.is_modified, document.state) == (True, "trained 40 steps since it was saved")


def test_that_it_cannot_be_kept_is_told_until_it_can(document: Document, qtbot: QtBot) -> None:
    with qtbot.waitSignal(document.file_changed, timeout=1_000):
        document.fail_to_keep("No space left on device")
    assert document.state == "cannot be kept: No space left on device"
    with qtbot.assertNotEmitted(document.file_changed):
        document.fail_to_keep("No space left on device")  # it is said once
    document.fail_to_keep("")
    assert document.state == "not in a file yet"
