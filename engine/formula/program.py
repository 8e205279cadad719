"""Formula: what has been read, as a straight line of operations, to be computed on whatever the engine computes on."""

from __future__ import annotations

import numbers
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from engine.autograd.ops import Op
from engine.autograd.value import Value
from engine.dataclass import dataclass


@dataclass(frozen=True)
class Operation:
    """Instruction: a row of the table of operations, and the places on the tape that hold what it is computed from."""

    op: Op
    inputs: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Formula:
    """Straight-line program of a formula, ready to be computed. `parse` makes it.

    >>> from engine.formula import parse
    >>> program = parse("b = 3, c = a * b, c + 1")
    >>> program.inputs, program.free
    ({'b': 3.0, 'a': 1.0}, ('a',))
    >>> program.output(a=2.0)
    7.0
    >>> program.values(a=2.0)["c"]
    Value(data=6.0, grad=0.0)

    Attributes:
        text: the formula as it was typed.
        inputs: every name that stands for a number and not for an operation, in order of appearance, with its number:
            3.0 after `b = 3`, 1.0 for a name that the text never defines.
        free: the inputs that the text never defines.
        name: what the last statement defines; "" if it is a bare expression.
        tape: numbers, names of inputs and operations, each operation after what it is computed from. There is no tree
            to climb through, so no formula is too deep.
        places: where on the tape each name's number is, in order of appearance; "" is the place of a bare expression.
    """

    text: str
    inputs: dict[str, float]
    free: tuple[str, ...]
    name: str
    tape: tuple[float | str | Operation, ...]
    places: dict[str, int]

    def with_inputs(self, /, **given: float) -> Formula:
        """The same formula with other numbers for some inputs. Raises ValueError for a name that is not an input."""
        self._check_inputs(given)
        return replace(self, inputs=self.inputs | {name: float(x) for name, x in given.items()})

    def compute(self, /, **given: Any) -> dict[str, Any]:
        """What each name stands for, by name; a bare expression at the end is under "".

        Args:
            given: for some inputs a number, an array, a Value or a Tensor; the others have the numbers of `inputs`.
                What depends on none of the given ones is a plain float.

        Division by zero and the like give an infinity or NaN, and no warning.

        Raises ValueError for a name that is not an input.
        """
        self._check_inputs(given)
        return self._run(self.inputs | given, lambda number: number)

    def output(self, /, **given: Any) -> Any:
        """What the last statement gives. See `compute`."""
        return self.compute(**given)[self.name]

    def values(self, /, **given: float) -> dict[str, Value]:
        """The formula as a graph of Values, by name as in `compute`.

        Inputs and definitions carry their names as labels. Two names for one thing (`b = a`) are one node, which
        carries the first.
        """
        self._check_inputs(given)
        inputs = {name: Value(number, label=name) for name, number in (self.inputs | given).items()}
        named: dict[str, Value] = self._run(inputs, Value.constant)
        for name, node in named.items():
            node.label = node.label or name
        return named

    def of(self, name: str) -> Callable[[Any], Any]:
        """The formula as a Python function of one of its inputs, on anything that `compute` takes.

        The other inputs keep their numbers. Raises ValueError for a name that is not an input.
        """
        self._check_inputs([name])
        return lambda x: self.output(**{name: x})

    def _run(self, inputs: Mapping[str, Any], literal: Callable[[float], Any]) -> dict[str, Any]:
        """Go along the tape; `literal` makes what the operations take for a number that stands in the formula."""
        results: list[Any] = []
        with np.errstate(all="ignore"):
            for item in self.tape:
                if isinstance(item, Operation):
                    results.append(item.op(*[results[i] for i in item.inputs]))
                elif isinstance(item, str):
                    x = inputs[item]
                    results.append(float(x) if isinstance(x, numbers.Real) else x)
                else:
                    results.append(literal(item))
        return {name: results[place] for name, place in self.places.items()}

    def _check_inputs(self, names: Iterable[str]) -> None:
        for name in names:
            if name not in self.inputs:
                allowed = ", ".join(self.inputs) or "none, this formula has no inputs"
                raise ValueError(f"formula: {name} is not an input; allowed: {allowed}")
