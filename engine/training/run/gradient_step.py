"""Gradient step: a parameter update by gradients that are given, instead of by a compiled program that finds them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from engine.nn import Sequential
from engine.nn.optimizers import Optimizer
from engine.training.run.snapshot import RunSnapshot


class GradientSource(Protocol):
    """Source of gradients: what a run goes by that does not find them by its own program.

    Attributes:
        accumulated: gradients, by the parameters' names, that it adds the next ones to; none as a rule.
    """

    accumulated: Mapping[str, NDArray[Any]]

    def __call__(self, snapshot: RunSnapshot) -> Mapping[str, NDArray[Any]]:
        """What the next step takes for the gradients, an array for each parameter's name."""

    def zero_grad(self) -> None:
        """Forget the gradients: a step has been made by them."""


class GradientStep:
    """Training step by given gradients, which can be undone like a CompiledStep.

    Args:
        model: whose parameters move.
        optimizer: what moves them, as it does without a compiler.
        gradients: an array for each parameter's name.

    Attributes:
        losses: the gradient norm in the place of the loss that a CompiledStep starts from: it is finite if the start
            was.
    """

    def __init__(self, model: Sequential, optimizer: Optimizer, gradients: Mapping[str, NDArray[Any]]) -> None:
        self._model, self._optimizer, self._gradients = model, optimizer, gradients
        self._before: Any = None
        self.losses = [math.nan]

    def __call__(self, n: int = 1, save: bool = False) -> None:
        """Make the step, one at a time; `save` remembers where it starts, for `undo`."""
        if save:
            self._before = self._model.state_dict(), self._optimizer.state_dict(), self._optimizer.steps
        with np.errstate(all="ignore"):
            for name, parameter in self._model.named_parameters():
                parameter.grad = self._gradients[name].astype(parameter.dtype)
            self._optimizer.step()
        self.losses = [_norm(self._gradients.values())]

    def undo(self) -> None:
        """Stand where the step started: parameters, the optimizer's state and its counter, to the bit."""
        weights, state, self._optimizer.steps = self._before
        self._model.load_state_dict(weights)
        self._optimizer.load_state_dict(state)

    def norm(self) -> float:
        """Euclidean norm of all that the step wrote, parameters and the optimizer's state together."""
        return _norm(self._written())

    def is_finite(self) -> bool:
        """Whether all that the step wrote is finite, parameters and the optimizer's state."""
        return all(bool(np.isfinite(item).all()) for item in self._written())

    def _written(self) -> list[Any]:
        state = [item for entries in self._optimizer.state for item in entries.values()]
        return [parameter.data for parameter in self._model.parameters()] + [item for item in state if np.ndim(item)]


def _norm(arrays: Iterable[NDArray[Any]]) -> float:
    """Euclidean norm of several arrays together; not finite if one of their numbers is not."""
    with np.errstate(all="ignore"):
        return math.sqrt(sum(float(np.vdot(array, array)) for array in arrays))
