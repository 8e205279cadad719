"""Dialog of the guess: what the run that is looked at will come to, said before it does; it acts at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QFormLayout, QLabel

from playground.app.stop_dialog import RuleField
from playground.model.guess import NO_GUESS, Guess
from playground.runtime.frame import Frame
from playground.ui.controls import Button, closing_row
from playground.ui.number_format import NUMBER, WHOLE

if TYPE_CHECKING:
    from playground.app.main_window import MainWindow

LINES = {  # fields of a Guess: what each is called, how it is written, and what it says
    "loss": ("Loss", NUMBER, "The loss that you expect: on the test points, if there are any"),
    "steps": ("At step", WHOLE, "After how many steps it is looked at"),
}
WORDS = "What will training come to? When it is there, the window says what you guessed, and what it is."


class GuessDialog(QDialog):
    """Dialog of the guess."""

    def __init__(self, window: MainWindow, frame: Frame) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Guess first")
        self._window, self._run, self._guess = window, frame.looked_at, window.editor.guess_of(frame)
        self._gesture = object()  # what is done while it is open is undone together
        layout = QFormLayout(self)
        layout.setSpacing(12)
        words = QLabel(WORDS)
        words.setWordWrap(True)
        layout.addRow(words)
        for name, line in LINES.items():
            field = RuleField(Guess, name, line, none=NO_GUESS)
            field.setValue(getattr(self._guess, name))
            field.changed.connect(lambda value, name=name: self._take(name, value))
            layout.addRow(line[0], field)
        draw = Button("Draw the boundary", icon="pencil-simple", tip="With a pencil of its own, in the plane (Q)")
        draw.clicked.connect(self._draw)
        remove = Button("Remove", icon="trash", name="Remove the guess", tip="Have no guess, and no line in the plane")
        remove.clicked.connect(self._remove)
        layout.addRow(closing_row(self, draw, remove))

    @classmethod
    def open_on(cls, window: MainWindow) -> None:
        """Open it beside what it is about, once there is something."""
        if window.frame is not None:
            cls(window, window.frame).show()

    def _take(self, name: str, value: Any) -> None:
        self._guess = self._guess.replace(**{name: value})
        self._window.editor.guess(self._run, self._guess, self._gesture)

    def _draw(self) -> None:
        self.accept()
        self._window.output.choose_tool("guess")

    def _remove(self) -> None:
        self.accept()
        self._window.editor.guess(self._run, None)
