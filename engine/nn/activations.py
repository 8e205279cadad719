"""Activation functions: one table, written with the engine's own operations.

So each works on Values, Tensors and plain numbers, and its derivative comes from the chain rule.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cached_property, lru_cache
from typing import Any

from engine.autograd.ops import elu, relu, sigmoid, sin, softplus, tanh
from engine.dataclass import dataclass
from engine.formula import TYPED, function_of_one
from engine.nn.modules import Module


@dataclass(frozen=True)
class Activation:
    """Activation function, of one number.

    Attributes:
        label: its name in the window.
        module: the name of its module: `nn.Tanh`.
        function: on numbers, arrays and nodes.
        torch: how PyTorch makes its module; empty where PyTorch has none.
        is_tame: whether it is known that |f(x)| ≤ |x| + 1: numbers do not explode but by the weights.
        corners: where its slope changes, in order, if it is straight between them; None if it is curved, or not known.
    """

    label: str
    module: str
    function: Callable[[Any], Any]
    torch: str = ""
    is_tame: bool = False
    corners: tuple[float, ...] | None = None

    @cached_property
    def module_class(self) -> type[Elementwise]:
        """The class of its module, of which each layer has an instance."""
        return type(self.module, (Elementwise,), {"activation": self, "__doc__": f"{self.label} of each element."})


def _leaky_relu(x: Any) -> Any:
    """x above 0, a hundredth of it below: no neuron dies (Maas and others 2013)."""
    return 0.01 * x + 0.99 * relu(x)


def _gelu(x: Any) -> Any:
    """x·Φ(x), in the tanh form of Hendrycks and Gimpel (2016), within 0.0005 of the exact one."""
    return 0.5 * x * (1.0 + tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * (x * x * x))))


def _silu(x: Any) -> Any:
    """x·σ(x), also called swish (Elfwing and others 2017)."""
    return x * sigmoid(x)


# fmt: off
ACTIVATIONS: dict[str, Activation] = {
    "tanh":       Activation("tanh",       "Tanh",      tanh,         "nn.Tanh()",                   True),
    "relu":       Activation("ReLU",       "ReLU",      relu,         "nn.ReLU()",                   True, (0.0,)),
    "sigmoid":    Activation("sigmoid",    "Sigmoid",   sigmoid,      "nn.Sigmoid()",                True),
    "linear":     Activation("linear",     "Identity",  lambda x: x,  "nn.Identity()",               True, ()),
    "leaky_relu": Activation("leaky ReLU", "LeakyReLU", _leaky_relu,  "nn.LeakyReLU()",              True, (0.0,)),
    "elu":        Activation("ELU",        "ELU",       elu,          "nn.ELU()",                    True),
    "gelu":       Activation("GELU",       "GELU",      _gelu,        'nn.GELU(approximate="tanh")', True),
    "silu":       Activation("SiLU",       "SiLU",      _silu,        "nn.SiLU()",                   True),
    "softplus":   Activation("softplus",   "Softplus",  softplus,     "nn.Softplus()",               True),
    "sin":        Activation("sine",       "Sin",       sin,          "",                            True),
}
# fmt: on


class Elementwise(Module):
    """An activation as a module: `nn.Tanh()`, `nn.ReLU()` … are made from the table."""

    activation: Activation

    def forward(self, x: Any) -> Any:
        """The function of each element."""
        return self.activation.function(x)


def activation_named(name: str) -> Activation:
    """A row of the table; or, of a name that begins with =, a row made from the formula after it: "= x*tanh(x)".

    Raises ValueError for a name that is not in the table, and FormulaError, which is one, for a formula that cannot be
    read or is not of one number.
    """
    if name.startswith(TYPED):
        return _typed(name.removeprefix(TYPED).strip())
    if name not in ACTIVATIONS:
        raise ValueError(f"activation: {name!r} is not allowed; allowed: {', '.join(ACTIVATIONS)}, or = and a formula")
    return ACTIVATIONS[name]


@lru_cache(maxsize=64)
def _typed(text: str) -> Activation:
    return Activation(text, "Typed", function_of_one(text))


def activation(name: str) -> Elementwise:
    """The module of a row or formula: `activation("tanh")`, `activation("= x*tanh(x)")`. See `activation_named`."""
    return activation_named(name).module_class()
