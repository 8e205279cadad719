"""Predictions in the window: the confusion of classes and the residuals of values, live and tied to the plane."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from engine.training import PRESETS, Data, Experiment, LayerSpec, Network, Training, activations_at, setup_text
from playground.runtime.frame import Frame
from playground.views.predictions.matrix import Cell
from playground.views.predictions.view import PredictionsView
from tests.e2e.conftest import LEFT, User
from tests.e2e.test_time import trained

Play = Callable[..., int]
CLASSES = Experiment(Data("blobs", count=120, classes=4, noise=0.4), Network(layers=(LayerSpec(4),)), Training())


class Predicted(User):
    """A user at the tab."""

    def __init__(self, user: User, qtbot: QtBot) -> None:
        super().__init__(user.window, qtbot)
        self.choose("Predictions")
        self.settle()
        self.view: PredictionsView = user.window.inspector.page("predictions")

    def says(self, text: str) -> bool:
        labels = self.view.findChildren(QLabel)
        return any(text in label.text() for label in labels if label.isVisible())

    def click_cell(self, cell: Cell) -> None:
        spot = self.view.matrix.place(*cell).center().toPoint()
        self._qtbot.mouseClick(self.view.matrix, LEFT, pos=spot)

    def click_dot(self, spot: NDArray[np.float64]) -> None:
        self._qtbot.mouseClick(self.view.residuals, LEFT, pos=QPointF(*spot).toPoint())

    def ringed(self) -> NDArray[np.float64] | None:
        """The places (n, 2) that are ringed in the plane because a cell is chosen."""
        chosen = self.window.output.plane.dots.chosen
        return None if chosen is None else chosen.xy

    def outputs(self, frame: Frame | None = None) -> NDArray[np.float64]:
        """What the network answers to all points, from the weights that are shown."""
        frame = self.frame if frame is None else frame
        points = frame.experiment.data.arrays.inputs
        return np.asarray(activations_at(frame.experiment, frame.weights, frame.biases, points)[-1], float)


def of_classes(user: Predicted) -> None:
    user.window.worker.step_on(8)
    user.wait_for_step(8)
    points, matrix = user.frame.experiment.data.arrays, user.view.matrix

    def counted(test: bool | None) -> NDArray[np.int64]:
        said, chosen = user.outputs().argmax(axis=1), points.test == test if test is not None else points.test < 2
        result = np.zeros((4, 4), int)
        np.add.at(result, (points.labels[chosen], said[chosen]), 1)
        return result

    def shows(test: bool | None) -> bool:
        return matrix.predictions is not None and np.array_equal(matrix.predictions.confusion, counted(test))

    user.wait(lambda: shows(None))
    user.press("Training")
    user.wait(lambda: shows(False))
    user.press("Test")
    user.wait(lambda: shows(True))
    user.press("Both")
    user.wait(lambda: shows(None))
    every = counted(None)
    assert user.says(f"{np.trace(every)} of 120 are right")
    said = user.outputs().argmax(axis=1)
    wrong = [Cell(a, b) for a in range(4) for b in range(4) if a != b and every[a, b]]
    assert wrong, "there must be something to ring"
    for cell in wrong[:2]:
        user.click_cell(cell)
        behind = points.xy[(points.labels == cell.true) & (said == cell.said)]
        np.testing.assert_array_equal(user.ringed(), behind)
        assert user.says(f"of class {cell.true + 1} {'is' if len(behind) == 1 else 'are'} taken for class")


def keys_walk_over_the_cells(user: Predicted) -> None:
    matrix = user.view.matrix
    user.wait(lambda: matrix.predictions is not None)
    matrix.choose(None)
    user.window.setFocus()
    matrix.setFocus(Qt.FocusReason.TabFocusReason)
    assert matrix.cell == (0, 0)
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Left):
        user.key(key)
    assert matrix.cell == (2, 0)
    assert user.ringed() is not None
    user.key(Qt.Key.Key_Escape)
    assert matrix.cell is None
    assert user.ringed() is None
    user.key(Qt.Key.Key_Down)
    user.choose("Gradient check")
    assert user.ringed() is None, "nothing is ringed while nobody can see why"
    user.choose("Predictions")
    user.wait(lambda: user.ringed() is not None)


def test_classes(play: Play, qtbot: QtBot) -> None:
    def script(user: User) -> None:
        of_classes(Predicted(user, qtbot))
        user.window.output.plane.grab()
        keys_walk_over_the_cells(Predicted(user, qtbot))

    assert play(script, setup_text(CLASSES)) == 0


@pytest.mark.parametrize("name", ["hills", pytest.param("wave", marks=pytest.mark.slow)])
def test_values(play: Play, qtbot: QtBot, name: str) -> None:
    def script(plain: User) -> None:
        user, points = Predicted(plain, qtbot), plain.frame.experiment.data.arrays
        trained(user, 10)
        picture = user.view.residuals
        user.press("Test")
        user.wait(lambda: picture.rows.tolist() == np.flatnonzero(points.test).tolist())
        off = user.outputs()[:, 0] - points.targets
        user.wait(lambda: user.says(f"absolute error is {np.abs(off[points.test]).mean():.3g}"))
        r2 = (
            1
            - np.square(off[points.test]).sum()
            / np.square(points.targets[points.test] - points.targets[points.test].mean()).sum()
        )
        assert user.says(f"R² is {r2:.3f}".replace("-", "−"))
        spots = picture.spots()
        assert (np.argsort(spots[:, 1]) == np.argsort(-off[points.test])).mean() > 0.98
        far = int(np.abs(spots[:, 1] - picture.area.center().y()).argmax())
        user.click_dot(spots[far])
        assert picture.point == picture.rows[far]
        ring = user.window.output.plane.marks.ring
        assert (ring.x(), ring.y()) == tuple(points.xy[picture.rows[far]].tolist())
        assert user.says("off by")
        picture.setFocus()
        user.key(Qt.Key.Key_Left)
        assert picture.point != picture.rows[far]
        user.key(Qt.Key.Key_Escape)
        assert not ring.isVisible()
        picture.grab()

    assert play(script, setup_text(PRESETS[name])) == 0


def test_without_points_and_with_points_erased_while_it_is_open(play: Play, qtbot: QtBot) -> None:
    def script(plain: User) -> None:
        user = Predicted(plain, qtbot)
        user.wait(lambda: user.view.matrix.predictions is not None)
        user.click_cell(Cell(0, 0))
        user.choose("Erase all points")
        user.settle()
        user.wait(lambda: user.says("There are no such points."))
        user.view.grab()
        user.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        user.wait(lambda: user.says("of 120 are right"))

    assert play(script, setup_text(CLASSES)) == 0
