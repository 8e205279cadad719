"""Spelling: a formula, read back by the rules of mathematics, is the number that the graph computed."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import pytest
from hypothesis import assume, given, strategies as st

from engine.autograd import Tensor, Value, ops
from engine.autograd.node import Node
from engine.microscope.text.spelling import Fragment, bracketed, figures, format_expression, term

# ── reading: what a formula means, written down without a look at how it was spelled ──────────────────────────────────


@dataclass(frozen=True)
class Interval:
    """All numbers that may have been meant: 0.1235 stands for whatever is rounded to it."""

    low: float
    high: float

    def __add__(self, other: Interval) -> Interval:
        return Interval(self.low + other.low, self.high + other.high)

    def __neg__(self) -> Interval:
        return Interval(-self.high, -self.low)

    def __mul__(self, other: Interval) -> Interval:
        return around(x * y if x and y else 0.0 for x, y in product(ends(self), ends(other)))

    def __truediv__(self, other: Interval) -> Interval:
        if other.low <= 0 <= other.high:
            return Interval(-math.inf, math.inf)
        return around(0.0 if math.isinf(y) else x / y for x, y in product(ends(self), ends(other)))

    def __contains__(self, x: float) -> bool:
        """Whether it may be x, but for the round-off of computing it."""
        room = 1e-12 * max(1.0, abs(x))
        return self.low - room <= x <= self.high + room


def ends(x: Interval) -> tuple[float, float]:
    return x.low, x.high


def around(numbers: Any) -> Interval:
    found = list(numbers)
    return Interval(min(found), max(found))


def rising(function: Callable[..., float]) -> Callable[..., Interval]:
    """A function that never falls, on intervals."""
    return lambda *xs: Interval(function(*(x.low for x in xs)), function(*(x.high for x in xs)))


def size(x: Interval) -> Interval:
    return Interval(0.0 if x.low <= 0 <= x.high else min(map(abs, ends(x))), max(map(abs, ends(x))))


def wave(function: Callable[[float], float]) -> Callable[[Interval], Interval]:
    """A sine or cosine: no steeper than 1, and between -1 and 1."""

    def on_interval(x: Interval) -> Interval:
        width = x.high - x.low
        return Interval(function(x.low) - width, function(x.low) + width) if width < 1 else Interval(-1.0, 1.0)

    return on_interval


def floor(x: float) -> float:
    """The floor as a float, of ∞ too."""
    return float(math.floor(x)) if math.isfinite(x) else x


def to_the_power(base: Interval, exponent: Interval) -> Interval:
    n = exponent.low
    if n == exponent.high and n.is_integer() and n < 0:
        return Interval(1.0, 1.0) / to_the_power(base, -exponent)
    if n == exponent.high and n.is_integer():
        return around(x**n for x in ends(size(base))) if n % 2 == 0 else rising(lambda x: x**n)(base)
    if base.low > 0:
        return around(x**y for x, y in product(ends(base), ends(exponent)))
    return Interval(-math.inf, math.inf)


def truth(surely: float, perhaps: float) -> Interval:
    """1 where it is true, 0 where not: Iverson's brackets."""
    return Interval(float(surely), float(perhaps))


RELATIONS: dict[str, Callable[[Interval, Interval], Interval]] = {
    # which of two equals is the larger is half true: each has half of their maximum's gradient
    ">": lambda a, b: truth(a.low > b.high, 0.5 if a == b and a.low == a.high else a.high > b.low),
    "≥": lambda a, b: truth(a.low >= b.high, a.high >= b.low),
    "=": lambda a, b: truth(a.low == a.high == b.low == b.high, a.low <= b.high and b.low <= a.high),
}
FUNCTIONS: dict[str, Callable[..., Interval]] = {
    "exp": rising(math.exp),
    "expm1": rising(math.expm1),
    "log": rising(lambda x: math.log(x) if x > 0 else -math.inf),
    "log1p": rising(lambda x: math.log1p(x) if x > -1 else -math.inf),
    "√": rising(lambda x: math.sqrt(max(x, 0.0))),
    "sin": wave(math.sin),
    "cos": wave(math.cos),
    "tanh": rising(math.tanh),
    "σ": rising(lambda x: 1 / (1 + math.exp(-x))),
    "softplus": rising(lambda x: math.log1p(math.exp(x))),
    "ReLU": rising(lambda x: max(x, 0.0)),
    "ELU": rising(lambda x: x if x > 0 else math.expm1(x)),
    "max": rising(max),
    "min": rising(min),
    "sign": rising(lambda x: float((x > 0) - (x < 0))),
}
SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹ᵗ"
TOKEN = re.compile(rf"\d+(?:\.\d+)?(?:e[−+]?\d+)?|[{SUPERSCRIPTS}]+|[^\W\d{SUPERSCRIPTS}][^\W{SUPERSCRIPTS}]*|\S")


def number(text: str) -> Interval:
    """What a number may have been: up to four figures are rounded, more are meant to the last digit."""
    x = float(text.replace("−", "-"))
    whole, point, decimals = text.split("e")[0].partition(".")
    digits = (whole + decimals).lstrip("0") if point else whole.rstrip("0")
    room = 0.0 if x == 0 or len(digits) > 4 else 0.5 * 10.0 ** (math.floor(math.log10(x)) - 3)
    return Interval(x - room, x + room)


class Reader:
    """Reads formulas as strictly as a careful teacher: what could be read in two ways is refused.

    One sign after another, a product after a quotient, or a power of a power need brackets.
    """

    def __init__(self, text: str, names: Mapping[str, float]) -> None:
        self.raised = float(names.get("t", math.nan))
        self.names = {f"name{k}": x for k, x in enumerate(names.values())}
        places = {name: f"name{k}" for k, name in enumerate(names)}
        if places:
            some_name = "|".join(re.escape(name) for name in sorted(places, key=len, reverse=True))
            beginning = rf"(?<!\w)(?:{some_name})(?![^\W{SUPERSCRIPTS}])(?!\()"
            text = re.sub(beginning, lambda found: places[found.group()], text)
        self.tokens = TOKEN.findall(text)

    def read(self) -> Interval:
        result = self.sum()
        assert not self.tokens, f"left over: {self.tokens}"
        return result

    def next_is(self, *tokens: str) -> bool:
        return self.tokens[:1] in [[token] for token in tokens]

    def take(self, *expected: str) -> str:
        assert self.tokens, f"{expected} is missing at the end"
        assert not expected or self.next_is(*expected), f"{self.tokens[0]} where {expected} should be"
        return self.tokens.pop(0)

    def sum(self) -> Interval:
        negative = self.next_is("−") and self.take()
        result = -self.quotient() if negative else self.quotient()
        while self.next_is("+", "−"):
            result = result + self.quotient() if self.take() == "+" else result + -self.quotient()
        return result

    def quotient(self) -> Interval:
        result = self.power()
        while self.next_is("·"):
            self.take()
            result = result * self.power()
        if self.next_is("/"):
            self.take()
            result = result / self.power()
        return result

    def power(self) -> Interval:
        result = self.atom()
        if self.tokens and self.tokens[0][0] in SUPERSCRIPTS:
            raised = self.take().translate(str.maketrans(SUPERSCRIPTS, "0123456789t"))
            exponent = self.raised if raised == "t" else float(raised)
            return to_the_power(result, Interval(exponent, exponent))
        if self.next_is("^"):
            self.take()
            return to_the_power(result, self.atom())
        return result

    def atom(self) -> Interval:
        token = self.take()
        if token[0].isdecimal():
            return number(token)
        if token in self.names:
            return Interval(self.names[token], self.names[token])
        if token in ("(", "|", "⌊", "["):
            inner = self.sum()
            if token == "[":
                inner = RELATIONS[self.take(*RELATIONS)](inner, self.sum())
            self.take({"(": ")", "|": "|", "⌊": "⌋", "[": "]"}[token])
            return {"|": size, "⌊": rising(floor)}.get(token, lambda x: x)(inner)
        assert token in FUNCTIONS, f"what is {token}?"
        self.take("(")
        inputs = [self.sum()]
        while self.next_is(","):
            self.take()
            inputs.append(self.sum())
        self.take(")")
        return FUNCTIONS[token](*inputs)


def read(text: str, names: Mapping[str, float] | None = None) -> Interval:
    """The number that a formula stands for."""
    return Reader(text, names or {}).read()


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("1.0000000 + 2.00000·3", 6.999, 7.001),
        ("−(a − b)² / 12345", -4 / 12345, -4 / 12345),
        ("||a| − b|^a", 2.0, 2.0),
        ("[a > b] + [b ≥ b]", 1.0, 1.0),
        ("12350", 12345.0, 12355.0),
        ("1e−5", 0.9995e-5, 1.0005e-5),
    ],
)
def test_the_reader_of_these_tests_reads_as_mathematics_does(text: str, low: float, high: float) -> None:
    assert ends(read(text, {"a": 1.0, "b": 3.0})) == pytest.approx((low, high), rel=1e-9)


@pytest.mark.parametrize("text", ["a + −b", "a / b·c", "a / b / c", "a·−b", "a²²·(b", "−−a", "a b", "a^b^c", "tan(a)"])
def test_the_reader_of_these_tests_refuses_what_can_be_read_in_two_ways(text: str) -> None:
    with pytest.raises(AssertionError):
        read(text, {"a": 1.0, "b": 3.0, "c": 2.0})


# ── what is spelled is what was computed ──────────────────────────────────────────────────────────────────────────────

ON_FLOATS = tuple(op for op in vars(ops).values() if isinstance(op, ops.Op) and op.on_floats is not None)
ARITHMETIC = (ops.add, ops.sub, ops.mul, ops.div, ops.neg, ops.power)


def exactly(x: float) -> str:
    """A number to the last bit, as spelling writes numbers."""
    return f"{x:.17e}".replace("-", "−")


@st.composite
def graphs(draw: st.DrawFn) -> Value:
    """A number computed from others by all kinds of operations, some of them on fixed numbers."""
    numbers = draw(st.lists(st.floats(-3, 3), min_size=2, max_size=4))
    fixed = [Value.constant(x) for x in draw(st.lists(st.sampled_from([0, 1, -1, 2, 3, 0.5, -2, 1 / 3]), max_size=3))]
    pool = [*(Value(x) for x in numbers), *fixed]
    leaves = len(pool)
    for op in draw(st.lists(st.sampled_from(ARITHMETIC) | st.sampled_from(ON_FLOATS), min_size=1, max_size=9)):
        node = op(*(draw(st.sampled_from(pool) | st.sampled_from(pool[leaves:] or pool)) for _ in op.rules))
        if abs(node.data) <= 100 and node.requires_grad:  # neither NaN nor out of bounds
            pool.append(node)
    return pool[-1] if pool[-1].requires_grad else pool[0]


@given(graphs())
def test_a_formula_with_exact_numbers_in_place_is_the_number_that_was_computed(root: Value) -> None:
    text = format_expression(root, lambda node: exactly(node.data) if node.op is None and node.requires_grad else None)
    assume("…" not in text)  # the middle of a long sum cannot be read
    assert root.data in read(text), text


@given(graphs())
def test_marks_are_put_around_the_names_and_change_nothing_else(root: Value) -> None:
    def name(node: Node) -> str | None:
        return f"x{id(node)}" if node.op is None and node.requires_grad else None

    plain = format_expression(root, name)
    marked = format_expression(root, name, lambda node, text: f"<{node.data!r} {text}>")
    assert re.sub(r"<\S+ (\w+)>", r"\1", marked) == plain
    assert marked.count("<") == len(re.findall(r"x\d+", plain))


@pytest.mark.parametrize("op", ON_FLOATS, ids=lambda op: op.name)
def test_every_operation_on_numbers_can_be_spelled(op: ops.Op) -> None:
    inputs = [Value(x, label=label) for x, label in zip((0.4, 0.7), "ab", strict=False)][: len(op.rules)]
    assert op(*inputs).data in read(format_expression(op(*inputs), called), {"a": 0.4, "b": 0.7})


def called(node: Node) -> str | None:
    return node.label or None


a, b, c, d, x = (Value(0.1 * k + 0.3, label=letter) for k, letter in enumerate("abcdx"))

# fmt: off
FORMULAS: list[tuple[Any, str]] = [
    (ops.tanh(a * b + c * d + x), "tanh(a·b + c·d + x)"), (1 - a * a, "1 − a²"),
    (-(a * (b - c) + d * (x - c)), "−(a·(b − c) + d·(x − c))"), ((a / 0.47) * b, "(a / 0.47)·b"),
    (a * b * c, "a·b·c"), (a * (b * c), "a·b·c"), (a + (b + c), "a + b + c"), (a + (b - c), "a + b − c"),
    (a - (b - c), "a − (b − c)"), (a - (b + c), "a − (b + c)"), (a - b - c, "a − b − c"), (a - b * c, "a − b·c"),
    (a - b / c, "a − b / c"), (a / (b * c), "a / (b·c)"), (a / b / c, "(a / b) / c"), (a / (b / c), "a / (b / c)"),
    (a * b / c, "a·b / c"), (a * (b / c), "a·(b / c)"), ((a + b) / (c - d), "(a + b) / (c − d)"),
    ((a + b) * (a + b), "(a + b)·(a + b)"), (a / b**2, "a / b²"), (a**2 * b**10, "a²·b¹⁰"), ((a**2) ** 3, "(a²)³"),
    ((a * b) ** 2, "(a·b)²"), (a**0.5, "a^0.5"), (a**-2, "a^(−2)"), (2**a, "2^a"), (a ** (b * c), "a^(b·c)"),
    (-(a**2), "−a²"), ((-a) ** 2, "(−a)²"), (-a * b, "(−a)·b"), (-(a * b), "−a·b"), (ops.neg(-a), "−(−a)"),
    (a + -b, "a + (−b)"), (a - -b, "a − (−b)"), (-a + b, "−a + b"), (c + (-a + b), "c + (−a + b)"),
    (c * -a, "c·(−a)"), (a / -b, "a / (−b)"), (-a / b, "(−a) / b"), (abs(a - b) * c, "|a − b|·c"),
    (abs(a) ** 2, "|a|²"), ((a**2) ** b, "(a²)^b"), (ops.sqrt(a) * 2, "√(a)·2"), (ops.step(a - b), "[a − b > 0]"),
    (ops.max_mask(a, b) * c, "[a > b]·c"), (ops.greater_equal(a, b + c), "[a ≥ b + c]"), (ops.equal(a, b), "[a = b]"),
    (ops.floor(a + b) * c, "⌊a + b⌋·c"), (ops.maximum(a, b - c), "max(a, b − c)"), (0.044715 * a, "0.044715·a"),
    (math.sqrt(2 / math.pi) * a, "0.7979·a"), (a / 12345, "a / 12345"), (a * -0.5, "a·(−0.5)"),
    (a - 1e-8, "a − 1e−8"), (a / 1e-8, "a / 1e−8"),
]

# what multiplies by 1 or adds nothing is left out
VANISHING: list[tuple[Any, str]] = [
    (1 * a, "a"), (a * 1, "a"), (a / 1, "a"), (a**1, "a"), (a + 0, "a"), (0 + a, "a"), (a - 0, "a"), (0 - a, "−a"),
    (-1 * a, "−a"), (0 - (a + b), "−(a + b)"), (a + 0 * b, "a"), (a - b * 0, "a"), (a * b**0, "a"),
    ((1 * a) * (b + 0), "a·b"), (a + Value.constant(2) * 3, "a + 6"), (a * (Value.constant(3) - 2), "a"),
    (a - (Value.constant(1) - 1), "a"),
]
# fmt: on


@pytest.mark.parametrize(("root", "text"), FORMULAS + VANISHING, ids=lambda x: x if isinstance(x, str) else None)
def test_known_formulas_are_written_as_by_hand(root: Value, text: str) -> None:
    assert format_expression(root, called) == text


def test_numbers_in_the_places_of_names_stand_in_brackets_after_a_sign_and_below_a_power() -> None:
    def in_numbers(root: Any) -> str:
        return format_expression(root, lambda node: figures(node.data) if called(node) else None)

    w, v, tiny, lost = (Value(x, label="w") for x in (-0.5, 2.0, 1.2e-5, math.nan))
    assert in_numbers(w * v + w) == "(−0.5)·2 + (−0.5)"
    assert in_numbers(v - w) == "2 − (−0.5)"
    assert in_numbers(w - v) == "−0.5 − 2"
    assert in_numbers(w * w) == "(−0.5)²"
    assert in_numbers(-w) == "−(−0.5)"
    assert in_numbers(ops.tanh(w)) == "tanh(−0.5)"
    assert in_numbers(tiny * tiny + tiny) == "(1.2e−5)² + 1.2e−5"
    assert in_numbers(lost * v + lost) == "(not a number)·2 + not a number"
    assert in_numbers(v - lost) == "2 − (not a number)"


@pytest.mark.parametrize("count", [2, 3, 4, 8, 9, 16, 64])
def test_a_sum_of_more_than_eight_terms_is_written_by_its_ends(count: int) -> None:
    terms = [Value(1.0, label=f"w{k}") * Value(1.0, label=f"x{k}") for k in range(1, count + 1)]
    total = term(sum(terms[1:], terms[0]), called)
    written = [f"w{k}·x{k}" for k in range(1, count + 1)]
    assert total.text == " + ".join(written if count <= 8 else [*written[:2], "…", *written[-2:]])
    assert total.short == " + ".join(written if count <= 3 else [written[0], "…", written[-1]])


def test_differences_are_shortened_with_the_signs_that_their_terms_have() -> None:
    root = a
    for letter in "bcdefghij":
        root = root - Value(0.5, label=letter)
    assert format_expression(root, called) == "a − b + … − i − j"
    assert format_expression(x * root, called) == "x·(a − b + … − i − j)"


def test_a_sum_over_the_points_of_a_batch_says_that_there_are_more() -> None:
    losses = Tensor([0.5, 1.5])
    losses.label = "loss"
    assert format_expression(losses.sum() / 2, called) == "(loss + …) / 2"
    assert format_expression((-losses).sum(), called) == "−loss + …"


def test_what_is_spelled_already_is_taken_as_it_is() -> None:
    spelled = term(a + b, called)
    assert isinstance(spelled, Fragment)
    stand_in = Value(0.7)
    assert format_expression(stand_in * c, lambda node: spelled if node is stand_in else called(node)) == "(a + b)·c"


def test_a_graph_of_ten_thousand_operations_is_spelled_all_the_same() -> None:
    root = a
    for _ in range(10_000):
        root = root * 1
    assert format_expression(root, called) == "a"


# ── figures ───────────────────────────────────────────────────────────────────────────────────────────────────────────


# fmt: off
FIGURES = [
    (0.0, "0"), (-0.0, "0"), (1.0, "1"), (-0.87741, "−0.8774"), (0.1, "0.1"), (1e-4, "0.0001"),
    (9.99996e-5, "0.0001"), (-9.99996e-5, "−0.0001"), (9.9994e-5, "9.999e−5"), (1e-5, "1e−5"),
    (-1.23456e-7, "−1.235e−7"), (5e-324, "4.941e−324"), (12345.6, "12350"), (999940.0, "999900"),
    (999960.0, "1e6"), (1e6, "1e6"), (-1.5e300, "−1.5e300"), (math.inf, "∞"), (-math.inf, "−∞"),
    (math.nan, "not a number"), (-math.nan, "not a number"),
]
# fmt: on


@pytest.mark.parametrize(("x", "text"), FIGURES)
def test_figures_of_known_numbers(x: float, text: str) -> None:
    assert figures(x) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_figures_are_the_number_rounded_to_four_digits_and_short(x: float) -> None:
    text = figures(x)
    assert float(text.replace("−", "-")) == float(f"{x:.3e}")
    assert len(text) <= 11
    assert "-" not in text


def test_only_what_has_a_sign_or_several_words_is_bracketed_as_a_factor() -> None:
    found = [bracketed(x) for x in (0.5, -0.5, 1e-7, -0.0, math.nan, -math.inf)]
    assert found == ["0.5", "(−0.5)", "1e−7", "0", "(not a number)", "(−∞)"]
