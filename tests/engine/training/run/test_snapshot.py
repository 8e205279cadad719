"""RunSnapshot: from it alone, without the run, the next step can be made."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

from engine.autograd import Tensor
from engine.training import DRAWN, PRESETS, Data, Experiment, Run
from engine.training.run.snapshot import RunSnapshot
from tests.engine.tables import STEPPING


def next_weights(snapshot: RunSnapshot) -> dict[str, np.ndarray]:
    """The weights after one more step, made eagerly and in float64."""
    model, points = snapshot.model(), snapshot.points()
    optimizer = snapshot.optimizer(model.parameters())
    snapshot.loss(model(Tensor(points.inputs, requires_grad=False)), points.targets).backward()
    optimizer.step()
    return model.state_dict()


@given(
    st.sampled_from(sorted(STEPPING)),
    st.sampled_from([None, 1, 7, 50]),
    st.integers(0, 9),
    st.sampled_from(["steps", "warm_up"]),
)
def test_the_step_made_from_a_moment_is_the_one_that_the_run_makes(
    optimizer: str, batch_size: int | None, before: int, schedule: str
) -> None:
    training = PRESETS["blobs"].training.replace(
        optimizer=optimizer, batch_size=batch_size, l1=0.003, max_norm=0.5, schedule=schedule, span=4
    )
    run = Run(PRESETS["blobs"].replace(training=training))
    run.step(before)
    snapshot = run.snapshot()
    assert snapshot.steps == before
    expected = next_weights(snapshot)
    run.step()
    for name, weights in run.model.state_dict().items():
        np.testing.assert_allclose(weights, expected[name], rtol=2e-5, atol=2e-6, err_msg=name)


def test_a_moment_stays_as_it_was_when_the_run_goes_on() -> None:
    run = Run(PRESETS["circle"])
    run.step(3)
    snapshot = run.snapshot()
    weights = {name: data.copy() for name, data in snapshot.weights.items()}
    means = [memory["mean"].copy() for memory in snapshot.optimizer_state]
    run.step(5)
    for name, data in snapshot.weights.items():
        np.testing.assert_array_equal(data, weights[name])
    for memory, mean in zip(snapshot.optimizer_state, means, strict=True):
        np.testing.assert_array_equal(memory["mean"], mean)
    assert snapshot.optimizer_state[0]["step"] == 3


def test_the_batch_is_named_by_indices_into_all_points() -> None:
    experiment = PRESETS["circle"].replace(training=PRESETS["circle"].training.replace(batch_size=6))
    snapshot = Run(experiment).snapshot()
    assert len(snapshot.batch) == 6
    assert not experiment.data.arrays.test[snapshot.batch].any()


@pytest.mark.parametrize("batch_size", [None, 3])
def test_without_points_the_batch_is_empty(batch_size: int | None) -> None:
    experiment = PRESETS[DRAWN].replace(training=PRESETS[DRAWN].training.replace(batch_size=batch_size))
    snapshot = Run(experiment.replace(data=Data(DRAWN))).snapshot()
    assert len(snapshot.batch) == 0
    assert len(snapshot.points()) == 0


def test_a_moment_of_an_experiment_with_one_class_has_its_points() -> None:
    points = ((0.0, 1.0, 0, 0), (1.0, 1.0, 0, 1), (2.0, -1.0, 0, 0))
    snapshot = Run(Experiment(data=Data(DRAWN, points=points))).snapshot()
    assert snapshot.batch.tolist() == [0, 2]
    np.testing.assert_array_equal(snapshot.points(np.array([1])).inputs, [[1.0, 1.0]])
