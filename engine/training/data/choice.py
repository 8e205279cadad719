"""Choice of columns: which of a table's are the inputs and which is to be learned; a table as Data, and Data as one."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.dataclass import dataclass
from engine.training.data.columns import Column
from engine.training.data.data import Data
from engine.training.data.datasets import DRAWN, MAX_CLASSES, PLANE
from engine.training.data.points import MAX_INPUTS, Points
from engine.training.data.table import LARGEST, Table, numbers_in, unique_names
from engine.training.spec.rules import InvalidError
from engine.training.task import TASKS

INPUTS_REACH, VALUES_REACH = 5.0, 1.0  # to which numbers are scaled, to either side
SHARE = 0.8  # of the rows that are trained on, unless the table says it
SPLIT_NAMES = frozenset({"test", "split", "set", "subset"})
TEST_WORDS = frozenset({"1", "true", "yes", "test", "testing", "val", "valid", "validation"})
TRAIN_WORDS = frozenset({"0", "false", "no", "train", "training"})
TARGET_NAMES = frozenset({"class", "label", "target", "species"})
NUMBER_NAMES = frozenset({"id", "index", "column 1"})  # of a column that may only number the rows


@dataclass(frozen=True)
class ColumnChoice:
    """Choice of columns by their names.

    Attributes:
        inputs: what the network is given to see; the first two are the axes of the plane.
        target: what it is to learn.
        has_classes: whether the target is a class, and not a value.
        split: which says of each row whether it is held back; where there is none, chance does.
        train_share: how many of the rows chance leaves for training.
    """

    inputs: tuple[str, ...]
    target: str
    has_classes: bool
    split: str = ""
    train_share: float = SHARE


class Imported(NamedTuple):
    """Imported table: the data, and of each row that was left out a sentence that says why."""

    data: Data
    refused: tuple[str, ...]


def usual_choice(table: Table, inputs: Sequence[str] = (), target: str = "") -> ColumnChoice:
    """What is likely to be meant: a column of words, or else the last one, is learned from all numbers.

    `inputs`, `target`: what is known already. Raises InvalidError for a column that there is not.
    """
    _check_names(table, inputs, target or next(iter(table.columns)))
    split = next((name for name in table.columns if _is_split(table, name) and name not in (*inputs, target)), "")
    free = [name for name in table.columns if name not in (split, *inputs) and not _only_numbers_rows(table, name)]
    named = [name for name in free if name.casefold() in TARGET_NAMES]
    words = [name for name in free if name not in table.numbers and len(set(table.columns[name])) <= MAX_CLASSES]
    target = target or (named or words or free or list(table.columns))[-1]
    numeric = [name for name in free if name in table.numbers and name != target]
    return ColumnChoice(tuple(inputs or numeric[:MAX_INPUTS]), target, _looks_like_classes(table, target), split)


def _check_names(table: Table, inputs: Sequence[str], target: str, split: str = "") -> None:
    named = [*(("input", name) for name in inputs), ("what is to be learned", target)]
    for role, name in [*named, ("test or training", split)] if split else named:
        if name not in table.columns:
            raise InvalidError(role, name, f"allowed: {', '.join(table.columns)}")


def _is_split(table: Table, name: str) -> bool:
    words = {cell.strip().casefold() for cell in table.columns[name]}
    return name.casefold() in SPLIT_NAMES and words <= TEST_WORDS | TRAIN_WORDS


def _only_numbers_rows(table: Table, name: str) -> bool:
    numbers = table.numbers.get(name)
    return name.casefold() in NUMBER_NAMES and numbers is not None and bool((np.diff(numbers) == 1).all())


def _looks_like_classes(table: Table, name: str) -> bool:
    """Whether a column has words in it, or few whole numbers."""
    numbers = table.numbers.get(name)
    if numbers is None:
        return True
    known = np.unique(numbers[np.isfinite(numbers)])
    are_digits = known[0] >= 0 and known[-1] <= MAX_CLASSES
    are_few = len(known) <= MAX_CLASSES and (are_digits or 2 * len(known) <= len(table))
    return are_few and bool((known == np.floor(known)).all())


# ── a table as data ──────────────────────────────────────────────────────────────────────────────────────────────────


def import_table(table: Table, choice: ColumnChoice) -> Imported:
    """The points of a table, scaled to the plane, and what was left out. Raises InvalidError where there are none."""
    _check(table, choice)
    inputs = np.column_stack([table.numbers[name] for name in choice.inputs])
    targets, classes = _targets(table, choice)
    test = _held_back(table, choice.split)
    known = np.isfinite(inputs).all(axis=1) & np.isfinite(targets) & np.isfinite(test)
    refused = _reasons(table, choice, inputs, targets, test, ~known)
    if not known.any():
        raise InvalidError("number of rows", 0, f"allowed: at least 1 that is whole; {next(iter(refused.values()))}")
    kind = "classification" if choice.has_classes else "regression" if len(choice.inputs) > 1 else "curve"
    scales = [
        _column(name, column, INPUTS_REACH, PLANE) for name, column in zip(choice.inputs, inputs[known].T, strict=True)
    ]
    reach = VALUES_REACH if kind == "regression" else INPUTS_REACH
    target = (
        Column(choice.target) if choice.has_classes else _column(choice.target, targets[known], reach, TASKS[kind].full)
    )
    points = Points(
        np.column_stack([scale.scaled(column) for scale, column in zip(scales, inputs[known].T, strict=True)]),
        target.scaled(targets[known]),
        test[known] == 1,
    )
    data = Data(
        DRAWN,
        classes=max(2, len(classes)),
        train_share=choice.train_share,
        points=points,
        kind=kind,
        class_names=classes,
        columns=(*scales, target),
    )
    in_order = tuple(reason for _, reason in sorted((table.refused | refused).items()))
    return Imported(data if choice.split else data.split_anew(choice.train_share), in_order)


def _check(table: Table, choice: ColumnChoice) -> None:
    _check_names(table, choice.inputs, choice.target, choice.split)
    if not 1 <= len(choice.inputs) <= MAX_INPUTS:
        raise InvalidError("number of inputs", len(choice.inputs), f"allowed: 1 to {MAX_INPUTS} columns of numbers")
    for name in (*choice.inputs, *([] if choice.has_classes else [choice.target])):
        if name not in table.numbers:
            raise InvalidError(f"line {table.lines[0]}, {name}", table.columns[name][0], "allowed: a column of numbers")
    used = (*choice.inputs, choice.target, choice.split)
    if len(set(used)) < len(used):
        raise InvalidError("columns", list(used), "allowed: each at most once")


def _targets(table: Table, choice: ColumnChoice) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """The target of each row, NaN where it has none, and the names of the classes."""
    if not choice.has_classes:
        return table.numbers[choice.target], ()
    cells = [cell.strip() for cell in table.columns[choice.target]]
    names = sorted(set(cells) - {""})
    numbers = numbers_in(names, table.form.decimal) if names else np.empty(0)
    if np.isfinite(numbers).all():
        names = [names[i] for i in np.argsort(numbers, kind="stable")]
    if len(names) > MAX_CLASSES:
        raise InvalidError(f"number of classes in {choice.target}", len(names), f"allowed: 1 to {MAX_CLASSES}")
    labels = {name: float(label) for label, name in enumerate(names)}
    return np.array([labels.get(cell, np.nan) for cell in cells]), tuple(names)


def _held_back(table: Table, split: str) -> NDArray[np.float64]:
    """1 for a row that is held back, 0 for one that is trained on, NaN where it is not to be told."""
    if not split:
        return np.zeros(len(table))
    words = dict.fromkeys(TEST_WORDS, 1.0) | dict.fromkeys(TRAIN_WORDS, 0.0)
    return np.array([words.get(cell.strip().casefold(), np.nan) for cell in table.columns[split]])


def _reasons(
    table: Table,
    choice: ColumnChoice,
    inputs: NDArray[np.float64],
    targets: NDArray[np.float64],
    test: NDArray[np.float64],
    bad: NDArray[np.bool_],
) -> dict[int, str]:
    """Why each bad row is left out, by its line: its first cell that is not what it is to be."""
    rows = np.flatnonzero(bad)
    names = (*choice.inputs, choice.target, choice.split)
    wanted = "a class" if choice.has_classes else "a finite number"
    allowed = (*["a finite number"] * len(choice.inputs), wanted, "test or train, 1 or 0")
    missing = ~np.isfinite(np.column_stack([inputs[rows], targets[rows], test[rows]]))
    firsts = missing.argmax(axis=1).tolist()
    lines = table.lines[rows].tolist()
    return {
        line: str(InvalidError(f"line {line}, {names[k]}", table.columns[names[k]][row], f"allowed: {allowed[k]}"))
        for line, row, k in zip(lines, rows.tolist(), firsts, strict=True)
    }


def _column(name: str, numbers: NDArray[np.float64], reach: float, room: float) -> Column:
    """The scale that takes numbers (n,) to ±reach; their own where they fill the room as they are."""
    low, high = float(numbers.min()), float(numbers.max())
    if -room <= low and high <= room and high - low >= reach:
        return Column(name)
    unit = high / (2 * reach) - low / (2 * reach)
    return Column(name, low / 2 + high / 2, unit if unit > 1 / LARGEST else 1.0)


# ── data as a table ──────────────────────────────────────────────────────────────────────────────────────────────────


def table_of(data: Data, delimiter: str = ",") -> str:
    """The points as text: inputs and target as they were before they were scaled, classes by name, and the split."""
    points = data.arrays
    columns = data.columns or _plain_columns(data)
    cells = [column.written(scaled) for column, scaled in zip(columns, points.inputs.T, strict=False)]
    if data.task.has_classes:
        names = data.class_names + tuple(str(label + 1) for label in range(len(data.class_names), data.classes))
        cells.append([names[label] for label in points.labels.tolist()])
    else:
        cells.append(columns[-1].written(points.targets))
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    writer.writerow(unique_names([*(column.name for column in columns), "test"]))
    writer.writerows(zip(*cells, points.test.astype(int).tolist(), strict=True))
    return out.getvalue()


def _plain_columns(data: Data) -> tuple[Column, ...]:
    return (*(Column(f"x{k + 1}") for k in range(data.inputs)), Column("class" if data.task.has_classes else "value"))
