"""Paths: the gradient of a number as the sum of what comes back from each of its uses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from engine.autograd.node import local_vjps
from engine.microscope.graph.expression_graph import ExpressionGraph


class Path(NamedTuple):
    """Path back: one use of a number.

    Attributes:
        child: the node that was computed from it.
        slope: the local derivative of that use.
        arrives: the gradient of the child.
        share: the product of the two, which this path adds to the gradient.
    """

    child: int
    slope: float
    arrives: float
    share: float


def paths_back(graph: ExpressionGraph, i: int) -> list[Path]:
    """Paths by which the gradient of node i comes, for the point that is shown; the shares sum to it.

    Of a parameter in a batch they sum to what this point alone pulls.
    """
    paths = []
    for child in graph.children[i]:
        arrives = graph.gradient(child)
        if arrives is not None:
            parents = graph.parents(child)
            slopes = [float(slope) for k, slope in _slopes(graph, child, parents) if parents[k] == i]
            paths += [Path(child, slope, arrives, arrives * slope) for slope in slopes]
    return paths


def _slopes(graph: ExpressionGraph, i: int, parents: Sequence[int]) -> Iterable[tuple[int, Any]]:
    """Local derivatives of node i with respect to its parents, for the point that is shown."""
    op: Any = graph.nodes[i].op
    if op.on_floats is None:  # a sum over points, which has no meaning on single numbers: each point has a share of 1
        return [(0, 1.0)]
    return local_vjps(graph.nodes[i], 1.0, graph.value(i), [graph.value(p) for p in parents])
