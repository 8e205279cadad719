"""Panels: an edit gives the whole new value and its name; setting a value says nothing; every control can be found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLabel, QLineEdit, QSlider, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from engine.nn import INITIALISERS
from engine.training import DATASETS, DRAWN, FEATURES, Data, Points, preset_data
from playground.panels.data import DataPanel, FeaturesPanel, WeightsPanel
from playground.panels.learning import LearningPanel
from playground.panels.transport import Transport
from playground.runtime.frame import Frame
from playground.ui import theme
from playground.ui.fields import SliderField
from playground.ui.notice import Notice, NoticeBar
from tests.faults import faults
from tests.frames import frame_of
from tests.playground.conftest import LEFT, enter, heard, in_this_font, named

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # the offscreen platform, of itself
PANELS = (DataPanel, FeaturesPanel, WeightsPanel, LearningPanel, Transport, NoticeBar)


def frame(**changes: Any) -> Frame:
    """Of a run without scores."""
    return frame_of(**({"train": None, "test": None} | changes))


@pytest.mark.parametrize("kind", PANELS)
def test_everything_operable_has_a_name_and_a_hint(show: Callable[[Any], Any], kind: type[QWidget]) -> None:
    panel = show(kind())
    if isinstance(panel, NoticeBar):
        panel.say(Notice("quiet", "text", "Undo", "undo"))
    kinds = (QAbstractButton, QSlider, QLineEdit, QComboBox)
    operable = [child for child in panel.findChildren(QWidget) if isinstance(child, kinds) and child.isVisible()]
    assert operable
    for widget in operable:
        assert widget.accessibleName(), widget
    if kind is not NoticeBar:
        for widget in operable:
            assert widget.toolTip() or widget.parentWidget().toolTip(), widget.accessibleName()


@pytest.mark.parametrize(
    ("name", "text", "expected", "what"),
    [
        ("Points", "123", Data(count=123), "change the number of points"),
        ("Noise", "12,5 %", Data(noise=0.125), "change the noise"),
        ("Training share", "80", Data(train_share=0.8), "change the training share"),
        ("Class balance", "80", Data(balance=0.8), "change the class balance"),
        ("Label noise", "10 %", Data(label_noise=0.1), "change the label noise"),
        ("Points seed", "4294967295", Data(seed=2**32 - 1), "change the seed of the points"),
    ],
)
def test_data_edit(qtbot: QtBot, show: Callable[[Any], Any], name: str, text: str, expected: Data, what: str) -> None:
    panel = show(DataPanel())
    named(panel, QAbstractButton, "Classes and seed").setChecked(True)
    edits, ends = heard(panel.edited), heard(panel.gesture_ended)
    enter(qtbot, panel, name, text)
    assert edits == [(expected, what)]
    assert len(ends) == 1
    assert panel.value() == expected


def test_every_dataset_has_a_button_that_asks_for_it(qtbot: QtBot, show: Callable[[Any], Any]) -> None:
    panel = show(DataPanel())
    chosen, edits = heard(panel.dataset_chosen), heard(panel.edited)
    for name, row in DATASETS.items():
        if row.kind is None:
            qtbot.mouseClick(named(panel, QAbstractButton, row.label), LEFT)
            assert chosen[-1] == (name,)
    for name, row in DATASETS.items():
        if row.kind is not None:
            panel.setValue(Data(DRAWN, kind=row.kind))
            button = named(panel, QAbstractButton, row.label)
            assert not button.icon().isNull()
            qtbot.mouseClick(button, LEFT)
            assert chosen[-1] == (name,)
            assert not button.isChecked(), "nobody took it up"
    assert len(chosen) == len(DATASETS)
    assert edits == []


def test_dataset_taken_up_is_shown(qtbot: QtBot, show: Callable[[Any], Any]) -> None:
    panel = show(DataPanel())
    panel.dataset_chosen.connect(lambda name: panel.setValue(Data(dataset=name)))
    button = named(panel, QAbstractButton, DATASETS["spiral"].label)
    qtbot.mouseClick(button, LEFT)
    assert button.isChecked()
    assert panel.value().dataset == "spiral"


def test_datasets_by_keyboard(qtbot: QtBot, show: Callable[[Any], Any]) -> None:
    panel = show(DataPanel())
    panel.dataset_chosen.connect(lambda name: panel.setValue(Data(dataset=name)))
    first, second = list(DATASETS.values())[:2]
    named(panel, QAbstractButton, first.label).setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(panel.focusWidget(), Qt.Key.Key_Right)
    assert panel.focusWidget() is named(panel, QAbstractButton, second.label)
    qtbot.keyClick(panel.focusWidget(), Qt.Key.Key_Space)
    assert panel.value().dataset == list(DATASETS)[1]


def test_drawn_points_say_why_they_are_not_generated(qtbot: QtBot, show: Callable[[Any], Any]) -> None:
    panel = show(DataPanel())
    edits, regenerations, clearances = heard(panel.edited), heard(panel.regenerate), heard(panel.cleared)
    numbers = np.arange(10.0)
    points = Points(np.stack([0.1 * numbers, 0 * numbers], axis=1), numbers % 3, np.zeros(10, dtype=bool))
    panel.setValue(Data(dataset=DRAWN, classes=3, points=points))
    for name in ("Points", "Noise"):
        assert not named(panel, QSlider, name).isEnabled()
        assert "drawn by hand" in named(panel, QSlider, name).parentWidget().toolTip()
    anew = named(panel, QAbstractButton, "New points")
    assert not anew.isEnabled()
    assert "drawn by hand" in anew.toolTip()
    qtbot.mouseClick(anew, LEFT)
    qtbot.mouseClick(named(panel, QAbstractButton, "Clear"), LEFT)
    assert (regenerations, len(clearances)) == ([], 1)
    enter(qtbot, panel, "Training share", "20")
    assert (~edits[-1][0].points.test).sum() == 2, "drawn points are split anew"
    panel.setValue(Data())
    assert anew.isEnabled()
    assert "drawn by hand" not in anew.toolTip()
    qtbot.mouseClick(anew, LEFT)
    assert len(regenerations) == 1


def test_classes_can_be_chosen_where_the_dataset_leaves_them_open(qtbot: QtBot, show: Callable[[Any], Any]) -> None:
    panel = show(DataPanel())
    assert not named(panel, QSlider, "Classes").isEnabled()
    assert DATASETS["circle"].label in named(panel, QSlider, "Classes").parentWidget().toolTip()
    panel.setValue(Data(dataset="blobs"))
    edits = heard(panel.edited)
    enter(qtbot, panel, "Classes", "5")
    assert edits == [(Data(dataset="blobs", classes=5), "change the number of classes")]


def test_what_is_folded_opens_where_there_is_something_to_see_in_it(show: Callable[[Any], Any]) -> None:
    panel = show(DataPanel())
    for data, is_open in ((Data(count=30), False), (Data("blobs"), True)):
        panel.setValue(data)
        assert named(panel, QSlider, "Classes").isVisible() is is_open
    folded = named(panel, QAbstractButton, "Classes and seed")
    folded.setChecked(False)
    panel.setValue(Data("blobs", count=30))
    assert not named(panel, QSlider, "Classes").isVisible(), "who folded it meant it"
    panel.setValue(Data())
    panel.setValue(Data(label_noise=0.1))
    assert named(panel, QSlider, "Label noise").isVisible()


@pytest.mark.parametrize(
    ("data", "field", "reason"),
    [
        (preset_data("iris"), "Points", "The dataset Iris has 150 points."),
        (preset_data("xor"), "Class balance", "the place of a point says its class"),
        (preset_data("slope"), "Class balance", "There are no classes"),
        (preset_data("slope"), "Label noise", "There are no classes"),
        (Data(DRAWN), "Label noise", "drawn by hand"),
        (Data(DRAWN), "Points seed", "drawn by hand"),
    ],
)
def test_a_field_without_a_say_says_why(show: Callable[[Any], Any], data: Data, field: str, reason: str) -> None:
    panel = show(DataPanel())
    panel.setValue(data)
    kind = QLineEdit if field == "Points seed" else QSlider
    assert not named(panel, kind, field).isEnabled()
    assert reason in named(panel, kind, field).parentWidget().toolTip()
    panel.setValue(Data())
    assert named(panel, kind, field).isEnabled()


def test_a_formula_is_taken_by_enter_and_what_is_wrong_is_said_and_stays(
    qtbot: QtBot, show: Callable[[Any], Any]
) -> None:
    panel = show(DataPanel())
    line = named(panel, QLineEdit, "Formula")
    assert not line.isVisible()
    panel.setValue(preset_data("formula"))
    edits = heard(panel.edited)
    enter(qtbot, panel, "Formula", "x2 >")
    said = "Character 5: expected a number, a name or (."
    assert edits == []
    assert named_text(panel, said).isVisible()
    panel.setValue(preset_data("formula").replace(noise=0.1))
    assert line.text() == "x2 >", "what else is changed leaves it alone"
    enter(qtbot, panel, "Formula", "x1 < x2")
    assert edits == [(preset_data("formula").replace(noise=0.1, formula="x1 < x2"), "change the formula")]
    enter(qtbot, panel, "Formula", "sin(3*x1)")
    assert edits[-1][0].kind == "regression"
    qtbot.keyClicks(line, " + ")
    qtbot.keyClick(line, Qt.Key.Key_Escape)
    assert line.text() == "sin(3*x1)"
    assert len(edits) == 2


def named_text(panel: QWidget, text: str) -> QLabel:
    """The one label that says this."""
    (found,) = [label for label in panel.findChildren(QLabel) if label.text() == text]
    return found


def test_class_that_has_drawn_points_does_not_vanish(qtbot: QtBot, show: Callable[[Any], Any]) -> None:
    panel = show(DataPanel())
    data = Data(dataset=DRAWN, classes=4, points=((0, 0, 3, 0), (1, 1, 0, 0)))
    panel.setValue(data)
    edits = heard(panel.edited)
    enter(qtbot, panel, "Classes", "2")
    assert edits == []
    assert panel.value() == data
    assert named(panel, QLineEdit, "Classes").text() == "4"
    assert "class 3" in QToolTip.text()


def test_batch_size_goes_up_to_all(qtbot: QtBot, show: Callable[[Any], Any]) -> None:
    panel = show(DataPanel())
    batch: SliderField = panel.batch
    batch.set_maximum(250)
    batch.setValue(None)
    figure, slider = named(panel, QLineEdit, "Batch size"), named(panel, QSlider, "Batch size")
    assert figure.text() == "all (250)"
    changes, edits = heard(batch.changed), heard(panel.edited)
    qtbot.keyClick(slider, Qt.Key.Key_Left)
    assert changes[-1] == (200,)
    enter(qtbot, panel, "Batch size", "32")
    assert changes[-1] == (32,)
    enter(qtbot, panel, "Batch size", "all")
    assert changes[-1] == (None,)
    qtbot.keyClick(slider, Qt.Key.Key_Home)
    assert changes[-1] == (1,)
    assert edits == [], "the batch size is no part of the data"
    batch.set_maximum(1)
    assert batch.value() == 1


def test_features(qtbot: QtBot, show: Callable[[Any], Any]) -> None:
    panel = show(FeaturesPanel())
    assert panel.value() == ("x1", "x2")
    edits = heard(panel.edited)
    qtbot.mouseClick(named(panel, QAbstractButton, FEATURES["x1_x2"].label), LEFT)
    qtbot.mouseClick(named(panel, QAbstractButton, FEATURES["x1"].label), LEFT)
    assert edits == [
        (("x1", "x2", "x1_x2"), "change the features"),
        (("x2", "x1_x2"), "change the features"),
    ]


def test_initial_weights(qtbot: QtBot, show: Callable[[Any], Any]) -> None:
    panel = show(WeightsPanel())
    edits, asked = heard(panel.edited), heard(panel.new_weights)
    first, second = list(INITIALISERS)[:2]
    panel.setValue(first)
    qtbot.keyClick(panel.findChild(QComboBox), Qt.Key.Key_Down)
    assert edits == [(second, "change the initial weights")]
    qtbot.mouseClick(named(panel, QAbstractButton, "New weights"), LEFT)
    assert len(asked) == 1


@pytest.mark.usefixtures("family")
def test_left_column_fits_a_small_window_but_for_the_weights(show: Callable[[Any], Any]) -> None:
    panels = [show(kind()) for kind in (DataPanel, FeaturesPanel, WeightsPanel)]
    assert sum(panel.sizeHint().height() for panel in panels[:2]) + 3 * 12 <= in_this_font(604)
    assert max(panel.minimumSizeHint().width() for panel in panels) <= in_this_font(182)


def test_notice_keeps_its_height_and_its_words(qtbot: QtBot, show: Callable[[Any], Any]) -> None:
    notice = show(NoticeBar())
    notice.resize(in_this_font(640), 1)
    height = notice.height()
    clicks = heard(notice.button_clicked)
    long = "The loss is no longer a number: the learning rate is too large for this network and these points."
    notice.say(Notice("warning", long, "Reset and halve it", "halve"))
    assert (notice.minimumHeight(), notice.maximumHeight()) == (height, height)
    assert notice.minimumSizeHint().width() < 400
    assert notice.text() == long
    line = named(notice, QWidget, long)
    assert line.text() == long
    assert not faults(notice)
    qtbot.mouseClick(named(notice, QAbstractButton, "Reset and halve it"), LEFT)
    assert clicks == [("halve",)]
    notice.say(Notice("quiet", "Paused."))
    assert line.text() == "Paused."
    assert not notice.findChild(QAbstractButton).isVisible()
    assert notice.height() == height


def test_notice_warns_in_the_colours_of_the_theme(show: Callable[[Any], Any]) -> None:
    notice = show(NoticeBar())
    notice.resize(400, 1)
    for mode in (theme.Mode.LIGHT, theme.Mode.DARK):
        theme.set_mode(mode)
        notice.say(Notice("warning", "Diverged"))
        assert notice.grab().toImage().pixelColor(399, 2) == theme.colour("warning_surface")
        notice.say(Notice("quiet", "Paused"))
        assert notice.grab().toImage().pixelColor(399, 2) != theme.colour("warning_surface")
