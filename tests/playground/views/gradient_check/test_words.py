"""The words of the gradient check: the microscope's names, numbers as they are written, and what is said of a row."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, strategies as st

from engine.microscope.gradcheck.check import GradientCheck, Verdict
from engine.microscope.graph.expression_graph import Parameter, point_graph
from engine.microscope.text.words import Words
from playground.views.gradient_check.words import (
    conclusion,
    digits,
    error,
    of_row,
    parameter_at,
    power,
    row_name,
    row_of,
    wrong_ones,
)
from tests.frames import frame_of
from tests.playground.views.gradient_check.conftest import experiment, table_of, with_weights, wrong_by


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("layers", [(), ("tanh",), ("relu", "sigmoid")])
def test_a_row_is_called_what_the_microscope_calls_it(layers: tuple[str, ...], classes: int) -> None:
    frame = frame_of(experiment(*layers, classes=classes))
    table, graph = table_of(frame), point_graph(frame.snapshot, 0)
    words = Words(graph)
    assert len(table) == len(graph.parameters)
    for row in range(len(table)):
        parameter = parameter_at(table, row)
        assert row_name(table, row) == words.title(graph.parameters[parameter])
        assert row_of(table, parameter) == row


def test_a_parameter_that_the_network_does_not_have_has_no_row() -> None:
    table = table_of(frame_of(experiment("tanh")))
    assert row_of(table, Parameter("0.weight", (3, 0))) is None
    assert row_of(table, Parameter("8.bias", (0,))) is None
    assert row_of(table, None) is None


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_written_in_eight_digits_with_proper_signs(x: float) -> None:
    text = digits(x)
    assert "-" not in text
    assert "+" not in text
    assert float(text.replace("−", "-")) == pytest.approx(x, rel=5.1e-8, abs=0)


def test_numbers_look_as_mathematics_writes_them() -> None:
    assert [digits(x) for x in (0.0, -0.25, 1.5e-7, -2e20)] == ["0", "−0.25", "1.5e−7", "−2e20"]
    assert digits(math.nan) == "not a number"
    assert digits(-math.inf) == "−∞"
    assert [error(x) for x in (0.0, 3.14e-10, 2.0, 1.24e-5, 4e17)] == ["0", "3.1e−10", "2.0", "1.2e−5", "4.0e17"]
    assert error(math.nan) == "–"
    assert [power(x) for x in (-6, -14, -1, -6.5)] == ["1e−6", "1e−14", "1e−1", "3.2e−7"]


def test_the_conclusion_is_a_sentence_and_what_is_wrong_is_named_as_in_the_diagram() -> None:
    frame = frame_of(experiment("tanh", "tanh"))
    assert conclusion(table_of(frame)) == "25 of 25 derivatives agree with their finite differences."
    doubled = table_of(frame, gradients=wrong_by(2, "2.weight")(frame.snapshot))
    assert conclusion(doubled) == "9 of 25 derivatives are wrong."
    assert wrong_ones(doubled) == ["all 9 weights of layer 2: 2 times what they should be"]
    negative = table_of(frame, gradients=wrong_by(-1, "4.bias")(frame.snapshot))
    assert conclusion(negative) == "1 of 25 derivatives is wrong."
    assert wrong_ones(negative) == ["bias b of the output: −1 times what it should be"]
    graph = point_graph(frame.snapshot, 0)
    few, right = (dict(wrong_by(factor, "0.weight")(frame.snapshot)) for factor in (3, 1))
    some = table_of(frame, gradients=few)
    names = [Words(graph).title(graph.parameters[parameter_at(some, row)]) for row in range(6)]
    few["0.weight"][1:] = right["0.weight"][1:]
    assert wrong_ones(table_of(frame, gradients=few)) == [f"{names[0]}, {names[1]}: 3 times what they should be"]


def test_of_a_network_that_has_diverged_the_conclusion_says_what_to_do() -> None:
    frame = with_weights(frame_of(experiment("tanh")), w0=np.full((3, 2), np.nan))
    table = table_of(frame)
    assert "not finite numbers" in conclusion(table)
    assert "reset the network" in conclusion(table)
    one = table_of(
        frame_of(experiment("tanh")), gradients=wrong_by(np.nan, "2.bias")(frame_of(experiment("tanh")).snapshot)
    )
    assert "1 of 13 derivatives are not finite numbers" in conclusion(one)
    assert "reset the network" not in conclusion(one)
    assert of_row(table, 0, ()).startswith(
        "Chosen: weight w₁ of layer 1 neuron 1. One of the two, or the loss, is infinite or"
    )


def test_what_is_said_of_a_row_fits_its_verdict() -> None:
    frame = frame_of(experiment("tanh"))
    table = table_of(frame)
    count = int(-math.log10(table.relative[2]))
    assert f"weight w₁ of layer 1 neuron 2. The two numbers agree to about {count} digits." in of_row(table, 2, ())
    wrong = table_of(frame, gradients=wrong_by(2, "0.weight")(frame.snapshot))
    text = of_row(wrong, 2, ())
    assert digits(wrong.analytical[2]) in text
    assert digits(wrong.numerical[2]) in text
    assert "the rule that computed this derivative is wrong" in text


def test_a_dead_neuron_agrees_to_the_last_digit() -> None:
    dead = with_weights(frame_of(experiment("relu")), w0=np.zeros((3, 2)), b0=np.full(3, -1.0))
    assert "the same to the last digit" in of_row(table_of(dead), 0, ())


def test_a_kink_is_explained_by_its_sentence_and_the_others_are_counted() -> None:
    frame = frame_of(experiment("relu", "relu"), steps=5)
    check = GradientCheck(frame.snapshot, 0.1)
    check.advance(len(check))
    rows = np.flatnonzero(check.table.verdict == Verdict.KINK).tolist()
    counts = {row: len(check.kinks(row)) for row in rows}
    assert max(counts.values()) > 1
    for row, count in counts.items():
        text = of_row(check.table, row, check.kinks(row))
        assert check.kinks(row)[0].sentence in text
        assert ("more corner" in text) == (count > 1)
        assert count <= 1 or f"{count - 1} more corner" in text
