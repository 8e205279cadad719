"""The controls of the network diagram: layers, neurons and activations, by mouse and by keyboard."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from engine.nn import ACTIVATIONS
from engine.training import LayerSpec
from playground.runtime.frame import MOST_SHOWN
from playground.ui import theme
from playground.views.network.view import NetworkView
from tests.playground.conftest import in_this_font
from tests.playground.views.network.conftest import (
    MOST_LAYERS,
    MOST_NEURONS,
    Owner,
    button,
    click,
    experiment,
    layout,
    named,
    neuron_place,
)

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def text_size() -> Iterator[Callable[[float], None]]:
    """Sets the size of the text, until the test is over."""
    yield theme.set_text_size
    theme.set_text_size(1)


def titles(view: NetworkView) -> list[str]:
    return [w.text() for w in view.findChildren(QLabel) if w.property("role") == "title"]


def sizes(owner: Owner) -> list[int]:
    return [layer.size for layer in owner.experiment.network.layers]


def test_the_title_counts_the_parameters(view: NetworkView, owner: Owner) -> None:
    assert titles(view) == ["NETWORK · 25 PARAMETERS"]  # 2·4+4 + 4·2+2 + 2·1+1
    owner.show(experiment(64, 64))
    assert titles(view) == ["NETWORK · 4,417 PARAMETERS"]
    view.resize(view.minimumSizeHint())
    assert titles(view) == ["NETWORK"]


def test_six_clicks_at_one_place_add_six_layers(qtbot: QtBot, view: NetworkView, owner: Owner) -> None:
    place = button(view, "Add a layer").mapTo(view, QPoint(8, 8))
    for depth in range(3, 9):
        qtbot.mouseClick(view.childAt(place), LEFT)
        assert len(sizes(owner)) == depth
    assert owner.asked == [("depth", depth) for depth in range(3, 9)]


def test_six_clicks_at_one_place_add_six_neurons_to_any_layer(qtbot: QtBot, view: NetworkView, owner: Owner) -> None:
    owner.show(experiment(1, 2, 3, 4, 5, 6, 7, 8))
    place = button(view, "Add a neuron to layer 1").mapTo(view, QPoint(8, 8))
    for layer in range(8):
        click(qtbot, view, f"Layer {layer + 1}")
        for _ in range(6):
            qtbot.mouseClick(view.childAt(place), LEFT)
    assert sizes(owner) == [7, 8, 9, 10, 11, 12, 13, 14]


@pytest.mark.parametrize("width", [340, 640, 1000])
def test_controls_stand_still_from_one_layer_to_eight(view: NetworkView, owner: Owner, width: int) -> None:
    view.resize(width, 420)

    def places(layer: int) -> list[object]:
        view.choose_layer(layer - 1)
        name = f"layer {layer}"
        of_layer = f"Remove a neuron from {name}", f"Neurons in {name}", f"Add a neuron to {name}", f"Remove {name}"
        names = "Remove the last layer", "Hidden layers", "Add a layer", f"Activation of {name}", *of_layer
        QApplication.sendPostedEvents()
        return [(w.mapTo(view, QPoint()), w.size()) for w in (named(view, name) for name in names)]

    owner.show(experiment(4))
    first = places(1)
    for depth in range(1, MOST_LAYERS + 1):
        owner.show(experiment(*[min(4**depth, MOST_SHOWN)] * depth))
        assert all(places(layer) == first for layer in (1, depth))


def test_every_control_asks_for_the_layer_that_is_chosen(qtbot: QtBot, view: NetworkView, owner: Owner) -> None:
    click(qtbot, view, "Layer 2")
    click(qtbot, view, "Add a neuron to layer 2")
    click(qtbot, view, "Layer 1")
    click(qtbot, view, "Remove a neuron from layer 1")
    click(qtbot, view, "Add a layer")
    click(qtbot, view, "Add a neuron to layer 3")  # the new one
    click(qtbot, view, "Remove layer 3")
    click(qtbot, view, "Remove layer 2")
    assert owner.asked == [
        ("resize", 1, 3),
        ("resize", 0, 3),
        ("depth", 3),
        ("resize", 2, 4),
        ("remove layer", 2),
        ("remove layer", 1),
    ]
    assert sizes(owner) == [3]


def test_a_click_on_a_neuron_chooses_its_layer(qtbot: QtBot, view: NetworkView, owner: Owner) -> None:
    qtbot.mouseClick(view, LEFT, pos=neuron_place(view, 2, 1))
    assert button(view, "Layer 2").isChecked()
    assert named(view, "Activation of layer 2").isVisible()
    qtbot.mouseClick(view, LEFT, pos=neuron_place(view, 3, 0))  # the output has no controls
    assert button(view, "Layer 2").isChecked()


def test_sizes_and_layers_are_typed(qtbot: QtBot, view: NetworkView, owner: Owner) -> None:
    ends: list[object] = []
    view.gesture_ended.connect(lambda: ends.append(len(owner.asked)))
    for name, text in (("Neurons in layer 1", "12"), ("Hidden layers", "5")):
        figure = named(view, name)
        qtbot.mouseClick(figure, LEFT)
        assert isinstance(figure, QLineEdit)
        figure.selectAll()
        qtbot.keyClicks(figure, text)
        qtbot.keyClick(figure, Qt.Key.Key_Return)
        assert view.hasFocus(), "the keys are free for the window again"
    assert owner.asked == [("resize", 0, 12), ("depth", 5)]
    assert ends == [1, 2]


def test_dropout_is_stepped_and_typed_in_percent_and_the_head_of_the_layer_tells_it(
    qtbot: QtBot, view: NetworkView, owner: Owner
) -> None:
    changes: list[object] = []
    view.layer_changed.connect(lambda *change: changes.append(change))
    owner.put(LayerSpec(4, dropout=0.3), LayerSpec(2))
    figure = named(view, "Dropout of layer 1")
    assert isinstance(figure, QLineEdit)
    assert figure.text() == "30 %"
    assert "dropout 30 %" in button(view, "Layer 1").accessibleDescription()
    click(qtbot, view, "More dropout in layer 1")
    owner.put(LayerSpec(4, dropout=0.4), LayerSpec(2))
    click(qtbot, view, "Less dropout in layer 1")
    figure.selectAll()
    qtbot.keyClicks(figure, "15")
    qtbot.keyClick(figure, Qt.Key.Key_Return)
    assert changes == [(0, "dropout", 0.4), (0, "dropout", 0.3), (0, "dropout", 0.15)]


def test_what_is_not_possible_says_why(qtbot: QtBot, view: NetworkView, owner: Owner) -> None:
    owner.show(experiment(1, MOST_NEURONS))

    def refused(name: str) -> str:
        found = button(view, name)
        return "" if found.isEnabled() else found.toolTip()

    assert "at least 1 neuron" in refused("Remove a neuron from layer 1")
    assert not refused("Add a neuron to layer 1")
    click(qtbot, view, "Layer 2")
    assert not refused("Remove a neuron from layer 2")
    assert f"at most {MOST_NEURONS} neurons" in refused("Add a neuron to layer 2")
    assert not refused("Add a layer")
    owner.show(experiment(*[2] * MOST_LAYERS))
    assert f"at most {MOST_LAYERS} hidden layers" in refused("Add a layer")
    owner.show(experiment())
    assert "no hidden layer" in refused("Remove the last layer")


def test_without_hidden_layers_their_controls_are_away_and_nothing_moves(
    qtbot: QtBot, view: NetworkView, owner: Owner
) -> None:
    top = layout(view).body.top()
    owner.show(experiment())
    visible = [b.accessibleName() for b in view.findChildren(QAbstractButton) if b.isVisibleTo(view)]
    assert visible == ["Remove the last layer", "Add a layer", "Microscope"]
    QApplication.sendPostedEvents()
    assert layout(view).body.top() == top
    click(qtbot, view, "Add a layer")
    assert owner.asked == [("depth", 1)]


def test_an_activation_is_chosen_by_the_keyboard(qtbot: QtBot, view: NetworkView, owner: Owner) -> None:
    click(qtbot, view, "Layer 2")
    box = named(view, "Activation of layer 2")
    assert isinstance(box, QComboBox)
    assert box.currentText() == ACTIVATIONS["tanh"].label
    keys = list(ACTIVATIONS)
    after = keys[keys.index("tanh") + 1]
    qtbot.keyClick(box, Qt.Key.Key_Down)
    assert owner.asked == [("activation", 1, after)]
    assert owner.experiment.network.layers[0].activation == "tanh"


def test_showing_an_experiment_emits_nothing(qtbot: QtBot, view: NetworkView, owner: Owner) -> None:
    owner.put(LayerSpec(5, "relu"), LayerSpec(2, "sigmoid"), LayerSpec(1, "= x*tanh(x) + x*tanh(2*x)"))
    click(qtbot, view, "Layer 3")
    assert owner.asked == []
    box = named(view, "Activation of layer 3")
    assert isinstance(box, QComboBox)
    assert box.currentData() == "= x*tanh(x) + x*tanh(2*x)"


def test_the_keyboard_stays_where_it_is_while_layers_come_and_go(qtbot: QtBot, view: NetworkView, owner: Owner) -> None:
    remove = button(view, "Remove layer 1")
    remove.setFocus()
    qtbot.keyClick(remove, Qt.Key.Key_Space)
    assert remove.hasFocus(), "it removes the next one"
    qtbot.keyClick(remove, Qt.Key.Key_Space)
    assert sizes(owner) == []
    assert named(view, "Hidden layers").hasFocus()
    more = button(view, "Add a layer")
    more.setFocus()
    for _ in range(MOST_LAYERS):
        qtbot.keyClick(more, Qt.Key.Key_Space)
    assert len(sizes(owner)) == MOST_LAYERS
    assert named(view, "Hidden layers").hasFocus(), "the button can do no more"


def test_the_tab_key_goes_through_the_controls_from_left_to_right(
    qtbot: QtBot, view: NetworkView, owner: Owner
) -> None:
    view.setFocus()
    names = []
    for _ in range(12):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        names.append(QApplication.focusWidget().accessibleName())
    assert names == [
        "Remove the last layer",
        "Hidden layers",
        "Add a layer",
        "Microscope",
        "Remove a neuron from layer 1",
        "Neurons in layer 1",
        "Add a neuron to layer 1",
        "Activation of layer 1",
        "Dropout of layer 1",
        "More dropout in layer 1",
        "More for layer 1",
        "Remove layer 1",
    ]
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    assert button(view, "Layer 1").hasFocus()
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Right)
    assert button(view, "Layer 2").isChecked()


def test_whatever_can_be_operated_has_a_name_and_a_tooltip(view: NetworkView, owner: Owner) -> None:
    for control in [*view.findChildren(QAbstractButton), *view.findChildren(QComboBox)]:
        reader = QAccessible.queryAccessibleInterface(control)
        assert reader.text(QAccessible.Text.Name)
        assert control.toolTip()


def overlaps(view: NetworkView) -> list[tuple[str, str]]:
    """The names of what stands over another, or over the edge."""
    kinds = (QAbstractButton, QComboBox, QLineEdit, QLabel)
    seen = [w for kind in kinds for w in view.findChildren(kind) if w.isVisible()]
    rects = [(w, w.rect().translated(w.mapTo(view, QPoint()))) for w in seen]

    def name(widget: QWidget) -> str:
        return widget.accessibleName() or str(getattr(widget, "text", lambda: "")())

    out = [(name(w), "the view") for w, rect in rects if not view.rect().contains(rect)]
    return out + [(name(a), name(b)) for (a, p), (b, q) in itertools.combinations(rects, 2) if p.intersects(q)]


@pytest.mark.parametrize("share", [1.0, 1.5])
@pytest.mark.parametrize("size", [None, (600, 330), (1000, 580)], ids=["smallest", "middle", "large"])
def test_nothing_overlaps_or_is_cut_off(
    view: NetworkView, owner: Owner, size: Any, share: float, text_size: Callable[[float], None]
) -> None:
    text_size(share)
    least = view.minimumSizeHint()
    assert least.width() <= in_this_font(340)
    assert least.height() <= in_this_font(200)
    view.resize(*(size or least.toTuple()))
    view.resize(view.size().expandedTo(least))
    for depth in range(MOST_LAYERS + 1):
        for width in (1, 16):
            owner.show(experiment(*[width] * depth, classes=9, features=("x1", "x2", "sin_x1", "sin_x2")))
            QApplication.sendPostedEvents()
            assert overlaps(view) == []
            for label in (w for w in view.findChildren(QLabel) if w.isVisible()):
                assert label.width() >= label.fontMetrics().horizontalAdvance(label.text()), label.text()
            squares = [c.square(unit) for c in layout(view).columns for unit in range(len(c.tops))]
            assert all(layout(view).body.contains(square) for square in squares)
            assert not any(a.intersects(b) for a, b in itertools.combinations(squares, 2))
