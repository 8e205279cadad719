"""The controls of the network diagram: layers, neurons and activations, by mouse and by keyboard."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QWidget
from pytestqt.qtbot import QtBot

from engine.nn import ACTIVATIONS
from engine.training import LayerSpec
from playground.ui import theme
from playground.views.network.view import NetworkView
from tests.playground.views.network.conftest import (
    MOST_LAYERS,
    MOST_NEURONS,
    Owner,
    button,
    click,
    experiment,
    layout,
    named,
)


def test_the_title_counts_the_parameters(view: NetworkView, owner: Owner) -> None:
    def titles() -> list[str]:
        return [w.text() for w in view.findChildren(QWidget) if w.property("role") == "title"]

    assert titles() == ["NETWORK · 25 PARAMETERS"]  # 2·4+4 + 4·2+2 + 2·1+1
    owner.show(experiment(64, 64))
    assert titles() == ["NETWORK · 4,417 PARAMETERS"]


def test_every_button_asks_for_its_own_layer(qtbot: QtBot, view: NetworkView, owner: Owner) -> None:
    for name in (
        "Add a neuron to layer 2",
        "Remove a neuron from layer 1",
        "Add a layer at position 2",
        "Remove layer 1",
        "Add a layer at position 1",
        "Add a layer at position 4",
    ):
        click(qtbot, view, name)
    assert owner.asked == [
        ("resize", 1, 1),
        ("resize", 0, -1),
        ("add layer", 1),
        ("remove layer", 0),
        ("add layer", 0),
        ("add layer", 3),
    ]
    assert [layer.size for layer in owner.experiment.network.layers] == [3, 3, 3, 3]


def test_without_hidden_layers_there_is_one_button_to_add_one(qtbot: QtBot, view: NetworkView, owner: Owner) -> None:
    owner.show(experiment())
    visible = [b.accessibleName() for b in view.findChildren(QAbstractButton) if b.isVisibleTo(view)]
    assert visible == ["Microscope", "Add a layer at position 1"]
    assert button(view, visible[1]).toolTip() == "Add a layer here"
    click(qtbot, view, visible[1])
    assert owner.asked == [("add layer", 0)]


def test_buttons_at_a_limit_are_disabled(view: NetworkView, owner: Owner) -> None:
    owner.show(experiment(1, MOST_NEURONS))
    assert not button(view, "Remove a neuron from layer 1").isEnabled()
    assert button(view, "Add a neuron to layer 1").isEnabled()
    assert button(view, "Remove a neuron from layer 2").isEnabled()
    assert not button(view, "Add a neuron to layer 2").isEnabled()
    assert button(view, "Add a layer at position 1").isEnabled()
    owner.show(experiment(*[2] * MOST_LAYERS))
    for position in range(1, MOST_LAYERS + 2):
        assert not button(view, f"Add a layer at position {position}").isEnabled()
    assert button(view, f"Remove layer {MOST_LAYERS}").isEnabled()


def test_an_activation_is_chosen_by_the_keyboard(qtbot: QtBot, view: NetworkView, owner: Owner) -> None:
    box = named(view, "Activation of layer 2")
    assert isinstance(box, QComboBox)
    assert box.currentText() == ACTIVATIONS["tanh"].label
    keys = list(ACTIVATIONS)
    after = keys[keys.index("tanh") + 1]
    qtbot.keyClick(box, Qt.Key.Key_Down)
    assert owner.asked == [("activation", 1, after)]
    assert owner.experiment.network.layers[0].activation == "tanh"


def test_showing_an_experiment_emits_nothing(view: NetworkView, owner: Owner) -> None:
    owner.put(LayerSpec(5, "relu"), LayerSpec(2, "sigmoid"), LayerSpec(1, "linear"))
    assert owner.asked == []
    box = named(view, "Activation of layer 3")
    assert isinstance(box, QComboBox)
    assert box.currentData() == "linear"


def test_controls_are_reused_and_keep_their_focus(qtbot: QtBot, view: NetworkView, owner: Owner) -> None:
    insert, more = button(view, "Add a layer at position 2"), button(view, "Add a neuron to layer 1")
    before = set(view.findChildren(QWidget))
    more.setFocus()
    qtbot.keyClick(more, Qt.Key.Key_Space)
    assert set(view.findChildren(QWidget)) == before
    assert more.hasFocus()
    insert.setFocus()
    qtbot.keyClick(insert, Qt.Key.Key_Space)
    assert before < set(view.findChildren(QWidget))
    assert insert.hasFocus()


def test_the_focus_of_a_layer_that_vanishes_goes_to_its_neighbour(
    qtbot: QtBot, view: NetworkView, owner: Owner
) -> None:
    remove = button(view, "Remove layer 2")
    remove.setFocus()
    qtbot.keyClick(remove, Qt.Key.Key_Space)
    first = button(view, "Remove layer 1")
    assert first.hasFocus()
    qtbot.keyClick(first, Qt.Key.Key_Space)
    assert button(view, "Add a layer at position 1").hasFocus()


def test_the_tab_key_goes_through_the_layers_from_left_to_right(qtbot: QtBot, view: NetworkView, owner: Owner) -> None:
    owner.show(experiment())
    owner.show(experiment(3, 3))
    view.setFocus()
    names = []
    for _ in range(8):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        names.append(QApplication.focusWidget().accessibleName())
    assert names == [
        "Microscope",
        "Add a layer at position 1",
        "Remove a neuron from layer 1",
        "Add a neuron to layer 1",
        "Activation of layer 1",
        "Remove layer 1",
        "Add a layer at position 2",
        "Remove a neuron from layer 2",
    ]


def test_whatever_can_be_operated_has_a_name_and_a_tooltip(view: NetworkView, owner: Owner) -> None:
    for control in [*view.findChildren(QAbstractButton), *view.findChildren(QComboBox)]:
        reader = QAccessible.queryAccessibleInterface(control)
        assert reader.text(QAccessible.Text.Name)
        assert control.toolTip()


@pytest.mark.parametrize("layers", [0, 1, 2, 4, MOST_LAYERS])
@pytest.mark.parametrize("family", ["Inter", "DejaVu Sans"])
def test_controls_stand_exactly_where_the_layout_says(
    view: NetworkView, owner: Owner, layers: int, family: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(theme, "_family", lambda: family)  # the style sheet must not stretch them either
    owner.show(experiment(*[4] * layers))
    for index, slots in enumerate(layout(view).slots, start=1):
        assert named(view, f"Activation of layer {index}").geometry() == slots.activation
        assert named(view, f"Remove layer {index}").geometry() == slots.remove
        assert named(view, f"Add a neuron to layer {index}").geometry() == slots.more
    for index, rect in enumerate(layout(view).inserts, start=1):
        assert named(view, f"Add a layer at position {index}").geometry() == rect


# Looking
