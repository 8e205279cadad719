"""Drafts: what is in no file yet, or has changed since, kept in a folder of the program's until it is in one.

A document without a file has a draft of its own, which stays when the window is closed. One with a file has one only
while there is something that the file lacks. A lock says that a window has it; one that nobody released was left by a
program that was ended, so what is there is recovered.
"""

from __future__ import annotations

import logging
import os
import time
from datetime import datetime
from pathlib import Path
from secrets import token_hex

from PySide6.QtCore import QLockFile, QStandardPaths

from engine.dataclass import dataclass
from engine.training import AT_LAUNCH, PRESETS, Project, ProjectError
from playground.model.runs import Runs
from playground.model.runs_file import Moment, moment_of, open_project, runs_of
from playground.model.tables import experiment_from, is_table, left_out

SUFFIX = ".backprop"
LEFT = "This is what you left when the window was closed."
_log = logging.getLogger(__name__)


def folder() -> Path:
    """Where drafts are."""
    return Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppDataLocation)) / "drafts"


class Draft:
    """Draft of a document: its place in the folder, which one window has at a time.

    Attributes:
        path: where it is, if there is one.
        was_left: whether a program that had it was ended before it could release it.
    """

    def __init__(self, name: str) -> None:
        self.path = folder() / f"{name}{SUFFIX}"
        self.was_left = False
        self._lock = QLockFile(str(self.path.with_suffix(".lock")))
        self._lock.setStaleLockTime(0)  # as long as its process lives; how old it is says nothing

    @classmethod
    def of(cls, file: Path) -> Draft:
        """The draft of what a file does not have yet."""
        import hashlib  # a window without a file need not wait for it

        return cls(f"file-{hashlib.sha256(os.path.realpath(file).encode()).hexdigest()[:24]}")

    @classmethod
    def unnamed(cls) -> Draft:
        """A new draft, of what has no file."""
        return cls(f"{datetime.now():%Y-%m-%d %H.%M.%S} {token_hex(4)}")

    def take(self) -> bool:
        """Have it, if no other window has; whether that is so. Where nothing can be written, nobody else can either."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError:
            return True
        self.was_left = self.path.with_suffix(".lock").exists()
        return self._lock.tryLock(0) or self._lock.error() is not QLockFile.LockError.LockFailedError

    def release(self) -> None:
        """Let another window have it."""
        self._lock.unlock()

    def remove(self) -> None:
        """Have nothing there, since a file has it all."""
        self.path.unlink(missing_ok=True)


@dataclass
class Opened:
    """Opened document: what a window begins with.

    Attributes:
        project, runs: what it holds.
        path: its file; None if it has none.
        draft: where it is kept, and already taken; None for a new one.
        saved: what the file has, if that is not the same.
        note: what to tell the user of it.
    """

    project: Project
    runs: Runs
    path: Path | None = None
    draft: Draft | None = None
    saved: Moment | None = None
    note: str = ""

    @property
    def moment(self) -> Moment:
        """What the document is at first."""
        return moment_of(self.project, self.runs)


def fresh(project: Project | None = None) -> Opened:
    """A document without a file: of a project, or of the first preset. Raises InvalidError if its runs do not fit."""
    project = Project(PRESETS[AT_LAUNCH]) if project is None else project
    return Opened(project, runs_of(project))


def open_file(path: Path, own: Draft | None = None) -> Opened:
    """A file: a table as a new document; or a project, with what of it was not saved when the program was ended.

    Raises InvalidError or ProjectError if it cannot be read.

    `own`: the draft that the window has already, which may be that of this file.
    """
    if is_table(path):
        return _of_table(path)
    is_draft = path.resolve().parent == folder().resolve()
    draft = Draft(path.stem) if is_draft else Draft.of(path)
    if own is not None and own.path == draft.path:
        draft = own
    elif not draft.take():
        note = f"{path.name} is open in another window. This is a copy, which has no file yet."
        return Opened(*open_project(path), note=note)
    try:
        left = _open(draft) if draft.path.exists() else None
        return Opened(*open_project(path), path, draft) if left is None else left
    except ProjectError:
        if draft is not own:
            draft.release()
        raise


def _of_table(path: Path) -> Opened:
    """A new document with the points of a table."""
    experiment, refused = experiment_from(path)
    columns = experiment.data.columns
    told = f"{len(experiment.data.points):,} points of {path.name}, to learn {columns[-1].name}."
    opened = fresh(Project(experiment))
    opened.note = f"{told} {left_out(len(refused))}: {refused[0]}." if refused else told
    return opened


def open_left() -> Opened | None:
    """What was worked on last and is in no file; None if there is nothing. What cannot be read is set aside."""
    for path in sorted(folder().glob(f"*{SUFFIX}"), key=_age):
        draft = Draft(path.stem)
        if draft.take():
            if (left := _open(draft)) is not None:
                return left
            draft.release()
    return None


def _open(draft: Draft) -> Opened | None:
    """What a draft holds that was taken; None if it cannot be read, and then it is set aside."""
    try:
        project, runs = open_project(draft.path)
    except ProjectError as error:
        _log.warning("%s", error)
        draft.path.rename(draft.path.with_suffix(".damaged"))
        return None
    path = None if project.file is None else Path(project.file)
    saved = None if path is None else _saved_in(path)
    when = datetime.fromtimestamp(draft.path.stat().st_mtime)
    note = f"Recovered: step {project.steps:,}, as of {when:%H:%M on %d %B}. The program was ended before it was saved."
    is_left = draft.was_left or path is not None
    return Opened(project, runs, path, draft, saved, note if is_left else LEFT)


def _saved_in(path: Path) -> Moment:
    """What a file has; what nothing is equal to where it cannot be read."""
    try:
        return moment_of(*open_project(path))
    except ProjectError:
        return Moment(fresh().project.experiment, object())


def _age(path: Path) -> float:
    return time.time() - path.stat().st_mtime
