"""The context menus of the network diagram, by mouse and by keyboard."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QContextMenuEvent
from PySide6.QtWidgets import QApplication, QMenu, QWidget
from pytestqt.qtbot import QtBot

from engine.nn import ACTIVATIONS
from engine.training import LayerSpec
from playground.views.network.layout import Edge, NeuronPlace
from playground.views.network.view import NetworkView
from tests.playground.views.network.conftest import (
    MOST_LAYERS,
    MOST_NEURONS,
    Owner,
    button,
    edge_place,
    experiment,
    layout,
    neuron_place,
)

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # the offscreen platform, of itself


@pytest.fixture(autouse=True)
def _menus_are_closed() -> Iterator[None]:
    yield
    close_menus()


def close_menus() -> None:
    while popup := QApplication.activePopupWidget():
        popup.close()


def open_menu(widget: QWidget, place: QPoint, reason: QContextMenuEvent.Reason) -> QMenu:
    close_menus()
    QApplication.sendEvent(widget, QContextMenuEvent(reason, place, widget.mapToGlobal(place)))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return menu


def right_click(widget: QWidget, place: QPoint) -> QMenu:
    return open_menu(widget, place, QContextMenuEvent.Reason.Mouse)


def entries(menu: QMenu) -> list[str]:
    return [action.text().replace("&", "") for action in menu.actions() if action.text()]


def entry(menu: QMenu, text: str) -> QAction:
    (found,) = [action for action in menu.actions() if action.text().replace("&", "") == text]
    return found


def choose(qtbot: QtBot, menu: QMenu, text: str) -> None:
    qtbot.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(entry(menu, text)).center())


def test_what_each_part_offers(view: NetworkView, owner: Owner) -> None:
    look, hand = "Look at it in the microscope", ["Freeze", "Cut", "Randomise"]
    of_layer = ["Add a neuron to layer 2", "Remove a neuron from layer 2", "Activation of layer 2"]
    of_layer += ["Dropout of layer 2", "Initial weights of layer 2", "Biases in layer 2"]
    of_layer += ["Insert a layer before it", "Insert a layer after it", "Duplicate layer 2"]
    of_layer += ["Move it to the left", "Move it to the right", "Remove layer 2"]
    assert entries(right_click(view, neuron_place(view, 2, 1))) == [look, "Set all to…", *hand, *of_layer]
    assert entries(right_click(view, layout(view).columns[2].bias_centre(0).toPoint())) == [
        look,
        "Value…",
        *hand,
        *of_layer,
    ]
    assert entries(right_click(view, layout(view).heads[1].center())) == ["Set all to…", *hand, *of_layer]
    assert entries(right_click(view, neuron_place(view, 0, 0))) == [look, "Insert a layer after the features"]
    of_output = [look, "Set all to…", *hand, "Biases of the outputs", "Insert a layer before the output"]
    assert entries(right_click(view, neuron_place(view, 3, 0))) == of_output
    edge = edge_place(view, Edge(1, 0, 1), 0.3).toPoint()
    assert entries(right_click(view, edge)) == [look, "Value…", *hand, "Insert a layer here"]


def test_the_entries_do_what_they_say(qtbot: QtBot, view: NetworkView, owner: Owner) -> None:
    looked: list[object] = []
    view.chosen.connect(looked.append)
    for text in (
        "Look at it in the microscope",
        "Add a neuron to layer 2",
        "Remove a neuron from layer 2",
        "Insert a layer before it",
    ):
        choose(qtbot, right_click(view, neuron_place(view, 2, 1)), text)
    assert button(view, "Layer 2").isChecked(), "the new one"
    choose(qtbot, right_click(view, layout(view).heads[0].center()), "Insert a layer after it")
    choose(qtbot, right_click(view, layout(view).heads[0].center()), "Remove layer 1")
    assert looked == [NeuronPlace(2, 1)]
    assert owner.asked == [
        ("resize", 1, 3),
        ("resize", 1, 2),
        ("add layer", 1),
        ("add layer", 1),
        ("remove layer", 0),
    ]


def test_an_activation_is_chosen_and_the_one_in_force_is_ticked(qtbot: QtBot, view: NetworkView, owner: Owner) -> None:
    menu = right_click(view, layout(view).heads[1].center())
    inner = entry(menu, "Activation of layer 2").menu()
    assert isinstance(inner, QMenu)
    assert entries(inner) == [row.label for row in ACTIVATIONS.values()]
    assert [action.text() for action in inner.actions() if action.isChecked()] == ["tanh"]
    entry(inner, "ReLU").trigger()
    assert owner.asked == [("activation", 1, "relu")]


def test_what_else_a_layer_has_is_chosen_and_what_it_has_is_ticked(
    qtbot: QtBot, view: NetworkView, owner: Owner
) -> None:
    changed, others = [], []
    view.layer_changed.connect(lambda *change: changed.append(change))
    view.layer_duplicated.connect(lambda *layer: others.append(layer))
    view.layer_moved.connect(lambda *move: others.append(move))
    view.output_bias_chosen.connect(lambda on: others.append(on))
    owner.put(LayerSpec(3, dropout=0.3, initialiser="he"), LayerSpec(2))
    menu = right_click(view, layout(view).heads[0].center())
    for name, ticked, other in (("Dropout", "30 %", "50 %"), ("Initial weights", "He", "As the network's")):
        inner = entry(menu, f"{name} of layer 1").menu()
        assert isinstance(inner, QMenu)
        assert [action.text() for action in inner.actions() if action.isChecked()] == [ticked]
        entry(inner, other).trigger()
    assert entry(menu, "Biases in layer 1").isChecked()
    entry(menu, "Biases in layer 1").trigger()
    entry(menu, "Duplicate layer 1").trigger()
    assert "first layer" in entry(menu, "Move it to the left").toolTip()
    assert not entry(menu, "Move it to the left").isEnabled()
    entry(menu, "Move it to the right").trigger()
    assert button(view, "Layer 2").isChecked(), "its controls go with it"
    entry(right_click(view, neuron_place(view, 3, 0)), "Biases of the outputs").trigger()
    assert changed == [(0, "dropout", 0.5), (0, "initialiser", None), (0, "bias", False)]
    assert others == [(0,), (0, 1), False]


def test_what_is_not_possible_says_why(view: NetworkView, owner: Owner) -> None:
    owner.show(experiment(1, MOST_NEURONS, *[2] * (MOST_LAYERS - 2)))
    first = right_click(view, layout(view).heads[0].center())
    fewer, insert = entry(first, "Remove a neuron from layer 1"), entry(first, "Insert a layer after it")
    assert (fewer.isEnabled(), insert.isEnabled()) == (False, False)
    assert "at least 1 neuron" in fewer.toolTip()
    assert f"at most {MOST_LAYERS} hidden layers" in insert.toolTip()
    assert first.toolTipsVisible()
    more = entry(right_click(view, layout(view).heads[1].center()), "Add a neuron to layer 2")
    assert not more.isEnabled()
    assert f"at most {MOST_NEURONS} neurons" in more.toolTip()


def test_the_menu_key_offers_what_is_looked_at_or_else_the_chosen_layer(
    qtbot: QtBot, view: NetworkView, owner: Owner
) -> None:
    keyboard = QContextMenuEvent.Reason.Keyboard
    view.setFocus()
    assert "Remove layer 1" in entries(open_menu(view, QPoint(), keyboard))
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Right):
        qtbot.keyClick(view, key)
    menu = open_menu(view, QPoint(), keyboard)
    assert "Remove layer 2" in entries(menu)
    qtbot.keyClick(menu, Qt.Key.Key_B)
    assert owner.asked == [("add layer", 1)]


def test_where_there_is_nothing_there_is_no_menu(view: NetworkView, owner: Owner) -> None:
    place = layout(view).body.bottomLeft()
    QApplication.sendEvent(view, QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, view.mapToGlobal(place)))
    assert QApplication.activePopupWidget() is None
