"""Free variables: a formula that had numbers for its inputs becomes a function of them."""

from __future__ import annotations

from engine.formula.tokens import END, NAME, Token, tokenize


def freed(text: str, *names: str) -> str:
    """The text of a formula without the statements that give numbers to some names.

    >>> freed("x = 3, 3*x**2 - 4*x + 5", "x")
    '3*x**2 - 4*x + 5'

    What cannot be read is left as it is, for whoever reads the result.
    """
    kept = [text[start:end].strip() for start, end, name in _statements(text) if name not in names]
    return "; ".join(kept)


def _statements(text: str) -> list[tuple[int, int, str]]:
    """Where each statement begins and ends, without what separates it, and the name that it defines, if any."""
    found: list[tuple[int, int, str]] = []
    inside: list[Token] = []
    depth = 0
    for token in tokenize(text):
        depth += (token.kind == "(") - (token.kind == ")")
        if token.kind == END or (depth <= 0 and token.kind in (";", ",")):
            if inside:
                defines = len(inside) > 1 and inside[0].kind == NAME and inside[1].kind == "="
                found.append((inside[0].position, token.position, inside[0].text if defines else ""))
            inside = []
        else:
            inside.append(token)
    return found
