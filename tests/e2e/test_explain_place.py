"""Explain a place: what the network makes of any place of the plane, also where no point is."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu

from engine.training import activations_at
from playground.views.microscope.session import Subject
from tests.e2e.conftest import RIGHT, InTurn
from tests.e2e.looker import Looker
from tests.e2e.test_time import trained

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # the offscreen platform, of itself


def answer(user: Looker, x1: float, x2: float) -> float:
    """What the network answers at a place, by the arrays of the frame that is shown."""
    frame = user.frame
    inputs = frame.experiment.data.inputs_at(np.array([[x1, x2]]), frame.rest)
    return float(activations_at(frame.experiment, frame.weights, frame.biases, inputs)[-1][0, 0])


def assert_explained(user: Looker, x1: float, x2: float) -> None:
    assert user.scope.session.subject is Subject.PLACE
    assert user.graph.value(user.graph.outputs[-1][0]) == pytest.approx(answer(user, x1, x2), abs=1e-4)
    assert f"At x₁ {x1:.3g}, x₂ {x2:.3g}".replace("-", "−") in user.page()


def place_of_ring(user: Looker) -> tuple[float, ...]:
    """Where the ring is; nowhere if there is none."""
    ring = user.window.output.plane.marks.ring
    return (ring.x(), ring.y()) if ring.isVisible() else ()


def a_key_explains_the_place_at_the_pointer(user: Looker) -> None:
    moment = user.window.document.moment
    trained(user, 20)
    plane = user.window.output.plane
    user.point_at(plane.viewport(), plane.pixel(4, -5).toPoint())
    at = plane.place(plane.pixel(4, -5).toPoint().toPointF())
    user.key(Qt.Key.Key_X)
    assert_explained(user, *at.tolist())
    assert "What adds up to its sum" in user.page()
    assert not user.graph.has_loss
    canvas, answers = user.scope.canvas, user.scope.session.box_of(user.graph.root)
    assert canvas.scene is not None
    assert canvas.rect().toRectF().contains(canvas.on_widget(canvas.scene.rects[answers])), "what it says is in view"
    assert place_of_ring(user) == pytest.approx(tuple(at))
    user.press("The next point or class")
    assert user.graph.has_loss
    user.press("The point or class before")
    assert not user.graph.has_loss
    trained(user, 10)
    assert_explained(user, *at.tolist())
    user.key(Qt.Key.Key_M)
    assert place_of_ring(user) == ()
    assert user.window.document.moment.experiment == moment.experiment, "nothing was edited"
    assert not user.window.document.undo_stack.canUndo()


def its_activations_stay_in_the_diagram_while_the_pointer_is_elsewhere(user: Looker) -> None:
    network = user.window.network
    before = network.grab().toImage()
    plane = user.window.output.plane
    user.key(Qt.Key.Key_L)
    user.click_plane(-5, 5)
    assert user.scope.session.subject is Subject.PLACE
    plane.leaveEvent(None)  # type: ignore[arg-type]
    user.wait(lambda: network.grab().toImage() != before)
    user.press("One point")
    assert place_of_ring(user), "now the point is ringed"
    user.settle()


def the_tool_that_looks_takes_the_point_where_there_is_one(user: Looker) -> None:
    user.choose("Erase all points")
    user.click_plane(0, 0)
    user.click_plane(3, 3)
    user.settle()
    user.key(Qt.Key.Key_L)
    user.click_plane(3, 3)
    assert (user.scope.session.subject, user.scope.session.point) == (Subject.POINT, 1)
    user.click_plane(-3, -3)
    assert user.scope.session.subject is Subject.PLACE


def a_menu_offers_it_where_the_right_button_draws_nothing(user: Looker) -> None:
    user.choose("Erase all points")
    user.key(Qt.Key.Key_V)
    plane = user.window.output.plane
    at = plane.place(plane.pixel(2, -2).toPoint().toPointF())  # before the tabs take some of its room
    user.click_plane(2, -2, RIGHT)
    (menu,) = [m for m in user.window.findChildren(QMenu) if m.isVisible()]
    assert [a.text() for a in menu.actions()] == ["Explain this place", "Copy its coordinates"]
    menu.close()
    menu.actions()[0].trigger()
    np.testing.assert_allclose(place_of_ring(user), at, atol=0.05)
    assert_explained(user, *place_of_ring(user))


def a_neuron_tells_what_adds_up_to_its_sum(user: Looker) -> None:
    user.open()
    user.press("Place")
    user.click_neuron(1, 2)
    assert "layer 1 neuron 3" in user.page()
    assert "What adds up to its sum" in user.page()
    assert user.page().count("w₁·x₁ =") >= 1


def test_any_place_is_explained(look_in_turn: InTurn) -> None:
    look_in_turn(
        a_key_explains_the_place_at_the_pointer,
        its_activations_stay_in_the_diagram_while_the_pointer_is_elsewhere,
        the_tool_that_looks_takes_the_point_where_there_is_one,
        a_neuron_tells_what_adds_up_to_its_sum,
        a_menu_offers_it_where_the_right_button_draws_nothing,
    )
