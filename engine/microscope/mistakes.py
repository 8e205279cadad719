"""Mistakes: the classic ways to get backpropagation wrong, each to be switched on and watched.

They are made on the expression graph, where an engine such as micrograd works: there every neuron's answer is used by
all neurons of the next layer, so that an `=` for a `+=` loses something.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.autograd import ops
from engine.autograd.node import Node, local_vjps
from engine.microscope.graph.expression_graph import ExpressionGraph, batch_graph
from engine.training import Experiment, Run, RunSnapshot


@dataclass(frozen=True)
class Mistake:
    """A mistake as the window shows it.

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
    """What arrives at each node on a way back with some mistakes in it; None where nothing does."""
    arrived: dict[int, Any] = {graph.root: 1.0}
    with np.errstate(all="ignore"):
        downhill = reversed(range(len(graph.nodes)))  # parents come before children in the graph
        for i in _depth_first(graph) if "no_order" in mistakes else downhill:
            node, parents = graph.nodes[i], graph.parents(i)
            for k, share in _shares(node, arrived[i], mistakes) if i in arrived else ():
                p, share = parents[k], node.parents[k].unbroadcast(share)
                adds = p in arrived and "assign" not in mistakes
                arrived[p] = arrived[p] + share if adds else share
    return [arrived.get(i) for i in range(len(graph.nodes))]


def _shares(node: Node, g: Any, mistakes: Collection[str]) -> Iterable[tuple[int, Any]]:
    if node.op is ops.tanh and "wrong_tanh" in mistakes:
        return [(0, g * (1.0 - node.data))]
    return local_vjps(node, g, node.data, [parent.data for parent in node.parents])


def _depth_first(graph: ExpressionGraph) -> Iterator[int]:
    """The nodes as a search from the loss meets them: each goes as soon as it is found, and waits for none."""
    stack = [graph.root]
    seen: set[int] = set()
    while stack:
        i = stack.pop()
        if i not in seen:
            seen.add(i)
            yield i
            stack += reversed(graph.parents(i))


def model_gradients(snapshot: RunSnapshot, mistakes: Collection[str]) -> dict[str, NDArray[np.float64]]:
    """The gradients of the next step's loss with some mistakes in them, by the names of the model's parameters."""
    graph = batch_graph(snapshot, 0)
    arrived = gradients_with(graph, mistakes)
    result = {name: np.zeros(data.shape) for name, data in snapshot.weights.items()}
    for parameter, i in graph.parameters.items():
        result[parameter.name][parameter.place] = 0.0 if arrived[i] is None else float(arrived[i])
    return result


class BrokenRun(Run):
    """A run whose engine makes mistakes. Slower than a sound one: each step goes through the expression graph.

    Args:
        experiment: what is trained.
        mistakes: which of `MISTAKES` are made.
    """

    def __init__(self, experiment: Experiment, mistakes: Collection[str]) -> None:
        super().__init__(experiment)
        self.mistakes = frozenset(mistakes)
        self._left: dict[str, NDArray[np.float64]] = {}  # gradients that nobody set to zero
        self._found: tuple[Experiment, int, dict[str, NDArray[np.float64]]] | None = None
        if "zero_weights" in self.mistakes:
            for parameter in self.model.parameters():
                parameter.data[...] = 0.0

    def gradients(self) -> dict[str, NDArray[np.float64]]:
        """What the next step will take for the gradients, by the names of the parameters; found once for each step."""
        if self._found is None or self._found[:2] != (self.experiment, self.steps):
            found = model_gradients(self.snapshot(), self.mistakes)
            taken = {name: gradient + self._left.get(name, 0.0) for name, gradient in found.items()}
            self._found = self.experiment, self.steps, taken
        return self._found[2]

    def restore(self, state: Any) -> None:
        """Stand where `state` was taken. What was left of gradients then is not part of it."""
        super().restore(state)
        self._found = None

    def _update(self) -> bool:
        before, left = self.state(), self._left
        gradients = self.gradients()
        if "no_zeroing" in self.mistakes:
            self._left = gradients
        sign = -1.0 if "wrong_sign" in self.mistakes else 1.0
        for name, parameter in self.model.named_parameters():
            parameter.grad = (sign * gradients[name]).astype(parameter.dtype)
        self._optimizer.steps = self.steps
        self._optimizer.step()
        self._batches.advance(len(self._batches.upcoming(self.experiment.training.batch_size)))
        self.steps += 1
        with np.errstate(all="ignore"):
            weights = self.model.state_dict().values()
            if all(np.isfinite(data).all() for data in weights) and self._has_finite_losses():
                return True
        self.restore(before)
        self._left = left
        return False
