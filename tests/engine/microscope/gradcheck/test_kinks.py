"""Kinks: which operations have corners, what lies between w - h and w + h, and the loss beside a moment's weights."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from engine.autograd import Tensor, array_ops, ops
from engine.autograd.ops import Op
from engine.microscope.gradcheck.check import GradientCheck, Verdict, spot_check
from engine.microscope.gradcheck.kinks import PIECES, Direction, Kink, Parameters
from engine.microscope.gradcheck.step_curve import StepSweep
from engine.nn import ACTIVATIONS, LOSSES
from engine.training import DRAWN, Data, Experiment, LayerSpec, Network, Run, RunSnapshot, Training

SIZES = ("relu", 3), ("relu", 2)


def snapshot_of(
    *layers: tuple[str, int], loss: str = "mse", classes: int = 2, seed: int = 0, spread: float = 1.0
) -> RunSnapshot:
    """A small network with weights at random, and a batch of 12 points."""
    specs = tuple(LayerSpec(size, activation) for activation, size in layers)
    data = Data("blobs", count=24, classes=classes, train_share=0.5, seed=seed)
    snapshot = Run(Experiment(data, Network(layers=specs), Training(loss=loss), seed)).snapshot()
    rng = np.random.default_rng(seed)
    return replace(snapshot, weights={name: rng.normal(0, spread, w.shape) for name, w in snapshot.weights.items()})


def planted(*points: tuple[float, float], layers: tuple[Any, ...] = (("relu", 3),), loss: str = "mse") -> RunSnapshot:
    """A network whose weights are all ½, and these points, of two classes by turns."""
    specs = tuple(LayerSpec(size, activation) for activation, size in layers)
    rows = tuple((*xy, i % 2, 0) for i, xy in enumerate(points))
    snapshot = Run(Experiment(Data(DRAWN, points=rows), Network(layers=specs), Training(loss=loss))).snapshot()
    return replace(snapshot, weights={name: np.full(w.shape, 0.5) for name, w in snapshot.weights.items()})


def row_of(near: Parameters, name: str, *index: int) -> int:
    """The row of a weight or a bias."""
    (row,) = np.flatnonzero((near.names == name) & (near.index == (*index, -1)[:2]).all(axis=1))
    return int(row)


# ── which operations have corners ────────────────────────────────────────────────────────────────────────────────────


def has_corner(op: Op) -> bool:
    """Whether the slopes on the left and on the right differ, or the values do, anywhere on a grid."""
    grid, t = np.arange(-2, 2.25, 0.25), 1e-6
    inputs = np.meshgrid(*[grid] * len(op.rules))
    with np.errstate(all="ignore"):
        here = op.on_arrays(*inputs)
        for i in range(len(inputs)):
            below, above = (op.on_arrays(*inputs[:i], inputs[i] + s * t, *inputs[i + 1 :]) for s in (-1, 1))
            bend, jump = (above - 2 * here + below) / t, above - below
            if (np.isfinite(bend) & (abs(bend) + abs(jump) > 1e-2)).any():
                return True
    return False


def test_the_table_has_exactly_the_operations_with_corners() -> None:
    elementwise = [op for op in vars(ops).values() if isinstance(op, Op)]
    assert {op for op in elementwise if has_corner(op)} == set(PIECES) & set(elementwise)
    assert set(PIECES) - set(elementwise) == {array_ops.max_}


@pytest.mark.parametrize("op", [op for op in PIECES if op is not array_ops.max_], ids=lambda op: op.name)
def test_on_one_piece_the_slope_does_not_change(op: Op) -> None:
    rng = np.random.default_rng(0)
    inputs, moved = rng.integers(-6, 7, (2, len(op.rules), 2000)) / 2  # so coarse that they tie, too
    same = PIECES[op](*inputs) == PIECES[op](*moved)
    assert 0 < same.mean() < 1
    middle = (inputs + moved) / 2
    sag = (op.on_arrays(*inputs) + op.on_arrays(*moved)) / 2 - op.on_arrays(*middle)
    assert abs(sag[same]).max() < 1e-12
    assert abs(sag[~same]).max() > 0.01


# ── the loss beside the weights ──────────────────────────────────────────────────────────────────────────────────────


def moved_loss(snapshot: RunSnapshot, change: dict[str, Any]) -> float:
    """The loss with something added to the weights, by an ordinary pass through the whole network."""
    model, points = snapshot.model(), snapshot.points()
    model.load_state_dict({name: w + change.get(name, 0) for name, w in snapshot.weights.items()})
    return float(snapshot.loss(model(Tensor(points.inputs)), points.targets))


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("depth", [0, pytest.param(1, marks=pytest.mark.slow), 3])
def test_moving_one_weight_gives_the_loss_that_a_whole_pass_gives(activation: str, depth: int) -> None:
    snapshot = snapshot_of(*[(activation, 3)] * depth, loss="cross_entropy", classes=3)
    near = Parameters(snapshot)
    shifts = np.random.default_rng(1).normal(0, 1, len(near.rows))
    for row, loss in enumerate(near.losses(near.rows, shifts)):
        name, index = near.names[row], tuple(i for i in near.index[row] if i >= 0)
        change = np.zeros(snapshot.weights[name].shape)
        change[index] = shifts[row]
        assert loss == pytest.approx(moved_loss(snapshot, {name: change}), rel=1e-12)
        assert near.weights[row] == snapshot.weights[name][index]


def test_rows_may_come_in_any_order() -> None:
    near = Parameters(snapshot_of(*SIZES))
    rows = np.random.default_rng(0).permutation(near.rows)
    shifts = np.linspace(-1, 1, len(rows))
    assert near.losses(rows, shifts) == pytest.approx(
        [near.losses(rows[i : i + 1], shifts[i : i + 1])[0] for i in range(len(rows))], rel=1e-14
    )


def test_many_copies_at_once_give_what_few_give() -> None:
    snapshot = snapshot_of(("tanh", 40), ("tanh", 40))
    near = Parameters(snapshot)
    several, few = near.rows, near.rows[::97]
    assert near.losses(several, np.full(len(several), 0.1))[::97] == pytest.approx(
        near.losses(few, np.full(len(few), 0.1)), rel=1e-14
    )


def test_a_direction_moves_every_weight_by_its_size_or_by_one() -> None:
    snapshot = snapshot_of(*SIZES, spread=2.0)
    near = Direction(snapshot, seed=5)
    for name, w in snapshot.weights.items():
        assert abs(near.direction[name]).tolist() == np.maximum(1, abs(w)).tolist()
    assert {-1, 1} == set(np.sign(near.flat(near.direction)))
    for shift in (-0.3, 0.0, 0.2):
        (loss,) = near.losses(near.rows, np.array([shift]))
        change = {name: shift * v for name, v in near.direction.items()}
        assert loss == pytest.approx(moved_loss(snapshot, change), rel=1e-12)
    assert (near.flat(Direction(snapshot, 6).direction) != near.flat(near.direction)).any()


@pytest.mark.parametrize("loss", ["mse", "cross_entropy"])
def test_rounding_stays_within_its_bound(loss: str) -> None:
    for seed in range(5):
        near = Parameters(snapshot_of(("tanh", 4), ("sigmoid", 4), loss=loss, seed=seed, spread=3.0))
        for step in (1e-12, 1e-10):  # where truncation is far below rounding
            errors = abs(near.differences(near.rows, np.full(len(near.rows), step)) - near.flat(None))
            assert errors.max() <= near.roundoff / step
            assert errors.max() > 1e-4 * near.roundoff / step


def test_the_bound_sees_large_numbers_that_cancel_in_a_product() -> None:
    snapshot = planted((0.5, 0.5), (0.5, 0.5), layers=())  # of two classes, so that the gradient is 0 as well
    snapshot = replace(snapshot, weights={"0.weight": np.array([[1e9, -1e9]]), "0.bias": np.zeros(1)})
    near = Parameters(snapshot)
    assert near.loss == 1
    assert not near.flat(None).any()
    assert near.roundoff == pytest.approx(2**-52 * 2e9, rel=1e-6)  # |∂L/∂z| is 1, |w₁x₁| + |w₂x₂| is 1e9, twice


# ── which corners are passed ─────────────────────────────────────────────────────────────────────────────────────────


def sums(snapshot: RunSnapshot, change: dict[str, Any]) -> list[np.ndarray]:
    """The weighted sums of every layer, (points, neurons) each, by plain NumPy."""
    x, found = snapshot.points().inputs, []
    for i in range(0, len(snapshot.weights), 2):
        w, b = (snapshot.weights[n] + change.get(n, 0) for n in (f"{i}.weight", f"{i}.bias"))
        found.append(x @ w.T + b)
        x = np.maximum(found[-1], 0)
    return found


@given(st.integers(0, 10_000), st.sampled_from([2.0, 0.3, 1e-6]))
def test_exactly_the_neurons_whose_sum_changes_sign_are_named(seed: int, step: float) -> None:
    snapshot = snapshot_of(*SIZES, seed=seed)
    near = Parameters(snapshot)
    for row in near.rows.tolist():
        name, index = near.names[row], tuple(i for i in near.index[row] if i >= 0)
        change = np.zeros(snapshot.weights[name].shape)
        change[index] = step
        below, here, above = (sums(snapshot, {name: s * change}) for s in (-1, 0, 1))
        expected = {}
        for layer in range(len(SIZES)):
            turns = (np.sign(below[layer]) != np.sign(here[layer])) | (np.sign(here[layer]) != np.sign(above[layer]))
            expected |= {(layer + 1, j + 1): n for j, n in enumerate(turns.sum(axis=0).tolist()) if n}
        kinks = near.kinks(row, step)
        assert {(kink.layer, kink.neuron): kink.points for kink in kinks} == expected
        assert near.passes(np.array([row]), np.array([step])).tolist() == [bool(expected)]
        assert all(kink.operation == "ReLU" and kink.total == 12 and not kink.at_corner for kink in kinks)


def test_a_sum_that_is_zero_stands_in_the_corner() -> None:
    snapshot = planted((-1.0, 0.0), (0.0, -1.0), (1.0, 1.0))
    near = Parameters(snapshot)
    (kink,) = near.kinks(row_of(near, "0.bias", 2), 1e-6)
    assert kink == Kink("ReLU", layer=1, neuron=3, points=2, total=3, at_corner=True, direction=1)
    assert kink.sentence == (
        "The ReLU of layer 1 neuron 3 stands exactly in its corner for 2 of 3 points: there it has no single slope, so "
        "the two numbers need not agree, however small h is."
    )
    (kink,) = near.kinks(row_of(near, "0.weight", 1, 0), 1e-6)  # the other point has a 0 there: nothing moves it
    assert (kink.neuron, kink.points, kink.direction) == (2, 1, -1)
    assert near.kinks(row_of(near, "2.weight", 0, 2), 1e-6) == ()


def test_a_sentence_says_whether_it_switches_on_or_off() -> None:
    near = Parameters(planted((-1.0, 4e-7), (1.0, -2.0 + 4e-7), (1.0, 1.0)))  # the first two sums are 2e-7
    by_bias = near.kinks(row_of(near, "0.bias", 0), 1e-6)
    assert [kink.sentence for kink in by_bias] == [
        "The ReLU of layer 1 neuron 1 switches on for 2 of 3 points between w − h and w + h: on the way the slope "
        "jumps, so the two numbers need not agree. A smaller h usually avoids it."
    ]
    (by_weight,) = near.kinks(row_of(near, "0.weight", 0, 1), 1e-6)
    assert "switches off for 1 of 3 points" in by_weight.sentence
    (by_weight,) = near.kinks(row_of(near, "0.weight", 0, 0), 1e-6)
    assert "switches on or off for 2 of 3 points" in by_weight.sentence
    assert near.kinks(row_of(near, "0.bias", 0), 1e-7) == ()
    near = Parameters(planted((-1.0, 0.0), (-1.0, 4e-7)))
    (one_of_two_in_it,) = near.kinks(row_of(near, "0.bias", 0), 1e-6)
    assert (one_of_two_in_it.points, one_of_two_in_it.at_corner) == (2, False)


def test_corners_of_later_layers_are_named_too() -> None:
    snapshot = planted((1.0, 1.0), (3.0, 1.0), layers=(("relu", 1), ("leaky_relu", 2)))
    weights = {**snapshot.weights, "2.bias": np.array([-0.75, 0.5])}  # the first layer gives 1.5 and 2.5
    near = Parameters(replace(snapshot, weights=weights))
    (kink,) = near.kinks(row_of(near, "0.weight", 0, 1), 1e-6)
    assert (kink.layer, kink.neuron, kink.points, kink.at_corner) == (2, 1, 1, True)


@pytest.mark.parametrize(("loss", "operation"), [("mae", "abs"), ("hinge", "ReLU")])
def test_corners_of_the_loss_are_named_by_output(loss: str, operation: str) -> None:
    snapshot = planted((0.0, 0.0), (3.0, 2.0), layers=(), loss=loss)  # the target of the first point is 1
    for output, expected in ((1.0, [Kink(operation, None, 1, 1, 2, True, 1 if loss == "mae" else -1)]), (-1.0, [])):
        near = Parameters(replace(snapshot, weights={**snapshot.weights, "0.bias": np.array([output])}))
        kinks = near.kinks(row_of(near, "0.bias", 0), 1e-6)
        assert list(kinks) == expected
        assert all(kink.sentence.startswith(f"The {operation} of the loss at output 1 stands") for kink in kinks)
    near = Parameters(replace(snapshot, weights={**snapshot.weights, "0.bias": np.array([1 + 1e-7])}))
    (kink,) = near.kinks(row_of(near, "0.bias", 0), 1e-6)
    does = "passes its corner" if loss == "mae" else "switches off"
    assert kink.sentence.startswith(f"The {operation} of the loss at output 1 {does} for 1 of 2 points between w − h")


def test_a_corner_passed_there_and_back_is_found() -> None:
    snapshot = planted((0.0, 0.0), (0.0, 0.0), layers=(("sin", 1), ("relu", 1)))
    valley = {"0.bias": np.array([-np.pi / 2]), "2.weight": np.ones((1, 1)), "2.bias": np.array([0.998])}
    near = Parameters(
        replace(snapshot, weights={**snapshot.weights, **valley})
    )  # the sum is -0.002, at both ends 0.003
    (kink,) = near.kinks(row_of(near, "0.bias", 0), 0.1)
    assert (kink.layer, kink.points, kink.direction) == (2, 2, 0)


def test_smooth_networks_have_no_corners_at_all() -> None:
    smooth = [name for name in ACTIVATIONS if name not in ("relu", "leaky_relu")]
    assert "elu" in smooth
    for loss in ("mse", "cross_entropy"):
        for classes in (2, 3):
            near = Parameters(snapshot_of(*[(name, 2) for name in smooth], loss=loss, classes=classes))
            assert near.corners(near.rows[:1], np.ones(1)) == []
    assert {loss for loss in LOSSES if Parameters(snapshot_of(loss=loss)).corners(np.zeros(1, int), np.ones(1))} == {
        "mae",
        "huber",
        "hinge",
    }


def test_corners_are_found_in_every_layer_and_in_the_loss() -> None:
    near = Parameters(snapshot_of(("relu", 3), ("tanh", 2), ("leaky_relu", 4), loss="hinge", classes=3))
    for row, layers in ((0, [0, 2, None]), (len(near.rows) - 1, [None])):
        found = near.corners(np.array([row]), np.ones(1))
        assert [corner.layer for corner in found] == layers
        assert found[-1].pieces.shape == (3, 12, 3)


def test_what_is_not_a_number_passes_no_corner() -> None:
    snapshot = snapshot_of(*SIZES, loss="mae")
    for bad in (np.nan, np.inf):
        near = Parameters(replace(snapshot, weights={**snapshot.weights, "0.weight": np.full((3, 2), bad)}))
        assert near.kinks(0, 1e-6) == ()


# ── what the check says of them ───────────────────────────────────────────────────────────────────────────────────────


def one_neuron(sum_: float, x2: float, activation: str = "relu") -> RunSnapshot:
    """One neuron that gets x₁ for each of two points, and doubles it; the first point's x₁ is given."""
    points = ((sum_, x2, 0, 0), (2.0, 1.0, 1, 0))
    network = Network(layers=(LayerSpec(1, activation),))
    snapshot = Run(Experiment(Data(DRAWN, points=points), network, Training(loss="mse"))).snapshot()
    weights = {"0.weight": [[1.0, 0.0]], "0.bias": [0.0], "2.weight": [[2.0]], "2.bias": [0.0]}
    return replace(snapshot, weights={name: np.array(w) for name, w in weights.items()})


def checked(snapshot: RunSnapshot, **options: Any) -> GradientCheck:
    """The check of all parameters."""
    check = GradientCheck(snapshot, **options)
    check.advance(len(check))
    return check


@pytest.mark.parametrize("activation", ["relu", "leaky_relu"])
@pytest.mark.parametrize("sum_", [0.0, 1e-7, -1e-7, 9e-7, -9e-7])
def test_a_corner_within_the_step_is_explained_and_never_wrong(sum_: float, activation: str) -> None:
    check = checked(one_neuron(sum_, 1.0, activation))
    table = check.table
    assert table.verdict.tolist() == ["fine", "kink", "kink", "fine", "fine"]
    assert table.relative[2] > 1e-3
    (kink,) = check.kinks(2)
    assert (kink.layer, kink.neuron, kink.points, kink.total, kink.at_corner) == (1, 1, 1, 2, sum_ == 0)
    assert table.conclusion() == (
        "3 of 5 derivatives agree with their finite differences. "
        "At 2 a corner lies within the step: there they need not."
    )
    spot = spot_check(one_neuron(sum_, 1.0, activation), 1)
    assert (spot.verdict, [k.layer for k in spot.kinks]) == (Verdict.KINK, [1])


@pytest.mark.parametrize("sum_", [1e-7, -9e-7])
def test_a_smaller_step_avoids_the_corner(sum_: float) -> None:
    table = checked(one_neuron(sum_, 1.0), step=abs(sum_) / 2).table
    assert table.count(Verdict.FINE) == 5


def test_kinks_are_looked_for_within_the_step_of_that_weight() -> None:
    snapshot = one_neuron(4 + 2e-6, 1.0)
    check = checked(replace(snapshot, weights={**snapshot.weights, "0.bias": np.array([-4.0])}))
    assert check.table.step[2] == 4e-6
    assert check.table.verdict[2] == Verdict.KINK
    assert len(check.kinks(2)) == 1


def test_a_sine_too_steep_for_the_step_is_not_wrong() -> None:
    snapshot = planted((1.0, 0.5), (0.25, 0.0), layers=(("linear", 1), ("sin", 1)))
    for steepness in (1e5, 1e7, 1e9):
        table = checked(replace(snapshot, weights={**snapshot.weights, "2.weight": np.array([[steepness]])})).table
        assert table.count(Verdict.FINE) == len(table)


def test_a_corner_of_the_slope_alone_is_no_kink() -> None:
    for sum_ in (0.0, 1e-7):
        for step in (1e-6, 1e-3):
            assert checked(one_neuron(sum_, 1.0, "elu"), step=step).table.count(Verdict.FINE) == 5


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ["relu", "leaky_relu"])
def test_a_network_of_zeros_is_explained_and_not_wrong(activation: str, loss: str) -> None:
    snapshot = snapshot_of((activation, 3), (activation, 3), loss=loss)
    zeros = {name: np.zeros_like(w) for name, w in snapshot.weights.items()}
    for weights in (zeros, {**zeros, "2.weight": np.ones((3, 3)), "4.weight": np.ones((1, 3))}):
        check = checked(replace(snapshot, weights=weights))
        assert check.table.count(Verdict.WRONG) == check.table.count(Verdict.NOT_FINITE) == 0
        bias = int(np.flatnonzero(check.table.name == "0.bias")[1])
        first = check.kinks(bias)[0]
        assert (first.layer, first.neuron, first.points, first.at_corner) == (1, 2, 12, True)
    assert check.table.verdict[bias] == Verdict.KINK


# in their corners the engine takes both slopes as 0; a central difference finds 0 for |x| too, but ½ for ReLU
@pytest.mark.parametrize(("loss", "verdict"), [("mae", Verdict.FINE), ("hinge", Verdict.KINK)])
def test_a_corner_of_the_loss_is_explained_and_not_wrong(loss: str, verdict: Verdict) -> None:
    snapshot = snapshot_of(loss=loss)
    weights = {"0.weight": np.zeros((1, 2)), "0.bias": np.ones(1)}
    check = checked(replace(snapshot, weights=weights))
    assert check.table.verdict[2] == verdict
    (kink,) = check.kinks(2)
    assert (kink.layer, kink.neuron, kink.at_corner) == (None, 1, True)


def test_a_wrong_derivative_is_found_beside_a_corner() -> None:
    snapshot = one_neuron(4e-7, -1.0)
    right, gradients = checked(snapshot).table, Parameters(snapshot).gradients
    assert right.verdict[right.name == "0.bias"] == Verdict.KINK
    for factor in (1.01, -1.0, 0.0):
        wrong = checked(snapshot, gradients={**gradients, "0.bias": factor * gradients["0.bias"]}).table
        assert wrong.verdict[wrong.name == "0.bias"] == Verdict.WRONG


def test_the_curve_marks_the_steps_that_meet_a_corner() -> None:
    sweep = StepSweep(one_neuron(3e-4, 1.0), 2)
    sweep.advance(100)
    curve = sweep.curve
    assert curve is not None
    assert curve.corners.tolist() == (curve.steps > 3e-4).tolist()
    assert curve.errors[curve.corners].min() > 100 * curve.errors[~curve.corners].min()
