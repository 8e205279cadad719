"""Rows of a sweep: what is written is read again, and rows of anything else are refused."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from engine.training import PRESETS, ProjectError
from engine.training.sweep import Axis, Job, Plan, Row, RowsFile, check_steps, do_jobs, summaries

SPIRAL = PRESETS["spiral"]
PLAN = Plan(SPIRAL, (Axis.read("l2=0,0.001"),), 3, steps=30)
DONE = [Row.of(result) for result in do_jobs(PLAN)]


def _same(one: Row, other: Row) -> bool:
    return one.cells() == other.cells() and np.array_equal(one.losses, other.losses)


def _written(path: Path, rows: list[Row], plan: Plan = PLAN) -> RowsFile:
    file = RowsFile(path, plan)
    for row in rows:
        file.add(row)
    file.close()
    return RowsFile(path, plan)


def test_rows_are_read_as_they_were_written(tmp_path: Path) -> None:
    read = _written(tmp_path / "r.csv", DONE).rows
    assert all(map(_same, read, DONE))
    assert [row.train_loss for row in read] == [row.train_loss for row in DONE]


def test_rows_of_runs_that_diverged_or_have_values_without_a_number(tmp_path: Path) -> None:
    wave = PRESETS["wave"].replace(training=PRESETS["wave"].training.replace(optimizer="sgd"))
    plan = Plan(wave, (Axis.read("learning_rate=10"), Axis.read("schedule=constant")), 2, steps=300)
    rows = [Row.of(result) for result in do_jobs(plan)]
    assert rows[0].diverged
    assert math.isnan(rows[0].loss)
    assert all(map(_same, _written(tmp_path / "r.csv", rows, plan).rows, rows))


@settings(max_examples=30)
@given(st.data())
def test_wherever_it_was_cut_the_whole_lines_stay(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("cut") / "r.csv"
    _written(path, DONE)
    whole = path.read_bytes()
    cut = data.draw(st.integers(0, len(whole)))
    path.write_bytes(whole[:cut])
    file = RowsFile(path, PLAN)
    assert path.read_bytes() == whole[:cut], "looking changes nothing"
    kept = max(0, whole[:cut].count(b"\n") - 1)
    assert len(file.rows) == kept
    left = Plan(SPIRAL, PLAN.axes, 3, steps=30, done=file.done)
    assert [job.key for job in left] == [row.key for row in DONE[kept:]]
    for row in DONE[kept:]:
        file.add(row)
    file.close()
    assert path.read_bytes() == whole


@pytest.mark.parametrize(
    "content", [b"mine", b"a,b\n1,2\n", b"\xff\xfe\x00", b"key,training.l2\n", b"\n\n", b'"', b"key,\x00\n"]
)
def test_another_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "r.csv").write_bytes(content)
    with pytest.raises(ProjectError, match=r"r\.csv: .*name another"):
        RowsFile(tmp_path / "r.csv", PLAN)


@pytest.mark.parametrize("changed", ["l2=0,0.01", "l2=0"])
def test_rows_of_another_plan_are_refused(tmp_path: Path, changed: str) -> None:
    _written(tmp_path / "r.csv", DONE)
    with pytest.raises(ProjectError, match="3 of its 6 runs are of another sweep"):
        RowsFile(tmp_path / "r.csv", Plan(SPIRAL, (Axis.read(changed),), 3, steps=30))


def test_a_run_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="has a run twice"):
        _written(tmp_path / "r.csv", [*DONE, DONE[0]])


def test_a_run_without_a_result_is_done_again(tmp_path: Path) -> None:
    (failed,) = do_jobs([Job(SPIRAL, 30, ("0",), fault="struck by lightning, twice")])
    row = Row.of(failed)
    row = Row.read([DONE[0].key, *row.cells()[1:]], 1)
    file = _written(tmp_path / "r.csv", [row, *DONE[1:]])
    assert [row.key for row in file.rows] == [row.key for row in DONE[1:]]
    file.add(DONE[0])
    file.close()
    assert {row.key for row in RowsFile(tmp_path / "r.csv", PLAN).rows} == {row.key for row in DONE}
    assert "lightning" not in (tmp_path / "r.csv").read_text()


def test_a_summary_of_each_combination() -> None:
    found = summaries(PLAN, DONE)
    assert {one.values for one in found} == {("0",), ("0.001",)}
    assert [one.loss[1] for one in found] == sorted(one.loss[1] for one in found)
    for one in found:
        rows = [row for row in DONE if row.values == one.values]
        assert one.loss == tuple(sorted(row.loss for row in rows))
        steps, curve = one.curve
        assert steps[-1] == 30
        np.testing.assert_array_equal(curve[1], np.median([row.losses for row in rows], axis=0))


def test_what_is_wanted_decides_who_reaches_it_and_when() -> None:
    best = [row.qualities.max() for row in DONE]
    for wanted in (*best, 0.0, 1.0):
        found = summaries(replace(PLAN, wanted=float(wanted)), DONE)
        assert sum(one.reached for one in found) == sum(quality >= wanted for quality in best)
    (one,) = summaries(replace(PLAN, wanted=float(best[0])), DONE[:1])
    assert one.steps_to == check_steps(30)[np.argmax(DONE[0].qualities)]
    assert summaries(PLAN, DONE[:1])[0].steps_to == math.inf
