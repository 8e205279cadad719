"""Dataclasses with shared methods: they do what the standard library's do."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, strategies as st

from engine.dataclass import dataclass

VALUES = st.one_of(st.integers(), st.text(), st.tuples(st.floats(allow_nan=False)), st.none())


def made_by(make: Callable[..., Any], **options: bool) -> Any:
    @make(**options)
    class Pair:
        first: Any
        second: Any = "as given"
        note: Any = dataclasses.field(default=0, compare=False, repr=False)

    return Pair


@given(VALUES, VALUES, VALUES, VALUES)
def test_two_are_equal_and_hashed_and_shown_as_the_librarys_are(a: Any, b: Any, c: Any, d: Any) -> None:
    ours, theirs = (made_by(make, frozen=True) for make in (dataclass, dataclasses.dataclass))
    for x, y in (((a, b), (c, d)), ((a, b), (a, b)), ((a,), (c,)), ((a, b, c), (a, b, d))):
        assert (ours(*x) == ours(*y)) is (theirs(*x) == theirs(*y))
        assert hash(ours(*x)) == hash(ours(*x))
        assert repr(ours(*x)) == repr(theirs(*x))
    assert ours(a, b) != theirs(a, b)
    assert dataclasses.replace(ours(a, b), second=c) == ours(a, c)


def test_what_is_frozen_cannot_be_changed() -> None:
    pair = made_by(dataclass, frozen=True)(1, 2)
    for change in (
        lambda: setattr(pair, "first", 3),
        lambda: setattr(pair, "other", 3),
        lambda: delattr(pair, "first"),
    ):
        with pytest.raises(dataclasses.FrozenInstanceError, match="Pair"):
            change()
    assert (pair.first, pair.second, pair.note) == (1, 2, 0)


def test_without_equality_each_is_equal_to_itself_alone_and_what_is_not_frozen_has_no_hash() -> None:
    lone, loose = made_by(dataclass, frozen=True, eq=False), made_by(dataclass)
    assert lone(1) != lone(1)
    assert len({lone(1), lone(1)}) == 2
    with pytest.raises(TypeError, match="unhashable"):
        hash(loose(1))
