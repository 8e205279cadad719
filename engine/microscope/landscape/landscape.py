"""Landscape: a picture of the loss around the path of a run, with all that lies on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from enum import Enum
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.dataclass import dataclass
from engine.microscope.landscape.path import WORK, Path, path_along, path_through
from engine.microscope.landscape.plane import WeightPlane, path_plane, random_plane
from engine.microscope.landscape.surface import Corner, Surface, surfaces
from engine.training import Experiment, RunSnapshot
from engine.training.run.timeline import Timeline

MARGIN = 0.25  # of a path's extent, that is shown around it
NARROWEST = 0.25  # of the longer side of a picture's rectangle, that the shorter one is at least


class NoPlaneError(Exception):
    """There is no plane to be shown; says why, in a sentence."""


class Directions(Enum):
    """Directions of the plane."""

    PATH = "Path of this run"
    RANDOM = "Random directions"


class LandscapeChoice(NamedTuple):
    """Choice of a landscape: the directions, the seed of random ones, and how far it reaches, as a factor."""

    directions: Directions = Directions.PATH
    seed: int = 0
    reach: float = 1.0


class Subject(NamedTuple):
    """Subject of a landscape.

    Attributes:
        now: the moment that is looked at.
        timeline: a copy of its run's.
        others: copies of those of other runs, by the runs' numbers.
    """

    now: RunSnapshot
    timeline: Timeline
    others: Mapping[int, Timeline]


class Trail(NamedTuple):
    """Trail: a path seen on a plane: steps (moments,), places (moments, 2), and how far its end is from the plane."""

    steps: NDArray[np.int64]
    places: NDArray[np.float64]
    distance: float


@dataclass(frozen=True, eq=False)
class Landscape:
    """Landscape of a run.

    Attributes:
        choice: what was asked for.
        experiment, step: whose loss it is, and the moment that it was drawn at.
        plane, surface: where it lies, and how high.
        trail: the run's.
        others: those of other runs of as large a network, by the runs' numbers.
    """

    choice: LandscapeChoice
    experiment: Experiment
    step: int
    plane: WeightPlane
    trail: Trail
    others: Mapping[int, Trail]
    surface: Surface

    @cached_property
    def diagonal(self) -> float:
        """How far it is through weight space from one corner of the picture to the other."""
        across = np.array(self.surface.high) - np.array(self.surface.low)
        return float(np.linalg.norm(across @ self.plane.axes))


def landscapes(choice: LandscapeChoice, subject: Subject) -> Iterator[Landscape]:
    """The landscape around the moment that is looked at, ever finer, and then the paths of the other runs as well.

    Raises NoPlaneError where there is none.
    """
    now, experiment = subject.now, subject.now.experiment
    path = path_along(subject.timeline, now)
    if choice.directions is Directions.PATH:
        plane = path_plane(path.weights, experiment)
        missing = _why_no_plane(path, experiment)
    else:
        plane = random_plane(now.weights, experiment, choice.seed)
        missing = "There are no two directions: too few weights may move, or all of them are 0."
    if plane is None:
        raise NoPlaneError(missing)
    trail = _trail(path, plane)
    low, high = _rectangle(trail, choice)
    timelines = {n: other for n, other in subject.others.items() if is_alike(other.last.experiment, experiment)}
    others = {number: _trail(path_through(other.snapshots), plane) for number, other in timelines.items()}
    bare = Landscape(choice, experiment, now.steps, plane, trail, others, Surface(low, high, np.full((1, 1), np.nan)))
    yield bare
    shown = bare
    for surface in surfaces(experiment, plane, low, high):
        yield (shown := replace(bare, surface=surface))
    for number, other in timelines.items():
        shown = replace(
            shown, others={**shown.others, number: _trail(path_along(other, work=WORK / len(others)), plane)}
        )
        yield shown


def is_alike(one: Experiment, other: Experiment) -> bool:
    """Whether two networks have the same weights, whatever these do."""
    return (one.sizes, one.network.biased) == (other.sizes, other.network.biased)


def has_same_loss(one: Experiment, other: Experiment) -> bool:
    """Whether equal weights have equal losses in two experiments, so that one landscape serves both."""

    def shape(experiment: Experiment) -> object:
        network = experiment.network
        activations = [layer.activation for layer in network.layers]
        return network.features, experiment.sizes, network.biased, activations, experiment.training.loss

    return shape(one) == shape(other) and one.data == other.data


def _why_no_plane(path: Path, experiment: Experiment) -> str:
    """Why there is no plane along a path: training on helps only where something moves."""
    count, frozen = experiment.parameter_count, len(experiment.network.frozen)
    if frozen and (free := count - frozen) < 2:
        held = f"all but one of {count:,}" if free else f"all {count:,}"
        return f"A plane along the path needs two weights or biases that may move: {held} are frozen."
    if len(path.steps) > 2 and (path.weights == path.weights[-1]).all():
        made = int(path.steps[-1] - path.steps[0])
        return f"The weights have not moved in {made:,} steps: there is no path to lay a plane along."
    return "A plane along the path needs three moments that are not in one line: train a few steps first."


def _trail(path: Path, plane: WeightPlane) -> Trail:
    places = plane.of(path.weights)
    return Trail(path.steps, places, float(plane.distance(path.weights[-1], places[-1])))


def _rectangle(trail: Trail, choice: LandscapeChoice) -> tuple[Corner, Corner]:
    """The corners of what is shown: around the whole path, or as far as the weights are large."""
    if choice.directions is Directions.RANDOM:
        return (-choice.reach, -choice.reach), (choice.reach, choice.reach)
    low, high = trail.places.min(axis=0), trail.places.max(axis=0)
    half = (high - low) * (0.5 + MARGIN)
    half = np.maximum(half, NARROWEST * half.max()) * choice.reach
    middle = (low + high) / 2
    (left, bottom), (right, top) = (middle - half).tolist(), (middle + half).tolist()
    return (left, bottom), (right, top)
