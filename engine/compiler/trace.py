"""Trace: from recorded Tensors to the nodes of a program, with its backward pass and its update."""

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
from engine.autograd.ops import CompositeOp, Op, add
from engine.autograd.tensor import Literal, Tensor
from engine.compiler.buffer import ParameterBlock, ParameterBuffer, Updates
from engine.compiler.ir import IRGraph, IRNode, Kind, StepPart, UpdateFrequency, rebuilt
from engine.compiler.rewrite import gather, rules

_TABLE = {op for module in (ops, array_ops) for op in vars(module).values() if isinstance(op, Op)}


@dataclass
class Trace:
    """Trace of a computation: everything that a program has to do, as nodes of the intermediate representation.

    Attributes:
        outputs: what is asked for.
        inputs: leaves that are copied in before each call, with the block that each stands for.
        blocks: the buffers' blocks as leaves.
        vectors: the buffers' vectors as leaves, what is to be written to them, and their buffers and names.
        counters: the same of what the optimizer counts.
        settings: numbers of the optimizer, by the expression that reads them.
        captured: what else of the optimizer the program was made for: expressions, and the objects that they gave.
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
        """All nodes that have to be computed."""
        return [*self.outputs, *(new for _, new, _, _ in self.vectors), *(new for _, new, _, _ in self.counters)]

    def lower(self) -> None:
        """Take composite operations apart into what they are made of, so that they share their parts."""
        new = iter(rebuilt(self.roots(), _taken_apart))
        self.outputs = [next(new) for _ in self.outputs]
        self.vectors = [(old, next(new), buffer, name) for old, _, buffer, name in self.vectors]
        self.counters = [(old, next(new), buffer, name) for old, _, buffer, name in self.counters]


def _taken_apart(node: IRNode, inputs: list[IRNode]) -> IRNode | None:
    if node.op is detach:
        return inputs[0]
    if isinstance(node.op, CompositeOp):
        parts: IRNode = node.op.on_arrays(*inputs)
        return parts
    return None


def trace_forward(outputs: Sequence[Tensor]) -> Trace:
    """The trace of some tensors; all leaves are inputs."""
    with np.errstate(all="ignore"):
        nodes = _checked(outputs)
        leaves = _leaves(nodes)
        graph = IRGraph(rules())
        tracer = _Tracer(graph, _blocks(nodes, leaves, leaves, {}))
        for node in nodes:
            tracer.trace(node)
        trace = Trace([tracer.trace(output) for output in outputs], inputs=tracer.blocks)
        trace.lower()
        graph.close()
        return trace


def trace_step(loss: Tensor, optimizer: Updates, buffers: list[ParameterBuffer]) -> Trace:
    """The trace of a training step: the loss, its backward pass, and the update of what the optimizer moves.

    Buffers that fit are used again; the list is then of those in use.
    """
    loss.start()
    with np.errstate(all="ignore"):
        nodes = _checked([loss])
        leaves = _leaves(nodes)
        owned = {id(p) for p in optimizer.parameters}
        ages = {id(p): _age(state) for p, state in zip(optimizer.parameters, optimizer.state, strict=True)}
        moving = [node for node in leaves if id(node) in owned and node.requires_grad]
        graph = IRGraph(rules())
        tracer = _Tracer(graph, _blocks(nodes, leaves, moving, ages), owned)
        total = [tracer.trace(node) for node in nodes][-1]
        gradients = _gradients(total)
        if not gradients:
            raise ValueError("compile: the loss depends on none of the optimizer's parameters")
        trace = Trace([total])
        trace.inputs = [(leaf, block) for leaf, block in tracer.blocks if id(leaf) not in gradients]
        for leaf, _ in trace.inputs:
            leaf.kind = Kind.INPUT
        groups: dict[Any, list[tuple[IRNode, ParameterBlock]]] = {}
        for leaf, block in tracer.blocks:
            if id(leaf) in gradients:
                groups.setdefault((block.dtype, ages[id(block.tensors[0])]), []).append((leaf, block))
        _trace_update(trace, optimizer, list(groups.values()), gradients, buffers)
        trace.lower()
        graph.close()
        return trace


def _gradients(total: IRNode) -> dict[int, IRNode]:
    """The gradient of each leaf that moves, by its identity."""
    total.graph.part = StepPart.BACKWARD
    seed = total.graph.constant(np.ones(total.shape, total.dtype))
    return {id(node): gradient for node, gradient in backward_pass(total, seed) if node.op is None}


# ── the forward pass ─────────────────────────────────────────────────────────────────────────────────────────────────


def _checked(outputs: Iterable[Node]) -> list[Tensor]:
    """All nodes that outputs were computed from. Raises TypeError for one that cannot be part of a program."""
    order: list[Tensor] = ancestors(outputs)
    for node in order:
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
    return order


def _leaves(nodes: Iterable[Tensor]) -> list[Tensor]:
    """What was not computed, except for numbers in formulas, which never change."""
    return [node for node in nodes if node.op is None and not isinstance(node, Literal)]


def _age(state: dict[str, Any]) -> tuple[tuple[str, int], ...]:
    """What an optimizer has counted for a parameter: those that move as one must be of one age."""
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
    """Tracer: the node of the program for each recorded one, asked for in order; leaves are found in their blocks."""

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
            kind = Kind.PARAMETER if moves else Kind.INPUT
            frequency = UpdateFrequency.PER_STEP if moves else UpdateFrequency.PER_CALL
            leaf = graph.leaf(kind, data, frequency, first.label)
            self.blocks.append((leaf, block))
            for tensor, key in zip(block.tensors, block.keys(), strict=True):
                self._known[id(tensor)] = leaf if len(block.tensors) == 1 else index(leaf, key=key)

    def trace(self, recorded: Tensor) -> IRNode:
        """The node for a recorded tensor."""
        node = self._known.get(id(recorded))
        if node is None:
            if recorded.op is None:
                node = self._graph.constant(float(recorded.data))
            else:
                parents = [self._known[id(parent)] for parent in recorded.parents]
                node = self._graph.apply(recorded.op, parents, recorded.params, recorded.data)
                node.label = node.label or recorded.label
                if node.requires_grad and not recorded.requires_grad:  # made under `no_grad`
                    node = detach(node)
            self._known[id(recorded)] = node
        return node


# ── the update ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _trace_update(
    trace: Trace,
    optimizer: Updates,
    groups: list[list[tuple[IRNode, ParameterBlock]]],
    gradients: dict[int, IRNode],
    buffers: list[ParameterBuffer],
) -> None:
    """Let the optimizer's own rule run on nodes, on one vector for each group of blocks."""
    graph = trace.outputs[0].graph
    graph.part = StepPart.UPDATE
    probe: Any = copy.copy(optimizer)
    for name, value in vars(optimizer).items():
        setattr(probe, name, _setting(trace, graph, f"optimizer.{name}", value))
    ps, gs, states, masks, used = [], [], [], [], []
    for group in groups:
        blocks = [block for _, block in group]
        buffer = next((b for b in buffers if b.fits(blocks, optimizer)), None) or ParameterBuffer(blocks, optimizer)
        used.append(buffer)
        trace.blocks += [(leaf, buffer, i) for i, (leaf, _) in enumerate(group)]
        kinds = dict.fromkeys(buffer.vectors, Kind.STATE) | {"parameters": Kind.PARAMETER}
        leaves = {n: _leaf(graph, kinds[n], np.ones_like(v), n) for n, v in buffer.vectors.items()}
        ps.append(leaves.pop("parameters"))
        gs.append(graph.apply(gather, [gradients[id(leaf)] for leaf, _ in group], {}))
        states.append(leaves | {n: _leaf(graph, Kind.COUNTER, float(v), n) for n, v in buffer.counters.items()})
        masks.append(graph.constant(buffer.weight_mask))
    before = [dict(state) for state in states]
    news = probe.update_all(ps, gs, states, masks)
    for p, new, old, state, buffer in zip(ps, news, before, states, used, strict=True):
        trace.vectors.append((p, new, buffer, "parameters"))
        for name, leaf in old.items():
            rows = trace.counters if name in buffer.counters else trace.vectors
            rows.append((leaf, state[name], buffer, name))
    buffers[:] = used
    trace.guards += [label if answer else f"not {label}" for label, answer in graph.asked.items()]


def _leaf(graph: IRGraph, kind: Kind, data: Any, name: str) -> IRNode:
    return graph.leaf(kind, data, UpdateFrequency.PER_STEP, name)


def _setting(trace: Trace, graph: IRGraph, name: str, value: Any) -> Any:
    """An attribute of the optimizer, its numbers as nodes that are read at each call."""
    if isinstance(value, tuple):
        return tuple(_setting(trace, graph, f"{name}[{i}]", item) for i, item in enumerate(value))
    if isinstance(value, numbers.Real) and not isinstance(value, bool):
        counts = name == "optimizer.steps"
        frequency = UpdateFrequency.PER_STEP if counts else UpdateFrequency.PER_CALL
        node = graph.leaf(Kind.SETTING, float(value), frequency, name)
        trace.settings.append((node, name))
        return node
    if not isinstance(value, list):  # parameters and their state, which are looked after elsewhere
        trace.captured.append((name, value))
    return value
