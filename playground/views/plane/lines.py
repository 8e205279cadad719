"""Lines over the plane: along which the network answers the same, neurons sum to 0, and linear regions end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QPainterPath

from engine.microscope.regions import borders, curved_activation, sums_over_plane
from engine.training import Experiment
from playground.runtime.area import Area
from playground.runtime.frame import MOST_SHOWN, Frame
from playground.ui.plots import polyline
from playground.views.plane.contours import level_lines
from playground.views.plane.subject import Neuron


class Lines(NamedTuple):
    """Lines in units of the plane, and how they are drawn."""

    path: QPainterPath
    token: str = "text"
    strength: float = 0.55
    width: float = 1.0


def zero_lines(frame: Frame, layer: int, neuron: Neuron | None) -> list[Lines]:
    """Where the neurons of a hidden layer, counted from 0, sum to 0; of the layer of a neuron, if that is in one, and
    then its own line stands out.
    """
    layers = len(frame.experiment.network.layers)
    chosen = neuron if neuron is not None and 0 < neuron[0] <= layers else None
    if not layers:
        return []
    area = frame.seen.area
    sums = _sums(frame)[min(layer, layers - 1) if chosen is None else chosen[0] - 1]
    lines = [_path(sums[[unit]], (0.0,), area) for unit in range(len(sums))]
    result = [Lines(path) for path in lines]
    if chosen is not None and chosen[1] < len(lines):
        result.append(Lines(lines[chosen[1]], "accent", 1.0, 2.5))
    return result


def region_lines(frame: Frame) -> list[Lines]:
    """Where linear regions end; nothing in a network that is curved."""
    if curved_activation(frame.experiment):
        return []
    return [
        Lines(_path(sums, corners, frame.seen.area), strength=0.3)
        for sums, corners in zip(_sums(frame), borders(frame.experiment), strict=True)
    ]


def guessed_lines(lines: Sequence[Sequence[tuple[float, float]]]) -> list[Lines]:
    """Where the user expects the boundary, in lines from place to place."""
    path = QPainterPath()
    for places in lines:
        path.addPolygon(polyline(*np.array(places).T))
    return [Lines(path, "accent", 1.0, 2.5)] if lines else []


def lines_in_words(experiment: Experiment, is_on: Callable[[str], bool]) -> str:
    """What is to be known of the lines of OPTIONS that are on; empty if nothing is."""
    if is_on("regions") and (curved := curved_activation(experiment)):
        return f"No linear regions: {curved} is curved."
    is_large = max((layer.size for layer in experiment.network.layers), default=0) > MOST_SHOWN
    return (
        f"Lines of the first {MOST_SHOWN} neurons of each layer"
        if is_large and (is_on("zeros") or is_on("regions"))
        else ""
    )


def _sums(frame: Frame) -> list[NDArray[np.floating]]:
    """Of each hidden layer, of those neurons that the diagram shows: with more, the plane would be full of lines."""
    area = frame.seen.area
    sums = sums_over_plane(frame.experiment, frame.weights, frame.biases, area.low, area.high, frame.rest)
    return [of_layer[:MOST_SHOWN] for of_layer in sums]


def _path(pictures: NDArray[np.floating], levels: Iterable[float], area: Area) -> QPainterPath:
    result = QPainterPath()
    for picture in pictures:
        result.addPath(level_lines(picture, levels, area.low, area.high))
    return result
