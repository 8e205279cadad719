"""Neuron, Layer, MLP on single Values: micrograd's interface, where every weight is a node that can be looked at."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from engine.autograd import Value
from engine.nn.modules import Module


class Neuron(Module):
    """ReLU(w·x + b), or w·x + b with nonlin=False.

    Weights are drawn from U(-1, 1) with Python's `random`, as micrograd draws them; the bias starts at 0.
    """

    def __init__(self, nin: int, nonlin: bool = True) -> None:
        self.w = [Value(random.uniform(-1, 1)) for _ in range(nin)]
        self.b = Value(0.0)
        self.nonlin = nonlin

    def forward(self, x: Sequence[Any]) -> Value:
        """nin numbers or Values to one Value. Raises ValueError for another number of inputs."""
        if len(x) != len(self.w):
            raise ValueError(f"{self!r} takes {len(self.w)} inputs, but got {len(x)}")
        act = self.b
        for wi, xi in zip(self.w, x, strict=True):
            act = act + wi * xi
        return act.relu() if self.nonlin else act

    def __repr__(self) -> str:
        return f"{'ReLU' if self.nonlin else 'Linear'}Neuron({len(self.w)})"


class Layer(Module):
    """nout neurons side by side, each with all inputs."""

    def __init__(self, nin: int, nout: int, nonlin: bool = True) -> None:
        self.neurons = [Neuron(nin, nonlin) for _ in range(nout)]

    def forward(self, x: Sequence[Any]) -> Any:
        """A list of Values, or the Value itself if there is one neuron."""
        out = [neuron(x) for neuron in self.neurons]
        return out[0] if len(out) == 1 else out

    def __repr__(self) -> str:
        return f"Layer of [{', '.join(map(repr, self.neurons))}]"


class MLP(Module):
    """Layers of the sizes `nouts` one after another, ReLU in all but the last."""

    def __init__(self, nin: int, nouts: Sequence[int]) -> None:
        sizes = [nin, *nouts]
        self.layers = [Layer(sizes[i], size, nonlin=i != len(nouts) - 1) for i, size in enumerate(nouts)]

    def forward(self, x: Sequence[Any]) -> Any:
        """nin numbers or Values to a list of Values, or to one Value if the last layer has one neuron."""
        out: Any = x
        for layer in self.layers:
            out = layer([out] if isinstance(out, Value) else out)
        return out

    def __repr__(self) -> str:
        return f"MLP of [{', '.join(map(repr, self.layers))}]"
