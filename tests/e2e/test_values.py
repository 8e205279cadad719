"""Values and curves: a surface is learned and a curve drawn by hand is fitted, as a person does both, and kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QLabel

from engine.training import Points, Run, activations_at, load_project
from engine.training.spec.places import BIAS, ParameterPlace
from playground.runtime.frame import Frame, Status
from tests.e2e.conftest import InTurn, User
from tests.e2e.dialogs import answering, file
from tests.e2e.test_by_hand import bits
from tests.e2e.test_drawing_board import see_the_area, turn_wheel
from tests.e2e.test_files import open_file, wait_until_saved

CONTROL = Qt.KeyboardModifier.ControlModifier


def figure(user: User, name: str) -> float:
    """What the transport bar says under a name."""
    return float(user.named(name, QLabel).text().replace("−", "-"))


def choose_set(user: User, kind: str, dataset: str) -> None:
    """Choose a dataset of a kind in the data panel, and the network that learns it."""
    user.press(kind)
    user.press(dataset)
    user.window.editor.use_preset()
    user.window.setFocus()
    user.settle()


def train_until(user: User, r2: float) -> Frame:
    """Train as fast as it goes, until the window says that the test points are met so well, or for lack of any the
    training points."""
    for _ in range(10):
        user.key(Qt.Key.Key_BracketRight)
    user.key(Qt.Key.Key_Space)
    which = "Test R²" if user.frame.test is not None else "Train R²"
    user.wait(lambda: figure(user, which) >= r2)
    user.key(Qt.Key.Key_Space)
    user.wait_for(Status.PAUSED)
    return user.settle()


def height_at(frame: Frame, x: NDArray[np.float64]) -> NDArray[np.float64]:
    """The curve that is drawn, over places (n,) of the line."""
    seen = frame.seen
    assert seen.fit is not None
    middles = seen.area.left + (np.arange(len(seen.fit)) + 0.5) * seen.area.side / len(seen.fit)
    return np.interp(x, middles, seen.fit)


def steps(user: User, count: int) -> Frame:
    """So many steps, by the key."""
    end = user.settle().step + count
    user.window.setFocus()
    for _ in range(count):
        user.key(Qt.Key.Key_S)
    user.wait_for_step(end)
    return user.settle()


def now(user: User) -> Points:
    return user.window.document.experiment.data.arrays


def a_surface_is_learned_and_the_window_says_how_well(user: User) -> None:
    choose_set(user, "Values", "Saddle")
    assert user.named("Values", QAbstractButton).isChecked()
    frame = train_until(user, 0.9)
    assert frame.test is not None
    assert figure(user, "Test R²") == pytest.approx(frame.test.quality, abs=1e-3)  # 1.000 is for none that is missed
    middles = np.array([[4.0, 4.0], [4.0, -4.0], [-4.0, 4.0], [-4.0, -4.0]])
    heights = [frame.activation(-1, 0, place) for place in middles]
    assert np.sign(heights).tolist() == [1, -1, -1, 1]
    texts = [label.text() for label in user.window.output.findChildren(QLabel)]
    assert not any("class" in text for text in texts), texts


def a_point_tells_its_value_what_the_network_says_and_the_residual(user: User) -> None:
    choose_set(user, "Values", "Saddle")
    points, plane = now(user), user.window.output.plane
    index = int(np.argmin(np.abs(points.xy).sum(axis=1)))
    user.point_at(plane.viewport(), plane.pixel(*points.xy[index]).toPoint())
    frame = user.settle()
    inputs = points.inputs[[index]]
    said = float(activations_at(frame.experiment, frame.weights, frame.biases, inputs)[-1][0, 0])
    truth = float(points.targets[index])
    words = f"is {truth:.3g}, said {said:.3g}, off {said - truth:+.2g}".replace("-", "−")
    texts = [label.text() for label in user.window.output.findChildren(QLabel) if label.isVisible()]
    assert words in texts, texts


def a_value_beyond_the_colours_is_told_as_it_is(user: User) -> None:
    choose_set(user, "Values", "Saddle")
    plane, rim = user.window.output.plane, np.array([5.9, 5.9])
    user.window.editor.set_values([ParameterPlace(len(user.frame.weights), 0, BIAS)], 50.0)
    user.settle()
    user.point_at(plane.viewport(), plane.pixel(*rim).toPoint())
    texts = [label.text() for label in user.window.output.findChildren(QLabel) if label.isVisible()]
    told = next(float(text.split()[-1]) for text in texts if text.startswith("value "))
    assert told > 40


def a_point_of_a_value_is_drawn_with_the_pencil(user: User) -> None:
    choose_set(user, "Values", "Saddle")
    count = user.points()
    user.press("Value −0.5")
    user.click_plane(3, -2)
    assert user.points() == count + 1
    assert now(user).targets[-1] == -0.5
    np.testing.assert_allclose(now(user).xy[-1], (3, -2), atol=0.05)
    user.key(Qt.Key.Key_5)
    user.click_plane(-3, -2)
    assert now(user).targets[-1] == -1
    assert user.settle().experiment.data.arrays == now(user)
    user.key(Qt.Key.Key_Z, CONTROL)
    user.key(Qt.Key.Key_Z, CONTROL)
    assert user.points() == count


def draw_arch(user: User) -> None:
    """An arch, by one stroke on an empty plane."""
    choose_set(user, "Curve", "Wave")
    user.choose("Erase all points")
    assert user.points() == 0
    x = np.linspace(-4, 4, 60)
    user.drag_plane([(a, 3 - a * a / 4) for a in x.tolist()])
    assert user.points() > 20


def a_curve_drawn_by_hand_is_fitted_and_goes_on_outside(user: User) -> None:
    draw_arch(user)
    points = now(user)
    np.testing.assert_allclose(points.targets, 3 - points.inputs[:, 0] ** 2 / 4, atol=0.3)
    untrained = np.abs(height_at(user.settle(), points.inputs[:, 0]) - points.targets).mean()
    frame = train_until(user, 0.99)
    missed = np.abs(height_at(frame, points.inputs[:, 0]) - points.targets)
    assert missed.mean() < 0.25 < untrained
    turn_wheel(user, (0, 0), -6)
    see_the_area(user)
    assert user.frame.seen.area.left < -8
    x = np.array([-8.0, -7.0, -5.5, 5.5, 7.0, 8.0])  # where no points are, and beyond what was seen
    assert frame.snapshot is not None
    run = Run(frame.experiment)
    run.stand_at(frame.snapshot)
    expected = run.activations(np.stack([x, x * 0], axis=1))[-1][:, 0]
    np.testing.assert_allclose(height_at(user.frame, x), expected, atol=0.15)
    user.key(Qt.Key.Key_0)


def test_values_and_curves_are_learned(play_in_turn: InTurn) -> None:
    play_in_turn(
        a_surface_is_learned_and_the_window_says_how_well,
        a_point_tells_its_value_what_the_network_says_and_the_residual,
        a_value_beyond_the_colours_is_told_as_it_is,
        a_point_of_a_value_is_drawn_with_the_pencil,
        a_curve_drawn_by_hand_is_fitted_and_goes_on_outside,
    )


@pytest.mark.parametrize("kind", ["Values", "Curve"])
def test_a_project_goes_on_to_the_same_bits(play_in_turn: InTurn, tmp_path: Path, kind: str) -> None:
    place = tmp_path / "values.backprop"

    def script(user: User) -> None:
        if kind == "Values":
            choose_set(user, "Values", "Hills")
            user.press("Value 0.5")
            user.click_plane(1, -5)
        else:
            draw_arch(user)
        steps(user, 3)
        with answering(file(place)):
            user.key(Qt.Key.Key_S, CONTROL)
        wait_until_saved(user)
        went_on = steps(user, 3)
        user.forget_edits()
        user.choose("New")
        user.settle()
        open_file(user, place)
        assert user.frame.step == 3
        again = steps(user, 3)
        assert again.experiment == went_on.experiment
        assert bits(again) == bits(went_on)
        assert (again.train, again.test) == (went_on.train, went_on.test)
        alone = load_project(place).run()
        alone.step(3)
        assert {name: array.tobytes() for name, array in alone.snapshot().weights.items()} == bits(again)

    play_in_turn(script)
