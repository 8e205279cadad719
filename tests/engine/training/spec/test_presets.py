"""Presets: each is learned from any seed, in the time that the command line takes for it."""

from __future__ import annotations

import pytest

from engine.training import DATASETS, DRAWN, PRESETS, Run

NEEDED = {"circle": 0.99, "xor": 0.99, "gauss": 0.99, "moons": 0.99, "blobs": 0.99, "spiral": 0.97}
NEEDED |= dict.fromkeys(("slope", "saddle", "ridges", "hills", "wave"), 0.98)  # R²


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 10))])
@pytest.mark.parametrize("name", NEEDED)
def test_it_is_learned_from_every_seed(name: str, seed: int) -> None:
    run = Run(PRESETS[name].with_seed(seed))
    assert run.step(3000) == 3000
    _, test = run.score()
    assert test is not None
    assert test.count == 250
    assert test.quality >= NEEDED[name]


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
    assert network.features == (("x1",) if PRESETS[name].data.inputs == 1 else ("x1", "x2"))


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
