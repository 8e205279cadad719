"""Kinds: what of a layer has a histogram, and words for its neurons that are dead or saturated."""

from __future__ import annotations

from typing import NamedTuple

from engine.microscope.inside.moment import Histogram, LayerMoment
from engine.nn.activations import activation_named
from engine.training import Experiment
from playground.ui.number_format import write_percent


class Kind(NamedTuple):
    """Kind of numbers in a layer: its name, what they are of, and the name that it has in a LayerMoment."""

    label: str
    description: str
    field: str

    def of(self, layer: LayerMoment) -> Histogram:
        """The histogram of a layer."""
        found: Histogram = getattr(layer, self.field)
        return found


KINDS = {
    kind.field: kind
    for kind in (
        Kind("Activations", "what its neurons answer to the training points", "activations"),
        Kind("Weights", "its weights and biases", "weights"),
        Kind("Gradients", "the gradient of the loss on the next batch with respect to each of them", "gradients"),
        Kind("Updates", "what the next step adds to each of them", "updates"),
    )
}


def layer_names(experiment: Experiment) -> tuple[str, ...]:
    """What the layers are called: Layer 1: 8 × tanh."""
    layers = enumerate(experiment.network.layers, 1)
    hidden = (f"Layer {i}: {layer.size} × {activation_named(layer.activation).label}" for i, layer in layers)
    return *hidden, "Output" if experiment.outputs == 1 else f"{experiment.outputs} outputs"


def asleep_in_words(layer: LayerMoment) -> tuple[str, str]:
    """The shares of its neurons that are dead, and saturated; a share of 0 has no words."""
    shares = {"dead": layer.is_dead.mean(), "saturated": layer.is_saturated.mean()}
    dead, saturated = (f"{name} {write_percent(round(share, 3))}" if share else "" for name, share in shares.items())
    return dead, saturated
