"""Strategies: experiments at random, for properties that hold for all of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hypothesis import strategies as st

from engine.nn import ACTIVATIONS, INITIALISERS, LOSSES, OPTIMIZERS, SCHEDULES, SETTINGS
from engine.training import (
    DATASETS,
    DRAWN,
    MAX_CLASSES,
    PLANE,
    TASKS,
    Data,
    Experiment,
    LayerSpec,
    Network,
    Training,
)
from engine.training.data.features import features_of
from engine.training.task import losses_for

seeds = st.integers(0, 2**32 - 1)
coordinates = st.floats(-PLANE, PLANE)
one_by_name = st.sampled_from


def rows(classes: int, inputs: int = 2) -> st.SearchStrategy[list[Any]]:
    """One point drawn by hand; of classes, or of values if there are none."""
    target = st.integers(0, classes - 1) if classes else coordinates
    return st.tuples(*[coordinates] * inputs, target, st.integers(0, 1)).map(list)


@st.composite
def datas(draw: st.DrawFn, names: tuple[str, ...] = tuple(DATASETS), kinds: tuple[str, ...] = tuple(TASKS)) -> Data:
    """Any Data of up to 60 points, made as a kind of task has them, or drawn."""
    name = draw(one_by_name([name for name in names if DATASETS[name].kind in (None, *kinds)]))
    kind = DATASETS[name].kind or draw(one_by_name(kinds))
    classes = DATASETS[name].classes or draw(st.integers(2, MAX_CLASSES))
    inputs = TASKS[kind].inputs or draw(st.integers(2, 5))
    row = rows(classes if TASKS[kind].has_classes else 0, inputs)
    drawn = draw(st.lists(row, max_size=12)) if name == DRAWN else []
    return Data(
        dataset=name,
        count=DATASETS[name].count or draw(st.integers(2, 60)),
        noise=draw(st.floats(0, 0.5)),
        classes=classes,
        train_share=draw(st.floats(0.1, 0.9)),
        seed=draw(seeds),
        points=drawn,  # type: ignore[arg-type]  # rows, as a file has them
        kind=kind,
        balance=draw(st.just(0.5) | st.floats(0.1, 0.9)),
        label_noise=draw(st.just(0.0) | st.floats(0, 0.5)),
        plane=tuple(draw(st.permutations(range(inputs)))[:2]) if drawn and inputs > 2 else (0, 1),
    )


def of_classes(names: tuple[str, ...] = tuple(DATASETS)) -> st.SearchStrategy[Data]:
    """Any Data of classes in the plane."""
    return datas(names, ("classification",)).filter(lambda data: data.inputs == 2)


initialisers = one_by_name(tuple(INITIALISERS))


def layers_of(sizes: st.SearchStrategy[int]) -> st.SearchStrategy[LayerSpec]:
    """Any hidden layer of such a size."""
    return st.builds(
        LayerSpec,
        sizes,
        one_by_name(tuple(ACTIVATIONS)),
        bias=st.booleans(),
        initialiser=st.none() | initialisers,
        dropout=st.just(0.0) | st.floats(0, 0.9),
    )


layer_specs, small_layer_specs = layers_of(st.integers(1, 64)), layers_of(st.integers(1, 5))


def networks(
    layers: st.SearchStrategy[LayerSpec] = layer_specs, at_most: int = 8, inputs: int = 2
) -> st.SearchStrategy[Network]:
    """Any Network of up to so many hidden layers, for points with so many inputs."""
    return st.builds(
        Network,
        features=st.lists(one_by_name(tuple(features_of(inputs))), min_size=1, unique=True).map(tuple),
        layers=st.lists(layers, max_size=at_most).map(tuple),
        initialiser=initialisers,
        output_bias=st.booleans(),
    )


def settings_of(optimizer: str) -> st.SearchStrategy[tuple[tuple[str, float], ...]]:
    """Some of the settings of an optimizer, each anywhere within its bounds."""
    bounds = {name: st.floats(SETTINGS[name].low, SETTINGS[name].high) for name in OPTIMIZERS[optimizer].settings}
    return st.fixed_dictionaries({}, optional=bounds).map(lambda settings: tuple(settings.items()))


def trainings(
    low: float = 1e-5, high: float = 10, losses: Iterable[str] = tuple(LOSSES)
) -> st.SearchStrategy[Training]:
    """Any Training with a learning rate between two bounds, and penalties up to the upper one."""
    optimizers = one_by_name(tuple(OPTIMIZERS))
    return optimizers.flatmap(lambda optimizer: _trainings(optimizer, low, high, tuple(losses)))


def _trainings(optimizer: str, low: float, high: float, losses: tuple[str, ...]) -> st.SearchStrategy[Training]:
    return st.builds(
        Training,
        loss=one_by_name(losses),
        optimizer=st.just(optimizer),
        settings=settings_of(optimizer),
        learning_rate=st.floats(low, high),
        schedule=one_by_name(tuple(SCHEDULES)),
        span=st.integers(1, 1_000_000),
        l1=st.just(0.0) | st.floats(0, high),
        l2=st.just(0.0) | st.floats(0, high),
        max_norm=st.just(0.0) | st.floats(0, 1000),
        batch_size=st.none() | st.integers(1, 100),
        shuffle=st.booleans(),
    )


@st.composite
def experiments_of(
    draw: st.DrawFn,
    data: st.SearchStrategy[Data],
    layers: st.SearchStrategy[LayerSpec] = layer_specs,
    at_most: int = 8,
    rates: tuple[float, float] = (1e-5, 10),
) -> Experiment:
    """Any Experiment with such data: its features and its loss are those that there are for it."""
    drawn = draw(data)
    network = draw(networks(layers, at_most, drawn.inputs))
    return Experiment(drawn, network, draw(trainings(*rates, losses_for(drawn.task))), draw(seeds))


experiments = experiments_of(datas())

made = tuple(name for name in DATASETS if name != DRAWN)
trainable = experiments_of(
    datas(made), small_layer_specs, 2, (1e-4, 0.1)
)  # small and tame: they train, and stay finite
