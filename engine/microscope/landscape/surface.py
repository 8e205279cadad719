"""Loss surface: the mean loss of all training points at each place of a plane of weights.

It is the loss that the run tells of itself: without the penalties on weights, which are a part of the step and not of
the loss, and with no neuron left out by dropout.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from engine.dataclass import dataclass
from engine.microscope.landscape.plane import WeightPlane
from engine.nn.losses import loss_named
from engine.training import Experiment
from engine.training.data.batches import DTYPE
from engine.training.run.build import build_model, build_points, optimizer_maker, training_rows
from engine.training.run.programs import Programs

SIDES = (10, 25, 50)  # places each way: coarse first
Corner = tuple[float, float]
LossAt = Callable[[NDArray[np.floating]], float]


@dataclass(frozen=True, eq=False)
class Surface:
    """Loss surface over a rectangle of a plane.

    Attributes:
        low, high: the corners of the rectangle, as places of the plane.
        losses: (side, side), of the middles of its cells; row 0 is the lowest. NaN where a loss is not finite.
        share: of all losses that are asked for, how many are there.
    """

    low: Corner
    high: Corner
    losses: NDArray[np.float64]
    share: float = 0.0


def loss_function(experiment: Experiment) -> LossAt:
    """The loss of an experiment as a function of all its parameters (parameters,), as a run computes it, to the bit;
    NaN where it is not finite.
    """
    model = build_model(experiment)
    vector, start = np.zeros(experiment.parameter_count, DTYPE), 0
    for parameter in model.parameters():  # each looks at its piece of one vector
        parameter.data = vector[start : start + parameter.data.size].reshape(parameter.data.shape)
        start += parameter.data.size
    programs = Programs(
        model, loss_named(experiment.training.loss), optimizer_maker(experiment.training)([*model.parameters()])
    )
    points = build_points(experiment).take(training_rows(experiment))

    def loss_at(parameters: NDArray[np.floating]) -> float:
        vector[...] = parameters
        loss = programs.loss(points)
        return loss if math.isfinite(loss) else math.nan

    return loss_at


def surfaces(experiment: Experiment, plane: WeightPlane, low: Corner, high: Corner) -> Iterator[Surface]:
    """The surface over a rectangle, ever finer: after each loss the last one with the share that is behind, so that
    whoever waits can stop asking.
    """
    loss_at = loss_function(experiment)
    total, done = sum(side**2 for side in SIDES), 0
    surface = Surface(low, high, np.full((1, 1), np.nan))
    for side in SIDES:
        losses = []
        for place in _lattice(low, high, side):
            losses.append(loss_at(plane.at(place)))
            done += 1
            yield replace(surface, share=done / total)
        surface = Surface(low, high, np.array(losses).reshape(side, side), done / total)
    yield surface


def _lattice(low: Corner, high: Corner, side: int) -> NDArray[np.float64]:
    """The middles of cells, (side², 2), row by row from the lowest."""
    middles = (np.arange(side) + 0.5) / side
    across, up = (start + middles * (end - start) for start, end in zip(low, high, strict=True))
    return np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2)
