"""Dropout in training: which activations a step leaves out, so that no neuron relies on another.

What is left out follows from the seed and the number of the step alone, so that any step can be made again. It is drawn
before the step and given to the network like its points: whoever looks into the step sees the very mask.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from engine.autograd import Tensor
from engine.nn import Linear, Sequential
from engine.nn.modules import Module
from engine.training.data.batches import DTYPE
from engine.training.spec.experiment import Experiment
from engine.training.spec.seeds import Stream, generator

Masks = list[NDArray[Any] | None]


def dropout_masks(experiment: Experiment, step: int, points: int, dtype: DTypeLike = DTYPE) -> Masks:
    """Dropout masks of the step after so many: for each hidden layer (points, neurons), None where nothing is left out.

    0 is left out; what is not is 1 / (1 - p), so that sums stay as large as they are without dropout.
    """
    dropouts = experiment.network.dropouts
    if not any(dropouts):
        return [None] * len(dropouts)
    rng = generator(experiment.seed, Stream.DROPOUT, step)
    masks: Masks = []
    for layer in experiment.network.layers:
        mask = None
        if layer.dropout:
            chance = rng.random((layer.size, points), np.float32).T
            mask = np.multiply(chance >= layer.dropout, 1 / (1 - layer.dropout), dtype=dtype)
        masks.append(mask)
    return masks


class Dropped(Module):
    """Activation times a dropout mask (points, neurons). Of several copies of the points, each is struck alike."""

    def __init__(self, activation: Module, mask: Tensor) -> None:
        self.activation, self.mask = activation, mask

    def forward(self, x: Tensor) -> Tensor:
        """(points, neurons), or several times as many points, one copy after the other."""
        copies = len(x.data) // len(self.mask.data)
        result: Tensor = self.activation(x) * (self.mask if copies == 1 else np.tile(self.mask.data, (copies, 1)))
        return result


def with_dropout(model: Sequential, masks: Sequence[Tensor | None]) -> Sequential:
    """A network as it learns in one step: its own modules, each activation with the mask of its layer, if there is one.

    Parameters bear the names that they bear in the network itself.
    """
    left = iter(masks)
    modules = []
    for module in model:
        mask = None if isinstance(module, Linear) else next(left)
        modules.append(module if mask is None else Dropped(module, mask))
    return Sequential(*modules)
