"""Rows of the table of parameters: what its cells say, what they are sorted by, and what is typed into them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QModelIndex, Qt, Signal

from engine.microscope.inside.parameters import ParameterTable
from engine.microscope.text.spelling import figures
from engine.training import Experiment, InvalidError
from engine.training.spec.places import VALUE, ParameterPlace
from playground.ui import theme
from playground.ui.number_format import MISSING, read_number
from playground.ui.table import Column, Index, Rows
from playground.views.parameters.words import parameter_name, spoken_of

WIDEST = "−0.00012345"
NAME = Column(
    "Weight or bias", "From which neuron to which, as in the diagram", "layer 8 neuron 64 → layer 8 neuron 64"
)
NUMBERS = {
    "value": Column("Value", "What it is. F2 or a double click changes it by hand", WIDEST, is_number=True),
    "gradient": Column("Gradient", "Of the loss on the points of the next step", WIDEST, is_number=True),
    "last": Column(
        "Last update", "How it has changed since the step before; known while paused", WIDEST, is_number=True
    ),
    "update": Column("Next update", "What the next step adds to it", WIDEST, is_number=True),
    "ratio": Column("Update / value", "By which share of itself the next step changes it", WIDEST, is_number=True),
}
FROZEN = Column("Frozen", "Training leaves it as it is, to the bit; a click freezes it, or lets it go", "frozen")
FREE = ("frozen", "free")
MEMORY_TIP = "What the optimiser remembers of it: {}, as in its formula"
USUAL = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
TYPED = USUAL | Qt.ItemFlag.ItemIsEditable
EXACT = 9  # figures of a number that is copied: those of a float of 32 bits


class ParameterRows(Rows):
    """Table model of the parameters of a network.

    While it trains they stand still, whatever they are sorted by; they are put in order when it pauses.
    """

    value_chosen = Signal(object, float)  # a place, and what it is set to
    froze = Signal(object, bool)  # a place, and whether it is frozen from now on
    refused = Signal(str)  # why something that was typed cannot be, in a sentence

    def __init__(self) -> None:
        super().__init__((NAME, *NUMBERS.values(), FROZEN))
        self.table: ParameterTable | None = None
        self.experiment = Experiment()
        self._last: NDArray[np.float64] | None = None
        self._text = ""
        self._of: object = None  # the structure of the network that it is the table of

    def show_table(
        self, experiment: Experiment, table: ParameterTable, last: NDArray[np.float64] | None, is_still: bool
    ) -> bool:
        """Another moment; `last` is what the step before has added (n,), where that is known. Whether its columns are
        others now.
        """
        structure = experiment.sizes, experiment.network.features, experiment.network.biased, experiment.data.columns
        is_other = (structure, tuple(table.state)) != self._of
        self.experiment, self.table, self._last = experiment, table, last
        if is_other:
            self._of = structure, tuple(table.state)
            self.beginResetModel()
            value, gradient, *others = NUMBERS.values()
            memory = [Column(sign, MEMORY_TIP.format(sign), WIDEST, is_number=True) for sign in table.state]
            self.columns = (NAME, value, gradient, *memory, *others, FROZEN)
            self._column = min(self._column, len(self.columns) - 1)
            self.order = self._arranged()  # before anybody who hears of the reset asks for a row that has gone
            self.endResetModel()
        elif is_still:
            self.arrange()
        return is_other

    def show_filter(self, text: str) -> None:
        """Show those alone that a text speaks of."""
        self._text = text
        self.arrange()

    def arrange(self) -> None:
        if not np.array_equal(self._arranged(), self.order):  # else what is selected stays so
            super().arrange()

    # ── what it says of its rows ─────────────────────────────────────────────────────────────────────────────────

    def shown(self) -> NDArray[np.int64]:
        table = self.table
        if table is None:
            return np.zeros(0, np.int64)
        return np.flatnonzero(spoken_of(self._text, self.experiment, table.rows, table.frozen))

    def keys(self, column: int) -> NDArray[np.float64] | None:
        table = self.table
        assert table is not None
        if column == 0:
            return None
        return table.frozen.astype(np.float64) if self.columns[column] is FROZEN else self._numbers(column)

    def _numbers(self, column: int) -> NDArray[np.float64]:
        """The numbers of a column (n,)."""
        table, head = self.table, self.columns[column]
        assert table is not None
        of_each: dict[Column, Callable[[], NDArray[np.float64]]] = {
            NUMBERS["value"]: lambda: table.values,
            NUMBERS["gradient"]: lambda: table.gradients,
            NUMBERS["last"]: lambda: np.full(len(table), np.nan) if self._last is None else self._last,
            NUMBERS["update"]: lambda: table.updates,
            NUMBERS["ratio"]: lambda: table.ratios,
        }
        return of_each[head]() if head in of_each else table.state[head.head]

    def text(self, row: int, column: int) -> str:
        table = self.table
        assert table is not None
        if column == 0:
            return parameter_name(self.experiment, table.rows.place(row))
        if self.columns[column] is FROZEN:
            return FREE[not table.frozen[row]]
        number = float(self._numbers(column)[row])
        return MISSING if np.isnan(number) else figures(number)

    def place(self, row: int) -> ParameterPlace:
        """The weight or bias of a row."""
        assert self.table is not None
        return self.table.rows.place(row)

    def cells(self, rows: NDArray[np.int64]) -> Callable[[], str]:
        """Makes a text of some rows and of the columns' heads, as a spreadsheet takes it: with a tab between cells."""
        table, experiment, columns = self.table, self.experiment, self.columns
        assert table is not None
        numbers = [self._numbers(column)[rows] for column in range(1, len(columns) - 1)]

        def lines() -> Iterator[str]:
            yield "\t".join(column.head for column in columns)
            for at, row in enumerate(rows.tolist()):
                texts = (f"{column[at]:.{EXACT}g}" if np.isfinite(column[at]) else "" for column in numbers)
                name = parameter_name(experiment, table.rows.place(row))
                yield "\t".join([name, *texts, FREE[not table.frozen[row]]])

        return lambda: "\n".join(lines())

    # ── what Qt asks ─────────────────────────────────────────────────────────────────────────────────────────────

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        return TYPED if self.columns[index.column()] is NUMBERS["value"] else USUAL

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        table = self.table
        if table is None or not index.isValid():
            return None
        row, column = int(self.order[index.row()]), self.columns[index.column()]
        if role == Qt.ItemDataRole.ForegroundRole and column is FROZEN and not table.frozen[row]:
            return theme.colour("muted")
        if role == Qt.ItemDataRole.EditRole and column is NUMBERS["value"]:
            return f"{table.values[row]:.7g}"
        return super().data(index, role)

    def touch(self, index: QModelIndex) -> None:
        """Freeze the weight of a row whose last cell is clicked, or let it go."""
        if self.table is not None and self.columns[index.column()] is FROZEN:
            row = int(self.order[index.row()])
            self.froze.emit(self.place(row), not self.table.frozen[row])

    def setData(self, index: QModelIndex | Any, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        row = int(self.order[index.row()])
        if value == self.data(index, Qt.ItemDataRole.EditRole):
            return False  # nothing was typed
        try:
            number = VALUE.check(self.text(row, 0), _number(value))
        except InvalidError as error:
            self.refused.emit(f"{error}.")
            return False
        self.value_chosen.emit(self.place(row), number)
        return True


def _number(text: str) -> Any:
    """What was typed, or the text itself where it is no number: the rule then says what is allowed."""
    try:
        return read_number(text)
    except ValueError:
        return text
