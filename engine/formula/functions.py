"""Functions, constants and examples: what a formula may call, and formulas to start from."""

from __future__ import annotations

import math

from engine.autograd import ops
from engine.autograd.ops import Op

# rows of the table of operations
FUNCTIONS: dict[str, Op] = {
    "exp": ops.exp,
    "log": ops.log,
    "sqrt": ops.sqrt,
    "sin": ops.sin,
    "cos": ops.cos,
    "tanh": ops.tanh,
    "sigmoid": ops.sigmoid,
    "softplus": ops.softplus,
    "relu": ops.relu,
    "elu": ops.elu,
    "abs": ops.absolute,
    "max": ops.maximum,
    "min": ops.minimum,
}

# no e: it is a letter like d and f, and exp(1) says the same
CONSTANTS: dict[str, float] = {"pi": math.pi}

EXAMPLES: dict[str, str] = {
    "a parabola": "x = 3, 3*x**2 - 4*x + 5",
    # the circuit that Stanford's CS231n explains backpropagation with
    "a sum and a product": "a = -2, b = 5, c = -4, (a + b) * c",
    # from Karpathy's lecture "The spelled-out intro to neural networks and backpropagation": this b gives tidy slopes
    "a neuron": "x1 = 2, x2 = 0, w1 = -3, w2 = 1, b = 6.8813735870195432\ntanh(w1*x1 + w2*x2 + b)",
    "step by step": "a = -4, b = 2, c = a + b, d = a*b, e = d**2",
}
