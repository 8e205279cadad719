"""Data: the same points from the same Data, a fair split, and points edited by hand."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from engine.training import DATASETS, DRAWN, MAX_CLASSES, MAX_POINTS, PRESETS, Data, InvalidError, Points
from tests.engine.strategies import coordinates, datas, made, of_classes, rows, seeds


def moved(data: Data, index: int, place: Any) -> Data:
    """One point at another place."""
    places = data.arrays.xy.copy()
    places[index] = place
    return data.with_points_at(places)


def as_rows(data: Data) -> list[list[float]]:
    return data.arrays.rows()


# ── what is allowed ──────────────────────────────────────────────────────────────────────────────────────────────


@given(datas())
def test_json_both_ways_is_the_identity(data: Data) -> None:
    again = Data.from_dict(json.loads(json.dumps(data.to_dict())))
    assert again == data
    assert hash(again) == hash(data)
    assert as_rows(again) == as_rows(data)


@pytest.mark.parametrize(
    ("change", "name", "allowed"),
    [
        ({"dataset": "donut"}, "dataset", "circle, xor, gauss, spiral, moons, blobs"),
        ({"count": 1}, "count", "2 to 10000"),
        ({"count": 10_001}, "count", "2 to 10000"),
        ({"noise": -0.1}, "noise", "0 to 0.5"),
        ({"noise": math.nan}, "noise", "0 to 0.5"),
        ({"train_share": 0.95}, "train_share", "0.1 to 0.9"),
        ({"seed": -1}, "seed", "0 to 4294967295"),
        ({"seed": 2**32}, "seed", "0 to 4294967295"),
        ({"seed": 0.0}, "seed", "a whole number"),
        ({"classes": 1}, "classes", "2 to 9"),
        ({"classes": 3}, "classes", "2, as the dataset circle has"),
        ({"points": [[0, 0, 0, 0]]}, "points", "none unless the dataset is drawn"),
        ({"dataset": DRAWN, "points": 3}, "points", "a list of points"),
        ({"dataset": DRAWN, "points": [[0, 0, 2, 0]]}, "points[0] class", "0 to 1"),
        ({"balance": 0.95}, "balance", "0.1 to 0.9"),
        ({"label_noise": 0.6}, "label_noise", "0 to 0.5"),
        ({"kind": "regression"}, "kind", "classification, as the dataset circle has"),
        ({"dataset": DRAWN, "kind": "curve", "points": [[0, 0, 2, 0]]}, "inputs of points", "1, as for a curve"),
        ({"dataset": DRAWN, "columns": [{"name": "width"}]}, "number of columns", "0 or 3"),
        ({"dataset": DRAWN, "points": [[0, 0, 0.5, 0]]}, "points[0] class", "a whole number from 0 to 1"),
        ({"dataset": DRAWN, "points": [[0, 0, 9, 0]], "classes": 9}, "points[0] class", "0 to 8"),
        ({"dataset": DRAWN, "points": [[0, 0, 0, 0], [0, 1000.01, 0, 0]]}, "points[1] x₂", "-1000 to 1000"),
        ({"dataset": DRAWN, "points": [[math.nan, 0, 0, 0]]}, "points[0] x₁", "-1000 to 1000"),
        ({"dataset": DRAWN, "points": [[0, math.inf, 0, 0]]}, "points[0] x₂", "-1000 to 1000"),
        ({"dataset": DRAWN, "points": [[0, 0, True, 0]]}, "points[0] target", "a number from"),
        ({"dataset": DRAWN, "points": [[0, 0, 0, 2]]}, "points[0] test", "0 to 1"),
        ({"dataset": DRAWN, "points": [[0, 0]]}, "points[0]", "[x₁, x₂, target, test]"),
        ({"dataset": DRAWN, "points": [5]}, "points[0]", "[x₁, x₂, target, test]"),
        ({"dataset": DRAWN, "points": [[0, 0, 0, 0]] * 100_001}, "number of points", "0 to 100000"),
    ],
)
def test_what_is_not_allowed_is_named(change: dict[str, Any], name: str, allowed: str) -> None:
    with pytest.raises(InvalidError) as direct:
        Data(**change)
    with pytest.raises(InvalidError) as from_json:
        Data.from_dict({**Data().to_dict(), **change}, "experiment.data")
    for error in (direct.value, from_json.value):
        assert error.name.removeprefix("number of ").endswith(name.removeprefix("number of "))
        assert allowed in str(error)
        assert len(str(error).splitlines()) == 1


@pytest.mark.parametrize("field", Data().to_dict())
@pytest.mark.parametrize("value", [None, "x", [], {}, math.nan, math.inf, -1, 10**400, True, [[]]])
def test_nonsense_in_any_field_is_named(field: str, value: Any) -> None:
    if field in ("points", "columns", "class_names") and value == []:
        return
    with pytest.raises(InvalidError, match=rf"^(number of )?data\.{field}"):
        Data.from_dict({**Data().to_dict(), field: value})


def test_zero_below_zero_is_zero() -> None:
    """NumPy refuses to draw with a deviation of -0.0, and Data that are equal must give the same points."""
    assert Data(noise=-0.0).arrays.rows() == Data(noise=0.0).arrays.rows()


# ── the points ───────────────────────────────────────────────────────────────────────────────────────────────────


@given(datas())
def test_the_same_data_give_the_same_points(data: Data) -> None:
    again = data.replace()
    assert as_rows(again) == as_rows(data)
    assert again == data, "points that were looked at do not make a difference"
    assert data.arrays is data.arrays


def test_the_points_cannot_be_written_to() -> None:
    points = Data().arrays
    for array in (points.inputs, points.targets, points.xy, points.test):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


@pytest.mark.parametrize("name", made)
def test_another_seed_gives_other_points(name: str) -> None:
    data = PRESETS[name].data
    assert as_rows(data.replace(seed=1)) != as_rows(data.replace(seed=2))


@given(datas(made), st.floats(0.1, 0.9))
def test_the_split_has_the_share_asked_for_and_a_point_on_each_side(data: Data, share: float) -> None:
    test = data.replace(train_share=share).arrays.test
    assert len(test) == data.count
    assert 1 <= (~test).sum() <= data.count - 1
    assert abs((~test).sum() - share * data.count) <= 1


@given(datas(made))
def test_more_for_training_leaves_the_points_and_adds_to_those_that_there_were(data: Data) -> None:
    less, more = (data.replace(train_share=share).arrays for share in (0.3, 0.8))
    np.testing.assert_array_equal(less.xy, more.xy)
    assert not (more.test & ~less.test).any()


def test_the_split_has_nothing_to_do_with_the_classes() -> None:
    share = np.mean([Data(seed=seed).arrays.labels[Data(seed=seed).arrays.test].mean() for seed in range(30)])
    assert share == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("classes", [2, 5, 9])
def test_fewer_points_than_classes_are_as_many_classes_as_there_are_points(classes: int) -> None:
    data = Data("blobs", count=2, classes=classes)
    assert sorted(data.arrays.labels.tolist()) == [0, 1]
    assert data.classes == classes


def test_nothing_drawn_is_nothing() -> None:
    points = Data(DRAWN).arrays
    assert (len(points), points.xy.shape, points.labels.dtype, points.test.dtype) == (0, (0, 2), np.int64, np.bool_)


# ── drawing by hand ──────────────────────────────────────────────────────────────────────────────────────────────


@given(datas())
def test_as_drawn_they_are_the_same_points(data: Data) -> None:
    drawn = data.drawn()
    assert drawn.dataset == DRAWN
    assert as_rows(drawn) == as_rows(data)
    assert drawn.classes == data.classes
    assert drawn.drawn() is drawn


@given(of_classes(), st.lists(rows(MAX_CLASSES), max_size=8))
def test_other_points_in_their_place_bring_the_classes_they_need(data: Data, others: list[Any]) -> None:
    table = np.array(others, dtype=float).reshape(-1, 4)
    drawn = data.drawn(Points(table[:, :2], table[:, 2].astype(int), table[:, 3] == 1))
    assert as_rows(drawn) == others
    assert drawn.classes == max([data.classes, *(label + 1 for _, _, label, _ in others)])


edits = st.lists(
    st.tuples(
        st.just("add"), st.lists(st.tuples(coordinates, coordinates), max_size=3), st.integers(0, 8), st.booleans()
    )
    | st.tuples(st.just("erase"), st.sets(st.integers(0, 30), max_size=3))
    | st.tuples(st.just("move"), st.integers(0, 30), coordinates, coordinates),
    max_size=8,
)


@given(of_classes(), edits)
def test_editing_does_to_the_points_what_it_would_to_a_list(data: Data, changes: list[tuple[Any, ...]]) -> None:
    model, classes = as_rows(data), data.classes
    for kind, *details in changes:
        before, rows_before = data, as_rows(data)
        if kind == "add":
            places, label, test = details
            data = data.with_points_added(np.array(places).reshape(-1, 2), label, test)
            model = [*model, *([x1, x2, label, int(test)] for x1, x2 in places)]
            classes = max(classes, label + 1) if places else classes
        elif kind == "erase":
            gone = {i for i in details[0] if i < len(model)}
            data = data.with_points_erased(np.array(sorted(gone), dtype=int))
            model = [row for i, row in enumerate(model) if i not in gone]
        elif details[0] < len(model):
            i, x1, x2 = details
            data = moved(data, i, np.array([x1, x2]))
            model[i] = [x1, x2, *model[i][2:]]
        assert as_rows(data) == model
        assert data.classes == classes, "they grow when a label needs it, and never shrink by themselves"
        assert as_rows(before) == rows_before
    assert Data.from_dict(json.loads(json.dumps(data.to_dict()))) == data


def test_what_an_edit_must_not_do_is_named() -> None:
    data = Data(DRAWN).with_points_added([(0, 0), (1, 1)], 0)
    for refused, name in (
        (lambda: data.with_points_added([(0, 1000.1)], 0), "points[2] x₂"),
        (lambda: data.with_points_added([(math.nan, 0)], 0), "points[2] x₁"),
        (lambda: data.with_points_added([(0, 0)], 9), "class"),
        (lambda: data.with_points_added(np.zeros((MAX_POINTS, 2)), 0), "number of points"),
        (lambda: data.with_points_erased([2]), "index of a point"),
        (lambda: data.with_points_erased([-1]), "index of a point"),
        (lambda: moved(data, 1, (1007, 0)), "points[1] x₁"),
    ):
        with pytest.raises(InvalidError) as caught:
            refused()
        assert caught.value.name == name


@given(st.lists(rows(0, 3), max_size=5), st.lists(st.tuples(coordinates, coordinates), min_size=1, max_size=3))
def test_what_is_drawn_among_points_with_more_inputs_has_the_others_at_their_mean(
    given_rows: list[Any], places: list[Any]
) -> None:
    data = Data(DRAWN, points=given_rows, kind="regression") if given_rows else Data(DRAWN, kind="regression")  # type: ignore[arg-type]
    more = data.with_points_added(np.array(places), 0.5)
    new = more.arrays.inputs[len(given_rows) :]
    np.testing.assert_array_equal(new[:, :2], np.array(places))
    if given_rows:
        np.testing.assert_allclose(new[:, 2], np.mean([row[2] for row in given_rows]), atol=1e-12)
    assert as_rows(more)[: len(given_rows)] == given_rows


def test_a_curve_is_drawn_where_its_value_is_and_has_one_input() -> None:
    data = Data(DRAWN, kind="curve").with_points_added([(1, 2), (3, -4)], 0)
    assert as_rows(data) == [[1, 2, 0], [3, -4, 0]]
    assert data.arrays.xy.tolist() == [[1, 2], [3, -4]]
    assert as_rows(moved(data, 1, (5, 0.5))) == [[1, 2, 0], [5, 0.5, 0]]


def test_very_many_points_are_packed_and_read_again_to_the_bit() -> None:
    rng = np.random.default_rng(0)
    points = Points(rng.normal(size=(20_000, 3)), rng.integers(0, 2, 20_000), rng.random(20_000) < 0.5)
    data = Data(DRAWN, points=points)
    told = json.dumps(data.to_dict())
    assert Data.from_dict(json.loads(told)) == data
    told = json.dumps({**data.to_dict(), "points": {"inputs": 3, "table": data.to_dict()["points"]["table"][:-8]}})
    with pytest.raises(
        InvalidError, match=r"data\.points\.table: .* is not allowed; allowed: at most 100000 rows of 5"
    ):
        Data.from_dict(json.loads(told))


def test_points_at_zero_are_equal_whatever_its_sign() -> None:
    one, other = (Data(DRAWN).with_points_added([(zero, zero)], 0) for zero in (0.0, -0.0))
    assert one == other


def test_no_points_keep_the_number_of_their_inputs() -> None:
    """A file of a cleared set of four inputs could not be read: its columns were too many."""
    data = PRESETS["iris"].data
    cleared = data.drawn(data.arrays.take(slice(0)))
    again = Data.from_dict(json.loads(json.dumps(cleared.to_dict())))
    assert again == cleared
    assert again.inputs == 4


@given(datas(), seeds, st.floats(0.1, 0.9))
def test_splitting_anew_leaves_the_places_and_the_classes(data: Data, seed: int, share: float) -> None:
    data = data.replace(seed=seed)
    anew = data.split_anew(share)
    assert anew.train_share == share
    np.testing.assert_array_equal(anew.arrays.xy, data.arrays.xy)
    np.testing.assert_array_equal(anew.arrays.labels, data.arrays.labels)
    count = len(data.arrays)
    if count:
        expected = min(max(1, round(count * share)), max(1, count - 1))
        assert (~anew.arrays.test).sum() == expected
    if data.dataset != DRAWN:
        assert anew.drawn().split_anew(share) == anew.drawn(), "drawn points are split as generated ones are"


@given(datas(made, ("classification",)), st.floats(0, 0.5), st.floats(0, 0.5))
def test_so_many_labels_are_wrong_as_asked_for_on_either_side_and_more_noise_adds_to_them(
    data: Data, one: float, other: float
) -> None:
    clean, less, more = (data.replace(label_noise=share).arrays for share in (0, min(one, other), max(one, other)))
    for points, share in ((less, min(one, other)), (more, max(one, other))):
        assert (points.labels != clean.labels).sum() == round(share * len(clean))
        assert set(points.labels) <= set(range(data.classes))
        np.testing.assert_array_equal(points.inputs, clean.inputs)
        np.testing.assert_array_equal(points.test, clean.test)
    wrong = less.labels != clean.labels
    np.testing.assert_array_equal(more.labels[wrong], less.labels[wrong])


def test_wrong_labels_are_as_many_among_the_test_points_as_among_the_others() -> None:
    clean, noisy = (Data(count=5000, label_noise=share).arrays for share in (0, 0.3))
    wrong = clean.labels != noisy.labels
    assert wrong[clean.test].mean() == pytest.approx(0.3, abs=0.03)


def test_splitting_anew_is_fair_in_whatever_order_the_points_were_drawn() -> None:
    by_class = Data(DRAWN).with_points_added(np.zeros((50, 2)), 0).with_points_added(np.ones((50, 2)), 1)
    splits = [by_class.replace(seed=seed).split_anew(0.5).arrays for seed in range(5)]
    assert all(15 < points.test[:50].sum() < 35 for points in splits)
    assert len({points.test.tobytes() for points in splits}) == 5


def test_the_table_knows_which_datasets_have_how_many_classes() -> None:
    for name, dataset in DATASETS.items():
        for classes in range(2, MAX_CLASSES + 1):
            if dataset.classes in (None, classes):
                assert PRESETS[name].data.replace(classes=classes).classes == classes


def test_the_plane_shows_any_two_inputs_and_changes_no_number() -> None:
    points = Points(np.arange(12.0).reshape(4, 3), np.zeros(4), np.zeros(4, bool))
    data = Data(dataset="drawn", points=points, plane=(2, 0))
    assert data.arrays == points
    assert [axis.name for axis in data.axes] == ["x₃", "x₁"]
    assert data.arrays.xy.tolist() == points.inputs[:, [2, 0]].tolist()
    assert data.inputs_at(np.array([[5.0, 6.0]])).tolist() == [[6, 5.5, 5]]
    assert data.inputs_at(np.array([[5.0, 6.0]]), (1,)).tolist() == [[6, 1, 5]]
    assert data.with_points_at(np.zeros((4, 2))).points.inputs.tolist() == [[0, i, 0] for i in (1, 4, 7, 10)]
    assert data.with_points_added([[5, 6]], 1, rest=(1,)).points.inputs[-1].tolist() == [6, 1, 5]
    assert Data.from_dict(data.to_dict()) == data


@pytest.mark.parametrize(
    ("plane", "said"), [((0, 0), "each at most once"), ((0, 2), "two inputs from 0 to 1"), ((0, 99), "0 to 31")]
)
def test_the_plane_has_two_inputs_that_there_are(plane: tuple[int, int], said: str) -> None:
    with pytest.raises(InvalidError, match=f"^plane.* is not allowed; allowed: .*{said}"):
        Data(plane=plane)
