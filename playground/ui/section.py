"""Section: a part of a column under a title that folds it away."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from playground.ui import theme
from playground.ui.controls import Button

ICONS = {True: "caret-down", False: "caret-right"}


class Section(QWidget):
    """Section of a column: its title in small capitals, which folds and unfolds it, above what it holds.

    Attributes:
        title: its words.
        rows: the layout of what it holds.
    """

    turned = Signal(bool)  # opened, or else folded

    def __init__(self, title: str) -> None:
        super().__init__()
        self.title = title
        self._title = Button(title.upper(), name=title, role="section")
        self._title.setCheckable(True)
        self._title.setChecked(True)
        self._title.toggled.connect(self._turn)
        self._body = QWidget()
        self.rows = QVBoxLayout(self._body)
        layout = QVBoxLayout(self)
        layout.setAlignment(Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self._title, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(self._body)
        for rows, gap in ((layout, theme.GAP // 2), (self.rows, theme.GAP)):
            rows.setContentsMargins(0, 0, 0, 0)
            rows.setSpacing(gap)
        self._show_state(True)

    @property
    def is_open(self) -> bool:
        """Whether what it holds is to be seen."""
        return self._title.isChecked()

    def set_open(self, on: bool) -> None:
        """Unfold it, or fold it away."""
        self._title.setChecked(on)

    def disclose(self, _: QWidget) -> None:
        """Unfold it, for what it holds."""
        self.set_open(True)

    def _turn(self, on: bool) -> None:
        self._show_state(on)
        self.turned.emit(on)

    def _show_state(self, on: bool) -> None:
        self._body.setVisible(on)
        self._title.set_icon(ICONS[on], "muted")
        self._title.setToolTip("Fold this section away" if on else "Show this section")
