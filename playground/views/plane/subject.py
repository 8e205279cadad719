"""Subject of the plane: the boundary or one neuron's map, with its name, its colours, and what these stand for."""

from __future__ import annotations

import math
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.nn.losses import loss_named
from engine.training import Task, activations_at
from playground.runtime.area import Area
from playground.runtime.frame import Frame
from playground.runtime.pictures import CONFIDENCE_LEVELS, cell_at, colours_in
from playground.ui import theme
from playground.ui.number_format import tidied, write_number
from playground.views.network.pixels import packed

TITLE = "OUTPUT"
NO_NUMBER = "not a number"
Neuron = tuple[int, int]  # column, from the features at 0, and unit


class Scale(NamedTuple):
    """Scale of colours: how many classes, what their ends are called, and what it means in words.

    `colours` are the pixels from the top to the bottom.
    """

    colours: tuple[int, ...]
    labels: tuple[int, ...]  # the classes whose markers stand beside it, from the top
    ends: tuple[str, ...]  # from the top: numbers along it; none where each class has a piece of it
    words: str


class Subject(NamedTuple):
    """Subject: what is shown over an area of the plane."""

    title: str
    area: Area
    picture: NDArray[np.uint8]
    colours: NDArray[np.uint32]
    scale: Scale
    of_classes: bool  # whether it tells three or more classes apart


def subject_of(frame: Frame, neuron: Neuron | None, in_steps: bool) -> Subject:
    """The boundary, or the map of a neuron that there is; `in_steps`: in the colours of the ends alone."""
    task, palette, seen = frame.experiment.task, theme.current(), frame.seen
    classes = task.colours
    if neuron is None or not _has(frame, *neuron):
        colours, scale = _boundary_colours(classes, in_steps, palette), _boundary_scale(task, in_steps, palette)
        picture = seen.boundary if seen.fit is None else _plain(len(seen.boundary))
        return Subject(TITLE, seen.area, picture, colours, scale, classes > 2)
    column, unit = neuron
    is_output = column == len(frame.maps) - 1
    outputs = len(frame.maps[-1])
    label = unit if is_output and outputs > 1 else None
    full = 1.0 if is_output else float(seen.scales[column][unit])
    scale = _map_scale(label, outputs, full, is_output, in_steps, palette)
    if is_output and not task.has_classes:
        scale = _boundary_scale(task, in_steps, palette)
    colours = _map_colours(label, outputs, in_steps, palette)
    return Subject(_name(frame, column, unit), seen.area, seen.maps[column][unit], colours, scale, False)


def answer_at(frame: Frame, place: NDArray[np.float64], neuron: Neuron | None, point: int | None) -> str:
    """What the network says at a place, or a neuron of it, as exactly as the pictures tell: to 1 % of the scale.

    Values are told exactly; of a point that is there, by its index, with its own value and how far off they are.
    """
    if neuron is not None and _has(frame, *neuron):
        return f"value {frame.activation(*neuron, place):.2f}".replace("-", "−")
    task, seen = frame.experiment.task, frame.seen
    if not task.has_classes:
        if point is not None:
            return _residual(frame, point)
        value = _value_at(frame, frame.experiment.data.inputs_at(place[None], frame.rest))
        return task.name_of(value) if math.isfinite(value) else NO_NUMBER
    cell = cell_at(place, len(seen.boundary), seen.area)
    label = int(colours_in(seen.boundary[cell], task.colours))
    if label < 0:
        return NO_NUMBER
    is_one = len(frame.maps[-1]) == 1
    score = frame.activation(len(frame.maps) - 1, 0 if is_one else label, place)
    if not loss_named(frame.experiment.training.loss).is_probability:
        return f"{task.name_of(label)} · output {score:.2f}".replace("-", "−")
    percent = 50 * (1 + (abs(score) if is_one else score))
    return f"{task.name_of(label)} · {'> 99' if percent > 99 else f'{percent:.0f}'} %"


def _residual(frame: Frame, point: int) -> str:
    """A point by its index: its value, what the network says of it, and by how much it is off, in their own unit."""
    points, target = frame.experiment.data.arrays, frame.experiment.task.target
    value, truth = _value_at(frame, points.inputs[point : point + 1]), float(points.targets[point])
    if not math.isfinite(value):
        return f"is {target.shown(truth)}, said {NO_NUMBER}"
    off = f"{target.unit * (value - truth):+.2g}".replace("-", "−")
    return f"is {target.shown(truth)}, said {target.shown(value)}, off {off}"


def _value_at(frame: Frame, inputs: NDArray[np.float64]) -> float:
    """The value that the network tells for a point (1, inputs), beyond the scale of colours too."""
    return float(activations_at(frame.experiment, frame.weights, frame.biases, inputs)[-1][0, 0])


def _has(frame: Frame, column: int, unit: int) -> bool:
    return column < len(frame.maps) and unit < len(frame.maps[column])


def _name(frame: Frame, column: int, unit: int) -> str:
    """What a map is a map of; neurons are counted from 1."""
    if column == 0:
        return f"FEATURE · {frame.experiment.data.feature_label(frame.experiment.network.features[unit])}"
    if column < len(frame.maps) - 1:
        return f"LAYER {column} NEURON {unit + 1}"
    return TITLE if len(frame.maps[column]) == 1 else f"{TITLE} · {frame.experiment.task.name_of(unit).upper()}"


@cache
def _plain(side: int) -> NDArray[np.uint8]:
    """The ground that a curve is drawn on."""
    return np.full((side, side), 128, np.uint8)


# ── colours, which stay the same from frame to frame ─────────────────────────────────────────────────────────────────


@cache
def _boundary_colours(classes: int, in_steps: bool, _: theme.Palette) -> NDArray[np.uint32]:
    table = packed(theme.boundary_colours(classes, CONFIDENCE_LEVELS))
    if not in_steps:
        return table
    if classes == 2:
        return _in_two(table)
    ends = np.arange(classes * CONFIDENCE_LEVELS) // CONFIDENCE_LEVELS * CONFIDENCE_LEVELS + CONFIDENCE_LEVELS - 1
    return np.concatenate([table[ends], table[len(ends) :]])


@cache
def _map_colours(label: int | None, outputs: int, in_steps: bool, palette: theme.Palette) -> NDArray[np.uint32]:
    table = packed(theme.map_colours(palette.ground, outputs) if label is None else theme.output_colours(label))
    return _in_two(table) if in_steps else table


def _in_two(table: NDArray[np.uint32]) -> NDArray[np.uint32]:
    return table[np.where(np.arange(256) < 128, 0, 255)]


@cache
def _boundary_scale(task: Task, in_steps: bool, palette: theme.Palette) -> Scale:
    classes = task.colours
    colours = _boundary_colours(classes, in_steps, palette)
    if not task.has_classes:
        ends = tuple(task.target.shown(share * task.full) for share in (1, 0, -1))
        words = f"From {ends[2]} to {ends[0]}: {task.target.name}"
        return Scale(tuple(colours[::-1].tolist()), (), ends, words)
    if classes == 2:
        words = f"From −1, surely {task.name_of(1)}, over 0, undecided, to +1, surely {task.name_of(0)}"
        return Scale(tuple(colours[::-1].tolist()), (0, 1), ("+1", "0", "−1"), words)
    pieces = colours[: classes * CONFIDENCE_LEVELS].reshape(classes, CONFIDENCE_LEVELS)[:, ::-1]
    named = ", ".join(task.name_of(label) for label in range(classes))
    words = f"From the top {named}: each pale where the network is unsure, and strong where it is sure"
    return Scale(tuple(pieces.ravel().tolist()), tuple(range(classes)), (), words)


def _map_scale(
    label: int | None, outputs: int, full: float, is_output: bool, in_steps: bool, palette: theme.Palette
) -> Scale:
    colours = _reversed(label, outputs, in_steps, palette)
    end = _short(full)
    labels = () if not is_output else (0, 1) if label is None else (label,)
    words = f"From −{end} over 0 to +{end}: what the neuron answers"
    return Scale(colours, labels, (f"+{end}", "0", f"−{end}"), words)


@cache
def _reversed(label: int | None, outputs: int, in_steps: bool, palette: theme.Palette) -> tuple[int, ...]:
    return tuple(_map_colours(label, outputs, in_steps, palette)[::-1].tolist())


def _short(value: float) -> str:
    """Two digits: 7.3, 120, 1e6."""
    return tidied(f"{value:.0e}") if value >= 10_000 else write_number(float(f"{value:.2g}"))
