"""Stacking: what is done to the activations of one layer is done to those of all layers at once.

The derivative of tanh, 1 - y², takes the same two calls in every layer. If the layers' activations stand in one array,
two calls serve them all. This pays as long as calls cost more than the work in them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.autograd.array_ops import index
from engine.autograd.ops import Op
from engine.compiler.ir import IRNode, StepPart, in_order, ufunc_of
from engine.compiler.rewrite import with_ones

LARGEST = 2**15  # elements of a stack: a larger one has left the processor's cache before it is used

# activations (points, features) with their ones, side by side
stack: Op = Op("stack", "[x y]", None, lambda *xs: np.concatenate(xs, axis=1))


def stacked(roots: Sequence[IRNode]) -> list[IRNode]:
    """The same roots, with what the backward pass computes from one layer's activations computed from a stack of all.

    Only for hidden layers that are alike but for the number of their neurons.
    """
    order = in_order(roots)
    layers = [node for node in order if node.op is with_ones and node.parents[0].op is not None]
    kinds = {(layer.parents[0].op, len(layer.data), layer.dtype) for layer in layers}
    if len(layers) < 2 or len(kinds) > 1 or sum(layer.size for layer in layers) > LARGEST:
        return list(roots)
    ends = np.cumsum([layer.shape[1] for layer in layers]).tolist()
    columns = [slice(end - layer.shape[1], end - 1) for layer, end in zip(layers, ends, strict=True)]
    layer_of = {layer.parents[0]: i for i, layer in enumerate(layers)}
    whole: dict[IRNode, IRNode] = {}  # by what is computed from one layer's activations: the same of all
    made: dict[IRNode, IRNode] = {}
    for node in order:
        node.graph.part = node.part
        seen = {layer_of.get(parent, -1) for parent in node.parents if not parent.is_number}
        if node.part is StepPart.BACKWARD and ufunc_of(node.op) and len(seen) == 1 and -1 not in seen:
            (layer_of[node],) = seen
            if not whole:
                together = node.graph.apply(stack, [made[layer] for layer in layers], {})
                together.label = "hidden"
                whole = dict.fromkeys(layer_of, together)
            whole[node] = node.op(*(p if p.is_number else whole[p] for p in node.parents))
            made[node] = index(whole[node], key=(slice(None), columns[layer_of[node]]))
        elif node.op is None:
            made[node] = node
        else:
            made[node] = node.graph.apply(node.op, [made[p] for p in node.parents], node.params, node.data)
    return [made[root] for root in roots]
