"""Text field: a form field for one line of text."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLabel, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from playground.ui import theme
from playground.ui.controls import FONT_CHANGES, announce, as_part, caption_label, restyle

LINES = 4  # that there is room for below the text


class Line(QLineEdit):
    """Line edit: a value as text that can be edited: Enter commits, Escape gives up, leaving commits."""

    entered = Signal()
    left = Signal()
    abandoned = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit()
        elif event.key() == Qt.Key.Key_Escape:
            event.setAccepted(self.isModified())  # else it may be meant for what is around
            self.abandoned.emit()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:  # its own context menu
            self.left.emit()


class SaidLabel(QLabel):
    """Label with room for some lines, whether it needs them or not: nothing moves while one types."""

    def __init__(self, text: str, lines: int = LINES) -> None:
        super().__init__(text)
        self._lines = lines
        self.setProperty("role", "small")
        self.setWordWrap(True)
        self.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)  # it widens nothing

    def hasHeightForWidth(self) -> bool:
        return False

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in FONT_CHANGES:
            self.setFixedHeight(self._lines * self.fontMetrics().lineSpacing())


class TextField(QWidget):
    """Text field: a line that is taken by Enter, or when it is left, unless something is wrong with it.

    What is wrong is said below it while it is typed, where else there is a hint. A text that cannot be taken stays,
    until it is mended, given up by Escape, or there is another value.

    Args:
        fault_of: what is wrong with a text, in a sentence; empty if nothing.
    """

    changed = Signal(str)

    def __init__(self, label: str, tip: str, hint: str, fault_of: Callable[[str], str]) -> None:
        super().__init__()
        as_part(self, label)
        self._value, self._hint, self._fault_of = "", hint, fault_of
        self._line, self._said = Line(), SaidLabel(hint)
        self._line.setAccessibleName(label)
        self._line.setAccessibleDescription(tip)
        self.setToolTip(tip)
        caption = caption_label(label)
        caption.setBuddy(self._line)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.GAP // 2)
        for part in (caption, self._line, self._said):
            layout.addWidget(part)
        self._line.textEdited.connect(self._judge)
        self._line.entered.connect(self._enter)
        self._line.left.connect(self._commit)
        self._line.abandoned.connect(self._show_value)

    def value(self) -> str:
        """The text that was taken last."""
        return self._value

    def setValue(self, value: str) -> None:
        """Set the text; emits nothing, and leaves alone what is being typed over the same one."""
        if value != self._value or not self._line.isModified():
            self._value = value
            self._show_value()

    def _show_value(self) -> None:
        self._line.setText(self._value)
        self._say("")

    def _judge(self) -> None:
        self._say(self._fault_of(self._line.text()))

    def _say(self, fault: str) -> None:
        self._said.setText(fault or self._hint)
        self._said.setToolTip(fault)  # without one, the field's own shows
        if bool(self._line.property("refused")) != bool(fault):
            restyle(self._line, refused=bool(fault))
            restyle(self._said, refused=bool(fault))

    def _enter(self) -> None:
        if not self._commit():
            announce(self._said, self._said.text())

    def _commit(self) -> bool:
        """Take what was typed; False if it cannot be taken."""
        text = self._line.text().strip()
        if self._fault_of(text):
            return False
        self._line.setModified(False)
        if text != self._value:
            self._value = text
            self.changed.emit(text)
        return True
