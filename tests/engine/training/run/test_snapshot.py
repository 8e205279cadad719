"""Moment: from it alone, without the run, the next step can be made."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from engine.autograd import Tensor
from engine.nn import OPTIMISERS
from engine.training import DRAWN, PRESETS, Data, Experiment, Run
from engine.training.run.snapshot import Moment


def next_weights(moment: Moment) -> dict[str, np.ndarray]:
    """The weights after one more step, made eagerly and in float64."""
    model, points = moment.model(), moment.points()
    optimiser = moment.optimiser(model.parameters())
    moment.loss(model(Tensor(points.inputs, requires_grad=False)), points.targets).backward()
    optimiser.step()
    return model.state_dict()


@given(
    st.sampled_from(sorted(OPTIMISERS)),
    st.sampled_from([None, 1, 7, 50]),
    st.integers(0, 9),
    st.sampled_from(["steps", "warm_up"]),
)
@settings(max_examples=40)
def test_the_step_made_from_a_moment_is_the_one_that_the_run_makes(
    optimiser: str, batch_size: int | None, before: int, schedule: str
) -> None:
    training = PRESETS["blobs"].training.replace(
        optimiser=optimiser, batch_size=batch_size, l1=0.003, max_norm=0.5, schedule=schedule, span=4
    )
    run = Run(PRESETS["blobs"].replace(training=training))
    run.step(before)
    moment = run.moment()
    assert moment.steps == before
    expected = next_weights(moment)
    run.step()
    for name, weights in run.model.state_dict().items():
        np.testing.assert_allclose(weights, expected[name], rtol=2e-5, atol=2e-6, err_msg=name)


def test_a_moment_stays_as_it_was_when_the_run_goes_on() -> None:
    run = Run(PRESETS["circle"])
    run.step(3)
    moment = run.moment()
    weights = {name: data.copy() for name, data in moment.weights.items()}
    means = [memory["mean"].copy() for memory in moment.memory]
    run.step(5)
    for name, data in moment.weights.items():
        np.testing.assert_array_equal(data, weights[name])
    for memory, mean in zip(moment.memory, means, strict=True):
        np.testing.assert_array_equal(memory["mean"], mean)
    assert moment.memory[0]["step"] == 3


def test_the_batch_is_named_by_indices_into_all_points() -> None:
    experiment = PRESETS["circle"].replace(training=PRESETS["circle"].training.replace(batch_size=6))
    moment = Run(experiment).moment()
    assert len(moment.batch) == 6
    assert not experiment.data.materialised.test[moment.batch].any()


@pytest.mark.parametrize("batch_size", [None, 3])
def test_without_points_the_batch_is_empty(batch_size: int | None) -> None:
    experiment = PRESETS[DRAWN].replace(training=PRESETS[DRAWN].training.replace(batch_size=batch_size))
    moment = Run(experiment.replace(data=Data(DRAWN))).moment()
    assert len(moment.batch) == 0
    assert len(moment.points()) == 0


def test_a_moment_of_an_experiment_with_one_class_has_its_points() -> None:
    points = ((0.0, 1.0, 0, 0), (1.0, 1.0, 0, 1), (2.0, -1.0, 0, 0))
    moment = Run(Experiment(data=Data(DRAWN, points=points))).moment()
    assert moment.batch.tolist() == [0, 2]
    np.testing.assert_array_equal(moment.points(np.array([1])).inputs, [[1.0, 1.0]])
