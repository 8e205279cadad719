"""Presets: each is learned from any seed, in the time that the command line takes for it."""

from __future__ import annotations

import pytest

from engine.training import DATASETS, DRAWN, PRESETS, Experiment, Run, preset_data, preset_for
from engine.training.data.features import columns_of

NEEDED = {"circle": 0.99, "xor": 0.99, "gauss": 0.99, "moons": 0.99, "blobs": 0.99, "spiral": 0.97}
NEEDED |= dict.fromkeys(("and", "or", "nand", "xor_gate"), 1)
NEEDED |= dict.fromkeys(("rings", "checkerboard", "yin_yang", "three_arms"), 0.97)
NEEDED |= {"iris": 0.9, "penguins": 0.96}  # species that are not quite apart
NEEDED |= {"formula": 0.95}  # points stand on both sides right up to the border
NEEDED |= dict.fromkeys(("slope", "saddle", "ridges", "hills", "wave"), 0.98)  # R²


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 10))])
@pytest.mark.parametrize("name", NEEDED)
def test_it_is_learned_from_every_seed(name: str, seed: int) -> None:
    assert quality_after_training(PRESETS[name].with_seed(seed)) >= NEEDED[name]


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 10))])
@pytest.mark.parametrize("kind", ["regression", "curve"])
def test_a_formula_of_values_is_learned_from_every_seed(kind: str, seed: int) -> None:
    assert quality_after_training(preset_for(preset_data("formula", kind)).with_seed(seed)) >= 0.98


def quality_after_training(experiment: Experiment) -> float:
    run = Run(experiment)
    assert run.step(3000) == 3000
    _, test = run.score()
    assert test is not None
    assert test.count == experiment.data.count / 2
    return test.quality


def test_there_is_one_for_each_dataset() -> None:
    assert list(PRESETS) == list(DATASETS)
    assert {*NEEDED, DRAWN} == set(PRESETS)
    for name, experiment in PRESETS.items():
        assert experiment.data.dataset == name


@pytest.mark.parametrize("name", PRESETS)
def test_it_is_small_enough_to_look_at_and_sees_the_point_alone(name: str) -> None:
    network = PRESETS[name].network
    assert 1 <= len(network.layers) <= 3
    assert all(layer.size <= 16 for layer in network.layers)
    assert network.features == columns_of(PRESETS[name].data.inputs)


def test_the_one_at_launch_learns_while_one_watches() -> None:
    """At 60 steps a second: undecided at first, half way after a second, done after four."""
    run = Run(PRESETS["circle"])
    reached = []
    for steps in (0, 60, 180):
        run.step(steps)
        _, test = run.score()
        assert test is not None
        reached.append(test.quality)
    assert reached[0] < 0.7
    assert 0.75 < reached[1] < 0.98
    assert reached[2] >= 0.99
