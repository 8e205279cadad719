"""Validation rules: what a value must be, and what is said of one that is not.

The same rules guard the fields of specifications, in code and in files, and the saved state of a run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import numpy as np

from engine.dataclass import dataclass
from engine.formula import TYPED, FormulaError

_SHOWN = 60  # characters of a value in a message


class InvalidError(ValueError):
    """Validation error: the message, one line, names the field, the value and what is allowed."""

    def __init__(self, name: str, value: object, allowed: str) -> None:
        self.name, self.value, self.allowed = name, value, allowed
        super().__init__(f"{name}: {shown(value)} is not allowed; {allowed}")

    def inside(self, parent: str) -> InvalidError:
        """The same complaint seen from the object that holds the field: `size` becomes `layers[1].size`."""
        return InvalidError(f"{parent}.{self.name}", self.value, self.allowed)


def shown(value: object) -> str:
    """A value as part of one line, whatever it is."""
    try:
        text = " ".join(repr(value).split())
    except (ValueError, RecursionError):  # a whole number of thousands of digits, a list in a list in a list …
        text = f"this {type(value).__name__}"
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


class Rule(Protocol):
    """Validation rule: `check` returns a value in its proper form, or raises InvalidError under the name given."""

    def check(self, name: str, value: Any) -> Any: ...


class _Missing:
    def __repr__(self) -> str:
        return "a missing value"


MISSING = _Missing()


class Anything:
    """No rule: for what is checked later, when it is known what it must fit."""

    def check(self, name: str, value: Any) -> Any:
        return value


@dataclass(frozen=True)
class Unless:
    """Exception: one value that is allowed as it is; any other follows a rule."""

    rule: Rule
    unused: Any = None

    def check(self, name: str, value: Any) -> Any:
        return self.unused if value == self.unused else self.rule.check(name, value)


@dataclass(frozen=True)
class Text:
    """Text of a bounded length, in characters."""

    longest: int = 1000

    def check(self, name: str, value: Any) -> str:
        if isinstance(value, str) and len(value) <= self.longest:
            return value
        raise InvalidError(name, value, f"allowed: a text of {self.longest} characters at most")


class Truth:
    """Truth value."""

    def check(self, name: str, value: Any) -> bool:
        if isinstance(value, bool):
            return value
        raise InvalidError(name, value, "allowed: true or false")


@dataclass(frozen=True)
class Real:
    """Bounded real: a finite number from `low` to `high`; None as well where `none` says what it stands for."""

    low: float
    high: float
    none: str = ""

    def check(self, name: str, value: Any) -> float | None:
        if value is None and self.none:
            return None
        real = isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
        if real and self.low <= value <= self.high:
            return float(value) + 0.0  # -0.0 becomes 0.0: what is equal must give equal results
        raise InvalidError(name, value, f"allowed: a number from {self.low:g} to {self.high:g}{_or_null(self.none)}")


@dataclass(frozen=True)
class Integer:
    """Bounded integer: a whole number from `low` to `high`; None as well where `none` says what it stands for."""

    low: int
    high: int
    none: str = ""

    def check(self, name: str, value: Any) -> int | None:
        if value is None and self.none:
            return None
        if isinstance(value, int | np.integer) and not isinstance(value, bool) and self.low <= value <= self.high:
            return int(value)
        allowed = f"allowed: a whole number from {self.low} to {self.high}{_or_null(self.none)}"
        raise InvalidError(name, value, allowed)


def _or_null(meaning: str) -> str:
    return f", or null for {meaning}" if meaning else ""


@dataclass(frozen=True)
class OneOf:
    """Enumeration: a key of a table; or, where `typed` makes a row of it, = and a formula."""

    table: Mapping[str, object]
    typed: Callable[[str], object] | None = None

    def check(self, name: str, value: Any) -> str:
        if isinstance(value, str) and value in self.table:
            return value
        if isinstance(value, str) and value.startswith(TYPED) and self.typed is not None:
            try:
                self.typed(value)
            except FormulaError as error:
                raise InvalidError(name, value, str(error)) from None
            return value
        formula = ", or = and a formula" if self.typed is not None else ""
        raise InvalidError(name, value, f"allowed: {', '.join(self.table)}{formula}")


@dataclass(frozen=True)
class ListOf:
    """List: a tuple of `low` to `high` values, each of which follows `item`; no value twice where `distinct`."""

    item: Rule
    low: int
    high: int
    distinct: bool = False

    def check(self, name: str, value: Any) -> tuple[Any, ...]:
        number = str(self.low) if self.low == self.high else f"{self.low} to {self.high}"
        if not isinstance(value, list | tuple):
            raise InvalidError(name, value, f"allowed: a list of {number}")
        if not self.low <= len(value) <= self.high:
            raise InvalidError(f"number of {name}", len(value), f"allowed: {number}")
        result = tuple([self.item.check(f"{name}[{i}]", item) for i, item in enumerate(value)])
        if self.distinct and len(set(result)) < len(result):
            raise InvalidError(name, list(result), "allowed: each at most once")
        return result


@dataclass(frozen=True)
class TupleOf:
    """Tuple: as many values as there are rules, each with its own rule and name."""

    rules: Mapping[str, Rule]

    def check(self, name: str, value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list | tuple) or len(value) != len(self.rules):
            raise InvalidError(name, value, f"allowed: [{', '.join(self.rules)}]")
        return tuple(
            [rule.check(f"{name} {part}", v) for (part, rule), v in zip(self.rules.items(), value, strict=True)]
        )


@dataclass(frozen=True)
class Fields:
    """Record: a dict with exactly these keys, each of whose values has its own rule."""

    rules: Mapping[str, Rule]

    def check(self, name: str, value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise InvalidError(name, value, "allowed: an object with named fields")
        path = f"{name}." if name else ""
        for key in value:
            if key not in self.rules:
                label = key if isinstance(key, str) and key.isprintable() and len(key) <= _SHOWN else shown(key)
                raise InvalidError(f"{path}{label}", value[key], f"the fields are: {', '.join(self.rules)}")
        return {key: rule.check(f"{path}{key}", value.get(key, MISSING)) for key, rule in self.rules.items()}
