"""The network diagram through the mouse and the keyboard, with a stand-in owner that does as it is asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible, QColor, QImage, QMouseEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QWidget
from pytestqt.qtbot import QtBot

from engine.nn import ACTIVATIONS
from engine.training import PLANE, Data, Experiment, LayerSpec, Network, Run, rule_of
from playground import theme
from playground.frame import Frame, Status
from playground.views.network import NetworkView
from playground.views.network_controls import PointerLabel
from playground.views.network_layout import Edge, Layout, Neuron

SIDE = 20
MOST_NEURONS, MOST_LAYERS = rule_of(LayerSpec, "size").high, rule_of(Network, "layers").high
NO_BUTTON = Qt.MouseButton.NoButton


def experiment(*hidden: int, features: tuple[str, ...] = ("x1", "x2"), classes: int = 2) -> Experiment:
    data = Data() if classes == 2 else Data(dataset="drawn", classes=classes)
    return Experiment(data=data, network=Network(features=features, layers=tuple(LayerSpec(size) for size in hidden)))


def frame_of(source: Experiment) -> Frame:
    """The first frame of a run, as the worker makes it."""
    run = Run(source)
    line = np.linspace(-PLANE, PLANE, SIDE)
    plane = np.stack(np.meshgrid(line, line), axis=-1).reshape(-1, 2)
    maps = tuple(
        (128 + 127 * np.clip(column, -1, 1)).astype(np.uint8).T.reshape(-1, SIDE, SIDE)
        for column in run.activations(plane)
    )
    weights, biases = zip(*((w.copy(), b.copy()) for w, b in run.weights()), strict=True)
    return Frame(source, Status.READY, "", 0, 0, None, None, run.curve(), maps[-1][0], maps, weights, biases, None)


class Owner:
    """Holds the experiment, does what the view asks for, and remembers what that was."""

    def __init__(self, view: NetworkView, start: Experiment) -> None:
        self.view, self.experiment = view, start
        self.asked: list[tuple[object, ...]] = []
        self.hovered: list[object] = []
        view.layer_added.connect(self.add_layer)
        view.layer_removed.connect(self.remove_layer)
        view.neuron_added.connect(lambda layer: self.resize(layer, 1))
        view.neuron_removed.connect(lambda layer: self.resize(layer, -1))
        view.activation_chosen.connect(self.choose)
        view.neuron_hovered.connect(self.hovered.append)
        self.show(start)

    def show(self, changed: Experiment) -> None:
        self.experiment = changed
        self.view.show_experiment(changed)
        self.view.show_frame(frame_of(changed))

    def put(self, *layers: LayerSpec) -> None:
        self.show(self.experiment.replace(network=self.experiment.network.replace(layers=layers)))

    def add_layer(self, position: int) -> None:
        self.asked.append(("add layer", position))
        layers = self.experiment.network.layers
        self.put(*layers[:position], LayerSpec(3), *layers[position:])

    def remove_layer(self, layer: int) -> None:
        self.asked.append(("remove layer", layer))
        layers = self.experiment.network.layers
        self.put(*layers[:layer], *layers[layer + 1 :])

    def resize(self, layer: int, change: int) -> None:
        self.asked.append(("resize", layer, change))
        layers = list(self.experiment.network.layers)
        layers[layer] = layers[layer].replace(size=layers[layer].size + change)
        self.put(*layers)

    def choose(self, layer: int, key: str) -> None:
        self.asked.append(("activation", layer, key))
        layers = list(self.experiment.network.layers)
        layers[layer] = layers[layer].replace(activation=key)
        self.put(*layers)


@pytest.fixture
def view(qtbot: QtBot) -> Iterator[NetworkView]:
    theme.set_mode(theme.Mode.LIGHT)
    result = NetworkView()
    qtbot.addWidget(result)
    result.resize(640, 420)
    result.show()
    qtbot.waitExposed(result)
    result.activateWindow()
    yield result
    theme.set_mode(theme.Mode.SYSTEM)


@pytest.fixture
def owner(view: NetworkView) -> Owner:
    return Owner(view, experiment(4, 2))


def named(view: NetworkView, name: str) -> QWidget:
    """The control that a screen reader would find by this name; there is one."""
    found = [w for w in view.findChildren(QWidget) if w.accessibleName() == name and w.isVisibleTo(view)]
    assert len(found) == 1, name
    return found[0]


def button(view: NetworkView, name: str) -> QAbstractButton:
    found = named(view, name)
    assert isinstance(found, QAbstractButton)
    return found


def click(qtbot: QtBot, view: NetworkView, name: str) -> None:
    qtbot.mouseClick(button(view, name), Qt.MouseButton.LeftButton)


def layout(view: NetworkView) -> Layout:
    return view._layout


def point_at(widget: QWidget, place: QPointF | QPoint) -> None:
    place = QPointF(place)
    event = QMouseEvent(
        QEvent.Type.MouseMove, place, widget.mapToGlobal(place), NO_BUTTON, NO_BUTTON, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(widget, event)


def neuron_place(view: NetworkView, column: int, unit: int) -> QPoint:
    return layout(view).columns[column].square(unit).center()


def edge_place(view: NetworkView, edge: Edge, share: float = 0.5) -> QPointF:
    gap = layout(view).gaps[edge.gap]
    x = gap.start + share * (gap.end - gap.start)
    return QPointF(x, float(gap.heights(np.array([x]))[edge.target, edge.source, 0]))


def label(view: NetworkView) -> str | None:
    """What the label says, or None while it is hidden."""
    found = view.findChild(PointerLabel)
    return found.text if found.isVisible() else None


def picture(view: NetworkView) -> QImage:
    return view.grab().toImage()


def thumbnail(view: NetworkView, column: int, unit: int) -> QImage:
    return picture(view).copy(layout(view).columns[column].square(unit))


def distance(a: QColor, b: QColor) -> int:
    return sum(abs(x - y) for x, y in zip(a.getRgb()[:3], b.getRgb()[:3], strict=True))


# Controls


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
    assert visible == ["Add a layer at position 1"]
    assert button(view, visible[0]).toolTip() == "Add a layer here"
    click(qtbot, view, visible[0])
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
    for _ in range(7):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        names.append(QApplication.focusWidget().accessibleName())
    assert names == [
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
    point_at(named(view, "Activation of layer 1"), QPoint(5, 5))
    assert owner.hovered == [(1, 0), None]
    point_at(view, neuron_place(view, 1, 0))
    point_at(button(view, "Add a layer at position 1"), QPoint(5, 5))
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


@pytest.mark.parametrize("size", [(560, 340), (640, 420), (1180, 700)])
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
    first = button(view, "Add a layer at position 1")
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
    assert owner.asked == [("resize", 1, change) for change in (1, 1, -1, -1, -1)]
    assert owner.hovered[-1] == (2, 0)  # the neuron that was chosen is gone, and the last one is chosen instead
    qtbot.keyClick(view, Qt.Key.Key_Delete)  # the last neuron stays
    assert owner.experiment.network.layers[1].size == 1


def test_when_the_chosen_layer_goes_nothing_is_chosen(view: NetworkView, owner: Owner) -> None:
    point_at(view, neuron_place(view, 3, 0))
    owner.show(experiment(4))
    assert owner.hovered == [(3, 0), None]


# Painting


def test_a_new_structure_is_seen_before_its_first_frame(view: NetworkView, owner: Owner) -> None:
    view.show_experiment(experiment(4, 2, 5))
    assert named(view, "Activation of layer 3").isVisible()
    shown = picture(view)
    assert shown.pixelColor(neuron_place(view, 3, 2)) == theme.colour("middle")
    assert shown.pixelColor(edge_place(view, Edge(0, 0, 0)).toPoint()) == theme.colour("panel")
    point_at(view, edge_place(view, Edge(0, 0, 0), 0.9))
    assert label(view) == "weight x₁ → layer 1 neuron 1"


def test_a_change_that_leaves_the_structure_leaves_the_picture(view: NetworkView, owner: Owner) -> None:
    before = picture(view)
    view.show_experiment(owner.experiment.replace(training=owner.experiment.training.replace(learning_rate=1)))
    assert picture(view) == before


def test_thumbnails_are_the_right_way_up_and_round(view: NetworkView, owner: Owner) -> None:
    """x₁ grows to the right and x₂ upwards."""
    x1, x2 = thumbnail(view, 0, 0), thumbnail(view, 0, 1)
    orange, blue, middle = theme.colour("negative"), theme.colour("positive"), x1.width() // 2
    assert distance(x1.pixelColor(2, middle), orange) < 60
    assert distance(x1.pixelColor(x1.width() - 3, middle), blue) < 60
    assert distance(x2.pixelColor(middle, 2), blue) < 60
    assert distance(x2.pixelColor(middle, x2.height() - 3), orange) < 60
    assert distance(x1.pixelColor(0, 0), theme.colour("panel")) < 20


def test_edges_show_the_sign_and_the_size_of_weights(view: NetworkView, owner: Owner) -> None:
    frame = frame_of(experiment())
    frame.weights[0][:] = [[2.0, -0.5]]
    view.show_frame(frame)

    def coloured(edge: Edge) -> int:
        place, shown = edge_place(view, edge, 0.3).toPoint(), picture(view)
        panel = theme.colour("panel")
        return sum(distance(shown.pixelColor(place + QPoint(0, dy)), panel) > 40 for dy in range(-8, 9))

    shown = picture(view)
    strong = shown.pixelColor(edge_place(view, Edge(0, 0, 0), 0.3).toPoint())
    weak = shown.pixelColor(edge_place(view, Edge(0, 1, 0), 0.3).toPoint())
    assert distance(strong, theme.colour("positive")) < 20
    assert weak.red() > weak.blue() + 20  # orange
    assert coloured(Edge(0, 0, 0)) >= 5 > 3 >= coloured(Edge(0, 1, 0)) >= 1


def test_many_edges_and_weights_of_nothing_but_zeros_are_painted(view: NetworkView, owner: Owner) -> None:
    frame = frame_of(experiment(MOST_NEURONS, MOST_NEURONS, classes=3))
    for matrix in frame.weights:
        matrix[:] = 0
    view.show_frame(frame)
    point_at(view, neuron_place(view, 1, 40))
    assert thumbnail(view, 1, 40).width() == layout(view).columns[1].thumb


def test_the_theme_recolours_everything(view: NetworkView, owner: Owner) -> None:
    frame = frame_of(owner.experiment)
    frame.weights[0][:] = 1.0
    view.show_frame(frame)
    place = edge_place(view, Edge(0, 0, 0), 0.9).toPoint()
    theme.set_mode(theme.Mode.DARK)
    shown = picture(view)
    assert shown.pixelColor(1, 200) == QColor(theme.DARK.panel)
    gap, body = layout(view).gaps[0], layout(view).body
    assert shown.pixelColor((gap.start + gap.end) // 2, body.bottom() - 2) == QColor(theme.DARK.panel)
    assert distance(shown.pixelColor(place), QColor(theme.DARK.positive)) < 30
    shade = thumbnail(view, 0, 0).pixelColor(layout(view).columns[0].thumb // 2, 2)
    assert distance(shade, QColor(theme.DARK.middle)) < distance(shade, QColor(theme.LIGHT.middle))
    for index, slots in enumerate(layout(view).slots, start=1):
        assert named(view, f"Activation of layer {index}").geometry() == slots.activation


def test_a_frame_brings_its_own_structure(view: NetworkView, owner: Owner) -> None:
    view.show_frame(frame_of(experiment(7, features=("x1", "sin_x1", "x1_x2"))))
    assert [len(column.tops) for column in layout(view).columns] == [3, 7, 1]
    point_at(view, neuron_place(view, 0, 1))
    assert label(view) == "sin x₁"
    later = frame_of(experiment(7))
    view.show_frame(replace(later, step=3))
    assert [len(column.tops) for column in layout(view).columns] == [2, 7, 1]
    assert layout(view).hit(*neuron_place(view, 1, 6).toTuple()) == Neuron(1, 6)
