"""Targets: what of an expression graph is what of the network diagram."""

from __future__ import annotations

from engine.microscope.graph.expression_graph import ExpressionGraph, Parameter, Part
from playground.views.expression_graph.folding import Key, loss_of
from playground.views.film.session import GraphSession
from playground.views.network.layout import Bias, Edge, NeuronPlace, Target


def target_of_key(session: GraphSession, key: Key) -> Target | None:
    """What of the diagram a number or part belongs to; None for what it does not show."""
    graph = session.graph
    if graph is None or not isinstance(key, int | Part):
        return None
    part = graph.parts[key] if isinstance(key, int) else key
    if part == loss_of(graph):
        return None
    parameter = session.parameter(key) if isinstance(key, int) else None
    return NeuronPlace(part.column, part.unit) if parameter is None else _target(part, parameter)


def key_of_target(graph: ExpressionGraph, target: Target) -> Key:
    """The number or part of something in the diagram; None where the graph is still that of the network before."""
    if isinstance(target, NeuronPlace):
        if not (target.column < len(graph.outputs) and target.unit < len(graph.outputs[target.column])):
            return None
        return graph.outputs[0][target.unit] if target.column == 0 else Part(target.column, target.unit)
    same = (i for parameter, i in graph.parameters.items() if _target(graph.parts[i], parameter) == target)
    return next(same, None)


def _target(part: Part, parameter: Parameter) -> Target:
    is_weight = len(parameter.place) > 1
    return Edge(part.column - 1, parameter.place[1], part.unit) if is_weight else Bias(part.column, part.unit)
