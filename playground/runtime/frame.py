"""Frame: what the window shows of a run at one moment, as fresh arrays that nobody writes to again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.microscope.mistakes import FaultyGradients
from engine.training import PLANE, Curve, Experiment, RunSnapshot, Score, featurise
from playground.model.runs import Runs, RunSummary

LIVE_SIDE = 100  # cells along each side of the pictures while it trains
STILL_SIDE = 200  # and while it does not
MANY_NEURONS = 100  # of which fine pictures would take longer than a person waits for a pause
CONFIDENCE_LEVELS = 28  # shades of each class where there are three or more: 9 · 28 ≤ 255
UNKNOWN = 255  # the palette index of a place where the outputs of three or more classes are not numbers


class Status(Enum):
    """Status: what the run is doing, as the window says it."""

    READY = "Ready"
    TRAINING = "Training"
    PAUSED = "Paused"
    WAITING = "Waiting for points"
    DIVERGED = "Diverged"


@dataclass(frozen=True, eq=False)
class Frame:
    """Frame: one moment of a run.

    Pictures are square arrays of palette indices (uint8), row 0 at the bottom (x₂ = -6), column 0 at the left
    (x₁ = -6): `theme.boundary_colours` turns `boundary` into colours, `theme.map_colours()` the maps.
    """

    experiment: Experiment
    status: Status
    note: str  # one sentence: why it waits, where it diverged; empty otherwise
    step: int  # parameter updates so far
    epoch: int  # complete passes over the training points
    train: Score | None  # loss, accuracy, right, count; None without such points
    test: Score | None
    curve: Curve  # steps (n,), train (n,), test (n,): n ≤ 2,000, of all steps that were made, and of this one
    boundary: NDArray[np.uint8]  # (side, side)
    maps: tuple[NDArray[np.uint8], ...]  # per column, features first, outputs last: (neurons, side, side), 128 is zero
    weights: tuple[NDArray[np.floating[Any]], ...]  # per column after the first: (neurons, inputs)
    biases: tuple[NDArray[np.floating[Any]], ...]  # per column after the first: (neurons,)
    steps_per_second: float | None  # None while not training
    training: bool = False  # whether it trains, or will as soon as it has points to train on
    snapshot: RunSnapshot | None = None  # what the next step will be made from, for whoever looks closely
    start: int = 0  # the run's first step
    end: int = 0  # its last: where it stands is in the past if it is before that
    marks: tuple[tuple[int, str], ...] = ()  # where its settings were changed: the step, and what was, in words
    runs: tuple[RunSummary, ...] = ()  # of the document
    transferred: tuple[int, int] | None = None  # how many of all weights a new network took over
    revision: int = 0  # of the experiment and its run, as the worker numbers them
    mistakes: frozenset[str] = frozenset()  # that the engine makes on purpose
    gradients: Mapping[str, NDArray[np.float64]] | None = None  # what it then takes for them, by PyTorch's names


def take_frame(
    runs: Runs,
    status: Status,
    training: bool,
    steps_per_second: float | None,
    revision: int = 0,
    is_fine: bool = True,
) -> Frame:
    """What the window shows of the run that is looked at. Costs one pass of the network over the grid, and one over
    the points.

    `is_fine`: whether the pictures of a moment that is looked at may take the time that fine ones take.
    """
    timeline, run = runs.timeline, runs.timeline.run
    source = run.source if isinstance(run.source, FaultyGradients) else None
    is_still = is_fine and status is not Status.TRAINING and sum(run.experiment.sizes) <= MANY_NEURONS
    side = STILL_SIDE if is_still else LIVE_SIDE
    with np.errstate(all="ignore"):  # weights that are finite can overflow somewhere in the plane: shown as unknown
        _, *columns, outputs = run.activations(_grid(side))
        labels, sure = run.classify(outputs)
        columns.append(run.signed_scores(outputs))
        train, test = run.score()
    pairs, snapshot = run.weights(), run.snapshot()
    return Frame(
        experiment=run.experiment,
        status=status,
        training=training,
        note=run.waiting_for,
        step=run.steps,
        epoch=run.epochs,
        train=train,
        test=test,
        curve=run.curve(),
        boundary=_boundary(labels, sure, run.experiment.data.classes).reshape(side, side),
        maps=(_feature_maps(run.experiment.network.features, side), *(_square(_maps(c), side) for c in columns)),
        weights=tuple(w for w, _ in pairs),
        biases=tuple(b for _, b in pairs),
        steps_per_second=steps_per_second,
        snapshot=snapshot,
        start=timeline.start,
        end=timeline.end,
        marks=runs.marks(),
        runs=runs.summaries(),
        transferred=runs.transferred,
        revision=revision,
        mistakes=frozenset() if source is None else source.mistakes,
        gradients=None if source is None or run.waiting_for else source.gradients(snapshot),
    )


@cache
def _grid(side: int) -> NDArray[np.float64]:
    """The centres of the cells of a square picture of the plane, (side², 2), row by row from the bottom."""
    cell = 2 * PLANE / side
    centres = np.linspace(-PLANE + cell / 2, PLANE - cell / 2, side)
    x1, x2 = np.meshgrid(centres, centres)
    return np.stack([x1.ravel(), x2.ravel()], axis=1)


@lru_cache(maxsize=8)
def _feature_maps(names: tuple[str, ...], side: int) -> NDArray[np.uint8]:
    """The pictures of features, which are the same in each frame; shared by frames, so nobody may write to them."""
    maps = _square(_maps(featurise(_grid(side), names)), side)
    maps.setflags(write=False)
    return maps


def _square(cells: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    return cells.reshape(-1, side, side)


def _maps(activations: NDArray[Any]) -> NDArray[np.uint8]:
    """Palette indices of a column of neurons: (cells, neurons) to (neurons, cells).

    128 is zero, ±1 is full colour, or the largest of a neuron that goes beyond; a number that is not finite is shown
    as neither.
    """
    a = np.ascontiguousarray(activations.T)
    largest = np.maximum(a.max(axis=1), -a.min(axis=1))
    if not np.isfinite(largest).all():
        a = np.nan_to_num(a, nan=0.0, posinf=0.0, neginf=0.0)
        largest = np.abs(a).max(axis=1)
    scale = 128 / np.maximum(largest, 1)[:, None]
    return np.asarray(np.minimum(a * scale + 128, 255), dtype=np.uint8)


def _boundary(labels: NDArray[np.int64], sure: NDArray[Any], classes: int) -> NDArray[np.uint8]:
    """Palette indices of the plane, as `theme.boundary_colours` has them."""
    if classes == 2:
        sure = 127 * np.nan_to_num(sure)
        return np.where(labels == 0, 128 + sure, 127 - sure).astype(np.uint8)
    indices = labels * CONFIDENCE_LEVELS + np.nan_to_num(sure) * (CONFIDENCE_LEVELS - 1)
    return np.where(np.isnan(sure), UNKNOWN, indices).astype(np.uint8)
