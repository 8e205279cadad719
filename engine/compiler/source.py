"""Program source: the lines of a compiled program, what each is for, and what they refer to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from numpy.typing import NDArray

from engine.autograd.ops import Op
from engine.compiler.ir import Kind, StepPart

Array = NDArray[Any]


class ProgramLine(NamedTuple):
    """Line of a program, and what it is for.

    Attributes:
        text: the line, without its end.
        part: the part of the step; None for what serves them all.
        layer: of how many blocks of parameters, in their order, the last one that its result depends on; 0 for none.
        op: the operation that it computes, if it is one.
        setting: the expression of the optimizer's setting that it reads, if it does.
    """

    text: str
    part: StepPart | None = None
    layer: int = 0
    op: Op | None = None
    setting: str = ""


class ArrayRole(NamedTuple):
    """Role of an array: what kind of thing it holds, of which layer, and the label of the leaf, if it has one."""

    kind: Kind
    layer: int
    label: str


@dataclass(frozen=True)
class ProgramSource:
    """Source of a program: its lines, and all that they refer to by name.

    Attributes:
        lines: all of them, ready to be run.
        arrays, roles: the arrays that it uses, and what they hold. Names may share memory.
        functions: what else it uses: functions, and numbers that are not finite.
        written: the names of the arrays that it writes to.
        parameters: the names of the blocks of parameters, in order.
        counters: what the optimizer counts; the program has it in a list called `counts`.
        body: what of the lines comes between `def` and `return`, and what it returns.
    """

    lines: list[ProgramLine]
    arrays: dict[str, Array]
    roles: dict[str, ArrayRole]
    functions: dict[str, Any]
    written: frozenset[str]
    parameters: list[str]
    counters: list[str]
    body: list[str]
    result: str

    def __str__(self) -> str:
        return "".join(f"{line.text}\n" for line in self.lines)
