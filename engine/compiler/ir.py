"""Intermediate representation: the graph of a program that is being compiled.

It is built like any other graph, by running operators and derivative rules on nodes. These nodes make each thing once
(common subexpressions), an operation on constants is a constant (constant folding), and where a rewrite knows a cheaper
form, the cheaper form is what is made.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum, IntEnum
from math import prod
from typing import Any, Self, cast

import numpy as np

from engine.autograd.arithmetic import Arithmetic
from engine.autograd.array_ops import (
    detach,
    expand,
    index,
    is_basic,
    reshape,
    reverse_axes,
    transpose,
    unbroadcast,
    uniform,
)
from engine.autograd.node import ancestors
from engine.autograd.ops import CompositeOp, Op, equal, greater_equal

_UFUNCS: dict[Any, np.ufunc] = {equal: np.equal, greater_equal: np.greater_equal}


class UpdateFrequency(IntEnum):
    """Update frequency: how often a value has to be computed."""

    NEVER = 0  # a constant
    PER_CALL = 1  # from inputs and settings alone: the same at every step of one call
    PER_STEP = 2


class StepPart(IntEnum):
    """Part of a training step: the first that needs a value."""

    FORWARD = 0
    BACKWARD = 1
    UPDATE = 2


class Kind(Enum):
    """Kind of a node: what it stands for."""

    CONSTANT = "constant"
    INPUT = "input"
    PARAMETER = "parameter"
    STATE = "state"  # what the optimizer remembers of each parameter
    COUNTER = "counter"  # and what it counts
    SETTING = "setting"  # a number that may be moved between calls, such as the learning rate
    RESULT = "result"  # computed from others
    GRADIENT = "gradient"  # the result that holds those of the parameters


class IRNode(Arithmetic):
    """Node of the intermediate representation: a value that the program will hold.

    Attributes:
        data: what it was when the program was traced: an array, or a float for plain numbers, which take the dtype
            of whatever array they meet.
        shape, dtype: of the data; float64 for a plain number.
        graph: the program that it belongs to.
        kind: what sort of leaf it is, or a result.
        frequency: how often it has to be computed.
        part: what part of the step it belongs to.
        is_view: whether it only looks at its input in another way, and costs nothing.
    """

    __slots__ = ("dtype", "frequency", "graph", "is_view", "kind", "part", "shape")

    op: Any
    parents: tuple[Any, ...]

    def __init__(self, graph: IRGraph, kind: Kind, data: Any, frequency: UpdateFrequency, label: str = "",
                 op: Op | None = None, parents: Sequence[IRNode] = (),
                 params: dict[str, Any] | None = None) -> None:  # fmt: skip
        array = np.asarray(data)
        self.data, self.shape, self.dtype = data, array.shape, array.dtype
        self.grad, self.label, self.graph = None, label, graph
        self.op, self.parents, self.params = op, tuple(parents), params or {}
        self.kind, self.frequency, self.part = kind, frequency, graph.part
        flows = op is not detach and any(p.requires_grad for p in parents)
        self.requires_grad = kind is Kind.PARAMETER or flows
        self.is_view = _is_view(self)

    @classmethod
    def record(cls, op: Op, inputs: Sequence[Any], params: dict[str, Any]) -> Self:
        """The node of an operation in the program of its inputs."""
        graph = next(x.graph for x in inputs if isinstance(x, IRNode))
        return cast(Self, graph.apply(op, [x if isinstance(x, IRNode) else graph.constant(x) for x in inputs], params))

    def unbroadcast(self, gradient: Any) -> Any:
        """A gradient in the shape and dtype of this node."""
        return unbroadcast(gradient, self.shape, self.dtype)

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """Number of elements."""
        return prod(self.shape)

    @property
    def is_number(self) -> bool:
        """Whether it is a constant of one element."""
        return self.frequency is UpdateFrequency.NEVER and self.size == 1

    @property
    def number(self) -> float:
        """The element of a constant that has one."""
        return float(np.asarray(self.data).item())

    @property
    def owner(self) -> IRNode:
        """The node whose array this one looks at: itself, unless it is a view."""
        node = self
        while node.is_view:
            (node,) = node.parents
        return node

    def __bool__(self) -> bool:
        """A setting that is 0 may switch a part of the update off: that it was asked is remembered.

        Raises TypeError for anything else: the program would keep what it is now.
        """
        if self.kind is not Kind.SETTING:
            raise TypeError("compile: an optimizer's update depends on whether a computed number is 0")
        self.graph.asked[self.label] = bool(self.data)
        return bool(self.data)


def ufunc_of(op: Op | None) -> np.ufunc | None:
    """The ufunc that computes a row element by element, and can put its result anywhere, if one does."""
    function = _UFUNCS.get(op) or getattr(op, "on_arrays", None)
    return function if isinstance(function, np.ufunc) else None


def _is_view(node: IRNode) -> bool:
    if node.op is index:
        return node.ndim > 0 and is_basic(node.params["key"])
    if node.op is reshape:
        before, after = ([n for n in x.shape if n != 1] for x in (node.parents[0], node))
        return node.ndim > 0 and before == after
    return node.op in (transpose, reverse_axes, expand)


class IRGraph:
    """Graph of a program, in which each different node stands once.

    Attributes:
        part: what part of the step is being traced.
        asked: the settings that the trace depends on being 0 or not, by label.

    Args:
        rewrites: for each operation the rules to try, functions of its inputs and parameters that give a cheaper
            node or None.
    """

    def __init__(self, rewrites: dict[Op, list[Any]]) -> None:
        self.part = StepPart.FORWARD
        self.asked: dict[str, bool] = {}
        self._rewrites = rewrites
        self._made: dict[Any, IRNode] = {}

    def constant(self, data: Any) -> IRNode:
        """A node that never changes: a number, or an array."""
        data = data if isinstance(data, np.ndarray) else float(data)
        content = np.asarray(data).tobytes() if np.size(data) == 1 else id(data)
        key = (type(data), np.shape(data), np.asarray(data).dtype, content)
        if key not in self._made:
            self._made[key] = IRNode(self, Kind.CONSTANT, data, UpdateFrequency.NEVER)
        return self._made[key]

    def apply(self, op: Op, parents: Sequence[IRNode], params: dict[str, Any], data: Any = None) -> IRNode:
        """The node of an operation: a known one, a cheaper one, or a new one, whose data may be known already."""
        frequency = max(p.frequency for p in parents)
        if op is uniform:  # chance is not shared
            return IRNode(self, Kind.RESULT, data, UpdateFrequency.PER_STEP, "", op, parents, params)
        if frequency is UpdateFrequency.NEVER and op is not expand:
            return self.constant(_compute(op, parents, params))
        for rewrite in self._rewrites.get(op, ()):
            cheaper: IRNode | None = rewrite(*parents, **params)
            if cheaper is not None:
                return cheaper
        key = (op, *map(id, parents), *_frozen(params))
        if key not in self._made:
            data = _compute(op, parents, params) if data is None else data
            self._made[key] = IRNode(self, Kind.RESULT, data, frequency, "", op, parents, params)
        return self._made[key]

    def close(self) -> None:
        """Forget the nodes, which remember the graph: without cycles they vanish when they are not needed any more."""
        self._made.clear()


def _compute(op: Op, parents: Sequence[IRNode], params: dict[str, Any]) -> Any:
    inputs = [p.data for p in parents]
    if op.on_floats is not None and all(isinstance(x, float) for x in inputs):
        return op.on_floats(*inputs, **params)
    if op.on_floats is None:
        inputs = [np.asarray(x) for x in inputs]
    return np.asarray(op.on_arrays(*inputs, **params))


def _frozen(value: Any) -> tuple[Any, ...]:
    """Parameters of an operation as a key: equal ones give equal keys, arrays are known by identity."""
    if isinstance(value, dict):
        return tuple((name, *_frozen(item)) for name, item in sorted(value.items()))
    if isinstance(value, tuple | list):
        return (type(value), *(_frozen(item) for item in value))
    if isinstance(value, slice):
        return (slice, value.start, value.stop, value.step)
    return (id(value),) if isinstance(value, np.ndarray) else (type(value), value)


def in_order(roots: Iterable[IRNode]) -> list[IRNode]:
    """All nodes that the roots need, part by part of the step, parents before children."""
    order: list[IRNode] = ancestors(roots)
    for node in reversed(order):  # what an earlier part turned out to need belongs to it
        for parent in node.parents:
            parent.part = min(parent.part, node.part)
    return sorted(order, key=lambda node: node.part)


def lowered(roots: Sequence[IRNode]) -> list[IRNode]:
    """The roots anew, with composite operations taken apart into what they are made of, so that they share parts."""
    made: dict[IRNode, IRNode] = {}
    for node in in_order(roots):
        node.graph.part = node.part
        inputs = [made[p] for p in node.parents]
        if node.op is None:
            made[node] = node
        elif node.op is detach:
            (made[node],) = inputs
        elif isinstance(node.op, CompositeOp):
            made[node] = node.op.on_arrays(*inputs)
        else:
            made[node] = node.graph.apply(node.op, inputs, node.params, node.data)
    return [made[root] for root in roots]
