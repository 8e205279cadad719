"""Linear regions: their formulas are the network, to the bit as far as floats go, and their borders are zero lines."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from numpy.typing import NDArray

from engine.microscope.regions import (
    curved_activation,
    formula_at,
    region_count,
    region_numbers,
    sums_at,
    sums_over_plane,
)
from engine.nn.activations import ACTIVATIONS
from engine.training import PRESETS, Data, Experiment, LayerSpec, Network, Points, Run, activations_at, featurise
from tests.engine.strategies import seeds

STRAIGHT = [name for name, row in ACTIVATIONS.items() if row.corners is not None]
RNG = np.random.default_rng(4)
PLACES = RNG.uniform(-6, 6, (40, 2))
FEATURES = ("x1", "x2"), ("x1_squared", "sin_x2", "x2")
Pairs = tuple[tuple[NDArray[Any], ...], tuple[NDArray[Any], ...]]


def network(*layers: LayerSpec, classes: int = 2, features: tuple[str, ...] = FEATURES[0], seed: int = 0) -> Run:
    data = Data("blobs", count=60, classes=classes)
    run = Run(Experiment(data, Network(features, layers), seed=seed))
    run.step(20)
    return run


def parameters(run: Run) -> Pairs:
    weights, biases = zip(*run.weights(), strict=True)
    return weights, biases


def outputs(run: Run, xy: NDArray[np.floating], features: NDArray[np.floating] | None = None) -> NDArray[Any]:
    """The outputs in float64, by plain NumPy, at places or at features that are no place's."""
    values = featurise(xy, run.experiment.network.features) if features is None else features
    functions = [ACTIVATIONS[layer.activation].function for layer in run.experiment.network.layers]
    for (weight, bias), function in zip(run.weights(), [*functions, lambda x: x], strict=True):
        values = function(values @ weight.astype(float).T + bias.astype(float))
    return np.asarray(values)


@settings(max_examples=30)
@given(
    st.lists(st.builds(LayerSpec, st.integers(1, 6), st.sampled_from(STRAIGHT)), max_size=3),
    st.integers(2, 4), st.sampled_from(FEATURES), seeds,
)  # fmt: skip
def test_the_formula_of_a_region_is_the_network(
    layers: list[LayerSpec], classes: int, features: tuple[str, ...], seed: int
) -> None:
    run = network(*layers, classes=classes, features=features, seed=seed)
    assert not curved_activation(run.experiment)
    for place in PLACES[:8]:
        formula = formula_at(run.experiment, *parameters(run), place)
        seen = featurise(place[None], features)[0]
        assert formula.slopes.shape == (run.experiment.outputs, len(features))
        np.testing.assert_allclose(formula.slopes @ seen + formula.constants, outputs(run, place[None])[0], atol=1e-10)
        np.testing.assert_allclose(formula.outputs, outputs(run, place[None])[0], atol=1e-10)
        np.testing.assert_allclose(
            formula.slopes @ seen + formula.constants,
            activations_at(run.experiment, *parameters(run), place[None])[-1][0], rtol=1e-3, atol=1e-4,
        )  # fmt: skip


@pytest.mark.parametrize("activation", STRAIGHT)
def test_it_is_the_network_in_all_of_its_region(activation: str) -> None:
    run = network(LayerSpec(4, activation), LayerSpec(3, activation))
    sums = sums_at(run.experiment, *parameters(run), PLACES)
    numbers = region_numbers(run.experiment, sums)
    for number in range(numbers.max() + 1):
        inside = PLACES[numbers == number]
        formula = formula_at(run.experiment, *parameters(run), inside[0])
        told = inside @ formula.slopes.T + formula.constants
        np.testing.assert_allclose(told, outputs(run, inside), rtol=1e-6, atol=1e-6)


def test_inputs_that_the_plane_has_no_axis_for_are_where_they_are_said_to_be() -> None:
    features, rest, place = ("x1", "x2", "x3", "x4"), (1.5, -2.0), np.array([0.5, 1.0])
    run = Run(Experiment(PRESETS["iris"].data, Network(features, (LayerSpec(5, "relu"), LayerSpec(4, "relu")))))
    run.step(20)
    inputs = np.array([[*place, *rest]])
    (first, _), (bias, _) = parameters(run)[0][:2], parameters(run)[1][:2]
    sums = sums_at(run.experiment, *parameters(run), place[None], rest)
    np.testing.assert_allclose(sums[0], inputs @ first.T + bias, rtol=1e-5)
    formula = formula_at(run.experiment, *parameters(run), place, rest)
    np.testing.assert_allclose(formula.outputs, outputs(run, inputs)[0], atol=1e-9)
    grid = sums_over_plane(run.experiment, *parameters(run), rest=rest)
    np.testing.assert_allclose(grid[0][:, 0, 0], np.array([-6, -6, *rest]) @ first.T + bias, rtol=1e-4, atol=1e-5)
    assert region_count(run.experiment, *parameters(run), rest) != region_count(run.experiment, *parameters(run))


def test_a_large_network_is_asked_for_fewer_places() -> None:
    sides = [sums_over_plane(r.experiment, *parameters(r))[0].shape[1] for r in map(network_of, (8, 512))]
    assert sides == [61, 41]


def network_of(size: int) -> Run:
    return Run(Experiment(network=Network(layers=(LayerSpec(size, "relu"), LayerSpec(size, "relu")))))


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_its_slopes_are_finite_differences(activation: str) -> None:
    """Where it is curved, it is the tangent."""
    run = network(LayerSpec(5, activation), LayerSpec(4, activation), classes=3, features=FEATURES[1])
    for place in PLACES[:5]:
        formula, h = formula_at(run.experiment, *parameters(run), place), 1e-6
        seen = featurise(place[None], FEATURES[1])
        steps = h * np.eye(3)
        rise = outputs(run, place[None], seen + steps) - outputs(run, place[None], seen - steps)
        np.testing.assert_allclose(formula.slopes.T, rise / (2 * h), rtol=1e-5, atol=1e-7)


def test_the_regions_of_one_layer_are_those_that_its_lines_cut() -> None:
    """Three lines in general position cut the plane in seven."""
    experiment = Experiment(network=Network(layers=(LayerSpec(3, "relu"),)))
    weights = np.array([[1.0, 0], [0, 1], [1, 1]]), np.ones((1, 3))
    biases = np.array([0.0, 0, -1]), np.zeros(1)
    side = np.linspace(-6, 6, 201) + 1e-3
    xy = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
    numbers = region_numbers(experiment, sums_at(experiment, weights, biases, xy))
    assert sorted(set(numbers.tolist())) == list(range(7))
    assert region_count(experiment, weights, biases) == 7
    formula = formula_at(experiment, weights, biases, np.array([2.0, 3.0]))  # all three are on
    np.testing.assert_allclose((*formula.slopes[0], formula.constants[0]), (2, 2, -1))
    formula = formula_at(experiment, weights, biases, np.array([-2.0, 0.5]))  # the second alone
    np.testing.assert_allclose((*formula.slopes[0], formula.constants[0]), (0, 1, 0))


def test_more_neurons_than_a_number_has_bits() -> None:
    layers = (LayerSpec(64, "relu"), LayerSpec(64, "leaky_relu"))
    run = network(*layers)
    sums = sums_at(run.experiment, *parameters(run), PLACES)
    numbers = region_numbers(run.experiment, sums)
    patterns = np.concatenate([layer > 0 for layer in sums], axis=1)
    assert numbers.max() + 1 == len(np.unique(patterns, axis=0))
    for number in range(numbers.max() + 1):
        assert len(np.unique(patterns[numbers == number], axis=0)) == 1


def test_what_is_curved_has_none_and_a_sum_alone_has_one() -> None:
    assert curved_activation(Experiment(network=Network(layers=(LayerSpec(3, "relu"), LayerSpec(3, "tanh"))))) == "tanh"
    assert curved_activation(Experiment(network=Network(layers=(LayerSpec(3, "= x*x"),)))) == "x*x"
    run = network()
    assert not curved_activation(run.experiment)
    assert sums_at(run.experiment, *parameters(run), PLACES) == []
    assert region_count(run.experiment, *parameters(run)) == 1
    (weight, bias), formula = run.weights()[0], formula_at(run.experiment, *parameters(run), PLACES[0])
    np.testing.assert_array_equal(formula.slopes, weight)
    np.testing.assert_allclose(formula.constants, bias, atol=1e-12)


def test_the_sums_are_what_the_activations_are_of() -> None:
    run = network(LayerSpec(4, "tanh"), LayerSpec(3, "sigmoid"))
    columns = activations_at(run.experiment, *parameters(run), PLACES)
    first, second = sums_at(run.experiment, *parameters(run), PLACES)
    np.testing.assert_allclose(np.tanh(first), columns[1], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(1 / (1 + np.exp(-second)), columns[2], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", STRAIGHT)
def test_an_activation_is_straight_between_its_corners_and_has_one_at_each(name: str) -> None:
    row = ACTIVATIONS[name]
    assert row.corners is not None
    ends = [-5.0, *row.corners, 5.0]
    slopes = []
    for low, high in itertools.pairwise(ends):
        x = np.linspace(low, high, 11)
        rises = np.diff(row.function(x)) / np.diff(x)
        np.testing.assert_allclose(rises, rises[0], atol=1e-12)
        slopes.append(rises[0])
    assert all(abs(after - before) > 0.1 for before, after in itertools.pairwise(slopes))


@pytest.mark.parametrize("name", [name for name in ACTIVATIONS if name not in STRAIGHT])
def test_the_others_are_curved(name: str) -> None:
    y = np.asarray(ACTIVATIONS[name].function(np.linspace(-2, 2, 9)))
    assert (np.abs(np.diff(y, 2)) > 1e-4).sum() >= 3


def test_inputs_beyond_two_stand_at_their_mean() -> None:
    rows = RNG.uniform(-3, 3, (30, 3))
    points = Points(rows, np.arange(30) % 2, np.zeros(30, dtype=bool))
    layers = (LayerSpec(4, "relu"),)
    run = Run(Experiment(Data("drawn", points=points), Network(("x1", "x2", "x3"), layers)))
    place = np.array([1.0, -2.0])
    formula = formula_at(run.experiment, *parameters(run), place)
    seen = np.array([[1.0, -2.0, rows[:, 2].mean()]])
    np.testing.assert_allclose(formula.outputs, outputs(run, place, seen)[0], atol=1e-10)
    np.testing.assert_allclose(formula.slopes @ seen[0] + formula.constants, formula.outputs, atol=1e-10)
    assert sums_at(run.experiment, *parameters(run), PLACES)[0].shape == (len(PLACES), 4)
