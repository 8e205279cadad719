"""Strategies: experiments at random, for properties that hold for all of them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from engine.nn import ACTIVATIONS, INITIALISERS, LOSSES, OPTIMIZERS, SCHEDULES, SETTINGS
from engine.training import (
    DATASETS,
    DRAWN,
    FEATURES,
    MAX_CLASSES,
    PLANE,
    Data,
    Experiment,
    LayerSpec,
    Network,
    Training,
)

seeds = st.integers(0, 2**32 - 1)
coordinates = st.floats(-PLANE, PLANE)
one_by_name = st.sampled_from


def rows(classes: int) -> st.SearchStrategy[tuple[Any, ...]]:
    """One point drawn by hand."""
    return st.tuples(coordinates, coordinates, st.integers(0, classes - 1), st.integers(0, 1))


@st.composite
def datas(draw: st.DrawFn, names: tuple[str, ...] = tuple(DATASETS)) -> Data:
    """Any Data of up to 60 points."""
    name = draw(one_by_name(names))
    classes = DATASETS[name].classes or draw(st.integers(2, MAX_CLASSES))
    return Data(
        dataset=name,
        count=draw(st.integers(2, 60)),
        noise=draw(st.floats(0, 0.5)),
        classes=classes,
        train_share=draw(st.floats(0.1, 0.9)),
        seed=draw(seeds),
        points=tuple(draw(st.lists(rows(classes), max_size=12))) if name == DRAWN else (),
    )


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


def networks(layers: st.SearchStrategy[LayerSpec] = layer_specs, at_most: int = 8) -> st.SearchStrategy[Network]:
    """Any Network of up to so many hidden layers."""
    return st.builds(
        Network,
        features=st.lists(one_by_name(tuple(FEATURES)), min_size=1, unique=True).map(tuple),
        layers=st.lists(layers, max_size=at_most).map(tuple),
        initialiser=initialisers,
        output_bias=st.booleans(),
    )


def settings_of(optimizer: str) -> st.SearchStrategy[tuple[tuple[str, float], ...]]:
    """Some of the settings of an optimizer, each anywhere within its bounds."""
    bounds = {name: st.floats(SETTINGS[name].low, SETTINGS[name].high) for name in OPTIMIZERS[optimizer].settings}
    return st.fixed_dictionaries({}, optional=bounds).map(lambda settings: tuple(settings.items()))


def trainings(low: float = 1e-5, high: float = 10) -> st.SearchStrategy[Training]:
    """Any Training with a learning rate between two bounds, and penalties up to the upper one."""
    optimizers = one_by_name(tuple(OPTIMIZERS))
    return optimizers.flatmap(lambda optimizer: _trainings(optimizer, low, high))


def _trainings(optimizer: str, low: float, high: float) -> st.SearchStrategy[Training]:
    return st.builds(
        Training,
        loss=one_by_name(tuple(LOSSES)),
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


experiments = st.builds(Experiment, datas(), networks(), trainings(), seeds)

made = tuple(name for name in DATASETS if name != DRAWN)
trainable = st.builds(
    Experiment, datas(made), networks(small_layer_specs, at_most=2), trainings(1e-4, 0.1), seeds
)  # small and tame: they train, quickly, and stay finite
