"""Document: the Experiment being edited, its undo stack, and its file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from engine.training import Experiment, Project, load_project, save_project
from playground.model.commands import Edit


class Document(QObject):
    """Every change of the experiment goes through `edit`, and can be undone. Training is never on the undo stack."""

    changed = Signal(object)  # the Experiment now in force
    file_changed = Signal()  # another path, or the first edit after a save

    def __init__(self, experiment: Experiment, path: Path | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.experiment, self.path = experiment, path
        self.undo_stack = QUndoStack(self)
        self.undo_stack.cleanChanged.connect(self._clean_changed)

    def edit(self, experiment: Experiment, text: str, gesture: Any = None) -> None:
        """Go over to a changed experiment. `text` names the edit in the menu, as in "Undo change the noise"."""
        if experiment != self.experiment:
            self.undo_stack.push(Edit(self._apply, self.experiment, experiment, text, gesture))

    @property
    def is_modified(self) -> bool:
        """Whether there are edits that no file has."""
        return not self.undo_stack.isClean()

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
        self.path = path
        self._apply(experiment)
        self.undo_stack.clear()
        self.file_changed.emit()

    def save(self, path: Path, state: dict[str, Any] | None) -> None:
        """Write the experiment with the state of its training. Raises ProjectError and stays as it is."""
        save_project(path, Project(self.experiment, state))
        self.path = path
        self.undo_stack.setClean()
        self.file_changed.emit()

    def _apply(self, experiment: Experiment) -> None:
        self.experiment = experiment
        self.changed.emit(experiment)

    def _clean_changed(self, _clean: bool) -> None:
        self.file_changed.emit()
