"""Stepper: a small whole number between a − and a +, which are held down, scrolled or typed over."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QHBoxLayout

from engine.training.spec.rules import Integer
from playground.ui.controls import Button
from playground.ui.fields import NumberField
from playground.ui.number_format import WHOLE, Notation

DELAY, INTERVAL = 400, 90  # milliseconds until a held button repeats, and between repeats
NOTCH = 120  # of the wheel, in Qt's units
STEPS: dict[int, int] = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}


class Stepper(NumberField):
    """Stepper: what one press, a held button or one turn of the wheel does is one gesture.

    A button that can do no more is disabled, and its tip says why.

    Args:
        rule: the numbers that there are.
        reasons: why there are no lower and no higher ones, in a sentence each.
        notation: how they are written.
        by: how far a press goes.
    """

    entered = Signal()  # a number was typed, and the keyboard is free for something else

    def __init__(self, rule: Integer, reasons: tuple[str, str], notation: Notation = WHOLE, by: int = 1) -> None:
        super().__init__("", rule, notation)
        self._by = by
        self._reasons, self._names, self._turned = reasons, ("", ""), 0
        self._figure.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._figure.setTextMargins(0, 0, 0, 0)
        self._figure.keep_room_for([notation.write(rule.high)])
        self._buttons = tuple(Button(icon=icon, role="step") for icon in ("minus", "plus"))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for button, step in zip(self._buttons, (self._less, self._more), strict=True):
            layout.addWidget(button)
            button.setAutoRepeat(True)
            button.setAutoRepeatDelay(DELAY)
            button.setAutoRepeatInterval(INTERVAL)
            button.pressed.connect(step)
            button.released.connect(self._let_go)
        layout.insertWidget(1, self._figure)
        self.setTabOrder(self._buttons[0], self._figure)
        self.setTabOrder(self._figure, self._buttons[1])

    def take_focus(self) -> None:
        """Have the keyboard: a number can be typed."""
        self._figure.setFocus(Qt.FocusReason.OtherFocusReason)

    def name(self, label: str, fewer: str, more: str) -> None:
        """Say what is counted, and what − and + do."""
        self._label, self._names = label, (fewer, more)
        self._figure.setAccessibleName(label)
        self.setToolTip(f"{label}: type a number, or turn the wheel while it has the focus")
        for button, name in zip(self._buttons, self._names, strict=True):
            button.setAccessibleName(name)
        self._show_value()

    def _show_value(self) -> None:
        super()._show_value()
        ends = self._value <= self._rule.low, self._value >= self._rule.high
        for button, name, reason, is_end in zip(self._buttons, self._names, self._reasons, ends, strict=True):
            if is_end and button.hasFocus():
                self.take_focus()  # else Qt would hand the keyboard to whatever stands next
            button.setEnabled(not is_end)
            button.setToolTip(reason if is_end else name)

    def _less(self) -> None:
        self._step(-1)

    def _more(self) -> None:
        self._step(1)

    def _step(self, by: int) -> None:
        """Go on by so many steps, from what is being typed if that is a number."""
        self._leave()
        value = min(max(self._value + by * self._by, self._rule.low), self._rule.high)
        if value != self._value:
            self._take(value)

    def _let_go(self) -> None:
        if not any(button.isDown() for button in self._buttons):  # one that repeats is let go of while it is down
            self.gesture_ended.emit()

    def _go_on(self) -> None:
        self.entered.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in STEPS:
            self._step(STEPS[event.key()])
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        super().keyReleaseEvent(event)
        if event.key() in STEPS and not event.isAutoRepeat():
            self.gesture_ended.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if not self._figure.hasFocus():
            event.ignore()  # a scrolling page passes over it
            return
        self._turned += event.angleDelta().y()
        notches = int(self._turned / NOTCH)
        self._turned -= notches * NOTCH
        self._step(notches)
        self.gesture_ended.emit()
        event.accept()
