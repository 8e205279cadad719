"""Presets: for each dataset, a network and an optimiser that learn it."""

from __future__ import annotations

from engine.training.data import DRAWN, Data
from engine.training.experiment import Experiment, LayerSpec, Network, Training


def _layers(activation: str, *sizes: int) -> tuple[LayerSpec, ...]:
    return tuple(LayerSpec(size, activation) for size in sizes)


PRESETS: dict[str, Experiment] = {
    "circle": Experiment(
        Data("circle", count=500),
        Network(layers=_layers("tanh", 4, 2)),
        Training(learning_rate=0.03),
    ),
    "xor": Experiment(
        Data("xor", count=500),
        Network(layers=_layers("tanh", 8, 4)),
        Training(learning_rate=0.03),
    ),
    "gauss": Experiment(
        Data("gauss", count=500),
        Network(layers=_layers("tanh", 2)),
        Training(learning_rate=0.03),
    ),
    "spiral": Experiment(
        Data("spiral", count=500),
        Network(layers=_layers("tanh", 8, 8)),
        Training(learning_rate=0.03),
    ),
    "moons": Experiment(
        Data("moons", count=500),
        Network(layers=_layers("tanh", 6, 4)),
        Training(learning_rate=0.03),
    ),
    "blobs": Experiment(
        Data("blobs", count=500, classes=3),
        Network(layers=_layers("tanh", 6)),
        Training(learning_rate=0.03),
    ),
    DRAWN: Experiment(Data(DRAWN), Network(layers=_layers("tanh", 8, 4)), Training(learning_rate=0.03)),
}
