"""Specifications and rules: what is not allowed is refused in one line that names the field, the value and the rule."""

from __future__ import annotations

import json
import math
from dataclasses import FrozenInstanceError, dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from engine.training.spec.rules import Fields, Integer, InvalidError, ListOf, OneOf, Real, TupleOf, shown
from engine.training.spec.spec import Nested, Spec, constrained, integer, one_of, real, rule_of


@dataclass(frozen=True)
class Wheel(Spec):
    """A specification inside another."""

    radius: float = real(1, low=0.5, high=2)


@dataclass(frozen=True)
class Car(Spec):
    """A specification with a field of every kind."""

    colour: str = one_of("red", {"red": 1, "blue": 2})
    doors: int | None = integer(4, low=2, high=5, none="as many as it has")
    spare: Wheel = constrained(Nested(Wheel), Wheel())
    wheels: tuple[Wheel, ...] = constrained(ListOf(Nested(Wheel), 0, 3), ())
    extras: tuple[str, ...] = constrained(ListOf(OneOf({"radio": 1, "roof": 2}), 0, 2, distinct=True), ())


FULL = Car("blue", None, Wheel(0.5), (Wheel(1), Wheel(2)), ("roof", "radio"))


def complaint(make: Any, *arguments: Any, **named: Any) -> InvalidError:
    with pytest.raises(InvalidError) as caught:
        make(*arguments, **named)
    message = str(caught.value)
    assert len(message.splitlines()) == 1
    assert message.isprintable()
    return caught.value


@pytest.mark.parametrize(
    ("field", "value", "allowed"),
    [
        ("colour", "green", "red, blue"),
        ("colour", None, "red, blue"),
        ("colour", ["red"], "red, blue"),
        ("doors", 1, "2 to 5, or null for as many as it has"),
        ("doors", 6, "2 to 5"),
        ("doors", 4.0, "a whole number"),
        ("doors", True, "a whole number"),
        ("doors", "4", "a whole number"),
        ("doors", math.nan, "a whole number"),
        ("spare", 1, "named fields"),
        ("wheels", None, "a list of 0 to 3"),
        ("wheels", Wheel(), "a list of 0 to 3"),
        ("extras", ["radio", "radio"], "at most once"),
    ],
)
def test_a_wrong_value_is_named_with_its_field_and_what_is_allowed(field: str, value: Any, allowed: str) -> None:
    error = complaint(Car, **{field: value})
    assert (error.name, allowed in str(error)) == (field, True)
    assert str(error).startswith(f"{field}: {value!r} is not allowed"[:40])


@pytest.mark.parametrize("value", [0.49, 2.01, math.nan, math.inf, -math.inf, 10**400, True, "1", None, 1j, [1.0]])
def test_a_number_is_real_finite_and_in_range(value: Any) -> None:
    error = complaint(Wheel, radius=value)
    assert error.name == "radius"
    assert "0.5 to 2" in str(error)


def test_too_many_are_counted_not_listed() -> None:
    error = complaint(Car, wheels=(Wheel(),) * 4)
    assert str(error) == "number of wheels: 4 is not allowed; allowed: 0 to 3"
    assert str(complaint(ListOf(Integer(0, 1), 3, 3).check, "row", [0])).endswith("allowed: 3")


def test_numbers_take_one_form() -> None:
    wheel = Wheel(radius=np.float32(1.5))  # type: ignore[arg-type]
    assert type(wheel.radius) is float
    assert type(Wheel(radius=1).radius) is float
    assert type(Car(doors=np.int64(3)).doors) is int  # type: ignore[arg-type]
    assert math.copysign(1, Real(-1, 1).check("x", -0.0) or 0) == 1, "what is equal must give equal results"


def test_what_was_made_cannot_be_changed_but_replaced() -> None:
    with pytest.raises(FrozenInstanceError):
        FULL.doors = 3  # type: ignore[misc]
    assert FULL.replace(doors=3) == Car("blue", 3, FULL.spare, FULL.wheels, FULL.extras)
    assert FULL.doors is None
    complaint(FULL.replace, doors=9)


def test_equal_ones_have_one_hash() -> None:
    again = Car.from_dict(FULL.to_dict())
    assert again == FULL
    assert hash(again) == hash(FULL)
    assert {again: "found"}[FULL] == "found"


def test_json_both_ways_is_the_identity() -> None:
    assert Car.from_dict(json.loads(json.dumps(FULL.to_dict()))) == FULL
    assert FULL.to_dict()["wheels"] == [{"radius": 1.0}, {"radius": 2.0}]


@pytest.mark.parametrize("field", ["colour", "doors", "spare", "wheels", "extras"])
def test_a_missing_field_is_as_by_default(field: str) -> None:
    source = FULL.to_dict()
    del source[field]
    assert Car.from_dict(source) == FULL.replace(**{field: getattr(Car(), field)}) != FULL


@pytest.mark.parametrize("key", ["door", "", "two words", "a\nb", "\ud800", 7, "x" * 500])
def test_an_unknown_field_is_named_in_one_line(key: Any) -> None:
    error = complaint(Car.from_dict, {**FULL.to_dict(), key: 1})
    assert "the fields are: colour, doors, spare, wheels, extras" in str(error)
    assert str(key)[:20].strip() in str(error) or repr(key)[1:-1] in str(error)


@pytest.mark.parametrize("source", [None, 3, "car", [], [["colour", "red"]]])
def test_only_an_object_is_read(source: Any) -> None:
    assert "named fields" in str(complaint(Car.from_dict, source))


def test_the_path_to_a_wrong_value_is_told_whole() -> None:
    source = FULL.to_dict()
    source["wheels"][1]["radius"] = 3
    assert str(complaint(Car.from_dict, source)).startswith("car.wheels[1].radius: 3 ")
    source["wheels"][1] = 5
    assert str(complaint(Car.from_dict, source, "garage.car")).startswith("garage.car.wheels[1]: 5 ")


def test_fields_that_do_not_go_together_are_told_with_their_path() -> None:
    @dataclass(frozen=True)
    class Pair(Spec):
        low: float = real(0, low=0, high=9)
        high: float = real(9, low=0, high=9)

        def __post_init__(self) -> None:
            super().__post_init__()
            if self.low > self.high:
                raise InvalidError("low", self.low, f"allowed: up to {self.high:g}")

    assert str(complaint(Pair, 5, 4)) == "low: 5.0 is not allowed; allowed: up to 4"
    assert str(complaint(Pair.from_dict, {"low": 5, "high": 4}, "a.b")).startswith("a.b.low: 5.0 ")


def test_rows_name_their_parts() -> None:
    row = TupleOf({"step": Integer(0, 9), "loss": Real(0, 1, none="no points")})
    assert row.check("r", [3, None]) == (3, None)
    assert str(complaint(row.check, "r", [3, 2])).startswith("r loss: 2 is not allowed; allowed: a number from 0 to 1")
    assert "or null for no points" in str(complaint(row.check, "r", [3, "x"]))
    for wrong in ([3], [3, 1, 1], "ab", None, {"step": 3, "loss": 1}):
        assert "allowed: [step, loss]" in str(complaint(row.check, "r", wrong))


def test_fields_without_a_name_need_no_dot() -> None:
    assert complaint(Fields({"a": Integer(0, 1)}).check, "", {"a": 2}).name == "a"


def test_the_rule_of_a_field_is_there_for_its_editor() -> None:
    assert rule_of(Wheel, "radius") == Real(0.5, 2)
    assert rule_of(Car, "doors").none


@given(
    st.recursive(st.none() | st.text() | st.integers() | st.floats(), lambda items: st.lists(items) | st.tuples(items))
)
def test_any_value_is_shown_in_one_short_line(value: Any) -> None:
    text = shown(value)
    assert len(text) <= 60
    assert text.isprintable()


def test_values_that_python_itself_cannot_show_are_shown() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    try:
        assert shown(deep) == "this list"
    finally:
        while deep:  # or its end would be as deep
            deep = deep.pop()
    assert shown(10**10_000) == "this int"
    assert shown(np.arange(6).reshape(2, 3)) == "array([[0, 1, 2], [3, 4, 5]])"


@given(st.data())
def test_any_json_in_any_field_is_taken_or_refused_by_name(data: st.DataObject) -> None:
    """Nothing but InvalidError comes of whatever a file may hold, and what is taken is read again as it is written."""
    json_values = st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda items: st.lists(items, max_size=3) | st.dictionaries(st.text(max_size=5), items, max_size=3),
        max_leaves=5,
    )
    source = FULL.to_dict()
    field = data.draw(st.sampled_from(sorted(source)))
    source[field] = data.draw(json_values)
    try:
        car = Car.from_dict(source)
    except InvalidError as error:
        refusal = error
    else:
        assert Car.from_dict(car.to_dict()) == car
        return
    assert field in refusal.name
    assert len(str(refusal).splitlines()) == 1
