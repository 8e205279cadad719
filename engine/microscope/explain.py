"""Explain: what happens at a micro-step of a film, in symbols, in numbers, and in a sentence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from engine.autograd import Value
from engine.microscope.film import Film, Flow, Phase
from engine.microscope.spelling import Term, figures, spell
from engine.microscope.update import Line
from engine.microscope.words import Words


@dataclass(frozen=True)
class Way:
    """What one operation passes back to one of its inputs.

    Attributes:
        node: the input.
        name: what it is called.
        derivative: the local derivative, as a formula.
        slope: its number.
        flow: how the number that goes there comes about: −0.3 · 1.2 = −0.36.
        sum: how it adds to what had arrived before; empty where it is the first.
    """

    node: int
    name: str
    derivative: str
    slope: str
    flow: str
    sum: str


@dataclass(frozen=True)
class Explanation:
    """A micro-step in words.

    Attributes:
        heading: the phase, and where in the network.
        symbols: the operation, with names.
        numbers: the same with numbers in place, and what comes out.
        says: what happens, in a sentence.
        ways: on the way back, what goes on to each input.
        lines: in an update, how the optimiser gets there.
    """

    heading: str
    symbols: str
    numbers: str
    says: str
    ways: tuple[Way, ...] = ()
    lines: tuple[Line, ...] = ()


# what is worth knowing of an operation: when it computes, and when the gradient goes back through it
SAYINGS: dict[str, tuple[str, str]] = {
    "add": (
        "A sum: each part counts as it is.",
        "A sum passes on to each part just what it receives.",
    ),
    "sub": (
        "A difference.",
        "A difference passes on what it receives; to what is subtracted, with the opposite sign.",
    ),
    "mul": (
        "A product: each factor decides how much the other counts.",
        "A product passes to each factor what it receives times the other factor.",
    ),
    "div": ("A quotient.", "The larger the divisor, the less goes back."),
    "neg": ("The opposite.", "What goes back changes its sign."),
    "tanh": (
        "tanh squashes the sum into the range from −1 to 1.",
        "The slope of tanh is 1 − a²: at most 1, and almost nothing where the neuron is near −1 or 1.",
    ),
    "sigmoid": (
        "The sigmoid squashes the sum into the range from 0 to 1.",
        "The slope of the sigmoid is a·(1 − a): at most ¼, and almost nothing near 0 or 1.",
    ),
    "relu": (
        "ReLU lets positive numbers through and makes all others 0.",
        "ReLU is a switch: above 0 everything goes back through it, below 0 nothing.",
    ),
    "sin": ("A wave.", "The slope of a sine is a cosine: it changes its sign from one half-wave to the next."),
    "softplus": ("A smooth ReLU.", "The slope of softplus is the sigmoid."),
    "exp": ("An exponential.", "An exponential is its own slope."),
    "log": ("A logarithm.", "The slope of the logarithm is one over its input."),
    "abs": ("The size, without the sign.", "Above 0 what goes back keeps its sign, below 0 it changes it."),
    "sum": (
        "All points of the batch together.",
        "A sum passes on to each point just what it receives.",
    ),
}
_USUAL = (
    "One operation on numbers that are already known.",
    "Each input receives what arrives times the local derivative: the chain rule.",
)
_SEED = "How the loss changes with the loss itself: 1. Here the way back begins."
_ZERO = "Every weight and bias forgets the gradient of the step before, because the way back only ever adds."
_UPDATE = "The weight goes a small way against its gradient, so that the loss goes down."


def explain(film: Film, words: Words) -> Explanation | None:
    """What the micro-step that a film has just made did; None before the first."""
    step = film.last
    if step is None:
        return None
    if step.node is None:
        return Explanation(step.phase.value, "g = 0 for every weight and bias", "", _ZERO)
    heading = f"{step.phase.value} · {words.part(film.graph.parts[step.node])}"
    return _EXPLAIN[step.phase](film, words, step.node, heading)


def _computed(film: Film, words: Words, i: int, heading: str) -> Explanation:
    called = words.name(i) if words.called(i) else ""
    symbols = f"{called} = {words.formula(i)}" if called else words.formula(i)
    numbers = f"{words.in_numbers(i, film.data)} = {words.number(film.data[i])}"
    return Explanation(heading, symbols, numbers, _saying(film, i)[0])


def _seeded(film: Film, words: Words, i: int, heading: str) -> Explanation:
    name = words.name(i)
    return Explanation(heading, f"{_partial(name, name)} = 1", "", _SEED)


def _pulled_back(film: Film, words: Words, i: int, heading: str) -> Explanation:
    loss, name = words.called(film.graph.root), words.called(i)
    y = words.name(i) if name else "y"
    arrives = f"{_partial(loss, y)} = {words.number(film.gradients[i])}"
    ways = tuple(_way(film, words, i, flow, name or "y") for flow in film.flows)
    return Explanation(heading, f"{y} = {words.formula(i)}", arrives, _saying(film, i)[1], ways)


def _way(film: Film, words: Words, i: int, flow: Flow, output: str) -> Way:
    graph, part = film.graph, film.graph.parts[i]
    derivative, numbers = _local_derivative(film, words, i, flow.position, output)
    arriving, slope = graph.number(film.gradients[i]), numbers.data
    text = f"{_bracketed(arriving)}·{_bracketed(slope)} = {figures(arriving * slope)}"
    share = words.number(flow.share)
    if graph.is_column(i) and not graph.is_column(flow.parent):
        text += f"; all {len(graph.rows)} points together {share}"
    adds = ""
    if flow.before is not None:
        adds = f"{words.number(flow.before)} + {_bracketed(graph.number(flow.share))} = {words.number(flow.after)}"
    return Way(flow.parent, words.name(flow.parent, part), derivative, figures(slope), text, adds)


def _local_derivative(film: Film, words: Words, i: int, k: int, output: str) -> tuple[str, Value]:
    """The derivative of node i with respect to its k-th input, as a formula and as a number.

    It is the operation's own rule, applied to numbers that bear names.
    """
    graph, node = film.graph, film.graph.nodes[i]
    op: Any = node.op
    if op.on_floats is None:  # a sum over points
        return "1", Value(1.0)
    symbols: dict[int, Value] = {}
    names: dict[int, Term | str] = {}
    for p in (*graph.parents(i), i):
        symbol = symbols.setdefault(p, Value(graph.number(film.data[p])))
        if p == i or words.called(p):
            called = output if p == i else words.called(p, graph.parts[i])
            names[id(symbol)] = words.mark(p, called)
        elif graph.nodes[p].op is None:
            symbol.requires_grad = False  # a fixed number is written as such
        else:
            names[id(symbol)] = words.term(p)
    inputs = [symbols[p] for p in graph.parents(i)]
    result = op.derivative(k, Value.constant(1.0), symbols[i], inputs, node.params)
    return spell(result, lambda symbol: names.get(id(symbol))), result


def _updated(film: Film, words: Words, i: int, heading: str) -> Explanation:
    *before, last = film.update_lines(i, words.called(i))
    gradient, name = words.number(film.gradients[i]), words.name(i)
    says = f"{_UPDATE} η is the learning rate, {figures(film.rate)}; g is the gradient, {gradient}."
    numbers = f"{last.numbers} = {figures(last.result)}"
    return Explanation(heading, f"{name} ← {last.symbols}", numbers, says, lines=tuple(before))


def _partial(of: str, by: str) -> str:
    """The sign of a derivative: ∂loss/∂w₁, ∂(mean loss)/∂w₁."""
    above, below = (f"({name})" if " " in name else name for name in (of, by))
    return f"∂{above}/∂{below}"


def _saying(film: Film, i: int) -> tuple[str, str]:
    op: Any = film.graph.nodes[i].op
    return SAYINGS.get(op.name, _USUAL)


def _bracketed(number: float) -> str:
    text = figures(number)
    return f"({text})" if text.startswith("−") else text


_EXPLAIN: dict[Phase, Callable[[Film, Words, int, str], Explanation]] = {
    Phase.FORWARD: _computed,
    Phase.LOSS: _computed,
    Phase.SEED: _seeded,
    Phase.BACKWARD: _pulled_back,
    Phase.UPDATE: _updated,
}
