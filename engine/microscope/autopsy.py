"""NaN autopsy: the first number of a step that a run could not make, and the operation that it came from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.dataclass import dataclass
from engine.microscope.film.film import Film, Phase, weights_after
from engine.microscope.graph.expression_graph import batch_graph
from engine.microscope.text.explain import Explanation, explain
from engine.microscope.text.spelling import figures
from engine.microscope.text.words import Words
from engine.training.data.batches import DTYPE
from engine.training.data.datasets import MAX_CLASSES
from engine.training.run.snapshot import RunSnapshot

LARGEST = float(np.finfo(DTYPE).max) / MAX_CLASSES  # number that a run can keep: it adds up outputs, then divides
MOST_PARAMETERS = 1_200  # of a network that is taken apart into single numbers in less than a second or two


@dataclass(frozen=True, eq=False)
class Autopsy:
    """NaN autopsy of a run that diverges.

    Attributes:
        film: the step on the batch's expression graph, held at the micro-step that goes wrong.
        explanation: of this micro-step, its inputs with their numbers.
        is_after: whether the step itself can be made, and it is the loss of its network that is lost.
    """

    film: Film
    explanation: Explanation
    is_after: bool

    @property
    def node(self) -> int:
        """The node of the graph that the micro-step computes, goes back through, or updates."""
        step = self.film.last
        assert step is not None
        assert step.node is not None
        return step.node

    @property
    def place(self) -> str:
        """What the operation computes, and where: weighted sum z of layer 2 neuron 3."""
        return Words(self.film.graph).title(self.node)

    @property
    def numbers(self) -> str:
        """What is lost, with the numbers that it came from: 2e30 · 1e12 = 2e42."""
        told = self.explanation
        for way, flow in zip(told.ways, self.film.flows, strict=True):
            if _is_lost(flow.after).any():
                return f"the gradient that goes to {way.name}, {way.sum if np.any(flow.before) else way.flow}"
        for line in told.lines:
            if _is_lost(line.result).any():
                return f"{line.target} = {line.numbers} = {figures(line.result)}"
        return told.numbers or told.symbols


def autopsy(snapshot: RunSnapshot) -> Autopsy | None:
    """The autopsy of the step that follows; None if all its numbers are finite, or if there are too many to look at.

    A run keeps its numbers as float32. Here they are float64, so that what is too large for it still has a size.
    """
    if not len(snapshot.batch) or snapshot.experiment.parameter_count > MOST_PARAMETERS:
        return None
    with np.errstate(all="ignore"):
        return _of_step(snapshot) or _of_loss(_after(snapshot))


def _of_step(snapshot: RunSnapshot) -> Autopsy | None:
    film = Film(batch_graph(snapshot, -1), snapshot)
    row = _hold_where_lost(film)
    return None if row is None else _held(snapshot, film, row, is_after=False)


def _of_loss(snapshot: RunSnapshot) -> Autopsy | None:
    film = Film(batch_graph(snapshot, -1))
    row = _hold_where_lost(film)
    is_forward = film.last is not None and film.last.phase in (Phase.FORWARD, Phase.LOSS)
    return None if row is None or not is_forward else _held(snapshot, film, row, is_after=True)


def _held(snapshot: RunSnapshot, film: Film, row: int, is_after: bool) -> Autopsy:
    """The film held at the same place, on the graph that shows the numbers of the point that goes wrong."""
    graph = batch_graph(snapshot, int(film.graph.rows[row]))
    held = Film(graph, None if is_after else snapshot)
    held.seek(film.position)
    explanation = explain(held, Words(graph))
    assert explanation is not None
    return Autopsy(held, explanation, is_after)


def _after(snapshot: RunSnapshot) -> RunSnapshot:
    """Where the run would stand after the step, and its loss of all training points be measured, without dropout."""
    experiment = snapshot.experiment
    network = experiment.network
    layers = tuple(layer.replace(dropout=0) for layer in network.layers)
    whole = experiment.replace(
        network=network.replace(layers=layers), training=experiment.training.replace(batch_size=None)
    )
    weights = weights_after(batch_graph(snapshot, -1), snapshot)
    return replace(snapshot, experiment=whole, weights=weights, epoch=0, position=0)


def _hold_where_lost(film: Film) -> int | None:
    """Run a film until a number is lost, and say at which of the batch's points; None if none is, up to the end."""
    while film.position < len(film.steps):
        film.forward()
        for number in _written(film):
            if (lost := _is_lost(number)).any():
                return int(lost.argmax()) if lost.size > 1 else film.graph.shown
    return None


def _is_lost(number: Any) -> NDArray[np.bool_]:
    """Whether a run could not keep a number, or each of a column."""
    lost: NDArray[np.bool_] = ~(np.abs(np.atleast_1d(number)) <= LARGEST)
    return lost


def _written(film: Film) -> Iterator[Any]:
    """What a run would have to keep of the last micro-step: it has no gradients of points, which never move."""
    step, graph = film.last, film.graph
    assert step is not None
    if step.phase is Phase.BACKWARD:
        movable = set(graph.parameters.values())
        yield from (f.after for f in film.flows if graph.nodes[f.parent].op is not None or f.parent in movable)
    elif step.phase is Phase.UPDATE:
        assert step.node is not None
        yield from (line.result for line in film.update_lines(step.node, "p"))
    elif step.node is not None:
        yield film.data[step.node]
