"""Own data: a table comes in by the menu, by dropping, by pasting and by the command line, and goes out again."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QComboBox, QDialog, QLabel, QListWidget, QSlider, QWidget

from engine.training import PRESETS, load_project, read_table
from main import main
from playground.app.import_dialog import ImportDialog
from tests.e2e.conftest import User
from tests.e2e.dialogs import Answer, answering, button, escape, file

Play = Callable[..., int]
LIBRE_OFFICE = (
    "Länge;Breite;Höhe;Art\n5,1;3,5;1;rot\n4,9;3;2;rot\n7;3,2;3;blau\n6,4;2,9;4;blau\n6;x;5;blau\n6,1;2,2;7;grün\n"
)
PANDAS = ",length,width,species\n" + "".join(f"{i},{5 + i / 10},{(i % 7) / 2 - 1},{'ab'[i % 2]}\n" for i in range(40))
EXCEL = "length;width;price\r\n" + "".join(f"{i * 1.5};{i % 4};{1000 * i + 500 * (i % 4)}\r\n" for i in range(30))


@pytest.fixture
def table(tmp_path: Path) -> Callable[..., Path]:
    """`table(text)` writes a file as a program would."""

    def write(text: str, name: str = "data.csv", encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        return path

    return write


def read(*acts: Answer) -> Answer:
    """In the import dialog, once it has read the table."""

    def answer(dialog: QDialog) -> None:
        assert isinstance(dialog, ImportDialog)
        for act in (_until_read, *acts):
            act(dialog)

    return answer


def _until_read(dialog: QDialog) -> None:
    while any(label.text().startswith("Reading") for label in dialog.findChildren(QLabel)):
        QApplication.processEvents()


def pick(name: str, text: str) -> Answer:
    """Choose from a list of the dialog."""

    def act(dialog: QDialog) -> None:
        (box,) = (b for b in dialog.findChildren(QComboBox) if b.accessibleName() == name)
        box.setCurrentIndex(box.findText(text))
        box.activated.emit(box.currentIndex())
        _until_read(dialog)

    return act


def says(text: str) -> Answer:
    """The dialog has these words somewhere."""

    def act(dialog: QDialog) -> None:
        listed = [w.item(i).text() for w in dialog.findChildren(QListWidget) for i in range(w.count())]
        texts = [*(label.text() for label in dialog.findChildren(QLabel)), *listed]
        assert any(text in words for words in texts), texts

    return act


def waits(dialog: QDialog) -> None:
    """Nothing can be imported, nor chosen of it."""
    for name in ("Import", "Classes", "Values", "Training share", "Across", "Up"):
        found = [w for w in dialog.findChildren(QWidget) if w.accessibleName() == name]
        assert found, name
        assert not any(part.isEnabled() for part in found), name


def names(user: User) -> list[str]:
    return [column.name for column in user.window.document.experiment.data.columns]


def test_a_table_of_libre_office_is_imported_by_the_menu(play: Play, table: Callable[..., Path]) -> None:
    path = table(LIBRE_OFFICE, encoding="cp1252")

    def script(user: User) -> None:
        before = user.window.document.experiment
        seen = [
            says("6 rows, 4 columns, in Windows-1252."),
            says("5 points: 4 for training, 1 to test it. 1 row is left out:"),
            says("line 6, Breite: 'x' is not allowed; allowed: a finite number"),
            pick("Across", "Höhe"),
            button("Import"),
        ]
        with answering(file(path), read(*seen)):
            user.choose("Import data…")
            user.wait(lambda: names(user) != [])
        user.settle()
        data = user.window.document.experiment.data
        assert (names(user), data.class_names) == (["Höhe", "Breite", "Länge", "Art"], ("blau", "grün", "rot"))
        assert user.window.document.experiment.network.features == ("x1", "x2", "x3")
        user.key(Qt.Key.Key_S)
        user.wait_for_step(1)
        user.choose("Undo")
        assert user.window.document.experiment == before

    assert play(script) == 0


def test_columns_and_their_roles_can_be_chosen(play: Play, table: Callable[..., Path]) -> None:
    path = table(EXCEL, encoding="utf-8-sig")

    def script(user: User) -> None:
        acts = [
            pick("Role of width", "To be learned"),
            button("Classes"),
            pick("Role of price", "Not used"),
            says("30 points"),
            button("Import"),
        ]
        with answering(file(path), read(*acts)):
            user.choose("Import data…")
            user.wait(lambda: names(user) != [])
        data = user.window.document.experiment.data
        assert (names(user), data.class_names, data.inputs) == (["length", "width"], ("0", "1", "2", "3"), 1)
        assert data.task.name_of(2) == "class 2"

    assert play(script) == 0


def test_how_the_table_is_written_can_be_corrected(play: Play, table: Callable[..., Path]) -> None:
    path = table("a|b;c\n1|2;3\n4|5;6\n7|8;9\n")

    def script(user: User) -> None:
        with answering(read(pick("Separator", "bar |"), says("3 rows, 2 columns"), escape)):
            user.window.importer.import_file(path)
            user.wait(lambda: QApplication.activeModalWidget() is not None)
            user.wait(lambda: QApplication.activeModalWidget() is None)

    assert play(script) == 0


def test_what_is_no_table_is_told_and_nothing_is_lost(play: Play, table: Callable[..., Path]) -> None:
    bad = {
        "empty.csv": ("", "it is empty"),
        "words.csv": ("a,b\nx,y\n", "line 2, a: 'x' is not allowed; allowed: a number"),
        "open.csv": ('a,b\n1,"2\n', "line 2: '1,\"2"),
        "rows.csv": ("a,b\n" + "1,2\n" * 100_001, "number of rows: 100001 is not allowed; allowed: 1 to 100000"),
    }

    def script(user: User) -> None:
        before = user.window.document.experiment
        for name, (text, said) in bad.items():
            path = table(text, name)
            with answering(read(says(f"Not possible: {name}: "), says(said), waits, escape)):
                user.window.importer.import_file(path)
                user.wait(lambda: QApplication.activeModalWidget() is not None)
                user.wait(lambda: QApplication.activeModalWidget() is None)
        assert user.window.document.experiment == before
        assert not user.window.document.undo_stack.canUndo()

    assert play(script) == 0


def drop(user: User, path: Path) -> None:
    content = QMimeData()
    content.setUrls([QUrl.fromLocalFile(str(path))])
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    spot, copy = QPointF(600, 400), Qt.DropAction.CopyAction
    enter = QDragEnterEvent(spot.toPoint(), copy, content, left, none)
    QApplication.sendEvent(user.window, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(user.window, QDropEvent(spot, copy, content, left, none))


def test_files_are_dropped_and_cells_pasted(play: Play, table: Callable[..., Path], tmp_path: Path) -> None:
    path = table(PANDAS)
    project = tmp_path / "spiral.backprop"
    assert main(["train", "spiral", "--steps", "3", "--save", str(project)]) == 0

    def script(user: User) -> None:
        with answering(read(button("Import"))):
            drop(user, path)
            user.wait(lambda: names(user) == ["length", "width", "species"])
        QGuiApplication.clipboard().setText("alpha\tbeta\n1,5\t2,5\n2,5\t6\n8\t7\n9\t1,25\n")
        user.window.setFocus()
        with answering(read(button("Import"))):
            user.choose("Paste")
            user.wait(lambda: names(user) == ["alpha", "beta"])
        assert user.window.document.experiment.data.kind == "curve"
        QGuiApplication.clipboard().setText("nothing of the kind")
        user.choose("Paste")
        assert "copy points, a setup or cells of a spreadsheet first" in user.window.editor.refusal
        drop(user, project)
        user.wait(lambda: user.window.document.experiment.data == PRESETS["spiral"].data)

    assert play(script) == 0


def test_a_project_with_own_data_goes_on_to_the_same_bits(
    play: Play, table: Callable[..., Path], tmp_path: Path
) -> None:
    path, place = table(PANDAS), tmp_path / "own.backprop"

    def script(user: User) -> None:
        told = [label.text() for label in user.window.notice.findChildren(QLabel)]
        assert "40 points of data.csv, to learn species." in told
        for _ in range(5):
            user.key(Qt.Key.Key_S)
        user.wait_for_step(5)
        with answering(file(place)):
            user.choose("Save as…")
        user.wait(lambda: user.window.document.path == place)

    assert play(script, str(path)) == 0
    once, again = load_project(place).run(), load_project(place).run()
    assert once.steps == 5
    assert once.experiment.data.class_names == ("a", "b")
    assert once.step(20) == again.step(20) == 20
    assert once.state() == again.state()


def test_points_are_exported_in_their_own_units(play: Play, table: Callable[..., Path], tmp_path: Path) -> None:
    place = tmp_path / "out.tsv"

    def script(user: User) -> None:
        with answering(file(place)):
            user.choose("Points as a table…")

    assert play(script, str(table(PANDAS))) == 0
    out = read_table(place.read_bytes())
    assert list(out.columns) == ["length", "width", "species", "test"]
    assert out.numbers["length"].tolist() == [5 + i / 10 for i in range(40)]
    assert out.columns["species"] == tuple("ab" * 20)


def test_a_slider_moves_the_cut_through_other_inputs(play: Play, table: Callable[..., Path]) -> None:
    rows = "".join(f"{i % 6},{i % 5},{i % 7},{'no' if i % 7 < 3 else 'yes'}\n" for i in range(200))
    path = table("a,b,c,k\n" + rows)

    def script(user: User) -> None:
        for _ in range(3):
            user.key(Qt.Key.Key_S)
        user.wait_for_step(3)
        boundary = user.settle().boundary
        slider = user.named("c", QSlider)
        slider.setValue(slider.maximum())
        user.wait(lambda: user.frame.rest != ())
        assert np.allclose(user.frame.rest, user.window.document.experiment.data.arrays.inputs[:, 2].max())
        assert not np.array_equal(user.frame.boundary, boundary)
        assert user.frame.step == 3

    assert play(script, str(path)) == 0


def test_any_two_columns_are_plotted_and_points_are_drawn_where_the_sliders_are(
    play: Play, table: Callable[..., Path]
) -> None:
    path = table("a,b,c,k\n" + "".join(f"{i % 6},{i % 5},{i % 7},{'no' if i % 7 < 3 else 'yes'}\n" for i in range(200)))

    def axis_names(user: User) -> list[str]:
        texts = [label.text() for label in user.window.output.plane.findChildren(QLabel) if label.isVisible()]
        return [text for text in texts if text[-1:] in "→↑"]

    def script(user: User) -> None:
        for _ in range(3):
            user.key(Qt.Key.Key_S)
        user.wait_for_step(3)
        before, weights = user.window.document.experiment, [w.copy() for w in user.settle().weights]
        assert axis_names(user) == ["a →", "b ↑"]
        across = user.named("Across", QComboBox)
        across.setCurrentIndex(across.findText("c"))
        across.activated.emit(across.currentIndex())
        user.settle()
        data = user.window.document.experiment.data
        assert ([axis.name for axis in data.axes], axis_names(user)) == (["c", "b"], ["c →", "b ↑"])
        assert user.frame.step == 3
        assert all(map(np.array_equal, user.frame.weights, weights))
        slider = user.named("a", QSlider)
        slider.setValue(slider.maximum())
        user.wait(lambda: user.frame.rest != ())
        user.click_plane(0.5, -1)
        drawn = user.window.document.experiment.data.points.inputs[-1]
        assert drawn[0] == data.arrays.inputs[:, 0].max()
        assert np.allclose(drawn[[2, 1]], [0.5, -1], atol=0.2)
        user.choose("Undo")
        up = user.named("Up", QComboBox)
        up.setCurrentIndex(up.findText("c"))  # which the other axis has: they change places
        up.activated.emit(up.currentIndex())
        assert [axis.name for axis in user.window.document.experiment.data.axes] == ["b", "c"]
        user.choose("Undo")
        user.choose("Undo")
        assert user.window.document.experiment == before

    assert play(script, str(path)) == 0


def test_when_all_points_are_erased_the_names_stay_and_can_be_drawn(play: Play, table: Callable[..., Path]) -> None:
    path = table(LIBRE_OFFICE)

    def script(user: User) -> None:
        user.choose("Erase all points")
        data = user.window.document.experiment.data
        assert (user.points(), data.classes, data.class_names) == (0, 3, ("blau", "grün", "rot"))
        assert names(user) == ["Länge", "Breite", "Höhe", "Art"]
        user.press("Rot")
        user.click_plane(1, 1)
        assert user.window.document.experiment.data.arrays.targets.tolist() == [2]

    assert play(script, str(path)) == 0


def test_of_very_many_points_some_are_drawn_and_all_are_learned_from(play: Play, table: Callable[..., Path]) -> None:
    path = table("a,b,k\n" + "".join(f"{i % 977},{i % 991},{'uv'[i % 2]}\n" for i in range(12_000)))

    def script(user: User) -> None:
        labels = [label.text() for label in user.window.output.findChildren(QLabel)]
        assert "5,000 of 12,000 points are drawn; all are learned from." in labels
        assert user.frame.train is not None
        assert user.frame.test is not None
        assert user.frame.train.count + user.frame.test.count == 12_000
        assert 0 < len(user.frame.wrong) <= 5_000

    assert play(script, str(path)) == 0


def test_very_many_points_are_exported_copied_and_pasted_beside_the_window(
    play: Play, table: Callable[..., Path], tmp_path: Path
) -> None:
    path, place = (
        table("a,b,k\n" + "".join(f"{i % 977},{i % 991},{'uv'[i % 2]}\n" for i in range(12_000))),
        tmp_path / "o.csv",
    )

    def script(user: User) -> None:
        bar = user.window.statusBar()
        with answering(file(place)):
            user.choose("Points as a table…")
        assert bar.currentMessage() in ("Writing o.csv…", "o.csv is written.")
        user.wait(lambda: bar.currentMessage() == "o.csv is written.")
        assert len(read_table(place.read_bytes())) == 12_000
        user.window.output.plane.setFocus()
        user.choose("Select all")
        user.choose("Copy")
        user.wait(lambda: bar.currentMessage() == "12,000 points are on the clipboard.")
        assert len(QGuiApplication.clipboard().text().splitlines()) == 12_001
        user.choose("Paste")
        assert (user.points(), bar.currentMessage()) == (12_000, "Reading 12,001 rows…"), "nobody waits"
        user.wait(lambda: user.points() == 24_000)
        assert len(user.window.output.plane.selection) == 12_000
        user.choose("Undo")
        with answering(file(tmp_path / "none" / "o.csv"), escape) as answers:
            user.choose("Points as a table…")
            user.wait(lambda: answers.heard != [])
        assert "The file was not saved." in answers.heard[0]

    assert play(script, str(path)) == 0


def test_the_command_line_trains_on_a_table(
    table: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, report = table(EXCEL + "x;1;2\n"), tmp_path / "report.json"
    assert main(["train", str(path), "--report", str(report), "--steps", "500"]) == 0
    out, err = capsys.readouterr()
    assert "line 32, length: 'x' is not allowed; allowed: a finite number" in err
    assert ", mean error " in out
    told = json.loads(report.read_text())
    assert told["test_r2"] > 0.9
    assert 0 < told["test_mean_error"] < 5_000
    assert main(["train", str(path), "--target", "width", "--inputs", "price,length", "--steps", "9"]) == 0


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (
            ["--target", "colour"],
            "data.csv: what is to be learned: 'colour' is not allowed; allowed: length, width, pr",
        ),
        (["--inputs", "length,colour"], "data.csv: input: 'colour' is not allowed; allowed: length, width, price"),
    ],
)
def test_the_command_line_refuses_columns_that_there_are_not(
    table: Callable[..., Path], capsys: pytest.CaptureFixture[str], argv: list[str], said: str
) -> None:
    assert main(["train", str(table(EXCEL)), *argv]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line
    assert main(["train", "circle", *argv]) == 2


def test_a_table_that_is_none_opens_no_window(table: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(table("a,b\nx,y\n"))]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "data.csv: line 2, a: 'x' is not allowed; allowed: a number, in one column at least" in line
