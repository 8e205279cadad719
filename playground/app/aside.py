"""Aside: questions that take a while, answered beside the window's thread, one at a time and the newest next."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Signal

_log = logging.getLogger(__name__)
Question = Callable[[], Any]
Do = Callable[[Question, Callable[[Any], None]], None]


class Aside(QObject):
    """Aside of a view. A question that comes while one is answered takes the place of the one that waits.

    Args:
        do: has something done in a thread, and tells what came of it.
    """

    answered = Signal(object)

    def __init__(self, parent: QObject, do: Do) -> None:
        super().__init__(parent)
        self._do = do
        self._is_busy, self._is_wanted = False, False  # the second of the one that is being answered
        self._next: Question | None = None

    def ask(self, question: Question) -> None:
        """Have a question answered, soon."""
        if self._is_busy:
            self._next = question
        else:
            self._is_busy = self._is_wanted = True
            self._do(partial(_answer, question), self._take)

    def forget(self) -> None:
        """Nobody wants to know any more."""
        self._is_wanted, self._next = False, None

    def _take(self, answer: Any) -> None:
        self._is_busy = False
        if self._is_wanted and answer is not None:
            self.answered.emit(answer)
        if self._next is not None:
            question, self._next = self._next, None
            self.ask(question)


def _answer(question: Question) -> Any:
    """What comes of a question; None if that is an error, which is not to stop those that come after it."""
    try:
        return question()
    except Exception:
        _log.exception("a question that a view has asked cannot be answered")
        return None
