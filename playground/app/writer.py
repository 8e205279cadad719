"""Writer: reads and writes files in a thread of its own, so that the window never waits for a disk."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

from engine.training import ProjectError, save_project
from playground.app.drafts import Draft, Opened, open_file
from playground.model.runs import Runs
from playground.model.runs_file import Copy, copy_of
from playground.runtime.worker import Ask

Then = Callable[[Any], None]  # is given what came of it, or the ProjectError; in the window's thread


class Writer(QObject):
    """Writer thread.

    Args:
        ask: asks all runs for what is to be written; may answer in any thread.
    """

    _done = Signal(object, object)

    def __init__(self, parent: QObject, ask: Ask) -> None:
        super().__init__(parent)
        self._ask = ask
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="writer")
        self._has_ended = False
        self._done.connect(self._tell, Qt.ConnectionType.QueuedConnection)

    def write(self, path: Path, then: Then, file: Path | None = None) -> None:
        """Write what the document is now; `then` is given the Copy that was written.

        `file`: that of the document, where this is but a draft of it.
        """
        self._ask(copy_of, partial(self._submit, partial(_write, path, file), then))

    def read(self, path: Path, own: Draft, then: Then) -> None:
        """Read a file; `then` is given what was Opened. See `open_file`."""
        self._ask(_nothing, partial(self._submit, partial(_read, path, own), then))

    def afterwards(self, work: Callable[[], object]) -> None:
        """Do something in the thread when all is written that was asked for before."""
        self._ask(_nothing, lambda _: self._thread.submit(work))

    def do(self, work: Callable[[], Any], then: Then) -> None:
        """Do something else in the thread; `then` is given what came of it. Nothing is done where that has ended."""
        if not self._has_ended:
            self._thread.submit(lambda: self._done.emit(then, work()))

    def tell(self, question: Callable[[Runs], Any], work: Callable[[Any], Any], then: Then) -> None:
        """Do something in the thread with what all runs answer to a question; `then` is given what came of it."""
        self._ask(question, partial(self._submit, work, then))

    def stop(self) -> None:
        """End the thread, when all is written."""
        self._has_ended = True
        self._thread.shutdown()

    def _submit(self, work: Callable[[Any], Any], then: Then, argument: Any) -> None:
        self._thread.submit(lambda: self._done.emit(then, work(argument)))

    def _tell(self, then: Then, outcome: Any) -> None:
        then(outcome)


def _write(path: Path, file: Path | None, told: Copy | Exception) -> Copy | ProjectError:
    if isinstance(told, Exception):
        return ProjectError(path, f"the state of the training cannot be told ({told})")
    try:
        save_project(path, told.project if file is None else replace(told.project, file=str(file)))
    except ProjectError as error:
        return error
    return told


def _nothing(_: Runs) -> None:
    """No question: what was asked for before is over."""


def _read(path: Path, own: Draft, _: None) -> Opened | ProjectError:
    try:
        return open_file(path, own)
    except ProjectError as error:
        return error
