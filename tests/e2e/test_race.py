"""A race through the window: values are compared in lockstep; one is looked at, kept, undone, saved, opened."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLabel, QLineEdit

from playground.model.branch import RunSummary
from playground.runtime.frame import Status
from playground.ui.number_format import write_loss
from playground.views.loss.plot import LossPlot
from tests.e2e.conftest import User
from tests.e2e.dialogs import answering, file
from tests.e2e.test_runs import List, three_runs
from tests.e2e.test_settings_live import pick
from tests.e2e.test_time import trained

Play = Callable[..., int]


def begin(user: User, values: str = "0.003, 0.03, 0.3") -> None:
    """Type values of the learning rate, and have them race."""
    user.window.inspector.bring("race")
    user.wait(lambda: bool(user.named("Values to compare", QLineEdit).text()))
    user.type_into("Values to compare", values)


def lanes(user: User) -> tuple[RunSummary, ...]:
    return user.frame.lanes


def racing(user: User, step: int) -> None:
    """A race of three learning rates, paused at some step."""
    begin(user)
    user.wait(lambda: len(lanes(user)) == 3)
    user.wait_for_step(step)
    user.window.setFocus()
    user.key(Qt.Key.Key_Space)
    user.wait_for(Status.PAUSED)
    user.settle()


def text(user: User, name: str) -> str:
    label: QLabel = user.named(name, QLabel)
    return label.text()


def rate(user: User) -> float:
    return user.window.document.experiment.training.learning_rate


def test_three_rates_race_and_one_is_kept(play: Play, tmp_path: Path) -> None:
    target = tmp_path / "race.backprop"

    def script(user: User) -> None:
        trained(user, 5)
        racing(user, 30)
        step = user.frame.step
        assert [lane.step for lane in lanes(user)] == [step] * 3
        assert [lane.name for lane in lanes(user)] == [f"learning rate {value}" for value in ("0.003", "0.03", "0.3")]
        best = min(lanes(user), key=lambda lane: lane.test.loss if lane.test else 0)
        assert text(user, "Leader").startswith(f"{'ABC'[lanes(user).index(best)]} leads: {best.name}")
        assert text(user, "What the lanes share") == "The same for all: points, split, batches, initial weights."
        plot: LossPlot = user.named("Losses of the race")
        user.point_at(plot, plot.axes.point(step, plot.axes.bottom, plot.area).toPoint() - QPoint(0, 5))
        assert [line[0] for line in plot.said.splitlines()] == ["s", "A", "B", "C"]
        assert plot.said.endswith(write_loss(lanes(user)[2].test.loss))  # type: ignore[union-attr]
        user.press("Lane C")
        user.wait(lambda: rate(user) == 0.3 and user.frame.step == step)
        track = user.named("Timeline")
        user.drag(track, [track.spot_of(10)])
        user.wait(lambda: [lane.step for lane in lanes(user)] == [10] * 3)
        user.press("Step")
        user.wait(lambda: [lane.step for lane in lanes(user)] == [11] * 3)
        user.press("Keep this one")
        user.wait(lambda: not lanes(user))
        user.settle()
        assert rate(user) == 0.3
        runs = List(user)
        assert [name for name in runs.column(1) if name.startswith("learning rate")] == [
            "learning rate 0.003",
            "learning rate 0.03",
            "learning rate 0.3",
        ]
        user.window.inspector.bring("race")
        user.window.setFocus()
        user.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)  # the race is on again
        user.wait(lambda: [lane.step for lane in lanes(user)] == [11] * 3)
        with answering(file(target)):
            user.choose("Save as…")
        user.wait(lambda: target.exists() and not user.window.document.is_modified)
        user.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)  # and there was none
        user.wait(lambda: not lanes(user) and user.frame.step >= 5)
        user.settle()
        assert rate(user) == 0.01
        user.key(Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
        user.wait(lambda: [lane.step for lane in lanes(user)] == [11] * 3)

    assert play(script) == 0

    def again(user: User) -> None:
        user.window.inspector.bring("race")
        user.wait(lambda: [lane.step for lane in lanes(user)] == [11] * 3)
        user.press("Step")
        user.wait(lambda: [lane.step for lane in lanes(user)] == [12] * 3)

    assert play(again, str(target)) == 0


def test_runs_race_as_they_began_and_settings_against_the_preset(play: Play) -> None:
    def script(user: User) -> None:
        runs = three_runs(user)
        user.press("Pin")
        runs.choose("Run 1", "Run 3")
        user.press("Race the chosen runs")
        user.wait(lambda: [lane.name for lane in lanes(user)] == ["Run 1", "Run 3"])
        assert [lane.experiment.training.learning_rate for lane in lanes(user)] == [0.01, 0.1]
        user.wait_for_step(3)
        user.press("Lane B")
        user.wait(lambda: lanes(user)[1].is_current and user.frame.training)
        user.wait(lambda: rate(user) == 0.1)
        user.press("Against the preset")
        user.wait(lambda: [lane.name for lane in lanes(user)] == ["these settings", "the preset"])
        user.press("Pause")

    assert play(script) == 0


def test_a_lane_that_diverges_stands_still_and_is_told(play: Play) -> None:
    def script(user: User) -> None:
        pick(user, "Loss", "Squared error")
        pick(user, "Optimiser", "SGD")
        user.settle()
        begin(user, "0.01, 10")
        user.wait(lambda: len(lanes(user)) == 2)
        user.wait(lambda: lanes(user)[1].trouble == "diverged")
        stuck = lanes(user)[1].step
        user.wait_for_step(stuck + 10)
        assert user.frame.training
        assert lanes(user)[1].step == stuck
        assert text(user, "Figures of lane B") == f"diverged\nat step {stuck:,}"
        assert text(user, "Leader").startswith("A leads")
        user.press("Pause")

    assert play(script) == 0


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ("0.1", "number of values of learning rate: 1 is not allowed; allowed: 2 to 6, with commas between them."),
        ("1,2,3,4,5,6,7", "number of values of learning rate: 7 is not allowed; allowed: 2 to 6, with commas between"),
        ("0.1, 99", "learning rate: 99.0 is not allowed; allowed: a number from 1e-05 to 10."),
        ("0.1, fast", "learning rate: 'fast' is not allowed; allowed: a number from 1e-05 to 10."),
        ("0.1, 0.10", "learning rate twice: '0.10' is not allowed; allowed: each value once."),
    ],
)
def test_what_cannot_race_is_said_in_one_line_and_nothing_begins(play: Play, values: str, says: str) -> None:
    def script(user: User) -> None:
        begin(user, values)
        assert text(user, "What the lanes share").startswith(says)
        user.press("Begin the race")
        assert user.settle().step == 0
        assert not lanes(user)
        assert not user.window.document.undo_stack.canUndo()

    assert play(script) == 0
