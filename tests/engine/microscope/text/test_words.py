"""Words: every number has a name, and the formulas that are written of it are true."""

from __future__ import annotations

import math
import re
from functools import cache
from typing import Any

import pytest
from hypothesis import given, strategies as st

from engine.formula import parse
from engine.microscope.graph.expression_graph import ExpressionGraph, Parameter, Part, batch_graph, point_graph
from engine.microscope.graph.formula_graph import formula_graph
from engine.microscope.text.words import UNKNOWN, Words
from engine.nn import ACTIVATIONS, LOSSES
from engine.training import DRAWN, FEATURES, PRESETS, Data, Experiment, LayerSpec, Network, Run, RunSnapshot, Training
from tests.engine.microscope.text.test_spelling import read
from tests.engine.strategies import networks, small_layer_specs

GRAPHS = pytest.mark.parametrize("graph_of", [point_graph, batch_graph])
LONGEST_NAME = 60
LONGEST_FORMULA = 400


@cache
def snapshot_of(*layers: LayerSpec, loss: str = "cross_entropy", classes: int = 2, **network: Any) -> RunSnapshot:
    """The moment of a small experiment, some steps into its training."""
    data = Data("gauss", count=20, noise=0.3) if classes == 2 else Data("blobs", count=20, classes=classes)
    run = Run(Experiment(data, Network(layers=layers, **network), Training(loss=loss, learning_rate=0.02)))
    run.step(2)
    return run.snapshot()


def parts_of(graph: ExpressionGraph) -> list[Part]:
    return list(dict.fromkeys(graph.parts))


def data_of(graph: ExpressionGraph) -> list[Any]:
    return [node.data for node in graph.nodes]


def seen_from(graph: ExpressionGraph, part: Part) -> list[int]:
    """The numbers that a part computes, and those that it computes with."""
    own = [i for i, other in enumerate(graph.parts) if other == part]
    return list(dict.fromkeys([*own, *(p for i in own for p in graph.parents(i))]))


def by_name(words: Words, nodes: list[int], part: Part) -> dict[str, float]:
    """Numbers by the names that they have in a part."""
    return {words.called(i, part): words.graph.value(i) for i in nodes if words.called(i, part)}


def assert_lines_are_true(words: Words, part: Part) -> None:
    """Reading line after line, with nothing known but what came before, gives each number of the part."""
    graph = words.graph
    given = [i for i in seen_from(graph, part) if graph.parts[i] != part or graph.nodes[i].op is None]
    known = by_name(words, given, part)
    lines = words.lines(part)
    for i in lines:
        text, in_numbers = words.line(i), words.line_in_numbers(i, data_of(graph))
        assert graph.value(i) in read(text, known), text
        assert graph.value(i) in read(in_numbers), in_numbers
        assert words.called(i) not in known
        known[words.called(i)] = graph.value(i)
    if graph.nodes[words.output(part)].op is not None:
        assert lines[-1] == words.output(part)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@GRAPHS
def test_the_lines_of_a_neuron_read_one_after_the_other_compute_it(activation: str, graph_of: Any) -> None:
    layers = LayerSpec(3, activation), LayerSpec(1, activation), LayerSpec(2, activation)
    snapshot = snapshot_of(*layers, features=tuple(FEATURES))
    words = Words(graph_of(snapshot, 4))
    for part in parts_of(words.graph)[:-1]:
        assert_lines_are_true(words, part)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("classes", [2, 3, 8])
def test_the_lines_of_a_loss_read_one_after_the_other_compute_it(loss: str, classes: int) -> None:
    graph = point_graph(snapshot_of(LayerSpec(2, "tanh"), loss=loss, classes=classes), 5)
    assert_lines_are_true(Words(graph), graph.parts[graph.root])
    alone = batch_graph(snapshot_of(LayerSpec(2, "tanh"), loss=loss, classes=classes), 5)
    words = Words(alone)
    *lines, mean = words.lines(alone.parts[alone.root])
    assert alone.names[lines[-1]] == "loss", "what one point adds has a line of its own"
    assert words.line(mean) == f"(loss + …) / {len(alone.rows)}"


@pytest.mark.parametrize("loss", LOSSES)
@GRAPHS
def test_the_formula_of_every_single_operation_is_true(loss: str, graph_of: Any) -> None:
    snapshot = snapshot_of(LayerSpec(2, "gelu"), LayerSpec(2, "silu"), loss=loss, classes=3)
    graph = graph_of(snapshot, 4)
    words, data = Words(graph), data_of(graph)
    for i, node in enumerate(graph.nodes):
        known = by_name(words, seen_from(graph, graph.parts[i]), graph.parts[i])
        if graph.names[i] == "total loss":
            assert words.formula(i) == "loss + …"
        elif node.op is not None:
            assert graph.value(i) in read(words.formula(i), known), words.formula(i)
            assert graph.value(i) in read(words.in_numbers(i, data)), words.in_numbers(i, data)
        else:
            assert words.formula(i) == words.name(i)


LINES = [
    ("tanh", ["a = tanh(w₁·x₁ + w₂·x₂ + b)"]),
    ("linear", ["a = w₁·x₁ + w₂·x₂ + b"]),
    ("leaky_relu", ["z = w₁·x₁ + w₂·x₂ + b", "a = 0.01·z + 0.99·ReLU(z)"]),
    ("silu", ["z = w₁·x₁ + w₂·x₂ + b", "a = z·σ(z)"]),
    ("gelu", ["z = w₁·x₁ + w₂·x₂ + b", "a = 0.5·z·(1 + tanh(0.7979·(z + 0.044715·z²·z)))"]),
]


@pytest.mark.parametrize(("activation", "lines"), LINES)
def test_known_neurons_are_written_as_by_hand(activation: str, lines: list[str]) -> None:
    words = Words(point_graph(snapshot_of(LayerSpec(2, activation)), 0))
    assert [f"{words.name(i)} = {words.line(i)}" for i in words.lines(Part(1, 1))] == lines


def test_a_known_loss_is_written_as_by_hand() -> None:
    words = Words(point_graph(snapshot_of(LayerSpec(2, "tanh"), classes=3), 0))
    assert [f"{words.name(i)} = {words.line(i)}" for i in words.lines(Part(3, 0))] == [
        "u₁ = ŷ₁ − max",
        "u₂ = ŷ₂ − max",
        "u₃ = ŷ₃ − max",
        "u₄ = log(exp(u₁) + exp(u₂) + exp(u₃))",
        "loss = −(t₁·(u₁ − u₄) + t₂·(u₂ − u₄) + t₃·(u₃ − u₄))",
    ]


# ── names ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def assert_well_named(graph: ExpressionGraph) -> None:
    """Every number has a short name, which no other of its part has, nor one that the part computes with.

    Fixed numbers are called what they are, however often they occur.
    """
    words = Words(graph)
    for part in parts_of(graph):
        seen = seen_from(graph, part)
        names = {i: words.name(i, part) for i in seen}
        fixed = [i for i in seen if graph.nodes[i].op is None and not graph.names[i]]
        assert all(graph.value(i) in read(names.pop(i)) for i in fixed)
        assert len(names) == len(set(names.values())), f"{words.part(part)}: {names}"
        assert all(0 < len(name) < LONGEST_NAME for name in names.values())
        assert all(len(words.formula(i)) < LONGEST_FORMULA for i in seen)
        assert all(len(words.line(i)) < LONGEST_FORMULA for i in words.lines(part))


@pytest.mark.parametrize("preset", [name for name in PRESETS if PRESETS[name].data.dataset != DRAWN])
@GRAPHS
def test_the_numbers_of_every_preset_have_short_names_of_their_own(preset: str, graph_of: Any) -> None:
    assert_well_named(graph_of(Run(PRESETS[preset]).snapshot(), 0))


@given(networks(small_layer_specs, at_most=3), st.sampled_from(tuple(LOSSES)), st.integers(2, 9), st.booleans())
def test_the_numbers_of_any_network_have_short_names_of_their_own(
    network: Network, loss: str, classes: int, batch: bool
) -> None:
    data = Data("gauss", count=6) if classes == 2 else Data("blobs", count=12, classes=classes)
    snapshot = Run(Experiment(data, network, Training(loss=loss))).snapshot()
    assert_well_named((batch_graph if batch else point_graph)(snapshot, 0))


def test_an_output_bears_the_number_of_its_neuron_in_the_next_layer_and_none_at_home() -> None:
    graph = point_graph(snapshot_of(LayerSpec(3, "tanh"), LayerSpec(1, "silu"), LayerSpec(2, "relu"), classes=3), 0)
    words = Words(graph)
    third = graph.outputs[1][2]
    assert words.name(third) == words.name(third, Part(1, 2)) == "a"
    assert words.name(third, Part(2, 0)) == "a₃"
    alone = graph.outputs[2][0]
    assert words.name(alone, Part(2, 0)) == "a"
    assert words.name(alone, Part(3, 1)) == "a₁", "even one neuron alone: the next one has an a of its own"
    assert words.line(words.output(Part(3, 1))) == "ReLU(w₁·a₁ + b)"
    output = graph.outputs[4][1]
    assert words.name(output) == "ŷ"
    assert words.name(output, Part(5, 0)) == "ŷ₂"


def test_a_single_output_needs_no_number() -> None:
    graph = point_graph(snapshot_of(LayerSpec(2, "tanh"), loss="mse"), 0)
    words = Words(graph)
    assert words.name(graph.outputs[2][0], Part(3, 0)) == "ŷ"
    assert [words.line(i) for i in words.lines(Part(3, 0))] == ["ŷ − t", "u₁²"]


def test_parts_and_titles_say_where_a_number_is() -> None:
    graph = point_graph(snapshot_of(LayerSpec(2, "tanh"), LayerSpec(1, "tanh"), classes=3), 0)
    words = Words(graph)
    assert [words.part(part) for part in parts_of(graph)] == [
        "input",
        "input",
        "layer 1 neuron 1",
        "layer 1 neuron 2",
        "layer 2 neuron 1",
        "output 1",
        "output 2",
        "output 3",
        "loss",
    ]
    weight = next(i for i, p in enumerate(graph.parts) if p == Part(1, 1) and graph.names[i] == "w₂")
    assert words.title(weight) == "weight w₂ of layer 1 neuron 2"
    assert words.title(graph.outputs[1][1]) == "activation a of layer 1 neuron 2"
    assert words.title(graph.parents(graph.outputs[1][1])[0]) == "weighted sum z of layer 1 neuron 2"
    assert words.title(graph.outputs[0][1]) == "input x₂"
    assert words.title(graph.outputs[3][2]) == "prediction ŷ of output 3"
    assert words.title(graph.root) == "loss"
    alone = point_graph(snapshot_of(loss="mse"), 0)
    assert Words(alone).title(alone.parameters[Parameter("0.bias", (0,))]) == "bias b of the output"
    assert Words(alone).title(alone.root - 1) == "difference u₁ of the loss"


def test_a_formula_that_a_user_typed_keeps_the_names_that_it_has() -> None:
    graph = formula_graph(parse("a = 2; z = a*a; z*a + 3*z"))
    words = Words(graph)
    assert [words.part(part) for part in parts_of(graph)] == ["input", "formula"]
    assert words.name(graph.outputs[0][0], Part(1, 0)) == "a"
    assert [f"{words.name(i)} = {words.line(i)}" for i in words.lines(Part(1, 0))] == ["z = a²", "f = z·a + 3·z"]
    assert_lines_are_true(words, Part(1, 0))


def test_features_are_lines_of_the_point_that_they_are_computed_from() -> None:
    graph = point_graph(snapshot_of(features=tuple(FEATURES)), 0)
    words = Words(graph)
    computed = {words.name(i): words.line(i) for column in range(7) for i in words.lines(Part(0, column))}
    assert computed == {
        "x₁²": "x₁²",
        "x₂²": "x₂²",
        "x₁x₂": "x₁·x₂",
        "sin x₁": "sin(x₁)",
        "sin x₂": "sin(x₂)",
    }


def test_a_neuron_with_many_inputs_is_written_by_the_ends_of_its_sum() -> None:
    graph = point_graph(snapshot_of(LayerSpec(16, "tanh"), LayerSpec(1, "tanh"), loss="mse"), 0)
    words = Words(graph)
    output = graph.outputs[2][0]
    assert words.line(output) == "tanh(w₁·a₁ + w₂·a₂ + … + w₁₆·a₁₆ + b)"
    figure = r"(?:[\d.]+(?:e−\d+)?|\(−[\d.]+(?:e−\d+)?\))"
    first, last = rf"−?{figure}·{figure} \+ {figure}·{figure}", rf"{figure}·{figure} \+ {figure}"
    in_numbers = words.line_in_numbers(output, data_of(graph))
    assert re.fullmatch(rf"tanh\({first} \+ … \+ {last}\)", in_numbers), in_numbers


# ── numbers ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_not_computed_yet_is_a_question_mark_and_nothing_else_is() -> None:
    graph = point_graph(snapshot_of(LayerSpec(2, "tanh")), 0)
    words = Words(graph)
    data = [node.data if node.op is None else None for node in graph.nodes]
    a = graph.outputs[1][0]
    assert words.in_numbers(a, data) == f"tanh({UNKNOWN})"
    assert UNKNOWN not in words.line_in_numbers(a, data), "weights and points are known from the beginning"


def test_a_batch_shows_the_numbers_of_the_point_that_was_asked_for() -> None:
    snapshot = snapshot_of(LayerSpec(2, "tanh"))
    asked = int(snapshot.batch[3])
    batch, point = batch_graph(snapshot, asked), point_graph(snapshot, asked)
    for k in range(2):
        i, j = batch.outputs[1][k], point.outputs[1][k]
        shown = Words(batch).line_in_numbers(i, data_of(batch))
        assert shown == Words(point).line_in_numbers(j, data_of(point))
        assert Words(batch).number(batch.nodes[i].data) == Words(point).number(point.nodes[j].data)


def test_what_is_not_a_number_is_said_in_words_wherever_it_stands() -> None:
    graph = point_graph(snapshot_of(LayerSpec(2, "tanh")), 0)
    words, data = Words(graph), data_of(graph)
    product = graph.children[graph.outputs[0][0]][0]
    weight, _ = graph.parents(product)
    data[weight] = math.nan
    assert words.in_numbers(product, data).startswith("(not a number)·")
    assert words.number(math.nan) == "not a number"
    assert words.number(-math.inf) == "−∞"


@pytest.mark.parametrize("loss", LOSSES)
@GRAPHS
def test_marks_are_put_around_each_name_and_number_and_change_nothing_else(loss: str, graph_of: Any) -> None:
    graph = graph_of(snapshot_of(LayerSpec(2, "gelu"), LayerSpec(1, "tanh"), loss=loss, classes=3), 3)
    plain, marked = Words(graph), Words(graph, lambda i, text: f'<a href="node {i}">{text}</a>')
    data = data_of(graph)

    def link_free(text: str) -> str:
        return re.sub(r'<a href="node \d+">(.*?)</a>', r"\1", text)

    def links(text: str) -> set[tuple[int, str]]:
        return {(int(j), shown) for j, shown in re.findall(r'<a href="node (\d+)">(.*?)</a>', text)}

    for i, node in enumerate(graph.nodes):
        part = graph.parts[i]
        assert link_free(marked.name(i, part)) == plain.name(i, part)
        assert link_free(marked.title(i)) == plain.title(i)
        assert link_free(marked.formula(i)) == plain.formula(i)
        if node.op is not None:
            assert link_free(marked.line(i)) == plain.line(i)
            assert link_free(marked.in_numbers(i, data)) == plain.in_numbers(i, data)
        symbols, numbers = (links(text) for text in (marked.formula(i), marked.in_numbers(i, data)))
        named = {j for j in seen_from(graph, part) if plain.called(j) and (j != i or node.op is None)}
        assert symbols == {(j, plain.called(j, part)) for j, _ in symbols}
        assert numbers == {(j, plain.number(data[j])) for j, _ in symbols}
        assert {j for j, _ in symbols} >= named & {i, *graph.parents(i)}
