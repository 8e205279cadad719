"""Datasets: shapes, labels and places of every generator, and the geometry that makes each what it is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st
from numpy.typing import NDArray

from engine.training import DATASETS, DRAWN, MAX_CLASSES, PLANE, TASKS, Data, InvalidError, gate_corners, preset_data
from engine.training.data.generators import Wanted
from tests.engine.strategies import made, seeds

of_classes = [name for name in DATASETS if DATASETS[name].kind in (None, "classification")]
of_values = [name for name in made if name not in of_classes]


def points(
    name: str, classes: int = 2, noise: float = 0.0, seed: int = 0
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Many of them; a set that was measured has as many as there are."""
    return DATASETS[name].make(wanted(name, 2000, noise, classes), np.random.default_rng(seed))


def wanted(name: str, count: int, noise: float = 0.0, classes: int = 2, balance: float = 0.5) -> Wanted:
    row = DATASETS[name]
    kind = row.kind or "classification"
    classes = row.classes or classes
    return Wanted(
        row.count or count, noise, classes, balance, row.formulas.get(kind, ""), TASKS[kind].inputs or row.inputs,
        TASKS[kind].full,
    )  # fmt: skip


@given(st.sampled_from(of_classes), st.integers(2, 300), st.floats(0, 0.5), st.integers(2, MAX_CLASSES), seeds)
def test_as_many_points_as_asked_for_all_of_known_classes(
    name: str, count: int, noise: float, classes: int, seed: int
) -> None:
    dataset = DATASETS[name]
    classes = dataset.classes or classes
    xy, labels = dataset.make(wanted(name, count, noise, classes), np.random.default_rng(seed))
    expected = 0 if name == DRAWN else dataset.count or count
    assert xy.shape == (expected, dataset.inputs)
    assert labels.shape == (expected,)
    assert (xy.dtype, labels.dtype) == (np.float64, np.int64)
    assert np.isfinite(xy).all()
    assert np.isin(labels, np.arange(classes)).all()
    if dataset.has_balance:  # else the places say who belongs to which class
        counts = np.bincount(labels, minlength=classes)
        assert counts.max() - counts.min() <= 1


@pytest.mark.parametrize("name", made)
def test_points_come_in_random_order(name: str) -> None:
    """Any part of them is a fair sample: the first half looks like the second."""
    xy, labels = points(name)
    half, loose = len(labels) // 2, (2000 / len(labels)) ** 0.5
    assert abs(labels[:half].mean() - labels[half:].mean()) < 0.1 * loose
    assert (np.abs(xy[:half].mean(axis=0) - xy[half:].mean(axis=0)) < 0.4 * loose).all()


@given(st.sampled_from(of_values), st.integers(2, 300), st.floats(0, 0.5), seeds)
def test_values_are_as_large_as_the_scale_of_colours_and_stray_with_the_noise(
    name: str, count: int, noise: float, seed: int
) -> None:
    make, rngs = DATASETS[name].make, [np.random.default_rng(seed) for _ in range(2)]
    made_of = [make(wanted(name, count, much), rng) for much, rng in zip((0.0, noise), rngs, strict=True)]
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
    assert (np.abs(xy[:, :2]) <= PLANE).mean() > 0.999


@pytest.mark.parametrize("name", made)
def test_noise_puts_no_point_on_the_rim(name: str) -> None:
    """Points were once clamped to the plane: rows of them stood at its edge."""
    row = DATASETS[name]
    noisy = preset_data(name).replace(count=row.count or 2000, noise=0.5).arrays.xy
    assert not (np.abs(noisy) == PLANE).any()


@pytest.mark.parametrize("name", [name for name in of_classes if name in made])
def test_noise_moves_the_points_further_the_more_there_is(name: str) -> None:
    """The same seed draws the same shape, so that the difference is the noise alone."""
    still, labels = points(name)
    strays = []
    for noise in (0.1, 0.2, 0.4):
        xy, same = points(name, noise=noise)
        np.testing.assert_array_equal(same, labels)
        strays.append(np.linalg.norm(xy - still, axis=1).mean())
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


def test_rings_are_four_and_the_classes_take_turns() -> None:
    xy, labels = points("rings")
    ring, within = np.divmod(np.hypot(*xy.T), 1.4)
    np.testing.assert_array_equal(ring % 2, labels)
    assert set(ring) == {0, 1, 2, 3}
    assert within.max() <= 0.8


def test_checkerboard_has_sixteen_squares_and_a_gap_between_them() -> None:
    xy, labels = points("checkerboard")
    square, within = np.divmod(xy + 5, 2.5)
    np.testing.assert_array_equal(square.sum(axis=1) % 2, labels)
    assert len(np.unique(square, axis=0)) == 16
    assert within.min() >= 0.2 - 1e-9
    assert within.max() <= 2.3 + 1e-9


def test_yin_and_yang_are_each_other_turned_by_half_and_have_an_eye() -> None:
    xy, labels = points("yin_yang")
    upper, lower = (np.hypot(xy[:, 0], xy[:, 1] - y) for y in (2.5, -2.5))
    assert set(labels[upper < 0.65]) == {1}
    assert set(labels[lower < 0.65]) == {0}
    head = (upper > 1.15) & (upper < 2.25)
    assert set(labels[head]) == {0}
    assert set(labels[(lower > 1.15) & (lower < 2.25)]) == {1}
    turned = np.hypot(*(-xy[:, None] - xy[None]).transpose(2, 0, 1)).argmin(axis=1)
    assert (labels[turned] != labels).mean() > 0.99


def test_three_arms_are_one_another_turned_by_a_third() -> None:
    xy, labels = points("three_arms")
    radius, angle = np.hypot(*xy.T), np.arctan2(xy[:, 1], xy[:, 0])
    wound = angle - 2 * np.pi * radius / 5 - 2 * np.pi * labels / 3
    np.testing.assert_allclose(np.cos(wound), 1, atol=1e-9)


GATES = {"and": lambda a, b: a and b, "or": lambda a, b: a or b, "nand": lambda a, b: not (a and b)}
GATES["xor_gate"] = lambda a, b: a != b


@pytest.mark.parametrize("name", GATES)
def test_a_gate_has_its_truth_at_the_corners(name: str) -> None:
    data, row = preset_data(name), DATASETS[name]
    xy, labels = points(name)
    inputs = np.stack([data.columns[k].raw(xy[:, k]) for k in range(2)], axis=1)  # type: ignore[arg-type]  # an array
    assert sorted({tuple(corner) for corner in inputs.round(9).tolist()}) == [(0, 0), (0, 1), (1, 0), (1, 1)]
    for (a, b), label in zip(inputs.round().tolist(), labels.tolist(), strict=True):
        assert data.class_names[label] == str(int(GATES[name](a, b)))
    assert [int(GATES[name](a, b)) for a in (0, 1) for b in (0, 1)] == list(row.truth)
    assert {*map(tuple, gate_corners().tolist())} == {*map(tuple, xy.tolist())}


def test_only_gates_have_a_truth() -> None:
    assert {name for name, row in DATASETS.items() if row.truth} == set(GATES)


@given(st.sampled_from([name for name in made if DATASETS[name].has_balance]), st.floats(0.1, 0.9), seeds)
def test_the_balance_is_the_share_of_the_first_class_beside_each_other_one(
    name: str, balance: float, seed: int
) -> None:
    row = DATASETS[name]
    for classes in [row.classes] if row.classes else (2, 5, 9):
        ask = wanted(name, 300, 0.1, classes, balance)
        counts = np.bincount(row.make(ask, np.random.default_rng(seed))[1], minlength=classes)
        others = counts[1:]
        assert counts.sum() == 300
        assert others.max() - others.min() <= 1
        assert counts[0] / (counts[0] + others.mean()) == pytest.approx(balance, abs=0.02)


# ── measured sets ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "counts", "means"),
    [
        ("iris", [50, 50, 50], {"sepal length (cm)": 5.843333, "sepal width (cm)": 3.057333,
                                "petal length (cm)": 3.758, "petal width (cm)": 1.199333}),
        ("penguins", [151, 68, 123], {"bill length (mm)": 43.92193, "bill depth (mm)": 17.15117,
                                      "flipper length (mm)": 200.9152, "body mass (g)": 4201.754}),
    ],
)  # fmt: skip
def test_a_measured_set_is_the_published_one(name: str, counts: list[int], means: dict[str, float]) -> None:
    data = preset_data(name)
    assert np.bincount(data.arrays.labels).tolist() == counts
    for k, column in enumerate(data.columns[:-1]):
        raw = column.offset + column.unit * data.arrays.inputs[:, k]
        assert raw.mean() == pytest.approx(means[column.name], rel=1e-6)
        np.testing.assert_allclose(data.arrays.inputs[:, k].min(), -5)
        np.testing.assert_allclose(data.arrays.inputs[:, k].max(), 5)
    assert "public domain" in DATASETS[name].source or "CC0" in DATASETS[name].source
    assert data.task.name_of(0) == data.class_names[0]


def test_a_measured_set_has_as_many_points_as_there_are_and_another_seed_splits_them_otherwise() -> None:
    with pytest.raises(InvalidError, match=r"count: 500 is not allowed; allowed: 150, as the dataset iris has"):
        Data("iris", classes=3)
    data = preset_data("iris")
    one, other = data.replace(seed=1).arrays, data.replace(seed=2).arrays
    assert sorted(one.inputs.tolist()) == sorted(other.inputs.tolist())
    assert one.inputs.tolist() != other.inputs.tolist()


def test_what_is_drawn_over_a_measured_set_keeps_its_names() -> None:
    data = preset_data("iris")
    drawn = data.drawn()
    assert drawn.columns == data.columns
    assert drawn.class_names == data.class_names
    assert Data.from_dict(drawn.to_dict()) == drawn
