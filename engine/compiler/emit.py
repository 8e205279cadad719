"""Emitter: the lines of a program, each one call that writes its result into an array that exists already.

Numbers are Python's own: they cost a tenth of what an array without axes costs. One that meets arrays is put into such
an array first, because a ufunc takes longer over a float.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.autograd import ops
from engine.autograd.array_ops import cast, index, matmul, max_, scatter, sum_, sum_to
from engine.compiler.ir import IRNode, Kind, Pass, UpdateFrequency
from engine.compiler.layout import MemoryLayout, is_basic, is_view, owner, ufunc_of
from engine.compiler.names import Names
from engine.compiler.rewrite import inner, with_ones
from engine.compiler.stacking import stack
from engine.compiler.trace import Trace, gather

Array = NDArray[Any]

_INFIX = {ops.add: "+", ops.sub: "-", ops.mul: "*"}
_OUT_BY_NAME = (np.maximum, np.minimum)
_HEADINGS = {Pass.FORWARD: "forward", Pass.BACKWARD: "backward", Pass.UPDATE: "update"}


def _has_rows(array: Array) -> bool:
    """Whether an array lies in memory as it is written, row after row."""
    return bool(array.flags.c_contiguous)


class Source(NamedTuple):
    """A program as text: what it is called and does, its lines, and the expression of what it returns."""

    head: str
    says: str
    lines: list[str]
    result: str

    def __str__(self) -> str:
        says = [f'"""{self.says}.', "", "Calls write to their last argument. Arrays are (features, points).", '"""']
        inside = [*says, *self.lines, f"return {self.result}"]
        return "\n".join([f"def {self.head}:", *(f"    {line}".rstrip() for line in inside)]) + "\n"


class Emitter:
    """Prints the terms of a program in order.

    Attributes:
        names: what the source refers to.
        before: lines that run once a call.
        body: lines that run at each step, a comment at the head of each part.
        after: lines that run at the end of a call.
    """

    def __init__(self, order: Sequence[IRNode], layout: MemoryLayout, recording: Trace) -> None:
        self.names = Names()
        self.before: list[str] = []
        self.body: list[str] = []
        self.after: list[str] = []
        self._layout = layout
        self._numbers: dict[IRNode, str] = {}
        self._order = [t for t in order if t.frequency is not UpdateFrequency.NEVER]
        self._kept = set(recording.outputs)
        self._uses = self._count_uses(recording)
        self._name_leaves(recording)
        phase = None
        for term in self._order:
            if term.kind is Kind.RESULT:
                lines = self._lines(term)
                if term.frequency is UpdateFrequency.A_CALL:
                    self.before += lines
                    continue
                if lines and term.phase is not phase:
                    phase = term.phase
                    self.body.append(f"# {_HEADINGS[phase]}")
                self.body += lines
        self._settle(recording)
        self._result = recording.outputs[0]
        self.outputs = [layout.array(output) for output in recording.outputs]

    def as_step(self) -> Source:
        """A training step: `program(n)` makes n of them and returns the last loss."""
        result = self._result
        loss = f"{self._name(self.outputs[0], result)}.item()" if result.ndim else self.number(result)
        # quicker than a range of one, which is the most frequent of all
        loop = ["left = n", "while left:", *(f"    {line}" for line in [*self.body, "left -= 1"])]
        lines = [*self.before, *loop, *self.after]
        return Source("program(n)", "n training steps; returns the loss that the last one started from", lines, loss)

    def as_forward(self) -> Source:
        """A forward pass: `program()` leaves its results in their arrays."""
        return Source("program()", "A forward pass", [*self.before, *self.body], "True")

    # ── numbers ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _count_uses(self, recording: Trace) -> dict[IRNode, list[bool]]:
        """For each number, its uses: whether each is by something that takes arrays."""
        uses: dict[IRNode, list[bool]] = {}
        for term in self._order:
            for parent in term.parents:
                if parent.ndim == 0:
                    uses.setdefault(parent, []).append(not _is_arithmetic(term))
        for term in recording.outputs:
            uses.setdefault(term, []).extend([False, False] if recording.vectors else [True])
        for _, new, _, _ in recording.counters:
            uses.setdefault(new, []).extend([False, False])  # so that it has a name
        return uses

    def number(self, term: IRNode) -> str:
        """The expression of a number."""
        if term.frequency is UpdateFrequency.NEVER:
            value = float(np.asarray(term.data).item())
            return repr(value) if np.isfinite(value) else self.names.thing("inf" if value > 0 else "nan", value)
        return self._numbers[term]

    def _print_number(self, term: IRNode) -> list[str]:
        is_read = not _is_arithmetic(term)  # and later the arrays may hold something else
        expression = self._read_from_arrays(term) if is_read else self._expression(term)
        uses, lines = self._uses.get(term, []), []
        if uses.count(False) > 1 or (False in uses and (is_read or True in uses)):
            name = self.names.new(term.label or ("loss" if term in self._kept else "sum1" if is_read else "k1"))
            lines.append(f"{name} = {expression}")
            expression = name
        self._numbers[term] = expression
        return lines + self._into_cells(term, expression)

    def _into_cells(self, term: IRNode, expression: str) -> list[str]:
        if True not in self._uses.get(term, []):
            return []
        dtypes = {t.dtype for t in self._order if term in t.parents and not _is_arithmetic(t)}
        for dtype in dtypes | ({term.dtype} if term in self._kept else set()):
            self._layout.cell(term, dtype)
        bare = expression[1:-1] if expression.startswith("(") and _is_one_group(expression) else expression
        hint = f"{expression}_0" if expression.isidentifier() else "k1"
        return [f"{self.names.array(cell, hint)}[()] = {bare}" for cell in self._layout.cells(term)]

    def _expression(self, term: IRNode) -> str:
        op, parents = term.op, [self.number(p) for p in term.parents]
        if op in _INFIX:
            return f"({parents[0]} {_INFIX[op]} {parents[1]})"
        if op is ops.neg:
            return f"(-{parents[0]})"
        if op is ops.div and term.parents[1].is_number and float(np.asarray(term.parents[1].data).item()) != 0:
            return f"({parents[0]} / {parents[1]})"
        name = self.names.thing(f"number_{op.name}", op.on_floats)
        return f"{name}({', '.join(parents)})"

    def _read_from_arrays(self, term: IRNode) -> str:
        if term.op is inner:
            a, b = (self._layout.array(p) for p in term.parents)
            for x, y in ((a.T, b.T), (a, b)):
                if _has_rows(x) and _has_rows(y):
                    left, right = (
                        self.names.array(z.reshape(-1), f"{self._name(z, p)}_flat", owner(p))
                        for z, p in zip((x, y), term.parents, strict=True)
                    )
                    return f"float({left}.dot({right}))"
        return f"float({self._call(term)})"

    # ── arrays ───────────────────────────────────────────────────────────────────────────────────────────────────

    def _lines(self, term: IRNode) -> list[str]:
        if term.ndim == 0:
            return self._print_number(term)
        if is_view(term):
            return []
        out = self._layout.array(term)
        if ufunc_of(term.op) is not None:
            return [self._elementwise(term, out)]
        if term.op in (with_ones, gather, stack):
            parts = zip(term.parents, self._layout.parts(term), strict=True)
            return [line for x, part in parts for line in self._copied(x, part)]
        if term.op is matmul and term.ndim == 2:
            return [self._product(term, out)]
        if term.op in (sum_, max_, sum_to):
            return [self._reduced(term, out)]
        if term.op is scatter and is_basic(term.params["key"]):
            name, key = self._name(out, term), self.names.thing("key", term.params["key"])
            return [f"{name}.fill(0)", f"{name}[{key}] = {self._operand(term, 0)}"]
        if term.op is cast:
            return [f"{self._name(out, term)}[...] = {self._operand(term, 0)}"]
        return [f"{self._name(out, term)}[...] = {self._call(term)}"]

    def _copied(self, x: IRNode, part: Array) -> list[str]:
        array = self._layout.array(x, part.dtype)
        same = array.__array_interface__["data"] == part.__array_interface__["data"] and array.strides == part.strides
        if same and array.shape == part.shape:
            return []
        return [f"{self._name(part.T, x)}[...] = {self._name(array.T, x)}"]

    def _name(self, array: Array, term: IRNode) -> str:
        """The name of a term's array, seen in one way or another."""
        return self.names.array(array, self._hint(term), owner(term))

    def _hint(self, term: IRNode) -> str:
        if term.label:
            return term.label
        if term.frequency is UpdateFrequency.NEVER:
            return "c1"
        if term.op is stack:
            return "hidden"
        if term.op is with_ones:
            return f"{self._name(self._layout.array(term.parents[0]).T, term.parents[0])}_1"
        if is_view(term) and term.op is index:
            (whole,) = term.parents
            array = self._layout.array(whole)
            return f"{self._name(array.T if whole.kind is Kind.RESULT else array, whole)}_part"
        if is_view(term):
            return self._hint(term.parents[0])
        if term.op is None:
            return f"{term.kind.value}1"
        return {Pass.FORWARD: f"{term.op.name}1", Pass.BACKWARD: "d1", Pass.UPDATE: "u1"}[term.phase]

    def _operand(self, term: IRNode, i: int) -> str:
        parent = term.parents[i]
        return self._name(self._layout.array(parent, term.dtype), parent)

    def _elementwise(self, term: IRNode, out: Array) -> str:
        """A ufunc over arrays as they are stored: rows of the memory, one after the other."""
        turned = out.ndim > 1 and _has_rows(out.T)

        def stored(array: Array) -> Array:
            return array[(None,) * (out.ndim - array.ndim)].T if turned and array.ndim else array

        function: Any = ufunc_of(term.op)
        inputs = [self._name(stored(self._layout.array(p, term.dtype)), p) for p in term.parents]
        target = self._name(stored(out), term)
        target = f"out={target}" if function in _OUT_BY_NAME else target
        return f"{self.names.thing(function.__name__, function)}({', '.join(inputs)}, {target})"

    def _product(self, term: IRNode, out: Array) -> str:
        a, b = term.parents
        left, right = self._layout.array(a, term.dtype), self._layout.array(b, term.dtype)
        if _has_rows(out.T):
            return f"{self._name(right.T, b)}.dot({self._name(left.T, a)}, {self._name(out.T, term)})"
        if _has_rows(out):
            return f"{self._name(left, a)}.dot({self._name(right, b)}, {self._name(out, term)})"
        return f"{self._name(out, term)}[...] = {self._call(term)}"

    def _reduced(self, term: IRNode, out: Array) -> str:
        x = self._layout.array(term.parents[0], term.dtype)
        if term.op is sum_to:
            kept = (1,) * (x.ndim - out.ndim) + out.shape
            axis: Any = tuple(i for i, n in enumerate(x.shape) if kept[i] != n)
            if x.ndim == 2 and axis == (0,) and _has_rows(x.T) and out.flags.forc:
                ones = self.names.array(np.ones(len(x), x.dtype), "ones")
                return f"{self._name(x.T, term.parents[0])}.dot({ones}, {self._name(out.reshape(-1), term)})"
            out, keepdims = out.reshape(kept), True
        else:
            axis, keepdims = term.params["axis"], term.params["keepdims"]
        reduce = "maximum.reduce" if term.op is max_ else "add.reduce"
        ufunc = np.maximum if term.op is max_ else np.add
        self.names.thing(ufunc.__name__, ufunc)
        return f"{reduce}({self._name(x, term.parents[0])}, {axis}, None, {self._name(out, term)}, {keepdims})"

    def _call(self, term: IRNode) -> str:
        """A row's own function on arrays, for whatever has no line of its own."""
        op: Any = term.op
        function = partial(op.on_arrays, **term.params) if term.params else op.on_arrays
        name = self.names.thing(op.name, function)
        inputs = [self._operand(term, i) for i in range(len(term.parents))]
        return f"{name}({', '.join(inputs)})"

    # ── leaves and results ───────────────────────────────────────────────────────────────────────────────────────

    def _name_leaves(self, recording: Trace) -> None:
        for i, (term, _, _, name) in enumerate(recording.counters):
            self._numbers[term] = self.names.new(name)
            self.before.append(f"{self._numbers[term]} = counts[{i}]")
        for term, expression in recording.settings:
            if term in self._layout:
                self._numbers[term] = self.names.new(expression.removeprefix("optimizer.").rstrip("]"))
                self.before.append(f"{self._numbers[term]} = {expression}")
                (self.before if term.frequency is UpdateFrequency.A_CALL else self.body).extend(
                    self._into_cells(term, self._numbers[term])
                )
        for leaf, label in [*((t, "x1") for t, _ in recording.inputs), *((t, "w1") for t, _, _ in recording.blocks)]:
            if leaf in self._layout:
                array = self._layout.array(leaf)
                stored = array.T if leaf.kind is Kind.INPUT else array
                name = self.names.array(stored, leaf.label or label)
                if leaf.ndim == 0:
                    self._numbers[leaf] = self.names.new(f"{name}_number")
                    lines = self.before if leaf.kind is Kind.INPUT else self.body
                    lines.append(f"{self._numbers[leaf]} = {name}.item()")
        for _, _, memory, name in recording.vectors:
            self.names.array(memory.vectors[name], "p" if name == "parameters" else name)
        leaves = [leaf for leaf, _, _ in recording.blocks]
        for term in self._order:
            if term.op is gather:
                self.names.array(self._layout.array(term), "g")
                for part, leaf in zip(self._layout.parts(term), leaves, strict=False):
                    self.names.array(part, f"g_{self._name(self._layout.array(leaf), leaf)}")

    def _settle(self, recording: Trace) -> None:
        """Write what is not yet where it belongs."""
        for _, new, memory, name in recording.vectors:
            self.body += self._copied(new, memory.vectors[name])
        for term, _ in recording.settings:
            if term.frequency is UpdateFrequency.A_STEP and term in self._layout:
                self.body.append(f"{self._numbers[term]} += 1")
        for i, (old, new, _, _) in enumerate(recording.counters):
            self.body.append(f"{self._numbers[old]} = {self.number(new)}")
            self.after.append(f"counts[{i}] = int({self._numbers[old]})")


def _is_arithmetic(term: IRNode) -> bool:
    """Whether a term is a number that is computed from numbers."""
    return term.ndim == 0 and term.op is not None and term.op.on_floats is not None


def _is_one_group(expression: str) -> bool:
    """Whether the first bracket of an expression is closed by its last."""
    depth = 0
    for i, character in enumerate(expression):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return i == len(expression) - 1
    return False
