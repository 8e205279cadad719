"""Activations and losses that a user types: they train, are saved, and what is none is refused with a reason."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.autograd import Tensor, gradcheck
from engine.formula import FormulaError
from engine.microscope.gradcheck.check import GradientCheck, Verdict
from engine.microscope.graph.expression_graph import point_graph
from engine.nn.activations import ACTIVATIONS, activation, activation_named
from engine.nn.losses import LOSSES, loss_named
from engine.training import (
    PRESETS,
    Experiment,
    InvalidError,
    LayerSpec,
    Project,
    Run,
    Training,
    load_project,
    save_project,
)

SAME_ACTIVATION = {
    "tanh": "= tanh(x)",
    "relu": "= max(x, 0)",
    "sigmoid": "= 1 / (1 + exp(-z))",
    "leaky_relu": "= slope = 0.01, max(x, slope*x)",
    "silu": "=x*sigmoid(x)",
    "sin": "= sin(x)",
}
SAME_LOSS = {
    "mse": "= (y - t)**2",
    "mae": "= abs(y - t)",
    "hinge": "= max(0, 1 - t*y)",
}


def with_activation(name: str, preset: str = "circle") -> Experiment:
    """A preset with one activation in all layers."""
    experiment = PRESETS[preset]
    layers = tuple(layer.replace(activation=name) for layer in experiment.network.layers)
    return experiment.replace(network=experiment.network.replace(layers=layers))


def trained(experiment: Experiment, steps: int = 40) -> dict[str, np.ndarray]:
    run = Run(experiment)
    assert run.step(steps) == steps
    return run.model.state_dict()


@pytest.mark.parametrize(("name", "typed"), SAME_ACTIVATION.items())
def test_a_typed_activation_learns_like_the_row_that_computes_the_same(name: str, typed: str) -> None:
    expected, found = trained(with_activation(name)), trained(with_activation(typed))
    for key, weights in expected.items():
        np.testing.assert_allclose(found[key], weights, rtol=2e-4, atol=2e-5, err_msg=key)


@pytest.mark.parametrize(("name", "typed"), SAME_LOSS.items())
@pytest.mark.parametrize("preset", ["circle", "blobs"])
def test_a_typed_loss_learns_like_the_row_that_computes_the_same(name: str, typed: str, preset: str) -> None:
    experiment = PRESETS[preset]
    expected = trained(experiment.replace(training=experiment.training.replace(loss=name)))
    found = trained(experiment.replace(training=experiment.training.replace(loss=typed)))
    for key, weights in expected.items():
        np.testing.assert_allclose(found[key], weights, rtol=2e-4, atol=2e-5, err_msg=key)


def test_the_derivative_of_a_typed_activation_is_found_and_right() -> None:
    module = activation("= x*tanh(x) + 0.1*x**3")
    x = Tensor(np.linspace(-2, 2, 9))
    assert gradcheck(module, x, eps=1e-6, atol=1e-8)
    check = GradientCheck(Run(with_activation("= x*tanh(x)")).snapshot())
    while not check.done:
        check.advance(50)
    assert check.table.count(Verdict.FINE) == len(check)


def test_a_typed_activation_and_loss_have_an_expression_graph() -> None:
    experiment = with_activation("= x*sigmoid(x)").replace(training=Training(loss="= (y - t)**4"))
    graph = point_graph(Run(experiment).snapshot(), 0)
    ops = [node.op.name for node in graph.nodes if node.op is not None]
    assert ops.count("sigmoid") == 10
    assert ops.count("power") == 1


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("= tanh(", "expected"),
        ("= x + q", "one free input"),
        ("= 3", "one free input"),
        ("= __import__('os')", "expected"),
        ("=", "expected"),
        ("gauss", "or = and a formula"),
    ],
)
def test_what_is_no_activation_is_refused_with_a_reason(name: str, reason: str) -> None:
    with pytest.raises(InvalidError, match=reason):
        LayerSpec(3, name)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("= t", "input y"),
        ("= y + z", "only y and t"),
        ("= y*", "expected"),
        ("l2", "or = and a formula"),
        ("= 0", "input y"),
    ],
)
def test_what_is_no_loss_is_refused_with_a_reason(name: str, reason: str) -> None:
    with pytest.raises(InvalidError, match=reason):
        Training(loss=name)


def test_the_place_of_a_fault_is_told() -> None:
    with pytest.raises(FormulaError) as caught:
        activation_named("= tanh(x) +* 2")
    assert caught.value.text[caught.value.position] == "*"


def test_a_name_is_a_row_of_the_table_and_a_formula_is_not() -> None:
    assert activation_named("tanh") is ACTIVATIONS["tanh"]
    assert loss_named("mse") is LOSSES["mse"]
    with pytest.raises(ValueError, match="allowed: tanh"):
        activation_named("Tanh")
    with pytest.raises(ValueError, match="allowed: cross_entropy"):
        loss_named("MSE")


def test_a_typed_network_is_saved_and_goes_on_where_it_stood(tmp_path: Path) -> None:
    experiment = with_activation("= x*exp(-x**2)").replace(training=Training(loss="= (y - t)**2", learning_rate=0.01))
    run = Run(experiment)
    run.step(10)
    save_project(tmp_path / "typed.json", Project(experiment, run.state()))
    again = load_project(tmp_path / "typed.json").run()
    run.step(10)
    again.step(10)
    for name, weights in run.model.state_dict().items():
        np.testing.assert_array_equal(again.model.state_dict()[name], weights)


@pytest.mark.parametrize("formula", ["= log(x)", "= sqrt(x)", "= exp(exp(x))", "= 1/x", "= x**x"])
def test_a_formula_that_is_not_finite_everywhere_stops_the_training_and_breaks_nothing(formula: str) -> None:
    run = Run(with_activation(formula))
    made = run.step(50)
    assert run.diverged or made == 50
    assert all(np.isfinite(weights).all() for weights in run.model.state_dict().values())
    run.activations(np.zeros((3, 2)))


def test_a_typed_loss_is_taken_up_while_it_trains_and_watched_for_what_is_not_finite() -> None:
    run = Run(PRESETS["circle"])
    run.step(5)
    training = PRESETS["circle"].training
    assert run.apply(run.experiment.replace(training=training.replace(loss="= exp(exp(4*y - 4*t))"))) == ()
    run.step(200)
    assert all(np.isfinite(weights).all() for weights in run.model.state_dict().values())
    scores = [score for score in run.score() if score is not None]
    assert run.diverged or all(np.isfinite(score.loss) for score in scores)
