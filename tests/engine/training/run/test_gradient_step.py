"""Gradient steps: a run that is handed its gradients trains, records and refuses as one that finds them itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from engine.autograd import Tensor
from engine.training import PRESETS, Experiment, LayerSpec, Run, RunSnapshot
from tests.engine.tables import STEPPING

CIRCLE = PRESETS["circle"]


class Eager:
    """The gradients that a backward pass without a compiler finds, times a factor."""

    def __init__(self, factor: float = 1.0) -> None:
        self.factor, self.made = factor, 0
        self.accumulated: Mapping[str, Any] = {}

    def __call__(self, snapshot: RunSnapshot) -> Mapping[str, Any]:
        model, points = snapshot.model(np.float32), snapshot.points(dtype=np.float32)
        snapshot.loss(model(Tensor(points.inputs, requires_grad=False)), points.targets).backward()
        return {name: self.factor * p.grad.astype(np.float64) for name, p in model.named_parameters()}

    def zero_grad(self) -> None:
        self.made += 1


def experiment(optimizer: str, **training: Any) -> Experiment:
    return CIRCLE.replace(training=CIRCLE.training.replace(optimizer=optimizer, batch_size=30, **training))


@pytest.mark.parametrize("optimizer", STEPPING)
def test_a_run_that_is_handed_the_right_gradients_learns_like_one_that_finds_them(optimizer: str) -> None:
    spec = experiment(optimizer, learning_rate=0.01, l2=0.01, max_norm=0.5, schedule="cosine")
    source = Eager()
    own, handed = Run(spec), Run(spec, source)
    own.step(25)
    assert handed.step(25) == 25
    for name, weights in own.model.state_dict().items():
        np.testing.assert_allclose(handed.model.state_dict()[name], weights, rtol=1e-3, atol=1e-5, err_msg=name)
    assert (handed.steps, handed.epochs) == (own.steps, own.epochs)
    assert handed.snapshot().batch.tolist() == own.snapshot().batch.tolist()
    assert handed.curve().steps.tolist() == own.curve().steps.tolist()
    np.testing.assert_allclose(handed.curve().train, own.curve().train, rtol=1e-3)
    assert source.made == 25, "told of each step"


def test_beyond_the_first_thousand_steps_too_losses_are_recorded_and_a_step_can_be_refused() -> None:
    source, spec = Eager(), experiment("sgd").replace(network=CIRCLE.network.replace(layers=()))
    own, handed = Run(spec), Run(spec, source)
    own.step(1002)
    assert handed.step(1002) == 1002
    assert handed.curve().steps.tolist() == own.curve().steps.tolist()
    before = handed.state()
    source.factor = np.nan
    assert handed.step() == 0, "although the loss after step 1,003 is not one to be measured"
    assert handed.state() == before


@pytest.mark.parametrize("factor", [np.nan, 1e25, 1e60])
@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam"])
def test_a_step_that_would_not_be_finite_changes_nothing(optimizer: str, factor: float) -> None:
    relu = CIRCLE.network.replace(layers=(LayerSpec(6, "relu"), LayerSpec(6, "relu")))
    source = Eager()
    run = Run(experiment(optimizer, loss="mse").replace(network=relu), source)
    run.step(5)
    before = run.state()
    source.factor = factor
    assert run.step() == 0
    assert run.diverged
    assert run.state() == before
    assert source.made == 5
    source.factor = 1.0
    assert run.step() == 1
    assert not run.diverged
