"""Random formulas, written down and read again: the same numbers, and the numbers that Python gives."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import assume, example, given, strategies as st

from engine import Tensor, Value, grad
from engine.formula import FUNCTIONS, parse
from tests.engine.formula.trees import NAMES, Tree, computed, trees, with_all_brackets, with_few_brackets

numbers = st.fixed_dictionaries({name: st.floats(-20, 20) for name in NAMES})


def same(a: float, b: float) -> bool:
    return a == b or (math.isnan(a) and math.isnan(b))


@pytest.mark.parametrize("write", [with_all_brackets, with_few_brackets])
@given(tree=trees, at=numbers)
def test_a_tree_that_is_written_and_read_gives_the_same_number(write: Any, tree: Tree, at: dict[str, float]) -> None:
    program = parse(write(tree))
    given_numbers = {name: at[name] for name in program.inputs}
    assert same(program.output(**given_numbers), computed(tree, at))


@given(tree=trees, at=numbers)
@example(tree=("neg", ("**", 2.0, ("neg", ("**", "x", 2.0)))), at=dict.fromkeys(NAMES, 1.5))
@example(tree=("-", ("-", "x", "y"), ("/", ("/", "x", "y"), "e")), at={"x": 2.0, "y": 3.0, "w₁": 0.0, "e": 5.0})
@example(tree=("**", ("**", "x", "y"), ("**", "e", "y")), at={"x": 2.0, "y": 3.0, "w₁": 0.0, "e": 1.5})
def test_python_reads_the_same_text_as_the_same_number(tree: Tree, at: dict[str, float]) -> None:
    text = with_few_brackets(tree)
    program = parse(text)
    ours = program.output(**{name: at[name] for name in program.inputs})
    names: dict[str, Any] = {**FUNCTIONS, "abs": math.fabs, **{name.replace("₁", "1"): x for name, x in at.items()}}
    try:
        pythons = eval(text.replace("w₁", "w1"), {"__builtins__": {}}, names)
    except (ArithmeticError, TypeError):  # dividing by zero, overflow, a function of a complex number
        pythons = None
    assert type(ours) is float
    assume(isinstance(pythons, float))  # a root of a negative number is complex for Python, NaN here
    assert same(ours, pythons)


@pytest.mark.parametrize("face", [Value, Tensor])
@given(tree=trees, at=numbers)
def test_a_formula_makes_the_graph_that_the_same_expression_in_python_makes(
    face: Any, tree: Tree, at: dict[str, float]
) -> None:
    program = parse(with_few_brackets(tree))
    nodes = {name: face(at[name]) for name in program.inputs}
    ours, walked = program.output(**nodes), computed(tree, nodes)
    assert type(ours) is type(walked)
    assert same(float(ours), float(walked))
    if isinstance(walked, face):
        by_ours, by_walked = (
            [float(d) for d in grad(y.sum() if face is Tensor else y, nodes.values())] for y in (ours, walked)
        )
        assert all(map(same, by_ours, by_walked))
