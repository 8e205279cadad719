"""Neural networks: modules on Tensors in PyTorch's manner, and micrograd's Neuron, Layer and MLP on Values."""

from typing import Any

from engine.nn import losses, optimizers as optim
from engine.nn.activations import ACTIVATIONS, activation
from engine.nn.initialisers import INITIALISERS
from engine.nn.losses import LOSSES
from engine.nn.micrograd import MLP, Layer, Neuron
from engine.nn.modules import Dropout, Linear, Module, Sequential
from engine.nn.optimizers import OPTIMIZERS, SETTINGS
from engine.nn.schedules import SCHEDULES

__all__ = ["ACTIVATIONS", "INITIALISERS", "LOSSES", "MLP", "OPTIMIZERS", "SCHEDULES", "SETTINGS", "Dropout", "Layer",
           "Linear", "Module", "Neuron", "Sequential", "activation", "losses", "optim"]  # fmt: skip


def __getattr__(name: str) -> Any:
    """`nn.Tanh`, `nn.ReLU` …: one module for each row of the table of activations."""
    for row in ACTIVATIONS.values():
        if row.module == name:
            return row.module_class
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *(row.module for row in ACTIVATIONS.values())])
