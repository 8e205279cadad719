"""What the output view shows and says: the legend, training and test points, wrong ones, contours, the prediction."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QLabel, QWidget

from engine.training import Data, Training
from playground.runtime.pictures import CONFIDENCE_LEVELS
from playground.ui import theme
from playground.ui.cards import panel
from playground.views.plane.options import OPTIONS
from playground.views.plane.output import OutputView
from tests.playground.conftest import heard, in_this_font, named
from tests.playground.views.plane.conftest import (
    button,
    click,
    colour_at,
    drag_to,
    frame,
    ground,
    hover,
    points,
    press,
    release,
    seen_around,
    texts,
)

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # the offscreen platform, of itself
BOTH_THEMES = pytest.mark.parametrize("mode", [theme.Mode.LIGHT, theme.Mode.DARK])


@pytest.fixture(params=[1, 1.5])
def text_size(request: pytest.FixtureRequest) -> Iterator[float]:
    """A size of the text, in force."""
    theme.set_text_size(request.param)
    yield request.param
    theme.set_text_size(1)


def bar(view, share: float) -> QColor:
    """The colour of the legend's bar, so far from its top."""
    legend = named(view, QWidget, "Colours")
    image = legend.grab().toImage()
    return image.pixelColor(2, round(share * (image.height() - 1)))


def difference(one: QColor, other: QColor) -> int:
    return max(abs(a - b) for a, b in zip(one.getRgb(), other.getRgb(), strict=True))


# ── the legend ───────────────────────────────────────────────────────────────────────────────────────────────────────


@BOTH_THEMES
def test_the_legend_goes_from_surely_one_class_over_undecided_to_surely_the_other(view, mode):
    theme.set_mode(mode)
    view.show_frame(frame())
    for share, index in ((0, 255), (0.5, 128), (1, 0)):
        assert difference(bar(view, share), ground(index)) <= 4
    assert named(view, QWidget, "Colours").accessibleDescription() == named(view, QWidget, "Colours").toolTip() != ""


def test_the_legend_of_many_classes_has_a_piece_for_each_from_sure_to_unsure(view):
    view.show_frame(frame(classes=3))
    for label in range(3):
        sure, unsure = (label + 1) * CONFIDENCE_LEVELS - 1, label * CONFIDENCE_LEVELS
        assert difference(bar(view, label / 3 + 0.02), ground(sure, 3)) <= 16
        assert difference(bar(view, (label + 1) / 3 - 0.02), ground(unsure, 3)) <= 16


def test_the_legend_says_the_range_of_a_neuron_that_is_pointed_at(view):
    scales = (np.array([6.0, 6.0]), np.array([1.0, 7.25]), np.array([1.0]))
    view.show_frame(frame(scales=scales))
    legend = named(view, QWidget, "Colours")
    view.show_neuron((1, 1))
    assert "−7.2 over 0 to +7.2" in legend.toolTip()
    view.show_neuron((1, 0))
    assert "−1 over 0 to +1" in legend.toolTip()
    view.show_neuron(None)
    assert "class" in legend.toolTip()


@pytest.mark.parametrize("classes", [2, 3, 9])
def test_the_legend_stands_beside_the_plane_and_keeps_its_place(view, classes):
    places = set()
    for neuron in (None, (1, 1), (2, 0)):
        view.show_frame(frame(classes))
        view.show_neuron(neuron)
        view.grab()
        places.add(named(view, QWidget, "Colours").geometry().getRect())
    assert len(places) == 1
    legend = named(view, QWidget, "Colours").geometry()
    assert legend.left() > view.plane.pixel(6, 0).x()
    assert view.plane.rect().contains(legend)


# ── points ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@BOTH_THEMES
@pytest.mark.parametrize("label", [0, 1])
def test_test_points_are_hollow_and_training_points_filled_on_a_ground_of_their_colour(view, owner, mode, label):
    theme.set_mode(mode)
    at = (3, -3) if label == 0 else (3, 3)
    view.show_frame(frame())
    bare = seen_around(view, *at)
    assert colour_at(view, *at) == ground(255 if label == 0 else 0)
    owner.put([(*at, label)])
    assert colour_at(view, *at) == theme.class_colour(label)
    owner.put([(*at, label)], test=True)
    middle, under = colour_at(view, *at), ground(255 if label == 0 else 0)
    assert difference(middle, under) < difference(theme.class_colour(label), under) / 3 or label, "it is empty"
    hollow = seen_around(view, *at)
    assert hollow != bare
    colours = {hollow.pixelColor(x, y).name() for x in range(hollow.width()) for y in range(hollow.height())}
    halo = min(difference(QColor(name), theme.colour("panel")) for name in colours)
    assert halo < 40, "a rim of the panel's colour keeps it clear of the ground"


def test_the_line_below_says_which_are_which(view):
    shown = texts(view)
    assert "training" in shown
    assert "test" in shown


def test_points_in_a_wrong_class_are_ringed_until_the_switch_is_turned(view, owner):
    wrong = points([(3, 3, 0)])
    view.show_frame(frame())
    owner.put([(3, 3, 0), (-3, -3, 0)])
    plain, right = seen_around(view, 3, 3), seen_around(view, -3, -3)
    view.show_frame(frame(wrong=wrong))
    assert seen_around(view, 3, 3) != plain
    assert seen_around(view, -3, -3) == right
    view.set_option("wrong", False)
    assert seen_around(view, 3, 3) == plain
    view.set_option("wrong", True)
    view.show_frame(frame())
    assert seen_around(view, 3, 3) == plain, "it has learned"


def test_test_points_and_their_rings_can_be_hidden(view, owner):
    view.show_frame(frame())
    bare = seen_around(view, 3, 3)
    owner.put([(3, 3, 0)], test=True)
    view.show_frame(frame(wrong=points([(3, 3, 0)], test=True)))
    assert seen_around(view, 3, 3) != bare
    view.set_option("test", False)
    assert seen_around(view, 3, 3) == bare
    owner.put([(3, 3, 0)])
    assert seen_around(view, 3, 3) != bare, "a training point stays"


def test_no_hand_touches_points_that_are_hidden(view, owner):
    owner.put([(0, 0, 0)], test=True)
    view.set_option("test", False)
    looks = heard(view.looked)
    for tool in ("erase", "look", "move"):
        view.choose_tool(tool)
        press(view, (0, 0))
        drag_to(view, (2, 0))
        release(view, (2, 0))
    assert (owner.asked, looks) == ([], [])
    view.set_option("test", True)
    view.choose_tool("erase")
    click(view, (0, 0))
    assert [ask[:2] for ask in owner.asked] == [("erase", [0])]


# ── options ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("classes", [2, 3])
def test_without_shades_there_are_the_classes_colours_alone(view, classes):
    unsure = frame(classes)
    unsure.boundary[:] = 140 if classes == 2 else CONFIDENCE_LEVELS
    view.show_frame(unsure)
    view.set_option("steps", True)
    sure = 255 if classes == 2 else 2 * CONFIDENCE_LEVELS - 1
    assert colour_at(view, 3, 3) == ground(sure, classes)
    assert difference(bar(view, 0.45), ground(sure, classes)) <= 2, "the legend agrees"


def test_contours_are_drawn_where_the_answer_changes(view):
    slope = frame(side=100)
    slope.boundary[:] = np.linspace(0, 255, 100).astype(np.uint8)
    view.show_frame(slope)
    before = seen_around(view, 0, 0), view.plane.viewport().grab().toImage()
    view.set_option("contours", True)
    assert seen_around(view, 0, 0) != before[0], "along zero"
    view.set_option("contours", False)
    assert view.plane.viewport().grab().toImage() == before[1]


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("value", [0, 128, 255])
def test_a_plane_that_answers_the_same_everywhere_has_no_contours(view, classes, value):
    flat = frame(classes)
    flat.boundary[:] = value
    view.show_frame(flat)
    before = view.plane.viewport().grab().toImage()
    view.set_option("contours", True)
    assert view.plane.viewport().grab().toImage() == before


@pytest.mark.parametrize("name", OPTIONS)
def test_each_option_is_an_action_that_says_what_it_does_and_tells_when_it_changes(view, name):
    told = heard(view.option_changed)
    action = view.options[name]
    assert action.isChecked() == OPTIONS[name].is_on
    assert action.text()
    assert action.toolTip() != action.text()
    view.set_option(name, action.isChecked())
    assert told == []
    action.trigger()
    assert told == [(name, not OPTIONS[name].is_on)]
    view.set_option(name, OPTIONS[name].is_on)
    assert told[1:] == [(name, OPTIONS[name].is_on)]
    assert action in button(view, "What is shown").menu().actions()


def test_the_list_of_options_opens_and_is_used_by_keyboard(view, qtbot):
    opener, told = button(view, "What is shown"), heard(view.option_changed)

    def use() -> None:
        for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Return):
            qtbot.keyClick(opener.menu(), key)

    QTimer.singleShot(0, use)  # the list has an event loop of its own
    qtbot.keyClick(opener, Qt.Key.Key_Space)
    assert told == [("wrong", False)]


# ── what it says where the pointer is ────────────────────────────────────────────────────────────────────────────────


def test_the_prediction_is_said_where_the_pointer_is_and_follows_the_frames(view, owner):
    places = heard(view.pointed)
    confident = frame()
    confident.maps[-1][0, :10], confident.boundary[:10] = 128 + 96, 128 + 96
    view.show_frame(confident)
    hover(view, (0, -3))
    assert "class 1 · 88 %" in texts(view)
    np.testing.assert_allclose(places[-1][0], (0, -3), atol=0.05)
    surer = frame()
    surer.maps[-1][:], surer.boundary[:] = 0, 0
    view.show_frame(surer)
    assert "class 2 · > 99 %" in texts(view)
    hover(view, (0, 6.3))
    assert places[-1] == (None,)
    assert not any("class 2" in text for text in texts(view))


def test_of_many_classes_it_says_which_and_how_probable(view):
    many = frame(classes=3)
    many.boundary[:] = 2 * CONFIDENCE_LEVELS + 3
    many.maps[-1][2] = 128 + 32
    view.show_frame(many)
    hover(view, (1, 1))
    assert "class 3 · 63 %" in texts(view)


def test_where_outputs_are_no_probabilities_it_says_the_output_and_of_a_neuron_its_value(view):
    plain = frame()
    experiment = plain.experiment.replace(training=Training(loss="mse"))
    shown = frame(experiment=experiment, scales=(np.full(2, 6.0), np.array([1.0, 4.0]), np.ones(1)))
    shown.maps[-1][:], shown.boundary[:] = 32, 30
    view.show_frame(shown)
    hover(view, (-3, 3))
    assert "class 2 · output −0.75" in texts(view)
    view.show_neuron((1, 1))
    assert "value 3.98" in texts(view)


def test_the_line_below_says_what_the_chosen_tool_does(view):
    for tool, hint in (("move", "Drag a point"), ("erase", "Click or drag"), ("look", "Click a point")):
        view.choose_tool(tool)
        assert any(text.startswith(hint) for text in texts(view))
    button(view, "Class 2").click()
    assert "Click to add, drag to paint" in texts(view)


def test_the_pencil_holds_the_point_that_it_would_draw(view):
    first = view.plane.cursor().pixmap().toImage()
    button(view, "Class 2").click()
    assert view.plane.cursor().pixmap().toImage() != first
    view.choose_tool("move")
    assert view.plane.cursor().pixmap().isNull()


# ── room ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("classes", [2, 9])
def test_at_its_smallest_nothing_is_clipped_and_nine_classes_stand_in_one_row(qtbot, text_size, classes):
    view = OutputView()
    card = panel(view)
    card.layout().setContentsMargins(0, 0, 0, 0)
    qtbot.addWidget(card)
    card.show()
    view.show_data(Data("drawn", classes=classes))
    view.show_frame(frame(classes))

    def is_at_its_smallest() -> bool:
        card.resize(1, 1)
        return view.size() == view.minimumSizeHint()

    qtbot.waitUntil(is_at_its_smallest)
    assert view.width() <= in_this_font(270)
    assert view.height() <= in_this_font(250)
    hover(view, (1, 1))
    view.grab()
    rows = {button(view, f"Class {label + 1}").mapTo(view, button(view, "Class 1").rect().topLeft()).y()
            for label in range(classes)}  # fmt: skip
    assert len(rows) == 1
    for widget in view.findChildren(QWidget):
        if widget.isVisibleTo(view) and widget is not view.plane.viewport():
            place = widget.rect().translated(widget.mapTo(view, widget.rect().topLeft()))
            assert view.rect().contains(place), widget
    for label in view.findChildren(QLabel):
        if label.isVisibleTo(view) and label.text() and not label.wordWrap():
            assert label.width() >= label.sizeHint().width() - 1, label.text()
