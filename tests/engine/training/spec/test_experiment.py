"""Experiment: JSON both ways for all of them, and every field guarded."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given

from engine.nn import OPTIMIZERS, SETTINGS
from engine.training import Data, Experiment, InvalidError, LayerSpec, Network, Training
from tests.engine.strategies import experiments, seeds

FULL = Experiment(network=Network(layers=(LayerSpec(), LayerSpec())), training=Training(batch_size=10))


@given(experiments)
def test_json_both_ways_is_the_identity(experiment: Experiment) -> None:
    text = json.dumps(experiment.to_dict(), allow_nan=False)
    again = Experiment.from_dict(json.loads(text))
    assert again == experiment
    assert hash(again) == hash(experiment)
    assert json.dumps(again.to_dict()) == text


@given(experiments, experiments)
def test_only_equal_ones_are_written_alike(one: Experiment, other: Experiment) -> None:
    assert (one == other) == (json.dumps(one.to_dict()) == json.dumps(other.to_dict()))


@given(experiments, seeds)
def test_one_seed_for_all_chance(experiment: Experiment, seed: int) -> None:
    seeded = experiment.with_seed(seed)
    assert (seeded.seed, seeded.data.seed) == (seed, seed)
    assert seeded.replace(seed=experiment.seed, data=experiment.data) == experiment


@pytest.mark.parametrize("seed", [-1, 2**32, 0.5, True, None])
def test_a_seed_out_of_range_is_refused(seed: Any) -> None:
    with pytest.raises(InvalidError, match=r"^seed: .* 0 to 4294967295"):
        FULL.with_seed(seed)


@given(experiments)
def test_sizes_say_how_many_parameters_there_are(experiment: Experiment) -> None:
    sizes = experiment.sizes
    assert sizes[0] == len(experiment.network.features)
    assert sizes[1:-1] == tuple(layer.size for layer in experiment.network.layers)
    many = experiment.data.classes if experiment.data.kind == "classification" else 2
    assert sizes[-1] == (1 if many == 2 else many)
    biases = sum(size for size, has in zip(sizes[1:], experiment.network.biased, strict=True) if has)
    assert experiment.parameter_count == sum(a * b for a, b in pairwise(sizes)) + biases


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path to every value inside a plain experiment."""
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        yield (*path, key)
        if isinstance(inner, dict | list):
            yield from places(inner, (*path, key))


def written(path: tuple[Any, ...]) -> str:
    """A path as messages have it: experiment.network.layers[1].size."""
    return "experiment" + "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path)


def altered(path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    """The plain experiment with another value at a path."""
    source = json.loads(json.dumps(FULL.to_dict()))
    parent = source
    for key in path[:-1]:
        parent = parent[key]
    parent[path[-1]] = value
    return source


EVERYWHERE = tuple(places(FULL.to_dict()))


def is_specification(path: tuple[Any, ...]) -> bool:
    """Whether an object stands there, which has fields of its own."""
    found: Any = FULL.to_dict()
    for key in path:
        found = found[key]
    return isinstance(found, dict)


@pytest.mark.parametrize("path", EVERYWHERE, ids=written)
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, -1, 10**400, True, "x", {}, [{}], 1.5j])
def test_nonsense_anywhere_is_refused_with_its_whole_path(path: tuple[Any, ...], value: Any) -> None:
    if (value == {} and is_specification(path)) or (value == [{}] and path[-1] in ("layers", "columns")):
        return  # all its fields are as by default
    if value is True and path[-1] in ("bias", "output_bias", "shuffle"):
        return
    with pytest.raises(InvalidError) as caught:
        Experiment.from_dict(altered(path, value))
    message = str(caught.value)
    assert message.removeprefix("number of ").startswith(written(path))
    assert "allowed: " in message or "the fields are: " in message
    assert len(message.splitlines()) == 1


@pytest.mark.parametrize("path", [path for path in EVERYWHERE if isinstance(path[-1], str)], ids=written)
def test_a_missing_field_is_as_by_default_and_an_unknown_one_is_refused(path: tuple[Any, ...]) -> None:
    source = altered(path, 0)
    parent, kind = source, Experiment() if len(path) == 1 else Experiment.from_dict(FULL.to_dict())
    for key in path[:-1]:
        parent = parent[key]
        kind = kind[key] if isinstance(key, int) else getattr(kind, key)
    del parent[path[-1]]
    found: Any = Experiment.from_dict(source)
    for key in path:
        found = found[key] if isinstance(key, int) else getattr(found, key)
    assert found == type(kind).__dataclass_fields__[path[-1]].default
    source = json.loads(json.dumps(FULL.to_dict()))
    parent = source
    for key in path[:-1]:
        parent = parent[key]
    parent["surprise"] = 1
    with pytest.raises(InvalidError) as caught:
        Experiment.from_dict(source)
    assert str(caught.value).startswith(f"{written((*path[:-1], 'surprise'))}: 1 ")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: LayerSpec(0), "size: 0 is not allowed; allowed: a whole number from 1 to 512"),
        (lambda: LayerSpec(513), "size: 513 is not allowed; allowed: a whole number from 1 to 512"),
        (lambda: LayerSpec(dropout=1), "dropout: 1 is not allowed; allowed: a number from 0 to 0.9"),
        (lambda: LayerSpec(initialiser="best"), "initialiser: 'best' is not allowed; allowed: xavier"),
        (lambda: LayerSpec(bias=1), "bias: 1 is not allowed; allowed: true or false"),  # type: ignore[arg-type]
        (lambda: LayerSpec(4, "step"), "activation: 'step' is not allowed; allowed: tanh, relu"),
        (lambda: Network(features=()), "number of features: 0 is not allowed; allowed: 1 to 32"),
        (lambda: Network(features=("x1", "x1")), "features: ['x1', 'x1'] is not allowed; allowed: each at most once"),
        (lambda: Network(features=("x33",)), "features[0]: 'x33' is not allowed; allowed: x1, x2"),
        (lambda: Experiment(network=Network(("x1", "x3"))), "network.features[1]: 'x3' is not allowed; allowed with 2"),
        (
            lambda: Experiment(Data("wave", kind="curve"), Network(("x1",))),
            "training.loss: 'cross_entropy' is not allowed; allowed for a curve: mse, mae, huber, or = and a formula",
        ),
        (lambda: Network(layers=(LayerSpec(),) * 9), "number of layers: 9 is not allowed; allowed: 0 to 8"),
        (lambda: Network(initialiser="best"), "initialiser: 'best' is not allowed; allowed: xavier"),
        (lambda: Training(loss="lost"), "loss: 'lost' is not allowed; allowed: cross_entropy"),
        (lambda: Training(optimizer="lbfgs"), "optimizer: 'lbfgs' is not allowed; allowed: sgd"),
        (
            lambda: Training(settings=(("momentum", 0.5),)),
            "settings of Adam: 'momentum' is not allowed; allowed: beta1, beta2, eps",
        ),
        (
            lambda: Training(optimizer="sgd", settings=(("momentum", 0.5),)),
            "settings: (('momentum', 0.5),) is not allowed; allowed: none, for SGD has none",
        ),
        (
            lambda: Training(settings=(("beta1", 1),)),
            "settings.beta1: 1 is not allowed; allowed: a number from 0 to 0.999",
        ),
        (
            lambda: Training(settings=(("beta1",),)),  # type: ignore[arg-type]
            "settings[0]: ('beta1',) is not allowed; allowed: [name, value]",
        ),
        (lambda: Training(learning_rate=0), "learning_rate: 0 is not allowed; allowed: a number from 1e-05 to 10"),
        (
            lambda: Training(learning_rate=10.1),
            "learning_rate: 10.1 is not allowed; allowed: a number from 1e-05 to",
        ),
        (lambda: Training(l2=-1e-9), "l2: -1e-09 is not allowed; allowed: a number from 0 to 10"),
        (
            lambda: Training(batch_size=0),
            "batch_size: 0 is not allowed; allowed: a whole number from 1 to 100000, or",
        ),
        (lambda: Experiment(data=None), "data: None is not allowed"),  # type: ignore[arg-type]
    ],
)
def test_bounds_are_told(make: Any, message: str) -> None:
    with pytest.raises(InvalidError) as caught:
        make()
    assert str(caught.value).startswith(message)


def test_numbers_that_are_equal_make_equal_experiments() -> None:
    one = Training(learning_rate=1, l2=-0.0)
    other = Training(learning_rate=1.0, l2=0)
    assert one == other
    assert json.dumps(one.to_dict()) == json.dumps(other.to_dict())


def test_points_that_were_looked_at_make_no_difference() -> None:
    experiment = Experiment(Data(count=50))
    assert len(experiment.data.arrays) == 50
    assert experiment == Experiment(Data(count=50))
    assert experiment.to_dict() == Experiment(Data(count=50)).to_dict()


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_settings_of_an_optimizer_are_those_of_its_row_until_they_are_changed(name: str) -> None:
    row = OPTIMIZERS[name]
    training = Training(optimizer=name)
    assert training.optimizer_settings == dict(row.settings)
    assert training.with_settings(**row.settings) == training
    for setting in row.settings:
        changed = training.with_settings(**{setting: SETTINGS[setting].high})
        assert changed.settings == ((setting, SETTINGS[setting].high),)
        assert changed.optimizer_settings == {**row.settings, setting: SETTINGS[setting].high}
        other = next(other for other in OPTIMIZERS if other != name)
        assert changed.replace(optimizer=other) == Training(optimizer=other)
        assert changed.replace(learning_rate=0.5).settings == changed.settings


def test_what_a_network_lives_through_is_told_from_what_it_does_not() -> None:
    network = FULL.network

    def reasons(first: LayerSpec, **changes: Any) -> tuple[str, ...]:
        return FULL.needs_new_network(FULL.replace(network=network.replace(layers=(first, LayerSpec()), **changes)))

    assert reasons(LayerSpec(dropout=0.5)) == ()
    assert reasons(LayerSpec(bias=False)) == reasons(LayerSpec(), output_bias=False) == ("layers",)
    assert reasons(LayerSpec(initialiser="he")) == ("initialiser",)
    assert reasons(LayerSpec(initialiser="xavier")) == ()  # as the network's
