"""Moments: every number against one that is had another way: plain NumPy, the step itself, differences of the loss."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st
from numpy.typing import NDArray

from engine.autograd import Tensor
from engine.microscope.inside.moment import BINS, Histogram, Moment, histogram, moment
from engine.microscope.mistakes import FaultyGradients
from engine.nn.activations import ACTIVATIONS
from engine.training import PRESETS, Experiment, LayerSpec, Network, Run, RunSnapshot, Training
from engine.training.run.timeline import Timeline
from engine.training.spec.places import BIAS, ParameterPlace
from tests.engine.tables import STEPPING

LAYERS = Network(layers=(LayerSpec(5), LayerSpec(4, "sigmoid", dropout=0.3)))
KINDS = {
    "two classes": PRESETS["circle"].replace(network=LAYERS),
    "three classes": PRESETS["blobs"].replace(network=LAYERS),
    "values": PRESETS["saddle"].replace(network=LAYERS),
}


def after(experiment: Experiment, steps: int = 20) -> Run:
    run = Run(experiment)
    run.step(steps)
    return run


def of(snapshot: RunSnapshot) -> Moment:
    found = moment(snapshot)
    assert found is not None
    return found


def norms(parameters: Any, layers: int) -> list[float]:
    """The norms of the layers, from arrays by PyTorch's names."""
    return [
        math.sqrt(sum(float((a.astype(np.float64) ** 2).sum()) for n, a in parameters.items() if n[0] == str(2 * i)))
        for i in range(layers)
    ]


def differences(snapshot: RunSnapshot) -> dict[str, NDArray[np.float64]]:
    """The gradients of the loss on the next batch, by central differences."""
    model, points, size = snapshot.learner(), snapshot.points(), 1e-5
    nodes = dict(snapshot.model().named_parameters())
    result = {name: np.zeros(np.shape(node.data)) for name, node in nodes.items()}

    def loss() -> float:
        return float(snapshot.loss(model(Tensor(points.inputs)), points.targets).data)

    for name, node in dict(model.named_parameters()).items():
        for key in np.ndindex(node.data.shape):
            before = node.data[key]
            node.data[key] = before + size
            above = loss()
            node.data[key] = before - size
            result[name][key] = (above - loss()) / (2 * size)
            node.data[key] = before
    return result


@pytest.mark.parametrize("experiment", KINDS.values(), ids=KINDS)
def test_gradient_norms_are_those_of_differences_of_the_loss(experiment: Experiment) -> None:
    training = experiment.training.replace(batch_size=20)
    snapshot = after(experiment.replace(training=training)).snapshot()
    found = of(snapshot)
    by_layer = norms(differences(snapshot), 3)
    np.testing.assert_allclose([layer.gradient_norm for layer in found.layers], by_layer, rtol=1e-5)
    assert found.gradient_norm == pytest.approx(math.sqrt(sum(norm**2 for norm in by_layer)), rel=1e-5)


@pytest.mark.parametrize("optimizer", STEPPING)
def test_norms_of_weights_and_updates_are_those_of_the_step_that_follows(optimizer: str) -> None:
    training = Training(optimizer=optimizer, learning_rate=0.02, l1=0.001, l2=0.01, max_norm=0.5, batch_size=30)
    network = LAYERS.replace(frozen=(ParameterPlace(1, 0, 1), ParameterPlace(2, 1, BIAS)))
    run = after(PRESETS["blobs"].replace(network=network, training=training))
    before = run.snapshot()
    run.step()
    moves = {name: after.astype(np.float64) - before.weights[name] for name, after in run.snapshot().weights.items()}
    found = of(before)
    weights = norms(before.weights, 3)
    np.testing.assert_allclose([layer.weight_norm for layer in found.layers], weights, rtol=1e-9)
    np.testing.assert_allclose([layer.update_norm for layer in found.layers], norms(moves, 3), rtol=2e-3)
    assert found.layers[0].ratio == found.layers[0].update_norm / found.layers[0].weight_norm
    assert found.weight_norm == pytest.approx(math.sqrt(sum(norm**2 for norm in weights)))


@pytest.mark.parametrize("mistake", ["no_zeroing", "wrong_sign", "assign"])
def test_updates_of_a_broken_engine_are_those_that_it_makes(mistake: str) -> None:
    small = PRESETS["gauss"].replace(data=PRESETS["gauss"].data.replace(count=20))
    run = Run(small, FaultyGradients({mistake}))
    run.step(3)
    before = run.snapshot()
    run.step()
    moves = {name: after.astype(np.float64) - before.weights[name] for name, after in run.snapshot().weights.items()}
    found = moment(before, FaultyGradients({mistake}))
    assert found is not None
    np.testing.assert_allclose([layer.update_norm for layer in found.layers], norms(moves, 2), rtol=2e-3)
    if mistake == "no_zeroing":
        assert found.gradient_norm > 1.5 * of(before).gradient_norm


@pytest.mark.parametrize("experiment", KINDS.values(), ids=KINDS)
def test_scores_are_those_of_the_run(experiment: Experiment) -> None:
    run = after(experiment)
    found = of(run.snapshot())
    for score, told in zip((found.train, found.test), run.score(), strict=True):
        assert score is not None
        assert told is not None
        assert (score.loss, score.quality, score.count) == pytest.approx(
            (told.loss, told.quality, told.count), rel=1e-4
        )


def test_the_rate_is_by_the_schedule() -> None:
    training = Training(schedule="cosine", span=40, learning_rate=0.1)
    found = of(after(PRESETS["circle"].replace(training=training), 10).snapshot())
    assert found.rate == pytest.approx(0.1 * (0.5 + 0.5 * math.cos(math.pi * 10 / 40)))
    assert found.step == 10


SLOPES: dict[str, Callable[[NDArray[Any]], NDArray[Any]]] = {
    "tanh": lambda z: 1 - np.tanh(z) ** 2,
    "sigmoid": lambda z: 4 * (y := 1 / (1 + np.exp(-z))) * (1 - y),  # its steepest is a quarter
    "relu": lambda z: (z > 0) * 1.0,
    "leaky_relu": lambda z: np.where(z > 0, 1, 0.01),
    "linear": np.ones_like,
}


@pytest.mark.parametrize("name", SLOPES)
def test_neurons_are_dead_and_saturated_as_their_slopes_say(name: str) -> None:
    """The first neuron gets a bias that drives it far below 0, the second a large weight."""
    run = Run(PRESETS["circle"].replace(network=Network(layers=(LayerSpec(3, name), LayerSpec(2)))))
    run.set_values(((ParameterPlace(1, 0, BIAS), -60.0), (ParameterPlace(1, 1, 0), 8.0)))
    snapshot = run.snapshot()
    points = snapshot.points(~snapshot.experiment.data.arrays.test)
    slopes = SLOPES[name](
        points.inputs @ snapshot.weights["0.weight"].T.astype(np.float64) + snapshot.weights["0.bias"]
    )
    layer = of(snapshot).layers[0]
    is_curved = name in ("tanh", "sigmoid")
    np.testing.assert_array_equal(layer.dead, (slopes == 0).mean(axis=0))
    np.testing.assert_allclose(layer.saturated, (slopes < 0.05).mean(axis=0) if is_curved else 0, atol=1 / len(slopes))
    if name == "relu":
        assert layer.dead[0] == 1
        assert 0 < layer.dead[1] < 1


def test_the_outputs_are_sums_and_neither_dead_nor_saturated() -> None:
    last = of(after(PRESETS["blobs"]).snapshot()).layers[-1]
    assert last.dead.tolist() == last.saturated.tolist() == [0, 0, 0]


@pytest.mark.parametrize("name", [*ACTIVATIONS, "= x*tanh(x)"])
def test_every_activation_has_moments(name: str) -> None:
    layer = of(after(PRESETS["circle"].replace(network=Network(layers=(LayerSpec(3, name),)))).snapshot()).layers[0]
    assert np.isfinite([layer.gradient_norm, layer.weight_norm, layer.update_norm]).all()
    assert ((layer.dead <= 1) & (layer.saturated <= 1)).all()


@pytest.mark.parametrize("experiment", KINDS.values(), ids=KINDS)
def test_histograms_are_numpys(experiment: Experiment) -> None:
    snapshot = after(experiment).snapshot()
    weights = np.concatenate([snapshot.weights["0.weight"].ravel(), snapshot.weights["0.bias"]]).astype(np.float64)
    first = of(snapshot).layers[0]
    assert (first.weights.low, first.weights.high) == (weights.min(), weights.max())
    np.testing.assert_array_equal(first.weights.parts, np.histogram(weights, BINS)[0])
    inputs = snapshot.points(~snapshot.experiment.data.arrays.test).inputs
    answers = np.tanh(inputs @ snapshot.weights["0.weight"].T.astype(np.float64) + snapshot.weights["0.bias"])
    np.testing.assert_allclose((first.activations.low, first.activations.high), (answers.min(), answers.max()))
    assert first.activations.parts.sum() == answers.size


@given(st.lists(st.floats(width=64), max_size=50))
def test_a_histogram_holds_all_that_is_finite(numbers: list[float]) -> None:
    found: Histogram = histogram(np.array(numbers))
    finite = [number for number in numbers if math.isfinite(number)]
    assert found.parts.sum() == len(finite)
    if finite:
        assert (found.low, found.high) == (min(finite), max(finite))


def test_there_is_no_moment_without_points_and_none_is_an_error_where_numbers_are_not_finite() -> None:
    experiment = PRESETS["circle"]
    assert moment(Run(experiment.replace(data=experiment.data.drawn().replace(points=()))).snapshot()) is None
    run = Run(experiment)
    run.set_values(((ParameterPlace(1, 0, 0), 1e38), (ParameterPlace(2, 0, 0), 1e38)))
    assert len(of(run.snapshot()).layers) == 3


def test_a_moment_of_the_past_is_the_one_that_there_was() -> None:
    timeline = Timeline.of(Run(KINDS["two classes"]))
    timeline.step(7)
    then = of(timeline.run.snapshot())
    timeline.step(50)
    timeline.seek(7)
    again = of(timeline.run.snapshot())
    assert [layer.gradient_norm for layer in again.layers] == [layer.gradient_norm for layer in then.layers]
