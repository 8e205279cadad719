"""Segmented control: a few choices side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QWidget

from playground.ui.controls import Button


class Choice(QWidget):
    """Segmented control: choices side by side, of which one is taken, or none."""

    chosen = Signal(object)

    def __init__(
        self, name: str, choices: Iterable[Enum], tips: Mapping[Any, str] | None = None, role: str = "segment"
    ) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self._choices = list(choices)
        self._group = QButtonGroup(self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        for index, choice in enumerate(self._choices):
            button = Button(str(choice.value), role=role, tip=(tips or {}).get(choice, ""))
            button.setCheckable(True)
            self._group.addButton(button, index)
            layout.addWidget(button)
        self._group.idClicked.connect(self._choose)

    def _choose(self, index: int) -> None:
        self.chosen.emit(self._choices[index])

    def allow(self, choices: Iterable[Enum]) -> None:
        """Have only these be taken."""
        allowed = list(choices)
        for button, choice in zip(self._group.buttons(), self._choices, strict=True):
            button.setEnabled(choice in allowed)

    def show_choice(self, choice: Enum | None) -> None:
        """Mark what is taken."""
        self._group.setExclusive(choice is not None)
        for button, other in zip(self._group.buttons(), self._choices, strict=True):
            button.setChecked(other is choice)
