"""What a network makes of single points, from its weights alone, is what the run itself makes of them."""

from __future__ import annotations

import numpy as np
import pytest

from engine.nn import ACTIVATIONS
from engine.training import PRESETS, Experiment, LayerSpec, Network, Run, activations_at

POINTS = np.array([[0.0, 0.0], [1.5, -2.25], [-6.0, 6.0]])


@pytest.mark.parametrize("activation", [*ACTIVATIONS, "= x*tanh(x)"])
def test_they_are_the_runs_own(activation: str) -> None:
    layers = LayerSpec(5, activation), LayerSpec(3, activation)
    run = Run(Experiment(network=Network(features=("x1", "x2", "sin_x1"), layers=layers)))
    run.step(3)
    weights, biases = zip(*run.weights(), strict=True)
    found = activations_at(run.experiment, weights, biases, POINTS)
    for ours, theirs in zip(found, run.activations(POINTS), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)


def test_there_may_be_no_hidden_layer_and_many_outputs() -> None:
    run = Run(PRESETS["blobs"].replace(network=Network(layers=())))
    weights, biases = zip(*run.weights(), strict=True)
    columns = activations_at(run.experiment, weights, biases, POINTS[:1])
    assert [column.shape for column in columns] == [(1, 2), (1, run.experiment.outputs)]
    np.testing.assert_allclose(columns[1], run.activations(POINTS[:1])[1], rtol=1e-5, atol=1e-6)
