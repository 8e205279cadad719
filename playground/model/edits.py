"""Edits: what each gesture in the window does to an Experiment. Pure functions, from one experiment to the next."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.nn.activations import activation_named
from engine.training import (
    DATASETS,
    DRAWN,
    MAX_POINTS,
    MAX_SEED,
    PRESETS,
    Data,
    Experiment,
    InvalidError,
    LayerSpec,
    Points,
    Training,
    rule_of,
)

LOWEST: float = rule_of(Training, "learning_rate").low
LOWER = 0.1  # by which a learning rate that was too high is multiplied


def set_data(experiment: Experiment, data: Data) -> Experiment:
    """Other data; the network stays."""
    return experiment.replace(data=data)


def set_network(experiment: Experiment, **changes: Any) -> Experiment:
    """Other features, layers or initialiser."""
    return experiment.replace(network=experiment.network.replace(**changes))


def set_training(experiment: Experiment, **changes: Any) -> Experiment:
    """Another way to learn: any field of Training."""
    return experiment.replace(training=experiment.training.replace(**changes))


def choose_dataset(experiment: Experiment, name: str) -> Experiment:
    """The points of another dataset as its preset has them; network and training stay. By hand, the points stay too."""
    if name == DRAWN:
        return set_data(experiment, experiment.data.drawn())
    return set_data(experiment, PRESETS[name].data.replace(train_share=experiment.data.train_share))


def use_preset(experiment: Experiment) -> Experiment:
    """The network and training made for the dataset in force."""
    preset = PRESETS[experiment.data.dataset]
    return experiment.replace(network=preset.network, training=preset.training)


def is_preset(experiment: Experiment) -> bool:
    """Whether network and training are those made for the dataset."""
    return use_preset(experiment) == experiment


def preset_in_words(experiment: Experiment) -> str:
    """The hidden layers made for the dataset: 8 + 8 neurons, sine."""
    layers = PRESETS[experiment.data.dataset].network.layers
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
    """An empty plane for two classes."""
    data = experiment.data
    return set_data(experiment, data.replace(dataset=DRAWN, points=(), classes=2))


def paint(experiment: Experiment, places: NDArray[np.float64], label: int) -> Experiment:
    """Training points of a class added at places (n, 2), as many as there is room for."""
    room = max(1, MAX_POINTS - len(experiment.data.arrays))  # without any, the refusal says so
    return set_data(experiment, experiment.data.with_points_added(places[:room], label))


def erase(experiment: Experiment, indices: NDArray[np.int64]) -> Experiment:
    """Some points taken away."""
    return set_data(experiment, experiment.data.with_points_erased(indices))


def move(experiment: Experiment, index: int, x1: float, x2: float) -> Experiment:
    """One point moved."""
    return set_data(experiment, experiment.data.with_point_moved(index, np.array([x1, x2])))


def relabel(experiment: Experiment, index: int, label: int) -> Experiment:
    """One point given to another class."""
    points = experiment.data.arrays
    labels = points.labels.copy()
    labels[index] = label
    return set_data(experiment, experiment.data.drawn(Points(points.xy, labels, points.test)))


def taken_over(before: Experiment, after: Experiment) -> str:
    """What an edit did to the points of a dataset, which are drawn by hand from then on; empty if it did not."""
    if before.data.dataset == DRAWN or after.data.dataset != DRAWN:
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


def dataset_name(experiment: Experiment) -> str:
    """The dataset's name in the middle of a sentence."""
    return DATASETS[experiment.data.dataset].label.lower()
