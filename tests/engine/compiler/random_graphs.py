"""Random graphs: functions of some tensors, made of any operations that fit, that end in one number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import assume, strategies as st

from engine import Tensor, cat, cos, exp, maximum, minimum, no_grad, relu, sigmoid, sin, softplus, sqrt, tanh
from engine.autograd.ops import elu, log1p

SHAPES = ((), (1,), (3,), (4,), (1, 3), (4, 1), (4, 3), (3, 3), (3, 4), (2, 4, 3))

Pick = Callable[[Sequence[Any]], Any]
Make = Callable[[Pick, list[Tensor]], Tensor]


def _one(f: Callable[[Tensor], Any]) -> Make:
    return lambda pick, nodes: f(pick(nodes))


def _two(f: Callable[[Tensor, Tensor], Any]) -> Make:
    def make(pick: Pick, nodes: list[Tensor]) -> Tensor:
        a = pick(nodes)
        fitting = [b for b in nodes if _fits(a.shape, b.shape)]
        return f(a, pick(fitting))

    return make


def _fits(a: tuple[int, ...], b: tuple[int, ...]) -> bool:
    try:
        return len(np.broadcast_shapes(a, b)) <= 3
    except ValueError:
        return False


def _product(pick: Pick, nodes: list[Tensor]) -> Tensor:
    pairs = [(a, b) for a in nodes for b in nodes if a.ndim >= 2 and b.ndim >= 2 and a.shape[-1] == b.shape[-2]]
    a, b = pick([(a, b) for a, b in pairs if _fits(a.shape[:-2], b.shape[:-2])])
    return a @ b


def _reduced(name: str) -> Make:
    def make(pick: Pick, nodes: list[Tensor]) -> Tensor:
        a = pick(nodes)
        axis = pick([None, *range(-a.ndim, a.ndim)])
        return getattr(a, name)(axis, keepdims=pick([False, True]))

    return make


def _axes(pick: Pick, nodes: list[Tensor]) -> Tensor:
    a = pick([n for n in nodes if n.ndim])
    return a.log_softmax(pick(list(range(a.ndim))))


def _sliced(pick: Pick, nodes: list[Tensor]) -> Tensor:
    a = pick([n for n in nodes if n.ndim])
    return a[pick([0, np.int64(-1), slice(0, 1), slice(None, None, -1), ..., None, True, [0, 0], np.array([0, -1, 0])])]


def _joined(pick: Pick, nodes: list[Tensor]) -> Tensor:
    a = pick([n for n in nodes if n.ndim])
    return cat([a, pick([b for b in nodes if b.shape == a.shape])], axis=pick(list(range(a.ndim))))


def _linear(pick: Pick, nodes: list[Tensor]) -> Tensor:
    """What a layer computes: the compiler joins the bias to the weights where it can."""
    pairs = [(x, w) for x in nodes for w in nodes if x.ndim == w.ndim == 2 and x.shape[1] == w.shape[1]]
    x, w = pick(pairs)
    return x @ w.T + pick([b for b in nodes if b.shape in ((), (1,), w.shape[:1])])


def _centred(x: Tensor) -> Tensor:
    """What is computed under `no_grad` is a constant to the gradient, and is computed anew at each step."""
    with no_grad():
        centre = (x * 2.0).mean()
    return (x - centre) * (x - centre) + centre * x


OPERATIONS: tuple[Make, ...] = (
    _two(lambda a, b: a + b),
    _two(lambda a, b: a - b),
    _two(lambda a, b: a * b),
    _two(lambda a, b: a / (b * b + 0.5)),
    _two(lambda a, b: (a * a + 1.0) ** (b * 0.3)),
    _two(maximum),
    _two(minimum),
    *(_one(f) for f in (tanh, sigmoid, softplus, relu, elu, sin, cos, abs)),
    *(_one(f) for f in (lambda x: -x, lambda x: exp(x * 0.2), lambda x: sqrt(x * x + 0.3), lambda x: log1p(x * x))),
    *(_one(f) for f in (lambda x: x**2, lambda x: x**3, lambda x: 1.0 - x, lambda x: 2 * x + 0, lambda x: x / 1)),
    _one(lambda x: x.T),
    _one(lambda x: x.reshape(-1)),
    _one(lambda x: x.reshape(1, -1)),
    *(_one(f) for f in (lambda x: tanh(x).detach() * x, _centred, _centred)),
    _product, _linear, _linear, _linear,
    _reduced("sum"), _reduced("mean"), _reduced("max"),
    _axes, _sliced, _joined,
)  # fmt: skip


@dataclass(frozen=True)
class Recipe:
    """How a graph is made: shapes of its leaves, and for each operation its row and what it picks."""

    parameters: tuple[tuple[int, ...], ...]
    inputs: tuple[tuple[int, ...], ...]
    steps: tuple[tuple[int, tuple[int, ...]], ...]
    dtype: str

    def leaves(self, seed: int) -> tuple[list[Tensor], list[Tensor]]:
        """Parameters and inputs, drawn from a seed."""
        rng = np.random.default_rng(seed)
        parameters = [
            Tensor(rng.normal(size=s).astype(self.dtype), label=f"p{i}") for i, s in enumerate(self.parameters)
        ]
        inputs = [Tensor(rng.normal(size=s).astype(self.dtype), requires_grad=False) for s in self.inputs]
        return parameters, inputs

    def loss(self, parameters: Sequence[Tensor], inputs: Sequence[Tensor]) -> Tensor:
        """One number that depends on every parameter."""
        nodes: list[Tensor] = [*parameters, *inputs]
        for row, picks in self.steps:
            choices = iter(picks)

            def pick(options: Sequence[Any], choices: Any = choices) -> Any:
                assume(len(options) > 0)
                return options[next(choices) % len(options)]

            nodes.append(OPERATIONS[row](pick, nodes))
        total = tanh(nodes[-1]).mean()
        for node in nodes[:-1]:
            total = total + 0.1 * sin(node).mean()
        return total


shapes = st.sampled_from(SHAPES)
recipes = st.builds(
    Recipe,
    parameters=st.lists(shapes, min_size=1, max_size=4).map(tuple),
    inputs=st.lists(shapes, max_size=2).map(tuple),
    steps=st.lists(
        st.tuples(st.integers(0, len(OPERATIONS) - 1), st.tuples(*[st.integers(0, 10_000)] * 4)),
        min_size=1,
        max_size=10,
    ).map(tuple),
    dtype=st.sampled_from(["float64", "float64", "float32"]),
)
