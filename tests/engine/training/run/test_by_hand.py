"""Weights by hand and frozen ones: kept by runs, timelines, recordings, listings and the film."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from engine.autograd import Value
from engine.microscope.film.film import Film
from engine.microscope.graph.expression_graph import batch_graph
from engine.microscope.listings import in_torch, in_values
from engine.microscope.outlook import outlook
from engine.training import Experiment, InvalidError, LayerSpec, Network, Run
from engine.training.run import recording
from engine.training.run.build import redrawn
from engine.training.run.timeline import Timeline
from engine.training.run.transfer import restructured, transfer
from engine.training.spec.places import BIAS, ParameterPlace, incoming, outgoing
from tests.engine.listed import assert_same_step, assert_same_torch_step, executed
from tests.engine.tables import STEPPING
from tests.engine.training.run.test_timeline import SMALL, every_place, stands, timeline

FROZEN = tuple(every_place[::3])
HARD: dict[str, Any] = {"l1": 0.003, "l2": 0.01, "max_norm": 0.3, "batch_size": 7}


def with_frozen(experiment: Experiment = SMALL, frozen: Any = FROZEN, **training: Any) -> Experiment:
    return experiment.replace(
        network=experiment.network.replace(frozen=frozen), training=experiment.training.replace(**training)
    )


def number(run: Run, place: ParameterPlace) -> float:
    name, key = place.key
    return float(run.model.state_dict()[name][key])


@pytest.mark.parametrize("optimizer", STEPPING)
def test_a_run_leaves_what_is_frozen_alone_whatever_trains_it(optimizer: str) -> None:
    run = Run(with_frozen(optimizer=optimizer, **HARD))
    before = {place: number(run, place) for place in every_place}
    assert run.step(40) == 40
    for place in every_place:
        assert (number(run, place) == before[place]) is (place in FROZEN), place
    run.apply(with_frozen(frozen=FROZEN[:2], optimizer="sgd"))
    run.step(10)
    assert number(run, FROZEN[0]) == before[FROZEN[0]]
    assert number(run, FROZEN[-1]) != before[FROZEN[-1]]


def test_by_hand_makes_no_step_and_says_why() -> None:
    run = Run(with_frozen(optimizer="by_hand"))
    assert run.step(5) == 0
    assert "drag a weight" in run.waiting_for
    assert run.score()[0] is not None


def test_a_value_that_is_set_stays_with_what_the_optimizer_remembers() -> None:
    run = Run(SMALL)
    run.step(5)
    memory = str(run.snapshot().optimizer_state)
    place = every_place[4]
    run.set_values(((place, 1.25),))
    assert number(run, place) == 1.25
    assert str(run.snapshot().optimizer_state) == memory
    assert run.step() == 1
    assert number(run, place) != 1.25


def test_values_of_one_gesture_are_one_change_and_old_files_without_any_are_read() -> None:
    made = timeline()
    made.step(12)
    made.apply(SMALL, values=((every_place[0], 1.0),))
    made.amend(((every_place[0], 2.0),))
    made.amend(((every_place[1], -3.0),))
    assert [change.values for change in made.changes] == [((every_place[0], 2.0), (every_place[1], -3.0))]
    made.step(9)
    end = stands(made.run)
    told = json.loads(json.dumps(recording.to_dict(made, 3)))
    read = recording.from_dict(told, "timeline", {}, lambda _: None)
    assert read.changes == made.changes
    read.seek(3)
    read.seek(read.end)
    assert stands(read.run) == end
    del told["changes"][0]["values"]
    assert recording.from_dict(told, "timeline", {}, lambda _: None).changes[0].values == ()


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ([[9, 0, 0, 1.0]], r"changes\[0\].values: \[9, 0, 0\] is not allowed; allowed: .* network 2-3-2-1"),
        ([[1, 0, 5, 1.0]], r"\[1, 0, 5\] is not allowed"),
        ([[1, 0, 0, 1e9]], r"value: 1000000000.0 is not allowed; allowed: a number from -1e\+06 to 1e\+06"),
        ([[1, 0, 0]], r"allowed: \[column, unit, input, value\]"),
        ("no", "allowed: a list"),
    ],
)
def test_values_that_do_not_fit_are_refused_by_name(values: Any, says: str) -> None:
    made = timeline()
    made.apply(SMALL, values=((every_place[0], 1.0),))
    told = recording.to_dict(made, 3)
    told["changes"][0]["values"] = values
    with pytest.raises(InvalidError, match=says):
        recording.from_dict(told, "timeline", {}, lambda _: None)


def test_frozen_places_are_checked_against_the_sizes_and_equal_in_any_order() -> None:
    one, other = (SMALL.replace(network=SMALL.network.replace(frozen=f)) for f in (FROZEN, FROZEN[::-1]))
    assert one == other
    assert Experiment.from_dict(one.to_dict()) == one
    for place in ([3, 0, 5], [1, 3, 0], [4, 0, BIAS]):
        with pytest.raises(InvalidError, match=r"network.frozen: .* is not allowed; allowed: column, neuron and input"):
            SMALL.replace(network=SMALL.network.replace(frozen=[place]))
    with pytest.raises(InvalidError, match="column: 0 is not allowed"):
        Network(frozen=[[0, 0, 0]])  # type: ignore[arg-type]


sizes = st.lists(st.builds(LayerSpec, st.integers(1, 4)), max_size=4).map(tuple)
features = st.lists(st.sampled_from(["x1", "x2", "x1_x2"]), min_size=1, unique=True).map(tuple)


@given(sizes, features, st.integers(2, 4), sizes, features, st.integers(2, 4))
def test_what_stays_frozen_is_what_a_changed_network_takes_over(
    layers: Any, names: Any, classes: int, new_layers: Any, new_names: Any, new_classes: int
) -> None:
    data = SMALL.data.replace(dataset="blobs", classes=classes)
    old = Experiment(data, Network(names, layers), seed=1)
    everything = tuple(
        p for column in range(1, len(old.sizes)) for p in incoming(old.sizes, old.network.biased, column)
    )
    old = old.replace(network=old.network.replace(frozen=everything))
    network, other = Network(new_names, new_layers), data.replace(classes=new_classes)
    new = restructured(old, lambda e: e.replace(network=network, data=other))
    moved = transfer(Run(old).snapshot(), new)
    if old.outputs == new.outputs or 1 not in (old.outputs, new.outputs):
        assert len(new.network.frozen) == moved.kept
    run, before = Run(new, weights=moved.weights), Run(old).model.state_dict()
    values = {float(value) for array in before.values() for value in array.ravel()}
    assert all(number(run, place) in values for place in new.network.frozen)


def test_a_neurons_own_weights_and_those_by_which_it_acts() -> None:
    assert list(incoming((2, 3, 1), (True, True), 1, 2)) == [(1, 2, 0), (1, 2, 1), (1, 2, BIAS)]
    assert len(list(incoming((2, 3, 1), (True, False), 2))) == 3
    assert list(outgoing((2, 3, 1), 1, 2)) == [(2, 0, 2)]
    assert list(outgoing((2, 3, 1), 2, 0)) == []


def test_weights_drawn_anew_are_those_of_the_initialiser_and_of_the_seed() -> None:
    place = every_place[:3]
    one, again, other = (redrawn(SMALL, place, seed) for seed in (5, 5, 6))
    assert one == again != other
    assert [value for _, value in one] == [number(Run(SMALL.replace(seed=5)), p) for p in place]


# ── the microscope ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("optimizer", STEPPING)
def test_the_numpy_listing_of_a_frozen_network_makes_its_step(optimizer: str) -> None:
    run = Run(with_frozen(optimizer=optimizer, **HARD))
    run.step(3)
    assert_same_step(run)


def test_the_torch_listing_of_a_frozen_network_makes_its_step(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run(with_frozen(optimizer="sgd", batch_size=7, l2=0))
    run.step(3)
    assert_same_torch_step(run, monkeypatch)
    run.apply(with_frozen(optimizer="adam", **HARD))
    lines = [line.text for line in in_torch(run.snapshot())]
    cleared, clipped = (
        next(i for i, line in enumerate(lines) if text in line) for text in (".grad[[0]] = 0", "clip_grad")
    )
    assert cleared < clipped < lines.index("optimizer.step()"), "a limit does not count what is frozen"


def test_the_scalar_listing_leaves_what_is_frozen() -> None:
    run = Run(with_frozen())
    snapshot = run.snapshot()
    space = executed(in_values(snapshot, 0))
    for column, unit, source in every_place:
        found: Value = space[f"b{column}"][unit] if source == BIAS else space[f"w{column}"][unit][source]
        place = ParameterPlace(column, unit, source)
        assert (found.data == number(run, place)) is (place in FROZEN or found.grad == 0)
    assert "frozen" not in str(in_values(Run(SMALL).snapshot(), 0)) + str(in_torch(Run(SMALL).snapshot()))


def test_the_film_and_the_outlook_leave_what_is_frozen() -> None:
    run = Run(with_frozen(**HARD))
    run.step(3)
    snapshot = run.snapshot()
    film = Film(batch_graph(snapshot, 0), snapshot)
    film.seek(len(film.steps))
    ahead = outlook(snapshot)
    assert ahead is not None
    for place in every_place:
        name, key = place.key
        i = next(i for p, i in film.graph.parameters.items() if (p.name, p.place) == (name, key))
        before = film.graph.value(i)
        assert bool(film.data[i] == before) is (place in FROZEN)
        assert ahead.updates[name][key] == pytest.approx(film.data[i] - before, rel=1e-6, abs=1e-9)
        assert ahead.gradients[name][key] == pytest.approx(film.gradients[i], rel=1e-9)
        if place in FROZEN:
            (line,) = film.update_lines(i, "w")
            assert (line.symbols, line.result) == ("w", before)


def test_the_outlook_is_of_the_very_step_that_dropout_strikes() -> None:
    layers = tuple(layer.replace(dropout=0.4) for layer in SMALL.network.layers)
    run = Run(SMALL.replace(network=SMALL.network.replace(layers=layers)))
    run.step(2)
    before, ahead = run.snapshot(), outlook(run.snapshot())
    run.step()
    assert ahead is not None
    for name, after in run.snapshot().weights.items():
        np.testing.assert_allclose(ahead.updates[name], after - before.weights[name], atol=1e-6)


def test_there_is_no_outlook_without_points() -> None:
    assert outlook(Run(SMALL.replace(data=SMALL.data.drawn().replace(points=()))).snapshot()) is None


def test_a_fork_of_a_run_with_values_by_hand_has_them() -> None:
    made = timeline()
    made.apply(SMALL, values=((every_place[0], 1.5),))
    made.step(20)
    made.seek(7)
    fork: Timeline = made.fork()
    fork.seek(0)
    assert number(fork.run, every_place[0]) == 1.5
    np.testing.assert_equal([change.step for change in fork.changes], [0])
