"""The gradient check: right derivatives pass, wrong ones are found and traced."""

from __future__ import annotations

import math
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from engine.autograd import Tensor
from engine.autograd.ops import Op, tanh
from engine.microscope.gradcheck.check import CheckTable, GradientCheck, Verdict, relative_error, spot_check
from engine.microscope.gradcheck.step_curve import StepSweep
from engine.nn import ACTIVATIONS, LOSSES
from engine.nn.activations import Activation
from engine.training import DRAWN, PRESETS, Data, Experiment, LayerSpec, Network, Run, RunSnapshot, Training
from tests.engine.tables import pairs

seeds = st.integers(0, 10_000)


def snapshot_of(
    *layers: str,
    loss: str = "mse",
    classes: int = 2,
    seed: int = 0,
    size: int = 3,
    spread: float = 0.7,
    dropout: float = 0,
) -> RunSnapshot:
    """A small network with weights at random, and a batch of 12 points."""
    specs = tuple(LayerSpec(size, activation, dropout=dropout) for activation in layers)
    data = Data("blobs", count=24, classes=classes, train_share=0.5, seed=seed)
    snapshot = Run(Experiment(data, Network(layers=specs), Training(loss=loss), seed)).snapshot()
    rng = np.random.default_rng(seed)
    return replace(snapshot, weights={name: rng.normal(0, spread, w.shape) for name, w in snapshot.weights.items()})


def checked(snapshot: RunSnapshot, **options: Any) -> CheckTable:
    """The whole table."""
    check = GradientCheck(snapshot, **options)
    check.advance(len(check))
    return check.table


def engine_gradients(snapshot: RunSnapshot, tanh_rule: Any = None) -> dict[str, np.ndarray]:
    """The gradients by `backward`; with another derivative rule for tanh if one is given."""
    model, points = snapshot.model(), snapshot.points()
    if tanh_rule:
        wrong = Op("tanh", "tanh", math.tanh, np.tanh, tanh_rule)
        for module in model:
            if getattr(module, "activation", None) is ACTIVATIONS["tanh"]:
                module.activation = Activation("tanh", "Tanh", wrong)
    snapshot.loss(model(Tensor(points.inputs)), points.targets).backward()
    return {name: node.grad for name, node in model.named_parameters()}


def changed(snapshot: RunSnapshot, table: CheckTable, row: int, factor: float) -> dict[str, np.ndarray]:
    """The engine's gradients with one number multiplied by a factor."""
    gradients = engine_gradients(snapshot)
    gradients[table.name[row]][tuple(i for i in table.index[row] if i >= 0)] *= factor
    return gradients


# ── right derivatives ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("classes", [2, pytest.param(3, marks=pytest.mark.slow)])
@pytest.mark.parametrize(("activation", "loss"), pairs(ACTIVATIONS, LOSSES))
def test_the_engine_is_right_for_every_activation_and_loss(activation: str, loss: str, classes: int) -> None:
    for seed in range(3):
        snapshot = snapshot_of(activation, activation, loss=loss, classes=classes, seed=seed)
        table = checked(snapshot)
        assert table.count(Verdict.FINE) + table.count(Verdict.KINK) == len(table) == 9 + 12 + 4 * (1, 3)[classes > 2]
        assert table.count(Verdict.KINK) <= 3
        assert spot_check(snapshot, seed).verdict in (Verdict.FINE, Verdict.KINK)


@given(
    seeds, st.lists(st.sampled_from(list(ACTIVATIONS)), max_size=4), st.sampled_from(list(LOSSES)), st.floats(-9, -3)
)
def test_whatever_the_network_and_the_step_the_engine_is_never_wrong(
    seed: int, layers: list[str], loss: str, exponent: float
) -> None:
    snapshot = snapshot_of(*layers, loss=loss, classes=2 + seed % 2, seed=seed, spread=10 ** (seed % 4 - 2.5))
    table = checked(snapshot, step=10**exponent)
    assert table.count(Verdict.FINE) + table.count(Verdict.KINK) == len(table)


@pytest.mark.parametrize("activation", ["tanh", "relu"])
@pytest.mark.parametrize("seed", range(4))
def test_the_loss_that_is_checked_is_that_of_the_next_step_with_its_very_dropout(activation: str, seed: int) -> None:
    snapshot = snapshot_of(activation, activation, seed=seed, dropout=0.4)
    table = checked(snapshot)
    assert table.count(Verdict.FINE) + table.count(Verdict.KINK) == len(table)
    assert table.count(Verdict.FINE) > len(table) / 2
    assert spot_check(snapshot, seed).verdict in (Verdict.FINE, Verdict.KINK)
    model, points = snapshot.learner(), snapshot.points()
    snapshot.loss(model(Tensor(points.inputs)), points.targets).backward()
    for name, node in model.named_parameters():
        np.testing.assert_array_equal(table.analytical[table.name == name], np.ravel(node.grad))


def test_the_table_has_the_numbers_that_backward_and_plain_differences_give() -> None:
    snapshot = snapshot_of("tanh", "softplus", loss="cross_entropy", classes=3, spread=1.5)
    table, gradients, points = checked(snapshot), engine_gradients(snapshot), snapshot.points()
    model = snapshot.model()
    assert list(dict.fromkeys(table.name)) == list(gradients)
    for i in range(len(table)):
        name, index = table.name[i], tuple(k for k in table.index[i] if k >= 0)
        w, losses = snapshot.weights[name], []
        assert table.analytical[i] == gradients[name][index]
        assert table.step[i] == 1e-6 * max(1, abs(w[index]))
        for sign in (1, -1):
            moved = w.copy()
            moved[index] += sign * table.step[i]
            model.load_state_dict({**snapshot.weights, name: moved})
            losses.append(float(snapshot.loss(model(Tensor(points.inputs)), points.targets)))
        plain = (losses[0] - losses[1]) / (2 * table.step[i])
        assert table.numerical[i] == pytest.approx(plain, abs=2 * table.noise[i])
    assert table.layer.tolist() == [1] * 9 + [2] * 12 + [3] * 12
    np.testing.assert_array_equal(table.error, abs(table.analytical - table.numerical))
    np.testing.assert_array_equal(table.relative, relative_error(table.analytical, table.numerical))
    assert table.conclusion() == "33 of 33 derivatives agree with their finite differences."


def test_relative_error_is_measured_against_the_larger_of_the_two() -> None:
    a = np.array([0.0, 1.0, 1.0, -3.0, 4.0, 0.0, np.inf, np.nan])
    n = np.array([0.0, 1.0, -1.0, 0.0, 5.0, -1e-300, 1.0, 1.0])
    with np.errstate(invalid="ignore"):
        np.testing.assert_allclose(relative_error(a, n), [0, 0, 2, 1, 0.2, 1, np.nan, np.nan], rtol=1e-15)


def test_penalties_are_no_part_of_the_loss() -> None:
    plain = snapshot_of("tanh", "relu")
    training = plain.experiment.training.replace(l1=0.5, l2=2.0)
    penalised = replace(plain, experiment=plain.experiment.replace(training=training))
    np.testing.assert_array_equal(checked(plain).numerical, checked(penalised).numerical)
    assert checked(penalised).count(Verdict.FINE) == 25


@pytest.mark.parametrize("slices", [[1] * 25, [7, 7, 7, 7], [24, 1], [1000]])
def test_slices_make_the_table_that_is_made_at_once(slices: list[int]) -> None:
    snapshot = snapshot_of("relu", "tanh", loss="mae")
    whole, check = checked(snapshot, step=0.05), GradientCheck(snapshot, step=0.05)
    done = 0
    assert (len(check.table), check.progress, check.done) == (0, 0, False)
    for parameters in slices:
        assert not check.done
        check.advance(parameters)
        done = min(25, done + parameters)
        assert (len(check.table), check.progress) == (done, done / 25)
        for column in fields(CheckTable):
            expected = getattr(whole, column.name)[:done]
            if expected.dtype == float:
                np.testing.assert_allclose(getattr(check.table, column.name), expected, rtol=1e-9, atol=1e-12)
            else:
                np.testing.assert_array_equal(getattr(check.table, column.name), expected)
    assert check.done
    check.advance(5)
    assert len(check.table) == len(check) == 25


# ── wrong derivatives ────────────────────────────────────────────────────────────────────────────────────────────────


@given(
    seeds, st.sampled_from(list(ACTIVATIONS)), st.sampled_from(list(LOSSES)), st.sampled_from([1.01, 0.99, -1.0, 0.0])
)
def test_one_wrong_number_is_always_found(seed: int, activation: str, loss: str, factor: float) -> None:
    snapshot = snapshot_of(activation, activation, loss=loss, classes=2 + seed % 2, seed=seed)
    right = checked(snapshot)
    found = np.flatnonzero((abs(right.numerical) > 1e-6) & (right.verdict == Verdict.FINE))
    if len(found) == 0:  # a network without a living neuron
        return
    row = int(found[seed % len(found)])
    table = checked(snapshot, gradients=changed(snapshot, right, row, factor))
    (culprit,) = table.culprits()
    assert np.flatnonzero(table.verdict == Verdict.WRONG).tolist() == [row]
    assert (culprit.name, culprit.wrong, culprit.count) == (
        table.name[row],
        1,
        int((table.name == table.name[row]).sum()),
    )
    assert culprit.factor == pytest.approx(factor, abs=1e-3)
    assert table.relative[row] == pytest.approx(abs(1 - factor) / max(1, abs(factor)), rel=1e-2)


def test_lost_biases_are_named() -> None:
    snapshot = snapshot_of("tanh", "tanh")
    gradients = engine_gradients(snapshot)
    table = checked(snapshot, gradients={**gradients, "2.bias": np.zeros(3)})
    assert table.conclusion() == "2.bias: 3 of 3 wrong, 0 times what they should be."
    assert table.wrong_up_to() is None
    assert checked(snapshot, gradients={**gradients, "0.bias": np.zeros(3)}).wrong_up_to() is None


@pytest.mark.parametrize("last", [1, 2, 3])
def test_a_wrong_derivative_of_an_activation_is_traced_to_its_layer(last: int) -> None:
    layers = ["softplus"] * 3
    layers[last - 1] = "tanh"
    snapshot = snapshot_of(*layers)
    wrong = engine_gradients(snapshot, lambda g, y, x: g * (1.0 - y))
    table = checked(snapshot, gradients=wrong)
    assert table.wrong_up_to() == last
    assert [culprit.name for culprit in table.culprits()] == [
        name for i in range(last) for name in (f"{2 * i}.weight", f"{2 * i}.bias")
    ]
    assert table.conclusion().startswith(
        f"Up to layer {last} every derivative that is not zero is wrong, after it none is: look at the derivative of "
        f"layer {last}'s activation. 0.weight: 6 of 6 wrong. 0.bias: 3 of 3 wrong."
    )
    assert spot_check(snapshot, 0, wrong).verdict == Verdict.WRONG


def test_a_rule_that_is_wrong_by_a_factor_shows_the_factor() -> None:
    snapshot = snapshot_of("tanh", "sigmoid")
    table = checked(snapshot, gradients=engine_gradients(snapshot, lambda g, y, x: 3.0 * g * (1.0 - y * y)))
    assert table.wrong_up_to() == 1
    assert [culprit.factor for culprit in table.culprits()] == pytest.approx([3, 3], rel=1e-6)
    assert "0.weight: 6 of 6 wrong, 3 times what they should be." in table.conclusion()
    assert not checked(snapshot, gradients=engine_gradients(snapshot, tanh.rules[0])).culprits()


def test_if_all_layers_are_wrong_it_is_the_loss() -> None:
    snapshot = snapshot_of("tanh", "relu", loss="cross_entropy")
    table = checked(snapshot, gradients={name: 2 * g for name, g in engine_gradients(snapshot).items()})
    assert table.wrong_up_to() == 3
    assert table.conclusion().startswith(
        "Every derivative that is not zero is wrong: look at the derivative of the loss, or at how gradients are "
        "passed on and added up. 0.weight:"
    )
    assert all(culprit.factor == pytest.approx(2, rel=1e-5) for culprit in table.culprits())


# ── what is not finite, and what is refused ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e200])
def test_what_is_not_finite_has_no_number(bad: float) -> None:
    snapshot = snapshot_of("relu", "linear")
    snapshot = replace(snapshot, weights={name: np.full(w.shape, bad) for name, w in snapshot.weights.items()})
    table = checked(snapshot)
    assert table.count(Verdict.NOT_FINITE) == 25
    assert np.isnan(table.error).all()
    assert np.isnan(table.relative).all()
    assert table.culprits() == ()
    assert table.conclusion() == "25 of 25 derivatives are not finite numbers and cannot be compared."
    spot = spot_check(snapshot, 0)
    assert (spot.analytical, spot.numerical, spot.error, spot.verdict) == (None, None, None, Verdict.NOT_FINITE)


def test_a_gradient_that_is_not_finite_is_so_alone() -> None:
    snapshot = snapshot_of("tanh")
    right = checked(snapshot)
    table = checked(snapshot, gradients=changed(snapshot, right, 4, np.nan))
    assert table.verdict.tolist() == ["fine"] * 4 + ["not finite"] + ["fine"] * 8
    assert np.flatnonzero(np.isnan(table.error)).tolist() == [4]
    assert spot_check(snapshot, 0, changed(snapshot, right, 4, np.inf)).verdict == Verdict.NOT_FINITE


def test_what_cannot_be_checked_is_refused() -> None:
    empty = Run(Experiment(Data(DRAWN))).snapshot()
    for refused in (GradientCheck, lambda m: spot_check(m, 0)):
        with pytest.raises(ValueError, match="the next batch has 0 points; it needs at least 1"):
            refused(empty)
    snapshot = snapshot_of("tanh")
    gradients = engine_gradients(snapshot)
    for step in (0.0, -1e-6, math.inf, math.nan):
        with pytest.raises(ValueError, match=f"step {step} is not allowed; allowed: finite numbers above 0"):
            GradientCheck(snapshot, step)
    with pytest.raises(ValueError, match=r"5.bias is not a parameter here"):
        GradientCheck(snapshot, gradients={**gradients, "5.bias": np.zeros(1)})
    with pytest.raises(ValueError, match=r"0.bias is missing"):
        spot_check(snapshot, 0, {name: g for name, g in gradients.items() if name != "0.bias"})
    with pytest.raises(ValueError, match=r"the gradient of 0.weight has shape \(2, 3\); allowed: \(3, 2\)"):
        GradientCheck(snapshot, gradients={**gradients, "0.weight": gradients["0.weight"].T})
    with pytest.raises(ValueError, match="0 parameters is not allowed; allowed: at least 1"):
        GradientCheck(snapshot).advance(0)


# ── one number for every frame ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("preset", sorted(set(PRESETS) - {DRAWN}))
def test_while_presets_train_the_spot_check_is_fine(preset: str) -> None:
    run = Run(PRESETS[preset])
    for seed in range(5):
        spot = spot_check(run.snapshot(), seed)
        assert spot.verdict == Verdict.FINE
        assert spot.error < 1e-5
        assert spot.analytical == pytest.approx(spot.numerical, rel=1e-5)
        run.step(10)


@given(seeds, st.sampled_from([1.01, -1.0, 0.0]))
def test_the_spot_check_sees_one_wrong_number_from_every_seed(seed: int, factor: float) -> None:
    snapshot = snapshot_of("tanh", "gelu", seed=seed)
    table = checked(snapshot)
    wrong = changed(snapshot, table, int(abs(table.numerical).argmax()), factor)
    assert [spot_check(snapshot, k, wrong).verdict for k in range(5)] == [Verdict.WRONG] * 5
    assert [spot_check(snapshot, k).verdict for k in range(5)] == [Verdict.FINE] * 5


def test_the_spot_check_is_the_derivative_along_its_direction() -> None:
    snapshot = snapshot_of("tanh", spread=0.2)  # no weight above 1, so the direction is signs alone
    gradients = engine_gradients(snapshot)
    slopes = {spot_check(snapshot, seed).analytical for seed in range(20)}
    longest = sum(abs(g).sum() for g in gradients.values())
    assert len(slopes) == 20
    assert all(abs(w).max() <= 1 for w in snapshot.weights.values())
    assert max(map(abs, slopes)) <= longest


@pytest.mark.parametrize("size", [1e36, 1e38])
@pytest.mark.parametrize("activation", ["linear", "relu"])
def test_numbers_that_overflow_are_not_finite_and_warn_nobody(size: float, activation: str) -> None:
    experiment = PRESETS["circle"]
    layers = (LayerSpec(2, activation),) * 8
    run = Run(experiment.replace(network=experiment.network.replace(layers=layers)))
    for parameter in run.model.parameters():
        parameter.data[...] = size
    snapshot = run.snapshot()
    assert spot_check(snapshot, 0).verdict == Verdict.NOT_FINITE
    check = GradientCheck(snapshot)
    while not check.done:
        check.advance(10)
    assert check.table.count(Verdict.WRONG) == 0
    assert check.table.count(Verdict.NOT_FINITE) > 0
    sweep = StepSweep(snapshot, 0)
    while not sweep.done:
        sweep.advance(10)
    assert "nan" not in check.table.conclusion()
