"""Code emitter: the lines of a program, each one call that writes its result into an array that exists already.

Numbers are Python's own: they cost a tenth of what an array without axes costs. One that meets arrays is put into such
an array first, because a ufunc takes longer over a float.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.autograd import ops
from engine.autograd.array_ops import expand, index, matmul, max_, sum_
from engine.compiler.ir import IRNode, Kind, StepPart, UpdateFrequency, ufunc_of
from engine.compiler.layout import MemoryLayout
from engine.compiler.rewrite import gather, inner, with_ones
from engine.compiler.source import ArrayRole, Names, ProgramLine, ProgramSource, place_of
from engine.compiler.stacking import stack
from engine.compiler.trace import Trace

Array = NDArray[Any]

_SIGNS = {ops.add: "{} + {}", ops.sub: "{} - {}", ops.mul: "{} * {}", ops.neg: "-{}"}
_OUT_BY_NAME = (np.maximum, np.minimum)


class Emitter:
    """Code emitter: writes the nodes of a program, in order, as Python.

    Attributes:
        outputs: the arrays of what was asked for.
    """

    def __init__(self, order: Sequence[IRNode], layout: MemoryLayout, trace: Trace) -> None:
        self._names = Names()
        self._roles: dict[str, ArrayRole] = {}
        self._written: set[str] = set()
        self._before: list[ProgramLine] = []  # runs once a call
        self._body: list[ProgramLine] = []  # at each step
        self._after: list[ProgramLine] = []  # at the end of a call
        self._layout, self._trace = layout, trace
        self._numbers: dict[IRNode, str] = {}
        self._order = [node for node in order if node.frequency is not UpdateFrequency.NEVER]
        self._layers = self._find_layers()
        self._uses = self._count_uses()
        self._name_leaves()
        part = None
        for node in self._order:
            if node.kind is Kind.RESULT:
                lines = [ProgramLine(text, node.part, self._layers[node], node.op) for text in self._lines(node)]
                if node.frequency is UpdateFrequency.PER_CALL:
                    self._before += lines
                    continue
                if lines and node.part is not part:
                    part = node.part
                    self._body.append(ProgramLine(f"# {part.name.lower()}", part))
                self._body += lines
        self._settle()
        self.outputs = [layout.array(output) for output in trace.outputs]

    def as_step(self) -> ProgramSource:
        """A training step: `program(n)` makes n of them and returns their losses."""
        result = self._trace.outputs[0]
        loss = f"{self._name(self.outputs[0], result)}.item()" if result.ndim else self.number(result)
        # quicker than a range of one, which is the most frequent of all
        loop = [*map(ProgramLine, ("losses = []", "left = n", "while left:")), *map(_indented, self._body)]
        loop += map(_indented, map(ProgramLine, (f"losses.append({loss})", "left -= 1")))
        lines = [*self._before, *loop, *self._after]
        says = "n training steps; returns the losses that they started from"
        return self._source("program(n)", says, lines, "losses")

    def as_forward(self) -> ProgramSource:
        """A forward pass: `program()` leaves its results in their arrays."""
        return self._source("program()", "A forward pass", [*self._before, *self._body], "True")

    def _source(self, head: str, says: str, lines: list[ProgramLine], result: str) -> ProgramSource:
        doc = [f'"""{says}.', "", "Calls write to their last argument. Arrays are (features, points).", '"""']
        inside = [*map(ProgramLine, doc), *lines, ProgramLine(f"return {result}")]
        bound = self._names.bound
        arrays = {name: thing for name, thing in bound.items() if isinstance(thing, np.ndarray)}
        return ProgramSource(
            lines=[ProgramLine(f"def {head}:"), *map(_indented, inside)],
            arrays=arrays,
            roles=self._roles,
            functions={name: thing for name, thing in bound.items() if name not in arrays},
            written=frozenset(self._written),
            parameters=[self._name(self._layout.array(leaf), leaf) for leaf, _, _ in self._trace.blocks],
            counters=[name for _, _, _, name in self._trace.counters],
            body=[line.text for line in lines],
            result=result,
        )

    def _find_layers(self) -> dict[IRNode, int]:
        layers = {leaf: i for i, (leaf, _, _) in enumerate(self._trace.blocks, 1)}
        for node in self._order:
            layers.setdefault(node, max((layers.get(p, 0) for p in node.parents), default=0))
        return layers

    # ── numbers ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _count_uses(self) -> dict[IRNode, list[Any]]:
        """For each number, its uses: the dtype of the arrays that it meets, None where it meets numbers."""
        uses: dict[IRNode, list[Any]] = defaultdict(list)
        for node in self._order:
            for parent in node.parents:
                if parent.ndim == 0:
                    uses[parent].append(None if _is_arithmetic(node) else node.dtype)
        for node in self._trace.outputs:
            uses[node] += [None, None] if self._trace.vectors else [node.dtype]
        for update in self._trace.counters:
            uses[update.new] += [None, None]  # so that it has a name
        return uses

    def number(self, node: IRNode) -> str:
        """The expression of a number."""
        if node.frequency is UpdateFrequency.NEVER:
            value = node.number
            return repr(value) if np.isfinite(value) else self._names.thing("inf" if value > 0 else "nan", value)
        return self._numbers[node]

    def _number_lines(self, node: IRNode) -> list[str]:
        lines: list[str] = []
        is_read = not _is_arithmetic(node)  # and later the arrays may hold something else
        expression = self._read_from_arrays(node, lines) if is_read else self._expression(node)
        uses = self._uses[node]
        by_numbers = sum(use is None for use in uses)  # `==` takes None for float64
        if by_numbers > 1 or (by_numbers and (is_read or by_numbers < len(uses))):
            is_output = node in self._trace.outputs
            name = self._names.new(node.label or ("loss" if is_output else "sum1" if is_read else "k1"))
            lines.append(f"{name} = {expression}")
            expression = name
        self._numbers[node] = expression
        return lines + self._into_cells(node, expression)

    def _into_cells(self, node: IRNode, expression: str) -> list[str]:
        cells = {id(cell): cell for cell in (self._layout.cell(node, d) for d in self._uses[node] if d is not None)}
        hint = f"{expression}_0" if expression.isidentifier() else "k1"
        return [f"{self._target(cell, node, hint)}[()] = {expression}" for cell in cells.values()]

    def _expression(self, node: IRNode) -> str:
        signs = _signs(node)
        if signs:
            return signs.format(*(self._in_brackets(p) for p in node.parents))
        name = self._names.thing(f"number_{node.op.name}", node.op.on_floats)
        return f"{name}({', '.join(map(self.number, node.parents))})"

    def _in_brackets(self, node: IRNode) -> str:
        number = self.number(node)
        return f"({number})" if _signs(node) and not number.isidentifier() else number

    def _read_from_arrays(self, node: IRNode, lines: list[str]) -> str:
        if node.op is inner:
            p, q = node.parents
            a, b = self._layout.array(p), self._layout.array(q)
            for x, y in ((a.T, b.T), (a, b)):
                if _has_rows(x) and _has_rows(y):
                    row = self._bind(x.reshape(1, -1), p, f"{self._name(x, p)}_row")
                    column = self._bind(y.reshape(-1, 1), q, f"{self._name(y, q)}_column")
                    cell = self._target(np.empty((1, 1), node.dtype), node, "inner1")
                    lines.append(f"{row}.dot({column}, {cell})")  # sooner than a dot that makes a number
                    return f"{cell}.item()"
        return f"float({self._call(node)})"

    # ── arrays ───────────────────────────────────────────────────────────────────────────────────────────────────

    def _lines(self, node: IRNode) -> list[str]:
        if node.ndim == 0:
            return self._number_lines(node)
        if node.is_view:
            return []
        out = self._layout.array(node)
        if ufunc_of(node.op) is not None:
            return [self._elementwise(node, out)]
        if node.op in (with_ones, gather, stack):
            parts = zip(node.parents, self._layout.parts(node), strict=True)
            return [line for x, part in parts for line in self._copied(x, part, node)]
        if node.op is matmul and node.ndim == 2:
            return [self._product(node, out)]
        if node.op in (sum_, max_):
            return [self._reduced(node, out)]
        name = self._target(out, node)
        return [f"{name}[...] = {self._call(node)}"]

    def _copied(self, x: IRNode, part: Array, whole: IRNode) -> list[str]:
        array = self._layout.array(x, part.dtype)
        if place_of(array) == place_of(part):
            return []
        return [f"{self._target(part.T, whole)}[...] = {self._name(array.T, x)}"]

    def _elementwise(self, node: IRNode, out: Array) -> str:
        """A ufunc over arrays as they are stored: rows of the memory, one after the other."""
        turned = out.ndim > 1 and _has_rows(out.T)

        def stored(array: Array) -> Array:
            return array[(None,) * (out.ndim - array.ndim)].T if turned and array.ndim else array

        function: Any = ufunc_of(node.op)
        parents = node.parents
        if any(p.op is expand for p in parents):
            narrow = tuple(p.parents[0] if p.op is expand else p for p in parents)  # it spreads them by itself
            if np.broadcast_shapes(*(p.shape for p in narrow)) == node.shape:
                parents = narrow
        inputs = [self._name(stored(self._layout.array(p, node.dtype)), p) for p in parents]
        if function is np.multiply and inputs[0] == inputs[1]:  # the same number, and sooner
            function, inputs = np.square, inputs[:1]
        target = self._target(stored(out), node)
        target = f"out={target}" if function in _OUT_BY_NAME else target
        return f"{self._names.thing(function.__name__, function)}({', '.join(inputs)}, {target})"

    def _product(self, node: IRNode, out: Array) -> str:
        a, b = node.parents
        left, right = self._layout.array(a, node.dtype), self._layout.array(b, node.dtype)
        if _has_rows(out.T):
            return f"{self._name(right.T, b)}.dot({self._name(left.T, a)}, {self._target(out.T, node)})"
        return f"{self._name(left, a)}.dot({self._name(right, b)}, {self._target(out, node)})"

    def _reduced(self, node: IRNode, out: Array) -> str:
        ufunc = np.maximum if node.op is max_ else np.add
        name = self._names.thing(ufunc.__name__, ufunc)
        axis, keepdims = node.params["axis"], node.params["keepdims"]
        return f"{name}.reduce({self._operand(node, 0)}, {axis}, None, {self._target(out, node)}, {keepdims})"

    def _call(self, node: IRNode) -> str:
        """A row's own function on arrays, for whatever has no line of its own."""
        op: Any = node.op
        function = partial(op.on_arrays, **node.params) if node.params else op.on_arrays
        name = self._names.thing(op.name, function)
        inputs = [self._operand(node, i) for i in range(len(node.parents))]
        return f"{name}({', '.join(inputs)})"

    # ── names ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _fix(self, array: Array, node: IRNode, hint: str) -> str:
        """The name of an array that stays at its place, whatever is looked at there."""
        name = self._names.array(array, hint)
        self._roles[name] = self._role(node)
        return name

    def _bind(self, array: Array, node: IRNode, hint: str) -> str:
        """The name of an array that a node lies in for a while."""
        name = self._names.array(array, hint, node.owner)
        if name not in self._roles:
            self._roles[name] = self._roles.get(name.removesuffix("_T")) or self._role(node.owner)
        return name

    def _role(self, node: IRNode) -> ArrayRole:
        leaf = node.parents[0].owner if node.op is with_ones else node
        kind = Kind.GRADIENT if node.op is gather else leaf.kind
        return ArrayRole(kind, self._layers.get(leaf, 0), leaf.label)

    def _name(self, array: Array, node: IRNode) -> str:
        """The name of a node's array, seen in one way or another."""
        return self._bind(array, node, self._hint(node))

    def _target(self, array: Array, node: IRNode, hint: str = "") -> str:
        """The same of an array that is written to."""
        name = self._bind(array, node, hint or self._hint(node))
        self._written.add(name)
        return name

    def _operand(self, node: IRNode, i: int) -> str:
        parent = node.parents[i]
        return self._name(self._layout.array(parent, node.dtype), parent)

    def _hint(self, node: IRNode) -> str:
        if node.label:
            return node.label
        if node.frequency is UpdateFrequency.NEVER:
            return "c1"
        if node.op is with_ones:
            return f"{self._name(self._layout.array(node.parents[0]).T, node.parents[0])}_1"
        if node.is_view and node.op is index:
            (whole,) = node.parents
            array = self._layout.array(whole)
            return f"{self._name(array.T if whole.kind is Kind.RESULT else array, whole)}_part"
        if node.is_view:
            return self._hint(node.parents[0])
        if node.op is None:
            return f"{node.kind.value}1"
        return {StepPart.FORWARD: f"{node.op.name}1", StepPart.BACKWARD: "d1", StepPart.UPDATE: "u1"}[node.part]

    def _name_leaves(self) -> None:
        trace, layout = self._trace, self._layout
        for i, (node, _, _, name) in enumerate(trace.counters):
            self._numbers[node] = self._names.new(name)
            self._before.append(ProgramLine(f"{self._numbers[node]} = counts[{i}]", StepPart.UPDATE))
        for node, setting in trace.settings:
            if node in layout:
                name = self._numbers[node] = self._names.new(setting.removeprefix("optimizer.").rstrip("]"))
                self._before.append(ProgramLine(f"{name} = {setting}", StepPart.UPDATE, setting=setting))
                lines = self._before if node.frequency is UpdateFrequency.PER_CALL else self._body
                lines += [ProgramLine(text, StepPart.UPDATE) for text in self._into_cells(node, name)]
        for leaf in [*(leaf for leaf, _ in trace.inputs), *(leaf for leaf, _, _ in trace.blocks)]:
            if leaf in layout:
                self._name_input(leaf)
        for old, _, buffer, name in trace.vectors:
            self._fix(buffer.vectors[name], old, "p" if name == "parameters" else name)
        for node in self._order:
            if node.op is gather:
                self._fix(layout.array(node), node, "g")
                for part, (leaf, _, _) in zip(layout.parts(node), trace.blocks, strict=False):
                    self._fix(part, node, f"g_{self._name(layout.array(leaf), leaf)}")

    def _name_input(self, leaf: IRNode) -> None:
        array = self._layout.array(leaf)
        is_input = leaf.kind is Kind.INPUT
        name = self._fix(array.T if is_input else array, leaf, leaf.label or ("x1" if is_input else "w1"))
        if leaf.ndim == 0:
            self._numbers[leaf] = self._names.new(f"{name}_number")
            lines = self._before if is_input else self._body
            lines.append(ProgramLine(f"{self._numbers[leaf]} = {name}.item()", StepPart.FORWARD))

    def _settle(self) -> None:
        """Write what is not yet where it belongs."""
        for old, new, buffer, name in self._trace.vectors:
            lines = self._copied(new, buffer.vectors[name], old)
            self._body += [ProgramLine(text, StepPart.UPDATE) for text in lines]
        for node, _ in self._trace.settings:
            if node.frequency is UpdateFrequency.PER_STEP and node in self._layout:
                self._body.append(ProgramLine(f"{self._numbers[node]} += 1", StepPart.UPDATE))
        for i, (old, new, _, _) in enumerate(self._trace.counters):
            self._body.append(ProgramLine(f"{self._numbers[old]} = {self.number(new)}", StepPart.UPDATE))
            self._after.append(ProgramLine(f"counts[{i}] = int({self._numbers[old]})", StepPart.UPDATE))


def _has_rows(array: Array) -> bool:
    """Whether an array lies in memory as it is written, row after row."""
    return bool(array.flags.c_contiguous)


def _indented(line: ProgramLine) -> ProgramLine:
    return line._replace(text=f"    {line.text}".rstrip())


def _is_arithmetic(node: IRNode) -> bool:
    """Whether a node is a number that is computed from numbers."""
    return node.ndim == 0 and node.op is not None and node.op.on_floats is not None


def _signs(node: IRNode) -> str:
    """How Python writes an operation on numbers by signs, if it does, and never raises."""
    if node.op is ops.div and node.parents[1].is_number and node.parents[1].number != 0:
        return "{} / {}"
    return _SIGNS.get(node.op, "")
