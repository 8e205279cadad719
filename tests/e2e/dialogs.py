"""Dialogs as a user meets them: whatever opens is looked at, and answered with the keyboard and the mouse."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QDialog,
    QFileDialog,
    QLineEdit,
    QListView,
    QMainWindow,
    QMessageBox,
)

LOOK = 10  # milliseconds between two looks for a dialog
PATIENCE = 500  # looks, before something is wrong
Answer = Callable[[QDialog], None]


class Answers:
    """Answers one dialog after the other, as they open.

    Attributes:
        heard: what each message said.
        left: the answers to dialogs that are still to open.
    """

    def __init__(self, answers: tuple[Answer, ...]) -> None:
        self.heard: list[str] = []
        self.left = list(answers)
        self.failure: BaseException | None = None
        self._last: QDialog | None = None
        self._patience = PATIENCE
        self._look_again()

    def stop(self) -> None:
        """Look no more."""
        self._timer.stop()
        for window in QApplication.topLevelWidgets():
            if isinstance(window, QMainWindow) and window.isVisible():
                window.activateWindow()  # as a window manager does when a dialog goes
                _wait_for(window.isActiveWindow)

    def _look_again(self) -> None:
        self._timer = QTimer(singleShot=True, interval=LOOK, timeout=self._look)
        self._timer.start()

    def _look(self) -> None:
        self._look_again()  # first of all: an answer may open another dialog, in an event loop of its own
        dialog = QApplication.activeModalWidget()
        if not isinstance(dialog, QDialog):
            return
        if dialog is self._last:
            self._patience -= 1
            if not self._patience:
                self._fail(dialog, AssertionError(f"the answer did not close {dialog}"))
            return
        self._last = dialog
        self._patience = PATIENCE
        if isinstance(dialog, QMessageBox):
            self.heard.append(f"{dialog.text()} {dialog.informativeText()}")
        try:
            assert self.left, f"nobody expected {self.heard[-1:] or dialog}"
            self.left.pop(0)(dialog)
        except BaseException as failure:
            self._fail(dialog, failure)

    def _fail(self, dialog: QDialog, failure: BaseException) -> None:
        """Carry a failure out of the event loop, which would swallow it."""
        self.failure = self.failure or failure
        dialog.reject()


def _wait_for(condition: Callable[[], bool]) -> None:
    """Let a desktop do what it does by itself."""
    for _ in range(PATIENCE):
        if condition():
            return
        QTest.qWait(LOOK)


@contextmanager
def answering(*answers: Answer) -> Iterator[Answers]:
    """Whatever opens meanwhile is answered in this order; so many dialogs must open, and no others."""
    answered = Answers(answers)
    try:
        yield answered
    finally:
        answered.stop()
    if answered.failure is not None:
        raise answered.failure
    assert not answered.left, f"{len(answered.left)} dialogs did not open"


def button(text: str) -> Answer:
    """Press the button with these words."""

    def press(dialog: QDialog) -> None:
        found = [b for b in dialog.findChildren(QAbstractButton) if b.text().replace("&", "") == text and b.isVisible()]
        assert len(found) == 1, f"{len(found)} buttons read {text!r}"
        QTest.mouseClick(found[0], Qt.MouseButton.LeftButton)

    return press


def escape(dialog: QDialog) -> None:
    """Give up with the Escape key."""
    QTest.keyClick(dialog, Qt.Key.Key_Escape)


def file(path: Path | str) -> Answer:
    """Type the name of a file, and Enter."""

    def choose(dialog: QDialog) -> None:
        assert isinstance(dialog, QFileDialog)
        field = dialog.findChild(QLineEdit, "fileNameEdit")
        assert isinstance(field, QLineEdit)
        there, entries = dialog.selectedFiles(), dialog.findChild(QListView, "listView")
        if there and Path(there[0]).is_file():  # it is going to be found and selected: not after the name was given
            _wait_for(entries.selectionModel().hasSelection)
            entries.clearSelection()  # as typing does
        field.setFocus()
        field.setText(str(path))  # in one go: typing opens a list of guesses, which grabs the keyboard
        QTest.keyClick(field, Qt.Key.Key_Return)

    return choose
