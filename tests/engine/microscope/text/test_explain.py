"""Explain: whatever is said of a micro-step is true of the numbers that it worked on."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from engine.autograd import Tensor, grad, ops
from engine.formula import parse
from engine.microscope.film.film import Film, Flow, Phase
from engine.microscope.graph.expression_graph import Parameter, batch_graph, point_graph
from engine.microscope.graph.formula_graph import formula_graph
from engine.microscope.text.explain import SAYINGS, Explanation, Way, explain
from engine.microscope.text.spelling import bracketed, figures
from engine.microscope.text.words import Words
from engine.nn import ACTIVATIONS, LOSSES, OPTIMIZERS
from engine.training import Data, Experiment, LayerSpec, Network, Run, RunSnapshot, Training
from tests.engine.microscope.text.test_spelling import read
from tests.engine.microscope.text.test_words import by_name, seen_from
from tests.engine.tables import pairs

LONGEST = 400


@cache
def snapshot_of(
    activation: str = "tanh",
    loss: str = "cross_entropy",
    classes: int = 2,
    layers: tuple[int, ...] = (2, 2),
    batch_size: int | None = None,
    **training: Any,
) -> RunSnapshot:
    """A moment some steps into the training of a small network."""
    data = Data("gauss", count=20, noise=0.3) if classes == 2 else Data("blobs", count=20, classes=classes)
    network = Network(features=("x1", "x2", "sin_x1"), layers=tuple(LayerSpec(n, activation) for n in layers))
    run = Run(Experiment(data, network, Training(loss=loss, batch_size=batch_size, learning_rate=0.02, **training)))
    run.step(3)
    return run.snapshot()


def film_of(snapshot: RunSnapshot, batch: bool = False) -> Film:
    point = int(snapshot.batch[-1])
    graph = (batch_graph if batch else point_graph)(snapshot, point)
    return Film(graph, snapshot if batch or len(snapshot.batch) == 1 else None)


def shown(film: Film, words: Words | None = None) -> Iterator[Explanation]:
    """What is said at each micro-step of a film, which stands there when it is said."""
    words = words or Words(film.graph)
    while film.position < len(film.steps):
        film.forward()
        explanation = explain(film, words)
        assert explanation is not None
        yield explanation


def texts(explanation: Explanation) -> list[str]:
    """All that is to be read, the fields of ways and lines too."""
    fields = [field for part in (explanation, *explanation.ways) for field in vars(part).values()]
    return [text for text in (*fields, *(x for line in explanation.lines for x in line)) if isinstance(text, str)]


def both_sides(equation: str) -> tuple[str, str]:
    """What stands left and right of the last = of all."""
    left, right = equation.rsplit(" = ", 1)
    return left, right


# ── through whole films ───────────────────────────────────────────────────────────────────────────────────────────────


def assert_true(film: Film, words: Words, said: Explanation) -> None:
    """What is said of the micro-step that a film has just made is what it did."""
    step = film.last
    assert step is not None
    if step.node is None:
        return
    i, graph = step.node, film.graph
    assert said.heading == f"{step.phase.value} · {words.part(graph.parts[i])}"
    if step.phase in (Phase.FORWARD, Phase.LOSS):
        formula, result = both_sides(said.numbers)
        assert result == figures(graph.value(i))
        assert "…" in formula or graph.value(i) in read(formula)
        name = words.called(i)
        assert said.symbols == (f"{name} = {words.formula(i)}" if name else words.formula(i))
    elif step.phase is Phase.BACKWARD:
        assert said.symbols == f"{words.called(i) or nameless(film)} = {words.formula(i)}"
        assert both_sides(said.numbers)[1] == figures(graph.number(film.gradients[i]))
        for way, flow in zip(said.ways, film.flows, strict=True):
            assert_way_is_true(film, words, i, way, flow)
    elif step.phase is Phase.UPDATE:
        formula, result = both_sides(said.numbers)
        assert result == figures(graph.number(film.data[i]))
        assert film.data[i] in read(formula)
        *before, last = film.update_lines(i, words.called(i))
        assert (said.symbols, said.lines) == (f"{words.name(i)} ← {last.symbols}", tuple(before))


def nameless(film: Film) -> str:
    return "y₁" if "y" in film.graph.names else "y"


def assert_way_is_true(film: Film, words: Words, i: int, way: Way, flow: Flow) -> None:
    graph, node, part = film.graph, film.graph.nodes[i], film.graph.parts[i]
    assert (way.node, way.name) == (flow.parent, words.name(flow.parent, part))
    inputs = [graph.number(film.data[p]) for p in graph.parents(i)]
    slope = local_slope(node.op, flow.position, inputs)
    assert way.slope == figures(slope)
    known = by_name(words, seen_from(graph, part), part) | {words.called(i) or nameless(film): graph.value(i)}
    assert "…" in way.derivative or slope in read(way.derivative, known), way
    assert_slope_is_that_of_finite_differences(node.op, flow.position, inputs, slope)

    arriving = graph.number(film.gradients[i])
    one, *all_points = way.flow.split("; ")
    product, result = both_sides(one)
    assert result == figures(arriving * slope)
    assert arriving * slope in read(product)
    assert bool(all_points) == (graph.is_column(i) and not graph.is_column(flow.parent))
    if all_points:
        assert all_points == [f"all {len(graph.rows)} points together {figures(float(flow.share))}"]
    else:
        assert graph.number(flow.share) == pytest.approx(arriving * slope, rel=1e-12, abs=0)

    assert bool(way.sum) == (flow.before is not None)
    if flow.before is not None:
        total, result = both_sides(way.sum)
        assert result == figures(graph.number(flow.after))
        assert graph.number(flow.before) + graph.number(flow.share) in read(total)


def local_slope(op: Any, k: int, inputs: list[float]) -> float:
    """The derivative by the k-th input, by the row of the table on plain floats."""
    if op.on_floats is None:
        return 1.0
    return float(op.rules[k](1.0, op(*inputs), *inputs))


def assert_slope_is_that_of_finite_differences(op: Any, k: int, inputs: list[float], slope: float) -> None:
    h = 1e-5 * max(1.0, abs(inputs[k]))
    corner = inputs[k] - inputs[1 - k] if op in (ops.maximum, ops.minimum) else inputs[k]
    if op.on_floats is None or (op in (ops.relu, ops.absolute, ops.maximum, ops.minimum) and abs(corner) <= h):
        return

    def moved(by: float) -> float:
        return float(op(*(x + by * (j == k) for j, x in enumerate(inputs))))

    # Taylor: h²/6 of the third derivative; and the rounding of both results, over 2h
    room = 1e-9 * max(1.0, abs(slope)) + 1e-15 * max(1.0, abs(moved(0.0))) / h
    assert (moved(h) - moved(-h)) / (2 * h) == pytest.approx(slope, rel=0, abs=room)


def assert_all_is_true(film: Film) -> None:
    words = Words(film.graph)
    sums: dict[int, str] = {}
    for said in shown(film, words):
        assert_true(film, words, said)
        for text in texts(said):
            assert len(text) <= LONGEST, text
            assert not re.search(r"nan|inf|None|\?|not a number|∞", text), text
        assert all((said.heading, said.symbols, said.says))
        sums |= {way.node: both_sides(way.sum)[1] for way in said.ways if way.sum}
    for i in film.graph.parameters.values():
        assert sums[i] == figures(film.graph.gradients[i]), "the last sum is the gradient"


@pytest.mark.parametrize(("activation", "rows"), pairs(ACTIVATIONS, ["point", "batch"]))
def test_all_that_is_said_of_a_step_is_true_for_every_activation(activation: str, rows: str) -> None:
    batch = rows == "batch"
    assert_all_is_true(film_of(snapshot_of(activation, batch_size=6 if batch else 1), batch))


@pytest.mark.parametrize(("loss", "rows"), pairs(LOSSES, ["point", "batch"]))
@pytest.mark.parametrize("classes", [2, 3, pytest.param(8, marks=pytest.mark.slow)])
def test_all_that_is_said_of_a_step_is_true_for_every_loss(loss: str, rows: str, classes: int) -> None:
    batch = rows == "batch"
    assert_all_is_true(film_of(snapshot_of("silu", loss, classes, layers=(3,), batch_size=5 if batch else 1), batch))


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_all_that_is_said_of_a_step_is_true_for_every_optimizer(optimizer: str) -> None:
    penalties = {"l1": 0.01, "l2": 0.02, "max_norm": 0.05}
    assert_all_is_true(
        film_of(snapshot_of(optimizer=optimizer, layers=(2,), schedule="decay", **penalties), batch=True)
    )


@pytest.mark.parametrize(
    "text",
    [
        "a = 2.5; b = 0.8; a**b + a/b - sqrt(a)*log(b) + a**3 - b**-2",
        "w = 0.7; x = -0.4; y = tanh(w*x + w); y*y + 3*y",
        "u = 0.2; v = cos(u) + exp(-u); max(v, u) - min(u, 3*v) + abs(u - v)*elu(-v)",
    ],
)
def test_all_that_is_said_of_a_formula_is_true(text: str) -> None:
    film = Film(formula_graph(parse(text)))
    assert_all_is_true(film)
    assert film.position == len(film.steps) > 0


def test_a_formula_that_has_its_own_y_and_a_keeps_them() -> None:
    film = Film(formula_graph(parse("a = 2; y = a*a; y*a + 3*y")))
    back = [said for said in shown(film) if said.ways]
    assert {said.heading for said in back} == {"Backward · formula"}
    assert [said.symbols for said in back] == ["f = y·a + 3·y", "y₁ = 3·y", "y₁ = y·a", "y = a²"]


def test_all_that_is_said_is_true_and_short_in_a_wide_network_with_many_classes() -> None:
    assert_all_is_true(film_of(snapshot_of("gelu", classes=9, layers=(9,), batch_size=4), batch=True))


def test_links_are_put_around_names_and_numbers_and_change_nothing_else() -> None:
    snapshot = snapshot_of("gelu", "huber", classes=3)
    plain, linked = film_of(snapshot, batch=True), film_of(snapshot, batch=True)
    links = Words(linked.graph, lambda i, text: f'<a href="node {i}">{text}</a>')
    for said, marked in zip(shown(plain), shown(linked, links), strict=True):
        assert [re.sub(r"<a [^>]*>|</a>", "", text) for text in texts(marked)] == texts(said)
        for way in marked.ways:
            assert "<a " in way.name
            assert ("<a " in way.derivative) == bool(re.search(r"[^\W\d]", way.derivative))


# ── what each phase says ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_step_begins_with_forgotten_gradients_and_its_way_back_with_one() -> None:
    film = film_of(snapshot_of(), batch=True)
    assert explain(film, Words(film.graph)) is None, "before the first micro-step there is nothing to explain"
    zero, *_ = said = list(shown(film))
    assert (zero.heading, zero.symbols) == ("Zero the gradients", "g = 0 for every weight and bias")
    (seed,) = (s for s in said if s.heading.startswith("Seed"))
    assert (seed.heading, seed.symbols) == ("Seed · loss", "∂(mean loss)/∂(mean loss) = 1")


def of(film: Film, phase: Phase, name: str, column: int) -> Explanation:
    """What is said of the first number of a column that bears a name, in some phase."""
    words = Words(film.graph)
    for said in shown(film, words):
        i = film.last.node if film.last and film.last.phase is phase else None
        if i is not None and (film.graph.names[i], film.graph.parts[i].column) == (name, column):
            return said
    raise AssertionError(f"{phase} of {name} does not come")


def test_the_way_back_through_tanh_is_written_as_by_hand() -> None:
    film = film_of(snapshot_of("tanh", "mse"))
    said = of(film, Phase.BACKWARD, "a", 1)
    i = next(j for j in film.graph.outputs[1] if film.last and film.last.node == j)
    a = film.graph.value(i)
    assert said.symbols == "a = tanh(z)"
    assert said.numbers == f"∂loss/∂a = {figures(film.gradients[i])}"
    (way,) = said.ways
    assert (way.node, way.name) == (film.graph.parents(i)[0], "z")
    assert (way.derivative, way.slope) == ("1 − a²", figures(1 - a * a))
    assert way.flow.startswith(f"{bracketed(film.gradients[i])}·")


def with_all_weights(snapshot: RunSnapshot, number: float) -> RunSnapshot:
    fill = {name: 0.0 if name.endswith("bias") else number for name in snapshot.weights}
    return replace(snapshot, weights={name: np.full_like(data, fill[name]) for name, data in snapshot.weights.items()})


def test_at_the_kink_of_relu_nothing_goes_back_and_the_saying_says_so() -> None:
    said = of(film_of(with_all_weights(snapshot_of("relu"), 0.0)), Phase.BACKWARD, "a", 1)
    (way,) = said.ways
    assert (way.derivative, way.slope) == ("[z > 0]", "0")
    assert way.flow.endswith(" = 0")
    assert "at 0 and below nothing" in said.says


def test_between_equals_each_has_half_and_the_saying_says_so() -> None:
    film = film_of(with_all_weights(snapshot_of("tanh", "huber"), 0.0))  # an error of just 1, where Huber's loss turns
    ((says, way),) = [(said.says, way) for said in shown(film) for way in said.ways if "[" in way.derivative]
    assert (way.derivative, way.slope) == ("[1 > u₁]", "0.5")
    assert "between equals each has half" in says


@pytest.mark.parametrize("number", [math.nan, math.inf, 1e38])
@pytest.mark.parametrize("batch", [False, True], ids=["point", "batch"])
def test_what_is_not_finite_is_never_a_figure(number: float, batch: bool) -> None:
    snapshot = with_all_weights(snapshot_of("relu", "mse", batch_size=3 if batch else 1, optimizer="adam"), number)
    film = film_of(snapshot, batch)
    for said in shown(film):
        for text in texts(said):
            assert not re.search(r"\bnan\b|\binf\b|None|\?|−0\b(?![.])", text), text
        if film.last and film.last.node is not None and said.numbers:
            store = film.gradients if film.last.phase is Phase.BACKWARD else film.data
            assert both_sides(said.numbers)[1] == figures(film.graph.number(store[film.last.node]))
    assert "is lost" in said.says or math.isfinite(number)


def update_of(snapshot: RunSnapshot, name: str = "w₁") -> str:
    return of(film_of(snapshot, batch=True), Phase.UPDATE, name, 1).says


def test_an_update_says_which_way_the_parameter_goes() -> None:
    against, along, stays = "goes against its gradient", "does not go against its gradient", "stays where it is"
    for batch_size in (None, 3):
        assert against in update_of(snapshot_of(batch_size=batch_size, optimizer="sgd"))
    snapshot = snapshot_of(optimizer="momentum")
    film = film_of(snapshot, batch=True)
    first = film.graph.gradient(film.graph.parameters[Parameter("0.weight", (0, 0))])
    assert first
    uphill, *others = snapshot.optimizer_state
    uphill = {**uphill, "velocity": np.full_like(snapshot.weights["0.weight"], -1000 * first)}
    assert along in update_of(replace(snapshot, optimizer_state=[uphill, *others]))
    assert stays in update_of(with_all_weights(snapshot_of("relu", optimizer="sgd"), 0.0))


def test_an_update_names_the_signs_that_it_uses_and_no_others() -> None:
    plain = update_of(snapshot_of(optimizer="sgd"))
    assert "η is the learning rate, 0.02" in plain
    assert re.search(r"g is the gradient, −?[\d.e−]+\.$", plain)
    assert "λ" not in plain
    assert "s is the" not in update_of(snapshot_of(optimizer="adam"))
    full = update_of(snapshot_of(optimizer="sgd", l1=0.01, l2=0.02, max_norm=1e-3))
    assert all(f"{sign} is the" in full for sign in ("λ₁", "λ₂", "s"))
    bias = update_of(snapshot_of(optimizer="sgd", l1=0.01, l2=0.02), "b")
    assert bias.startswith("b ")
    assert "λ" not in bias


# ── sayings ───────────────────────────────────────────────────────────────────────────────────────────────────────────

XS = [-7.0, -2.0, -0.5, 0.3, 1.0, 2.5, 7.0]
ABOVE = [x for x in XS if x > 0]


def close(x: float, y: float) -> bool:
    return math.isclose(x, y, rel_tol=1e-9, abs_tol=1e-12)


def slope(op: Any, *inputs: float, k: int = 0) -> float:
    return local_slope(op, k, list(inputs))


FACTS: dict[str, Callable[[], bool]] = {
    "add": lambda: all(slope(ops.add, x, 3.0, k=k) == 1 for x in XS for k in (0, 1)),
    "sub": lambda: all((slope(ops.sub, x, 3.0), slope(ops.sub, x, 3.0, k=1)) == (1, -1) for x in XS),
    "mul": lambda: all((slope(ops.mul, x, 3.0), slope(ops.mul, x, 3.0, k=1)) == (3, x) for x in XS),
    "square": lambda: all(x * x >= 0 and slope(ops.mul, x, x) + slope(ops.mul, x, x, k=1) == 2 * x for x in XS),
    "div": lambda: all(close(slope(ops.div, 2.0, x), 1 / x) for x in XS) and slope(ops.div, 2.0, 9.0) < 1 / 8,
    "neg": lambda: all((ops.neg(x), slope(ops.neg, x)) == (-x, -1) for x in XS),
    "power": lambda: all(close(slope(ops.power, x, n), n * x ** (n - 1)) for x in XS for n in (2.0, 3.0, 5.0)),
    "sqrt": lambda: all(close(slope(ops.sqrt, x), 1 / (2 * math.sqrt(x))) for x in ABOVE),
    "exp": lambda: all(
        (y := ops.exp(x)) > 0 and slope(ops.exp, x) == y and round(ops.exp(x + 1) / y, 3) == 2.718 for x in XS
    ),
    "log": lambda: all(close(math.e ** ops.log(x), x) and close(slope(ops.log, x), 1 / x) for x in ABOVE),
    "sin": lambda: all(abs(ops.sin(x)) <= 1 and slope(ops.sin, x) == math.cos(x) for x in XS),
    "cos": lambda: all(abs(ops.cos(x)) <= 1 and slope(ops.cos, x) == -math.sin(x) for x in XS),
    "tanh": lambda: (
        all(abs(ops.tanh(x)) < 1 and close(slope(ops.tanh, x), 1 - math.tanh(x) ** 2) for x in XS)
        and max(slope(ops.tanh, x) for x in (*XS, 0.0)) == 1 > 1e-5 > slope(ops.tanh, 7.0)
    ),
    "sigmoid": lambda: (
        all(0 < ops.sigmoid(x) < 1 and close(slope(ops.sigmoid, x), ops.sigmoid(x) * ops.sigmoid(-x)) for x in XS)
        and max(slope(ops.sigmoid, x) for x in (*XS, 0.0)) == 0.25 > 1e-3 > slope(ops.sigmoid, 7.0)
    ),
    "relu": lambda: all((ops.relu(x), slope(ops.relu, x)) == (max(x, 0), x > 0) for x in (*XS, 0.0)),
    "elu": lambda: (
        all(ops.elu(x) > -1 and close(slope(ops.elu, x), 1 if x > 0 else ops.elu(x) + 1) for x in XS)
        and [ops.elu(x) for x in ABOVE] == ABOVE
    ),
    "softplus": lambda: (
        all(ops.softplus(x) > max(x, 0) and close(slope(ops.softplus, x), ops.sigmoid(x)) for x in XS)
        and max(ops.softplus(7.0) - 7, slope(ops.softplus, -7.0), 1 - slope(ops.softplus, 7.0)) < 1e-3
    ),
    "abs": lambda: [slope(ops.absolute, x) for x in (-2.0, 0.0, 2.0)] == [-1, 0, 1],
    "maximum": lambda: [slope(ops.maximum, x, 3.0) for x in (2.0, 3.0, 4.0)] == [0, 0.5, 1],
    "minimum": lambda: [slope(ops.minimum, x, 3.0) for x in (2.0, 3.0, 4.0)] == [1, 0.5, 0],
    "sum": lambda: bool((grad((x := Tensor(XS)).sum() * 4, x)[0].data == 4).all()),
}


@pytest.mark.parametrize("name", SAYINGS)
def test_what_the_sayings_say_is_so_and_they_say_it_in_short_sentences(name: str) -> None:
    assert FACTS[name]()
    for saying in SAYINGS[name]:
        assert re.fullmatch(r"\S.*\.", saying)
        assert len(saying) < 200


def test_every_operation_that_a_network_is_made_of_has_a_saying_of_its_own() -> None:
    usual = "One operation on numbers that are already known."
    snapshots = [snapshot_of(activation, layers=(1,)) for activation in ACTIVATIONS]
    snapshots += [snapshot_of("linear", loss, classes, layers=()) for loss in LOSSES for classes in (2, 3)]
    assert all(said.says != usual for snapshot in snapshots for said in shown(film_of(snapshot, batch=True)))


def test_a_number_times_itself_is_a_square_and_other_products_are_not() -> None:
    film = film_of(snapshot_of("tanh", "mse"))
    square = of(film, Phase.LOSS, "loss", len(film.graph.outputs))
    assert square.symbols == "loss = u₁²"
    assert square.says == SAYINGS["square"][0]
    products = {said.says for said in shown(film_of(snapshot_of("tanh", "mse"))) if said.symbols == "w₁·x₁"}
    assert products == {SAYINGS["mul"][0]}
