"""A formula that has been read, on floats, arrays, Values and Tensors, and as a function of one input."""

from __future__ import annotations

import gc
import math
from typing import Any

import numpy as np
import pytest

from engine import Tensor, Value, compile
from engine.formula import EXAMPLES, FormulaError, function_of_one, parse
from engine.nn import ACTIVATIONS

STEPS = "a = -4, b = 2, c = a + b, d = a*b, e = d**2"


# ── on all that the engine computes on ────────────────────────────────────────────────────────────────────────────────


def test_inputs_can_be_given_or_keep_their_numbers() -> None:
    program = parse("a = 2, a*b + c")
    assert program.output() == 3
    assert program.output(b=5) == 11
    assert program.output(a=1, b=2, c=3) == 5
    assert program.inputs == {"a": 2.0, "b": 1.0, "c": 1.0}


def test_other_numbers_make_another_program_and_leave_the_first_alone() -> None:
    program = parse("a = 2, a*b")
    other = program.with_inputs(a=3, b=5)
    assert (other.output(), other.inputs, other.free) == (15, {"a": 3.0, "b": 5.0}, ("b",))
    assert (program.output(), program.inputs) == (2, {"a": 2.0, "b": 1.0})
    assert program.with_inputs().output() == 2


@pytest.mark.parametrize("door", ["output", "compute", "values", "with_inputs"])
def test_a_name_that_is_no_input_is_refused(door: str) -> None:
    with pytest.raises(ValueError, match=r"formula: y is not an input; allowed: a, x"):
        getattr(parse("a = 2, b = a*x"), door)(y=1)
    with pytest.raises(ValueError, match=r"b is not an input; allowed: a, x"):
        getattr(parse("a = 2, b = a*x"), door)(b=1)
    with pytest.raises(ValueError, match=r"x is not an input; allowed: none"):
        getattr(parse("2 + 3"), door)(x=1)
    with pytest.raises(ValueError, match=r"y is not an input; allowed: x"):
        parse("x").of("y")


def test_inputs_may_bear_any_name() -> None:
    program = parse("self + given + name + text")
    assert program.output(self=2, given=3, name=5, text=7) == 17
    assert program.with_inputs(self=2).output() == 5
    assert program.values(self=2)["self"].data == 2
    assert program.of("self")(4) == 7


def test_whole_numbers_become_floats() -> None:
    program = parse("x*x")
    assert type(program.output(x=10**9)) is float
    assert type(program.output(x=np.int64(3))) is float
    assert type(parse("x").output(x=3)) is float


def test_what_has_no_value_is_an_infinity_or_nan_and_no_error() -> None:
    cases = {"1/x": math.inf, "log(x)": -math.inf, "exp(1000 + x)": math.inf, "x**-1": math.inf, "x/x": math.nan}
    for text, limit in cases.items():
        assert parse(text).output(x=0.0) == pytest.approx(limit, nan_ok=True)
        assert parse(text).output(x=np.zeros(2)) == pytest.approx([limit, limit], nan_ok=True)
        assert parse(text).output(x=Tensor([0.0])).data == pytest.approx([limit], nan_ok=True)
        assert parse(text).values(x=0.0)[""].data == pytest.approx(limit, nan_ok=True)
    assert math.isnan(parse("(-8)**(1/3)").output())
    assert math.isnan(parse("sqrt(x)").output(x=-1))
    assert math.isnan(parse("sin(x)").output(x=math.inf))


def test_an_array_gives_an_array() -> None:
    xs = np.linspace(-2, 2, 9)
    program = parse("b = x**2, b*x - max(x, 0) / 2")
    expected = xs**3 - np.maximum(xs, 0) / 2
    assert program.output(x=xs) == pytest.approx(expected, abs=1e-15)
    assert program.output(x=Tensor(xs)).data == pytest.approx(expected, abs=1e-15)


# ── as a graph ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_name_labels_its_node() -> None:
    values = parse(STEPS).values()
    assert {name: node.label for name, node in values.items()} == {name: name for name in "abcde"}
    assert {name: node.data for name, node in values.items()} == {"a": -4, "b": 2, "c": -2, "d": -8, "e": 64}
    assert values["d"].parents == (values["a"], values["b"])
    assert values["e"].parents[0] is values["d"]
    assert [p.label for p in values["e"].parents] == ["d", ""]


def test_the_graph_runs_the_chain_rule() -> None:
    values = parse(STEPS).values()
    values["e"].backward()
    assert {name: node.grad for name, node in values.items()} == {"a": -32, "b": 64, "c": 0, "d": -16, "e": 1}


def test_every_use_of_a_name_is_the_same_node() -> None:
    values = parse("y = x*x, y*y").values(x=3)
    assert values[""].parents == (values["y"], values["y"])
    assert values["y"].parents == (values["x"], values["x"])
    values[""].backward()
    assert values["x"].grad == 4 * 27


def test_a_number_behind_a_minus_is_one_leaf() -> None:
    values = parse("a = -4, a * -2").values()
    assert values["a"].parents == ()
    assert [p.data for p in values[""].parents] == [-4, -2]
    assert all(p.op is None for p in values[""].parents)


def test_a_minus_binds_more_tightly_than_a_product() -> None:
    product, power = parse("-x*y").values()[""], parse("-x**y").values()[""]
    assert [node.op.name for node in (product, product.parents[0]) if node.op] == ["mul", "neg"]
    assert [node.op.name for node in (power, power.parents[0]) if node.op] == ["neg", "power"]


def test_a_second_name_for_a_node_keeps_the_first_label() -> None:
    values = parse("a = 2, b = a, c = b*b, d = c, d").values()
    assert values["b"] is values["a"]
    assert values[""] is values["d"] is values["c"]
    assert (values["a"].label, values["c"].label) == ("a", "c")


def test_what_depends_on_no_input_is_a_labelled_constant() -> None:
    values = parse("half = 1/2, half*x").values(x=3)
    assert (values["half"].data, values["half"].label, values["half"].requires_grad) == (0.5, "half", False)
    assert values[""].parents[0] is values["half"]
    assert parse("2 + 3").values()[""].data == 5


def test_each_graph_is_new_and_vanishes_with_its_last_reference() -> None:
    program = parse("x**2 + x")
    first, second = program.values(x=2), program.values(x=2)
    assert first["x"] is not second["x"]
    del first, second
    gc.collect()
    gc.disable()
    try:
        for text in EXAMPLES.values():
            parse(text).values()
        assert gc.collect() == 0
    finally:
        gc.enable()


# ── as a function ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("tanh(x)", "tanh"),
        ("slope = 0.01, max(x, slope*x)", "leaky_relu"),
        ("x*sigmoid(x)", "silu"),
        ("0.5*x*(1 + tanh(sqrt(2/pi)*(x + 0.044715*x³)))", "gelu"),
        ("z", "linear"),
    ],
)
def test_a_formula_of_one_free_input_is_an_activation(text: str, name: str) -> None:
    ours, tables = function_of_one(text), ACTIVATIONS[name].function
    xs = np.linspace(-3, 3, 31)
    assert ours(Tensor(xs)).data == pytest.approx(tables(Tensor(xs)).data, rel=1e-12)
    assert ours(xs) == pytest.approx(tables(xs), rel=1e-12)
    assert [ours(float(x)) for x in xs] == pytest.approx([tables(float(x)) for x in xs], rel=1e-12)
    x, y = Value(0.3), Value(0.3)
    ours(x).backward()
    tables(y).backward()
    assert x.grad == pytest.approx(y.grad, rel=1e-12)


def test_an_activation_keeps_the_dtype_and_can_be_compiled() -> None:
    swish = function_of_one("beta = 1.5, x*sigmoid(beta*x)")
    x = Tensor(np.linspace(-2, 2, 8).reshape(2, 4), dtype=np.float32)
    eager = swish(x)
    assert (eager.dtype, eager.shape) == (np.float32, (2, 4))
    assert np.array_equal(compile(lambda: swish(x))(), eager.data)


@pytest.mark.parametrize(
    ("text", "position", "expected"),
    [
        ("a = 2, a*3", 10, "one free input: a name without a number, such as x"),
        ("2 + 3", 5, "one free input"),
        ("x*x + beta*x + c", 6, "x is one already; give beta a number, as in beta = 1"),
        ("y = x*2\nz = 5", 8, "a result that depends on x"),
        ("2x", 1, "put * between 2 and x"),
    ],
)
def test_a_formula_that_is_no_function_of_one_input_is_refused(text: Any, position: int, expected: str) -> None:
    with pytest.raises(FormulaError) as caught:
        function_of_one(text)
    assert caught.value.position == position
    assert expected in caught.value.expected
