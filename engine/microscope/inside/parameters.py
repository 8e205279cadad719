"""Parameters of a run as a table: each weight and bias in a row, with what moves it and how it moved, as arrays.

The rows are in the order in which one reads a diagram: neuron after neuron, and of each its weights before its bias.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.autograd.node import backward_pass
from engine.autograd.tensor import Tensor
from engine.dataclass import dataclass
from engine.microscope.film.update import memory_signs
from engine.microscope.outlook import Outlook
from engine.nn.modules import Linear
from engine.training.run.build import optimizer_maker
from engine.training.run.snapshot import RunSnapshot
from engine.training.spec.experiment import Experiment
from engine.training.spec.places import BIAS, ParameterPlace

Column = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows of a parameter table: the place of each in the network.

    Attributes:
        columns, units, sources: as in `ParameterPlace` (n,); a bias has BIAS for its source.
        starts, widths: the first row of each layer, and how many rows each of its neurons has.
    """

    columns: NDArray[np.int64]
    units: NDArray[np.int64]
    sources: NDArray[np.int64]
    starts: tuple[int, ...]
    widths: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.columns)

    def place(self, row: int) -> ParameterPlace:
        """The weight or bias of a row."""
        return ParameterPlace(int(self.columns[row]), int(self.units[row]), int(self.sources[row]))

    def row(self, place: ParameterPlace) -> int | None:
        """The row of a weight or bias; None if the network has none such."""
        layer = place.column - 1
        if not 0 <= layer < len(self.widths):
            return None
        source = self.widths[layer] - 1 if place.input == BIAS else place.input
        row = self.starts[layer] + place.unit * self.widths[layer] + source
        return row if row < len(self) and self.place(row) == place else None


@dataclass(frozen=True, eq=False)
class ParameterTable:
    """Parameter table: for each weight and bias (n,), in float64, its value and all that there is to know of it.

    Attributes:
        rows: which weight or bias each row is.
        values: what they are.
        state: what the optimizer remembers of each, by its sign in textbooks; as it is at first before it has moved.
        frozen: which stay as they are.
        gradients, updates: of the loss on the next batch, and what the next step adds; NaN where it is not known.
    """

    rows: Rows
    values: Column
    state: Mapping[str, Column]
    frozen: NDArray[np.bool_]
    gradients: Column
    updates: Column

    def __len__(self) -> int:
        return len(self.values)

    @cached_property
    def ratios(self) -> Column:
        """Update-to-weight ratio: by which share of itself the next step changes each; NaN for those that are 0."""
        with np.errstate(all="ignore"):
            return np.where(self.values == 0, np.nan, np.abs(self.updates) / np.abs(self.values))


def parameter_table(snapshot: RunSnapshot, ahead: Outlook | None) -> ParameterTable:
    """The table of a snapshot, and of the outlook of its next step, where that is known."""
    experiment = snapshot.experiment
    rows = rows_of(experiment)
    unknown = np.full(len(rows), np.nan)
    frozen = np.zeros(len(rows), bool)
    frozen[[row for place in experiment.network.frozen if (row := rows.row(place)) is not None]] = True
    return ParameterTable(
        rows,
        _column(experiment, snapshot.weights),
        _state(snapshot),
        frozen,
        unknown if ahead is None else _column(experiment, ahead.gradients),
        unknown if ahead is None else _column(experiment, ahead.updates),
    )


def memory_of(experiment: Experiment) -> dict[str, str]:
    """What the optimizer of an experiment remembers of each single number, by its own names: the signs of textbooks."""
    start = optimizer_maker(experiment.training)([Tensor(0.0)]).init_state()
    signs = memory_signs(start)
    return {name: signs[name] for name, item in start.items() if isinstance(item, float)}  # the others are counters


def rows_of(experiment: Experiment) -> Rows:
    """The rows of the table of a network."""
    return _rows(tuple(experiment.sizes), tuple(experiment.network.biased))


def pulls(snapshot: RunSnapshot, place: ParameterPlace) -> tuple[NDArray[np.int64], Column]:
    """Per-example gradients of a weight or bias, turned round: which of all points the next step learns from (n,), and
    where each of them would have it go (n,). Together they are the batch's gradient, turned round.

    The gradient of a weight is, of each point, what arrives at the sum of its neuron times what comes in by it.
    """
    column, unit, source = place
    points, module = snapshot.points(), 2 * (column - 1)
    with np.errstate(all="ignore"):
        x: Any = Tensor(points.inputs, requires_grad=False)
        for index, part in enumerate(snapshot.learner()):
            x, before = part(x), x
            if index == module:
                assert isinstance(part, Linear)
                incoming, sums = before.data, x
        loss = snapshot.loss(x, points.targets)
        arrived = {id(node): gradient for node, gradient in backward_pass(loss, loss.start())}
        at_sum = arrived.get(id(sums), np.zeros(sums.shape))  # where nothing comes back, nothing pulls
        shares = at_sum[:, unit] * (1.0 if source == BIAS else incoming[:, source])
    return snapshot.batch, -shares


def _state(snapshot: RunSnapshot) -> dict[str, Column]:
    experiment, names = snapshot.experiment, list(snapshot.weights)
    start = optimizer_maker(experiment.training)([Tensor(0.0)]).init_state()
    state = dict(zip(names, snapshot.optimizer_state, strict=True))
    return {
        sign: _column(
            experiment,
            {name: np.broadcast_to(state[name].get(key, start[key]), snapshot.weights[name].shape) for name in names},
        )
        for key, sign in memory_of(experiment).items()
    }


def _column(experiment: Experiment, arrays: Mapping[str, NDArray[Any]]) -> Column:
    """Arrays of all parameters, by PyTorch's names, as a column of the table."""
    layers = [
        np.column_stack([arrays[f"{2 * i}.weight"], *([arrays[f"{2 * i}.bias"]] if has_bias else [])]).ravel()
        for i, has_bias in enumerate(experiment.network.biased)
    ]
    return np.concatenate(layers).astype(np.float64)


@lru_cache(maxsize=4)
def _rows(sizes: Sequence[int], biased: tuple[bool, ...]) -> Rows:
    parts: list[tuple[NDArray[np.int64], ...]] = []
    starts, widths = [0], []
    for column, ((inputs, units), has_bias) in enumerate(zip(pairwise(sizes), biased, strict=True), 1):
        sources = np.array([*range(inputs), *([BIAS] if has_bias else [])])
        unit, source = np.meshgrid(np.arange(units), sources, indexing="ij")
        parts.append((np.full(unit.size, column), unit.ravel(), source.ravel()))
        starts.append(starts[-1] + unit.size)
        widths.append(len(sources))
    columns, all_units, all_sources = map(np.concatenate, zip(*parts, strict=True))
    return Rows(columns, all_units, all_sources, tuple(starts[:-1]), tuple(widths))
