"""Pretty-printing: a graph as a formula, the way that mathematics writes it: tanh(w₁·x₁ + w₂·x₂ + b)."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any, NamedTuple

from engine.autograd.node import Node, ancestors

_RAISED = "0123456789t"
_SUPERSCRIPTS = str.maketrans(_RAISED, "⁰¹²³⁴⁵⁶⁷⁸⁹ᵗ")

NOT_A_NUMBER = "not a number"

# how tightly a term holds together: what holds less tightly than its surroundings stands in brackets
_SUM, _QUOTIENT, _PRODUCT, _POWER, _ATOM = range(5)

# of a sum with more terms than this only the first two and the last two are written
_MOST_TERMS = 8


class Fragment(NamedTuple):
    """Fragment: a part of a formula, as text.

    Attributes:
        text: how it is written.
        level: how tightly it holds together.
        number: its number, if it is nothing but one.
        signed: whether it begins with a minus, and so must stand in brackets after another sign.
        summands: if it is a sum, its terms, each but the first with its sign: w₁·x₁, + w₂·x₂, − b.
    """

    text: str
    level: int
    number: float | None = None
    signed: bool = False
    summands: tuple[str, ...] = ()

    @property
    def short(self) -> str:
        """The text, but of a sum of more than three terms only the first and the last: w₁·x₁ + … + b."""
        return _elided(self.summands, 3, 1) if self.summands else self.text


Naming = Callable[[Node], Fragment | str | None]
Marking = Callable[[Node, str], str]


def format_expression(root: Node, name: Naming, mark: Marking = lambda node, text: text) -> str:
    """The formula of a node.

    What multiplies by 1, adds 0, or only computes with fixed numbers is left out, as one would by hand, and so is the
    middle of a sum of more than eight terms: w₁·x₁ + w₂·x₂ + … + w₁₆·x₁₆ + b.

    Args:
        root: what to spell.
        name: what a node is called, a name or a number; a Term for one that is spelled already; None for one that is
            to be spelled out here.
        mark: what is put in the place of a name, such as a link.
    """
    return term(root, name, mark).text


def term(root: Node, name: Naming, mark: Marking = lambda node, text: text) -> Fragment:
    """The formula of a node as a part of a larger one."""
    terms: dict[int, Fragment] = {}
    for node in ancestors([root], lambda node: name(node) is not None):
        called = name(node)
        if isinstance(called, Fragment):
            terms[id(node)] = called
        elif called is not None:
            terms[id(node)] = Fragment(mark(node, called), _level(called), signed=called.startswith("−"))
        elif node.op is None:
            terms[id(node)] = _literal(float(node.data))
        else:
            terms[id(node)] = _joined(node, [terms[id(parent)] for parent in node.parents])
    return terms[id(root)]


def figures(x: float) -> str:
    """A number in four figures, with a proper minus: −0.8774, 1.2e−5. NaN is said in words, and −0 is 0."""
    return _digits(x, 4)


def bracketed(x: float) -> str:
    """A number in four figures as a factor: in brackets if it has a sign."""
    text = figures(x)
    return f"({text})" if _level(text) < _PRODUCT or text.startswith("−") else text


def _digits(x: float, count: int) -> str:
    if not math.isfinite(x):
        return NOT_A_NUMBER if math.isnan(x) else "∞" if x > 0 else "−∞"
    if x == 0:
        return "0"
    text = f"{x:.{count}g}"  # with an exponent below 0.0001, and from as many digits before the point as are asked for
    if "e-" in text or abs(Decimal(text)) >= 1_000_000:
        mantissa, exponent = text.split("e")
        return f"{mantissa}e{int(exponent)}".replace("-", "−")
    return f"{Decimal(text):f}".replace("-", "−")


def _level(called: str) -> int:
    """How tightly a name, or a number in the place of one, holds together: −3 squared is (−3)², not −3²."""
    if called == NOT_A_NUMBER:
        return _SUM
    if called.startswith("−"):
        return _PRODUCT
    return _POWER if called[0].isdigit() and "e" in called else _ATOM


def _elided(summands: tuple[str, ...], most: int, ends: int) -> str:
    """A sum; if it has more than so many terms, only so many of either end."""
    return " ".join(summands if len(summands) <= most else (*summands[:ends], "+ …", *summands[-ends:]))


def _literal(number: float) -> Fragment:
    """A fixed number: to the last digit if it has at most six, like GELU's 0.044715, else in four figures."""
    exact = math.isfinite(number) and float(f"{number:.6g}") == number
    text = _digits(number, 6 if exact else 4)
    return Fragment(text, _level(text), number, text.startswith("−"))


def _joined(node: Node, inputs: list[Fragment]) -> Fragment:
    op: Any = node.op
    if all(term.number is not None for term in inputs):
        return _literal(float(node.data))
    if op.name == "mul" and node.parents[0] is node.parents[1]:
        return Fragment(f"{_within(inputs[0], _ATOM)}²", _POWER)
    rule = _RULES.get(op.name)
    if rule is not None:
        return rule(*inputs)
    return Fragment(f"{op.symbol}({', '.join(term.text for term in inputs)})", _ATOM)


def _within(term: Fragment, level: int) -> str:
    return term.text if term.level >= level else f"({term.text})"


def _add(a: Fragment, b: Fragment) -> Fragment:
    if a.number == 0:
        return b
    if b.number == 0:
        return a
    first, *rest = (_summand(b, _ATOM),) if b.signed else b.summands or (b.text,)
    return _sum(a, f"+ {first}", *rest)


def _sub(a: Fragment, b: Fragment) -> Fragment:
    if b.number == 0:
        return a
    if a.number == 0:
        return _neg(b)
    return _sum(a, f"− {_summand(b, _QUOTIENT)}")


def _sum(a: Fragment, *more: str) -> Fragment:
    summands = (*(a.summands or (a.text,)), *more)
    return Fragment(_elided(summands, _MOST_TERMS, 2), _SUM, signed=a.signed, summands=summands)


def _summand(term: Fragment, level: int) -> str:
    return f"({term.text})" if term.signed else _within(term, level)


def _factor(term: Fragment) -> str:
    return _summand(term, _PRODUCT)


def _mul(a: Fragment, b: Fragment) -> Fragment:
    if a.number == 0 or b.number == 0:
        return _literal(0.0)
    if a.number == 1:
        return b
    if b.number == 1:
        return a
    if a.number == -1:
        return _neg(b)
    return Fragment(f"{_factor(a)}·{_factor(b)}", _PRODUCT)


def _div(a: Fragment, b: Fragment) -> Fragment:
    return a if b.number == 1 else Fragment(f"{_factor(a)} / {_within(b, _POWER)}", _QUOTIENT)


def _neg(a: Fragment) -> Fragment:
    return Fragment(f"−{_factor(a)}", _PRODUCT, signed=True)


def _power(a: Fragment, b: Fragment) -> Fragment:
    if b.number is not None and b.number.is_integer() and 0 <= b.number < 100:
        if b.number in (0, 1):
            return a if b.number else _literal(1.0)
        return Fragment(f"{_within(a, _ATOM)}{str(int(b.number)).translate(_SUPERSCRIPTS)}", _POWER)
    raised = b.text.translate(_SUPERSCRIPTS) if set(b.text) <= set(_RAISED) else f"^{_within(b, _ATOM)}"
    return Fragment(f"{_within(a, _ATOM)}{raised}", _POWER)


def _relation(sign: str) -> Callable[[Fragment, Fragment], Fragment]:
    """1 where it is true and 0 where not, in Iverson's brackets."""
    return lambda a, b: Fragment(f"[{a.text} {sign} {b.text}]", _ATOM)


_RULES: dict[str, Callable[..., Fragment]] = {
    "add": _add,
    "sub": _sub,
    "mul": _mul,
    "div": _div,
    "neg": _neg,
    "power": _power,
    "abs": lambda a: Fragment(f"|{a.text}|", _ATOM),
    "floor": lambda a: Fragment(f"⌊{a.text}⌋", _ATOM),
    "step": lambda a: Fragment(f"[{a.text} > 0]", _ATOM),
    "max_mask": _relation(">"),
    "equal": _relation("="),
    "greater_equal": _relation("≥"),
    "sum": lambda a: _sum(a, "+ …"),
}
