"""A sweep through the window: over seeds alone, over settings too; a run of it is opened; what is done stays."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QPushButton, QTableView, QWidget

from engine.training.sweep import Row
from main import main
from tests.e2e.conftest import User
from tests.e2e.dialogs import answering, file
from tests.e2e.test_settings_live import pick

Play = Callable[..., int]
CONTROL = Qt.KeyboardModifier.ControlModifier


def state(user: User) -> str:
    label: QLabel = user.named("State of the sweep", QLabel)
    return label.text()


def sweep_over(user: User, seeds: str, steps: str) -> None:
    """Have a sweep begin over so many seeds."""
    user.window.inspector.bring("sweep")
    user.wait(lambda: user.named("What the sweep does", QLabel).text() != "")
    user.type_into("Seeds", seeds)
    user.type_into("Steps", steps)
    user.press("Begin the sweep")


def cells(user: User, column: int) -> list[str]:
    lines = user.named("Combinations of the sweep", QTableView).model()
    return [lines.index(row, column).data() for row in range(lines.rowCount())]


def test_over_seeds_and_a_run_of_it_is_opened_equal_to_the_bit(play: Play) -> None:
    def script(user: User) -> None:
        sweep_over(user, "4", "200")
        user.wait(lambda: state(user) == "4 of 4 runs done.")
        assert cells(user, 0) == ["4 of 4"]  # reach 95 %
        assert user.named("Where the networks disagree").toolTip().startswith("Where 4 networks disagree")
        runs: QComboBox = user.named("Runs of the combination", QComboBox)
        assert [runs.itemData(i).seed for i in range(runs.count())] == [0, 1, 2, 3]
        runs.setFocus()
        user.key(Qt.Key.Key_End)
        row: Row = runs.currentData()
        assert row.seed == 3
        before = user.window.document.experiment
        user.press("Open this run")
        user.wait(lambda: user.frame.step == 200)
        user.settle()
        assert user.window.document.experiment == before.with_seed(3)
        assert (user.frame.train.loss, user.frame.test.loss) == (row.train_loss, row.test_loss)  # type: ignore[union-attr]
        user.window.setFocus()
        user.key(Qt.Key.Key_Z, CONTROL)
        user.wait(lambda: user.frame.step == 0)
        assert user.window.document.experiment == before
        assert cells(user, 0) == ["4 of 4"]
        changed: QLabel = user.named("What has changed since the sweep", QLabel)
        assert changed.text() == ""
        user.type_into("Learning rate", "0.02")
        user.wait(lambda: changed.text() == "Changed since this sweep: learning rate 0.01 → 0.02.")
        user.type_into("To reach", "100 %")
        reached = sum(max(found.qualities) == 1 for found in (runs.itemData(i) for i in range(4)))
        assert cells(user, 0) == [f"{reached} of 4"]

    assert play(script) == 0


def test_over_two_settings_whose_rows_are_saved_and_gone_on_with(play: Play, here: Path) -> None:
    def script(user: User) -> None:
        user.window.inspector.bring("sweep")
        pick(user, "Setting 1 that varies", "Learning rate")
        line: QLineEdit = user.named("Values of setting 1", QLineEdit)
        assert line.text() == "0.001, 0.01, 0.1"
        user.type_into("Values of setting 1", "0.01, 99")
        said: QLabel = user.named("What the sweep does", QLabel)
        assert said.text().startswith("learning rate: 99.0 is not allowed; allowed: a number from")
        assert not user.named("Cancel the sweep", QPushButton).isEnabled()  # Enter has begun nothing
        line.setText("0.001, 0.1")
        user.press("Another setting")
        pick(user, "Setting 2 that varies", "Layers")
        line = user.named("Values of setting 2", QLineEdit)
        line.setText("none, 4-4")
        sweep_over(user, "2", "100")
        user.wait(lambda: state(user) == "8 of 8 runs done.")
        assert set(zip(cells(user, 0), cells(user, 1), strict=True)) == {
            (rate, layers) for rate in ("0.001", "0.1") for layers in ("none", "4-4")
        }
        assert cells(user, 2)[0] == "2 of 2"
        assert (cells(user, 0)[0], cells(user, 1)[0]) == ("0.1", "4-4")  # the best first
        table: QTableView = user.named("Combinations of the sweep", QTableView)
        chart: QWidget = user.named("Chart of the sweep")
        user.drag(chart, [QPointF(chart.width() * 0.3, chart.height() * 0.3)])  # the upper left of four cells
        assert [cells(user, column)[table.currentIndex().row()] for column in (0, 1)] == ["0.001", "none"]
        with answering(file(here / "r.csv")):
            user.press("Save rows…")

    assert play(script) == 0
    rows = (here / "r.csv").read_text()
    assert rows.count("\n") == 9
    argv = ["sweep", "circle", "--grid", "learning_rate=0.001,0.1", "--grid", "layers=none,4-4", "--seeds", "2",
            "--steps", "100", "--workers", "1", "--out", "r.csv"]  # fmt: skip
    assert main(argv) == 0
    assert (here / "r.csv").read_text() == rows, "all was done"


def test_what_cannot_be_trained_has_a_reason_and_is_not_opened(play: Play) -> None:
    def script(user: User) -> None:
        user.window.inspector.bring("sweep")
        pick(user, "Setting 1 that varies", "Optimiser")
        user.named("Values of setting 1", QLineEdit).setText("adam, sgd")
        user.press("Another setting")
        pick(user, "Setting 2 that varies", "β₁")
        user.named("Values of setting 2", QLineEdit).setText("0.5, 0.8")
        sweep_over(user, "1", "20")
        user.wait(lambda: state(user) == "4 of 4 runs done.")
        assert cells(user, 0) == ["adam", "adam", "sgd", "sgd"]
        button: QPushButton = user.named("Open this run", QPushButton)
        assert button.isEnabled()
        table: QTableView = user.named("Combinations of the sweep", QTableView)
        table.setFocus()
        user.key(Qt.Key.Key_End, CONTROL)
        assert "allowed: none, for SGD has none" in user.named("Runs of the combination", QComboBox).currentText()
        assert not button.isEnabled()

    assert play(script) == 0


def test_what_is_done_stays_when_it_is_cancelled_and_no_process_does(play: Play) -> None:
    def script(user: User) -> None:
        sweep_over(user, "200", "2000")
        user.wait(lambda: len(multiprocessing.active_children()) > 0 and not state(user).startswith("0 of"))
        user.press("Cancel the sweep")
        user.wait(lambda: state(user).endswith("cancelled, what is done stays."))
        assert int(state(user).split()[0]) == sum(int(cell.split()[-1]) for cell in cells(user, 0))
        sweep_over(user, "200", "100000")  # which ends with the window

    assert play(script) == 0
    assert not multiprocessing.active_children()


def test_a_race_is_taken_over_many_seeds_and_on_over_a_range(play: Play) -> None:
    def script(user: User) -> None:
        user.window.inspector.bring("race")
        user.wait(lambda: bool(user.named("Values to compare", QLineEdit).text()))
        user.press("Over many seeds…")
        assert user.named("Values of setting 1", QLineEdit).text() == "0.001, 0.01, 0.1"
        said: QLabel = user.named("What the sweep does", QLabel)
        assert said.text().startswith("60 runs of the settings")
        user.named("Values of setting 1", QLineEdit).setText("0.001..0.1")
        user.press("Begin the sweep")
        assert said.text().startswith("learning rate: '0.001..0.1' is not allowed; allowed in a grid: values; a range")
        user.type_into("Samples", "3")
        user.press("Another setting")
        pick(user, "Setting 2 that varies", "Layers")
        user.press("Another setting")
        pick(user, "Setting 3 that varies", "Batch size")
        user.named("Values of setting 3", QLineEdit).setText("10,none")
        sweep_over(user, "1", "40")
        user.wait(lambda: state(user) == "3 of 3 runs done.")
        assert all(0.001 <= float(rate) <= 0.1 for rate in cells(user, 0))
        user.press("Lines")
        table: QTableView = user.named("Combinations of the sweep", QTableView)
        chart: QWidget = user.named("Chart of the sweep")
        found = set()
        for y in range(0, chart.height(), 2):
            user.drag(chart, [QPointF(chart.width() * 0.8, y)])
            found.add(table.currentIndex().row())
        assert found == {0, 1, 2}, "each line can be chosen"
        assert user.named("Heat map", QPushButton).isEnabled(), "of the two that no range is of"

    assert play(script) == 0
