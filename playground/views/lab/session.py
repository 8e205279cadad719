"""Formula session: the formula that was read last, the numbers of its inputs, and where its film stands."""

from __future__ import annotations

import math

from engine.formula import Formula, FormulaError, parse
from engine.microscope.film.film import Film
from engine.microscope.graph.expression_graph import ExpressionGraph
from engine.microscope.graph.formula_graph import formula_graph
from engine.microscope.text.words import Words
from playground.views.expression_graph.folding import Key
from playground.views.film.session import GraphSession


class FormulaSession(GraphSession):
    """A look at a formula. Its graph has no layers, and its film ends with the way back.

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
        is_same = (program.tape, program.places) == (self.program.tape, self.program.places)
        self.program = program
        self.over = self.over if self.over in program.inputs else next(iter(program.inputs), "")
        graph = formula_graph(program)
        self._take(graph, Film(graph), is_same)

    def _same(self, key: Key, before: ExpressionGraph | None, now: ExpressionGraph) -> Key:
        """The number that is called like one of the graph before."""
        if not isinstance(key, int) or before is None:
            return None
        title, words = Words(before).title(key), Words(now)
        return next((i for i in range(len(now.nodes)) if words.title(i) == title), None)

    def _same_place(self, before: Film, now: Film) -> int:
        """In the film of, perhaps, another formula: at the same number, or else in the same phase."""
        step = before.last
        if step is None or step.node is None:
            return 0
        title, words = Words(before.graph).title(step.node), Words(now.graph)
        alike = [n for n, other in enumerate(now.steps, 1) if other.phase is step.phase]
        same = [n for n in alike if (i := now.steps[n - 1].node) is not None and words.title(i) == title]
        return min(same or alike or [before.position], key=lambda n: abs(n - before.position))
