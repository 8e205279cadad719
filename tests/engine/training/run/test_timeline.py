"""Timelines: any step of any run is had again to the last bit, with all that was changed on the way."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from engine.microscope.mistakes import FaultyGradients
from engine.nn import OPTIMIZERS
from engine.training import PRESETS, Experiment, LayerSpec, Network, Run, Training
from engine.training.run.timeline import Faults, Place, Timeline
from engine.training.spec.places import incoming

SMALL = PRESETS["moons"].replace(network=Network(layers=(LayerSpec(3), LayerSpec(2))))
SMALL = SMALL.replace(data=SMALL.data.replace(count=30))


def source(faults: Faults) -> FaultyGradients | None:
    return FaultyGradients(faults) if faults else None


def timeline(experiment: Experiment = SMALL, **options: Any) -> Timeline:
    return Timeline.of(Run(experiment), make_source=source, **options)


def stands(run: Run) -> Any:
    """Everything that the next step depends on, as it is compared to the last bit."""
    at = run.snapshot()
    arrays = [*at.weights.values(), *at.accumulated.values()]
    arrays += [item for state in at.optimizer_state for _, item in sorted(state.items())]
    return at.experiment, at.steps, at.epoch, at.position, [np.asarray(array).tobytes() for array in arrays]


def with_training(**changes: Any) -> Any:
    return st.just(lambda e: e.replace(training=e.training.replace(**changes)))


rates = st.floats(1e-4, 0.3).flatmap(lambda rate: with_training(learning_rate=rate))
batches = st.sampled_from([None, 4, 7]).flatmap(lambda size: with_training(batch_size=size))
optimizers = st.sampled_from(sorted(OPTIMIZERS)).flatmap(lambda name: with_training(optimizer=name))
losses = st.sampled_from(["cross_entropy", "mse", "hinge"]).flatmap(lambda name: with_training(loss=name))
points = st.tuples(st.floats(-6, 6), st.floats(-6, 6)).map(
    lambda xy: lambda e: e.replace(data=e.data.with_points_added([xy], 1))
)
fewer = st.just(lambda e: e.replace(data=e.data.with_points_erased([0])))
every_place = [
    place for column in range(1, len(SMALL.sizes)) for place in incoming(SMALL.sizes, SMALL.network.biased, column)
]
places = st.lists(st.sampled_from(every_place), unique=True, max_size=6).map(tuple)
frozen = places.map(lambda chosen: lambda e: e.replace(network=e.network.replace(frozen=chosen)))
edits = st.one_of(rates, batches, optimizers, losses, points, fewer, frozen)
hands = st.dictionaries(st.sampled_from(every_place), st.floats(-3, 3, width=32), min_size=1, max_size=4)
faults = st.sampled_from([frozenset(), frozenset({"no_zeroing"}), frozenset({"assign", "no_zeroing"})])
events = st.lists(st.one_of(st.integers(1, 60), edits, faults, hands), min_size=1, max_size=8)


def happen(made: Timeline, event: Any) -> None:
    """Have steps made, an edit, other faults, or values set by hand."""
    experiment = made.run.experiment
    if isinstance(event, int):
        made.step(event)
    elif isinstance(event, frozenset):
        made.apply(experiment, event)
    elif isinstance(event, dict):
        made.apply(experiment, values=tuple(event.items()))
    else:
        made.apply(event(experiment))


@given(events, st.lists(st.floats(0, 1), min_size=1, max_size=6), st.integers(1, 12), st.sampled_from([1, 1 << 20]))
def test_any_place_is_had_again_to_the_last_bit(
    happening: list[Any], order: list[float], stride: int, room: int
) -> None:
    made = timeline(stride=stride, room=room)
    seen: dict[Place, Any] = {made.place: stands(made.run)}
    for event in happening:
        if isinstance(event, int):
            for _ in range(event):
                made.step()
                seen[made.place] = stands(made.run)
        else:
            happen(made, event)
            seen[made.place] = stands(made.run)
    places = sorted(seen)
    for share in order:
        place = places[round(share * (len(places) - 1))]
        made.seek(*place)
        assert made.place == place
        assert stands(made.run) == seen[place]
    made.release()
    assert stands(made.run) == seen[made.place], "a run that is made anew stands where the other stood"


def faster(experiment: Experiment, rate: float = 0.1) -> Experiment:
    return experiment.replace(training=experiment.training.replace(learning_rate=rate))


def test_training_from_the_past_makes_the_recorded_steps_again_and_goes_on() -> None:
    made, straight = timeline(), timeline()
    for line in (made, straight):
        line.step(150)
        line.apply(faster(line.run.experiment))
        line.step(50)
    made.seek(20)
    assert made.step(300) == 300
    straight.step(120)
    assert stands(made.run) == stands(straight.run)
    assert made.is_at_end
    assert made.end == 320
    assert made.run.curve().steps.tolist() == straight.run.curve().steps.tolist()
    assert made.run.curve().train.tolist() == straight.run.curve().train.tolist()


def test_a_fork_shares_the_past_and_leaves_the_future_as_it_was() -> None:
    made = timeline()
    made.step(140)
    made.apply(faster(SMALL, 0.2))
    made.step(160)
    end = stands(made.run)
    made.seek(150)
    there = stands(made.run)
    fork = made.fork()
    assert stands(fork.run) == there
    fork.apply(faster(SMALL, 0.001))
    fork.step(10)
    assert [change.step for change in fork.changes] == [140, 150]
    assert (fork.end, fork.history.samples[-1][0]) == (160, 152)
    made.seek(300)
    assert stands(made.run) == end
    assert [change.step for change in made.changes] == [140]
    assert made.history.samples[-1][0] == 296
    fork.seek(150, 1)
    assert stands(fork.run) == there


def test_the_past_cannot_be_changed() -> None:
    made = timeline()
    made.step(3)
    made.seek(2)
    with pytest.raises(ValueError, match="step 2 of 3 is past"):
        made.apply(faster(SMALL))
    assert not made.changes


def test_another_network_is_refused_by_name_and_changes_nothing() -> None:
    made = timeline()
    made.step(2)
    assert made.apply(SMALL.replace(seed=1)) == ("seed",)
    assert made.changes == []
    assert made.run.experiment == SMALL


@pytest.mark.parametrize("steps", [-5, 0, 7, 40, 10**9])
def test_a_step_that_never_was_is_the_nearest_that_was(steps: int) -> None:
    made = timeline()
    made.step(40)
    made.seek(steps)
    assert made.run.steps == min(max(steps, 0), 40)


def test_snapshots_are_thinned_evenly_within_their_room() -> None:
    size = Run(SMALL).snapshot().nbytes
    made = timeline(room=30 * size, stride=2)
    made.step(1001)
    kept = [snapshot.steps for snapshot in made.snapshots]
    assert 8 <= len(kept) <= 30
    assert len(set(np.diff(kept))) == 1
    assert kept[0] == 0


def test_on_a_long_way_one_can_turn_back() -> None:
    made = timeline(stride=1000)
    made.step(900)
    made.seek(0)
    way = made.approach(900)
    shares = [next(way), next(way)]
    assert 0 < shares[0] < shares[1] < 1
    halfway = made.run.steps
    assert 0 < halfway < 900
    made.seek(3)
    straight = Run(SMALL)
    straight.step(3)
    assert stands(made.run) == stands(straight)


def test_where_a_run_diverges_its_timeline_ends() -> None:
    made = timeline(SMALL.replace(training=SMALL.training.replace(optimizer="sgd", loss="mse", learning_rate=10)))
    wild = made.run.experiment.network.replace(layers=(LayerSpec(4, "relu"), LayerSpec(4, "relu")))
    made = timeline(made.run.experiment.replace(network=wild))
    steps = made.step(500)
    assert made.run.diverged
    assert made.end == steps < 500
    there = stands(made.run)
    made.seek(0)
    made.seek(steps)
    assert stands(made.run) == there
    assert made.step() == 0
    assert made.run.diverged


def test_the_state_of_a_moment_in_the_past_is_one_that_a_run_takes_up() -> None:
    made = timeline()
    made.step(1200)
    made.seek(700)
    again = Run(SMALL)
    again.restore(made.run.state())
    assert stands(again) == stands(made.run)
    assert again.curve().steps[-1] == 700


@given(events)
def test_the_step_before_is_had_and_the_run_stands_where_it_stood(happened: list[Any]) -> None:
    made = timeline(stride=16)
    for event in happened:
        happen(made, event)
    place, here, end = made.place, stands(made.run), made.end
    before = made.before()
    assert (made.place, stands(made.run), made.end) == (place, here, end)
    if place.step == made.start:
        assert before is None
    else:
        assert before is not None
        made.seek(place.step - 1)
        assert before.steps == place.step - 1
        found = {name: array.tobytes() for name, array in before.weights.items()}
        assert found == {name: array.tobytes() for name, array in made.run.snapshot().weights.items()}


def test_a_run_that_diverged_is_found_diverged_again_and_after_a_change_it_can_go_on() -> None:
    training = Training(learning_rate=10.0, optimizer="sgd", loss="mse")
    made = Timeline.of(Run(PRESETS["wave"].replace(training=training)))
    made.step(200)
    place = made.place
    assert made.run.diverged
    made.seek(place.step - 2)
    assert not made.run.diverged
    made.seek(place.step)
    assert made.run.diverged
    made.apply(made.in_force.experiment.replace(training=training.replace(learning_rate=1e-5)))
    assert not made.run.diverged
    made.seek(*place)
    assert made.run.diverged
    made.release()
    assert made.run.diverged
    made.seek(place.step, 1)
    assert made.step(3) == 3
    assert not made.run.diverged
