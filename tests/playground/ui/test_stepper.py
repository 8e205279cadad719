"""The stepper: pressed, held, scrolled, typed over, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QKeySequence, QShortcut, QWheelEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLineEdit, QToolTip, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from engine.nn import LOSSES
from engine.training.spec.rules import Integer
from playground.ui.fields import ChoiceField
from playground.ui.stepper import Stepper
from tests.playground.conftest import LEFT, heard, named

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # the offscreen platform, of itself


@pytest.fixture
def stepper(show: Callable[[Any], Any]) -> Stepper:
    result = Stepper(Integer(1, 12), ("There is at least 1.", "There are at most 12."))
    result.name("Neurons", "One less", "One more")
    result.setValue(4)
    return show(result)


def turn_wheel(widget: QWidget, units: int) -> None:
    """As it arrives from the figure: Qt passes on only what comes from the screen."""
    place, none = QPointF(3, 3), Qt.KeyboardModifier.NoModifier
    event = QWheelEvent(
        place,
        widget.mapToGlobal(place),
        QPoint(),
        QPoint(0, units),
        Qt.MouseButton.NoButton,
        none,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)


def test_a_press_is_one_step_and_one_gesture(qtbot: QtBot, stepper: Stepper) -> None:
    said, ends = heard(stepper.changed), heard(stepper.gesture_ended)
    qtbot.mouseClick(named(stepper, QAbstractButton, "One more"), LEFT)
    qtbot.mouseClick(named(stepper, QAbstractButton, "One less"), LEFT)
    assert (said, len(ends)) == ([(5,), (4,)], 2)


def test_a_button_that_is_held_goes_on_to_the_end_in_one_gesture(qtbot: QtBot, stepper: Stepper) -> None:
    said, ends = heard(stepper.changed), heard(stepper.gesture_ended)
    more = named(stepper, QAbstractButton, "One more")
    qtbot.mousePress(more, LEFT)
    qtbot.waitUntil(lambda: len(said) == 3)
    assert not ends
    qtbot.mouseRelease(more, LEFT)
    assert len(ends) == 1
    assert stepper.value() == 4 + len(said)
    qtbot.mousePress(more, LEFT)
    qtbot.waitUntil(lambda: stepper.value() == 12)
    assert len(ends) == 2, "it can do no more, and is let go of"
    qtbot.mouseRelease(more, LEFT)


def test_a_button_at_the_end_is_disabled_and_says_why(qtbot: QtBot, stepper: Stepper) -> None:
    less, more = (named(stepper, QAbstractButton, name) for name in ("One less", "One more"))
    assert (less.toolTip(), more.toolTip()) == ("One less", "One more")
    stepper.setValue(12)
    assert (more.isEnabled(), more.toolTip()) == (False, "There are at most 12.")
    stepper.setValue(1)
    assert (less.isEnabled(), less.toolTip()) == (False, "There is at least 1.")
    assert more.isEnabled()


def test_a_number_is_typed_and_one_that_is_not_allowed_is_refused(qtbot: QtBot, stepper: Stepper) -> None:
    said, ends, entered = heard(stepper.changed), heard(stepper.gesture_ended), heard(stepper.entered)
    figure = named(stepper, QLineEdit, "Neurons")
    qtbot.mouseClick(figure, LEFT)
    for text, shown in (("11", "11"), ("99", "99"), ("0", "0"), ("x", "x")):
        figure.selectAll()
        qtbot.keyClicks(figure, text)
        qtbot.keyClick(figure, Qt.Key.Key_Return)
        assert figure.text() == shown
    assert (said, len(ends), len(entered)) == ([(11,)], 1, 1)
    assert QToolTip.text() == "Neurons: “x” is not allowed; allowed: a whole number from 1 to 12."
    qtbot.keyClick(figure, Qt.Key.Key_Escape)
    assert figure.text() == "11"


def test_digits_go_to_the_field_and_not_to_the_window(qtbot: QtBot, show: Callable[[Any], Any]) -> None:
    window, stepper = QWidget(), Stepper(Integer(1, 12), ("", ""))
    stepper.name("Neurons", "One less", "One more")
    QVBoxLayout(window).addWidget(stepper)
    fired = []
    shortcut = QShortcut(QKeySequence("2"), window)
    shortcut.activated.connect(lambda: fired.append(2))
    show(window)
    figure = named(stepper, QLineEdit, "Neurons")
    figure.setFocus()
    figure.selectAll()
    qtbot.keyClick(figure, Qt.Key.Key_2)
    assert (figure.text(), fired) == ("2", [])
    figure.clearFocus()
    qtbot.keyClick(window, Qt.Key.Key_2)
    assert fired == [2]


def test_the_wheel_turns_it_only_while_it_has_the_focus(qtbot: QtBot, stepper: Stepper) -> None:
    said, ends = heard(stepper.changed), heard(stepper.gesture_ended)
    figure = named(stepper, QLineEdit, "Neurons")
    figure.clearFocus()
    turn_wheel(stepper, 120)
    assert stepper.value() == 4
    figure.setFocus()
    turn_wheel(stepper, 120)
    turn_wheel(stepper, -240)
    for _ in range(4):  # a finger on a touchpad
        turn_wheel(stepper, 30)
    assert said == [(5,), (3,), (4,)]
    assert len(ends) >= 3


def test_the_arrow_keys_step_from_what_is_being_typed(qtbot: QtBot, stepper: Stepper) -> None:
    said, ends = heard(stepper.changed), heard(stepper.gesture_ended)
    figure = named(stepper, QLineEdit, "Neurons")
    figure.setFocus()
    qtbot.keyPress(figure, Qt.Key.Key_Up)
    qtbot.keyPress(figure, Qt.Key.Key_Up)
    assert not ends
    qtbot.keyRelease(figure, Qt.Key.Key_Up)
    assert (said, len(ends)) == ([(5,), (6,)], 1)
    figure.selectAll()
    qtbot.keyClicks(figure, "10")
    qtbot.keyClick(figure, Qt.Key.Key_Down)
    assert figure.text() == "9"


def test_no_choice_is_made_by_a_wheel_that_only_passes_over(show: Callable[[Any], Any]) -> None:
    field = show(ChoiceField("Loss", LOSSES))
    combo = named(field, QComboBox, "Loss")
    assert combo.focusPolicy() & Qt.FocusPolicy.WheelFocus != Qt.FocusPolicy.WheelFocus
    combo.clearFocus()
    turn_wheel(combo, -120)
    assert field.value() == next(iter(LOSSES))
