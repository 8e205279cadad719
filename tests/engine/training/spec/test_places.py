"""Place of a parameter: what is known to be one is asked quicker, and by the same rule."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, strategies as st

from engine.training import InvalidError
from engine.training.spec.places import ParameterPlace, PlaceRule

PARTS = st.integers(-2, 2) | st.integers(998, 1002) | st.integers(99_998, 100_002) | st.sampled_from([True, 0.5, None])


def outcome(value: Any) -> ParameterPlace | str:
    try:
        return PlaceRule().check("place", value)
    except InvalidError as error:
        return str(error)


@given(st.tuples(PARTS, PARTS, PARTS))
def test_a_place_is_allowed_if_and_only_if_a_list_of_its_parts_is(parts: tuple[Any, Any, Any]) -> None:
    assert outcome(ParameterPlace(*parts)) == outcome(list(parts))


@pytest.mark.parametrize("ends", [(1, 0, -1), (1000, 100_000, 100_000)])
def test_both_ends_are_places(ends: tuple[int, int, int]) -> None:
    assert outcome(ParameterPlace(*ends)) == ends
