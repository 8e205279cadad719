"""Undo command, the only one: an Experiment is frozen, so every edit is a step from one to the next."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtGui import QUndoCommand

from engine.training import Experiment


class Edit(QUndoCommand):
    """Undo command: from one experiment to another. Edits of the same gesture, a drag or a stroke, become one.

    Args:
        apply: puts an experiment into force.
        gesture: what the edit is part of; None if it stands alone.
    """

    def __init__(
        self,
        apply: Callable[[Experiment], None],
        before: Experiment,
        after: Experiment,
        text: str,
        gesture: Any = None,
    ) -> None:
        super().__init__(text)
        self._apply, self._before, self._after, self._gesture = apply, before, after, gesture

    def id(self) -> int:
        return 1

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, Edit) or self._gesture is None or self._gesture != other._gesture:
            return False
        self._after = other._after
        self.setObsolete(self._after == self._before)
        return True

    def redo(self) -> None:
        self._apply(self._after)

    def undo(self) -> None:
        self._apply(self._before)
