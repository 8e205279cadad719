"""Parser: from text to a Formula, by precedence climbing (Martin Richards 1979; Theodore Norvell's essay named it).

An operand, then as many operators as bind tightly enough: `expression(least)` reads `a * b * c` and stops in front of
an operator that binds more loosely than `least`, which whoever called it takes up. Precedence is Python's:

    statements   a = 2     separated by newlines, ; or commas
    0            < > <= >= once, where a condition is asked for
    1            + -
    2            * /
    3            **        to the right: 2**3**2 is 2**9; a minus in front of x**2 applies to the square
    operand      3  x  exp(x)  (x)  -x, and x² with its square

Nothing here evaluates text as Python, and every limit is checked while reading: what is typed can be long or odd, but
never slow.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from keyword import iskeyword
from typing import Any, NoReturn

from engine.autograd import ops
from engine.autograd.ops import Op
from engine.autograd.value import Value
from engine.formula.error import FormulaError
from engine.formula.functions import CONSTANTS, FUNCTIONS
from engine.formula.program import Formula, Operation
from engine.formula.tokens import END, NAME, NUMBER, SUPERSCRIPT, Token, tokenize

MAX_LENGTH = 1000  # characters
MAX_DEPTH = 40  # brackets, minus signs and exponents inside one another
MAX_OPERATIONS = 400
MAX_NAMES = 40

DEFAULT = 1.0  # the number of a name that the text never defines

COMPARISONS = ("<", ">", "<=", ">=")

POWER = 3
BINARY: dict[str, tuple[int, Op]] = {
    "+": (1, ops.add),
    "-": (1, ops.sub),
    "*": (2, ops.mul),
    "/": (2, ops.div),
    "**": (POWER, ops.power),
}

OPERAND = "a number, a name or ("
OPERATOR = "an operator (+ - * / **) or the end of the formula"

# what people try that formulas do not have
REFUSED: dict[str, str] = {
    **dict.fromkeys("[]{}", "brackets are round, and there is no indexing"),
    **dict.fromkeys("\"'`", "text in quotes is not allowed"),
    **dict.fromkeys(["==", "!=", "<", ">", "<=", ">=", "≠"], "comparisons are not allowed, but max and min are"),
    **dict.fromkeys(["%", "//", "@", "&", "|", "~", "÷", "√"], "the only operators are + - * / **"),
    ".": "a . belongs inside a number, and a name has no parts",
    "_": "a name starts with a letter",
    "=": "= stands only behind the one name that it defines, as in a = 2",
    SUPERSCRIPT: "an exponent stands right behind what it raises, one at a time",
}


def parse(text: str) -> Formula:
    """Read a formula.

    >>> parse("a = -4, b = 2, c = a + b, d = a*b, e = d**2").output()
    64.0

    Args:
        text: definitions such as `a = 2`, separated by newlines, semicolons or commas; the last may be a bare
            expression, and is the output. A name without a definition is an input, whose number the user sets.

    Raises FormulaError, which knows the faulty character and what was expected there.
    """
    return _Parser(text).program()


def function_of_one(text: str) -> Callable[[Any], Any]:
    """A formula with one free input as a Python function, on floats, arrays, Values and Tensors: an activation.

    >>> leaky_relu = function_of_one("slope = 0.01, max(x, slope * x)")
    >>> leaky_relu(-3.0)
    -0.03

    Raises FormulaError if it cannot be read, has no free input or several, or gives the same number for any input.
    """
    parser = _Parser(text)
    program = parser.program()
    if not program.free:
        raise FormulaError(text, len(text), "one free input: a name without a number, such as x")
    if len(program.free) > 1:
        first, second = program.free[:2]
        hint = f"one free input: {first} is one already; give {second} a number, as in {second} = 1"
        raise FormulaError(text, parser.first_use[second], hint)
    (name,) = program.free
    _check_dependence(parser, program, name)
    return program.of(name)


def function_of(text: str, *names: str) -> Callable[..., Any]:
    """A formula as a Python function of inputs of these names, in this order: a loss of y and t.

    >>> function_of("(y - t)**2", "y", "t")(3.0, 1.0)
    4.0

    Raises FormulaError if it cannot be read, has another free input, or does not depend on the first of the names.
    """
    parser = _Parser(text)
    program = parser.program()
    function = _of_names(parser, program, names)
    if names[0] not in program.free:
        raise FormulaError(text, len(text), f"the free input {names[0]}")
    _check_dependence(parser, program, names[0])
    return function


def condition_of(text: str, *names: str) -> tuple[Callable[..., Any], str]:
    """A formula that may compare, as a Python function of inputs of these names, and the sign that it compares by.

    >>> difference, sign = condition_of("x2 < sin(x1)", "x1", "x2")
    >>> difference(0.0, -2.0), sign
    (2.0, '>')

    Returns:
        The difference of the two sides, and ">" or ">=": the condition holds where the difference is that to 0. The
        value of the formula itself and "", where it compares nothing.

    Raises FormulaError if it cannot be read, or has another free input, or none.
    """
    parser = _Parser(text, may_compare=True)
    program = parser.program()
    function = _of_names(parser, program, names)
    if not program.free:
        raise FormulaError(text, len(text), f"a result that depends on {' or '.join(names)}")
    return function, parser.compares_by.replace("<", ">")


def _of_names(parser: _Parser, program: Formula, names: tuple[str, ...]) -> Callable[..., Any]:
    for name in program.free:
        if name not in names:
            raise FormulaError(parser.text, parser.first_use[name], f"only {' and '.join(names)} as free inputs")
    free = [name for name in names if name in program.free]
    return lambda *inputs: program.output(**{n: x for n, x in zip(names, inputs, strict=True) if n in free})


def _check_dependence(parser: _Parser, program: Formula, name: str) -> None:
    if not isinstance(program.of(name)(Value(DEFAULT)), Value):
        raise FormulaError(parser.text, parser.last.position, f"a result that depends on {name}")


class _Parser:
    """Recursive-descent parser: it goes along the tokens once, writing the tape. What reads returns a place on it."""

    def __init__(self, text: str, may_compare: bool = False) -> None:
        self.text, self.may_compare = text, may_compare
        self.compares_by = ""
        if len(text) > MAX_LENGTH:
            self.fail(MAX_LENGTH, f"the end: a formula has at most {MAX_LENGTH:,} characters")
        self.tokens = tokenize(text)
        self.next = 0
        self.last = self.here  # where the last statement so far begins
        self.tape: list[float | str | Operation] = []
        self.places: dict[str, int] = {}
        self.inputs: dict[str, float] = {}
        self.first_use: dict[str, int] = {}  # of names that have no definition so far: the position in the text
        self.open: list[Token] = []
        self.depth = 0
        self.operations = 0

    # ── statements ───────────────────────────────────────────────────────────────────────────────────────────────────

    def program(self) -> Formula:
        self.skip_separators()
        if self.here.kind == END:
            self.fail(0, "a formula, such as 3*x**2 - 4*x + 5")
        while True:
            self.last = self.here
            name = self.statement()
            if self.here.kind not in (";", ",", END):
                self.fail_after_operand()
            self.skip_separators()
            if self.here.kind == END:
                break
            if not name:
                hint = "a name and = before all but the last statement, as in a = 2; decimals have a point, not a comma"
                self.fail(self.last.position, hint)
        return Formula(self.text, self.inputs, tuple(self.first_use), name, tuple(self.tape), self.places)

    def skip_separators(self) -> None:
        while self.here.kind in (";", ","):
            self.next += 1

    def statement(self) -> str:
        """Read a definition or a bare expression; returns the name that is defined, or ""."""
        if not (self.here.kind == NAME and self.tokens[self.next + 1].kind == "="):
            self.places[""] = self.comparison() if self.may_compare else self.expression()
            return ""
        token = self.take()
        self.take()
        name = token.text
        self.check_new(token)
        place = self.expression()
        if name in self.first_use:
            self.fail(self.first_use[name], f"{name} to be defined before it is used; its definition comes too late")
        self.check_count(token)
        number = self.tape[place]
        if isinstance(number, float):
            self.tape[place], self.inputs[name] = name, number
        self.places[name] = place
        return name

    def check_new(self, token: Token) -> None:
        name = token.text
        self.check_word(token)
        if name in FUNCTIONS or name in CONSTANTS:
            kind = "function" if name in FUNCTIONS else "constant"
            self.fail(token.position, f"a name of your own: {name} is a {kind}")
        if name in self.places and name not in self.first_use:
            self.fail(token.position, f"a new name: {name} is defined already")

    def check_word(self, token: Token) -> None:
        if iskeyword(token.text):
            self.fail(token.position, f"a name that is not a word of Python, as {token.text} is")

    def check_count(self, token: Token) -> None:
        if len(self.places) == MAX_NAMES:
            self.fail(token.position, f"no further name: a formula has at most {MAX_NAMES}")

    def comparison(self) -> int:
        """Read an expression, or two with a sign between them that compares: the larger one less the smaller one."""
        left = self.expression()
        if self.here.kind not in COMPARISONS:
            return left
        sign = self.take()
        self.compares_by = sign.kind
        right = self.expression()
        if self.here.kind in COMPARISONS:
            self.fail(self.here.position, "the end: a formula compares once")
        larger, smaller = (left, right) if sign.kind.startswith(">") else (right, left)
        return self.apply(ops.sub, sign, larger, smaller)

    # ── expressions ──────────────────────────────────────────────────────────────────────────────────────────────────

    def expression(self, least: int = 1) -> int:
        """Read operands joined by operators of at least some precedence."""
        left = self.operand()
        while (row := BINARY.get(self.here.kind)) and row[0] >= least:
            sign = self.take()
            precedence, op = row
            if precedence == POWER:
                with self.deeper(sign):
                    right = self.expression(POWER)
            else:
                right = self.expression(precedence + 1)
            left = self.apply(op, sign, left, right)
        return left

    def operand(self) -> int:
        """Read a number, a name, a call, a bracket or a minus and what it applies to."""
        token = self.here
        if token.kind == "-":
            return self.minus(self.take())
        if token.kind == NUMBER:
            place = self.number(self.take())
        elif token.kind == NAME:
            place = self.word(self.take())
        elif token.kind == "(":
            place = self.bracket()[0]
        else:
            self.fail_before_operand()
        if self.here.kind == SUPERSCRIPT:
            exponent = self.take()
            place = self.apply(ops.power, exponent, place, self.number(exponent))
        return place

    def minus(self, sign: Token) -> int:
        with self.deeper(sign):
            place = self.expression(POWER)
        number = self.tape[place]
        if isinstance(number, float):  # -4 is a number, not an operation on 4
            self.tape[place] = -number
            return place
        return self.apply(ops.neg, sign, place)

    def number(self, token: Token) -> int:
        number = token.number()
        if math.isinf(number):
            self.fail(token.position, "a number below 1.8e308, the largest that a computer's float can hold")
        return self.write(number)

    def word(self, token: Token) -> int:
        """Read what a name means: a function's call, a constant, a definition so far, or else an input."""
        name = token.text
        self.check_word(token)
        if name in FUNCTIONS or self.here.kind == "(":
            return self.call(token)
        if name in CONSTANTS:
            return self.write(CONSTANTS[name])
        if name not in self.places:
            self.check_count(token)
            self.first_use[name] = token.position
            self.inputs[name] = DEFAULT
            self.places[name] = self.write(name)
        return self.places[name]

    def call(self, token: Token) -> int:
        name, op = token.text, FUNCTIONS.get(token.text)
        if op is None:
            table = ", ".join(FUNCTIONS)
            self.fail(token.position, f"one of the functions {table}; to multiply, put * between {name} and (")
        if self.here.kind != "(":
            self.fail(self.here.position, f"( and the number that {name} is taken of")
        arguments = self.bracket(len(op.rules))
        return self.apply(op, token, *arguments)

    def bracket(self, count: int = 1) -> list[int]:
        """Read a bracket that holds so many expressions, separated by commas."""
        with self.deeper(self.here):
            self.open.append(self.take())
            places = [self.expression()]
            while len(places) < count:
                if self.here.kind == ")":
                    self.fail(self.here.position, f", and another number: this function takes {count}")
                if self.here.kind != ",":
                    self.fail_after_operand()
                self.take()
                places.append(self.expression())
            if self.here.kind != ")":
                self.fail_after_operand()
            self.take()
            self.open.pop()
        return places

    # ── the tape, the tokens, the faults ─────────────────────────────────────────────────────────────────────────────

    def write(self, item: float | str | Operation) -> int:
        self.tape.append(item)
        return len(self.tape) - 1

    def apply(self, op: Op, token: Token, *inputs: int) -> int:
        self.operations += 1
        if self.operations > MAX_OPERATIONS:
            self.fail(token.position, f"the end: a formula has at most {MAX_OPERATIONS} operations")
        return self.write(Operation(op, inputs))

    @contextmanager
    def deeper(self, token: Token) -> Iterator[None]:
        """Count how deep we are inside brackets and the like: Python's own stack is limited."""
        if self.depth == MAX_DEPTH:
            self.fail(token.position, f"at most {MAX_DEPTH} brackets, minus signs and exponents inside one another")
        self.depth += 1
        yield
        self.depth -= 1

    @property
    def here(self) -> Token:
        """The token to be read next."""
        return self.tokens[self.next]

    def take(self) -> Token:
        self.next += 1
        return self.tokens[self.next - 1]

    def fail_before_operand(self) -> NoReturn:
        self.fail_unless_closed()
        self.fail_at_sign(OPERAND)

    def fail_after_operand(self) -> NoReturn:
        before, here = self.tokens[self.next - 1], self.here
        self.fail_unless_closed()
        if here.kind == NAME:
            self.check_word(here)
        if here.kind in (NUMBER, NAME, "("):
            self.fail(here.position, f"an operator: put * between {before.text} and {here.text}")
        self.fail_at_sign("an operator (+ - * / **) or )" if self.open else OPERATOR)

    def fail_unless_closed(self) -> None:
        if self.open and self.here.kind in (";", END):
            self.fail(self.open[-1].position, "a ) in this line that closes this bracket")

    def fail_at_sign(self, expected: str) -> NoReturn:
        """Refuse a sign, with a reason if there is more to say than what would be right."""
        kind = self.here.kind
        if kind == ")" and not self.open:
            reason = "no bracket is open here"
        elif kind == "," and self.open:
            reason = "a comma inside brackets stands only between the two numbers of max or min"
        elif len(kind) == 1 and kind not in "+-*/();,":
            reason = REFUSED.get(kind, f"{kind!r} is not allowed in a formula")
        else:
            reason = REFUSED.get(kind, "")
        self.fail(self.here.position, f"{expected}; {reason}" if reason else expected)

    def fail(self, position: int, expected: str) -> NoReturn:
        raise FormulaError(self.text, position, expected)
