"""Checkpoint: where a run stands, as JSON holds it, and the rule that it must follow to be taken up again.

The rule is made for the very network and optimizer that are to take the state up: every array has its shape, every
number its bounds. So a state that was checked can be restored whole, and one that fails changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.autograd import Tensor
from engine.nn.optimizers import Optimizer
from engine.training.data.batches import DTYPE
from engine.training.run.history import MAX_STEPS, History
from engine.training.spec.rules import Fields, Integer, ListOf, Real, Rule, TupleOf

_LARGEST = float(np.finfo(DTYPE).max)


def plain(value: Any) -> Any:
    """Dicts, lists and arrays as JSON holds them."""
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value.tolist() if isinstance(value, np.ndarray) else value


def state_rule(weights: Mapping[str, NDArray[Any]], make_optimizer: Callable[..., Optimizer], points: int) -> Rule:
    """The rule of the state of a network with parameters like `weights`, and so many training points."""
    return Fields(
        {
            "steps": Integer(0, MAX_STEPS),
            "epochs": Integer(0, MAX_STEPS),
            "position": Integer(0, max(0, points - 1)),
            "weights": _like(weights),
            "optimizer": _OptimizerState(weights, make_optimizer),
            "history": _HistoryRule(),
        }
    )


def _like(value: Any, never_negative: Collection[str] = (), low: float = -_LARGEST) -> Rule:
    """The rule of what is built like a value: the same keys, lengths, shapes and kinds of number."""
    if isinstance(value, Mapping):
        return Fields(
            {key: _like(item, never_negative, 0 if key in never_negative else low) for key, item in value.items()}
        )
    if isinstance(value, list):
        return _Items([_like(item, never_negative, low) for item in value])
    return _Array(value.shape, low) if isinstance(value, np.ndarray) else Integer(0, MAX_STEPS)


@dataclass(frozen=True)
class _Items:
    """Rule of a list: as many items as there are rules."""

    rules: list[Rule]

    def check(self, name: str, value: Any) -> list[Any]:
        return list(TupleOf({f"{i + 1}": rule for i, rule in enumerate(self.rules)}).check(name, value))


@dataclass(frozen=True)
class _Array:
    """Rule of an array: nested lists of numbers that make an array of one shape."""

    shape: tuple[int, ...]
    low: float

    def check(self, name: str, value: Any) -> NDArray[Any]:
        rule: Rule = Real(self.low, _LARGEST)
        for length in reversed(self.shape):
            rule = ListOf(rule, length, length)
        return np.array(rule.check(name, value), dtype=DTYPE)


class _OptimizerState:
    """Rule of the optimizer's state: nothing yet, or what is remembered of parameters that have moved."""

    def __init__(self, weights: Mapping[str, NDArray[Any]], make_optimizer: Callable[..., Optimizer]) -> None:
        probe = make_optimizer([Tensor(np.zeros_like(array)) for array in weights.values()])
        self._unused = probe.state_dict()
        for parameter in probe.parameters:
            parameter.grad = np.zeros_like(parameter.data)
        probe.step()
        self._used = _like(probe.state_dict(), probe.never_negative)

    def check(self, name: str, value: Any) -> Any:
        return self._unused if value == self._unused else self._used.check(name, value)


class _HistoryRule:
    def check(self, name: str, value: Any) -> History:
        return History.from_dict(value, name)
