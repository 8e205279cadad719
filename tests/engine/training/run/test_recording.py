"""Recordings: a timeline that was written down is the same timeline; one that does not fit is refused by name."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from engine.microscope.mistakes import MISTAKES
from engine.training import PRESETS, InvalidError, LayerSpec
from engine.training.run import recording
from engine.training.run.timeline import Place, Timeline
from engine.training.spec.patch import difference, patched
from tests.engine.training.run.test_timeline import SMALL, events, faster, happen, source, stands, timeline

shares = st.floats(0, 1)


def written_and_read(made: Timeline, snapshots: int = 5) -> Timeline:
    text = json.dumps(recording.to_dict(made, snapshots), allow_nan=False)
    return recording.from_dict(json.loads(text), "timeline", MISTAKES, source)


@given(
    events, st.lists(st.floats(0, 1), min_size=1, max_size=5), st.integers(1, 12), st.integers(1, 9), st.floats(0, 1)
)
@settings(max_examples=15)
def test_any_place_of_a_recorded_timeline_is_that_of_the_timeline_to_the_last_bit(
    happening: list[Any], order: list[float], stride: int, snapshots: int, looked_at: float
) -> None:
    made = timeline(stride=stride)
    seen: dict[Place, Any] = {made.place: stands(made.run)}
    for event in happening:
        happen(made, event)
        seen[made.place] = stands(made.run)
    places = sorted(seen)
    made.seek(*places[round(looked_at * (len(places) - 1))])
    read = written_and_read(made, snapshots)
    assert read.place == made.place
    assert stands(read.run) == stands(made.run)
    assert (read.start, read.end, read.changes, read.origin) == (made.start, made.end, made.changes, made.origin)
    assert read.history.to_dict() == made.history.to_dict()
    for share in order:
        place = places[round(share * (len(places) - 1))]
        read.seek(*place)
        assert stands(read.run) == seen[place]
    made.seek(made.end)
    read.seek(read.end)
    assert (made.step(20), stands(made.run)) == (read.step(20), stands(read.run))


def test_a_run_that_began_with_weights_of_another_begins_with_them_again() -> None:
    made = timeline()
    made.run.model.load_state_dict({name: array + 1 for name, array in made.run.model.state_dict().items()})
    other = Timeline.of(made.run, make_source=source)
    other.step(10)
    read = written_and_read(other)
    read.seek(0)
    np.testing.assert_array_equal(read.run.weights()[0][0], Timeline.of(timeline().run).run.weights()[0][0] + 1)


lists = st.lists(st.lists(st.integers(0, 1), max_size=1), max_size=6)
packed = st.fixed_dictionaries({"inputs": st.integers(0, 1), "table": st.just("eJw")})  # as points in great number are
records = st.fixed_dictionaries(
    {"points": lists | packed, "training": st.fixed_dictionaries({"size": st.none() | st.just(1)})}
)


@given(records, records)
def test_a_patch_makes_the_new_of_the_old(old: Any, new: Any) -> None:
    assert patched(old, json.loads(json.dumps(difference(old, new))), "it") == new


def test_points_drawn_while_it_trains_are_written_once() -> None:
    drawn = SMALL.replace(data=SMALL.data.with_points_added(np.random.default_rng(0).uniform(-6, 6, (150, 2)), 0))
    made = timeline(drawn)
    for i in range(40):
        made.step()
        made.apply(drawn := drawn.replace(data=drawn.data.with_points_added([(i / 50, 0.0)], 1)))
    told = recording.to_dict(made, 1)
    assert len(json.dumps(told["changes"])) < 2 * len(json.dumps(told["experiment"]))
    assert written_and_read(made).last.experiment == drawn


def recorded() -> dict[str, Any]:
    made = timeline(stride=4)
    made.step(8)
    made.apply(faster(SMALL, 0.1))
    made.step(4)
    made.apply(faster(SMALL, 0.2))
    made.step(4)
    result: dict[str, Any] = json.loads(json.dumps(recording.to_dict(made, 10)))
    return result


def other_shape(told: dict[str, Any]) -> None:
    wide = timeline(PRESETS["moons"].replace(network=SMALL.network.replace(layers=(LayerSpec(4), LayerSpec(2)))))
    told["snapshots"][0] = recording.to_dict(wide, 1)["snapshots"][0]


def other_network(told: dict[str, Any]) -> None:
    told["changes"][1]["experiment"] = {"seed": 7}


@pytest.mark.parametrize(
    ("damage", "what", "allowed"),
    [
        (lambda t: t["changes"].reverse(), "changes[1].step: 8", "from 12 to 16"),
        (lambda t: t["changes"][0].update(step=17), "changes[0].step: 17", "from 0 to 16"),
        (lambda t: t["changes"][0].update(experiment={"training": {"loss": "no"}}), "training.loss: 'no'", "mse"),
        (lambda t: t["changes"][0].update(experiment={"data": {"points": {"at": 0}}}), "points.remove", "whole number"),
        (lambda t: t["changes"][0].update(faults=["laziness"]), "faults[0]: 'laziness'", "no_zeroing"),
        (other_network, "changes[1].experiment: 'another seed'", "the network of the run"),
        (other_shape, "snapshots[0].weights.0.weight", "base64 of 3 × 2 numbers"),
        (lambda t: t["snapshots"].reverse(), "snapshots[0].steps: 16", "from 0 to 0"),
        (lambda t: t["snapshots"].clear(), "number of timeline.snapshots: 0", "1 to"),
        (lambda t: t["snapshots"][1]["weights"].update({"0.bias": "AAAA"}), "weights.0.bias: 'AAAA'", "base64 of 3"),
        (lambda t: t["snapshots"][1]["weights"].update({"0.bias": "?"}), "weights.0.bias: '?'", "base64 of 3"),
        (lambda t: t["snapshots"][1]["weights"].update({"0.bias": "AADAfwAAwH8AAMB/"}), "0.bias", "numbers"),  # NaN
        (lambda t: t.update(end=20), "end: 20", "history"),
        (lambda t: t.update(start=17), "end: 16", "from 17"),
        (lambda t: t.update(place=[8, 2]), "place: [8, 2]", "a step from 0 to 16"),
        (lambda t: t.update(place=[17, 2]), "place: [17, 2]", "a step from 0 to 16"),
        (lambda t: t.update(stride=0), "stride: 0", "from 1"),
        (lambda t: t.pop("history"), "history: a missing value", "fields"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(damage: Callable[[Any], object], what: str, allowed: str) -> None:
    told = recorded()
    damage(told)
    with pytest.raises(InvalidError) as error:
        recording.from_dict(told, "timeline", MISTAKES, source)
    assert what in str(error.value)
    assert allowed in str(error.value)
    assert "\n" not in str(error.value)
