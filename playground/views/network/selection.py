"""Selection of parameters: a weight, a bias, or all that act on a neuron or a layer, as the card handles them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.dataclass import dataclass
from engine.training import Experiment
from engine.training.spec.places import BIAS, ParameterPlace, incoming, outgoing
from playground.runtime.frame import Frame
from playground.views.network import words
from playground.views.network.layout import Bias, Edge, NeuronPlace, Target


@dataclass(frozen=True)
class Selection:
    """Selection: what is to be changed by hand together.

    Attributes:
        name: what it is, in words.
        places: its weights and biases.
        target: what of the diagram it is; None for a layer.
        severed: what is cut with it: a neuron's weights to the next layer, without which it still has its say.
    """

    name: str
    places: tuple[ParameterPlace, ...]
    target: Target | None = None
    severed: tuple[ParameterPlace, ...] = ()

    @property
    def is_single(self) -> bool:
        """Whether it is one weight or bias, chosen as such."""
        return isinstance(self.target, Edge | Bias)

    def values(self, frame: Frame) -> NDArray[np.float64]:
        """What its weights and biases are (n,)."""
        return np.array([frame.value(place) for place in self.places], np.float64)

    def frozen(self, experiment: Experiment) -> int:
        """How many of them are frozen."""
        return len(set(experiment.network.frozen).intersection(self.places))


def of_target(experiment: Experiment, target: Target) -> Selection | None:
    """A weight, a bias if there is one, or all that act on a neuron; None for a feature, on which nothing does."""
    match target:
        case NeuronPlace(0, _):
            return None
        case Edge(gap, source, unit):
            ends = words.neuron_name(experiment, gap, source), words.neuron_name(experiment, gap + 1, unit)
            return Selection(f"Weight from {ends[0]} to {ends[1]}", (ParameterPlace(gap + 1, unit, source),), target)
        case Bias(column, _) if not experiment.network.biased[column - 1]:
            return None
        case Bias(column, unit):
            name = f"Bias of {words.neuron_name(experiment, column, unit)}"
            return Selection(name, (ParameterPlace(column, unit, BIAS),), target)
        case NeuronPlace(column, unit):
            name = f"Weights and bias of {words.neuron_name(experiment, column, unit)}"
            sizes = experiment.sizes
            return Selection(
                name,
                tuple(incoming(sizes, experiment.network.biased, column, unit)),
                target,
                tuple(outgoing(sizes, column, unit)),
            )


def of_layer(experiment: Experiment, column: int) -> Selection:
    """All that act on the neurons of a column."""
    name = f"layer {column}" if column <= len(experiment.network.layers) else "the output"
    return Selection(
        f"Weights and biases of {name}", tuple(incoming(experiment.sizes, experiment.network.biased, column))
    )


def target_of(place: ParameterPlace) -> Edge | Bias:
    """What of the diagram a weight or a bias is."""
    column, unit, source = place
    return Bias(column, unit) if source == BIAS else Edge(column - 1, source, unit)


def neighbour(experiment: Experiment, place: ParameterPlace, by: int) -> ParameterPlace:
    """The weight or bias before or after one: neuron after neuron, each bias after the weights; round and round."""
    sizes = experiment.sizes
    every = [p for column in range(1, len(sizes)) for p in incoming(sizes, experiment.network.biased, column)]
    return every[(every.index(place) + by) % len(every)]


def masks(experiment: Experiment) -> tuple[NDArray[np.bool_], ...]:
    """Which parameters are frozen, for each column after the first (neurons, inputs and bias); none if nothing is."""
    frozen, sizes = experiment.network.frozen, experiment.sizes
    if not frozen:
        return ()
    result = tuple(np.zeros((sizes[c], sizes[c - 1] + 1), dtype=bool) for c in range(1, len(sizes)))
    for column, unit, source in frozen:
        result[column - 1][unit, source] = True  # the bias, -1, is the last
    return result
