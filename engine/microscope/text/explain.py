"""Explanations: what happens at a micro-step of a film, in symbols, in numbers, and in a sentence."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from itertools import chain, count
from typing import Any

from engine.autograd import Value
from engine.autograd.node import local_vjps
from engine.dataclass import dataclass
from engine.microscope.film.film import Film, Flow, Phase
from engine.microscope.film.update import Assignment
from engine.microscope.graph.expression_graph import subscript
from engine.microscope.text.spelling import Fragment, bracketed, figures, format_expression
from engine.microscope.text.words import Words


@dataclass(frozen=True)
class Way:
    """Chain rule at one input: what an operation passes back to it, in words.

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
    """Explanation of a micro-step.

    Attributes:
        heading: the phase, and where in the network.
        symbols: the operation, with names.
        numbers: the same with numbers in place, and what comes out.
        says: what happens, in a sentence.
        ways: on the way back, what goes on to each input.
        lines: in an update, how the optimizer gets there.
    """

    heading: str
    symbols: str
    numbers: str
    says: str
    ways: tuple[Way, ...] = ()
    lines: tuple[Assignment, ...] = ()


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
    "square": (
        "A square: a number times itself, never below 0.",
        "A square is a product whose two factors are one number. Each passes back its share, so that together the "
        "slope is twice that number.",
    ),
    "div": (
        "A quotient: how often the divisor goes into the number above it.",
        "The number above receives what arrives divided by the divisor: the larger that is, the less goes back.",
    ),
    "neg": (
        "The same number with the opposite sign.",
        "What goes back changes its sign.",
    ),
    "power": (
        "A power.",
        "The slope of xⁿ is n·xⁿ⁻¹: the exponent comes down in front, and one power less remains.",
    ),
    "sqrt": (
        "The square root: the number whose square this is.",
        "The slope of the square root is 1 / (2·√x): the nearer to 0, the steeper.",
    ),
    "exp": (
        "e to the power of the input: above 0, and 2.718 times as large for each 1 that is added to the input.",
        "The exponential is its own slope.",
    ),
    "log": (
        "The natural logarithm: the power of e that gives the input.",
        "The slope of the logarithm is one over its input: the larger that is, the less goes back.",
    ),
    "sin": (
        "A wave between −1 and 1.",
        "The slope of a sine is the cosine: it changes its sign from one half-wave to the next.",
    ),
    "cos": (
        "A wave between −1 and 1.",
        "The slope of a cosine is the sine with the opposite sign.",
    ),
    "tanh": (
        "tanh squashes its input into the range from −1 to 1.",
        "The slope of tanh is 1 minus the square of what came out: at most 1, and almost nothing where that is near "
        "−1 or 1.",
    ),
    "sigmoid": (
        "The sigmoid σ squashes its input into the range from 0 to 1.",
        "The slope of the sigmoid is what came out times what that lacks to 1: at most ¼, and almost nothing "
        "near 0 or 1.",
    ),
    "relu": (
        "ReLU lets positive numbers through and makes all others 0.",
        "ReLU is a switch: above 0 everything goes back through it, at 0 and below nothing. […] is 1 where what "
        "stands in it is true, and 0 where not.",
    ),
    "elu": (
        "ELU lets positive numbers through; the others it bends, so that nothing comes out below −1.",
        "The slope of ELU is 1 above 0. Below, it is what came out plus 1: the further down, the less goes back.",
    ),
    "softplus": (
        "Softplus is a ReLU without the corner: always above 0, and close to its input where that is large.",
        "The slope of softplus is the sigmoid: nearly 0 far below 0, nearly 1 far above.",
    ),
    "abs": (
        "The size, without the sign.",
        "Above 0 what goes back keeps its sign, below 0 it changes it, and at 0 nothing goes back.",
    ),
    "maximum": (
        "The larger of two numbers.",
        "All goes back to the larger number and nothing to the other; between equals each has half. […] is 1 where "
        "what stands in it is true, and 0 where not.",
    ),
    "minimum": (
        "The smaller of two numbers.",
        "All goes back to the smaller number and nothing to the other; between equals each has half. […] is 1 where "
        "what stands in it is true, and 0 where not.",
    ),
    "sum": (
        "All points of the batch together.",
        "A sum passes on to each point just what it receives.",
    ),
}
_USUAL = (
    "One operation on numbers that are already known.",
    "Each input receives what arrives times the local derivative: the chain rule.",
)
_SEED = "How the result changes with itself: 1. Here the way back begins."
_ZERO = "Every weight and bias forgets the gradient of the step before, because the way back only ever adds."

# signs of an update that are not in all of them
_SIGNS = {
    "λ₁": "the L1 penalty",
    "λ₂": "the L2 penalty",
    "λ": "the weight decay",
    "s": "the factor that shortens all gradients",
    "μ": "the share of the velocity v that is kept",
    "α": "the share of v, the running mean of g², that is kept",
    "m̂": "the running mean of g, v̂ that of g², corrected for a start at 0",
    "t": "the number of this step",
}


def explain(film: Film, words: Words) -> Explanation | None:
    """Explanation of the micro-step that a film has just made; None before the first."""
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
    return Explanation(heading, f"{_gradient(words, i)} = 1", "", _SEED)


def _pulled_back(film: Film, words: Words, i: int, heading: str) -> Explanation:
    y = words.name(i) if words.called(i) else _nameless(words)
    arrives = f"{_gradient(words, i)} = {words.number(film.gradients[i])}"
    ways = tuple(_way(film, words, i, flow, words.called(i) or _nameless(words)) for flow in film.flows)
    return Explanation(heading, f"{y} = {words.formula(i)}", arrives, _saying(film, i)[1], ways)


def _way(film: Film, words: Words, i: int, flow: Flow, output: str) -> Way:
    graph, part = film.graph, film.graph.parts[i]
    derivative, numbers = _local_derivative(film, words, i, flow.position, output)
    arriving, slope = graph.number(film.gradients[i]), numbers.data
    text = f"{bracketed(arriving)}·{bracketed(slope)} = {figures(arriving * slope)}"
    share = words.number(flow.share)
    if graph.is_column(i) and not graph.is_column(flow.parent):
        text += f"; all {len(graph.rows)} points together {share}"
    adds = ""
    if flow.before is not None:
        adds = f"{words.number(flow.before)} + {bracketed(graph.number(flow.share))} = {words.number(flow.after)}"
    return Way(flow.parent, words.name(flow.parent, part), derivative, figures(slope), text, adds)


def _local_derivative(film: Film, words: Words, i: int, k: int, output: str) -> tuple[str, Value]:
    """Local derivative of node i with respect to its k-th input, as a formula and as a number.

    It is the operation's own rule, applied to numbers that bear names.
    """
    graph, node = film.graph, film.graph.nodes[i]
    op: Any = node.op
    if op.on_floats is None:  # a sum over points
        return "1", Value(1.0)
    symbols: dict[int, Value] = {}
    names: dict[int, Fragment | str] = {}
    for p in (*graph.parents(i), i):
        symbol = symbols.setdefault(p, Value(graph.number(film.data[p])))
        called = output if p == i else words.called(p, graph.parts[i])
        names[id(symbol)] = words.mark(p, called) if called else words.term(p)
    inputs = [symbols[p] for p in graph.parents(i)]
    result = dict(local_vjps(node, Value.constant(1.0), symbols[i], inputs))[k]
    return format_expression(result, lambda symbol: names.get(id(symbol))), result


def _updated(film: Film, words: Words, i: int, heading: str) -> Explanation:
    *before, last = lines = film.update_lines(i, words.called(i))
    signs = [
        f"η is the learning rate, {figures(film.rate)}",
        f"g is the gradient, {words.number(film.gradients[i])}",
        *(f"{sign} is {meaning}" for sign, meaning in _SIGNS.items() if sign in _signs_in(lines)),
    ]
    name = words.name(i)
    says = f"{name} {_movement(film, i, last.result)} {'; '.join(signs)}."
    numbers = f"{last.numbers} = {figures(last.result)}"
    return Explanation(heading, f"{name} ← {last.symbols}", numbers, says, lines=tuple(before))


def _signs_in(lines: list[Assignment]) -> set[str]:
    words = chain.from_iterable(re.findall("\\w+\u0302?", made.symbols) for made in lines)
    return {sign for word in words for sign in (word.removesuffix("ᵗ"), "t" if word.endswith("ᵗ") else word)}


def _movement(film: Film, i: int, new: float) -> str:
    """Where a parameter goes, and why."""
    old, gradient = film.graph.value(i), film.graph.number(film.gradients[i])
    if not math.isfinite(new):
        return "is lost: its new number is not finite, and training cannot go on from here."
    if new == old:
        return "stays where it is."
    if gradient != 0 and (new < old) == (gradient > 0):
        return "goes against its gradient: that is downhill for the loss."
    return "does not go against its gradient: earlier steps, or a pull towards 0, weigh more this time."


def _gradient(words: Words, i: int) -> str:
    """Sign of the gradient at a node: ∂loss/∂w₁, ∂(mean loss)/∂w₁."""

    def one_word(n: int) -> str:
        called = words.called(n)  # whether it has a space is asked before it is marked: a link has some too
        return f"({words.name(n)})" if " " in called else words.name(n) if called else _nameless(words)

    return f"∂{one_word(words.graph.root)}/∂{one_word(i)}"


def _nameless(words: Words) -> str:
    """What a number is called here that has no name: y, if nothing else is; y₁ in a formula that has its own y."""
    signs = chain(["y"], (f"y{subscript(k)}" for k in count(1)))
    return next(sign for sign in signs if sign not in words.graph.names)


def _saying(film: Film, i: int) -> tuple[str, str]:
    node: Any = film.graph.nodes[i]
    is_square = node.op.name == "mul" and node.parents[0] is node.parents[1]
    return SAYINGS.get("square" if is_square else node.op.name, _USUAL)


_EXPLAIN: dict[Phase, Callable[[Film, Words, int, str], Explanation]] = {
    Phase.FORWARD: _computed,
    Phase.LOSS: _computed,
    Phase.SEED: _seeded,
    Phase.BACKWARD: _pulled_back,
    Phase.UPDATE: _updated,
}
