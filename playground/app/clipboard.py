"""Clipboard: what is on it, or is dropped on the window, and what becomes of each kind."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from playground.model.tables import is_table

if TYPE_CHECKING:
    from playground.app.main_window import MainWindow

Take = Callable[["MainWindow"], object]


def what_is_in(content: QMimeData) -> Take | None:
    """What a window does with some content; None if nothing."""
    paths = [Path(url.toLocalFile()) for url in content.urls() if url.isLocalFile()]
    if paths:
        return partial(open_path, path=paths[0])
    text = content.text() if content.hasText() else ""
    return (lambda w: w.importer.import_text(text)) if _is_cells(text) else None


def _is_cells(text: str) -> bool:
    """Whether a text is cells of a spreadsheet: rows with tabs in them."""
    return "\t" in text.strip() and "\n" in text.strip()


def open_path(w: MainWindow, path: Path) -> None:
    """Open a project file, or import a table."""
    if is_table(path):
        w.importer.import_file(path)
    else:
        w.files.open_path(path)


def take(w: MainWindow, content: QMimeData) -> None:
    """Do with some content what is done with its kind."""
    if (act := what_is_in(content)) is not None:
        act(w)


def paste(w: MainWindow) -> None:
    """Into the text that has the keyboard; else what is on the clipboard goes where its kind does."""
    field = QApplication.focusWidget()
    if field is not None and hasattr(field, "paste"):
        field.paste()
    else:
        take(w, QGuiApplication.clipboard().mimeData())


def why_nothing_to_paste(_: MainWindow) -> str:
    """Why nothing can be pasted; empty if something can."""
    if hasattr(QApplication.focusWidget(), "paste"):
        return ""
    known = what_is_in(QGuiApplication.clipboard().mimeData())
    return "" if known is not None else "put the cursor into a text first, or copy cells of a spreadsheet."
