"""Setting inputs free: the number of a name goes, and everything else stays."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, strategies as st

from engine.formula import EXAMPLES, FormulaError, freed, function_of, function_of_one, parse


@pytest.mark.parametrize(
    ("text", "names", "left"),
    [
        ("x = 3, 3*x**2 - 4*x + 5", ("x",), "3*x**2 - 4*x + 5"),
        ("slope = 0.1\nx = 2\nmax(x, slope*x)", ("x",), "slope = 0.1; max(x, slope*x)"),
        ("y = 1; t = -1; (y - t)**2", ("y", "t"), "(y - t)**2"),
        ("a = max(1, 2), a*x", ("x",), "a = max(1, 2); a*x"),
        ("tanh(x)", ("x",), "tanh(x)"),
        ("xx = 3, x = 4, x*xx", ("x",), "xx = 3; x*xx"),
        ("", ("x",), ""),
        ("x = (3, x", ("x",), ""),
    ],
)
def test_only_the_statements_of_these_names_go(text: str, names: tuple[str, ...], left: str) -> None:
    assert freed(text, *names) == left


def test_a_freed_example_is_a_function() -> None:
    f = function_of_one(freed(EXAMPLES["a parabola"], "x"))
    assert [f(x) for x in (0.0, 1.0, 3.0)] == [5.0, 4.0, 20.0]
    squared = function_of(freed("y = 0.5, t = 1, (y - t)**2", "y", "t"), "y", "t")
    assert squared(3.0, -1.0) == 16.0


@given(st.sampled_from(sorted(EXAMPLES)), st.data())
def test_what_is_free_has_no_number_and_the_rest_keeps_its_own(example: str, data: st.DataObject) -> None:
    program = parse(EXAMPLES[example])
    names = data.draw(st.sets(st.sampled_from(sorted(program.inputs))))
    left = parse(freed(program.text, *names))
    assert set(left.free) == names
    assert {name: x for name, x in left.inputs.items() if name not in names} == {
        name: x for name, x in program.inputs.items() if name not in names
    }
    assert left.output(**{name: program.inputs[name] for name in names}) == program.output()


@given(st.text(max_size=60), st.text(max_size=3))
def test_no_text_breaks_it(text: str, name: str) -> None:
    left = freed(text, name)
    assert len(left) <= 2 * len(text)
    with contextlib.suppress(FormulaError):
        parse(left)
