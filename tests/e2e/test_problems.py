"""Problems: whatever goes wrong is listed in the window, which goes on, and kept in a file."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QObject, Qt, QUrl, Slot, qWarning
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QLabel, QListWidget, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from playground.app import errors
from playground.app.help.about import versions
from playground.app.problems import ProblemsWindow
from playground.ui import theme
from playground.ui.controls import Button
from tests.e2e.conftest import User

Play = Callable[..., int]
pytestmark = pytest.mark.qt_log_ignore("careless", "This plugin does not support")


def fail() -> None:
    """A bug."""
    raise RuntimeError("a bug in a slot")


def in_the_log() -> str:
    """The newest file of the log."""
    return (errors.folder() / "log.txt").read_text(encoding="utf-8")


def opened(user: User, button: str) -> ProblemsWindow:
    """The window of problems, by its button."""
    buttons = user.window.statusBar().findChildren(Button)
    user.wait(lambda: button in [b.accessibleName() for b in buttons], 5_000)
    user.press(button)
    window = user.window.findChild(ProblemsWindow)
    user.wait(window.isActiveWindow)
    assert not window.isModal()
    return window


def listed(window: ProblemsWindow) -> list[str]:
    """The sentences in a window of problems, without the time."""
    rows = window.findChild(QListWidget)
    return [rows.item(row).text().split("  ", 1)[1] for row in range(rows.count())]


def test_a_bug_is_listed_and_kept_and_the_program_goes_on(play: Play, qtbot: QtBot) -> None:
    def script(user: User) -> None:
        bar = user.window.statusBar()
        before = {w: w.geometry() for w in bar.findChildren(QWidget) if w.isVisible()}
        user.window.transport.step_asked.connect(fail)
        user.press("Step")
        window = opened(user, "1 problem")
        assert {w: w.geometry() for w in before} == before  # nothing has moved
        assert listed(window) == ["Unexpected error: RuntimeError: a bug in a slot"]
        assert "in fail" in window.findChild(QPlainTextEdit).toPlainText()
        user.press("Copy details")
        copied = QGuiApplication.clipboard().text()
        assert copied.startswith(versions())
        assert "in fail" in copied
        user.key(Qt.Key.Key_Escape)
        assert not window.isVisible()
        user.press("Train")
        user.wait_for_step(5)  # what else was to happen does happen
        assert versions().splitlines()[-1] in in_the_log()
        assert "in fail" in in_the_log()

    hook = sys.excepthook
    with qtbot.captureExceptions() as errors_told:
        assert play(script) == 0
    assert [str(error) for _, error, _ in errors_told] == ["a bug in a slot"]  # the terminal has it too
    assert sys.excepthook is hook


def test_what_happens_a_thousand_times_is_counted(play: Play, qtbot: QtBot) -> None:
    def script(user: User) -> None:
        user.window.transport.step_asked.connect(fail)
        for _ in range(1500):
            user.window.transport.step_asked.emit()
        window = opened(user, "1 problem")
        assert len(listed(window)) == 1
        assert "(1,500 times, last at " in listed(window)[0]
        assert in_the_log().count("Unexpected error") == 4  # the 1st, the 10th, the 100th, the 1,000th
        window.close()

    with qtbot.captureExceptions() as errors_told:
        assert play(script) == 0
    assert len(errors_told) == 4


def test_other_threads_and_qt_and_what_is_logged_are_listed_too(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Any] = []
    monkeypatch.setattr(threading, "excepthook", told.append)
    hook = threading.excepthook

    def script(user: User) -> None:
        thread = threading.Thread(target=fail)
        thread.start()
        thread.join()
        qWarning("careless with thing 1")
        qWarning("careless with thing 2")
        qWarning("This plugin does not support it")
        logging.getLogger("somewhere").warning("the %s is full", "disk")
        window = opened(user, "3 problems")
        first, second, third = listed(window)
        assert first == "Unexpected error: RuntimeError: a bug in a slot"
        assert second.startswith("Qt: careless with thing 1 (2 times")
        assert third == "The disk is full"
        assert all(words in in_the_log() for words in ("a bug in a slot", "careless with thing 1", "disk is full"))
        window.close()

    handlers = list(logging.getLogger().handlers)
    assert play(script) == 0
    assert len(told) == 1
    assert threading.excepthook is hook
    assert logging.getLogger().handlers == handlers


class Desktop(QObject):
    """The desktop, asked to open something."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    @Slot(QUrl)
    def open_it(self, url: QUrl) -> None:
        """Note it."""
        self.asked.append(url.toLocalFile())


def test_the_folder_of_the_log_is_a_click_away(play: Play, qtbot: QtBot) -> None:
    desktop = Desktop()
    QDesktopServices.setUrlHandler("file", desktop, "open_it")

    def script(user: User) -> None:
        user.window.transport.step_asked.connect(fail)
        user.press("Step")
        window = opened(user, "1 problem")
        user.press("Open the log's folder")
        window.close()

    try:
        with qtbot.captureExceptions():
            assert play(script) == 0
    finally:
        QDesktopServices.unsetUrlHandler("file")
    assert desktop.asked == [str(errors.folder())]
    assert errors.folder().is_dir()


class UnprintableError(Exception):
    """Error that fails where it is told."""

    def __str__(self) -> str:
        raise ValueError("careless")


def test_an_error_that_cannot_be_told_and_a_log_that_cannot_be_written_stop_nothing(play: Play, qtbot: QtBot) -> None:
    def fail_badly() -> None:
        raise UnprintableError

    def script(user: User) -> None:
        errors.folder().parent.mkdir(parents=True, exist_ok=True)
        errors.folder().write_text("no folder")
        user.window.transport.step_asked.connect(fail_badly)
        user.press("Step")
        window = opened(user, "1 problem")
        assert "UnprintableError" in listed(window)[0]
        window.close()
        user.press("Train")
        user.wait_for_step(5)

    with qtbot.captureExceptions() as errors_told:
        assert play(script) == 0
    assert len(errors_told) == 1


def test_the_log_stays_small(qtbot: QtBot) -> None:
    log = errors.ErrorLog()
    with errors.noted(log):
        for number in range(600):
            record = logging.LogRecord("test", logging.WARNING, "", 0, f"{number} " + "long " * 400, None, None)
            assert log.note(record, number)
    files = sorted(errors.folder().iterdir())
    assert len(files) == errors.FILES
    assert all(file.stat().st_size <= errors.FILE_SIZE for file in files)
    assert "599 long" in in_the_log()
    assert len(log.problems()) == errors.MOST
    assert log.problems()[-1].sentence.startswith("599")


@pytest.mark.parametrize("share", [1.0, 1.5])
def test_nothing_is_cut_in_the_window_of_problems(play: Play, qtbot: QtBot, share: float) -> None:
    def script(user: User) -> None:
        user.window.transport.step_asked.connect(fail)
        user.press("Step")
        theme.set_text_size(share)
        window = opened(user, "1 problem")
        for label in window.findChildren(QLabel):
            assert label.height() >= label.heightForWidth(label.width())
        for button in window.findChildren(Button):
            assert button.width() >= button.sizeHint().width()
        window.close()

    try:
        with qtbot.captureExceptions():
            assert play(script) == 0
    finally:
        theme.set_text_size(1)
