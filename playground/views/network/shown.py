"""What of a frame the network diagram draws: of large columns the first neurons, and of these their parameters."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.training import Experiment
from playground.runtime.frame import MOST_SHOWN, Frame, Status
from playground.views.network.layout import DiagramLayout

Arrays = tuple[NDArray[np.floating], ...]


def parameters(diagram: DiagramLayout, frame: Frame) -> tuple[Arrays, Arrays]:
    """Weights (targets, sources) of each gap, and biases of each column behind it; NaN where there is none."""
    weights = tuple(
        weight[: len(gap.targets), : len(gap.sources)] for gap, weight in zip(diagram.gaps, frame.weights, strict=True)
    )
    pairs = zip(frame.biases, frame.experiment.network.biased, strict=True)
    biases = tuple(np.where(has_bias, bias, np.nan)[:MOST_SHOWN] for bias, has_bias in pairs)
    return weights, biases


def contributions(weights: Arrays, activations: Sequence[NDArray[np.floating]]) -> Arrays:
    """What each weight (targets, sources) adds to the sum at its end, w·a, for one point of which neurons make `a`."""
    return tuple(weight * of[: weight.shape[1]] for weight, of in zip(weights, activations, strict=False))


def shown_of(diagram: DiagramLayout, frozen: tuple[NDArray[np.bool_], ...]) -> tuple[NDArray[np.bool_], ...]:
    """Of masks of what is frozen (neurons, inputs and bias) those neurons and inputs that are shown, and the bias."""
    return tuple(
        np.hstack([mask[: len(gap.targets), : len(gap.sources)], mask[: len(gap.targets), -1:]])
        for gap, mask in zip(diagram.gaps, frozen, strict=False)
    )


def left_out(diagram: DiagramLayout, frame: Frame) -> Arrays | None:
    """The share of its points for which the next step leaves each neuron out, for each hidden layer.

    None while it trains, for nobody could see it, or where there is no dropout, or nothing to learn from.
    """
    snapshot = frame.snapshot
    if frame.status is Status.TRAINING or snapshot is None or not any(frame.experiment.network.dropouts):
        return None
    if not len(snapshot.batch):
        return None
    return tuple(
        np.zeros(len(column.tops)) if mask is None else (mask[:, :MOST_SHOWN] == 0).mean(axis=0)
        for mask, column in zip(snapshot.masks, diagram.columns[1:], strict=False)
    )


def structure(experiment: Experiment) -> tuple[object, ...]:
    """What decides where things stand and what the controls say."""
    network = experiment.network
    data = experiment.data
    return network.features, data.columns, data.class_names, network.layers, network.output_bias, experiment.outputs
