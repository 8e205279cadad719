"""Settings: what the program remembers from one day to the next. Not the experiment: that is in its file."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QSettings
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMainWindow

from playground.ui.theme import Mode

ORGANISATION = "Backprop Playground"


def _settings() -> QSettings:
    return QSettings(QSettings.defaultFormat(), QSettings.Scope.UserScope, ORGANISATION, "playground")


def theme_mode() -> Mode:
    """The theme that the user chose last."""
    name = str(_settings().value("theme", Mode.SYSTEM.name))
    return Mode[name] if name in Mode.__members__ else Mode.SYSTEM


def keep_theme_mode(mode: Mode) -> None:
    """Remember the theme."""
    _settings().setValue("theme", mode.name)


def restore_geometry(window: QMainWindow) -> bool:
    """Put the window where it was; False if nothing is remembered, or its screen is gone."""
    geometry = _settings().value("geometry")
    if not isinstance(geometry, QByteArray) or not window.restoreGeometry(geometry):
        return False
    return any(s.availableGeometry().intersects(window.frameGeometry()) for s in QGuiApplication.screens())


def keep_geometry(window: QMainWindow) -> None:
    """Remember where the window is."""
    _settings().setValue("geometry", window.saveGeometry())
