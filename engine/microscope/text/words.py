"""Vocabulary: what the numbers of an expression graph are called, and the formulas that computed them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from engine.autograd import array_ops
from engine.autograd.node import Node
from engine.microscope.graph.expression_graph import ExpressionGraph, Part, subscript
from engine.microscope.text.spelling import Fragment, Naming, figures, term

UNKNOWN = "?"  # a number that has not been computed yet
_KINDS = {"w": "weight", "b": "bias", "z": "weighted sum", "Σ": "partial sum", "a": "activation", "ŷ": "prediction",
          "t": "target", "φ": "activation before dropout", "d": "dropout mask"}  # fmt: skip
_RESULTS = {"add": "sum", "sub": "difference", "mul": "product", "div": "quotient"}
Mark = Callable[[int, str], str]


def _plain(_: int, text: str) -> str:
    return text


class Words:
    """Vocabulary of a graph: its names and formulas.

    Args:
        graph: what is spoken of.
        mark: what is put in the place of each name, such as a link to its node.
    """

    def __init__(self, graph: ExpressionGraph, mark: Mark = _plain) -> None:
        self.graph = graph
        self.mark = mark
        self._index = {id(node): i for i, node in enumerate(graph.nodes)}

    def part(self, part: Part) -> str:
        """A part's name: layer 2 neuron 3."""
        columns = len(self.graph.outputs)
        if part.column == columns:
            return self.graph.whole
        several = len(self.graph.outputs[part.column]) > 1
        if part.column == 0:
            return "input"
        if part.column == columns - 1:
            return f"output {part.unit + 1}" if several else "output"
        return f"layer {part.column} neuron {part.unit + 1}"

    def name(self, i: int, seen_from: Part | None = None) -> str:
        """What a number is called: w₁; a₃ from the next layer; or, if it has no name, its formula in short."""
        return self.mark(i, self.called(i, seen_from)) if self.called(i) else self.term(i).short

    def title(self, i: int) -> str:
        """What a number is, its name, and where it belongs: weight w₁ of layer 2 neuron 3. Of a formula, its name."""
        part, name = self.graph.parts[i], self.name(i)
        if not self.graph.parameters or self.called(i).endswith(self.graph.whole):
            return name
        place = self.part(part)
        if part.column == 0:
            return f"{place} {name}"
        the = "the " if place in ("output", self.graph.whole) else ""
        return f"{self._kind(i)} {name} of {the}{place}"

    def _kind(self, i: int) -> str:
        op: Any = self.graph.nodes[i].op
        kind = _KINDS.get(self.called(i)[:1])
        return kind or ("constant" if op is None else _RESULTS.get(op.name, "number"))

    def called(self, i: int, seen_from: Part | None = None) -> str:
        """A number's own name, with the number of its neuron where that is not clear; empty if it has none."""
        graph, part = self.graph, self.graph.parts[i]
        name = graph.names[i]
        if seen_from in (None, part) or part.column == 0:
            return name
        # every neuron has an a of its own, so that one needs its number even where it is alone in its layer
        is_ambiguous = name == "a" or (name == "ŷ" and len(graph.outputs[part.column]) > 1)
        return name + subscript(part.unit + 1) if is_ambiguous else name

    def formula(self, i: int) -> str:
        """How a number was computed, from the nearest numbers that have names: Σ₂ + b. A leaf's is its name."""
        return self.term(i).text

    def term(self, i: int) -> Fragment:
        """The same as a part of a larger formula."""
        return self._term(i, self._names(i))

    def in_numbers(self, i: int, data: Sequence[Any]) -> str:
        """The same with numbers in the places of the names."""
        return self._spelled(i, self._figures(self._names(i), data))

    def lines(self, part: Part) -> list[int]:
        """The numbers of a part whose formulas, one after the other, say all that it computes: its output comes last.

        What is used once only is spelled out where it is used; but what all points of a batch add to has a line.
        """
        graph, output = self.graph, self.output(part)
        return [
            i
            for i, node in enumerate(graph.nodes)
            if graph.parts[i] == part and node.op is not None and (i == output or self._has_a_line(i))
        ]

    def line(self, i: int) -> str:
        """The formula of one of `lines`: tanh(w₁·x₁ + w₂·x₂ + b)."""
        return self._spelled(i, self._leaves(i))

    def line_in_numbers(self, i: int, data: Sequence[Any]) -> str:
        """The same with numbers in the places of the names."""
        return self._spelled(i, self._figures(self._leaves(i), data))

    def output(self, part: Part) -> int:
        """The node of what a neuron answers; of the loss or the whole formula, if that is the part."""
        outputs = self.graph.outputs
        return outputs[part.column][part.unit] if part.column < len(outputs) else self.graph.root

    def number(self, data: Any) -> str:
        """Of a node's data or gradient what is shown, in four figures; a question mark before it is computed."""
        return UNKNOWN if data is None else figures(self.graph.number(data))

    def gradient(self, i: int) -> str:
        """The derivative of the end with respect to a number: 0 where no way leads from that to the end."""
        arrived = self.graph.gradients[i]
        return self.number(0.0 if arrived is None else arrived)

    # ── spelling ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _spelled(self, i: int, name: Naming) -> str:
        return self._term(i, name).text

    def _term(self, i: int, name: Naming) -> Fragment:
        root = self.graph.nodes[i]
        return term(
            root,
            lambda node: None if node is root and node.op is not None else name(node),
            lambda node, text: self.mark(self._index[id(node)], text),
        )

    def _names(self, i: int) -> Naming:
        """The names of numbers, as they are called in the part that node i belongs to."""
        part = self.graph.parts[i]
        return lambda node: self.called(self._index[id(node)], part) or None

    def _leaves(self, i: int) -> Naming:
        """The names of what the part of node i does not compute itself, or computes in a line of its own."""
        part = self.graph.parts[i]

        def name(node: Node) -> Fragment | str | None:
            j = self._index[id(node)]
            is_inside = self.graph.parts[j] == part and node.op is not None
            return None if is_inside and not self._has_a_line(j) else self.called(j, part) or None

        return name

    def _has_a_line(self, i: int) -> bool:
        """Whether more than one number is computed from this one, or a sum over the points of a batch."""
        children = self.graph.children[i]
        uses = sum(self.graph.parents(child).count(i) for child in children)
        return uses > 1 or any(self.graph.nodes[child].op is array_ops.sum_ for child in children)

    def _figures(self, name: Naming, data: Sequence[Any]) -> Naming:
        """Numbers in the places of names."""
        return lambda node: None if name(node) is None else self.number(data[self._index[id(node)]])
