"""Network diagram: every neuron, every weight and every bias of the run, and the controls that build it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QLabel, QWidget

from engine.training import FEATURES, Experiment, LayerSpec, Network, rule_of
from playground.runtime.frame import Frame
from playground.ui import theme
from playground.ui.controls import Button
from playground.views.network import words
from playground.views.network.controls import SMALL, ButtonSign, LayerControls, PointerLabel, SignButton
from playground.views.network.edges import EdgePainter, largest
from playground.views.network.layout import Bias, Edge, NeuronPlace, Target, TextSizes, arrange
from playground.views.network.neurons import NeuronPainter

HEADINGS = ("Features", "Output")
INSERT = "Layer"
POINTER = QSize(12, 18)  # what a label leaves free of it
ADD_LAYER = "Add a layer here"
MICROSCOPE = "See how every number is computed, and the chain rule run (M)"
ARROWS: dict[int, tuple[int, int]] = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
FEWER_KEYS = (Qt.Key.Key_Minus, Qt.Key.Key_Delete)
MORE_KEYS = (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Insert)


class NetworkView(QWidget):
    """Network diagram: draws a network and lets the user build it. Stands on a panel, which has its margins."""

    layer_added = Signal(int)  # its position; 0 is right after the features
    layer_removed = Signal(int)
    neuron_added = Signal(int)  # the layer, from 0
    neuron_removed = Signal(int)
    activation_chosen = Signal(int, str)  # the layer, the activation's key
    neuron_hovered = Signal(object)  # (column, unit), features being column 0, or None
    chosen = Signal(object)  # a Neuron, Bias or Edge that is to be looked at closely
    microscope_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._experiment = Experiment()
        self._frame: Frame | None = None
        self._target: Target | None = None
        self.selected: Target | None = None
        self.lit: Target | None = None
        self._around = QRect()  # what the label must not cover: a neuron, or the pointer
        self._tabbed = False  # the focus came by the keyboard, and should be seen
        self._size_rule, self._depth_rule = rule_of(LayerSpec, "size"), rule_of(Network, "layers")
        self.setAccessibleName("Network")
        self.setAccessibleDescription(
            "Arrow keys walk over the neurons; + and − add and remove one in the layer; Enter looks at one closely."
        )
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._title = QLabel(self)
        self._title.setProperty("role", "title")
        self._microscope = Button("Microscope", icon="magnifying-glass", tip=MICROSCOPE, role="small")
        self._microscope.setParent(self)
        self._microscope.clicked.connect(self.microscope_asked)
        self._inserts = [self._new_insert(0)]
        self._controls: list[LayerControls] = []
        self._label = PointerLabel(self)
        self._arrange()
        theme.theme().changed.connect(self._recolour)

    def sizeHint(self) -> QSize:
        return QSize(640, 420)

    def minimumSizeHint(self) -> QSize:
        return QSize(560, 250)

    # What is shown

    def show_experiment(self, experiment: Experiment) -> None:
        """Show a network before its first frame: what is known stays, and what is not is blank."""
        if _structure(experiment) != _structure(self._experiment):
            self._frame = None
        self._show_structure(experiment)

    def show_frame(self, frame: Frame) -> None:
        """Show a moment of a run."""
        self._frame = frame
        self._show_structure(frame.experiment)
        self.update(self.diagram.body)
        self._say()

    def show_chosen(self, target: Target | None) -> None:
        """Mark what is looked at closely."""
        if target != self.selected:
            self.selected = target
            self.update(self.diagram.body)

    def show_lit(self, target: Target | None) -> None:
        """Light up what computes at this micro-step."""
        if target != self.lit:
            self.lit = target
            self.update(self.diagram.body)

    def _show_structure(self, experiment: Experiment) -> None:
        same = _structure(experiment) == _structure(self._experiment)
        self._experiment = experiment
        if not same:
            self._arrange()

    def _arrange(self) -> None:
        """Put everything in its place: the structure has changed, or the room."""
        metrics = QFontMetrics(theme.font(SMALL))
        text = TextSizes(
            feature=max(metrics.horizontalAdvance(feature.label) for feature in FEATURES.values()),
            count=metrics.horizontalAdvance(words.count(self._size_rule.high)) + theme.GAP,
            heading=max(map(metrics.horizontalAdvance, HEADINGS)),
            insert=metrics.horizontalAdvance(INSERT),
        )
        sizes = self._experiment.sizes
        room = self.size().expandedTo(self.minimumSizeHint())
        self.diagram = arrange(sizes, room.width(), room.height(), text)
        self._edges, self._neurons = EdgePainter(self.diagram), NeuronPainter(self.diagram)
        self._title.setText(words.title(self._experiment))
        room = self._microscope.sizeHint()
        self._microscope.setGeometry(self.width() - room.width(), 0, room.width(), room.height())
        self._title.setGeometry(0, 0, self.width() - room.width(), self._title.sizeHint().height())
        self._place_controls()
        if isinstance(self._target, NeuronPlace) and self._target.column < len(sizes):
            unit = min(self._target.unit, sizes[self._target.column] - 1)
            self._look_at(NeuronPlace(self._target.column, unit))
        else:
            self._look_at(None)
        self.update()

    def _place_controls(self) -> None:
        layers = self._experiment.network.layers
        while len(self._controls) < len(layers):  # in this order, which is that of the Tab key
            self._controls.append(self._new_controls(len(self._controls)))
            self._inserts.append(self._new_insert(len(self._inserts)))
        self._keep_focus(len(layers))
        for index, controls in enumerate(self._controls):
            if index < len(layers):
                controls.place(self.diagram.slots[index])
                controls.show(layers[index], self._size_rule.low, self._size_rule.high)
            else:
                controls.hide()
        for index, button in enumerate(self._inserts):
            button.setVisible(index <= len(layers))
            if index <= len(layers):
                button.setGeometry(self.diagram.inserts[index])
                button.setText(INSERT if self.diagram.inserts_named else "")
                button.setEnabled(len(layers) < self._depth_rule.high)

    def _keep_focus(self, layers: int) -> None:
        """Before controls vanish, hand their focus to their neighbour on the left."""
        if any(widget.hasFocus() for controls in self._controls[layers:] for widget in controls.widgets):
            (self._controls[layers - 1].remove if layers else self._inserts[0]).setFocus()
        elif any(button.hasFocus() for button in self._inserts[layers + 1 :]):
            self._inserts[layers].setFocus()

    def _new_insert(self, position: int) -> SignButton:
        button = SignButton(self, ButtonSign.MORE, ADD_LAYER, prominent=True)
        button.setAccessibleName(f"Add a layer at position {position + 1}")
        button.clicked.connect(lambda: self.layer_added.emit(position))
        return button

    def _new_controls(self, layer: int) -> LayerControls:
        controls = LayerControls(self, layer)
        controls.fewer.clicked.connect(lambda: self.neuron_removed.emit(layer))
        controls.more.clicked.connect(lambda: self.neuron_added.emit(layer))
        controls.remove.clicked.connect(lambda: self.layer_removed.emit(layer))
        box = controls.activation
        box.activated.connect(lambda: self.activation_chosen.emit(layer, box.currentData()))
        return controls

    def _recolour(self) -> None:
        self._edges.recolour()
        self._neurons.recolour()
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()

    # What is looked at

    def _look_at(self, target: Target | None, pointer: QPoint | None = None) -> None:
        before, self._target = self._target, target
        if target is None:
            self._label.hide()
        else:
            if isinstance(target, NeuronPlace):
                self._around = self.diagram.columns[target.column].square(target.unit)
            elif pointer is not None:
                self._around = QRect(pointer, POINTER)
            self._say()
        if target != before:
            self.update(self.diagram.body)
            if isinstance(before, NeuronPlace) or isinstance(target, NeuronPlace):
                self.neuron_hovered.emit((target.column, target.unit) if isinstance(target, NeuronPlace) else None)

    def _say(self) -> None:
        if self._target is not None:
            self._label.say(words.describe(self._target, self._experiment, self._frame), self._around)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        position = event.position()
        self._look_at(self.diagram.hit(position.x(), position.y()), position.toPoint())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        target = self.diagram.hit(event.position().x(), event.position().y())
        if target is not None and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(target)

    def leaveEvent(self, event: QEvent) -> None:
        self._look_at(None)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._tabbed = event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._tabbed = False
        self._look_at(None)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        chosen = self._target if isinstance(self._target, NeuronPlace) else None
        if key in ARROWS:
            self._look_at(self.diagram.neighbour(chosen, *ARROWS[key]) if chosen else NeuronPlace(0, 0))
        elif chosen and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.chosen.emit(chosen)
        elif key == Qt.Key.Key_Escape and self._target is not None:
            self._look_at(None)
        elif chosen and key in (*FEWER_KEYS, *MORE_KEYS) and chosen.column in range(1, len(self.diagram.gaps)):
            self._resize_layer(chosen.column - 1, more=key in MORE_KEYS)
        else:
            super().keyPressEvent(event)

    def _resize_layer(self, layer: int, more: bool) -> None:
        size = self._experiment.network.layers[layer].size
        if more and size < self._size_rule.high:
            self.neuron_added.emit(layer)
        elif not more and size > self._size_rule.low:
            self.neuron_removed.emit(layer)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(event.rect(), theme.colour("panel"))
        painter.setFont(theme.font(SMALL))
        if event.rect().top() < self.diagram.body.top():
            self._paint_head(painter)
        if event.rect().intersects(self.diagram.body):
            self._paint_body(painter)

    def _paint_body(self, painter: QPainter) -> None:
        frame, target = self._frame, self._target
        if frame is not None:
            self._edges.paint(painter, frame.weights, target)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for marked in (target, self.selected, self.lit):
            if frame is not None and isinstance(marked, Edge) and self.diagram.holds(marked):
                self._edges.paint_chosen(painter, marked, frame.weights)
        self._neurons.paint(painter, frame.maps if frame else None)
        if frame is not None:
            self._neurons.paint_biases(painter, frame.biases, largest(frame.weights))
        for marked in (target, self.selected, self.lit):
            if isinstance(marked, NeuronPlace | Bias) and self.diagram.holds(marked):
                self._neurons.paint_chosen(painter, marked, filled=marked is self.lit)
        self._paint_feature_labels(painter)
        if self._tabbed and target is None:
            painter.setPen(QPen(theme.colour("accent"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(self.diagram.body.adjusted(0, 0, -1, -1), theme.RADIUS, theme.RADIUS)

    def _paint_head(self, painter: QPainter) -> None:
        painter.setPen(theme.colour("muted"))
        for rect, heading in zip(self.diagram.headings, HEADINGS, strict=True):
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, heading)
        painter.setPen(theme.colour("text"))
        for slots, layer in zip(self.diagram.slots, self._experiment.network.layers, strict=True):
            text = words.count(layer.size) if slots.words else str(layer.size)
            painter.drawText(slots.count, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_feature_labels(self, painter: QPainter) -> None:
        painter.setPen(theme.colour("text"))
        column = self.diagram.columns[0]
        for unit, key in enumerate(self._experiment.network.features):
            square = column.square(unit)
            room = QRect(0, square.top(), square.left() - theme.GAP, square.height())
            painter.drawText(room, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, FEATURES[key].label)


def _structure(experiment: Experiment) -> tuple[object, ...]:
    """What decides where things stand and what the controls say."""
    return experiment.network.features, experiment.network.layers, experiment.outputs
