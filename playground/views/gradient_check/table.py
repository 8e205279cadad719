"""Table view of all derivatives: a row for each weight and bias, to be sorted, filtered and walked along."""

from __future__ import annotations

from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractItemView, QStyledItemDelegate, QStyleOptionViewItem

from engine.microscope.gradcheck.check import CheckTable, Verdict
from playground.ui import theme
from playground.ui.table import Column, Index, Rows as ArrayRows, Table
from playground.views.gradient_check.words import SIGNS, digits, error, short_name

BAR = 36  # pixels
COLUMNS = (
    Column(
        "Derivative by",
        "The weight or bias that the loss is differentiated with respect to",
        "w₆₄ of layer 8 neuron 64",
    ),
    Column("Backpropagation", "What the chain rule says", "−0.00012345678", is_number=True),
    Column("Finite difference", "(L(w + h) − L(w − h)) / 2h", "−0.00012345678", is_number=True),
    Column(
        "Relative error",
        "|difference| / the larger of the two; the bar grows by as much for each factor of ten, from 1e−16 to 1",
        "9.9e−16",
        is_number=True,
        beside=BAR,
    ),
    Column("Verdict", "✓ fine, ~ kink: a corner explains it, ! wrong, – not a number", "– not a number"),
)
PLACE, ANALYTICAL, NUMERICAL, RELATIVE, VERDICT = range(len(COLUMNS))
NONE_SUCH = {"Kinks": "No kink: no corner lies within any step.", "Wrong": "None is wrong."}


class Filter(Enum):
    """Row filter: which rows are shown."""

    ALL = "All"
    KINKS = "Kinks"
    WRONG = "Wrong"


SHOWN = {Filter.KINKS: Verdict.KINK, Filter.WRONG: Verdict.WRONG}


class Rows(ArrayRows):
    """Table model: some of a check's rows in some order."""

    def __init__(self) -> None:
        super().__init__(COLUMNS)
        self.table: CheckTable | None = None
        self.filter = Filter.ALL

    def show_table(self, table: CheckTable | None) -> None:
        """Another check."""
        self.table = table
        self.arrange()

    def show_filter(self, filter_: Filter) -> None:
        """Other rows of the same check."""
        self.filter = filter_
        self.arrange()

    def shown(self) -> NDArray[np.int64]:
        table = self.table
        if table is None:
            return np.zeros(0, dtype=np.int64)
        if self.filter in SHOWN:
            return np.flatnonzero(table.verdict == SHOWN[self.filter])
        return np.arange(len(table))

    def keys(self, column: int) -> NDArray[np.float64] | None:
        table = self.table
        assert table is not None
        if column == VERDICT:
            return np.array([list(Verdict).index(Verdict(verdict)) for verdict in table.verdict], dtype=float)
        return {ANALYTICAL: table.analytical, NUMERICAL: table.numerical, RELATIVE: table.relative}.get(column)

    def text(self, row: int, column: int) -> str:
        table = self.table
        assert table is not None
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

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        table = self.table
        if table is None or not index.isValid():
            return None
        row, column = int(self.order[index.row()]), index.column()
        verdict = Verdict(table.verdict[row])
        if role == Qt.ItemDataRole.UserRole and column == RELATIVE:
            return float(table.relative[row])
        if role == Qt.ItemDataRole.ForegroundRole and verdict is Verdict.WRONG:
            return theme.colour("warning")
        if role == Qt.ItemDataRole.BackgroundRole and verdict is Verdict.WRONG:
            return theme.colour("warning_surface")
        if role == Qt.ItemDataRole.ToolTipRole and column == VERDICT:
            return SIGNS[verdict].meaning
        return super().data(index, role)


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


class TableView(Table):
    """Table view: the table on the screen; it says when the user, and only the user, chooses a row of the check."""

    rows: Rows

    def __init__(self) -> None:
        super().__init__(Rows())
        self.setItemDelegateForColumn(RELATIVE, _Bar(self))
        self.setAccessibleName("All derivatives")
        self.setAccessibleDescription("Up and Down choose a weight or bias")
        self.setToolTip("Choose a weight or bias to see how its derivative was checked")
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)

    def show_table(self, table: CheckTable | None, row: int | None) -> None:
        """Another check, with a row of it chosen; the scroll bar stays where it is."""
        self._row = row
        self.rows.show_table(table)

    def show_filter(self, filter_: Filter) -> None:
        """Only some of the rows."""
        self.rows.show_filter(filter_)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.rows.table is not None and not len(self.rows.order):
            painter = QPainter(self.viewport())
            painter.setPen(theme.colour("muted"))
            text = NONE_SUCH.get(self.rows.filter.value, "")
            painter.drawText(self.viewport().rect(), Qt.AlignmentFlag.AlignCenter, text)
