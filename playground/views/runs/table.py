"""Table of runs: a row each, with its boundary, its colour, what it has different and how good it is."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QFont, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem

from engine.training import Score
from playground.model.branch import RunSummary
from playground.model.guess import in_brief, in_words
from playground.ui import theme
from playground.ui.controls import FONT_EVENTS
from playground.ui.glossary import explain_columns
from playground.ui.number_format import MISSING, write_accuracy, write_fit, write_loss
from playground.views.runs.pictures import icon, picture_of, swatch

FIGURES = "Steps", "Train loss", "Test loss", "Test accuracy or R²"
COLUMNS = ("", "Run", "What it has different", *FIGURES, "Guess")
NAME, DIFFERENT, GUESS = 1, 2, 7
NAME_SHARES = 1 / 6, 1 / 3  # of the table: what a name yields to, and has at most
DIFFERENT_SHARE = 1 / 5  # of the table, at least, where there is something to tell
SMALL = 28  # pixels of a boundary's picture
PINNED = "★ "
NUMBER, SORTED_BY = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1


class RunsTable(QTableWidget):
    """Table of runs, sorted by whichever column is clicked; pinned ones first where it is not."""

    def __init__(self) -> None:
        super().__init__(0, len(COLUMNS))
        self.setAccessibleName("List of runs")
        self.setToolTip("Enter or a double click looks at a run; two that are chosen are compared")
        for column, head in enumerate(COLUMNS):
            item = QTableWidgetItem(head)
            item.setToolTip(head)
            self.setHorizontalHeaderItem(column, item)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.setTabKeyNavigation(False)  # Tab goes on to what comes next
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(SMALL + 6)
        self.setIconSize(QSize(SMALL, SMALL))
        self.setShowGrid(False)
        self.setWordWrap(False)  # a text that is cut ends in …, whatever words it has
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setTextElideMode(Qt.TextElideMode.ElideRight)
        header.setHighlightSections(False)
        header.sectionClicked.connect(self._sort)
        explain_columns(header)

    def fill(self, runs: tuple[RunSummary, ...]) -> None:
        """Show these runs; what was chosen stays so."""
        chosen = {index.data(NUMBER) for index in self.selectionModel().selectedRows(1)}
        self.blockSignals(True)
        self.setRowCount(len(runs))
        for row, run in enumerate(sorted(runs, key=lambda run: not run.is_pinned)):
            for column, (text, value) in enumerate(_cells(run)):
                cell = _Cell(run, text, value, is_name=column == NAME)
                if column == 0 and run.picture is not None:
                    cell.setIcon(icon(picture_of(run, SMALL)))
                if column == 1:
                    cell.setIcon(icon(swatch(run)))
                    cell.setToolTip(f"{text}\nWhile another run is looked at, its curves have this colour")
                if column == NAME and run.note:
                    cell.setToolTip(f"{cell.toolTip()}\n\n{run.note}")
                if column == GUESS:
                    cell.setToolTip(in_words(run.guess, run.outcome))
                self.setItem(row, column, cell)
                cell.setSelected(run.number in chosen)
        self.setColumnHidden(GUESS, not any(run.guess for run in runs))
        self.blockSignals(False)
        self._fit()

    # ── the columns ──────────────────────────────────────────────────────────────────────────────────────────────

    def _wanted(self) -> list[int]:
        """Pixels that each column would have."""
        header = self.horizontalHeader()
        widths = [
            0 if self.isColumnHidden(column) else max(self.sizeHintForColumn(column), header.sectionSizeHint(column))
            for column in range(len(COLUMNS))
        ]
        widths[NAME] = min(widths[NAME], int(NAME_SHARES[1] * self.viewport().width()))
        return widths

    def _fit(self) -> None:
        """What is different takes the room that is left; where that is too little, names and then headings make way."""
        widths, room = self._wanted(), self.viewport().width()
        least = min(widths[DIFFERENT], int(DIFFERENT_SHARE * room))
        left = room - sum(widths) + widths[DIFFERENT]
        yielded = min(max(0, least - left), max(0, widths[NAME] - int(NAME_SHARES[0] * room)))
        widths[NAME] -= yielded
        figures = range(DIFFERENT + 1, len(COLUMNS))
        spare = [max(0, widths[column] - self.sizeHintForColumn(column)) for column in figures]
        share = min(1.0, max(0, least - left - yielded) / max(1, sum(spare)))
        for column, of in zip(figures, spare, strict=True):
            widths[column] -= math.ceil(share * of)
        widths[DIFFERENT] = max(least, room - sum(widths) + widths[DIFFERENT])
        for column, width in enumerate(widths):
            self.setColumnWidth(column, width)

    def event(self, event: QEvent) -> bool:
        handled = super().event(event)
        if event.type() in FONT_EVENTS:
            self._fit()
        return handled

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

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


def _cells(run: RunSummary) -> list[tuple[str, float | str]]:
    """What stands in each column, and what it is sorted by."""
    name = (PINNED if run.is_pinned else "") + run.name
    losses = [_loss(score) for score in (run.train, run.test)]
    words: list[tuple[str, float | str]] = [
        ("", run.number),
        (name, run.name),
        (run.words, run.words),
        (f"{run.step:,}", run.step),
    ]
    guess = in_brief(run.guess, run.outcome)
    return [*words, *losses, _quality(run), (guess, guess)]


def _quality(run: RunSummary) -> tuple[str, float]:
    score = run.test
    if score is None or math.isnan(score.quality):
        return MISSING, -math.inf
    is_share = run.experiment.task.has_classes
    text = write_accuracy(score.right, score.count) if is_share else f"R² {write_fit(score.quality)}"
    return text, score.quality


def _loss(score: Score | None) -> tuple[str, float]:
    return (MISSING, math.inf) if score is None else (write_loss(score.loss), score.loss)
