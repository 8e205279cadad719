"""Dropout in training: the mask follows from seed and step, and everyone who looks at the step sees the same one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from engine.autograd import Tensor
from engine.compiler import compile
from engine.training import PRESETS, Experiment, LayerSpec, Network, Run, Training
from engine.training.run.dropout import dropout_masks, with_dropout
from engine.training.run.timeline import Timeline
from tests.engine.strategies import trainable

LAYERS = (LayerSpec(6, dropout=0.5), LayerSpec(5, bias=False), LayerSpec(4, "relu", dropout=0.2))


def experiment(layers: tuple[LayerSpec, ...] = LAYERS, **training: Any) -> Experiment:
    start = PRESETS["moons"]
    return Experiment(start.data.replace(count=40), Network(layers=layers), Training(**training), seed=7)


def test_a_mask_leaves_out_its_share_and_makes_the_others_as_much_larger() -> None:
    first, none, third = dropout_masks(experiment(), 3, 5000)
    assert none is None
    assert first is not None
    assert third is not None
    assert (first.shape, third.shape) == ((5000, 6), (5000, 4))
    assert set(np.unique(first)) == {0, 2}
    assert set(np.unique(third)) == {0, np.float32(1.25)}
    assert (first == 0).mean(axis=0) == pytest.approx(0.5, abs=0.03)
    assert (third == 0).mean(axis=0) == pytest.approx(0.2, abs=0.03)
    assert first.mean() == pytest.approx(1, abs=0.03)


def test_masks_follow_from_the_seed_and_the_step() -> None:
    def mask(seed: int, step: int) -> bytes:
        first = dropout_masks(experiment().replace(seed=seed), step, 8)[0]
        assert first is not None
        return first.tobytes()

    assert mask(1, 4) == mask(1, 4)
    assert len({mask(1, 4), mask(1, 5), mask(2, 4)}) == 3


def test_it_is_off_while_the_network_predicts_and_scores() -> None:
    run, plain = Run(experiment()), Run(experiment(tuple(layer.replace(dropout=0) for layer in LAYERS)))
    assert run.score() == plain.score()
    run.step()
    plain.step()
    assert any((a != b).any() for (a, _), (b, _) in zip(run.weights(), plain.weights(), strict=True))
    assert run.curve().train[0] == plain.curve().train[0]  # the loss of all points with all neurons


def test_it_is_turned_on_and_off_while_the_network_lives() -> None:
    run = Run(experiment())
    run.step(5)
    weights = run.model.state_dict()
    assert run.apply(experiment(tuple(layer.replace(dropout=0) for layer in LAYERS))) == ()
    for name, array in run.model.state_dict().items():
        np.testing.assert_array_equal(array, weights[name])
    assert run.step(5) == 5
    assert run.apply(experiment()) == ()
    assert run.step(5) == 5


@pytest.mark.parametrize("batch_size", [None, 7])
def test_any_step_is_had_again_to_the_last_bit(batch_size: int | None) -> None:
    timeline = Timeline.of(Run(experiment(batch_size=batch_size)), stride=16)
    timeline.step(40)
    end = timeline.run.model.state_dict()
    timeline.seek(23)
    timeline.seek(40)
    singly = Run(experiment(batch_size=batch_size))
    for _ in range(40):
        singly.step()
    for name, array in end.items():
        np.testing.assert_array_equal(timeline.run.model.state_dict()[name], array)
        np.testing.assert_array_equal(singly.model.state_dict()[name], array)


@given(trainable, st.integers(1, 4))
def test_the_compiled_step_is_the_eager_one(experiment: Experiment, steps: int) -> None:
    """In float64, with whatever dropout, biases, settings and schedules there are."""
    run = Run(experiment)
    run.step(steps)
    snapshot = run.snapshot()
    sides = []
    for is_compiled in (False, True):
        model, points = snapshot.model(), snapshot.points()
        optimizer = snapshot.optimizer(model.parameters())
        masks = [None if mask is None else Tensor(mask, requires_grad=False, label="d") for mask in snapshot.masks]
        learner = with_dropout(model, masks)
        x, t = Tensor(points.inputs, requires_grad=False), Tensor(points.targets, requires_grad=False)

        def loss(learner: Any = learner, x: Tensor = x, t: Tensor = t) -> Any:
            return snapshot.loss(learner(x), t)

        if is_compiled:
            value = compile(loss, optimizer)()
        else:
            made = loss()
            made.backward()
            optimizer.step()
            value = made.item()
        sides.append((value, model.state_dict()))
    (eager, one), (compiled, other) = sides
    assert compiled == pytest.approx(eager, rel=1e-12, abs=1e-12)
    for name, array in one.items():
        np.testing.assert_allclose(other[name], array, rtol=1e-12, atol=1e-12)
