"""Datasets: shapes, labels and places of every generator, and the geometry that makes each what it is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st
from numpy.typing import NDArray

from engine.training import DATASETS, DRAWN, MAX_CLASSES, PLANE, TASKS, Data
from tests.engine.strategies import made, seeds

of_classes = [name for name in DATASETS if DATASETS[name].kind in (None, "classification")]
of_values = [name for name in made if name not in of_classes]


def points(
    name: str, classes: int = 2, noise: float = 0.0, seed: int = 0
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    return DATASETS[name].make(2000, noise, classes, np.random.default_rng(seed))


@given(st.sampled_from(of_classes), st.integers(2, 300), st.floats(0, 0.5), st.integers(2, MAX_CLASSES), seeds)
def test_as_many_points_as_asked_for_all_of_known_classes(
    name: str, count: int, noise: float, classes: int, seed: int
) -> None:
    dataset = DATASETS[name]
    classes = dataset.classes or classes
    xy, labels = dataset.make(count, noise, classes, np.random.default_rng(seed))
    expected = 0 if name == DRAWN else count
    assert xy.shape == (expected, 2)
    assert labels.shape == (expected,)
    assert (xy.dtype, labels.dtype) == (np.float64, np.int64)
    assert np.isfinite(xy).all()
    assert np.isin(labels, np.arange(classes)).all()
    if expected and name != "xor":  # where the plane itself says who belongs to which class
        counts = np.bincount(labels, minlength=classes)
        assert counts.max() - counts.min() <= 1


@pytest.mark.parametrize("name", made)
def test_points_come_in_random_order(name: str) -> None:
    """Any part of them is a fair sample: the first half looks like the second."""
    xy, labels = points(name)
    first, second = slice(0, 1000), slice(1000, 2000)
    assert abs(labels[first].mean() - labels[second].mean()) < 0.1
    assert (np.abs(xy[first].mean(axis=0) - xy[second].mean(axis=0)) < 0.4).all()


@given(st.sampled_from(of_values), st.integers(2, 300), st.floats(0, 0.5), seeds)
def test_values_are_as_large_as_the_scale_of_colours_and_stray_with_the_noise(
    name: str, count: int, noise: float, seed: int
) -> None:
    made_of = [DATASETS[name].make(count, strength, 2, np.random.default_rng(seed)) for strength in (0.0, noise)]
    (places, values), (same, strayed) = made_of
    task = TASKS[str(DATASETS[name].kind)]
    assert places.shape == (count, task.inputs or 2)
    assert values.shape == (count,)
    assert np.abs(values).max() <= task.full
    np.testing.assert_array_equal(places, same)
    assert np.abs(strayed - values).mean() <= 6 * noise * task.full


@pytest.mark.parametrize("name", made)
def test_without_noise_hardly_a_point_is_outside_the_plane(name: str) -> None:
    xy, _ = points(name)
    assert (np.abs(xy) <= PLANE).mean() > 0.999


@pytest.mark.parametrize("name", made)
def test_noise_puts_no_point_on_the_rim(name: str) -> None:
    """Points were once clamped to the plane: rows of them stood at its edge."""
    kind = DATASETS[name].kind or "classification"
    noisy = Data(name, count=2000, noise=0.5, kind=kind).arrays.xy
    assert not (np.abs(noisy) == PLANE).any()


@pytest.mark.parametrize("name", [name for name in of_classes if name in made])
def test_noise_moves_the_points_further_the_more_there_is(name: str) -> None:
    """The same seed draws the same shape, so that the difference is the noise alone."""
    still, labels = points(name)
    strays = []
    for noise in (0.1, 0.2, 0.4):
        xy, same = points(name, noise=noise)
        np.testing.assert_array_equal(same, labels)
        strays.append(np.hypot(*(xy - still).T).mean())
    assert strays[1] == pytest.approx(2 * strays[0])
    assert strays[2] == pytest.approx(4 * strays[0])
    assert strays[0] > 0.05


def test_circle_is_a_disc_in_a_ring() -> None:
    xy, labels = points("circle")
    radius = np.hypot(*xy.T)
    assert radius[labels == 0].max() <= 2.5
    assert radius[labels == 1].min() >= 3.5
    assert radius.max() <= 5


def test_xor_has_opposite_quarters_in_one_class_and_a_gap_between() -> None:
    xy, labels = points("xor")
    np.testing.assert_array_equal(labels == 0, xy[:, 0] * xy[:, 1] > 0)
    assert np.abs(xy).min() >= 0.3


def test_gauss_can_be_parted_by_a_straight_line() -> None:
    xy, labels = points("gauss")
    assert ((xy.sum(axis=1) > 0) == (labels == 0)).mean() > 0.999


def test_spiral_arms_are_one_another_turned_by_half() -> None:
    xy, labels = points("spiral")
    radius, angle = np.hypot(*xy.T), np.arctan2(xy[:, 1], xy[:, 0])
    wound = angle - 1.75 * 2 * np.pi * radius / 5 - np.pi * labels
    np.testing.assert_allclose(np.cos(wound), 1, atol=1e-9)


def test_moons_reach_into_each_other() -> None:
    xy, labels = points("moons")
    upper, lower = xy[labels == 0], xy[labels == 1]
    assert lower[:, 0].min() < upper[:, 0].max() - 2
    assert lower[:, 1].max() > upper[:, 1].min() + 0.5
    nearest = np.hypot(*(upper[:, None] - lower[None]).T).min()
    assert nearest > 0.2, "and yet they do not touch"


@pytest.mark.parametrize("classes", range(2, MAX_CLASSES + 1))
def test_blobs_stay_apart_however_many(classes: int) -> None:
    xy, labels = points("blobs", classes)
    centres = np.array([xy[labels == label].mean(axis=0) for label in range(classes)])
    nearest = np.hypot(*(xy[:, None] - centres).transpose(2, 0, 1)).argmin(axis=1)
    assert (nearest == labels).mean() > 0.995


def test_every_row_says_what_it_is() -> None:
    for dataset in DATASETS.values():
        assert dataset.label
        assert dataset.description
