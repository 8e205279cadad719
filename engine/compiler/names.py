"""Symbol table: what the source of a program calls its arrays and functions."""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata
from collections import defaultdict
from functools import cache
from typing import Any

from numpy.typing import NDArray

from engine.compiler.ir import IRNode

Array = NDArray[Any]

# what means something in the source already
_TAKEN = {*keyword.kwlist, *dir(builtins), "program", "optimizer", "counts", "n", "left"}


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
        place = array.__array_interface__["data"][0], array.dtype
        seen, turned = (*place, array.shape, array.strides), (*place, array.shape[::-1], array.strides[::-1])
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


@cache
def _identifier(hint: str) -> str:
    plain = unicodedata.normalize("NFKC", hint)  # w₁ is w1
    name = re.sub(r"\W", "_", plain, flags=re.ASCII)
    return name if name.isidentifier() else f"_{name}"
