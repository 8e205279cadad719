"""The list of runs: what was trained before is there, can be gone back to, compared, named, pinned and taken out."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtWidgets import QLabel, QTableWidget

from playground.model.guess import Guess
from playground.ui import theme
from tests.e2e.conftest import User
from tests.e2e.dialogs import answering, file
from tests.e2e.test_time import assert_same, trained

Play = Callable[..., int]
ROWS = QItemSelectionModel.SelectionFlag.Rows


class List:
    """The list of runs, as a user reads and handles it."""

    def __init__(self, user: User) -> None:
        self._user, inspector = user, user.window.inspector
        inspector.bring("runs")
        self.table: QTableWidget = user.named("List of runs")

    def column(self, number: int) -> list[str]:
        return [self.table.item(row, number).text() for row in range(self.table.rowCount())]  # type: ignore[union-attr]

    def choose(self, *names: str) -> None:
        self.table.clearSelection()
        for row, name in enumerate(self.column(1)):
            if name in names:
                index = self.table.model().index(row, 1)
                self.table.selectionModel().select(index, QItemSelectionModel.SelectionFlag.Select | ROWS)

    def says(self, text: str) -> bool:
        return any(text in label.text() for label in self._user.window.inspector.page("runs").findChildren(QLabel))


def three_runs(user: User) -> List:
    """One of the preset, one with a neuron more, one with another rate from its tenth step on."""
    trained(user, 20)
    user.press("Add a neuron to layer 1")
    user.settle()
    trained(user, 30)
    track = user.named("Timeline")
    user.drag(track, [track.spot_of(10)])
    user.wait(lambda: user.frame.step == 10)
    user.type_into("Learning rate", "0.1")
    user.settle()
    trained(user, 40)
    return List(user)


def test_every_run_stays_with_what_it_has_different_and_can_be_gone_back_to(play: Play) -> None:
    def script(user: User) -> None:
        first = trained(user, 20)
        user.press("Add a neuron to layer 1")
        user.settle()
        assert "The run before it stays" in user.window.notice.text()
        user.press("Step")
        user.wait(lambda: user.window.notice.text().startswith("Paused after step 1."))
        second = trained(user, 29)
        runs = List(user)
        assert runs.column(1) == ["Run 1", "Run 2"]
        assert runs.column(2) == ["", "+1 neuron in layer 1"]
        assert runs.column(3) == [str(first.step), str(second.step)]
        runs.choose("Run 1")
        user.press("Go there")
        assert_same(user.settle(), first)
        assert user.window.document.experiment == first.experiment
        runs.choose("Run 2")
        user.press("Go there")
        assert_same(user.settle(), second)

    assert play(script) == 0


def test_two_runs_are_compared(play: Play) -> None:
    def script(user: User) -> None:
        runs = three_runs(user)
        assert runs.column(2)[2] == "learning rate 0.01 → 0.1 at step 10"
        assert runs.says("Choose two runs")
        runs.choose("Run 1", "Run 3")
        settings = user.named("Settings that differ", QTableWidget)
        heads = [settings.horizontalHeaderItem(column).text() for column in range(3)]
        rows = [[settings.item(row, column).text() for column in range(3)] for row in range(settings.rowCount())]
        assert heads == ["Setting", "Run 1", "Run 3"]
        assert rows == [["neurons in layer 1", "6", "7"], ["learning rate", "0.01", "0.1"]]
        assert runs.says("disagree on ")
        user.named("List of runs").setFocus()
        for _ in range(6):  # over the buttons
            if not settings.hasFocus():
                user.key(Qt.Key.Key_Tab)
        assert settings.hasFocus()
        user.key(Qt.Key.Key_Down)
        assert settings.currentRow() == 1
        user.key(Qt.Key.Key_F2)
        assert settings.state() is QTableWidget.State.NoState, "it is to be read, not to be edited"

    assert play(script) == 0


def test_runs_are_named_pinned_taken_out_and_exported_and_all_of_it_is_undone(play: Play, tmp_path: Path) -> None:
    target = tmp_path / "runs.csv"

    def script(user: User) -> None:
        runs = three_runs(user)
        runs.table.item(1, 1).setText("wide")  # type: ignore[union-attr]
        user.wait(lambda: runs.column(1)[1] == "wide" and user.frame.runs[1].name == "wide")
        runs.choose("Run 3")
        user.press("Pin")
        user.wait(lambda: runs.column(1) == ["★ Run 3", "Run 1", "wide"])
        runs.choose("Run 1", "★ Run 3")
        user.press("Remove")  # not the one that is looked at
        user.wait(lambda: runs.column(1) == ["★ Run 3", "wide"])
        with answering(file(target)):
            user.press("Export…")
        for before in (["★ Run 3", "Run 1", "wide"], ["Run 1", "wide", "Run 3"], ["Run 1", "Run 2", "Run 3"]):
            user.choose("Undo")
            user.wait(lambda before=before: runs.column(1) == before)
        user.choose("Redo")
        user.wait(lambda: runs.column(1)[1] == "wide")

    assert play(script) == 0
    rows = list(csv.DictReader(target.read_text(encoding="utf-8").splitlines()))
    assert [row["run"] for row in rows] == ["wide", "Run 3"]
    assert all(np.isfinite(float(row["test loss"])) and 0 <= float(row["test accuracy or R²"]) <= 1 for row in rows)


@pytest.mark.parametrize("text_size", [1.0, 1.5])
def test_all_columns_are_in_sight_whatever_a_run_is_called(play: Play, text_size: float) -> None:
    def script(user: User) -> None:
        user.window.resize(1280, 800)
        theme.set_text_size(text_size)
        runs = three_runs(user)
        run = user.frame.runs[0]
        runs.table.item(0, 1).setText("A name of a run that has been made too long for any table")  # type: ignore[union-attr]
        user.window.editor.guess(run, Guess(500, 0.1))
        table, header = runs.table, runs.table.horizontalHeader()
        user.wait(lambda: not table.isColumnHidden(7) and runs.column(1)[0].startswith("A name"))
        room = table.viewport().width()
        user.wait(lambda: header.length() <= room or table.horizontalScrollBar().isVisible())
        assert header.sectionSize(1) <= room / 3
        assert header.sectionSize(2) >= room / 6
        assert table.item(2, 2).toolTip() == runs.column(2)[2]  # type: ignore[union-attr]
        for column in range(1, table.columnCount()):
            head = table.horizontalHeaderItem(column)
            is_whole = header.fontMetrics().horizontalAdvance(head.text()) <= header.sectionSize(column)
            assert is_whole or (header.textElideMode() is Qt.TextElideMode.ElideRight and head.toolTip() == head.text())
        theme.set_text_size(1)

    assert play(script) == 0
