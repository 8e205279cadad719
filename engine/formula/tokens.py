"""Tokens: a formula's text, cut into words and signs."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import NamedTuple

NUMBER, NAME, SUPERSCRIPT, END = "number", "name", "superscript", "end"

# a newline ends a statement like a semicolon
SPELLINGS = {"^": "**", "·": "*", "⋅": "*", "×": "*", "−": "-", "≤": "<=", "≥": ">=", "\n": ";"}

_NUMBER = re.compile(r"([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+\-−]?[0-9]+)?")
_SUBSCRIPTS = "₀₁₂₃₄₅₆₇₈₉"
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")


class Token(NamedTuple):
    """Token: a word or sign of a formula.

    Attributes:
        kind: NUMBER, NAME, SUPERSCRIPT or END; any other sign is its own kind, whatever way it was written.
        text: as it was written.
        position: of its first character in the formula, counted from 0.
    """

    kind: str
    text: str
    position: int

    def number(self) -> float:
        """What a NUMBER or SUPERSCRIPT is worth; ∞ if it is too large for a float."""
        return float(self.text.translate(_SUPERSCRIPTS).replace("−", "-"))


def tokenize(text: str) -> list[Token]:
    """All tokens of a formula, and one of kind END after them.

    It refuses nothing: a character that no formula has becomes a token that the parser refuses, so that of several
    faults the first one is reported.
    """
    tokens: list[Token] = []
    position = 0
    while position < len(text):
        kind, length = _read(text, position)
        if kind:
            tokens.append(Token(kind, text[position : position + length], position))
        position += length
    tokens.append(Token(END, "", len(text)))
    return tokens


def _read(text: str, position: int) -> tuple[str, int]:
    """The kind and the length of the token that starts here; no kind for a blank."""
    c = text[position]
    if c != "\n" and c.isspace():
        return "", 1
    if number := _NUMBER.match(text, position):
        return NUMBER, len(number[0])
    if _is_letter(c):
        return NAME, _length(text, position, _continues_a_name)
    if _is_superscript(c):
        return SUPERSCRIPT, _length(text, position, _is_superscript)
    for sign in ("**", "==", "!=", "<=", ">=", "//"):
        if text.startswith(sign, position):
            return sign, 2
    return SPELLINGS.get(c, c), 1


def _length(text: str, position: int, belongs: Callable[[str], bool]) -> int:
    """How many characters from here on belong together."""
    end = position
    while end < len(text) and belongs(text[end]):
        end += 1
    return end - position


def _is_letter(c: str) -> bool:
    """Whether a name may start with it. A raised letter may not: in xⁿ it means a power."""
    return c.isalpha() and not unicodedata.decomposition(c).startswith("<super>")


def _continues_a_name(c: str) -> bool:
    return _is_letter(c) or c in "0123456789_" or c in _SUBSCRIPTS


def _is_superscript(c: str) -> bool:
    return ord(c) in _SUPERSCRIPTS
