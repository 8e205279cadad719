"""The expression graph of a formula: the numbers, gradients and names that the window shows."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, strategies as st

from engine.formula import EXAMPLES, parse
from engine.microscope.film.film import Film, Phase
from engine.microscope.gradcheck.derivatives import central_difference
from engine.microscope.graph.expression_graph import ExpressionGraph, Part
from engine.microscope.graph.formula_graph import formula_graph
from engine.microscope.text.words import Words

NUMBERS = st.floats(-3, 3).map(lambda x: round(x, 3))


def by_name(graph: ExpressionGraph) -> dict[str, tuple[float, float | None]]:
    """The number and the gradient of everything, by its name or formula."""
    words = Words(graph)
    return {words.title(i): (graph.value(i), graph.gradient(i)) for i in range(len(graph.nodes))}


def test_the_circuit_of_the_lecture() -> None:
    graph = formula_graph(parse(EXAMPLES["a sum and a product"]))
    assert by_name(graph) == {"a": (-2, -4), "b": (5, -4), "c": (-4, 3), "a + b": (3, -4), "f": (-12, 1)}


def test_the_neuron_of_the_lecture() -> None:
    found = by_name(formula_graph(parse(EXAMPLES["a neuron"])))
    gradients = {name: gradient for name, (_, gradient) in found.items()}
    expected = {"x1": -1.5, "w1": 1.0, "x2": 0.5, "w2": 0.0, "b": 0.5, "w1·x1": 0.5, "f": 1.0}
    assert {name: gradients[name] for name in expected} == pytest.approx(expected)
    assert found["f"][0] == pytest.approx(math.sqrt(0.5))


@given(NUMBERS, NUMBERS, NUMBERS)
def test_the_gradient_of_each_input_is_that_of_finite_differences(a: float, b: float, c: float) -> None:
    program = parse("tanh(a*b) + sin(c)*a - exp(b/4)*c**2").with_inputs(a=a, b=b, c=c)
    graph = formula_graph(program)
    for i, part in enumerate(graph.parts):
        if part.column == 0:
            name = graph.names[i]
            difference = central_difference(program.of(name), program.inputs[name], 1e-5)
            assert graph.gradient(i) == pytest.approx(difference, abs=1e-7)


def test_inputs_stand_in_column_0_in_the_order_of_the_text_and_the_output_is_last() -> None:
    graph = formula_graph(parse("b = 2, a = 3, y = a - b"))
    assert [graph.names[i] for i in graph.outputs[0]] == ["b", "a"]
    assert [part for part in graph.parts if part.column == 0] == [Part(0, 0), Part(0, 1)]
    assert (graph.names[graph.root], graph.value(graph.root)) == ("y", 1)
    for i in range(len(graph.nodes)):
        assert all(parent < i for parent in graph.parents(i))


def test_what_the_output_does_not_depend_on_is_left_out() -> None:
    graph = formula_graph(parse("a = -4, b = 2, c = a + b, d = a*b, e = d**2"))
    assert set(by_name(graph)) == {"a", "b", "d", "2", "e"}
    assert by_name(graph)["a"] == (-4, -32)
    assert by_name(graph)["b"] == (2, 64)


@pytest.mark.parametrize(("text", "name", "gradient"), [("x", "x", 1), ("a = 5", "a", 1), ("a = 2, b = a", "a", 1)])
def test_a_bare_input_is_a_graph_of_one_number(text: str, name: str, gradient: float) -> None:
    graph = formula_graph(parse(text))
    assert len(graph.nodes) == 1
    assert [graph.names[0], graph.gradient(0)] == [name, gradient]


def test_without_an_input_no_gradient_arrives() -> None:
    graph = formula_graph(parse("2 * 3 + 4"))
    assert graph.value(graph.root) == 10
    assert graph.gradients == [None] * len(graph.nodes)


@pytest.mark.parametrize("text", EXAMPLES.values())
def test_the_film_of_a_formula_ends_with_the_numbers_and_gradients_of_its_graph(text: str) -> None:
    graph = formula_graph(parse(text))
    film = Film(graph)
    assert {step.phase for step in film.steps} == {Phase.FORWARD, Phase.SEED, Phase.BACKWARD}
    film.seek(len(film.steps))
    assert film.data == [node.data for node in graph.nodes]
    assert film.gradients == graph.gradients
