"""Common start: what begins alike where several experiments are compared, and what comes later changes nothing."""

from __future__ import annotations

import numpy as np
from hypothesis import given, strategies as st

from engine.training import PRESETS, Experiment, LayerSpec
from engine.training.run.build import build_model
from engine.training.run.common_start import common_start, layers_in_common

SPIRAL = PRESETS["spiral"]


def with_layers(*sizes: int, experiment: Experiment = SPIRAL) -> Experiment:
    layers = tuple(LayerSpec(size) for size in sizes)
    return experiment.replace(network=experiment.network.replace(layers=layers))


sizes = st.lists(st.integers(1, 6), max_size=4)
several = st.lists(
    st.builds(lambda sizes, seed: with_layers(*sizes).replace(seed=seed), sizes, st.integers(0, 2)),
    min_size=1,
    max_size=5,
)


@given(several)
def test_each_layer_that_two_have_begins_alike_and_the_first_one_begins_as_by_itself(lanes: list[Experiment]) -> None:
    starts = common_start(lanes)
    for name, weight in build_model(lanes[0]).state_dict().items():
        np.testing.assert_array_equal(starts[0][name], weight)
    for one, start in zip(lanes, starts, strict=True):
        assert {name: w.shape for name, w in start.items()} == {
            name: w.shape for name, w in build_model(one).state_dict().items()
        }
        for other, its_start in zip(lanes, starts, strict=True):
            if one.seed != other.seed:
                continue
            for layer, (mine, theirs) in enumerate(zip(_hidden(one), _hidden(other), strict=False)):
                if mine == theirs:
                    name = f"{2 * layer}.weight"
                    np.testing.assert_array_equal(start[name], its_start[name])
            if one.sizes[-2:] == other.sizes[-2:]:
                last, its_last = (list(weights)[-2] for weights in (start, its_start))
                np.testing.assert_array_equal(start[last], its_start[its_last])


def _hidden(experiment: Experiment) -> list[tuple[int, ...]]:
    return [tuple(experiment.sizes[i : i + 2]) for i in range(len(experiment.sizes) - 2)]


@given(several, several)
def test_more_of_them_change_nothing(lanes: list[Experiment], more: list[Experiment]) -> None:
    for alone, among in zip(common_start(lanes), common_start(lanes + more), strict=False):
        assert alone.keys() == among.keys()
        for name in alone:
            np.testing.assert_array_equal(alone[name], among[name])


def test_another_initialiser_or_seed_is_another_start() -> None:
    other = SPIRAL.replace(network=SPIRAL.network.replace(initialiser="he"))
    assert SPIRAL.network.initialiser != "he"
    assert layers_in_common([SPIRAL, other]) == (0, 3)
    assert layers_in_common([SPIRAL, SPIRAL.replace(seed=SPIRAL.seed + 1)]) == (0, 3)


def test_it_is_told_how_much_is_in_common() -> None:
    assert layers_in_common([with_layers(8, 8), with_layers(8, 8, 8)]) == (3, 4)
    assert layers_in_common([with_layers(8, 8), with_layers(4, 8)]) == (1, 3)
    assert layers_in_common([with_layers(8), with_layers(4)]) == (0, 2)
