"""The surveyor: a run is surveyed as it trains, and its past, with a window's part played by the test."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from engine.microscope.doctor import diagnose
from engine.microscope.inside.moment import Moment, moment
from engine.microscope.sharpness import SharpnessMeter
from engine.training import PRESETS, Experiment, Run
from engine.training.run.timeline import Timeline
from engine.training.spec.places import ParameterPlace
from playground.model import edits
from playground.model.commands import Manner
from playground.model.runs import Runs
from playground.runtime.frame import Status, take_frame
from playground.runtime.survey import Survey
from playground.runtime.surveyor import Interest, Past, Surveyor, past_of
from tests.engine.microscope.doctor.cases import ILL
from tests.playground.runtime.states import PATIENCE

CHANGED = 40  # the step at which the learning rate was changed
WELL = PRESETS["gauss"]
SYMMETRIC, DEAD = ILL["symmetry"][0], ILL["dead_relus"][0]


class Window:
    """Takes every survey."""

    def __init__(self) -> None:
        self._ready = threading.Semaphore(0)
        self.surveyor = Surveyor(self._ready.release)
        self.surveyor.start()

    def look(self, runs: Runs, training: bool = False, interest: Interest = Interest.FINDINGS) -> None:
        status = Status.TRAINING if training else Status.PAUSED
        self.surveyor.look(take_frame(runs, status, training, None, is_fine=False), interest)

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


def trained(experiment: Experiment = WELL, steps: int = 60) -> Runs:
    runs = Runs.of(Run(experiment))
    runs.step(steps)
    return runs


def changed(steps: int = 60) -> Runs:
    """Trained so far, and from a step on at another rate."""
    runs = trained(steps=CHANGED)
    runs.apply(edits.set_training(runs.timeline.in_force.experiment, learning_rate=0.001))
    runs.step(steps - CHANGED)
    return runs


def names(survey: Survey) -> list[str]:
    return [finding.name for finding in survey.findings]


def told(moment: Moment | None) -> tuple[float, ...]:
    assert moment is not None
    return moment.step, moment.rate, moment.gradient_norm, moment.train.loss


def test_what_is_looked_at_is_surveyed(window: Window) -> None:
    runs = changed()
    window.look(runs)
    survey = window.until(lambda survey: survey.now is not None)
    assert survey.run is runs.branch
    assert told(survey.now) == told(moment(runs.timeline.run.snapshot()))
    assert survey.moments == (survey.now,)


def test_every_moment_of_the_past_is_the_one_that_there_was(window: Window) -> None:
    runs = changed()
    window.look(runs)
    window.surveyor.recall(past_of(runs))
    survey = window.until(lambda survey: len(survey.moments) == 61)
    again = changed(CHANGED)
    for found in survey.moments[CHANGED:]:
        assert told(found) == told(moment(again.timeline.run.snapshot()))
        again.step()
    assert survey.moments[CHANGED - 1].rate != survey.moments[CHANGED].rate


def test_while_it_trains_only_what_is_kept_of_the_past_is_surveyed(window: Window) -> None:
    runs = changed(600)
    window.surveyor.recall(past_of(runs))
    window.look(runs, training=True)
    kept = {snapshot.steps for snapshot in runs.timeline.snapshots}
    survey = window.until(lambda survey: len(survey.moments) == 1 + len(kept))
    assert {found.step for found in survey.moments} == {*kept, 600}
    window.look(runs, training=False)
    assert window.until(lambda survey: len(survey.moments) > 20)


@pytest.mark.parametrize(("experiment", "expected"), [(WELL, []), (SYMMETRIC, ["symmetry"])], ids=["well", "ill"])
@pytest.mark.parametrize("interest", Interest)
def test_a_run_is_diagnosed_as_by_hand(
    window: Window, experiment: Experiment, expected: list[str], interest: Interest
) -> None:
    runs = trained(experiment, 30)
    window.look(runs, interest=interest)
    survey = window.until(lambda survey: survey.evidence is not None)
    assert names(survey) == expected
    assert survey.evidence is not None
    assert [finding.name for finding in diagnose(survey.evidence)] == expected
    assert survey.evidence.step == 30
    assert survey.sharpness == (survey.evidence.sharpness,)


def test_a_run_is_diagnosed_by_its_past_as_soon_as_that_is_known(window: Window) -> None:
    runs = trained(DEAD, 0)
    window.look(runs)
    window.until(lambda survey: survey.evidence is not None)
    runs.step(40)
    window.look(runs)
    survey = window.until(lambda survey: survey.evidence is not None and survey.evidence.step == 40)
    assert [known.step for known in survey.evidence.moments] == [0, 40]
    assert "dead_relus" in names(survey)
    window.surveyor.recall(past_of(runs))
    survey = window.until(lambda survey: len(survey.evidence.moments) > 40)
    assert [known.step for known in survey.evidence.moments] == list(range(41))


def test_the_sharpness_of_the_past_is_the_one_that_there_was(window: Window) -> None:
    runs = trained()
    window.look(runs)
    window.surveyor.recall(past_of(runs))
    survey = window.until(lambda survey: len(survey.sharpness) == 60)  # none at step 0: Adam has seen no gradient yet
    meter = SharpnessMeter()
    for step in (1, 7, 32, 60):
        runs.seek(step)
        expected, found = meter(runs.timeline.run.snapshot()), survey.sharpness[step - 1]
        assert expected is not None
        assert found.step == step
        assert found.value == pytest.approx(expected.value, rel=2e-3)


def test_who_looks_at_moments_alone_has_no_sharpness_measured_for_it(window: Window) -> None:
    runs = trained()
    window.look(runs, interest=Interest.MOMENTS)
    window.surveyor.recall(past_of(runs))
    survey = window.until(lambda survey: len(survey.moments) == 61)
    assert [found.step for found in survey.sharpness] == [60]


def test_another_run_has_a_survey_of_its_own(window: Window) -> None:
    runs = trained(SYMMETRIC)
    window.look(runs)
    window.until(lambda survey: bool(survey.findings))
    runs.begin_again(WELL)
    window.look(runs)
    survey = window.until(lambda survey: survey.run is runs.branch)
    assert [found.step for found in survey.moments] == [0]
    assert not survey.findings
    assert not survey.sharpness


def test_without_points_there_is_nothing_to_go_by(window: Window) -> None:
    runs = trained(WELL.replace(data=WELL.data.drawn().replace(points=())), 0)
    window.look(runs)
    survey = window.until(lambda survey: survey.run is runs.branch)
    assert survey.now is None
    assert survey.moments == ()
    assert survey.evidence is None
    assert not survey.findings


def test_what_was_before_a_change_of_settings_is_no_evidence(window: Window) -> None:
    runs = changed()
    window.look(runs)
    window.surveyor.recall(past_of(runs))
    survey = window.until(lambda survey: survey.evidence is not None and len(survey.evidence.moments) > 1)
    assert survey.evidence is not None
    assert survey.evidence.age == 60 - CHANGED
    assert [known.step for known in survey.evidence.moments] == list(range(CHANGED, 61))


def in_force_since(window: Window, runs: Runs) -> int:
    window.look(runs)
    survey = window.until(lambda survey: survey.evidence is not None)
    assert survey.evidence is not None
    return survey.evidence.begun


def test_settings_that_were_taken_back_leave_the_evidence_as_it_was(window: Window) -> None:
    runs = trained()
    runs.mark("before")
    runs.apply(edits.set_training(WELL, learning_rate=0.001))
    assert in_force_since(window, runs) == 60
    runs.return_to("before")
    assert in_force_since(window, runs) == 0


def test_settings_that_were_set_back_at_once_leave_the_evidence_as_it_was(window: Window) -> None:
    runs = changed()
    before = runs.timeline.in_force.experiment
    runs.apply(WELL)
    runs.apply(before)
    assert in_force_since(window, runs) == CHANGED


def test_weights_set_by_hand_are_a_beginning(window: Window) -> None:
    runs = changed()
    by_hand = Manner(values=((ParameterPlace(1, 0, 0), 0.5),))
    runs.apply(runs.timeline.in_force.experiment, manner=by_hand)
    assert in_force_since(window, runs) == 60


def test_it_ends_while_it_waits_for_its_turn(window: Window) -> None:
    runs = trained()
    window.look(runs, training=True)
    window.until(lambda survey: survey.evidence is not None)
    window.look(runs, training=True)
    window.surveyor.stop()
    assert not window.surveyor.is_alive()


def test_it_ends_in_the_middle_of_a_long_past(window: Window) -> None:
    runs = trained(steps=20_000)
    window.look(runs)
    window.surveyor.recall(past_of(runs))
    window.until(lambda survey: len(survey.moments) > 2)
    window.surveyor.stop()
    assert not window.surveyor.is_alive()


def test_of_an_engine_that_is_broken_on_purpose_nothing_is_said(window: Window) -> None:
    runs = trained(SYMMETRIC)
    window.look(runs)
    window.until(lambda survey: bool(survey.findings))
    runs.break_engine(frozenset({"wrong_sign"}))
    window.look(runs)
    survey = window.until(lambda survey: not survey.findings)
    assert survey.evidence is None
    assert survey.now is not None


def test_a_past_that_cannot_be_made_again_is_tried_once(window: Window, caplog: pytest.LogCaptureFixture) -> None:
    def fail(_: frozenset[str]) -> None:
        raise RuntimeError("no engine has these faults")

    runs = trained()
    lost = Timeline.of(Run(WELL), make_source=fail)
    lost.step(10)
    window.look(runs)
    window.surveyor.recall(Past(runs.branch, lost))
    window.until(lambda _: bool(caplog.records))
    runs.step(1)
    window.look(runs)
    window.until(lambda survey: survey.now is not None and survey.now.step == 61)
    assert len(caplog.records) == 1
