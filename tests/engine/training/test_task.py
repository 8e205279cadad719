"""Task: targets, scores, verdicts and words of classes, of values and of a curve."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, strategies as st

from engine.nn import LOSSES
from engine.training import DRAWN, PRESETS, TASKS, Column, Data, Experiment, Points, Run
from engine.training.task import losses_for

values = st.lists(st.floats(-1, 1), min_size=2, max_size=20)
MSE = LOSSES["mse"]


@given(values, st.integers(0, 2**32 - 1))
def test_r2_and_the_mean_error_are_what_their_definitions_say(targets: list[float], seed: int) -> None:
    t = np.array(targets)
    y = np.random.default_rng(seed).normal(size=len(t))
    score = TASKS["regression"]().score(0.5, y[:, None], t, MSE)
    mean = sum(targets) / len(targets)
    spread = sum((target - mean) ** 2 for target in targets)
    assert (score.loss, score.count) == (0.5, len(t))
    assert score.error == pytest.approx(sum(abs(a - b) for a, b in zip(y, targets, strict=True)) / len(t))
    if spread > 1e-6:
        assert score.quality == pytest.approx(1 - sum((a - b) ** 2 for a, b in zip(y, targets, strict=True)) / spread)


def test_the_mean_explains_nothing_and_the_targets_everything() -> None:
    t, task = np.array([-1.0, 0.0, 0.25, 0.75]), TASKS["regression"]()
    assert task.score(0, t[:, None], t, MSE).quality == 1
    assert task.score(0, np.full((4, 1), t.mean()), t, MSE).quality == pytest.approx(0)
    assert math.isnan(task.score(0, t[:, None], np.ones(4), MSE).quality), (
        "where all are equal there is nothing to explain"
    )


def test_accuracy_is_the_share_that_is_right() -> None:
    task = Data("blobs", classes=3).task
    outputs = np.array([[2.0, 1, 0], [0, 2, 1], [0, 1, 2], [3, 1, 2]])
    score = task.score(1.5, outputs, np.array([0.0, 1, 2, 2]), LOSSES["cross_entropy"])
    assert (score.quality, score.error, score.right, score.count) == (0.75, 0.25, 3, 4)
    assert task.is_wrong(outputs, np.array([0.0, 1, 2, 2]), MSE).tolist() == [False, False, False, True]


def test_a_value_is_wrong_that_is_a_tenth_of_full_colour_away_and_one_that_is_no_number() -> None:
    outputs, targets = np.array([[0.09], [0.11], [-0.11], [math.nan]]), np.zeros(4)
    assert TASKS["regression"]().is_wrong(outputs, targets, MSE).tolist() == [False, True, True, True]
    curve = TASKS["curve"]()
    assert curve.is_wrong(curve.full * outputs, targets, MSE).tolist() == [False, True, True, True]


def test_the_colour_of_a_value_is_its_share_of_the_scale() -> None:
    curve = TASKS["curve"]()
    outputs = np.array([[curve.full], [curve.full / 2], [0.0], [-curve.full / 4], [-99.0]])
    ends, strong = curve.verdict(outputs, MSE)
    assert strong.tolist() == [1, 0.5, 0, 0.25, 1]
    assert ends.tolist() == [0, 0, 1, 1, 1]
    assert curve.signed_scores(outputs, MSE)[:, 0].tolist() == [1, 0.5, 0, -0.25, -1]


@pytest.mark.parametrize("kind", TASKS)
def test_only_losses_that_fit_can_be_had(kind: str) -> None:
    data = Data(DRAWN, kind=kind)
    fitting = losses_for(data.task)
    assert {"mse", "mae", "huber"} <= set(fitting)
    assert ("cross_entropy" in fitting) is (kind == "classification")
    experiment = Experiment().with_data(data)
    assert experiment.training.loss in fitting
    assert all(name in ("x1", "x2")[: data.inputs] for name in experiment.network.features)


def test_words() -> None:
    named = Data("gauss", class_names=("setosa",)).task
    assert [named.name_of(target) for target in (0, 1)] == ["setosa", "class 2"]
    columns = (Column("length", 5, 2), Column("width"), Column("price", 100, 50))
    task = Data(DRAWN, kind="regression", columns=columns).task
    assert task.name_of(-0.5) == "price 75"
    assert task.missing(np.empty(0)).startswith("There are no training points yet")
    assert task.missing(np.ones(3)) == ""
    assert "of setosa: add points of another class" in named.missing(np.zeros(3))


@pytest.mark.parametrize("name", [name for name, row in PRESETS.items() if not row.task.has_classes])
def test_a_step_on_values_goes_against_the_gradient_that_finite_differences_have(name: str) -> None:
    """Of plain descent on the squared error, through `Run.step`, which is compiled."""
    preset = PRESETS[name]
    data = preset.data.replace(count=40)
    training = preset.training.replace(optimizer="sgd", learning_rate=0.1, l2=0)
    run = Run(preset.replace(data=data, training=training))
    before = run.snapshot()
    run.step()
    after = run.snapshot().weights
    points = data.arrays.take(~data.arrays.test)

    def loss(weights: dict[str, np.ndarray]) -> float:
        a = points.inputs
        linears = list(weights.values())
        for i, (w, b) in enumerate(list(pairwise(linears))[::2]):
            a = a @ w.T + b
            a = np.tanh(a) if i < len(linears) // 2 - 1 else a
        return float(np.square(a[:, 0] - points.targets).mean())

    exact = {key: array.astype(np.float64) for key, array in before.weights.items()}
    for key, array in exact.items():
        for index in list(np.ndindex(array.shape))[:4]:
            slopes = []
            for h in (1e-5, -1e-5):
                moved = array.copy()
                moved[index] += h
                slopes.append(loss({**exact, key: moved}))
            gradient = (slopes[0] - slopes[1]) / 2e-5
            moved_by = float(after[key][index]) - float(before.weights[key][index])
            assert moved_by == pytest.approx(-0.1 * gradient, abs=2e-6)


def test_a_run_of_any_number_of_inputs_trains_and_is_kept() -> None:
    rng = np.random.default_rng(0)
    inputs = rng.uniform(-5, 5, (60, 6))
    points = Points(inputs, inputs @ np.linspace(-0.05, 0.05, 6), np.arange(60) % 2 == 1)
    experiment = Experiment().with_data(Data(DRAWN, points=points, kind="regression"))
    experiment = experiment.replace(network=experiment.network.replace(features=("x1", "x4", "x6", "x1_x2")))
    run = Run(experiment)
    assert run.step(200) == 200
    again = Run(Experiment.from_dict(experiment.to_dict()))
    again.restore(run.state())
    run.step(7)
    again.step(7)
    assert all((a == b).all() for a, b in zip(*(r.snapshot().weights.values() for r in (run, again)), strict=True))
