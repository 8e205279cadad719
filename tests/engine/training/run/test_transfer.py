"""Weight transfer: a trained network that is changed keeps what has a place in the new one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.training import PRESETS, Experiment, LayerSpec, Run
from engine.training.run.transfer import transfer

START = PRESETS["circle"].replace(
    network=PRESETS["circle"].network.replace(layers=(LayerSpec(5), LayerSpec(4)), features=("x1", "x2"))
)


def trained(experiment: Experiment = START) -> Run:
    run = Run(experiment)
    run.step(30)
    return run


def network(**changes: Any) -> Experiment:
    return START.replace(network=START.network.replace(**changes))


def layers(*sizes: int, activation: str = "tanh") -> Experiment:
    return network(layers=tuple(LayerSpec(size, activation) for size in sizes))


def moved(experiment: Experiment) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any], int]:
    """The weights before, as drawn for the new network, and as they are put into it; and how many were kept."""
    run = trained()
    result = transfer(run.snapshot(), experiment)
    drawn = Run(experiment).model.state_dict()
    assert result.of == experiment.parameter_count == sum(w.size for w in result.weights.values())
    return run.model.state_dict(), drawn, result.weights, result.kept


def test_a_neuron_more_leaves_all_others_as_they_were() -> None:
    old, drawn, new, kept = moved(layers(5, 5))
    assert kept == START.parameter_count
    for name, array in old.items():
        place = tuple(slice(0, n) for n in array.shape)
        np.testing.assert_array_equal(new[name][place], array, err_msg=name)
    np.testing.assert_array_equal(new["2.weight"][4], drawn["2.weight"][4])
    np.testing.assert_array_equal(new["4.weight"][:, 4], drawn["4.weight"][:, 4])


def test_a_neuron_less_takes_only_its_own_weights_with_it() -> None:
    old, _, new, kept = moved(layers(4, 4))
    assert kept == layers(4, 4).parameter_count
    np.testing.assert_array_equal(new["2.weight"], old["2.weight"][:, :4])


def test_another_activation_leaves_all_weights() -> None:
    old, _, new, kept = moved(layers(5, 4, activation="relu"))
    assert kept == START.parameter_count
    for name, array in old.items():
        np.testing.assert_array_equal(new[name], array)


@pytest.mark.parametrize(
    ("sizes", "places"),
    [
        ((5, 3, 4), {"0.weight": "0.weight", "6.weight": "4.weight", "4.bias": "2.bias"}),
        ((5, 4, 4), {"0.weight": "0.weight", "2.weight": "2.weight", "6.bias": "4.bias"}),
        ((7, 5, 4), {"4.weight": "2.weight", "2.bias": "0.bias", "6.weight": "4.weight"}),
        ((5,), {"0.weight": "0.weight", "2.bias": "4.bias"}),
        ((4,), {"0.bias": "2.bias", "2.weight": "4.weight"}),
    ],
)
def test_a_layer_put_in_or_taken_out_leaves_what_is_not_beside_it(sizes: tuple[int, ...], places: Any) -> None:
    old, _, new, _ = moved(layers(*sizes))
    for there, here in places.items():
        np.testing.assert_array_equal(new[there], old[here], err_msg=there)


def test_a_layer_that_was_moved_keeps_its_biases_and_what_is_still_beside_it() -> None:
    one, two, three = LayerSpec(5), LayerSpec(4), LayerSpec(3, "relu")
    run = trained(network(layers=(one, two, three)))
    old = run.model.state_dict()
    new = transfer(run.snapshot(), network(layers=(three, one, two))).weights
    for there, here in {"2.bias": "0.bias", "4.weight": "2.weight", "4.bias": "2.bias", "0.bias": "4.bias"}.items():
        np.testing.assert_array_equal(new[there], old[here], err_msg=there)
    np.testing.assert_array_equal(new["6.bias"], old["6.bias"])


def test_a_layer_that_was_duplicated_stays_and_its_twin_is_drawn_afresh() -> None:
    old, drawn, new, _ = moved(layers(5, 5, 4))
    for name in ("0.weight", "0.bias"):
        np.testing.assert_array_equal(new[name], old[name])
    np.testing.assert_array_equal(new["2.weight"], drawn["2.weight"])
    np.testing.assert_array_equal(new["4.bias"], old["2.bias"])


def test_where_there_are_no_biases_weights_are_kept_all_the_same() -> None:
    bare = network(layers=(LayerSpec(5, bias=False), LayerSpec(4)), output_bias=False)
    old, _, new, kept = moved(bare)
    assert kept == bare.parameter_count
    for name, array in new.items():
        np.testing.assert_array_equal(array, old[name])
    back = transfer(Run(bare).snapshot(), START)
    assert back.kept == bare.parameter_count
    assert not back.weights["0.bias"].any()


def test_features_are_known_by_their_names() -> None:
    old, drawn, new, kept = moved(network(features=("x2", "x1_squared", "x1")))
    np.testing.assert_array_equal(new["0.weight"][:, 0], old["0.weight"][:, 1])
    np.testing.assert_array_equal(new["0.weight"][:, 2], old["0.weight"][:, 0])
    np.testing.assert_array_equal(new["0.weight"][:, 1], drawn["0.weight"][:, 1])
    assert kept == START.parameter_count


def test_a_third_class_leaves_the_boundary_between_the_first_two() -> None:
    run = trained()
    three = START.replace(data=START.data.with_points_added([(0.0, 0.0)], 2))
    new = Run(three)
    new.model.load_state_dict(transfer(run.snapshot(), three).weights)
    xy = np.random.default_rng(0).uniform(-6, 6, (200, 2))
    before, after = run.activations(xy)[-1][:, 0], new.activations(xy)[-1]
    np.testing.assert_allclose(after[:, 0] - after[:, 1], before, rtol=1e-4, atol=1e-5)


def test_and_back() -> None:
    three = START.replace(data=START.data.with_points_added([(0.0, 0.0)], 2))
    run = trained(three)
    two = Run(START)
    two.model.load_state_dict(transfer(run.snapshot(), START).weights)
    xy = np.random.default_rng(0).uniform(-6, 6, (200, 2))
    outputs = run.activations(xy)[-1]
    np.testing.assert_allclose(two.activations(xy)[-1][:, 0], outputs[:, 0] - outputs[:, 1], rtol=1e-4, atol=1e-5)
