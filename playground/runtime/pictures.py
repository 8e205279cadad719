"""Pictures: what a network answers over the plane, as square arrays of palette indices.

Row 0 is at the bottom, column 0 at the left: `theme.boundary_colours` turns a boundary into
colours, `theme.map_colours()` the maps of neurons.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.training import Data, Run, featurise
from playground.runtime.area import WHOLE, Area

Rest = tuple[float, ...]  # values of the inputs after the second; () for their mean
CONFIDENCE_LEVELS = 28  # shades of each class where there are three or more: 9 · 28 ≤ 255
UNKNOWN = 255  # the palette index of a place where the outputs of three or more classes are not numbers


def boundary_of(run: Run, side: int) -> NDArray[np.uint8]:
    """The boundary that a run has drawn, (side, side)."""
    with np.errstate(all="ignore"):
        labels, sure = run.verdict(run.activations(inputs_of(run.experiment.data, side))[-1])
    return boundary(labels, sure, run.experiment.task.colours).reshape(side, side)


def colours_in(picture: NDArray[np.uint8], colours: int) -> NDArray[np.int64]:
    """The colour, of a class or of an end of the scale, that a boundary has in each cell; -1 where it is unknown."""
    if colours == 2:
        return (picture < 128).astype(np.int64)
    return np.where(picture == UNKNOWN, -1, picture // CONFIDENCE_LEVELS).astype(np.int64)


@lru_cache(maxsize=8)
def grid(side: int, area: Area = WHOLE) -> NDArray[np.float64]:
    """The centres of the cells of a square picture of an area, (side², 2), row by row from the bottom."""
    half = area.side / side / 2
    x1, x2 = np.meshgrid(*np.linspace(area.low + half, area.high - half, side, axis=1))
    return np.stack([x1.ravel(), x2.ravel()], axis=1)


@lru_cache(maxsize=4)
def inputs_of(data: Data, side: int, rest: Rest = (), area: Area = WHOLE) -> NDArray[np.float64]:
    """What the network is given at the cells of the grid, (side², inputs)."""
    return data.inputs_at(grid(side, area), rest)


@lru_cache(maxsize=8)
def feature_maps(
    data: Data, names: tuple[str, ...], side: int, rest: Rest = (), area: Area = WHOLE
) -> tuple[NDArray[np.uint8], NDArray[Any]]:
    """The pictures of features, and what full colour is in each. They are the same in each frame and shared by frames,
    so nobody may write to them.
    """
    pictures, scales = maps(featurise(inputs_of(data, side, rest, area), names))
    pictures.setflags(write=False)
    return square(pictures, side), scales


def square(cells: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    return cells.reshape(-1, side, side)


def maps(activations: NDArray[Any]) -> tuple[NDArray[np.uint8], NDArray[Any]]:
    """Palette indices of a column of neurons, (cells, neurons) to (neurons, cells), and what full colour is in each.

    128 is zero, ±1 is full colour, or the largest of a neuron that goes beyond; a number that is not finite is shown
    as neither.
    """
    a = np.ascontiguousarray(activations.T)
    largest = np.maximum(a.max(axis=1), -a.min(axis=1))
    if not np.isfinite(largest).all():
        a = np.nan_to_num(a, nan=0.0, posinf=0.0, neginf=0.0)
        largest = np.abs(a).max(axis=1)
    full = np.maximum(largest, 1)
    return np.asarray(np.minimum(a * (128 / full)[:, None] + 128, 255), dtype=np.uint8), full


def value_of(index: int, full: float) -> float:
    """What a palette index of a map stands for, to half a 128th of what full colour is."""
    return (index - 127.5) / 128 * full


def cell_at(place: NDArray[np.float64], side: int, area: Area = WHOLE) -> tuple[int, int]:
    """The row and column of the cell of a picture of an area that a place (2,) lies in, or is nearest to."""
    x1, x2 = np.clip((place - area.low) * (side / area.side), 0, side - 1).astype(int).tolist()
    return x2, x1


def boundary(labels: NDArray[np.int64], sure: NDArray[Any], colours: int) -> NDArray[np.uint8]:
    """Palette indices of the plane, as `theme.boundary_colours` has them, of what `Task.verdict` gives."""
    if colours == 2:
        sure = 127 * np.nan_to_num(sure)
        return np.where(labels == 0, 128 + sure, 127 - sure).astype(np.uint8)
    indices = labels * CONFIDENCE_LEVELS + np.nan_to_num(sure) * (CONFIDENCE_LEVELS - 1)
    return np.where(np.isnan(sure), UNKNOWN, indices).astype(np.uint8)
