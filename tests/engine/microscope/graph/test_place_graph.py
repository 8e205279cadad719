"""The graph of a place where no point is: what the network says there, and what adds up to it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.autograd import Tensor
from engine.microscope.film.film import Film, Phase
from engine.microscope.graph.contributions import contributions
from engine.microscope.graph.expression_graph import ExpressionGraph, Part, place_graph, point_graph
from engine.nn import LOSSES
from engine.training import PRESETS, Data, Experiment, LayerSpec, Network, Run, RunSnapshot, Training, activations_at

PLACE = np.array([1.25, -3.5])


def snapshot_of(classes: int = 3, loss: str = "cross_entropy", steps: int = 5, **network: Any) -> RunSnapshot:
    layers = (LayerSpec(4, dropout=0.4), LayerSpec(3, "relu", bias=False))
    shape = Network(**({"features": ("x1", "x2", "x1_x2"), "layers": layers} | network))
    data = Data("blobs", count=30, classes=classes, noise=0.3)
    run = Run(Experiment(data, shape, Training(loss=loss, learning_rate=0.02)))
    run.step(steps)
    return run.snapshot()


def outputs(snapshot: RunSnapshot) -> Tensor:
    """What the network answers at the place, by the tensor engine."""
    data = snapshot.experiment.data.drawn().with_points_added(PLACE[None], 0)
    there = RunSnapshot(**{**vars_of(snapshot), "experiment": snapshot.experiment.replace(data=data)})
    model = there.model()
    result: Tensor = model(Tensor(there.points([-1]).inputs, requires_grad=False))
    return result


def vars_of(snapshot: RunSnapshot) -> dict[str, Any]:
    return {name: getattr(snapshot, name) for name in RunSnapshot.__dataclass_fields__}


def gradient(snapshot: RunSnapshot, said: int) -> dict[str, np.ndarray]:
    """Finite differences of one output by each parameter, in float64."""
    weights = {name: np.float64(array) for name, array in snapshot.weights.items()}
    found = {name: np.zeros(array.shape) for name, array in weights.items()}
    for name, array in weights.items():
        for index in np.ndindex(array.shape):
            ends = []
            for h in (1e-6, -1e-6):
                moved = {**weights, name: array.copy()}
                moved[name][index] += h
                ends.append(outputs(RunSnapshot(**{**vars_of(snapshot), "weights": moved})).data[0, said])
            found[name][index] = (ends[0] - ends[1]) / 2e-6
    return found


def assert_answers(graph: ExpressionGraph, snapshot: RunSnapshot) -> None:
    answers = [graph.value(i) for i in graph.outputs[-1]]
    np.testing.assert_allclose(answers, outputs(snapshot).data[0], rtol=1e-12)


@pytest.mark.parametrize("classes", [2, 3])
def test_without_a_target_it_ends_at_the_output_that_says_most(classes: int) -> None:
    """Without what dropout leaves out in a step; and its gradients are those of that output."""
    snapshot = snapshot_of(classes)
    graph = place_graph(snapshot, PLACE)
    assert_answers(graph, snapshot)
    said = int(outputs(snapshot).data[0].argmax())
    assert graph.root == graph.outputs[-1][said]
    assert not graph.has_loss
    assert graph.point is None
    assert set(graph.parents(graph.root)) < set(range(graph.root))
    expected = gradient(snapshot, said)
    for parameter, i in graph.parameters.items():
        assert (graph.gradient(i) or 0) == pytest.approx(expected[parameter.name][parameter.place], abs=1e-7)


@pytest.mark.parametrize("loss", LOSSES)
def test_with_a_target_it_is_the_graph_of_a_point_there(loss: str) -> None:
    snapshot = snapshot_of(loss=loss)
    data = snapshot.experiment.data.drawn().with_points_added(PLACE[None], 2)
    there = RunSnapshot(**{**vars_of(snapshot), "experiment": snapshot.experiment.replace(data=data)})
    layers = tuple(layer.replace(dropout=0) for layer in there.experiment.network.layers)
    without = there.experiment.replace(network=there.experiment.network.replace(layers=layers))
    expected = point_graph(RunSnapshot(**{**vars_of(there), "experiment": without}), len(data.arrays) - 1)
    found = place_graph(snapshot, PLACE, 2.0)
    assert found.has_loss
    assert found.names == expected.names
    assert [found.value(i) for i in range(len(found.nodes))] == [expected.value(i) for i in range(len(found.nodes))]
    assert found.gradients == expected.gradients


def test_parents_come_before_children_whichever_output_says_most() -> None:
    for seed in range(6):
        run = Run(Experiment(Data("blobs", classes=5), Network(layers=(LayerSpec(3),)), seed=seed))
        graph = place_graph(run.snapshot(), PLACE)
        assert all(parent < i for i in range(len(graph.nodes)) for parent in graph.parents(i))
        assert all(len(graph.parents(i)) > 0 for i in graph.outputs[-1])


def test_its_film_goes_forward_to_the_output_and_back_to_the_weights() -> None:
    graph = place_graph(snapshot_of(), PLACE)
    film = Film(graph)
    film.seek(len(film.steps))
    assert film.data == [node.data for node in graph.nodes]
    for i, arrived in enumerate(graph.gradients):
        if arrived is not None:
            assert film.gradients[i] == pytest.approx(arrived, rel=1e-12)
    assert {step.phase for step in film.steps} == {Phase.ZERO, Phase.FORWARD, Phase.SEED, Phase.BACKWARD}


@pytest.mark.parametrize("target", [None, 1.0])
def test_contributions_are_weights_times_what_comes_in_and_sum_to_the_sum(target: float | None) -> None:
    snapshot = snapshot_of()
    graph = place_graph(snapshot, PLACE, target)
    weights = [np.float64(snapshot.weights[f"{i}.weight"]) for i in (0, 2, 4)]
    biases = [
        np.float64(snapshot.weights.get(f"{i}.bias", np.zeros(len(w)))) for i, w in zip((0, 2, 4), weights, strict=True)
    ]
    columns = activations_at(snapshot.experiment, weights, biases, PLACE[None])
    for column, (weight, bias) in enumerate(zip(weights, biases, strict=True), 1):
        for unit in range(len(weight)):
            found = contributions(graph, Part(column, unit))
            shares = [share.share for share in found if share.source is not None]
            np.testing.assert_allclose(shares, weight[unit] * columns[column - 1][0], rtol=1e-5, atol=1e-7)
            alone = [share.share for share in found if share.source is None]
            assert alone == ([] if column == 2 else [bias[unit]])
            if column == 3:
                assert sum(share.share for share in found) == pytest.approx(graph.value(graph.outputs[3][unit]))


def test_of_a_curve_it_is_the_value_there() -> None:
    run = Run(PRESETS["wave"])
    run.step(10)
    graph = place_graph(run.snapshot(), np.array([0.5]))
    assert graph.value(graph.root) == pytest.approx(float(run.activations(np.array([[0.5]]))[-1][0, 0]), rel=1e-4)
    assert place_graph(run.snapshot(), np.array([0.5]), 2.0).has_loss
