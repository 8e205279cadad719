"""Paths: what comes back from each use of a number sums to its gradient."""

from __future__ import annotations

import numpy as np
import pytest

from engine.microscope.graph.expression_graph import ExpressionGraph, batch_graph, point_graph
from engine.microscope.graph.paths import paths_back
from engine.nn import ACTIVATIONS, LOSSES
from engine.training import PRESETS, LayerSpec, Run
from tests.engine.tables import pairs


def graphs(activation: str, loss: str, preset: str) -> list[ExpressionGraph]:
    experiment = PRESETS[preset]
    experiment = experiment.replace(
        network=experiment.network.replace(layers=(LayerSpec(3, activation), LayerSpec(2, activation))),
        training=experiment.training.replace(loss=loss, batch_size=9),
    )
    run = Run(experiment)
    run.step(2)
    snapshot = run.snapshot()
    return [point_graph(snapshot, 3), batch_graph(snapshot, int(snapshot.batch[4]))]


@pytest.mark.parametrize(("activation", "loss"), pairs(ACTIVATIONS, LOSSES))
@pytest.mark.parametrize("preset", ["moons", "blobs"])
def test_the_shares_of_all_paths_are_the_gradient(activation: str, loss: str, preset: str) -> None:
    for graph in graphs(activation, loss, preset):
        parameters = set(graph.parameters.values())
        for i in range(len(graph.nodes)):
            gradient = graph.gradient(i)
            if gradient is None or i == graph.root:
                continue
            share = sum(path.share for path in paths_back(graph, i))
            if i in parameters and len(graph.rows) > 1:
                parameter = next(p for p, node in graph.parameters.items() if node == i)
                gradient = float(graph.pulls(parameter)[graph.shown])
            assert share == pytest.approx(gradient, rel=1e-12, abs=1e-15)


def test_an_output_of_a_layer_has_a_path_through_each_neuron_of_the_next() -> None:
    graph = graphs("tanh", "mse", "moons")[0]
    for unit, i in enumerate(graph.outputs[1]):
        paths = paths_back(graph, i)
        assert [graph.parts[path.child] for path in paths] == [(2, 0), (2, 1)]
        for path in paths:
            product = graph.parents(path.child)
            weight = next(p for p in product if p != i)
            assert graph.names[weight] == f"w{'₁₂₃'[unit]}"
            assert path.slope == graph.value(weight)
            assert path.arrives == graph.gradient(path.child)
            assert np.isclose(path.share, path.slope * path.arrives, rtol=1e-15)


def test_a_fixed_number_that_no_gradient_arrives_at_has_no_paths() -> None:
    graph = graphs("tanh", "mse", "moons")[1]
    fixed = [i for i in range(len(graph.nodes)) if graph.gradient(i) is None]
    assert fixed
    assert not any(paths_back(graph, i) for i in fixed)
