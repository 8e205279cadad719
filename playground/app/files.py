"""File handling: new, open, save, and the question before edits are lost."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from engine.training import PRESETS, Experiment, Project, ProjectError, Run, write_safely
from playground.model.document import Document
from playground.runtime.worker import Answer

FILTER = "Backprop Playground projects (*.backprop *.json);;All files (*)"
SUFFIX = ".backprop"
Button = QMessageBox.StandardButton
Action = Callable[[], None]


class Files(QObject):
    """File menu: what it does. A save asks the worker for the state of the training, and writes when that answers.

    Args:
        window: the dialogs' parent.
        document: what is opened and saved.
        ask_state: asks for the state of the training; may answer in another thread.
        begin: told of the Run of a project that was opened or begun.
    """

    _answered = Signal(object, object, object)  # where to write what, and the state or the error

    def __init__(
        self,
        window: QWidget,
        document: Document,
        ask_state: Callable[[Answer], None],
        begin: Callable[[Run], None],
    ) -> None:
        super().__init__(window)
        self._window, self._document, self._ask_state, self._begin = window, document, ask_state, begin
        self._unwritten = 0  # saves that wait for a state
        self._then: Action | None = None  # what waits for them
        self._answered.connect(self._write, Qt.ConnectionType.QueuedConnection)

    def new(self, preset: str) -> None:
        """Begin again from a preset."""
        self.before_losing_edits(partial(self._renew, preset))

    def open(self) -> None:
        """Ask for a file, and open it."""
        self.before_losing_edits(self._choose)

    def open_path(self, path: Path) -> None:
        """Open a file; if it cannot be, say why and stay."""
        try:
            project = self._document.open(path)
        except ProjectError as error:
            self._say("The file was not opened.", str(error))
        else:
            self._begin(project.run())

    def save(self) -> bool:
        """Save to the document's file, or ask for one; whether there is one to be written."""
        return self._save_to(self._document.path) if self._document.path is not None else self.save_as()

    def save_as(self) -> bool:
        """Ask for a file and save to it; whether there is one to be written."""
        dialog = QFileDialog(self._window, "Save as", self._folder(), FILTER)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(SUFFIX)  # the dialog's to add: it asks before a file is written over
        path = self._document.path
        dialog.selectFile(path.name if path is not None else f"{self._document.experiment.data.dataset}{SUFFIX}")
        chosen = dialog.selectedFiles() if dialog.exec() else []
        dialog.deleteLater()
        return bool(chosen) and self._save_to(Path(chosen[0]))

    def export(self, text: str, name: str) -> None:
        """Ask for a file, and write a text to it."""
        path, _ = QFileDialog.getSaveFileName(self._window, "Export", str(Path(self._folder()) / name))
        if path:
            try:
                write_safely(path, text)
            except ProjectError as error:
                self._say("The file was not saved.", str(error))

    def before_losing_edits(self, then: Action) -> None:
        """Go on when no edit is lost by it: at once, or when all is written, if the user does not call it off."""
        if self._unwritten:
            self._then = then
            return
        if not self._document.is_modified:
            then()
            return
        answer = self._ask(
            QMessageBox.Icon.Question,
            f"Save the changes to {self._document.name}?",
            "They are lost if you do not.",
            Button.Save | Button.Discard | Button.Cancel,
        )
        if answer == Button.Discard:
            then()
        elif answer == Button.Save and self.save():
            self._then = then

    def _save_to(self, path: Path) -> bool:
        self._unwritten += 1
        self._ask_state(partial(self._answered.emit, path, self._document.experiment))
        return True

    def _write(self, path: Path, experiment: Experiment, state: dict[str, Any] | Exception) -> None:
        """Write what was to be saved; what was edited since is not in it."""
        self._unwritten -= 1
        try:
            if isinstance(state, Exception):
                raise ProjectError(path, f"the state of the training cannot be told ({state})")
            self._document.save(path, Project(experiment, state))
        except ProjectError as error:
            self._then = None
            self._say("The file was not saved.", str(error))
        if self._then is not None and not self._unwritten:
            then, self._then = self._then, None
            self.before_losing_edits(then)

    def _renew(self, preset: str) -> None:
        self._document.renew(PRESETS[preset])
        self._begin(Run(PRESETS[preset]))

    def _choose(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self._window, "Open", self._folder(), FILTER)
        if path:
            self.open_path(Path(path))

    def _folder(self) -> str:
        return str(self._document.path.parent) if self._document.path is not None else str(Path.home())

    def _say(self, headline: str, reason: str) -> None:
        self._ask(QMessageBox.Icon.Warning, headline, reason, Button.Ok)

    def _ask(self, icon: QMessageBox.Icon, headline: str, details: str, answers: Button) -> int:
        message = QMessageBox(icon, "Backprop Playground", headline, answers, self._window)
        message.setTextFormat(Qt.TextFormat.PlainText)  # there may be names of files in it
        message.setInformativeText(details)
        answer = message.exec()
        message.deleteLater()
        return answer
