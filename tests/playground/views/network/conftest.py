"""What the tests of the network diagram share: an owner that hears it, frames to show, and places to point at."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QMouseEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget
from pytestqt.qtbot import QtBot

from engine.training import Data, Experiment, LayerSpec, Network, rule_of
from playground.ui import theme
from playground.views.network.controls import PointerLabel
from playground.views.network.layout import DiagramLayout, Edge
from playground.views.network.view import NetworkView
from tests.frames import frame_of

MOST_NEURONS, MOST_LAYERS = rule_of(LayerSpec, "size").high, rule_of(Network, "layers").high
NO_BUTTON = Qt.MouseButton.NoButton


def experiment(*hidden: int, features: tuple[str, ...] = ("x1", "x2"), classes: int = 2) -> Experiment:
    data = Data() if classes == 2 else Data(dataset="drawn", classes=classes)
    return Experiment(data=data, network=Network(features=features, layers=tuple(LayerSpec(size) for size in hidden)))


class Owner:
    """Holds the experiment, does what the view asks for, and remembers what that was."""

    def __init__(self, view: NetworkView, start: Experiment) -> None:
        self.view, self.experiment = view, start
        self.asked: list[tuple[object, ...]] = []
        self.hovered: list[object] = []
        view.layer_added.connect(self.add_layer)
        view.layer_removed.connect(self.remove_layer)
        view.depth_chosen.connect(self.set_depth)
        view.size_chosen.connect(self.resize)
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

    def set_depth(self, depth: int) -> None:
        self.asked.append(("depth", depth))
        layers = self.experiment.network.layers
        self.put(*layers[:depth], *[LayerSpec(3)] * (depth - len(layers)))

    def resize(self, layer: int, size: int) -> None:
        self.asked.append(("resize", layer, size))
        layers = list(self.experiment.network.layers)
        layers[layer] = layers[layer].replace(size=size)
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


def layout(view: NetworkView) -> DiagramLayout:
    return view.diagram


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
