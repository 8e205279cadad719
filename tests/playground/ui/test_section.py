"""Sections of a column: they fold at their titles; the column scrolls, and nothing is clipped at any text size."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QAbstractButton, QCheckBox, QLabel, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from playground.panels.data import DataPanel, FeaturesPanel, WeightsPanel
from playground.ui import theme
from playground.ui.cards import Scrolled, panel
from tests.playground.conftest import LEFT, heard, in_this_font, named

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # the offscreen platform, of itself
SECTIONS = (DataPanel, FeaturesPanel, WeightsPanel)


@pytest.fixture(params=[1, 1.5, 2])
def text_size(request: pytest.FixtureRequest) -> Iterator[float]:
    """A size of the text, in force."""
    theme.set_text_size(request.param)
    yield request.param
    theme.set_text_size(1)


@pytest.mark.parametrize(
    ("kind", "title"), [(DataPanel, "Data"), (FeaturesPanel, "Features"), (WeightsPanel, "Initial weights")]
)
def test_a_section_folds_at_its_title_and_says_so(
    qtbot: QtBot, show: Callable[[Any], Any], kind: type[Any], title: str
) -> None:
    section = show(kind())
    turns = heard(section.turned)
    button = named(section, QPushButton, title)
    held = [w for w in section.findChildren(QAbstractButton) if w is not button and w.isVisible()]
    height, tip = section.sizeHint().height(), button.toolTip()
    assert section.is_open
    assert held
    qtbot.mouseClick(button, LEFT)
    assert not section.is_open
    assert not any(widget.isVisible() for widget in held)
    assert section.sizeHint().height() < height / 2
    assert button.toolTip() != tip
    assert not QAccessible.queryAccessibleInterface(button).state().checked
    button.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(button, Qt.Key.Key_Space)
    assert all(widget.isVisible() for widget in held)
    assert turns == [(False,), (True,)]
    section.set_open(False)
    assert not section.is_open


def column(show: Callable[[Any], Any]) -> Scrolled:
    """The three sections as they stand in the window, with the longest texts that they get."""
    panels = [kind() for kind in SECTIONS]
    panels[0].batch.set_maximum(9000)
    panels[0].batch.setValue(None)
    return show(Scrolled(panel(*panels, fills=False), 216))


@pytest.mark.usefixtures("family")
def test_nothing_is_clipped_beside_the_scroll_bar(qtbot: QtBot, show: Callable[[Any], Any], text_size: float) -> None:
    area = column(show)
    for height in (300, 1600):
        area.resize(area.width(), height)
        qtbot.waitUntil(lambda height=height: area.verticalScrollBar().isVisible() == (height == 300))
        assert round(216 * text_size) <= area.width() <= in_this_font(220)
        assert area.widget().minimumSizeHint().width() <= area.viewport().width() == area.widget().width()
        for widget in area.findChildren(QWidget):
            if isinstance(widget, QLabel | QPushButton | QCheckBox) and widget.isVisible():
                assert widget.width() >= widget.minimumSizeHint().width(), widget.accessibleName()
            if isinstance(widget, QLineEdit) and widget.isVisible():
                assert widget.fontMetrics().horizontalAdvance(widget.text()) <= widget.width(), widget.text()


@pytest.mark.parametrize("mode", [theme.Mode.LIGHT, theme.Mode.DARK])
def test_the_scroll_bar_is_seen(qtbot: QtBot, show: Callable[[Any], Any], mode: theme.Mode) -> None:
    area = column(show)
    theme.set_mode(mode)
    area.resize(area.width(), 300)
    qtbot.waitUntil(area.verticalScrollBar().isVisible)
    handle = area.verticalScrollBar().grab().toImage().pixelColor(5, 20)
    assert handle == theme.colour("muted")


def test_pictures_of_datasets_grow_with_the_text(show: Callable[[Any], Any], text_size: float) -> None:
    shown = show(DataPanel())
    button = named(shown, QPushButton, "Circle")
    assert button.iconSize().width() == round(22 * text_size)
