"""Context menus of the network diagram: what can be done with a neuron, a weight or a layer."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu

from engine.nn import ACTIVATIONS, INITIALISERS
from engine.training import Experiment
from playground.ui import theme
from playground.views.network.head import DEPTH_REASONS, DEPTHS, DROPOUTS, SIZE_REASONS, SIZES, WHOLE_PERCENT
from playground.views.network.layout import Bias, Edge, NeuronPlace, Target
from playground.views.network.selection import Selection, of_layer, of_target

if TYPE_CHECKING:
    from playground.views.network.view import NetworkView


def menu_for(view: NetworkView, experiment: Experiment, target: Target | None, layer: int | None) -> QMenu:
    """The menu of what lies under the pointer, of a hidden layer (from 0), or of both; gone when it is closed."""
    menu = QMenu(view)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    menu.setToolTipsVisible(True)
    if target is not None:
        _add(menu, "&Look at it in the microscope", "microscope", lambda: view.chosen.emit(target))
        menu.addSeparator()
    if (selection := _selection(experiment, target, layer)) is not None:
        _add_weights(menu, view, experiment, selection)
        menu.addSeparator()
    if layer is not None:
        _add_neurons(menu, view, experiment, layer)
        for submenu in (_activations, _dropouts, _initialisers):
            menu.addMenu(submenu(menu, view, experiment, layer))
        _add_choice(menu, f"B&iases in layer {layer + 1}", experiment.network.layers[layer].bias,
                    lambda on: view.layer_changed.emit(layer, "bias", on))  # fmt: skip
        menu.addSeparator()
    if isinstance(target, NeuronPlace | Bias) and target.column == len(experiment.network.layers) + 1:
        _add_choice(menu, "B&iases of the outputs", experiment.network.output_bias, view.output_bias_chosen.emit)
        menu.addSeparator()
    depth = len(experiment.network.layers)
    reason = DEPTH_REASONS[1] if depth >= DEPTHS.high else ""
    for words, position in _inserts(target, layer, depth):
        _add(menu, words, "plus", partial(view.insert_layer, position), reason)
    if layer is not None:
        _add(menu, f"&Duplicate layer {layer + 1}", "copy", lambda: view.layer_duplicated.emit(layer), reason)
        first, last = (
            ("" if layer else "It is the first layer."),
            ("" if layer < depth - 1 else "It is the last layer."),
        )
        _add(menu, "Move it to the le&ft", "caret-left", partial(view.move_layer, layer, -1), first)
        _add(menu, "Move it to the righ&t", "caret-right", partial(view.move_layer, layer, 1), last)
        _add(menu, f"&Remove layer {layer + 1}", "trash", lambda: view.layer_removed.emit(layer))
    return menu


def _selection(experiment: Experiment, target: Target | None, layer: int | None) -> Selection | None:
    """The weights that it is about: those of the target, or else those of the layer."""
    if target is not None:
        return of_target(experiment, target)
    return None if layer is None else of_layer(experiment, layer + 1)


def _add_weights(menu: QMenu, view: NetworkView, experiment: Experiment, selection: Selection) -> None:
    card, places = view.card, selection.places
    are_frozen = selection.frozen(experiment) == len(places)
    several = len(places) > 1
    _add(menu, "Set &all to…" if several else "&Value…", "pencil-simple", lambda: view.open_card(selection))
    _add(menu, "Let &go" if are_frozen else "&Freeze", "", lambda: card.froze.emit(places, not are_frozen))
    _add(menu, "&Cut", "scissors", lambda: card.cut.emit((*places, *selection.severed)))
    _add(menu, "Ran&domise", "shuffle", lambda: card.redrawn.emit(places))


def _inserts(target: Target | None, layer: int | None, depth: int) -> list[tuple[str, int]]:
    """Where a layer can be put in, in words, and its position."""
    if layer is not None:
        return [("Insert a layer &before it", layer), ("Insert a layer &after it", layer + 1)]
    if isinstance(target, Edge):
        return [("Insert a layer &here", target.gap)]
    is_feature = target is not None and target.column == 0
    return [("Insert a layer &after the features", 0) if is_feature else ("Insert a layer &before the output", depth)]


def _add_neurons(menu: QMenu, view: NetworkView, experiment: Experiment, layer: int) -> None:
    size, name = experiment.network.layers[layer].size, f"layer {layer + 1}"
    more, fewer = SIZE_REASONS[1] * (size >= SIZES.high), SIZE_REASONS[0] * (size <= SIZES.low)
    _add(menu, f"Add a &neuron to {name}", "plus", lambda: _resize(view, layer, size + 1), more)
    _add(menu, f"Re&move a neuron from {name}", "minus", lambda: _resize(view, layer, size - 1), fewer)


def _resize(view: NetworkView, layer: int, size: int) -> None:
    view.size_chosen.emit(layer, size)
    view.gesture_ended.emit()


def _activations(parent: QMenu, view: NetworkView, experiment: Experiment, layer: int) -> QMenu:
    menu = QMenu(f"A&ctivation of layer {layer + 1}", parent)
    now = experiment.network.layers[layer].activation
    for key, row in ACTIVATIONS.items():
        _add_choice(menu, row.label, key == now, partial(_choose_activation, view, layer, key))
    return menu


def _choose_activation(view: NetworkView, layer: int, key: str, _: bool) -> None:
    view.activation_chosen.emit(layer, key)


def _dropouts(parent: QMenu, view: NetworkView, experiment: Experiment, layer: int) -> QMenu:
    menu, now = QMenu(f"Drop&out of layer {layer + 1}", parent), experiment.network.layers[layer].dropout
    for percent in range(DROPOUTS.low, DROPOUTS.high + 1, 10):
        share = percent / 100
        _add_choice(menu, WHOLE_PERCENT.write(percent), share == now, partial(_change, view, layer, "dropout", share))
    return menu


def _initialisers(parent: QMenu, view: NetworkView, experiment: Experiment, layer: int) -> QMenu:
    menu, now = QMenu(f"Initial &weights of layer {layer + 1}", parent), experiment.network.layers[layer].initialiser
    names = {None: "As the network's"} | {key: row.label for key, row in INITIALISERS.items()}
    for key, label in names.items():
        _add_choice(menu, label, key == now, partial(_change, view, layer, "initialiser", key))
    return menu


def _change(view: NetworkView, layer: int, field: str, value: object, _: bool) -> None:
    view.layer_changed.emit(layer, field, value)
    view.gesture_ended.emit()


def _add_choice(menu: QMenu, text: str, is_on: bool, call: Callable[[bool], object]) -> None:
    """An entry with a tick, which is or is not there."""
    action = menu.addAction(text)
    action.setCheckable(True)
    action.setChecked(is_on)
    action.setToolTip(text.replace("&", ""))
    action.triggered.connect(lambda on: call(on))


def _add(menu: QMenu, text: str, icon: str, call: Callable[[], object], reason: str = "") -> None:
    """An entry; one that is not possible says why."""
    action = menu.addAction(text)
    if icon:
        action.setIcon(theme.icon(icon))
    action.setEnabled(not reason)
    action.setToolTip(reason or text.replace("&", ""))
    action.triggered.connect(lambda: call())  # without what Qt would say with it
