"""Paths: the gradient of a number as the sum of what comes back from each of its uses."""

from __future__ import annotations

from typing import Any, NamedTuple

from engine.microscope.graph.expression_graph import ExpressionGraph


class Path(NamedTuple):
    """One use of a number.

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
    """The paths by which the gradient of node i comes, for the point that is shown; the shares sum to it.

    Of a parameter in a batch they sum to what this point alone pulls.
    """
    paths = []
    for child in graph.children[i]:
        op: Any = graph.nodes[child].op
        arrives = graph.gradient(child)
        if arrives is None:
            continue
        inputs = [graph.value(p) for p in graph.parents(child)]
        for k, parent in enumerate(graph.parents(child)):
            if parent == i:
                output, params = graph.value(child), graph.nodes[child].params
                # of a sum over points, which has no meaning on single numbers, each point has a share of 1
                slope = 1.0 if op.on_floats is None else op.derivative(k, 1.0, output, inputs, params)
                if slope is not None:
                    paths.append(Path(child, float(slope), arrives, arrives * float(slope)))
    return paths
