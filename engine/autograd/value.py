"""Value: a single number that remembers how it was made. The scalar face of the engine, as in Karpathy's micrograd."""

from __future__ import annotations

import numbers
from collections.abc import Sequence
from typing import Any, ClassVar, Self

from engine.autograd.arithmetic import Arithmetic
from engine.autograd.ops import Op


def _handmade(*_: Any) -> Any:
    raise ValueError("a Value made by hand from children has no derivative rule; make it with an operation instead")


class Value(Arithmetic):
    """Scalar value: a number in a computation graph.

    >>> a, b = Value(2.0), Value(-3.0)
    >>> c = a * b + a ** 2
    >>> c.backward()
    >>> a.grad, b.grad
    (1.0, 2.0)

    Args:
        data: a real number. Raises TypeError for anything else, an array or another Value too.
        _children: for notebooks that draw a node by hand: the nodes it hangs on.
        _op: its sign in such a drawing.
        label: a name to show.
    """

    __slots__ = ()

    data: float
    grad: float
    blank_grad: ClassVar[float] = 0.0

    def __init__(self, data: Any, _children: Sequence[Value] = (), _op: str = "", label: str = "") -> None:
        if type(data) is not float:
            if not isinstance(data, numbers.Real):
                raise TypeError(f"Value: {data!r} is a {type(data).__name__}; a Value holds one real number")
            data = float(data)
        self.data, self.grad, self.label = data, 0.0, label
        self.parents, self.params, self.requires_grad = tuple(_children), {}, True
        self.op = Op(_op, _op, None, _handmade, *[_handmade] * len(_children)) if _children else None

    @classmethod
    def constant(cls, data: Any) -> Self:
        """A number that no derivative is wanted for, such as the 2 in `2 * x`."""
        node = cls(data)
        node.requires_grad = False
        return node

    @classmethod
    def record(cls, op: Op, inputs: Sequence[Any], params: dict[str, Any]) -> Self:
        """Compute an operation on numbers, remembering it unless `no_grad` says otherwise."""
        if op.on_floats is None:
            raise TypeError(f"{op.name} needs arrays: it means nothing on a Value")
        parents = tuple([x if isinstance(x, Value) else cls.constant(x) for x in inputs])
        return cls.result(op.on_floats(*[p.data for p in parents], **params), op, parents, params)

    def assign(self, data: Any) -> None:
        self.data = float(data)

    def accumulate_grad(self, gradient: float) -> None:
        self.grad = gradient if self.op is not None else self.grad + gradient

    def _seed(self) -> float:
        return 1.0

    @property
    def _prev(self) -> set[Value]:
        """micrograd's name for the parents, as the set that it keeps."""
        return {p for p in self.parents if isinstance(p, Value)}

    @property
    def _op(self) -> str:
        """micrograd's name for the sign of the operation; empty for a leaf."""
        return self.op.symbol if self.op is not None else ""

    def __repr__(self) -> str:
        return f"Value(data={self.data}, grad={self.grad})"

    def __float__(self) -> float:
        return self.data
