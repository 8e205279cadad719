"""Contributions: what each weight of a neuron adds to its sum, w·a, and its bias; together they are the sum."""

from __future__ import annotations

from typing import NamedTuple

from engine.microscope.graph.expression_graph import ExpressionGraph, Part


class Contribution(NamedTuple):
    """Contribution to a sum.

    Attributes:
        parameter: the node of the weight, or of the bias.
        source: the node of what comes in by the weight; None of the bias.
        share: what it adds, for the point that is shown.
    """

    parameter: int
    source: int | None
    share: float


def contributions(graph: ExpressionGraph, part: Part) -> list[Contribution]:
    """The contributions to the sum of a neuron, its weights in their order and its bias last."""
    result = []
    for parameter, i in graph.parameters.items():
        if graph.parts[i] == part:
            product = graph.children[i][0]
            others = [parent for parent in graph.parents(product) if parent != i]
            is_weight = len(parameter.place) > 1
            result.append(
                Contribution(i, others[0], graph.value(product)) if is_weight else Contribution(i, None, graph.value(i))
            )
    return result
