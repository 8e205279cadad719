"""Table of the combinations of a sweep, the best first; only what is seen of it is written."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QTableView

from engine.training.sweep import Plan, Summary
from playground.model.settings import label_of
from playground.views.sweep.words import heading, line

TIP = "What the runs of each combination say, the best first; a row shows its runs"
Index = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()


class _Lines(QAbstractTableModel):
    """Lines of the table."""

    def __init__(self) -> None:
        super().__init__()
        self.found: Sequence[Summary] = ()
        self._head: list[str] = []

    def renew(self, plan: Plan, found: Sequence[Summary]) -> None:
        self.beginResetModel()
        self.found = found
        self._head = [*(label_of(axis.setting) for axis in plan.axes), *heading(plan)[len(plan.axes) :]]
        self.endResetModel()

    def rowCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.found)

    def columnCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._head)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        is_head = orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole
        return self._head[section] if is_head else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        one = self.found[index.row()]
        if role == Qt.ItemDataRole.ToolTipRole and one.failures:
            return "\n".join(sorted({failure.reason for failure in one.failures}))
        is_said = role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole)
        return line(one)[index.column()] if is_said else None


class SweepTable(QTableView):
    """Table of combinations, of which one is chosen: the best, until there is a choice."""

    picked = Signal(object)  # the values of the one that the user has chosen

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Combinations of the sweep")
        self.setToolTip(TIP)
        self._lines = _Lines()
        self.setModel(self._lines)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.horizontalHeader().setResizeContentsPrecision(0)  # by what is seen: by all it takes long
        self.selectionModel().currentRowChanged.connect(self._pick)

    def show_sweep(self, plan: Plan, found: Sequence[Summary], values: tuple[str, ...] | None) -> None:
        """Show what is known of each combination, with one chosen by its values; the best where there is none."""
        with QSignalBlocker(self.selectionModel()):
            self._lines.renew(plan, found)
            self.choose(values)
        self.resizeColumnsToContents()
        self.viewport().update()

    def choose(self, values: tuple[str, ...] | None) -> None:
        """Choose a combination."""
        self.selectRow(next((i for i, one in enumerate(self._lines.found) if one.values == values), 0))

    @property
    def chosen(self) -> Summary | None:
        """The combination that is chosen."""
        row = self.currentIndex().row()
        return self._lines.found[row] if 0 <= row < len(self._lines.found) else None

    def _pick(self) -> None:
        if self.chosen is not None:
            self.picked.emit(self.chosen.values)
