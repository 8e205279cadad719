"""The output view through the mouse and the keyboard, with a stand-in owner of the points that does as it is asked."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QLabel, QToolButton

from engine.training import PRESETS
from playground.runtime.area import WHOLE
from playground.runtime.pictures import CONFIDENCE_LEVELS
from playground.ui import theme
from playground.ui.controls import ElidedLabel
from playground.views.plane.brush import Brush
from playground.views.plane.strokes import SPACING
from tests.frames import frame_of
from tests.playground.conftest import in_this_font
from tests.playground.views.plane.conftest import (
    RIGHT,
    button,
    click,
    colour_at,
    drag_to,
    frame,
    ground,
    hover,
    press,
    release,
    seen_around,
    texts,
)

BRUSH = Brush().eraser * WHOLE.side  # units


def test_the_plane_is_square_whatever_the_panel_and_maps_corners_to_six(view, owner, qtbot):
    for width, height in ((in_this_font(330), 480), (600, 480), (in_this_font(350), 700)):
        view.resize(width, height)
        qtbot.waitUntil(lambda w=width, h=height: (view.width(), view.height()) == (w, h))
        low, high = view.plane.pixel(-6, -6), view.plane.pixel(6, 6)
        assert high.x() - low.x() == pytest.approx(low.y() - high.y(), abs=1)
        assert high.x() - low.x() > 200
        assert view.plane.rect().contains(low.toPoint())
        assert view.plane.rect().contains(high.toPoint())


def test_fits_the_column_with_nine_classes(view, owner):
    owner.offer(9)
    view.layout().activate()
    assert view.minimumSizeHint().width() <= in_this_font(306)
    assert view.minimumSizeHint().height() <= in_this_font(396)


def test_the_boundary_is_painted_right_way_up_in_the_colours_of_its_classes(view, owner):
    owner.put([])
    view.show_frame(frame())
    assert colour_at(view, -3, -3) == ground(255)
    assert colour_at(view, -3, 3) == ground(0)
    view.show_frame(frame(classes=3))
    assert colour_at(view, 3, -3) == ground(3 * CONFIDENCE_LEVELS - 1, classes=3)


def test_a_neuron_takes_the_place_of_the_boundary_while_it_is_pointed_at(view):
    view.show_frame(frame())
    view.show_neuron((1, 1))
    assert "LAYER 1 NEURON 2" in texts(view)
    assert colour_at(view, -3, 3) == ground(255)
    assert colour_at(view, 3, -3) == ground(0)
    view.show_frame(frame())
    assert colour_at(view, -3, 3) == ground(255)  # the next frame shows it still
    view.show_neuron(None)
    assert "OUTPUT" in texts(view)
    assert colour_at(view, 3, -3) == ground(255)


@pytest.mark.parametrize(
    ("classes", "neuron", "title"),
    [(2, (0, 1), "FEATURE · x₂"), (2, (2, 0), "OUTPUT"), (3, (2, 2), "OUTPUT · CLASS 3"), (2, (7, 0), "OUTPUT")],
)
def test_the_title_names_what_is_shown(view, classes, neuron, title):
    view.show_frame(frame(classes))
    view.show_neuron(neuron)
    assert title in texts(view)


def test_another_theme_recolours_the_picture(view):
    unsure = frame(classes=3)
    unsure.boundary[:] = 0
    view.show_frame(unsure)
    light = colour_at(view, 3, 3)
    theme.set_mode(theme.Mode.DARK)
    assert colour_at(view, 3, 3).lightness() < light.lightness() - 40


def test_a_click_adds_a_point_of_the_chosen_class_there(view, owner, qtbot):
    click(view, (1, 2))
    button(view, "Class 2").click()
    click(view, (-3, -4))
    assert [row[2] for row in owner.rows] == [0, 1]
    np.testing.assert_allclose(owner.xy, [(1, 2), (-3, -4)], atol=0.05)
    first, second = (ask[3] for ask in owner.asked)
    assert first != second


def test_a_fast_drag_paints_evenly_under_one_stroke_number(view, owner):
    press(view, (-4, 0))
    drag_to(view, (4, 0))  # one event across the plane
    during = len(owner.rows)
    drag_to(view, (4, 3))
    release(view, (4, 3))
    hover(view, (0, 5))
    assert during == 1 + int(8 / SPACING)
    np.testing.assert_allclose(np.hypot(*np.diff(owner.xy[:during], axis=0).T), SPACING, atol=1e-6)
    assert len({ask[3] for ask in owner.asked}) == 1
    assert owner.xy[:, 1].max() < 3.1  # nothing once the button is up


def test_a_slow_drag_paints_as_evenly_as_a_fast_one(view, owner):
    press(view, (-4, 0))
    for x1 in np.arange(-4, 4, 0.5):
        drag_to(view, (x1, 0))
    release(view, (4, 0))
    assert len(owner.rows) > 15
    np.testing.assert_allclose(np.hypot(*np.diff(owner.xy, axis=0).T), SPACING, atol=1e-3)


def test_points_outside_the_plane_are_never_made(view, owner):
    press(view, (5, 5))
    drag_to(view, (9, 9))
    drag_to(view, (-9, -5))
    release(view, (-9, -5))
    click(view, (-6.3, 0))
    assert len(owner.rows) > 20
    assert np.abs(owner.xy).max() <= 6


def test_every_pixel_of_the_edge_can_be_drawn_on_whatever_the_size(view, owner, qtbot):
    """Some sizes map the edge's pixels to 6.000000000000001."""
    edge = np.array([(6, 6), (-6, 6), (-6, -6), (6, -6), (6, 0), (0, 6), (-6, 0), (0, -6)])
    for side in range(400, 420):
        view.resize(side, side + 90)
        qtbot.waitUntil(lambda side=side: view.width() == side)
        owner.put([])
        for place in edge:
            click(view, place)
        np.testing.assert_allclose(owner.xy, edge, atol=view.plane.units(0.6))
        press(view, (6, 6))
        drag_to(view, (6, -6))
        release(view, (6, -6))
        assert np.abs(owner.xy).max() <= 6
        assert len(owner.xy) == len(edge) + 1 + int(12 / SPACING)


def test_the_edge_is_of_the_plane_for_the_pointer_and_the_eraser_too(view, owner, qtbot):
    for side in range(400, 420):
        view.resize(side, side + 90)
        qtbot.waitUntil(lambda side=side: view.width() == side)
        owner.put([(6, 6, 0), (-6, -6, 1), (0, 0, 1)])
        view.choose_tool("move")
        for at, shown in (((6, 6), "x₁ 6.00  x₂ 6.00"), ((-6, -6), "x₁ −6.00  x₂ −6.00")):
            hover(view, at)
            assert shown in texts(view)
        press(view, (0, 0))
        drag_to(view, (6.2, -6.2))
        release(view, (6.2, -6.2))
        np.testing.assert_array_equal(np.abs(owner.xy), 6)
        view.choose_tool("erase")
        for at in ((6, 6), (-6, -6), (6, -6)):
            click(view, at)
        assert owner.rows == []


def test_the_right_button_draws_the_other_of_two_classes_only(view, owner):
    click(view, (0, 0), RIGHT)
    view.choose_label(1)
    click(view, (1, 0), RIGHT)
    assert [row[2] for row in owner.rows] == [1, 0]
    owner.offer(3)
    click(view, (2, 0), RIGHT)
    assert len(owner.rows) == 2


def test_a_second_button_does_not_break_a_stroke(view, owner):
    press(view, (0, 0))
    press(view, (0, 0), RIGHT)
    release(view, (0, 0), RIGHT)
    drag_to(view, (2, 0))
    release(view, (2, 0))
    assert {ask[2:] for ask in owner.asked} == {owner.asked[0][2:]}
    assert len(owner.rows) == 1 + int(2 / SPACING)


def test_the_eraser_takes_what_its_brush_touches_and_what_lies_between_two_events(view, owner):
    owner.put([(-3, 0, 0), (0, 0.4, 1), (0, BRUSH + 0.15, 0), (3, 0, 0), (0, 2.5, 0)])
    view.choose_tool("erase")
    press(view, (-3.2, 0))
    assert owner.asked == [("erase", [0], owner.asked[0][2])]
    drag_to(view, (3, 0))
    drag_to(view, (3, 5))  # round a corner: what the straight way would have met stays
    release(view, (3, 5))
    np.testing.assert_allclose(owner.xy, [(0, BRUSH + 0.15), (0, 2.5)])
    assert len({ask[2] for ask in owner.asked}) == 1


def test_moving_carries_the_nearest_point_and_stops_at_the_edge(view, owner):
    owner.put([(0, 0, 0), (0.3, 0, 1), (3, 3, 0)])
    view.choose_tool("move")
    press(view, (0.25, 0))
    drag_to(view, (2.25, 2))
    drag_to(view, (12, 2))
    release(view, (12, 2))
    assert {(verb, *indices) for verb, indices, _ in owner.asked} == {("move", 1)}
    np.testing.assert_allclose(owner.xy, [(0, 0), (6, 2), (3, 3)], atol=0.06)


def test_moving_needs_a_point_within_reach_and_a_drag(view, owner):
    owner.put([(0, 0, 0)])
    view.choose_tool("move")
    press(view, (2, 2))
    drag_to(view, (0, 0))
    release(view, (0, 0))
    click(view, (0, 0))
    assert owner.asked == []


def test_a_carried_point_is_found_again_when_indices_change(view, owner):
    owner.put([(-4, 0, 0), (0, 0, 0), (4, 0, 0)])
    view.choose_tool("move")
    press(view, (0, 0))
    drag_to(view, (0, 2))
    owner.put(owner.rows[1:])  # as if another point were erased meanwhile
    drag_to(view, (0, 4))
    owner.put([row for row in owner.rows if row[0]])  # and now this one
    drag_to(view, (0, 5))
    release(view, (0, 5))
    assert [ask[1] for ask in owner.asked] == [[1], [0]]
    np.testing.assert_allclose(owner.xy, [(4, 0)])


def test_points_show_in_the_colour_of_their_class_and_go_when_erased(view, owner):
    view.show_frame(frame())
    owner.put([(3, 3, 0), (3, -3, 1)])
    assert colour_at(view, 3, 3) == theme.class_colour(0)
    assert colour_at(view, 3, -3) == theme.class_colour(1)
    owner.put([(3, -3, 1)])
    assert colour_at(view, 3, 3) == ground(0)


def test_classes_can_be_added_up_to_nine(view, qtbot):
    with qtbot.waitSignal(view.label_chosen) as chosen:
        button(view, "Add a class").click()
    assert chosen.args == [2]
    assert button(view, "Class 3").isChecked()
    assert button(view, "Class 3").isVisible()
    assert not button(view, "Class 4").isVisible()
    view.choose_label(8)
    assert button(view, "Class 9").isVisible()
    assert not button(view, "Add a class").isVisible()


def test_fewer_classes_leave_the_choice_valid(view, owner):
    owner.offer(5)
    view.choose_label(4)
    owner.offer(2)
    click(view, (0, 0))
    assert owner.rows[0][2] == 1
    assert not button(view, "Class 3").isVisible()


def test_choosing_a_class_takes_up_the_pencil(view, owner):
    view.choose_tool("erase")
    assert button(view, "Erase points").isChecked()
    button(view, "Class 2").click()
    assert button(view, "Draw points").isChecked()
    click(view, (0, 0))
    assert owner.rows[0][2] == 1


def test_the_readout_follows_the_pointer_and_is_blank_outside(view, owner):
    assert "Click to add, drag to paint" in texts(view)
    owner.put([(0, 0, 0)])
    hover(view, (1.25, -3.4))
    (readout,) = (text for text in texts(view) if text.startswith("x₁"))
    x1, x2 = readout.removeprefix("x₁ ").split("  x₂ ")
    assert float(x1) == pytest.approx(1.25, abs=0.04)
    assert x2[0] == "−"
    assert float(x2[1:]) == pytest.approx(3.4, abs=0.04)
    hover(view, (0, 6.2))
    assert not any(text.startswith("x₁") for text in texts(view))


def test_only_of_a_tool_that_draws_points_it_is_said_that_they_are_test_points(view, owner):
    view.set_draws_test(True)
    view.choose_tool("draw")
    assert "Click to add, drag to paint · test points" in texts(view)
    view.choose_tool("guess")
    assert "Drag along where you expect the boundary" in texts(view)
    assert not any("test points" in text for text in texts(view))


def test_a_place_is_told_whole_where_axes_have_long_names(view, owner):
    view.resize(in_this_font(360), 480)  # room for the names and the class
    view.show_data(PRESETS["iris"].data)
    view.show_frame(frame_of(PRESETS["iris"]))
    hover(view, (1.0, 1.0))
    (place,) = (label for label in view.findChildren(QLabel) if label.text().count("petal") == 2)
    assert place.isVisible()
    assert place.fontMetrics().horizontalAdvance(place.text()) <= place.width()


@pytest.mark.parametrize("width", [200, 250, 600])
def test_with_large_text_nothing_beside_or_below_the_plane_is_cut(view, owner, qtbot, width):
    iris = PRESETS["iris"]
    view.show_data(iris.data)
    view.show_frame(frame_of(iris))
    theme.set_text_size(1.5)
    view.resize(theme.px(width), theme.px(360))
    hover(view, (1.0, 1.0))
    names = [label for label in view.plane.findChildren(QLabel) if label.text().endswith((" →", " ↑"))]
    assert len(names) == 2
    low, high = view.plane.pixel(*view.plane.area.low), view.plane.pixel(*view.plane.area.high)
    for name in names:
        assert name.width() >= name.sizeHint().width()
        assert name.height() >= name.sizeHint().height()
        assert low.x() <= name.x() <= name.geometry().right() <= high.x()
    (answer,) = (label for label in view.findChildren(ElidedLabel) if label.isVisible())
    assert " %" in answer.text()
    assert answer.shown == answer.text() or answer.shown.endswith("…")
    is_told = [text for text in texts(view) if text.startswith(("petal len… ", "→ "))]
    assert len(is_told) == 1
    theme.set_text_size(1)


def test_a_text_that_is_too_long_below_the_plane_ends_in_dots_and_is_its_tip(view, owner, qtbot):
    view.choose_tool("guess")
    (hint,) = (label for label in view.findChildren(ElidedLabel) if label.isVisible())
    hint.resize(60, hint.height())
    assert hint.shown.endswith("…")
    QApplication.sendEvent(hint, QHelpEvent(QEvent.Type.ToolTip, QPoint(), QPoint()))
    assert hint.toolTip() == hint.text() == "Drag along where you expect the boundary"
    hint.resize(1000, hint.height())
    QApplication.sendEvent(hint, QHelpEvent(QEvent.Type.ToolTip, QPoint(), QPoint()))
    assert hint.shown == hint.text()
    assert hint.toolTip() == ""


def test_points_are_added_and_erased_by_keyboard(view, owner, qtbot):
    view.plane.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(view.plane.hasFocus)
    owner.put([(5, 5, 1)])
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Up):
        qtbot.keyClick(view.plane, key)
    qtbot.keyClick(view.plane, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(view.plane, Qt.Key.Key_Return)
    assert owner.rows[-1] == (0.5, -0.75, 0)
    assert "x₁ 0.50  x₂ −0.75" in texts(view)
    qtbot.keyClick(view.plane, Qt.Key.Key_Delete)
    assert owner.rows == [(5, 5, 1)]
    assert owner.asked[0][-1] != owner.asked[1][-1]


def test_the_crosshair_shows_for_the_keyboard_alone_and_stays_on_the_plane(view, owner, qtbot):
    view.show_frame(frame())
    owner.put([(5, 5, 1)])
    bare = seen_around(view, 0, 0)
    click(view, (-5, -5))
    assert seen_around(view, 0, 0) == bare
    qtbot.keyClick(view.plane, Qt.Key.Key_Left)
    qtbot.keyClick(view.plane, Qt.Key.Key_Right)
    assert seen_around(view, 0, 0) != bare
    hover(view, (3, 3))
    click(view, (-5, -4))
    assert seen_around(view, 0, 0) == bare
    for _ in range(9):
        qtbot.keyClick(view.plane, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    assert "x₁ 0.00  x₂ 6.00" in texts(view)


def test_everything_operable_has_a_name_and_a_tip(view):
    for tool_button in view.findChildren(QToolButton):
        assert tool_button.accessibleName()
        assert tool_button.toolTip()
    assert view.plane.accessibleName()
