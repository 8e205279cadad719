"""Symbol table: what the source of a program calls its arrays and functions."""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

from engine.compiler.ir import IRNode

Array = NDArray[Any]

# what means something in the source already
_TAKEN = {*keyword.kwlist, *dir(builtins), "program", "optimizer", "counts", "n", "left"}


@dataclass
class Names:
    """Symbol table: a name for each array and function that a program uses, and what it stands for."""

    bound: dict[str, Any] = field(default_factory=dict)
    _known: dict[Any, str] = field(default_factory=dict)
    _places: dict[Any, Array] = field(default_factory=dict)
    _taken: set[str] = field(default_factory=lambda: set(_TAKEN))

    def array(self, array: Array, hint: str, node: IRNode | None = None) -> str:
        """The name of an array, as it is seen here.

        What stays at its place has one name: parameters, gradients, inputs. Other memory is used again and again, and
        has a name for each value that it holds.
        """
        place = (array.__array_interface__["data"][0], array.dtype)
        seen, turned = (array.shape, array.strides), (array.T.shape, array.T.strides)
        holder = None if (None, *place, *seen) in self._known or (None, *place, *turned) in self._known else node
        known = self._known.get((holder, *place, *seen))
        if known is None:
            other = self._known.get((holder, *place, *turned))
            known = self._known[holder, *place, *seen] = self.new(f"{other}_T" if other else hint)
            # one object for one place: a ufunc that finds an input and its output to be the same looks no further
            self.bound[known] = self._places.setdefault((*place, *seen), array)
        return known

    def new(self, hint: str) -> str:
        """A name that nothing has yet: the hint, or the hint with the next free number."""
        plain = unicodedata.normalize("NFKC", hint)  # w₁ is w1
        stem = re.sub(r"\W", "_", plain, flags=re.ASCII)
        name = stem = stem if stem.isidentifier() else f"_{stem}"
        number = 1
        while name in self._taken:
            number += 1
            name = f"{stem.rstrip('0123456789')}{number}"
        self._taken.add(name)
        return name

    def thing(self, name: str, thing: Any) -> str:
        """A name for a function or the like; another of the same name gets a number."""
        for known, bound in self.bound.items():
            if bound is thing:
                return known
        name = self.new(name)
        self.bound[name] = thing
        return name
