"""Clipboard: the setup as a line of text, and what becomes of what is pasted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication

from engine.training import InvalidError, is_setup_text, setup_text
from playground.ui.controls import announce

if TYPE_CHECKING:
    from playground.app.main_window import MainWindow

TOLD = 6_000  # milliseconds that the window says what it has copied


def copy_setup(window: MainWindow) -> None:
    """Put data, network and settings on the clipboard, as one line."""
    text = setup_text(window.document.experiment)
    QApplication.clipboard().setText(text)
    told = f"The setup is on the clipboard: a line of {len(text):,} characters."
    window.statusBar().showMessage(told, TOLD)
    announce(window, told)


def no_setup_text(window: MainWindow) -> str:
    """Why there is no line for it; empty where there is."""
    try:
        setup_text(window.document.experiment)
    except InvalidError as error:
        return f"{error}."
    return ""


def paste(window: MainWindow) -> None:
    """Paste into the text that has the cursor, or else what the clipboard has for the window."""
    into_text = getattr(QApplication.focusWidget(), "paste", None)
    if into_text is not None:
        into_text()
    elif is_setup_text(QApplication.clipboard().text()):
        paste_setup(window)
    else:
        window.output.paste()


def paste_setup(window: MainWindow) -> None:
    """Begin anew with the setup on the clipboard."""
    window.editor.paste_setup(QApplication.clipboard().text())


def no_setup(_: MainWindow) -> str:
    """Why no setup can be pasted; empty where one can."""
    is_one = is_setup_text(QApplication.clipboard().text())
    return "" if is_one else "there is no setup on the clipboard; Copy setup puts one there."
