"""The document: what is edited, what can be undone, and what its file has."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from engine.training import PRESETS, Experiment, Project, ProjectError, Run, load_project
from playground.model import edits
from playground.model.document import Document

CIRCLE = PRESETS["circle"]


def rate(value: float, experiment: Experiment = CIRCLE) -> Experiment:
    return edits.set_training(experiment, learning_rate=value)


@pytest.fixture
def document(qapp: object) -> Document:
    return Document(CIRCLE)


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


def test_a_save_within_a_gesture_can_be_undone_to(document: Document, tmp_path: Path) -> None:
    document.edit(rate(0.2), "change the learning rate", 1)
    document.save(tmp_path / "a.backprop", Project(document.experiment))
    document.edit(rate(0.3), "change the learning rate", 1)
    assert document.is_modified
    document.undo_stack.undo()
    assert document.experiment == rate(0.2)
    assert not document.is_modified


def test_modified_follows_the_saved_state_both_ways(document: Document, tmp_path: Path, qtbot: QtBot) -> None:
    assert not document.is_modified
    with qtbot.waitSignal(document.file_changed, timeout=1_000):
        document.edit(rate(0.1), "change the learning rate")
    assert document.is_modified
    with qtbot.waitSignal(document.file_changed, timeout=1_000):
        document.save(tmp_path / "a.backprop", Project(document.experiment))
    assert not document.is_modified
    assert (document.path, document.name) == (tmp_path / "a.backprop", "a.backprop")
    with qtbot.waitSignal(document.file_changed, timeout=1_000):
        document.undo_stack.undo()  # past the saved state
    assert document.is_modified
    document.undo_stack.redo()
    assert not document.is_modified
    document.undo_stack.undo()
    document.edit(rate(0.2), "change the learning rate")  # what was saved is out of reach now
    undo_all(document)
    assert document.is_modified


def test_what_was_edited_while_it_was_saved_is_not_called_saved(document: Document, tmp_path: Path) -> None:
    document.edit(rate(0.1), "change the learning rate", 1)
    lately = Project(document.experiment)
    document.edit(rate(0.2), "change the learning rate")
    document.save(tmp_path / "a.backprop", lately)
    assert document.is_modified
    document.undo_stack.undo()
    assert not document.is_modified


def test_what_is_saved_is_what_is_opened(document: Document, tmp_path: Path) -> None:
    document.edit(edits.paint(CIRCLE, np.array([[1.0, 2.0]]), 2), "draw points")
    run = Run(document.experiment)
    run.step(5)
    document.save(tmp_path / "a.backprop", Project(run.experiment, run.state()))
    other = Document(PRESETS["xor"])
    other.edit(rate(0.2, other.experiment), "change the learning rate")
    project = other.open(tmp_path / "a.backprop")
    assert other.experiment == document.experiment
    assert project.run().state() == run.state()
    assert (other.path, other.is_modified) == (tmp_path / "a.backprop", False)
    assert not other.undo_stack.canUndo()


@pytest.mark.parametrize("content", [None, "", "{", "[]", '{"format": "other"}', "\x00\xff"])
def test_a_file_that_cannot_be_opened_leaves_everything_as_it_was(
    document: Document, announced: list[Experiment], tmp_path: Path, content: str | None
) -> None:
    document.edit(rate(0.1), "change the learning rate")
    document.save(tmp_path / "good.backprop", Project(document.experiment))
    document.edit(rate(0.2), "change the learning rate")
    announced.clear()
    bad = tmp_path / "bad.backprop"
    if content is not None:
        bad.write_text(content, encoding="latin-1")
    with pytest.raises(ProjectError, match=r"bad\.backprop"):
        document.open(bad)
    assert document.experiment == rate(0.2)
    assert (document.path, document.is_modified) == (tmp_path / "good.backprop", True)
    assert not announced
    document.undo_stack.undo()
    assert not document.is_modified


def test_a_save_that_fails_leaves_path_flag_and_file_as_they_were(document: Document, tmp_path: Path) -> None:
    good = tmp_path / "good.backprop"
    document.save(good, Project(document.experiment))
    before = good.read_bytes()
    document.edit(rate(0.1), "change the learning rate")
    for bad in (tmp_path, tmp_path / "no" / "such" / "folder.backprop", tmp_path / ("x" * 300)):
        with pytest.raises(ProjectError):
            document.save(bad, Project(document.experiment))
        assert (document.path, document.is_modified) == (good, True)
    assert good.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["good.backprop"]
    document.save(good, Project(document.experiment))
    assert load_project(good).experiment == rate(0.1)


def test_beginning_again_has_nothing_to_undo_and_no_file(document: Document, tmp_path: Path, qtbot: QtBot) -> None:
    document.save(tmp_path / "a.backprop", Project(document.experiment))
    document.edit(rate(0.1), "change the learning rate", 1)
    with qtbot.waitSignal(document.file_changed, timeout=1_000):
        document.renew(PRESETS["xor"])
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


def test_training_counts_as_a_change_of_a_file_and_is_told_in_words(document: Document, tmp_path: Path) -> None:
    document.train_to(20, False)
    assert not document.is_modified, "what has no file is not asked about"
    assert document.state == "not in a file yet"
    run = Run(CIRCLE)
    run.step(20)
    document.save(tmp_path / "a.backprop", Project(CIRCLE, run.state()))
    assert (document.is_modified, document.state) == (False, "saved")
    document.train_to(60, True)
    assert (document.is_modified, document.state) == (True, "training since it was saved")
    document.train_to(140, False)
    assert (document.is_modified, document.state) == (True, "trained 120 steps since it was saved")
    document.train_to(7, False)
    assert (document.is_modified, document.state) == (True, "saved at step 20")
    document.edit(rate(0.5), "change the learning rate")
    assert document.state == "edited since it was saved"
    other = Document(CIRCLE)
    other.open(tmp_path / "a.backprop")
    assert (other.is_modified, other.state) == (False, "saved")
    other.train_to(20, False)
    assert not other.is_modified
