"""Table of arrays: thousands of rows in any order, of which only those that are seen cost anything."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractTableModel, QEvent, QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QSizePolicy, QTableView

from playground.ui import theme
from playground.ui.controls import FONT_EVENTS
from playground.ui.glossary import explain_columns

Index = QModelIndex | QPersistentModelIndex
SCROLL_BAR, LEAST_WIDTH, ROW = 12, 320, 24  # pixels


class Column(NamedTuple):
    """Column of a table: its head, what that means, the widest text in it, and whether it has numbers.

    `beside` are the pixels that a cell needs beside its text.
    """

    head: str
    tip: str
    widest: str
    is_number: bool = False
    beside: int = 0


class Rows(QAbstractTableModel):
    """Table model: some rows of arrays, in the order of a column.

    Attributes:
        columns: what is in them.
        order: the numbers of the rows that are shown, from the top.
    """

    def __init__(self, columns: Sequence[Column]) -> None:
        super().__init__()
        self.columns = tuple(columns)
        self.order: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        self._column, self._falling = 0, False

    # ── what a table says of its rows ────────────────────────────────────────────────────────────────────────────

    def shown(self) -> NDArray[np.int64]:
        """The numbers of the rows that are to be shown (n,), in their own order."""
        raise NotImplementedError

    def keys(self, column: int) -> NDArray[np.float64] | None:
        """What all rows are sorted by; None for their own order."""
        raise NotImplementedError

    def text(self, row: int, column: int) -> str:
        """What a cell says, of a row by its number."""
        raise NotImplementedError

    # ── the order ────────────────────────────────────────────────────────────────────────────────────────────────

    def arrange(self) -> None:
        """Put the rows in order, since there are others, or other numbers in them. Equal ones stay in their own order;
        what is not a number comes last.
        """
        self.beginResetModel()
        self.order = self._arranged()
        self.endResetModel()

    def _arranged(self) -> NDArray[np.int64]:
        rows = self.shown()
        keys = self.keys(self._column) if len(rows) else None
        if keys is None:
            return rows[::-1] if self._falling else rows
        chosen = keys[rows]
        return rows[np.argsort(-chosen if self._falling else chosen, kind="stable")]

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self._column, self._falling = column, order == Qt.SortOrder.DescendingOrder
        self.arrange()

    def at(self, row: int | None) -> int | None:
        """Where a row of some number stands; None if it is not shown."""
        found = np.flatnonzero(self.order == row)
        return int(found[0]) if len(found) else None

    # ── what Qt asks ─────────────────────────────────────────────────────────────────────────────────────────────

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.order)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.columns[section].head
        if role == Qt.ItemDataRole.ToolTipRole:
            return self.columns[section].tip
        return self._alignment(section) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.text(int(self.order[index.row()]), index.column())
        return self._alignment(index.column()) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def _alignment(self, column: int) -> int:
        side = Qt.AlignmentFlag.AlignRight if self.columns[column].is_number else Qt.AlignmentFlag.AlignLeft
        return int(side | Qt.AlignmentFlag.AlignVCenter)


class Table(QTableView):
    """Table view of rows; it says when the user, and only the user, chooses one of them."""

    row_chosen = Signal(int)  # its number

    def __init__(self, rows: Rows) -> None:
        super().__init__()
        self.rows = rows
        self._row: int | None = None  # the number of the chosen one
        self._showing = False
        self.setModel(rows)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        explain_columns(header)
        header.setStretchLastSection(True)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setSortingEnabled(True)
        self.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        self.selectionModel().currentRowChanged.connect(self._choose)
        rows.modelReset.connect(self._keep_row)
        theme.theme().changed.connect(self.viewport().update)

    def show_row(self, row: int | None) -> None:
        """Choose a row by its number, and scroll to it if it is shown."""
        self._row = row
        self._keep_row()
        self.scrollTo(self.currentIndex())

    def _keep_row(self) -> None:
        """Mark the chosen row where it stands now, without saying that it was chosen anew."""
        place = self.rows.at(self._row)
        self._showing = True
        index = QModelIndex() if place is None else self.rows.index(place, 0)
        scroll = self.verticalScrollBar().value()
        self.setCurrentIndex(index)
        self.verticalScrollBar().setValue(scroll)
        self._showing = False

    def _choose(self, current: QModelIndex) -> None:
        if not self._showing and current.isValid():
            self._row = int(self.rows.order[current.row()])
            self.row_chosen.emit(self._row)

    def event(self, event: QEvent) -> bool:
        handled = super().event(event)
        if event.type() in FONT_EVENTS:
            self.fit()
        return handled

    def fit(self) -> None:
        """Have columns as wide as the widest texts in them, so that nothing moves when numbers change."""
        metrics, header = self.fontMetrics(), self.horizontalHeader()
        self.verticalHeader().setDefaultSectionSize(theme.px(ROW))
        for index, column in enumerate(self.rows.columns):
            widest = max(
                header.fontMetrics().horizontalAdvance(column.head),
                metrics.horizontalAdvance(column.widest) + theme.px(column.beside),
            )
            self.setColumnWidth(index, widest + 3 * theme.GAP + 4)
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        return QSize(sum(self.columnWidth(column) for column in range(len(self.rows.columns))) + SCROLL_BAR, 200)

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(LEAST_WIDTH), 4 * theme.px(ROW))
