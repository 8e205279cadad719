"""Undo commands: edits, since an Experiment is frozen, are steps from one to the next; and what is said of runs."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from itertools import count
from typing import Any, NamedTuple

from PySide6.QtGui import QUndoCommand

from engine.training import Experiment
from engine.training.spec.places import Values
from playground.model.branch import Lane


class Manner(NamedTuple):
    """Manner of an edit: what it does beside putting an experiment into force.

    Attributes:
        begins_anew: whether with fresh initial weights, even where the experiment is the same.
        from_start: whether from where the optimizer in force began, instead of from where the run stands.
        values: weights and biases that are set by hand.
        race: the lanes of a race that begins; none to end the one that is on, None to leave it as it is.
        gesture: what it is part of; None if it stands alone.
    """

    begins_anew: bool = False
    from_start: bool = False
    values: Values = ()
    race: tuple[Lane, ...] | None = None
    gesture: Hashable = None


USUAL = Manner()
Do = Callable[[Experiment, Hashable, Manner], None]
Return = Callable[[Experiment, Hashable, Hashable], None]
Said = Mapping[str, Any]
_NUMBERS = count()


class Edit(QUndoCommand):
    """Undo command: from one experiment to another. Edits of the same gesture, a drag or a stroke, become one.

    It holds no weights: where it was made, in which run and at which step, has a mark, and undoing it goes there.
    What was trained since has a mark as well, and redoing it goes there.

    Args:
        do: puts an experiment into force, having given the place where that happens a mark.
        go_back: puts an experiment into force by standing at a mark, having given another to where it stood.
        manner: how.
    """

    def __init__(
        self, do: Do, go_back: Return, before: Experiment, after: Experiment, text: str, manner: Manner
    ) -> None:
        super().__init__(text)
        self._do, self._go_back, self._manner = do, go_back, manner
        self._before, self._after = before, after
        self._is_done = False
        self._number = next(_NUMBERS)

    @property
    def change(self) -> tuple[Experiment, Experiment]:
        """From what to what it leads."""
        return self._before, self._after

    def id(self) -> int:
        return 1

    def mergeWith(self, other: QUndoCommand) -> bool:
        gesture = self._manner.gesture
        if not isinstance(other, Edit) or gesture is None or gesture != other._manner.gesture:
            return False
        self._after = other._after
        self.setObsolete(self._after == self._before and not self._manner.values)
        return True

    def redo(self) -> None:
        if self._is_done:
            self._go_back(self._after, ("after", self._number), ("before", self._number))
        else:
            self._is_done = True
            self._do(self._after, ("before", self._number), self._manner)

    def undo(self) -> None:
        self._go_back(self._before, ("before", self._number), ("after", self._number))


class Telling(QUndoCommand):
    """Undo command: what the user says of runs, a name or a guess, or that they are removed; nothing is trained.

    Args:
        tell: has what is said of a run, by its number, be something else: fields of its branch.
        before: what was said, by the number of each run.
        said: what is said of all of them.
        gesture: those of one become one; None if it stands alone.
    """

    def __init__(
        self, tell: Callable[[int, Said], None], before: Mapping[int, Said], said: Said, text: str, gesture: Hashable
    ) -> None:
        super().__init__(text)
        self._tell, self._before, self._said, self._gesture = tell, before, said, gesture

    def id(self) -> int:
        return 2

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, Telling) or self._gesture is None or self._gesture != other._gesture:
            return False
        self._said = other._said
        return True

    def redo(self) -> None:
        for number in self._before:
            self._tell(number, self._said)

    def undo(self) -> None:
        for number, said in self._before.items():
            self._tell(number, said)
