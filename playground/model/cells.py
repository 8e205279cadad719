"""Points as cells: the text that a spreadsheet copies and pastes, a row a point, tabs between its columns."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.training import LIMIT, MAX_CLASSES, MAX_POINTS, InvalidError, Points
from engine.training.spec.rules import Integer, Real, Rule

HEADER = ("x1", "x2", "class", "test")
FEWEST = 2  # columns: a point without a class is of the first, and one that says nothing is for training
RULES: tuple[Rule, ...] = (Real(-LIMIT, LIMIT), Real(-LIMIT, LIMIT), Integer(1, MAX_CLASSES), Integer(0, 1))
MISSING = ("", "", "1", "0")
LONGEST = 20  # characters of a text in a complaint about it


def points_as_cells(points: Points) -> str:
    """Points as text: x₁ and x₂ to the last digit, the class counted from 1, and 1 if it is held back for testing."""
    rows = zip(points.xy.tolist(), points.labels.tolist(), points.test.tolist(), strict=True)
    lines = (f"{x1!r}\t{x2!r}\t{label + 1}\t{int(test)}" for (x1, x2), label, test in rows)
    return "\n".join(("\t".join(HEADER), *lines)) + "\n"


def cells_as_points(text: str) -> Points:
    """The points of such a text, whose header and last two columns may be missing.

    Raises InvalidError that names the row, the column and the value where it is something else.
    """
    lines = [(number, line.split("\t")) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if lines and not _is_number(lines[0][1][0]):
        lines = lines[1:]
    if not lines or not any("\t" in line for line in text.splitlines()):
        raise InvalidError("text", text[:LONGEST], "allowed: rows of cells x1, x2, class, test with tabs between them")
    if len(lines) > MAX_POINTS:
        raise InvalidError("number of points", len(lines), f"allowed: 1 to {MAX_POINTS}")
    table = np.array([_row(number, cells) for number, cells in lines])
    return Points(table[:, :2].copy(), table[:, 2].astype(np.int64) - 1, table[:, 3] == 1)


def _row(number: int, cells: Sequence[str]) -> list[float]:
    if not FEWEST <= len(cells) <= len(HEADER):
        raise InvalidError(f"number of cells in row {number}", len(cells), f"allowed: {FEWEST} to {len(HEADER)}")
    texts = [*cells, *MISSING[len(cells) :]]
    return [
        float(rule.check(f"row {number} {name}", _number(text)))
        for name, rule, text in zip(HEADER, RULES, texts, strict=True)
    ]


def _number(text: str) -> float | int | str:
    """What a cell says; the text itself where it is no number, for the complaint."""
    if not _is_number(text):
        return text.strip()[:LONGEST]
    value = float(text)
    return int(value) if value.is_integer() else value


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
