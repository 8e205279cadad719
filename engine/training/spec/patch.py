"""Structural diff: what is different in a second dict, list or number, as JSON holds it.

Points that are drawn while it trains change the experiment hundreds of times, each time by a few of hundreds: written
out, each change would hold all of them.
"""

from __future__ import annotations

from itertools import takewhile
from typing import Any

from engine.training.spec.rules import Anything, Fields, Integer, InvalidError, Rule

INSTEAD = "instead"


def difference(old: Any, new: Any) -> Any:
    """What `patched` makes the new one of, from the old: of a dict its changed fields, of a list what is spliced in, or
    what stands there instead, if it is of another kind.
    """
    if isinstance(old, dict) and isinstance(new, dict):
        return {key: difference(old.get(key), value) for key, value in new.items() if value != old.get(key)}
    if isinstance(old, list) and isinstance(new, list):
        first = _common(old, new)
        last = _common(old[first:][::-1], new[first:][::-1])
        return {"at": first, "remove": len(old) - last - first, "insert": new[first : len(new) - last]}
    return {INSTEAD: new} if isinstance(old, dict | list) else new


def patched(old: Any, patch: Any, name: str) -> Any:
    """The new one. Raises InvalidError where the patch cannot be one of the old; what it makes is not checked."""
    if isinstance(old, dict | list) and isinstance(patch, dict) and patch.keys() == {INSTEAD}:
        return patch[INSTEAD]
    if isinstance(old, list):
        spots = range(len(old) + 1)
        rules: dict[str, Rule] = {"at": Integer(0, spots[-1]), "remove": Integer(0, spots[-1]), "insert": Anything()}
        splice = Fields(rules).check(name, patch)
        if not isinstance(splice["insert"], list):
            raise InvalidError(f"{name}.insert", splice["insert"], "allowed: a list")
        return old[: splice["at"]] + splice["insert"] + old[splice["at"] + splice["remove"] :]
    if isinstance(old, dict):
        if not isinstance(patch, dict):
            raise InvalidError(name, patch, "allowed: an object with the fields that change")
        return {**old, **{key: patched(old.get(key), value, f"{name}.{key}") for key, value in patch.items()}}
    return patch


def _common(one: list[Any], other: list[Any]) -> int:
    """How many items two lists begin with that are equal."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
