"""What the strip under the transport says of each moment."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from engine.training import DRAWN, PRESETS, Curve, Data, Experiment, Run, Training
from playground.app.notices import notice_for
from playground.model import edits
from playground.runtime.frame import Frame, Status
from playground.ui.notice import Notice
from playground.ui.number_format import write_number
from tests.frames import frame_of


def said(frame: Frame, suggest_preset: bool = False, refused: str = "", began_anew: bool = False) -> Notice:
    return notice_for(frame, suggest_preset, refused, began_anew)


def test_every_status_has_words_that_no_other_has() -> None:
    notices = {status: said(frame_of(status=status, note="There are no points.")) for status in Status}
    assert len({notice.text for notice in notices.values()}) == len(Status)
    for status, notice in notices.items():
        assert notice.text.endswith((".", "!", "?")), status
        assert not re.search(r"\bnan\b|\binf\b|None|_", notice.text, re.IGNORECASE), notice.text
        assert (notice.button is None) == (notice.action is None)
    warnings = {status for status, notice in notices.items() if notice.kind == "warning"}
    assert warnings == {Status.WAITING, Status.DIVERGED}


def test_ready_says_which_key_to_press() -> None:
    notice = said(frame_of(status=Status.READY))
    assert "Train" in notice.text
    assert "space" in notice.text.lower()


def test_paused_says_at_which_step() -> None:
    assert "after step 3." in said(frame_of(status=Status.PAUSED, steps=3)).text


def test_waiting_passes_on_what_is_missing() -> None:
    experiment = Experiment(Data(DRAWN, points=((0, 0, 1, 0), (1, 1, 1, 0))))
    run = Run(experiment)
    notice = said(frame_of(run, Status.WAITING, note=run.waiting_for), suggest_preset=True)
    assert "class 2" in notice.text
    assert notice.button is None  # no button: there is no preset for points drawn by hand


@pytest.mark.parametrize("rate", [10, 0.03, 0.0005, 2e-5])
def test_diverged_offers_the_very_learning_rate_that_its_button_sets(rate: float) -> None:
    experiment = Experiment(training=Training(learning_rate=rate))
    notice = said(frame_of(experiment, Status.DIVERGED))
    assert notice.action == "lower_rate"
    assert notice.button is not None
    lower = edits.lower_rate(experiment).training.learning_rate
    assert notice.button.endswith(f" {write_number(lower)}")  # as the learning rate's own field writes it


def test_diverged_offers_no_lower_rate_than_the_lowest() -> None:
    experiment = Experiment(training=Training(learning_rate=1e-5))
    notice = said(frame_of(experiment, Status.DIVERGED))
    assert notice.button is None
    assert notice.action is None
    assert "Reset" in notice.text or "reset" in notice.text


@pytest.mark.parametrize("status", [Status.READY, Status.TRAINING, Status.PAUSED])
def test_a_dataset_just_chosen_offers_the_network_made_for_it(status: Status) -> None:
    frame = frame_of(edits.choose_dataset(PRESETS["circle"], "spiral"), status)
    suggestion = said(frame, suggest_preset=True)
    assert (suggestion.kind, suggestion.action) == ("quiet", "use_preset")
    assert "spiral" in suggestion.text
    assert said(frame).action is None
    assert said(frame_of(PRESETS["spiral"], status), suggest_preset=True).action is None  # it is the one already


def test_what_went_wrong_is_said_before_any_suggestion() -> None:
    frame = frame_of(edits.choose_dataset(PRESETS["circle"], "spiral"), Status.DIVERGED)
    assert said(frame, suggest_preset=True).action == "lower_rate"


@pytest.mark.parametrize("status", Status)
def test_why_an_edit_was_refused_is_said_before_anything_else(status: Status) -> None:
    refused = "Not possible: it was too much."
    notice = said(frame_of(status=status), suggest_preset=True, refused=refused, began_anew=True)
    assert notice == Notice("warning", refused)


def test_a_new_network_in_the_place_of_a_trained_one_is_said_while_nothing_is_wrong() -> None:
    for status in (Status.READY, Status.TRAINING, Status.PAUSED):
        assert "New weights" in said(frame_of(status=status), began_anew=True).text
        kept = said(frame_of(status=status, transferred=(51, 58)), began_anew=True)
        assert "51 of 58 weights kept" in kept.text


def test_in_the_past_it_says_where_it_looks_and_how_to_get_back() -> None:
    notice = said(frame_of(status=Status.PAUSED, step=800, end=3000))
    assert "step 800 of 3,000" in notice.text
    assert notice.button == "Go to the end"
    assert said(frame_of(status=Status.TRAINING, training=True, step=800, end=3000)).button is None


def test_a_new_network_yields_to_what_is_wrong() -> None:
    for status in (Status.WAITING, Status.DIVERGED):
        assert said(frame_of(status=status), began_anew=True) == said(frame_of(status=status))


def frame_with(losses: list[float], **changes: Any) -> Frame:
    """A frame in the middle of a run that had these training losses, one a step."""
    made = frame_of(steps=1)
    curve = Curve(np.arange(len(losses)), np.array(losses), np.full(len(losses), np.nan))
    return replace(made, curve=curve, step=len(losses) - 1, end=len(losses) - 1, **changes)


def test_a_run_that_is_finite_but_lost_is_no_good_training() -> None:
    lost = frame_with([0.7, 0.5, *[20.0] * 60], status=Status.TRAINING, training=True)
    notice = said(lost)
    assert notice.kind == "warning"
    assert "does not learn" in notice.text
    assert notice.action == "lower_rate"
    assert notice.other is not None
    assert "step 1," in notice.other[0]


@pytest.mark.parametrize(
    "losses",
    [
        [0.7, *[0.1] * 60],
        [0.7, *[20.0] * 40, *[0.6] * 20],  # it came back
        [0.7, *[20.0] * 10],  # too soon to tell
        [*[0.7] * 60],
    ],
)
def test_a_run_that_learns_or_may_yet_is_not_lost(losses: list[float]) -> None:
    assert said(frame_with(losses, status=Status.TRAINING, training=True)).kind == "good"


def test_one_goes_back_to_where_the_loss_was_lowest_before_it_diverged() -> None:
    notice = said(frame_with([0.7, 0.4, 0.3, 2.0, 9.0], status=Status.DIVERGED))
    assert notice.other is not None
    assert notice.other[0] == "Back to step 2, with 0.001"
