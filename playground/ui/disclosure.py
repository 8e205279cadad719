"""Disclosure: a small control at the end of a row of fields that opens and closes the row below it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from playground.ui.controls import FONT_CHANGES, Button, caption_label, restyle

CLOSED, OPEN = "More", "Less"


class Disclosure(QWidget):
    """Disclosure: a word above a caret, as a field has its label above its control. It asks; the owner decides."""

    asked = Signal(bool)  # to open, or else to close

    def __init__(self) -> None:
        super().__init__()
        self._open, self._mark = False, False
        self._word = caption_label(CLOSED)
        self._button = Button(name=CLOSED, role="disclosure")
        self._button.set_icon("caret-down", "muted")
        self._button.clicked.connect(self._ask)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._word)
        layout.addWidget(self._button)

    def is_open(self) -> bool:
        """Whether it offers to close."""
        return self._open

    def show_state(self, is_open: bool, tip: str, mark: bool = False) -> None:
        """Offer to close, or to open, what the tip describes; the mark says that something hidden matters."""
        self._button.setToolTip(tip)
        if (is_open, mark) != (self._open, self._mark):  # drawing the icon takes time, and a dragged slider has none
            self._open, self._mark = is_open, mark
            self._word.setText(OPEN if is_open else CLOSED)
            self._button.setAccessibleName(self._word.text())
            self._button.set_icon("caret-up" if is_open else "caret-down", "accent" if mark else "muted")
            restyle(self._button, marked=mark)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in FONT_CHANGES:
            self._word.ensurePolished()
            metrics = self._word.fontMetrics()
            self._word.setFixedWidth(max(metrics.horizontalAdvance(word) for word in (CLOSED, OPEN)))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self._button.click()  # the word belongs to it

    def _ask(self) -> None:
        self.asked.emit(not self._open)
