"""Numbers at first sight: whatever the window, the graph opens where names, numbers and gradients can be read."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QComboBox

from engine.microscope.graph.expression_graph import Part
from engine.microscope.text.spelling import figures
from playground.ui import theme
from playground.views.expression_graph.folding import LayerKey
from tests.e2e.conftest import InTurn
from tests.e2e.looker import Looker

LEAST = 12  # pixels: 9 points at 96 to the inch


def seen(user: Looker) -> list[object]:
    """The boxes that are in view whole."""
    canvas = user.scope.canvas
    room = canvas.rect().toRectF()
    return [key for key in canvas.scene.folded.boxes if room.contains(canvas.on_widget(canvas.scene.rects[key]))]


def assert_numbers_are_read(user: Looker) -> None:
    """Every operation and neuron in view shows its name, its number and its gradient, in type that can be read."""
    texts, scene = dict(user.written()), user.scope.canvas.scene
    assert min(texts.values()) >= LEAST
    numbers = [key for key in seen(user) if isinstance(key, int | Part)]
    assert numbers
    for key in numbers:
        i = scene.node(key)
        expected = {scene.caption(key).name, figures(scene.value(i))}
        if scene.gradient(i) is not None:
            expected.add(f"∂ {figures(scene.gradient(i))}")
        assert expected <= texts.keys(), expected - texts.keys()


def turn_wheel(user: Looker, notches: int) -> None:
    """Turn the wheel over the middle of the graph."""
    canvas = user.scope.canvas
    spot = QPointF(canvas.rect().center())
    where = canvas.mapToGlobal(spot)
    none, phase = Qt.MouseButton.NoButton, Qt.ScrollPhase.NoScrollPhase
    for _ in range(abs(notches)):
        turn = QPoint(0, 120 if notches > 0 else -120)
        event = QWheelEvent(spot, where, QPoint(), turn, none, Qt.KeyboardModifier.NoModifier, phase, False)
        QApplication.sendEvent(canvas, event)


def it_opens_on_one_neuron_with_its_operations_and_all_numbers(user: Looker) -> None:
    user.open()
    scene = user.scope.canvas.scene
    opened = [key for key in scene.folded.groups if isinstance(key, Part)]
    assert opened == [Part(1, 0)]
    inside = {i for i, home in enumerate(scene.folded.homes) if user.graph.parts[i] == Part(1, 0) and home == i}
    assert len(inside & set(seen(user))) >= 5, "most of its operations are in view"
    assert_numbers_are_read(user)


def operations_in_the_whole_window_have_numbers(user: Looker) -> None:
    user.open()
    height = user.scope.canvas.height()
    user.key(Qt.Key.Key_M, Qt.KeyboardModifier.ShiftModifier)
    user.wait(lambda: user.scope.canvas.height() > height + 100)
    level: QComboBox = user.named("How far the graph is opened", QComboBox)
    level.setFocus()
    user.key(Qt.Key.Key_Down)
    assert level.currentText() == "Operations"
    assert len(seen(user)) > 12
    assert_numbers_are_read(user)
    user.press("Fit")
    assert_numbers_are_read(user)
    user.key(Qt.Key.Key_Up)


def a_box_shows_what_it_has_room_for(user: Looker) -> None:
    user.open()
    scene, texts = user.scope.canvas.scene, [text for text, _ in user.written()]
    tanh = user.graph.outputs[1][0]
    number, formula = figures(scene.value(tanh)), scene.caption(tanh).formula
    assert number in texts
    assert formula not in texts
    turn_wheel(user, 4)
    user.scope.canvas.reveal(tanh)
    near = [text for text, _ in user.written()]
    assert number in near
    assert formula in near
    turn_wheel(user, -8)
    user.scope.canvas.setFocus()
    far = dict(user.written())
    assert {"tanh", "neuron 2"} <= far.keys()
    assert number not in far
    assert f"∂ {figures(scene.gradient(tanh))}" not in far
    assert min(far.values()) >= LEAST
    turn_wheel(user, -12)
    assert user.written() == [], "only marks"
    user.press("Fit")
    assert_numbers_are_read(user)


def another_neuron_of_the_diagram_opens_in_the_place_of_the_last(user: Looker) -> None:
    for unit in (2, 4):
        user.click_neuron(1, unit)
        assert [key for key in user.scope.canvas.scene.folded.groups if isinstance(key, Part)] == [Part(1, unit)]
        assert_numbers_are_read(user)
    user.click_fold(LayerKey(2))
    user.click_neuron(1, 1)
    assert Part(1, 4) in user.scope.session.opened, "what the user opens and closes by hand stays as it is"


def the_points_that_are_counted_are_those_of_the_batch(user: Looker) -> None:
    user.open()
    label = user.scope.header.point
    assert label.text() == "Point 1 of 250"
    user.press("The point or class before")
    assert label.text() == "Point 250 of 250"
    assert user.graph.point == user.frame.snapshot.batch.max()
    is_test = user.window.document.experiment.data.arrays.test
    user.scope.look_at_point(int(is_test.nonzero()[0][0]))
    assert label.text() == "outside the batch"
    user.press("The next point or class")
    assert label.text().endswith("of 250")


def test_numbers_at_first_sight(look_in_turn: InTurn) -> None:
    look_in_turn(
        it_opens_on_one_neuron_with_its_operations_and_all_numbers,
        another_neuron_of_the_diagram_opens_in_the_place_of_the_last,
    )


def test_what_a_box_shows(look_in_turn: InTurn) -> None:
    look_in_turn(
        a_box_shows_what_it_has_room_for,
        the_points_that_are_counted_are_those_of_the_batch,
        operations_in_the_whole_window_have_numbers,
    )


@pytest.mark.parametrize("size", [0.8, 1.5, 2.0])
def test_numbers_at_other_text_sizes(look_in_turn: InTurn, size: float) -> None:
    def script(user: Looker) -> None:
        user.open()
        theme.set_text_size(size)
        assert_numbers_are_read(user)
        assert max(found for _, found in user.written()) == pytest.approx(LEAST * max(1, size), abs=1)

    try:
        look_in_turn(script)
    finally:
        theme.set_text_size(1)
