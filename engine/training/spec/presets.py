"""Presets: for each dataset, a small network that learns it from any seed within a few hundred steps."""

from __future__ import annotations

from engine.training.data.data import DRAWN, Data
from engine.training.spec.experiment import Experiment, LayerSpec, Network, Training

# a little L2 keeps boundaries smooth where there are no points to hold them
_GENTLE = Training(learning_rate=0.01, l2=0.001)


def _preset(data: Data, activation: str, *sizes: int, initialiser: str = "xavier") -> Experiment:
    layers = tuple(LayerSpec(size, activation) for size in sizes)
    return Experiment(data, Network(layers=layers, initialiser=initialiser), _GENTLE)


PRESETS: dict[str, Experiment] = {
    "circle": _preset(Data("circle"), "tanh", 6, 4),
    "xor": _preset(Data("xor"), "relu", 8, 4, initialiser="he"),
    "gauss": _preset(Data("gauss"), "tanh", 3),
    "spiral": _preset(Data("spiral"), "sin", 8, 8),
    "moons": _preset(Data("moons"), "tanh", 6, 4),
    "blobs": _preset(Data("blobs", classes=3), "tanh", 6),
    DRAWN: _preset(Data(DRAWN), "tanh", 8, 4),
}
