"""Network diagram: every neuron, every weight and every bias of the run, and the controls that build it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QButtonGroup, QWidget

from engine.training import Experiment
from playground.runtime.frame import MOST_SHOWN, Frame
from playground.ui import theme
from playground.views.network import words
from playground.views.network.card import WeightCard
from playground.views.network.controls import FrozenLegend, LayerHead, PointerLabel, head_height
from playground.views.network.head import SIZES, DiagramHead
from playground.views.network.layout import SPACE, Bias, Edge, NeuronPlace, Target, arrange
from playground.views.network.menu import menu_for
from playground.views.network.painting import DiagramPainter, Shown, text_sizes
from playground.views.network.selection import Selection, masks, of_target
from playground.views.network.shown import shown_of, structure

if TYPE_CHECKING:
    from engine.microscope.inside.moment import Moment
    from playground.runtime.survey import Survey


POINTER = QSize(12, 18)  # what a label leaves free of it
NARROWEST, LOWEST = 316, 96  # pixels, at the usual text size: of the view, and of its neurons and edges
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

    depth_chosen = Signal(int)  # how many hidden layers: the last ones come and go
    layer_added = Signal(int)  # its position; 0 is right after the features
    layer_removed = Signal(int)
    size_chosen = Signal(int, int)  # the layer, from 0, and its neurons
    activation_chosen = Signal(int, str)  # the layer, the activation's key
    layer_changed = Signal(int, str, object)  # the layer, the field of its LayerSpec, and its new value
    layer_duplicated = Signal(int)
    layer_moved = Signal(int, int)  # the layer, and by how many places to the right
    output_bias_chosen = Signal(bool)
    gesture_ended = Signal()  # the edits since the last one belong together: one entry for the undo menu
    neuron_hovered = Signal(object)  # (column, unit), features being column 0, or None
    layer_chosen = Signal(int)  # the hidden layer, from 0, that is looked at
    chosen = Signal(object)  # a Neuron, Bias or Edge that is to be looked at closely
    microscope_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._experiment = Experiment()
        self._layer = 0  # whose controls are shown
        self._frame: Frame | None = None
        self._activations: Sequence[NDArray[np.floating]] | None = None
        self._moment: Moment | None = None
        self._target: Target | None = None
        self.selected: Target | None = None
        self.lit: Target | None = None
        self._around = QRect()  # what the label must not cover: a neuron, or the pointer
        self._tabbed = False  # the focus came by the keyboard, and should be seen
        self.setAccessibleName("Network")
        self.setAccessibleDescription(
            "Arrow keys walk over the neurons; + and − add and remove one in the layer; Enter looks at one closely; "
            "W changes weights by hand; the menu key offers what else there is."
        )
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._head = DiagramHead(self)
        self._heads = QButtonGroup(self)
        self._heads.idClicked.connect(self.choose_layer)
        self._legend = FrozenLegend(self)
        self._label = PointerLabel(self)
        self.card: WeightCard = WeightCard(self)
        self._frozen: tuple[NDArray[np.bool_], ...] = ()
        self.card.moved.connect(lambda: self.update(self.diagram.body))
        self.card.explained.connect(self.chosen)
        self._connect_head()
        self._arrange()
        theme.theme().changed.connect(self._redress)

    def _connect_head(self) -> None:
        head = self._head
        head.depth_chosen.connect(self._choose_depth)
        head.size_chosen.connect(lambda size: self.size_chosen.emit(self._layer, size))
        head.activation_chosen.connect(lambda key: self.activation_chosen.emit(self._layer, key))
        head.dropout_chosen.connect(lambda share: self.layer_changed.emit(self._layer, "dropout", share))
        head.removed.connect(lambda: self.layer_removed.emit(self._layer))
        head.menu_asked.connect(lambda place: menu_for(self, self._experiment, None, self._layer).popup(place))
        head.gesture_ended.connect(self.gesture_ended)
        head.entered.connect(lambda: self.setFocus(Qt.FocusReason.OtherFocusReason))
        head.pointed_at.connect(lambda: self._look_at(None))
        head.microscope_asked.connect(self.microscope_asked)

    def sizeHint(self) -> QSize:
        return QSize(640, 420).expandedTo(self.minimumSizeHint())

    def minimumSizeHint(self) -> QSize:
        head = self._head.minimumSizeHint()
        below = head_height() + 2 * SPACE + theme.px(LOWEST)
        return QSize(max(head.width(), theme.px(NARROWEST)), head.height() + SPACE + below)

    # What is shown

    def show_experiment(self, experiment: Experiment) -> None:
        """Show a network before its first frame: what is known stays, and what is not is blank."""
        if structure(experiment) != structure(self._experiment):
            self._frame = None
        self._show_structure(experiment)
        self._show_chosen_layer()  # an edit may have been refused

    def show_frame(self, frame: Frame) -> None:
        """Show a moment of a run."""
        self._frame = frame
        self._show_structure(frame.experiment)
        self._frozen = shown_of(self.diagram, masks(frame.experiment))
        if (is_dashed := any(mask[:, :-1].any() for mask in self._frozen)) != self._legend.isVisibleTo(self):
            self._legend.setVisible(is_dashed)
            self._arrange()  # so that it stands below all columns
        self.card.show_frame(frame, frame.experiment)
        self.update(self.diagram.body)
        self._say()

    def show_survey(self, survey: Survey) -> None:
        """Mark the neurons that do not learn, as soon as it is known."""
        fits = survey.experiment is not None and structure(survey.experiment) == structure(self._experiment)
        self._moment = survey.now if fits else None
        self.update(self.diagram.body)
        self._say()

    @property
    def area(self) -> QRect:
        """Where the diagram is, with its headings and without the controls."""
        return self.rect().adjusted(0, self._head.height(), 0, 0)

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

    def show_activations(self, values: Sequence[NDArray[np.floating]] | None) -> None:
        """Show at each neuron what it makes of one point: an array for each column, features first; or no longer.

        Those of a network that is here no more are not shown: who points may know only its last frame.
        """
        fits = values is not None and [len(column) for column in values] == list(self._experiment.sizes)
        self._activations = values if fits else None
        self.update(self.diagram.body)

    def _show_structure(self, experiment: Experiment) -> None:
        same = structure(experiment) == structure(self._experiment)
        self._experiment = experiment
        if not same:
            self._activations = self._moment = None
            self._frozen = ()
            self._legend.hide()
            self.card.close_card()  # what it was of may be gone
            self._arrange()

    def choose_layer(self, layer: int) -> None:
        """Have the controls for a hidden layer, counted from 0."""
        self._layer = layer
        self._show_chosen_layer()

    @property
    def layer(self) -> int:
        """The hidden layer, counted from 0, that is chosen."""
        return self._layer

    def _show_chosen_layer(self) -> None:
        layers = self._experiment.network.layers
        self._layer = min(max(self._layer, 0), max(len(layers) - 1, 0))
        self._head.show_layer(self._experiment, self._layer)
        if layers:
            self._heads.button(self._layer).setChecked(True)
        self.layer_chosen.emit(self._layer)

    def _arrange(self) -> None:
        """Put everything in its place: the structure has changed, the room, or the size of the text."""
        text = text_sizes(self._experiment, self.width())
        sizes = tuple(min(size, MOST_SHOWN) for size in self._experiment.sizes)
        room = self.size().expandedTo(self.minimumSizeHint())
        self._show_heads()
        self._head.setGeometry(0, 0, room.width(), self._head.minimumSizeHint().height())
        top = self._head.height() + SPACE
        has_foot = sizes != self._experiment.sizes or self._legend.isVisibleTo(self)
        foot = self._legend.fontMetrics().height() if has_foot else 0
        self.diagram = arrange(sizes, room.width(), room.height(), top, text, foot)
        for index, rect in enumerate(self.diagram.heads):
            self._heads.button(index).setGeometry(rect)
        self._legend.adjustSize()
        self._legend.move(self.diagram.foot.bottomRight() - self._legend.rect().bottomRight())
        self._painter: DiagramPainter | None = None  # until it is painted
        self.card.stay_inside()
        if isinstance(self._target, NeuronPlace) and self._target.column < len(sizes):
            unit = min(self._target.unit, sizes[self._target.column] - 1)
            self._look_at(NeuronPlace(self._target.column, unit))
        else:
            self._look_at(None)
        self.update()

    def _show_heads(self) -> None:
        layers = self._experiment.network.layers
        for index in range(len(self._heads.buttons()), len(layers)):  # in the order of the Tab key
            self._heads.addButton(LayerHead(self, index), index)
        self._show_chosen_layer()
        for index, head in enumerate(self._heads.buttons()):
            assert isinstance(head, LayerHead)
            if index >= len(layers) and head.hasFocus():
                self._head.take_focus()
            head.setVisible(index < len(layers))
            if index < len(layers):
                head.show_layer(layers[index])

    def _choose_depth(self, depth: int) -> None:
        if depth > len(self._experiment.network.layers):
            self._layer = depth - 1  # the new one, as soon as it is there
        self.depth_chosen.emit(depth)

    def insert_layer(self, position: int) -> None:
        """Ask for a layer at a position, and have its controls."""
        self._layer = position
        self.layer_added.emit(position)

    def move_layer(self, layer: int, by: int) -> None:
        """Ask for a layer to change places, and go on with its controls."""
        self.choose_layer(layer + by)
        self.layer_moved.emit(layer, by)

    def _redress(self) -> None:
        self.updateGeometry()
        self._arrange()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:  # of what is above the diagram, which may need other room now
            self.updateGeometry()
            if self._head.height() != self._head.minimumSizeHint().height():
                self._redress()
        return super().event(event)

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
            said = words.describe(self._target, self._experiment, self._frame)
            said += words.adds(self._target, self._experiment, self._frame, self._activations)
            self._label.say(said + words.asleep(self._target, self._experiment, self._moment), self._around)

    def _hit(self, place: QPointF) -> Target | None:
        """What lies under the pointer; where there is no bias, its neuron."""
        target = self.diagram.hit(place.x(), place.y())
        if isinstance(target, Bias) and not self._experiment.network.biased[target.column - 1]:
            return NeuronPlace(target.column, target.unit)
        return target

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        position = event.position()
        self._look_at(self._hit(position), position.toPoint())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        target = self._hit(event.position())
        if target is not None and event.button() == Qt.MouseButton.LeftButton:
            self._choose_layer_of(target)
            if isinstance(target, NeuronPlace):
                self.chosen.emit(target)
            else:
                self._around = QRect(event.position().toPoint(), POINTER)
                self.open_card(of_target(self._experiment, target))

    def open_card(self, selection: Selection | None = None) -> None:
        """Have weights changed by hand: what is selected, or else what is looked at, or else the first weight."""
        if selection is None and self._target is not None:
            selection = of_target(self._experiment, self._target)
        if selection is None:
            selection = of_target(self._experiment, Edge(0, 0, 0))
            self._around = QRect(self.diagram.body.topLeft(), POINTER)
        self._label.hide()
        if selection is not None:
            self.card.open_on(selection, self._experiment, self._frame, self._around)

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
            place = self.diagram.neighbour(chosen, *ARROWS[key]) if chosen else NeuronPlace(0, 0)
            self._look_at(place)
            self._choose_layer_of(place)
        elif chosen and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.chosen.emit(chosen)
        elif key == Qt.Key.Key_Escape and self._target is not None:
            self._look_at(None)
        elif chosen and key in (*FEWER_KEYS, *MORE_KEYS) and (layer := self.layer_of(chosen)) is not None:
            size = self._experiment.network.layers[layer].size + (1 if key in MORE_KEYS else -1)
            if SIZES.low <= size <= SIZES.high:
                self.size_chosen.emit(layer, size)
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        super().keyReleaseEvent(event)
        if event.key() in (*FEWER_KEYS, *MORE_KEYS) and not event.isAutoRepeat():
            self.gesture_ended.emit()

    def layer_of(self, target: Target | None) -> int | None:
        """The hidden layer, from 0, that a neuron or bias stands in."""
        if isinstance(target, NeuronPlace | Bias) and 0 < target.column < len(self.diagram.gaps):
            return target.column - 1
        return None

    def _choose_layer_of(self, target: Target) -> None:
        layer = self.layer_of(target)
        if layer is not None:
            self.choose_layer(layer)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            target, layer = self._target, self.layer_of(self._target)
            place = self._around.bottomLeft() if target is not None else self._head.geometry().bottomLeft()
            layer = self._layer if target is None and self.diagram.heads else layer
        else:
            place = event.pos()
            heads = (index for index, rect in enumerate(self.diagram.heads) if rect.contains(place))
            target = self._hit(QPointF(place))
            layer = next(heads, self.layer_of(target))
        if target is not None or layer is not None:
            menu_for(self, self._experiment, target, layer).popup(self.mapToGlobal(place))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(event.rect(), theme.colour("panel"))
        if self._painter is None:
            self._painter = DiagramPainter(self.diagram)
        marked = self._target, self.selected, self.lit, self.card.target
        shown = Shown(
            self._experiment, self._frame, self._moment, self._frozen, self._activations, marked, self._target, self.lit
        )  # fmt: skip
        self._painter.paint(painter, event.rect(), shown)
        if self._tabbed and self._target is None:
            painter.setPen(QPen(theme.colour("accent"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(self.diagram.body.adjusted(0, 0, -1, -1), theme.RADIUS, theme.RADIUS)
