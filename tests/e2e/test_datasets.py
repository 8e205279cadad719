"""Datasets: a formula is typed, a gate is learned row by row, labels are spoilt, and nothing of it is cut off."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QLabel, QLineEdit, QScrollArea, QSlider, QWidget

from playground.runtime.frame import Status
from tests.e2e.conftest import InTurn, User


def truth(user: User) -> str:
    """What the truth table says to whom cannot see it; empty where there is none."""
    found = [w for w in user.window.output.findChildren(QWidget) if w.accessibleName() == "Truth table"]
    (table,) = found
    return str(table.accessibleDescription()) if table.isVisible() else ""


def test_a_formula_gives_points_of_both_classes_and_one_without_a_comparison_values(play_in_turn: InTurn) -> None:
    def classes(user: User) -> None:
        user.press("Formula")
        user.type_into("Formula", "x1^2 + x2^2 < 9")
        points = user.settle().experiment.data.arrays
        np.testing.assert_array_equal(points.labels == 0, np.hypot(*points.xy.T) < 3)
        assert np.bincount(points.labels).tolist() == [250, 250]
        user.window.setFocus()
        user.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        assert user.settle().experiment.data.formula == "x2 > sin(x1)"
        assert user.named("Formula", QLineEdit).text() == "x2 > sin(x1)"

    def values(user: User) -> None:
        user.press("Formula")
        user.type_into("Formula", "sin(3*x1)")
        frame = user.settle()
        assert frame.experiment.data.kind == "regression"
        points = frame.experiment.data.arrays
        np.testing.assert_allclose(points.targets, np.sin(3 * points.xy[:, 0]))
        assert user.named("Values", QAbstractButton).isChecked()
        assert user.named("Formula", QLineEdit).isVisible()

    def nonsense(user: User) -> None:
        user.press("Formula")
        before = user.settle().experiment
        user.type_into("Formula", "x2 > sin(")
        said = "Character 9: expected a ) in this line that closes this bracket."
        assert any(label.text() == said and label.isVisible() for label in user.window.findChildren(QLabel))
        assert user.settle().experiment == before
        assert user.named("Formula", QLineEdit).text() == "x2 > sin("
        user.type_into("Formula", "x1 > 7")
        assert user.settle().experiment == before
        user.type_into("Formula", "x1 > 5")
        assert user.settle().experiment.data.formula == "x1 > 5"

    play_in_turn(classes, values, nonsense)


@pytest.mark.parametrize(("gate", "depth"), [("AND gate", 0), ("XOR gate", 1)])
def test_the_truth_table_goes_right_as_the_gate_is_learned(play: Callable[..., int], gate: str, depth: int) -> None:
    def script(user: User) -> None:
        assert truth(user) == ""
        user.press(gate)
        user.window.editor.use_preset()
        if not depth:
            user.window.editor.set_depth(0)
        user.settle()
        assert "wrong" in truth(user)
        assert truth(user).startswith("0 and 0: target 0, network ")
        user.window.worker.set_speed(500)
        user.key(Qt.Key.Key_Space)
        user.wait(lambda: "wrong" not in truth(user))
        user.key(Qt.Key.Key_Space)
        user.wait_for(Status.PAUSED)
        assert truth(user).count("right") == 4
        user.press("Circle")
        user.settle()
        assert truth(user) == ""

    assert play(script) == 0


def test_one_neuron_does_not_learn_xor(play: Callable[..., int]) -> None:
    def script(user: User) -> None:
        user.press("XOR gate")
        user.window.editor.set_depth(0)
        user.settle()
        user.window.worker.set_speed(1000)
        user.key(Qt.Key.Key_Space)
        user.wait_for_step(300)
        assert "wrong" in truth(user)

    assert play(script) == 0


def test_labels_are_spoilt_classes_get_out_of_balance_and_the_seed_brings_points_back(play_in_turn: InTurn) -> None:
    def script(user: User) -> None:
        clean = user.settle().experiment.data.arrays
        user.press("Classes and seed")
        user.type_into("Label noise", "20")
        spoilt = user.settle().experiment.data.arrays
        np.testing.assert_array_equal(spoilt.xy, clean.xy)
        assert (spoilt.labels != clean.labels).sum() == 100
        user.type_into("Label noise", "0")
        user.type_into("Class balance", "80")
        assert np.bincount(user.settle().experiment.data.arrays.labels).tolist() == [400, 100]
        user.type_into("Class balance", "50")
        user.press("New points")
        assert user.settle().experiment.data.arrays != clean
        assert user.named("Points seed", QLineEdit).text() == "1"
        user.type_into("Points seed", "0")
        assert user.settle().experiment.data.arrays == clean

    play_in_turn(script)


def test_a_measured_set_says_where_it_is_from_and_is_learned(play: Callable[..., int]) -> None:
    def script(user: User) -> None:
        iris = user.named("Iris", QAbstractButton)
        assert "R. A. Fisher, 1936; public domain" in iris.toolTip()
        user.press("Iris")
        user.window.editor.use_preset()
        frame = user.settle()
        assert frame.experiment.network.features == ("x1", "x2", "x3", "x4")
        assert not user.named("Points", QSlider).isEnabled()
        user.key(Qt.Key.Key_Space)
        user.wait(lambda: user.frame.train is not None and user.frame.train.quality > 0.94)

    assert play(script) == 0


def test_nothing_of_the_data_is_cut_off_beside_the_scroll_bar(play: Callable[..., int]) -> None:
    """The kinds of what is learned were wider than their column, and all below them was cut at the right."""

    def script(user: User) -> None:
        user.window.resize(1280, 800)
        area = user.window.data.parentWidget()
        while not isinstance(area, QScrollArea):
            area = area.parentWidget()
        for kind in ("Values", "Curve", "Classes"):
            user.press(kind)
            user.settle()
            assert area.widget().width() <= area.viewport().width()
            for button in user.window.data.findChildren(QAbstractButton):
                if button.isVisible():
                    assert button.width() >= button.minimumSizeHint().width(), button.accessibleName()

    assert play(script) == 0
