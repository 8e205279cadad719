"""A panel on the screen, and a user's hands on it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtCore import Qt, SignalInstance
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from playground.ui import theme

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def show(qtbot: QtBot) -> Callable[[Any], Any]:
    """`show(widget)` puts it up as an active window."""
    theme.set_mode(theme.Mode.LIGHT)

    def shown(widget: Any) -> Any:
        qtbot.addWidget(widget)
        widget.show()
        widget.activateWindow()
        qtbot.waitUntil(widget.isActiveWindow)
        return widget

    return shown


@pytest.fixture(params=["Inter", "DejaVu Sans"])
def family(request: pytest.FixtureRequest, show: Callable[[Any], Any]) -> Iterator[str]:
    """A font of the interface, in force."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(theme, "_family", lambda: request.param)
        theme.set_mode(theme.Mode.LIGHT)
        yield request.param
    theme.set_mode(theme.Mode.LIGHT)


def in_this_font(pixels: float) -> int:
    """A width or height that is right for DejaVu Sans, for the font in force: in proportion, where that is larger."""
    wide = QFontMetrics(theme.font()).horizontalAdvance("How wide the letters are")
    return math.ceil(pixels * max(1, wide / 160))


def heard(signal: SignalInstance) -> list[tuple[Any, ...]]:
    """What the signal says from now on."""
    result: list[tuple[Any, ...]] = []
    signal.connect(lambda *arguments: result.append(arguments))
    return result


def named(panel: QWidget, kind: type[Any], name: str) -> Any:
    """The one widget of a kind with an accessible name."""
    (found,) = [child for child in panel.findChildren(kind) if child.accessibleName() == name]
    return found


def enter(qtbot: QtBot, panel: QWidget, name: str, text: str) -> None:
    """Click on a figure, type a text over it and press Enter."""
    figure = named(panel, QLineEdit, name)
    qtbot.mouseClick(figure, LEFT)
    figure.selectAll()
    qtbot.keyClicks(figure, text)
    qtbot.keyClick(figure, Qt.Key.Key_Return)
