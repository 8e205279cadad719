"""Stacking: what is to be done to the activations of several layers is done to all of them at once.

The derivative of tanh, 1 - y², is the same two operations in every layer. If the layers' activations stand in one
array, two calls serve them all. This pays as long as calls cost more than the work in them.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Any

import numpy as np

from engine.autograd.array_ops import index
from engine.autograd.compiler.peephole import with_ones
from engine.autograd.compiler.terms import Change, Graph, Kind, Phase, Term, in_order
from engine.autograd.ops import Op

LARGEST = 2**15  # elements of a stack: beyond, it no longer stays in the cache between its making and its use

# arrays (points, features), side by side
stack: Op = Op("stack", "[x y]", None, lambda *xs: np.concatenate(xs, axis=1))

Shape = tuple[Any, ...]  # how a term is computed from a layer's activations


def stacked(roots: Sequence[Term], graph: Graph) -> list[Term]:
    """The same roots, with operations of the backward pass that several layers share applied to a stack of them."""
    order = in_order(roots)
    bases = _bases(order)
    shapes = _shapes(order, bases)
    layers = [base for base in bases if sum(owner is base for owner, _ in shapes.values()) > 0]
    groups: dict[Shape, dict[Term, Term]] = {}
    for term, (base, shape) in shapes.items():
        groups.setdefault(shape, {})[base] = term
    shared = {shape for shape, group in groups.items() if len(group) == len(layers) > 1}
    # what a shared operation works on must be shared too
    shared = {shape for shape in shared if all(part in shared for part in _parts(shape))}
    if not shared or sum(base.size for base in layers) > LARGEST:
        return list(roots)
    return _rebuilt(roots, graph, {t: (b, s) for t, (b, s) in shapes.items() if s in shared}, layers, bases)


def _bases(order: Sequence[Term]) -> dict[Term, Term]:
    """Activations of hidden layers, of one shape but for the number of neurons, each with its column of ones."""
    found = {t.parents[0]: t for t in order if t.op is with_ones and t.change is Change.A_STEP}
    found = {base: ones for base, ones in found.items() if base.kind is Kind.RESULT}
    if not found:
        return {}
    points, dtype = next((base.shape[0], base.dtype) for base in found)
    return {base: ones for base, ones in found.items() if (base.shape[0], base.dtype) == (points, dtype)}


def _shapes(order: Sequence[Term], bases: dict[Term, Term]) -> dict[Term, tuple[Term, Shape]]:
    """For each term of the backward pass that is computed element by element from one base and numbers: which, how."""
    found: dict[Term, tuple[Term, Shape]] = {}
    for term in order:
        if term.phase is not Phase.BACKWARD or term.op is None or not isinstance(term.op.on_arrays, np.ufunc):
            continue
        owners = {found[p][0] if p in found else p for p in term.parents if not p.is_number}
        if len(owners) == 1 and (base := owners.pop()) in bases and term.shape == base.shape:
            how = tuple(p if p.is_number else found[p][1] if p in found else () for p in term.parents)
            found[term] = base, (term.op, *how)
    return found


def _parts(shape: Shape) -> list[Shape]:
    return [part for part in shape[1:] if isinstance(part, tuple) and part]


def _rebuilt(
    roots: Sequence[Term],
    graph: Graph,
    shared: dict[Term, tuple[Term, Shape]],
    layers: Sequence[Term],
    bases: dict[Term, Term],
) -> list[Term]:
    made: dict[Term, Term] = {}
    whole: dict[Shape, Term] = {}
    ends = list(accumulate((base.shape[1] + 1 for base in layers), initial=0))
    columns = {base: slice(begin, end - 1) for base, (begin, end) in zip(layers, pairwise(ends), strict=True)}

    def of_all(shape: Shape) -> Term:
        """A shared operation on the stack; () is the stack itself."""
        if shape not in whole:
            inputs = [of_all(part) if isinstance(part, tuple) else part for part in shape[1:]]
            stacks = [made[bases[base]] for base in layers]
            whole[shape] = graph.apply(shape[0], inputs, {}) if shape else graph.apply(stack, stacks, {})
        return whole[shape]

    for term in in_order(roots):
        graph.phase = term.phase
        if term in shared:
            base, shape = shared[term]
            made[term] = graph.apply(index, [of_all(shape)], {"key": (slice(None), columns[base])})
        elif term.op is None:
            made[term] = term
        else:
            made[term] = graph.apply(term.op, [made[p] for p in term.parents], term.params, term.data)
    return [made[root] for root in roots]
