"""Points: what a network learns from, as arrays, and the rule that they must follow."""

from __future__ import annotations

import base64
import hashlib
import zlib
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.dataclass import dataclass
from engine.training.spec.rules import Fields, Integer, InvalidError, Real, Text, TupleOf

MAX_POINTS = 100_000
MAX_INPUTS = 32
FIRST_TWO = (0, 1)  # inputs, counted from 0
LIMIT = 1000.0  # how far coordinates and targets go to either side
AS_ROWS = 10_000  # points at most that JSON holds one by one
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


@dataclass(frozen=True, eq=False)
class Points:
    """Points as arrays, nobody writes to: `inputs` (n, d) and `targets` (n,), and `test` (n,), held back from training.

    A target is a class, counted from 0, or a value. `plane` says which two inputs the plane shows; points that differ
    in nothing else are equal.
    """

    inputs: NDArray[np.float64]
    targets: NDArray[np.float64]
    test: NDArray[np.bool_]
    plane: tuple[int, int] = FIRST_TWO

    def __post_init__(self) -> None:
        for name, kind in (("inputs", np.float64), ("targets", np.float64), ("test", np.bool_)):
            array: NDArray[Any] = np.asarray(getattr(self, name), kind)
            array = array.view() if kind is np.bool_ else array + 0.0  # -0.0 becomes 0.0, as files have it
            array.flags.writeable = False
            object.__setattr__(self, name, array)

    def __len__(self) -> int:
        return len(self.targets)

    @cached_property
    def labels(self) -> NDArray[np.int64]:
        """Targets as classes (n,)."""
        return self.targets.astype(np.int64)

    @cached_property
    def xy(self) -> NDArray[np.float64]:
        """Places in the plane (n, 2): two of the inputs; of a single one, the input and over it the target."""
        if self.inputs.shape[1] == 1:
            xy = np.stack([self.inputs[:, 0], self.targets], axis=1)
        else:
            xy = self.inputs[:, self.plane]
        xy.flags.writeable = False
        return xy

    def take(self, rows: Any) -> Points:
        """Some of the points, by index or by mask."""
        return Points(self.inputs[rows], self.targets[rows], self.test[rows], self.plane)

    def __add__(self, other: Points) -> Points:
        """These points, and then others with as many inputs."""
        inputs, targets, test = map(np.concatenate, zip(self._arrays, other._arrays, strict=True))
        return Points(inputs, targets, test, self.plane)

    @property
    def _arrays(self) -> tuple[NDArray[Any], ...]:
        return self.inputs, self.targets, self.test

    @cached_property
    def _table(self) -> NDArray[np.float64]:
        return np.column_stack([self.inputs, self.targets, self.test])

    @cached_property
    def _digest(self) -> bytes:
        shape = str(self.inputs.shape).encode()
        return hashlib.blake2b(shape + self._table.tobytes(), digest_size=16).digest()

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Points) and self._digest == other._digest)

    def __hash__(self) -> int:
        return hash(self._digest)

    def rows(self) -> list[list[float]]:
        """One row a point: inputs, target, and 1 if it is held back; whole targets as whole numbers."""
        return [
            [*row, int(target) if target.is_integer() else target, int(test)]
            for row, target, test in zip(self.inputs.tolist(), self.targets.tolist(), self.test.tolist(), strict=True)
        ]

    def plain(self) -> Any:
        """Rows as JSON holds them; of very many, or of none of three numbers, their table in base64, compressed."""
        says_inputs = len(self) > 0 or self.inputs.shape[1] == 2
        if len(self) <= AS_ROWS and says_inputs:
            return self.rows()
        packed = zlib.compress(np.ascontiguousarray(self._table, "<f8").tobytes())
        return {"inputs": self.inputs.shape[1], "table": base64.b64encode(packed).decode()}


def no_points(inputs: int = 2) -> Points:
    """No points, with so many inputs."""
    return Points(np.empty((0, inputs)), np.empty(0), np.empty(0, dtype=bool))


def subscripted(name: str, number: int) -> str:
    """x₁₂"""
    return f"{name}{str(number).translate(_SUBSCRIPTS)}"


class PointsRule:
    """Rule of points: the points themselves, or what `Points.plain` made of them."""

    def check(self, name: str, value: Any) -> Points:
        if isinstance(value, Points):
            points = value
        elif isinstance(value, dict):
            points = _unpacked(name, value)
        elif isinstance(value, list | tuple):
            points = _of_rows(name, value)
        else:
            raise InvalidError(name, value, "allowed: a list of points")
        if len(points) > MAX_POINTS:
            raise InvalidError(f"number of {name}", len(points), f"allowed: 0 to {MAX_POINTS}")
        numbers = np.column_stack([points.inputs, points.targets])
        for row, column in np.argwhere(~(np.abs(numbers) <= LIMIT))[:1]:
            Real(-LIMIT, LIMIT).check(f"{name}[{row}] {_names(points.inputs.shape[1])[column]}", numbers[row, column])
        return points


def _names(inputs: int) -> list[str]:
    return [*(subscripted("x", k + 1) for k in range(inputs)), "target", "test"]


def _of_rows(name: str, rows: Any) -> Points:
    if len(rows) > MAX_POINTS:
        raise InvalidError(f"number of {name}", len(rows), f"allowed: 0 to {MAX_POINTS}")
    first = rows[0] if rows else ()
    inputs = len(first) - 2 if isinstance(first, list | tuple) and 3 <= len(first) <= MAX_INPUTS + 2 else 2
    number = Real(-LIMIT, LIMIT)
    rule = TupleOf({**dict.fromkeys(_names(inputs), number), "test": Integer(0, 1)})
    table = np.array([rule.check(f"{name}[{i}]", row) for i, row in enumerate(rows)], float).reshape(-1, inputs + 2)
    return _of_table(table)


def _of_table(table: NDArray[np.float64]) -> Points:
    return Points(table[:, :-2].copy(), table[:, -2].copy(), table[:, -1] == 1)


def _unpacked(name: str, value: Any) -> Points:
    said = Fields({"inputs": Integer(1, MAX_INPUTS), "table": Text(MAX_POINTS * (MAX_INPUTS + 2) * 11)}).check(
        name, value
    )
    columns = said["inputs"] + 2
    try:
        unpacker = zlib.decompressobj()
        data = unpacker.decompress(base64.b64decode(said["table"], validate=True), 8 * columns * MAX_POINTS)
        if not unpacker.eof:
            raise ValueError
        return _of_table(np.frombuffer(data, "<f8").reshape(-1, columns).astype(np.float64))
    except (ValueError, zlib.error):
        allowed = f"allowed: at most {MAX_POINTS} rows of {columns} numbers of 8 bytes, compressed, in base64"
        raise InvalidError(f"{name}.table", said["table"], allowed) from None
