"""Stop rules: when training stops by itself, and the words that say which rule it was.

They change no number of a run, only where it is left: so they are no part of its Experiment.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from engine.dataclass import dataclass
from engine.training.run.run import Run
from engine.training.spec.rules import Integer, Real
from engine.training.spec.spec import Spec, constrained

EVERY = 10  # steps from one look at the scores to the next, wherever training began and however fast it goes
BETTER = 0.999  # times the best loss so far: what is above it does not count as fallen
NO_RULE = "no such rule"


@dataclass(frozen=True)
class StopRules(Spec):
    """Stop rules, None for those that are not in force. The scores are those of the test points, if there are any.

    Attributes:
        steps: how many are made before it stops.
        loss, accuracy: what it stops at, if it was not reached before.
        plateau: in how many steps the loss must fall to a new best.
    """

    steps: int | None = constrained(Integer(1, 10**9, NO_RULE), None)
    loss: float | None = constrained(Real(0, 1e6, NO_RULE), None)
    accuracy: float | None = constrained(Real(0, 1, NO_RULE), None)
    plateau: int | None = constrained(Integer(EVERY, 10**6, NO_RULE), None)

    @property
    def in_words(self) -> str:
        """Until when it trains by these: "1,000 steps are made or the accuracy is 95 %"; empty without any."""
        parts = [] if self.steps is None else [f"{_steps(self.steps)} made"]
        parts += [] if self.accuracy is None else [f"the accuracy is {100 * self.accuracy:.4g} %"]
        parts += [] if self.loss is None else [f"the loss is {self.loss:.4g}"]
        parts += [] if self.plateau is None else [f"the loss has not fallen for {_steps(self.plateau)}"]
        return " or ".join(parts)

    @property
    def ask_for_scores(self) -> bool:
        """Whether there is a rule that looks at the losses and accuracies of a run."""
        return (self.loss, self.accuracy, self.plateau) != (None, None, None)


class StopWatch:
    """Stop watch: begun where training begins, it says when a rule has it stop.

    A rule that was fulfilled at the beginning is not looked at: whoever trains on wants to go on.

    Args:
        rules: what to look for.
        run: what is trained; it is looked at now.

    Attributes:
        run: as above.
        at_start: which rule was fulfilled at the beginning, in words; empty if none was.
    """

    def __init__(self, rules: StopRules, run: Run) -> None:
        self.run = run
        self._rules, self._start = rules, run.steps
        self._best, self._best_at = math.inf, run.steps
        found = dict(self._reached()) if rules.ask_for_scores else {}
        self._over, self.at_start = set(found), next(iter(found.values()), "")

    @property
    def room(self) -> float:
        """How many steps can be made before `look` is to look again."""
        step = self.run.steps
        ends: list[float] = [self._start + self._rules.steps - step] if self._rules.steps is not None else []
        ends += [EVERY - step % EVERY] if self._rules.ask_for_scores else []
        return min(ends, default=math.inf)

    def look(self) -> str:
        """Why training stops here, as the end of a sentence; empty if it goes on."""
        steps, here = self._rules.steps, self.run.steps
        if steps is not None and here >= self._start + steps:
            return f"{_steps(steps)} made, at step {here:,}"
        if not self._rules.ask_for_scores or here % EVERY:
            return ""
        return next((words for rule, words in self._reached() if rule not in self._over), "")

    def _reached(self) -> Iterator[tuple[str, str]]:
        """The rules about scores that are fulfilled, and what to say of each."""
        run = self.run
        train, test = run.score()
        score, points = (test, "test") if test is not None else (train, "training")
        if score is None:
            return
        rules, here = self._rules, f"at step {run.steps:,}"
        if score.loss < BETTER * self._best:
            self._best, self._best_at = score.loss, run.steps
        if rules.accuracy is not None and score.quality >= rules.accuracy:
            task = run.experiment.task
            wanted = f"{100 * rules.accuracy:.4g} %" if task.has_classes else f"{rules.accuracy:.4g}"
            yield "accuracy", f"{points} {task.measure} reached {wanted} {here}"
        if rules.loss is not None and score.loss <= rules.loss:
            yield "loss", f"{points} loss reached {rules.loss:.4g} {here}"
        if rules.plateau is not None and run.steps - self._best_at >= rules.plateau:
            yield "plateau", f"{points} loss has not fallen for {_steps(rules.plateau)}, {here}"


def _steps(count: int) -> str:
    return f"{count:,} step{'' if count == 1 else 's'}"
