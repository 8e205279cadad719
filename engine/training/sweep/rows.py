"""Rows of a sweep: one line of a CSV file for each run, written as it ends, from which the sweep goes on later."""

from __future__ import annotations

import csv
import io
import math
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import numpy as np
from numpy.typing import NDArray

from engine.training.run.project import ProjectError, write_safely
from engine.training.sweep.job import JobResult
from engine.training.sweep.plan import WANTED, Plan

DIGITS = 4  # of the loss at each check on its way, which is drawn and not computed with
_BEFORE = ("key",)
_AFTER = ("steps_to_95", "diverged", "seconds", "machine", "reason", "losses", "qualities")
_TRUTHS = {"no": False, "yes": True}


@dataclass(frozen=True, eq=False, slots=True)
class Row:
    """Row: what is kept of one run.

    Attributes:
        key, values, seed, steps, diverged, seconds, machine, reason: as its JobResult has them.
        train_loss, test_loss: at its end; None without such points.
        quality: accuracy or R² at its end, of the test points, else of those of training; None without points.
        steps_to: the first check that found WANTED or more, counted in steps, for who reads the file; None if none did.
        losses, qualities: of the checks on its way, (n,), the losses to DIGITS digits.
    """

    key: str
    values: tuple[str, ...]
    seed: int
    steps: int
    train_loss: float | None
    test_loss: float | None
    quality: float | None
    steps_to: int | None
    diverged: bool
    seconds: float
    machine: str
    reason: str
    losses: NDArray[np.float64]
    qualities: NDArray[np.float64]

    @classmethod
    def of(cls, result: JobResult) -> Row:
        """What is kept of a result."""
        judged, checks = result.judged, result.checks
        return cls(
            result.key,
            result.values,
            result.seed,
            result.steps,
            result.train.loss if result.train else None,
            result.test.loss if result.test else None,
            judged.quality if judged else None,
            checks.steps_to(WANTED) if checks else None,
            result.diverged,
            round(result.seconds, 4),
            result.machine,
            result.reason,
            _rounded(checks.loss if checks else ()),
            checks.quality if checks else np.empty(0),
        )

    @property
    def loss(self) -> float:
        """The loss that counts; NaN without points, and where the run diverged."""
        loss = self.train_loss if self.test_loss is None else self.test_loss
        return math.nan if loss is None or self.diverged else loss

    def cells(self) -> list[str]:
        """Its line in a file."""
        numbers = (self.train_loss, self.test_loss, self.quality, self.steps_to)
        truth = next(text for text, truth in _TRUTHS.items() if truth is self.diverged)
        curves = " ".join(f"{x:.{DIGITS}g}" for x in self.losses), " ".join(map(repr, self.qualities.tolist()))
        known = ["" if number is None else f"{number!r}" for number in numbers]
        return [self.key, *self.values, str(self.seed), str(self.steps), *known, truth, repr(self.seconds),
                self.machine, self.reason, *curves]  # fmt: skip

    @classmethod
    def read(cls, cells: list[str], varying: int) -> Row:
        """The row of a line in a file, where so many settings vary. Raises ValueError or KeyError if it is none."""
        key, values, rest = cells[0], tuple(cells[1 : 1 + varying]), cells[1 + varying :]
        seed, steps, *scores, steps_to, diverged, seconds, machine, reason, losses, qualities = rest
        train, test, quality = (float(text) if text else None for text in scores)
        reached = int(steps_to) if steps_to else None
        curves = [np.array(text.split(), dtype=np.float64) for text in (losses, qualities)]
        told = float(seconds), machine, reason
        return cls(key, values, int(seed), int(steps), train, test, quality, reached, _TRUTHS[diverged], *told, *curves)


def _rounded(numbers: Iterable[float]) -> NDArray[np.float64]:
    return np.array([float(f"{x:.{DIGITS}g}") for x in numbers], dtype=np.float64)


def columns(plan: Plan) -> list[str]:
    """The names of a file's columns."""
    measure = "accuracy" if plan.experiment.task.has_classes else "r2"
    settings = [axis.setting.name for axis in plan.axes]
    return [*_BEFORE, *settings, "seed", "steps", "train_loss", "test_loss", measure, *_AFTER]


def as_csv(plan: Plan, rows: Iterable[Row]) -> str:
    """The text of a file of rows, from which the sweep goes on wherever it is done."""
    return "".join(map(_line, (columns(plan), *(row.cells() for row in rows))))


class RowsFile:
    """File of rows, to which those of a plan are added, each at once on the disk.

    Args:
        path: a new file, an empty one, or one that the same sweep left. Nothing is written before the first row.
        plan: the sweep.

    Attributes:
        rows: what the file had of this sweep. A last line that was cut is none, and a run that has a reason instead of
            a result is not counted either: both are to be done again.

    Raises ProjectError, in one line, for a file of anything else.
    """

    def __init__(self, path: Path, plan: Plan) -> None:
        self.path, self._plan = path, plan
        self._columns = columns(plan)
        text = _text(path)
        found = [self._row(number, cells, len(plan.axes)) for number, cells in self._lines(text)]
        self._refuse_others(found, plan)
        self.rows = [row for row in found if not row.reason]
        self._is_tidy = text.endswith("\n") and len(self.rows) == len(found)
        self._stream: TextIO | None = None

    def _lines(self, text: str) -> list[tuple[int, list[str]]]:
        """The whole lines below the first, each with its number and its cells."""
        first = _line(self._columns)
        whole = text[: text.rfind("\n") + 1]
        try:
            head, *rest = list(csv.reader(io.StringIO(whole, newline=""))) or [self._columns]
        except csv.Error:
            head = []
        if head != self._columns or not (whole or first.startswith(text)):
            raise ProjectError(self.path, f"has not the columns of this sweep, {first.strip()}; name another file")
        return list(enumerate(rest, 2))

    def _row(self, number: int, cells: list[str], varying: int) -> Row:
        try:
            return Row.read(cells, varying)
        except (ValueError, KeyError, IndexError, TypeError):
            raise ProjectError(self.path, f"line {number} is no row of a sweep; name another file") from None

    def _refuse_others(self, found: list[Row], plan: Plan) -> None:
        """Raise ProjectError unless each of the rows is another one of the plan's runs."""
        left = {(row.key, row.values): row.seed for row in found}
        if len(left) < len(found):
            raise ProjectError(self.path, "has a run twice; name another file")
        for job in plan if left else ():
            if left.get(job.name) == job.experiment.seed:
                del left[job.name]
        if left:
            told = f"{len(left):,} of its {len(found):,} runs are of another sweep"
            raise ProjectError(self.path, f"{told}: other settings, values, seeds or steps; name another file")

    @property
    def done(self) -> frozenset[tuple[str, tuple[str, ...]]]:
        """The names of the jobs that need not be done again."""
        return frozenset((row.key, row.values) for row in self.rows)

    def add(self, row: Row) -> None:
        """Write a row. Raises ProjectError if it cannot be."""
        try:
            if self._stream is None:
                self._stream = self._begun()
            self._stream.write(_line(row.cells()))
            self._stream.flush()
        except OSError as error:
            raise ProjectError(self.path, f"cannot be written: {error.strerror}") from None

    def _begun(self) -> TextIO:
        """The file, open at its end, which is that of its last row."""
        if not self._is_tidy:
            write_safely(self.path, as_csv(self._plan, self.rows))
        return self.path.open("a", encoding="utf-8", newline="")

    def close(self) -> None:
        """End the writing; where nothing was written, the file is as it was."""
        if self._stream is not None:
            self._stream.close()


def _text(path: Path) -> str:
    if not os.path.lexists(path):
        return ""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return file.read()
    except OSError as error:
        raise ProjectError(path, f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ProjectError(path, "is no file of a sweep; name another one") from None


def _line(cells: list[str]) -> str:
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="\n").writerow(cells)
    return stream.getvalue()
