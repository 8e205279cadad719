"""Frame: what the window shows of a run at one moment, as fresh arrays that nobody writes to again."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import replace
from enum import Enum
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.dataclass import dataclass
from engine.microscope.mistakes import FaultyGradients
from engine.microscope.outlook import Outlook, outlook
from engine.training import DATASETS, Curve, Experiment, Points, Run, RunSnapshot, Score, gate_corners
from engine.training.run.timeline import Timeline
from engine.training.spec.places import BIAS, ParameterPlace
from playground.model.branch import RunSummary
from playground.model.guess import Guess, Outcome
from playground.model.runs import Runs
from playground.runtime.area import WHOLE, Area
from playground.runtime.pictures import Rest, boundary, cell_at, feature_maps, inputs_of, maps, square, value_of
from playground.runtime.thinning import drawn_rows

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
    BY_HAND = "By hand"
    DIVERGED = "Diverged"


class Way(NamedTuple):
    """Way along a run that takes a while: the step that it goes to, and the share that is behind."""

    goal: int
    share: float


class Pictures(NamedTuple):
    """Pictures of an area of the plane, as `pictures` makes them."""

    area: Area
    boundary: NDArray[np.uint8]  # (side, side)
    maps: tuple[NDArray[np.uint8], ...]  # per column, features first, outputs last: (neurons, side, side), 128 is zero
    scales: tuple[NDArray[np.floating[Any]], ...]  # per column, (neurons,): the value that is full colour in its map
    fit: NDArray[np.floating[Any]] | None  # (side,): its values along the line, where points have one input


@dataclass(frozen=True, eq=False)
class Frame:
    """Frame: one moment of a run.

    Its boundary, maps, scales and fit are `Pictures` of the whole plane.
    """

    experiment: Experiment
    status: Status
    note: str  # why it waits, a sentence, or which rule stopped it, in words; empty otherwise
    step: int  # parameter updates so far
    epoch: int  # complete passes over the training points
    train: Score | None  # loss, quality, error, count; None without such points
    test: Score | None
    curve: Curve  # steps (n,), train (n,), test (n,): n ≤ 2,000, of all steps that were made, and of this one
    boundary: NDArray[np.uint8]
    maps: tuple[NDArray[np.uint8], ...]
    scales: tuple[NDArray[np.floating[Any]], ...]
    wrong: Points  # those that it puts in a wrong class, or whose value it misses
    fit: NDArray[np.floating[Any]] | None
    weights: tuple[NDArray[np.floating[Any]], ...]  # per column after the first: (neurons, inputs)
    biases: tuple[NDArray[np.floating[Any]], ...]  # per column after the first: (neurons,); 0 where it has none
    steps_per_second: float | None  # None while not training
    training: bool = False  # whether it trains, or will as soon as it has points to train on
    snapshot: RunSnapshot | None = None  # what the next step will be made from, for whoever looks closely
    start: int = 0  # the run's first step
    end: int = 0  # its last: where it stands is in the past if it is before that
    way: Way | None = None  # from where it stands to where it will
    marks: tuple[tuple[int, str], ...] = ()  # where its settings were changed: the step, and what was, in words
    begun: int = 0  # the step at which the settings in force came into force
    run: Hashable = None  # which it is of all that there are in any document, to be compared by `is`
    runs: tuple[RunSummary, ...] = ()  # of the document
    abreast: int = 1  # how many runs go on together: more than one in a race
    lanes: tuple[RunSummary, ...] = ()  # of the race, each where it stands
    content: Hashable = None  # of all runs: equal where nothing was trained or changed
    transferred: tuple[int, int] | None = None  # how many of all weights a new network took over
    revision: int = 0  # of the experiment and its run, as the worker numbers them
    mistakes: frozenset[str] = frozenset()  # that the engine makes on purpose
    rest: Rest = ()  # where its pictures cut through the inputs that the plane has no axis for; () at their mean
    gradients: Mapping[str, NDArray[np.float64]] | None = None  # what it then takes for them, by PyTorch's names
    gate: NDArray[np.int64] | None = None  # of a logic gate, what it says to 00, 01, 10 and 11: 1 or 0, -1 if neither
    outlook: Outlook | None = None  # what the next step does to each weight; None unless it was asked for
    guess: Guess | None = None  # of the run
    outcome: Outcome | None = None  # of the guess, once that is known
    close_up: Pictures | None = None  # of the area that is looked at, unless that is the whole plane

    @property
    def looked_at(self) -> RunSummary:
        """The run that it is of, in the list of runs."""
        return next(run for run in self.runs if run.is_current)

    def value(self, place: ParameterPlace) -> float:
        """A weight or a bias."""
        column, unit, source = place
        return float(self.biases[column - 1][unit] if source == BIAS else self.weights[column - 1][unit, source])

    @property
    def seen(self) -> Pictures:
        """The pictures of what is looked at."""
        return self.close_up or Pictures(WHOLE, self.boundary, self.maps, self.scales, self.fit)

    def activation(self, column: int, unit: int, place: NDArray[np.float64]) -> float:
        """What a neuron answers at a place that is looked at, as exactly as its map tells: to 1 % of its scale. Of
        outputs, the signed score.
        """
        seen = self.seen
        map_ = seen.maps[column][unit]
        return value_of(int(map_[cell_at(place, len(map_), seen.area)]), float(seen.scales[column][unit]))


def take_frame(
    runs: Runs,
    status: Status,
    training: bool,
    steps_per_second: float | None,
    revision: int = 0,
    is_fine: bool = True,
    looks_ahead: bool = False,
    area: Area = WHOLE,
    rest: Rest = (),
    watches_race: bool = False,
) -> Frame:
    """What the window shows of the run that is looked at. Costs one pass of the network over the grid, another if only
    an area of the plane is looked at, and one over the points.

    `is_fine`: whether the pictures of a moment that is looked at may take the time that fine ones take.
    `looks_ahead`: whether somebody looks at what the next step does.
    `rest`: where the pictures cut through the inputs that the plane has no axis for.
    `watches_race`: whether somebody looks at the lanes of a race.
    """
    timeline, run = runs.timeline, runs.timeline.run
    source = run.source if isinstance(run.source, FaultyGradients) else None
    is_still = is_fine and status is not Status.TRAINING and sum(run.experiment.sizes) <= MANY_NEURONS
    side = STILL_SIDE if is_still else _live_side(run.experiment)
    with np.errstate(all="ignore"):  # weights that are finite can overflow somewhere in the plane: shown as unknown
        whole = _pictures(run, side, WHOLE, rest)
        close_up = None if area == WHOLE else _pictures(run, side, area, rest)
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
        boundary=whole.boundary,
        maps=whole.maps,
        scales=whole.scales,
        wrong=_wrong(run, train, test),
        fit=whole.fit,
        weights=tuple(w for w, _ in pairs),
        biases=tuple(b for _, b in pairs),
        steps_per_second=steps_per_second,
        snapshot=snapshot,
        start=timeline.start,
        end=timeline.end,
        marks=runs.marks(),
        begun=_begun(timeline),
        run=runs.branch,
        runs=runs.summaries(),
        abreast=len(runs.abreast),
        lanes=runs.race(watches_race),
        content=runs.content,
        transferred=runs.branch.transferred,
        revision=revision,
        rest=rest,
        mistakes=frozenset() if source is None else source.mistakes,
        gradients=None if source is None or run.waiting_for else source.gradients(snapshot),
        gate=_gate(run) if DATASETS[run.experiment.data.dataset].truth else None,
        outlook=outlook(snapshot) if looks_ahead else None,
        guess=runs.branch.guess,
        outcome=runs.branch.outcome,
        close_up=close_up,
    )


def with_weights(frame: Frame, weights: Mapping[str, NDArray[Any]]) -> Frame:
    """The frame as it would be with other weights of its network: the pictures of its neurons, and the weights."""
    run = Run(frame.experiment)
    run.model.load_state_dict(weights)
    with np.errstate(all="ignore"):
        whole = _pictures(run, frame.maps[0].shape[1], WHOLE, frame.rest)
    weights_now, biases = zip(*run.weights(), strict=True)
    return replace(frame, maps=whole.maps, scales=whole.scales, weights=weights_now, biases=biases)


def _pictures(run: Run, side: int, area: Area, rest: Rest) -> Pictures:
    """The boundary and the maps of all columns, from one pass over the cells of an area."""
    experiment = run.experiment
    _, *columns, outputs = run.activations(inputs_of(experiment.data, side, rest, area))
    labels, sure = run.verdict(outputs)
    features, full = feature_maps(experiment.data, experiment.network.features, side, rest, area)
    others = [maps(column[:, :MOST_SHOWN]) for column in (*columns, run.signed_scores(outputs))]
    return Pictures(
        area,
        boundary(labels, sure, experiment.task.colours).reshape(side, side),
        (features, *(square(picture, side) for picture, _ in others)),
        (full, *(f for _, f in others)),
        outputs[:side, 0].copy() if experiment.data.inputs == 1 else None,
    )


def _live_side(experiment: Experiment) -> int:
    """Cells a side of the pictures that a network can answer for within a frame."""
    work = sum(a * b for a, b in pairwise(experiment.sizes)) + PER_NEURON * sum(experiment.sizes[1:])
    return next((side for side in (LIVE_SIDE, *COARSER) if side**2 * work <= WORK), COARSER[-1])


def _begun(timeline: Timeline) -> int:
    """The step at which the settings in force came into force. Changes at a step that leave all as it was are none."""
    made = [timeline.origin, *timeline.changes[: timeline.place.changes]]
    while len(made) > 1:
        last = made[-1]
        here = [change for change in made[1:] if change.step == last.step]
        made = made[: -len(here)]
        is_same = (last.experiment, last.faults) == (made[-1].experiment, made[-1].faults)
        if not is_same or any(change.values for change in here):
            return last.step
    return timeline.start


def _gate(run: Run) -> NDArray[np.int64]:
    """What a network says of the corners of a logic gate; its class 1 is the 1."""
    labels, sure = run.verdict(run.activations(gate_corners())[-1])
    return np.where(np.isnan(sure), -1, 1 - labels)


def _wrong(run: Run, *scores: Score | None) -> Points:
    """The drawn points that a run is wrong of; it is asked which only where the scores say that there are some."""
    points = run.experiment.data.arrays
    if not any(score and score.error > 0 for score in scores):
        return points.take(slice(0))
    drawn = drawn_rows(len(points))
    return points.take(np.flatnonzero(drawn)[run.wrong(drawn)])
