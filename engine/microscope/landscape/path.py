"""Path of a run: where it stood in weight space, moment after moment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.microscope.landscape.plane import vector_of
from engine.training import RunSnapshot
from engine.training.run.timeline import Timeline

MOMENTS = 200  # at most
WORK = 1e9  # products of weights and points that a path is worth: of a small network some ten thousand steps


class Path(NamedTuple):
    """Path through weight space: the steps (moments,), in order, and the weights after each (moments, parameters)."""

    steps: NDArray[np.int64]
    weights: NDArray[np.float64]

    @classmethod
    def of(cls, moments: Mapping[int, Mapping[str, NDArray[Any]]]) -> Path:
        """The path through weights that were met, by their steps."""
        steps = sorted(moments)
        return cls(np.array(steps, dtype=np.int64), np.array([vector_of(moments[step]) for step in steps]))


def path_along(timeline: Timeline, now: RunSnapshot | None = None, work: float = WORK) -> Path:
    """The path of a run, evenly spread over its steps, and through a moment of it, if one is given.

    It is walked along anew, and so the timeline has to be a copy; of one that would take too long the snapshots that
    there are serve.
    """
    moments, experiment = _thinned(timeline.snapshots), timeline.last.experiment
    cost = (timeline.end - timeline.start) * experiment.parameter_count * len(experiment.data.arrays)
    if len(moments) < MOMENTS and cost <= work:
        for step in np.unique(np.linspace(timeline.start, timeline.end, MOMENTS).astype(int)).tolist():
            timeline.seek(step)
            moments[step] = timeline.run.model.state_dict()
    return Path.of(moments if now is None else moments | {now.steps: now.weights})


def path_through(snapshots: Iterable[RunSnapshot]) -> Path:
    """The path through snapshots, evenly thinned."""
    return Path.of(_thinned(snapshots))


def _thinned(snapshots: Iterable[RunSnapshot]) -> dict[int, Mapping[str, NDArray[Any]]]:
    """So many that they and those which are made anew are no more than MOMENTS each."""
    kept = list(snapshots)
    rows = np.unique(np.linspace(0, len(kept) - 1, MOMENTS).astype(int)).tolist()
    return {kept[row].steps: kept[row].weights for row in rows}
