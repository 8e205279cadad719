"""Frames: pictures that agree with the numbers they are pictures of."""

from __future__ import annotations

import numpy as np
import pytest

from engine.microscope.film.film import weights_after
from engine.microscope.graph.expression_graph import batch_graph
from engine.microscope.mistakes import FaultyGradients, broken_run, model_gradients
from engine.nn import LOSSES
from engine.training import DRAWN, PLANE, PRESETS, Data, Experiment, LayerSpec, Network, Run, Training
from playground.model.runs import Runs
from playground.runtime.area import WHOLE, Area
from playground.runtime.frame import LIVE_SIDE, STILL_SIDE, Status, take_frame, with_weights
from playground.runtime.pictures import CONFIDENCE_LEVELS, UNKNOWN, colours_in
from playground.ui import theme
from tests.frames import frame_of

ZERO = 128


def blobs(classes: int, loss: str = "cross_entropy") -> Experiment:
    data, network = Data("blobs", 300, classes=classes), Network(layers=(LayerSpec(12),))
    return Experiment(data, network, Training(loss=loss))


def centres(side: int) -> np.ndarray:
    """Where the cells of a picture are, (side, side, 2), written down without NumPy's help."""
    at = [-PLANE + (i + 0.5) * 2 * PLANE / side for i in range(side)]
    return np.array([[(x1, x2) for x1 in at] for x2 in at])


def weigh(run: Run, parts: list[tuple[list[list[float]], list[float]]]) -> Run:
    """Give the network these weights and biases."""
    state = run.state()
    names = list(state["weights"])
    for i, (weight, bias) in enumerate(parts):
        state["weights"][names[2 * i]], state["weights"][names[2 * i + 1]] = weight, bias
    run.restore(state)
    return run


def line(slope: tuple[float, float], bias: float = 0.0, loss: str = "mse") -> Run:
    """A network without hidden layers: slope · x + bias."""
    network, training = Network(layers=()), Training(loss=loss)
    return weigh(Run(Experiment(network=network, training=training)), [([list(slope)], [bias])])


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("classes", [2, 3, 9])
def test_the_boundary_shows_the_class_that_the_run_predicts_at_every_cell(classes: int, loss: str) -> None:
    run = Run(blobs(classes, loss))
    run.step(150)
    frame = frame_of(run, Status.TRAINING)
    labels, sure = run.verdict(run.activations(centres(LIVE_SIDE).reshape(-1, 2))[-1])
    shown = frame.boundary.ravel().astype(int)
    if classes == 2:
        np.testing.assert_array_equal(shown < ZERO, labels == 1)
        np.testing.assert_allclose(np.maximum(shown - ZERO, 127 - shown) / 127, sure, atol=1.01 / 127)
    else:
        np.testing.assert_array_equal(shown // CONFIDENCE_LEVELS, labels)
        np.testing.assert_allclose(shown % CONFIDENCE_LEVELS / (CONFIDENCE_LEVELS - 1), sure, atol=1 / 27)
    assert len(set(labels.tolist())) == classes  # or the test would say little


@pytest.mark.parametrize("classes", [2, 3])
def test_the_wrong_points_are_those_that_the_run_puts_in_another_class(classes: int) -> None:
    run = Run(blobs(classes))
    for steps in (0, 3, 200):
        run.step(steps)
        frame, points = frame_of(run), run.experiment.data.arrays
        is_wrong = run.verdict(run.activations(points.xy)[-1])[0] != points.labels
        np.testing.assert_array_equal(frame.wrong.xy, points.xy[is_wrong])
        np.testing.assert_array_equal(frame.wrong.test, points.test[is_wrong])
        assert len(frame.wrong) == sum(score.count - score.right for score in (frame.train, frame.test))
    assert len(frame_of(Run(Experiment(Data(DRAWN)))).wrong) == 0


def test_a_neurons_activation_is_read_off_its_picture() -> None:
    run = Run(Experiment(network=Network(layers=(LayerSpec(3, "relu"),)), training=Training(loss="mse")))
    run.step(50)
    frame = frame_of(run)
    for place in np.array([(1.5, -3.4), (-6, 6), (6, -6), (0.01, 0.01)]):
        columns = run.activations(place[None])[:-1]
        for column, values in enumerate(columns):
            for unit, value in enumerate(values[0].tolist()):
                full = float(frame.scales[column][unit])
                steepest = float(np.abs(np.gradient(frame.maps[column][unit].astype(float))).max()) / 128 * full
                assert frame.activation(column, unit, place) == pytest.approx(value, abs=0.01 * full + steepest)


def test_row_0_is_at_the_bottom_and_column_0_at_the_left() -> None:
    upwards, rightwards = frame_of(line((0, 1)), Status.TRAINING), frame_of(line((1, 0)), Status.TRAINING)
    assert (upwards.boundary[0] < ZERO).all()
    assert (upwards.boundary[-1] > ZERO).all()
    assert (rightwards.boundary[:, 0] < ZERO).all()
    assert (rightwards.boundary[:, -1] > ZERO).all()
    x1, x2 = upwards.maps[0]
    assert (np.diff(x1.astype(int), axis=1) >= 0).all()
    assert (np.diff(x2.astype(int), axis=0) >= 0).all()
    assert x1[0, 0] < ZERO < x1[0, -1]
    assert x2[0, 0] < ZERO < x2[-1, 0]


@pytest.mark.parametrize("value", [0.0, 0.25, -0.25, 1.0, -1.0])
def test_the_scale_of_a_map_has_zero_in_the_middle_and_one_at_its_ends(value: float) -> None:
    run = weigh(
        Run(Experiment(network=Network(layers=(LayerSpec(1, "linear"),)))), [([[0.0, 0.0]], [value]), ([[1.0]], [0.0])]
    )
    (index,) = np.unique(frame_of(run, Status.TRAINING).maps[1])
    assert index == min(ZERO + ZERO * value, 255)


def test_a_neuron_beyond_one_is_scaled_to_its_largest_and_keeps_its_sign() -> None:
    run = weigh(
        Run(Experiment(network=Network(layers=(LayerSpec(2, "linear"),)))),
        [([[100.0, 0.0], [0.001, 0.0]], [0.0, 0.0]), ([[1.0, 0.0]], [0.0])],
    )
    steep, flat = frame_of(run, Status.TRAINING).maps[1].astype(int)
    assert (steep.min(), steep.max()) == (0, 255)
    signs = np.sign(centres(LIVE_SIDE)[..., 0])
    np.testing.assert_array_equal(np.where(steep >= ZERO, 1, -1), signs)
    assert np.abs(flat - ZERO).max() <= 1  # each neuron has its own scale


def test_zero_is_shown_in_the_middle_colour_and_the_classes_apart_from_it() -> None:
    undecided = frame_of(line((0, 0)), Status.TRAINING)
    table = theme.boundary_colours(2, CONFIDENCE_LEVELS)
    middle = table[ZERO]
    assert (table[undecided.boundary] == middle).all()
    slightly = frame_of(line((0.001, 0)), Status.TRAINING).boundary
    assert (np.abs(table[slightly].astype(int) - middle) <= 3).all()  # unsure is pale


def test_a_network_that_overflows_somewhere_in_the_plane_shows_nothing_there() -> None:
    run = weigh(
        Run(Experiment(Data(DRAWN), Network(layers=(LayerSpec(1, "linear"),)), Training(loss="mse"))),
        [([[1e38, 0.0]], [0.0]), ([[1.0]], [0.0])],
    )
    frame = frame_of(run, Status.TRAINING)
    hidden, output = frame.maps[1][0], frame.maps[2][0]
    finite = np.abs(centres(LIVE_SIDE)[..., 0] * 1e38) < np.finfo(np.float32).max
    assert finite.any()
    assert not finite.all()
    assert (hidden[~finite] == ZERO).all()
    assert (hidden[finite] != ZERO).all()
    assert output.shape == hidden.shape


def test_outputs_of_three_classes_that_are_not_numbers_are_shown_as_no_class() -> None:
    experiment = Experiment(Data(DRAWN, classes=3), Network(layers=(LayerSpec(2, "linear"),)))
    steep = [[1e38, 0.0], [1e38, 0.0]]
    run = weigh(Run(experiment), [(steep, [0.0, 0.0]), ([[1.0, -1.0], [0.0, 0.0], [0.0, 0.0]], [1.0, 0.0, 0.0])])
    boundary = frame_of(run, Status.TRAINING).boundary  # ∞ - ∞ beyond 3.4 on either side, and 1 between
    finite = np.abs(centres(LIVE_SIDE)[..., 0]) < 3.4
    assert (boundary[finite] // CONFIDENCE_LEVELS == 0).all()
    assert (boundary[~finite] == UNKNOWN).all()
    table = theme.boundary_colours(3, CONFIDENCE_LEVELS)
    np.testing.assert_array_equal(table[UNKNOWN], theme.boundary_colours(2, CONFIDENCE_LEVELS)[ZERO])


@pytest.mark.parametrize("status", Status)
def test_it_is_finer_while_nothing_moves(status: Status) -> None:
    side = LIVE_SIDE if status is Status.TRAINING else STILL_SIDE
    frame = frame_of(Run(PRESETS["circle"]), status)
    assert frame.boundary.shape == (side, side)
    assert [column.shape for column in frame.maps] == [(n, side, side) for n in frame.experiment.sizes]
    assert {column.dtype for column in [frame.boundary, *frame.maps]} == {np.dtype(np.uint8)}


@pytest.mark.parametrize("name", PRESETS)
def test_it_says_where_the_run_stands(name: str) -> None:
    run = Run(PRESETS[name])
    run.step(5)
    frame = frame_of(run, Status.TRAINING)
    assert (frame.step, frame.epoch, frame.experiment) == (run.steps, run.epochs, run.experiment)
    assert (frame.train, frame.test) == run.score()
    sizes = frame.experiment.sizes
    assert [weights.shape for weights in frame.weights] == list(zip(sizes[1:], sizes[:-1], strict=True))
    assert [biases.shape for biases in frame.biases] == [(size,) for size in sizes[1:]]


@pytest.mark.parametrize("steps", [0, 1, 7, 1500])
def test_the_curve_ends_at_this_moment(steps: int) -> None:
    run = Run(PRESETS["gauss"])
    run.step(steps)
    frame = frame_of(run, Status.TRAINING)
    assert frame.train is not None
    assert frame.test is not None
    assert frame.curve.steps[-1] == steps
    assert (frame.curve.train[-1], frame.curve.test[-1]) == (frame.train.loss, frame.test.loss)
    assert (np.diff(frame.curve.steps) > 0).all()
    assert len(frame.curve.steps) <= 2_000


def test_without_points_there_are_pictures_and_no_scores() -> None:
    frame = frame_of(Run(Experiment(Data(DRAWN))), Status.WAITING)
    assert (frame.train, frame.test) == (None, None)
    assert len(np.unique(frame.boundary)) > 1


def test_a_large_network_has_coarse_pictures_even_at_rest() -> None:
    layers = (LayerSpec(64, "tanh"), LayerSpec(64, "tanh"))
    run = Run(Experiment(network=Network(layers=layers)))
    assert frame_of(run).boundary.shape == (LIVE_SIDE, LIVE_SIDE)


def test_a_run_that_is_broken_on_purpose_says_so_and_shows_what_it_takes_for_its_gradients() -> None:
    source = FaultyGradients(["wrong_sign", "wrong_tanh"])
    run = broken_run(PRESETS["circle"], source)
    frame = frame_of(run)
    assert frame.mistakes == {"wrong_sign", "wrong_tanh"}
    assert frame.gradients is not None
    for name, gradient in model_gradients(frame.snapshot, {"wrong_tanh"}).items():
        np.testing.assert_array_equal(frame.gradients[name], gradient, "it is their use that has the wrong sign")
    waiting = broken_run(Experiment(data=Data(DRAWN)), source)
    assert frame_of(waiting, Status.WAITING).gradients is None
    sound = frame_of(Run(PRESETS["circle"]))
    assert (sound.mistakes, sound.gradients) == (frozenset(), None)


def test_with_its_own_weights_a_frame_is_as_it_was_and_with_those_of_the_next_step_as_the_next() -> None:
    runs = Runs.of(Run(PRESETS["circle"]))
    runs.step(20)
    frame = take_frame(runs, Status.PAUSED, training=False, steps_per_second=None)
    runs.step()
    following = take_frame(runs, Status.PAUSED, training=False, steps_per_second=None)
    assert frame.snapshot is not None
    graph = batch_graph(frame.snapshot, 0)
    for weights, expected in ((frame.snapshot.weights, frame), (weights_after(graph, frame.snapshot), following)):
        found = with_weights(frame, weights)
        for mine, theirs in zip(found.weights, expected.weights, strict=True):
            np.testing.assert_allclose(mine, theirs, rtol=1e-4, atol=1e-6)
        for mine, theirs in zip(found.maps, expected.maps, strict=True):
            assert np.abs(mine.astype(int) - theirs).max() <= 1
    assert with_weights(frame, frame.snapshot.weights).step == frame.step


@pytest.mark.parametrize("classes", [2, 3])
def test_a_close_up_is_of_its_area_and_leaves_the_pictures_of_the_whole_plane_as_they_are(classes: int) -> None:
    run, area = Run(blobs(classes)), Area(1.0, -3.0, 2.0)
    run.step(30)
    whole = take_frame(Runs.of(run), Status.TRAINING, True, None)
    near = take_frame(Runs.of(run), Status.TRAINING, True, None, area=area)
    np.testing.assert_array_equal(near.boundary, whole.boundary)
    assert whole.seen.area == WHOLE
    assert near.seen.area == area
    cells = area.low + (centres(LIVE_SIDE).reshape(-1, 2) + PLANE) * area.side / (2 * PLANE)
    _, *columns, outputs = run.activations(cells)
    labels, _ = run.verdict(outputs)
    found = colours_in(near.seen.boundary, classes).ravel()
    np.testing.assert_array_equal(found, labels)
    hidden, full = near.seen.maps[1][0].ravel(), near.seen.scales[1][0]
    np.testing.assert_allclose((hidden - 127.5) / 128 * full, columns[0][:, 0], atol=0.01 * full)
    place = np.array([1.7, -2.2])
    value = run.activations(place[None])[1][0, 0]
    assert near.activation(1, 0, place) == pytest.approx(value, abs=0.05 * float(full))
