"""Runs in project files: all that was trained comes back to the last bit; what does not fit is refused by name."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.training import PRESETS, Experiment, LayerSpec, Project, ProjectError, Run, load_project, save_project
from playground.model.guess import Guess
from playground.model.runs import Runs
from playground.model.runs_file import open_project, project_of

SMALL = PRESETS["moons"].replace(network=PRESETS["moons"].network.replace(layers=(LayerSpec(3),)))


def faster(experiment: Experiment, rate: float) -> Experiment:
    return experiment.replace(training=experiment.training.replace(learning_rate=rate))


def tree() -> Runs:
    """Three runs: one with a change, one that a neuron was added to, and a fork that is looked at in its past."""
    runs = Runs.of(Run(SMALL))
    runs.step(30)
    runs.apply(faster(SMALL, 0.1))
    runs.step(20)
    runs.apply(SMALL.replace(network=SMALL.network.replace(layers=(LayerSpec(4),))))
    runs.step(10)
    runs.open(1)
    runs.timeline.seek(35)
    runs.apply(faster(SMALL, 0.2))
    runs.break_engine(frozenset({"no_zeroing"}))
    runs.step(15)
    runs.tell_of(3, name="the steep one", note="It climbs.")
    runs.tell_of(runs.branch.number, guess=Guess(40, 0.3).with_line(np.array([(0.0, 0.0), (1.0, 2.0)])))
    runs.tell_of(2, is_pinned=True)
    runs.timeline.seek(44)
    return runs


def weights(runs: Runs) -> list[Any]:
    return [array.copy() for pair in runs.timeline.run.weights() for array in pair]


def test_all_runs_come_back_as_they_were(tmp_path: Path) -> None:
    runs, path = tree(), tmp_path / "all.backprop"
    save_project(path, project_of(runs))
    project, read = open_project(path)
    assert (project.experiment, project.steps) == (runs.timeline.in_force.experiment, 44)
    assert read.content == runs.content
    assert read.branch.number == 3
    assert read.timeline.place == runs.timeline.place
    assert read.marks() == runs.marks()
    for one, other in zip(read.summaries(), runs.summaries(), strict=True):
        assert (one.name, one.words, one.step, one.is_pinned) == (other.name, other.words, other.step, other.is_pinned)
        assert (one.note, one.guess, one.outcome) == (other.note, other.guess, other.outcome)
        assert (one.train, one.test, one.experiment) == (other.train, other.test, other.experiment)
        np.testing.assert_array_equal(one.curve.train, other.curve.train)
        assert (one.picture is None) == (other.picture is None)
        np.testing.assert_array_equal(one.picture, other.picture)
    for number, step in ((3, 44), (3, 50), (2, 10), (2, 3), (1, 50), (1, 12)):
        for tree_of in (read, runs):
            tree_of.open(number)
            tree_of.timeline.seek(step)
        for one_array, other_array in zip(weights(read), weights(runs), strict=True):
            np.testing.assert_array_equal(one_array, other_array)


def test_a_run_that_comes_after_has_a_number_of_its_own(tmp_path: Path) -> None:
    runs, path = tree(), tmp_path / "all.backprop"
    runs.open(1)
    runs.tell_of(3, is_removed=True)
    save_project(path, project_of(runs))
    _, read = open_project(path)
    assert [run.number for run in read.summaries()] == [1, 2]
    read.begin_again(SMALL)
    read.step(1)
    read.begin_again(SMALL)
    assert [run.number for run in read.summaries()] == [1, 2, 3, 4]


def test_a_file_without_runs_has_one_from_where_it_stands(tmp_path: Path) -> None:
    run = Run(SMALL)
    run.step(12)
    save_project(tmp_path / "old.backprop", Project(SMALL, run.state()))
    _, read = open_project(tmp_path / "old.backprop")
    assert (read.timeline.start, read.timeline.end) == (12, 12)
    np.testing.assert_array_equal(weights(read)[0], run.weights()[0][0])


def test_the_state_alone_is_as_it_was_for_whoever_wants_no_more(tmp_path: Path) -> None:
    runs = tree()
    runs.open(2)
    save_project(tmp_path / "all.backprop", project_of(runs))
    run = load_project(tmp_path / "all.backprop").run()
    assert run.steps == 10
    np.testing.assert_array_equal(run.weights()[0][0], weights(runs)[0])


def test_a_large_network_has_fewer_snapshots_in_its_file(tmp_path: Path) -> None:
    wide = SMALL.replace(network=SMALL.network.replace(layers=tuple(LayerSpec(64) for _ in range(8))))
    runs = Runs.of(Run(wide))
    runs.step(200)
    path = tmp_path / "wide.backprop"
    save_project(path, project_of(runs))
    assert path.stat().st_size < 5e6
    _, read = open_project(path)
    np.testing.assert_array_equal(weights(read)[3], weights(runs)[3])


@pytest.mark.parametrize(
    ("damage", "what"),
    [
        (lambda c: c["runs"].update(current=9), "runs.current: 9 is not allowed; allowed: 1, 2, 3"),
        (lambda c: c["runs"]["runs"][0].update(number=2), "[2, 2, 3] is not allowed; allowed: each number once"),
        (lambda c: c["runs"]["runs"].clear(), "number of runs.runs: 0"),
        (lambda c: c["runs"]["runs"][1].update(name=5), "runs.runs[1].name: 5"),
        (lambda c: c["runs"]["runs"][1].update(is_pinned="yes"), "is_pinned: 'yes' is not allowed; allowed: true"),
        (lambda c: c["runs"]["runs"][1].update(picture="AAAA"), "picture: 'AAAA' is not allowed; allowed: base64"),
        (lambda c: c["runs"]["runs"][1].update(scores=[None, [0.5, 3]]), "scores test: [0.5, 3]"),
        (lambda c: c["runs"]["runs"][2].update(first_change=9), "first_change: 9 is not allowed; allowed: a whole"),
        (lambda c: c["runs"]["runs"][2]["timeline"].update(place=[45, 3]), "place of run 3: [45, 3]"),
        (lambda c: c["runs"]["runs"][2]["timeline"]["changes"].pop(), "timeline.place: [44, 3]"),
        (lambda c: c["runs"]["runs"][2].pop("timeline"), "timeline: a missing value"),
        (lambda c: c.update(runs=[]), "runs: [] is not allowed; allowed: the runs of a document, or null"),
        (lambda c: c.update(file=3), "file: 3 is not allowed; allowed: a text"),
        (lambda c: c.update(state=None), "place of run 3: [44, 3]"),
    ],
)
def test_what_does_not_fit_is_refused_in_one_line(tmp_path: Path, damage: Callable[[Any], object], what: str) -> None:
    path = tmp_path / "all.backprop"
    save_project(path, project_of(tree()))
    content = json.loads(path.read_text("utf-8"))
    damage(content)
    path.write_text(json.dumps(content), "utf-8")
    with pytest.raises(ProjectError) as error:
        open_project(path)
    assert str(error.value).startswith(str(path))
    assert what in str(error.value)
    assert "\n" not in str(error.value)
