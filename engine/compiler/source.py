"""Program source: the lines of a compiled program, what each is for, and what they refer to by which names."""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata
from collections import defaultdict
from functools import cache
from typing import Any, NamedTuple

from numpy.typing import NDArray

from engine.autograd.ops import Op
from engine.compiler.ir import IRNode, Kind, StepPart
from engine.dataclass import dataclass

Array = NDArray[Any]

# what means something in the source already
_TAKEN = {*keyword.kwlist, *dir(builtins), "program", "optimizer", "counts", "n", "left"}


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


class Names:
    """Symbol table: a name for each array and function that a program uses, and what it stands for.

    What stays at its place has one name: parameters, gradients, inputs. Other memory is used again and again, and has a
    name for each node that lies there.

    Attributes:
        bound: what each name stands for.
    """

    def __init__(self) -> None:
        self.bound: dict[str, Any] = {}
        self._arrays: dict[IRNode | None, dict[Any, str]] = defaultdict(dict)
        self._things: dict[int, str] = {}
        self._places: dict[Any, Array] = {}
        self._taken = set(_TAKEN)

    def array(self, array: Array, hint: str, node: IRNode | None = None) -> str:
        """The name of an array, as it is seen here; without a node, of one that stays at its place."""
        seen, turned = place_of(array), place_of(array.T)
        names = self._arrays[None]
        if seen not in names and turned not in names:
            names = self._arrays[node]
        if seen not in names:
            name = names[seen] = self.new(f"{names[turned]}_T" if turned in names else hint)
            # one object for one place: a ufunc that finds an input and its output to be the same looks no further
            self.bound[name] = self._places.setdefault(seen, array)
        return names[seen]

    def thing(self, name: str, thing: Any) -> str:
        """A name for a function or the like; another of the same name gets a number."""
        if id(thing) not in self._things:
            known = self._things[id(thing)] = self.new(name)
            self.bound[known] = thing
        return self._things[id(thing)]

    def new(self, hint: str) -> str:
        """A name that nothing has yet: the hint, or the hint with the next free number."""
        stem = name = _identifier(hint)
        number = 1
        while name in self._taken:
            number += 1
            name = f"{stem.rstrip('0123456789')}{number}"
        self._taken.add(name)
        return name


def place_of(array: Array) -> tuple[Any, ...]:
    """Where an array lies, and how it is seen there."""
    return array.__array_interface__["data"][0], array.dtype, array.shape, array.strides


@cache
def _identifier(hint: str) -> str:
    plain = unicodedata.normalize("NFKC", hint)  # w₁ is w1
    name = re.sub(r"\W", "_", plain, flags=re.ASCII)
    return name if name.isidentifier() else f"_{name}"
