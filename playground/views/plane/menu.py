"""Context menu of points: give them another class, and whatever else can be done with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QAction, QIcon
from PySide6.QtWidgets import QMenu, QWidget

from engine.training import Task
from playground.ui import theme
from playground.views.plane.markers import LARGE, target_marker

Acts = Mapping[tuple[str, str], Callable[[], object]]  # by their words and their icons


class PointMenu(QMenu):
    """Context menu of a point, or of all that are selected. It asks; whoever owns the points acts."""

    class_chosen = Signal(int)  # from 0

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.triggered.connect(self._act)

    def open(self, them: str, targets: set[float], task: Task, acts: Acts, at: QPoint) -> None:
        """Open it at a place of the screen for "it" or "them", points of some targets, with what else can be done."""
        self.clear()
        for label, target in enumerate(task.choices if len(task.choices) > 1 else ()):
            if targets != {target}:
                picture = QIcon(target_marker(target, task, LARGE, self.devicePixelRatioF()))
                self._add(f"Make {them} {task.name_of(target)}", label, picture)
        self.addSeparator()
        for (words, icon), act in acts.items():
            self._add(words, act, theme.icon(icon))
        self.popup(at)

    def _add(self, text: str, does: object, icon: QIcon) -> None:
        action = QAction(icon, text, self)
        action.setData(does)
        self.addAction(action)

    def _act(self, action: QAction) -> None:
        does = action.data()
        if callable(does):
            does()
        else:
            self.class_chosen.emit(does)
