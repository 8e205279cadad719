"""Settings: what the program remembers from one day to the next. Not the experiment: that is in its file."""

from __future__ import annotations

import math
from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMainWindow

from playground.ui.theme import TEXT_SIZES, Mode

ORGANISATION = "Backprop Playground"
MOST_RECENT = 10


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


def first_steps_seen() -> bool:
    """Whether the user has been shown the first steps, and wants no more of them."""
    return str(_settings().value("first_steps_seen", False)).lower() == "true"


def keep_first_steps_seen() -> None:
    """Remember that the first steps have been seen."""
    _settings().setValue("first_steps_seen", True)


def text_size() -> float:
    """The text size that the user chose last, as a share of the usual one."""
    share = _number("text_size", 1.0)
    return share if share in TEXT_SIZES else 1.0


def keep_text_size(share: float) -> None:
    """Remember the text size."""
    _settings().setValue("text_size", share)


def inspector(tab: str, share: float) -> tuple[str, float]:
    """The tab of the inspector that was open last, and its share of the height; or else these."""
    return str(_settings().value("tab", tab)), min(max(_number("tab_share", share), 0.1), 0.9)


def keep_inspector(tab: str, share: float) -> None:
    """Remember the tab, and its share of the height."""
    _settings().setValue("tab", tab)
    _settings().setValue("tab_share", share)


def _number(name: str, usual: float) -> float:
    try:
        number = float(str(_settings().value(name, usual)))
    except ValueError:
        return usual
    return number if math.isfinite(number) else usual


def recent() -> list[tuple[Path, str]]:
    """The documents that were open last, and what each is called; only those that are still there."""
    entries = _settings().value("recent", [], list)
    pairs = [str(entry).partition("\n")[::2] for entry in (entries if isinstance(entries, list) else [])]
    return [(Path(path), name) for path, name in pairs if Path(path).is_file()]


def keep_recent(path: Path, name: str) -> None:
    """Remember a document as the one that was open last."""
    others = [f"{other}\n{called}" for other, called in recent() if other != path]
    _settings().setValue("recent", [f"{path}\n{name}", *others][:MOST_RECENT])
