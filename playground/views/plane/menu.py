"""Context menu of the plane: what can be done with a point, with all that are selected, or with a place without one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QAction, QGuiApplication, QIcon
from PySide6.QtWidgets import QMenu, QWidget

from playground.ui import theme
from playground.views.plane.markers import LARGE, target_marker
from playground.views.plane.plane import Plane
from playground.views.plane.regions import Place
from playground.views.plane.selection import NOBODY

Acts = Mapping[tuple[str, str], Callable[[], object]]  # by their words and their icons


class PlaneMenu(QMenu):
    """Context menu of a place of the plane. It asks; whoever owns the points acts."""

    relabelled = Signal(object, int)  # indices of points, and the class from 0 that they are to have
    looked = Signal(int)  # index of a point to be looked at closely
    explained = Signal(object)  # a place (2,) to be looked at closely

    def __init__(self, plane: Plane, parent: QWidget) -> None:
        super().__init__(parent)
        self._plane = plane
        self._held: NDArray[np.int64] = NOBODY  # the points that it is of
        self.triggered.connect(self._act)

    def open(self, point: int | None, place: Place, at: QPoint) -> None:
        """Open it at a place of the screen, for a point by its index, or else for a place of the plane (2,)."""
        plane, selected = self._plane, self._plane.selection.indices
        self.clear()
        if point is None:
            self._held = NOBODY
            self._add_acts({("Explain this place", "magnifying-glass"): lambda: self.explained.emit(place)}, place)
        elif len(selected) > 1 and point in selected:
            self._held = selected
            self._add_classes("them")
            self._add_acts({
                ("Duplicate them", "copy-simple"): plane.duplicate,
                ("Jitter them", "shuffle"): plane.jitter,
                ("Erase them", "eraser"): lambda: plane.erase(selected),
            })  # fmt: skip
        else:
            self._held = np.array([point])
            self._add_classes("it")
            self._add_acts(
                {("Look at it closely", "magnifying-glass"): lambda: self.looked.emit(point)}, plane.points.xy[point]
            )
            self._add_acts({("Erase it", "eraser"): lambda: plane.erase(self._held)})
        self.popup(at)

    def _add_classes(self, them: str) -> None:
        """The classes that "it" or "they" could have instead."""
        task, targets = self._plane.task, set(self._plane.points.targets[self._held].tolist())
        for label, target in enumerate(task.choices if len(task.choices) > 1 else ()):
            if targets != {target}:
                picture = QIcon(target_marker(target, task, LARGE, self.devicePixelRatioF()))
                self._add(f"Make {them} {task.name_of(target)}", label, picture)
        self.addSeparator()

    def _add_acts(self, acts: Acts, place: Place | None = None) -> None:
        """What else can be done; a place has coordinates."""
        for (words, icon), act in acts.items():
            self._add(words, act, theme.icon(icon))
        if place is not None:
            self._add("Copy its coordinates", lambda: self._copy(place), theme.icon("copy"))

    def _copy(self, place: Iterable[float]) -> None:
        x1, x2 = (axis.raw(float(value)) for axis, value in zip(self._plane.axes, place, strict=True))
        QGuiApplication.clipboard().setText(f"{x1:.6g}, {x2:.6g}")

    def _add(self, text: str, does: object, icon: QIcon) -> None:
        action = QAction(icon, text, self)
        action.setData(does)
        self.addAction(action)

    def _act(self, action: QAction) -> None:
        does = action.data()
        if callable(does):
            does()
        else:
            self.relabelled.emit(self._held, does)
