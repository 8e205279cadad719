"""Session of the lab: the formula that was read last, the numbers of its inputs, and where its film stands."""

from __future__ import annotations

import math

from engine.formula import Formula, FormulaError, parse
from engine.microscope.film.film import Film, Phase
from engine.microscope.graph.expression_graph import ExpressionGraph
from engine.microscope.graph.formula_graph import formula_graph
from engine.microscope.text.words import Words
from playground.views.microscope.session import Session


class LabSession(Session):
    """A look at a formula: as at a step of a run, but the graph has no layers, and the film ends with the way back.

    Attributes:
        program: the last formula without a fault, with the numbers that its inputs have now.
        fault: what is wrong with the text as it is; None if it is the program's.
        over: the input that the curve runs over; empty if the formula has none.
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self.program = parse(text)
        self.fault: FormulaError | None = None
        self.over = ""
        self._written = dict(self.program.inputs)  # the number that the text gives each name
        self._numbers: dict[str, float] = {}  # and the one that the user gave it since
        self._show(self.program)

    @property
    def structure(self) -> object:
        """What is computed, whatever the numbers, and over which input it is seen."""
        return self.program.tape, self.program.places, self.over

    @property
    def has_something_to_say(self) -> bool:
        """Whether an operation was made or a number is selected."""
        is_on_its_way = self.filming and self.film is not None and self.film.position > 0
        return is_on_its_way or self.selected is not None

    def is_whole_step(self) -> bool:
        """A formula stands for itself: its film lacks nothing at the end."""
        return True

    def read(self, text: str) -> None:
        """Read the text as it is now. A faulty one leaves everything as it was, but for the fault.

        An input keeps the number that the user gave it, until the text gives it another one.
        """
        try:
            program = parse(text)
        except FormulaError as fault:
            self.fault = fault
            return
        self.fault = None
        for name, number in program.inputs.items():
            if self._written.get(name) != number:
                self._numbers.pop(name, None)
                self._written[name] = number
        kept = {name: number for name, number in self._numbers.items() if name in program.inputs}
        self._show(program.with_inputs(**kept))

    def forget_numbers(self) -> None:
        """Let the next text begin with its own numbers."""
        self._written.clear()
        self._numbers.clear()

    def set_number(self, name: str, number: float) -> None:
        """Give an input another number."""
        self._numbers[name] = number
        self._show(self.program.with_inputs(**{name: number}))

    def gradients(self) -> dict[str, float]:
        """The derivative of the output by each input, at their numbers; NaN where the output is none."""
        graph = self.graph
        assert graph is not None
        arrived = {graph.names[i]: graph.gradient(i) or 0.0 for i, p in enumerate(graph.parts) if p.column == 0}
        if math.isnan(graph.value(graph.root)):
            return dict.fromkeys(self.program.inputs, math.nan)
        return {name: arrived.get(name, 0.0) for name in self.program.inputs}

    def _show(self, program: Formula) -> None:
        before, place = self.graph, self._place()
        is_same = self.scene is not None and (program.tape, program.places) == (self.program.tape, self.program.places)
        self.program = program
        self.over = self.over if self.over in program.inputs else next(iter(program.inputs), "")
        self.graph = formula_graph(program)
        self.film = Film(self.graph)
        if is_same and self.scene is not None:
            self.scene.renew(self.graph)
        else:
            self.selected = _same(self.selected, before, self.graph)
            self.lay_out()
        if place is not None:
            self.film.seek(place[0] if is_same else self._found(*place))
        self._show_film()

    def _place(self) -> tuple[int, Phase | None, str] | None:
        """Where the film stands: how far, in which phase, and at what number."""
        if not self.filming or self.film is None:
            return None
        step = self.film.last
        if step is None or step.node is None:
            return 0, None, ""
        return self.film.position, step.phase, Words(self.film.graph).title(step.node)

    def _found(self, position: int, phase: Phase | None, title: str) -> int:
        """The same place in the film of, perhaps, another formula; or else one of the same phase, as near as may be."""
        assert self.film is not None
        words = Words(self.film.graph)
        alike = [n for n, step in enumerate(self.film.steps, 1) if step.phase is phase]
        same = [n for n in alike if (i := self.film.steps[n - 1].node) is not None and words.title(i) == title]
        return min(same or alike or [position], key=lambda n: abs(n - position))


def _same(key: object, before: ExpressionGraph | None, graph: ExpressionGraph) -> int | None:
    """The number that is called like one of the graph before; None if there is none any more."""
    if not isinstance(key, int) or before is None:
        return None
    title, words = Words(before).title(key), Words(graph)
    return next((i for i in range(len(graph.nodes)) if words.title(i) == title), None)
