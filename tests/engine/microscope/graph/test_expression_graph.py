"""Expression graphs: the same loss and the same gradients as the tensors', number by number."""

from __future__ import annotations

import gc
import itertools
import weakref
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from engine.autograd import Tensor, Value, no_grad
from engine.autograd.ops import tanh
from engine.microscope.graph.expression_graph import (
    ExpressionGraph,
    Parameter,
    Part,
    batch_graph,
    point_graph,
    subscript,
)
from engine.nn import ACTIVATIONS, LOSSES
from engine.training import DRAWN, FEATURES, PRESETS, Data, Experiment, LayerSpec, Network, Run, RunSnapshot, Training
from engine.training.run.dropout import with_dropout
from tests.engine.strategies import networks, seeds, small_layer_specs
from tests.engine.tables import pairs

CLOSE = 1e-9


def snapshot_of(
    network: Network, loss: str, classes: int = 2, seed: int = 0, batch_size: int | None = None, steps: int = 0
) -> RunSnapshot:
    """The moment of a small experiment, some steps into its training."""
    data = Data("gauss", count=24, noise=0.2, seed=seed) if classes == 2 else Data("blobs", count=24, classes=classes)
    training = Training(loss=loss, batch_size=batch_size, learning_rate=0.01)
    run = Run(Experiment(data, network, training, seed=seed))
    run.step(steps)
    return run.snapshot()


def tensor_gradients(snapshot: RunSnapshot, rows: np.ndarray) -> tuple[float, dict[str, np.ndarray]]:
    """The loss of some points, and its gradients, by the tensor engine in float64, with the next step's dropout."""
    masks = [None if mask is None else Tensor(mask, requires_grad=False) for mask in snapshot.masks_of(rows)]
    model, points = with_dropout(snapshot.model(), masks), snapshot.points(rows)
    loss = snapshot.loss(model(Tensor(points.inputs, requires_grad=False)), points.targets)
    loss.backward()
    return float(loss.data), {name: parameter.grad for name, parameter in model.named_parameters()}


def assert_equal_gradients(graph: ExpressionGraph, snapshot: RunSnapshot) -> None:
    loss, gradients = tensor_gradients(snapshot, graph.rows)
    assert graph.value(graph.root) == pytest.approx(loss, rel=CLOSE)
    found = {name: np.zeros(gradient.shape) for name, gradient in gradients.items()}
    for parameter, i in graph.parameters.items():
        found[parameter.name][parameter.place] = graph.gradient(i)
    for name, gradient in gradients.items():
        # relative to the largest of an array: where terms cancel, what is left is the round-off of the terms
        room = CLOSE * abs(gradient).max() + 1e-15
        np.testing.assert_allclose(found[name], gradient, rtol=CLOSE, atol=room, err_msg=name)


@pytest.mark.parametrize(("activation", "loss"), pairs(ACTIVATIONS, LOSSES))
@pytest.mark.parametrize("classes", [2, pytest.param(3, marks=pytest.mark.slow), 9])
def test_scalars_agree_with_tensors_for_every_activation_loss_and_number_of_classes(
    activation: str, loss: str, classes: int
) -> None:
    network = Network(layers=(LayerSpec(3, activation), LayerSpec(2, activation)))
    snapshot = snapshot_of(network, loss, classes, steps=2)
    assert_equal_gradients(point_graph(snapshot, 5), snapshot)
    assert_equal_gradients(batch_graph(snapshot, 5), snapshot)


def test_what_an_activation_computes_under_no_grad_passes_nothing_back(monkeypatch: pytest.MonkeyPatch) -> None:
    def straight_through(x: Any) -> Any:
        """Rounds forward, and goes back as if it did not (Bengio and others 2013)."""
        with no_grad():
            rest = tanh(x) - x
        return x + rest

    monkeypatch.setitem(ACTIVATIONS, "straight", replace(ACTIVATIONS["tanh"], function=straight_through))
    snapshot = snapshot_of(Network(layers=(LayerSpec(3, "straight"),)), "mse", steps=1)
    assert_equal_gradients(point_graph(snapshot, 5), snapshot)
    assert_equal_gradients(batch_graph(snapshot, 5), snapshot)


@given(
    networks(small_layer_specs, at_most=4), st.sampled_from(tuple(LOSSES)), st.integers(2, 9), seeds, st.integers(0, 23)
)
def test_scalars_agree_with_tensors_for_any_network(
    network: Network, loss: str, classes: int, seed: int, point: int
) -> None:
    snapshot = snapshot_of(network, loss, classes, seed, batch_size=7)
    assert_equal_gradients(point_graph(snapshot, point), snapshot)
    assert_equal_gradients(batch_graph(snapshot, point), snapshot)


def test_what_dropout_strikes_is_the_very_zero_and_only_of_points_that_the_step_learns_from() -> None:
    snapshot = snapshot_of(Network(layers=(LayerSpec(4, dropout=0.5),)), "mse", batch_size=3)
    mask = snapshot.masks[0]
    assert mask is not None
    point = int(snapshot.batch[0])
    graph = point_graph(snapshot, point)
    for unit, i in enumerate(graph.outputs[1]):
        before, struck = graph.parents(i)
        assert (graph.names[i], graph.names[before], graph.names[struck]) == ("a", "φ", "d")
        assert graph.value(struck) == mask[0, unit]
        assert graph.value(i) == graph.value(before) * mask[0, unit]
        assert (graph.gradient(before) == 0) == (mask[0, unit] == 0)
    other = next(i for i in range(24) if i not in snapshot.batch)
    assert "d" not in point_graph(snapshot, other).names


def small() -> RunSnapshot:
    return snapshot_of(Network(layers=(LayerSpec(2, "tanh"),)), "mse", steps=1)


def test_a_point_is_computed_by_values_with_a_graph_of_their_own() -> None:
    snapshot = small()
    graph = point_graph(snapshot, 3)
    assert all(isinstance(node, Value) for node in graph.nodes)
    loss = graph.nodes[graph.root]
    assert isinstance(loss, Value)
    loss.backward()
    for node, gradient in zip(graph.nodes, graph.gradients, strict=True):
        assert node.grad == (0.0 if gradient is None else gradient)


def test_the_nodes_of_a_small_network_are_these() -> None:
    snapshot = small()
    graph = point_graph(snapshot, 3)
    x1, x2 = snapshot.experiment.data.arrays.xy[3]
    ops = ["" if node.op is None else node.op.name for node in graph.nodes]
    # two features; two neurons of two products, two sums and tanh; the output likewise without tanh; error and square
    assert ops.count("mul") == 4 + 2 + 1
    assert ops.count("add") == 4 + 2
    assert ops.count("tanh") == 2
    assert ops.count("sub") == 1
    assert len(graph.parameters) == 9
    assert [graph.value(i) for i in graph.outputs[0]] == [x1, x2]
    assert [graph.names[i] for i in graph.outputs[0]] == ["x₁", "x₂"]
    assert [[graph.parts[i] for i in column] for column in graph.outputs] == [
        [Part(0, 0), Part(0, 1)],
        [Part(1, 0), Part(1, 1)],
        [Part(2, 0)],
    ]
    assert [graph.names[i] for i in graph.outputs[1]] == ["a", "a"]
    assert graph.names[graph.outputs[2][0]] == "ŷ"
    weight = graph.parameters[Parameter("0.weight", (1, 0))]
    assert (graph.parts[weight], graph.names[weight]) == (Part(1, 1), "w₁")
    assert graph.value(weight) == float(snapshot.weights["0.weight"][1, 0])
    (product,) = graph.children[weight]
    assert graph.parents(product) == [weight, graph.outputs[0][0]], "the weight comes first: w·x"
    assert graph.names[graph.root] == "loss"


@pytest.mark.parametrize("graph_of", [point_graph, batch_graph])
def test_parents_come_before_children_and_parts_one_after_the_other(graph_of: object) -> None:
    snapshot = Run(PRESETS["spiral"]).snapshot()
    graph = graph_of(snapshot, 0)  # type: ignore[operator]
    for i in range(len(graph.nodes)):
        assert all(parent < i for parent in graph.parents(i))
    assert graph.parts == sorted(graph.parts)
    assert graph.root == len(graph.nodes) - 1
    for i, children in enumerate(graph.children):
        assert all(i in graph.parents(child) for child in children)


def test_the_same_structure_gives_the_same_graph_whatever_the_weights() -> None:
    run = Run(PRESETS["blobs"])
    before = point_graph(run.snapshot(), 4)
    run.step(20)
    after = point_graph(run.snapshot(), 9)
    assert before.names == after.names
    assert before.parts == after.parts
    assert [before.parents(i) for i in range(len(before.nodes))] == [after.parents(i) for i in range(len(after.nodes))]
    assert before.value(before.root) != after.value(after.root)


def test_features_are_computed_in_the_graph_from_the_point() -> None:
    snapshot = snapshot_of(Network(features=tuple(FEATURES), layers=()), "mse")
    graph = point_graph(snapshot, 2)
    x1, x2 = snapshot.experiment.data.arrays.xy[2]
    values = [graph.value(i) for i in graph.outputs[0]]
    assert values == pytest.approx([x1, x2, x1 * x1, x2 * x2, x1 * x2, np.sin(x1), np.sin(x2)], rel=1e-15)
    square = graph.outputs[0][2]
    assert graph.parents(square) == [graph.outputs[0][0]] * 2
    (x1_leaf, x2_leaf) = graph.outputs[0][:2]
    h = 1e-6

    def loss(point: tuple[float, float]) -> float:
        places = snapshot.experiment.data.arrays.xy.copy()
        places[2] = point
        moved = snapshot.experiment.data.with_points_at(places)
        other = Run(snapshot.experiment.replace(data=moved)).snapshot()
        alone = point_graph(other, 2)
        return alone.value(alone.root)

    slope = (loss((x1 + h, x2)) - loss((x1 - h, x2))) / (2 * h)
    assert graph.gradient(x1_leaf) == pytest.approx(slope, rel=1e-6)
    assert graph.gradient(x2_leaf) is not None


def test_the_pulls_of_the_points_on_each_parameter_sum_to_its_gradient() -> None:
    snapshot = Run(PRESETS["moons"]).snapshot()
    graph = batch_graph(snapshot, 0)
    for parameter, i in graph.parameters.items():
        pulls = graph.pulls(parameter)
        assert pulls.shape == snapshot.batch.shape
        assert pulls.sum() == pytest.approx(graph.gradient(i), rel=1e-12, abs=1e-15)


def test_a_pull_is_the_gradient_of_the_point_alone_over_the_number_of_points() -> None:
    snapshot = snapshot_of(Network(layers=(LayerSpec(3, "sin"),)), "cross_entropy", batch_size=6)
    graph = batch_graph(snapshot, int(snapshot.batch[0]))
    for row, point in enumerate(snapshot.batch):
        alone = point_graph(snapshot, int(point))
        for parameter, i in alone.parameters.items():
            assert graph.pulls(parameter)[row] == pytest.approx(alone.gradient(i) / 6, rel=1e-9, abs=1e-15)


def test_a_batch_shows_the_numbers_of_the_point_that_was_asked_for_or_of_its_first() -> None:
    snapshot = snapshot_of(Network(layers=(LayerSpec(2, "relu"),)), "huber", batch_size=5)
    for point in snapshot.batch:
        graph = batch_graph(snapshot, int(point))
        assert graph.point == point
        np.testing.assert_array_equal(
            [graph.value(i) for i in graph.outputs[0]], snapshot.experiment.data.arrays.xy[point]
        )
    absent = next(i for i in range(24) if i not in snapshot.batch)
    assert batch_graph(snapshot, absent).point == snapshot.batch[0]


def test_an_empty_batch_and_a_point_that_is_not_there_are_refused() -> None:
    snapshot = Run(Experiment(data=Data(DRAWN))).snapshot()
    with pytest.raises(ValueError, match="the next batch is empty"):
        batch_graph(snapshot, 0)
    with pytest.raises(IndexError):
        point_graph(small(), 24)


def test_numbers_beyond_all_bounds_make_a_graph_like_any_other() -> None:
    snapshot = small()
    for data in snapshot.weights.values():
        data[...] = 1e38
    graph = point_graph(snapshot, 0)
    assert not np.isfinite(graph.value(graph.root)) or graph.value(graph.root) > 1e30


@pytest.mark.parametrize("graph_of", [point_graph, batch_graph])
def test_a_graph_vanishes_with_its_last_reference(graph_of: object) -> None:
    snapshot = small()
    gc.collect()
    gc.disable()
    try:
        graph = graph_of(snapshot, 0)  # type: ignore[operator]
        gone = weakref.ref(graph)
        del graph
        assert gone() is None
    finally:
        gc.enable()


def test_indices_are_written_below_the_line() -> None:
    assert [subscript(n) for n in (1, 12, 64)] == ["₁", "₁₂", "₆₄"]
    assert len({subscript(n) for n in itertools.islice(itertools.count(), 200)}) == 200
