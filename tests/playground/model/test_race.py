"""A race: lanes in lockstep are to the last bit what each would be by itself, and nothing of a document is lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from engine.training import PRESETS, Experiment, LayerSpec, ProjectError, Run, load_project, save_project
from engine.training.sweep.settings import SETTINGS
from playground.model import edits
from playground.model.branch import FEWEST, MOST, Lane
from playground.model.commands import Manner
from playground.model.runs import Runs
from playground.model.runs_file import open_project, project_of
from playground.model.settings import lanes_of, suggestion

SMALL = PRESETS["moons"].replace(network=PRESETS["moons"].network.replace(layers=(LayerSpec(3),)))
DIVERGES = edits.set_training(
    SMALL.replace(network=SMALL.network.replace(layers=(LayerSpec(8, "relu"),) * 2)),
    optimizer="sgd",
    learning_rate=10,
    loss="mse",
)

ONLY_TYPED = ("data.kind", "data.formula", "data.classes")  # what another value would be depends on the rest


def with_rate(rate: float) -> Experiment:
    return edits.set_training(SMALL, learning_rate=rate)


def racing(*experiments: Experiment) -> Runs:
    """A race of some experiments, begun beside a run that was trained a little."""
    runs = Runs.of(Run(SMALL))
    runs.step(7)
    runs.mark("before")
    begin(runs, *experiments)
    return runs


def begin(runs: Runs, *experiments: Experiment) -> None:
    lanes = tuple(Lane(f"lane {i}", experiment) for i, experiment in enumerate(experiments))
    runs.apply(experiments[0], manner=Manner(race=lanes))


def weights_of(runs: Runs, lane: int) -> list[np.ndarray[Any, Any]]:
    runs.open(runs.lanes[lane])
    return [array for pair in runs.timeline.run.weights() for array in pair]


def assert_same(one: list[Any], other: list[Any]) -> None:
    for a, b in zip(one, other, strict=True):
        np.testing.assert_array_equal(a, b)


rates = st.builds(with_rate, st.floats(1e-4, 0.5))
batches = st.builds(lambda size: edits.set_training(SMALL, batch_size=size), st.none() | st.integers(1, 40))
optimizers = st.builds(lambda name: edits.set_training(SMALL, optimizer=name), st.sampled_from(["sgd", "momentum"]))
seeds = st.builds(lambda seed: SMALL.replace(seed=seed), st.integers(0, 9))


@given(st.lists(rates | batches | optimizers | seeds, min_size=2, max_size=4), st.lists(st.integers(1, 40), max_size=5))
def test_lanes_are_to_the_bit_what_each_is_by_itself(lanes: list[Experiment], bundles: list[int]) -> None:
    runs = racing(*lanes)
    for n in bundles:
        assert runs.step(n) == n
    for i, experiment in enumerate(lanes):
        alone = Run(experiment)
        alone.step(sum(bundles))
        assert_same(weights_of(runs, i), [array for pair in alone.weights() for array in pair])


@given(st.lists(st.lists(st.integers(1, 5), max_size=3), min_size=3, max_size=5))
def test_another_lane_changes_none_of_the_others(sizes: list[list[int]]) -> None:
    lanes = [edits.set_network(SMALL, layers=tuple(map(LayerSpec, layers))) for layers in sizes]
    fewer, more = racing(*lanes[:-1]), racing(*lanes)
    fewer.step(20)
    more.step(20)
    for i in range(len(lanes) - 1):
        assert_same(weights_of(fewer, i), weights_of(more, i))


def test_scrubbing_takes_all_lanes_along_and_they_come_back_to_the_same_bits() -> None:
    runs = racing(with_rate(0.01), with_rate(0.1))
    runs.step(60)
    there = [weights_of(runs, lane) for lane in (0, 1)]
    runs.seek(25)
    assert [lane.step for lane in runs.race()] == [25, 25]
    runs.step(35)
    assert [lane.step for lane in runs.race()] == [60, 60]
    for lane in (0, 1):
        assert_same(weights_of(runs, lane), there[lane])


def test_a_lane_that_diverges_stands_still_and_the_others_go_on() -> None:
    runs = racing(DIVERGES, SMALL)
    for _ in range(30):
        assert runs.step(10)
    stuck, going = runs.race()
    assert (stuck.trouble, going.trouble) == ("diverged", "")
    assert stuck.step < 300 <= going.step
    assert not runs.has_diverged


def test_an_edit_of_the_past_is_a_fork_that_takes_the_place_of_its_lane() -> None:
    runs = racing(with_rate(0.01), with_rate(0.1))
    runs.step(40)
    runs.seek(10)
    first, second = runs.lanes
    runs.apply(with_rate(0.02))
    assert runs.lanes == (runs.branch.number, second)
    assert runs.branch.number != first
    assert runs.step(5) == 5
    assert [lane.step for lane in runs.race()] == [15, 15]


def test_a_run_of_another_network_is_out_of_the_race_until_a_lane_is_looked_at_again() -> None:
    runs = racing(with_rate(0.01), with_rate(0.1))
    runs.step(5)
    runs.apply(edits.add_layer(runs.timeline.in_force.experiment, 0))
    runs.step(3)
    assert [branch.number for branch in runs.abreast] == [runs.branch.number]
    assert [lane.step for lane in runs.race()] == [5, 5]
    runs.open(runs.lanes[1])
    runs.step(1)
    assert [lane.step for lane in runs.race()] == [6, 6]


def test_keeping_one_ends_the_race_and_the_others_stay_in_the_list() -> None:
    runs = racing(with_rate(0.01), with_rate(0.1))
    runs.step(12)
    lanes = runs.lanes
    runs.open(lanes[1])
    runs.mark("racing")
    runs.apply(runs.timeline.in_force.experiment, manner=Manner(race=()))
    assert runs.lanes == ()
    assert runs.branch.number == lanes[1]
    assert {*lanes} < {run.number for run in runs.summaries()}
    runs.step(3)
    runs.return_to("racing")
    assert runs.lanes == lanes
    assert [lane.step for lane in runs.race()] == [12, 12]
    runs.return_to("before")
    assert (runs.lanes, runs.branch.number, runs.timeline.place.step) == ((), 1, 7)


def test_a_race_comes_back_from_its_file_and_goes_on_to_the_same_bits(tmp_path: Path) -> None:
    runs, path = racing(with_rate(0.01), with_rate(0.1)), tmp_path / "race.backprop"
    runs.step(30)
    save_project(path, project_of(runs))
    _, read = open_project(path)
    assert read.content == runs.content
    for one in (runs, read):
        one.step(20)
    for lane in (0, 1):
        assert_same(weights_of(read, lane), weights_of(runs, lane))


@pytest.mark.parametrize("steps", [0, 5])
@pytest.mark.parametrize("removed", [0, 1])
def test_a_race_that_was_left_and_has_lost_a_lane_can_be_kept_in_a_file(
    steps: int, removed: int, tmp_path: Path
) -> None:
    runs, path = racing(with_rate(0.01), with_rate(0.1), with_rate(0.2)), tmp_path / "race.backprop"
    runs.step(steps)
    runs.begin_again(SMALL)
    for lane in runs.lanes[:removed]:
        runs.tell_of(lane, is_removed=True)
    save_project(path, project_of(runs))
    _, read = open_project(path)
    assert read.content == runs.content
    assert len(read.race()) == 3 - removed


def test_one_lane_is_no_race() -> None:
    runs = racing(with_rate(0.01), with_rate(0.1))
    runs.step(5)
    runs.tell_of(runs.lanes[1], is_removed=True)
    assert runs.lanes == ()


@pytest.mark.parametrize("lanes", [[2, 9], [2, 2], [2], list(range(7))])
def test_a_file_whose_race_cannot_be_is_refused(lanes: list[int], tmp_path: Path) -> None:
    path = tmp_path / "race.backprop"
    save_project(path, project_of(racing(with_rate(0.01), with_rate(0.1))))
    project = load_project(path)
    assert project.runs is not None
    project.runs["race"] = lanes
    save_project(path, project)
    with pytest.raises(ProjectError, match=r"runs\.race"):
        open_project(path)


@pytest.mark.parametrize("name", SETTINGS)
def test_what_is_offered_for_a_setting_can_race(name: str) -> None:
    setting = SETTINGS[name]
    for experiment in (PRESETS["spiral"], edits.set_training(SMALL, optimizer="momentum"), PRESETS["blobs"]):
        if "," not in (text := suggestion(setting, experiment)):
            assert name in ONLY_TYPED or name.startswith("training.settings."), f"nothing is offered for {name}"
            continue
        lanes = lanes_of(setting, text, experiment)
        assert FEWEST <= len(lanes) <= MOST
        assert len({lane.experiment for lane in lanes}) == len({lane.name for lane in lanes}) == len(lanes)


def test_lanes_that_nobody_watches_have_their_curves_as_far_as_they_are() -> None:
    runs = racing(with_rate(0.01), with_rate(0.1))
    runs.step(40)
    for told, seen in zip(runs.race(is_watched=False), runs.race(), strict=True):
        assert told.curve.steps[-1] == seen.curve.steps[-1] == 40
        assert told.curve.test[-1] == seen.curve.test[-1] > 0
