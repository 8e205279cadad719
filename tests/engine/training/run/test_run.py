"""Run: the same numbers again, the right objective, honest scores, and changes while it trains."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st
from numpy.typing import NDArray

from engine import Tensor
from engine.nn import LOSSES
from engine.optim import SGD
from engine.training import DRAWN, FEATURES, Data, Experiment, LayerSpec, Network, Run, Training
from engine.training.data.batches import Batch
from engine.training.data.features import featurise
from engine.training.run.programs import Programs
from tests.engine.strategies import trainable
from tests.engine.tables import STEPPING

SMALL = Experiment(Data("xor", count=60), Network(layers=(LayerSpec(4),)), Training(batch_size=7))
BLOBS = SMALL.replace(data=Data("blobs", count=60, classes=4))
TWO_CLASSES = ((-1.0, 0.0, 0, 0), (1.0, 0.0, 1, 0))

Parameters = list[tuple[NDArray[Any], NDArray[Any]]]


def same(one: Parameters, other: Parameters) -> bool:
    return all(
        np.array_equal(a, b) for pair, twin in zip(one, other, strict=True) for a, b in zip(pair, twin, strict=True)
    )


def with_training(experiment: Experiment, **changes: Any) -> Experiment:
    return experiment.replace(training=experiment.training.replace(**changes))


def forward(run: Run, xy: NDArray[Any]) -> NDArray[np.float64]:
    """What the network answers, computed in float64 by another route; only for tanh layers."""
    x = featurise(xy, run.experiment.network.features).astype(np.float64)
    *hidden, last = run.weights()
    for weights, biases in hidden:
        x = np.tanh(x @ weights.T.astype(np.float64) + biases)
    return x @ last[0].T.astype(np.float64) + last[1]


# ── the same numbers ─────────────────────────────────────────────────────────────────────────────────────────────


@given(trainable)
def test_two_runs_of_one_experiment_agree_to_the_last_bit(experiment: Experiment) -> None:
    one, other = Run(experiment), Run(experiment)
    assert one.step(12) == other.step(12)
    assert same(one.weights(), other.weights())
    assert one.state() == other.state()
    assert one.score() == other.score()


@given(trainable, st.lists(st.integers(0, 6), max_size=4))
def test_how_steps_are_bundled_makes_no_difference(experiment: Experiment, bundles: list[int]) -> None:
    one, other = Run(experiment), Run(experiment)
    for bundle in bundles:
        one.step(bundle)
        one.score(), one.curve(), one.activations(np.zeros((1, experiment.data.inputs)))  # looking does not either
    other.step(sum(bundles))
    assert one.state() == other.state()


def test_bundles_of_steps_make_one_history_beyond_its_limit() -> None:
    tiny = Experiment(Data(count=10), Network(layers=()))
    one, other = Run(tiny), Run(tiny)
    for _ in range(5):
        one.step(500)
    other.step(2500)
    assert one.state() == other.state()
    assert len(one.curve().steps) <= 1001


def test_with_one_seed_for_all_the_weights_are_not_the_points() -> None:
    """Both would be uniform numbers from the same generator if they shared its stream."""
    run = Run(SMALL.replace(network=Network(layers=(LayerSpec(64),), initialiser="uniform")).with_seed(3))
    weights = np.concatenate([weights.ravel() for weights, _ in run.weights()])
    points = run.experiment.data.arrays.xy.ravel()
    count = min(len(weights), len(points))
    assert abs(np.corrcoef(weights[:count], points[:count])[0, 1]) < 0.3


def test_another_seed_gives_other_weights_and_the_data_seed_does_not() -> None:
    assert not same(Run(SMALL).weights(), Run(SMALL.replace(seed=1)).weights())
    assert same(Run(SMALL).weights(), Run(SMALL.replace(data=SMALL.data.replace(seed=1))).weights())


@pytest.mark.parametrize("size", [None, 1, 7, 30, 100])
def test_an_epoch_is_one_pass_over_the_training_points(size: int | None) -> None:
    run = Run(with_training(SMALL, batch_size=size))
    steps = math.ceil(30 / min(size or 30, 30))
    run.step(3 * steps - 1)
    assert run.epochs == (3 * steps - 1) // steps
    run.step()
    assert (run.epochs, run.steps) == (3, 3 * steps)


def test_one_epoch_of_plain_descent_uses_every_point_once_in_batches_of_their_own() -> None:
    """Redone by hand in float64: the gradient of the mean over each batch, the last one smaller."""
    run = Run(with_training(SMALL.replace(network=Network(layers=())), optimizer="sgd", learning_rate=0.1))
    points = run.experiment.data.arrays
    x, t = points.xy[~points.test], points.labels[~points.test] == 0
    (w, b), used = run.weights()[0], []
    w, b = w[0].astype(float), float(b[0])
    for _ in range(math.ceil(30 / 7)):
        batch = run.snapshot().points()
        rows = [int(np.flatnonzero(np.isclose(x, point).all(axis=1))[0]) for point in batch.inputs]
        error = 1 / (1 + np.exp(-(x[rows] @ w + b))) - t[rows]
        w, b = w - 0.1 * (error @ x[rows]) / len(rows), b - 0.1 * error.mean()
        used.append(rows)
        assert run.step() == 1
    assert sorted(row for rows in used for row in rows) == list(range(30))
    assert [len(rows) for rows in used] == [7, 7, 7, 7, 2]
    np.testing.assert_allclose(run.weights()[0][0][0], w, rtol=1e-4)
    assert run.weights()[0][1][0] == pytest.approx(b, rel=1e-4)


def test_without_shuffling_the_points_come_in_their_own_order_in_every_epoch() -> None:
    run = Run(with_training(SMALL, batch_size=7, shuffle=False))
    own = np.flatnonzero(~run.experiment.data.arrays.test)
    for _ in range(2):
        dealt = []
        for _ in range(math.ceil(30 / 7)):
            dealt += run.snapshot().batch.tolist()
            assert run.step() == 1
        assert dealt == own.tolist()
    shuffled = Run(with_training(SMALL, batch_size=7))
    assert shuffled.snapshot().batch.tolist() != own[:7].tolist()


# ── the objective ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("experiment", [SMALL, BLOBS], ids=["two classes", "four classes"])
def test_a_step_goes_against_the_gradient_that_finite_differences_have(loss: str, experiment: Experiment) -> None:
    """Of the loss and of the penalties, which count the weights and not the biases. In float64, as differences need."""
    run = Run(with_training(experiment, loss=loss))
    model, points = run.model, run.snapshot().points()
    batch = Batch(points.inputs.astype(np.float64), points.targets.astype(np.float64), points.truth)
    for parameter in model.parameters():
        parameter.data = parameter.data.astype(np.float64)
    optimizer = SGD(model.parameters(), lr=1.0)
    optimizer.l1, optimizer.l2 = 0.2, 0.3
    data = [np.array(p.data) for p in model.parameters()]
    Programs(model, LOSSES[loss], optimizer).step(batch, [None] * len(experiment.network.layers))()
    moved = [p.data - before for p, before in zip(model.parameters(), data, strict=True)]

    def objective(h: float, direction: list[Any]) -> float:
        for parameter, start, along in zip(model.parameters(), data, direction, strict=True):
            parameter.data = start + h * along
        weights = [p.data for p in model.parameters() if p.ndim == 2]
        penalty = sum(0.2 * np.abs(w).sum() + 0.5 * 0.3 * (w**2).sum() for w in weights)
        return LOSSES[loss](model(Tensor(batch.inputs)), batch.targets).item() + penalty

    rng = np.random.default_rng(0)
    for _ in range(5):
        direction = [rng.normal(size=array.shape) for array in data]
        slope = (objective(1e-6, direction) - objective(-1e-6, direction)) / 2e-6
        step = sum(float((m * d).sum()) for m, d in zip(moved, direction, strict=True))
        assert -step == pytest.approx(slope, rel=1e-4, abs=1e-8)


def test_l2_alone_shrinks_weights_and_leaves_biases() -> None:
    strong = with_training(SMALL, l2=10, optimizer="sgd", learning_rate=0.05, batch_size=None)
    run = Run(strong)
    start = np.abs(run.weights()[0][0]).sum()
    run.step(20)
    assert np.abs(run.weights()[0][0]).sum() < 0.01 * start


# ── looking ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("experiment", [SMALL, BLOBS], ids=["two classes", "four classes"])
def test_activations_are_those_of_every_column(experiment: Experiment) -> None:
    network = Network(features=tuple(FEATURES), layers=(LayerSpec(5), LayerSpec(3)))
    run = Run(experiment.replace(network=network))
    run.step(5)
    xy = np.random.default_rng(0).uniform(-6, 6, (11, 2))
    columns = run.activations(xy)
    assert [column.shape for column in columns] == [(11, size) for size in run.experiment.sizes]
    np.testing.assert_allclose(columns[0], featurise(xy, FEATURES), rtol=1e-6)
    np.testing.assert_allclose(columns[-1], forward(run, xy), rtol=1e-3, atol=1e-4)
    assert [weights.shape for weights, _ in run.weights()] == [(5, 7), (3, 5), (experiment.outputs, 3)]
    assert [biases.shape for _, biases in run.weights()] == [(5,), (3,), (experiment.outputs,)]


def test_without_hidden_layers_the_features_go_straight_to_the_outputs() -> None:
    run = Run(SMALL.replace(network=Network(layers=())))
    assert [column.shape for column in run.activations(np.zeros((3, 2)))] == [(3, 2), (3, 1)]


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("experiment", [SMALL, BLOBS], ids=["two classes", "four classes"])
def test_scores_are_what_one_counts(loss: str, experiment: Experiment) -> None:
    run = Run(with_training(experiment, loss=loss))
    run.step(25)
    points = run.experiment.data.arrays
    for score, part in zip(run.score(), (~points.test, points.test), strict=True):
        outputs = forward(run, points.xy[part])
        right = 0
        for row, label in zip(outputs.tolist(), points.labels[part].tolist(), strict=True):
            spoken = row.index(max(row)) if len(row) > 1 else (0 if row[0] > 0 else 1)
            right += spoken == label
        assert score is not None
        assert (score.right, score.count) == (right, int(part.sum()))
        assert score.quality == right / part.sum()
        targets = LOSSES[loss].targets(points.labels[part], run.experiment.outputs)
        assert score.loss == pytest.approx(LOSSES[loss](Tensor(outputs), targets).item(), rel=1e-3)


def test_the_verdict_of_one_output() -> None:
    run = Run(SMALL)
    outputs = np.array([[-20.0], [-1.0], [0.0], [1.0], [20.0]])
    classes, sure = run.verdict(outputs)
    assert classes.tolist() == [1, 1, 1, 0, 0]
    p = 1 / (1 + np.exp(-outputs[:, 0]))
    np.testing.assert_allclose(sure, np.abs(2 * p - 1), atol=1e-12)
    by_margin = Run(with_training(SMALL, loss="hinge")).verdict(np.array([[-3.0], [-0.5], [0.25]]))
    assert (by_margin[0].tolist(), by_margin[1].tolist()) == ([1, 1, 0], [1, 0.5, 0.25])


def test_the_verdict_of_one_output_a_class() -> None:
    run = Run(BLOBS)
    outputs = np.array([[0.0, 3.0, 1.0, -1.0], [2.0, 2.0, -50.0, -50.0], [90.0, 0.0, 0.0, 0.0]])
    classes, sure = run.verdict(outputs)
    assert classes[0] == 1
    assert classes[2] == 0
    p = np.exp(outputs[0]) / np.exp(outputs[0]).sum()
    np.testing.assert_allclose(sure, [p[1] - p[2], 0, 1], atol=1e-12)


def test_the_history_holds_the_losses_as_they_were() -> None:
    run, losses = Run(SMALL), []
    for step in range(30):
        train, test = run.score()
        assert train is not None
        assert test is not None
        losses.append([train.loss, test.loss if step < 8 else math.nan])  # on test points at fewer steps
        run.step()
    curve = run.curve()
    assert curve.steps.tolist() == list(range(31))
    np.testing.assert_array_equal(np.stack([curve.train, curve.test], axis=1)[:-1], losses)
    assert curve.train[-1] == run.score()[0].loss  # type: ignore[union-attr]


@pytest.mark.parametrize("optimizer", STEPPING)
def test_arrays_handed_out_are_not_written_to_by_later_steps(optimizer: str) -> None:
    run = Run(with_training(SMALL, optimizer=optimizer))
    run.step(2)
    kept = run.weights()
    copies = [(weights.copy(), biases.copy()) for weights, biases in kept]
    run.step(5)
    assert same(kept, copies)
    assert not same(run.weights(), copies)


# ── waiting ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ((), "no training points"),
        (((0.0, 0.0, 0, 1), (1.0, 0.0, 1, 1)), "no training points"),
        (((0.0, 0.0, 0, 0),), "All training points are of class 1"),
        (((0.0, 0.0, 1, 0), (1.0, 0.0, 1, 0)), "All training points are of class 2"),
        (((0.0, 0.0, 1, 0), (1.0, 0.0, 0, 1)), "All training points are of class 2"),
        (TWO_CLASSES, ""),
    ],
)
@pytest.mark.parametrize("classes", [2, 3])
def test_training_waits_for_points_of_two_classes(rows: Any, sentence: str, classes: int) -> None:
    run = Run(SMALL.replace(data=Data(DRAWN, points=rows, classes=classes)))
    assert sentence in run.waiting_for
    assert bool(run.waiting_for) == bool(sentence)
    before = run.weights()
    made = run.step(3)
    assert made == run.steps == (0 if sentence else 3)
    assert same(before, run.weights()) == bool(sentence)
    assert not run.diverged
    train, test = run.score()
    assert (train is None, test is None) == (all(r[3] for r in rows), not any(r[3] for r in rows))
    assert np.isnan(run.curve().train[-1]) == (train is None)


def test_it_goes_on_when_the_points_come() -> None:
    run = Run(SMALL.replace(data=Data(DRAWN)))
    assert run.step(5) == 0
    assert run.apply(run.experiment.replace(data=Data(DRAWN, points=TWO_CLASSES))) == ()
    assert run.step(5) == 5
    assert run.apply(run.experiment.replace(data=Data(DRAWN))) == ()
    assert run.step(5) == 0
    assert run.steps == 5


# ── changing ─────────────────────────────────────────────────────────────────────────────────────────────────────

LIVE = {
    "learning rate": with_training(SMALL, learning_rate=0.5),
    "l2": with_training(SMALL, l2=0.1),
    "batch size": with_training(SMALL, batch_size=None),
    "smaller batches": with_training(SMALL, batch_size=1),
    "loss": with_training(SMALL, loss="hinge"),
    "optimizer": with_training(SMALL, optimizer="sgd"),
    "other points": SMALL.replace(data=SMALL.data.replace(seed=9, noise=0.2)),
    "fewer points": SMALL.replace(data=Data(DRAWN, points=TWO_CLASSES)),
    "a point more": SMALL.replace(data=SMALL.data.with_points_added([(0, 0)], 1)),
    "split": SMALL.replace(data=SMALL.data.split_anew(0.9)),
}


@pytest.mark.parametrize("change", LIVE)
def test_what_can_change_live_keeps_the_weights_and_takes_effect(change: str) -> None:
    run, unchanged = Run(SMALL), Run(SMALL)
    for r in (run, unchanged):
        r.step(8)
        r.score()
    weights, marks = run.weights(), run.curve().steps.tolist()
    assert run.apply(LIVE[change]) == ()
    assert run.experiment == LIVE[change]
    assert same(weights, run.weights())
    assert run.steps == 8
    assert run.curve().steps.tolist() == marks
    fresh = Run(LIVE[change])
    fresh.model.load_state_dict(run.model.state_dict())
    assert run.score() == fresh.score()
    assert run.curve().train[-1] == fresh.score()[0].loss  # type: ignore[union-attr]
    run.step(8)
    unchanged.step(8)
    assert not same(run.weights(), unchanged.weights())
    points = LIVE[change].data.arrays
    assert [score and score.count for score in run.score()] == [
        int((~points.test).sum()),
        int(points.test.sum()) or None,
    ]


def test_a_learning_rate_applied_is_the_one_used() -> None:
    """One step with twice the rate goes twice as far: the slider moves the optimiser that is at work."""
    moves = []
    for rate in (0.01, 0.02):
        run = Run(with_training(SMALL, optimizer="sgd", batch_size=None))
        run.step(3)
        run.apply(with_training(run.experiment, learning_rate=rate))
        before = run.weights()[0][0]
        run.step()
        moves.append(run.weights()[0][0] - before)
    np.testing.assert_allclose(moves[1], 2 * moves[0], rtol=1e-3, atol=1e-7)


def test_moments_are_kept_while_the_rate_changes_and_dropped_with_their_optimizer() -> None:
    run = Run(with_training(SMALL, optimizer="adam"))
    run.step(4)
    memory = run.state()["optimizer"]
    run.apply(with_training(run.experiment, learning_rate=0.001, l2=0.1, batch_size=3, loss="mse"))
    assert run.state()["optimizer"] == memory
    run.apply(with_training(run.experiment, optimizer="rmsprop"))
    run.apply(with_training(run.experiment, optimizer="adam"))
    assert run.state()["optimizer"] == Run(run.experiment).state()["optimizer"]


@pytest.mark.parametrize(
    ("changed", "reasons"),
    [
        (SMALL.replace(seed=1), ("seed",)),
        (SMALL.replace(network=SMALL.network.replace(features=("x2", "x1"))), ("features",)),
        (SMALL.replace(network=SMALL.network.replace(layers=(LayerSpec(5),))), ("layers",)),
        (SMALL.replace(network=SMALL.network.replace(layers=(LayerSpec(4, "relu"),))), ("layers",)),
        (SMALL.replace(network=SMALL.network.replace(initialiser="he")), ("initialiser",)),
        (BLOBS, ("classes",)),
        (with_training(BLOBS.replace(seed=5, network=Network(layers=())), l2=1), ("layers", "classes", "seed")),
    ],
)
def test_what_needs_a_new_network_is_named_and_changes_nothing(changed: Experiment, reasons: tuple[str, ...]) -> None:
    run = Run(SMALL)
    run.step(5)
    state, score = run.state(), run.score()
    assert run.apply(changed) == reasons
    assert run.experiment == SMALL
    assert (run.state(), run.score()) == (state, score)
    twin = Run(SMALL)
    twin.step(9)
    run.step(4)
    assert run.state() == twin.state()


@given(trainable)
def test_applying_what_is_already_so_changes_nothing(experiment: Experiment) -> None:
    run, twin = Run(experiment), Run(experiment)
    run.step(3)
    assert run.apply(Experiment.from_dict(experiment.to_dict())) == ()
    run.step(3)
    twin.step(6)
    assert run.state() == twin.state()
