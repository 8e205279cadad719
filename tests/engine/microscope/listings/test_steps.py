"""Programs of many steps: they run as they are, and come to the weights that the run comes to, to the bit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.autograd import Tensor
from engine.microscope.listings import points_of_steps, steps_in_numpy, steps_in_torch
from engine.nn import SCHEDULES
from engine.nn.optimizers import Optimizer
from engine.training import Data, Experiment, LayerSpec, Network, Run, Training
from engine.training.spec.places import ParameterPlace
from tests.engine.listed import executed, stand_in_for_torch

DROPPED = Network(layers=(LayerSpec(4, dropout=0.25), LayerSpec(3, "relu"), LayerSpec(3, "gelu", dropout=0.5)))
FROZEN = Network(layers=(LayerSpec(4),), frozen=(ParameterPlace(1, 2, 0), ParameterPlace(2, 0, 1)))
CASES: dict[str, dict[str, Any]] = {
    "all points": {},
    "batches": {"training": Training(batch_size=4, optimizer="adam")},
    "in order": {"training": Training(batch_size=3, shuffle=False)},
    "dropout": {"network": DROPPED, "training": Training(batch_size=5)},
    "dropout, all points": {"network": DROPPED},
    "frozen": {"network": FROZEN, "training": Training(optimizer="rmsprop")},
    "penalties": {"training": Training(l1=0.01, l2=0.01, max_norm=0.5)},
    "classes": {"data": Data("blobs", count=20, classes=3), "training": Training(batch_size=7)},
    "values": {"data": Data("hills", count=20, kind="regression"), "training": Training(loss="huber")},
    **{name: {"training": Training(schedule=name, span=6, batch_size=4)} for name in SCHEDULES},
}


def run_of(case: dict[str, Any]) -> Run:
    return Run(Experiment(**{"data": Data("gauss", count=20), "network": Network(layers=(LayerSpec(4),)), **case}))


@pytest.mark.parametrize("name", CASES)
def test_the_numpy_program_comes_to_the_weights_of_the_run(name: str) -> None:
    run = run_of(CASES[name])
    run.step(4)
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


class Group:
    """Parameter group of one of this engine's optimizers, as PyTorch has it."""

    def __init__(self, optimizer: Optimizer) -> None:
        self._optimizer = optimizer

    def __setitem__(self, name: str, value: float) -> None:
        setattr(self._optimizer, name, value)


@pytest.mark.parametrize(
    "name", [name for name in CASES if name != "penalties"]
)  # which this engine has other words for
def test_the_pytorch_script_comes_there_as_well(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As far as single precision goes, in which the run trains."""
    stand_in_for_torch(monkeypatch)
    monkeypatch.setattr(Tensor, "floor", lambda self: Tensor(np.floor(self.data)), raising=False)
    monkeypatch.setattr(Optimizer, "param_groups", property(lambda self: [Group(self)]), raising=False)
    run = run_of(CASES[name])
    snapshot = run.snapshot()
    space = executed([*points_of_steps(snapshot, 9), *steps_in_torch(snapshot, 9)])
    run.step(9)
    assert len(space["losses"]) == 9
    for parameter, weights in run.snapshot().weights.items():
        np.testing.assert_allclose(space["model"].state_dict()[parameter], weights, rtol=1e-3, atol=1e-4)
