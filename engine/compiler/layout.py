"""MemoryLayout: where in memory each term of a program lies.

Arrays of two and more axes are stored with their axes reversed: activations of shape (points, features) lie as
(features, points), so that a neuron's answers to all points are neighbours and a bias is met row by row. Each array
here is the logical one, a view of what is stored.

A result goes, in this order: straight to where it will be wanted; over an input that nothing needs any more; into an
array that is free again; into a new one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.autograd.array_ops import detach, expand, index, reshape, reverse_axes, transpose
from engine.autograd.ops import Op, equal, greater_equal
from engine.compiler.buffer import slices
from engine.compiler.ir import IRNode, Kind, UpdateFrequency
from engine.compiler.rewrite import with_ones
from engine.compiler.stacking import stack
from engine.compiler.trace import Trace, gather

Array = NDArray[Any]
_FOREVER = 10**9
_BASIC = (int, np.integer, slice, type(Ellipsis), type(None))

# the ufunc that computes an elementwise row, and can put its result anywhere
_UFUNCS: dict[Op, np.ufunc] = {equal: np.equal, greater_equal: np.greater_equal}


def ufunc_of(op: Op | None) -> np.ufunc | None:
    """The ufunc that computes a row, if one does."""
    if op is None:
        return None
    function = _UFUNCS.get(op, op.on_arrays)
    return function if isinstance(function, np.ufunc) else None


def is_basic(key: Any) -> bool:
    """Whether an index picks no element twice, so that what it picks is a view."""
    parts = key if isinstance(key, tuple) else (key,)
    return all(isinstance(part, _BASIC) and not isinstance(part, bool) for part in parts)


def is_view(term: IRNode) -> bool:
    """Whether a term only looks at its input in another way, and costs nothing."""
    if term.op is index:
        return term.ndim > 0 and is_basic(term.params["key"])
    if term.op is reshape:
        return term.ndim > 0 and _without_ones(term.shape) == _without_ones(term.parents[0].shape)
    return term.op in (transpose, reverse_axes, expand, detach)


def _without_ones(shape: tuple[int, ...]) -> list[int]:
    return [n for n in shape if n != 1]


def owner(term: IRNode) -> IRNode:
    """The term whose array a term looks at."""
    while is_view(term):
        term = term.parents[0]
    return term


def empty(shape: tuple[int, ...], dtype: Any) -> Array:
    """A new array, stored with its axes reversed."""
    return np.empty(shape[::-1], dtype).T


class MemoryLayout:
    """The array of each term.

    Args:
        order: the terms, parents before children.
        recording: what they are for; its outputs are read after the program has run.
    """

    def __init__(self, order: Sequence[IRNode], recording: Trace) -> None:
        self._order = [t for t in order if t.frequency is not UpdateFrequency.NEVER]
        self._at = {term: i for i, term in enumerate(self._order)}
        self._arrays: dict[IRNode, Array] = {}
        self._cells: dict[tuple[IRNode, Any], Array] = {}
        self._targets: dict[IRNode, Array] = {}
        self._last = self._last_uses(recording.outputs)
        self._free: dict[tuple[int, Any], list[Array]] = {}
        self._borrowed: dict[IRNode, Array] = {}
        self._place_leaves(recording)
        self._place_joined()
        for old, new, memory, name in recording.vectors:
            self._send_home(new, memory.vectors[name], old, [b for b, m, _ in recording.blocks if m is memory])
        for term in self._order:
            self._place(term)

    # ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────

    def __contains__(self, term: IRNode) -> bool:
        """Whether the program needs a term."""
        return term in self._at

    def array(self, term: IRNode, dtype: Any = None) -> Array:
        """Where a term lies; a number in an array without axes, of the dtype that it is wanted in."""
        if term.frequency is UpdateFrequency.NEVER and not (term.ndim == 0 and dtype is not None):
            if term not in self._arrays:
                self._arrays[term] = np.asarray(term.data, order="F")
            return self._arrays[term]
        if is_view(term):
            seen = self.array(term.parents[0], dtype)
            if term.op is expand:
                return np.broadcast_to(seen, term.shape)
            view: Array = term.op.on_arrays(seen, **term.params)
            return view
        if term in self._arrays:
            return self._arrays[term]
        if term.ndim == 0:
            return self.cell(term, dtype)
        return self._arrays[term]

    def cell(self, term: IRNode, dtype: Any) -> Array:
        """The array without axes that holds a number for operations on arrays."""
        key = term, np.dtype(term.dtype if isinstance(term.data, np.ndarray) or dtype is None else dtype)
        if key not in self._cells:
            self._cells[key] = np.array(term.data if term.frequency is UpdateFrequency.NEVER else 0, key[1])
        return self._cells[key]

    def cells(self, term: IRNode) -> list[Array]:
        """All arrays that hold a number."""
        return [cell for (number, _), cell in self._cells.items() if number is term]

    # ── placing ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _last_uses(self, kept: Sequence[IRNode]) -> dict[IRNode, int]:
        """When the array of each term is read for the last time."""
        last: dict[IRNode, int] = {}
        for i, term in enumerate(self._order):
            if not is_view(term):
                for parent in term.parents:
                    last[owner(parent)] = i
        for term in self._order:
            if term.frequency is UpdateFrequency.A_CALL:
                last[term] = _FOREVER
        return last | {owner(term): _FOREVER for term in kept}

    def _place_leaves(self, recording: Trace) -> None:
        for old, _, memory, name in recording.vectors:
            self._arrays[old] = memory.vectors[name]
        for leaf, memory, i in recording.blocks:
            self._arrays[leaf] = slices(memory.vectors["parameters"], memory.blocks)[i]

    def _place_joined(self) -> None:
        """Arrays that are made of others: these go straight to their parts of it."""
        for term in reversed(self._order):  # a stack before its layers
            if term.op in (with_ones, gather, stack):
                if term not in self._arrays:
                    self._arrays[term] = self._targets.pop(term, empty(term.shape, term.dtype))
                if term.op is with_ones:
                    self._arrays[term][:, -1] = 1
                for parent, part in zip(term.parents, self.parts(term), strict=True):
                    self._send(parent, part)

    def parts(self, term: IRNode) -> list[Array]:
        """The parts of an array that is made of others, one for each of them."""
        whole, parts, end = self._arrays[term], [], 0
        for parent in term.parents:
            begin, end = end, end + (parent.size if term.op is gather else parent.shape[1])
            parts.append(whole[begin:end].reshape(parent.shape) if term.op is gather else whole[:, begin:end])
        return parts

    def _send(self, term: IRNode, target: Array, is_idle: bool = True) -> None:
        """Let a term be computed, or copied in, straight where it is wanted, if that is still open.

        An idle target holds nothing that anyone reads before the term is there.
        """
        while term.op is transpose or (term.op is reshape and is_view(term)):
            target = target.swapaxes(-1, -2) if term.op is transpose else target.reshape(term.parents[0].shape)
            term = term.parents[0]
        if term in self._targets or term in self._arrays or is_view(term) or term.ndim == 0:
            return
        if term.kind is Kind.INPUT:
            self._arrays[term] = target
        elif term.kind is Kind.RESULT and term.op is not gather:
            self._targets[term] = target
            if is_idle:
                self._send_inputs(term, target)

    def _send_inputs(self, term: IRNode, target: Array) -> None:
        """What is computed element by element is computed in place, where its input is needed for nothing else."""
        if ufunc_of(term.op) is not None:
            for x in term.parents:
                if x.kind is Kind.RESULT and self._may_be_overwritten(x, term):
                    return self._send(x, target)
        return None

    def _send_home(self, new: IRNode, home: Array, old: IRNode, blocks: Sequence[IRNode]) -> None:
        """Let an update be written over what it replaces, if that is not read any more."""
        busy = max(self._last.get(term, -1) for term in (old, *blocks))
        at = self._at.get(new, -1)
        if busy < at or (busy == at and ufunc_of(new.op) is not None and self._last.get(old) == busy):
            self._send(new, home, is_idle=False)

    def _place(self, term: IRNode) -> None:
        """Give a term its array, and set free what is not needed any more."""
        has_array = (term.ndim or term.kind is Kind.INPUT) and not is_view(term)
        if has_array and term not in self._arrays:
            if term in self._targets:
                self._arrays[term] = self._targets[term]
            elif term.kind is not Kind.RESULT or self._last.get(term) == _FOREVER:
                self._arrays[term] = empty(term.shape, term.dtype)
            else:
                self._arrays[term] = self._borrowed[term] = self._array_for(term)
        for done in dict.fromkeys(owner(parent) for parent in term.parents):
            if self._last.get(done) == self._at[term] and done in self._borrowed:
                array = self._borrowed.pop(done)
                self._free.setdefault((array.size, array.dtype), []).append(array.T.reshape(-1))

    def _array_for(self, term: IRNode) -> Array:
        over = self._over_an_input(term)
        return over if over is not None else self._from_the_pool(term)

    def _over_an_input(self, term: IRNode) -> Array | None:
        """The array of an input that an elementwise operation reads for the last time."""
        if ufunc_of(term.op) is None:
            return None
        for x in term.parents:
            if x in self._borrowed and self._may_be_overwritten(x, term):
                return self._borrowed.pop(x)
        return None

    def _may_be_overwritten(self, x: IRNode, term: IRNode) -> bool:
        """Whether an elementwise operation is the last to read an input, and reads it only as it stands."""
        others = [p for p in term.parents if p is not x and owner(p) is x]
        is_alike = x.shape == term.shape and x.dtype == term.dtype
        return is_alike and not others and self._last.get(x) == self._at[term]

    def _from_the_pool(self, term: IRNode) -> Array:
        free = self._free.get((term.size, term.dtype))
        return free.pop().reshape(term.shape[::-1]).T if free else empty(term.shape, term.dtype)
