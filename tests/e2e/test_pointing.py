"""The point under the pointer goes through the network."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication, QLabel

from engine.training import Run
from tests.e2e.conftest import User


def shown(user: User) -> list[str]:
    """The words below the plane."""
    return [label.text() for label in user.window.output.findChildren(QLabel) if label.isVisible()]


def test_the_place_that_is_pointed_at_goes_through_the_network(play: Callable[..., int]) -> None:
    def script(user: User) -> None:
        plane, network = user.window.output.plane, user.window.network
        user.settle()
        before = network.grab().toImage()
        user.point_at(plane.viewport(), plane.pixel(1.5, -2.0).toPoint())
        user.wait(lambda: network.grab().toImage() != before)
        place = np.array([[1.5, -2.0]])
        run = Run(user.frame.experiment)
        outputs = run.activations(place)[-1]
        label = int(run.verdict(outputs)[0][0])
        assert any(f"class {label + 1}" in text for text in shown(user))
        first = network.grab().toImage()
        user.press("Step")
        user.wait_for_step(1)
        user.wait(lambda: network.grab().toImage() != first)  # it follows what is trained
        QApplication.sendEvent(plane, QEvent(QEvent.Type.Leave))
        assert not any("class" in text for text in shown(user))

    assert play(script) == 0


def test_a_class_more_is_drawn_while_the_way_of_a_place_is_shown(play: Callable[..., int]) -> None:
    def script(user: User) -> None:
        plane, network = user.window.output.plane, user.window.network
        before = network.grab().toImage()
        user.point_at(plane.viewport(), plane.pixel(1.5, -2.0).toPoint())
        user.wait(lambda: network.grab().toImage() != before)
        user.key(Qt.Key.Key_3)
        user.drag_plane([(x / 2, 5.0) for x in range(-10, 10)])  # moves on before there is a frame of the new network
        user.wait(lambda: user.settle().experiment.outputs == 3)
        assert network.grab().toImage() != before

    assert play(script) == 0
