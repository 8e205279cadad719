"""The derivative lab: known figures, known derivatives, finite differences and their errors, lines, limits."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, strategies as st

from engine.formula import EXAMPLES, FUNCTIONS, Formula, parse
from engine.microscope.gradcheck.derivatives import (
    Slopes,
    absolute_error,
    best_step,
    central_difference,
    curve,
    derivative,
    forward_difference,
    order_at,
    slope,
    slopes_at,
)

EPSILON = 2.0**-52
ORDERS = [1, 2, 3, 4]
PARABOLA = parse(EXAMPLES["a parabola"])


def sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


# ── known figures ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_parabola_of_the_lecture() -> None:
    assert PARABOLA.output() == 20
    assert slope(PARABOLA, "x", 3.0) == pytest.approx(14, rel=1e-15)
    assert slope(PARABOLA, "x", 2 / 3) == pytest.approx(0, abs=1e-14)
    assert [derivative(PARABOLA, "x", 3.0, order) for order in ORDERS] == [14, 6, 0, 0]
    assert [derivative(PARABOLA, "x", 0.0, order) for order in ORDERS] == [-4, 6, 0, 0]


def test_the_neuron_of_the_lecture() -> None:
    neuron = parse(EXAMPLES["a neuron"])
    assert neuron.output() == pytest.approx(math.sqrt(0.5), abs=1e-15)
    slopes = {name: slope(neuron, name, at) for name, at in neuron.inputs.items()}
    assert slopes == pytest.approx({"x1": -1.5, "x2": 0.5, "w1": 1.0, "w2": 0.0, "b": 0.5}, abs=1e-14)
    assert slopes["w2"] == 0


def test_the_expression_of_single_steps() -> None:
    steps = parse(EXAMPLES["step by step"])
    assert slope(steps, "a", -4.0) == -32
    assert slope(steps, "b", 2.0) == 64
    # e = (ab)², with a = -4: e'' by b is 2a², and the rest is flat
    assert [derivative(steps, "b", 2.0, order) for order in ORDERS] == [64, 32, 0, 0]


def test_the_other_inputs_keep_their_numbers() -> None:
    program = parse("a*x**2")
    assert slope(program, "x", 3.0) == 6
    assert slope(program.with_inputs(a=5), "x", 3.0) == 30
    assert slope(program.with_inputs(x=3), "a", 7.0) == 9
    assert derivative(program.with_inputs(a=5), "x", 3.0, 2) == 10
    assert curve(program.with_inputs(a=5), "x", [1, 2])[1].tolist() == [10, 20]


# ── known derivatives ─────────────────────────────────────────────────────────────────────────────────────────────────

KNOWN: dict[str, Callable[[float], float]] = {
    "exp": math.exp,
    "log": lambda x: 1 / x,
    "sqrt": lambda x: 0.5 / math.sqrt(x),
    "sin": math.cos,
    "cos": lambda x: -math.sin(x),
    "tanh": lambda x: 1 / math.cosh(x) ** 2,
    "sigmoid": lambda x: sigmoid(x) * sigmoid(-x),
    "softplus": sigmoid,
    "relu": lambda x: float(x > 0),
    "elu": lambda x: 1.0 if x > 0 else math.exp(x),
    "abs": lambda x: math.copysign(1.0, x),
}
away_from_kinks = st.floats(0.01, 3) | st.floats(-3, -0.01)


@pytest.mark.parametrize("name", [name for name, op in FUNCTIONS.items() if len(op.rules) == 1])
@given(x=away_from_kinks)
def test_every_function_of_the_table_has_the_derivative_of_the_books(name: str, x: float) -> None:
    program, known = parse(f"{name}(x)"), KNOWN[name]
    x = abs(x) if name in ("log", "sqrt") else x
    assert slope(program, "x", x) == pytest.approx(known(x), rel=1e-13)
    assert derivative(program, "x", x, 1) == pytest.approx(known(x), rel=1e-13)
    # the slope of the slope: Taylor's and the rounding's part of the error are both below 1e-8 of the largest
    second = central_difference(known, x, 1e-4 * abs(x))
    assert derivative(program, "x", x, 2) == pytest.approx(second, rel=1e-7, abs=1e-10 / abs(x))


@given(x=st.floats(-3, 3), gap=away_from_kinks)
def test_of_the_larger_and_the_smaller_of_two_each_has_one_slope(x: float, gap: float) -> None:
    larger, smaller = parse("max(x**2, y)"), parse("min(x**2, y)")
    at = {"y": x * x + gap}
    below = gap > 0
    assert slope(larger.with_inputs(**at), "x", x) == (0 if below else 2 * x)
    assert slope(smaller.with_inputs(**at), "x", x) == (2 * x if below else 0)
    assert slope(larger.with_inputs(x=x), "y", at["y"]) == float(below)


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("exp(2*x)", lambda n, x: 2**n * math.exp(2 * x)),
        ("sin(x)", lambda n, x: math.sin(x + n * math.pi / 2)),
        ("cos(x)", lambda n, x: math.cos(x + n * math.pi / 2)),
        ("log(x)", lambda n, x: -math.factorial(n - 1) / (-x) ** n),
        ("1/x", lambda n, x: (-1) ** n * math.factorial(n) / x ** (n + 1)),
        ("x**5", lambda n, x: math.perm(5, n) * x ** (5 - n)),
        ("x*x*x", lambda n, x: [3 * x * x, 6 * x, 6, 0][n - 1]),
        ("sqrt(x)", lambda n, x: [0.5, -0.25, 0.375, -0.9375][n - 1] * x ** (0.5 - n)),
        ("2**x", lambda n, x: math.log(2) ** n * 2**x),
        ("elu(-x)", lambda n, x: (-1) ** n * math.exp(-x)),
        ("relu(x)*x", lambda n, x: [2 * x, 2, 0, 0][n - 1]),
        ("x*max(x, -x)", lambda n, x: [2 * x, 2, 0, 0][n - 1]),
    ],
)
@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("x", [0.25, 0.8, 1.0, 2.5])
def test_higher_derivatives_are_those_of_the_books(
    text: str, known: Callable[[int, float], float], order: int, x: float
) -> None:
    assert derivative(parse(text), "x", x, order) == pytest.approx(known(order, x), rel=1e-12, abs=1e-14)


@given(a=st.floats(-5, 5), b=st.floats(-5, 5), c=st.floats(-5, 5), x=st.floats(-5, 5))
def test_the_slope_of_any_parabola(a: float, b: float, c: float, x: float) -> None:
    program = parse("a*x² + b*x + c").with_inputs(a=a, b=b, c=c)
    assert slope(program, "x", x) == pytest.approx(2 * a * x + b, abs=1e-13)
    assert derivative(program, "x", x, 2) == pytest.approx(2 * a, abs=1e-13)
    tangent = program.output(x=x) + slope(program, "x", x)  # at x + 1; below the curve by nothing but a·h²
    assert program.output(x=x + 1) - tangent == pytest.approx(a, abs=1e-11)


def test_the_slope_of_what_does_not_depend_on_the_input_is_zero() -> None:
    for text in ("y = x*2, z = 5, z*3", "y = x*2, pi"):
        program = parse(text)
        assert slope(program, "x", 3.0) == 0
        assert [derivative(program, "x", 3.0, order) for order in ORDERS] == [0, 0, 0, 0]
    assert [derivative(parse("x"), "x", 3.0, order) for order in ORDERS] == [1, 0, 0, 0]
    assert slope(parse("x"), "x", 3.0) == 1


# ── finite differences ────────────────────────────────────────────────────────────────────────────────────────────────


def test_finite_differences_are_what_their_formulas_say() -> None:
    def cube(x: float) -> float:
        return x**3

    assert forward_difference(cube, 1.0, 1.0) == 8 - 1
    assert forward_difference(cube, 1.0, -1.0) == 1 - 0
    assert central_difference(cube, 1.0, 1.0) == (8 - 0) / 2
    assert central_difference(cube, 1.0, 0.5, 2) == 8 - 2 * 1 + 0
    assert central_difference(cube, 2.0, 0.25, 3) == 6
    assert central_difference(cube, 2.0, 0.25, 4) == 0
    assert central_difference(lambda x: x**4, 2.0, 0.25, 4) == 24


@pytest.mark.parametrize("order", ORDERS)
def test_a_difference_of_the_difference_is_the_sum_with_binomials(order: int) -> None:
    x, h = 0.75, 0.125
    terms = (
        (-1) ** k * math.comb(order, k) * math.exp(x + (order - 2 * k) * h) / (2 * h) ** order for k in range(order + 1)
    )
    assert central_difference(math.exp, x, h, order) == pytest.approx(math.fsum(terms), rel=1e-12)


@pytest.mark.parametrize("order", ORDERS)
@given(x=st.floats(-1, 1))
def test_with_its_step_a_central_difference_is_as_wrong_as_theory_says(order: int, x: float) -> None:
    h = best_step(x, order)
    known = math.sin(x + order * math.pi / 2)
    # all derivatives of the sine are at most 1; each of the 2ⁿ summands carries the rounding of x and of the sine
    taylor, rounding = order / 6 * h**2, 2 * EPSILON / h**order
    assert abs(central_difference(math.sin, x, h, order) - known) <= taylor + rounding
    program = parse("sin(x)")
    assert derivative(program, "x", x, order) == pytest.approx(known, abs=1e-14)


@pytest.mark.parametrize("order", ORDERS)
def test_the_step_is_better_than_others(order: int) -> None:
    def worst(h: float) -> float:
        points = [0.1 * k for k in range(1, 30)]
        return max(abs(central_difference(math.sin, x, h, order) - math.sin(x + order * math.pi / 2)) for x in points)

    h = best_step(1.0, order)
    assert worst(h) < worst(h * 16) / 4
    assert worst(h) < worst(h / 16) / 4


def test_the_step_grows_with_x() -> None:
    assert best_step(0.0) == best_step(-1.5) == 2.0**-17
    assert best_step(1000.0) == best_step(-1000.0) == 512 * 2.0**-17
    assert [best_step(1.0, order) for order in ORDERS] == [2.0**-17, 2.0**-13, 2.0**-10, 2.0**-9]


def test_the_secant_is_wrong_by_h_and_the_central_difference_by_h_squared() -> None:
    x, h = 0.5, 2.0**-10
    forward, central = (
        [difference(math.exp, x, step) / math.exp(x) - 1 for step in (h, h / 2)]
        for difference in (forward_difference, central_difference)
    )
    assert forward[0] == pytest.approx(h / 2, rel=1e-3)
    assert forward[0] / forward[1] == pytest.approx(2, rel=1e-3)
    assert central[0] == pytest.approx(h * h / 6, rel=1e-3)
    assert central[0] / central[1] == pytest.approx(4, rel=1e-3)


@pytest.mark.parametrize("label", EXAMPLES)
def test_backpropagation_and_finite_differences_agree_on_the_examples(label: str) -> None:
    program = parse(EXAMPLES[label])
    for name, at in program.inputs.items():
        difference = central_difference(program.of(name), at, best_step(at))
        assert slope(program, name, at) == pytest.approx(difference, rel=1e-9, abs=1e-9)


# ── curves and lines ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("text", ["tanh(2*x) + x²", "max(x, -x/2)*sin(x)", "x", "exp(-x**2/2)", "y = 5, y*2", "a*x"])
def test_a_curve_is_the_output_and_the_slope_at_every_point(text: str) -> None:
    program = parse("x = 0\n" + text)
    xs = np.linspace(-2.1, 2, 12)
    f, slopes = curve(program, "x", xs)
    assert f == pytest.approx([program.output(x=x) for x in xs], rel=1e-14)
    assert slopes == pytest.approx([slope(program, "x", x) for x in xs], rel=1e-13)
    assert (f.dtype, slopes.dtype) == (np.float64, np.float64)


def test_a_curve_has_the_shape_of_its_points_and_arrays_of_its_own() -> None:
    for shape in ((), (1,), (0,), (2, 3)):
        for text in ("x*x", "x", "y = x, 3"):
            f, slopes = curve(parse(text), "x", np.ones(shape))
            assert (f.shape, slopes.shape) == (shape, shape)
    xs = np.array([1.0, 2.0])
    f, _ = curve(parse("x"), "x", xs)
    f[0] = 7
    assert xs.tolist() == [1, 2]
    assert curve(PARABOLA, "x", [1, 2])[1].tolist() == [2, 8]


def test_infinities_and_nan_stay_in_a_curve() -> None:
    f, slopes = curve(parse("1/x"), "x", [-1.0, 0.0, 2.0])
    assert f.tolist() == [-1, math.inf, 0.5]
    assert slopes.tolist() == [-1, -math.inf, -0.25]
    f, slopes = curve(parse("sqrt(x)"), "x", [-1.0, 0.0, 4.0])
    assert f == pytest.approx([math.nan, 0, 2], nan_ok=True)
    assert slopes == pytest.approx([math.nan, math.inf, 0.25], nan_ok=True)


def test_where_there_is_no_value_there_is_no_slope() -> None:
    program = parse("log(x)")
    assert math.isnan(program.output(x=-2))
    assert math.isnan(slope(program, "x", -2.0))
    assert all(math.isnan(derivative(program, "x", -2.0, order)) for order in ORDERS)
    assert curve(program, "x", [-2.0, 2.0])[1] == pytest.approx([math.nan, 0.5], nan_ok=True)


def test_the_slopes_beside_one_another_are_those_at_the_inputs_number() -> None:
    assert slopes_at(PARABOLA, "x", 1.0) == Slopes(value=20, ahead=37, exact=14, forward=17, central=14)
    assert slopes_at(PARABOLA, "x", -1.0) == Slopes(value=20, ahead=9, exact=14, forward=11, central=14)


@pytest.mark.parametrize("order", ORDERS)
def test_an_order_is_told_by_the_chain_rule_and_by_differences(order: int) -> None:
    program = parse("x = 0.5, exp(2*x)")
    by_rule, by_differences = order_at(program, "x", order)
    assert by_rule == pytest.approx(2**order * math.e)
    assert by_differences == pytest.approx(by_rule, rel=1e-2)


@pytest.mark.parametrize(
    ("estimate", "exact", "error"),
    [(3.0, 5.0, 2.0), (math.inf, math.inf, 0.0), (1.0, -math.inf, math.inf), (math.nan, 1.0, math.nan)],
)
def test_the_absolute_error_knows_infinities(estimate: float, exact: float, error: float) -> None:
    assert absolute_error(estimate, exact) == pytest.approx(error, nan_ok=True)


# ── what is refused ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "ask",
    [
        lambda p: slope(p, "z", 1.0),
        lambda p: derivative(p, "z", 1.0, 2),
        lambda p: curve(p, "z", [1.0]),
    ],
)
def test_a_name_that_is_no_input_is_refused(ask: Callable[[Formula], object]) -> None:
    with pytest.raises(ValueError, match="z is not an input; allowed: x, y"):
        ask(parse("x*y"))


@pytest.mark.parametrize("h", [0.0, math.inf, math.nan])
def test_a_step_that_is_no_step_is_refused(h: float) -> None:
    for ask in (forward_difference, central_difference):
        with pytest.raises(ValueError, match=rf"step h = {h} is not allowed; allowed: any finite number but 0"):
            ask(math.sin, 1.0, h)


def test_the_smallest_and_the_largest_step_give_something() -> None:
    for h in (5e-324, 1e308):
        assert type(central_difference(PARABOLA.of("x"), 1.0, h, 4)) is float


@pytest.mark.parametrize("order", [0, 5, -1])
def test_an_order_outside_one_to_four_is_refused(order: int) -> None:
    with pytest.raises(ValueError, match=rf"order {order} is not allowed; allowed: 1 to 4"):
        derivative(PARABOLA, "x", 1.0, order)
    with pytest.raises(ValueError, match=rf"order {order} is not allowed"):
        central_difference(math.sin, 1.0, 0.1, order)
    with pytest.raises(ValueError, match=rf"order {order} is not allowed"):
        best_step(1.0, order)


def test_a_graph_that_has_swollen_too_much_is_refused() -> None:
    tower = "^".join(["x"] * 40)
    towers = parse("+".join([tower] * 10))
    assert derivative(towers, "x", 1.0, 3) == pytest.approx(10 * derivative(parse(tower), "x", 1.0, 3), rel=1e-12)
    with pytest.raises(
        ValueError,
        match=r"order 4: the graph of order 3 has \d\d,\d\d\d nodes; allowed: up to 50,000; take a lower order",
    ):
        derivative(towers, "x", 1.0, 4)
