"""Programs of many steps: they run as they are, and come to the weights that the run comes to, to the bit."""

from __future__ import annotations

import ast
from typing import Any

import numpy as np
import pytest

from engine.microscope.listings import points_of_steps, source, steps_in_numpy, steps_in_torch
from engine.nn import SCHEDULES
from engine.training import Data, Experiment, LayerSpec, Network, Run, Training
from engine.training.spec.places import ParameterPlace
from tests.engine.listed import executed

DROPPED = Network(layers=(LayerSpec(4, dropout=0.25), LayerSpec(3, "relu"), LayerSpec(3, "gelu", dropout=0.5)))
FROZEN = Network(layers=(LayerSpec(4),), frozen=(ParameterPlace(1, 2, 0), ParameterPlace(2, 0, 1)))
CASES: dict[str, dict[str, Any]] = {
    "all points": {},
    "batches": {"training": Training(batch_size=4, optimizer="adam")},
    "in order": {"training": Training(batch_size=3, shuffle=False, l1=0.01, max_norm=0.5)},
    "dropout": {"network": DROPPED, "training": Training(batch_size=5)},
    "dropout, all points": {"network": DROPPED},
    "frozen": {"network": FROZEN, "training": Training(optimizer="rmsprop", l2=0.01)},
    "classes": {"data": Data("blobs", count=20, classes=3), "training": Training(batch_size=7)},
    "values": {"data": Data("hills", count=20, kind="regression"), "training": Training(loss="huber")},
    **{name: {"training": Training(schedule=name, span=6, batch_size=4)} for name in SCHEDULES},
}


def run_of(case: dict[str, Any]) -> Run:
    return Run(Experiment(**{"data": Data("gauss", count=20), "network": Network(layers=(LayerSpec(4),)), **case}))


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("before", [0, 4])
def test_the_numpy_program_comes_to_the_weights_of_the_run(name: str, before: int) -> None:
    run = run_of(CASES[name])
    run.step(before)
    snapshot = run.snapshot()
    space = executed([*points_of_steps(snapshot, 9), *steps_in_numpy(snapshot, 9)])
    assert run.step(9) == 9
    pairs = zip(run.weights(), run.experiment.network.biased, space["now"]["weights"], strict=True)
    for (weights, biases), has_bias, found in pairs:
        np.testing.assert_array_equal(found[:, :-1] if has_bias else found, weights)
        np.testing.assert_array_equal(found[:, -1] if has_bias else np.zeros(len(found)), biases)


def test_its_losses_are_those_of_the_run() -> None:
    run = run_of({})
    snapshot = run.snapshot()
    space = executed([*points_of_steps(snapshot, 30), *steps_in_numpy(snapshot, 30)])
    run.step(30)
    np.testing.assert_allclose(space["losses"], run.history.curve().train, rtol=1e-6)


@pytest.mark.parametrize("name", CASES)
def test_the_pytorch_script_can_be_read(name: str) -> None:
    snapshot = run_of(CASES[name]).snapshot()
    ast.parse(source([*points_of_steps(snapshot, 9), *steps_in_torch(snapshot, 9)]))
