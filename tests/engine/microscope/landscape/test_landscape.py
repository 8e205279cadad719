"""Landscapes: losses against the run's own, components against the singular value decomposition, and values by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from engine.microscope.landscape.landscape import (
    Directions,
    Landscape,
    LandscapeChoice,
    NoPlaneError,
    Subject,
    has_same_loss,
    is_alike,
    landscapes,
)
from engine.microscope.landscape.path import MOMENTS, path_along
from engine.microscope.landscape.plane import path_plane, random_plane, values_of, vector_of
from engine.microscope.landscape.surface import SIDES, loss_function
from engine.training import PRESETS, Experiment, InvalidError, LayerSpec, Network, Run
from engine.training.run.timeline import Timeline
from engine.training.spec.places import BIAS, ParameterPlace
from tests.engine.microscope.doctor.cases import frozen, made
from tests.engine.strategies import experiments

SPIRAL = PRESETS["spiral"]
ALONG, RANDOM = LandscapeChoice(), LandscapeChoice(Directions.RANDOM, seed=3)


def trained(experiment: Experiment = SPIRAL, steps: int = 60, stride: int | None = None) -> Timeline:
    timeline = Timeline.of(Run(experiment), stride=stride)
    timeline.step(steps)
    return timeline


def subject(timeline: Timeline, **others: Timeline) -> Subject:
    told = {int(name[1:]): other.copy() for name, other in others.items()}
    return Subject(timeline.run.snapshot(), timeline.copy(), told)


def landscape(timeline: Timeline, choice: LandscapeChoice = ALONG, **others: Timeline) -> Landscape:
    *_, result = landscapes(choice, subject(timeline, **others))
    return result


@settings(max_examples=8)
@given(experiments, st.integers(0, 5))
def test_a_loss_is_the_one_that_the_run_tells_there(experiment: Experiment, steps: int) -> None:
    run = Run(experiment)
    run.step(steps)
    score, _ = run.score()
    found = loss_function(experiment)(vector_of(run.snapshot().weights))
    np.testing.assert_equal(found, np.nan if score is None else score.loss)


@pytest.mark.parametrize("choice", [ALONG, RANDOM])
def test_each_cell_has_the_loss_of_a_run_that_has_these_weights(choice: LandscapeChoice) -> None:
    timeline = trained()
    shown = landscape(timeline, choice)
    side, (left, bottom), (right, top) = len(shown.surface.losses), shown.surface.low, shown.surface.high
    for row, column in ((0, 0), (7, 40), (side - 1, 12)):
        place = (left + (column + 0.5) / side * (right - left), bottom + (row + 0.5) / side * (top - bottom))
        run = Run(SPIRAL)
        run.set_values(values_of(shown.plane.at(np.array(place)), SPIRAL))
        score, _ = run.score()
        assert score is not None
        assert shown.surface.losses[row, column] == pytest.approx(score.loss, rel=1e-6)


def test_the_components_are_those_of_the_singular_value_decomposition() -> None:
    path = path_along(trained().copy(), trained().run.snapshot())
    plane = path_plane(path.weights, SPIRAL)
    assert plane is not None
    _, sizes, directions = np.linalg.svd(path.weights - path.weights.mean(axis=0), full_matrices=False)
    assert plane.shares == pytest.approx((sizes**2 / (sizes**2).sum())[:2])
    np.testing.assert_allclose(np.abs(directions[:2] @ plane.axes.T), np.eye(2), atol=1e-6)
    np.testing.assert_allclose(plane.of(path.weights[-1]), 0, atol=1e-9)


def test_the_path_has_the_weights_of_every_step() -> None:
    timeline = trained(steps=30)
    path = path_along(timeline.copy(), timeline.run.snapshot())
    run = Run(SPIRAL)
    assert path.steps.tolist() == list(range(31))
    for weights in path.weights:
        np.testing.assert_array_equal(weights, vector_of(run.snapshot().weights))
        run.step()


def test_a_path_that_takes_long_is_that_of_the_snapshots() -> None:
    timeline = trained(steps=300, stride=1)
    path = path_along(timeline.copy(), work=0)
    assert len(path.steps) == MOMENTS
    assert {snapshot.steps for snapshot in timeline.snapshots} >= set(path.steps.tolist())


def test_random_directions_are_as_long_as_each_neuron_and_repeat_by_their_seed() -> None:
    weights = trained().run.snapshot().weights
    plane = random_plane(weights, SPIRAL, 5)
    again, other = random_plane(weights, SPIRAL, 5), random_plane(weights, SPIRAL, 6)
    assert plane is not None
    assert again is not None
    assert other is not None
    assert plane.axes.tobytes() == again.axes.tobytes() != other.axes.tobytes()
    for axis in plane.axes:
        moved, start = {}, 0
        for name, array in weights.items():
            moved[name] = axis[start : start + array.size].reshape(array.shape)
            start += array.size
        for layer in range(0, 6, 2):
            for unit in range(len(weights[f"{layer}.bias"])):
                own, its = (
                    np.append(of[f"{layer}.weight"][unit], of[f"{layer}.bias"][unit]) for of in (weights, moved)
                )
                assert np.linalg.norm(its) == pytest.approx(np.linalg.norm(own))


@given(st.integers(0, 100), st.tuples(st.floats(-3, 3), st.floats(-3, 3)))
def test_a_place_is_had_back_from_its_weights(seed: int, place: tuple[float, float]) -> None:
    plane = random_plane(Run(SPIRAL).snapshot().weights, SPIRAL, seed)
    assert plane is not None
    np.testing.assert_allclose(plane.of(plane.at(np.array(place))), place, atol=1e-9)
    assert plane.distance(plane.at(np.array(place)), np.array(place)) == pytest.approx(0, abs=1e-9)


def test_what_is_frozen_stays_as_it_is_everywhere() -> None:
    frozen = (ParameterPlace(1, 2, 0), ParameterPlace(2, 0, -1))
    experiment = SPIRAL.replace(network=SPIRAL.network.replace(frozen=frozen))
    timeline = trained()
    timeline.apply(experiment)
    timeline.step(20)
    for choice in (ALONG, RANDOM):
        shown = landscape(timeline, choice)
        run = Run(experiment)
        run.model.load_state_dict(timeline.run.snapshot().weights)
        before = run.snapshot().weights
        values = values_of(shown.plane.at(np.array([0.3, -0.2])), experiment)
        run.set_values(values)
        after = run.snapshot().weights
        assert len(values) == experiment.parameter_count - 2
        for place in frozen:
            name, key = place.key
            assert after[name][key] == before[name][key]
        weights = np.array(shown.plane.at(np.array([0.3, -0.2])), np.float32)
        np.testing.assert_array_equal(weights, np.float32(vector_of(after)))


def test_it_comes_coarse_first_and_says_how_far_it_is() -> None:
    made = list(landscapes(ALONG, subject(trained())))
    shares = [one.surface.share for one in made]
    assert shares == sorted(shares)
    assert shares[-1] == 1
    sides = [len(one.surface.losses) for one in made]
    assert list(dict.fromkeys(sides)) == [1, *SIDES]
    assert np.isfinite(made[-1].surface.losses).all()


def test_a_loss_that_is_not_finite_is_unknown() -> None:
    loss_at = loss_function(SPIRAL.replace(training=SPIRAL.training.replace(loss="mse")))
    assert np.isnan(loss_at(np.full(SPIRAL.parameter_count, 1e38)))


def test_other_runs_of_as_large_a_network_lie_on_it() -> None:
    timeline, other = trained(), trained(SPIRAL.replace(seed=7))
    small = trained(SPIRAL.replace(network=Network(layers=(LayerSpec(3),))))
    shown = landscape(timeline, o2=other, o3=small)
    assert set(shown.others) == {2}
    assert len(shown.others[2].steps) == len(shown.trail.steps)
    end = vector_of(other.run.snapshot().weights)
    np.testing.assert_allclose(shown.others[2].places[-1], shown.plane.of(end))
    off = end - shown.plane.origin
    assert shown.others[2].distance == pytest.approx(
        np.linalg.norm(off - shown.plane.axes.T @ (shown.plane.axes @ off))
    )


def test_where_there_is_no_plane_it_says_why() -> None:
    with pytest.raises(NoPlaneError, match="train a few steps first"):
        landscape(trained(steps=1))
    alone = Network(features=("x1",), layers=(), output_bias=False)
    with pytest.raises(NoPlaneError, match="no two directions"):
        landscape(trained(SPIRAL.replace(network=alone)), RANDOM)


OTHER_SHAPES = [
    SPIRAL.replace(data=SPIRAL.data.replace(noise=0.2)),
    SPIRAL.replace(training=SPIRAL.training.replace(loss="mse")),
    SPIRAL.replace(network=SPIRAL.network.replace(layers=(LayerSpec(8), LayerSpec(8)))),
]


@pytest.mark.parametrize(("free", "told"), [(0, "all 51 are frozen"), (1, "all but one of 51 are frozen")])
def test_where_too_little_may_move_no_more_training_is_asked_for(free: int, told: str) -> None:
    held = frozen(PRESETS["circle"])
    network = held.network.replace(frozen=held.network.frozen[free:])
    with pytest.raises(NoPlaneError, match=told):
        landscape(trained(held.replace(network=network)))


def test_where_nothing_moved_no_more_training_is_asked_for() -> None:
    experiment = made("circle", (6,), "relu", optimizer="sgd", l2=0.0)
    network = experiment.network.replace(frozen=(ParameterPlace(2, 0, BIAS),))
    run = Run(experiment.replace(network=network))
    run.set_values([(ParameterPlace(1, unit, BIAS), -100.0) for unit in range(6)])  # which passes nothing
    timeline = Timeline.of(run)
    timeline.step(60)
    with pytest.raises(NoPlaneError, match="have not moved in 60 steps"):
        landscape(timeline)


@pytest.mark.parametrize("other", OTHER_SHAPES, ids=["points", "loss", "activation"])
def test_what_shapes_the_loss_needs_another_landscape(other: Experiment) -> None:
    assert not has_same_loss(SPIRAL, other)
    assert is_alike(SPIRAL, other)


def test_another_rate_does_not() -> None:
    assert has_same_loss(SPIRAL, SPIRAL.replace(training=SPIRAL.training.replace(learning_rate=0.5), seed=3))


def test_too_many_weights_or_too_large_ones_cannot_be_set() -> None:
    large = SPIRAL.replace(network=Network(layers=(LayerSpec(200), LayerSpec(200))))
    with pytest.raises(InvalidError, match="number of weights and biases"):
        values_of(np.zeros(large.parameter_count), large)
    with pytest.raises(InvalidError, match="largest weight"):
        values_of(np.full(SPIRAL.parameter_count, 2e6), SPIRAL)
