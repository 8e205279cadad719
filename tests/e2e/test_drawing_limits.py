"""Drawing where it might go wrong: the edges of the plane, the last point, one point too many, every class."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt

from engine.training import DRAWN, MAX_POINTS, Data, Points
from playground.runtime.area import WHOLE
from playground.runtime.frame import Status
from playground.views.plane.brush import Brush
from tests.e2e.conftest import RIGHT, InTurn, User

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
BRUSH = Brush().eraser * WHOLE.side  # units
PIXEL = 0.04  # in units of the plane


def many(count: int) -> Data:
    """So many points of two classes, for training, in the upper half."""
    xy = np.column_stack([np.linspace(-5, 5, count), np.full(count, 3.0)])
    return Data(DRAWN, points=Points(xy, np.arange(count) % 2, np.zeros(count)))


def rows(user: User) -> list[tuple[float, float, int]]:
    """The points as they are now, rounded to what the mouse can tell apart."""
    points = user.window.document.experiment.data.arrays
    table = zip(points.xy.round(1).tolist(), points.labels.tolist(), strict=True)
    return [(x1, x2, label) for (x1, x2), label in table]


def empty(user: User) -> None:
    """Begin with an empty plane that trains as soon as it has points."""
    user.choose("Erase all points")
    user.key(Qt.Key.Key_Space)
    user.wait(lambda: user.frame.status is Status.WAITING and user.frame.training)


def undo(user: User) -> None:
    user.key(Qt.Key.Key_Z, CONTROL)


def redo(user: User) -> None:
    user.key(Qt.Key.Key_Z, CONTROL | SHIFT)


def every_class_has_its_key(user: User) -> None:
    user.choose("Erase all points")
    for label in range(9):
        user.key(Qt.Key(Qt.Key.Key_1 + label))
        user.click_plane(label - 4, 0)
    assert [label for _, _, label in rows(user)] == list(range(9))
    user.click_plane(0, 1, RIGHT)  # of nine there is no other one to draw, but a menu
    user.key(Qt.Key.Key_Escape)
    user.window.activateWindow()  # as a window manager would
    assert len(rows(user)) == 9
    assert user.settle().experiment.outputs == 9
    for _ in range(9):
        undo(user)
    assert rows(user) == []
    assert user.settle().experiment.outputs == 1


def a_class_that_is_chosen_and_not_drawn_changes_no_network(user: User) -> None:
    user.key(Qt.Key.Key_5)
    assert user.settle().experiment.outputs == 1
    assert not user.window.document.is_modified


def a_point_that_is_carried_beyond_the_plane_stays_at_its_edge(user: User) -> None:
    empty(user)
    user.click_plane(1, 1)
    user.click_plane(-1, -1, RIGHT)
    user.wait_for_step(3)
    user.key(Qt.Key.Key_V)
    user.drag_plane([(-1, -1), (-4, -2), (-9, -2)])
    assert rows(user) == [(1, 1, 0), (-6, -2, 1)]
    user.drag_plane([(0, 3), (1, 3)])  # where there is nothing to take hold of
    assert len(rows(user)) == 2
    undo(user)
    assert rows(user) == [(1, 1, 0), (-1, -1, 1)]
    redo(user)
    np.testing.assert_array_equal(user.settle().experiment.data.arrays.xy[1, 0], -6)
    assert user.frame.status is Status.TRAINING


def a_quick_eraser_takes_what_lies_between_two_events_and_nothing_beside(user: User) -> None:
    empty(user)
    for x1 in range(-5, 6):
        user.click_plane(x1, 0)
    user.click_plane(0, BRUSH + 0.2, RIGHT)
    user.wait_for_step(2)
    user.key(Qt.Key.Key_E)
    user.drag_plane([(-2, 0), (2, 0)])
    assert rows(user) == [(-5, 0, 0), (-4, 0, 0), (-3, 0, 0), (3, 0, 0), (4, 0, 0), (5, 0, 0), (0, 0.7, 1)]
    user.click_plane(0, 0.7)
    assert user.settle().status is Status.WAITING  # with one class alone
    undo(user)
    user.wait(lambda: user.frame.status is Status.TRAINING)  # by itself


def erasing_to_the_last_point_and_back(user: User) -> None:
    user.key(Qt.Key.Key_E)
    user.drag_plane([(-6, x2) if i % 2 else (6, x2) for i, x2 in enumerate(np.arange(-6, 6.4, 0.4))])
    assert rows(user) == []
    assert user.settle().status is Status.WAITING
    undo(user)
    assert len(rows(user)) == 500
    assert not user.window.document.is_modified


def a_stroke_that_leaves_the_plane_paints_only_within(user: User) -> None:
    before = user.points()
    user.drag_plane([(5.5, 5.5), (9, 5.5), (9, 9), (5.5, 9)])
    xy = user.window.document.experiment.data.arrays.xy
    assert np.abs(xy).max() <= 6
    assert user.points() > before


def test_classes_and_what_the_tools_do_at_the_edges(play_in_turn: InTurn) -> None:
    play_in_turn(
        every_class_has_its_key,
        a_class_that_is_chosen_and_not_drawn_changes_no_network,
        a_point_that_is_carried_beyond_the_plane_stays_at_its_edge,
        a_quick_eraser_takes_what_lies_between_two_events_and_nothing_beside,
        erasing_to_the_last_point_and_back,
        a_stroke_that_leaves_the_plane_paints_only_within,
        the_corners_of_the_plane_can_be_reached,
    )


def the_corners_of_the_plane_can_be_reached(user: User) -> None:
    for corner in ((5.98, 5.98), (-5.98, 5.98), (5.98, -5.98), (-5.98, -5.98)):
        user.click_plane(*corner)
        assert user.points() == 501
        np.testing.assert_allclose(user.window.document.experiment.data.arrays.xy[-1], corner, atol=PIXEL)
        undo(user)


def two_quick_clicks_are_two_points_and_two_edits(user: User) -> None:
    user.click_plane(1, 1)
    user.click_plane(1, 1)
    assert user.points() == 502
    undo(user)
    assert user.points() == 501


def more_points_than_there_can_be_are_refused_in_words_and_nothing_is_lost(user: User) -> None:
    document = user.window.document
    document.edit(document.experiment.replace(data=many(MAX_POINTS - 3)), "change the number of points")
    user.drag_plane([(-5, 5), (5, 5), (5, -5)])
    assert user.points() == MAX_POINTS  # as many as there was room for
    assert str(MAX_POINTS) in user.window.notice.text()
    user.click_plane(0, 0)
    assert user.points() == MAX_POINTS
    assert user.settle().status is Status.READY
    undo(user)
    assert user.points() == MAX_POINTS - 3
    user.click_plane(0, 0)
    assert user.points() == MAX_POINTS - 2
    assert str(MAX_POINTS) not in user.window.notice.text()


def refuse(user: User) -> None:
    """Ask for what cannot be: a point too many."""
    document = user.window.document
    document.edit(document.experiment.replace(data=many(MAX_POINTS)), "change the number of points")
    user.click_plane(0, 0)
    assert "Not possible" in user.window.notice.text()


def a_refusal_is_said_until_something_else_happens(user: User) -> None:
    refuse(user)
    user.settle()
    assert "Not possible" in user.window.notice.text()
    undo(user)
    user.wait(lambda: "Not possible" not in user.window.notice.text())
    refuse(user)
    user.key(Qt.Key.Key_S)
    user.wait(lambda: "Not possible" not in user.window.notice.text())
    refuse(user)
    user.forget_edits()
    user.choose("Moons")
    user.wait(lambda: "Ready" in user.window.notice.text())


def test_counting_points(play_in_turn: InTurn) -> None:
    play_in_turn(
        two_quick_clicks_are_two_points_and_two_edits,
        more_points_than_there_can_be_are_refused_in_words_and_nothing_is_lost,
        a_refusal_is_said_until_something_else_happens,
    )
