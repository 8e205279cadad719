"""The gradient check in the window: what it says, how it follows h and the run, and what outlives an edit."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt, QTimer
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QLabel, QPushButton, QSlider, QWidget
from pytestqt.qtbot import QtBot

from engine.microscope.gradcheck.check import Verdict
from engine.microscope.gradcheck.kinks import Parameters
from engine.microscope.gradcheck.step_curve import StepSweep
from engine.microscope.graph.expression_graph import Parameter
from engine.training import RunSnapshot
from playground.runtime.frame import Frame, Status
from playground.ui import theme
from playground.views.gradient_check import checker
from playground.views.gradient_check.curve import CurvePicture
from playground.views.gradient_check.dots import DotsPicture
from playground.views.gradient_check.slices import GENTLE, HASTY, Slices
from playground.views.gradient_check.table import RELATIVE, TableView
from playground.views.gradient_check.text import Text
from playground.views.gradient_check.view import GradientCheckView
from tests.frames import frame_of
from tests.playground.conftest import LEFT, heard, in_this_font, named
from tests.playground.views.gradient_check.conftest import (
    WITHOUT_POINTS,
    experiment,
    has_colour,
    mouse,
    settled,
    table_of,
    with_weights,
    wrong_by,
)


@pytest.fixture
def view(show: Callable[[Any], Any]) -> GradientCheckView:
    result = GradientCheckView()
    result.resize(in_this_font(1250), in_this_font(330))
    return show(result)


def text(view: GradientCheckView) -> str:
    return html.unescape(view.findChild(Text).text()).replace("\N{NO-BREAK SPACE}", " ")


def table(view: GradientCheckView) -> TableView:
    return view.findChild(TableView)


def slider(view: GradientCheckView) -> QSlider:
    return named(view, QSlider, "Step h")


def button(view: GradientCheckView, name: str) -> QPushButton:
    return named(view, QPushButton, name)


def shown(view: GradientCheckView, frame: Frame, qtbot: QtBot) -> None:
    """Show a frame, and wait until all of it is there."""
    view.show_frame(frame)
    settled(view, qtbot)


def set_step(view: GradientCheckView, exponent: float, qtbot: QtBot) -> None:
    slider(view).setValue(round((exponent + 14) * 20))
    settled(view, qtbot)


class Engine:
    """This engine's gradients, and the moments that they were asked for."""

    def __init__(self) -> None:
        self.snapshots: list[RunSnapshot] = []

    def __call__(self, snapshot: RunSnapshot) -> Mapping[str, np.ndarray]:
        self.snapshots.append(snapshot)
        return Parameters(snapshot).gradients


def test_it_says_what_is_compared_and_that_all_agree(view: GradientCheckView, qtbot: QtBot) -> None:
    frame = frame_of(experiment("tanh", "tanh"), steps=3)
    shown(view, frame, qtbot)
    assert "(L(w + h) − L(w − h)) / 2h" in text(view)
    assert "25 of 25 derivatives agree with their finite differences." in text(view)
    assert "weight w₁ of layer 1 neuron 1" in text(view)
    expected = table_of(frame)
    for name in ("analytical", "numerical", "verdict", "step"):
        np.testing.assert_array_equal(getattr(table(view).rows.table, name), getattr(expected, name))


def test_before_there_is_a_network_or_a_point_it_says_what_to_do(view: GradientCheckView, qtbot: QtBot) -> None:
    assert "as soon as there is a network" in text(view)
    assert not button(view, "Best h").isEnabled()
    shown(view, frame_of(experiment("tanh")), qtbot)
    assert button(view, "Best h").isEnabled()
    shown(view, frame_of(WITHOUT_POINTS), qtbot)
    assert "draw some or choose a dataset" in text(view)
    assert "agree" not in text(view)
    assert table(view).rows.rowCount() == 0
    assert not button(view, "Best h").isEnabled()


def test_a_planted_error_is_named_and_its_rows_are_marked(view: GradientCheckView, qtbot: QtBot) -> None:
    view.gradients = wrong_by(2, "2.weight")
    frame = frame_of(experiment("tanh", "tanh"))
    shown(view, frame, qtbot)
    assert "all 9 weights of layer 2: 2 times what they should be" in text(view)
    rows = table(view).rows
    for i in range(rows.rowCount()):
        is_culprit = rows.table.name[i] == "2.weight"
        background = rows.data(rows.index(i, 0), Qt.ItemDataRole.BackgroundRole)
        assert rows.data(rows.index(i, 4)) == ("! wrong" if is_culprit else "✓ fine")
        assert (background == theme.colour("warning_surface")) == is_culprit
    qtbot.mouseClick(button(view, "Wrong"), LEFT)
    assert rows.rowCount() == 9
    view.gradients = None  # the error is mended
    shown(view, frame, qtbot)
    assert "25 of 25 derivatives agree" in text(view)
    assert rows.rowCount() == 0


def test_a_kink_is_explained_and_not_called_wrong(view: GradientCheckView, qtbot: QtBot) -> None:
    at_corner = with_weights(frame_of(experiment("relu")), w0=np.zeros((3, 2)), b0=np.zeros(3), w2=np.ones((1, 3)))
    shown(view, at_corner, qtbot)
    assert table(view).rows.table.verdict[0] == Verdict.KINK
    assert "The ReLU of layer 1 neuron 1 stands exactly in its corner" in text(view)
    assert "wrong" not in text(view)
    qtbot.mouseClick(button(view, "Kinks"), LEFT)
    assert table(view).rows.rowCount() == table(view).rows.table.count(Verdict.KINK)


def test_of_a_network_that_has_diverged_nothing_is_a_number(view: GradientCheckView, qtbot: QtBot) -> None:
    shown(view, with_weights(frame_of(experiment("tanh")), w0=np.full((3, 2), np.inf)), qtbot)
    assert "13 of 13 derivatives are not finite numbers" in text(view)
    assert "nan" not in text(view).lower()
    assert not button(view, "Best h").isEnabled()
    view.grab()


def test_the_step_begins_at_1e_minus_6_and_goes_by_keys_from_end_to_end(view: GradientCheckView, qtbot: QtBot) -> None:
    shown(view, frame_of(experiment("tanh")), qtbot)
    assert table(view).rows.table.step.min() == pytest.approx(1e-6, rel=1e-9)
    slider(view).setFocus()
    for key, step in (
        (Qt.Key.Key_PageUp, 1e-5),
        (Qt.Key.Key_Right, 10**-4.75),
        (Qt.Key.Key_End, 1e-1),
        (Qt.Key.Key_Home, 1e-14),
    ):
        qtbot.keyClick(slider(view), key)
        settled(view, qtbot)
        assert table(view).rows.table.step.min() == pytest.approx(step, rel=1e-9)


def test_the_line_in_the_picture_is_the_same_step(view: GradientCheckView, qtbot: QtBot) -> None:
    shown(view, frame_of(experiment("tanh")), qtbot)
    picture = view.findChild(CurvePicture)
    y = picture.area.center().y()
    mouse(picture, QEvent.Type.MouseButtonPress, QPointF(picture.x_of(-6), y), LEFT)
    mouse(picture, QEvent.Type.MouseMove, QPointF(picture.x_of(-3), y), LEFT)
    mouse(picture, QEvent.Type.MouseButtonRelease, QPointF(picture.x_of(-3), y), LEFT)
    settled(view, qtbot)
    assert table(view).rows.table.step.min() == pytest.approx(1e-3, rel=0.06)
    set_step(view, -9, qtbot)
    image = picture.grab().toImage()
    assert has_colour(image, QPointF(picture.x_of(-9), y), theme.colour("accent"))


def test_the_best_step_is_that_of_the_chosen_one_whatever_its_weight(view: GradientCheckView, qtbot: QtBot) -> None:
    frame = with_weights(frame_of(experiment("tanh")), b2=np.array([5.0]))
    shown(view, frame, qtbot)
    for row in (0, 12):
        table(view).setCurrentIndex(table(view).rows.index(row, 0))
        settled(view, qtbot)
        qtbot.mouseClick(button(view, "Best h"), LEFT)
        settled(view, qtbot)
        sweep = StepSweep(frame.snapshot, row)
        half_a_place = 10 ** (1 / 40)
        assert 1 / half_a_place <= table(view).rows.table.step[row] / sweep.curve.best_step <= half_a_place


def test_where_no_step_is_too_large_the_best_is_the_largest(view: GradientCheckView, qtbot: QtBot) -> None:
    parabola = experiment()
    parabola = parabola.replace(training=parabola.training.replace(loss="mse"))
    shown(view, frame_of(parabola), qtbot)
    qtbot.mouseClick(button(view, "Best h"), LEFT)
    assert slider(view).value() == slider(view).maximum()


def test_a_newer_step_cancels_an_older_check(view: GradientCheckView, qtbot: QtBot) -> None:
    shown(view, frame_of(experiment("tanh", "tanh", size=8)), qtbot)
    steps = []
    table(view).rows.modelReset.connect(lambda: steps.append(table(view).rows.table.step.min()))
    for value in range(200, 260, 5):
        slider(view).setValue(value)
    settled(view, qtbot)
    assert steps == [pytest.approx(10 ** (-14 + 255 / 20))]


def test_table_and_dots_choose_the_same_and_tell_the_window(view: GradientCheckView, qtbot: QtBot) -> None:
    shown(view, frame_of(experiment("tanh", "tanh")), qtbot)
    chosen, dots = heard(view.parameter_chosen), view.findChild(DotsPicture)
    table(view).setFocus()
    qtbot.keyClick(table(view), Qt.Key.Key_Down)
    qtbot.mouseClick(dots, LEFT, pos=dots.places()[8].toPoint())
    assert chosen == [(Parameter("0.weight", (0, 1)),), (Parameter("0.bias", (2,)),)]
    assert table(view).currentIndex().row() == 8
    assert has_colour(dots.grab().toImage(), dots.places()[8] + QPointF(0, 7), theme.colour("accent"))
    assert "bias b of layer 1 neuron 3" in text(view)
    settled(view, qtbot)
    assert "bias b of layer 1 neuron 3" in view.findChild(CurvePicture).accessibleDescription()


def test_frames_and_steps_choose_nothing(view: GradientCheckView, qtbot: QtBot) -> None:
    chosen = heard(view.parameter_chosen)
    shown(view, frame_of(experiment("tanh")), qtbot)
    set_step(view, -3, qtbot)
    shown(view, frame_of(experiment("tanh", size=5)), qtbot)
    assert not chosen


def test_another_network_keeps_step_filter_sorting_and_choice(view: GradientCheckView, qtbot: QtBot) -> None:
    shown(view, frame_of(experiment("relu", "relu"), steps=5), qtbot)
    rows = table(view).rows
    set_step(view, -1, qtbot)
    table(view).setCurrentIndex(rows.index(6, 0))  # layer 1 neuron 1: b
    table(view).sortByColumn(RELATIVE, Qt.SortOrder.DescendingOrder)
    qtbot.mouseClick(button(view, "Kinks"), LEFT)
    shown(view, frame_of(experiment("relu", "relu", size=4), steps=5), qtbot)
    assert rows.table.step.min() == pytest.approx(0.1)
    assert set(rows.table.verdict[rows.order]) == {Verdict.KINK}
    assert (np.diff(rows.table.relative[rows.order]) <= 0).all()
    assert "bias b of layer 1 neuron 1" in text(view)
    qtbot.mouseClick(button(view, "All"), LEFT)
    assert rows.order[table(view).currentIndex().row()] == 8
    assert button(view, "All").isChecked()
    shown(view, frame_of(experiment()), qtbot)  # there is a bias of that name, of the output now
    assert "bias b of the output" in text(view)
    shown(view, frame_of(experiment("relu", size=2)), qtbot)
    assert "bias b of layer 1 neuron 1" in text(view)


def test_while_training_it_is_checked_now_and_then_and_at_once_when_paused(
    view: GradientCheckView, qtbot: QtBot
) -> None:
    shown(view, frame_of(experiment("tanh")), qtbot)
    view.gradients = engine = Engine()
    settled(view, qtbot)
    engine.snapshots.clear()
    training = frame_of(experiment("tanh"), status=Status.TRAINING, steps=3)
    view.show_frame(training)
    view.show_frame(training)
    assert not engine.snapshots  # the last check was a moment ago

    def checked() -> bool:
        view.show_frame(training)
        return bool(engine.snapshots)

    qtbot.waitUntil(checked)
    settled(view, qtbot)
    paused = frame_of(experiment("tanh"), steps=7)
    shown(view, paused, qtbot)
    assert engine.snapshots[-1] is paused.snapshot
    np.testing.assert_array_equal(table(view).rows.table.numerical, table_of(paused).numerical)


def test_a_long_check_makes_room_as_soon_as_the_network_trains(view: GradientCheckView, qtbot: QtBot) -> None:
    long = experiment("tanh", "tanh", "tanh", size=40)
    view.show_frame(frame_of(long))
    timer = view.findChild(Slices).findChild(QTimer)
    assert timer.interval() == HASTY.interval
    view.show_frame(frame_of(long, status=Status.TRAINING))
    assert view.findChild(Slices).busy
    assert timer.interval() == GENTLE.interval
    view.hide()


def test_while_training_a_long_check_is_not_begun_anew_before_it_is_done(
    view: GradientCheckView, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checker, "PAUSE", 0.0)
    view.gradients = engine = Engine()
    for steps in (0, 1, 2):
        view.show_frame(frame_of(experiment("tanh", "tanh", "tanh", size=40), status=Status.TRAINING, steps=steps))
    assert len(engine.snapshots) == 1
    view.hide()


def test_nothing_is_done_while_nobody_sees_it_and_all_of_it_when_somebody_does(
    view: GradientCheckView, qtbot: QtBot
) -> None:
    shown(view, frame_of(experiment("tanh")), qtbot)
    view.gradients = engine = Engine()
    settled(view, qtbot)
    engine.snapshots.clear()
    set_step(view, -5, qtbot)
    slider(view).setValue(0)
    view.hide()
    assert not view.findChild(Slices).busy  # the check that was begun is forgotten
    engine.snapshots.clear()
    frame = frame_of(experiment("tanh", "tanh"))
    view.show_frame(frame)
    assert not engine.snapshots
    view.show()
    settled(view, qtbot)
    assert engine.snapshots[0] is frame.snapshot
    assert "25 of 25" in text(view)


def test_the_curve_is_measured_once_however_h_moves(view: GradientCheckView, qtbot: QtBot) -> None:
    shown(view, frame_of(experiment("tanh")), qtbot)
    sweeps = heard(view.findChild(Slices).finished)
    set_step(view, -4, qtbot)
    set_step(view, -5, qtbot)
    assert [type(job).__name__ for (job,) in sweeps] == ["GradientCheck"] * 2


def test_an_engine_under_test_is_asked_once_however_h_moves(view: GradientCheckView, qtbot: QtBot) -> None:
    view.gradients = engine = Engine()
    shown(view, frame_of(experiment("tanh")), qtbot)
    set_step(view, -4, qtbot)
    table(view).setCurrentIndex(table(view).rows.index(3, 0))
    settled(view, qtbot)
    assert len(engine.snapshots) == 1


def test_a_long_check_says_how_far_it_is(view: GradientCheckView, qtbot: QtBot) -> None:
    labels = view.findChildren(QLabel)
    view.show_frame(frame_of(experiment("tanh", "tanh", "tanh", size=40)))
    slider(view).setValue(slider(view).maximum())
    qtbot.waitUntil(lambda: any(label.text().startswith("checking: ") for label in labels))
    assert view.findChild(Slices).busy
    view.hide()
    assert not view.findChild(Slices).busy


def test_whatever_can_be_operated_has_a_name(view: GradientCheckView) -> None:
    operable = [w for w in view.findChildren(QWidget) if w.isVisible() and w.focusPolicy() & Qt.FocusPolicy.TabFocus]
    assert len(operable) >= 7
    for widget in operable:
        interface = QAccessible.queryAccessibleInterface(widget)
        assert interface.text(QAccessible.Text.Name).strip(), widget


def test_nothing_moves_when_other_things_are_said(family: str, view: GradientCheckView, qtbot: QtBot) -> None:
    shown(view, frame_of(experiment("tanh")), qtbot)
    steady = (TableView, CurvePicture, DotsPicture, Text, QPushButton)
    parts = [part for part in view.findChildren(QWidget) if isinstance(part, steady)]
    before = [part.geometry() for part in parts]
    view.gradients = lambda snapshot: {name: 3 * g for name, g in Parameters(snapshot).gradients.items()}
    set_step(view, -13.35, qtbot)
    shown(view, frame_of(experiment("relu", "relu", "tanh", "tanh", size=4), steps=5), qtbot)
    assert [part.geometry() for part in parts] == before


def test_a_long_text_is_reached_by_scrolling(view: GradientCheckView, qtbot: QtBot) -> None:
    words = view.findChild(Text)
    shown(view, frame_of(experiment("tanh")), qtbot)
    assert words.verticalScrollBar().maximum() == 0
    view.gradients = lambda snapshot: {name: g + 1 for name, g in Parameters(snapshot).gradients.items()}
    shown(view, frame_of(experiment(*["tanh"] * 8)), qtbot)
    assert words.verticalScrollBar().maximum() > 0
    assert words.focusPolicy() & Qt.FocusPolicy.TabFocus


def test_the_pictures_stand_side_by_side_or_above_one_another_as_there_is_room(
    view: GradientCheckView, qtbot: QtBot
) -> None:
    curve, dots = (view.findChild(kind) for kind in (CurvePicture, DotsPicture))

    def is_above() -> bool:
        at, other = (widget.mapTo(view, widget.rect().center()) for widget in (curve, dots))
        return at.x() == other.x() and at.y() < other.y()

    for height, expected in ((330, False), (700, True), (480, False)):
        view.resize(1250, height)
        qtbot.waitUntil(lambda expected=expected: is_above() == expected)
        assert dots.height() >= 130


def test_it_fits_a_small_window_and_follows_the_theme(view: GradientCheckView, qtbot: QtBot) -> None:
    assert view.minimumSizeHint().width() <= in_this_font(960)
    assert view.minimumSizeHint().height() <= in_this_font(330)
    shown(view, frame_of(experiment("tanh")), qtbot)
    theme.set_mode(theme.Mode.DARK)
    assert theme.current().muted in text(view).upper()
    dots = view.findChild(DotsPicture)
    assert has_colour(dots.grab().toImage(), dots.places()[4], theme.colour("muted"))
