"""Common start: the initial weights of experiments that are to be compared, alike wherever they can be.

What is left to chance is one stream of numbers for each experiment, and a layer of another size shifts all that are
drawn after it. So a layer that several have is drawn once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from engine.training.run.build import build_model
from engine.training.run.state import Weights
from engine.training.spec.experiment import Experiment

_OUTPUTS = -1


class _Layer(NamedTuple):
    """Layer, as far as its initial weights depend on it."""

    place: int  # counted from the front; of the outputs, from the back
    inputs: int
    outputs: int
    initialiser: str
    seed: int


def common_start(experiments: Iterable[Experiment]) -> Sequence[Weights]:
    """Initial weights of each experiment, by their PyTorch names.

    A layer that an earlier one has in the same place, with the same shape, initialiser and seed, begins as it does
    there; so what comes later in the list changes nothing of what comes before.
    """
    drawn: dict[_Layer, Any] = {}
    result = []
    for experiment in experiments:
        weights = build_model(experiment).state_dict()
        names = [name for name in weights if name.endswith("weight")]
        for name, layer in zip(names, _layers(experiment), strict=True):
            weights[name] = drawn.setdefault(layer, weights[name])
        result.append(weights)
    return result


def layers_in_common(experiments: Sequence[Experiment]) -> tuple[int, int]:
    """How many layers of all experiments begin with the same weights, of how many that the largest has."""
    layers = [set(_layers(experiment)) for experiment in experiments]
    return len(set.intersection(*layers)), max(map(len, layers))


def _layers(experiment: Experiment) -> list[_Layer]:
    sizes, initialisers = list(pairwise(experiment.sizes)), experiment.network.initialisers
    places = [*range(len(sizes) - 1), _OUTPUTS]
    return [
        _Layer(place, inputs, outputs, initialiser, experiment.seed)
        for place, (inputs, outputs), initialiser in zip(places, sizes, initialisers, strict=True)
    ]
