"""Slices: everything is done, in small pieces; what is newer replaces what is older."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from playground.views.gradient_check.slices import GENTLE, Slices
from tests.playground.conftest import heard


class Count:
    """So many pieces of work, and how many were asked for at once."""

    def __init__(self, total: int) -> None:
        self.left, self.asked = total, []

    @property
    def done(self) -> bool:
        return self.left == 0

    def advance(self, count: int) -> None:
        self.asked.append(count)
        self.left -= min(count, self.left)


class Other(Count):
    """Work of another kind."""


@pytest.fixture
def slices(qtbot: QtBot) -> Slices:
    parent = QObject()
    result = Slices(parent)
    result.keep = parent
    return result


def test_a_job_is_done_in_pieces_that_grow_by_no_more_than_twice(slices: Slices, qtbot: QtBot) -> None:
    job, finished = Count(1000), heard(slices.finished)
    slices.begin(job)
    assert slices.busy
    assert not job.asked  # not at once: the window goes on first
    qtbot.waitUntil(lambda: not slices.busy)
    assert finished == [(job,)]
    assert job.asked[0] == 1
    assert all(b <= 2 * a for a, b in zip(job.asked, job.asked[1:], strict=False))
    assert len(job.asked) < 100


def test_a_newer_job_cancels_an_older_one(slices: Slices, qtbot: QtBot) -> None:
    old, new, finished = Count(10), Count(10), heard(slices.finished)
    slices.begin(old)
    slices.begin(new)
    qtbot.waitUntil(lambda: not slices.busy)
    assert finished == [(new,)]
    assert not old.asked


def test_a_new_beginning_forgets_jobs_of_all_kinds(slices: Slices, qtbot: QtBot) -> None:
    finished, new = heard(slices.finished), Count(10)
    slices.begin(Other(10))
    slices.begin(new)
    qtbot.waitUntil(lambda: not slices.busy)
    assert finished == [(new,)]


def test_what_is_put_first_replaces_its_kind_and_leaves_the_rest_for_later(slices: Slices, qtbot: QtBot) -> None:
    table, old, new, finished = Count(10), Other(10), Other(10), heard(slices.finished)
    slices.begin(table)
    slices.put_first(old)
    slices.put_first(new)
    qtbot.waitUntil(lambda: not slices.busy)
    assert finished == [(new,), (table,)]
    assert not old.asked


def test_a_job_that_is_begun_when_another_ends_is_done_too(slices: Slices, qtbot: QtBot) -> None:
    second, finished = Other(5), heard(slices.finished)
    slices.finished.connect(lambda job: slices.put_first(second) if job is not second else None)
    slices.begin(Count(5))
    qtbot.waitUntil(lambda: len(finished) == 2)
    assert second.done
    assert not slices.busy


def test_a_stopped_job_never_ends(slices: Slices, qtbot: QtBot) -> None:
    stopped, later, finished = Count(5), Count(5), heard(slices.finished)
    slices.set_pace(GENTLE)
    slices.begin(stopped)
    slices.stop()
    assert not slices.busy
    slices.begin(later)
    qtbot.waitUntil(lambda: not slices.busy)
    assert finished == [(later,)]
    assert not stopped.asked
