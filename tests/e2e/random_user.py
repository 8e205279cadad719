"""A user who does anything at all: real mouse and key events at random, with a seed, in the real program.

`python -m tests.e2e.random_user SEED EVENTS` is that user, and says what went wrong, with the last events before it. An
odd seed is a user of the dark theme.
"""

from __future__ import annotations

import gc
import logging
import os
import random
import sys
import tempfile
import time
import traceback
import warnings
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QTimer, QtMsgType, QUrl, Slot, qInstallMessageHandler
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication

from main import main
from playground.app import settings
from playground.app.errors import HARMLESS
from playground.app.main_window import MainWindow
from playground.ui import theme
from tests.e2e.random_acts import Acts, Event, dismissals
from tests.e2e.random_checks import Checks

SIZE = 1280, 800
PAUSES = (1, 1, 1, 1, 2, 8, 30)  # milliseconds between two events
BETWEEN = 12  # of so many events of an act, one comes after a key
WELL = 25  # after so many events, all is looked at well
OUTSIDE = "Mouse event at"  # what Qt's test library says of a drag beyond the window
TOLD = 20  # events that a failure tells of


class RandomUser(QObject):
    """Random user of a window, from now on and for so many events.

    Attributes:
        wrong: what went wrong, in the order in which it did.
        last: the last events, in words.
    """

    def __init__(self, seed: int, events: int, folder: Path, wrong: list[str]) -> None:
        super().__init__()
        self._seed, self._events, self._folder = seed, events, folder
        self._chance, self._queue, self._depth, self._made = random.Random(seed), deque[Event](), 0, 0
        self.wrong, self.last = wrong, deque[str](maxlen=TOLD)
        QTimer.singleShot(0, self._begin)

    def _begin(self) -> None:
        self._window = next(w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow))
        self._window.resize(*SIZE)
        self._window.installEventFilter(self)
        self._acts = Acts(self._window, self._chance, self._folder)
        self._checks = Checks(self._window)
        self._next_time(1)

    def _next_time(self, pause: int) -> None:
        self._timer = QTimer(singleShot=True, interval=pause, timeout=self._turn)
        self._timer.start()

    def _turn(self) -> None:
        self._next_time(self._chance.choice(PAUSES))  # first of all: an event may open an event loop of its own
        self._depth += 1
        try:
            if not self.wrong and self._made < self._events:
                self._do()
            elif top := next(dismissals(), None):
                top.close()
            elif self._depth == 1:
                self._timer.stop()
                self._end()
        except BaseException:
            self.wrong.append(traceback.format_exc())
        finally:
            self._depth -= 1

    def _do(self) -> None:
        if not self._queue:
            self._queue.extend(self._acts.next())
        elif not self._chance.randrange(BETWEEN):
            self._queue.extendleft(self._acts.meanwhile())
        event = self._queue.popleft()
        self._made += 1
        self.last.append(event.words)
        event.send()
        self._checks.look()
        if self._made % WELL == 0:
            self._checks.look_well()

    def _end(self) -> None:
        for widget in QApplication.topLevelWidgets():
            if widget is not self._window:
                widget.close()
        try:
            if not self.wrong:
                self._checks.finish(self._folder)
        finally:
            self._window.removeEventFilter(self)
            if (path := self._window.document.path) is not None:
                self._window.document.be_saved(path, self._window.document.moment)  # nobody is left to be asked
            self._window.close()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The window stays open as long as there are events to make."""
        if event.type() == QEvent.Type.Close:
            event.ignore()
            return True
        return False

    @Slot(QUrl)
    def visit(self, url: QUrl) -> None:
        """Another program would open this, and none is to."""

    def report(self) -> str:
        """What went wrong, if anything did."""
        told = "\n".join(self.wrong)
        last = "\n".join(f"  {words}" for words in self.last)
        return f"python -m tests.e2e.random_user {self._seed} {self._events}\n{told}\nthe last events:\n{last}"


@contextmanager
def _heard(wrong: list[str]) -> Iterator[None]:
    """All that is complained of inside."""
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: wrong.append(record.getMessage())  # type: ignore[method-assign]
    logging.getLogger().addHandler(handler)
    hook, sys.excepthook = sys.excepthook, lambda *told: wrong.append("".join(traceback.format_exception(*told)))

    def take(kind: QtMsgType, _: object, message: str) -> None:
        if kind not in (QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg) and not message.startswith((HARMLESS, OUTSIDE)):
            wrong.append(f"Qt: {message}")

    messages = qInstallMessageHandler(take)
    try:
        yield
    finally:
        qInstallMessageHandler(messages)
        sys.excepthook = hook
        logging.getLogger().removeHandler(handler)


def use(seed: int, events: int, folder: Path) -> str:
    """Have a random user use the program; what went wrong, if anything did, and how to have it again."""
    wrong: list[str] = []
    (folder / "bad.backprop").write_text('{"not": "a project"}')
    settings.keep_first_steps_seen() if seed % 3 else None
    settings.keep_theme_mode(theme.Mode.DARK if seed % 2 else theme.Mode.LIGHT)
    user = RandomUser(seed, events, folder, wrong)
    for scheme in ("file", "http", "https"):
        QDesktopServices.setUrlHandler(scheme, user, "visit")
    with _heard(wrong):
        status = main([])
    for scheme in ("file", "http", "https"):
        QDesktopServices.unsetUrlHandler(scheme)
    if status:
        wrong.append(f"the exit status is {status}")
    return user.report() if wrong else ""


def _main(seed: int, events: int) -> int:
    """With settings and files of its own; the exit status."""
    warnings.simplefilter("error")
    with tempfile.TemporaryDirectory() as name:
        for place in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"):
            os.environ[place] = name
        began = time.monotonic()
        told = use(seed, events, Path(name))
    print(
        told or f"seed {seed}: {events} events in {time.monotonic() - began:.1f} s, and nothing went wrong", flush=True
    )
    return bool(told)


if __name__ == "__main__":
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    status = _main(int(sys.argv[1]), int(sys.argv[2]))
    gc.collect()
    sys.exit(status)
