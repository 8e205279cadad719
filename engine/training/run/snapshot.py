"""Snapshot: where a run stands before a step, and what the step will be made from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from engine.autograd import Tensor
from engine.dataclass import dataclass
from engine.nn import Sequential
from engine.nn.losses import Loss, loss_named
from engine.nn.optimizers import Optimizer
from engine.training.data.batches import Batch, upcoming
from engine.training.run.build import build_model, build_points, mobility, optimizer_maker, set_up, training_rows
from engine.training.run.dropout import Masks, dropout_masks, with_dropout
from engine.training.spec.experiment import Experiment


@dataclass(frozen=True, eq=False)
class RunSnapshot:
    """Snapshot of a run: copies of all that a step depends on, which nobody writes to again.

    Attributes:
        experiment: what is trained.
        steps: parameter updates so far.
        epoch, position: complete passes over the training points, and points dealt out since.
        weights: the parameters by their PyTorch names, as the run holds them.
        optimizer_state: what the optimizer remembers of each parameter, in their order.
        accumulated: gradients that a source of them did not set to zero, by the parameters' names.
    """

    experiment: Experiment
    steps: int
    epoch: int
    position: int
    weights: Mapping[str, NDArray[Any]]
    optimizer_state: list[dict[str, Any]]
    accumulated: Mapping[str, NDArray[Any]]

    @cached_property
    def batch(self) -> NDArray[np.int64]:
        """Points that the next step learns from, as indices into all points; empty if it waits for points."""
        rows = training_rows(self.experiment)
        size, shuffle = self.experiment.training.batch_size, self.experiment.training.shuffle
        return rows[upcoming(self.experiment.seed, self.epoch, self.position, size, len(rows), shuffle)]

    @property
    def nbytes(self) -> int:
        """Memory of its arrays, and about what holds them."""
        held = [*self.weights.values(), *self.accumulated.values()]
        held += [item for state in self.optimizer_state for item in state.values() if isinstance(item, np.ndarray)]
        return sum(array.nbytes + 128 for array in held)

    @property
    def loss(self) -> Loss:
        """What training makes small."""
        return loss_named(self.experiment.training.loss)

    def model(self, dtype: DTypeLike = np.float64) -> Sequential:
        """A network of its own with the weights of this snapshot."""
        model = build_model(self.experiment, dtype)
        model.load_state_dict(self.weights)
        return model

    def learner(self) -> Sequential:
        """The same in float64 as the next step has it: without what dropout leaves out. It takes the batch's points."""
        masks = [None if mask is None else Tensor(mask, requires_grad=False) for mask in self.masks]
        return with_dropout(self.model(), masks)

    @cached_property
    def masks(self) -> Masks:
        """What dropout leaves out in the next step, for each hidden layer (points, neurons); None where it does not."""
        return dropout_masks(self.experiment, self.steps, len(self.batch), np.float64)

    def masks_of(self, rows: NDArray[np.int64]) -> Masks:
        """The same of some of all points, by index; nothing where the next step does not learn from all of them."""
        places = {row: i for i, row in enumerate(self.batch.tolist())}
        if not all(row in places for row in rows.tolist()):
            return [None] * len(self.masks)
        chosen = [places[row] for row in rows.tolist()]
        return [None if mask is None else mask[chosen] for mask in self.masks]

    def points(self, rows: Any = None, dtype: DTypeLike = np.float64) -> Batch:
        """Some of all points, by index or by mask, as the network takes them; those of the next batch if None."""
        return build_points(self.experiment, dtype).take(self.batch if rows is None else rows)

    def optimizer(self, parameters: Iterable[Any], optimizer_state: list[dict[str, Any]] | None = None) -> Optimizer:
        """The optimizer, of other parameters, as it stands here.

        Args:
            parameters: as many as the run's, in their order; or those cut up, if the state is cut up likewise, and
                whoever cuts them says which are frozen.
            optimizer_state: what is remembered of each of them; as it stands in the run if None, but in the
                parameters' own dtype, so that it is computed with as exactly as they are.
        """
        optimizer = optimizer_maker(self.experiment.training)(parameters)
        set_up(optimizer, self.experiment.training)
        optimizer.steps = self.steps
        if optimizer_state is None:
            pairs = zip(optimizer.parameters, self.optimizer_state, strict=True)
            optimizer_state = [{name: _like(p.data, item) for name, item in of_one.items()} for p, of_one in pairs]
            optimizer.mobility = mobility(self.experiment)
        optimizer.load_state_dict(optimizer_state)
        return optimizer


def _like(data: NDArray[Any], item: Any) -> Any:
    """What is remembered of each element in the dtype of the data; a counter as it is."""
    return np.asarray(item, data.dtype) if np.ndim(item) else item
