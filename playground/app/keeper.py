"""Autosave: every few seconds what the document has and its file has not is kept in a draft."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, QTimer

from engine.training import ProjectError
from playground.app.drafts import Draft, Opened
from playground.app.writer import Then, Writer
from playground.model.document import Document
from playground.model.runs_file import Copy, Moment

EVERY = 4.0  # seconds


class Keeper(QObject):
    """Autosave of a document.

    Attributes:
        draft: where the document is kept; there may be nothing there yet.
    """

    draft: Draft
    _is_new: bool  # whether nobody has taken it yet
    _kept: Moment  # what needs no keeping

    def __init__(self, parent: QObject, document: Document, writer: Writer, opened: Opened) -> None:
        super().__init__(parent)
        self._document, self._writer = document, writer
        self._is_writing = False
        self._begin(opened)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._look)
        self._timer.start(round(1000 * EVERY))

    @property
    def is_behind(self) -> bool:
        """Whether there is something that is neither in a file nor kept."""
        return self._is_wanted and self._document.moment != self._kept

    @property
    def _is_wanted(self) -> bool:
        """Whether there is something that is in no file."""
        return self._document.path is None or self._document.is_modified

    def keep(self, then: Then) -> None:
        """Keep what there is now; `then` is given the Copy that was kept, or the ProjectError."""
        self._is_writing = True
        if self._is_new:
            self._is_new = not self.draft.take()
        self._writer.write(self.draft.path, partial(self._take, self.draft, then), self._document.path)

    def turn_to(self, opened: Opened) -> None:
        """Let the draft be, and keep another document from now on."""
        if opened.draft is not self.draft:
            self._let_go(self.draft)
        self._begin(opened)

    def move_to(self, draft: Draft, saved: Moment) -> None:
        """Go on with the draft of a file that has what was saved, which was taken already."""
        old, self.draft, self._is_new = self.draft, draft, False
        self._kept = saved
        self._writer.afterwards(old.remove)
        if draft is not old:
            self._let_go(old)

    def forget(self) -> None:
        """Keep nothing: the file lacks nothing any more, or the user does not want it."""
        self._kept = self._document.moment
        self._writer.afterwards(self.draft.remove)

    def stop(self) -> None:
        """Keep nothing from now on, and let another window have the draft."""
        self._timer.stop()
        self._let_go(self.draft)

    def _let_go(self, draft: Draft) -> None:
        self._writer.afterwards(draft.release)

    def _begin(self, opened: Opened) -> None:
        self._is_new = opened.draft is None
        self.draft = Draft.unnamed() if opened.draft is None else opened.draft
        self._kept = opened.moment

    def _look(self) -> None:
        if self._is_writing:
            return
        if self.is_behind:
            self.keep(_nothing)
        elif not self._is_wanted and self.draft.path.exists():
            self.forget()  # what the file lacked was undone, be it while that was written

    def _take(self, draft: Draft, then: Then, outcome: Copy | ProjectError) -> None:
        self._is_writing = False
        if draft is self.draft:
            self._document.fail_to_keep(outcome.reason if isinstance(outcome, ProjectError) else "")
            if isinstance(outcome, Copy):
                self._kept = outcome.moment
        then(outcome)


def _nothing(_: object) -> None:
    """Nobody waits."""
