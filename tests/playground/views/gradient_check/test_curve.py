"""The picture of the V: marks where they belong, corners told apart, the best step, and h to be dragged."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF
from pytestqt.qtbot import QtBot

from engine.microscope.gradcheck.step_curve import StepCurve, StepSweep
from engine.training import RunSnapshot
from playground.ui import theme
from playground.views.gradient_check.chart import LOWEST, TOP
from playground.views.gradient_check.curve import CurvePicture
from tests.frames import frame_of
from tests.playground.conftest import LEFT, heard
from tests.playground.views.gradient_check.conftest import experiment, has_colour, mouse, with_weights

PRESS, MOVE, RELEASE = QEvent.Type.MouseButtonPress, QEvent.Type.MouseMove, QEvent.Type.MouseButtonRelease


@pytest.fixture
def picture(show: Callable[[Any], Any]) -> CurvePicture:
    result = CurvePicture()
    result.resize(500, 400)
    result.show_step(-6.0)
    return show(result)


def curve_of(snapshot: RunSnapshot | None, row: int) -> StepCurve:
    assert snapshot is not None
    sweep = StepSweep(snapshot, row)
    sweep.advance(100)
    assert sweep.curve is not None
    return sweep.curve


def test_every_measured_error_has_its_mark_in_its_place(picture: CurvePicture) -> None:
    curve = curve_of(frame_of(experiment("tanh"), steps=5).snapshot, 1)
    far = abs(np.log10(curve.steps) + 6) > 0.5  # beside the line of h
    picture.show_curve(curve, 1.0, "layer 1 neuron 1: w₂", False)
    image = picture.grab().toImage()
    seen = 0
    for step, error in zip(curve.steps[far], curve.errors[far], strict=True):
        if error > 0:
            at = QPointF(picture.x_of(math.log10(step)), picture.y_of(math.log10(error)))
            assert has_colour(image, at, theme.colour("muted"))
            seen += 1
    assert seen > 40


def test_the_axis_is_of_h_and_not_of_the_step_that_a_large_weight_takes(picture: CurvePicture) -> None:
    curve = curve_of(frame_of(experiment("tanh"), steps=5).snapshot, 1)
    picture.show_curve(curve, 1.0, "w", False)
    before = picture.grab().toImage()
    picture.show_curve(replace(curve, steps=250 * curve.steps, best_step=250 * curve.best_step), 250.0, "w", False)
    assert picture.grab().toImage() == before


def test_a_corner_is_a_hollow_mark(picture: CurvePicture) -> None:
    frame = with_weights(frame_of(experiment("relu")), w0=np.zeros((3, 2)), b0=np.full(3, 0.02), w2=np.ones((1, 3)))
    curve = curve_of(frame.snapshot, 6)
    assert curve.corners.tolist() == (curve.steps > 0.02).tolist()
    picture.show_curve(curve, 1.0, "b", False)
    image = picture.grab().toImage()
    last = QPointF(picture.x_of(-1), picture.y_of(math.log10(curve.errors[0])))
    assert has_colour(image, last, theme.colour("panel"), reach=0)
    plain = replace(curve, corners=np.zeros_like(curve.corners))
    picture.show_curve(plain, 1.0, "b", False)
    assert has_colour(picture.grab().toImage(), last, theme.colour("muted"), reach=0)


def test_an_error_of_zero_lies_on_the_floor(picture: CurvePicture) -> None:
    frame = with_weights(frame_of(experiment("relu")), w0=np.zeros((3, 2)), b0=np.full(3, -1.0))
    curve = curve_of(frame.snapshot, 0)
    picture.show_curve(curve, 1.0, "w", True)
    image = picture.grab().toImage()
    for exponent in (-13, -10, -3):
        assert has_colour(image, QPointF(picture.x_of(exponent), picture.y_of(LOWEST)), theme.colour("muted"))


def test_h_follows_the_hand_and_stays_in_its_range(picture: CurvePicture) -> None:
    dragged = heard(picture.dragged)
    y = picture.area.center().y()
    mouse(picture, PRESS, QPointF(picture.x_of(-6) + 3, y), LEFT)
    mouse(picture, MOVE, QPointF(picture.x_of(-9), y), LEFT)
    mouse(picture, MOVE, QPointF(0, y), LEFT)
    mouse(picture, MOVE, QPointF(picture.width() + 50, y), LEFT)
    mouse(picture, RELEASE, QPointF(picture.x_of(-9), y), LEFT)
    mouse(picture, MOVE, QPointF(picture.x_of(-3), y))
    values = [value for (value,) in dragged]
    assert values[1:] == [pytest.approx(-9, abs=0.01), -14, -1]
    assert values[0] == pytest.approx(-6, abs=0.2)
    mouse(picture, PRESS, QPointF(picture.x_of(-10), y), LEFT)  # far from the line: the hand has let go of it
    mouse(picture, MOVE, QPointF(picture.x_of(-11), y), LEFT)
    assert len(dragged) == len(values)


def test_a_hand_that_takes_hold_far_from_the_line_drags_nothing(picture: CurvePicture) -> None:
    dragged = heard(picture.dragged)
    far = QPointF(picture.x_of(-10), picture.area.center().y())
    mouse(picture, PRESS, far, LEFT)
    mouse(picture, MOVE, far + QPointF(30, 0), LEFT)
    assert not dragged


def test_the_line_of_h_stands_where_it_is_set(picture: CurvePicture) -> None:
    for exponent in (-13.0, -2.5):
        picture.show_step(exponent)
        image = picture.grab().toImage()
        assert has_colour(image, QPointF(picture.x_of(exponent), TOP + 60), theme.colour("accent"))


def test_the_best_step_is_marked_where_theory_has_it(picture: CurvePicture) -> None:
    curve = curve_of(frame_of(experiment("tanh"), steps=5).snapshot, 1)
    pictures = []
    for best in (None, curve.best_step):
        picture.show_curve(replace(curve, best_step=best), 1.0, "w", False)
        pictures.append(picture.grab().toImage())
    without, with_line = pictures
    rows = range(round(picture.area.top()) + 34, round(picture.area.bottom()) - 10)  # below its name
    columns = {x for x in range(picture.width()) for y in rows if without.pixel(x, y) != with_line.pixel(x, y)}
    assert columns
    assert max(abs(x - picture.x_of(math.log10(curve.best_step))) for x in columns) <= 1.5


def test_what_has_no_curve_says_so_and_an_absolute_error_is_called_one(picture: CurvePicture, qtbot: QtBot) -> None:
    picture.show_nothing()
    empty = picture.grab().toImage()
    picture.show_curve(None, 1.0, "output: b", False)
    assert "output: b" in picture.accessibleDescription()
    assert picture.grab().toImage() != empty
    picture.show_curve(None, 1.0, "output: b", True)
    assert picture.accessibleDescription().startswith("Error (the derivative is 0)")
