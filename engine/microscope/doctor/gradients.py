"""Illnesses of gradients: those that fade on their way back, and those that grow."""

from __future__ import annotations

import math

from engine.microscope.doctor.evidence import Evidence
from engine.microscope.doctor.illness import Place, Sighting, begin_with, keep_layers, layers, short, training

SHALLOWEST = 3  # layers with weights: fewer pass little on
FADED = 0.01  # of the last layer's gradient is left in the first: of presets, a fifth or more
LEARNT = 0.5  # of what there was to learn: later on all gradients are small
SETTLED = 10  # steps
LARGE = 100.0  # gradient norm, where losses are about 1: of presets, below 10
GENTLE = 1.0  # the norm to which gradients are shortened
PASSING = "leaky_relu"  # the activation whose slope is 1 where it is not small


def vanishing(ev: Evidence) -> Sighting | None:
    """First layers that have had next to nothing of the gradient since the beginning."""
    if len(ev.now.layers) < SHALLOWEST or ev.age < SETTLED or ev.learnt > LEARNT:
        return None
    totals = [sum(m.layers[i].gradient_norm for m in ev.moments) for i in range(len(ev.now.layers))]
    faded = [column for column, total in enumerate(totals[:-1], 1) if total < FADED * totals[-1]]
    if 1 not in faded:
        return None
    evidence = (
        f"So far the gradients of layer 1 were {short(totals[0] / totals[-1])} times as long as those of the output, "
        f"{len(totals) - 1} layers on."
    )
    remedies = layers("Leaky ReLU in all layers", activation=PASSING), keep_layers(2)
    return Sighting(evidence, tuple(Place(column) for column in faded), remedies)


def exploding(ev: Evidence) -> Sighting | None:
    """A gradient that is far longer than losses of this size have them."""
    limit = LARGE * max(1.0, math.sqrt(ev.blind_loss))
    if ev.now.gradient_norm <= limit:
        return None
    norms = [layer.gradient_norm for layer in ev.now.layers]
    largest = max(range(len(norms)), key=norms.__getitem__)
    where = f"layer {largest + 1}" if largest + 1 < len(norms) else "the output"
    evidence = f"The gradient's norm is {short(ev.now.gradient_norm)}, most of it in {where}; usual is below 10."
    remedies = begin_with("xavier"), training(f"Shorten gradients to {GENTLE:g}", max_norm=GENTLE)
    return Sighting(evidence, tuple(Place(i + 1) for i, norm in enumerate(norms) if norm > limit / 2), remedies)
