"""Fields: what was typed is kept exactly or refused with a reason; only the user's edits are announced."""

from __future__ import annotations

from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt, SignalInstance
from PySide6.QtGui import QShortcut, QWheelEvent
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from engine.training import MAX_POINTS, Data, Training, rule_of
from playground.ui import theme
from playground.ui.chips import Chips
from playground.ui.controls import Button, Slider
from playground.ui.fields import ChoiceField, SliderField, by_decades
from playground.ui.number_format import (
    NUMBER,
    PERCENT,
    WHOLE,
    whole_or_all,
    write_accuracy,
    write_loss,
    write_number,
)

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # the offscreen platform, of itself

TABLE = {
    "a": SimpleNamespace(label="Alpha", description="the first"),
    "b": SimpleNamespace(label="Beta"),
    "c": SimpleNamespace(label="Gamma"),
}


class Stage(QWidget):
    """An active window that holds the widget under test, with another place for the focus to go to."""

    def __init__(self) -> None:
        super().__init__()
        self.other = QLineEdit()
        self._layout = QVBoxLayout(self)
        self._layout.addWidget(self.other)
        self.resize(240, 160)

    def put(self, widget: QWidget) -> None:
        self._layout.insertWidget(0, widget)


@pytest.fixture
def stage(qtbot: QtBot) -> Stage:
    theme.set_mode(theme.Mode.LIGHT)
    result = Stage()
    qtbot.addWidget(result)
    result.show()
    result.activateWindow()
    qtbot.waitUntil(result.isActiveWindow)
    return result


def heard(signal: SignalInstance) -> list[Any]:
    """What the signal says from now on: its argument, or None where it has none."""
    result: list[Any] = []
    signal.connect(lambda *arguments: result.append(arguments[0] if arguments else None))
    return result


def rate_field(stage: Stage) -> tuple[SliderField, QLineEdit, Slider]:
    rule = rule_of(Training, "learning_rate")
    field = SliderField("Learning rate", rule, by_decades(rule.low, rule.high))
    field.setValue(0.03)
    stage.put(field)
    return field, field.findChild(QLineEdit), field.findChild(Slider)


def type_text(qtbot: QtBot, figure: QLineEdit, text: str) -> None:
    qtbot.mouseDClick(figure, Qt.MouseButton.LeftButton)
    figure.selectAll()
    qtbot.keyClicks(figure, text)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.03, "0.03"), (1e-5, "0.00001"), (1.2345e-5, "1.23e-5"), (10, "10"), (0, "0"), (0.0123, "0.0123"), (2.5, "2.5")],
)
def test_numbers_are_short(value: float, text: str) -> None:
    assert write_number(value) == text
    assert NUMBER.read(text) == pytest.approx(value, rel=0.01)


@pytest.mark.parametrize(
    ("loss", "text"),
    [
        (0.15923, "0.159"),
        (0.0001, "0.0001"),
        (0.000123456, "0.000123"),
        (3.2e-7, "3.2e-7"),
        (1.0, "1"),
        (123.4, "123"),
        (4567.8, "4,568"),
        (2e9, "2e9"),
        (0.0, "0"),
        (float("nan"), "NaN"),
        (float("inf"), "∞"),
    ],
)
def test_losses_have_three_digits(loss: float, text: str) -> None:
    assert write_loss(loss) == text


def test_accuracy_says_100_only_of_all() -> None:
    assert write_accuracy(9999, 10_000) == "99.9 %"
    assert write_accuracy(1, 10_000) == "0.1 %"
    assert write_accuracy(10_000, 10_000) == "100.0 %"
    assert write_accuracy(0, 7) == "0.0 %"


@pytest.mark.parametrize(("text", "value"), [("20 %", 0.2), ("7", 0.07), ("12,5%", 0.125)])
def test_percentages_are_read(text: str, value: float) -> None:
    assert PERCENT.read(text) == value


@pytest.mark.parametrize(("text", "value"), [("1,000", 1000), ("1 000", 1000), (" 42 ", 42)])
def test_whole_numbers_are_read(text: str, value: int) -> None:
    assert WHOLE.read(text) == value


def test_all_is_a_batch_size() -> None:
    notation = whole_or_all(250)
    assert notation.write(None) == "all (250)"
    assert notation.read("All") is None
    assert notation.read("32") == 32


def test_stops_by_decades_are_round_and_have_both_ends() -> None:
    stops = by_decades(1e-5, 10)
    assert stops[0] == 1e-5
    assert stops[-1] == 10
    assert {0.0001, 0.03, 0.1, 1.0} <= set(stops)
    assert all(a < b for a, b in pairwise(stops))
    assert {80_000.0, 100_000.0, 800_000.0} <= set(by_decades(10, 1_000_000))


@pytest.mark.parametrize(("text", "value"), [("0.0123", 0.0123), ("0,5", 0.5), ("1e-5", 1e-5)])
def test_typed_value_is_kept_exactly(qtbot: QtBot, stage: Stage, text: str, value: float) -> None:
    field, figure, slider = rate_field(stage)
    type_text(qtbot, figure, text)
    with qtbot.waitSignal(field.gesture_ended), qtbot.waitSignal(field.changed) as changed:
        qtbot.keyClick(figure, Qt.Key.Key_Return)
    assert changed.args == [value]
    assert field.value() == value
    assert slider.hasFocus(), "letters must be shortcuts again"


def test_leaving_the_figure_commits(qtbot: QtBot, stage: Stage) -> None:
    field, figure, _ = rate_field(stage)
    type_text(qtbot, figure, "0.5")
    with qtbot.waitSignal(field.changed):
        stage.other.setFocus()
    assert field.value() == 0.5


@pytest.mark.parametrize("text", ["abc", "", "11", "0", "nan", "-1", "1e999"])
def test_bad_text_is_refused_by_name_and_nothing_is_lost(qtbot: QtBot, stage: Stage, text: str) -> None:
    field, figure, _ = rate_field(stage)
    spy = heard(field.changed)
    type_text(qtbot, figure, text)
    if not text:
        qtbot.keyClick(figure, Qt.Key.Key_Backspace)
    qtbot.keyClick(figure, Qt.Key.Key_Return)
    assert figure.property("refused") is True
    assert f"Learning rate: “{text}” is not allowed" in figure.toolTip()
    assert "from 0.00001 to 10" in figure.toolTip()
    assert figure.text() == text, "the text stays to be corrected"
    qtbot.keyClick(figure, Qt.Key.Key_Escape)
    assert figure.text() == "0.03"
    assert figure.property("refused") is False
    assert field.value() == 0.03
    assert spy == []


def test_leaving_a_bad_text_restores_the_last_good_value(qtbot: QtBot, stage: Stage) -> None:
    _, figure, _ = rate_field(stage)
    type_text(qtbot, figure, "much")
    stage.other.setFocus()
    qtbot.waitUntil(lambda: figure.text() == "0.03")
    assert figure.property("refused") is False
    assert figure.toolTip() == ""


def test_figure_left_as_it_was_changes_nothing(qtbot: QtBot, stage: Stage) -> None:
    field, figure, _ = rate_field(stage)
    field.setValue(0.0123456789)  # shown rounded
    spy = heard(field.changed)
    qtbot.mouseClick(figure, Qt.MouseButton.LeftButton)
    qtbot.keyClick(figure, Qt.Key.Key_Return)
    assert field.value() == 0.0123456789
    assert spy == []


def test_set_value_is_silent_and_leaves_what_is_being_typed(qtbot: QtBot, stage: Stage) -> None:
    field, figure, slider = rate_field(stage)
    spy = heard(field.changed)
    field.setValue(1.0)
    assert (figure.text(), spy) == ("1", [])
    assert by_decades(1e-5, 10)[slider.value()] == 1.0
    type_text(qtbot, figure, "0.0")
    field.setValue(2.0)
    assert figure.text() == "0.0"
    qtbot.keyClick(figure, Qt.Key.Key_Escape)
    assert figure.text() == "2"
    assert slider.hasFocus()  # letters are the window's keys again


def test_arrows_step_by_tenths_of_a_decade(qtbot: QtBot, stage: Stage) -> None:
    field, _, slider = rate_field(stage)
    spy = heard(field.changed)
    with qtbot.waitSignal(field.gesture_ended):
        qtbot.keyClick(slider, Qt.Key.Key_Right)
    qtbot.keyClick(slider, Qt.Key.Key_Left)
    qtbot.keyClick(slider, Qt.Key.Key_Left)
    assert spy == [0.04, 0.03, 0.025]


def test_drag_emits_all_the_way_and_ends_once(qtbot: QtBot, stage: Stage) -> None:
    field, figure, slider = rate_field(stage)
    changes, ends = heard(field.changed), heard(field.gesture_ended)
    left, right = QPoint(20, slider.height() // 2), QPoint(slider.width() - 8, slider.height() // 2)
    qtbot.mousePress(slider, Qt.MouseButton.LeftButton, pos=left)
    assert field.value() < 0.001, "the handle goes where it is clicked"
    qtbot.mouseMove(slider, (left + right) / 2)
    qtbot.mouseMove(slider, right)
    assert len(ends) == 0
    qtbot.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=right)
    assert len(ends) == 1
    assert len(changes) == 3
    assert field.value() == 10
    assert figure.text() == "10"


def test_press_between_coarse_stops_takes_the_nearest(qtbot: QtBot, stage: Stage) -> None:
    field = SliderField("Classes", rule_of(Data, "classes"), range(2, 10), WHOLE)
    stage.put(field)
    slider = field.findChild(Slider)
    step = (slider.width() - 14) / 7
    qtbot.mouseClick(slider, Qt.MouseButton.LeftButton, pos=QPoint(round(7 + 4.4 * step), slider.height() // 2))
    assert field.value() == 6


def test_zero_stands_before_the_logarithmic_part(qtbot: QtBot, stage: Stage) -> None:
    field = SliderField("L2", rule_of(Training, "l2"), (0.0, *by_decades(1e-5, 10)))
    stage.put(field)
    slider = field.findChild(Slider)
    qtbot.keyClick(slider, Qt.Key.Key_Right)
    assert field.value() == 1e-5
    qtbot.keyClick(slider, Qt.Key.Key_Home)
    assert field.value() == 0


def test_figure_does_not_change_its_width(stage: Stage) -> None:
    _, figure, slider = rate_field(stage)
    width = figure.width()
    for position in range(slider.maximum() + 1):
        slider.setValue(position)
        assert figure.width() == width
        assert figure.fontMetrics().horizontalAdvance(figure.text()) < width


def test_typed_value_may_lie_beyond_the_slider(qtbot: QtBot, stage: Stage) -> None:
    field = SliderField("Points", rule_of(Data, "count"), range(10, 1001, 10), WHOLE)
    stage.put(field)
    type_text(qtbot, field.findChild(QLineEdit), "5,000")
    qtbot.keyClick(field.findChild(QLineEdit), Qt.Key.Key_Return)
    assert field.value() == 5000
    type_text(qtbot, field.findChild(QLineEdit), str(MAX_POINTS + 1))
    qtbot.keyClick(field.findChild(QLineEdit), Qt.Key.Key_Return)
    assert field.value() == 5000
    assert "a whole number from 2 to 10,000" in field.findChild(QLineEdit).toolTip()


def test_wheel_passes_over_a_slider_without_the_focus(stage: Stage) -> None:
    field, _, slider = rate_field(stage)
    stage.other.setFocus()
    _wheel(slider)
    assert field.value() == 0.03
    slider.setFocus()
    _wheel(slider)
    assert field.value() != 0.03


def _wheel(widget: QWidget) -> None:
    at = QPointF(widget.rect().center())
    event = QWheelEvent(
        at,
        widget.mapToGlobal(at),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)


def test_choice_announces_the_users_choice_alone(qtbot: QtBot, stage: Stage) -> None:
    field = ChoiceField("Letter", TABLE)
    stage.put(field)
    spy = heard(field.changed)
    field.setValue("c")
    assert (field.value(), spy) == ("c", [])
    combo = field.findChild(QComboBox)
    assert combo.currentText() == "Gamma"
    qtbot.keyClick(combo, Qt.Key.Key_Up)
    assert spy == ["b"]
    assert combo.itemData(0, Qt.ItemDataRole.ToolTipRole) == "the first"


def test_one_chip_stays_on(qtbot: QtBot, stage: Stage) -> None:
    chips = Chips(TABLE, 2, "Use {}")
    stage.put(chips)
    spy = heard(chips.changed)
    a, b, _ = chips.findChildren(Button)
    qtbot.mouseClick(b, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(a, Qt.MouseButton.LeftButton)
    assert spy == [("a", "b"), ("b",)]
    qtbot.mouseClick(b, Qt.MouseButton.LeftButton)
    assert len(spy) == 2
    assert chips.value() == ("b",)
    assert b.isChecked()
    chips.setValue(("c", "a"))
    assert chips.value() == ("c", "a")
    assert len(spy) == 2
    assert (a.isChecked(), b.isChecked()) == (True, False)


def test_button_reached_by_tab_has_space_and_enter_before_the_window(qtbot: QtBot, stage: Stage) -> None:
    button = Button("Go")
    stage.put(button)
    shortcuts = heard(QShortcut(Qt.Key.Key_Space, stage).activated)
    clicks = heard(button.clicked)
    button.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(button, Qt.Key.Key_Space)
    qtbot.keyClick(button, Qt.Key.Key_Return)
    assert (len(clicks), len(shortcuts)) == (2, 0)


def test_click_leaves_the_focus_where_it_was(qtbot: QtBot, stage: Stage) -> None:
    button = Button("Go")
    stage.put(button)
    stage.other.setFocus()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert stage.other.hasFocus()
