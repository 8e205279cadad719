"""Divergence: a run whose numbers grow beyond all bounds stands at the last step where all of them were finite."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from engine.nn import ACTIVATIONS, LOSSES
from engine.nn.activations import Activation
from engine.training import DRAWN, FEATURES, Data, Experiment, LayerSpec, Network, Run, Training
from engine.training.run.run import harmless_size

SMALL = Experiment(Data("xor", count=60), Network(layers=()), Training(loss="mse"))
BLOBS = SMALL.replace(data=Data("blobs", count=60, classes=4))


def with_training(experiment: Experiment, **changes: Any) -> Experiment:
    return experiment.replace(training=experiment.training.replace(**changes))


def is_finite(run: Run) -> bool:
    losses = [score.loss for score in run.score() if score is not None]
    return bool(np.isfinite(losses).all()) and all(np.isfinite(array).all() for pair in run.weights() for array in pair)


def wild(experiment: Experiment, **changes: Any) -> Experiment:
    """Nothing holds the numbers of this one."""
    network = Network(layers=(LayerSpec(8, "relu"), LayerSpec(8, "relu")), initialiser="normal")
    return with_training(experiment.replace(network=network), learning_rate=10, **changes)


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "nesterov"])
@pytest.mark.parametrize("size", [None, 7])
@pytest.mark.parametrize("experiment", [SMALL, BLOBS], ids=["two classes", "four classes"])
def test_it_stands_at_the_last_finite_step(optimizer: str, size: int | None, experiment: Experiment) -> None:
    run = Run(wild(experiment, optimizer=optimizer, batch_size=size))
    made = run.step(1000)
    assert run.diverged
    assert made == run.steps < 1000
    assert is_finite(run)
    assert np.isfinite(run.curve().train).all()
    assert run.curve().steps[-1] == run.steps
    twin = Run(run.experiment)
    assert twin.step(made) == made, "the steps before the last good one are those of any other run"
    assert not twin.diverged
    assert twin.state() == run.state()
    assert twin.step() == 0, "and there is none after it"
    assert twin.diverged


@pytest.mark.parametrize("size", [None, 7])
def test_with_a_lower_rate_it_goes_on(size: int | None) -> None:
    run = Run(wild(SMALL, optimizer="sgd", batch_size=size))
    run.step(1000)
    stood = run.steps
    assert run.apply(with_training(run.experiment, learning_rate=1e-5, optimizer="adam")) == ()
    assert run.step(50) == 50
    assert not run.diverged
    assert run.steps == stood + 50
    assert is_finite(run)


def test_a_loss_that_is_not_finite_is_found_at_steps_that_the_history_skips() -> None:
    """Weights of about 1e30 are finite, and so is the loss that they were made from; their own is not."""
    run = Run(with_training(SMALL, optimizer="sgd"))
    run.step(66)
    good = run.state()
    run._optimizer.lr = 1e30
    assert run.step(5) == 0
    assert run.diverged
    assert run.state() == good
    assert is_finite(run)


def test_moments_beyond_all_bounds_are_found_too() -> None:
    """An infinite mean of squares would freeze the weights for ever, and could not be saved."""
    run = Run(wild(SMALL, optimizer="adam", batch_size=None))
    for parameter in run.model.parameters():
        parameter.data = parameter.data * np.float32(300_000)
    before = [np.array(parameter.data) for parameter in run.model.parameters()]
    score = run.score()[0]
    assert score is not None
    assert math.isfinite(score.loss)
    run.step()
    assert run.diverged
    assert run.state()["optimizer"] == [
        {"step": 0, "mean": zeros, "square": zeros} for zeros in (np.zeros_like(p).tolist() for p in before)
    ]
    assert all((p.data == start).all() for p, start in zip(run.model.parameters(), before, strict=True))


@pytest.mark.parametrize(("layers", "classes"), [(0, 4), (1, 2), (3, 4), (8, 2)])
@pytest.mark.parametrize("loss", LOSSES)
def test_weights_called_harmless_are(layers: int, loss: str, classes: int) -> None:
    """The worst case: all weights as large as that and of one sign, all features, points in the corners."""
    corners = tuple((x1, x2, i % classes, 0) for i, (x1, x2) in enumerate([(6, 6), (6, -6), (-6, 6), (-6, -6)]))
    for activation in ACTIVATIONS:
        network = Network(tuple(FEATURES), (LayerSpec(64, activation),) * layers)
        experiment = Experiment(Data(DRAWN, classes=classes, points=corners), network, Training(loss=loss))
        run = Run(experiment)
        for parameter in run.model.parameters():
            parameter.data = np.full_like(parameter.data, harmless_size(experiment))
        score = run.score()[0]
        assert score is not None
        assert math.isfinite(score.loss)


def test_what_no_bound_is_known_of_is_looked_at_after_each_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cubes of cubes of cubes explode while the weights are small, and at steps that the history skips."""
    monkeypatch.setitem(ACTIVATIONS, "cube", Activation("cube", "Cube", lambda x: x * x * x))
    training = Training(loss="mse", optimizer="sgd", learning_rate=1e-5, max_norm=100)
    network = Network(layers=(LayerSpec(3, "cube"),) * 3)
    run = Run(Experiment(Data("gauss", count=30), network, training, seed=4))
    assert run.step(1501) == 1501
    run.apply(run.experiment.replace(training=training.replace(learning_rate=0.3)))
    run.step(500)
    assert run.diverged
    assert is_finite(run)
