"""Weight transfer: what a network has learned, put into another one wherever it has a place there.

A weight belongs to two neurons: it has a place where both are, one next to the other. A bias belongs to one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from operator import ne
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.training.run.build import build_model
from engine.training.run.snapshot import RunSnapshot
from engine.training.spec.experiment import Experiment, LayerSpec
from engine.training.spec.places import BIAS, ParameterPlace

LIVED_THROUGH = frozenset({"features", "layers", "classes"})  # what of `needs_new_network` a weight can survive


class Transfer(NamedTuple):
    """Transferred weights: by their PyTorch names, and how many of all were kept; the others are drawn afresh."""

    weights: dict[str, NDArray[Any]]
    kept: int
    of: int


def transfer(snapshot: RunSnapshot, experiment: Experiment) -> Transfer:
    """The initial weights of a changed experiment, with those of a snapshot in their places."""
    old, weights = snapshot.experiment, build_model(experiment).state_dict()
    columns, units = _columns(old, experiment)
    kept = 0
    before, after = _parameters(snapshot.weights), _parameters(weights)
    last = len(columns) - 1
    for (inputs, outputs), new in zip(pairwise(range(len(columns))), after, strict=True):
        source, target = columns[inputs], columns[outputs]
        rows, places = units[outputs], units[inputs]
        if target is None or rows is None:
            continue
        column = before[target - 1]
        if outputs == last and old.outputs != experiment.outputs:
            column, rows = _as_classes(column, experiment.outputs)
        if column.bias is not None and new.bias is not None:
            new.bias[rows.new] = column.bias[rows.old]
            kept += len(rows.new)
        if source is not None and places is not None and source == target - 1:
            new.weight[np.ix_(rows.new, places.new)] = column.weight[np.ix_(rows.old, places.old)]
            kept += len(rows.new) * len(places.new)
    return Transfer(weights, kept, experiment.parameter_count)


def restructured(experiment: Experiment, change: Callable[[Experiment], Experiment]) -> Experiment:
    """What a change makes of an experiment; what is frozen is so still where it has a place there as it is."""
    new = change(experiment.replace(network=experiment.network.replace(frozen=())))
    columns, units = _columns(experiment, new)
    if new.outputs != experiment.outputs and 1 in (new.outputs, experiment.outputs):
        columns[-1] = None  # one output says what two say by their difference: these weights are made anew
    now = {  # for each old column that is there still, which it is now, and where its units are
        old: (new, dict(zip(places.old, places.new, strict=True)))
        for new, (old, places) in enumerate(zip(columns, units, strict=True))
        if old is not None and places is not None
    }
    kept = []
    for column, unit, source in experiment.network.frozen:
        (after, mine), (before, theirs) = now.get(column, _GONE), now.get(column - 1, _GONE)
        if unit in mine and source == BIAS and new.network.biased[after - 1]:
            kept.append(ParameterPlace(after, mine[unit], BIAS))
        elif unit in mine and source in theirs and before == after - 1:
            kept.append(ParameterPlace(after, mine[unit], theirs[source]))
    return new.replace(network=new.network.replace(frozen=tuple(kept))) if kept else new


class _Column(NamedTuple):
    """Parameters of a column after the features."""

    weight: NDArray[Any]
    bias: NDArray[Any] | None


def _parameters(weights: Mapping[str, NDArray[Any]]) -> list[_Column]:
    names = [name for name in weights if name.endswith("weight")]
    return [_Column(weights[name], weights.get(name.replace("weight", "bias"))) for name in names]


class _Units(NamedTuple):
    """Units of a column that are in both networks: where they stand in each."""

    old: list[int]
    new: list[int]


_GONE: tuple[int, dict[int, int]] = 0, {}


def _columns(old: Experiment, new: Experiment) -> tuple[list[int | None], list[_Units | None]]:
    """For each new column which of the old it is, and which of its units are in both; None for a new one."""
    columns = _places(old.network.layers, new.network.layers)
    units: list[_Units | None] = [_features(old.network.features, new.network.features)]
    units += [None if c is None else _common(old.sizes[c], new.sizes[i]) for i, c in enumerate(columns[1:], 1)]
    return columns, units


def _common(old: int, new: int) -> _Units:
    both = list(range(min(old, new)))
    return _Units(both, both)


def _features(old: Sequence[str], new: Sequence[str]) -> _Units:
    both = [name for name in new if name in old]
    return _Units([old.index(name) for name in both], [new.index(name) for name in both])


def _places(old: Sequence[LayerSpec], new: Sequence[LayerSpec]) -> list[int | None]:
    """For each new column, features and outputs included, which of the old it is; None for a new one."""
    if len(old) == len(new):
        return [0, *_in_order(old, new), len(old) + 1]
    first, shorter = 0, min(len(old), len(new))
    while first < shorter and old[first] == new[first]:
        first += 1
    behind = shorter - first  # layers after what was put in or taken out; they may have grown, as the others may
    hidden = [*range(1, first + 1), *[None] * (len(new) - shorter), *range(len(old) - behind + 1, len(old) + 1)]
    return [0, *hidden, len(old) + 1]


def _in_order(old: Sequence[LayerSpec], new: Sequence[LayerSpec]) -> list[int]:
    """The layers of as many: in their order, unless one of them was moved to another place."""
    order, differs = list(range(1, len(old) + 1)), [i for i, pair in enumerate(zip(old, new, strict=True)) if ne(*pair)]
    if differs:
        first, last = differs[0], differs[-1] + 1
        between = order[first:last]
        for moved in ([*between[1:], between[0]], [between[-1], *between[:-1]]):
            if [old[i - 1] for i in moved] == list(new[first:last]):
                order[first:last] = moved
                break
    return order


def _as_classes(column: _Column, outputs: int) -> tuple[_Column, _Units]:
    """The outputs for as many classes: one output says what two say by their difference."""
    count = len(column.weight)
    if count == 1:
        return _each(column, lambda x: np.concatenate([x, -x]) / 2), _Units([0, 1], [0, 1])
    if outputs == 1:
        return _each(column, lambda x: x[:1] - x[1:2]), _Units([0], [0])
    return column, _common(count, outputs)


def _each(column: _Column, change: Callable[[NDArray[Any]], NDArray[Any]]) -> _Column:
    return _Column(change(column.weight), None if column.bias is None else change(column.bias))
