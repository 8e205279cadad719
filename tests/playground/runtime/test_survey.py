"""The surveyor: moments of a run as it trains and of its past, with a window's part played by the test."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from engine.microscope.inside.moment import Moment, moment
from engine.training import PRESETS, Run
from playground.model import edits
from playground.model.runs import Runs
from playground.runtime.survey import Survey, Surveyor, past_of
from tests.playground.runtime.states import PATIENCE

CHANGED = 40  # the step at which the learning rate was changed


class Window:
    """Takes every survey."""

    def __init__(self) -> None:
        self._ready = threading.Semaphore(0)
        self.surveyor = Surveyor(self._ready.release)
        self.surveyor.watch(True)
        self.surveyor.start()

    def look(self, runs: Runs, training: bool = False) -> None:
        self.surveyor.look(runs.branch, runs.timeline.run.snapshot(), training)

    def until(self, condition: Callable[[Survey], bool]) -> Survey:
        while True:
            assert self._ready.acquire(timeout=PATIENCE), "no survey came"
            survey = self.surveyor.take()
            if survey is not None and condition(survey):
                return survey


@pytest.fixture
def window() -> Iterator[Window]:
    window = Window()
    yield window
    window.surveyor.stop()


def trained(steps: int = 60) -> Runs:
    runs = Runs.of(Run(PRESETS["gauss"]))
    runs.step(CHANGED)
    runs.apply(edits.set_training(runs.timeline.in_force.experiment, learning_rate=0.001))
    runs.step(steps - CHANGED)
    return runs


def told(moment: Moment | None) -> tuple[float, ...]:
    assert moment is not None
    return moment.step, moment.rate, moment.gradient_norm, moment.train.loss


def test_what_is_looked_at_is_surveyed(window: Window) -> None:
    runs = trained()
    window.look(runs)
    survey = window.until(lambda survey: survey.now is not None)
    assert survey.run is runs.branch
    assert told(survey.now) == told(moment(runs.timeline.run.snapshot()))
    assert survey.moments == (survey.now,)


def test_every_moment_of_the_past_is_the_one_that_there_was(window: Window) -> None:
    runs = trained()
    window.look(runs)
    window.surveyor.recall(past_of(runs))
    survey = window.until(lambda survey: len(survey.moments) == 61)
    again = trained(CHANGED)
    for found in survey.moments[CHANGED:]:
        assert told(found) == told(moment(again.timeline.run.snapshot()))
        again.step()
    assert survey.moments[CHANGED - 1].rate != survey.moments[CHANGED].rate


def test_while_it_trains_only_what_is_kept_of_the_past_is_surveyed(window: Window) -> None:
    runs = trained(300)
    window.surveyor.recall(past_of(runs))
    window.look(runs, training=True)
    kept = {snapshot.steps for snapshot in runs.timeline.snapshots}
    survey = window.until(lambda survey: len(survey.moments) == 1 + len(kept))
    assert {found.step for found in survey.moments} == {*kept, 300}
    window.look(runs, training=False)
    window.until(lambda survey: len(survey.moments) > 50)  # the rest is made again


def test_another_run_has_a_survey_of_its_own(window: Window) -> None:
    runs = trained()
    window.look(runs)
    window.until(lambda survey: survey.now is not None)
    runs.begin_again(PRESETS["circle"])
    window.look(runs)
    survey = window.until(lambda survey: survey.run is runs.branch)
    assert [found.step for found in survey.moments] == [0]


def test_without_points_there_is_no_moment(window: Window) -> None:
    experiment = PRESETS["gauss"]
    runs = Runs.of(Run(experiment.replace(data=experiment.data.drawn().replace(points=()))))
    window.look(runs)
    survey = window.until(lambda survey: survey.run is runs.branch)
    assert survey.now is None
    assert survey.moments == ()


def test_it_ends_in_the_middle_of_a_long_past(window: Window) -> None:
    runs = trained(3_000)
    window.look(runs)
    window.surveyor.recall(past_of(runs))
    window.until(lambda survey: len(survey.moments) > 2)
    window.surveyor.stop()
    assert not window.surveyor.is_alive()
