"""Aside: one question at a time, and of those that come meanwhile the newest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest
from PySide6.QtCore import QObject, Signal
from pytestqt.qtbot import QtBot

from playground.app.aside import Aside
from tests.playground.conftest import heard


class Thread(QObject):
    """A thread that does one thing after another, and tells the window's what came of it."""

    done = Signal(object, object)

    def __init__(self) -> None:
        super().__init__()
        self.pool = ThreadPoolExecutor(1)
        self.done.connect(self._tell)

    def _tell(self, then: Callable[[Any], None], outcome: Any) -> None:
        then(outcome)

    def do(self, work: Callable[[], Any], then: Callable[[Any], None]) -> None:
        self.pool.submit(lambda: self.done.emit(then, work()))


@pytest.fixture
def thread(qtbot: QtBot) -> Iterator[Thread]:
    result = Thread()
    yield result
    result.pool.shutdown()


def test_the_newest_of_those_that_wait_is_answered_next(thread: Thread, qtbot: QtBot) -> None:
    aside, gate, asked = Aside(thread, thread.do), Event(), []
    answers = heard(aside.answered)

    def question(number: int) -> Callable[[], int]:
        def answer() -> int:
            asked.append(number)
            gate.wait(10)
            return number

        return answer

    for number in range(5):
        aside.ask(question(number))
    gate.set()
    qtbot.waitUntil(lambda: len(answers) == 2)
    assert (asked, answers) == ([0, 4], [(0,), (4,)])


def test_what_nobody_wants_to_know_any_more_is_not_told(thread: Thread, qtbot: QtBot) -> None:
    aside, gate = Aside(thread, thread.do), Event()
    answers = heard(aside.answered)
    aside.ask(lambda: gate.wait(10))
    aside.ask(lambda: 1)
    aside.forget()
    aside.ask(lambda: 2)
    gate.set()
    qtbot.waitUntil(lambda: len(answers) > 0)
    assert answers == [(2,)]


def test_an_error_is_logged_and_does_not_stop_what_comes_after(
    thread: Thread, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    aside = Aside(thread, thread.do)
    answers = heard(aside.answered)
    aside.ask(lambda: 1 // 0)
    aside.ask(lambda: 3)
    qtbot.waitUntil(lambda: answers == [(3,)])
    assert "ZeroDivisionError" in caplog.text
