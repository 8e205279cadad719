"""Lines of the network over the plane: where neurons sum to 0, and where its linear regions end."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtGui import QPainterPath

from engine.microscope.regions import LinearFormula
from engine.training import PRESETS, Data, Experiment, LayerSpec, Network, Run, activations_at
from playground.runtime.frame import Frame
from playground.views.formulas import formula_in_words
from playground.views.plane.lines import region_lines, zero_lines
from playground.views.plane.output import OutputView
from tests.frames import frame_of
from tests.playground.views.plane.conftest import hover, seen_around, texts


def straight(*sizes: int, classes: int = 2, features: tuple[str, ...] = ("x1", "x2")) -> Frame:
    layers = tuple(LayerSpec(size, "relu") for size in sizes)
    experiment = Experiment(Data("blobs", classes=classes), Network(features, layers), seed=3)
    return frame_of(experiment, steps=30)


def places(path: QPainterPath) -> NDArray[np.float64]:
    elements = [path.elementAt(i) for i in range(path.elementCount())]
    return np.array([(element.x, element.y) for element in elements]).reshape(-1, 2)


def test_the_zero_lines_of_the_first_layer_are_straight_and_where_its_sums_are_0() -> None:
    frame = straight(5, 3)
    lines = zero_lines(frame, 0, None)
    assert len(lines) == 5
    for unit, line in enumerate(lines):
        found = places(line.path)
        assert len(found) > 20
        sums = found @ frame.weights[0][unit] + frame.biases[0][unit]
        np.testing.assert_allclose(sums, 0, atol=1e-4)


def test_those_of_the_second_are_where_its_neurons_begin() -> None:
    frame = straight(5, 3)
    for unit, line in enumerate(zero_lines(frame, 1, None)):
        if len(found := places(line.path)):
            sums = activations_at(frame.experiment, frame.weights, frame.biases, found)[1] @ frame.weights[1][unit]
            assert np.abs(sums + frame.biases[1][unit]).max() < 0.2 * np.abs(frame.weights[1]).max()  # of 0.2 a place


def test_the_neuron_that_is_pointed_at_stands_out_and_brings_its_layer() -> None:
    frame = straight(5, 3)
    *usual, own = zero_lines(frame, 0, (2, 1))
    assert len(usual) == 3
    assert own.width > usual[0].width
    np.testing.assert_array_equal(places(own.path), places(usual[1].path))
    assert len(zero_lines(frame, 0, (0, 1))) == len(zero_lines(frame, 0, (3, 0))) == 5  # a feature, and an output


def test_there_are_none_without_a_hidden_layer_and_the_last_ones_of_a_layer_that_is_gone() -> None:
    assert zero_lines(straight(), 0, None) == []
    assert len(zero_lines(straight(4), 5, None)) == 4


def test_regions_end_at_the_zero_lines_of_all_layers_and_nothing_that_is_curved_has_any() -> None:
    frame = straight(4, 3)
    ends = np.concatenate([places(lines.path) for lines in region_lines(frame)])
    zeros = np.concatenate([places(lines.path) for layer in (0, 1) for lines in zero_lines(frame, layer, None)])
    assert len(ends) == len(zeros)
    assert {tuple(p) for p in np.round(ends, 9)} == {tuple(p) for p in np.round(zeros, 9)}
    assert region_lines(frame_of(PRESETS["circle"])) == []


def test_numbers_beyond_all_bounds_have_no_lines() -> None:
    frame = straight(4)
    broken = frame_of(frame.experiment, weights=tuple(np.full_like(w, np.nan) for w in frame.weights))
    assert all(lines.path.isEmpty() for lines in (*zero_lines(broken, 0, None), *region_lines(broken)))


def test_they_lie_where_the_plane_cuts_through_the_other_inputs() -> None:
    """Of four inputs two are at the values of their sliders, and so the lines are other ones than at the mean."""
    network = Network(("x1", "x2", "x3", "x4"), (LayerSpec(5, "relu"),))
    frame, rest = frame_of(Experiment(PRESETS["penguins"].data, network), steps=30), (2.0, -3.0)
    moved = replace(frame, rest=rest)
    for unit, line in enumerate(zero_lines(moved, 0, None)):
        found = places(line.path)
        inputs = np.hstack([found, np.tile(rest, (len(found), 1))])
        np.testing.assert_allclose(inputs @ frame.weights[0][unit] + frame.biases[0][unit], 0, atol=1e-4)
    ends, before = ([places(lines.path) for lines in region_lines(f)] for f in (moved, frame))
    assert not all(a.shape == b.shape and np.allclose(a, b) for a, b in zip(ends, before, strict=True))


def test_of_very_many_neurons_there_are_lines_of_those_that_are_drawn(view: OutputView) -> None:
    frame = frame_of(Experiment(network=Network(layers=(LayerSpec(100, "relu"), LayerSpec(3, "relu")))))
    assert len(zero_lines(frame, 0, None)) == 64
    view.show_frame(frame)
    view.set_option("zeros", True)
    assert "Lines of the first 64 neurons of each layer" in texts(view)
    view.set_option("zeros", False)


@pytest.mark.parametrize("name", ["zeros", "regions"])
def test_they_are_seen_once_they_are_asked_for(view: OutputView, name: str) -> None:
    frame = straight(6)
    view.show_frame(frame)
    x1, x2 = next(p for p in places(zero_lines(frame, 0, None)[0].path) if np.abs(p).max() < 5)
    before = seen_around(view, x1, x2)
    view.set_option(name, True)
    assert seen_around(view, x1, x2) != before
    view.set_option(name, False)
    assert seen_around(view, x1, x2) == before


def test_the_formula_of_the_region_that_is_pointed_at_stands_below(view: OutputView) -> None:
    frame, (x1, x2) = straight(4, 3), (-3.0, -2.0)
    view.show_frame(frame)
    view.set_option("regions", True)
    hover(view, (x1, x2))
    (said,) = [text for text in texts(view) if text.startswith("ŷ = ")]
    numbers = re.fullmatch(r"ŷ = (−?[\d.e-]+) x₁ ([+−]) ([\d.e-]+) x₂ ([+−]) ([\d.e-]+)", said)
    assert numbers is not None, said
    a, b, c = numbers[1], numbers[2] + numbers[3], numbers[4] + numbers[5]
    first, second, third = (float(number.replace("−", "-")) for number in (a, b, c))
    output = activations_at(frame.experiment, frame.weights, frame.biases, np.array([[x1, x2]]))[-1][0, 0]
    assert first * x1 + second * x2 + third == pytest.approx(output, rel=0.03, abs=0.05)
    view.set_option("regions", False)
    assert not any(text.startswith("ŷ") for text in texts(view))


def test_where_nothing_is_linear_the_hint_says_why(view: OutputView) -> None:
    view.show_frame(frame_of(PRESETS["circle"]))
    view.set_option("regions", True)
    assert "No linear regions: tanh is curved." in texts(view)
    hover(view, (1.0, 2.0))
    assert any(text.startswith("class ") for text in texts(view))
    view.show_frame(straight(4))
    assert any(text.startswith("ŷ = ") for text in texts(view))


def test_a_formula_is_of_the_largest_output_and_in_the_networks_features() -> None:
    experiment = Run(Experiment(Data("blobs", classes=3), Network(("x1", "sin_x2"), ()))).experiment
    slopes = np.array([[1.0, 2.0], [0.30561, -1.2], [-2, 0]])
    formula = LinearFormula(slopes, np.array([0.0, 0.4, 0]), np.array([1.0, 5.0, 2.0]))
    assert formula_in_words(formula, experiment) == "ŷ₂ = 0.306 x₁ − 1.2 sin x₂ + 0.4"
    assert formula_in_words(formula._replace(outputs=np.array([0, 1.0, 2.0])), experiment) == "ŷ₃ = −2 x₁"
    nothing = LinearFormula(np.zeros((1, 2)), np.zeros(1), np.zeros(1))
    assert formula_in_words(nothing, experiment) == "ŷ = 0"
    broken = LinearFormula(np.full((1, 2), np.nan), np.zeros(1), np.zeros(1))
    assert formula_in_words(broken, experiment) == "not a number"
