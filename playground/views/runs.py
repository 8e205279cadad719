"""Runs view: all that was trained, as a table; and of two chosen runs where, and by which settings, they differ."""

from __future__ import annotations

import csv
import io
import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFont, QIcon, QImage, QPixmap, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from engine.training import Score
from playground.model.differences import in_words
from playground.model.runs import RunSummary
from playground.runtime.frame import Frame
from playground.runtime.pictures import CONFIDENCE_LEVELS, classes_in
from playground.ui import theme
from playground.ui.controls import Button
from playground.ui.number_format import MISSING, write_accuracy, write_loss

COLUMNS = ("", "Run", "What it has different", "Steps", "Train loss", "Test loss", "Accuracy")
SMALL, LARGE = 28, 132  # pixels of a boundary's picture, in the table and side by side
SWATCH = 10  # pixels
PINNED = "★ "
NUMBER, SORTED_BY = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1


class RunsView(QWidget):
    """Runs view: choosing one row and "Go there" looks at it; choosing two compares them."""

    opened = Signal(int)  # the number of a run to look at
    forked = Signal()
    removed = Signal(int)
    renamed = Signal(int, str)
    pinned = Signal(int, bool)
    export_asked = Signal(str)  # the table as CSV

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Runs")
        self._frame: Frame | None = None
        self._runs: tuple[RunSummary, ...] = ()
        self._shown: object = None
        self._table = _Table()
        self._table.itemSelectionChanged.connect(self._choose)
        self._table.itemDoubleClicked.connect(self._open)
        self._table.itemChanged.connect(self._rename)
        self._go = Button("Go there", role="small", tip="Look at the chosen run, where it was left (Enter)")
        self._go.clicked.connect(self._open)
        self._pin = Button("Pin", role="small", tip="Have the chosen runs stay at the top, or no more")
        self._pin.clicked.connect(self._pin_chosen)
        self._remove = Button("Remove", role="small", tip="Take the chosen runs out of the list")
        self._remove.clicked.connect(self._remove_chosen)
        fork = Button("Fork here", role="small", tip="Begin a run with the same past up to the step that is looked at")
        fork.clicked.connect(self.forked)
        export = Button("Export…", role="small", tip="Save the table as CSV")
        export.clicked.connect(lambda: self.export_asked.emit(self.as_csv()))
        self._comparison = _Comparison()
        row = QHBoxLayout()
        for button in (self._go, fork, self._pin, self._remove, export):
            row.addWidget(button)
        row.addStretch(1)
        left = QVBoxLayout()
        left.addLayout(row)
        left.addWidget(self._table, 1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, theme.GAP // 2, 0, 0)
        layout.setSpacing(theme.GAP)
        layout.addLayout(left, 3)
        layout.addWidget(self._comparison, 2)
        theme.theme().changed.connect(self._redraw)
        self._choose()

    def minimumSizeHint(self) -> QSize:
        return QSize(600, 160)

    def show_frame(self, frame: Frame) -> None:
        """Show the runs; the one that is looked at as it is now."""
        self._frame = frame
        if self.isVisible():
            self._show()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show()

    def _show(self) -> None:
        frame = self._frame
        if frame is None:
            return
        self._runs = tuple(_as_it_is(run, frame) if run.is_current else run for run in frame.runs)
        numbers = [(run.number, run.name, run.is_pinned, run.is_current, run.step, run.words) for run in self._runs]
        if numbers != self._shown:
            self._shown = numbers
            self._redraw()

    def as_csv(self) -> str:
        """The table, a row a run."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["run", "different", "steps", "train loss", "test loss", "test accuracy"])
        for run in self._runs:
            losses = ["" if score is None else repr(score.loss) for score in (run.train, run.test)]
            accuracy = "" if run.test is None else repr(run.test.accuracy)
            writer.writerow([run.name, run.words, run.step, *losses, accuracy])
        return out.getvalue()

    def chosen(self) -> list[RunSummary]:
        """The runs whose rows are chosen."""
        numbers = {index.data(NUMBER) for index in self._table.selectionModel().selectedRows(1)}
        return [run for run in self._runs if run.number in numbers]

    def _redraw(self) -> None:
        self._table.fill(self._runs)
        self._choose()

    def _choose(self) -> None:
        chosen = self.chosen()
        self._go.setEnabled(len(chosen) == 1 and not chosen[0].is_current)
        self._pin.setEnabled(bool(chosen))
        self._remove.setEnabled(any(not run.is_current for run in chosen))
        self._comparison.compare(chosen)

    def _open(self) -> None:
        if self._go.isEnabled():
            self.opened.emit(self.chosen()[0].number)

    def _rename(self, item: QTableWidgetItem) -> None:
        number, name = item.data(NUMBER), item.text().removeprefix(PINNED).strip()
        if any(run.number == number and run.name != name for run in self._runs):
            self.renamed.emit(number, name)

    def _pin_chosen(self) -> None:
        chosen = self.chosen()
        for run in chosen:
            self.pinned.emit(run.number, not all(other.is_pinned for other in chosen))

    def _remove_chosen(self) -> None:
        for run in self.chosen():
            if not run.is_current:
                self.removed.emit(run.number)


class _Table(QTableWidget):
    """Table of runs, sorted by whichever column is clicked; pinned ones first where it is not."""

    def __init__(self) -> None:
        super().__init__(0, len(COLUMNS))
        self.setAccessibleName("List of runs")
        self.setHorizontalHeaderLabels(COLUMNS)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(SMALL + 6)
        self.setIconSize(QSize(SMALL, SMALL))
        self.setShowGrid(False)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)
        header.setHighlightSections(False)
        header.sectionClicked.connect(self._sort)

    def fill(self, runs: tuple[RunSummary, ...]) -> None:
        """Show these runs; what was chosen stays so."""
        chosen = {index.data(NUMBER) for index in self.selectionModel().selectedRows(1)}
        self.blockSignals(True)
        self.setRowCount(len(runs))
        for row, run in enumerate(sorted(runs, key=lambda run: not run.is_pinned)):
            for column, (text, value) in enumerate(_cells(run)):
                cell = _Cell(run, text, value, is_name=column == 1)
                if column == 0 and run.picture is not None:
                    cell.setIcon(_icon(picture_of(run, SMALL)))
                if column == 1:
                    cell.setIcon(_icon(_swatch(run)))
                    cell.setToolTip(f"{text}\nWhile another run is looked at, its curves have this colour")
                self.setItem(row, column, cell)
                cell.setSelected(run.number in chosen)
        self.blockSignals(False)

    def _sort(self, column: int) -> None:
        self.sortItems(column, self.horizontalHeader().sortIndicatorOrder())
        self.horizontalHeader().setSortIndicatorShown(True)


class _Cell(QTableWidgetItem):
    """Cell of the table of runs: sorted by its value, not by its text."""

    def __init__(self, run: RunSummary, text: str, value: float | str, is_name: bool) -> None:
        super().__init__(text)
        self.setData(NUMBER, run.number)
        self.setData(SORTED_BY, value)
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        self.setFlags(flags | Qt.ItemFlag.ItemIsEditable if is_name else flags)
        self.setToolTip(text)
        if run.is_current:
            self.setFont(theme.font(13, QFont.Weight.DemiBold))

    def __lt__(self, other: QTableWidgetItem) -> bool:
        return bool(self.data(SORTED_BY) < other.data(SORTED_BY))


class _Comparison(QWidget):
    """Comparison of two runs: both boundaries, where they disagree, and the settings that differ."""

    def __init__(self) -> None:
        super().__init__()
        self._pictures = [QLabel() for _ in range(3)]
        self._names = [QLabel() for _ in range(3)]
        self._words = QLabel()
        self._words.setWordWrap(True)
        self._words.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        row = QHBoxLayout()
        for picture, name in zip(self._pictures, self._names, strict=True):
            picture.setFixedSize(LARGE, LARGE)
            name.setProperty("role", "small")
            column = QVBoxLayout()
            column.addWidget(picture)
            column.addWidget(name)
            row.addLayout(column)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(row)
        layout.addWidget(self._words, 1)

    def compare(self, runs: list[RunSummary]) -> None:
        """Show two runs side by side; of fewer or more, what to do."""
        for label in (*self._pictures, *self._names):
            label.clear()
        if len(runs) != 2:
            self._words.setText("Choose two runs (with Ctrl or Shift) to see where they disagree.")
            return
        one, other = runs
        for i, run in enumerate(runs):
            self._names[i].setText(run.name)
            if run.picture is not None:
                self._pictures[i].setPixmap(picture_of(run, LARGE))
        if one.picture is not None and other.picture is not None:
            is_other = disagreement(one, other)
            self._pictures[2].setPixmap(_pixmap(np.where(is_other, 1, 0).astype(np.uint8), _two_colours(), LARGE))
            self._names[2].setText(f"disagree on {100 * is_other.mean():.1f} %")
        self._words.setText("\n".join(in_words(one.experiment, other.experiment)) or "The settings are the same.")


def disagreement(one: RunSummary, other: RunSummary) -> NDArray[np.bool_]:
    """Where two boundaries give different classes, (side, side)."""
    assert one.picture is not None
    assert other.picture is not None
    classes = [classes_in(_coarse(run.picture), run.experiment.data.classes) for run in (one, other)]
    return np.asarray(classes[0] != classes[1])


def picture_of(run: RunSummary, side: int) -> QPixmap:
    """A run's boundary, so many pixels wide."""
    assert run.picture is not None
    return _pixmap(run.picture, theme.boundary_colours(run.experiment.data.classes, CONFIDENCE_LEVELS), side)


def _pixmap(picture: NDArray[np.uint8], colours: NDArray[np.uint8], side: int) -> QPixmap:
    rgb = np.ascontiguousarray(colours[picture[::-1]])
    height, width, _ = rgb.shape
    image = QImage(rgb.data, width, height, 3 * width, QImage.Format.Format_RGB888)
    return QPixmap.fromImage(image).scaled(side, side, mode=Qt.TransformationMode.SmoothTransformation)


def _icon(picture: QPixmap) -> QIcon:
    """An icon that a chosen row leaves in its own colours."""
    icon = QIcon(picture)
    icon.addPixmap(picture, QIcon.Mode.Selected)
    return icon


def _swatch(run: RunSummary) -> QPixmap:
    """A piece of the colour that the run's curves have."""
    picture = QPixmap(SWATCH, SWATCH)
    picture.fill(theme.run_colour(run.number))
    return picture


def _two_colours() -> NDArray[np.uint8]:
    tints = (theme.colour("field"), theme.colour("accent"))
    return np.array([[tint.red(), tint.green(), tint.blue()] for tint in tints], dtype=np.uint8)


def _coarse(picture: NDArray[np.uint8] | None) -> NDArray[np.uint8]:
    """A picture in 100 cells a side: that of the run that is looked at may be finer."""
    assert picture is not None
    return picture[:: len(picture) // 100, :: len(picture) // 100]


def _as_it_is(run: RunSummary, frame: Frame) -> RunSummary:
    """The run that is looked at, as a frame shows it."""
    return replace(
        run, step=frame.end, train=frame.train, test=frame.test, experiment=frame.experiment, picture=frame.boundary
    )


def _cells(run: RunSummary) -> list[tuple[str, float | str]]:
    """What stands in each column, and what it is sorted by."""
    name = (PINNED if run.is_pinned else "") + run.name
    losses = [_loss(score) for score in (run.train, run.test)]
    accuracy = "" if run.test is None else write_accuracy(run.test.right, run.test.count)
    share = -1.0 if run.test is None else run.test.accuracy
    words: list[tuple[str, float | str]] = [
        ("", run.number),
        (name, run.name),
        (run.words, run.words),
        (f"{run.step:,}", run.step),
    ]
    return [*words, *losses, (accuracy or MISSING, share)]


def _loss(score: Score | None) -> tuple[str, float]:
    return (MISSING, math.inf) if score is None else (write_loss(score.loss), score.loss)
