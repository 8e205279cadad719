"""What the strip under the transport says of each moment."""

from __future__ import annotations

import re

import pytest

from engine.training import DRAWN, PRESETS, Data, Experiment, Run, Training
from playground import edits
from playground.frame import Frame, Status, take_frame
from playground.notices import Notice, notice_for
from playground.numerals import write_number


def frame_of(status: Status, experiment: Experiment | None = None, note: str = "", steps: int = 0) -> Frame:
    run = Run(experiment if experiment is not None else PRESETS["circle"])
    run.step(steps)
    return take_frame(run, status, status is Status.TRAINING, note, None)


def test_every_status_has_words_that_no_other_has() -> None:
    notices = {status: notice_for(frame_of(status, note="There are no points."), False, "") for status in Status}
    assert len({notice.text for notice in notices.values()}) == len(Status)
    for status, notice in notices.items():
        assert notice.text.endswith((".", "!", "?")), status
        assert not re.search(r"\bnan\b|\binf\b|None|_", notice.text, re.IGNORECASE), notice.text
        assert (notice.button is None) == (notice.action is None)
    warnings = {status for status, notice in notices.items() if notice.kind == "warning"}
    assert warnings == {Status.WAITING, Status.DIVERGED}


def test_ready_says_which_key_to_press() -> None:
    notice = notice_for(frame_of(Status.READY), False, "")
    assert "Train" in notice.text
    assert "space" in notice.text.lower()


def test_paused_says_at_which_step() -> None:
    assert "after step 3." in notice_for(frame_of(Status.PAUSED, steps=3), False, "").text


def test_waiting_passes_on_what_is_missing() -> None:
    experiment = Experiment(Data(DRAWN, points=((0, 0, 1, 0), (1, 1, 1, 0))))
    run = Run(experiment)
    notice = notice_for(take_frame(run, Status.WAITING, True, run.waiting_for, None), True, "")
    assert "class 2" in notice.text
    assert notice.button is None  # no button: there is no preset for points drawn by hand


@pytest.mark.parametrize("rate", [10, 0.03, 0.0005, 2e-5])
def test_diverged_offers_the_very_learning_rate_that_its_button_sets(rate: float) -> None:
    experiment = Experiment(training=Training(learning_rate=rate))
    notice = notice_for(frame_of(Status.DIVERGED, experiment), False, "")
    assert notice.action == "lower_rate"
    assert notice.button is not None
    lower = edits.lower_rate(experiment).training.learning_rate
    assert notice.button.endswith(f" {write_number(lower)}")  # as the learning rate's own field writes it


def test_diverged_offers_no_lower_rate_than_the_lowest() -> None:
    experiment = Experiment(training=Training(learning_rate=1e-5))
    notice = notice_for(frame_of(Status.DIVERGED, experiment), False, "")
    assert notice.button is None
    assert notice.action is None
    assert "Reset" in notice.text or "reset" in notice.text


@pytest.mark.parametrize("status", [Status.READY, Status.TRAINING, Status.PAUSED])
def test_a_dataset_just_chosen_offers_the_network_made_for_it(status: Status) -> None:
    frame = frame_of(status, edits.choose_dataset(PRESETS["circle"], "spiral"))
    suggestion = notice_for(frame, True, "")
    assert (suggestion.kind, suggestion.action) == ("quiet", "use_preset")
    assert "spiral" in suggestion.text
    assert notice_for(frame, False, "").action is None
    assert notice_for(frame_of(status, PRESETS["spiral"]), True, "").action is None  # it is the one already


def test_what_went_wrong_is_said_before_any_suggestion() -> None:
    frame = frame_of(Status.DIVERGED, edits.choose_dataset(PRESETS["circle"], "spiral"))
    assert notice_for(frame, True, "").action == "lower_rate"


def test_a_notice_is_plain() -> None:
    assert Notice("quiet", "Well.") == ("quiet", "Well.", None, None)
