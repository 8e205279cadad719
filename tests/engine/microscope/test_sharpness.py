"""Sharpness: against finite differences of the gradient, the whole Hessian, and steps that grow or shrink."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.autograd import Tensor, Value
from engine.microscope.sharpness import Hessian, SharpnessMeter, largest_eigenpair
from engine.nn import ACTIVATIONS
from engine.nn.optimizers import OPTIMIZERS
from engine.training import PRESETS, Experiment, LayerSpec, Network, Run, RunSnapshot
from engine.training.run.build import training_rows
from engine.training.spec.places import ParameterPlace
from tests.engine.microscope.doctor.cases import frozen, made

Weights = Mapping[str, NDArray[Any]]
SPIRAL = PRESETS["spiral"]


def with_training(experiment: Experiment, **changes: Any) -> Experiment:
    return experiment.replace(training=experiment.training.replace(**changes))


def trained(experiment: Experiment, steps: int = 200) -> RunSnapshot:
    run = Run(experiment)
    run.step(steps)
    return run.snapshot()


def gradient(snapshot: RunSnapshot, moved: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of the objective with all parameters moved, by an eager backward pass."""
    model, points = snapshot.model(), snapshot.points(training_rows(snapshot.experiment))
    start = 0
    for p in model.parameters():
        p.data = p.data + moved[start : start + p.size].reshape(p.shape)
        start += p.size
    snapshot.loss(model(Tensor(points.inputs, requires_grad=False)), points.targets).backward()
    l2 = snapshot.experiment.training.l2
    return np.concatenate([np.ravel(p.grad + l2 * (p.ndim > 1) * p.data) for p in model.parameters()])


def whole(snapshot: RunSnapshot) -> NDArray[np.float64]:
    """The Hessian, column by column, from finite differences of the gradient."""
    n, h = snapshot.experiment.parameter_count, 1e-5
    columns = [(gradient(snapshot, h * e) - gradient(snapshot, -h * e)) / (2 * h) for e in np.eye(n)]
    return np.array(columns)


@pytest.mark.parametrize(
    ("name", "activation"), [*(("spiral", name) for name in ACTIVATIONS), ("blobs", "tanh"), ("wave", "elu")]
)
def test_products_are_differences_of_the_gradient(name: str, activation: str) -> None:
    experiment = PRESETS[name]
    experiment = experiment.replace(network=experiment.network.replace(layers=(LayerSpec(5, activation),) * 2))
    snapshot = trained(experiment, 20)
    vector = np.random.default_rng(1).normal(size=experiment.parameter_count)
    hessian, h = Hessian(snapshot), 1e-6
    hessian.stand_at(snapshot)
    expected = (gradient(snapshot, h * vector) - gradient(snapshot, -h * vector)) / (2 * h)
    np.testing.assert_allclose(hessian @ vector, expected, rtol=1e-3, atol=1e-4 * np.abs(expected).max())


def test_of_the_spiral_it_is_the_largest_eigenvalue_of_the_whole_hessian() -> None:
    snapshot = trained(with_training(SPIRAL, optimizer="sgd"))
    meter = SharpnessMeter()
    for moment in (Run(snapshot.experiment).snapshot(), snapshot):  # the second from what the first has found
        sharpness = meter(moment)
        assert sharpness is not None
        assert sharpness.value == pytest.approx(np.linalg.eigvalsh(whole(moment))[-1], rel=0.01)
        assert sharpness.limit == pytest.approx(2 / snapshot.experiment.training.learning_rate)


@pytest.mark.parametrize("optimizer", ["adam", "rmsprop", "adagrad"])
def test_an_optimizer_that_divides_sees_it_in_its_own_unit(optimizer: str) -> None:
    snapshot = trained(with_training(SPIRAL, optimizer=optimizer))
    squares = np.concatenate([np.ravel(state["square"]) for state in snapshot.optimizer_state]).astype(np.float64)
    corrected = squares / (1 - 0.999**200) if optimizer == "adam" else squares
    roots = 1 / np.sqrt(np.sqrt(corrected) + 1e-8)
    sharpness = SharpnessMeter()(snapshot)
    assert sharpness is not None
    expected = np.linalg.eigvalsh(roots[:, None] * whole(snapshot) * roots)[-1]
    assert sharpness.value == pytest.approx(expected, rel=0.01)


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "nesterov"])
def test_steps_grow_beyond_the_limit_and_shrink_below(optimizer: str) -> None:
    """In a valley of curvature 3, where the limit is that of the formula."""
    made = OPTIMIZERS[optimizer].make([Value(1.0)], lr=1.0)
    stability = made.stability({})
    assert stability is not None
    for share, grows in ((0.97, False), (1.03, True)):
        x = Value(1.0)
        descent = OPTIMIZERS[optimizer].make([x], lr=share * stability[1] / 3.0)
        for _ in range(500):
            descent.zero_grad()
            (1.5 * x**2).backward()
            descent.step()
        assert (abs(x.data) > 1.0) is grows


@pytest.mark.parametrize("name", [name for name, row in OPTIMIZERS.items() if not row.waits])
def test_every_optimizer_has_a_limit(name: str) -> None:
    sharpness = SharpnessMeter()(trained(with_training(SPIRAL, optimizer=name), 5))
    assert sharpness is not None
    assert 0 < sharpness.share < np.inf


def test_what_is_frozen_does_not_count() -> None:
    frozen = tuple(
        ParameterPlace(column, unit, source) for column, unit, source in ((1, 0, 0), (1, 0, 1), (1, 3, -1), (3, 0, 2))
    )
    experiment = with_training(SPIRAL, optimizer="sgd").replace(network=SPIRAL.network.replace(frozen=frozen))
    snapshot, free = trained(experiment), []
    for name, data in snapshot.weights.items():
        mask = np.ones(data.shape, bool)
        for place in frozen:
            if place.key[0] == name:
                mask[place.key[1]] = False
        free.append(np.ravel(mask))
    rows = np.flatnonzero(np.concatenate(free))
    sharpness = SharpnessMeter()(snapshot)
    assert sharpness is not None
    assert sharpness.value == pytest.approx(np.linalg.eigvalsh(whole(snapshot)[np.ix_(rows, rows)])[-1], rel=0.01)


def test_where_there_is_nothing_to_measure_there_is_none() -> None:
    no_points = SPIRAL.replace(data=SPIRAL.data.drawn(SPIRAL.data.arrays.take(slice(0))))
    for experiment in (no_points, with_training(SPIRAL, optimizer="by_hand"), SPIRAL):
        assert SharpnessMeter()(Run(experiment).snapshot()) is None
    over = with_training(SPIRAL, optimizer="sgd", schedule="cosine", span=5)
    assert SharpnessMeter()(trained(over, 4)) is not None
    assert SharpnessMeter()(trained(over, 8)) is None, "its steps have no length any more"
    lost = trained(SPIRAL)
    lost = replace(lost, weights={name: data * np.nan for name, data in lost.weights.items()})
    assert SharpnessMeter()(lost) is None


def test_a_linear_network_has_no_curvature_of_its_own() -> None:
    experiment = with_training(SPIRAL, loss="mae", l2=0.0, optimizer="sgd").replace(network=Network(layers=()))
    sharpness = SharpnessMeter()(trained(experiment, 1))
    assert sharpness is not None
    assert sharpness.value == pytest.approx(0.0, abs=1e-12)


def test_lanczos_ends_where_the_start_is_the_answer() -> None:
    matrix = np.diag([1.0, 5.0, 2.0])
    value, vector = largest_eigenpair(lambda v: matrix @ v, np.array([0.0, 1.0, 0.0]))
    assert value == 5.0
    np.testing.assert_array_equal(np.abs(vector), [0.0, 1.0, 0.0])


@pytest.mark.parametrize("optimizer", ["adam", "rmsprop", "adagrad"])
def test_what_was_frozen_until_now_has_no_unit_yet(optimizer: str) -> None:
    """An optimizer that divides by the gradients it has seen has seen nothing but 0."""
    well = made("circle", optimizer=optimizer, learning_rate=0.01)
    run = Run(frozen(well))
    run.step(30)
    run.apply(well)
    assert SharpnessMeter()(run.snapshot()) is None
    run.step()
    assert SharpnessMeter()(run.snapshot()) is not None
