"""Points as cells: the text that a spreadsheet copies and pastes, a row a point, tabs between its columns."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.training import LIMIT, MAX_CLASSES, MAX_POINTS, Data, InvalidError, Points
from engine.training.spec.rules import Integer, Real, Rule

LONGEST = 20  # characters of a text in a complaint about it


def _columns(data: Data) -> dict[str, Rule]:
    """The columns of the cells, and what may stand in them; the last two, class or value and test, may be missing."""
    number = Real(-LIMIT, LIMIT)
    inputs: dict[str, Rule] = {f"x{i + 1}": number for i in range(data.inputs)}
    target: dict[str, Rule] = {"class": Integer(1, MAX_CLASSES)} if data.task.has_classes else {"value": number}
    return inputs | target | {"test": Integer(0, 1)}


def points_as_cells(data: Data, rows: NDArray[np.int64]) -> str:
    """Some points as text: inputs, the class counted from 1 or the value, and 1 if it is held back for testing."""
    points, first = data.arrays.take(rows), int(data.task.has_classes)
    lines = (map(str, [*row[:-2], row[-2] + first, row[-1]]) for row in points.rows())
    return "".join("\t".join(line) + "\n" for line in (_columns(data), *lines))


def cells_as_points(data: Data, text: str) -> Points:
    """The points of such a text, with or without a header, that can be added to some data.

    Raises InvalidError that names the row, the column and the value where it is something else.
    """
    columns = _columns(data)
    lines = [(number, line.split("\t")) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if lines and not isinstance(_number(lines[0][1][0]), float):
        lines = lines[1:]
    if not lines:
        raise InvalidError("text", text[:LONGEST], f"allowed: rows of cells {', '.join(columns)}, tabs between them")
    if len(lines) > MAX_POINTS:
        raise InvalidError("number of points", len(lines), f"allowed: 1 to {MAX_POINTS}")
    table = np.array([_row(number, cells, columns) for number, cells in lines])
    return Points(table[:, :-2].copy(), table[:, -2] - int(data.task.has_classes), table[:, -1] == 1)


def _row(number: int, cells: Sequence[str], columns: dict[str, Rule]) -> list[float]:
    most = len(columns)
    if not most - 2 <= len(cells) <= most:
        raise InvalidError(f"number of cells in row {number}", len(cells), f"allowed: {most - 2} to {most}")
    missing = ("1" if "class" in columns else "0", "0")[len(cells) - most :] if len(cells) < most else ()
    return [
        float(rule.check(f"row {number} {name}", _whole(_number(text))))
        for (name, rule), text in zip(columns.items(), (*cells, *missing), strict=True)
    ]


def _number(text: str) -> float | str:
    """What a cell says; its text where that is no number, for the complaint."""
    try:
        return float(text)
    except ValueError:
        return text.strip()[:LONGEST]


def _whole(value: float | str) -> float | int | str:
    return int(value) if isinstance(value, float) and value.is_integer() else value
