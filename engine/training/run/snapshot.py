"""Moment: where a run stands before a step, and what the step will be made from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from engine.nn import Sequential
from engine.nn.losses import Loss, loss_named
from engine.nn.optimizers import Optimizer
from engine.training.data.batches import Batch
from engine.training.run.build import build_model, build_points, optimiser_maker, set_up
from engine.training.spec.experiment import Experiment


@dataclass(frozen=True, eq=False)
class Moment:
    """Copies of all that a step depends on, which nobody writes to again.

    Attributes:
        experiment: what is trained.
        steps: parameter updates so far.
        weights: the parameters by their PyTorch names, as the run holds them.
        memory: what the optimiser remembers of each parameter, in their order.
        batch: the points that the next step learns from, as indices into all points; empty if it waits for points.
    """

    experiment: Experiment
    steps: int
    weights: Mapping[str, NDArray[Any]]
    memory: list[dict[str, Any]]
    batch: NDArray[np.int64]

    @property
    def loss(self) -> Loss:
        """What training makes small."""
        return loss_named(self.experiment.training.loss)

    def model(self, dtype: DTypeLike = np.float64) -> Sequential:
        """A network of its own with the weights of this moment."""
        model = build_model(self.experiment, dtype)
        model.load_state_dict(self.weights)
        return model

    def points(self, rows: Any = None, dtype: DTypeLike = np.float64) -> Batch:
        """Some of all points, by index or by mask, as the network takes them; those of the next batch if None."""
        return build_points(self.experiment, dtype).take(self.batch if rows is None else rows)

    def optimiser(self, parameters: Iterable[Any], memory: list[dict[str, Any]] | None = None) -> Optimizer:
        """An optimiser of other parameters that goes on from here.

        Args:
            parameters: as many as the run's, in their order; or those cut up, if `memory` is cut up likewise.
            memory: what is remembered of each of them; as it stands in the run if None, but in the parameters' own
                dtype, so that it is computed with as exactly as they are.
        """
        optimiser = optimiser_maker(self.experiment.training)(parameters)
        set_up(optimiser, self.experiment.training)
        optimiser.steps = self.steps
        if memory is None:
            pairs = zip(optimiser.parameters, self.memory, strict=True)
            memory = [{name: _like(p.data, item) for name, item in of_one.items()} for p, of_one in pairs]
        optimiser.load_state_dict(memory)
        return optimiser


def _like(data: NDArray[Any], item: Any) -> Any:
    """What is remembered of each element in the dtype of the data; a counter as it is."""
    return np.asarray(item, data.dtype) if np.ndim(item) else item
