"""Memory budget: what a step needs, estimated from sizes, operations and points before anything is built."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

import numpy as np

from engine.autograd import Tensor
from engine.autograd.node import ancestors
from engine.nn.activations import activation_named
from engine.training.spec.rules import InvalidError

BUDGET = 2**30  # bytes
AT_ONCE = 10_000  # points at most that all neurons are asked about in one pass, for a picture of the plane
_FLOAT = 4  # bytes of a number

# arrays that a neuron needs, a number a point: of its own, and for each share of a gradient that its activation passes
# back, in the trace of the step and the program together; measured from 2.5 to 3.1 a share
_OF_A_NEURON, _OF_A_SHARE = 10, 3


def memory_needed(layers: Iterable[tuple[int, str]], batch: int) -> tuple[int, int]:
    """Bytes that a step needs, and a pass forward over as many points as are asked about at once.

    Args:
        layers: neurons and activation of each hidden layer.
        batch: points of a step, at most.
    """
    step = forward = 0
    for size, activation in layers:
        operations, shares = _cost(activation)
        step += _FLOAT * batch * size * (_OF_A_NEURON + _OF_A_SHARE * shares)
        forward += _FLOAT * AT_ONCE * size * (_OF_A_NEURON + operations)
    return step, forward


def check_memory(layers: Iterable[tuple[int, str]], batch: int) -> None:
    """Raise InvalidError, with what to lower, where more memory is needed than there may be. See `memory_needed`."""
    step, forward = memory_needed(layers, batch)
    if max(step, forward) > BUDGET:
        what = "or the length of the activation's formula" if forward > BUDGET else "or the batch size"
        lower = f"allowed: {_in_words(BUDGET)}; lower the number of layers or neurons, {what}"
        raise InvalidError("memory of a step", _in_words(max(step, forward)), lower)


def _in_words(size: int) -> str:
    return f"{size / 2**30:.3g} GB"


@lru_cache(maxsize=64)
def _cost(activation: str) -> tuple[int, int]:
    """Operations of an activation, and shares of gradients that they pass back."""
    function: Callable[[Any], Tensor] = activation_named(activation).function
    with np.errstate(all="ignore"):
        nodes = ancestors([function(Tensor(np.ones(1)))])
    computed = [node for node in nodes if node.op is not None]
    return len(computed), sum(parent.requires_grad for node in computed for parent in node.parents)
