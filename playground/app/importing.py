"""Import: a table of a file or of the clipboard becomes the data, by way of a dialog that shows what it holds."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from engine.training import TABLE_SUFFIXES, Data, Form, InvalidError, Table
from playground.model.tables import Source, table_from

FILTER = f"Tables ({' '.join(f'*{suffix}' for suffix in TABLE_SUFFIXES)});;All files (*)"
CLIPBOARD = "The clipboard"
Work = Callable[[Callable[[], Any], Callable[[Any], None]], None]


class Importer(QObject):
    """Import of tables. They are read beside the window's thread.

    Args:
        window: the dialog's parent.
        work: has something done in a thread, and tells what came of it.
        take: told of the data that were chosen.
    """

    progressed = Signal(float)  # the share of the table that is read
    read = Signal(object)  # the Table, or the InvalidError

    def __init__(self, window: QWidget, work: Work, take: Callable[[Data], None]) -> None:
        super().__init__(window)
        self._window, self._work, self._take = window, work, take
        self._reads = 0

    def choose(self) -> None:
        """Ask for a file, and import it."""
        path, _ = QFileDialog.getOpenFileName(self._window, "Import data", str(Path.home()), FILTER)
        if path:
            self.import_file(Path(path))

    def import_file(self, path: Path) -> None:
        """Show what a file holds, and import what is chosen of it."""
        self._open(path.name, path.read_bytes)

    def import_text(self, text: str) -> None:
        """Show what a text holds, and import what is chosen of it."""
        self._open(CLIPBOARD, text.encode)

    def _open(self, name: str, source: Source) -> None:
        from playground.app.import_dialog import ImportDialog  # not loaded before there is a table

        dialog = ImportDialog(name, self._window)
        self.progressed.connect(dialog.show_progress)
        self.read.connect(dialog.show_table)
        dialog.form_chosen.connect(partial(self._start, name, source))
        dialog.data_chosen.connect(self._take)
        dialog.open()
        self._start(name, source, None)

    def _start(self, name: str, source: Source, form: Form | None) -> None:
        self._reads += 1
        self._work(partial(self._try, name, source, form), partial(self._finish, self._reads))

    def _try(self, name: str, source: Source, form: Form | None) -> Table | InvalidError:
        try:
            table = table_from(name, source, form, self.progressed.emit)
        except InvalidError as error:
            return error
        _ = table.numbers  # found here, where nobody waits
        return table

    def _finish(self, number: int, outcome: Table | InvalidError) -> None:
        if number == self._reads:  # else it is of another dialog, or of another form
            self.read.emit(outcome)
