"""Dataclass whose methods are shared: the standard library's, but for the time that it takes.

That one prints, and compiles, five methods for each frozen class: 30 ms of the program's start for its hundred classes.
Here only `__init__` is made so; the others read the fields when they are called.
"""

from __future__ import annotations

import dataclasses
from operator import attrgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass  # it is used, and checked, in the same way
else:

    def dataclass(cls=None, /, *, frozen=False, eq=True):
        """Make a class a dataclass, as `dataclasses.dataclass` does with these options."""

        def make(cls):
            made = dataclasses.dataclass(repr=False, eq=False)(cls)
            shared = {"__repr__": _repr}
            if eq:
                names = [f.name for f in dataclasses.fields(made) if f.compare]
                made._compared = attrgetter(*names, "__class__")
                shared |= {"__eq__": _eq, "__hash__": _hash if frozen else None}
            if frozen:
                shared |= {"__setattr__": _set_once, "__delattr__": _refuse}
            for name, method in shared.items():
                if name not in cls.__dict__ or (name == "__hash__" and "__eq__" not in cls.__dict__):
                    setattr(made, name, method)
            return made

        return make if cls is None else make(cls)


def _repr(self: Any) -> str:
    shown = ", ".join(f"{f.name}={getattr(self, f.name)!r}" for f in dataclasses.fields(self) if f.repr)
    return f"{type(self).__qualname__}({shown})"


def _eq(self: Any, other: Any) -> Any:
    return self._compared(self) == self._compared(other) if other.__class__ is self.__class__ else NotImplemented


def _hash(self: Any) -> int:
    return hash(self._compared(self))


def _set_once(self: Any, name: str, value: object) -> None:
    """Set a field as `__init__` does; refuse where it is set already, or there is none."""
    if name in self.__dict__ or name not in self.__dataclass_fields__:
        _refuse(self, name)
    self.__dict__[name] = value


def _refuse(self: Any, name: str) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot change {name!r} of {type(self).__name__}")
