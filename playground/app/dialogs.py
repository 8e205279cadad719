"""Dialogs: opens those that menus and notices ask for. None is loaded before that, so the window starts sooner."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playground.app.main_window import MainWindow


def find_command(window: MainWindow) -> None:
    """Find a command or a setting by a word of it."""
    from playground.app.search import CommandSearch

    CommandSearch.open_on(window)


def settings(window: MainWindow) -> None:
    """Choose the theme, the text size and what is shown."""
    from playground.app.settings_dialog import SettingsDialog

    SettingsDialog.open_on(window)


def stop_rules(window: MainWindow) -> None:
    """Say when training stops by itself."""
    from playground.app.stop_dialog import StopDialog

    StopDialog.open_on(window)


def guess(window: MainWindow) -> None:
    """Say what training will come to."""
    from playground.app.guess_dialog import GuessDialog

    GuessDialog.open_on(window)


def parts(window: MainWindow) -> None:
    """Choose which parts of the window are seen."""
    from playground.app.parts_dialog import PartsDialog

    PartsDialog(window.parts, window).show()
