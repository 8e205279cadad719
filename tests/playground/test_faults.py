"""The finder of faults of layout finds those that are there, and no others."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QPushButton,
    QScrollArea,
    QTabBar,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from tests.faults import faults, geometries

TEXT = "Rather a long text"
Show = Callable[..., QWidget]


@pytest.fixture
def shown(qtbot: QtBot) -> Show:
    """`shown(parts)` has widgets in a window, each where it is."""

    def show(*parts: QWidget) -> QWidget:
        window = QWidget()
        for part in parts:
            part.setParent(window)
        window.resize(400, 300)
        window.setStyleSheet("* { min-height: 0; }")  # whatever theme another test has left
        qtbot.addWidget(window)
        window.show()
        return window

    return show


def placed(widget: QWidget, x: int, y: int, width: int, height: int) -> QWidget:
    widget.setGeometry(x, y, width, height)
    return widget


def test_a_window_that_is_laid_out_has_none(qtbot: QtBot) -> None:
    window = QWidget()
    rows, row = QVBoxLayout(window), QHBoxLayout()
    box, tabs, entries, wrapped = QComboBox(), QTabBar(), QListWidget(), QLabel(TEXT * 5)
    box.addItems([TEXT, "other"])
    tabs.addTab(TEXT)
    entries.addItem(TEXT)
    wrapped.setWordWrap(True)
    for part in (QPushButton(TEXT), QCheckBox(TEXT), box):
        row.addWidget(part)
    rows.addLayout(row)
    for part in (QLabel(f"<b>{TEXT}</b>"), QLineEdit(TEXT), wrapped, tabs, entries):
        rows.addWidget(part)
    qtbot.addWidget(window)
    window.show()
    window.resize(window.sizeHint() + QSize(40, 40))
    assert faults(window) == []


@pytest.mark.parametrize("kind", [QLabel, QPushButton, QCheckBox, QLineEdit])
@pytest.mark.parametrize("size", [(30, 40), (300, 3)])
def test_a_text_that_is_cut(shown: Show, kind: type[QWidget], size: tuple[int, int]) -> None:
    window = shown(placed(kind(TEXT), 10, 10, *size))
    assert any(TEXT in fault for fault in faults(window))


def test_a_choice_that_is_cut_though_it_is_not_chosen(shown: Show) -> None:
    box = QComboBox()
    box.addItems(["x", TEXT])
    box.setMinimumWidth(1)
    assert any(TEXT in fault for fault in faults(shown(placed(box, 10, 10, 60, 30))))


def test_a_tab_that_is_cut(shown: Show) -> None:
    tabs = QTabBar()
    tabs.setStyleSheet("QTabBar::tab { max-width: 20px; }")
    tabs.setUsesScrollButtons(False)
    tabs.addTab(TEXT)
    assert any(TEXT in fault for fault in faults(shown(placed(tabs, 10, 10, 60, 30))))


def test_lines_that_do_not_fit(shown: Show) -> None:
    label = QLabel(TEXT * 5)
    label.setWordWrap(True)
    assert any(TEXT in fault for fault in faults(shown(placed(label, 0, 0, 100, 20))))


def test_an_elided_label(shown: Show) -> None:
    window = shown(placed(QLabel("Rather a lo…"), 0, 0, 200, 40))
    assert faults(window) == ["QLabel 'Rather a lo…' in QWidget: 'Rather a lo…' is elided"]


def test_an_entry_that_is_cut_and_told_nowhere(shown: Show) -> None:
    entries = QListWidget()
    entries.addItem(TEXT)
    window = shown(placed(entries, 0, 0, 60, 80))
    entries.item(0).setSizeHint(QSize(40, 20))
    assert any(TEXT in fault for fault in faults(window))
    entries.item(0).setToolTip(TEXT)
    assert not any(TEXT in fault for fault in faults(window))


def test_two_that_overlap(shown: Show) -> None:
    window = shown(placed(QPushButton("one"), 0, 0, 100, 40), placed(QPushButton("two"), 90, 0, 100, 40))
    assert faults(window) == ["QPushButton 'one' in QWidget and QPushButton 'two' in QWidget overlap by 10×40"]
    window = shown(placed(QPushButton("one"), 0, 0, 100, 40), placed(QPushButton("two"), 100, 0, 100, 40))
    assert faults(window) == []


def test_one_that_is_hidden_overlaps_nothing(shown: Show) -> None:
    one = placed(QPushButton("one"), 0, 0, 100, 40)
    window = shown(one, placed(QPushButton("two"), 90, 0, 100, 40))
    one.hide()
    assert faults(window) == []


def test_one_that_is_cut_by_what_holds_it(shown: Show) -> None:
    window = shown(placed(QPushButton("one"), 350, 0, 100, 40))
    assert faults(window) == ["QPushButton 'one' in QWidget at (350, 0, 100, 40) is cut by QWidget of 400×300"]


def test_what_can_be_scrolled_to_is_not_cut_and_what_cannot_is(shown: Show) -> None:
    area, page = QScrollArea(), QWidget()
    page.resize(600, 600)
    placed(QPushButton("far"), 500, 500, 80, 40).setParent(page)
    area.setWidget(page)
    window = shown(placed(area, 0, 0, 200, 200))
    assert faults(window) == []
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    assert [fault for fault in faults(window) if "600 wide" in fault]


def test_one_that_has_less_room_than_it_says_it_needs(shown: Show) -> None:
    class Picture(QWidget):
        def minimumSizeHint(self) -> QSize:
            return QSize(100, 100)

    window = shown(placed(Picture(), 0, 0, 100, 90))
    assert faults(window) == ["Picture '' in QWidget needs 100×100 and has 100×90"]


def test_where_controls_are(shown: Show) -> None:
    button = placed(QPushButton("one"), 10, 20, 100, 40)
    window = shown(button)
    before = geometries(window)
    assert list(before.values()) == [(10, 20, 100, 40)]
    button.move(11, 20)
    assert geometries(window) != before
