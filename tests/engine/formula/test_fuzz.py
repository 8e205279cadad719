"""Thousands of strings at random: each is a Program that computes, within bounds, or a FormulaError that points."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable

import pytest

from engine import Value
from engine.autograd.node import ancestors
from engine.formula import EXAMPLES, FUNCTIONS, FormulaError, parse

VALID = [
    *EXAMPLES.values(),
    "x² + 2·x − 1",
    "w₁ = -.5; y = max(w₁*x, 0)\nz = y**2, sqrt(abs(z)) / (1 + exp(-z))",
    "((((x))))**-x**-(2)",
    "a = pi\n\nb = cos(a*t) + softplus(elu(relu(t)))\n",
]
OPERANDS = [*"xyabe", "w₁", "pi", "0", "2.5", ".5", "1e9", "exp(x)", "max(x, 2)", "-x", "(x", "x)", "x²", "(y)³", "--1"]
OPERATORS = ["+", "-", "*", "/", "**", "^", "·", "−", ";y=", "**-"]
OTHERS = [*FUNCTIONS, "lambda", "__class__", "1e999", "(", ")", ",", ";", "\n", "=", "==", " ", ".", "[", "'", "%", "²"]
TOKENS = OPERANDS + OPERATORS + OTHERS


def characters(rng: random.Random) -> str:
    """Any characters: of ASCII, of Latin-1, or of all of Unicode with its lone surrogates."""
    top = rng.choice([127, 255, 0x10FFFF])
    return "".join(chr(rng.randint(0, top)) for _ in range(rng.randint(0, 30)))


def tokens(rng: random.Random) -> str:
    """Operands and operators by turns, but now and then any token, so that some mean something."""
    return "".join(
        rng.choice([OPERANDS, OPERATORS][i % 2] if rng.random() < 0.95 else TOKENS)
        for i in range(rng.choice([1, 3, 5, 9, 101]))
    )


def mutation(rng: random.Random) -> str:
    """A formula with some places deleted, replaced, doubled or moved; now and then many times as long."""
    text = rng.choice(VALID)
    for _ in range(rng.randint(0, 3)):
        i, j = sorted(rng.randint(0, len(text)) for _ in range(2))
        new = [
            text[:i] + text[i + 1 :],
            text[:i] + rng.choice(TOKENS) + text[i + 1 :],
            text[:i] + rng.choice(TOKENS) + text[i:],
            text[:j] + text[i:],
            text[:i] + text[j:] + text[i:j],
        ]
        text = rng.choice(new)
    return text * rng.choice([1] * 20 + [5, 40])


def check_fault(text: str, error: FormulaError) -> None:
    assert error.text == text
    assert 0 <= error.position <= len(text)
    assert len(str(error).splitlines()) == 1
    assert len(error.arrow().split("\n")) == 2


def verdict(text: str) -> str:
    """Parse, compute and differentiate; checks what holds for all strings, and says what became of this one."""
    try:
        program = parse(text)
    except FormulaError as error:
        check_fault(text, error)
        return "refused"
    assert sum(not isinstance(item, float | str) for item in program.tape) <= 400
    assert len(program.inputs) <= len(program.places) <= 41
    values = program.values()
    output = values[program.name]
    assert type(output) is Value
    assert len(ancestors([output])) <= 801
    if output.requires_grad:
        output.backward()
        assert all(type(values[name].grad) is float for name in program.inputs)
    return "computed"


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 10))])
@pytest.mark.parametrize(("strings", "computed"), [(characters, 10), (tokens, 300), (mutation, 200)])
def test_a_string_is_a_program_or_a_fault(strings: Callable[[random.Random], str], computed: int, seed: int) -> None:
    rng = random.Random(seed)
    verdicts = Counter(verdict(strings(rng)) for _ in range(1000))
    assert verdicts["computed"] >= computed
    assert verdicts["refused"] >= 300


@pytest.mark.parametrize("text", ["(" * 10**6, "-" * 10**6, "9**" * 10**6, "x" * 10**6, "\n" * 10**6, "9" * 10**6])
def test_a_million_characters_are_refused_unread(text: str) -> None:
    with pytest.raises(FormulaError) as caught:
        parse(text)
    assert caught.value.position == 1000


@pytest.mark.parametrize("sign", ["(", "-", "x**", "exp(", "2+3*(", "max(x,", "x+", "x*", "a=", "a\n", "²", "."])
def test_a_thousand_characters_of_one_sign_are_refused_and_overflow_nothing(sign: str) -> None:
    with pytest.raises(FormulaError):
        parse((sign * 1000)[:1000])
