"""Random expression trees, and two ways to write them down: as a user types them, and as Python reads them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from engine.autograd import ops
from engine.formula import FUNCTIONS

NAMES = ("x", "y", "w₁", "e")
BINARY = {"+": ops.add, "-": ops.sub, "*": ops.mul, "/": ops.div, "**": ops.power}
PRECEDENCE = {"+": 1, "-": 1, "*": 2, "/": 2, "neg": 3, "**": 4}
ATOM = 5

# a tree is a number, a name, or a tuple: the name of an operation, and its trees
Tree = float | str | tuple[Any, ...]

tame_numbers = st.integers(0, 9).map(float) | st.floats(0, 1e6, allow_subnormal=False)


def _branches(trees: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
    unary = st.sampled_from(["neg", *(name for name, op in FUNCTIONS.items() if len(op.rules) == 1)])
    binary = st.sampled_from([*BINARY, *(name for name, op in FUNCTIONS.items() if len(op.rules) == 2)])
    return st.tuples(unary, trees) | st.tuples(binary, trees, trees)


trees = st.recursive(tame_numbers | st.sampled_from(NAMES), _branches, max_leaves=12)


def computed(tree: Tree, numbers: dict[str, Any]) -> Any:
    """What a tree gives, by walking it."""
    if isinstance(tree, float):
        return tree
    if isinstance(tree, str):
        return numbers[tree]
    op = {"neg": ops.neg, **BINARY, **FUNCTIONS}[tree[0]]
    return op(*[computed(t, numbers) for t in tree[1:]])


def with_all_brackets(tree: Tree) -> str:
    """A tree as text that needs no precedence to be read."""
    if isinstance(tree, float):
        return repr(tree)
    if isinstance(tree, str):
        return tree
    name, *parts = tree
    texts = [with_all_brackets(t) for t in parts]
    if name == "neg":
        return f"(-{texts[0]})"
    if name in BINARY:
        return f"({texts[0]} {name} {texts[1]})"
    return f"{name}({', '.join(texts)})"


def with_few_brackets(tree: Tree) -> str:
    """A tree as text with no bracket that Python's precedence makes unnecessary."""
    return _sparse(tree)[0]


def _sparse(tree: Tree) -> tuple[str, int]:
    """The text of a tree, and how tightly its outermost operation binds."""
    if isinstance(tree, float):
        return repr(tree), ATOM
    if isinstance(tree, str):
        return tree, ATOM
    name, *parts = tree
    if name not in PRECEDENCE:
        return f"{name}({', '.join(_sparse(t)[0] for t in parts)})", ATOM
    own = PRECEDENCE[name]
    if name == "neg":
        return "-" + _bracketed(parts[0], own), own
    # a minus may stand on the right of any operator without a bracket; ** joins to the right, the others to the left
    left = _bracketed(parts[0], own + (name == "**"))
    right = _bracketed(parts[1], PRECEDENCE["neg"] if name == "**" else own + 1)
    return f"{left} {name} {right}", own


def _bracketed(tree: Tree, least: int) -> str:
    """The text of a tree, in brackets if it binds more loosely than it must."""
    text, own = _sparse(tree)
    return text if own >= least else f"({text})"
