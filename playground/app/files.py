"""Files: new, open, save, and the question before edits are lost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from engine.training import PRESETS, ProjectError, Run
from playground.model.document import Document

FILTER = "Backprop Playground projects (*.backprop *.json);;All files (*)"
SUFFIX = ".backprop"
Answer = QMessageBox.StandardButton


class Files:
    """What the File menu does.

    Args:
        window: the dialogs' parent.
        document: what is opened and saved.
        state: gives the state of the training, for saving.
        begin: told of the Run of a project that was opened or begun.
    """

    def __init__(
        self,
        window: QWidget,
        document: Document,
        state: Callable[[], dict[str, Any]],
        begin: Callable[[Run], None],
    ) -> None:
        self._window, self._document, self._state, self._begin = window, document, state, begin

    def new(self, preset: str) -> None:
        """Begin again from a preset."""
        if self.may_lose_edits():
            self._document.renew(PRESETS[preset])
            self._begin(Run(PRESETS[preset]))

    def open(self) -> None:
        """Ask for a file, and open it."""
        if self.may_lose_edits():
            path, _ = QFileDialog.getOpenFileName(self._window, "Open", self._folder(), FILTER)
            if path:
                self.open_path(Path(path))

    def open_path(self, path: Path) -> None:
        """Open a file; if it cannot be, say why and stay."""
        try:
            project = self._document.open(path)
        except ProjectError as error:
            self._say("The file was not opened.", str(error))
        else:
            self._begin(project.run())

    def save(self) -> bool:
        """Save to the document's file, or ask for one; whether it was saved."""
        return self._write(self._document.path) if self._document.path is not None else self.save_as()

    def save_as(self) -> bool:
        """Ask for a file and save to it; whether it was saved."""
        dialog = QFileDialog(self._window, "Save as", self._folder(), FILTER)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(SUFFIX)  # the dialog's to add: it asks before a file is written over
        path = self._document.path
        dialog.selectFile(path.name if path is not None else f"{self._document.experiment.data.dataset}{SUFFIX}")
        chosen = dialog.selectedFiles() if dialog.exec() else []
        dialog.deleteLater()
        return bool(chosen) and self._write(Path(chosen[0]))

    def may_lose_edits(self) -> bool:
        """Whether to go on: at once if all edits are saved, otherwise as the user answers."""
        if not self._document.is_modified:
            return True
        answer = self._ask(
            QMessageBox.Icon.Question,
            f"Save the changes to {self._document.name}?",
            "They are lost if you do not.",
            Answer.Save | Answer.Discard | Answer.Cancel,
        )
        return self.save() if answer == Answer.Save else answer == Answer.Discard

    def _write(self, path: Path) -> bool:
        try:
            self._document.save(path, self._state())
        except ProjectError as error:
            self._say("The file was not saved.", str(error))
            return False
        return True

    def _folder(self) -> str:
        return str(self._document.path.parent) if self._document.path is not None else str(Path.home())

    def _say(self, headline: str, reason: str) -> None:
        self._ask(QMessageBox.Icon.Warning, headline, reason, Answer.Ok)

    def _ask(self, icon: QMessageBox.Icon, headline: str, details: str, answers: Answer) -> int:
        message = QMessageBox(icon, "Backprop Playground", headline, answers, self._window)
        message.setTextFormat(Qt.TextFormat.PlainText)  # there may be names of files in it
        message.setInformativeText(details)
        answer = message.exec()
        message.deleteLater()
        return answer
