"""What a formula may look like, and what it means."""

from __future__ import annotations

import math

import pytest

from engine.formula import CONSTANTS, EXAMPLES, FUNCTIONS, FormulaError, condition_of, parse


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("3", 3),
        (".5", 0.5),
        ("3.", 3),
        ("1e-3 + 2E+2", 200.001),
        ("1 - 2 - 3", -4),
        ("8 / 4 / 2", 1),
        ("1 + 2*3", 7),
        ("(1 + 2)*3", 9),
        ("2**3**2", 512),
        ("-3**2", -9),
        ("(-3)**2", 9),
        ("2**-1", 0.5),
        ("2**-2**2", 0.0625),
        ("--3", 3),
        ("2 - -3", 5),
        ("2*-3", -6),
        ("-2*3 + 7", 1),
        ("max(1, min(5, 3)) + max(-2, -1)", 2),
        ("max((1), -(2))", 1),
        ("exp(0) + log(1) + sqrt(16) + abs(-2)", 7),
        ("cos(pi)", -1),
    ],
)
def test_arithmetic_means_what_it_means_in_python(text: str, number: float) -> None:
    assert parse(text).output() == number


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("2^3", "2**3"),
        ("2·3", "2*3"),
        ("2⋅3", "2*3"),
        ("2×3", "2*3"),
        ("5−3", "5-3"),
        ("1e−3", "1e-3"),
        ("3²", "3**2"),
        ("3³", "3**3"),
        ("2¹⁰", "2**10"),
        ("-3²", "-(3**2)"),
        ("(1+2)²", "(1+2)**2"),
        ("sqrt(9)²", "9"),
        ("3²·2", "9*2"),
        ("2**3²", "2**9"),
        ("2²**3", "4**3"),  # what is raised is printed right behind its base: they belong together
    ],
)
def test_signs_that_students_type_are_read(typed: str, plain: str) -> None:
    assert parse(typed).output() == parse(plain).output()


def test_blanks_do_not_matter() -> None:
    assert parse(" \t3\u00a0+  4 ").output() == parse("3+4").output() == 7
    assert parse("a = 2\r\nb = a*3\r\n\r\nb").output() == 6


@pytest.mark.parametrize("separator", ["\n", ";", ",", " ; ", "\n\n", ",\n", " ;\r\n ; "])
def test_statements_are_separated_by_newlines_semicolons_or_commas(separator: str) -> None:
    program = parse(separator.join(["", "a = -4", "b = 2", "c = max(a, b)", "c*a", ""]))
    assert program.output() == -8
    assert program.compute() == {"a": -4, "b": 2, "c": 2, "": -8}


def test_names_have_letters_digits_underscores_and_subscripts() -> None:
    program = parse("w₁*x_1 + W2*β + w1*ŷ")
    assert list(program.inputs) == ["w₁", "x_1", "W2", "β", "w1", "ŷ"]
    assert program.output(**{"w₁": 2, "x_1": 3, "W2": 5, "β": 7, "w1": 11, "ŷ": 13}) == 6 + 35 + 143


def test_e_is_a_name_and_pi_a_constant() -> None:
    assert list(parse("e*pi").inputs) == ["e"]
    assert parse("e*pi").output(e=2) == 2 * math.pi
    assert parse("2*e - 1e3").output() == 2 - 1000


def test_a_name_without_a_definition_is_free_and_has_the_number_one() -> None:
    program = parse("b = 3\nc = a*b\nc + d")
    assert list(program.inputs.items()) == [("b", 3.0), ("a", 1.0), ("d", 1.0)]
    assert program.free == ("a", "d")
    assert program.output() == 4


@pytest.mark.parametrize(("text", "number"), [("-4", -4), ("(2)", 2), ("pi", math.pi), ("--2", 2), ("-(-2)", 2)])
def test_a_definition_by_a_number_is_an_input(text: str, number: float) -> None:
    program = parse(f"a = {text}, a*a")
    assert program.inputs == {"a": number}
    assert program.free == ()
    assert program.output(a=10) == 100


def test_a_definition_by_an_operation_is_not_an_input() -> None:
    program = parse("a = 2*3, b = -a, c = a")
    assert program.inputs == {}
    assert program.name == "c"
    assert program.compute() == {"a": 6, "b": -6, "c": 6}


def test_the_last_statement_is_the_output_even_if_others_are_larger() -> None:
    assert parse("a = 2, b = a*a, c = 7").output() == 7
    assert parse("a = 2, b = a*a, a").output() == 2
    assert parse("x").output(x=5) == 5


def test_a_minus_in_front_of_a_number_leaves_other_uses_of_the_number_alone() -> None:
    program = parse("a = 4, b = -a, c = -(a), a + b + 2*c")
    assert program.compute() == {"a": 4, "b": -4, "c": -4, "": -8}


def test_every_example_is_worth_what_the_lectures_say() -> None:
    outputs = {label: parse(text).output() for label, text in EXAMPLES.items()}
    assert outputs.pop("a neuron") == pytest.approx(math.sqrt(0.5), abs=1e-15)
    assert outputs == {"a parabola": 20, "a sum and a product": -12, "step by step": 64}
    assert all(not parse(text).free for text in EXAMPLES.values())


def test_the_functions_of_the_table_are_those_of_mathematics() -> None:
    x = 0.7
    expected = {
        "exp": math.exp(x),
        "log": math.log(x),
        "sqrt": math.sqrt(x),
        "sin": math.sin(x),
        "cos": math.cos(x),
        "tanh": math.tanh(x),
        "sigmoid": 1 / (1 + math.exp(-x)),
        "softplus": math.log(1 + math.exp(x)),
        "relu": x,
        "elu": x,
        "abs": x,
    }
    for name, number in expected.items():
        assert parse(f"{name}(x)").output(x=x) == pytest.approx(number, rel=1e-15)
    assert parse("max(x, 1)").output(x=x) == 1
    assert parse("min(x, 1)").output(x=x) == x
    assert {*expected, "max", "min"} == set(FUNCTIONS)
    assert parse("relu(-x)").output(x=x) == 0
    assert parse("elu(-x)").output(x=x) == pytest.approx(math.exp(-x) - 1, rel=1e-15)
    assert parse("abs(-x)").output(x=x) == x
    assert not set(FUNCTIONS) & set(CONSTANTS)


@pytest.mark.parametrize(
    ("text", "sign", "difference"),
    [
        ("x > y", ">", -1),
        ("x < y", ">", 1),
        ("x >= y", ">=", -1),
        ("x <= y", ">=", 1),
        ("x ≤ y", ">=", 1),
        ("a = 2, a*x + 1 > y**2", ">", -4),
        ("x + y", "", 5),
    ],
)
def test_a_condition_is_the_difference_of_its_sides_and_a_sign(text: str, sign: str, difference: float) -> None:
    function, found = condition_of(text, "x", "y")
    assert found == sign
    assert function(2.0, 3.0) == difference


@pytest.mark.parametrize(
    ("text", "position", "expected"),
    [
        ("x > y > 1", 6, "the end: a formula compares once"),
        ("a = x > 1, a", 6, "comparisons are not allowed"),
        ("(x > 1)", 3, "comparisons are not allowed"),
        ("x > z", 4, "only x and y as free inputs"),
        ("1 > 2", 5, "a result that depends on x or y"),
        ("x >", 3, "a number, a name or ("),
    ],
)
def test_a_condition_that_cannot_be_read_is_pointed_at(text: str, position: int, expected: str) -> None:
    with pytest.raises(FormulaError) as caught:
        condition_of(text, "x", "y")
    assert caught.value.position == position
    assert expected in caught.value.expected


@pytest.mark.parametrize("text", ["x > 1", "x <= 1", "x ≥ 1"])
def test_where_no_condition_is_asked_for_nothing_compares(text: str) -> None:
    with pytest.raises(FormulaError, match="comparisons are not allowed"):
        parse(text)
