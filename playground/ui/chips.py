"""Chips: buttons that stay down, for keys of a table of which several can be on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from playground.ui.controls import Button, tell, tiled
from playground.ui.number_format import shortened

LONGEST = 11  # characters on a chip


class Chips(QWidget):
    """Chips: keys of a table, any number of them but at least one, as buttons that stay down.

    Args:
        tip: what one that is down does, with {} for its label.
    """

    changed = Signal(object)

    def __init__(self, table: Mapping[str, Any], columns: int, tip: str) -> None:
        super().__init__()
        self._keys: tuple[str, ...] = ()
        self._chips = {
            key: Button(shortened(row.label, LONGEST), role="chip", name=row.label, tip=tip.format(row.label))
            for key, row in table.items()
        }
        grid = tiled(self._chips.values(), columns)
        self.setLayout(grid)
        for chip in self._chips.values():
            chip.setCheckable(True)
            chip.clicked.connect(self._clicked)
        self.setValue((next(iter(table)),))

    def value(self) -> tuple[str, ...]:
        """The keys that are on, in the order in which they were set, or else the table's."""
        return self._keys

    def setValue(self, keys: tuple[str, ...]) -> None:
        """Turn these on and the others off; emits nothing."""
        self._keys = keys
        for key, chip in self._chips.items():
            chip.setChecked(key in keys)

    def _clicked(self) -> None:
        keys = tuple(key for key, chip in self._chips.items() if chip.isChecked())
        if keys:
            self._keys = keys
            self.changed.emit(keys)
        else:
            self._chips[self._keys[0]].setChecked(True)
            tell(self._chips[self._keys[0]], "At least one stays on.")
