"""A walk over all controls of all windows: each has a name, a tip that says what it does, and words or an icon."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QHeaderView,
    QLineEdit,
    QMenu,
    QPushButton,
    QSlider,
    QTabBar,
    QToolButton,
    QWidget,
)

from playground.app.pages import PAGES
from tests.e2e.conftest import User
from tests.e2e.walk import callout, lay_out, open_each

Play = Callable[..., int]
CONTROLS = (QAbstractButton, QComboBox, QSlider, QLineEdit, QAbstractItemView, QAbstractSpinBox)


def controls(window: QWidget) -> Iterator[QWidget]:
    """All that are to be seen; of what Qt puts together of several, the whole."""
    for control in window.findChildren(QWidget):
        parent = control.parentWidget()
        is_part = isinstance(parent, QTabBar | QAbstractSpinBox | QLineEdit) or isinstance(control, QHeaderView)
        if isinstance(control, CONTROLS) and control.isVisible() and not is_part:
            yield control


def lacks(control: QWidget) -> Iterator[str]:
    interface = QAccessible.queryAccessibleInterface(control)
    name = interface.text(QAccessible.Text.Name).strip()
    who = f"{type(control).__name__} {name!r} in {type(control.parentWidget()).__name__}"
    if not name:
        yield f"{who} has no name"
    if not control.toolTip() and not control.parentWidget().toolTip():
        yield f"{who} has no tip"
    if isinstance(control, QPushButton | QToolButton | QCheckBox) and not control.text() and control.icon().isNull():
        yield f"{who} has neither words nor an icon"


def lacking(window: QWidget) -> list[str]:
    """What controls of a window lack."""
    return [lack for control in controls(window) for lack in lacks(control)]


def entries_of_popups(window: QWidget) -> list[str]:
    """What entries of the menus lack that buttons open."""
    buttons = [b for b in controls(window) if isinstance(b, QToolButton | QAbstractButton) and hasattr(b, "menu")]
    menus = [menu for b in buttons if isinstance(menu := b.menu(), QMenu)]
    return [
        f"an entry of {menu.parentWidget().accessibleName()!r} has no words or no tip"
        for menu in menus
        for action in menu.actions()
        if not action.isSeparator() and not (action.text() and action.toolTip())
    ]


def test_the_window_and_every_tab(play: Play) -> None:
    def script(user: User) -> None:
        window = user.window
        seen = set(controls(window))
        lacks = lacking(window) + entries_of_popups(window)
        user.press("More")
        window.editor.set_initialiser("zeros", "be ill")  # or there would be nothing to do for the doctor
        user.click_plane(1, 1)
        user.settle()
        user.wait(lambda: bool(window.surveying.survey.findings))
        for tab in PAGES:
            window.inspector.bring(tab)
            lay_out()
            added = set(controls(window)) - seen
            assert added, f"nothing to operate in {tab}"
            lacks += lacking(window) + entries_of_popups(window)
            seen |= added
        assert len(seen) > 110
        assert not lacks, "\n".join(dict.fromkeys(lacks))

    assert play(script) == 0


def test_every_dialog(play: Play) -> None:
    def script(user: User) -> None:
        found: list[str] = []

        def look(dialog: QWidget) -> None:
            assert list(controls(dialog))
            found.extend(f"{dialog.windowTitle()}: {lack}" for lack in lacking(dialog))

        open_each(user, look)
        user.choose("First steps")
        look(callout(user))
        assert not found, "\n".join(found)

    assert play(script) == 0
