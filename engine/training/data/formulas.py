"""Data from a formula: a condition parts the plane into two classes; anything else is a value at each place of it."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.dataclass import dataclass
from engine.formula import FormulaError, condition_of
from engine.training.data.columns import Column
from engine.training.data.generators import PLANE, Made, Wanted, parted
from engine.training.data.points import LIMIT, subscripted
from engine.training.spec.rules import InvalidError

TRIED = 4000  # places of the plane where a formula is tried before any point is made
LONGEST = 300  # characters
_DIGITS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")  # as the window writes x₁

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class DataFormula:
    """Formula of data: what it gives at places of the plane.

    Attributes:
        of: the value at places (n, inputs), or the difference of the two sides of a condition; NaN where there is none.
        sign: ">" or ">=", which the difference is to 0 where the condition holds; "" for a formula of values.
        tried: what `of` gives at some places all over the plane.
    """

    of: Callable[[Numbers], Numbers]
    sign: str
    tried: Numbers

    def side(self, places: Numbers) -> NDArray[np.int64]:
        """The class at places (n, inputs): 0 where the condition holds, else 1; -1 where it is not a number."""
        return self._sides(self.of(places))

    def _sides(self, difference: Numbers) -> NDArray[np.int64]:
        holds = difference >= 0 if self.sign == ">=" else difference > 0
        return np.where(np.isnan(difference), -1, np.where(holds, 0, 1))

    def fault(self, has_classes: bool) -> str:
        """Why it makes no data of classes, or of values, as what is allowed instead; empty if it does."""
        if bool(self.sign) is not has_classes:
            kind = "classes: a comparison, such as x2 > sin(x1)" if has_classes else "values: none that compares"
            return f"allowed for {kind}"
        tried = f"of {len(self.tried):,} places tried from {-PLANE:g} to {PLANE:g}"
        if has_classes:
            sides = self._sides(self.tried)
            for side, words in enumerate(("it holds at none", "there is none where it does not hold")):
                if side not in sides:
                    return f"allowed: a condition that parts the plane; {tried} {words}"
        return "" if np.isfinite(self.tried).any() else f"allowed: one with values in the plane; {tried} it has none"

    def unit(self, full: float) -> float:
        """What its values are divided by, so that none of those tried is beyond `full`: 1, or more in two digits."""
        share = float(np.nanmax(np.abs(self.tried))) / full
        if share <= 1:
            return 1.0
        digit = 10.0 ** (math.floor(math.log10(share)) - 1)
        return float(f"{math.ceil(share / digit) * digit:.3g}")


@lru_cache(maxsize=32)
def data_formula(text: str, inputs: int) -> DataFormula:
    """A formula of data with so many inputs, read and tried. Raises FormulaError where it cannot be read."""
    function, sign = condition_of(text.translate(_DIGITS), *(f"x{k + 1}" for k in range(inputs)))

    def of(places: Numbers) -> Numbers:
        values = np.broadcast_to(np.asarray(function(*places.T), np.float64), len(places))
        return np.where(np.isfinite(values), values, np.nan)

    return DataFormula(of, sign, of(np.random.default_rng(0).uniform(-PLANE, PLANE, (TRIED, inputs))))


def check_formula(text: str, inputs: int, has_classes: bool) -> None:
    """Raises InvalidError for a formula that no data of this kind can be made from."""
    try:
        fault = data_formula(text, inputs).fault(has_classes)
    except FormulaError as error:
        fault = str(error)
    if fault:
        raise InvalidError("formula", text, fault)


def compares(text: str) -> bool:
    """Whether a formula is a condition. Raises InvalidError where it cannot be read."""
    try:
        return bool(data_formula(text, 2).sign)
    except FormulaError as error:
        raise InvalidError("formula", text, str(error)) from None


def is_of(text: str, inputs: int) -> bool:
    """Whether a formula can be read with so many inputs."""
    try:
        data_formula(text, inputs)
    except FormulaError:
        return False
    return True


def formula_points(wanted: Wanted, rng: np.random.Generator) -> Made:
    """Points all over the plane, as many on each side of a condition as wanted, or each with its value."""
    formula = data_formula(wanted.formula, wanted.inputs)
    if formula.sign:
        labels = wanted.labels(rng)
        places = parted(labels, rng, formula.side, PLANE)
        return places + rng.normal(0, 2 * wanted.noise, places.shape), labels
    unit = formula.unit(wanted.full)

    def counts(places: Numbers) -> NDArray[Any]:
        return np.where(np.abs(formula.of(places)) <= LIMIT * unit, 0, -1)

    places = parted(np.zeros(wanted.count, np.int64), rng, counts, PLANE, wanted.inputs)
    return places, formula.of(places) / unit + rng.normal(0, wanted.stray, wanted.count)


def formula_columns(wanted: Wanted) -> tuple[Column, ...]:
    """The names of the inputs, and the unit of the values, where they had to be scaled."""
    formula = data_formula(wanted.formula, wanted.inputs)
    unit = 1.0 if formula.sign else formula.unit(wanted.full)
    names = (Column(subscripted("x", k + 1)) for k in range(wanted.inputs))
    return (*names, Column("value", unit=unit)) if unit != 1 else ()
