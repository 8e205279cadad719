"""Session: what is under the microscope, how far it is opened, and where its film stands; nothing of it is drawn here.

All of it is told by places in the network and by names. So it lives on while the network trains and is edited.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from engine.microscope.film.film import Film, MicroStep, Phase
from engine.microscope.graph.expression_graph import ExpressionGraph, Parameter, Part, batch_graph, point_graph
from engine.microscope.text.explain import Explanation, explain
from engine.microscope.text.words import Mark, Words
from engine.training import RunSnapshot
from playground.views.expression_graph.folding import NETWORK, Key, LayerKey, Level, around, fold, loss_of, opened_to
from playground.views.expression_graph.layout import place
from playground.views.expression_graph.scene import Lit, Numbers, Scene

# weights and biases of a network whose graph is made anew in less time than a person notices
MOST_PARAMETERS = 1_200


class Subject(Enum):
    """Whose loss is looked at, as the window says it."""

    POINT = "One point"
    BATCH = "Batch"


class Session:
    """A look at a run.

    Attributes:
        snapshot: what it was last shown; None before.
        subject: one point, or the batch that the next step learns from.
        point: the point whose numbers are shown, as an index into all points.
        opened: the keys of the open parts.
        level: how far everything is opened; None since a part was opened or closed by itself.
        selected: the box that the user has chosen: a node, a part, a layer or the network.
        filming: whether the film runs or is held; if not, all numbers are shown.
        graph, scene, film: what there is to see; None while there are no points, or too many numbers.
    """

    def __init__(self) -> None:
        self.snapshot: RunSnapshot | None = None
        self.subject = Subject.POINT
        self.point = 0
        self.opened: set[Key] = {NETWORK}
        self.level: Level | None = Level.NEURONS
        self.selected: Key = None
        self.filming = False
        self.graph: ExpressionGraph | None = None
        self.scene: Scene | None = None
        self.film: Film | None = None
        self._structure: object = None
        self._pulled: tuple[RunSnapshot, Parameter, tuple[NDArray[np.int64], NDArray[np.float64]]] | None = None

    # ── what is looked at ────────────────────────────────────────────────────────────────────────────────────────

    def show(self, snapshot: RunSnapshot) -> None:
        """Look at another moment; what was open, selected and filmed stays so, as far as it is still there."""
        self.snapshot = snapshot
        self._look()

    def look_at_point(self, point: int) -> None:
        """Look at another point."""
        self.point = point
        self._look()

    def look_at(self, subject: Subject) -> None:
        """Look at one point or the whole batch."""
        self.subject = subject
        self._look()

    def is_whole_step(self) -> bool:
        """Whether the loss that is looked at is the one that the next step makes smaller."""
        assert self.snapshot is not None
        return self.subject is Subject.BATCH or self.snapshot.batch.tolist() == [self.point]

    def is_too_large(self) -> bool:
        """Whether the network has more parameters than can be looked at one by one."""
        return self.snapshot is not None and self.snapshot.experiment.parameter_count > MOST_PARAMETERS

    def _look(self) -> None:
        snapshot = self.snapshot
        count = 0 if snapshot is None else len(snapshot.experiment.data.arrays)
        has_points = count > 0 and (self.subject is Subject.POINT or (snapshot is not None and len(snapshot.batch) > 0))
        if snapshot is None or not has_points or self.is_too_large():
            self.graph = self.scene = self.film = self._structure = None
            return
        self.point = min(self.point, count - 1)
        before, place_in_film = self.graph, None if self.film is None else self._place_in_film(self.film)
        graph_of = batch_graph if self.subject is Subject.BATCH else point_graph
        self.graph = graph_of(snapshot, self.point)
        self.film = Film(self.graph, snapshot if self.is_whole_step() else None)
        structure = self._structure_of(snapshot)
        if structure != self._structure or self.scene is None:
            self._structure = structure
            self.selected = self._same(self.selected, before)
            if self.level is not None:
                self.opened = opened_to(self.graph, self.level) | self.opened.intersection([loss_of(self.graph)])
            self.lay_out()
        else:
            self.scene.renew(self.graph)
        if self.filming and place_in_film is not None:
            self.film.seek(self._found_in_film(*place_in_film))
        self._show_film()

    def _structure_of(self, snapshot: RunSnapshot) -> object:
        experiment = snapshot.experiment
        many = self.graph is not None and len(self.graph.rows) > 1
        return (
            experiment.network.features,
            experiment.network.layers,
            experiment.outputs,
            experiment.training.loss,
            many,
        )

    def _same(self, key: Key, before: ExpressionGraph | None) -> Key:
        """What a key stood for in the graph before, in this one; its part or nothing if it is no longer there."""
        graph = self.graph
        assert graph is not None
        if isinstance(key, int) and before is not None:
            part, name = before.parts[key], before.names[key]
            if part == loss_of(before):
                part = loss_of(graph)
            same = [i for i, (p, n) in enumerate(zip(graph.parts, graph.names, strict=True)) if (p, n) == (part, name)]
            return same[0] if same and name else self._same(part, before)
        if isinstance(key, Part):
            return key if key in graph.parts else None
        if isinstance(key, LayerKey):
            return key if key.column < len(graph.outputs) else None
        return None if isinstance(key, int) else key

    # ── opening and closing ──────────────────────────────────────────────────────────────────────────────────────

    def lay_out(self) -> None:
        """Put everything in its place: something was opened or closed."""
        if self.graph is not None:
            folded = fold(self.graph, self.opened)
            self.scene = Scene(self.graph, folded, place(folded.root, folded.links))
            self._show_film()

    def open_to(self, level: Level) -> None:
        """Open or close everything to a level."""
        self.level = level
        if self.graph is not None:
            self.opened = opened_to(self.graph, level)
            self.lay_out()

    def toggle(self, key: Key) -> None:
        """Open or close one part."""
        self.level = None
        self.opened ^= {key}
        self.lay_out()

    def reveal(self, key: Key) -> None:
        """Open whatever hides a box."""
        if self.graph is not None and not self.opened.issuperset(around(key, self.graph)):
            self.level = None
            self.opened |= set(around(key, self.graph))
            self.lay_out()

    def box_of(self, key: Key) -> Key:
        """The box or frame that shows something: itself, or the closed part that it is in."""
        if self.scene is None or key is None or key in self.scene.rects:
            return key
        if isinstance(key, int):
            return self.scene.folded.homes[key]
        outer = [k for k in around(key, self.scene.graph) if k in self.scene.folded.boxes]
        return outer[0] if outer else None

    # ── names ────────────────────────────────────────────────────────────────────────────────────────────────────

    def words(self, mark: Mark) -> Words:
        """The names of everything, marked."""
        assert self.graph is not None
        return Words(self.graph, mark)

    def parameter(self, i: int) -> Parameter | None:
        """The parameter at a node; None if it is none."""
        assert self.graph is not None
        return next((parameter for parameter, node in self.graph.parameters.items() if node == i), None)

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

    def find(self, text: str, after: Key) -> Key:
        """The next number or part, after one of them, whose title has all the words of a text; None if there is none.

        Indices may be typed on the line: w1 finds w₁.
        """
        if self.graph is None or not text.split():
            return None
        words = Words(self.graph)
        parts = list(dict.fromkeys(part for part in self.graph.parts if part.column > 0))
        titles: list[tuple[Key, str]] = [(part, words.part(part)) for part in parts]
        titles += [(i, words.title(i)) for i in range(len(self.graph.nodes))]
        keys = [key for key, title in titles if _matches(title, text)]
        if not keys:
            return None
        return keys[(keys.index(after) + 1) % len(keys)] if after in keys else keys[0]

    # ── the film ─────────────────────────────────────────────────────────────────────────────────────────────────

    def seek(self, position: int) -> None:
        """Go to a place in the film."""
        if self.film is not None:
            self.filming = True
            self.film.seek(position)
            self._show_film()

    def stop_filming(self) -> None:
        """Show all numbers again."""
        self.filming = False
        self._show_film()

    def is_at_end(self) -> bool:
        """Whether the last micro-step of the film has been made."""
        return self.filming and self.film is not None and self.film.position == len(self.film.steps)

    def explanation(self, mark: Mark) -> Explanation | None:
        """What the last micro-step did; None if there was none."""
        return explain(self.film, self.words(mark)) if self.filming and self.film is not None else None

    def lit(self) -> Lit:
        """What the last micro-step lights up."""
        step = self.film.last if self.filming and self.film is not None else None
        if step is None or step.node is None or self.scene is None or self.film is None:
            return Lit()
        homes, i = self.scene.folded.homes, step.node
        links: Iterable[tuple[Key, Key]] = ()
        if step.phase in (Phase.FORWARD, Phase.LOSS):
            links = ((homes[p], homes[i]) for p in self.scene.graph.parents(i))
        elif step.phase is Phase.BACKWARD:
            links = ((homes[flow.parent], homes[i]) for flow in self.film.flows)
        return Lit(frozenset([homes[i]]), frozenset(links))

    def ways_to_the_loss(self) -> Lit | None:
        """All that lies between the selected number and the loss; None if nothing is selected."""
        if self.scene is None or self.selected is None:
            return None
        graph, homes = self.scene.graph, self.scene.folded.homes
        reached = set(self._inside(self.selected))
        for i in range(len(graph.nodes)):  # parents come before children
            if not reached.isdisjoint(graph.parents(i)):
                reached.add(i)
        links = {
            (homes[p], homes[i]) for i in reached for p in graph.parents(i) if p in reached and homes[p] != homes[i]
        }
        return Lit(frozenset(homes[i] for i in reached), frozenset(links))

    def _inside(self, key: Key) -> list[int]:
        """The nodes that a key stands for: for a part what comes out of it."""
        assert self.scene is not None
        return [key] if isinstance(key, int) else self.scene.nodes(key)

    def _show_film(self) -> None:
        if self.scene is None or self.graph is None or self.film is None:
            return
        if self.filming:
            self.scene.numbers = Numbers(self.film.data, self.film.gradients)
        else:
            self.scene.numbers = Numbers([node.data for node in self.graph.nodes], self.graph.gradients)

    def _place_in_film(self, film: Film) -> tuple[int, MicroStep | None, tuple[Part, str] | None, int]:
        step = film.last
        named = (
            None if step is None or step.node is None else (film.graph.parts[step.node], film.graph.names[step.node])
        )
        return film.position, step, named, len(film.steps)

    def _found_in_film(self, position: int, step: MicroStep | None, named: tuple[Part, str] | None, length: int) -> int:
        """The place of a micro-step in a film of, perhaps, another network: of the same phase, at the same number."""
        assert self.film is not None
        steps, graph = self.film.steps, self.film.graph
        if len(steps) == length or step is None:
            return position
        alike = [n for n, other in enumerate(steps, 1) if other.phase is step.phase]
        same = [
            n
            for n in alike
            if (node := steps[n - 1].node) is not None and (graph.parts[node], graph.names[node]) == named
        ]
        return same[0] if same and named and named[1] else alike[0] if alike else len(steps)


def _matches(title: str, text: str) -> bool:
    plain = title.translate(_PLAIN).lower()
    return all(word in plain for word in text.translate(_PLAIN).lower().split())


_PLAIN = str.maketrans("₀₁₂₃₄₅₆₇₈₉·", "0123456789*", ":")
