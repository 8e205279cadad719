"""Specifications: frozen dataclasses whose fields say what they allow.

A field is declared once, with its default and its rule::

    learning_rate: float = number(0.03, low=1e-5, high=10)

From that one line come the check on construction, the message when the check fails, the conversion from and to
JSON, and the range of the slider that edits it (`rule_of(Training, "learning_rate")`).
"""

from __future__ import annotations

import dataclasses
import math
import numbers
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Protocol, Self


class InvalidError(ValueError):
    """A value that a specification does not allow; the message names the field, the value and what is allowed."""

    def __init__(self, name: str, value: object, allowed: str) -> None:
        self.name, self.value, self.allowed = name, value, allowed
        shown = repr(value)
        super().__init__(f"{name}: {shown if len(shown) <= 60 else shown[:57] + '…'} is not allowed; {allowed}")

    def inside(self, parent: str) -> InvalidError:
        """The same complaint seen from the object that holds the field: `size` becomes `layers[1].size`."""
        return InvalidError(f"{parent}.{self.name}", self.value, self.allowed)


class Rule(Protocol):
    """What a field allows: checks a value, and reads it from what JSON gave."""

    def check(self, name: str, value: Any) -> Any: ...

    def read(self, name: str, value: Any) -> Any: ...


class _Plain:
    """Rules whose values are the same in JSON and in Python."""

    def check(self, name: str, value: Any) -> Any:
        raise NotImplementedError

    def read(self, name: str, value: Any) -> Any:
        return self.check(name, value)


@dataclass(frozen=True)
class Number(_Plain):
    """A finite real number from `low` to `high`."""

    low: float
    high: float

    def check(self, name: str, value: Any) -> float:
        if isinstance(value, numbers.Real) and not isinstance(value, bool) and self.low <= value <= self.high:
            return float(value)
        raise InvalidError(name, value, f"allowed: a number from {self.low:g} to {self.high:g}")


@dataclass(frozen=True)
class Whole(_Plain):
    """A whole number from `low` to `high`; None as well where `none` says what it stands for."""

    low: int
    high: int
    none: str = ""

    def check(self, name: str, value: Any) -> int | None:
        if value is None and self.none:
            return None
        if isinstance(value, numbers.Integral) and not isinstance(value, bool) and self.low <= value <= self.high:
            return int(value)
        or_none = f", or null for {self.none}" if self.none else ""
        raise InvalidError(name, value, f"allowed: a whole number from {self.low} to {self.high}{or_none}")


@dataclass(frozen=True)
class OneOf(_Plain):
    """A key of a table."""

    table: Mapping[str, object]

    def check(self, name: str, value: Any) -> str:
        if isinstance(value, str) and value in self.table:
            return value
        raise InvalidError(name, value, f"allowed: {', '.join(self.table)}")


@dataclass(frozen=True)
class Part:
    """Another specification inside this one."""

    kind: type[Spec]

    def check(self, name: str, value: Any) -> Any:
        if isinstance(value, self.kind):
            return value
        raise InvalidError(name, value, f"allowed: a {self.kind.__name__}")

    def read(self, name: str, value: Any) -> Any:
        try:
            return self.kind.from_dict(value)
        except InvalidError as error:
            raise error.inside(name) from None


@dataclass(frozen=True)
class Several:
    """A tuple of `low` to `high` values, each of which follows `item`; no value twice where `distinct`."""

    item: Rule
    low: int
    high: int
    distinct: bool = False

    def _each(self, name: str, values: Any, verb: str) -> tuple[Any, ...]:
        if not isinstance(values, list | tuple) or not self.low <= len(values) <= self.high:
            count = f"{len(values)} entries" if isinstance(values, list | tuple) else values
            raise InvalidError(name, count, f"allowed: a list of {self.low} to {self.high}")
        result = tuple(getattr(self.item, verb)(f"{name}[{i}]", value) for i, value in enumerate(values))
        if self.distinct and len(set(result)) < len(result):
            raise InvalidError(name, list(result), "allowed: each at most once")
        return result

    def check(self, name: str, value: Any) -> tuple[Any, ...]:
        return self._each(name, value, "check")

    def read(self, name: str, value: Any) -> tuple[Any, ...]:
        return self._each(name, value, "read")


def ruled(rule: Rule, default: Any) -> Any:
    """A dataclass field with a rule."""
    return field(default=default, metadata={"rule": rule})


def number(default: float, *, low: float, high: float) -> Any:
    """A field for a finite real number."""
    return ruled(Number(low, high), default)


def whole(default: int | None, *, low: int, high: int, none: str = "") -> Any:
    """A field for a whole number."""
    return ruled(Whole(low, high, none), default)


def one_of(default: str, table: Mapping[str, object]) -> Any:
    """A field for a key of a table."""
    return ruled(OneOf(table), default)


def rule_of(kind: type[Spec], name: str) -> Any:
    """The rule of a field, for whoever builds an editor for it."""
    return kind.__dataclass_fields__[name].metadata["rule"]


class Spec:
    """Base of the specifications: checks every field on construction and converts to and from plain dicts."""

    __dataclass_fields__: dict[str, dataclasses.Field[Any]]

    def __post_init__(self) -> None:
        for f in fields(self):
            object.__setattr__(self, f.name, f.metadata["rule"].check(f.name, getattr(self, f.name)))

    def replace(self, **changes: Any) -> Self:
        """A copy with some fields changed, checked like any other."""
        return dataclasses.replace(self, **changes)

    def to_dict(self) -> dict[str, Any]:
        """Plain dicts, lists, numbers and strings: what JSON can hold."""

        def plain(value: Any) -> Any:
            if isinstance(value, Spec):
                return value.to_dict()
            return [plain(item) for item in value] if isinstance(value, tuple) else value

        return {f.name: plain(getattr(self, f.name)) for f in fields(self)}

    @classmethod
    def from_dict(cls, source: Any) -> Self:
        """The specification that `to_dict` wrote. Raises InvalidError for a field missing, unknown or out of range."""
        if not isinstance(source, dict):
            raise InvalidError(cls.__name__.lower(), source, "allowed: an object with named fields")
        known = {f.name: f for f in fields(cls)}
        for name in source:
            if name not in known:
                raise InvalidError(str(name), source[name], f"unknown field; known: {', '.join(known)}")
        for name in known:
            if name not in source:
                raise InvalidError(name, None, "the field is missing")
        return cls(**{name: f.metadata["rule"].read(name, source[name]) for name, f in known.items()})


def is_finite(value: object) -> bool:
    """Whether a value is a real number that is neither infinite nor NaN."""
    return isinstance(value, numbers.Real) and math.isfinite(value)
