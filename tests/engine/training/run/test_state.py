"""State: a run taken up again goes on to the last bit; a broken state is refused and changes nothing."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from engine.training import DRAWN, Data, Experiment, InvalidError, LayerSpec, Network, Run, Training
from tests.engine.strategies import trainable
from tests.engine.tables import STEPPING

SMALL = Experiment(Data("xor", count=20), Network(layers=(LayerSpec(3),)), Training(batch_size=4, optimizer="adam"))


def through_json(state: Any) -> Any:
    return json.loads(json.dumps(state, allow_nan=False))


def trained(experiment: Experiment = SMALL, steps: int = 7) -> Run:
    run = Run(experiment)
    run.step(steps)
    return run


# ── taken up again ───────────────────────────────────────────────────────────────────────────────────────────────


@given(trainable, st.integers(0, 9), st.integers(0, 3))
def test_a_run_taken_up_again_goes_on_to_the_last_bit(experiment: Experiment, steps: int, elsewhere: int) -> None:
    run, again = trained(experiment, steps), trained(experiment, elsewhere)
    state = through_json(run.state())
    again.restore(state)
    assert again.state() == run.state() == state
    assert again.score() == run.score()
    for curve, other in zip(vars(run.curve()).values(), vars(again.curve()).values(), strict=True):
        np.testing.assert_array_equal(curve, other)
    assert again.step(5) == run.step(5)
    assert again.state() == run.state()


def test_large_arrays_are_packed_and_small_ones_can_be_read() -> None:
    large = SMALL.replace(network=Network(layers=(LayerSpec(120), LayerSpec(120))))
    run, again = trained(large), Run(large)
    state = through_json(run.state())
    assert [type(state["weights"][name]) for name in ("0.weight", "2.weight")] == [list, str]
    again.restore(state)
    assert again.step(3) == run.step(3)
    assert again.state() == run.state()


@pytest.mark.parametrize("optimizer", STEPPING)
def test_every_optimizer_in_the_middle_of_an_epoch_and_at_its_end(optimizer: str) -> None:
    experiment = SMALL.replace(data=Data("blobs", count=40, classes=3))
    experiment = experiment.replace(training=Training(batch_size=4, optimizer=optimizer, l2=0.01))
    run, again = Run(experiment), Run(experiment)
    states = [run.state(), *(run.state() for _ in range(26) if run.step())]
    for steps in (0, 1, 4, 5, 6):
        state = through_json(states[steps])
        assert (state["epochs"], state["position"]) == divmod(4 * steps, 20)
        again.restore(state)
        again.step(20)
        assert again.state() == states[steps + 20]


def test_a_history_that_was_thinned_out_is_taken_up_as_it_is() -> None:
    experiment = Experiment(Data(count=10), Network(layers=()))
    run, again = trained(experiment, 1501), Run(experiment)
    again.restore(through_json(run.state()))
    run.step(1001)
    again.step(1001)
    assert again.state() == run.state()


def test_a_run_that_was_changed_is_taken_up_under_its_new_experiment() -> None:
    run = trained()
    run.apply(SMALL.replace(training=SMALL.training.replace(optimizer="momentum", batch_size=3)))
    run.step(3)
    run.apply(run.experiment.replace(data=run.experiment.data.with_points_added([(1, 1), (2, -2)], 1)))
    run.step(3)
    again = Run(run.experiment)
    again.restore(through_json(run.state()))
    run.step(9)
    again.step(9)
    assert again.state() == run.state()


def test_a_run_that_changed_its_optimizer_and_made_no_step_since_is_taken_up() -> None:
    run = trained()
    run.apply(SMALL.replace(training=SMALL.training.replace(optimizer="adagrad")))
    again = Run(run.experiment)
    again.restore(through_json(run.state()))
    run.step(3)
    again.step(3)
    assert again.state() == run.state()


def test_a_run_without_points_is_taken_up() -> None:
    run = Run(SMALL.replace(data=Data(DRAWN)))
    again = Run(run.experiment)
    again.restore(through_json(run.state()))
    assert again.state() == run.state()


def test_a_run_beyond_all_bounds_is_taken_up_where_it_stands() -> None:
    training = Training(loss="mse", optimizer="sgd", learning_rate=10, batch_size=4)
    run = trained(SMALL.replace(network=Network(layers=(LayerSpec(8, "relu"),)), training=training), 1000)
    state = through_json(run.state())
    for again in (Run(run.experiment), run):
        again.restore(state)
        assert not again.diverged
        assert again.step() == 0
        assert again.diverged
        assert again.state() == state


def test_a_state_is_not_changed_by_the_run_that_gave_or_took_it() -> None:
    run, again = trained(), Run(SMALL)
    state = run.state()
    copy = through_json(state)
    again.restore(state)
    run.step(3)
    again.step(3)
    assert state == copy


# ── broken ───────────────────────────────────────────────────────────────────────────────────────────────────────


REFUSING = trained(steps=0)  # one for all tests: to compile another takes longer than to refuse
BEFORE, AFTER = (trained(steps=steps).state() for steps in (5, 8))


def refusals(states: list[Any]) -> list[InvalidError]:
    """Why states are refused, by a run that is then still what it was and goes on as if nothing had happened."""
    run, errors = REFUSING, []
    run.restore(BEFORE)
    for state in states:
        with pytest.raises(InvalidError) as caught:
            run.restore(state)
        assert len(str(caught.value).splitlines()) == 1
        errors.append(caught.value)
    assert run.state() == BEFORE
    run.step(3)
    assert run.state() == AFTER
    return errors


def refusal(state: Any) -> InvalidError:
    return refusals([state])[0]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path to every value in a state; of long lists to the first two and the last."""
    keys = list(value) if isinstance(value, dict) else sorted({0, 1, len(value) - 1} & set(range(len(value))))
    for key in keys:
        yield (*path, key)
        if isinstance(value[key], dict | list):
            yield from places(value[key], (*path, key))


STATE = trained().state()
EVERYWHERE = tuple(places(STATE))
MISSING = object()


def parent_at(source: Any, path: tuple[Any, ...]) -> Any:
    for key in path[:-1]:
        source = source[key]
    return source


def altered(path: tuple[Any, ...], value: Any) -> Any:
    """The state with another value at a path, or none."""
    source = through_json(STATE)
    parent = parent_at(source, path)
    if value is MISSING:
        del parent[path[-1]]
    else:
        parent[path[-1]] = value
    return source


@pytest.mark.parametrize("path", EVERYWHERE, ids=lambda path: ".".join(map(str, path)))
def test_nonsense_anywhere_is_refused_by_name(path: tuple[Any, ...]) -> None:
    values = [MISSING, math.nan, math.inf, -math.inf, 10**400, "1", True, {}, [[]], ["x"], {"a": 1}]
    if not isinstance(parent_at(STATE, path)[path[-1]], float):
        values += [-1, None, 0.5]
    for error in refusals([altered(path, value) for value in values]):
        assert path[0] in error.name or error.name == "state.steps", "the last sample taken away"


@pytest.mark.parametrize("path", [path for path in EVERYWHERE if isinstance(path[-1], int)], ids=str)
def test_a_value_too_many_is_refused(path: tuple[Any, ...]) -> None:
    state = through_json(STATE)
    values = parent_at(state, path)
    values.append(values[-1])
    assert f"state.{path[0]}" in refusal(state).name


@given(st.recursive(st.none() | st.integers() | st.floats() | st.text(max_size=3), lambda x: st.lists(x, max_size=3)))
def test_any_json_in_place_of_a_state_is_refused(state: Any) -> None:
    assert refusal(state).name == "state"


@pytest.mark.parametrize(
    "other",
    [
        SMALL.replace(network=Network(layers=(LayerSpec(4),))),
        SMALL.replace(network=Network(layers=(LayerSpec(3), LayerSpec(3)))),
        SMALL.replace(network=Network(layers=())),
        SMALL.replace(network=Network(features=("x1",), layers=(LayerSpec(3),))),
        SMALL.replace(data=Data("blobs", classes=3)),
        SMALL.replace(training=SMALL.training.replace(optimizer="momentum")),
        SMALL.replace(training=SMALL.training.replace(optimizer="rmsprop")),
    ],
)
def test_the_state_of_another_network_or_optimizer_is_refused(other: Experiment) -> None:
    refusal(through_json(trained(other).state()))


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("position",), 10, "state.position: 10 is not allowed; allowed: a whole number from 0 to 9"),
        (("steps",), 6, "state.steps: 6 is not allowed; allowed: a step that the history has just"),
        (("steps",), 8, "state.steps: 8 is not allowed; allowed: a step that the history has just"),
        (("steps",), 2**60, "state.steps: 1152921504606846976 is not allowed; allowed: a whole number from 0 to"),
        (("epochs",), -1, "state.epochs: -1 is not allowed"),
        (("weights", "0.weight", 0, 0), 1e39, "state.weights.0.weight[0][0]: 1e+39 is not allowed"),
        (("weights", "0.weight", 1), [1.0], "number of state.weights.0.weight[1]: 1 is not allowed; allowed: 2"),
        (("weights", "2.bias"), 0.0, "state.weights.2.bias: 0.0 is not allowed; allowed: a list of 1"),
        (("weights", "9.bias"), [0.0], "state.weights.9.bias: [0.0] is not allowed; the fields are: 0.weight, "),
        (("optimizer", 0, "square", 0, 0), -1e-9, "state.optimizer 1.square[0][0]: -1e-09 is not allowed"),
    ],
)
def test_what_is_wrong_is_told(path: tuple[Any, ...], value: Any, message: str) -> None:
    assert str(refusal(altered(path, value))).startswith(message)
