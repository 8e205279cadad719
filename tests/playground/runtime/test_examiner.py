"""The examiner: checkups of a run as it trains, and its sharpness as far back as it is kept."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from engine.microscope.doctor import diagnose
from engine.microscope.inside.moment import moment
from engine.microscope.sharpness import SharpnessMeter
from engine.training import PRESETS, Experiment, Run
from playground.runtime.examiner import Checkup, Examiner, Patient
from tests.playground.runtime.states import PATIENCE

WELL = PRESETS["gauss"]
ILL = PRESETS["circle"].replace(network=PRESETS["circle"].network.replace(initialiser="zeros"))


class Window:
    """Takes every checkup."""

    def __init__(self) -> None:
        self._ready = threading.Semaphore(0)
        self.examiner = Examiner(self._ready.release)
        self.examiner.watch(True)
        self.examiner.start()

    def until(self, condition: Callable[[Checkup], bool]) -> Checkup:
        while True:
            assert self._ready.acquire(timeout=PATIENCE), "no checkup came"
            checkup = self.examiner.take()
            if checkup is not None and condition(checkup):
                return checkup


@pytest.fixture
def window() -> Iterator[Window]:
    window = Window()
    yield window
    window.examiner.stop()


def patient(run: Run, key: object = "a run", begun: int = 0, is_training: bool = False) -> Patient:
    before = [moment(run.snapshot())] if run.steps else []
    moments = tuple(found for found in before if found is not None)
    return Patient(key, run.snapshot(), moments, run.curve(), begun, run.diverged, is_training)


def trained(experiment: Experiment, steps: int = 30) -> Run:
    run = Run(experiment)
    run.step(steps)
    return run


@pytest.mark.parametrize(("experiment", "names"), [(WELL, []), (ILL, ["symmetry"])])
def test_a_run_is_diagnosed_as_by_hand(window: Window, experiment: Experiment, names: list[str]) -> None:
    run = trained(experiment)
    window.examiner.examine(patient(run))
    checkup = window.until(lambda checkup: checkup.evidence is not None)
    assert [finding.name for finding in checkup.findings] == names
    assert checkup.evidence is not None
    assert [finding.name for finding in diagnose(checkup.evidence)] == names
    assert checkup.evidence.step == 30
    assert checkup.course == (checkup.evidence.sharpness,)


def test_the_sharpness_of_the_past_is_the_one_that_there_was(window: Window) -> None:
    run, past = Run(WELL), []
    for _ in range(4):
        run.step(10)
        past.append(run.snapshot())
    window.examiner.examine(patient(run))
    window.examiner.recall(past)
    checkup = window.until(lambda checkup: len(checkup.course) == 4)
    for found, snapshot in zip(checkup.course, past, strict=True):
        expected = SharpnessMeter()(snapshot)
        assert expected is not None
        assert found.step == snapshot.steps
        assert found.value == pytest.approx(expected.value, rel=1e-3)


def test_another_run_begins_anew(window: Window) -> None:
    window.examiner.examine(patient(trained(ILL), "one"))
    window.until(lambda checkup: bool(checkup.findings))
    window.examiner.examine(patient(trained(WELL), "other"))
    checkup = window.until(lambda checkup: checkup.run == "other")
    assert not checkup.findings
    assert len(checkup.course) == 1


def test_without_points_there_is_nothing_to_go_by(window: Window) -> None:
    blank = WELL.replace(data=WELL.data.drawn(WELL.data.arrays.take(slice(0))))
    window.examiner.examine(patient(Run(blank)))
    checkup = window.until(lambda checkup: checkup.run == "a run")
    assert checkup.evidence is None
    assert not checkup.findings


def test_what_was_before_a_change_of_settings_is_no_evidence(window: Window) -> None:
    window.examiner.examine(patient(trained(WELL), begun=30))
    checkup = window.until(lambda checkup: checkup.evidence is not None)
    assert checkup.evidence is not None
    assert checkup.evidence.age == 0
    assert [known.step for known in checkup.evidence.moments] == [30]


def test_it_ends_while_it_waits_for_its_turn(window: Window) -> None:
    window.examiner.examine(patient(trained(WELL), is_training=True))
    window.until(lambda checkup: checkup.evidence is not None)
    window.examiner.examine(patient(trained(WELL), is_training=True))
    window.examiner.stop()
    assert not window.examiner.is_alive()
