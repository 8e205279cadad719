"""Capture: from a recorded graph of Tensors to the terms of a program, with its backward pass and its update."""

from __future__ import annotations

import copy
import numbers
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from engine.autograd import array_ops, ops
from engine.autograd.array_ops import detach, index, matmul, reverse_axes, transpose
from engine.autograd.node import Node, ancestors, backward_pass
from engine.autograd.ops import CompositeOp, Op, add, mul, sub
from engine.autograd.tensor import Literal, Tensor
from engine.compiler.buffer import ParameterBlock, ParameterBuffer, Updates
from engine.compiler.ir import IRGraph, IRNode, Kind, Pass, UpdateFrequency, in_order, rebuilt
from engine.compiler.rewrite import rewrites
from engine.compiler.stacking import stacked

# gradients of all blocks of a memory, in one vector
gather = Op("gather", "g", None, lambda *blocks: np.concatenate([block.reshape(-1) for block in blocks]))

_TABLE = {op for module in (ops, array_ops) for op in vars(module).values() if isinstance(op, Op)}


@dataclass
class Trace:
    """Everything that a program has to do, as terms.

    Attributes:
        outputs: what is asked for.
        inputs: leaves that are copied in before each call, with the block that each stands for.
        blocks: the memories' blocks as leaves.
        vectors: the memories' vectors as leaves, by memory and name; and what is to be written to them.
        counters: the same of what the optimiser counts.
        settings: numbers of the optimiser, by the expression that reads them.
        captured: what else of the optimiser the program was made for: expressions, and the objects that they gave.
        guards: expressions that must be true for the program to be right: which settings are 0, and which not.
    """

    outputs: list[IRNode]
    inputs: list[tuple[IRNode, ParameterBlock]] = field(default_factory=list)
    blocks: list[tuple[IRNode, ParameterBuffer, int]] = field(default_factory=list)
    vectors: list[tuple[IRNode, IRNode, ParameterBuffer, str]] = field(default_factory=list)
    counters: list[tuple[IRNode, IRNode, ParameterBuffer, str]] = field(default_factory=list)
    settings: list[tuple[IRNode, str]] = field(default_factory=list)
    captured: list[tuple[str, Any]] = field(default_factory=list)
    guards: list[str] = field(default_factory=list)

    def roots(self) -> list[IRNode]:
        """All terms that have to be computed."""
        return [*self.outputs, *(new for _, new, _, _ in self.vectors), *(new for _, new, _, _ in self.counters)]

    def replace_roots(self, roots: Iterable[IRNode]) -> None:
        """Have other terms computed, in the order of `roots`."""
        new = iter(roots)
        self.outputs = [next(new) for _ in self.outputs]
        self.vectors = [(old, next(new), memory, name) for old, _, memory, name in self.vectors]
        self.counters = [(old, next(new), memory, name) for old, _, memory, name in self.counters]


def trace_forward(outputs: Sequence[Tensor]) -> Trace:
    """The terms of some tensors; all leaves are inputs."""
    with np.errstate(all="ignore"):
        nodes = _nodes(outputs)
        leaves = _leaves(nodes)
        graph = IRGraph(rewrites())
        terms = _Tracer(graph, _blocks(nodes, leaves, leaves, {}))
        for node in nodes:
            terms.of(node)
        recording = Trace([terms.of(output) for output in outputs], inputs=terms.blocks)
        return _lowered(recording, graph)


def trace_step(loss: Tensor, optimizer: Updates, memories: list[ParameterBuffer]) -> Trace:
    """The terms of a training step: the loss, its backward pass, and the update of what the optimiser moves.

    Memories that serve are used again; the list is then of those in use.
    """
    loss.start()
    with np.errstate(all="ignore"):
        nodes = _nodes([loss])
        leaves = _leaves(nodes)
        owned = {id(p) for p in optimizer.parameters}
        ages = {id(p): _age(state) for p, state in zip(optimizer.parameters, optimizer.state, strict=True)}
        moving = [node for node in leaves if id(node) in owned and node.requires_grad]
        graph = IRGraph(rewrites())
        terms = _Tracer(graph, _blocks(nodes, leaves, moving, ages), owned)
        total = [terms.of(node) for node in nodes][-1]
        slopes = _slopes(total)
        if not slopes:
            raise ValueError("compile: the loss depends on none of the optimizer's parameters")
        recording = Trace([total])
        recording.inputs = [(term, block) for term, block in terms.blocks if id(term) not in slopes]
        for term, _ in recording.inputs:
            term.kind = Kind.INPUT
        groups: dict[Any, list[tuple[IRNode, ParameterBlock]]] = {}
        for term, block in terms.blocks:
            if id(term) in slopes:
                groups.setdefault((block.dtype, ages[id(block.tensors[0])]), []).append((term, block))
        _trace_update(recording, optimizer, list(groups.values()), slopes, memories)
        rate = _only_rate(recording)
        if rate is not None:
            _start_from_rate(recording, _slopes(total, rate))
        return _lowered(recording, graph)


def _slopes(total: IRNode, rate: IRNode | None = None) -> dict[int, IRNode]:
    """The gradient of each leaf that moves, by its identity; times a rate, if there is one."""
    graph = total.graph
    graph.phase = Pass.BACKWARD
    seed: Any = graph.constant(np.ones(total.shape, total.dtype))
    seed = seed if rate is None else rate * seed
    return {id(term): slope for term, slope in backward_pass(total, seed) if term.op is None}


# ── the forward pass ─────────────────────────────────────────────────────────────────────────────────────────────────


def _nodes(outputs: Iterable[Node]) -> list[Tensor]:
    """All nodes that outputs were computed from. Checks that each compiles."""
    order: list[Tensor] = ancestors(outputs)
    for node in order:
        _check(node)
    return order


def _leaves(nodes: Iterable[Tensor]) -> list[Tensor]:
    """What was not computed, except for numbers in formulas, which never change."""
    return [node for node in nodes if node.op is None and not isinstance(node, Literal)]


def _check(node: Node) -> None:
    """Raise TypeError for a node that cannot be part of a program."""
    shape = np.shape(node.data)
    name = node.label or ("a leaf" if node.op is None else "a node")
    if node.op is not None and node.op not in _TABLE:
        raise TypeError(
            f"compile: {name} of shape {shape} was computed by {node.op.name!r}, "
            "which is not in the table of operations"
        )
    if not isinstance(node, Tensor) or not isinstance(node.data, np.ndarray):
        kind = type(node).__name__ if not isinstance(node, Tensor) else type(node.data).__name__
        made = f", computed by {node.op.name}," if node.op is not None else ""
        raise TypeError(f"compile: {name} of shape {shape}{made} is a {kind}, not an array: make it a Tensor")
    if node.op is not None and not node.parents:
        raise TypeError(
            f"compile: {name} of shape {shape} was computed by {node.op.name} from constants, too long ago to be "
            f"remembered: give compile a function that computes it"
        )


def _age(state: dict[str, Any]) -> tuple[tuple[str, int], ...]:
    """What an optimiser has counted for a parameter: those that move as one must be of one age."""
    return tuple((name, count) for name, count in sorted(state.items()) if isinstance(count, int))


def _blocks(
    nodes: Sequence[Tensor], leaves: Sequence[Tensor], joinable: Sequence[Tensor], ages: Mapping[int, Any]
) -> list[ParameterBlock]:
    """Leaves, each as a block; weights, and the bias that is added to their product, as one block."""
    free = {id(leaf) for leaf in joinable}
    partner: dict[int, Any] = {}
    for node in nodes:
        if node.op is add and node.parents[0].op is matmul:
            product, bias = node.parents
            turned = product.parents[1]
            weights = turned.parents[0] if turned.op in (transpose, reverse_axes) else turned
            is_free = {id(weights), id(bias)} <= free and weights is not turned
            if is_free and _fit(weights, bias) and ages.get(id(weights)) == ages.get(id(bias)):
                free -= {id(weights), id(bias)}
                partner[id(weights)] = bias
    joined = {id(bias) for bias in partner.values()}
    whole = [leaf for leaf in leaves if id(leaf) not in joined]
    return [ParameterBlock(leaf, partner[id(leaf)]) if id(leaf) in partner else ParameterBlock(leaf) for leaf in whole]


def _fit(weights: Node, bias: Node) -> bool:
    shape: tuple[int, ...] = weights.data.shape
    return len(shape) == 2 and bias.data.shape == shape[:1] and bias.data.dtype == weights.data.dtype


class _Tracer:
    """The term of each node, asked for in order; leaves are found in their blocks."""

    def __init__(self, graph: IRGraph, blocks: Iterable[ParameterBlock], parameters: Iterable[int] = ()) -> None:
        self._graph = graph
        self._known: dict[int, IRNode] = {}
        self.blocks: list[tuple[IRNode, ParameterBlock]] = []
        owned = set(parameters)
        for block in blocks:
            first = block.tensors[0]
            data = np.zeros(block.shape, block.dtype)
            for tensor, key in zip(block.tensors, block.keys(), strict=True):
                data[key] = tensor.data
            moves = id(first) in owned and first.requires_grad
            kind, frequency = (
                (Kind.PARAMETER, UpdateFrequency.A_STEP) if moves else (Kind.INPUT, UpdateFrequency.A_CALL)
            )
            leaf = graph.leaf(kind, data, frequency, first.label)
            self.blocks.append((leaf, block))
            for tensor, key in zip(block.tensors, block.keys(), strict=True):
                self._known[id(tensor)] = leaf if len(block.tensors) == 1 else index(leaf, key=key)

    def of(self, node: Tensor) -> IRNode:
        term = self._known.get(id(node))
        if term is None:
            if node.op is None:
                term = self._graph.constant(float(node.data))
            else:
                parents = [self._known[id(parent)] for parent in node.parents]
                term = self._graph.apply(node.op, parents, node.params, node.data)
                term.label = term.label or node.label
            self._known[id(node)] = term
        return term


# ── the update ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _trace_update(
    recording: Trace,
    optimizer: Updates,
    groups: list[list[tuple[IRNode, ParameterBlock]]],
    slopes: dict[int, IRNode],
    memories: list[ParameterBuffer],
) -> None:
    """Let the optimiser's own rule run on terms, on one vector for each group of blocks."""
    graph = recording.outputs[0].graph
    graph.phase = Pass.UPDATE
    probe: Any = copy.copy(optimizer)
    for name, value in vars(optimizer).items():
        setattr(probe, name, _settings(recording, graph, f"optimizer.{name}", value))
    ps, gs, states, weights, mine = [], [], [], [], []
    for group in groups:
        blocks = [block for _, block in group]
        memory = next((m for m in memories if m.serves(blocks, optimizer)), None)
        if memory is None:
            memory = ParameterBuffer(blocks, optimizer)
        recording.blocks += [(term, memory, i) for i, (term, _) in enumerate(group)]
        mine.append(memory)
        vectors = {
            n: graph.leaf(Kind.MEMORY, np.ones_like(v), UpdateFrequency.A_STEP, n) for n, v in memory.vectors.items()
        }
        counters = {
            n: graph.leaf(Kind.COUNTER, float(v), UpdateFrequency.A_STEP, n) for n, v in memory.counters.items()
        }
        ps.append(vectors.pop("parameters"))
        gs.append(graph.apply(gather, [slopes[id(term)] for term, _ in group], {}))
        states.append((vectors | counters, vectors, counters))
        weights.append(graph.constant(memory.weights))
    news = probe.update_all(ps, gs, [state for state, _, _ in states], weights)
    for p, new, (state, vectors, counters), memory in zip(ps, news, states, mine, strict=True):
        recording.vectors.append((p, new, memory, "parameters"))
        recording.vectors += [(old, state[name], memory, name) for name, old in vectors.items()]
        recording.counters += [(old, state[name], memory, name) for name, old in counters.items()]
    memories[:] = mine
    recording.guards += [label if answer else f"not {label}" for label, answer in graph.asked.items()]


def _only_rate(recording: Trace) -> IRNode | None:
    """The rate, if all that the optimiser does is to take rate · gradient off each parameter."""
    rates = set()
    for old, new, _, _ in recording.vectors:
        if new.op is not sub or new.parents[0] is not old or new.parents[1].op is not mul:
            return None
        rate, gradient = new.parents[1].parents
        if rate.ndim or gradient.op is not gather or any(term.op is gather for term in in_order([rate])):
            return None
        rates.add(rate)
    return rates.pop() if len(rates) == 1 else None


def _start_from_rate(recording: Trace, slopes: dict[int, IRNode]) -> None:
    """Begin the backward pass with the rate instead of 1, so that it ends with what is to be taken off.

    A gradient is proportional to what its backward pass begins with: one multiplication of a number replaces that of
    all parameters.
    """
    graph = recording.outputs[0].graph
    graph.phase = Pass.UPDATE
    for i, (old, _, memory, name) in enumerate(recording.vectors):
        steps = [slopes[id(term)] for term, m, _ in recording.blocks if m is memory]
        recording.vectors[i] = old, sub(old, graph.apply(gather, steps, {})), memory, name


def _settings(recording: Trace, graph: IRGraph, name: str, value: Any) -> Any:
    """An attribute of the optimiser, its numbers as terms that are read at each call."""
    if isinstance(value, tuple):
        return tuple(_settings(recording, graph, f"{name}[{i}]", item) for i, item in enumerate(value))
    if isinstance(value, numbers.Real) and not isinstance(value, bool):
        frequency = UpdateFrequency.A_STEP if name == "optimizer.steps" else UpdateFrequency.A_CALL
        term = graph.leaf(Kind.SETTING, float(value), frequency, name)
        recording.settings.append((term, name))
        return term
    if not isinstance(value, list):  # parameters and their state, which are looked after elsewhere
        recording.captured.append((name, value))
    return value


# ── taking formulas apart ────────────────────────────────────────────────────────────────────────────────────────────


def _lowered(recording: Trace, graph: IRGraph) -> Trace:
    """The same with every formula replaced by the rows that it is made of, so that formulas share their parts."""
    recording.replace_roots(stacked(rebuilt(recording.roots(), _taken_apart)))
    graph.close()
    return recording


def _taken_apart(term: IRNode, made: Mapping[IRNode, IRNode]) -> IRNode | None:
    inputs = [made[p] for p in term.parents]
    if term.op is detach:
        return inputs[0]
    if isinstance(term.op, CompositeOp):
        formula: IRNode = term.op.on_arrays(*inputs)
        return formula
    return None
