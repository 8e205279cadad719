"""Help desk: opens what menus and captions ask for. Nothing is loaded before that, so the window starts sooner."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMainWindow

if TYPE_CHECKING:
    from playground.app.main_window import MainWindow


def show(window: QMainWindow, heading: str) -> None:
    """Open the help at one of its headings."""
    from playground.app.help import window as help_window

    help_window.show(window, heading)


def at(heading: str) -> Callable[[QMainWindow], None]:
    """What opens the help there."""
    return lambda window: show(window, heading)


def show_for_focus(window: QMainWindow) -> None:
    """Open the help at what the control is about that has the keyboard."""
    from playground.app.help import window as help_window

    help_window.show_for_focus(window)


def show_first_steps(window: MainWindow) -> None:
    """Show the first steps, from the first on."""
    from playground.app.help import first_steps

    first_steps.show(window)


def show_about(window: QMainWindow) -> None:
    """Say what this program is."""
    from playground.app.help.about import About

    About(window).open()
