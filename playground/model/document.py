"""Document: the Experiment being edited, its undo stack, and its file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from engine.training import Experiment, Project, load_project, save_project
from playground.model.commands import Edit


class Document(QObject):
    """Document: every change goes through `edit`, and can be undone. Training is never on the undo stack."""

    changed = Signal(object)  # the Experiment now in force
    file_changed = Signal()  # another path, or other edits than none that it has not

    def __init__(self, experiment: Experiment, path: Path | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.experiment, self.path = experiment, path
        self._saved = experiment  # what the file has
        self.undo_stack = QUndoStack(self)

    def edit(self, experiment: Experiment, text: str, gesture: Any = None) -> None:
        """Go over to a changed experiment. `text` names the edit in the menu, as in "Undo change the noise"."""
        if experiment != self.experiment:
            part_of = None if gesture is None else (gesture, self._saved)  # so that what was saved can be undone to
            self.undo_stack.push(Edit(self._apply, self.experiment, experiment, text, part_of))

    @property
    def is_modified(self) -> bool:
        """Whether there are edits that no file has."""
        return self.experiment != self._saved

    @property
    def name(self) -> str:
        """The file's name, or what stands for it."""
        return self.path.name if self.path is not None else "Untitled"

    def open(self, path: Path) -> Project:
        """Take a file's experiment, and give what else it holds. Raises ProjectError and stays as it is."""
        project = load_project(path)
        self.renew(project.experiment, path)
        return project

    def renew(self, experiment: Experiment, path: Path | None = None) -> None:
        """Begin again with another experiment: nothing to undo."""
        self.path, self._saved = path, experiment
        self._apply(experiment)
        self.undo_stack.clear()
        self.file_changed.emit()

    def save(self, path: Path, project: Project) -> None:
        """Write what the document is, or lately was. Raises ProjectError and stays as it is."""
        save_project(path, project)
        self.path, self._saved = path, project.experiment
        self.file_changed.emit()

    def _apply(self, experiment: Experiment) -> None:
        was_modified = self.is_modified
        self.experiment = experiment
        self.changed.emit(experiment)
        if self.is_modified is not was_modified:
            self.file_changed.emit()
