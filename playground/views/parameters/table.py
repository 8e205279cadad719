"""Table view of the parameters: several rows can be selected, copied and frozen together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QItemSelection, QItemSelectionModel, QSize, Signal
from PySide6.QtWidgets import QAbstractItemView

from playground.ui import theme
from playground.ui.table import ROW, Table
from playground.views.parameters.rows import ParameterRows

MANY = 1_000  # rows


class ParameterTableView(Table):
    """Table view: a text of what is selected goes on the clipboard with the usual key."""

    rows: ParameterRows
    copied = Signal(object, int)  # what makes the text of cells, and how many rows it has
    selected = Signal()  # other rows than before

    def __init__(self) -> None:
        super().__init__(ParameterRows())
        self.setAccessibleName("All weights and biases")
        self.setAccessibleDescription("Up and Down choose one, F2 changes its value, Ctrl+C copies what is selected")
        self.setToolTip("Choose a weight or bias: it is marked in the diagram, and the points pull it in the plane")
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerItem)  # as far as many thousand rows go
        # else it asks of every cell in a column whether that is selected, to paint what is beside it
        self.horizontalHeader().setSelectionModel(QItemSelectionModel(self.rows, self))
        trigger = QAbstractItemView.EditTrigger
        self.setEditTriggers(trigger.EditKeyPressed | trigger.DoubleClicked)
        self.clicked.connect(self.rows.touch)

    def minimumSizeHint(self) -> QSize:
        """Its head and a row: in the lowest pane it still scrolls by itself, with no second scroll bar around it."""
        return QSize(super().minimumSizeHint().width(), 2 * theme.px(ROW))

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        """Qt's own asks for every cell of either, to tell a screen reader of the first."""
        if max(map(_height, (selected, deselected))) < MANY:
            super().selectionChanged(selected, deselected)
        else:
            self.viewport().update()
        self.selected.emit()

    @property
    def is_edited(self) -> bool:
        """Whether something is being typed into a cell."""
        return self.state() == QAbstractItemView.State.EditingState

    def selection_in_rows(self) -> NDArray[np.int64]:
        """The numbers of the rows that are selected, from the top (n,)."""
        selection = self.selectionModel().selection()
        pieces = [selection.at(i) for i in range(selection.count())]
        is_selected = np.zeros(len(self.rows.order), bool)
        for piece in pieces:
            is_selected[piece.top() : piece.bottom() + 1] = True
        return self.rows.order[is_selected]

    def copy(self) -> None:
        """Ask for what is selected, or else for all that is shown, to be put on the clipboard."""
        rows = self.selection_in_rows()
        rows = rows if len(rows) else self.rows.order
        if len(rows):
            self.copied.emit(self.rows.cells(rows), len(rows))


def _height(selection: QItemSelection) -> int:
    """How many rows there are in a selection."""
    return sum(selection.at(i).height() for i in range(selection.count()))
