"""Memory layout: where each value of a program lies.

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

from engine.autograd.array_ops import expand, reshape, transpose
from engine.compiler.buffer import slices
from engine.compiler.ir import IRNode, Kind, UpdateFrequency, ufunc_of
from engine.compiler.rewrite import gather, with_ones
from engine.compiler.stacking import stack
from engine.compiler.trace import Trace

Array = NDArray[Any]
_FOREVER = 10**9


def empty(shape: tuple[int, ...], dtype: Any) -> Array:
    """A new array, stored with its axes reversed."""
    return np.empty(shape[::-1], dtype).T


class MemoryLayout:
    """Memory layout: the array of each node.

    Args:
        order: the nodes, parents before children.
        trace: what they are for; its outputs are read after the program has run.
    """

    def __init__(self, order: Sequence[IRNode], trace: Trace) -> None:
        self._order = [t for t in order if t.frequency is not UpdateFrequency.NEVER]
        self._at = {node: i for i, node in enumerate(self._order)}
        self._arrays: dict[IRNode, Array] = {}
        self._cells: dict[tuple[IRNode, Any], Array] = {}
        self._targets: dict[IRNode, Array] = {}
        self._last = self._last_uses(trace.outputs)
        self._free: dict[tuple[int, Any], list[Array]] = {}
        self._borrowed: set[IRNode] = set()
        self._place_leaves(trace)
        self._place_joined()
        for old, new, buffer, name in trace.vectors:
            self._send_home(new, buffer.vectors[name], old, [b for b, m, _ in trace.blocks if m is buffer])
        for node in self._order:
            self._place(node)

    # ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────

    def __contains__(self, node: IRNode) -> bool:
        """Whether the program needs a node."""
        return node in self._at

    def array(self, node: IRNode, dtype: Any = None) -> Array:
        """Where a node lies; a number in an array without axes, of the dtype that it is wanted in."""
        is_constant = node.frequency is UpdateFrequency.NEVER
        if node.is_view and not is_constant:
            seen = self.array(node.parents[0], dtype)
            if node.op is expand:
                return np.broadcast_to(seen, node.shape)
            view: Array = node.op.on_arrays(seen, **node.params)
            return view
        if node.ndim == 0 and node not in self._arrays:
            return self.cell(node, dtype)
        if is_constant and node not in self._arrays:
            self._arrays[node] = np.asarray(node.data, order="F")
        return self._arrays[node]

    def cell(self, node: IRNode, dtype: Any) -> Array:
        """The array without axes that holds a number for operations on arrays."""
        key = node, np.dtype(node.dtype if isinstance(node.data, np.ndarray) or dtype is None else dtype)
        if key not in self._cells:
            self._cells[key] = np.array(node.data if node.frequency is UpdateFrequency.NEVER else 0, key[1])
        return self._cells[key]

    # ── placing ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _last_uses(self, kept: Sequence[IRNode]) -> dict[IRNode, int]:
        """When the array of each node is read for the last time."""
        last: dict[IRNode, int] = {}
        for i, node in enumerate(self._order):
            if not node.is_view:
                for parent in node.parents:
                    last[parent.owner] = i
        for node in self._order:
            if node.frequency is UpdateFrequency.PER_CALL:
                last[node] = _FOREVER
        return last | {node.owner: _FOREVER for node in kept}

    def _place_leaves(self, trace: Trace) -> None:
        for old, _, buffer, name in trace.vectors:
            self._arrays[old] = buffer.vectors[name]
        for leaf, buffer, i in trace.blocks:
            self._arrays[leaf] = slices(buffer.vectors["parameters"], buffer.blocks)[i]

    def _place_joined(self) -> None:
        """Arrays that are made of others: these go straight to their parts of it."""
        for node in reversed(self._order):
            if node.op in (with_ones, gather, stack):
                if node not in self._arrays:
                    self._arrays[node] = self._targets.pop(node, empty(node.shape, node.dtype))
                if node.op is with_ones:
                    self._arrays[node][:, -1] = 1
                for parent, part in zip(node.parents, self.parts(node), strict=True):
                    self._send(parent, part)
                    self._send_input(parent, part)

    def parts(self, node: IRNode) -> list[Array]:
        """The parts of an array that is made of others, one for each of them."""
        whole, parts, end = self._arrays[node], [], 0
        for parent in node.parents:
            begin, end = end, end + (parent.size if node.op is gather else parent.shape[1])
            parts.append(whole[begin:end].reshape(parent.shape) if node.op is gather else whole[:, begin:end])
        return parts

    def _send(self, node: IRNode, target: Array) -> None:
        """Let a node be computed, or copied in, straight where it is wanted, if that is still open."""
        while node.op is transpose or (node.op is reshape and node.is_view):
            target = target.swapaxes(-1, -2) if node.op is transpose else target.reshape(node.parents[0].shape)
            node = node.parents[0]
        if node in self._targets or node in self._arrays or node.is_view or node.ndim == 0:
            return
        if node.kind is Kind.INPUT:
            self._arrays[node] = target
        elif node.kind is Kind.RESULT and node.op is not gather:
            self._targets[node] = target

    def _send_input(self, node: IRNode, target: Array) -> None:
        """Let what is computed element by element be computed in place, from an input that nothing else needs."""
        if self._targets.get(node) is target:
            spent = [x for x in node.parents if self._last.get(x) == self._at[node] and _may_be_overwritten(x, node)]
            if spent:
                self._send(spent[0], target)

    def _send_home(self, new: IRNode, home: Array, old: IRNode, blocks: Sequence[IRNode]) -> None:
        """Let an update be written over what it replaces, if that is not read any more."""
        busy = max(self._last.get(node, -1) for node in (old, *blocks))
        at = self._at.get(new, -1)
        if busy < at or (busy == at and ufunc_of(new.op) is not None and self._last.get(old) == busy):
            self._send(new, home)

    def _place(self, node: IRNode) -> None:
        """Give a node its array, and set free what is not needed any more."""
        done = [x for x in dict.fromkeys(p.owner for p in node.parents) if self._last.get(x) == self._at[node]]
        has_array = (node.ndim or node.kind is Kind.INPUT) and not node.is_view
        if has_array and node not in self._arrays:
            if node in self._targets:
                self._arrays[node] = self._targets[node]
            elif node.kind is not Kind.RESULT or self._last.get(node) == _FOREVER:
                self._arrays[node] = empty(node.shape, node.dtype)
            else:
                for x in reversed(done):
                    if _may_be_overwritten(x, node):
                        self._set_free(x)
                self._arrays[node] = self._from_the_pool(node)
                self._borrowed.add(node)
        for x in done:
            self._set_free(x)

    def _from_the_pool(self, node: IRNode) -> Array:
        """What was set free last, which is in the processor's cache; or a new array."""
        free = self._free.get((node.size, node.dtype))
        return free.pop().reshape(node.shape[::-1]).T if free else empty(node.shape, node.dtype)

    def _set_free(self, node: IRNode) -> None:
        if node in self._borrowed:
            self._borrowed.remove(node)
            array = self._arrays[node]
            self._free.setdefault((node.size, node.dtype), []).append(array.T.reshape(-1))


def _may_be_overwritten(x: IRNode, node: IRNode) -> bool:
    """Whether an operation reads an input element by element, where it writes, and not also as a view."""
    is_alike = x.shape == node.shape and x.dtype == node.dtype
    return is_alike and ufunc_of(node.op) is not None and not any(p.owner is x for p in node.parents if p is not x)
