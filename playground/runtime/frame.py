"""Frame: what the window shows of a run at one moment, as fresh arrays that nobody writes to again."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.microscope.mistakes import FaultyGradients
from engine.training import Curve, Experiment, Points, Run, RunSnapshot, Score
from playground.model.runs import Runs, RunSummary
from playground.runtime.pictures import boundary, cell_at, feature_maps, grid, maps, square, value_of

LIVE_SIDE = 100  # cells along each side of the pictures while it trains
STILL_SIDE = 200  # and while it does not
MANY_NEURONS = 100  # of which fine pictures would take longer than a person waits for a pause
MOST_SHOWN = 64  # neurons of a column that have a map
COARSER = (50, 25)  # cells a side, where those of a large network would take longer than a frame may
WORK, PER_NEURON = 4e8, 30  # products that a frame has time for; and what an activation costs in these


class Status(Enum):
    """Status: what the run is doing, as the window says it."""

    READY = "Ready"
    TRAINING = "Training"
    PAUSED = "Paused"
    STOPPED = "Stopped"
    WAITING = "Waiting for points"
    DIVERGED = "Diverged"


class Way(NamedTuple):
    """Way along a run that takes a while: the step that it goes to, and the share that is behind."""

    goal: int
    share: float


@dataclass(frozen=True, eq=False)
class Frame:
    """Frame: one moment of a run.

    Its pictures are those of `pictures`.
    """

    experiment: Experiment
    status: Status
    note: str  # why it waits, a sentence, or which rule stopped it, in words; empty otherwise
    step: int  # parameter updates so far
    epoch: int  # complete passes over the training points
    train: Score | None  # loss, accuracy, right, count; None without such points
    test: Score | None
    curve: Curve  # steps (n,), train (n,), test (n,): n ≤ 2,000, of all steps that were made, and of this one
    boundary: NDArray[np.uint8]  # (side, side)
    # per column, features first, outputs last: (neurons, side, side), 128 is zero; of large columns the first neurons
    maps: tuple[NDArray[np.uint8], ...]
    scales: tuple[NDArray[np.floating[Any]], ...]  # per column, (neurons,): the value that is full colour in its map
    wrong: Points  # those that it puts in a wrong class
    weights: tuple[NDArray[np.floating[Any]], ...]  # per column after the first: (neurons, inputs)
    biases: tuple[NDArray[np.floating[Any]], ...]  # per column after the first: (neurons,); 0 where it has none
    steps_per_second: float | None  # None while not training
    training: bool = False  # whether it trains, or will as soon as it has points to train on
    snapshot: RunSnapshot | None = None  # what the next step will be made from, for whoever looks closely
    start: int = 0  # the run's first step
    end: int = 0  # its last: where it stands is in the past if it is before that
    way: Way | None = None  # from where it stands to where it will
    marks: tuple[tuple[int, str], ...] = ()  # where its settings were changed: the step, and what was, in words
    runs: tuple[RunSummary, ...] = ()  # of the document
    content: Hashable = None  # of all runs: equal where nothing was trained or changed
    transferred: tuple[int, int] | None = None  # how many of all weights a new network took over
    revision: int = 0  # of the experiment and its run, as the worker numbers them
    mistakes: frozenset[str] = frozenset()  # that the engine makes on purpose
    gradients: Mapping[str, NDArray[np.float64]] | None = None  # what it then takes for them, by PyTorch's names

    def activation(self, column: int, unit: int, place: NDArray[np.float64]) -> float:
        """What a neuron answers at a place of the plane, as exactly as its map tells: to 1 % of its scale. Of outputs,
        the signed score.
        """
        map_ = self.maps[column][unit]
        return value_of(int(map_[cell_at(place, len(map_))]), float(self.scales[column][unit]))


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
    side = STILL_SIDE if is_still else _live_side(run.experiment)
    with np.errstate(all="ignore"):  # weights that are finite can overflow somewhere in the plane: shown as unknown
        pictures, scales, outputs = _neuron_maps(run, side)
        labels, sure = run.classify(outputs)
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
        boundary=boundary(labels, sure, run.experiment.data.classes).reshape(side, side),
        maps=pictures,
        scales=scales,
        wrong=_wrong(run, train, test),
        weights=tuple(w for w, _ in pairs),
        biases=tuple(b for _, b in pairs),
        steps_per_second=steps_per_second,
        snapshot=snapshot,
        start=timeline.start,
        end=timeline.end,
        marks=runs.marks(),
        runs=runs.summaries(),
        content=runs.content,
        transferred=runs.branch.transferred,
        revision=revision,
        mistakes=frozenset() if source is None else source.mistakes,
        gradients=None if source is None or run.waiting_for else source.gradients(snapshot),
    )


def with_weights(frame: Frame, weights: Mapping[str, NDArray[Any]]) -> Frame:
    """The frame as it would be with other weights of its network: the pictures of its neurons, and the weights."""
    run = Run(frame.experiment)
    run.model.load_state_dict(weights)
    with np.errstate(all="ignore"):
        pictures, scales, _ = _neuron_maps(run, frame.maps[0].shape[1])
    weights_now, biases = zip(*run.weights(), strict=True)
    return replace(frame, maps=pictures, scales=scales, weights=weights_now, biases=biases)


def _live_side(experiment: Experiment) -> int:
    """Cells a side of the pictures that a network can answer for within a frame."""
    work = sum(a * b for a, b in pairwise(experiment.sizes)) + PER_NEURON * sum(experiment.sizes[1:])
    return next((side for side in (LIVE_SIDE, *COARSER) if side**2 * work <= WORK), COARSER[-1])


def _neuron_maps(run: Run, side: int) -> tuple[tuple[NDArray[Any], ...], tuple[NDArray[Any], ...], NDArray[Any]]:
    """The maps of all columns, what full colour is in each, and what the outputs answer where they were drawn."""
    _, *columns, outputs = run.activations(grid(side))
    features, full = feature_maps(run.experiment.network.features, side)
    others = [maps(column[:, :MOST_SHOWN]) for column in (*columns, run.signed_scores(outputs))]
    return (features, *(square(picture, side) for picture, _ in others)), (full, *(f for _, f in others)), outputs


def _wrong(run: Run, *scores: Score | None) -> Points:
    """The points that a run puts in a wrong class; it is asked which only where the scores say that there are some."""
    points = run.experiment.data.arrays
    rows = run.wrong() if any(score and score.right < score.count for score in scores) else slice(0)
    return Points(points.xy[rows], points.labels[rows], points.test[rows])
