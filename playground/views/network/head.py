"""Diagram head: the number of hidden layers, and all that changes the chosen one, in places that never move."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Signal
from PySide6.QtGui import QEnterEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from engine.nn.activations import ACTIVATIONS
from engine.training import Experiment, LayerSpec, Network, rule_of
from engine.training.spec.rules import Integer
from playground.ui import theme
from playground.ui.controls import FONT_EVENTS, Button, SteadyLabel, as_part
from playground.ui.fields import ChoiceField
from playground.ui.number_format import Notation, read_whole
from playground.ui.stepper import Stepper
from playground.views.network import words

SIZES: Integer = rule_of(LayerSpec, "size")
DEPTHS = Integer(rule_of(Network, "layers").low, rule_of(Network, "layers").high)
SIZE_REASONS = "A layer has at least 1 neuron.", f"A layer has at most {SIZES.high} neurons."
DEPTH_REASONS = "There is no hidden layer to remove.", f"A network has at most {DEPTHS.high} hidden layers."
DROPOUTS = Integer(0, round(100 * rule_of(LayerSpec, "dropout").high))  # in percent
DROPOUT_REASONS = "No neuron is left out.", f"At most {DROPOUTS.high} % are left out."
WHOLE_PERCENT = Notation(lambda value: f"{value} %", lambda text: read_whole(text.replace("%", "")))
DROPOUT_TIP = "the share of its neurons that each step leaves out, others for each point"
TIGHT = 2  # pixels between two buttons of one kind
MICROSCOPE = "Microscope"
MICROSCOPE_TIP = "See how every number is computed, and the chain rule run (M)"
NO_LAYER = "Add a hidden layer with + above."
LAYERS, NEURONS = ("hidden layers", "hidden layer"), ("neurons", "neuron")


class DiagramHead(QWidget):
    """Diagram head: a row for the network, and one for its chosen layer.

    What gives way where it is narrow: the words of the microscope and the count of parameters; of the layer's row the
    word for the dropout, then the word for the neurons, and then the dropout, which the menu has too.
    """

    depth_chosen = Signal(object)
    size_chosen = Signal(object)  # of the chosen layer, as all below
    activation_chosen = Signal(object)
    dropout_chosen = Signal(object)
    removed = Signal()
    menu_asked = Signal(object)  # the place below the button that asks for what else can be done with the layer
    gesture_ended = Signal()
    entered = Signal()  # a number was typed, and the keyboard is free
    pointed_at = Signal()  # and the neurons no longer
    microscope_asked = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._experiment = Experiment()
        self._title = QLabel()
        self._title.setProperty("role", "title")
        self._title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)  # it moves nothing
        self._depth, self._depth_word = Stepper(DEPTHS, DEPTH_REASONS), SteadyLabel(*LAYERS, role="small")
        self._depth.name("Hidden layers", "Remove the last layer", "Add a layer")
        self._microscope = Button(MICROSCOPE, icon="microscope", tip=MICROSCOPE_TIP, role="small")
        as_part(self._microscope, MICROSCOPE)
        names = [f"Layer {layer}" for layer in range(1, DEPTHS.high + 1)]
        self._name = SteadyLabel(*names, role="steady")
        self._size, self._size_word = Stepper(SIZES, SIZE_REASONS), SteadyLabel(*NEURONS, role="small")
        self._activation = ChoiceField("Activation", ACTIVATIONS, has_caption=False)
        self._dropout = Stepper(DROPOUTS, DROPOUT_REASONS, WHOLE_PERCENT, by=10)
        self._dropout_word = SteadyLabel("dropout", role="small")
        self._more = Button(icon="dots-three", role="icon")
        self._remove = Button(icon="trash", role="icon")
        self._none = QLabel(NO_LAYER)
        self._none.setProperty("role", "small")
        self._lay_out()
        self._depth.changed.connect(self.depth_chosen)
        self._size.changed.connect(self.size_chosen)
        self._activation.changed.connect(self.activation_chosen)
        self._dropout.changed.connect(lambda percent: self.dropout_chosen.emit(percent / 100))
        self._more.clicked.connect(self._ask_for_menu)
        self._remove.clicked.connect(self.removed)
        self._microscope.clicked.connect(self.microscope_asked)
        for stepper in (self._depth, self._size, self._dropout):
            stepper.gesture_ended.connect(self.gesture_ended)
            stepper.entered.connect(self.entered)

    def _lay_out(self) -> None:
        depth = as_part(QWidget(), "Hidden layers")
        depth.setLayout(_row(self._depth, self._depth_word))
        first = _row(self._title, depth, self._microscope)
        first.setStretch(0, 1)
        self._of_layer = as_part(QWidget(), "Controls of a layer")
        row = _row(self._name, self._size, self._size_word, self._activation, self._dropout, self._dropout_word)
        last = _row(self._more, self._remove)
        last.setSpacing(TIGHT)
        row.addLayout(last)
        row.addStretch(1)
        self._of_layer.setLayout(row)
        self._rows = rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(theme.GAP // 2)
        rows.addLayout(first)
        rows.addWidget(self._of_layer)
        rows.addWidget(self._none)

    def show_layer(self, experiment: Experiment, layer: int) -> None:
        """Show a network and one of its layers, if it has any."""
        layers = experiment.network.layers
        self._experiment = experiment
        self._depth.setValue(len(layers))
        self._depth_word.setText(LAYERS[len(layers) == 1])
        if not layers and self._has_focus():
            self.take_focus()
        self._of_layer.setVisible(bool(layers))
        self._none.setVisible(not layers)
        if layers:
            self._show_controls(layers[layer], f"layer {layer + 1}")
        self._fit()

    def take_focus(self) -> None:
        """Have the keyboard, at the number of layers."""
        self._depth.take_focus()

    def enterEvent(self, event: QEnterEvent) -> None:
        self.pointed_at.emit()

    def _has_focus(self) -> bool:
        focus = self.focusWidget()
        return focus is not None and self._of_layer.isAncestorOf(focus)

    def _show_controls(self, spec: LayerSpec, name: str) -> None:
        self._name.setText(name.capitalize())
        self._size.name(f"Neurons in {name}", f"Remove a neuron from {name}", f"Add a neuron to {name}")
        self._size.setValue(spec.size)
        self._size_word.setText(NEURONS[spec.size == 1])
        self._activation.name(f"Activation of {name}", f"Activation of {name}: what its neurons make of their sums")
        self._activation.setValue(spec.activation)
        self._dropout.name(f"Dropout of {name}", f"Less dropout in {name}", f"More dropout in {name}")
        self._dropout.setToolTip(f"Dropout of {name}: {DROPOUT_TIP}")
        self._dropout.setValue(round(100 * spec.dropout))
        self._more.setAccessibleName(f"More for {name}")
        self._more.setToolTip(f"More for {name}: duplicate, move, biases, initial weights")
        self._remove.setAccessibleName(f"Remove {name}")
        self._remove.setToolTip(f"Remove {name}")

    def _ask_for_menu(self) -> None:
        self.menu_asked.emit(self._more.mapToGlobal(self._more.rect().bottomLeft()))

    def event(self, event: QEvent) -> bool:
        handled = super().event(event)
        if event.type() in (QEvent.Type.LayoutRequest, *FONT_EVENTS):
            self._none.setFixedHeight(self._of_layer.sizeHint().height())  # and so nothing below moves
            self._fit()
        return handled

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit()

    def _fit(self) -> None:
        """Say as much as there is room for."""
        title, advance = words.title(self._experiment), self._title.fontMetrics().horizontalAdvance
        room = self.width() - self._beside_title()
        has_words = advance(words.TITLE) + self._microscope_width(MICROSCOPE) <= room
        left = room - self._microscope_width(MICROSCOPE if has_words else "")
        self._title.setText(title if advance(title) <= left else words.TITLE)
        self._title.setToolTip("" if self._title.text() == title else title.capitalize())
        if self._microscope.text() != MICROSCOPE * has_words:
            self._microscope.setText(MICROSCOPE * has_words)
            self._microscope.set_icon("microscope")
        left = self.width() - self._layer_row()
        for widget in (self._dropout, self._size_word, self._dropout_word):
            needed = theme.GAP + widget.sizeHint().width()
            widget.setVisible(needed <= left)
            left = left - needed if needed <= left else 0  # what comes later has no room either

    def _beside_title(self) -> int:
        return sum(w.sizeHint().width() for w in (self._depth, self._depth_word)) + 3 * theme.GAP

    def _layer_row(self) -> int:
        """Pixels that the chosen layer's row needs, without what gives way."""
        widgets = self._name, self._size, self._activation, self._more, self._remove
        return sum(w.sizeHint().width() for w in widgets) + (len(widgets) - 2) * theme.GAP + TIGHT

    def _microscope_width(self, text: str) -> int:
        """Pixels that its button has with this text."""
        self._microscope.ensurePolished()
        icon = theme.px(theme.ICON_SIZE)
        words = self._microscope.fontMetrics().horizontalAdvance(text)
        return icon + 2 * theme.px(10) + 2 + (theme.GAP + words if text else 0)

    def minimumSizeHint(self) -> QSize:
        title = self._title.fontMetrics().horizontalAdvance(words.TITLE)
        first = title + self._beside_title() + self._microscope_width("") + theme.GAP  # sizes are rounded
        return QSize(max(first, self._layer_row()), self._rows.minimumSize().height())


def _row(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(theme.GAP)
    for widget in widgets:
        row.addWidget(widget)
    return row
