"""Table view of all derivatives: a row for each weight and bias, to be sorted, filtered and walked along."""

from __future__ import annotations

from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractTableModel, QEvent, QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QSizePolicy,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from engine.microscope.gradcheck.check import CheckTable, Verdict
from playground.ui import theme
from playground.ui.controls import FONT_EVENTS
from playground.ui.glossary import explain_columns
from playground.views.gradient_check.words import SIGNS, digits, error, short_name

Index = QModelIndex | QPersistentModelIndex
HEADS = ("Derivative by", "Backpropagation", "Finite difference", "Relative error", "Verdict")
TIPS = (
    "The weight or bias that the loss is differentiated with respect to",
    "What the chain rule says",
    "(L(w + h) − L(w − h)) / 2h",
    "|difference| / the larger of the two; the bar grows by the same length for each factor of ten, from 1e−16 to 1",
    "✓ fine, ~ kink: a corner explains it, ! wrong, – not a number",
)
PLACE, ANALYTICAL, NUMERICAL, RELATIVE, VERDICT = range(len(HEADS))
WIDEST = ("w₆₄ of layer 8 neuron 64", "−0.00012345678", "−0.00012345678", "9.9e−16", "– not a number")
BAR = 36  # pixels
SCROLL_BAR, LEAST_WIDTH = 12, 320  # pixels
ROW = 24
NONE_SUCH = {"Kinks": "No kink: no corner lies within any step.", "Wrong": "None is wrong."}


class Filter(Enum):
    """Row filter: which rows are shown."""

    ALL = "All"
    KINKS = "Kinks"
    WRONG = "Wrong"


SHOWN = {Filter.KINKS: Verdict.KINK, Filter.WRONG: Verdict.WRONG}


class Rows(QAbstractTableModel):
    """Table model: some of a check's rows in some order, as Qt asks for them; `order` is their numbers in the check."""

    def __init__(self) -> None:
        super().__init__()
        self.table: CheckTable | None = None
        self.order: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        self.filter = Filter.ALL
        self._column, self._falling = PLACE, False

    def show_table(self, table: CheckTable | None) -> None:
        """Another check."""
        self.beginResetModel()
        self.table = table
        self._arrange()
        self.endResetModel()

    def show_filter(self, filter_: Filter) -> None:
        """Other rows of the same check."""
        self.beginResetModel()
        self.filter = filter_
        self._arrange()
        self.endResetModel()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self.beginResetModel()
        self._column, self._falling = column, order == Qt.SortOrder.DescendingOrder
        self._arrange()
        self.endResetModel()

    def _arrange(self) -> None:
        """Equal rows stay in the network's order; what is not a number comes last."""
        table = self.table
        if table is None:
            self.order = np.zeros(0, dtype=np.int64)
            return
        rows = np.arange(len(table))
        if self.filter in SHOWN:
            rows = np.flatnonzero(table.verdict == SHOWN[self.filter])
        keys = self._keys(table)[rows]
        self.order = rows[np.argsort(-keys if self._falling else keys, kind="stable")]

    def _keys(self, table: CheckTable) -> NDArray[np.float64]:
        if self._column == VERDICT:
            return np.array([list(Verdict).index(Verdict(verdict)) for verdict in table.verdict], dtype=float)
        columns = {ANALYTICAL: table.analytical, NUMERICAL: table.numerical, RELATIVE: table.relative}
        return columns.get(self._column, np.arange(len(table), dtype=float))

    def at(self, row: int | None) -> int | None:
        """Where a row of the check stands; None if it is not shown."""
        found = np.flatnonzero(self.order == row)
        return int(found[0]) if len(found) else None

    # ── what Qt asks ─────────────────────────────────────────────────────────────────────────────────────────────

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.order)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(HEADS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal:
            if role == Qt.ItemDataRole.DisplayRole:
                return HEADS[section]
            if role == Qt.ItemDataRole.ToolTipRole:
                return TIPS[section]
            if role == Qt.ItemDataRole.TextAlignmentRole:
                return _alignment(section)
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        table = self.table
        if table is None or not index.isValid():
            return None
        row, column = int(self.order[index.row()]), index.column()
        verdict = Verdict(table.verdict[row])
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(table, row, column)
        if role == Qt.ItemDataRole.UserRole and column == RELATIVE:
            return float(table.relative[row])
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        if role == Qt.ItemDataRole.ForegroundRole and verdict is Verdict.WRONG:
            return theme.colour("warning")
        if role == Qt.ItemDataRole.BackgroundRole and verdict is Verdict.WRONG:
            return theme.colour("warning_surface")
        if role == Qt.ItemDataRole.ToolTipRole and column == VERDICT:
            return SIGNS[verdict].meaning
        return None

    def _text(self, table: CheckTable, row: int, column: int) -> str:
        match column:
            case 0:
                return short_name(table, row)
            case 1:
                return digits(float(table.analytical[row]))
            case 2:
                return digits(float(table.numerical[row]))
            case 3:
                return error(float(table.relative[row]))
        sign = SIGNS[Verdict(table.verdict[row])]
        return f"{sign.mark} {sign.name}"


def _alignment(column: int) -> int:
    side = Qt.AlignmentFlag.AlignRight if column in (ANALYTICAL, NUMERICAL, RELATIVE) else Qt.AlignmentFlag.AlignLeft
    return int(side | Qt.AlignmentFlag.AlignVCenter)


class _Bar(QStyledItemDelegate):
    """Item delegate: a cell's error also as a bar: full length is 1, each factor of ten less is a sixteenth less."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        relative = index.data(Qt.ItemDataRole.UserRole)
        if relative is None or not relative > 0:
            return
        share = min(max(1 + np.log10(relative) / 16, 0.0), 1.0)
        rect = option.rect
        bar = QRectF(rect.left() + theme.GAP, rect.center().y() - 2, theme.px(BAR) * share, 5)
        colour = index.data(Qt.ItemDataRole.ForegroundRole)
        painter.fillRect(bar, colour if isinstance(colour, QColor) else theme.colour("muted"))


class TableView(QTableView):
    """Table view: the table on the screen; it says when the user, and only the user, chooses a row of the check."""

    row_chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.rows = Rows()
        self._showing = False
        self.setModel(self.rows)
        self.setItemDelegateForColumn(RELATIVE, _Bar(self))
        self.setAccessibleName("All derivatives")
        self.setAccessibleDescription("Up and Down choose a weight or bias")
        self.setToolTip("Choose a weight or bias to see how its derivative was checked")
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
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
        self.sortByColumn(PLACE, Qt.SortOrder.AscendingOrder)
        self.selectionModel().currentRowChanged.connect(self._choose)
        self.rows.modelReset.connect(self._keep_row)
        self._row: int | None = None
        theme.theme().changed.connect(self.viewport().update)

    def show_table(self, table: CheckTable | None, row: int | None) -> None:
        """Another check, with a row of it chosen; the scroll bar stays where it is."""
        self._row = row
        self.rows.show_table(table)

    def show_filter(self, filter_: Filter) -> None:
        """Only some of the rows."""
        self.rows.show_filter(filter_)

    def show_row(self, row: int | None) -> None:
        """Choose a row of the check, and scroll to it if it is shown."""
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
            self._fit()
        return handled

    def _fit(self) -> None:
        """Columns as wide as the widest texts in them, so that nothing moves when numbers change."""
        metrics, header = self.fontMetrics(), self.horizontalHeader()
        self.verticalHeader().setDefaultSectionSize(theme.px(ROW))
        for column, (head, text) in enumerate(zip(HEADS, WIDEST, strict=True)):
            beside = theme.px(BAR) if column == RELATIVE else 0
            widest = max(header.fontMetrics().horizontalAdvance(head), metrics.horizontalAdvance(text) + beside)
            self.setColumnWidth(column, widest + 3 * theme.GAP + 4)
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        return QSize(sum(self.columnWidth(column) for column in range(len(HEADS))) + SCROLL_BAR, 200)

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(LEAST_WIDTH), 4 * theme.px(ROW))

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.rows.table is not None and not len(self.rows.order):
            painter = QPainter(self.viewport())
            painter.setPen(theme.colour("muted"))
            text = NONE_SUCH.get(self.rows.filter.value, "")
            painter.drawText(self.viewport().rect(), Qt.AlignmentFlag.AlignCenter, text)
