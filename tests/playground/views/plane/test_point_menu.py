"""The menu of a point, and the button that empties the plane."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QContextMenuEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from playground.views.plane.output import OutputView
from playground.views.plane.strokes import SPACING
from tests.playground.conftest import LEFT, heard
from tests.playground.views.plane.conftest import RIGHT, button, click, drag_to, press, release

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # the offscreen platform, of itself


def menu(view: OutputView) -> QMenu | None:
    """The menu that is open."""
    found = [m for m in view.findChildren(QMenu) if m.isVisible()]
    return found[0] if found else None


def entry(view: OutputView, text: str) -> QAction:
    (found,) = [action for action in menu(view).actions() if action.text() == text]
    return found


def choose(view: OutputView, qtbot: QtBot, text: str) -> None:
    """Click an entry of the open menu."""
    opened = menu(view)
    qtbot.mouseClick(opened, LEFT, pos=opened.actionGeometry(entry(view, text)).center())


def test_a_right_click_on_a_point_opens_its_menu_and_draws_nothing(view, owner, qtbot):
    owner.put([(0, 0, 0), (3, 3, 1)])
    click(view, (0.05, 0), RIGHT)
    assert owner.asked == []
    assert [a.text() for a in menu(view).actions() if a.text()] == [
        "Make it class 2", "Look at it closely", "Copy its coordinates", "Erase it",
    ]  # fmt: skip
    assert all(not a.icon().isNull() for a in menu(view).actions() if a.text())
    qtbot.keyClick(menu(view), Qt.Key.Key_Escape)
    assert menu(view) is None
    click(view, (1, 0), RIGHT)
    assert [ask[:3] for ask in owner.asked] == [("paint", 1, 1)], "beside it the other class is drawn"


def test_a_right_drag_from_a_point_paints_the_other_class(view, owner):
    owner.put([(0, 0, 0)])
    press(view, (0, 0), RIGHT)
    press(view, (0, 0))
    release(view, (0, 0))
    drag_to(view, (3, 0), RIGHT)
    release(view, (3, 0), RIGHT)
    assert menu(view) is None
    assert {ask[2] for ask in owner.asked} == {1}
    assert len(owner.rows) == 1 + 1 + int(3 / SPACING)
    assert len({ask[3] for ask in owner.asked}) == 1


def test_what_the_menu_asks_for(view, owner, qtbot):
    owner.put([(0, 0, 0), (3, -1.5, 1)])
    classes, looks = heard(view.relabelled), heard(view.looked)
    for text in ("Make it class 1", "Look at it closely", "Copy its coordinates"):
        click(view, (3, -1.5), RIGHT)
        choose(view, qtbot, text)
    assert ([(indices.tolist(), label) for indices, label in classes], looks) == ([([1], 0)], [(1,)])
    assert QGuiApplication.clipboard().text() == "3, -1.5"
    for at in ((3, -1.5), (0, 0)):
        click(view, at, RIGHT)
        choose(view, qtbot, "Erase it")
    (first, second) = owner.asked
    assert (first[:2], second[:2]) == (("erase", [1]), ("erase", [0]))
    assert first[2] != second[2], "two edits, each with its undo"


def test_of_many_classes_the_menu_offers_all_others(view, owner):
    owner.offer(4)
    owner.put([(0, 0, 2)])
    click(view, (0, 0), RIGHT)
    texts = [a.text() for a in menu(view).actions()]
    assert [text[-1] for text in texts if text.startswith("Make it")] == ["1", "2", "4"]
    menu(view).close()


def test_the_menu_key_opens_the_menu_of_the_point_at_the_crosshair(view, owner, qtbot):
    owner.put([(0, 0, 0)])
    view.plane.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(view.plane.hasFocus)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(1, 1), view.plane.mapToGlobal(QPoint(1, 1)))
    QApplication.sendEvent(view.plane.viewport(), event)
    assert entry(view, "Erase it")
    menu(view).close()


def test_one_click_asks_for_an_empty_plane(view, qtbot):
    asked = heard(view.cleared)
    qtbot.mouseClick(button(view, "Erase all points"), LEFT)
    assert len(asked) == 1
