"""What a formula may not look like: each fault is refused at its place, with what was expected there."""

from __future__ import annotations

import math
import pickle

import pytest

from engine.formula import FUNCTIONS, FormulaError, parse


def refused(text: str) -> FormulaError:
    with pytest.raises(FormulaError) as caught:
        parse(text)
    assert caught.value.text == text
    return caught.value


def marked(text: str) -> tuple[str, int]:
    """A formula with its faulty character between «», as the text without them and the position."""
    return text.replace("«", "").replace("»", ""), text.index("«")


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        # what is missing
        ("2«x»", "put * between 2 and x"),
        ("2«(»x+1)", "put * between 2 and ("),
        ("(a+b)«(»c)", "put * between ) and ("),
        ("x «y»", "put * between x and y"),
        ("x²«y»", "put * between ² and y"),
        ("exp(x «2»)", "put * between x and 2"),
        ("a +«»", "a number, a name or ("),
        ("a = 2; b = «;»", "a number, a name or ("),
        ("a + «*»b", "a number, a name or ("),
        ("«+»3", "a number, a name or ("),
        ("a = 1, b =«»", "a number, a name or ("),
        ("x ** «**» 2", "a number, a name or ("),
        ("exp(«)»", "a number, a name or ("),
        ("a / «/» b", "a number, a name or ("),
        # brackets
        ("1 + «(»a + b", "a ) in this line that closes this bracket"),
        ("«(»(a + b)", "closes this bracket"),
        ("(a + «(»b * c", "closes this bracket"),
        ("exp«(»x", "closes this bracket"),
        ("max«(»x, y", "closes this bracket"),
        ("«(»a +", "closes this bracket"),
        ("«(»a\n+ b)", "closes this bracket"),
        ("a + b«)»", "no bracket is open here"),
        ("a«)» + (b", "no bracket is open here"),
        ("(a«,» b)", "a comma inside brackets"),
        # functions
        ("«foo»(x)", "one of the functions exp, log, sqrt"),
        ("a = 2, «a»(x)", "one of the functions"),
        ("«f»(x) = x**2", "one of the functions"),
        ("«pi»(3)", "one of the functions"),
        ("exp«»", "( and the number that exp is taken of"),
        ("tanh «x»", "( and the number that tanh is taken of"),
        ("exp(x«,» y)", "a comma inside brackets"),
        ("max(x«)»", "another number: this function takes 2"),
        ("max(x, y«,» z)", "a comma inside brackets"),
        ("max(x, «)»", "a number, a name or ("),
        # definitions
        ("a = 1\n«a» = 2", "a new name: a is defined already"),
        ("«exp» = 2", "exp is a function"),
        ("«pi» = 3", "pi is a constant"),
        ("b = «a» + 1\na = 2", "a to be defined before it is used"),
        ("a = «a» + 1", "a to be defined before it is used"),
        ("2 «=» x", "behind the one name that it defines"),
        ("a + b «=» c", "behind the one name that it defines"),
        ("a = b «=» 3", "behind the one name that it defines"),
        ("«=» 3", "behind the one name that it defines"),
        ("a = 1; «a»*2; a*3", "a name and = before all but the last statement"),
        ("«1»,5*x", "decimals have a point, not a comma"),
        # what Python has and formulas do not
        ("x«.»real", "a name has no parts"),
        ("(x)«.»__class__", "a name has no parts"),
        ("x«[»0]", "there is no indexing"),
        ("«[»1, 2]", "there is no indexing"),
        ("«{»x}", "brackets are round"),
        ("«'»x'", "text in quotes"),
        ('«"»', "text in quotes"),
        ("exp(«'»x')", "text in quotes"),
        ("«lambda» x: x", "a name that is not a word of Python, as lambda is"),
        ("a = 1; «import» os", "as import is"),
        ("x «if» y", "as if is"),
        ("«None»", "as None is"),
        ("«True» = 1", "as True is"),
        ("«_»_import__(x)", "a name starts with a letter"),
        ("x + «_»y", "a name starts with a letter"),
        ("x «==» 3", "comparisons are not allowed"),
        ("x «<» 3", "comparisons are not allowed"),
        ("x «!=» 3", "comparisons are not allowed"),
        ("x«!»", "'!' is not allowed"),
        ("x «%» 2", "the only operators are + - * / **"),
        ("x «//» 2", "the only operators are + - * / **"),
        ("x «@» y", "the only operators are + - * / **"),
        ("x «#» note", "'#' is not allowed"),
        ("x«:»", "':' is not allowed"),
        ("x «\\»\n+ 1", r"'\\' is not allowed"),
        # characters
        ("x«\u200b»", r"'\u200b' is not allowed"),
        ("x + «\0»", r"'\x00' is not allowed"),
        ("«\ud800»", r"'\ud800' is not allowed"),
        ("x«½»", "'½' is not allowed"),
        ("«٣»", "'٣' is not allowed"),
        ("x«ⁿ»", "'ⁿ' is not allowed"),
        ("«²»", "an exponent stands right behind what it raises"),
        ("x² «³»", "an exponent stands right behind what it raises"),
        ("1 + «1e999»", "a number below 1.8e308"),
        # nothing at all
        ("«»", "a formula, such as 3*x**2 - 4*x + 5"),
        ("«» \n\t", "a formula, such as"),
        ("«»;,\n\u00a0", "a formula, such as"),
    ],
)
def test_a_fault_is_refused_at_its_place_with_what_was_expected(fault: str, expected: str) -> None:
    text, position = marked(fault)
    error = refused(text)
    assert error.position == position
    assert expected in error.expected


@pytest.mark.parametrize("text", ["a = ,", "max()", "(a + )", "1 +"])
def test_nothing_is_added_to_what_was_expected_where_the_sign_itself_would_be_right(text: str) -> None:
    assert refused(text).expected == "a number, a name or ("


def test_an_unknown_function_is_told_the_whole_table() -> None:
    assert ", ".join(FUNCTIONS) in refused("sinh(x)").expected


def test_the_first_of_several_faults_is_reported() -> None:
    assert refused("2x + foo(3) == [").position == 1
    assert refused("a = $; b = 2x").position == 4


def test_an_error_is_a_value_error_of_one_line() -> None:
    error = refused("a = 1\nb = 2a\nc")
    assert isinstance(error, ValueError)
    assert str(error) == "line 2, character 6: expected an operator: put * between 2 and a"
    for text in ("x = '\n", "\n\n%", "x\x85$", "a\u2028$"):
        assert len(str(refused(text)).splitlines()) == 1


def test_an_arrow_stands_under_the_faulty_character() -> None:
    assert refused("a = 2; 2a").arrow() == (
        "a = 2; 2a\n"
        "        ^ expected an operator: put * between 2 and a"
    )  # fmt: skip
    assert refused("a = 1\r\n\tb = 2a\nc = 3").arrow() == (
        " b = 2a\n"
        "      ^ expected an operator: put * between 2 and a"
    )  # fmt: skip
    assert refused("a = 1\nb = a +\nc").arrow() == "b = a +\n       ^ expected a number, a name or ("
    assert refused("").arrow() == "\n^ expected a formula, such as 3*x**2 - 4*x + 5"


def test_an_error_survives_pickling() -> None:
    error = refused("a = 1\n2a")
    copy = pickle.loads(pickle.dumps(error))
    assert (str(copy), copy.arrow()) == (str(error), error.arrow())


# ── limits ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_thousand_characters_are_read_and_one_more_is_not() -> None:
    text = "x" + " " * 998
    assert parse(text + "\n").output(x=2) == 2
    error = refused(text + "\n;")
    assert (error.position, error.expected) == (1000, "the end: a formula has at most 1,000 characters")
    assert refused(" " * 2000).position == 1000


@pytest.mark.parametrize(
    ("before", "inside", "after"),
    [("(", "x", ")"), ("-", "x", ""), ("exp(", "x", ")"), ("1+2*(3+", "x", ")"), ("x**", "x", ""), ("-(", "x", ")")],
)
def test_nesting_is_forty_deep_and_no_deeper(before: str, inside: str, after: str) -> None:
    deep = 20 if before == "-(" else 40
    parse(before * deep + inside + after * deep)
    text = before * (deep + 1) + inside + after * (deep + 1)
    error = refused(text)
    assert "at most 40 brackets, minus signs and exponents inside one another" in error.expected
    start = len(before) * deep
    assert start <= error.position < start + len(before)


def test_depth_counts_what_is_open_and_not_what_was() -> None:
    assert parse("+".join(["(x**-x)"] * 100)).output(x=1) == 100
    assert parse("-x" + "-x" * 100).output(x=1) == -101


def test_four_hundred_operations_are_read_and_one_more_is_not() -> None:
    assert parse("x" + "+x" * 400).output() == 401
    error = refused("x" + "+x" * 401)
    assert (error.position, error.expected) == (801, "the end: a formula has at most 400 operations")


def test_forty_names_are_read_and_one_more_is_not() -> None:
    names = [f"x{i}" for i in range(40)]
    assert parse("+".join(names)).output() == 40
    error = refused("+".join([*names, "x0", "y"]))
    assert error.expected == "no further name: a formula has at most 40"
    assert error.text[error.position :] == "y"
    definitions = "\n".join(f"{name} = {i}" for i, name in enumerate(names))
    assert parse(definitions + "\nx39*2").output() == 78
    error = refused(definitions + "\nlast = 5")
    assert error.text[error.position :] == "last = 5"


def test_numbers_are_floats_and_never_grow() -> None:
    assert parse("9**9**9**9**9").output() == math.inf
    assert parse("-2**99999").output() == -math.inf
    assert parse("x**x**x").output(x=10**6) == math.inf
    assert parse("1e-999").output() == 0
    assert parse("9" * 300).output() == float("9" * 300)
    assert refused("9" * 309).position == 0
