"""An output view on the screen, a stand-in owner of its points, and the hand that draws in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, QRect, Qt
from PySide6.QtGui import QColor, QImage, QMouseEvent
from PySide6.QtWidgets import QApplication, QLabel, QToolButton
from pytestqt.qtbot import QtBot

from engine.training import Data, Experiment, LayerSpec, Network, Points
from playground.runtime.frame import Frame
from playground.runtime.pictures import CONFIDENCE_LEVELS
from playground.ui import theme
from playground.views.plane.output import OutputView
from tests.frames import frame_of

LEFT, RIGHT, NONE = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton, Qt.MouseButton.NoButton


def points(rows: list[tuple[float, float, int]], test: bool = False) -> Points:
    """x₁, x₂ and class of points, all for training or all for testing."""
    table = np.array(rows, dtype=float).reshape(-1, 3)
    return Points(table[:, :2].copy(), table[:, 2].astype(int), np.full(len(rows), test))


class Owner:
    """Holds the points, does what the view asks for, and remembers what that was."""

    def __init__(self, view: OutputView) -> None:
        self.view = view
        self.asked: list[tuple] = []
        self.classes = 2
        view.painted.connect(self.paint)
        view.erased.connect(self.erase)
        view.moved.connect(self.move)
        self.put([])

    def put(self, rows: list[tuple[float, float, int]], test: bool = False) -> None:
        self.rows = rows
        self.view.show_data(Data("drawn", classes=self.classes).drawn(points(rows, test)))

    def offer(self, classes: int) -> None:
        """Have the data be of so many classes."""
        self.classes = classes
        self.put(self.rows)

    def paint(self, places: np.ndarray, label: int, test: bool, stroke: int) -> None:
        self.asked.append(("paint", len(places), label, stroke))
        self.put([*self.rows, *((x1, x2, label) for x1, x2 in places.tolist())])

    def erase(self, indices: np.ndarray, stroke: int) -> None:
        self.asked.append(("erase", indices.tolist(), stroke))
        self.put([row for i, row in enumerate(self.rows) if i not in indices])

    def move(self, indices: np.ndarray, places: np.ndarray, verb: str, stroke: int) -> None:
        self.asked.append((verb, indices.tolist(), stroke))
        moved = dict(zip(indices.tolist(), places.tolist(), strict=True))
        self.put([(*moved.get(i, row[:2]), row[2]) for i, row in enumerate(self.rows)])

    @property
    def xy(self) -> np.ndarray:
        return np.array([row[:2] for row in self.rows]).reshape(-1, 2)


@pytest.fixture
def view(qtbot: QtBot) -> Iterator[OutputView]:
    theme.set_mode(theme.Mode.LIGHT)
    result = OutputView()
    qtbot.addWidget(result)
    result.resize(330, 420)
    with qtbot.waitExposed(result):
        result.show()
    yield result
    theme.set_mode(theme.Mode.SYSTEM)


@pytest.fixture
def owner(view: OutputView) -> Owner:
    return Owner(view)


def send(view: OutputView, kind: QEvent.Type, at: tuple[float, float], button=NONE, held=NONE) -> None:
    place = QPointF(view.plane.pixel(*at))
    viewport = view.plane.viewport()
    event = QMouseEvent(kind, place, viewport.mapToGlobal(place), button, held, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(viewport, event)


def press(view: OutputView, at: tuple[float, float], button=LEFT) -> None:
    send(view, QEvent.Type.MouseButtonPress, at, button, button)


def drag_to(view: OutputView, at: tuple[float, float], button=LEFT) -> None:
    send(view, QEvent.Type.MouseMove, at, NONE, button)


def release(view: OutputView, at: tuple[float, float], button=LEFT) -> None:
    send(view, QEvent.Type.MouseButtonRelease, at, button, NONE)


def hover(view: OutputView, at: tuple[float, float]) -> None:
    send(view, QEvent.Type.MouseMove, at)


def click(view: OutputView, at: tuple[float, float], button=LEFT) -> None:
    press(view, at, button)
    release(view, at, button)


def button(view: OutputView, name: str) -> QToolButton:
    (found,) = (b for b in view.findChildren(QToolButton) if b.accessibleName() == name)
    return found


def texts(view: OutputView) -> list[str]:
    return [label.text() for label in view.findChildren(QLabel)]


def frame(classes: int = 2, side: int = 20, **changes: Any) -> Frame:
    """The boundary is 255 in its lower half; of layer 1, neuron 2 is 255 in its left half."""
    data = Data(dataset="drawn", classes=classes)
    experiment = Experiment(data=data, network=Network(layers=(LayerSpec(size=2),)))
    boundary = np.zeros((side, side), dtype=np.uint8)
    boundary[: side // 2] = 255 if classes == 2 else 28 * (classes - 1) + 27
    hidden = np.zeros((2, side, side), dtype=np.uint8)
    hidden[1, :, : side // 2] = 255
    outputs = np.zeros((experiment.outputs, side, side), dtype=np.uint8)
    maps = np.zeros((2, side, side), dtype=np.uint8), hidden, outputs
    return frame_of(experiment, **{"boundary": boundary, "maps": maps} | changes)


def colour_at(view: OutputView, x1: float, x2: float) -> QColor:
    image: QImage = view.plane.viewport().grab().toImage()
    return image.pixelColor((view.plane.pixel(x1, x2) * image.devicePixelRatio()).toPoint())


def seen_around(view: OutputView, x1: float, x2: float) -> QImage:
    """The picture of a unit of the plane around a place."""
    corners = view.plane.pixel(x1 - 0.5, x2 + 0.5).toPoint(), view.plane.pixel(x1 + 0.5, x2 - 0.5).toPoint()
    return view.plane.viewport().grab(QRect(*corners)).toImage()


def ground(index: int, classes: int = 2) -> QColor:
    """What an index of the boundary picture is painted in: a paler orange, blue or class colour."""
    return QColor(*theme.boundary_colours(classes, CONFIDENCE_LEVELS)[index].tolist())
