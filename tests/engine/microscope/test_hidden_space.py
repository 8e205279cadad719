"""Hidden space: principal components against NumPy's own, neurons as they are, and the border where an output is 0."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st
from numpy.typing import NDArray

from engine.microscope.hidden_space import GRID, HiddenSpace, hidden_space, neurons, principal_components
from engine.training import PRESETS, Experiment, LayerSpec, Network, Run, activations_at


def trained(experiment: Experiment, steps: int = 50) -> tuple[Experiment, Any, Any]:
    run = Run(experiment)
    run.step(steps)
    return experiment, *zip(*run.weights(), strict=True)  # type: ignore[return-value]


def cloud(n: int, d: int, seed: int) -> NDArray[np.float64]:
    rng = np.random.default_rng(seed)
    return rng.normal(3, 1, (n, d)) @ rng.normal(0, 1, (d, d))


@given(st.integers(3, 60), st.integers(2, 12), st.integers(0, 1000))
def test_the_components_are_those_of_the_singular_value_decomposition(n: int, d: int, seed: int) -> None:
    a = cloud(n, d, seed)
    found = principal_components(a)
    _, sizes, directions = np.linalg.svd(a - a.mean(axis=0), full_matrices=False)
    assert found.shares is not None
    np.testing.assert_allclose(found.shares, (sizes**2 / (sizes**2).sum())[:2], atol=1e-9)
    np.testing.assert_allclose(found.of(a).std(axis=0) * np.sqrt(n), sizes[:2], rtol=1e-6, atol=1e-6)
    if sizes[0] > 1.01 * sizes[1] and (len(sizes) < 3 or sizes[1] > 1.01 * sizes[2]):  # else any turn would do
        np.testing.assert_allclose(np.abs(directions[:2] @ found.axes.T), np.eye(2), atol=1e-6)


@pytest.mark.parametrize("activation", ["relu", "sin"])
def test_of_very_many_neurons_they_are_found_as_exactly_as_can_be_seen(activation: str) -> None:
    """Without the eigenvectors of a matrix of 512 rows, for which a window would stand still."""
    layers = LayerSpec(512, activation), LayerSpec(512, activation)
    experiment, weights, biases = trained(PRESETS["spiral"].replace(network=Network(layers=layers)), 5)
    for layer in (0, 1):
        inputs = experiment.data.arrays.inputs
        a = activations_at(experiment, weights, biases, inputs)[layer + 1].astype(float)
        found = principal_components(a)
        left, sizes, _ = np.linalg.svd(a - a.mean(axis=0), full_matrices=False)
        np.testing.assert_allclose(found.shares, (sizes**2 / (sizes**2).sum())[:2], rtol=1e-6)
        np.testing.assert_allclose(np.abs((found.of(a) / sizes[:2]).T @ left[:, :2]), np.eye(2), atol=1e-3)
        np.testing.assert_allclose(found.axes @ found.axes.T, np.eye(2), atol=1e-9)


def test_the_grid_lies_where_the_plane_cuts_through_the_other_inputs() -> None:
    experiment, weights, biases = trained(PRESETS["iris"], 5)
    rest = (2.0, -1.0)
    space = hidden_space(experiment, weights, biases, 0, experiment.data.arrays.inputs, (0, 1), rest=rest)
    places = np.hstack([GRID.reshape(-1, 2), np.tile(rest, (GRID[..., 0].size, 1))])
    seen = activations_at(experiment, weights, biases, places)[1][:, :2]
    np.testing.assert_allclose(space.grid.reshape(-1, 2), seen, atol=1e-6)


def test_known_figures() -> None:
    """Along (3, 4) with a spread of 2, across it of 1."""
    along, across = np.array([3, 4, 0]) / 5, np.array([-4, 3, 0]) / 5
    a = np.array([2 * along, -2 * along, across, -across]) + 7
    found = principal_components(a)
    np.testing.assert_allclose(found.axes, [along, -across], atol=1e-12)  # each to where its largest part is positive
    np.testing.assert_allclose(found.shares, (0.8, 0.2))
    np.testing.assert_allclose(found.of(a), [[2, 0], [-2, 0], [0, -1], [0, 1]], atol=1e-12)


def test_a_component_does_not_turn_round_between_two_moments() -> None:
    a = cloud(30, 4, 1)
    first = principal_components(a)
    turned = principal_components(-a, first)
    np.testing.assert_allclose(turned.axes, first.axes, atol=1e-9)


@pytest.mark.parametrize("shape", [(5, 1), (1, 4), (3, 1)])
def test_one_neuron_or_one_point_has_no_second_direction(shape: tuple[int, int]) -> None:
    found = principal_components(np.arange(shape[0] * shape[1], dtype=float).reshape(shape))
    assert found.shares is not None
    assert found.shares[1] == 0
    assert np.isfinite(found.axes).all()


def test_what_is_not_finite_is_not_drawn() -> None:
    experiment, weights, biases = trained(PRESETS["xor"])
    broken = (np.full_like(weights[0], np.nan), *weights[1:])
    space = hidden_space(experiment, broken, biases, 0, experiment.data.arrays.xy)
    assert not space.is_finite
    assert hidden_space(experiment, weights, biases, 0, experiment.data.arrays.xy).is_finite


@pytest.mark.parametrize("layer", [0, 1])
def test_two_neurons_are_shown_as_they_are(layer: int) -> None:
    experiment, weights, biases = trained(PRESETS["spiral"])
    xy = experiment.data.arrays.xy
    space = hidden_space(experiment, weights, biases, layer, xy, pair=(5, 2))
    seen = activations_at(experiment, weights, biases, xy)[layer + 1]
    np.testing.assert_allclose(space.points, seen[:, [5, 2]], atol=1e-6)
    lines = activations_at(experiment, weights, biases, GRID.reshape(-1, 2))[layer + 1]
    np.testing.assert_allclose(space.grid, lines[:, [5, 2]].reshape(GRID.shape), atol=1e-6)


def test_the_grid_is_lines_of_the_plane() -> None:
    upright, level = GRID[: len(GRID) // 2], GRID[len(GRID) // 2 :]
    assert np.ptp(upright[..., 0], axis=1).max() == np.ptp(level[..., 1], axis=1).max() == 0
    assert upright[..., 1].min() == level[..., 0].min() == -6
    assert upright[..., 1].max() == level[..., 0].max() == 6


@pytest.mark.parametrize("pair", [None, (0, 1)])
def test_on_the_border_the_output_is_0(pair: tuple[int, int] | None) -> None:
    """A layer of two neurons is shown whole, so the border parts the points as the network does."""
    network = Network(layers=(LayerSpec(6), LayerSpec(2)))
    experiment, weights, biases = trained(PRESETS["moons"].replace(network=network), 300)
    xy = experiment.data.arrays.xy
    space = hidden_space(experiment, weights, biases, 1, xy, pair)
    assert space.border is not None
    a, b, c = space.border
    output = activations_at(experiment, weights, biases, xy)[-1][:, 0]
    np.testing.assert_allclose(space.points @ (a, b) + c, output, rtol=1e-3, atol=1e-3)


def test_only_what_feeds_a_single_output_has_a_border() -> None:
    def space(experiment: Experiment, layer: int) -> HiddenSpace:
        experiment, weights, biases = trained(experiment, 1)
        return hidden_space(experiment, weights, biases, layer, experiment.data.arrays.xy)

    assert space(PRESETS["circle"], 0).border is None
    assert space(PRESETS["circle"], 1).border is not None
    assert space(PRESETS["blobs"], 0).border is None


def test_without_points_it_is_the_grids() -> None:
    experiment, weights, biases = trained(PRESETS["circle"], 1)
    space = hidden_space(experiment, weights, biases, 0, np.empty((0, 2)))
    assert space.points.shape == (0, 2)
    assert space.is_finite
    assert np.ptp(space.grid[..., 0]) > 0


def test_the_other_neurons_stand_at_their_mean() -> None:
    a = cloud(20, 4, 2)
    found = neurons(a, (1, 3))
    np.testing.assert_allclose(found.origin, [a[:, 0].mean(), 0, a[:, 2].mean(), 0])


@pytest.mark.parametrize("preset", ["hills", "wave"])
def test_values_are_parted_by_no_border(preset: str) -> None:
    experiment, weights, biases = trained(PRESETS[preset], 1)
    last = len(experiment.network.layers) - 1
    space = hidden_space(experiment, weights, biases, last, experiment.data.arrays.inputs)
    assert space.is_finite
    assert space.border is None
