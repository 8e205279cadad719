"""Menu bar: the table of actions as menus and keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu

from playground.app.actions import ENTRIES, MENUS, MenuEntry
from playground.app.recent import RecentMenu
from playground.ui import theme

if TYPE_CHECKING:
    from playground.app.main_window import MainWindow


class MenuAction(QAction):
    """Action of a menu entry. What is not possible when its key is struck says why."""

    def __init__(self, entry: MenuEntry, window: MainWindow) -> None:
        super().__init__(entry.text, window)
        self.entry, self._window = entry, window
        self.setToolTip(entry.tip)
        self.setStatusTip(entry.tip)
        self.setShortcuts([QKeySequence(keys) for keys in entry.keys])
        self.setAutoRepeat(entry.repeats)
        self.setCheckable(entry.is_on is not None)
        self.triggered.connect(self.run)

    def run(self) -> None:
        """Do it, or say why it is not possible."""
        if reason := self.entry.why_not(self._window):
            self._window.editor.refuse(reason)
        else:
            self.entry.call(self._window)

    def show_state(self) -> None:
        """Look as things are just now."""
        reason, more = self.entry.why_not(self._window), self.entry.more(self._window)
        self.setText(f"{self.entry.text} {more}" if more else self.entry.text)
        self.setEnabled(not reason)
        if self.entry.icon and not self.isCheckable():  # a tick stands where the icon would
            self.setIcon(theme.icon(self.entry.icon))
        self.setToolTip(f"{self.entry.tip}. Not possible: {reason}" if reason else self.entry.tip)
        if self.entry.is_on is not None:
            self.setChecked(self.entry.is_on(self._window))


def build_menus(window: MainWindow) -> None:
    """Fill the menu bar. The window has the actions too, so that their keys work while the bar is hidden."""
    menus = {name: window.menuBar().addMenu(f"&{name}") for name in MENUS}
    for row in ENTRIES:
        if isinstance(row, str):
            name, _, title = row.partition("/")
            if title:
                menus[name].addMenu(RecentMenu(title, window, window.files.open_path))
            else:
                menus[name].addSeparator()
            continue
        if row.menu not in menus:
            parent, title = row.menu.split("/")
            menus[row.menu] = menus[parent].addMenu(title)
        action = MenuAction(row, window)
        menus[row.menu].addAction(action)
        window.addAction(action)
    for menu in menus.values():
        menu.setToolTipsVisible(True)
        menu.aboutToShow.connect(_Show(menu))
        menu.aboutToHide.connect(_Wake(menu))


class _Show:
    """Slot: the entries of a menu look as things are."""

    def __init__(self, menu: QMenu) -> None:
        self._menu = menu

    def __call__(self) -> None:
        for action in self._menu.actions():
            if isinstance(action, MenuAction):
                action.show_state()


class _Wake(_Show):
    """Slot: once a menu is closed, keys of what was not possible say why again."""

    def __call__(self) -> None:
        for action in self._menu.actions():
            action.setEnabled(True)
