"""Gradients asked for by name, and the gradient check: their comparison with finite differences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.autograd.node import Node, backward_pass, topological_order
from engine.autograd.tensor import Tensor
from engine.autograd.value import Value


def grad(output: Any, inputs: Any, create_graph: bool = False) -> tuple[Any, ...]:
    """The derivatives of one number with respect to some of the nodes that it came from. No `grad` is touched.

    >>> x = Value(2.0)
    >>> (first,) = grad(x ** 3, x, create_graph=True)
    >>> (second,) = grad(first, x)
    >>> first.data, second.data
    (12.0, 12.0)

    Args:
        output: a Value, or a Tensor of one element.
        inputs: a node, or several.
        create_graph: whether the derivatives come with a graph of their own, to be differentiated again.

    Returns a tuple, one derivative an input, in the input's shape. Raises ValueError if the output is not a single
    number, or does not depend on one of the inputs.
    """
    wanted: Sequence[Node] = (inputs,) if isinstance(inputs, Node) else tuple(inputs)
    seed = output._seed()
    reached = {id(node) for node in topological_order(output)} if output.requires_grad else set()
    for i, node in enumerate(wanted):
        if id(node) not in reached:
            raise ValueError(f"grad: the output does not depend on input {i}, {node.label or repr(node)}")
    # operations without slope, like the step that is the derivative of relu, pass nothing on: there it stays zero
    found: dict[int, Any] = {id(node): np.zeros_like(node.data) for node in wanted}
    with np.errstate(all="ignore"):
        for node, gradient in backward_pass(output, _constant(output, seed) if create_graph else seed):
            if id(node) in found:
                found[id(node)] = gradient
    derivatives = ((node, found[id(node)]) for node in wanted)
    return tuple(d if isinstance(d, Node) else _constant(node, d) for node, d in derivatives)


def _constant(node: Node, data: Any) -> Node:
    """Data as a constant of the same kind as a node."""
    if isinstance(node, Value):
        return Value.constant(float(data))
    return Tensor(np.array(data), requires_grad=False)


class GradcheckError(RuntimeError):
    """Failed gradient check: a derivative that finite differences do not confirm."""


def gradcheck(func: Callable[..., Any], inputs: Any, *, eps: float = 1e-6, atol: float = 1e-5, rtol: float = 1e-3,
              raise_exception: bool = True) -> bool:  # fmt: skip
    """Compare every derivative of `func` with its central finite difference (f(x+h) - f(x-h)) / 2h.

    The error of the difference is O(h²) from Taylor's theorem plus O(ε/h) from rounding: hence float64, and an h near
    the cube root of the machine's ε, scaled with |x|.

    Args:
        func: takes the inputs, gives a Value or a Tensor of any shape.
        inputs: a Value or Tensor (float64), or several. Raises ValueError if none of them requires a gradient.
        eps: the step h, for |x| up to 1.
        atol, rtol: allowed is |a - n| ≤ atol + rtol·|n|.
        raise_exception: raise GradcheckError, naming the input, the element and both numbers; else return False.
    """
    nodes = (inputs,) if isinstance(inputs, Value | Tensor) else tuple(inputs)
    for i, node in enumerate(nodes):
        if isinstance(node, Tensor) and node.dtype != np.float64:
            raise ValueError(f"gradcheck: input {i} is {node.dtype}; finite differences need float64")
    if not any(node.requires_grad for node in nodes):
        raise ValueError("gradcheck: none of the inputs requires a gradient, so there is nothing to check")
    for i, node in enumerate(nodes):
        if node.requires_grad:
            jacobian, differences = _analytical(func, nodes, node), _numerical(func, nodes, node, eps)
            wrong = ~(np.abs(jacobian - differences) <= atol + rtol * np.abs(differences))
            if wrong.any() and not raise_exception:
                return False
            for column, k in np.argwhere(wrong.T):
                name = f"input {i}" + (f" ({node.label})" if node.label else "")
                element = list(np.ndindex(np.shape(node.data)))[column]
                raise GradcheckError(
                    f"gradcheck: {name}, element {element}, output element {k}: backpropagation gives "
                    f"{jacobian[k, column]:.10g}, finite differences give {differences[k, column]:.10g}"
                )
    return True


def _analytical(func: Callable[..., Any], nodes: Sequence[Any], node: Any) -> NDArray[np.float64]:
    """d(output element)/d(node element): the Jacobian, (output elements, node elements)."""
    output = func(*nodes)
    parts = [output] if isinstance(output, Value) else list(output.reshape(-1))
    rows = np.zeros((len(parts), np.size(node.data)))
    for row, part in zip(rows, parts, strict=True):
        if part.requires_grad:
            with np.errstate(all="ignore"):
                row[:] = next((np.ravel(g) for n, g in backward_pass(part, part._seed()) if n is node), 0.0)
    return rows


def _numerical(func: Callable[..., Any], nodes: Sequence[Any], node: Any, eps: float) -> NDArray[np.float64]:
    """The same by central differences."""
    original = node.data
    columns = []
    try:
        for element in np.ndindex(np.shape(original)):
            h = eps * max(1.0, abs(float(np.asarray(original)[element])))
            ahead, behind = np.array(original), np.array(original)
            ahead[element] += h
            behind[element] -= h
            outputs = []
            for moved in (ahead, behind):
                node.data = moved if isinstance(node, Tensor) else float(moved)
                outputs.append(np.array(func(*nodes).data, dtype=np.float64).reshape(-1))
            columns.append((outputs[0] - outputs[1]) / (2 * h))
    finally:
        node.data = original
    return np.array(columns).T
