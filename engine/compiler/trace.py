"""Trace: from recorded Tensors to the nodes of a program, with its backward pass and its update."""

from __future__ import annotations

import copy
import numbers
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from typing import Any, NamedTuple

import numpy as np

from engine.autograd import array_ops, ops
from engine.autograd.array_ops import detach, index, matmul, reverse_axes, transpose
from engine.autograd.node import Node, ancestors, backward_pass
from engine.autograd.ops import Op, add
from engine.autograd.tensor import Literal, Tensor
from engine.compiler.buffer import ParameterBlock, ParameterBuffer
from engine.compiler.ir import IRGraph, IRNode, Kind, StepPart, UpdateFrequency, lowered
from engine.compiler.rewrite import gather, rules
from engine.compiler.stacking import stacked
from engine.dataclass import dataclass

_TABLE = {op for module in (ops, array_ops) for op in vars(module).values() if isinstance(op, Op)}


class Update(NamedTuple):
    """Update of what a buffer holds under a name: the leaf that stands for it, and what is to be written to it."""

    old: IRNode
    new: IRNode
    buffer: ParameterBuffer
    name: str


@dataclass
class Trace:
    """Trace of a computation: everything that a program has to do, as nodes of the intermediate representation.

    Attributes:
        outputs: what is asked for.
        inputs: leaves that are copied in before each call, with the block that each stands for.
        blocks: the buffers' blocks as leaves.
        vectors, counters: the updates of parameters and the optimizer's state, and of what the optimizer counts.
        settings: numbers of the optimizer, by the expression that reads them.
        captured: what else of the optimizer the program was made for: expressions, and the objects that they gave.
        guards: expressions that must be true for the program to be right: which settings are 0, and which not.
    """

    outputs: list[IRNode]
    inputs: list[tuple[IRNode, ParameterBlock]]
    blocks: list[tuple[IRNode, ParameterBuffer, int]] = field(default_factory=list)
    vectors: list[Update] = field(default_factory=list)
    counters: list[Update] = field(default_factory=list)
    settings: list[tuple[IRNode, str]] = field(default_factory=list)
    captured: list[tuple[str, Any]] = field(default_factory=list)
    guards: list[str] = field(default_factory=list)

    def roots(self) -> list[IRNode]:
        """All nodes that have to be computed."""
        return [*self.outputs, *(update.new for update in (*self.vectors, *self.counters))]

    def lower(self) -> None:
        """Take composite operations apart, and let go of the graph."""
        new = iter(stacked(lowered(self.roots())))
        graph = self.outputs[0].graph
        self.outputs = [next(new) for _ in self.outputs]
        self.vectors = [update._replace(new=next(new)) for update in self.vectors]
        self.counters = [update._replace(new=next(new)) for update in self.counters]
        graph.close()


def trace_forward(outputs: Sequence[Tensor]) -> Trace:
    """The trace of some tensors; all leaves are inputs."""
    with np.errstate(all="ignore"):
        trace = Trace(*_trace_forward(outputs, {}))
        trace.lower()
        return trace


def trace_step(loss: Tensor, optimizer: Any, buffers: list[ParameterBuffer]) -> Trace:
    """The trace of a training step: the loss, its backward pass, and the update of what the optimizer moves.

    Buffers that fit are used again; the list is then of those in use.
    """
    loss.start()
    states = zip(optimizer.parameters, optimizer.state, strict=True)
    with np.errstate(all="ignore"):
        ages = {id(p): _age(state) for p, state in states if p.requires_grad}
        (total,), leaves = _trace_forward([loss], ages)
        total.graph.part = StepPart.BACKWARD
        seed = total.graph.constant(np.ones(total.shape, total.dtype))
        gradients = {node: gradient for node, gradient in backward_pass(total, seed) if node.op is None}
        if not gradients:
            raise ValueError("compile: the loss depends on none of the optimizer's parameters")
        trace = Trace([total], [row for row in leaves if row[0] not in gradients])
        for leaf, _ in trace.inputs:
            leaf.kind = Kind.INPUT
        groups: dict[Any, list[tuple[IRNode, ParameterBlock]]] = {}
        for leaf, block in leaves:
            if leaf in gradients:
                groups.setdefault((block.dtype, ages[id(block.tensors[0])]), []).append((leaf, block))
        _trace_update(trace, optimizer, list(groups.values()), gradients, buffers)
        trace.lower()
        return trace


def _age(state: dict[str, Any]) -> tuple[tuple[str, int], ...]:
    """What an optimizer has counted for a parameter: those that move as one must be of one age."""
    return tuple((name, count) for name, count in sorted(state.items()) if isinstance(count, int))


# ── the forward pass ─────────────────────────────────────────────────────────────────────────────────────────────────


def _trace_forward(
    outputs: Sequence[Tensor], ages: Mapping[int, Any]
) -> tuple[list[IRNode], list[tuple[IRNode, ParameterBlock]]]:
    """The outputs as nodes of a new graph; and its leaves, each with the block that it stands for.

    `ages` are those of the leaves that move, by their identities.
    """
    recorded = _checked(outputs)
    graph = IRGraph(rules())
    known: dict[int, IRNode] = {}
    leaves = []
    for block in _blocks(recorded, ages):
        data = np.zeros(block.shape, block.dtype)
        for tensor, key in block.places():
            data[key] = tensor.data
        moves = id(block.tensors[0]) in ages
        kind = Kind.PARAMETER if moves else Kind.INPUT
        frequency = UpdateFrequency.PER_STEP if moves else UpdateFrequency.PER_CALL
        leaf = IRNode(graph, kind, data, frequency, block.tensors[0].label)
        leaves.append((leaf, block))
        for tensor, key in block.places():
            known[id(tensor)] = leaf if key is ... else index(leaf, key=key)
    for tensor in recorded:
        if id(tensor) not in known:
            known[id(tensor)] = _traced(tensor, [known[id(parent)] for parent in tensor.parents], graph)
    return [known[id(output)] for output in outputs], leaves


def _traced(tensor: Tensor, parents: Sequence[IRNode], graph: IRGraph) -> IRNode:
    if tensor.op is None:  # a literal
        return graph.constant(float(tensor.data))
    node = graph.apply(tensor.op, parents, tensor.params, tensor.data)
    node.label = node.label or tensor.label
    made_under_no_grad = node.requires_grad and not tensor.requires_grad
    return detach(node) if made_under_no_grad else node


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


def _blocks(recorded: Sequence[Tensor], ages: Mapping[int, Any]) -> list[ParameterBlock]:
    """Leaves, each as a block; weights, and the bias that is added to their product, as one block.

    If some leaves move, only those of one age are joined. Numbers in formulas never change and are no leaves.
    """
    leaves = {id(node): node for node in recorded if node.op is None and not isinstance(node, Literal)}
    free = set(ages or leaves)
    pairs: dict[int, tuple[Any, Any]] = {}
    for node in recorded:
        if node.op is add and node.parents[0].op is matmul:
            product, bias = node.parents
            turned = product.parents[1]
            weights = turned.parents[0] if turned.op in (transpose, reverse_axes) else None
            if {id(weights), id(bias)} <= free and _fit(weights, bias) and ages.get(id(weights)) == ages.get(id(bias)):
                free -= {id(weights), id(bias)}
                pairs[id(weights)] = weights, bias
    joined = {id(bias) for _, bias in pairs.values()}
    return [ParameterBlock(*pairs.get(name, (leaf,))) for name, leaf in leaves.items() if name not in joined]


def _fit(weights: Any, bias: Node) -> bool:
    shape: tuple[int, ...] = weights.data.shape
    return len(shape) == 2 and bias.data.shape == shape[:1] and bias.data.dtype == weights.data.dtype


# ── the update ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _trace_update(trace: Trace, optimizer: Any, groups: list[list[tuple[IRNode, ParameterBlock]]],
                  gradients: Mapping[Node, Any], buffers: list[ParameterBuffer]) -> None:  # fmt: skip
    """Let the optimizer's own rule run on nodes, on one vector for each group of blocks."""
    graph = trace.outputs[0].graph
    graph.part = StepPart.UPDATE
    probe: Any = copy.copy(optimizer)
    for name, value in vars(optimizer).items():
        setattr(probe, name, _setting(trace, graph, f"optimizer.{name}", value))
    ps, gs, states, masks, mobility, used = [], [], [], [], [], []
    for group in groups:
        blocks = [block for _, block in group]
        buffer = next((b for b in buffers if b.fits(blocks, optimizer)), None) or ParameterBuffer(blocks, optimizer)
        used.append(buffer)
        trace.blocks += [(leaf, buffer, i) for i, (leaf, _) in enumerate(group)]
        held: dict[str, Any] = {name: np.ones_like(vector) for name, vector in buffer.vectors.items()}
        held |= {name: float(count) for name, count in buffer.counters.items()}
        kinds = dict.fromkeys(buffer.counters, Kind.COUNTER) | {"parameters": Kind.PARAMETER}
        state = {
            name: IRNode(graph, kinds.get(name, Kind.STATE), data, UpdateFrequency.PER_STEP, name)
            for name, data in held.items()
        }
        ps.append(state.pop("parameters"))
        gs.append(graph.apply(gather, [gradients[leaf] for leaf, _ in group], {}))
        states.append(state)
        masks.append(graph.constant(buffer.weight_mask))
        if buffer.mobility is not None:
            mobility.append(IRNode(graph, Kind.CONSTANT, buffer.mobility, UpdateFrequency.NEVER, "mobility"))
    before = [dict(state) for state in states]
    news = probe.update_all(ps, gs, states, masks, mobility or None)
    for p, new, old, state, buffer in zip(ps, news, before, states, used, strict=True):
        trace.vectors.append(Update(p, new, buffer, "parameters"))
        for name, leaf in old.items():
            updates = trace.counters if name in buffer.counters else trace.vectors
            updates.append(Update(leaf, state[name], buffer, name))
    buffers[:] = used
    trace.guards += [label if answer else f"not {label}" for label, answer in graph.asked.items()]


def _setting(trace: Trace, graph: IRGraph, name: str, value: Any) -> Any:
    """An attribute of the optimizer, its numbers as nodes that are read at each call."""
    if isinstance(value, numbers.Real) and not isinstance(value, bool):
        counts = name == "optimizer.steps"
        frequency = UpdateFrequency.PER_STEP if counts else UpdateFrequency.PER_CALL
        node = IRNode(graph, Kind.SETTING, float(value), frequency, name)
        trace.settings.append((node, name))
        return node
    if not isinstance(value, list):  # parameters and their state, which are looked after elsewhere
        trace.captured.append((name, value))
    return value
