"""File handling: new, open, save, and the question before anything is lost."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from engine.training import PRESETS, Project, ProjectError, write_safely
from playground.app import settings
from playground.app.drafts import SUFFIX, Draft, Opened, fresh
from playground.app.keeper import Keeper
from playground.app.writer import Writer
from playground.model.document import Document
from playground.model.edits import dataset_name
from playground.model.runs import Runs
from playground.model.runs_file import Copy
from playground.runtime.worker import Ask

FILTER = f"Backprop Playground projects (*{SUFFIX} *.json);;All files (*)"
Button = QMessageBox.StandardButton
GO_BACK = Button.Discard | Button.Cancel
Action = Callable[[], None]


class Files(QObject):
    """File menu: what it does. Reading and writing go on in a thread of their own.

    Args:
        window: the dialogs' parent.
        opened: what is open at first.
        document: what is opened and saved.
        ask: asks all runs; may answer in another thread.
        begin: told of what was opened or begun.
        pause: has training pause.

    Attributes:
        do: does something in that thread, and tells what came of it.
    """

    def __init__(
        self,
        window: QWidget,
        opened: Opened,
        document: Document,
        ask: Ask,
        begin: Callable[[Opened], None],
        pause: Action,
    ) -> None:
        super().__init__(window)
        self._window, self._document, self._begin, self._pause = window, document, begin, pause
        self._writer = Writer(self, ask)
        self._keeper = Keeper(self, document, self._writer, opened)
        self._unwritten = 0  # saves that are on their way
        self._then: Action | None = None  # what waits for them
        self.do = self._writer.do
        self._note_recent()

    def new(self, preset: str) -> None:
        """Begin again from a preset."""
        self.before_losing_edits(lambda: self._show(fresh(Project(PRESETS[preset]))))

    def open(self) -> None:
        """Ask for a file, and open it."""
        self.before_losing_edits(self._choose)

    def open_path(self, path: Path) -> None:
        """Open a file; if it cannot be, say why and stay."""
        self.before_losing_edits(partial(self._read, path))

    def save(self) -> bool:
        """Save to the document's file, or ask for one; whether there is one to be written."""
        return self._save_to(self._document.path) if self._document.path is not None else self.save_as()

    def save_as(self) -> bool:
        """Ask for a file and save to it; whether there is one to be written."""
        path = self._document.path
        name = path.name if path is not None else f"{self._document.experiment.data.dataset}{SUFFIX}"
        chosen = self._ask_where("Save as", name, FILTER)
        return chosen is not None and self._save_to(chosen)

    def revert(self) -> None:
        """Go back to what the file has, if the user agrees to lose what it has not."""
        path = self._document.path
        question = f"Go back to what {self._document.name} has?"
        details = "What you changed and trained since it was saved is lost."
        if path is not None and self._ask(QMessageBox.Icon.Question, question, details, GO_BACK) == Button.Discard:
            self._keeper.forget()
            self._read(path)

    def export(self, name: str, kinds: str, make: Callable[[str], bytes]) -> None:
        """Ask for a file, and write to it what `make` makes for its suffix.

        `kinds`: of files, as a file dialog's filters; that of the name comes first.
        """
        path = self._ask_where("Export", name, kinds)
        if path is not None:
            error = _try_to_write(path, make)
            if error:
                self._say("The file was not saved.", str(error))

    def export_apart(self, name: str, kinds: str, make: Callable[[str], bytes], say: Callable[[str], None]) -> None:
        """The same for what takes long: it is made in the thread too, and said when it is begun and done."""
        path = self._ask_where("Export", name, kinds)
        if path is not None:
            say(f"Writing {path.name}…")
            self.do(partial(_try_to_write, path, make), partial(self._exported, path, say))

    def export_told(
        self,
        name: str,
        kinds: str,
        question: Callable[[Runs], Any],
        make: Callable[[str, Any], bytes],
        say: Callable[[str], None],
    ) -> None:
        """The same of what all runs answer to a question, which `make` is given beside the suffix."""
        path = self._ask_where("Export", name, kinds)
        if path is not None:
            say(f"Writing {path.name}…")
            write = partial(_try_to_write_told, path, make)
            self._writer.tell(question, write, partial(self._exported, path, say))

    def _exported(self, path: Path, say: Callable[[str], None], error: ProjectError | None) -> None:
        say("" if error else f"{path.name} is written.")
        if error:
            self._say("The file was not saved.", str(error))

    def before_losing_edits(self, then: Action) -> None:
        """Go on when nothing is lost by it: at once, or when all is written, if the user does not call it off."""
        if self._unwritten:
            self._then = then
        elif self._document.path is None and self._keeper.is_behind:
            self._pause()  # or there would be something new to keep, again and again
            self._unwritten += 1
            self._keeper.keep(partial(self._kept, then))
        elif self._document.path is None or not self._document.is_modified:
            then()
        else:
            self._ask_to_save(then, "They are lost if you do not.")

    def stop(self) -> None:
        """End the thread that reads and writes, when all is written."""
        self._note_recent()
        self._keeper.stop()
        self._writer.stop()

    def _ask_to_save(self, then: Action, details: str) -> None:
        headline = f"Save the changes to {self._document.name}?"
        answer = self._ask(QMessageBox.Icon.Question, headline, details, Button.Save | Button.Discard | Button.Cancel)
        if answer == Button.Discard:
            self._keeper.forget()
            then()
        elif answer == Button.Save and self.save():
            self._then = then

    def _kept(self, then: Action, outcome: Copy | ProjectError) -> None:
        """Go on when it is kept; ask where it cannot be."""
        self._unwritten -= 1
        if isinstance(outcome, ProjectError):
            self._ask_to_save(self._then or then, f"They cannot be kept without a file: {outcome.reason}.")
        else:
            self._go_on(then)

    def _go_on(self, then: Action | None) -> None:
        """Do what waited for all to be written, if it still can without a loss."""
        self._then = self._then or then
        if self._then is not None and not self._unwritten:
            then, self._then = self._then, None
            self.before_losing_edits(then)

    def _save_to(self, path: Path) -> bool:
        is_same = path == self._document.path
        draft = self._keeper.draft if is_same else Draft.of(path)
        if not is_same and not draft.take():
            self._say("The file was not saved.", f"{path}: it is open in another window; choose another name")
            return False
        self._unwritten += 1
        self._writer.write(path, partial(self._take_saved, path, draft))
        return True

    def _take_saved(self, path: Path, draft: Draft, outcome: Copy | ProjectError) -> None:
        """Take note of what was saved; what was edited since is not in it."""
        self._unwritten -= 1
        if isinstance(outcome, ProjectError):
            if draft is not self._keeper.draft:
                draft.release()
            self._then = None
            self._say("The file was not saved.", str(outcome))
            return
        self._keeper.move_to(draft, outcome.moment)
        self._document.be_saved(path, outcome.moment)
        self._note_recent()
        self._go_on(None)

    def _take(self, opened: Opened | ProjectError) -> None:
        if isinstance(opened, ProjectError):
            self._say("The file was not opened.", str(opened))
        else:
            self._show(opened)

    def _show(self, opened: Opened) -> None:
        self._note_recent()
        self._keeper.turn_to(opened)
        self._document.renew(opened.moment, opened.path, opened.saved)
        self._begin(opened)
        self._note_recent()

    def _note_recent(self) -> None:
        """Have what is open be among the recent ones, once there is something of it on the disk."""
        path, draft = self._document.path, self._keeper.draft.path
        if path is not None:
            settings.keep_recent(path, path.name)
        elif draft.exists():
            experiment, steps = self._document.experiment, self._document.moment.steps
            settings.keep_recent(draft, f"Untitled: {dataset_name(experiment)}, {steps:,} steps")

    def _choose(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self._window, "Open", self._folder(), FILTER)
        if path:
            self._read(Path(path))

    def _ask_where(self, title: str, name: str, kinds: str) -> Path | None:
        """Ask for a file to write to; None if the user gives up."""
        dialog = QFileDialog(self._window, title, self._folder(), kinds)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(Path(name).suffix)  # the dialog's to add: it asks before a file is written over
        dialog.selectFile(name)
        chosen = dialog.selectedFiles() if dialog.exec() else []
        dialog.deleteLater()
        return Path(chosen[0]) if chosen else None

    def _read(self, path: Path) -> None:
        self._writer.read(path, self._keeper.draft, self._take)

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


def _try_to_write(path: Path, make: Callable[[str], bytes]) -> ProjectError | None:
    try:
        write_safely(path, make(path.suffix.removeprefix(".").lower()))
    except ProjectError as error:
        return error
    return None


def _try_to_write_told(path: Path, make: Callable[[str, Any], bytes], told: Any) -> ProjectError | None:
    if isinstance(told, Exception):
        return ProjectError(path, f"the runs cannot be told ({told})")
    return _try_to_write(path, lambda suffix: make(suffix, told))
