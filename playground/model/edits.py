"""Edits: what each gesture in the window does to an Experiment. Pure functions, from one experiment to the next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.nn import OPTIMIZERS
from engine.nn.activations import activation_named
from engine.training import (
    DATASETS,
    DRAWN,
    LIMIT,
    MAX_POINTS,
    MAX_SEED,
    Data,
    Experiment,
    InvalidError,
    LayerSpec,
    Points,
    Training,
    columns_of,
    experiment_of,
    no_points,
    preset_data,
    preset_for,
    rule_of,
)
from engine.training.run.transfer import restructured
from engine.training.spec.places import ParameterPlace

LOWEST: float = rule_of(Training, "learning_rate").low
LOWER = 0.1  # by which a learning rate that was too high is multiplied


def set_data(experiment: Experiment, data: Data) -> Experiment:
    """Other data; the network stays, with features and a loss that fit them."""
    return restructured(experiment, lambda e: e.with_data(data))


def use_data(experiment: Experiment, data: Data) -> Experiment:
    """Data of the user's own; the network stays, and is given all of their inputs."""

    def change(e: Experiment) -> Experiment:
        given = e.with_data(data)
        return given.replace(network=given.network.replace(features=columns_of(data.inputs)))

    return restructured(experiment, change)


def set_network(experiment: Experiment, **changes: Any) -> Experiment:
    """Other features, layers or initialiser."""
    return restructured(experiment, lambda e: e.replace(network=e.network.replace(**changes)))


def freeze(experiment: Experiment, places: Iterable[ParameterPlace], on: bool = True) -> Experiment:
    """Weights and biases that training leaves as they are; or no more."""
    frozen = set(experiment.network.frozen)
    frozen = frozen.union(places) if on else frozen.difference(places)
    return experiment.replace(network=experiment.network.replace(frozen=tuple(frozen)))


def race(experiment: Experiment) -> Experiment:
    """Training by plain gradient descent."""
    return set_training(experiment, optimizer=next(iter(OPTIMIZERS)))


def is_by_hand(experiment: Experiment) -> bool:
    """Whether nobody makes steps but the user."""
    return bool(OPTIMIZERS[experiment.training.optimizer].waits)


def set_training(experiment: Experiment, **changes: Any) -> Experiment:
    """Another way to learn: any field of Training."""
    return experiment.replace(training=experiment.training.replace(**changes))


def choose_dataset(experiment: Experiment, name: str) -> Experiment:
    """The points of another dataset as its preset has them; network and training stay. By hand, the points stay too."""
    if name == DRAWN:
        return set_data(experiment, experiment.data.drawn())
    data = preset_data(name, experiment.data.kind)
    return set_data(experiment, data.replace(train_share=experiment.data.train_share))


def use_preset(experiment: Experiment) -> Experiment:
    """The network and training made for the dataset in force."""
    preset = preset_for(experiment.data)
    return experiment.replace(network=preset.network, training=preset.training)


def is_preset(experiment: Experiment) -> bool:
    """Whether network and training are those made for the dataset."""
    return use_preset(experiment) == experiment


def preset_in_words(experiment: Experiment) -> str:
    """The hidden layers made for the dataset: 8 + 8 neurons, sine."""
    layers = preset_for(experiment.data).network.layers
    sizes = " + ".join(str(layer.size) for layer in layers)
    return f"{sizes} neurons, {activation_named(layers[0].activation).label}"


def new_points(experiment: Experiment) -> Experiment:
    """Other points of the same dataset."""
    return set_data(experiment, experiment.data.replace(seed=_next(experiment.data.seed)))


def new_weights(experiment: Experiment) -> Experiment:
    """Other initial weights."""
    return experiment.replace(seed=_next(experiment.seed))


def set_seed(experiment: Experiment, seed: int) -> Experiment:
    """Initial weights, batches and dropout from another seed."""
    return experiment.replace(seed=seed)


def _next(seed: int) -> int:
    return (seed + 1) % (MAX_SEED + 1)


def clear_points(experiment: Experiment) -> Experiment:
    """An empty plane for two classes, or for those that have names."""
    data = experiment.data
    return set_data(experiment, data.drawn(no_points(data.inputs)).replace(classes=max(2, len(data.class_names))))


def paint(
    experiment: Experiment,
    places: NDArray[np.float64],
    label: int,
    test: bool = False,
    rest: Sequence[float] = (),
) -> Experiment:
    """Points of a class added at places (n, 2) where the plane cuts through the other inputs, as many as there is room
    for, for training or held back to test.
    """
    room = max(1, MAX_POINTS - len(experiment.data.arrays))  # without any, the refusal says so
    target = target_of(experiment, label)
    return set_data(experiment, experiment.data.with_points_added(places[:room], target, test, rest))


def target_of(experiment: Experiment, label: int) -> float:
    """The target of points that are drawn with one of the choices there are, or with a class that is to be."""
    choices = experiment.task.choices
    return choices[label] if 0 <= label < len(choices) else float(label)


def erase(experiment: Experiment, indices: NDArray[np.int64]) -> Experiment:
    """Some points taken away."""
    return set_data(experiment, experiment.data.with_points_erased(indices))


def move(experiment: Experiment, indices: NDArray[np.int64], places: NDArray[np.float64]) -> Experiment:
    """Some points moved to places (n, 2)."""
    xy = experiment.data.arrays.xy.copy()
    xy[_checked(experiment, indices)] = places
    return set_data(experiment, experiment.data.with_points_at(xy))


def relabel(experiment: Experiment, indices: NDArray[np.int64], label: int) -> Experiment:
    """Some points given to another class."""
    points = experiment.data.arrays
    targets = points.targets.copy()
    targets[_checked(experiment, indices)] = target_of(experiment, label)
    return set_data(experiment, experiment.data.drawn(Points(points.inputs, targets, points.test)))


def duplicate(experiment: Experiment, indices: NDArray[np.int64], by: NDArray[np.float64]) -> Experiment:
    """Some points a second time, so far (2,) from where they are; no coordinate goes beyond its limit."""
    points, copies = experiment.data.arrays, experiment.data.arrays.take(_checked(experiment, indices))
    places = np.concatenate([points.xy, np.clip(copies.xy + by, -LIMIT, LIMIT)])
    return set_data(experiment, experiment.data.drawn(points + copies).with_points_at(places))


def paste(experiment: Experiment, points: Points) -> Experiment:
    """Points added. Raises InvalidError where they have other inputs than those that there are, or are too many."""
    data, found = experiment.data, points.inputs.shape[1]
    if found != data.inputs:
        raise InvalidError("inputs of points", found, f"allowed: {data.inputs}, as those have that there are")
    return set_data(experiment, data.drawn(data.arrays + points))


def _checked(experiment: Experiment, indices: NDArray[np.int64]) -> NDArray[np.int64]:
    """Indices of points. Raises InvalidError where there is no such point."""
    most = len(experiment.data.arrays) - 1
    for index in indices[(indices < 0) | (indices > most)].tolist():
        raise InvalidError("index of a point", index, f"allowed: 0 to {most}")
    return indices


def imported(before: Experiment, after: Experiment) -> str:
    """What an edit imported; empty if it did not."""
    data = after.data
    if data.dataset != DRAWN or not data.columns or data.columns == before.data.columns:
        return ""
    count = len(data.points)
    return f"{count:,} point{'' if count == 1 else 's'} imported, to learn {data.columns[-1].name}"


def taken_over(before: Experiment, after: Experiment) -> str:
    """What an edit did to the points of a dataset, which are drawn by hand from then on; empty if it did not."""
    if before.data.dataset == DRAWN or after.data.dataset != DRAWN or after.data.columns:
        return ""
    more = len(after.data.points) - before.data.count
    points = f"{abs(more):,} point{'' if abs(more) == 1 else 's'}"
    return f"{points} {'added' if more > 0 else 'erased'}" if more else "Points changed"


def add_layer(experiment: Experiment, position: int) -> Experiment:
    """A hidden layer put in; it takes after the one before it, or else the one after it."""
    layers = list(experiment.network.layers)
    like = layers[max(0, position - 1)] if layers else LayerSpec()
    layers.insert(position, like)
    return set_network(experiment, layers=tuple(layers))


def set_depth(experiment: Experiment, depth: int) -> Experiment:
    """So many hidden layers: the last ones go, or others like the last one come."""
    layers = experiment.network.layers[:depth]
    last = layers[-1] if layers else LayerSpec()
    return set_network(experiment, layers=(*layers, *[last] * (depth - len(layers))))


def remove_layer(experiment: Experiment, layer: int) -> Experiment:
    """A hidden layer taken out."""
    layers = experiment.network.layers
    return set_network(experiment, layers=layers[:layer] + layers[layer + 1 :])


def duplicate_layer(experiment: Experiment, layer: int) -> Experiment:
    """A hidden layer once more, right behind it."""
    layers = experiment.network.layers
    return set_network(experiment, layers=(*layers[: layer + 1], *layers[layer:]))


def move_layer(experiment: Experiment, layer: int, by: int) -> Experiment:
    """A hidden layer moved by so many places, at most to an end."""
    layers = list(experiment.network.layers)
    layers.insert(min(max(layer + by, 0), len(layers) - 1), layers.pop(layer))
    return set_network(experiment, layers=tuple(layers))


def change_layer(experiment: Experiment, layer: int, **changes: Any) -> Experiment:
    """Another size, activation or whatever else of a hidden layer."""
    layers = list(experiment.network.layers)
    layers[layer] = layers[layer].replace(**changes)
    return set_network(experiment, layers=tuple(layers))


def use_activation(experiment: Experiment, name: str) -> Experiment:
    """One activation for all hidden layers. Raises InvalidError if there is none."""
    if not experiment.network.layers:
        raise InvalidError("number of layers", 0, "an activation needs at least 1 hidden layer")
    layers = tuple(layer.replace(activation=name) for layer in experiment.network.layers)
    return set_network(experiment, layers=layers)


def lower_rate(experiment: Experiment) -> Experiment:
    """A tenth of the learning rate."""
    return set_training(experiment, learning_rate=lower_learning_rate(experiment))


def lower_learning_rate(experiment: Experiment) -> float:
    """A tenth of the learning rate, as far down as it goes, in round figures."""
    return max(LOWEST, float(f"{experiment.training.learning_rate * LOWER:.3g}"))


def paste_setup(_: Experiment, text: str) -> Experiment:
    """What a setup text says, whatever there was. Raises InvalidError if it is none."""
    return experiment_of(text)


def dataset_name(experiment: Experiment) -> str:
    """The dataset's name in the middle of a sentence."""
    return DATASETS[experiment.data.dataset].name
