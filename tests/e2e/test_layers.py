"""Building a network at the diagram: what is typed, held and clicked, and how it is undone."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QLineEdit
from pytestqt.qtbot import QtBot

from tests.e2e.conftest import LEFT, InTurn, User

CONTROL = Qt.KeyboardModifier.ControlModifier


def sizes(user: User) -> tuple[int, ...]:
    return user.window.document.experiment.sizes[1:-1]


def six_clicks_add_six_layers_and_six_undos_take_them_back(user: User) -> None:
    for _ in range(6):
        user.press("Add a layer")
    assert sizes(user) == (6, *[4] * 7)
    assert not user.named("Add a layer").isEnabled()
    assert user.settle().experiment.sizes[1:-1] == sizes(user)
    for _ in range(6):
        user.key(Qt.Key.Key_Z, CONTROL)
    assert sizes(user) == (6, 4)
    assert not user.window.document.is_modified


def digits_go_to_the_field_and_make_no_classes(user: User) -> None:
    user.press("Layer 1")
    figure = user.named("Neurons in layer 1", QLineEdit)
    figure.setFocus()
    figure.selectAll()
    for key in (Qt.Key.Key_1, Qt.Key.Key_3):
        user.key(key)
    assert figure.text() == "13"
    user.key(Qt.Key.Key_Return)
    assert sizes(user) == (13, 4)
    assert user.window.output.plane.label == 0
    figure.setFocus()
    user.key(Qt.Key.Key_7)
    user.key(Qt.Key.Key_Escape)
    assert sizes(user) == (13, 4)
    user.key(Qt.Key.Key_Space)  # the keyboard is free again
    user.wait_for_step(3)
    user.key(Qt.Key.Key_Z, CONTROL)
    assert sizes(user) == (6, 4)


def test_building(play_in_turn: InTurn) -> None:
    play_in_turn(six_clicks_add_six_layers_and_six_undos_take_them_back, digits_go_to_the_field_and_make_no_classes)


def test_a_held_button_is_one_undo(play_in_turn: InTurn, qtbot: QtBot) -> None:
    def script(user: User) -> None:
        more = user.named("Add a neuron to layer 1", QAbstractButton)
        qtbot.mousePress(more, LEFT)
        user.wait(lambda: sizes(user)[0] >= 9)
        qtbot.mouseRelease(more, LEFT)
        grown = sizes(user)[0]
        user.press("Add a neuron to layer 1")
        assert sizes(user)[0] == grown + 1
        user.key(Qt.Key.Key_Z, CONTROL)
        assert sizes(user) == (grown, 4)
        user.key(Qt.Key.Key_Z, CONTROL)
        assert sizes(user) == (6, 4)
        assert not user.window.document.is_modified
        user.settle()

    play_in_turn(script)
