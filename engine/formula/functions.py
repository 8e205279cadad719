"""What a formula may call: one table, made of rows of the table of operations."""

from __future__ import annotations

import math

from engine.autograd import ops
from engine.autograd.ops import Op

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
