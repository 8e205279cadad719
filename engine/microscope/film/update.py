"""The optimiser's update of a single parameter as formulas, whichever optimiser it is.

The optimiser's own rule is run on Values that bear names, and the graph that it leaves behind is spelled out.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, NamedTuple

from engine.autograd import Value
from engine.autograd.node import Node
from engine.microscope.text.spelling import figures, spell
from engine.nn.optimizers import Optimizer
from engine.nn.schedules import SCHEDULES


class Line(NamedTuple):
    """One assignment: what gets a new number, the formula with names, with numbers in place, and the number."""

    target: str
    symbols: str
    numbers: str
    result: float


def update_in_lines(
    optimiser: Optimizer,
    name: str,
    number: float,
    gradient: float,
    memory: Mapping[str, Any],
    weight: float,
    shortening: float = 1.0,
) -> list[Line]:
    """How one parameter gets its new number: what the optimiser remembers of it first, the parameter last.

    Args:
        optimiser: whose rule it is.
        name: the parameter's.
        number, gradient: what the parameter is, and the derivative of the loss with respect to it.
        memory: what is remembered of it.
        weight: 1 if the penalty pulls at it, else 0.
        shortening: the factor by which the optimiser shortens all gradients.
    """
    named = copy.copy(optimiser)
    named.lr = Value(float(optimiser.rate), label="η")  # type: ignore[assignment]
    named.schedule = SCHEDULES["constant"]  # η is the rate of this very step
    named.l1, named.l2 = (_penalty(size, sign) for size, sign in ((optimiser.l1, "λ₁"), (optimiser.l2, "λ₂")))
    p, g = Value(number, label=name), Value(gradient, label="g")
    before = optimiser.memory() | dict(memory)
    state = {key: Value(float(item), label=key) if isinstance(item, float) else item for key, item in before.items()}
    pull = named.penalised(p, g, weight)
    if shortening != 1.0:
        pull = Value(shortening, label="s") * pull
    new = named.update(p, pull, state, named.rate)
    lines = []
    for key, node in state.items():
        if isinstance(node, Value):
            lines.append(_line(f"new {key}", node))
            node.label = f"new {key}"
    return [*lines, _line(name, new)]


def _penalty(size: float, sign: str) -> Any:
    return Value(size, label=sign) if size else 0.0


def _line(target: str, root: Value) -> Line:
    def name(node: Node) -> str | None:
        return node.label or None

    def number(node: Node) -> str | None:
        return None if name(node) is None else figures(node.data)

    return Line(target, spell(root, name), spell(root, number), root.data)
