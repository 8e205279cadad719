"""A user whose program is ended at any moment: trains, edits and saves without a pause, and notes what was done when.

`python -m tests.e2e.killed SECONDS [FILE]` does that until it is killed, with an autosave every so many seconds. Each
line that it prints is a time and the steps that were made by then, in all runs together.
"""

from __future__ import annotations

import itertools
import sys
import time
from collections.abc import Hashable

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from main import main
from playground.app import keeper
from playground.app.main_window import MainWindow

PACE = 20  # milliseconds between two things that the user does


def made(content: Hashable) -> int:
    """Steps in all runs of a content."""
    return sum(end for _, end, *_ in content[1]) if isinstance(content, tuple) else 0


def act() -> None:
    """Be that user, from now on."""
    window = next(w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow))
    turn = itertools.count()

    def do() -> None:
        n = next(turn)
        if n == 0:
            window.worker.train(True)
        if n % 7 == 3:
            window.editor.new_points()
        if n % 50 == 20:
            window.reset()
            window.worker.train(True)
        if n % 30 == 10 and window.document.path is not None:
            window.files.save()
        if window.frame is not None:
            print(time.time(), made(window.frame.content), flush=True)

    timer = QTimer(window)
    timer.timeout.connect(do)
    timer.start(PACE)


if __name__ == "__main__":
    keeper.EVERY = float(sys.argv[1])
    QTimer.singleShot(0, act)
    sys.exit(main(sys.argv[2:]))
