"""Run session: what of a run is under the microscope.

All of it is told by places in the network and by names. So it lives on while the network trains and is edited.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from engine.microscope.film.film import Film
from engine.microscope.graph.expression_graph import (
    ExpressionGraph,
    Parameter,
    Part,
    batch_graph,
    place_graph,
    point_graph,
)
from engine.training import RunSnapshot
from playground.views.expression_graph.folding import Key, LayerKey, loss_of
from playground.views.film.session import GraphSession

# weights and biases of a network whose graph is made anew in less time than a person notices
MOST_PARAMETERS = 1_200
# what is open at first: few operations, on the numbers of a point; the others are folded
FIRST = Part(1, 0)


class Subject(Enum):
    """Subject of the look: whose loss it is, or where the answer is looked at, as the window says it."""

    POINT = "One point"
    BATCH = "Batch"
    PLACE = "Place"


class RunSession(GraphSession):
    """A look at a step of a run. There is nothing to see while there are no points, or too many numbers.

    Attributes:
        snapshot: what it was last shown; None before.
        subject: one point, the batch that the next step learns from, or a place where there need be no point.
        point: the point whose numbers are shown, as an index into all points; at first one that is learned from.
        inputs: of the place (d,); None before there is one.
        targets: what a point at the place could be, beside nothing that is known; the first of all is None.
    """

    def __init__(self) -> None:
        super().__init__()
        self.opened |= {FIRST}
        self.snapshot: RunSnapshot | None = None
        self.subject = Subject.POINT
        self.point = -1
        self.inputs: NDArray[np.float64] | None = None
        self.targets: tuple[float | None, ...] = (None,)
        self._chosen = 0  # of the targets
        self._structure: object = None
        self._pulled: tuple[RunSnapshot, Parameter, tuple[NDArray[np.int64], NDArray[np.float64]]] | None = None

    # ── what is looked at ────────────────────────────────────────────────────────────────────────────────────────

    def show(self, snapshot: RunSnapshot) -> None:
        """Look at another snapshot; what was open, selected and filmed stays so, as far as it is still there."""
        self.snapshot = snapshot
        self._look()

    def look_at_point(self, point: int) -> None:
        """Look at another point."""
        self.point = point
        if self.subject is Subject.PLACE:
            self.subject = Subject.POINT
        self._look()

    def take_place(self, inputs: NDArray[np.float64], targets: Sequence[float]) -> None:
        """Take inputs (d,) for those of the place, for when it is looked at next, and targets of which a point there
        could have one.
        """
        self.inputs, self.targets = inputs, (None, *targets)

    @property
    def target(self) -> float | None:
        """The target that a point at the place is taken to have; None if there is no loss."""
        return self.targets[self._chosen % len(self.targets)]

    def place_in_batch(self) -> tuple[int | None, int]:
        """Which of the batch's points is looked at, counted from 1, None if it is none of them; and how many it has."""
        batch = np.zeros(0) if self.snapshot is None else np.sort(self.snapshot.batch)
        found = np.flatnonzero(batch == self._shown_point)
        return (int(found[0]) + 1 if len(found) else None), len(batch)

    def step_on(self, by: int) -> None:
        """Look at the batch's next point, or the one before, after the last comes the first; of a place, with the next
        target.
        """
        if self.subject is Subject.PLACE:
            self._chosen = (self._chosen + by) % len(self.targets)
            self._look()
            return
        batch = np.zeros(0) if self.snapshot is None else np.sort(self.snapshot.batch)
        if len(batch):
            point = self._shown_point
            place = np.searchsorted(batch, point, "right") if by > 0 else np.searchsorted(batch, point) - 1
            self.look_at_point(int(batch[place % len(batch)]))

    @property
    def _shown_point(self) -> int:
        point = None if self.graph is None else self.graph.point
        return self.point if point is None else point

    def look_at(self, subject: Subject) -> None:
        """Look at one point, the whole batch, or the place that was looked at last."""
        self.subject = subject
        self._look()

    def is_whole_step(self) -> bool:
        """Whether the loss that is looked at is the one that the next step makes smaller."""
        assert self.snapshot is not None
        is_alone = self.subject is Subject.POINT and self.snapshot.batch.tolist() == [self.point]
        return self.subject is Subject.BATCH or is_alone

    def is_too_large(self) -> bool:
        """Whether the network has more parameters than can be looked at one by one."""
        return self.snapshot is not None and self.snapshot.experiment.parameter_count > MOST_PARAMETERS

    def _look(self) -> None:
        snapshot = self.snapshot
        if snapshot is None or self.is_too_large() or (graph := self._graph_of(snapshot)) is None:
            self.graph = self.scene = self.film = self._structure = None
            return
        before, self._structure = self._structure, _structure(snapshot, graph)
        self._take(graph, Film(graph, snapshot if self.is_whole_step() else None), self._structure == before)

    def _graph_of(self, snapshot: RunSnapshot) -> ExpressionGraph | None:
        """The graph of the subject; None where there is none such."""
        count, inputs = len(snapshot.experiment.data.arrays), snapshot.experiment.data.inputs
        if self.subject is Subject.PLACE:
            is_there = self.inputs is not None and len(self.inputs) == inputs
            return place_graph(snapshot, self.inputs, self.target) if is_there and self.inputs is not None else None
        if not count or (self.subject is Subject.BATCH and not len(snapshot.batch)):
            return None
        if self.point < 0:
            self.point = int(snapshot.batch.min(initial=count - 1))
        self.point = min(self.point, count - 1)
        return (batch_graph if self.subject is Subject.BATCH else point_graph)(snapshot, self.point)

    def _same(self, key: Key, before: ExpressionGraph | None, now: ExpressionGraph) -> Key:
        """A number is known by its part and name; if it is gone, its part is what is left of it."""
        if isinstance(key, int):
            if before is None:
                return None
            part, name = before.parts[key], before.names[key]
            if part == loss_of(before):
                part = loss_of(now) or now.parts[now.root]
            same = [i for i, (p, n) in enumerate(zip(now.parts, now.names, strict=True)) if (p, n) == (part, name)]
            return same[0] if same and name else self._same(part, before, now)
        if isinstance(key, Part):
            return key if key in now.parts else None
        if isinstance(key, LayerKey):
            return key if key.column < len(now.outputs) else None
        return key

    def _same_place(self, before: Film, now: Film) -> int:
        """In the film of, perhaps, another network: in the same phase, at the same number."""
        step = before.last
        if len(now.steps) == len(before.steps) or step is None:
            return before.position
        alike = [n for n, other in enumerate(now.steps, 1) if other.phase is step.phase]
        named = None if step.node is None else _named(before.graph, step.node)
        same = [n for n in alike if (i := now.steps[n - 1].node) is not None and _named(now.graph, i) == named]
        return same[0] if same and named and named[1] else alike[0] if alike else len(now.steps)

    def pulls(self) -> tuple[NDArray[np.int64], NDArray[np.float64]] | None:
        """The points of the next batch, and where each would have the selected weight go; None if none is selected."""
        key, snapshot = self.selected, self.snapshot
        parameter = self.parameter(key) if isinstance(key, int) and self.graph is not None else None
        if parameter is None or snapshot is None or len(snapshot.batch) < 2:
            return None
        if self._pulled is None or self._pulled[:2] != (snapshot, parameter):
            graph = self.graph if self.subject is Subject.BATCH else batch_graph(snapshot, self.point)
            assert graph is not None
            self._pulled = snapshot, parameter, (graph.rows, -graph.pulls(parameter))  # it goes against its gradient
        return self._pulled[2]


def _structure(snapshot: RunSnapshot, graph: ExpressionGraph) -> object:
    """What the layout depends on."""
    experiment = snapshot.experiment
    network = experiment.network
    shape = network.features, network.layers, experiment.outputs, experiment.training.loss
    return *shape, len(graph.rows) > 1, graph.parts[graph.root]


def _named(graph: ExpressionGraph, i: int) -> tuple[Part, str]:
    return graph.parts[i], graph.names[i]
