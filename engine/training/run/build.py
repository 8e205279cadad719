"""Factories: from an experiment the network, its points and its optimizer, as a run trains them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from engine.nn import Linear, Sequential, activation
from engine.nn.losses import loss_named
from engine.nn.modules import Module
from engine.nn.optimizers import OPTIMIZERS, Optimizer
from engine.nn.schedules import SCHEDULES
from engine.training.data.batches import DTYPE, Batch
from engine.training.data.features import featurise
from engine.training.spec.experiment import Experiment, Training
from engine.training.spec.places import ParameterPlace, Values
from engine.training.spec.seeds import Stream, generator


def build_model(experiment: Experiment, dtype: DTypeLike = DTYPE) -> Sequential:
    """The network of an experiment with its initial weights: the same for the same seed."""
    rng = generator(experiment.seed, Stream.WEIGHTS)
    network = experiment.network
    modules: list[Module] = []
    columns = zip(pairwise(experiment.sizes), network.biased, network.initialisers, strict=True)
    for i, ((inputs, outputs), bias, initialiser) in enumerate(columns):
        modules.append(Linear(inputs, outputs, bias, initialiser=initialiser, rng=rng, dtype=dtype))
        if i < len(network.layers):
            modules.append(activation(network.layers[i].activation))
    return Sequential(*modules)


def build_points(experiment: Experiment, dtype: DTypeLike = DTYPE) -> Batch:
    """All points of an experiment, training and test, as its network takes them."""
    points = experiment.data.arrays
    inputs = featurise(points.inputs, experiment.network.features).astype(dtype)
    targets = experiment.task.targets(points.targets, loss_named(experiment.training.loss)).astype(dtype)
    return Batch(inputs, targets, points.targets)


def optimizer_maker(training: Training) -> Callable[..., Optimizer]:
    """Makes the optimizer of some parameters: `optimizer_maker(training)(parameters)`."""
    return partial(OPTIMIZERS[training.optimizer].make, lr=training.learning_rate)


def set_up(optimizer: Optimizer, training: Training) -> None:
    """Tell an optimizer everything that may change between two steps."""
    optimizer.lr, optimizer.schedule = training.learning_rate, SCHEDULES[training.schedule]
    optimizer.span = training.span
    optimizer.l1, optimizer.l2, optimizer.max_norm = training.l1, training.l2, training.max_norm
    for name, value in training.optimizer_settings.items():
        setattr(optimizer, name, value)


def mobility(experiment: Experiment) -> list[NDArray[Any]] | None:
    """For each parameter, in order, 1 where it may move and 0 where it is frozen; None if nothing is."""
    if not experiment.network.frozen:
        return None
    masks: dict[str, NDArray[Any]] = {}
    for i, ((inputs, outputs), has_bias) in enumerate(
        zip(pairwise(experiment.sizes), experiment.network.biased, strict=True)
    ):
        masks[f"{2 * i}.weight"] = np.ones((outputs, inputs), DTYPE)
        if has_bias:
            masks[f"{2 * i}.bias"] = np.ones(outputs, DTYPE)
    for place in experiment.network.frozen:
        name, key = place.key
        masks[name][key] = 0
    return list(masks.values())


def redrawn(experiment: Experiment, places: Iterable[ParameterPlace], seed: int) -> Values:
    """Other initial values for some weights and biases, drawn as the initialiser draws them."""
    weights = build_model(experiment.replace(seed=seed)).state_dict()
    return tuple((place, float(weights[place.key[0]][place.key[1]])) for place in places)


def training_rows(experiment: Experiment) -> NDArray[np.int64]:
    """Which of all points are there to learn from, as indices (n,)."""
    return np.flatnonzero(~experiment.data.arrays.test)
