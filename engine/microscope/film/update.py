"""Update rule: the optimizer's update of a single parameter as formulas, whichever optimizer it is.

The optimizer's own rule is run on Values that bear the signs of textbooks, and the graph that it leaves behind is
spelled out.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from engine.autograd import Value
from engine.autograd.node import Node
from engine.microscope.text.spelling import figures, format_expression
from engine.nn.optimizers import SETTINGS, Optimizer
from engine.nn.schedules import CONSTANT

# how textbooks write what optimizers are set to, and what they remember; whatever else there is bears its own name
_SIGNS = {"l1": "λ₁", "l2": "λ₂"} | {name: setting.sign for name, setting in SETTINGS.items()}
_MEMORY = {"mean": "m", "square": "v", "velocity": "v"}
_STEPS, _T = "step", "t"  # the counter of steps


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
    named = _in_signs(optimizer)
    before = optimizer.init_state() | dict(state)
    signs = memory_signs(before)
    memory: dict[str, Any] = {key: Value(float(item), label=signs[key]) for key, item in before.items()}
    p, g = Value(number, label=name), Value(gradient, label="g")
    pull = named.penalised(p, g, weight)
    if clip_coef != 1.0:
        pull = Value(clip_coef, label="s") * pull
    new = named.update(p, pull, memory, named.rate)
    lines: list[Assignment] = []

    def note(sign: str, node: Any) -> Any:
        """From here on it is known by its sign."""
        lines.append(_line(sign, node))
        node.label = sign
        return node

    if _STEPS in memory:
        memory[_STEPS].label = _T
    for key in memory:
        if key != _STEPS:
            note(signs[key], memory[key])
    told = named.textbook(p, memory, named.rate, note)
    return [*lines, _line(name, new if told is None else told)._replace(result=new.data)]


def _in_signs(optimizer: Optimizer) -> Optimizer:
    """The optimizer with settings that bear signs; what is 0 does nothing, and has none."""
    named = copy.copy(optimizer)
    for field, sign in _SIGNS.items():
        if size := getattr(optimizer, field, None):
            setattr(named, field, Value(size, label=sign))
    named.lr = Value(float(optimizer.rate), label="η")  # type: ignore[assignment]
    named.schedule = CONSTANT  # η is the rate of this very step
    return named


def memory_signs(memory: Iterable[str]) -> dict[str, str]:
    """Signs of what an optimizer remembers, as textbooks write them; of two that share one, the second bears its own
    name.
    """
    signs: dict[str, str] = {}
    for key in memory:
        sign = _T if key == _STEPS else _MEMORY.get(key, key)
        signs[key] = key if sign in signs.values() else sign
    return signs


def _line(target: str, root: Value) -> Assignment:
    def name(node: Node) -> str | None:
        return node.label or None

    def number(node: Node) -> str | None:
        return f"{node.data:.0f}" if name(node) == _T else None if name(node) is None else figures(node.data)

    return Assignment(target, format_expression(root, name), format_expression(root, number), root.data)
