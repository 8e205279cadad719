"""Film: one training step in slow motion, a single operation at a time, forwards and back.

Each micro-step is the engine's own rule at one node, so that all of them together are one `loss.backward()` and one
`optimizer.step()`, to the last bit. And each remembers what it wrote over, so that any of them can be taken back.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from functools import cached_property
from itertools import takewhile
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.autograd.node import local_vjps
from engine.microscope.film.update import Assignment, update_in_lines
from engine.microscope.graph.expression_graph import ExpressionGraph, Parameter
from engine.microscope.text.spelling import figures
from engine.nn.optimizers import Optimizer
from engine.training.run.build import mobility
from engine.training.run.snapshot import RunSnapshot


class Phase(Enum):
    """Phase of a training step, as the window says it; they are in order."""

    ZERO = "Zero the gradients"
    FORWARD = "Forward"
    LOSS = "Loss"
    SEED = "Seed"
    BACKWARD = "Backward"
    UPDATE = "Update"


class MicroStep(NamedTuple):
    """Micro-step: one operation in its phase, and the node that it computes, goes back through, or updates.

    The node is None where it is all at once.
    """

    phase: Phase
    node: int | None


class Flow(NamedTuple):
    """Vector-Jacobian product: what one operation passes back to one of its inputs.

    Attributes:
        parent: the node of the input.
        position: which of the operation's inputs it is.
        before: what had arrived there from elsewhere; None if nothing had.
        share: what this operation adds.
        after: the two together.
    """

    parent: int
    position: int
    before: Any
    share: Any
    after: Any


class Film:
    """Film: a training step on an expression graph, at some place between its first and its last micro-step.

    Args:
        graph: the computation.
        snapshot: where it was taken from, if its optimizer is to make an update at the end. One point of many is not
            what the network learns from.

    Attributes:
        steps: all micro-steps.
        position: how many of them have been made.
        data: what each node holds by now; None before it is computed.
        gradients: what has arrived at each node by now; None before anything has.
        flows: what the last micro-step passed back, if it went backward.
    """

    def __init__(self, graph: ExpressionGraph, snapshot: RunSnapshot | None = None) -> None:
        self.graph = graph
        self._snapshot = snapshot
        self.steps = _steps(graph, updates=snapshot is not None)
        self.position = 0
        self.flows: list[Flow] = []
        self.data: list[Any] = [node.data if node.op is None else None for node in graph.nodes]
        self.gradients: list[Any] = [None] * len(graph.nodes)
        self._undo: list[list[tuple[list[Any], int, Any]]] = []
        self._flows_before: list[list[Flow]] = []

    @classmethod
    def with_updates(cls, graph: ExpressionGraph, snapshot: RunSnapshot, node: int | None = None) -> Film:
        """A film that has just updated a node, or all of them, at once: the graph knows all that comes before.

        The way back ends where the updates begin.
        """
        film = cls(graph, snapshot)
        film.data, film.gradients = [node.data for node in graph.nodes], list(graph.gradients)
        film.position = next(n for n, step in enumerate(film.steps) if step.phase is Phase.UPDATE)
        film._undo, film._flows_before = [[] for _ in range(film.position)], [[] for _ in range(film.position)]
        film.seek(len(film.steps) if node is None else film.steps.index(MicroStep(Phase.UPDATE, node)) + 1)
        return film

    @property
    def last(self) -> MicroStep | None:
        """The micro-step that was made last."""
        return self.steps[self.position - 1] if self.position else None

    @property
    def before(self) -> dict[int, Any]:
        """What the parameters that have been updated by now held before."""
        updated = takewhile(lambda step: step.phase is Phase.UPDATE, reversed(self.steps[: self.position]))
        return {step.node: self.graph.nodes[step.node].data for step in updated if step.node is not None}

    def seek(self, position: int) -> None:
        """Go to a place, by as many micro-steps as it takes. Beyond the end is the end."""
        position = min(max(position, 0), len(self.steps))
        while self.position < position:
            self.forward()
        while self.position > position:
            self.back()

    def forward(self) -> None:
        """Make the next micro-step. Nothing happens at the end."""
        if self.position == len(self.steps):
            return
        step = self.steps[self.position]
        self._undo.append([])
        self._flows_before.append(self.flows)
        self.flows = []
        with np.errstate(all="ignore"):
            _ACTS[step.phase](self, step.node)
        self.position += 1

    def back(self) -> None:
        """Take the last micro-step back. Nothing happens at the beginning."""
        if self.position == 0:
            return
        for store, i, before in reversed(self._undo.pop()):
            store[i] = before
        self.position -= 1
        self.flows = self._flows_before.pop()

    def update_lines(self, i: int, name: str) -> list[Assignment]:
        """How the optimizer moves the parameter at node i, called `name`: formulas, the new number last."""
        return self._updates.lines(i, name)

    @property
    def rate(self) -> float:
        """The learning rate of this step."""
        return self._updates.rate

    @cached_property
    def _updates(self) -> _Update:
        """Made when it is first asked for: a network that trains has many films that nobody runs to their end."""
        assert self._snapshot is not None, "a film without an optimizer has no updates"
        return _Update(self.graph, self._snapshot)

    def _write(self, store: list[Any], i: int, new: Any) -> None:
        self._undo[-1].append((store, i, store[i]))
        store[i] = new

    # ── what each phase does ─────────────────────────────────────────────────────────────────────────────────────

    def _zero(self, _: int | None) -> None:
        for i in self.graph.parameters.values():
            self._write(self.gradients, i, 0.0)

    def _compute(self, i: Any) -> None:
        node = self.graph.nodes[i]
        inputs = [self.data[p] for p in self.graph.parents(i)]
        op: Any = node.op
        self._write(self.data, i, op(*inputs, **node.params))

    def _seed(self, i: Any) -> None:
        self._write(self.gradients, i, 1.0)

    def _backpropagate(self, i: Any) -> None:
        node, parents = self.graph.nodes[i], self.graph.parents(i)
        inputs = [self.data[p] for p in parents]
        for k, share in local_vjps(node, self.gradients[i], self.data[i], inputs):
            p, share = parents[k], node.parents[k].unbroadcast(share)
            before = self.gradients[p]
            after = share if before is None else before + share
            self._write(self.gradients, p, after)
            self.flows.append(Flow(p, k, before, share, after))

    def _update(self, i: Any) -> None:
        self._write(self.data, i, self._updates.updated(self.data, self.gradients, i))


def weights_after(graph: ExpressionGraph, snapshot: RunSnapshot) -> dict[str, NDArray[Any]]:
    """The weights that a step leaves behind, by their PyTorch names."""
    film = Film.with_updates(graph, snapshot)
    weights = {name: np.array(array) for name, array in snapshot.weights.items()}
    with np.errstate(all="ignore"):
        for parameter, i in graph.parameters.items():
            weights[parameter.name][parameter.place] = film.data[i]
    return weights


_ACTS: dict[Phase, Any] = {
    Phase.ZERO: Film._zero,
    Phase.FORWARD: Film._compute,
    Phase.LOSS: Film._compute,
    Phase.SEED: Film._seed,
    Phase.BACKWARD: Film._backpropagate,
    Phase.UPDATE: Film._update,
}


def _steps(graph: ExpressionGraph, updates: bool) -> list[MicroStep]:
    """Micro-steps of a step on a graph: forward in the order of its nodes, and back in the opposite order."""
    computed = [i for i, node in enumerate(graph.nodes) if node.op is not None]
    losses = {len(graph.outputs)} if graph.parameters else set()  # of a formula alone there is no loss
    forward = [MicroStep(Phase.LOSS if graph.parts[i].column in losses else Phase.FORWARD, i) for i in computed]
    backward = [MicroStep(Phase.BACKWARD, i) for i in reversed(computed) if graph.gradients[i] is not None]
    update = [MicroStep(Phase.UPDATE, i) for i in graph.parameters.values()] if updates else []
    zero = [MicroStep(Phase.ZERO, None)] if graph.parameters else []
    return [*zero, *forward, MicroStep(Phase.SEED, graph.root), *backward, *update]


class _Update:
    """Optimizer's update of every parameter, a number at a time."""

    def __init__(self, graph: ExpressionGraph, snapshot: RunSnapshot) -> None:
        self._nodes = list(graph.parameters.values())
        self._weights = [float(len(parameter.place) > 1) for parameter in graph.parameters]
        names = list(snapshot.weights)
        self._states = [_element(snapshot.optimizer_state[names.index(p.name)], p) for p in graph.parameters]
        self._optimizer: Optimizer = snapshot.optimizer((graph.nodes[i] for i in self._nodes), self._states)
        whole = dict(zip(names, mobility(snapshot.experiment) or (), strict=False))  # of each parameter, if some rest
        self._mobility = [float(whole[p.name][p.place]) for p in graph.parameters] if whole else None
        self._before: dict[int, tuple[float, float]] = {}
        self._new: dict[int, Any] = {}

    def updated(self, data: Sequence[Any], gradients: Sequence[Any], i: int) -> Any:
        """The new number of the parameter at node i."""
        if i == self._nodes[0]:  # all move at once: a limit on the gradient is on all together
            states = [self._optimizer.init_state() | state for state in self._states]
            ps, gs = [data[n] for n in self._nodes], [gradients[n] for n in self._nodes]
            self._before = {n: (float(p), float(g)) for n, p, g in zip(self._nodes, ps, gs, strict=True)}
            news = self._optimizer.update_all(ps, gs, states, self._weights, self._mobility)
            self._new = dict(zip(self._nodes, news, strict=True))
        return self._new[i]

    @property
    def rate(self) -> float:
        """The learning rate, by its schedule."""
        return float(self._optimizer.rate)

    def lines(self, i: int, name: str) -> list[Assignment]:
        """The update of the parameter at node i, which has just been made, as formulas."""
        k = self._nodes.index(i)
        number, gradient = self._before[i]
        if self._mobility is not None and not self._mobility[k]:
            return [Assignment(name, name, figures(number), number)]
        gradients = [gradient for _, gradient in self._before.values()]
        numbers = [number for number, _ in self._before.values()]
        clip_coef = self._optimizer.clip_coef(numbers, gradients, self._weights, self._mobility)
        return update_in_lines(self._optimizer, name, number, gradient, self._states[k], self._weights[k], clip_coef)


def _element(state: dict[str, Any], parameter: Parameter) -> dict[str, Any]:
    """What is remembered of one element of a parameter."""
    return {name: float(np.asarray(item)[parameter.place]) if np.ndim(item) else item for name, item in state.items()}
