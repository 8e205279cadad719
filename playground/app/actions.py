"""Actions: everything that the menus and keys can do, as one table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QActionGroup, QKeySequence

from engine.training import AT_LAUNCH, DATASETS, MAX_CLASSES, PRESETS
from playground.app.recent import RecentMenu
from playground.ui import theme

if TYPE_CHECKING:
    from playground.app.main_window import MainWindow


@dataclass(frozen=True)
class MenuEntry:
    """Menu entry: its words, its keys, and what it calls; `menu` may name a submenu as "File/New from".

    `repeats`: whether a key that is held down calls again and again.
    """

    menu: str
    text: str
    keys: tuple[str, ...]
    call: Callable[[MainWindow], object]
    repeats: bool = False


def _new_from(preset: str) -> Callable[[MainWindow], object]:
    return lambda w: w.files.new(preset)


def _draw_class(label: int) -> Callable[[MainWindow], object]:
    return lambda w: w.output.choose_label(label)


def _show_in(mode: theme.Mode) -> Callable[[MainWindow], object]:
    return lambda w: w.set_theme(mode)


def show_help(window: MainWindow, heading: str) -> None:
    """Open the help at one of its headings."""
    from playground.app.help import window as help_window

    help_window.show(window, heading)


def _help_on(heading: str) -> Callable[[MainWindow], object]:
    return lambda w: show_help(w, heading)


def _help_on_focus(window: MainWindow) -> None:
    from playground.app.help import window as help_window

    help_window.show_for_focus(window)


def _show_first_steps(window: MainWindow) -> None:
    from playground.app.help import first_steps

    first_steps.show(window)


def _show_about(window: MainWindow) -> None:
    from playground.app.help.about import About

    About(window).open()


# a bare menu's name stands for a line across it, and with a title for the menu of recent documents
ENTRIES: tuple[MenuEntry | str, ...] = (
    MenuEntry("File", "&New", ("Ctrl+N",), lambda w: w.files.new(AT_LAUNCH)),
    *(MenuEntry("File/New from &dataset", DATASETS[name].label, (), _new_from(name)) for name in PRESETS),
    MenuEntry("File", "&Open…", ("Ctrl+O",), lambda w: w.files.open()),
    "File/Open &recent",
    MenuEntry("File", "&Save", ("Ctrl+S",), lambda w: w.files.save()),
    MenuEntry("File", "Save &as…", ("Ctrl+Shift+S",), lambda w: w.files.save_as()),
    "File",
    MenuEntry("File", "&Quit", ("Ctrl+Q",), lambda w: w.close()),
    MenuEntry("Train", "&Train or pause", ("Space",), lambda w: w.toggle_training()),
    MenuEntry("Train", "&Step", ("S",), lambda w: w.worker.step(), repeats=True),
    MenuEntry("Train", "Step &back", ("Shift+S",), lambda w: w.worker.step_back(), repeats=True),
    MenuEntry("Train", "&Reset", ("R",), lambda w: w.reset()),
    "Train",
    MenuEntry("Train", "New &weights", ("Shift+R",), lambda w: w.editor.new_weights()),
    MenuEntry("Train", "New &points", ("Shift+P",), lambda w: w.editor.new_points()),
    "Train",
    MenuEntry("Train", "&Faster", ("]",), lambda w: w.change_speed(1), repeats=True),
    MenuEntry("Train", "S&lower", ("[",), lambda w: w.change_speed(-1), repeats=True),
    MenuEntry("Draw", "&Draw points", ("D",), lambda w: w.output.choose_tool("draw")),
    MenuEntry("Draw", "&Move points", ("V",), lambda w: w.output.choose_tool("move")),
    MenuEntry("Draw", "&Erase points", ("E",), lambda w: w.output.choose_tool("erase")),
    MenuEntry("Draw", "&Look at a point", ("L",), lambda w: w.output.choose_tool("look")),
    "Draw",
    *(MenuEntry("Draw", f"Class &{label + 1}", (str(label + 1),), _draw_class(label)) for label in range(MAX_CLASSES)),
    "Draw",
    MenuEntry("Draw", "E&rase all points", (), lambda w: w.editor.clear_points()),
    MenuEntry("View", "&Microscope", ("M",), lambda w: w.inspector.toggle()),
    MenuEntry("View", "Microscope in the &whole window", ("Shift+M",), lambda w: w.inspector.fill()),
    MenuEntry("View", "Micro-step &forward", (".",), lambda w: w.inspector.forward(), repeats=True),
    MenuEntry("View", "Micro-step &back", (",",), lambda w: w.inspector.back(), repeats=True),
    MenuEntry("View", "&Play or hold the film", ("P",), lambda w: w.inspector.play()),
    "View",
    MenuEntry("Help", "&Guide", ("F1",), _help_on("Guide")),
    MenuEntry("Help", "&What is this?", ("Shift+F1",), _help_on_focus),
    MenuEntry("Help", "&Keys", ("Ctrl+F1",), _help_on("Keys")),
    MenuEntry("Help", "G&lossary", (), _help_on("Glossary")),
    MenuEntry("Help", "&First steps", (), _show_first_steps),
    "Help",
    MenuEntry("Help", "&About Backprop Playground", (), _show_about),
)
MENUS = ("File", "Edit", "Train", "Draw", "View", "Help")


def build_menus(window: MainWindow) -> None:
    """Fill the menu bar from the table; undo, redo and the theme bring entries of their own."""
    menus = {name: window.menuBar().addMenu(f"&{name}") for name in MENUS}
    for row in ENTRIES:
        if isinstance(row, str):
            menu, _, title = row.partition("/")
            if title:
                menus[menu].addMenu(RecentMenu(title, window, window.files.open_path))
            else:
                menus[menu].addSeparator()
            continue
        if row.menu not in menus:
            parent, title = row.menu.split("/")
            menus[row.menu] = menus[parent].addMenu(title)
        action = QAction(row.text, window)
        action.setShortcuts([QKeySequence(keys) for keys in row.keys])
        action.setAutoRepeat(row.repeats)
        action.triggered.connect(_Call(window, row.call))
        menus[row.menu].addAction(action)
    stack = window.document.undo_stack
    for make, keys in ((stack.createUndoAction, ("Ctrl+Z",)), (stack.createRedoAction, ("Ctrl+Shift+Z", "Ctrl+Y"))):
        action = make(window)
        action.setShortcuts([QKeySequence(k) for k in keys])
        menus["Edit"].addAction(action)
    themes = QActionGroup(window)
    for mode in theme.Mode:
        action = QAction(f"{mode.value}", window, checkable=True, checked=mode is theme.theme().mode)
        action.triggered.connect(_Call(window, _show_in(mode)))
        themes.addAction(action)
        menus["View"].addAction(action)


class _Call:
    """Slot of a menu entry: its call, without the flag that Qt passes along."""

    def __init__(self, window: MainWindow, call: Callable[[MainWindow], object]) -> None:
        self._window, self._call = window, call

    def __call__(self, _checked: bool = False) -> None:
        self._call(self._window)


def keys_in_words() -> list[tuple[str, str]]:
    """What each key does, for the help: ("Space", "Train or pause")."""
    rows = [
        (row.keys[0], row.text.replace("&", "").rstrip("…"))
        for row in ENTRIES
        if isinstance(row, MenuEntry) and row.keys
    ]
    classes = [keys for keys, text in rows if text.startswith("Class ")]
    others = [(keys, text) for keys, text in rows if keys not in classes]
    return [
        *others,
        (f"{classes[0]} … {classes[-1]}", "Choose the class to draw, or make a new one"),
        ("Right button", "Draw the other of two classes"),
        ("←, →, Home, End", "In the timeline: a step back or on, with Shift a hundred; to the beginning, to the end"),
        ("Arrows, Enter, Delete", "In the plane: move the crosshair, draw and erase there"),
        ("Arrows, +, −", "In the network: go from neuron to neuron, add and remove"),
        ("Ctrl+Z, Ctrl+Y", "Undo, redo"),
    ]
