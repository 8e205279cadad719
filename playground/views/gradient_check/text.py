"""Scrolling label: some lines of fixed height. What does not fit is scrolled to: nothing is cut off, nothing jumps."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea

from playground.ui.controls import FONT_EVENTS


class Text(QScrollArea):
    """Scrolling label, with room for so many lines."""

    def __init__(self, name: str, lines: int) -> None:
        super().__init__()
        self._lines = lines
        self._label = QLabel()
        self._label.setWordWrap(True)
        self._label.setTextFormat(Qt.TextFormat.RichText)
        self._label.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidgetResizable(True)
        self.setWidget(self._label)

    def text(self) -> str:
        """What it says, as rich text."""
        return self._label.text()

    def set_text(self, text: str) -> None:
        """Say something else."""
        if text != self._label.text():
            self._label.setText(text)

    def event(self, event: QEvent) -> bool:
        handled = super().event(event)
        if event.type() in FONT_EVENTS:
            self.setFixedHeight(self._lines * self._label.fontMetrics().lineSpacing() + 4)
        return handled
