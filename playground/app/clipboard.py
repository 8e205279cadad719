"""Clipboard: what is on it, or is dropped on the window, and what becomes of each kind."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QMimeData
from PySide6.QtWidgets import QApplication

from engine.training import Data, InvalidError, Points, is_setup_text, setup_text
from playground.model.cells import cells_as_points, points_as_cells
from playground.model.tables import is_table
from playground.ui.controls import announce

if TYPE_CHECKING:
    from playground.app.main_window import MainWindow

TOLD = 6_000  # milliseconds that the window says what it has copied
LOOKED_AT = 20  # rows of a text of which one wants to know what it is
AT_ONCE = 5_000  # rows that are copied or read within a frame
Take = Callable[["MainWindow"], object]


def what_is_in(content: QMimeData | None, window: MainWindow) -> Take | None:
    """What a window does with some content, where there is any; None if nothing."""
    if content is None:  # as an empty clipboard has it on some platforms
        return None
    paths = [Path(url.toLocalFile()) for url in content.urls() if url.isLocalFile()]
    if paths:
        return partial(open_path, path=paths[0])
    text = content.text() if content.hasText() else ""
    if is_setup_text(text):
        return lambda w: w.editor.paste_setup(text)
    if _is_table(text) and not _is_cells_of_points(text, window):
        return lambda w: w.importer.import_text(text)
    return partial(paste_cells, text=text) if _is_cells(text) else None


def _is_cells_of_points(text: str, window: MainWindow) -> bool:
    """Whether a text begins with cells of points like those that there are, as they are copied from the plane."""
    head = "\n".join(text.split("\n", LOOKED_AT)[:LOOKED_AT])
    try:
        cells_as_points(window.document.experiment.data, head)
    except InvalidError:
        return False
    return True


def _is_cells(text: str) -> bool:
    """Whether a text is cells of a spreadsheet: there are tabs between them."""
    return "\t" in text.strip()


def _is_table(text: str) -> bool:
    """Whether a text is cells of a spreadsheet in rows."""
    return _is_cells(text) and "\n" in text.strip()


def open_path(w: MainWindow, path: Path) -> None:
    """Open a project file, or import a table."""
    if is_table(path):
        w.importer.import_file(path)
    else:
        w.files.open_path(path)


def take(w: MainWindow, content: QMimeData | None) -> None:
    """Do with some content what is done with its kind."""
    if (act := what_is_in(content, w)) is not None:
        act(w)


def paste(w: MainWindow) -> None:
    """Into the text that has the keyboard; else what is on the clipboard goes where its kind does."""
    into_text = getattr(QApplication.focusWidget(), "paste", None)
    if into_text is not None:
        into_text()
    else:
        take(w, QApplication.clipboard().mimeData())


def why_nothing_to_paste(w: MainWindow) -> str:
    """Why nothing can be pasted; empty if something can."""
    if hasattr(QApplication.focusWidget(), "paste"):
        return ""
    known = what_is_in(QApplication.clipboard().mimeData(), w)
    return "" if known is not None else "copy points, a setup or cells of a spreadsheet first."


def copy_points(w: MainWindow, rows: NDArray[np.int64]) -> None:
    """Put points on the clipboard, by their indices, as the cells of a table."""
    copy_cells(w, "points", partial(points_as_cells, w.document.experiment.data, rows), len(rows))


def copy_cells(w: MainWindow, what: str, text: Callable[[], str], count: int) -> None:
    """Put so many rows of a table on the clipboard; very many as soon as they are written."""
    if count <= AT_ONCE:
        QApplication.clipboard().setText(text())
        return

    def put(text: str) -> None:
        QApplication.clipboard().setText(text)
        w.statusBar().showMessage(f"{count:,} {what} are on the clipboard.", TOLD)

    w.statusBar().showMessage(f"Copying {count:,} {what}…")
    w.files.do(text, put)


def paste_cells(w: MainWindow, text: str) -> None:
    """Add the points of a text of cells; of very many as soon as they are read."""
    read = partial(_points_of, w.document.experiment.data, text)
    if (rows := text.count("\n")) <= AT_ONCE:
        _add_points(w, read())
    else:
        w.statusBar().showMessage(f"Reading {rows:,} rows…", TOLD)
        w.files.do(read, partial(_add_points, w))


def _points_of(data: Data, text: str) -> Points | InvalidError:
    try:
        return cells_as_points(data, text)
    except InvalidError as error:
        return error


def _add_points(w: MainWindow, outcome: Points | InvalidError) -> None:
    if isinstance(outcome, InvalidError):
        w.editor.refuse(f"{outcome}.")
    else:
        w.output.paste(outcome)


# ── the setup as a line of text ──────────────────────────────────────────────────────────────────────────────────────


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


def paste_setup(window: MainWindow) -> None:
    """Begin anew with the setup on the clipboard."""
    window.editor.paste_setup(QApplication.clipboard().text())


def no_setup(_: MainWindow) -> str:
    """Why no setup can be pasted; empty where one can."""
    is_one = is_setup_text(QApplication.clipboard().text())
    return "" if is_one else "there is no setup on the clipboard; Copy setup puts one there."
