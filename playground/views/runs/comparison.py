"""Comparison of two runs: both boundaries, where they disagree, and a table of the settings that differ."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
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

from playground.model.branch import RunSummary
from playground.model.differences import as_rows
from playground.ui import theme
from playground.views.runs.pictures import disagreement, disagreement_of, icon, picture_of, swatch

LEAST, MOST = 72, 132  # pixels of a boundary's picture
NAME_ROOM = 90  # pixels, at the usual text size
BELOW = 152  # pixels: room for its name, and for the head and three rows of the table
INVITATION = "Choose two runs (with Ctrl or Shift)\nto see where they disagree."


class Comparison(QWidget):
    """Comparison of two runs, once there are two."""

    def __init__(self) -> None:
        super().__init__()
        self._pictures = [QLabel() for _ in range(3)]
        self._names = [QLabel() for _ in range(3)]
        self._words = QLabel()
        self._words.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._table = _Table()
        row = QHBoxLayout()
        for picture, name in zip(self._pictures, self._names, strict=True):
            picture.setScaledContents(True)
            name.setProperty("role", "small")
            column = QVBoxLayout()
            column.addWidget(picture)
            column.addWidget(name)
            row.addLayout(column)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._words)
        layout.addLayout(row)
        layout.addWidget(self._table, 1)
        layout.addStretch()

    def compare(self, runs: list[RunSummary]) -> None:
        """Show two runs side by side; of fewer or more, what to do."""
        for label in (*self._pictures, *self._names):
            label.clear()
            label.setVisible(len(runs) == 2)
        rows = as_rows(runs[0].experiment, runs[1].experiment) if len(runs) == 2 else ()
        self._table.setVisible(bool(rows))
        self._words.setVisible(not rows)
        self._words.setText("Both end with the same settings." if len(runs) == 2 else INVITATION)
        if len(runs) != 2:
            return
        one, other = runs
        self._table.fill(runs, rows)
        for run, picture, name in zip(runs, self._pictures, self._names, strict=False):
            room = max(picture.width(), theme.px(NAME_ROOM))
            name.setText(name.fontMetrics().elidedText(run.name, Qt.TextElideMode.ElideRight, room))
            name.setToolTip(run.name)
            if run.picture is not None:
                picture.setPixmap(picture_of(run, MOST))
        if one.picture is not None and other.picture is not None:
            is_other = disagreement(one, other)
            self._pictures[2].setPixmap(disagreement_of(is_other, MOST))
            self._names[2].setText(f"disagree on {100 * is_other.mean():.1f} %")

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The table comes first: the pictures are as large as it lets them."""
        super().resizeEvent(event)
        side = min(max(self.height() - BELOW, LEAST), MOST)
        for picture in self._pictures:
            picture.setFixedSize(side, side)


class _Table(QTableWidget):
    """Table of settings: a row for each that differs, a column for each run."""

    def __init__(self) -> None:
        super().__init__(0, 3)
        self.setAccessibleName("Settings that differ")
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)  # Tab goes on to what comes next
        self.setShowGrid(False)
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setTextElideMode(Qt.TextElideMode.ElideRight)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)

    def fill(self, runs: list[RunSummary], rows: tuple[tuple[str, ...], ...]) -> None:
        """Show how two runs differ."""
        self.setHorizontalHeaderItem(0, QTableWidgetItem("Setting"))
        for column, run in enumerate(runs, 1):
            self.setHorizontalHeaderItem(column, QTableWidgetItem(icon(swatch(run)), run.name))
        self.setRowCount(len(rows))
        for row, texts in enumerate(rows):
            for column, text in enumerate(texts):
                self.setItem(row, column, QTableWidgetItem(text))
