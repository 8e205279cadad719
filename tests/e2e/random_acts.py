"""Acts of a random user: what can be done just now with the mouse and the keyboard, and one of them chosen by chance.

Each act is a list of events with their words. Only widgets that are seen are chosen from, in the order in which the
window has them, so that the same seed chooses the same as far as the threads allow.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import shiboken6
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QGuiApplication, QInputMethodEvent, QKeyEvent, QKeySequence, QWindow
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QFileDialog,
    QLineEdit,
    QMessageBox,
    QPlainTextEdit,
    QWidget,
)

from playground.app.actions import ENTRIES, MenuEntry
from playground.app.main_window import MainWindow
from playground.app.menus import MenuAction

Key, Mod, Mouse = Qt.Key, Qt.KeyboardModifier, Qt.MouseButton
SMALLEST, LARGEST = (960, 600), (1920, 1080)
NUMBERS = ("0", "1", "3", "8", "17", "0.01", "1e-3", ".5", "200", "-1", "nan", "inf", "1e999", "9" * 40, "1,5", "½")
FORMULAS = (
    "tanh(x)",
    "x*x",
    "relu(x) + x",
    "max(0, x)",
    "sin(3 x)",
    "(y - t)^2",
    "x**",
    "))",
    "1/0",
    "log(x)",
    "x" * 99,
)
WORDS = ("a name", "", " ", "é ☃ 𝕏", "lay", "undo", "text size", "[*]", "&", "<b>bold</b>", "%s %d", "zzz")
TYPED = (NUMBERS, FORMULAS, WORDS)
FILES = ("a.backprop", "b.json", "bad.backprop", "there is none", "nowhere/c.backprop", "p.png", "q.svg", "r.csv", "")
MOVES = (Key.Key_Left, Key.Key_Right, Key.Key_Up, Key.Key_Down, Key.Key_Home, Key.Key_End, Key.Key_PageUp)
OTHERS = (
    Key.Key_Tab,
    Key.Key_Backtab,
    Key.Key_Return,
    Key.Key_Space,
    Key.Key_Escape,
    Key.Key_Delete,
    Key.Key_Backspace,
)
LETTERS = tuple(Key(number) for number in range(Key.Key_A.value, Key.Key_Z.value + 1))
SIGNS = (Key.Key_Plus, Key.Key_Minus, Key.Key_Period, Key.Key_Comma, Key.Key_F10, Key.Key_Menu, Key.Key_PageDown)
HELD = (Mod.NoModifier, Mod.NoModifier, Mod.NoModifier, Mod.ShiftModifier, Mod.ControlModifier)


class Event(NamedTuple):
    """Event that the user makes: its words, and what sends it."""

    words: str
    send: Callable[[], object]


def topmost() -> QWidget | None:
    """The menu that is open, or else the dialog that waits for an answer."""
    return QApplication.activePopupWidget() or QApplication.activeModalWidget()


def open_windows() -> list[QWidget]:
    """What would take the user's next event."""
    if top := topmost():
        return [top]
    windows = [w for w in QApplication.topLevelWidgets() if w.isVisible() and w.windowHandle() is not None]
    return [w for w in windows if w.windowType() is not Qt.WindowType.ToolTip]


def seen(root: QWidget) -> list[QWidget]:
    """The widgets of a window of which something is to be seen."""
    return [root, *(w for w in root.findChildren(QWidget) if w.isVisible() and w.window() is root and _shown(w))]


def _shown(widget: QWidget) -> bool:
    return not widget.visibleRegion().isEmpty()


def called(widget: QWidget) -> str:
    """A widget in words."""
    return f"{type(widget).__name__} {widget.accessibleName() or widget.objectName()!r}"


class Acts:
    """Acts of a user on a window, chosen by chance.

    Args:
        chance: where all choices come from.
        folder: the only place where files are.
    """

    def __init__(self, window: MainWindow, chance: random.Random, folder: Path) -> None:
        self._window, self._chance, self._folder = window, chance, folder
        self._keys = [keys for row in ENTRIES if isinstance(row, MenuEntry) for keys in row.keys]

    def meanwhile(self) -> list[Event]:
        """What can be done while a button is held: a key is struck."""
        root = open_windows()[0]
        return [] if isinstance(root, QFileDialog) else self._strike_own(root)

    def next(self) -> list[Event]:
        """The events of the next act, one after the other."""
        windows = open_windows()
        root = windows[0] if len(windows) == 1 else self._chance.choice(windows)
        if isinstance(root, QFileDialog):
            return self._answer_files(root)
        if isinstance(root, QMessageBox):
            return self._click(root, self._chance.choice([root, *root.buttons()]))
        if root is not self._window:
            if not self._chance.randrange(6):
                return [_in(root, f"closes {called(root)}", lambda _: root.close())]
            kinds = [self._on_widget, self._strike_own, self._type]
            return self._chance.choices(kinds, (6, 3, 3))[0](root)
        acts = {
            self._on_widget: 14,
            self._strike_own: 7,
            self._strike_shortcut: 5,
            self._choose: 4,
            self._type: 3,
            self._resize: 1,
        }
        return self._chance.choices(list(acts), list(acts.values()))[0](root)

    # ── the mouse ────────────────────────────────────────────────────────────────────────────────────────────────

    def _on_widget(self, root: QWidget) -> list[Event]:
        """Click, drag or turn the wheel on whatever is at a place, or on a widget of some kind: small ones too."""
        kinds: dict[str, list[QWidget]] = {}
        for widget in seen(root):
            inside = type(widget.parent()).__name__ if type(widget) is QWidget else ""  # as a plot's canvas is
            kinds.setdefault(f"{type(widget).__name__} {inside}", []).append(widget)
        place = QPoint(self._chance.randrange(root.width()), self._chance.randrange(root.height()))
        of_a_kind = self._chance.choice(kinds[self._chance.choice(sorted(kinds))])
        widget = self._chance.choice((root.childAt(place) or root, of_a_kind))
        ways = [self._click, self._drag, self._wheel, self._hover, self._double_click]
        last = root is self._window  # another one can be gone with the first of two clicks
        return self._chance.choices(ways, (7, 4, 2, 2, last))[0](root, widget)

    def _spot(self, root: QWidget, widget: QWidget) -> QPoint:
        """A place in what is seen of a widget, as its window has it."""
        seen_part = widget.visibleRegion().boundingRect()
        x = seen_part.left() + self._chance.randrange(max(1, seen_part.width()))
        y = seen_part.top() + self._chance.randrange(max(1, seen_part.height()))
        return widget.mapTo(root, QPoint(x, y))

    def _button(self) -> Qt.MouseButton:
        return self._chance.choices((Mouse.LeftButton, Mouse.RightButton, Mouse.MiddleButton), (12, 3, 1))[0]

    def _click(self, root: QWidget, widget: QWidget) -> list[Event]:
        spot, button, held = self._spot(root, widget), self._button(), self._chance.choice(HELD)
        words = f"{button.name} {held.name} at {spot.toTuple()} on {called(widget)}"

        return [
            _in(root, f"points at {spot.toTuple()}", _move(spot)),
            _in(root, f"presses {words}", lambda handle: QTest.mousePress(handle, button, held, spot)),
            self._let_go(root, button, held, spot),
        ]

    def _let_go(self, root: QWidget, button: Qt.MouseButton, held: Qt.KeyboardModifier, spot: QPoint) -> Event:
        """A button that was pressed comes up again, even if the window is gone in which it was."""

        def release() -> None:
            there = root if shiboken6.isValid(root) and root.windowHandle() is not None else self._window
            QTest.mouseRelease(there.windowHandle(), button, held, spot)

        return Event("lets go", release)

    def _double_click(self, root: QWidget, widget: QWidget) -> list[Event]:
        spot = self._spot(root, widget)
        words = f"clicks twice at {spot.toTuple()} on {called(widget)}"
        return [_in(root, words, lambda handle: QTest.mouseDClick(handle, Mouse.LeftButton, Mod.NoModifier, spot))]

    def _drag(self, root: QWidget, widget: QWidget) -> list[Event]:
        """Press, move over some places, and let go; other things can happen in between."""
        button, held = self._button(), self._chance.choice(HELD)
        spots = [self._spot(root, widget) for _ in range(self._chance.randint(2, 6))]
        first, on = spots[0], called(widget)
        words = f"presses {button.name} {held.name} at {first.toTuple()} on {on}"
        return [
            _in(root, f"points at {first.toTuple()}", _move(first)),
            _in(root, words, lambda handle: QTest.mousePress(handle, button, held, first)),
            *(_in(root, f"drags to {spot.toTuple()}", _move(spot)) for spot in spots[1:]),
            self._let_go(root, button, held, spots[-1]),
        ]

    def _hover(self, root: QWidget, widget: QWidget) -> list[Event]:
        spots = [self._spot(root, widget) for _ in range(self._chance.randint(1, 3))]
        return [_in(root, f"points at {spot.toTuple()} on {called(widget)}", _move(spot)) for spot in spots]

    def _wheel(self, root: QWidget, widget: QWidget) -> list[Event]:
        spot, turn = self._spot(root, widget), QPoint(0, self._chance.choice((-360, -120, 120, 360)))
        held = self._chance.choice(HELD)
        words = f"turns the wheel by {turn.y()} {held.name} at {spot.toTuple()} on {called(widget)}"
        return [_in(root, words, lambda handle: QTest.wheelEvent(handle, spot, turn, QPoint(), held))]

    # ── the keyboard ─────────────────────────────────────────────────────────────────────────────────────────────

    def _strike_own(self, root: QWidget) -> list[Event]:
        """Any key, to what has the keyboard."""
        kind = self._chance.choices((MOVES, OTHERS, LETTERS, SIGNS), (4, 4, 2, 1))[0]
        held = self._chance.choices(
            (Mod.NoModifier, Mod.ShiftModifier, Mod.ControlModifier, Mod.AltModifier), (9, 2, 2, 1)
        )
        return self._strike(root, self._chance.choice(kind), held[0])

    def _strike_shortcut(self, root: QWidget) -> list[Event]:
        told = self._chance.choice(self._keys)
        combination = QKeySequence(told)[0]
        return self._strike(root, combination.key(), combination.keyboardModifiers())

    def _strike(
        self, root: QWidget, key: Qt.Key = Key.Key_Return, held: Qt.KeyboardModifier = Mod.NoModifier
    ) -> list[Event]:
        words = f"strikes {held.name} {key.name} in {called(root)}"
        return [_in(root, words, lambda handle: self._strike_there(handle, key, held))]

    def _strike_there(self, handle: QWindow, key: Qt.Key, held: Qt.KeyboardModifier) -> None:
        """Press the key and let go; Qt's test library would crash where the first is the end of the window."""
        if handle is self._window.windowHandle():
            QTest.keyClick(handle, key, held)
            return
        text = chr(key.value).lower() if key.value < 128 else ""  # as far as it matters
        QApplication.sendEvent(handle, QKeyEvent(QEvent.Type.KeyPress, key, held, text))
        if (there := QGuiApplication.focusWindow()) is not None:
            QApplication.sendEvent(there, QKeyEvent(QEvent.Type.KeyRelease, key, held, text))

    def _type(self, root: QWidget) -> list[Event]:
        """A text into a field, good or bad, and then Enter, Tab or Escape, or nothing."""
        fields = [w for w in seen(root) if isinstance(w, QLineEdit | QPlainTextEdit) and w.isEnabled()]
        if not fields:
            return self._strike_own(root)
        field, text = self._chance.choice(fields), self._chance.choice(self._chance.choice(TYPED))
        end = self._chance.choice((Key.Key_Return, Key.Key_Tab, Key.Key_Escape, None))
        events = [
            *self._click(root, field),
            *self._strike(root, Key.Key_A, Mod.ControlModifier),
            Event(f"types {text!r} into {called(field)}", lambda: _put(text)),
        ]
        return events if end is None else events + self._strike(root, end)

    # ── menus, dialogs and the window ────────────────────────────────────────────────────────────────────────────

    def _choose(self, root: QWidget) -> list[Event]:
        """Any entry of the menus, as a click on it does."""
        action = self._chance.choice(self._window.findChildren(MenuAction))
        return [Event(f"chooses {action.entry.menu}/{action.entry.name}", action.trigger)]

    def _answer_files(self, dialog: QFileDialog) -> list[Event]:
        """With a path in the folder of the test, and with nothing else: it is a dialog that can delete files."""
        name = self._chance.choice(FILES)
        if not name:
            return [Event("gives no file", dialog.reject)]
        path = str(self._folder / name)
        field = dialog.findChild(QLineEdit, "fileNameEdit")
        return [
            _in(dialog, f"names the file {path}", lambda _: (field.setFocus(), field.setText(path))),
            _in(dialog, "strikes Enter in the file dialog", lambda _: QTest.keyClick(field, Key.Key_Return)),
            _in(dialog, "gives up the file", lambda _: dialog.reject()),  # where the dialog did not take it
        ]

    def _resize(self, root: QWidget) -> list[Event]:
        width, height = (self._chance.randint(*sides) for sides in zip(SMALLEST, LARGEST, strict=True))
        return [Event(f"resizes to {width} × {height}", lambda: root.resize(width, height))]


def _move(spot: QPoint) -> Callable[[QWindow], object]:
    return lambda handle: QTest.mouseMove(handle, spot)


def _in(root: QWidget, words: str, send: Callable[[QWindow], object]) -> Event:
    """An event in a window, if that is still there by then."""

    def if_there() -> None:  # the widget is held, for without it its window is soon no more for Python
        if shiboken6.isValid(root) and root.isVisible() and (handle := root.windowHandle()):
            send(handle)

    return Event(words, if_there)


def _put(text: str) -> None:
    """Type a text into what has the keyboard: by keys, or as an input method does what has none."""
    for part in text if text.isascii() else [text]:  # what a letter takes the keyboard from gets no more of them
        focus = QGuiApplication.focusObject()
        if isinstance(focus, QWidget) and text.isascii():
            QTest.keyClicks(focus, part)
        elif focus is not None:
            event = QInputMethodEvent("", [])
            event.setCommitString(part)
            QApplication.sendEvent(focus, event)
