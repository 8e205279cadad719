"""Context menus of the network diagram: what can be done with a neuron, a weight or a layer."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from engine.nn.activations import ACTIVATIONS
from engine.training import Experiment
from playground.ui import theme
from playground.views.network.head import DEPTH_REASONS, DEPTHS, SIZE_REASONS, SIZES
from playground.views.network.layout import Edge, Target
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
        menu.addMenu(_activations(menu, view, experiment, layer))
        menu.addSeparator()
    depth = len(experiment.network.layers)
    reason = DEPTH_REASONS[1] if depth >= DEPTHS.high else ""
    for words, position in _inserts(target, layer, depth):
        _add(menu, words, "plus", partial(view.insert_layer, position), reason)
    if layer is not None:
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
    for key, row in ACTIVATIONS.items():
        action = _add(menu, row.label, "", partial(view.activation_chosen.emit, layer, key))
        action.setCheckable(True)
        action.setChecked(key == experiment.network.layers[layer].activation)
    return menu


def _add(menu: QMenu, text: str, icon: str, call: Callable[[], object], reason: str = "") -> QAction:
    """An entry; one that is not possible says why."""
    action = menu.addAction(text)
    if icon:
        action.setIcon(theme.icon(icon))
    action.setEnabled(not reason)
    action.setToolTip(reason or text.replace("&", ""))
    action.triggered.connect(lambda: call())  # without what Qt would say with it
    return action
