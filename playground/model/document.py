"""Document: the Experiment being edited, its undo stack, and its file."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from engine.training import Experiment
from playground.model.branch import RunSummary
from playground.model.commands import USUAL, Edit, Manner, Said, Telling
from playground.model.runs_file import Moment


class Document(QObject):
    """Document: every change goes through `edit`, and can be undone.

    Training state is never on the undo stack: an edit knows the run and the step that it was made at, by a mark.

    Args:
        moment: what there is at first.
        path: its file; None if it has none yet.
        saved: what the file has, if it is another moment.

    Attributes:
        trouble: why what has no file yet cannot be kept; empty where it is.
    """

    edited = Signal(object, object, object)  # the Experiment now in force, the mark of its place, and the Manner
    returned = Signal(object, object, object)  # the same, the mark to return to, and one for where it stood
    told = Signal(int, object)  # the number of a run, and what is said of it from now on
    file_changed = Signal()  # another path, or other edits than none that it has not

    def __init__(self, moment: Moment, path: Path | None = None, saved: Moment | None = None) -> None:
        super().__init__()
        self.moment, self.path = moment, path
        self.trouble = ""
        self._saved = moment if saved is None else saved
        self._is_training = False
        self._said: dict[tuple[int, str], Any] = {}  # of runs, by their numbers and the fields of their summaries
        self.undo_stack = QUndoStack(self)

    @property
    def experiment(self) -> Experiment:
        """What is trained."""
        return self.moment.experiment

    def edit(self, experiment: Experiment, text: str, gesture: Any = None, manner: Manner = USUAL) -> None:
        """Go over to a changed experiment. `text` names the edit in the menu, as in "Undo change the noise"."""
        if experiment != self.experiment or manner != USUAL:
            part_of = None if gesture is None else (gesture, self._saved)  # so that what was saved can be undone to
            how = manner._replace(gesture=part_of)
            self.undo_stack.push(Edit(self._do, self._go_back, self.experiment, experiment, text, how))

    def tell(self, runs: Sequence[RunSummary], text: str, said: Said, gesture: Hashable = None) -> None:
        """Have something said of runs. `text` names it in the menu, as in "Undo name a run"."""
        before = {run.number: {name: self.said_of(run, name) for name in said} for run in runs}
        self.undo_stack.push(Telling(self._tell, before, said, text, gesture))

    def said_of(self, run: RunSummary, name: str) -> Any:
        """What is said of a run, though the frame that has its summary may be older: a field of it."""
        return self._said.get((run.number, name), getattr(run, name))

    @property
    def last_change(self) -> tuple[Experiment, Experiment] | None:
        """From what to what the last edit led that can be undone; None if there is none."""
        last = self.undo_stack.command(self.undo_stack.index() - 1)
        return last.change if isinstance(last, Edit) else None

    def follow(self, experiment: Experiment) -> None:
        """Take what a run was trained with where the user looks at it: no edit."""
        self._take(experiment)

    @property
    def is_modified(self) -> bool:
        """Whether there are edits that no file has, or, where there is a file, training."""
        now, saved = self.moment, self._saved
        return now.experiment != saved.experiment or (self.path is not None and now.content != saved.content)

    @property
    def state(self) -> str:
        """How it differs from its file, in words."""
        if self.trouble:
            return f"cannot be kept: {self.trouble}"
        if self.path is None:
            return "not in a file yet"
        if not self.is_modified:
            return "saved"
        if self.experiment != self._saved.experiment:
            return "edited since it was saved"
        if self._is_training:
            return "training since it was saved"
        since = self.moment.steps - self._saved.steps
        return (
            f"trained {since:,} step{'' if since == 1 else 's'} since it was saved"
            if since > 0
            else "changed since it was saved"
        )

    def look(self, content: Hashable, steps: int, is_training: bool) -> None:
        """Take note of what was trained, of the step that is looked at, and whether it goes on."""
        before = self.state, self.is_modified
        self.moment, self._is_training = self.moment._replace(content=content, steps=steps), is_training
        if before != (self.state, self.is_modified):
            self.file_changed.emit()

    def fail_to_keep(self, trouble: str) -> None:
        """Take note of why it cannot be kept; or that it is, if that is empty."""
        if trouble != self.trouble:
            self.trouble = trouble
            self.file_changed.emit()

    @property
    def name(self) -> str:
        """The file's name, or what stands for it."""
        return self.path.name if self.path is not None else "Untitled"

    def renew(self, moment: Moment, path: Path | None = None, saved: Moment | None = None) -> None:
        """Begin again with another experiment and its runs: nothing to undo."""
        self.path, self.moment, self._saved = path, moment, moment if saved is None else saved
        self.trouble = ""
        self.undo_stack.clear()
        self._said.clear()
        self.file_changed.emit()

    def be_saved(self, path: Path, saved: Moment) -> None:
        """Take note that a file has what the document is, or lately was."""
        self.path, self._saved = path, saved
        self.file_changed.emit()

    def _do(self, experiment: Experiment, mark: Hashable, manner: Manner) -> None:
        self._take(experiment)
        self.edited.emit(experiment, mark, manner)

    def _tell(self, number: int, said: Said) -> None:
        self._said |= {(number, name): value for name, value in said.items()}
        self.told.emit(number, said)

    def _go_back(self, experiment: Experiment, place: Hashable, mark: Hashable) -> None:
        self._take(experiment)
        self.returned.emit(experiment, place, mark)

    def _take(self, experiment: Experiment) -> None:
        was_modified = self.is_modified
        self.moment = self.moment._replace(experiment=experiment)
        if self.is_modified is not was_modified:
            self.file_changed.emit()
