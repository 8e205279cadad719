"""Command search: every action and every setting by a word of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QLineEdit, QTreeWidget, QTreeWidgetItem, QVBoxLayout

from playground.ui import theme
from playground.ui.controls import reveal, take_room
from playground.ui.fields import ChoiceField, NumberField

if TYPE_CHECKING:
    from playground.app.main_window import MainWindow

SIZE = 680, 380  # pixels at the usual text size: most reasons can be read
STEPS = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8, Qt.Key.Key_PageUp: -8}


class Command(NamedTuple):
    """Command that can be found.

    Attributes:
        name: what is shown.
        place: where else it is found, and its key.
        words: all that it is found by, in small letters.
        reason: why it is not possible now; empty where it is.
        call: does it.
    """

    name: str
    place: str
    words: str
    reason: str
    call: Callable[[], object]


def commands(window: MainWindow) -> list[Command]:
    """All of the menus, and all settings, as things are now."""
    from playground.app.menus import MenuAction

    found = []
    for action in window.findChildren(MenuAction):
        entry, more = action.entry, action.entry.more(window)
        menu = entry.menu.replace("&", "").replace("/", " › ")
        name = f"{entry.name} {more}".rstrip("… ") if more else entry.name.rstrip("…")
        place = "   ".join(filter(None, [menu, entry.keys[0] if entry.keys else ""]))
        found.append(Command(name, place, f"{name} {menu} {entry.tip}".lower(), entry.why_not(window), action.run))
    for kind in (NumberField, ChoiceField):
        for field in window.findChildren(kind):
            name = field.objectName()
            reason = "" if field.isEnabled() else field.toolTip()
            reason = "it is hidden; View › Show and hide… shows it" if name in window.parts.hidden else reason
            words = f"{name} setting {field.accessibleDescription()}".lower()
            found.append(Command(name, "setting", words, reason, partial(reveal, field)))
    return found


def matching(found: list[Command], text: str) -> list[Command]:
    """Those that have all words of a text; first where the name begins with it, then where a word of the name does."""
    words = text.lower().split()
    hits = [command for command in found if all(word in command.words for word in words)]

    def rank(command: Command) -> int:
        name = command.name.lower()
        return 0 if name.startswith(text.lower()) else 1 if all(f" {word}" in f" {name}" for word in words) else 2

    return sorted(hits, key=rank)


class CommandSearch(QDialog):
    """Command search: a line to type into, above what is found."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window, Qt.WindowType.Dialog | Qt.WindowType.FramelessWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAccessibleName("Find a command")
        self.setProperty("role", "popup")
        self._commands = commands(window)
        self._line, self._list = QLineEdit(), QTreeWidget()
        self._line.setPlaceholderText("Find a command or a setting")
        self._line.setAccessibleName("Find a command or a setting")
        self._list.setAccessibleName("Commands")
        self._line.setToolTip("Type a word of it; the arrow keys choose, Enter does it")
        self._list.setToolTip("What is found; a click does it")
        self._list.setHeaderHidden(True)
        self._list.setRootIsDecorated(False)
        self._list.setColumnCount(2)
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        layout = QVBoxLayout(self)
        layout.addWidget(self._line)
        layout.addWidget(self._list)
        self._line.textChanged.connect(self._find)
        self._line.returnPressed.connect(self._run)
        self._list.itemClicked.connect(self._run)
        self._line.installEventFilter(self)
        take_room(self, *SIZE)
        self._find("")
        self._list.resizeColumnToContents(0)  # of all: it is as wide whatever is found

    @classmethod
    def open_on(cls, window: MainWindow) -> None:
        """Open it over the upper middle of a window."""
        dialog = cls(window)
        dialog.move(window.mapToGlobal(window.rect().center()).x() - dialog.width() // 2, window.y() + theme.px(80))
        dialog.show()
        dialog._line.setFocus()

    def _find(self, text: str) -> None:
        self._list.clear()
        self._found = matching(self._commands, text)
        self._list.addTopLevelItems([_row(command) for command in self._found])
        if self._found:
            self._go_to(0)
        else:
            nothing = QTreeWidgetItem(self._list, [f"Nothing is called “{text}”."])
            nothing.setFlags(Qt.ItemFlag.NoItemFlags)
            nothing.setFirstColumnSpanned(True)

    def _go_to(self, row: int) -> None:
        self._list.setCurrentIndex(self._list.model().index(row, 0))

    def _run(self) -> None:
        if (row := self._list.currentIndex().row()) >= 0:
            self.close()
            self._found[row].call()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.WindowDeactivate:
            self.close()  # whoever clicks elsewhere wants no more of it
        return super().event(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Up and down go through the list while one types."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.key() in STEPS:
            row = self._list.currentIndex().row() + STEPS[Qt.Key(event.key())]
            self._go_to(min(max(row, 0), len(self._found) - 1))
            return True
        return super().eventFilter(watched, event)


def _row(command: Command) -> QTreeWidgetItem:
    row = QTreeWidgetItem([command.name, (command.reason and f"not now: {command.reason}") or command.place])
    row.setForeground(1, theme.colour("muted"))
    if command.reason:
        row.setForeground(0, theme.colour("muted"))
    for column in range(2):
        row.setToolTip(column, row.text(1))
    return row
