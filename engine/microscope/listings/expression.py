"""Code generation: activations and losses as Python that computes the same, operation after operation.

They are recorded and taken apart as the expression graph does it. So whatever the tables hold, and whatever formula
was typed, can be written out, and rounds as the graph does.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, cast

import numpy as np

from engine.autograd import Tensor, Value, array_ops, ops
from engine.autograd.node import Node, ancestors, recording
from engine.autograd.ops import Op
from engine.microscope.graph.scalars import Elements, in_scalars
from engine.nn.activations import activation_named
from engine.nn.losses import Loss

# how tightly Python takes an operator to hold its operands together
_SUM, _PRODUCT, _SIGN, _POWER, _ATOM = range(5)

# of an operator: its sign, how tightly it holds, and how tightly its left and its right operand must
_INFIX = {
    "add": ("+", _SUM, _SUM, _PRODUCT),
    "sub": ("-", _SUM, _SUM, _PRODUCT),
    "mul": ("*", _PRODUCT, _PRODUCT, _SIGN),
    "div": ("/", _PRODUCT, _PRODUCT, _SIGN),
    "power": ("**", _POWER, _ATOM, _SIGN),
}

_LONGEST = 45  # a longer expression gets a name


class Dialect(NamedTuple):
    """Dialect: how a library writes operations. What is no function and has no form of its own is a method: x.tanh().

    Attributes:
        constant: what makes a plain number into what has methods.
        functions: the operations that are functions, and what they are called.
        forms: those that are written otherwise, with {0}, {1} … for what they are applied to.
    """

    constant: str
    functions: Mapping[str, str]
    forms: Mapping[str, str]


VALUE = Dialect(
    "Value.constant",
    {op.name: f"ops.{op.name}" for op in vars(ops).values() if isinstance(op, Op) and not hasattr(Value, op.name)},
    {},
)
TORCH = Dialect(
    "torch.tensor",
    {"softplus": "F.softplus", "elu": "F.elu", "maximum": "torch.maximum", "minimum": "torch.minimum"},
    {
        "step": "({0} > 0).double()",
        "equal": "({0} == {1}).double()",
        "greater_equal": "({0} >= {1}).double()",
        "max_mask": "(({0} > {1}).double() + ({0} >= {1}).double()).div(2)",
        "sum": "{0}.sum({along})",
        "max": "{0}.amax({along})",
        "matmul": "({0} @ {1})",
        "reshape": "{0}.reshape({shape})",
        "reverse_axes": "{0}.T",
        "index": "{0}[{key}]",
    },
)


class Expression(NamedTuple):
    """Generated code: lines that name what is used more than once or is long, and the expression that uses them."""

    lines: list[str]
    result: str


class _PythonFragment(NamedTuple):
    """Fragment of Python: its text, and how tightly it holds together."""

    text: str
    level: int
    is_number: bool = False

    def within(self, level: int) -> str:
        return self.text if self.level >= level else f"({self.text})"


def spelled(root: Node, names: Mapping[int, str], dialect: Dialect, stem: str = "u") -> Expression:
    """A graph as an expression in Python.

    Args:
        root: what to compute.
        names: what is there already, by `id`; how it was computed makes no difference.
        dialect: how operations are written.
        stem: the names of intermediate results begin with it: u1, u2 …
    """
    order = ancestors([root], lambda node: id(node) in names)
    uses = Counter(id(parent) for node in order if id(node) not in names for parent in node.parents)
    terms: dict[int, _PythonFragment] = {}
    lines: list[str] = []
    for node in order:
        if id(node) in names:
            term = _PythonFragment(names[id(node)], _ATOM)
        elif node.op is None:
            term = _constant(node.data, dialect)
        else:
            term = _joined(node, [terms[id(parent)] for parent in node.parents], dialect)
            if node is not root and (uses[id(node)] > 1 or len(term.text) > _LONGEST):
                name = f"{stem}{len(lines) + 1}"
                lines.append(f"{name} = {term.text}")
                term = _PythonFragment(name, _ATOM)
        terms[id(node)] = term
    return Expression(lines, terms[id(root)].text)


def activation_expression(name: str, of: str, dialect: Dialect) -> Expression:
    """An activation of something that has a name."""
    x, element = Tensor(np.zeros((1, 1))), Value(0.0)
    with np.errstate(all="ignore"):
        with recording():
            y = activation_named(name).function(x)
        root = in_scalars(y, {id(x): _row([element])}).item()
    return spelled(root, {id(element): of}, dialect)


def loss_expression(loss: Loss, outputs: Sequence[str], targets: Sequence[str], dialect: Dialect) -> Expression:
    """The loss of a single point, from the names of its outputs and targets."""
    y = Tensor(np.zeros((1, len(outputs))))
    t = Tensor(np.zeros((1, len(outputs))), requires_grad=False)
    ys, ts = ([Value(0.0) for _ in outputs] for _ in range(2))
    names = {id(node): name for node, name in zip([*ys, *ts], [*outputs, *targets], strict=True)}
    known, lines = {id(y): _row(ys), id(t): _row(ts)}, []
    with np.errstate(all="ignore"):
        with recording():
            total = loss(y, t)
        for held in (node for node in ancestors([total]) if node.op is array_ops.detach):
            before = spelled(in_scalars(held.parents[0], known).item(), names, dialect, "m")
            lines += [*before.lines, f"m = {before.result}.data  # a plain number: nothing is learnt by it"]
            known[id(held)] = _row([Value(0.0)])
            names[id(known[id(held)].item())] = "m"
        rest = spelled(in_scalars(total, known).item(), names, dialect)
    return Expression(lines + rest.lines, rest.result)


def batch_loss_expression(loss: Loss, shape: tuple[int, int], dialect: Dialect) -> Expression:
    """The loss of outputs y and targets t, both of a shape (points, outputs)."""
    y, t = Tensor(np.zeros(shape)), Tensor(np.zeros(shape), requires_grad=False)
    names = {id(y): "y", id(t): "t"}
    with np.errstate(all="ignore"), recording():
        total = loss(y, t)
    errors = _averaged(total)
    if errors is None:
        return spelled(total, names, dialect)
    written = spelled(errors, names, dialect)
    return Expression([*written.lines, f"errors = {written.result}"], "errors.mean()")


def _averaged(total: Tensor) -> Node | None:
    """What a tensor is the mean of, over all elements; None if it is no such thing."""
    if total.op is ops.div and total.parents[0].op is array_ops.sum_:
        summed, count = total.parents
        (each,) = summed.parents
        if summed.params["axis"] is None and count.op is None and float(count.data) == each.data.size:
            return each
    return None


def _row(elements: Iterable[Value]) -> Elements:
    row = np.empty((1, len(found := list(elements))), object)
    row[0] = found
    return row


def _constant(data: Any, dialect: Dialect) -> _PythonFragment:
    if np.size(data) > 1:
        return _PythonFragment(f"{dialect.constant}({data.tolist()})", _ATOM)
    number = float(np.asarray(data).item())
    text = repr(number) if math.isfinite(number) else f'float("{number}")'
    return _PythonFragment(text, _SIGN if text.startswith("-") else _ATOM, is_number=True)


def _joined(node: Node, inputs: list[_PythonFragment], dialect: Dialect) -> _PythonFragment:
    name = cast(Op, node.op).name
    if name in _INFIX:
        sign, level, left, right = _INFIX[name]
        return _PythonFragment(f"{inputs[0].within(left)} {sign} {inputs[1].within(right)}", level)
    if name == "neg":
        return _PythonFragment(f"-{inputs[0].within(_SIGN)}", _SIGN)
    nodes = [_as_node(term, dialect) for term in inputs]
    if name in dialect.forms:
        atoms = [term.within(_ATOM) for term in nodes]
        return _PythonFragment(dialect.forms[name].format(*atoms, **node.params, along=_along(node.params)), _ATOM)
    if name in dialect.functions:
        return _PythonFragment(f"{dialect.functions[name]}({', '.join(term.text for term in nodes)})", _ATOM)
    arguments = ", ".join(term.text for term in inputs[1:])
    return _PythonFragment(f"{nodes[0].within(_ATOM)}.{name}({arguments})", _ATOM)


def _along(params: Mapping[str, Any]) -> str:
    """The axes of a reduction; none are named where it is of all elements."""
    named = {"dim": params.get("axis"), "keepdim": params.get("keepdims")}
    return ", ".join(f"{name}={value}" for name, value in named.items() if value is not None and value is not False)


def _as_node(term: _PythonFragment, dialect: Dialect) -> _PythonFragment:
    return _PythonFragment(f"{dialect.constant}({term.text})", _ATOM) if term.is_number else term
