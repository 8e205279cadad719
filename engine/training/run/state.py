"""Checkpoint: where a run stands, as JSON holds it, and the rule that it must follow to be taken up again.

The rule is made for the very network and optimizer that are to take the state up: every array has its shape, every
number its bounds. So a state that was checked can be restored whole, and one that fails changes nothing.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Collection, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.autograd import Tensor
from engine.dataclass import dataclass
from engine.nn.optimizers import Optimizer
from engine.training.run.history import MAX_STEPS, History
from engine.training.spec.rules import Fields, Integer, InvalidError, ListOf, Real, Rule, TupleOf, Unless

Weights = Mapping[str, NDArray[Any]]
MOST_READ = 10_000  # numbers of an array that anybody could want to read in a file: a larger one is packed


def plain(value: Any, is_packed: bool = False) -> Any:
    """Dicts, lists and arrays as JSON holds them; packed, as large ones always are, an array is its bytes in base64,
    shorter and sooner read.
    """
    if isinstance(value, Mapping):
        return {key: plain(item, is_packed) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item, is_packed) for item in value]
    if not isinstance(value, np.ndarray):
        return value
    is_packed = is_packed or value.size > MOST_READ
    return base64.b64encode(_little_endian(value).tobytes()).decode() if is_packed else value.tolist()


def state_rule(weights: Weights, make_optimizer: Callable[..., Optimizer], points: int) -> Rule:
    """The rule of the state of a network with parameters like `weights`, and so many training points."""
    return Fields({**_moment(weights, make_optimizer, points), "history": HistoryRule()})


def snapshot_rule(weights: Weights, make_optimizer: Callable[..., Optimizer], points: int) -> Rule:
    """The rule of a snapshot of such a network: a state without the losses, and with the gradients that were left."""
    left = {name: np.zeros(array.shape) for name, array in weights.items()}
    return Fields({**_moment(weights, make_optimizer, points), "accumulated": Unless(_like(left), {})})


def _moment(weights: Weights, make_optimizer: Callable[..., Optimizer], points: int) -> dict[str, Rule]:
    return {
        "steps": Integer(0, MAX_STEPS),
        "epochs": Integer(0, MAX_STEPS),
        "position": Integer(0, max(0, points - 1)),
        "weights": _like(weights),
        "optimizer": _optimizer_rule(weights, make_optimizer),
    }


def _like(value: Any, never_negative: Collection[str] = (), is_negative: bool = True) -> Rule:
    """The rule of what is built like a value: the same keys, lengths, shapes and kinds of number."""
    if isinstance(value, Mapping):
        return Fields(
            {k: _like(item, never_negative, is_negative and k not in never_negative) for k, item in value.items()}
        )
    if isinstance(value, list):
        return _Items([_like(item, never_negative, is_negative) for item in value])
    if not isinstance(value, np.ndarray):
        return Integer(0, MAX_STEPS)
    largest = float(np.finfo(value.dtype).max)
    return ArrayOf(value.shape, value.dtype, -largest if is_negative else 0.0, largest)


@dataclass(frozen=True)
class _Items:
    """Rule of a list: as many items as there are rules."""

    rules: list[Rule]

    def check(self, name: str, value: Any) -> list[Any]:
        return list(TupleOf({f"{i + 1}": rule for i, rule in enumerate(self.rules)}).check(name, value))


@dataclass(frozen=True)
class ArrayOf:
    """Rule of an array: nested lists of numbers that make an array of one shape, or its bytes as base64."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    low: float
    high: float

    def check(self, name: str, value: Any) -> NDArray[Any]:
        if isinstance(value, str):
            return self._unpacked(name, value)
        rule: Rule = Real(self.low, self.high)
        for length in reversed(self.shape):
            rule = ListOf(rule, length, length)
        return np.array(rule.check(name, value), dtype=self.dtype)

    def _unpacked(self, name: str, text: str) -> NDArray[Any]:
        try:
            kind = self.dtype.newbyteorder("<")
            numbers = np.frombuffer(base64.b64decode(text, validate=True), kind).astype(self.dtype)
        except ValueError:
            numbers = np.zeros(0)
        if numbers.size != math.prod(self.shape) or not ((self.low <= numbers) & (numbers <= self.high)).all():
            shape = " × ".join(map(str, self.shape))
            allowed = f"allowed: base64 of {shape} numbers of {self.dtype.itemsize} bytes from {self.low:g}"
            raise InvalidError(name, text, allowed)
        return numbers.reshape(self.shape)


def _optimizer_rule(weights: Weights, make_optimizer: Callable[..., Optimizer]) -> Rule:
    """The rule of the optimizer's state: nothing yet, or what is remembered of parameters that have moved."""
    probe = make_optimizer([Tensor(np.zeros_like(array)) for array in weights.values()])
    unused = probe.state_dict()
    for parameter in probe.parameters:
        parameter.grad = np.zeros_like(parameter.data)
    probe.step()
    return Unless(_like(probe.state_dict(), probe.never_negative), unused)


def _little_endian(array: NDArray[Any]) -> NDArray[Any]:
    return array.astype(array.dtype.newbyteorder("<"), copy=False)


class HistoryRule:
    """Rule of a loss history."""

    def check(self, name: str, value: Any) -> History:
        return History.from_dict(value, name)
