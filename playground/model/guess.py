"""Guess: what the user thinks that training comes to, said before it does."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from engine.dataclass import dataclass
from engine.training import LIMIT, Score
from engine.training.run.timeline import Timeline
from engine.training.spec.rules import Integer, ListOf, Real, TupleOf
from engine.training.spec.spec import Spec, constrained
from playground.ui.number_format import write_loss

NO_GUESS = "no guess"
LONGEST, MOST = 2000, 50  # places of a line, and lines
_COORDINATE = Real(-LIMIT, LIMIT)
_PLACE = TupleOf({"x1": _COORDINATE, "x2": _COORDINATE})


@dataclass(frozen=True)
class Guess(Spec):
    """Guess of a run.

    Attributes:
        steps, loss: after so many steps the loss is this one: of the test points, if there are any; None for no guess.
        lines: where the boundary is, freehand: each a list of places of the plane (x1, x2).
    """

    steps: int | None = constrained(Integer(1, 10**9, NO_GUESS), None)
    loss: float | None = constrained(Real(0, 1e6, NO_GUESS), None)
    lines: tuple[tuple[tuple[float, float], ...], ...] = constrained(ListOf(ListOf(_PLACE, 2, LONGEST), 0, MOST), ())

    def with_line(self, places: NDArray[np.float64]) -> Guess:
        """With a line (n, 2) more; the oldest makes way where there is no room."""
        line = places[:: -(-len(places) // LONGEST)].tolist()
        return self.replace(lines=[*self.lines, line][-MOST:])

    def outcome(self, timeline: Timeline) -> Score | None:
        """What came of it: the score after so many steps; None while nobody knows. The timeline is walked along."""
        if self.steps is None or self.loss is None or not timeline.start <= self.steps <= timeline.end:
            return None
        timeline.seek(self.steps, 0)
        return timeline.run.judged()


def in_words(guess: Guess | None, score: Score | None) -> str:
    """A guess against what came of it: 0.05 at step 500, it was 0.021; a boundary. Empty without a guess."""
    if guess is None:
        return ""
    return "; ".join(filter(None, [loss_in_words(guess, score), "a boundary" if guess.lines else ""]))


def loss_in_words(guess: Guess, score: Score | None) -> str:
    """The loss that was guessed against that of the score of then; empty where none was."""
    if guess.loss is None or guess.steps is None:
        return ""
    said = f"{write_loss(guess.loss)} at step {guess.steps:,}"
    if score is None:
        return said
    return f"{said}, it was {_loss(score)}"


def in_brief(guess: Guess | None, score: Score | None) -> str:
    """The same as a column has room for: 0.05 → 0.021, drawn."""
    if guess is None or guess.loss is None:
        return "" if guess is None or not guess.lines else "drawn"
    return write_loss(guess.loss) + ("" if score is None else f" → {_loss(score)}")


def _loss(score: Score) -> str:
    return write_loss(score.loss) if math.isfinite(score.loss) else "not finite"
