"""NaN autopsy: what is named is the first number that the run itself cannot make."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from engine.autograd import Tensor
from engine.microscope.autopsy import LARGEST, MOST_PARAMETERS, Autopsy, autopsy
from engine.microscope.film.film import Phase
from engine.training import PRESETS, Data, Experiment, LayerSpec, Network, Run, RunSnapshot, Training

SMALL = Experiment(Data("xor", count=60), Network(layers=()), Training(loss="mse", optimizer="sgd"))
RELUS = SMALL.replace(network=Network(layers=(LayerSpec(3, "relu"), LayerSpec(3, "relu"))))


def diverged(experiment: Experiment, **changes: Any) -> RunSnapshot:
    run = Run(experiment.replace(training=experiment.training.replace(**changes)))
    run.step(1000)
    assert run.diverged
    return run.snapshot()


def with_weights(experiment: Experiment, **arrays: float) -> RunSnapshot:
    """The beginning of a run with all numbers of some parameters set."""
    snapshot = Run(experiment).snapshot()
    fresh = {name: np.full_like(data, arrays.get(name, data)) for name, data in snapshot.weights.items()}
    return replace(snapshot, weights=fresh)


def found(snapshot: RunSnapshot) -> Autopsy:
    result = autopsy(snapshot)
    assert result is not None
    return result


def phase_of(result: Autopsy) -> Phase:
    assert result.film.last is not None
    return result.film.last.phase


def test_forward_it_names_the_product_that_is_too_large() -> None:
    snapshot = with_weights(RELUS, **{"0.weight": 1e20, "2.weight": 1e20})
    assert Run(RELUS, weights=snapshot.weights).step() == 0, "the run cannot go on from there either"
    result = found(snapshot)
    assert phase_of(result) is Phase.FORWARD
    assert not result.is_after
    graph = result.film.graph
    assert graph.parts[result.node].column == 2
    inputs = [result.film.data[p] for p in graph.parents(result.node)]
    assert abs(graph.number(inputs[0]) * graph.number(inputs[1])) > LARGEST
    assert max(np.abs(i).max() for i in inputs) < LARGEST
    assert "1e20" in result.explanation.numbers


def test_a_logarithm_of_what_is_negative_is_named_with_its_input() -> None:
    result = found(diverged(SMALL, loss="= log(y + 2)*t", learning_rate=0.5))
    assert result.place == "number log(ŷ + 2) of the loss"
    graph = result.film.graph
    (inside,) = graph.parents(result.node)
    assert graph.number(result.film.data[inside]) < 0
    assert "not a number" in result.explanation.numbers


def test_backward_it_names_the_operation_that_passes_on_too_much() -> None:
    """Forward all is well: the activations are 0, and what they are multiplied by is not seen."""
    tanh = SMALL.replace(network=Network(layers=(LayerSpec(3, "tanh"), LayerSpec(3, "linear"))))
    snapshot = with_weights(tanh, **{"0.weight": 0, "2.weight": 1e20, "4.weight": 1e20})
    result = found(snapshot)
    assert phase_of(result) is Phase.BACKWARD
    assert result.explanation.ways
    model, points = snapshot.model(np.float32), snapshot.points(dtype=np.float32)
    loss = snapshot.loss(model(Tensor(points.inputs, requires_grad=False)), points.targets)
    assert math.isfinite(loss.item())
    loss.backward()
    assert not all(np.isfinite(p.grad).all() for p in model.parameters() if p.grad is not None)


def test_an_update_is_named_with_the_optimizer_s_own_lines() -> None:
    snapshot = with_weights(
        RELUS.replace(training=Training(loss="mse", optimizer="adam")), **{"0.weight": 1e10, "2.weight": 1e4}
    )
    result = found(snapshot)
    assert phase_of(result) is Phase.UPDATE
    assert max(abs(line.result) for line in result.explanation.lines) > LARGEST


def test_where_the_step_is_sound_it_is_the_loss_after_it() -> None:
    snapshot = diverged(RELUS, learning_rate=10, batch_size=7)
    result = found(snapshot)
    assert result.is_after
    assert phase_of(result) in (Phase.FORWARD, Phase.LOSS)


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "nesterov"])
@pytest.mark.parametrize("batch_size", [None, 7])
@pytest.mark.parametrize("classes", [2, 4])
def test_every_divergence_has_a_first_operation(optimizer: str, batch_size: int | None, classes: int) -> None:
    experiment = RELUS.replace(data=Data("blobs", count=60, classes=classes))
    result = found(diverged(experiment, optimizer=optimizer, batch_size=batch_size, learning_rate=10))
    before = result.film.data[: result.node]
    if phase_of(result) is Phase.FORWARD:
        assert all(np.abs(data).max() <= LARGEST for data in before)
    assert result.place


def test_of_what_is_sound_or_too_large_there_is_none() -> None:
    run = Run(PRESETS["spiral"])
    run.step(20)
    assert autopsy(run.snapshot()) is None
    large = RELUS.replace(network=Network(layers=(LayerSpec(40, "relu"), LayerSpec(40, "relu"))))
    assert large.parameter_count > MOST_PARAMETERS
    assert autopsy(with_weights(large, **{"0.weight": 1e20, "2.weight": 1e20})) is None
    no_points = SMALL.replace(data=SMALL.data.drawn(SMALL.data.arrays.take(slice(0))))
    assert autopsy(Run(no_points).snapshot()) is None
