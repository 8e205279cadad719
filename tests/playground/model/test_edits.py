"""Edits: pure functions, each of which gives a valid experiment or says what is not allowed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from engine.training import (
    DATASETS,
    DRAWN,
    MAX_CLASSES,
    MAX_MADE,
    MAX_POINTS,
    MAX_SEED,
    PRESETS,
    Data,
    Experiment,
    InvalidError,
    LayerSpec,
    Network,
    Points,
    Training,
)
from playground.model import edits
from tests.engine.strategies import experiments

coordinates = st.floats(-6, 6) | st.sampled_from([-6.0, 6.0, 0.0])
strokes = st.lists(st.tuples(coordinates, coordinates), max_size=4).map(lambda xy: np.array(xy).reshape(-1, 2))
indices = st.integers(-2, 12)
pasted = st.builds(
    lambda rows, target: Points(rows, np.full(len(rows), target), np.zeros(len(rows), dtype=bool)),
    st.tuples(st.integers(0, 3), st.integers(1, 3)).map(np.ones) | strokes,
    st.integers(-1, MAX_CLASSES) | coordinates,
)


def _indices(numbers: list[int]) -> np.ndarray:
    return np.array(numbers, dtype=np.int64)


CALLS: dict[str, st.SearchStrategy[tuple[Any, ...]]] = {
    "choose_dataset": st.tuples(st.sampled_from(sorted(DATASETS))),
    "use_preset": st.tuples(),
    "new_points": st.tuples(),
    "new_weights": st.tuples(),
    "clear_points": st.tuples(),
    "paint": st.tuples(strokes, st.integers(-1, MAX_CLASSES)),
    "erase": st.tuples(st.lists(indices, max_size=3).map(np.array)),
    "move": st.tuples(
        st.lists(indices, min_size=1, max_size=1).map(_indices),
        st.tuples(st.floats(-7, 7), st.floats(allow_nan=True)).map(lambda place: np.array([place])),
    ),
    "relabel": st.tuples(st.lists(indices, max_size=3).map(_indices), st.integers(-1, MAX_CLASSES)),
    "duplicate": st.tuples(
        st.lists(indices, max_size=3).map(_indices), st.tuples(st.floats(-7, 7), st.floats(-2e3, 2e3)).map(np.array)
    ),
    "paste": st.tuples(pasted),
    "add_layer": st.tuples(st.integers(0, 8)),
    "remove_layer": st.tuples(st.integers(0, 7)),
    "duplicate_layer": st.tuples(st.integers(0, 7)),
    "move_layer": st.tuples(st.integers(0, 7), st.integers(-9, 9)),
    "set_seed": st.tuples(st.integers(-1, MAX_SEED + 1)),
    "set_depth": st.tuples(st.integers(0, 9)),
    "lower_rate": st.tuples(),
}

BUTTONS = {
    "add_layer": 1,
    "remove_layer": 0,
    "duplicate_layer": 0,
    "move_layer": 0,
}  # edits of one of the layers, and of how many more


@pytest.mark.parametrize("name", CALLS)
def test_an_edit_gives_a_valid_experiment_or_says_what_is_not_allowed(name: str) -> None:
    @given(before=experiments, arguments=CALLS[name])
    def check(before: Experiment, arguments: tuple[Any, ...]) -> None:
        copy = Experiment.from_dict(before.to_dict())
        if name in BUTTONS and arguments[0] >= len(before.network.layers) + BUTTONS[name]:
            return  # there is no such button
        try:
            after = getattr(edits, name)(before, *arguments)
        except InvalidError:
            pass
        else:
            assert Experiment.from_dict(after.to_dict()) == after
        assert before == copy  # nothing was changed on the way

    check()


def test_a_layer_is_put_in_once_more_and_moved() -> None:
    one, two, three = (LayerSpec(size) for size in (1, 2, 3))
    before = Experiment(network=Network(layers=(one, two, three)))
    assert edits.duplicate_layer(before, 1).network.layers == (one, two, two, three)
    assert edits.move_layer(before, 0, 1).network.layers == (two, one, three)
    assert edits.move_layer(before, 2, -2).network.layers == (three, one, two)
    assert edits.move_layer(before, 2, 1) == before


def test_new_points_and_weights_are_always_to_be_had() -> None:
    last = Experiment(Data(seed=MAX_SEED), seed=MAX_SEED)
    assert edits.new_points(last).data.seed != last.data.seed
    assert edits.new_weights(last).seed != last.seed
    assert edits.new_points(last).seed == last.seed
    assert edits.new_weights(last).data == last.data


def test_as_many_points_are_painted_as_there_is_room_for() -> None:
    made = Data(count=MAX_MADE).arrays
    every = np.arange(MAX_POINTS - 2) % MAX_MADE
    full = Experiment(Data().drawn(made.take(every)))
    stroke = np.array([[1.0, 1], [2, 2], [3, 3]])
    painted = edits.paint(full, stroke, 1)
    xy = painted.data.arrays.xy
    assert len(xy) == MAX_POINTS
    np.testing.assert_array_equal(xy[-2:], stroke[:2])
    with pytest.raises(InvalidError, match=str(MAX_POINTS)):
        edits.paint(painted, stroke, 1)


@pytest.mark.parametrize("name", sorted(set(DATASETS) - {DRAWN}))
def test_another_dataset_keeps_the_network_and_its_preset_replaces_it(name: str) -> None:
    before = PRESETS[DRAWN].replace(data=Data(train_share=0.7))
    after = edits.choose_dataset(before, name)
    assert (after.network.layers, after.seed) == (before.network.layers, before.seed)
    if after.task == before.task:
        assert (after.network, after.training) == (before.network, before.training)
    assert after.training.replace(loss=before.training.loss) == before.training
    assert after.data == PRESETS[name].data.replace(train_share=0.7)
    preset = edits.use_preset(after)
    assert (preset.network, preset.training) == (PRESETS[name].network, PRESETS[name].training)
    assert preset.data == after.data
    assert edits.is_preset(preset)
    assert not edits.is_preset(edits.add_layer(preset, 0))


def test_drawn_by_hand_keeps_the_points() -> None:
    before = PRESETS["moons"]
    after = edits.choose_dataset(before, DRAWN)
    np.testing.assert_array_equal(after.data.arrays.xy, before.data.arrays.xy)
    np.testing.assert_array_equal(after.data.arrays.test, before.data.arrays.test)


def test_points_are_painted_erased_and_moved() -> None:
    empty = edits.clear_points(PRESETS["blobs"])
    assert (len(empty.data.arrays), empty.data.classes) == (0, 2)
    three = edits.paint(edits.paint(empty, np.array([[1.0, 2], [3, 4]]), 0), np.array([[5.0, 6]]), 2)
    assert three.data.points.rows() == [[1, 2, 0, 0], [3, 4, 0, 0], [5, 6, 2, 0]]
    assert three.outputs == 3
    assert edits.erase(three, np.array([0, 2])).data.points.rows() == [[3, 4, 0, 0]]
    assert edits.move(three, np.array([1]), np.array([[-1.5, 0.5]])).data.points.rows()[1] == [-1.5, 0.5, 0, 0]


def test_a_point_of_another_class_stays_where_it_is_and_in_its_part_of_the_split() -> None:
    data = Data.from_dict({"dataset": DRAWN, "points": [[0, 0, 0, 1], [1, 1, 1, 0]]})
    assert edits.relabel(Experiment(data), np.array([0]), 1).data.points.rows() == [[0, 0, 1, 1], [1, 1, 1, 0]]
    assert edits.relabel(Experiment(Data(count=10)), np.array([3]), 0).data.dataset == DRAWN


def test_what_a_hand_does_to_a_dataset_is_told_in_words() -> None:
    made = Experiment(Data(count=10))
    assert edits.taken_over(made, edits.paint(made, np.zeros((1, 2)), 0)) == "1 point added"
    assert edits.taken_over(made, edits.erase(made, np.array([0, 1]))) == "2 points erased"
    assert edits.taken_over(made, edits.move(made, np.array([0]), np.array([[1.0, 1.0]]))) == "Points changed"
    drawn = edits.paint(made, np.zeros((1, 2)), 0)
    assert edits.taken_over(drawn, edits.paint(drawn, np.zeros((1, 2)), 0)) == ""
    assert edits.taken_over(made, edits.new_points(made)) == ""


def test_a_measured_set_that_is_opened_is_no_import() -> None:
    assert edits.imported(PRESETS["circle"], PRESETS["iris"]) == ""
    table = PRESETS["iris"].replace(data=PRESETS["iris"].data.drawn(PRESETS["iris"].data.arrays))
    assert edits.imported(PRESETS["circle"], table) == "150 points imported, to learn species"


def test_layers_are_put_in_like_their_neighbours_and_taken_out() -> None:
    wide, narrow = LayerSpec(8, "relu"), LayerSpec(3, "tanh")
    two = Experiment(network=Network(layers=(wide, narrow)))
    assert [edits.add_layer(two, at).network.layers for at in range(3)] == [
        (wide, wide, narrow),
        (wide, wide, narrow),
        (wide, narrow, narrow),
    ]
    none = Experiment(network=Network(layers=()))
    assert edits.add_layer(none, 0).network.layers == (LayerSpec(),)
    assert edits.remove_layer(two, 0).network.layers == (narrow,)
    assert edits.change_layer(two, 1, activation="sin").network.layers == (wide, LayerSpec(3, "sin"))
    assert edits.change_layer(two, 0, size=7).network.layers == (LayerSpec(7, "relu"), narrow)
    assert [edits.set_depth(two, depth).network.layers for depth in (0, 1, 4)] == [
        (),
        (wide,),
        (wide, narrow, narrow, narrow),
    ]
    assert edits.set_depth(none, 2).network.layers == (LayerSpec(), LayerSpec())


def test_what_does_not_fit_is_refused_in_words() -> None:
    full = Experiment(network=Network(layers=(LayerSpec(64),) * 8))
    with pytest.raises(InvalidError, match=r"layers.*9.*0 to 8"):
        edits.add_layer(full, 4)
    with pytest.raises(InvalidError, match=r"size.*513.*1 to 512"):
        edits.change_layer(full, 4, size=513)
    with pytest.raises(InvalidError, match=r"layers.*9.*0 to 8"):
        edits.set_depth(full, 9)


@pytest.mark.parametrize(("rate", "lower"), [(10, 1), (0.03, 0.003), (0.12345, 0.0123), (2e-5, 1e-5), (1e-5, 1e-5)])
def test_the_learning_rate_is_lowered_in_round_figures_as_far_as_it_goes(rate: float, lower: float) -> None:
    before = Experiment(training=Training(learning_rate=rate))
    assert edits.lower_rate(before).training.learning_rate == lower
