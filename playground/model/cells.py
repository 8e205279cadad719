"""Points as cells: the text that a spreadsheet copies and pastes, a row a point, tabs between its columns."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.training import LIMIT, MAX_CLASSES, MAX_POINTS, Data, InvalidError, Points, table_of
from engine.training.spec.rules import Integer, Real, Rule

LONGEST = 20  # characters of a text in a complaint about it


def _columns(data: Data) -> dict[str, Rule]:
    """The columns of the cells, and what may stand in them; the last two, class or value and test, may be missing."""
    number = Real(-LIMIT, LIMIT)
    names = [column.name for column in data.columns] or [f"x{i + 1}" for i in range(data.inputs)]
    inputs: dict[str, Rule] = dict.fromkeys(names[: data.inputs], number)
    target: dict[str, Rule] = {"class": Integer(1, MAX_CLASSES)} if data.task.has_classes else {"value": number}
    return inputs | target | {"test": Integer(0, 1)}


def points_as_cells(data: Data, rows: NDArray[np.int64]) -> str:
    """Some points as text, in their own units: inputs, class or value, and 1 if it is held back for testing."""
    return table_of(data.drawn(data.arrays.take(rows)), "\t")


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
    table = np.array([_row(data, number, cells, columns) for number, cells in lines])
    return Points(table[:, :-2].copy(), table[:, -2] - int(data.task.has_classes), table[:, -1] == 1)


def _row(data: Data, number: int, cells: Sequence[str], columns: dict[str, Rule]) -> list[float]:
    """The numbers of a row, as the network has them; a class is counted from 1."""
    most = len(columns)
    if not most - 2 <= len(cells) <= most:
        raise InvalidError(f"number of cells in row {number}", len(cells), f"allowed: {most - 2} to {most}")
    missing = ("1" if "class" in columns else "0", "0")[len(cells) - most :] if len(cells) < most else ()
    return [
        float(rule.check(f"row {number} {name}", _whole(_scaled(data, i, text))))
        for i, ((name, rule), text) in enumerate(zip(columns.items(), (*cells, *missing), strict=True))
    ]


def _scaled(data: Data, column: int, text: str) -> float | str:
    """What a cell says, in the network's unit; its text where that is no number, for the complaint."""
    if column == data.inputs and text.strip() in data.class_names:
        return float(data.class_names.index(text.strip()) + 1)
    value = _number(text)
    is_scaled = column < data.inputs + (not data.task.has_classes) and column < len(data.columns)
    return data.columns[column].scaled(value) if is_scaled and isinstance(value, float) else value


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text.strip()[:LONGEST]


def _whole(value: float | str) -> float | int | str:
    return int(value) if isinstance(value, float) and value.is_integer() else value
