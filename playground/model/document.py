"""Document: the Experiment being edited, its undo stack, and its file."""

from __future__ import annotations

from collections.abc import Hashable
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from engine.training import Experiment, Project, load_project, save_project
from playground.model.commands import Edit


class Document(QObject):
    """Document: every change goes through `edit`, and can be undone.

    Training state is never on the undo stack: an edit knows the run and the step that it was made at, by a mark.
    """

    edited = Signal(object, object, bool)  # the Experiment now in force, the mark of its place, and if it begins anew
    returned = Signal(object, object, object)  # the same, the mark to return to, and one for where it stood
    file_changed = Signal()  # another path, or other edits than none that it has not

    def __init__(self, experiment: Experiment, path: Path | None = None, steps: int = 0) -> None:
        super().__init__()
        self.experiment, self.path = experiment, path
        self._steps, self._is_training = steps, False
        self._saved, self._saved_steps = experiment, steps  # what the file has
        self.undo_stack = QUndoStack(self)

    def edit(self, experiment: Experiment, text: str, gesture: Any = None, begins_anew: bool = False) -> None:
        """Go over to a changed experiment. `text` names the edit in the menu, as in "Undo change the noise".

        `begins_anew`: with fresh initial weights, even where the experiment is the same.
        """
        if experiment != self.experiment or begins_anew:
            part_of = None if gesture is None else (gesture, self._saved)  # so that what was saved can be undone to
            do = partial(self._do, begins_anew)
            self.undo_stack.push(Edit(do, self._go_back, self.experiment, experiment, text, part_of))

    def follow(self, experiment: Experiment) -> None:
        """Take what a run was trained with where the user looks at it: no edit."""
        self._take(experiment)

    @property
    def is_modified(self) -> bool:
        """Whether there are edits that no file has, or, where there is a file, training."""
        return self.experiment != self._saved or (self.path is not None and self._steps != self._saved_steps)

    @property
    def state(self) -> str:
        """How it differs from its file, in words."""
        if self.path is None:
            return "not in a file yet"
        if self.experiment != self._saved:
            return "edited since it was saved"
        since = self._steps - self._saved_steps
        if self._is_training:
            return "training since it was saved"
        if since > 0:
            return f"trained {since:,} step{'' if since == 1 else 's'} since it was saved"
        return "saved" if since == 0 else f"saved at step {self._saved_steps:,}"

    def train_to(self, steps: int, is_training: bool) -> None:
        """Take note of how far it is trained, and whether it goes on."""
        before = self.state, self.is_modified
        self._steps, self._is_training = steps, is_training
        if before != (self.state, self.is_modified):
            self.file_changed.emit()

    @property
    def name(self) -> str:
        """The file's name, or what stands for it."""
        return self.path.name if self.path is not None else "Untitled"

    def open(self, path: Path) -> Project:
        """Take a file's experiment, and give what else it holds. Raises ProjectError and stays as it is."""
        project = load_project(path)
        self.renew(project.experiment, path, project.steps)
        return project

    def renew(self, experiment: Experiment, path: Path | None = None, steps: int = 0) -> None:
        """Begin again with another experiment, trained so far: nothing to undo."""
        self.path, self._saved, self._saved_steps, self._steps = path, experiment, steps, steps
        self.undo_stack.clear()
        self._take(experiment)
        self.file_changed.emit()

    def save(self, path: Path, project: Project) -> None:
        """Write what the document is, or lately was. Raises ProjectError and stays as it is."""
        save_project(path, project)
        self.path, self._saved, self._saved_steps = path, project.experiment, project.steps
        self.file_changed.emit()

    def _do(self, begins_anew: bool, experiment: Experiment, mark: Hashable) -> None:
        self._take(experiment)
        self.edited.emit(experiment, mark, begins_anew)

    def _go_back(self, experiment: Experiment, place: Hashable, mark: Hashable) -> None:
        self._take(experiment)
        self.returned.emit(experiment, place, mark)

    def _take(self, experiment: Experiment) -> None:
        was_modified = self.is_modified
        self.experiment = experiment
        if self.is_modified is not was_modified:
            self.file_changed.emit()
