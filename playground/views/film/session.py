"""Graph session: what is looked at of an expression graph, how far it is opened, and where its film stands."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable

from engine.microscope.film.film import Film, Phase
from engine.microscope.graph.expression_graph import ExpressionGraph, Parameter, Part
from engine.microscope.text.explain import Explanation, explain
from engine.microscope.text.words import Mark, Words
from playground.views.expression_graph.folding import NETWORK, Key, Level, around, fold, opened_to
from playground.views.expression_graph.layout import place
from playground.views.expression_graph.scene import Highlight, Numbers, Scene


class GraphSession(ABC):
    """A look at an expression graph, whatever it computes.

    What is open, selected and filmed stays so while one graph follows another, as far as it is still there.

    Attributes:
        opened: the keys of the open parts.
        level: how far everything is opened; None since a part was opened or closed by itself.
        selected: the box that the user has chosen: a node, a part, a layer or the network.
        filming: whether the film runs or is held; if not, all numbers are shown.
        graph, scene, film: what there is to see; None while there is nothing.
    """

    def __init__(self) -> None:
        self.opened: set[Key] = {NETWORK}
        self.level: Level | None = Level.NEURONS
        self.selected: Key = None
        self.filming = False
        self.graph: ExpressionGraph | None = None
        self.scene: Scene | None = None
        self.film: Film | None = None

    # ── another graph ────────────────────────────────────────────────────────────────────────────────────────────

    def _take(self, graph: ExpressionGraph, film: Film, is_same: bool) -> None:
        """Look at another graph, or at the newer numbers of one of the same structure."""
        before, film_before = self.graph, self.film
        self.graph, self.film = graph, film
        if is_same and self.scene is not None:
            self.scene.renew(graph)
        else:
            self.selected = self._same(self.selected, before, graph)
            if self.level is not None:
                self.opened = opened_to(graph, self.level) | {key for key in self.opened if isinstance(key, Part)}
            self.lay_out()
        if self.filming and film_before is not None:
            film.seek(self._same_place(film_before, film))
        self._show_film()

    @abstractmethod
    def _same(self, key: Key, before: ExpressionGraph | None, now: ExpressionGraph) -> Key:
        """What a key stood for in the graph before, in the one of now; None if it is no longer there."""

    @abstractmethod
    def _same_place(self, before: Film, now: Film) -> int:
        """The position in the film of now that comes nearest to where the film before stands."""

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

    def look_into(self, part: Part) -> None:
        """Open a neuron; another that was opened so is closed, unless the user opens and closes by hand."""
        if self.graph is not None and part not in self.opened:
            others = self.opened if self.level is None else opened_to(self.graph, self.level)
            self.opened = others | {part}
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

    def lit(self) -> Highlight:
        """What the last micro-step lights up."""
        step = self.film.last if self.filming and self.film is not None else None
        if step is None or step.node is None or self.scene is None or self.film is None:
            return Highlight()
        homes, i = self.scene.folded.homes, step.node
        links: Iterable[tuple[Key, Key]] = ()
        if step.phase in (Phase.FORWARD, Phase.LOSS):
            links = ((homes[p], homes[i]) for p in self.scene.graph.parents(i))
        elif step.phase is Phase.BACKWARD:
            links = ((homes[flow.parent], homes[i]) for flow in self.film.flows)
        return Highlight(frozenset([homes[i]]), frozenset(links))

    def ways_to_the_loss(self) -> Highlight | None:
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
        return Highlight(frozenset(homes[i] for i in reached), frozenset(links))

    def _inside(self, key: Key) -> list[int]:
        """The nodes that a key stands for: for a part what comes out of it."""
        assert self.scene is not None
        return [key] if isinstance(key, int) else self.scene.nodes(key)

    def _show_film(self) -> None:
        if self.scene is None or self.graph is None or self.film is None:
            return
        if self.filming:
            self.scene.numbers = Numbers(self.film.data, self.film.gradients, self.film.before)
        else:
            self.scene.numbers = Numbers([node.data for node in self.graph.nodes], self.graph.gradients)


def _matches(title: str, text: str) -> bool:
    plain = title.translate(_PLAIN).lower()
    return all(word in plain for word in text.translate(_PLAIN).lower().split())


_PLAIN = str.maketrans("₀₁₂₃₄₅₆₇₈₉·", "0123456789*", ":")
