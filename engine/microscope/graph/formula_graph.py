"""Expression graph of a formula that a user typed, like that of a loss: a film can be made of it as well."""

from __future__ import annotations

import numpy as np

from engine.autograd.node import ancestors, backward_pass
from engine.formula import Formula
from engine.microscope.graph.expression_graph import ExpressionGraph, Part, named_where_shared

OUTPUT = "f"  # what a formula is called that has no name


def formula_graph(program: Formula) -> ExpressionGraph:
    """Expression graph of a formula in Values, at the numbers that its inputs have; gradients are those of its output.

    Inputs stand in column 0. What the output does not depend on is left out. If it depends on no input, as in 3 + 4,
    no gradient arrives anywhere.
    """
    named = program.values()
    root = named[program.name]
    parts, names = {}, {id(node): name for name, node in reversed(named.items()) if name}
    names.setdefault(id(root), OUTPUT)
    nodes = ancestors([root])
    used = {node.label for node in nodes if node.op is None}
    present = [name for name in program.inputs if name in used]
    for node in nodes:
        is_input = node.op is None and node.label in program.inputs
        parts[id(node)] = Part(0, present.index(node.label)) if is_input else Part(1, 0)
    nodes.sort(key=lambda node: parts[id(node)] if node is not root else Part(1, 1))
    names = named_where_shared(nodes, names, parts)
    arrived = {id(n): g for n, g in backward_pass(root, root.start())} if root.requires_grad else {}
    index = {id(node): i for i, node in enumerate(nodes)}
    return ExpressionGraph(
        nodes=nodes,
        parts=[parts[id(node)] for node in nodes],
        names=[names.get(id(node), "") for node in nodes],
        gradients=[arrived.get(id(node)) for node in nodes],
        parameters={},
        outputs=[[i for i, node in enumerate(nodes) if parts[id(node)].column == 0]],
        rows=np.zeros(1, np.int64),
        shown=0,
        whole="formula",
        _index=index,
    )
