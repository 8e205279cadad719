"""Guess: what the user thinks that training comes to, said before it does."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.dataclass import dataclass
from engine.training import LIMIT, Run, Score
from engine.training.run.timeline import Timeline
from engine.training.spec.rules import Integer, ListOf, Real, TupleOf
from engine.training.spec.spec import Spec, constrained
from playground.runtime.pictures import boundary_of, colours_in, grid
from playground.ui.number_format import write_loss

NO_GUESS = "no guess"
LONGEST, MOST = 2000, 50  # places of a line, and lines
AHEAD = 500  # steps from where the run ends, of a guess that does not say
SIDE = 100  # cells along each side of the picture in which the boundary is looked for
MEASURED = 300  # places of all lines, at most, of which the distance from it is measured
_COORDINATE = Real(-LIMIT, LIMIT)
_PLACE = TupleOf({"x1": _COORDINATE, "x2": _COORDINATE})


class Outcome(NamedTuple):
    """Outcome: what a guess is held against.

    Attributes:
        score: after the steps that it is of.
        off: how far the lines are from the boundary there, in units of the plane, in the mean; None if there is none.
    """

    score: Score
    off: float | None = None


@dataclass(frozen=True)
class Guess(Spec):
    """Guess of a run.

    Attributes:
        steps, loss: after so many steps the loss is this one: of the test points, if there are any; None for no guess.
        lines: where the boundary is then, freehand: each a list of places of the plane (x1, x2).
    """

    steps: int | None = constrained(Integer(1, 10**9, NO_GUESS), None)
    loss: float | None = constrained(Real(0, 1e6, NO_GUESS), None)
    lines: tuple[tuple[tuple[float, float], ...], ...] = constrained(ListOf(ListOf(_PLACE, 2, LONGEST), 0, MOST), ())

    def with_line(self, places: NDArray[np.float64]) -> Guess:
        """With a line (n, 2) more; the oldest makes way where there is no room."""
        line = places[:: -(-len(places) // LONGEST)].tolist()
        return self.replace(lines=[*self.lines, line][-MOST:])

    def outcome(self, timeline: Timeline) -> Outcome | None:
        """What came of it after so many steps; None while nobody knows. The timeline is walked along."""
        if self.steps is None or not timeline.start <= self.steps <= timeline.end or self == Guess(self.steps):
            return None
        timeline.seek(self.steps, 0)
        score = timeline.run.judged()
        return None if score is None else Outcome(score, self._off(timeline.run))

    def _off(self, run: Run) -> float | None:
        """The mean distance of the lines from the boundary of a run; None if it has none, or nothing is drawn."""
        task = run.experiment.task
        if not self.lines or not task.has_classes:
            return None
        found, centres = colours_in(boundary_of(run, SIDE), task.colours), grid(SIDE).reshape(SIDE, SIDE, 2)
        up, right = found[1:] != found[:-1], found[:, 1:] != found[:, :-1]
        boundary = np.concatenate([(centres[1:] + centres[:-1])[up], (centres[:, 1:] + centres[:, :-1])[right]]) / 2
        if not len(boundary):
            return None
        places = np.concatenate([np.array(line) for line in self.lines])
        places = places[:: -(-len(places) // MEASURED)]
        return float(np.linalg.norm(places[:, None] - boundary, axis=2).min(axis=1).mean())


def in_words(guess: Guess | None, outcome: Outcome | None) -> str:
    """A guess against what came of it: 0.05 at step 500, it was 0.021; a boundary, 0.3 off in the mean. Empty without
    a guess.
    """
    if guess is None:
        return ""
    off = "" if outcome is None or outcome.off is None else f", {outcome.off:.2g} off in the mean"
    return "; ".join(filter(None, [_loss_in_words(guess, outcome), f"a boundary{off}" if guess.lines else ""]))


def _loss_in_words(guess: Guess, outcome: Outcome | None) -> str:
    """The loss that was guessed against that of then; empty where none was."""
    if guess.loss is None or guess.steps is None:
        return ""
    said = f"{write_loss(guess.loss)} at step {guess.steps:,}"
    return said if outcome is None else f"{said}, it was {_loss(outcome)}"


def in_brief(guess: Guess | None, outcome: Outcome | None) -> str:
    """The same as a column has room for: 0.05 → 0.021, drawn."""
    if guess is None:
        return ""
    arrow = "" if outcome is None else f" → {_loss(outcome)}"
    loss = "" if guess.loss is None else f"{write_loss(guess.loss)}{arrow}"
    return ", ".join(filter(None, [loss, "drawn" if guess.lines else ""]))


def _loss(outcome: Outcome) -> str:
    return write_loss(outcome.score.loss) if math.isfinite(outcome.score.loss) else "not finite"
