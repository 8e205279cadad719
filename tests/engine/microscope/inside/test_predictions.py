"""Predictions: confusion, precision, recall, R² and errors, against counting the points one by one."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.microscope.inside.predictions import UNKNOWN, Predictions, Which, predictions
from engine.training import PRESETS, Data, Experiment, LayerSpec, Network, Run, RunSnapshot, Task, Training
from engine.training.task import Classification, Regression

CLASSES = [Data("spiral"), Data("blobs", count=90, classes=4, noise=0.4), Data("xor", label_noise=0.2)]
VALUES = [name for name, preset in PRESETS.items() if not preset.task.has_classes]


def run_of(data: Data, steps: int = 30, dropout: float = 0.0) -> Run:
    run = Run(Experiment(data, Network(layers=(LayerSpec(6, dropout=dropout),)), Training(learning_rate=0.02)))
    run.step(steps)
    return run


def answers(snapshot: RunSnapshot, rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """What the network answers, by matrices and the functions of its activations alone."""
    x = snapshot.points().inputs if len(rows) == 0 else snapshot.points(rows).inputs
    for i, layer in enumerate(snapshot.experiment.network.layers):
        assert layer.activation == "tanh"
        x = np.tanh(x @ np.float64(snapshot.weights[f"{2 * i}.weight"]).T + snapshot.weights[f"{2 * i}.bias"])
    last = 2 * len(snapshot.experiment.network.layers)
    result: NDArray[np.float64] = (
        x @ np.float64(snapshot.weights[f"{last}.weight"]).T + snapshot.weights[f"{last}.bias"]
    )
    return result


@pytest.mark.parametrize("which", Which)
@pytest.mark.parametrize("data", CLASSES, ids=lambda data: data.dataset)
def test_the_confusion_is_what_counting_says(data: Data, which: Which) -> None:
    run = run_of(data, dropout=0.2)
    snapshot, points = run.snapshot(), run.experiment.data.arrays
    rows = [i for i in range(len(points)) if which is Which.BOTH or points.test[i] == (which is Which.TEST)]
    outputs = answers(snapshot, np.array(rows))
    said = outputs.argmax(axis=1) if outputs.shape[1] > 1 else (outputs[:, 0] <= 0).astype(int)
    found = predictions(snapshot, which)
    assert found.rows.tolist() == rows
    assert found.said.tolist() == said.tolist()
    classes = range(run.experiment.task.colours)
    for true in classes:
        for taken in classes:
            behind = [i for i, s in zip(rows, said, strict=True) if points.targets[i] == true and s == taken]
            assert found.confusion[true, taken] == len(behind)
            assert found.behind(true, taken).tolist() == behind
        of_class, taken_for = found.confusion[true].sum(), found.confusion[:, true].sum()
        assert found.counts[true] == of_class
        assert found.recall[true] == found.confusion[true, true] / of_class
        assert found.precision[true] == pytest.approx(found.confusion[true, true] / taken_for, nan_ok=True)
    assert (found.right, found.unknown) == (np.trace(found.confusion), 0)


def test_it_agrees_with_the_score_of_the_run() -> None:
    run = run_of(CLASSES[1])
    train, test = run.score()
    assert train is not None
    assert test is not None
    assert predictions(run.snapshot(), Which.TRAIN).right == train.right
    assert predictions(run.snapshot(), Which.TEST).right == test.right
    wrong = np.flatnonzero(run.wrong(np.ones(len(run.experiment.data.arrays), bool)))
    found = predictions(run.snapshot())
    off = [found.behind(a, b) for a in range(4) for b in range(4) if a != b]
    assert sorted(np.concatenate(off).tolist()) == wrong.tolist()


@pytest.mark.parametrize("name", VALUES)
def test_residuals_of_values_are_what_is_said_less_what_is_so(name: str) -> None:
    run = Run(PRESETS[name])
    run.step(50)
    train, _ = run.score()
    found = predictions(run.snapshot(), Which.TRAIN)
    points = run.experiment.data.arrays
    said = run.activations(points.inputs)[-1][:, 0]
    np.testing.assert_allclose(found.residuals, (said - points.targets)[~points.test], atol=1e-4)
    assert train is not None
    assert found.score is not None
    assert found.score.quality == pytest.approx(train.quality, abs=1e-5)
    assert found.score.error == pytest.approx(train.error, rel=1e-5)
    errors = [s - t for s, t in zip(found.said, found.targets, strict=True)]
    middle = math.fsum(found.targets) / len(errors)
    assert found.score.error == pytest.approx(math.fsum(map(abs, errors)) / len(errors))
    assert found.score.quality == pytest.approx(
        1 - math.fsum(e * e for e in errors) / math.fsum((t - middle) ** 2 for t in found.targets)
    )


def of(task: Task, said: list[float], targets: list[float]) -> Predictions:
    return Predictions(task, np.arange(len(said)), np.array(said, float), np.array(targets, float), None)


def test_what_is_not_a_number_is_in_no_class_and_lowers_the_recall() -> None:
    found = of(Classification(2), [0, UNKNOWN, 1], [0, 0, 1])
    assert found.confusion.tolist() == [[1, 0], [0, 1]]
    assert found.counts.tolist() == [2, 1]
    assert found.recall.tolist() == [0.5, 1]
    assert found.unknown == 1
    values = of(Regression(), [math.nan, -1], [0, 1])
    assert values.unknown == 1


def test_a_class_that_nothing_is_taken_for_has_no_precision() -> None:
    found = of(Classification(3), [0, 0], [0, 1])
    assert found.precision.tolist()[0] == 0.5
    assert np.isnan(found.precision[1:]).all()
    assert np.isnan(found.recall[2])


def test_without_points_there_is_nothing() -> None:
    empty = run_of(replace_points(CLASSES[1]), steps=0)
    found = predictions(empty.snapshot())
    assert len(found) == 0
    assert found.confusion.sum() == found.right == found.unknown == 0
    assert found.score is None


def replace_points(data: Data) -> Data:
    return data.drawn(data.arrays.take(slice(0)))


def test_what_is_not_a_number_is_said_to_be_unknown() -> None:
    run = run_of(CLASSES[0], steps=0)
    snapshot = run.snapshot()
    weights = {name: np.full_like(array, np.nan) for name, array in snapshot.weights.items()}
    found = predictions(replace(snapshot, weights=weights))
    assert found.unknown == len(found) > 0
