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
from engine.autograd.ops import Op
from engine.compiler.ir import IRNode, Kind, Pass, UpdateFrequency, in_order, rebuilt
from engine.compiler.rewrite import with_ones

LARGEST = 2**15  # elements of a stack: beyond, it no longer stays in the cache between its making and its use

# arrays (points, features), side by side
stack: Op = Op("stack", "[x y]", None, lambda *xs: np.concatenate(xs, axis=1))

Pattern = tuple[Any, ...]  # how a term is computed from a layer's activations


def stacked(roots: Sequence[IRNode]) -> list[IRNode]:
    """The same roots, with operations of the backward pass that several layers share applied to a stack of them."""
    order = in_order(roots)
    bases = _bases(order)
    patterns = _patterns(order, bases)
    layers = [base for base in bases if any(owner is base for owner, _ in patterns.values())]
    groups: dict[Pattern, dict[IRNode, IRNode]] = {}
    for term, (base, pattern) in patterns.items():
        groups.setdefault(pattern, {})[base] = term
    shared = {pattern for pattern, group in groups.items() if len(group) == len(layers) > 1}
    # what a shared operation works on must be shared too
    shared = {pattern for pattern in shared if all(part in shared for part in _parts(pattern))}
    if not shared or sum(base.size for base in layers) > LARGEST:
        return list(roots)
    return _applied(roots, {t: (b, s) for t, (b, s) in patterns.items() if s in shared}, layers, bases)


def _bases(order: Sequence[IRNode]) -> dict[IRNode, IRNode]:
    """Activations of hidden layers, of one shape but for the number of neurons, each with its column of ones."""
    found = {t.parents[0]: t for t in order if t.op is with_ones and t.frequency is UpdateFrequency.A_STEP}
    found = {base: ones for base, ones in found.items() if base.kind is Kind.RESULT}
    if not found:
        return {}
    points, dtype = next((base.shape[0], base.dtype) for base in found)
    return {base: ones for base, ones in found.items() if (base.shape[0], base.dtype) == (points, dtype)}


def _patterns(order: Sequence[IRNode], bases: dict[IRNode, IRNode]) -> dict[IRNode, tuple[IRNode, Pattern]]:
    """For each term of the backward pass that is computed element by element from one base and numbers: which, how."""
    found: dict[IRNode, tuple[IRNode, Pattern]] = {}
    for term in order:
        if term.phase is not Pass.BACKWARD or term.op is None or not isinstance(term.op.on_arrays, np.ufunc):
            continue
        owners = {found[p][0] if p in found else p for p in term.parents if not p.is_number}
        if len(owners) == 1 and (base := owners.pop()) in bases and term.shape == base.shape:
            how = tuple(p if p.is_number else found[p][1] if p in found else () for p in term.parents)
            found[term] = base, (term.op, *how)
    return found


def _parts(pattern: Pattern) -> list[Pattern]:
    return [part for part in pattern[1:] if isinstance(part, tuple) and part]


def _applied(
    roots: Sequence[IRNode],
    shared: dict[IRNode, tuple[IRNode, Pattern]],
    layers: Sequence[IRNode],
    bases: dict[IRNode, IRNode],
) -> list[IRNode]:
    whole: dict[Pattern, IRNode] = {}
    ends = list(accumulate((base.shape[1] + 1 for base in layers), initial=0))
    columns = {base: slice(begin, end - 1) for base, (begin, end) in zip(layers, pairwise(ends), strict=True)}

    def of_all(pattern: Pattern, made: dict[IRNode, IRNode]) -> IRNode:
        """A shared operation on the stack; () is the stack itself."""
        if pattern not in whole:
            op, *inputs = pattern or (stack, *(made[bases[base]] for base in layers))
            whole[pattern] = op(*(of_all(x, made) if isinstance(x, tuple) else x for x in inputs))
        return whole[pattern]

    def replace(term: IRNode, made: dict[IRNode, IRNode]) -> IRNode | None:
        if term not in shared:
            return None
        base, pattern = shared[term]
        part: IRNode = index(of_all(pattern, made), key=(slice(None), columns[base]))
        return part

    return rebuilt(roots, replace)
