"""Fault injection: the classic ways to get backpropagation wrong, each to be switched on and watched.

They are made on the expression graph, where an engine such as micrograd works: there every neuron's answer is used by
all neurons of the next layer, so that an `=` for a `+=` loses something.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.autograd import ops
from engine.autograd.node import Node, local_vjps
from engine.dataclass import dataclass
from engine.microscope.graph.expression_graph import ExpressionGraph, batch_graph
from engine.training import Experiment, Run, RunSnapshot
from engine.training.run.build import build_model

Gradients = dict[str, NDArray[np.float64]]


@dataclass(frozen=True)
class Mistake:
    """Classic mistake in backpropagation, as the window shows it.

    Attributes:
        label: its name.
        right, wrong: the line of code as it should be, and as it is then.
        says: why training goes wrong, in a sentence or two.
    """

    label: str
    right: str
    wrong: str
    says: str


MISTAKES: dict[str, Mistake] = {
    "no_zeroing": Mistake(
        "Gradients are not set to zero",
        "optimizer.zero_grad()",
        "# optimizer.zero_grad()",
        "backward() adds to the gradients that are there, so each step goes on along all gradients since the first: "
        "the network runs past every valley, further and further. The gradient check sees it from the second step on.",
    ),
    "assign": Mistake(
        "= instead of +=",
        "parent.grad += share",
        "parent.grad = share",
        "A number that is used several times gets a share of its gradient back from each use. With = only the last "
        "share is left, and all layers before it learn from a part of the truth.",
    ),
    "no_order": Mistake(
        "No topological order",
        "for node in reversed(topological_order(loss)):",
        "for node in depth_first(loss):",
        "A node must wait until all that was computed from it has sent its share back. Whoever goes first with what "
        "has arrived so far passes on too little, and what comes later is lost.",
    ),
    "wrong_sign": Mistake(
        "Uphill instead of downhill",
        "p.data -= lr * p.grad",
        "p.data += lr * p.grad",
        "The gradient points to where the loss grows fastest. With a plus each step makes the loss larger. "
        "The gradient check finds nothing: the gradients are right, their use is wrong.",
    ),
    "wrong_tanh": Mistake(
        "A wrong derivative of tanh",
        "x.grad += (1 - t**2) * out.grad",
        "x.grad += (1 - t) * out.grad",
        "The slope of tanh is 1 − a², not 1 − a. All layers behind a tanh get gradients that are too large or too "
        "small; training may even seem to work, which is why gradients are checked.",
    ),
    "zero_weights": Mistake(
        "All weights zero at first",
        "w = random.uniform(-1, 1)",
        "w = 0.0",
        "All neurons of a layer then compute the same, get the same gradient, and stay the same for ever: the layer "
        "is as good as a single neuron, or learns nothing at all. The gradient check finds nothing wrong here either.",
    ),
}


def gradients_with(graph: ExpressionGraph, mistakes: Collection[str]) -> list[Any]:
    """Gradients of all nodes by a backward pass with some mistakes in it; None where nothing arrives."""
    arrived: dict[int, Any] = {graph.root: 1.0}
    with np.errstate(all="ignore"):
        downhill = reversed(range(len(graph.nodes)))  # parents come before children in the graph
        for i in _depth_first(graph) if "no_order" in mistakes else downhill:
            node, parents = graph.nodes[i], graph.parents(i)
            shares = _shares(node, arrived[i], mistakes) if i in arrived else ()
            for k, share in shares:
                p, share = parents[k], node.parents[k].unbroadcast(share)
                adds = p in arrived and "assign" not in mistakes
                arrived[p] = arrived[p] + share if adds else share
    return [arrived.get(i) for i in range(len(graph.nodes))]


def _shares(node: Node, g: Any, mistakes: Collection[str]) -> Iterable[tuple[int, Any]]:
    if node.op is ops.tanh and "wrong_tanh" in mistakes:
        return [(0, g * (1.0 - node.data))]
    return local_vjps(node, g, node.data, [parent.data for parent in node.parents])


def _depth_first(graph: ExpressionGraph) -> Iterator[int]:
    """Depth-first order, as a search from the loss meets the nodes: each goes when it is found, and waits for none."""
    stack = [graph.root]
    seen: set[int] = set()
    while stack:
        i = stack.pop()
        if i not in seen:
            seen.add(i)
            yield i
            stack += reversed(graph.parents(i))


def model_gradients(snapshot: RunSnapshot, mistakes: Collection[str]) -> Gradients:
    """Gradients of the next step's loss with some mistakes in them, by the names of the model's parameters."""
    graph = batch_graph(snapshot, 0)
    arrived = gradients_with(graph, mistakes)
    result = {name: np.zeros(data.shape) for name, data in snapshot.weights.items()}
    for parameter, i in graph.parameters.items():
        result[parameter.name][parameter.place] = 0.0 if arrived[i] is None else float(arrived[i])
    return result


class FaultyGradients:
    """Fault injection: a source of gradients that makes mistakes, for one run to go by.

    Slower than the run's own program: each step goes through the expression graph.

    Args:
        mistakes: which of `MISTAKES` are made.
    """

    def __init__(self, mistakes: Collection[str]) -> None:
        self.mistakes = frozenset(mistakes)
        self.accumulated: Mapping[str, NDArray[Any]] = {}  # what nobody set to zero
        self._found: tuple[RunSnapshot, Gradients] | None = None

    def gradients(self, snapshot: RunSnapshot) -> Gradients:
        """What backpropagation leaves in the parameters, by their names; found once for each step."""
        if self._found is None or not _is_same_step(self._found[0], snapshot):
            found = model_gradients(snapshot, self.mistakes)
            self._found = snapshot, {n: gradient + snapshot.accumulated.get(n, 0.0) for n, gradient in found.items()}
        return self._found[1]

    def __call__(self, snapshot: RunSnapshot) -> Gradients:
        """What the next step goes against: the gradients, or the opposite of them."""
        sign = -1.0 if "wrong_sign" in self.mistakes else 1.0
        return {name: sign * gradient for name, gradient in self.gradients(snapshot).items()}

    def zero_grad(self) -> None:
        """Forget the gradients by which a step has been made, unless that is the mistake."""
        if "no_zeroing" in self.mistakes and self._found is not None:
            self.accumulated = self._found[1]
        self._found = None


def _is_same_step(a: RunSnapshot, b: RunSnapshot) -> bool:
    """Whether two snapshots have the same gradients."""
    is_same_step = a.steps == b.steps or not any(a.experiment.network.dropouts)
    is_same_loss = is_same_step and a.experiment == b.experiment and np.array_equal(a.batch, b.batch)
    is_same_place = all(np.array_equal(data, b.weights[name]) for name, data in a.weights.items())
    return is_same_loss and is_same_place and a.accumulated is b.accumulated


def source_with(mistakes: frozenset[str]) -> FaultyGradients | None:
    """A source of gradients with some mistakes; None for a sound engine."""
    return FaultyGradients(mistakes) if mistakes else None


def broken_run(
    experiment: Experiment, source: FaultyGradients | None, weights: Mapping[str, NDArray[Any]] | None = None
) -> Run:
    """A run that goes by gradients with mistakes; if zero weights are one of these, it begins with them."""
    if source is not None and "zero_weights" in source.mistakes:
        weights = {name: np.zeros_like(w) for name, w in build_model(experiment).state_dict().items()}
    return Run(experiment, source, weights)
