"""Update rule: the optimizer's update of a single parameter as formulas, whichever optimizer it is.

The optimizer's own rule is run on Values that bear names, and the graph that it leaves behind is spelled out.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, NamedTuple

from engine.autograd import Value
from engine.autograd.node import Node
from engine.microscope.text.spelling import figures, format_expression
from engine.nn.optimizers import Optimizer
from engine.nn.schedules import CONSTANT


class Assignment(NamedTuple):
    """Assignment: what gets a new number, the formula with names, with numbers in place, and the number."""

    target: str
    symbols: str
    numbers: str
    result: float


def update_in_lines(
    optimizer: Optimizer,
    name: str,
    number: float,
    gradient: float,
    state: Mapping[str, Any],
    weight: float,
    clip_coef: float = 1.0,
) -> list[Assignment]:
    """How one parameter gets its new number: what the optimizer remembers of it first, the parameter last.

    Args:
        optimizer: whose rule it is.
        name: the parameter's.
        number, gradient: what the parameter is, and the derivative of the loss with respect to it.
        state: what is remembered of it.
        weight: 1 if the penalty pulls at it, else 0.
        clip_coef: the factor by which the optimizer shortens all gradients.
    """
    named = copy.copy(optimizer)
    named.lr = Value(float(optimizer.rate), label="η")  # type: ignore[assignment]
    named.schedule = CONSTANT  # η is the rate of this very step
    named.l1, named.l2 = (_penalty(size, sign) for size, sign in ((optimizer.l1, "λ₁"), (optimizer.l2, "λ₂")))
    p, g = Value(number, label=name), Value(gradient, label="g")
    before = optimizer.init_state() | dict(state)
    labelled = {key: Value(float(item), label=key) if isinstance(item, float) else item for key, item in before.items()}
    pull = named.penalised(p, g, weight)
    if clip_coef != 1.0:
        pull = Value(clip_coef, label="s") * pull
    new = named.update(p, pull, labelled, named.rate)
    lines = []
    for key, node in labelled.items():
        if isinstance(node, Value):
            lines.append(_line(f"new {key}", node))
            node.label = f"new {key}"
    return [*lines, _line(name, new)]


def _penalty(size: float, sign: str) -> Any:
    return Value(size, label=sign) if size else 0.0


def _line(target: str, root: Value) -> Assignment:
    def name(node: Node) -> str | None:
        return node.label or None

    def number(node: Node) -> str | None:
        return None if name(node) is None else figures(node.data)

    return Assignment(target, format_expression(root, name), format_expression(root, number), root.data)
