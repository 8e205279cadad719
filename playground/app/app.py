"""Application object, its theme, and the collection of garbage: the program around the window."""

from __future__ import annotations

import gc
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import shiboken6
from PySide6.QtCore import QMetaObject, QObject, QSize, Qt, QTimer
from PySide6.QtGui import QClipboard
from PySide6.QtWidgets import QApplication

from engine.training import Project, experiment_of, is_setup_text
from playground.app import settings
from playground.app.drafts import Opened, fresh, open_file, open_left
from playground.app.errors import ErrorLog, noted
from playground.app.help import desk
from playground.app.main_window import MainWindow
from playground.app.problems import ProblemsButton
from playground.ui import theme

SIZE = (1440, 900)
LATER = 150  # milliseconds after the start, when the tabs that nobody has opened are loaded
TURN = 0.0005  # seconds that a thread computes while others wait; Python's own 0.005 add up where three of them do
SCREEN_SHARE = 0.94  # of the screen at most, so that the window's frame has room


class Collector(QObject):
    """Garbage collector in the window's thread only: a Qt object freed in another one is a crash.

    It ends with the window's work, before Qt takes the window down: to collect in the middle of that can lock up.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        gc.disable()
        if not gc.get_freeze_count():
            gc.freeze()  # all modules, which stay: looking through them takes longer than a frame
        window.ended.connect(self._end)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._collect)
        self._timer.start(2_000)

    def _end(self) -> None:
        self._timer.stop()
        gc.enable()

    def _collect(self) -> None:
        counts, limits = gc.get_count(), gc.get_threshold()
        for generation in (2, 1, 0):
            if counts[generation] > limits[generation]:
                gc.collect(generation)
                return


def application() -> QApplication:
    """The application object, dressed in the theme that was chosen last."""
    existing = QApplication.instance()
    app = existing if isinstance(existing, QApplication) else QApplication(sys.argv[:1])
    app.setApplicationName("Backprop Playground")
    app.setApplicationDisplayName("")
    app.setStyle("Fusion")
    sys.setswitchinterval(TURN)
    theme.set_text_size(settings.text_size())
    theme.set_mode(settings.theme_mode())
    return app


def open_window(opened: Opened | None = None) -> MainWindow:
    """The window on a document, or on the first preset."""
    opened = fresh() if opened is None else opened
    with theme.dressed_at_the_end():
        window = MainWindow(opened)
    Collector(window)
    window.worker.start()  # not before there is a collector, or the worker's thread would collect
    return window


def run(source: str | None = None) -> int:
    """Open the window, on a file, a setup text or what was left, and stay until it is closed; returns the exit status.

    Raises ProjectError if the file cannot be read, InvalidError if the setup text cannot.
    """
    log = ErrorLog()
    with noted(log):
        return _run(application(), source, log)


def _opened(source: str | None) -> Opened | None:
    if source is None:
        return open_left()
    return fresh(Project(experiment_of(source))) if is_setup_text(source) else open_file(Path(source))


def _run(app: QApplication, source: str | None, log: ErrorLog) -> int:
    window = open_window(_opened(source))
    ProblemsButton(log, window)
    if not settings.restore_geometry(window):
        room = app.primaryScreen().availableGeometry().size() * SCREEN_SHARE
        window.resize(QSize(*SIZE).boundedTo(room))
    try:
        with _interruptible(window):
            window.show()
            window.setFocus()  # not on the first button: the keys are the window's until Tab is pressed
            window.inspector.load_later(LATER)
            if not settings.first_steps_seen():
                desk.show_first_steps(window)
            return app.exec()
    finally:
        window.end()
        window.deleteLater()
        _leave_as_text(app.clipboard())


def _leave_as_text(clipboard: QClipboard) -> None:
    """Have no object of Python's on the clipboard: Qt outlives Python, and would free it with no Python left."""
    content = clipboard.mimeData()
    if content is not None and shiboken6.createdByPython(content):
        clipboard.setText(clipboard.text())


@contextmanager
def _interruptible(window: MainWindow) -> Iterator[None]:
    """Ctrl+C in the terminal closes the window as its own button does."""

    def close(*_: object) -> None:
        QMetaObject.invokeMethod(window, "close", Qt.ConnectionType.QueuedConnection)

    handler = signal.signal(signal.SIGINT, close)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
