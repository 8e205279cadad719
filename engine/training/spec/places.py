"""Places of parameters: a weight or a bias by the neuron that it belongs to, whatever array holds it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from typing import Any, NamedTuple

from engine.training.spec.rules import Integer, InvalidError, Real, TupleOf

BIAS = -1  # in the place of an input
LARGEST = 1_000_000.0  # that is set by hand


class ParameterPlace(NamedTuple):
    """Place of a weight or a bias: its neuron by column, features being column 0, and unit; and its input, or BIAS."""

    column: int
    unit: int
    input: int

    @property
    def key(self) -> tuple[str, tuple[int, ...]]:
        """The parameter's PyTorch name, and where in its array it stands."""
        module = 2 * (self.column - 1)  # every second one is an activation
        if self.input == BIAS:
            return f"{module}.bias", (self.unit,)
        return f"{module}.weight", (self.unit, self.input)


Values = tuple[tuple[ParameterPlace, float], ...]  # what is set by hand, and to what
VALUE = Real(-LARGEST, LARGEST)
DEEPEST, WIDEST = 1000, 100_000
PLACE = {"column": Integer(1, DEEPEST), "unit": Integer(0, WIDEST), "input": Integer(BIAS, WIDEST)}


class PlaceRule:
    """Rule of a place in some network: a list of column, unit and input, none of which is negative but for BIAS."""

    def check(self, name: str, value: Any) -> ParameterPlace:
        if type(value) is ParameterPlace:  # of which a layer may bring 20,000 at once: asked in one go
            column, unit, source = value
            are_whole = type(column) is type(unit) is type(source) is int
            if are_whole and 1 <= column <= DEEPEST and 0 <= unit <= WIDEST and BIAS <= source <= WIDEST:
                return value
        return ParameterPlace(*TupleOf(PLACE).check(name, value))


def check_places(name: str, places: Iterable[ParameterPlace], sizes: Sequence[int], biased: Sequence[bool]) -> None:
    """Raises InvalidError for a place that a network has not, of so many neurons per column, with biases or without."""
    for column, unit, source in places:
        is_there = column < len(sizes) and unit < sizes[column] and source < sizes[column - 1]
        if not is_there or (source == BIAS and not biased[column - 1]):
            of = "-".join(map(str, sizes))
            raise InvalidError(name, [column, unit, source], f"allowed: column, neuron and input of a network {of}")


def incoming(
    sizes: Sequence[int], biased: Sequence[bool], column: int, unit: int | None = None
) -> Iterator[ParameterPlace]:
    """The weights and the bias, if there is one, of a neuron, or of all neurons of a column."""
    units = range(sizes[column]) if unit is None else [unit]
    for neuron, source in product(units, [*range(sizes[column - 1]), *([BIAS] if biased[column - 1] else [])]):
        yield ParameterPlace(column, neuron, source)


def outgoing(sizes: Sequence[int], column: int, unit: int) -> Iterator[ParameterPlace]:
    """The weights by which a neuron acts on the next column; none for an output."""
    for neuron in range(sizes[column + 1]) if column + 1 < len(sizes) else ():
        yield ParameterPlace(column + 1, neuron, unit)
