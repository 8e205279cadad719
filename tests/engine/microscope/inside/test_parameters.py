"""The table of parameters: each number of it against the arrays that it was taken from, one by one."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given

from engine.microscope.graph.expression_graph import Parameter, batch_graph
from engine.microscope.inside.parameters import memory_of, parameter_table, pulls, rows_of
from engine.microscope.outlook import outlook
from engine.nn import OPTIMIZERS
from engine.training import (
    PRESETS,
    Data,
    Experiment,
    LayerSpec,
    Network,
    Run,
    RunSnapshot,
    Training,
)
from engine.training.spec.places import BIAS, ParameterPlace
from tests.engine.strategies import networks


def snapshot_of(steps: int = 3, optimizer: str = "adam", **network: object) -> RunSnapshot:
    """Three classes, three inputs a neuron, a layer without biases, one with dropout, and something frozen."""
    frozen = (ParameterPlace(1, 2, 0), ParameterPlace(1, 0, BIAS), ParameterPlace(3, 1, 4))
    layers = (LayerSpec(4, dropout=0.3), LayerSpec(5, "relu", bias=False))
    shape = Network(**({"features": ("x1", "x2", "x1_x2"), "layers": layers, "frozen": frozen} | network))  # type: ignore[arg-type]
    training = Training(optimizer=optimizer, batch_size=8, learning_rate=0.01)
    run = Run(Experiment(Data("blobs", count=40, classes=3), shape, training))
    run.step(steps)
    return run.snapshot()


@given(networks())
def test_each_parameter_has_one_row_and_each_row_its_place(network: Network) -> None:
    experiment = Experiment(network=network)
    rows = rows_of(experiment)
    assert len(rows) == experiment.parameter_count
    places = [rows.place(row) for row in range(len(rows))]
    assert [rows.row(place) for place in places] == list(range(len(rows)))
    sizes, biased = experiment.sizes, experiment.network.biased
    expected = [
        ParameterPlace(column, unit, source)
        for column, ((inputs, units), has_bias) in enumerate(zip(pairwise(sizes), biased, strict=True), 1)
        for unit in range(units)
        for source in [*range(inputs), *([BIAS] if has_bias else [])]
    ]
    assert places == expected


@pytest.mark.parametrize(
    "place",
    [(0, 0, 0), (4, 0, 0), (1, 4, 0), (1, 0, 3), (2, 0, BIAS), (3, 3, 0), (3, 2, 5), (1, 0, -2)],
)
def test_a_place_that_is_not_there_has_no_row(place: tuple[int, int, int]) -> None:
    assert rows_of(snapshot_of().experiment).row(ParameterPlace(*place)) is None


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("steps", [0, 3])
def test_the_table_has_what_the_run_holds(optimizer: str, steps: int) -> None:
    snapshot = snapshot_of(steps, optimizer)
    ahead = outlook(snapshot)
    table = parameter_table(snapshot, ahead)
    assert ahead is not None
    names, memory = list(snapshot.weights), memory_of(snapshot.experiment)
    assert set(memory.values()) == set(table.state)
    for row in range(len(table)):
        place = table.rows.place(row)
        name, key = place.key
        assert table.values[row] == snapshot.weights[name][key]
        assert table.gradients[row] == ahead.gradients[name][key]
        assert table.updates[row] == ahead.updates[name][key]
        assert table.frozen[row] == (place in snapshot.experiment.network.frozen)
        if table.frozen[row]:
            assert table.updates[row] == 0
        state = snapshot.optimizer_state[names.index(name)]
        for remembered, sign in memory.items():
            assert table.state[sign][row] == (
                np.broadcast_to(state[remembered], name_shape(snapshot, name))[key] if state else 0
            )
        if table.values[row]:
            assert table.ratios[row] == abs(table.updates[row]) / abs(table.values[row])


def name_shape(snapshot: RunSnapshot, name: str) -> tuple[int, ...]:
    return snapshot.weights[name].shape


def test_what_is_remembered_bears_the_signs_of_textbooks() -> None:
    signs = {name: list(memory_of(Experiment(training=Training(optimizer=name))).values()) for name in OPTIMIZERS}
    assert signs["adam"] == ["m", "v"]
    assert signs["momentum"] == ["v"]
    assert signs["sgd"] == []


def test_without_an_outlook_gradients_are_unknown_and_no_ratio_is_of_nothing() -> None:
    snapshot = snapshot_of()
    table = parameter_table(snapshot, None)
    assert np.isnan(table.gradients).all()
    assert np.isnan(table.updates).all()
    zero = parameter_table(snapshot_of(0), outlook(snapshot_of(0)))
    assert np.isnan(zero.ratios[zero.values == 0]).all()
    assert (zero.values == 0).any()


def test_pulls_are_those_of_the_expression_graph_and_sum_to_the_gradient() -> None:
    """Of every parameter, with dropout, a batch and three classes."""
    snapshot = snapshot_of()
    graph = batch_graph(snapshot, 0)
    table = parameter_table(snapshot, outlook(snapshot))
    for row in range(0, len(table), 3):
        place = table.rows.place(row)
        rows, ways = pulls(snapshot, place)
        assert rows.tolist() == graph.rows.tolist()
        np.testing.assert_allclose(ways, -graph.pulls(Parameter(*place.key)), rtol=1e-9, atol=1e-15)
        assert ways.sum() == pytest.approx(-table.gradients[row], rel=1e-9, abs=1e-15)


def test_of_a_curve_as_of_classes() -> None:
    run = Run(PRESETS["wave"])
    run.step(20)
    snapshot = run.snapshot()
    table = parameter_table(snapshot, outlook(snapshot))
    place = table.rows.place(len(table) - 1)
    assert pulls(snapshot, place)[1].sum() == pytest.approx(-table.gradients[-1])
