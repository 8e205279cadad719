"""Looking closely at the network diagram: values at the pointer, and neurons chosen by mouse or arrow keys."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.training import PRESETS
from playground.ui import theme
from playground.views.network import words
from playground.views.network.controls import PointerLabel
from playground.views.network.layout import Edge
from playground.views.network.view import NetworkView
from tests.frames import frame_of
from tests.playground.views.network.conftest import (
    Owner,
    button,
    distance,
    edge_place,
    experiment,
    label,
    layout,
    named,
    neuron_place,
    picture,
    point_at,
)


def test_the_value_of_a_weight_stands_at_the_pointer(view: NetworkView, owner: Owner) -> None:
    frame = frame_of(owner.experiment)
    frame.weights[0][2, 0] = -0.51249
    view.show_frame(frame)
    point_at(view, edge_place(view, Edge(0, 0, 2), 0.93))
    assert label(view) == "weight x₁ → layer 1 neuron 3: −0.512"
    point_at(view, edge_place(view, Edge(2, 1, 0), 0.3))
    assert (label(view) or "").startswith("weight layer 2 neuron 2 → output: ")
    point_at(view, QPointF(2, 418))
    assert label(view) is None
    assert owner.hovered == []


def test_the_value_of_a_bias_stands_at_the_pointer_and_follows_the_training(view: NetworkView, owner: Owner) -> None:
    frame = frame_of(owner.experiment)
    frame.biases[0][2] = 0.1041
    view.show_frame(frame)
    point_at(view, layout(view).columns[1].bias_centre(2))
    assert label(view) == "bias of layer 1 neuron 3: 0.104"
    later = frame_of(owner.experiment)
    later.biases[0][2] = 1.5e-5
    view.show_frame(later)
    assert label(view) == "bias of layer 1 neuron 3: 1.50e−05"


def test_while_a_place_is_shown_an_edge_is_what_its_weight_adds_there(view: NetworkView, owner: Owner) -> None:
    frame = frame_of(owner.experiment)
    for matrix in frame.weights:
        matrix[:] = 2.0
    view.show_frame(frame)
    sums, nothing = (edge_place(view, Edge(0, source, 2), 0.4).toPoint() for source in (0, 1))
    assert distance(picture(view).pixelColor(sums), theme.colour("positive")) < 30
    view.show_activations([np.array([-0.5, 0.0]), *(np.zeros(size) for size in owner.experiment.sizes[1:])])
    shown = picture(view)
    assert distance(shown.pixelColor(sums), theme.colour("negative")) < 30
    assert distance(shown.pixelColor(nothing), theme.colour("panel")) < distance(
        shown.pixelColor(sums), theme.colour("panel")
    )
    point_at(view, edge_place(view, Edge(0, 0, 2), 0.93))
    said = "weight x₁ → layer 1 neuron 3: 2.000\nAdds 2.000 · −0.500 = −1.000 to the sum, for this place"
    assert label(view) == said
    view.show_activations(None)
    assert (
        distance(picture(view).pixelColor(edge_place(view, Edge(0, 0, 1), 0.9).toPoint()), theme.colour("positive"))
        < 30
    )


def test_a_feature_is_told_as_the_data_measure_it_and_what_it_adds_as_the_network_is_given_it(
    view: NetworkView, owner: Owner
) -> None:
    iris = PRESETS["iris"]
    owner.show(iris)
    columns, weight = iris.data.input_columns, frame_of(iris).weights[0][0, 0]
    given = np.array([(2 * column.offset - column.offset) / column.unit for column in columns])
    activations = [given, *(np.zeros(size) for size in iris.sizes[1:])]
    told = words.values(iris, activations)
    assert [float(text) for text in told[0]] == pytest.approx([2 * column.offset for column in columns], rel=5e-3)
    assert told[1] == ["0.00"] * iris.sizes[1]
    view.show_activations(activations)
    point_at(view, edge_place(view, Edge(0, 0, 0), 0.93))
    a, product = (words.number(value) for value in (given[0], weight * given[0]))
    assert f"Adds {words.number(weight)} · {a} = {product} to the sum" in label(view)
    assert label(view).endswith(f"The network is given {a} for {told[0][0]}: the data are scaled")


@pytest.mark.parametrize(("feature", "told"), [(1234.4, "1,234"), (-25_000.0, "−2.5e4"), (0.0, "0"), (np.nan, "–")])
def test_however_large_the_unit_a_feature_is_told_shortly(feature: float, told: str) -> None:
    iris = PRESETS["iris"]
    columns = tuple(column.replace(offset=100.0, unit=10_000.0) for column in iris.data.columns)
    table = iris.data.replace(dataset="drawn", points=iris.data.arrays, columns=columns)
    scaled = np.full(4, (feature - 100) / 10_000)
    assert words.values(iris.replace(data=table), [scaled])[0] == [told] * 4


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_not_a_number_is_neither_drawn_nor_said_as_one(view: NetworkView, owner: Owner, value: float) -> None:
    frame = frame_of(experiment())
    frame.weights[0][:] = [[value, 1.0]]
    frame.biases[0][0] = value
    view.show_frame(frame)
    shown = picture(view)
    panel = theme.colour("panel")
    assert shown.pixelColor(edge_place(view, Edge(0, 0, 0), 0.4).toPoint()) == panel
    assert distance(shown.pixelColor(edge_place(view, Edge(0, 1, 0), 0.4).toPoint()), theme.colour("positive")) < 30
    point_at(view, edge_place(view, Edge(0, 0, 0), 0.3))
    assert label(view) == "weight x₁ → output: not a number"
    picture(view)  # and pointing at it paints without complaint


def test_a_neuron_is_hovered_and_left(view: NetworkView, owner: Owner) -> None:
    point_at(view, neuron_place(view, 1, 3))
    point_at(view, neuron_place(view, 1, 3) + QPoint(2, 1))
    assert owner.hovered == [(1, 3)]
    assert (label(view) or "").startswith("layer 1 neuron 4, bias ")
    point_at(view, neuron_place(view, 0, 1))
    assert label(view) == "x₂"
    QApplication.sendEvent(view, QEvent(QEvent.Type.Leave))
    assert owner.hovered == [(1, 3), (0, 1), None]
    assert label(view) is None


def test_hovering_ends_over_a_control(view: NetworkView, owner: Owner) -> None:
    point_at(view, neuron_place(view, 1, 0))
    point_at(button(view, "Layer 1"), QPoint(5, 5))
    assert owner.hovered == [(1, 0), None]
    point_at(view, neuron_place(view, 1, 0))
    head, place = named(view, "Activation of layer 1").parentWidget().parentWidget().parentWidget(), QPointF(5, 5)
    QApplication.sendEvent(head, QEnterEvent(place, place, place))
    assert owner.hovered[-1] is None


def test_while_a_neuron_is_hovered_only_its_own_edges_stay(view: NetworkView, owner: Owner) -> None:
    frame = frame_of(owner.experiment)
    for matrix in frame.weights:
        matrix[:] = -1.0
    view.show_frame(frame)
    own, other = edge_place(view, Edge(0, 1, 3), 0.85).toPoint(), edge_place(view, Edge(0, 0, 0), 0.85).toPoint()
    orange, panel = theme.colour("negative"), theme.colour("panel")
    assert distance(picture(view).pixelColor(other), orange) < 30
    point_at(view, neuron_place(view, 1, 3))
    shown = picture(view)
    assert distance(shown.pixelColor(own), orange) < 30
    assert distance(shown.pixelColor(other), panel) < distance(orange, panel) / 3


@pytest.mark.parametrize("size", [(316, 200), (640, 420), (1180, 700)])
def test_the_label_never_leaves_the_widget(view: NetworkView, owner: Owner, size: tuple[int, int]) -> None:
    owner.show(experiment(8, 8, 8, features=("x1", "sin_x2"), classes=5))
    view.resize(*size)
    found = view.findChild(PointerLabel)
    for column, places in enumerate(layout(view).columns):
        for unit in (0, len(places.tops) - 1):
            point_at(view, neuron_place(view, column, unit))
            assert view.rect().contains(found.geometry())
            assert not found.geometry().intersects(places.square(unit))
    for gap in range(len(layout(view).gaps)):
        point_at(view, edge_place(view, Edge(gap, 0, 0), 0.99))
        assert found.isVisible()
        assert view.rect().contains(found.geometry())


# Keyboard


def test_the_arrow_keys_walk_over_the_neurons(qtbot: QtBot, view: NetworkView, owner: Owner) -> None:
    view.setFocus()
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Left):
        qtbot.keyClick(view, key)
    assert owner.hovered[:3] == [(0, 0), (0, 1), (1, 2)]
    assert owner.hovered[3:] == [(1, 3), (0, 1)]
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    assert owner.hovered[-1] is None
    assert label(view) is None


def test_the_focus_is_seen_when_it_came_by_the_keyboard(qtbot: QtBot, view: NetworkView, owner: Owner) -> None:
    corner = layout(view).body.topLeft() + QPoint(0, 100)
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(2, 400))
    assert view.hasFocus()
    assert picture(view).pixelColor(corner) == theme.colour("panel")
    first = button(view, "Remove the last layer")
    first.setFocus()
    qtbot.keyClick(first, Qt.Key.Key_Backtab)
    assert view.hasFocus()
    assert distance(picture(view).pixelColor(corner), theme.colour("panel")) > 100


def test_keys_add_and_remove_neurons_of_the_chosen_layer(qtbot: QtBot, view: NetworkView, owner: Owner) -> None:
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_Plus)
    qtbot.keyClick(view, Qt.Key.Key_Down)
    qtbot.keyClick(view, Qt.Key.Key_Plus)  # a feature is chosen: not a hidden neuron
    assert owner.asked == []
    point_at(view, neuron_place(view, 2, 1))
    for key in (Qt.Key.Key_Plus, Qt.Key.Key_Insert, Qt.Key.Key_Minus, Qt.Key.Key_Delete, Qt.Key.Key_Delete):
        qtbot.keyClick(view, key)
    assert owner.asked == [("resize", 1, size) for size in (3, 4, 3, 2, 1)]
    assert owner.hovered[-1] == (2, 0)  # the neuron that was chosen is gone, and the last one is chosen instead
    qtbot.keyClick(view, Qt.Key.Key_Delete)  # the last neuron stays
    assert owner.experiment.network.layers[1].size == 1


def test_when_the_chosen_layer_goes_nothing_is_chosen(view: NetworkView, owner: Owner) -> None:
    point_at(view, neuron_place(view, 3, 0))
    owner.show(experiment(4))
    assert owner.hovered == [(3, 0), None]


# Painting
