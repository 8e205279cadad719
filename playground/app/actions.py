"""Actions: everything that the menus, the keys and the command search can do, as one table."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication

from engine.dataclass import dataclass
from engine.nn import ACTIVATIONS
from engine.training import AT_LAUNCH, DATASETS, MAX_CLASSES, PRESETS, Network, rule_of
from playground.app import clipboard, dialogs, exports
from playground.app.help import desk
from playground.app.pages import PAGES
from playground.model import edits
from playground.runtime.area import WHOLE
from playground.ui import theme
from playground.views.loss.view import NOTHING
from playground.views.metrics.table import METRICS
from playground.views.network.layout import NeuronPlace
from playground.views.plane.options import OPTIONS
from playground.views.plane.plane import ZOOM
from playground.views.plane.tools import TOOLS

if TYPE_CHECKING:
    from playground.app.main_window import MainWindow

Call = Callable[["MainWindow"], object]
Reason = Callable[["MainWindow"], str]
MOST_LAYERS: int = rule_of(Network, "layers").high


def _never(_: MainWindow) -> str:
    return ""


@dataclass(frozen=True)
class MenuEntry:
    """Menu entry: its words, its keys, and what it calls.

    Attributes:
        menu: where it stands; "File/New from" is a submenu.
        text: its words; & stands before the letter that chooses it.
        keys: the first is the one that is told.
        call: what it does.
        tip: what it does, in a sentence.
        icon: of `resources/icons`.
        repeats: whether a key that is held down calls again and again.
        is_on: of a switch, whether it is on now.
        why_not: why it is not possible now; empty where it is.
        more: words that depend on the moment: what would be undone.
    """

    menu: str
    text: str
    keys: tuple[str, ...]
    call: Call
    tip: str
    icon: str = ""
    repeats: bool = False
    is_on: Callable[[MainWindow], bool] | None = None
    why_not: Reason = _never
    more: Reason = _never

    @property
    def name(self) -> str:
        """Its words without the sign of the letter that chooses it."""
        return self.text.replace("&", "")


def lettered(labels: Iterable[str]) -> list[str]:
    """Labels of one menu with & before a letter of each, another for each if there are: a maximum matching."""
    owners: dict[str, str] = {}

    def find_letter(label: str, tried: set[str]) -> bool:
        """Give a label a letter: one that is free, or else one whose owner finds another."""
        for letter in filter(str.isalpha, label.lower()):
            if letter not in tried:
                tried.add(letter)
                if letter not in owners or find_letter(owners[letter], tried):
                    owners[letter] = label
                    return True
        return False

    labels = list(labels)
    for label in labels:
        find_letter(label, set())
    places = {label: label.lower().index(letter) for letter, label in owners.items()}
    return [f"{label[:at]}&{label[at:]}" for label in labels for at in [places.get(label, 0)]]


def _new_from(preset: str) -> Call:
    return lambda w: w.files.new(preset)


def _draw_class(label: int) -> Call:
    return lambda w: w.output.choose_label(label)


def _bring(tab: str) -> Call:
    return lambda w: w.inspector.bring(tab)


def _plot_below(metric: str) -> Call:
    return lambda w: w.loss.show_metric(metric)


def _is_below(metric: str) -> Callable[[MainWindow], bool]:
    return lambda w: w.loss.plotted == metric


def _use_activation(name: str) -> Call:
    return lambda w: w.editor.use_activation(name)


def _show_in(mode: theme.Mode) -> Call:
    return lambda w: w.appearance.set_theme(mode)


def _is_in(mode: theme.Mode) -> Callable[[MainWindow], bool]:
    return lambda _: theme.theme().mode is mode


def _has_option(name: str) -> Callable[[MainWindow], bool]:
    return lambda w: w.output.options[name].isChecked()


def _turn_option(name: str) -> Call:
    return lambda w: w.output.options[name].trigger()


def _take_up(tool: str) -> Call:
    return lambda w: w.output.choose_tool(tool)


def _in_text(method: str, of_points: Call) -> Call:
    """In the text that has the cursor, or else of points."""
    return lambda w: getattr(QApplication.focusWidget(), method, partial(of_points, w))()


def _nothing_to(method: str) -> Reason:
    reason = "select points in the plane first, or put the cursor into a text."
    return lambda w: "" if hasattr(QApplication.focusWidget(), method) or len(w.output.plane.selection) else reason


def _none_selected(w: MainWindow) -> str:
    return "" if len(w.output.plane.selection) else "select points first, with a rectangle or a lasso."


def _no_undo(w: MainWindow) -> str:
    return "" if w.document.undo_stack.canUndo() else "there is nothing to undo."


def _no_redo(w: MainWindow) -> str:
    return "" if w.document.undo_stack.canRedo() else "nothing was undone."


def _no_file(w: MainWindow) -> str:
    if w.document.path is None:
        return "there is no file yet."
    return "" if w.document.is_modified else "the file has all of it."


def _no_sweep(w: MainWindow) -> str:
    page = w.inspector.built("sweep")
    return "" if page is not None and page.has_rows else "no run of a sweep is done."


def _drawn(w: MainWindow) -> str:
    return "" if w.document.experiment.data.dataset in PRESETS else "the points are drawn by hand."


def _at_beginning(w: MainWindow) -> str:
    return "" if w.frame is not None and w.frame.step > 0 else "this is step 0."


def _at_end(w: MainWindow) -> str:
    return "" if w.frame is not None and w.frame.step < w.frame.end else "this is the last step."


def _no_layers(w: MainWindow) -> str:
    return "" if w.document.experiment.network.layers else "there is no hidden layer."


def _no_room(w: MainWindow) -> str:
    full = len(w.document.experiment.network.layers) >= MOST_LAYERS
    return f"there are {MOST_LAYERS} hidden layers, as many as there can be." if full else ""


def _no_hand(w: MainWindow) -> str:
    return "" if edits.is_by_hand(w.document.experiment) else "choose the optimiser “By hand” first."


def _no_layers_or_room(w: MainWindow) -> str:
    return _no_layers(w) or _no_room(w)


def _is_first(w: MainWindow) -> str:
    return _no_layers(w) or ("" if _layer(w) > 0 else "it is the first layer.")


def _is_last(w: MainWindow) -> str:
    is_last = _layer(w) == len(w.document.experiment.network.layers) - 1
    return _no_layers(w) or ("it is the last layer." if is_last else "")


def _layer(w: MainWindow) -> int:
    """The hidden layer of the neuron that is chosen, or else the last one."""
    chosen, layers = w.network.selected, len(w.document.experiment.network.layers)
    return chosen.column - 1 if isinstance(chosen, NeuronPlace) and 0 < chosen.column <= layers else layers - 1


def _grow(w: MainWindow, by: int) -> None:
    layer = _layer(w)
    w.editor.set_size(layer, w.document.experiment.network.layers[layer].size + by)


_SETS = dict(zip(PRESETS, lettered(DATASETS[name].label for name in PRESETS), strict=True))
_CURVES = dict(zip(ACTIVATIONS, lettered(row.label for row in ACTIVATIONS.values()), strict=True))
_TABS = dict(zip(PAGES, lettered(page.title for page in PAGES.values()), strict=True))
_BELOW = dict(
    zip(("", *METRICS), lettered([NOTHING, *(metric.title(None) for metric in METRICS.values())]), strict=True)
)
_NEARER, _FARTHER, _ALL, *_SHOWN = lettered(
    ["Zoom in", "Zoom out", "Whole plane", *(option.label for option in OPTIONS.values())]
)
_OPTIONS = dict(zip(OPTIONS, _SHOWN, strict=True))
_MODES = dict(zip(theme.Mode, lettered(mode.value for mode in theme.Mode), strict=True))
_MOVES: tuple[tuple[str, str, str, str, Call, Reason], ...] = (
    ("&Cut", "cut", "Ctrl+X", "scissors", lambda w: w.output.cut(), _nothing_to("cut")),
    ("C&opy", "copy", "Ctrl+C", "copy", lambda w: w.output.copy(), _nothing_to("copy")),
    ("Select &all", "selectAll", "Ctrl+A", "selection-all", lambda w: w.output.select_all(), _never),
)
_REST = "New points", "Erase all points", "Test points from now on", "Wider brush", "Narrower brush"
_NEW, _EMPTY, _TEST, _WIDER, _NARROWER, *_LABELS = lettered([*_REST, *(tool.label for tool in TOOLS.values())])
_TOOLS = dict(zip(TOOLS, _LABELS, strict=True))

# a bare menu's name stands for a line across it, and with a title for the menu of recent documents
# fmt: off
ENTRIES: tuple[MenuEntry | str, ...] = (
    MenuEntry("File", "&New", ("Ctrl+N",), lambda w: w.files.new(AT_LAUNCH), "Begin a new project", "file-plus"),
    *(
        MenuEntry("File/New from &dataset", text, (), _new_from(name), f"Begin with {DATASETS[name].description}")
        for name, text in _SETS.items()
    ),
    MenuEntry("File", "&Open…", ("Ctrl+O",), lambda w: w.files.open(), "Open a project file", "folder-open"),
    "File/Open &recent",
    "File",
    MenuEntry("File", "&Import data…", ("Ctrl+I",), lambda w: w.importer.choose(),
        "Points of your own from a table: CSV, TSV, or what a spreadsheet saves", "table"),
    MenuEntry("File", "&Save", ("Ctrl+S",), lambda w: w.files.save(), "Save to the project's file", "floppy-disk"),
    MenuEntry("File", "Save &as…", ("Ctrl+Shift+S",), lambda w: w.files.save_as(), "Save to a file of another name",
        "floppy-disk"),
    MenuEntry("File", "Re&vert", (), lambda w: w.files.revert(), "Go back to what the file has",
        "clock-counter-clockwise", why_not=_no_file),
    "File",
    MenuEntry("File/&Export", "Picture of the &window…", (), exports.window, "Save the window as a picture", "image"),
    MenuEntry("File/&Export", "Picture of the &plane…", (), exports.plane, "Save the plane as PNG or SVG", "image"),
    MenuEntry("File/&Export", "Picture of the &network…", (), exports.network, "Save the diagram as PNG or SVG",
        "image"),
    MenuEntry("File/&Export", "P&oints as a table…", (), exports.points,
        "Save the points, in their own units, as CSV or TSV", "table"),
    MenuEntry("File/&Export", "&Figures as a table…", (), exports.figures, "Save the losses, step by step, as CSV",
        "table"),
    MenuEntry("File/&Export", "Rows of the &sweep…", (), exports.sweep,
        "Save a row for each run of the sweep as CSV, from which “main.py sweep” can go on", "table",
            why_not=_no_sweep),
    MenuEntry("File/&Export", "&Runs as a table…", (), exports.runs, "Save the list of runs as CSV", "table"),
    MenuEntry("File/&Export", "Runs as a noteboo&k…", (), exports.notebook,
        "Each run with its settings, guess, outcome and note, and programs that train the same", "code"),
    MenuEntry("File/&Export", "&Metrics…", (), exports.metrics,
        "Save the metrics that are plotted: step by step as CSV, or as a picture", "table"),
    "File",
    MenuEntry("File", "&Quit", ("Ctrl+Q",), lambda w: w.close(), "Close the window", "sign-out"),
    MenuEntry("Edit", "&Undo", ("Ctrl+Z",), lambda w: w.document.undo_stack.undo(), "Take the last edit back",
        "arrow-u-up-left", True, None, _no_undo, lambda w: w.document.undo_stack.undoText()),
    MenuEntry("Edit", "&Redo", ("Ctrl+Y", "Ctrl+Shift+Z"), lambda w: w.document.undo_stack.redo(),
        "Make the edit again that was taken back", "arrow-u-up-right", True, None, _no_redo,
            lambda w: w.document.undo_stack.redoText()),
    "Edit",
    *(
        MenuEntry("Edit", text, (key,), _in_text(method, of_points),
            f"{text.replace('&', '')}: points in the plane, or in the text that is being typed", icon, why_not=why_not)
        for text, method, key, icon, of_points, why_not in _MOVES
    ),
    MenuEntry("Edit", "&Paste", ("Ctrl+V",), clipboard.paste,
        "Into the text that is being typed; elsewhere, a setup, points, or the cells of a spreadsheet", "clipboard",
            why_not=clipboard.why_nothing_to_paste),
    "Edit",
    MenuEntry("Edit", "Cop&y setup", ("Ctrl+Shift+C",), clipboard.copy_setup,
        "Data, network and settings as one line of text, for a mail or a command line", "copy",
            why_not=clipboard.no_setup_text),
    MenuEntry("Edit", "Paste &setup", ("Ctrl+Shift+V",), clipboard.paste_setup,
        "Begin with the data, network and settings that a copied line has; the run that there was stays", "clipboard",
            why_not=clipboard.no_setup),
    "Edit",
    MenuEntry("Edit", "&Delete points", (), lambda w: w.output.delete(), "Erase the points that are selected", "eraser",
        why_not=_none_selected),
    MenuEntry("Edit", "Dup&licate points", ("Ctrl+D",), lambda w: w.output.plane.duplicate(),
        "Have the points that are selected a second time, beside them", "copy-simple", why_not=_none_selected),
    MenuEntry("Edit", "&Jitter points", ("J",), lambda w: w.output.plane.jitter(),
        "Move each of the points that are selected a little, by chance", "shuffle", why_not=_none_selected),
    "Edit",
    MenuEntry("Edit", "&Find a command…", ("Ctrl+K",), dialogs.find_command,
        "Every command and every setting by a word of it", "list-magnifying-glass"),
    MenuEntry("Edit", "Se&ttings…", ("Ctrl+,",), dialogs.settings, "Theme, text size and what is shown", "gear"),
    MenuEntry("Network", "&Add a hidden layer", (),
        lambda w: w.editor.add_layer(len(w.document.experiment.network.layers)),
            "Put one more layer before the output", "stack-plus", why_not=_no_room),
    MenuEntry("Network", "&Remove the last layer", (),
        lambda w: w.editor.remove_layer(len(w.document.experiment.network.layers) - 1),
            "Take the last hidden layer out", "stack-minus", why_not=_no_layers),
    MenuEntry("Network", "Add a &neuron", (), lambda w: _grow(w, 1),
        "To the layer of the chosen neuron, or else to the last", "plus-circle", why_not=_no_layers),
    MenuEntry("Network", "Remove a n&euron", (), lambda w: _grow(w, -1),
        "From the layer of the chosen neuron, or else from the last", "minus-circle", why_not=_no_layers),
    MenuEntry("Network", "&Duplicate the layer", ("Ctrl+Shift+D",), lambda w: w.editor.duplicate_layer(_layer(w)),
        "Put the layer of the chosen neuron, or else the last, in once more", "copy", why_not=_no_layers_or_room),
    MenuEntry("Network", "Move the layer &left", ("Ctrl+Shift+Left",), lambda w: w.network.move_layer(_layer(w), -1),
        "Have the layer of the chosen neuron, or else the last, change places with the one before it", "caret-left",
            why_not=_is_first),
    MenuEntry("Network", "Move the layer r&ight", ("Ctrl+Shift+Right",), lambda w: w.network.move_layer(_layer(w), 1),
        "Have the layer of the chosen neuron, or else the last, change places with the one behind it", "caret-right",
            why_not=_is_last),
    *(
        MenuEntry("Network/A&ctivation of all layers", text, (), _use_activation(name),
            f"Have all hidden neurons use {ACTIVATIONS[name].label}", why_not=_no_layers)
        for name, text in _CURVES.items()
    ),
    "Network",
    MenuEntry("Network", "Weights &by hand…", ("W",), lambda w: w.network.open_card(),
        "A weight's value, to be typed or dragged; freeze it, or cut it", "pencil-simple"),
    MenuEntry("Network", "New &weights", ("Shift+R",), lambda w: w.editor.new_weights(),
        "Draw other initial weights at random", "dice-five"),
    MenuEntry("Network", "&Keep weights", (), lambda w: w.initial.set_keeps_weights(not w.initial.keeps_weights),
        "A changed network keeps the weights that have a place in it", "check-square",
            is_on=lambda w: w.initial.keeps_weights),
    MenuEntry("Network", "&Use the dataset's network", (), lambda w: w.editor.use_preset(),
        "The layers and settings that were made for the dataset", "magic-wand", why_not=_drawn),
    MenuEntry("Train", "&Train or pause", ("Space",), lambda w: w.toggle_training(), "Step after step, until paused",
        "play"),
    MenuEntry("Train", "&Step", ("S",), lambda w: w.worker.step(), "One gradient step, on one batch", "skip-forward",
        True),
    MenuEntry("Train", "One e&poch", ("N",), lambda w: w.worker.step_epoch(), "As many steps as end this epoch",
        "skip-forward", True),
    MenuEntry("Train", "Step &back", ("Shift+S",), lambda w: w.worker.step_back(), "To the step before", "skip-back",
        True),
    MenuEntry("Train", "&Reset", ("R",), lambda w: w.reset(), "Begin again at step 0; the run that there was stays",
        "arrow-counter-clockwise"),
    "Train",
    MenuEntry("Train", "Train &until…", (), dialogs.stop_rules,
         "Train a number of steps, to a loss or an accuracy, or until it gets no better, then stop", "check"),
    MenuEntry("Train", "Guess f&irst…", (), dialogs.guess,
        "Say the loss that training will come to, or draw the boundary, and see what becomes of it", "question"),
    MenuEntry("Train", "To the b&eginning", (), lambda w: w.worker.seek(0), "Look at step 0 of this run", "caret-left",
        why_not=_at_beginning),
    MenuEntry("Train", "To the e&nd", (), lambda w: w.worker.seek_end(), "Look at the last step of this run",
        "caret-right", why_not=_at_end),
    MenuEntry("Train", "For&k here", (), lambda w: w.worker.fork(), "Begin another run with the same past",
        "git-branch"),
    MenuEntry("Train", "Race &gradient descent", (), lambda w: w.race(),
        "Train it from where training by hand began; what was made by hand stays", "fast-forward", why_not=_no_hand),
    "Train",
    MenuEntry("Train", "&Faster", ("]",), lambda w: w.change_speed(1), "More steps a second", "fast-forward", True),
    MenuEntry("Train", "S&lower", ("[",), lambda w: w.change_speed(-1), "Fewer steps a second", "rewind", True),
    *(
        MenuEntry("Draw", text, (TOOLS[name].key,), _take_up(name), TOOLS[name].hint, TOOLS[name].icon)
        for name, text in _TOOLS.items()
    ),
    "Draw",
    MenuEntry("Draw", _TEST, ("T",), lambda w: w.output.set_draws_test(not w.output.draws_test),
        "New points are held back to test the network, or are there to train it", is_on=lambda w: w.output.draws_test),
    MenuEntry("Draw", _WIDER, ("G",), lambda w: w.output.grow_brush(ZOOM), "The eraser or the spray reaches further",
        "plus-circle", True),
    MenuEntry("Draw", _NARROWER, ("Shift+G",), lambda w: w.output.grow_brush(1 / ZOOM),
        "The eraser or the spray reaches less far", "minus-circle", True),
    "Draw",
    *(
        MenuEntry("Draw", f"Class &{label + 1}", (str(label + 1),), _draw_class(label),
            f"Draw points of class {label + 1}")
        for label in range(MAX_CLASSES)
    ),
    "Draw",
    MenuEntry("Draw", _NEW, ("Shift+P",), lambda w: w.editor.new_points(), "Other points of the same dataset",
        "dice-five", why_not=_drawn),
    MenuEntry("Draw", _EMPTY, (), lambda w: w.editor.clear_points(), "An empty plane", "trash"),
    MenuEntry("View", "&Microscope", ("M",), lambda w: w.inspector.toggle(),
        "The tabs that look closely, or no longer", "microscope", is_on=lambda w: w.inspector.is_open),
    MenuEntry("View", "Microscope in the &whole window", ("Shift+M",), lambda w: w.inspector.fill(),
        "Give the tabs all the room, or their part of it", "arrows-out"),
    MenuEntry("View", "&Explain this place", ("X",), lambda w: w.output.explain(),
        "What the network makes of the place that is pointed at in the plane, also where no point is",
            "magnifying-glass"),
    *(MenuEntry("View/&Look closely", text, (), _bring(tab), PAGES[tab].words) for tab, text in _TABS.items()),
    *(
        MenuEntry("View/&Below the loss", text, (), _plot_below(name),
            METRICS[name].words if name else "The loss alone", is_on=_is_below(name))
        for name, text in _BELOW.items()
    ),
    MenuEntry("View/&Film", "One operation &forward", (".",), lambda w: w.inspector.forward(),
        "The next operation of the film", "skip-forward", True),
    MenuEntry("View/&Film", "One operation &back", (",",), lambda w: w.inspector.back(),
        "Take the last operation of the film back", "skip-back", True),
    MenuEntry("View/&Film", "&Play or hold the film", ("P",), lambda w: w.inspector.play(),
        "Operation after operation, until held", "film-strip"),
    *(
        MenuEntry("View/In the pla&ne", text, (), _turn_option(name), OPTIONS[name].tip, is_on=_has_option(name))
        for name, text in _OPTIONS.items()
    ),
    MenuEntry("View/In the pla&ne", _NEARER, ("Z",), lambda w: w.output.plane.zoom(ZOOM),
        "See a smaller piece of the plane", "magnifying-glass-plus", True),
    MenuEntry("View/In the pla&ne", _FARTHER, ("Shift+Z",), lambda w: w.output.plane.zoom(1 / ZOOM),
        "See a larger piece of the plane", "magnifying-glass-minus", True),
    MenuEntry("View/In the pla&ne", _ALL, ("0",), lambda w: w.output.plane.look_at_area(WHOLE),
        "From −6 to 6, as it is at first", "frame-corners"),
    "View",
    MenuEntry("View", "&Presentation", ("F5",), lambda w: w.appearance.toggle_presentation(),
        "For a class: larger text, fewer controls, the whole screen", "projector-screen",
            is_on=lambda w: w.appearance.is_presenting),
    MenuEntry("View", "F&ull screen", ("F11",), lambda w: w.appearance.toggle_full_screen(),
        "The window fills the screen", "corners-out", is_on=lambda w: w.appearance.fills_screen),
    MenuEntry("View", "&Show and hide…", (), dialogs.parts,
        "Which panels and settings are to be seen", "eye"),
    MenuEntry("View/&Text size", "&Larger", ("Ctrl++", "Ctrl+="), lambda w: w.appearance.change_text_size(1),
        "Larger text", "plus", True),
    MenuEntry("View/&Text size", "&Smaller", ("Ctrl+-",), lambda w: w.appearance.change_text_size(-1), "Smaller text",
        "minus", True),
    MenuEntry("View/&Text size", "&Usual", ("Ctrl+0",), lambda w: w.appearance.set_text_size(1.0),
        "Text of the usual size", "text-t"),
    *(
        MenuEntry("View/T&heme", text, (), _show_in(mode), f"The window's colours: {mode.value.lower()}",
            is_on=_is_in(mode))
        for mode, text in _MODES.items()
    ),
    MenuEntry("View", "&Reset layout", (), lambda w: w.reset_layout(), "Everything shown, in its usual place and size",
        "layout"),
    MenuEntry("Help", "&Guide", ("F1",), desk.at("Guide"), "How each job is done", "book-open"),
    MenuEntry("Help", "&What is this?", ("Shift+F1",), desk.show_for_focus, "Explain the control that has the keyboard",
        "question"),
    MenuEntry("Help", "G&lossary", (), desk.at("Glossary"), "The words of the field", "text-aa"),
    MenuEntry("Help", "&Keys", ("Ctrl+F1",), desk.at("Keys"), "What each key does", "keyboard"),
    MenuEntry("Help", "&First steps", (), desk.show_first_steps, "Five hints for the first minute", "play"),
    "Help",
    MenuEntry("Help", "&About Backprop Playground", (), desk.show_about, "Versions and licences, to copy", "info"),
)
# fmt: on
MENUS = ("File", "Edit", "Network", "Train", "Draw", "View", "Help")


def keys_in_words() -> list[tuple[str, str]]:
    """What each key does, for the help: ("Space", "Train or pause")."""
    rows = [(row.keys[0], row.name.rstrip("…")) for row in ENTRIES if isinstance(row, MenuEntry) and row.keys]
    classes = [keys for keys, text in rows if text.startswith("Class ")]
    others = [(keys, text) for keys, text in rows if keys not in classes]
    return [
        *others,
        (f"{classes[0]} … {classes[-1]}", "Choose the class to draw, or make a new one"),
        ("Right button", "Draw the other of two classes"),
        ("←, →, Home, End", "In the timeline: a step back or on, with Shift a hundred; to the beginning, to the end"),
        (
            "Arrows, Enter, Delete",
            "In the plane: move the crosshair, draw and erase there, or move and erase what is selected",
        ),
        ("Wheel, +, −", "In the plane: zoom; with Shift the wheel turns the size of the brush"),
        ("Middle button, Space", "In the plane: drag to see another piece of it; Ctrl and the arrow keys do so too"),
        ("Esc", "In the plane: select nothing"),
        ("Arrows, +, −", "In the network: go from neuron to neuron, add and remove"),
        ("Page up, Page down", "In the card of a weight: the weight before, the weight after"),
    ]
