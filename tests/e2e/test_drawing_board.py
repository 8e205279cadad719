"""Drawing board: pencils, selections, the clipboard, and where one looks."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from engine.training import Points, Run
from playground.runtime.area import WHOLE
from playground.runtime.frame import Status
from playground.runtime.pictures import grid
from playground.views.plane.toolbox import FamilyButton
from tests.e2e.conftest import LEFT, InTurn, User

CONTROL, SHIFT, MIDDLE = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.MouseButton.MiddleButton,
)
CORNERS = [(-4.0, -4.0), (-4.0, -2.0), (-2.0, -4.0), (-2.0, -2.0)]  # of a square in the lower left quarter
AWAY = (4.0, 4.0)


def now(user: User) -> Points:
    """The points as they are."""
    return user.window.document.experiment.data.arrays


def undo(user: User) -> None:
    user.key(Qt.Key.Key_Z, CONTROL)


def draw_square(user: User) -> None:
    """Four points in a square, and one far from them."""
    user.choose("Erase all points")
    for place in (*CORNERS, AWAY):
        user.click_plane(*place)


def take_square(user: User) -> None:
    """The same, with the square selected."""
    draw_square(user)
    user.key(Qt.Key.Key_B)
    user.drag_plane([(-5, -5), (-3, -1), (-1, -1)])
    assert selected(user) == [0, 1, 2, 3]


def selected(user: User) -> list[int]:
    return user.window.output.plane.selection.indices.tolist()


def turn_wheel(user: User, at: tuple[float, float], notches: int, held: Qt.KeyboardModifier | None = None) -> None:
    """Turn the wheel over a place of the plane."""
    view = user.window.output.plane.viewport()
    spot = user.window.output.plane.pixel(*at)
    nothing, none = Qt.MouseButton.NoButton, Qt.ScrollPhase.NoScrollPhase
    held = held or Qt.KeyboardModifier.NoModifier
    event = QWheelEvent(spot, view.mapToGlobal(spot), QPoint(), QPoint(0, 120 * notches), nothing, held, none, False)
    QApplication.sendEvent(view, event)


def said(user: User) -> list[str]:
    """The words in and below the plane."""
    return [label.text() for label in user.window.output.findChildren(QLabel) if label.isVisible()]


# ── pencils ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def each_pencil_draws_where_it_was_dragged_and_one_undo_takes_all_of_it(user: User) -> None:
    user.choose("Erase all points")
    user.key(Qt.Key.Key_2)
    for key, least in ((Qt.Key.Key_A, 10), (Qt.Key.Key_I, 12), (Qt.Key.Key_F, 50), (Qt.Key.Key_C, 50)):
        user.key(key)
        user.drag_plane([(-2, -1), (0, 0), (2, 1)])
        points = now(user)
        assert len(points) >= least
        assert set(points.labels.tolist()) == {1}
        assert (np.abs(points.xy) <= (3, 2)).all()
        undo(user)
        assert user.points() == 0


def a_line_is_straight_and_even_from_end_to_end(user: User) -> None:
    user.choose("Erase all points")
    user.key(Qt.Key.Key_I)
    user.drag_plane([(-4, 2), (0, -5), (4, 2)])
    xy = now(user).xy
    np.testing.assert_allclose(xy[:, 1], 2, atol=0.05)
    np.testing.assert_allclose(np.diff(xy[:, 0]), np.diff(xy[:, 0]).mean(), atol=1e-6)
    assert xy[-1, 0] > 3.5


def an_outline_is_filled_inside_alone(user: User) -> None:
    user.choose("Erase all points")
    user.key(Qt.Key.Key_U)
    user.drag_plane([(-4, -4), (4, -4), (4, 4), (3, 4), (3, -3), (-4, -3)])  # the form of an L, mirrored
    x1, x2 = now(user).xy.T
    assert len(x1) == 50
    assert ((x1 > 2.9) | (x2 < -2.9)).all()


def points_are_held_back_as_long_as_the_switch_is_on(user: User) -> None:
    user.choose("Erase all points")
    user.key(Qt.Key.Key_T)
    user.click_plane(1, 1)
    user.key(Qt.Key.Key_T)
    user.click_plane(2, 2)
    assert now(user).test.tolist() == [True, False]
    button: FamilyButton = user.named("Draw points", FamilyButton)
    switch = next(action for action in button.choices.actions() if action.isCheckable() and not action.actionGroup())
    switch.trigger()  # the same one, in the menu
    user.click_plane(3, 3)
    switch.trigger()
    user.click_plane(3, -3)
    assert now(user).test.tolist() == [True, False, True, False]


def the_button_of_the_pencils_shows_the_others_when_it_is_pressed_again(user: User) -> None:
    user.key(Qt.Key.Key_E)
    user.press("Draw points")
    assert user.window.output.plane.tool == "draw"
    button: FamilyButton = user.named("Draw points", FamilyButton)
    for action in button.choices.actions()[:6]:
        action.trigger()
        assert button.accessibleName() == action.text()
        assert button.isChecked()
    user.key(Qt.Key.Key_D)


def a_wider_brush_erases_more(user: User) -> None:
    user.choose("Erase all points")
    user.click_plane(0, 0)
    user.key(Qt.Key.Key_E)
    user.click_plane(1.4, 0)
    assert user.points() == 1
    turn_wheel(user, (1.4, 0), 6, SHIFT)
    assert user.window.output.plane.area == WHOLE
    user.click_plane(1.4, 0)
    assert user.points() == 0
    for _ in range(6):
        user.key(Qt.Key.Key_G, SHIFT)


def a_stroke_is_given_up_by_escape(user: User) -> None:
    user.choose("Erase all points")
    plane = user.window.output.plane
    plane.setFocus()
    user.key(Qt.Key.Key_F)
    send = QMouseEvent
    for kind, at, button in (
        (QEvent.Type.MouseButtonPress, (-3, -3), LEFT),
        (QEvent.Type.MouseMove, (3, 3), Qt.MouseButton.NoButton),
    ):
        spot = plane.pixel(*at)
        event = send(kind, spot, plane.viewport().mapToGlobal(spot), button, LEFT, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(plane.viewport(), event)
    user.key(Qt.Key.Key_Escape)
    user.drag(plane.viewport(), [plane.pixel(20, 20)], Qt.MouseButton.LeftButton)
    assert user.points() == 0


def test_pencils(play_in_turn: InTurn) -> None:
    play_in_turn(
        each_pencil_draws_where_it_was_dragged_and_one_undo_takes_all_of_it,
        a_line_is_straight_and_even_from_end_to_end,
        an_outline_is_filled_inside_alone,
        points_are_held_back_as_long_as_the_switch_is_on,
        the_button_of_the_pencils_shows_the_others_when_it_is_pressed_again,
        a_wider_brush_erases_more,
        a_stroke_is_given_up_by_escape,
    )


# ── selections ───────────────────────────────────────────────────────────────────────────────────────────────────────


def what_is_selected_moves_together_and_one_undo_puts_it_back(user: User) -> None:
    take_square(user)
    before = now(user).xy
    user.drag_plane([(-3, -3), (-1, -2), (0, -1)])
    np.testing.assert_allclose(now(user).xy - before, [(3, 2)] * 4 + [(0, 0)], atol=1e-6)
    undo(user)
    np.testing.assert_array_equal(now(user).xy, before)
    assert selected(user) == [0, 1, 2, 3], "the same points, where they were"


def a_corner_of_the_box_scales(user: User) -> None:
    take_square(user)
    plane = user.window.output.plane
    box = plane.selection.box()
    assert box is not None
    low, high = box
    user.drag_plane([tuple(high), tuple(high + 1), tuple(low + 2 * (high - low))])
    xy = now(user).xy
    np.testing.assert_allclose(np.ptp(xy[:4], axis=0), 4, atol=0.1)
    np.testing.assert_allclose(xy[4], AWAY, atol=0.05)
    undo(user)
    np.testing.assert_allclose(np.ptp(now(user).xy[:4], axis=0), 2, atol=0.1)


def a_lasso_takes_what_it_goes_around_and_shift_adds_to_it(user: User) -> None:
    draw_square(user)
    user.key(Qt.Key.Key_O)
    user.drag_plane([(-5, -5), (-0.5, -5), (-5, -0.5)])  # a triangle, without the corner at (-2, -2)
    assert selected(user) == [0, 1, 2]
    plane = user.window.output.plane
    spot = plane.pixel(*AWAY).toPoint()
    QTest.mouseClick(plane.viewport(), LEFT, SHIFT, spot)
    assert selected(user) == [0, 1, 2, 4]
    user.click_plane(0, 5)
    assert selected(user) == []


def the_keyboard_alone_selects_moves_relabels_and_deletes(user: User) -> None:
    draw_square(user)
    user.window.output.plane.setFocus(Qt.FocusReason.TabFocusReason)
    before = now(user).xy
    user.key(Qt.Key.Key_A, CONTROL)
    assert selected(user) == [0, 1, 2, 3, 4]
    user.key(Qt.Key.Key_Right)
    np.testing.assert_allclose(now(user).xy - before, [(0.25, 0)] * 5)
    user.key(Qt.Key.Key_3)
    assert now(user).labels.tolist() == [2] * 5
    assert user.window.output.plane.tool == "select", "it is for the points, and not for the pencil"
    user.key(Qt.Key.Key_Delete)
    assert user.points() == 0
    undo(user)
    assert user.points() == 5
    undo(user)
    assert now(user).labels.tolist() == [0] * 5
    undo(user)
    np.testing.assert_array_equal(now(user).xy, before)


def escape_selects_nothing_and_so_does_a_pencil(user: User) -> None:
    take_square(user)
    user.window.output.plane.setFocus()
    user.key(Qt.Key.Key_Escape)
    assert selected(user) == []
    user.key(Qt.Key.Key_A, CONTROL)
    user.key(Qt.Key.Key_D)
    assert selected(user) == []


def a_held_arrow_key_is_one_edit(user: User) -> None:
    take_square(user)
    plane, before = user.window.output.plane, now(user).xy
    plane.setFocus()
    for repeats in (False, True, True):
        event = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Up, Qt.KeyboardModifier.NoModifier, "", repeats)
        QApplication.sendEvent(plane, event)
    np.testing.assert_allclose((now(user).xy - before)[:4], [(0, 0.75)] * 4, atol=1e-9)
    undo(user)
    np.testing.assert_array_equal(now(user).xy, before)


def copies_lie_beside_what_they_are_of_and_are_selected(user: User) -> None:
    take_square(user)
    user.key(Qt.Key.Key_D, CONTROL)
    assert (user.points(), selected(user)) == (9, [5, 6, 7, 8])
    apart = now(user).xy[5:] - now(user).xy[:4]
    assert (np.abs(apart) > 0.1).all()
    np.testing.assert_allclose(apart, apart[[0] * 4], atol=1e-9)


def jitter_shakes_what_is_selected_and_nothing_else(user: User) -> None:
    take_square(user)
    before = now(user).xy
    user.key(Qt.Key.Key_J)
    apart = np.hypot(*(now(user).xy - before).T)
    assert (apart[:4] > 0).all()
    assert apart[4] == 0
    assert apart.max() < 1
    undo(user)
    np.testing.assert_array_equal(now(user).xy, before)


def without_a_selection_it_says_what_to_do_first(user: User) -> None:
    user.key(Qt.Key.Key_J)
    assert "select points first" in user.window.notice.text()


def what_is_shown_below_counts_the_selection(user: User) -> None:
    take_square(user)
    QApplication.sendEvent(user.window.output.plane, QEvent(QEvent.Type.Leave))
    assert any(text.startswith("4 selected") for text in said(user))


def test_selections(play_in_turn: InTurn) -> None:
    play_in_turn(
        what_is_selected_moves_together_and_one_undo_puts_it_back,
        a_corner_of_the_box_scales,
        a_lasso_takes_what_it_goes_around_and_shift_adds_to_it,
        the_keyboard_alone_selects_moves_relabels_and_deletes,
        escape_selects_nothing_and_so_does_a_pencil,
        a_held_arrow_key_is_one_edit,
        copies_lie_beside_what_they_are_of_and_are_selected,
        jitter_shakes_what_is_selected_and_nothing_else,
        without_a_selection_it_says_what_to_do_first,
        what_is_shown_below_counts_the_selection,
    )


# ── the clipboard ────────────────────────────────────────────────────────────────────────────────────────────────────


def points_go_over_the_clipboard_and_back_as_cells(user: User) -> None:
    take_square(user)
    user.window.output.plane.setFocus()
    user.key(Qt.Key.Key_C, CONTROL)
    header, *rows = QGuiApplication.clipboard().text().splitlines()
    assert header == "x1\tx2\tclass\ttest"
    assert [row.split("\t")[2:] for row in rows] == [["1", "0"]] * 4
    user.choose("Erase all points")
    user.key(Qt.Key.Key_V, CONTROL)
    np.testing.assert_allclose(now(user).xy, CORNERS, atol=0.05)
    assert selected(user) == [0, 1, 2, 3]
    user.drag_plane([(-3, -3), (0, 0)])
    np.testing.assert_allclose(now(user).xy, np.array(CORNERS) + 3, atol=0.1)


def cells_of_a_spreadsheet_paste_as_points(user: User) -> None:
    user.choose("Erase all points")
    QGuiApplication.clipboard().setText("1\t2\n-3.5\t7\t2\n0\t0\t1\t1\n")
    user.key(Qt.Key.Key_V, CONTROL)
    assert now(user).rows() == [[1, 2, 0, 0], [-3.5, 7, 1, 0], [0, 0, 0, 1]]
    assert "1 point outside" in said(user)
    undo(user)
    assert user.points() == 0


def what_is_cut_is_gone_and_pastes_again(user: User) -> None:
    take_square(user)
    user.choose("Cut")
    np.testing.assert_allclose(now(user).xy, [AWAY], atol=0.05)
    user.choose("Paste")
    assert user.points() == 5
    undo(user)
    undo(user)
    assert user.points() == 5


def what_is_no_points_is_refused_in_one_line_and_nothing_is_lost(user: User) -> None:
    before = user.window.document.experiment
    for text, words in (
        ("1\tthree\n", "row 1 x2: 'three'"),
        ("1\t2000\n", "row 1 x2: 2000"),
        ("1\t2\t12\n", "row 1 class: 12"),
        ("1\tnan\n", "row 1 x2: nan"),
        ("1\t2\t1\t0\t9\n", "number of cells in row 1: 5"),
    ):
        QGuiApplication.clipboard().setText(text)
        user.key(Qt.Key.Key_V, CONTROL)
        notice = user.window.notice.text()
        assert f"Not possible: {words} is not allowed" in notice, notice
        assert "\n" not in notice
    for text in ("", "a letter to a friend"):
        QGuiApplication.clipboard().setText(text)
        user.key(Qt.Key.Key_V, CONTROL)
        assert user.window.notice.text() == "Not possible: copy points, a setup or cells of a spreadsheet first."
    assert user.window.document.experiment == before


def test_clipboard(play_in_turn: InTurn) -> None:
    play_in_turn(
        points_go_over_the_clipboard_and_back_as_cells,
        cells_of_a_spreadsheet_paste_as_points,
        what_is_cut_is_gone_and_pastes_again,
        what_is_no_points_is_refused_in_one_line_and_nothing_is_lost,
    )


# ── where one looks ──────────────────────────────────────────────────────────────────────────────────────────────────


def see_the_area(user: User) -> None:
    """Wait for the picture of what is looked at."""
    user.wait(lambda: user.frame.seen.area == user.window.output.plane.area)


def the_wheel_zooms_where_the_pointer_is_and_the_picture_is_of_what_is_seen(user: User) -> None:
    plane = user.window.output.plane
    spot = plane.pixel(2, 1)
    turn_wheel(user, (2, 1), 6)
    assert plane.area.side < 4
    moved = plane.pixel(2, 1) - spot
    assert moved.manhattanLength() < 0.01
    see_the_area(user)
    run, seen = Run(user.frame.experiment), user.frame.seen
    side = len(seen.boundary)
    labels, _ = run.verdict(run.activations(grid(side, seen.area))[-1])
    np.testing.assert_array_equal((seen.boundary < 128).ravel(), labels == 1)
    turn_wheel(user, (2, 1), -6)
    assert plane.area == WHOLE
    user.wait(lambda: user.frame.close_up is None)


def points_are_drawn_where_one_sees_them_and_those_outside_are_counted(user: User) -> None:
    user.choose("Erase all points")
    user.click_plane(-5, -5)
    plane = user.window.output.plane
    turn_wheel(user, (3, 3), 8)
    assert "1 point outside" in said(user)
    user.click_plane(3.1, 3.2)
    np.testing.assert_allclose(now(user).xy[1], (3.1, 3.2), atol=plane.units(1))
    user.key(Qt.Key.Key_0)
    assert plane.area == WHOLE
    assert not any("outside" in text for text in said(user))


def points_outside_the_first_plane_can_be_drawn_and_learned(user: User) -> None:
    turn_wheel(user, (0, 0), -4)
    user.click_plane(11, -11)
    np.testing.assert_allclose(now(user).xy[-1], (11, -11), atol=0.1)
    user.key(Qt.Key.Key_S)
    user.wait_for_step(1)
    user.key(Qt.Key.Key_0)
    assert "1 point outside" in said(user)


def the_middle_button_pans_and_twice_goes_back(user: User) -> None:
    plane, before = user.window.output.plane, user.points()
    user.drag_plane([(0, 0), (2, 1)], MIDDLE)
    np.testing.assert_allclose(plane.area.low, (-8, -7), atol=0.05)
    assert user.points() == before
    see_the_area(user)
    middle = plane.pixel(0, 0).toPoint()
    QTest.mouseDClick(plane.viewport(), MIDDLE, Qt.KeyboardModifier.NoModifier, middle)
    QTest.mouseRelease(plane.viewport(), MIDDLE, Qt.KeyboardModifier.NoModifier, middle)
    assert plane.area == WHOLE


def space_pans_while_the_button_is_down_and_trains_else(user: User) -> None:
    plane, before = user.window.output.plane, user.points()
    plane.setFocus()
    user.point_at(plane.viewport(), plane.pixel(0, 0).toPoint())
    QTest.keyPress(plane, Qt.Key.Key_Space)
    user.drag_plane([(0, 0), (-3, 0)])
    QTest.keyRelease(plane, Qt.Key.Key_Space)
    np.testing.assert_allclose(plane.area.low, (-3, -6), atol=0.05)
    assert user.points() == before
    assert user.settle().status is Status.READY
    user.key(Qt.Key.Key_Space)
    user.wait_for_step(2)
    user.key(Qt.Key.Key_Space)
    user.wait_for(Status.PAUSED)
    user.key(Qt.Key.Key_0)


def space_over_the_plane_pans_whoever_has_the_keyboard(user: User) -> None:
    plane, window = user.window.output.plane, user.window
    window.network.setFocus()
    user.point_at(plane.viewport(), plane.pixel(0, 0).toPoint())
    step = user.settle().step
    QTest.keyPress(window.windowHandle(), Qt.Key.Key_Space)
    user.drag_plane([(0, 0), (-3, 0)])
    QTest.keyRelease(window.windowHandle(), Qt.Key.Key_Space)
    np.testing.assert_allclose(plane.area.low, (-3, -6), atol=0.05)
    assert window.network.hasFocus(), "it was only borrowed"
    assert user.settle().step == step
    user.key(Qt.Key.Key_0)
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_Space)
    user.wait_for_step(step + 1)
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_Space)
    user.wait_for(Status.PAUSED)
    assert window.network.hasFocus()


def the_keyboard_zooms_and_pans(user: User) -> None:
    plane = user.window.output.plane
    plane.setFocus()
    for key in (Qt.Key.Key_Plus, Qt.Key.Key_Z):
        side = plane.area.side
        user.key(key)
        assert plane.area.side < side
    left = plane.area.left
    user.key(Qt.Key.Key_Left, CONTROL)
    assert plane.area.left < left
    user.key(Qt.Key.Key_Right, CONTROL)
    user.key(Qt.Key.Key_Minus)
    user.key(Qt.Key.Key_Z, SHIFT)
    assert plane.area == WHOLE


def what_it_says_at_a_place_is_right_at_any_size(user: User) -> None:
    plane = user.window.output.plane
    turn_wheel(user, (0, 0), 12)
    see_the_area(user)
    spot = plane.pixel(0.2, -0.1).toPoint()
    place = plane.place(QPointF(spot))
    user.point_at(plane.viewport(), spot)
    run = Run(user.frame.experiment)
    label = int(run.verdict(run.activations(place[None])[-1])[0][0])
    assert any(text.startswith(f"class {label + 1}") for text in said(user))
    (readout,) = (text for text in said(user) if text.startswith("x₁"))
    x1, x2 = readout.replace("−", "-").removeprefix("x₁ ").split("  x₂ ")
    np.testing.assert_allclose([float(x1), float(x2)], place, atol=plane.units(1))
    assert len(x1.partition(".")[2]) == 3, "to one more digit than of the whole plane"
    user.key(Qt.Key.Key_0)


def it_zooms_while_it_trains(user: User) -> None:
    user.key(Qt.Key.Key_Space)
    user.wait_for_step(3)
    turn_wheel(user, (1, 1), 3)
    see_the_area(user)
    user.wait_for_step(user.frame.step + 3)
    assert user.frame.seen.area == user.window.output.plane.area
    user.key(Qt.Key.Key_0)


def test_where_one_looks(play_in_turn: InTurn) -> None:
    play_in_turn(
        the_wheel_zooms_where_the_pointer_is_and_the_picture_is_of_what_is_seen,
        points_are_drawn_where_one_sees_them_and_those_outside_are_counted,
        points_outside_the_first_plane_can_be_drawn_and_learned,
        the_middle_button_pans_and_twice_goes_back,
        space_pans_while_the_button_is_down_and_trains_else,
        space_over_the_plane_pans_whoever_has_the_keyboard,
        the_keyboard_zooms_and_pans,
        what_it_says_at_a_place_is_right_at_any_size,
        it_zooms_while_it_trains,
    )
