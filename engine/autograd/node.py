"""Computation graph: what a computation leaves behind, and reverse-mode differentiation on it.

Every result remembers its parents and the operation that made it. Reverse-mode differentiation visits that graph once,
from the result to the inputs, and at each node multiplies what arrives by the local derivative: the chain rule.

A node points to its parents and never back, and no closure holds its own output. So a graph has no reference cycles:
it vanishes with the last reference to its result, garbage collector or not.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar, Self

if TYPE_CHECKING:
    from engine.autograd.ops import Op


class Node:
    """Node of a computation graph: one number or array. `Value` and `Tensor` are its two faces.

    Attributes:
        data: the float or array itself.
        grad: derivative of the last output that went `backward` with respect to this node.
        parents: the nodes it was computed from, in order; none for a leaf.
        op: the operation that computed it; None for a leaf.
        params: what else the operation was told, such as an axis.
        label: a name to show.
        requires_grad: whether derivatives flow through it.
    """

    __slots__ = ("data", "grad", "label", "op", "params", "parents", "requires_grad")

    data: Any
    grad: Any
    parents: tuple[Node, ...]
    op: Op | None
    params: dict[str, Any]
    label: str
    requires_grad: bool

    # what `grad` is before a backward pass has come by
    blank_grad: ClassVar[Any] = None

    # NumPy leaves `array + node` to the node instead of spreading the node over the array's elements.
    __array_ufunc__: ClassVar[None] = None

    @classmethod
    def record(cls, op: Op, inputs: Sequence[Any], params: dict[str, Any]) -> Self:
        """Compute an operation on nodes and remember how."""
        raise NotImplementedError

    @classmethod
    def result(cls, data: Any, op: Op, parents: tuple[Node, ...], params: dict[str, Any]) -> Self:
        """A node for what an operation gave; a leaf if no derivative is wanted or `no_grad` says so."""
        node = cls.__new__(cls)  # __init__ is for what users pass in: its checks take longer than most operations
        node.data, node.grad, node.label = data, cls.blank_grad, ""
        if _recording.on:
            for parent in parents:
                if parent.requires_grad:
                    node.parents, node.op, node.params, node.requires_grad = parents, op, params, True
                    return node
        node.parents, node.op, node.params, node.requires_grad = (), None, {}, False
        return node

    def assign(self, data: Any) -> None:
        """Take new data, in the form that this node keeps: a float, or an array of its dtype."""
        raise NotImplementedError

    def unbroadcast(self, gradient: Any) -> Any:
        """A gradient in the shape and dtype of this node: summed over whatever broadcasting spread."""
        return gradient

    def zero_grad(self) -> None:
        """Forget the gradient: it is what it was before the first backward pass."""
        self.grad = self.blank_grad

    def accumulate_grad(self, gradient: Any) -> None:
        """Keep a gradient: a leaf adds it to what it has, an interior node forgets the last pass."""
        raise NotImplementedError


class _Recording(threading.local):
    """Switches of recording, of each thread its own: off inside `no_grad`, for a program inside `recording`."""

    on = True
    program = False


_recording = _Recording()


@contextmanager
def no_grad() -> Iterator[None]:
    """Compute without remembering: results are leaves, and nothing is kept for a backward pass."""
    before, _recording.on = _recording.on, False
    try:
        yield
    finally:
        _recording.on = before


def is_recording_program() -> bool:
    """Whether what is computed now becomes a program, in which no single result may be looked at."""
    return _recording.program


@contextmanager
def recording() -> Iterator[None]:
    """Compute for a program that is to be compiled: constants are remembered too, and `float` of a tensor raises."""
    before, _recording.program = _recording.program, True
    try:
        yield
    finally:
        _recording.program = before


def ancestors(roots: Iterable[Node], is_end: Callable[[Node], bool] | None = None, constants: bool = True) -> list[Any]:
    """All nodes that some nodes were computed from, constants too unless told otherwise, parents before children.

    Each comes once. Behind a node for which `is_end` holds, nothing is looked for. A depth-first walk with its own
    stack: a chain of a million operations is no deeper for Python than one of two.
    """
    order: list[Any] = []
    seen: set[int] = set()
    stack: list[Node | None] = [*reversed([*roots])]
    while stack:
        node = stack.pop()
        if node is None:  # all parents of the node below are in order
            order.append(stack.pop())
        elif id(node) not in seen:
            seen.add(id(node))
            stack += node, None
            if is_end is None or not is_end(node):
                for parent in reversed(node.parents):
                    if (constants or parent.requires_grad) and id(parent) not in seen:
                        stack.append(parent)
    return order


def topological_order(root: Node) -> list[Node]:
    """All nodes that derivatives of `root` flow through, parents before children, each once."""
    return ancestors([root], constants=False)


def local_vjps(node: Node, g: Any, y: Any, inputs: Sequence[Any]) -> list[tuple[int, Any]]:
    """Vector-Jacobian products of one node: what each of its parents receives. The chain rule, in one place.

    A rule of the table multiplies what arrived by the Jacobian without ever writing that down (Griewank and Walther,
    Evaluating Derivatives, 2nd edition, chapter 3).

    Args:
        node: what was computed; its operation says by which rules, its parents who wants a derivative.
        g: the gradient that arrived at it.
        y, inputs: its number and its parents' numbers: floats, arrays, or nodes, on which the rules then record.

    Returns pairs (k, share) for the parents that receive something. A share has the shape of `g`: over whatever
    broadcasting spread, `parents[k].unbroadcast(share)` sums it.
    """
    op: Any = node.op
    arguments, shares = (g, y, *inputs), []
    for k, parent in enumerate(node.parents):
        if parent.requires_grad and (rule := op.rules[k]) is not None:
            shares.append((k, rule(*arguments, **node.params)))
    return shares


def backward_pass(root: Node, seed: Any) -> Iterator[tuple[Node, Any]]:
    """Reverse-mode differentiation: every node with d(root)/d(node) · seed, from `root` back to the leaves.

    If the seed is itself a node, the derivative rules run on the nodes instead of on their data, so that the gradients
    are nodes too, with a graph of their own that can be differentiated again.
    """
    as_graph = isinstance(seed, Node)
    gradients = {id(root): seed}
    for node in reversed(topological_order(root)):
        gradient = gradients.pop(id(node), None)
        if gradient is None:  # no rule passed anything on: the derivative is zero everywhere
            continue
        yield node, gradient
        if node.op is None:
            continue
        parents = node.parents
        inputs = parents if as_graph else [p.data for p in parents]
        for k, share in local_vjps(node, gradient, node if as_graph else node.data, inputs):
            parent = parents[k]
            key, share = id(parent), parent.unbroadcast(share)
            gradients[key] = gradients[key] + share if key in gradients else share
