"""Activation functions: one table, written with the engine's own operations.

So each works on Values, Tensors and plain numbers, and its derivative comes from the chain rule.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from engine.autograd.ops import elu, relu, sigmoid, sin, softplus, tanh
from engine.formula import TYPED, function_of_one
from engine.nn.modules import Module


@dataclass(frozen=True)
class Activation:
    """A function of one number, the name that it bears in the window, and PyTorch's name for its module."""

    label: str
    module: str
    function: Callable[[Any], Any]


def _leaky_relu(x: Any) -> Any:
    """x above 0, a hundredth of it below: no neuron dies (Maas and others 2013)."""
    return 0.01 * x + 0.99 * relu(x)


def _gelu(x: Any) -> Any:
    """x·Φ(x), in the tanh form of Hendrycks and Gimpel (2016), within 0.0005 of the exact one."""
    return 0.5 * x * (1.0 + tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * (x * x * x))))


ACTIVATIONS: dict[str, Activation] = {
    "tanh": Activation("tanh", "Tanh", tanh),
    "relu": Activation("ReLU", "ReLU", relu),
    "sigmoid": Activation("sigmoid", "Sigmoid", sigmoid),
    "linear": Activation("linear", "Identity", lambda x: x),
    "leaky_relu": Activation("leaky ReLU", "LeakyReLU", _leaky_relu),
    "elu": Activation("ELU", "ELU", elu),
    "gelu": Activation("GELU", "GELU", _gelu),
    "silu": Activation("SiLU", "SiLU", lambda x: x * sigmoid(x)),
    "softplus": Activation("softplus", "Softplus", softplus),
    "sin": Activation("sine", "Sin", sin),
}


class Elementwise(Module):
    """An activation as a module: `nn.Tanh()`, `nn.ReLU()` … are made from the table."""

    activation: Activation

    def forward(self, x: Any) -> Any:
        """The function of each element."""
        return self.activation.function(x)


MODULES: dict[str, type[Elementwise]] = {
    row.module: type(row.module, (Elementwise,), {"activation": row, "__doc__": f"{row.label} of each element."})
    for row in ACTIVATIONS.values()
}


@lru_cache(maxsize=64)
def activation_named(name: str) -> Activation:
    """A row of the table; or, of a name that begins with =, a row made from the formula after it: "= x*tanh(x)".

    Raises ValueError for a name that is not in the table, and FormulaError, which is one, for a formula that cannot be
    read or is not of one number.
    """
    if name.startswith(TYPED):
        text = name.removeprefix(TYPED).strip()
        return Activation(text, "Typed", function_of_one(text))
    if name not in ACTIVATIONS:
        raise ValueError(f"activation: {name!r} is not allowed; allowed: {', '.join(ACTIVATIONS)}, or = and a formula")
    return ACTIVATIONS[name]


def activation(name: str) -> Elementwise:
    """The module of a row or formula: `activation("tanh")`, `activation("= x*tanh(x)")`. See `activation_named`."""
    row = activation_named(name)
    kind: type[Elementwise] = MODULES.get(row.module) or type(row.module, (Elementwise,), {"activation": row})
    return kind()
