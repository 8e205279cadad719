"""The learning panel: eight settings of which four are always seen, and the others whenever they must be."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations, pairwise
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLabel, QLineEdit, QSlider, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from engine.nn import LOSSES, OPTIMIZERS, SCHEDULES, SETTINGS
from engine.training import Training, rule_of
from playground.panels.learning import LearningPanel
from playground.ui import theme
from tests.playground.conftest import LEFT, enter, heard, in_this_font, named

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # the offscreen platform, of itself
SECOND_ROW = ("Schedule", "Span", "Gradient limit", "L1 penalty")
EVERYTHING = Training(
    loss=list(LOSSES)[1],
    optimizer=list(OPTIMIZERS)[1],
    learning_rate=0.0123,
    schedule=list(SCHEDULES)[2],
    span=7,
    l1=0.000123,
    l2=0.00456,
    max_norm=12.5,
    batch_size=7,
)
ACTING = (Training(schedule="cosine"), Training(l1=0.1), Training(max_norm=2))


@pytest.fixture
def show(show: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """As everywhere, with room for rows of four."""

    def shown(panel: LearningPanel) -> LearningPanel:
        show(panel).resize(panel.sizeHint())
        return panel

    return shown


def is_open(panel: LearningPanel) -> bool:
    """Whether the second row is seen, all of it or none."""
    (seen,) = {control.isVisible() for name in SECOND_ROW for control in controls(panel, name)}
    return seen


def controls(panel: LearningPanel, name: str) -> list[QWidget]:
    kinds = (QComboBox, QSlider, QLineEdit)
    return [w for kind in kinds for w in panel.findChildren(kind) if w.accessibleName() == name]


def settle(panel: LearningPanel, width: int) -> None:
    """Lay out at this width, as high as it asks to be."""
    QApplication.sendPostedEvents()
    panel.resize(width, panel.sizeHint().height())


def press(qtbot: QtBot, panel: LearningPanel, name: str) -> None:
    qtbot.mouseClick(named(panel, QAbstractButton, name), LEFT)


def test_every_setting_is_edited_and_the_edit_is_named(qtbot: QtBot, show: Callable[[Any], Any]) -> None:
    panel = show(LearningPanel())
    start = Training(optimizer=next(iter(OPTIMIZERS)), loss=next(iter(LOSSES)), batch_size=7)
    panel.setValue(start)
    press(qtbot, panel, "More")
    edits = heard(panel.edited)
    enter(qtbot, panel, "Learning rate", "0.0123")
    enter(qtbot, panel, "L2 penalty", "0.001")
    qtbot.keyClick(named(panel, QComboBox, "Optimiser"), Qt.Key.Key_Down)
    qtbot.keyClick(named(panel, QComboBox, "Loss"), Qt.Key.Key_Down)
    qtbot.keyClick(named(panel, QComboBox, "Schedule"), Qt.Key.Key_Down)
    enter(qtbot, panel, "Span", "12,345")
    enter(qtbot, panel, "L1 penalty", "0.002")
    enter(qtbot, panel, "Gradient limit", "1.5")
    wanted = [
        ("change the learning rate", {"learning_rate": 0.0123}),
        ("change the L2 penalty", {"l2": 0.001}),
        ("change the optimiser", {"optimizer": list(OPTIMIZERS)[1]}),
        ("change the loss", {"loss": list(LOSSES)[1]}),
        ("change the schedule", {"schedule": list(SCHEDULES)[1]}),
        ("change the span", {"span": 12_345}),
        ("change the L1 penalty", {"l1": 0.002}),
        ("change the gradient limit", {"max_norm": 1.5}),
    ]
    training = start
    for (value, what), (text, change) in zip(edits, wanted, strict=True):
        training = training.replace(**change)
        assert (value, what) == (training, text)
    assert panel.value() == training


def test_what_is_set_is_shown_and_given_back_and_nothing_is_said(show: Callable[[Any], Any]) -> None:
    panel = show(LearningPanel())
    edits = heard(panel.edited)
    panel.setValue(EVERYTHING)
    assert panel.value() == EVERYTHING
    shown = {
        "Learning rate": "0.0123",
        "L2 penalty": "0.00456",
        "Span": "7",
        "Gradient limit": "12.5",
        "L1 penalty": "1.23e-4",
    }
    assert {name: named(panel, QLineEdit, name).text() for name in shown} == shown
    for name, table, key in (
        ("Optimiser", OPTIMIZERS, EVERYTHING.optimizer),
        ("Loss", LOSSES, EVERYTHING.loss),
        ("Schedule", SCHEDULES, EVERYTHING.schedule),
    ):
        assert named(panel, QComboBox, name).currentText() == table[key].label
    assert edits == []


def test_schedules_are_those_of_the_table(show: Callable[[Any], Any]) -> None:
    panel = show(LearningPanel())
    combo = named(panel, QComboBox, "Schedule")
    rows = [
        (combo.itemData(i), combo.itemText(i), combo.itemData(i, Qt.ItemDataRole.ToolTipRole))
        for i in range(combo.count())
    ]
    assert rows == [(key, row.label, row.description) for key, row in SCHEDULES.items()]


def test_span_can_be_set_under_every_schedule_that_has_one(show: Callable[[Any], Any]) -> None:
    panel = show(LearningPanel())
    for key in (*SCHEDULES, "constant"):
        panel.setValue(Training(schedule=key))
        slider = named(panel, QSlider, "Span")
        assert slider.isEnabled() == (key != "constant"), key
        assert ("another schedule" in slider.parentWidget().toolTip()) == (key == "constant"), key


def test_span_is_enabled_by_the_choice_itself(qtbot: QtBot, show: Callable[[Any], Any]) -> None:
    panel = show(LearningPanel())
    press(qtbot, panel, "More")
    combo, slider = named(panel, QComboBox, "Schedule"), named(panel, QSlider, "Span")
    assert (slider.isVisible(), slider.isEnabled()) == (True, False)
    qtbot.keyClick(combo, Qt.Key.Key_Down)
    assert slider.isEnabled()
    qtbot.keyClick(combo, Qt.Key.Key_Up)
    assert not slider.isEnabled()


@pytest.mark.parametrize(("name", "field"), [("Span", "span"), ("Gradient limit", "max_norm"), ("L1 penalty", "l1")])
def test_slider_goes_by_decades_from_end_to_end(
    qtbot: QtBot, show: Callable[[Any], Any], name: str, field: str
) -> None:
    panel = show(LearningPanel())
    panel.setValue(Training(schedule="decay"))
    slider, edits, values = named(panel, QSlider, name), heard(panel.edited), []
    qtbot.keyClick(slider, Qt.Key.Key_Home)
    for _ in range(slider.maximum()):
        qtbot.keyClick(slider, Qt.Key.Key_Right)
        values.append(getattr(panel.value(), field))
    assert len(edits) >= len(values)
    assert values[-1] == rule_of(Training, field).high
    assert all(1 < after / before < 1.6 for before, after in pairwise(values))
    qtbot.keyClick(slider, Qt.Key.Key_Home)
    assert getattr(panel.value(), field) == (10 if field == "span" else 0)


def test_no_gradient_limit_is_a_word(qtbot: QtBot, show: Callable[[Any], Any]) -> None:
    panel = show(LearningPanel())
    press(qtbot, panel, "More")
    figure = named(panel, QLineEdit, "Gradient limit")
    assert figure.text() == "none"
    for text, value, shown in (("3", 3, "3"), ("None", 0, "none"), ("0,5", 0.5, "0.5"), ("0", 0, "none")):
        enter(qtbot, panel, "Gradient limit", text)
        assert (panel.value().max_norm, figure.text()) == (value, shown)
    for text in ("-1", "1001", "nan", "nothing"):
        enter(qtbot, panel, "Gradient limit", text)
        assert panel.value().max_norm == 0
        assert "from 0 to 1000, or “none”" in QToolTip.text()
        qtbot.keyClick(figure, Qt.Key.Key_Escape)


def test_a_dragged_slider_ends_one_gesture(qtbot: QtBot, show: Callable[[Any], Any]) -> None:
    panel = show(LearningPanel())
    panel.setValue(Training(schedule="decay"))
    ends = heard(panel.gesture_ended)
    for count, name in enumerate(("Span", "Gradient limit", "L1 penalty"), 1):
        slider = named(panel, QSlider, name)
        qtbot.mousePress(slider, LEFT, pos=QPoint(slider.width() // 3, slider.height() // 2))
        qtbot.mouseMove(slider, QPoint(slider.width() // 2, slider.height() // 2))
        qtbot.mouseRelease(slider, LEFT, pos=QPoint(slider.width() // 2, slider.height() // 2))
        assert len(ends) == count, name


def test_second_row_is_opened_and_closed_by_mouse_and_keyboard(qtbot: QtBot, show: Callable[[Any], Any]) -> None:
    panel = show(LearningPanel())
    assert not is_open(panel)
    press(qtbot, panel, "More")
    assert is_open(panel)
    press(qtbot, panel, "Less")
    assert not is_open(panel)
    (word,) = [label for label in panel.findChildren(QLabel) if label.text() == "More"]
    qtbot.mouseClick(word, LEFT)
    assert is_open(panel)
    button = named(panel, QAbstractButton, "Less")
    button.setFocus(Qt.FocusReason.TabFocusReason)
    for key, wanted in ((Qt.Key.Key_Space, False), (Qt.Key.Key_Return, True)):
        qtbot.keyClick(button, key)
        assert is_open(panel) == wanted
        assert button.hasFocus()


@pytest.mark.parametrize("training", ACTING)
def test_what_would_act_unseen_opens_the_second_row(
    qtbot: QtBot, show: Callable[[Any], Any], training: Training
) -> None:
    panel = LearningPanel()
    panel.setValue(training)
    show(panel)
    assert is_open(panel), "from the start"
    press(qtbot, panel, "Less")
    panel.setValue(training)
    panel.setValue(training.replace(learning_rate=1, batch_size=3))
    assert not is_open(panel), "the user has closed it, and nothing of it has changed since"
    panel.setValue(Training())
    assert not is_open(panel)
    panel.setValue(training)
    assert is_open(panel), "another file, or an undo, has brought it back"
    panel.setValue(Training())
    assert is_open(panel), "it is not closed but by the user"


def test_what_does_not_act_opens_nothing(show: Callable[[Any], Any]) -> None:
    panel = show(LearningPanel())
    panel.setValue(Training(learning_rate=1, l2=0.1, loss="hinge", optimizer="sgd", batch_size=1))
    panel.setValue(Training(span=77))
    assert not is_open(panel)


def test_closed_over_what_acts_it_is_marked_and_says_so(qtbot: QtBot, show: Callable[[Any], Any]) -> None:
    panel = show(LearningPanel())
    button = named(panel, QAbstractButton, "More")

    def face() -> Any:
        return button.grab().toImage().pixelColor(3, button.height() // 2)

    plain, hint = face(), button.toolTip()
    assert "In use" not in hint
    panel.setValue(Training(schedule="cosine", l1=0.1))
    assert face() == plain, "open, it hides nothing"
    press(qtbot, panel, "Less")
    assert button.toolTip() == f"{hint} In use: schedule, L1 penalty."
    assert face() == theme.colour("highlight") != plain
    panel.setValue(Training())
    assert (face(), button.toolTip()) == (plain, hint)


def test_closing_takes_what_was_typed_and_leaves_the_keyboard_to_the_window(
    qtbot: QtBot, show: Callable[[Any], Any]
) -> None:
    panel = show(LearningPanel())
    press(qtbot, panel, "More")
    figure = named(panel, QLineEdit, "L1 penalty")
    figure.setFocus()
    figure.selectAll()
    qtbot.keyClicks(figure, "0.25")
    press(qtbot, panel, "Less")
    assert panel.value().l1 == 0.25
    assert not is_open(panel)
    assert QApplication.focusWidget() is None, "Space trains and pauses again"


def test_tab_goes_along_the_first_row_then_to_more_then_along_the_second(
    qtbot: QtBot, show: Callable[[Any], Any]
) -> None:
    panel = show(LearningPanel())
    panel.setValue(Training(schedule="decay"))
    first = named(panel, QSlider, "Learning rate")
    first.setFocus(Qt.FocusReason.TabFocusReason)
    reached = [first]
    for _ in range(19):
        qtbot.keyClick(reached[-1], Qt.Key.Key_Tab)
        reached.append(QApplication.focusWidget())
    names = [widget.accessibleName() for widget in reached]  # a slider and its figure bear the same one
    order = ["Learning rate", "Optimiser", "Loss", "L2 penalty", "Less", *SECOND_ROW, "β₁", "β₂", "ε"]
    assert list(dict.fromkeys(names)) == order


@pytest.mark.usefixtures("family")
def test_rows_are_aligned_and_fit(show: Callable[[Any], Any]) -> None:
    panel = show(LearningPanel())
    panel.setValue(EVERYTHING)
    settle(panel, in_this_font(636))

    def place(widget: QWidget) -> QPoint:
        return widget.mapTo(panel, QPoint(0, widget.height() // 2))

    every = [w for kind in (QComboBox, QSlider, QAbstractButton) for w in panel.findChildren(kind)]
    operable = [w for w in every if w.isVisible()]
    heights = {place(widget).y() for widget in operable}
    assert len(heights) == 3
    columns = [
        ("Learning rate", "Schedule"),
        ("Learning rate", "Momentum"),
        ("Optimiser", "Span"),
        ("Loss", "Gradient limit"),
        ("L2 penalty", "L1 penalty"),
    ]
    for pair in columns:
        above, below = (next(w for w in operable if w.accessibleName() == name) for name in pair)
        assert (place(above).x(), above.width()) == (place(below).x(), below.width()), pair
    for widget in (*operable, *panel.findChildren(QLabel), *panel.findChildren(QLineEdit)):
        assert widget.width() >= widget.minimumSizeHint().width(), widget.accessibleName()


@pytest.mark.parametrize("is_wide", [True, False])
def test_what_the_optimiser_has_of_its_own_is_seen_and_no_other_moves_anything(
    qtbot: QtBot, show: Callable[[Any], Any], is_wide: bool
) -> None:
    panel = show(LearningPanel())
    press(qtbot, panel, "More")
    panel.resize(panel.sizeHint() if is_wide else panel.minimumSizeHint())
    labels = {setting.label for setting in SETTINGS.values()}
    heights = set()
    for name, row in OPTIMIZERS.items():
        panel.setValue(Training(optimizer=name))
        heights.add(panel.minimumSizeHint().height())
        panel.resize(panel.width(), panel.minimumSizeHint().height())
        QApplication.sendPostedEvents()
        seen = {w.accessibleName() for w in panel.findChildren(QSlider) if w.isVisible()} & labels
        assert seen == {SETTINGS[setting].label for setting in row.settings}
        told = [w.text() for w in panel.findChildren(QLabel) if w.isVisible() and "no settings" in w.text()]
        assert told == ([] if row.settings else [f"{row.label} has no settings of its own."])
        assert overlapping(panel) == []
    assert len(heights) == 1


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_each_setting_of_an_optimiser_is_edited_and_those_that_are_changed_act(
    name: str, qtbot: QtBot, show: Callable[[Any], Any]
) -> None:
    panel = show(LearningPanel())
    training = Training(optimizer=name)
    panel.setValue(training)
    press(qtbot, panel, "More")
    edits, labels = heard(panel.edited), []
    for setting in OPTIMIZERS[name].settings:
        label = SETTINGS[setting].label
        labels.append(label.lower())
        enter(qtbot, panel, label, "0.25")
        training = training.with_settings(**{setting: 0.25})
        assert edits[-1] == (training, f"change the {label.lower()}")
    assert panel.value() == training
    press(qtbot, panel, "Less")
    hint = named(panel, QAbstractButton, "More").toolTip()
    assert all(label in hint.partition("In use: ")[2] for label in labels)


@pytest.mark.usefixtures("family")
def test_nothing_moves_in_the_first_row(qtbot: QtBot, show: Callable[[Any], Any]) -> None:
    panel = show(LearningPanel())
    settle(panel, panel.sizeHint().width())

    def places() -> list[Any]:
        names = ("Learning rate", "Optimiser", "Loss", "L2 penalty")
        found = [w for name in names for w in controls(panel, name)]
        button = next(b for b in panel.findChildren(QAbstractButton) if b.accessibleName() in ("More", "Less"))
        return [(w.mapTo(panel, QPoint()), w.size()) for w in (*found, button)]

    closed, height = places(), panel.height()
    least = panel.sizeHint().width()
    press(qtbot, panel, "More")
    assert panel.sizeHint().width() == least
    settle(panel, least)
    assert places() == closed
    opened = [(w.mapTo(panel, QPoint()), w.size()) for name in SECOND_ROW for w in controls(panel, name)]
    panel.setValue(Training(schedule="steps", span=1_000_000, l1=1.23456e-5, max_norm=0.0123, learning_rate=1e-5))
    assert [(w.mapTo(panel, QPoint()), w.size()) for name in SECOND_ROW for w in controls(panel, name)] == opened
    assert places() == closed
    press(qtbot, panel, "Less")
    settle(panel, least)
    assert (places(), panel.height()) == (closed, height)


def overlapping(panel: LearningPanel) -> list[tuple[str, str]]:
    kinds = (QComboBox, QSlider, QLineEdit, QLabel, QAbstractButton)
    seen = [w for kind in kinds for w in panel.findChildren(kind) if w.isVisible()]
    rects = [(w, w.rect().translated(w.mapTo(panel, QPoint()))) for w in seen]
    for widget, rect in rects:
        assert panel.rect().contains(rect), widget.accessibleName()
        assert widget.width() >= widget.minimumSizeHint().width(), widget.accessibleName()
    return [(a.accessibleName(), b.accessibleName()) for (a, p), (b, q) in combinations(rects, 2) if p.intersects(q)]


@pytest.mark.parametrize("share", [1.0, 1.5])
def test_where_it_is_narrow_it_stands_two_by_two_and_the_second_four_take_the_place(
    qtbot: QtBot, show: Callable[[Any], Any], share: float
) -> None:
    theme.set_text_size(share)
    try:
        panel = show(LearningPanel())
        panel.setValue(EVERYTHING)
        least = panel.minimumSizeHint()
        assert least.width() <= in_this_font(340)
        press(qtbot, panel, "Less")
        panel.resize(least.width(), panel.minimumSizeHint().height())
        assert panel.minimumSizeHint().height() <= in_this_font(110)
        for name, others in (("More", "Schedule"), ("Less", "Learning rate"), ("More", "Schedule")):
            panel.resize(least.width(), panel.minimumSizeHint().height())
            shown = {w.accessibleName() for w in panel.findChildren(QComboBox) if w.isVisible()}
            assert others not in shown
            assert overlapping(panel) == []
            press(qtbot, panel, name)
            QApplication.sendPostedEvents()
            assert panel.minimumSizeHint().width() == least.width()
        panel.resize(panel.sizeHint())
        QApplication.sendPostedEvents()
        assert all(w.isVisible() for w in panel.findChildren(QComboBox))
        assert overlapping(panel) == []
    finally:
        theme.set_text_size(1)
