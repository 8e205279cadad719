"""Declarative specification: frozen dataclasses whose fields say what they allow.

A field is declared once, with its default and its rule::

    learning_rate: float = real(0.03, low=1e-5, high=10)

From that one line come the check on construction, the message when the check fails, the conversion from and to
JSON, and the range of the slider that edits it (`rule_of(Training, "learning_rate")`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import field, fields
from typing import Any, ClassVar, Protocol, Self, runtime_checkable

from engine.dataclass import dataclass
from engine.training.spec.rules import Fields, Integer, InvalidError, ListOf, OneOf, Real, Rule, TupleOf

__all__ = [
    "Integer",
    "InvalidError",
    "ListOf",
    "Nested",
    "OneOf",
    "Real",
    "Rule",
    "Spec",
    "TupleOf",
    "constrained",
    "integer",
    "one_of",
    "real",
    "rule_of",
]


@runtime_checkable
class Plain(Protocol):
    """Value that says itself what JSON is to hold of it."""

    def plain(self) -> Any: ...


def constrained(rule: Rule, default: Any) -> Any:
    """A dataclass field with a rule."""
    return field(default=default, metadata={"rule": rule})


def real(default: float, *, low: float, high: float) -> Any:
    """A field for a finite real number."""
    return constrained(Real(low, high), default)


def integer(default: int | None, *, low: int, high: int, none: str = "") -> Any:
    """A field for a whole number."""
    return constrained(Integer(low, high, none), default)


def one_of(default: str, table: Mapping[str, object], typed: Callable[[str], object] | None = None) -> Any:
    """A field for a key of a table, or for = and a formula where `typed` makes a row of it."""
    return constrained(OneOf(table, typed), default)


def rule_of(kind: type[Spec], name: str) -> Any:
    """The rule of a field, for whoever builds an editor for it."""
    return kind.__dataclass_fields__[name].metadata["rule"]


class Spec:
    """Base of the specifications: checks every field on construction and converts to and from plain dicts."""

    __dataclass_fields__: ClassVar[dict[str, dataclasses.Field[Any]]]

    def __post_init__(self) -> None:
        for f in fields(self):
            object.__setattr__(self, f.name, f.metadata["rule"].check(f.name, getattr(self, f.name)))

    def replace(self, **changes: Any) -> Self:
        """A copy with some fields changed, checked like any other."""
        return dataclasses.replace(self, **changes)

    def to_dict(self, terse: bool = False) -> dict[str, Any]:
        """Plain dicts, lists, numbers and strings: what JSON can hold; `terse`, without the fields as by default."""

        def plain(value: Any) -> Any:
            if isinstance(value, Spec):
                return value.to_dict(terse)
            if isinstance(value, Plain):
                return value.plain()
            return [plain(item) for item in value] if isinstance(value, tuple) else value

        values = {f.name: getattr(self, f.name) for f in fields(self)}
        defaults = {f.name: f.default for f in fields(self)} if terse else {}
        return {name: plain(value) for name, value in values.items() if name not in defaults or value != defaults[name]}

    @classmethod
    def from_dict(cls, source: Any, name: str | None = None) -> Self:
        """The specification that `to_dict` wrote, called `name` in messages, or by what it is.

        A field that is missing is as by default: files of older versions did not have them all. Raises InvalidError for
        one that is unknown or not allowed.
        """
        name = cls.__name__.lower() if name is None else name
        rules, defaults = (
            Fields({f.name: f.metadata["rule"] for f in fields(cls)}),
            {f.name: f.default for f in fields(cls)},
        )
        values = rules.check(name, {**defaults, **source} if isinstance(source, dict) else source)
        try:
            return cls(**values)
        except InvalidError as error:  # fields that do not go together
            raise error.inside(name) from None


@dataclass(frozen=True)
class Nested:
    """Rule of a nested specification: itself, or the dict that it wrote."""

    kind: type[Spec]

    def check(self, name: str, value: Any) -> Any:
        return value if isinstance(value, self.kind) else self.kind.from_dict(value, name)
