"""A walk through the program's windows: every dialog there is, opened as a user opens it."""

from __future__ import annotations

import logging
from collections.abc import Callable

from PySide6.QtWidgets import QApplication, QMenu, QWidget

from playground.app.help.first_steps import FirstSteps
from playground.app.problems import ProblemsButton
from tests.e2e.conftest import User

ENTRIES = ("Settings…", "Show and hide…", "Find a command…", "About Backprop Playground", "Guide")  # of the menus
PROBLEM = "Unexpected error: something went wrong in a place of which nobody knows, and it takes a long line to say it"


def lay_out() -> None:
    """Have everything find its place: what was laid out may lay out others."""
    for _ in range(3):
        QApplication.processEvents()


def opened(user: User) -> list[QWidget]:
    """What is open beside the window."""
    windows = [w for w in QApplication.topLevelWidgets() if w.isVisible() and not isinstance(w, QMenu)]
    return [window for window in windows if window is not user.window]


def open_each(user: User, look: Callable[[QWidget], object]) -> None:
    """Open one dialog after the other, have a look at it, and close it."""
    for entry in ENTRIES:
        user.window.activateWindow()
        user.wait(user.window.isActiveWindow)
        user.choose(entry)
        _look_at(user, look)
    logging.getLogger("walk").warning(PROBLEM)
    button = user.window.findChild(ProblemsButton)
    user.wait(button.isVisible)
    button.click()
    _look_at(user, look)


def _look_at(user: User, look: Callable[[QWidget], object]) -> None:
    user.wait(lambda: len(opened(user)) == 1, 5_000)
    lay_out()
    (dialog,) = opened(user)
    look(dialog)
    dialog.close()
    user.wait(lambda: not opened(user), 5_000)


def callout(user: User) -> FirstSteps:
    """The one of the first steps that is shown."""
    (shown,) = [step for step in user.window.findChildren(FirstSteps) if step.isVisible()]
    return shown
