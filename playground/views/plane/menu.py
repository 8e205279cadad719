"""Context menu of a point: give it another class, erase it, look at it closely, copy where it lies."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QAction, QGuiApplication, QIcon
from PySide6.QtWidgets import QMenu, QWidget

from playground.ui import theme
from playground.views.plane.markers import LARGE, marker


class PointMenu(QMenu):
    """Context menu of a point. It asks; whoever owns the points acts."""

    class_chosen = Signal(int, int)  # index of the point, class from 0
    erase_asked = Signal(int)
    look_asked = Signal(int)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._point, self._text = 0, ""
        self.triggered.connect(self._act)

    def open(self, point: int, place: tuple[float, float], label: int, classes: int, at: QPoint) -> None:
        """Open it at a place of the screen for a point of a class."""
        self._point, self._text = point, f"{place[0]:.6g}, {place[1]:.6g}"
        self.clear()
        for other in range(classes):
            if other != label:
                self._add(f"Make it class {other + 1}", other, QIcon(marker(other, LARGE, self.devicePixelRatioF())))
        self.addSeparator()
        self._add("Look at it closely", "look", theme.icon("magnifying-glass"))
        self._add("Copy its coordinates", "copy", theme.icon("copy"))
        self.addSeparator()
        self._add("Erase it", "erase", theme.icon("eraser"))
        self.popup(at)

    def _add(self, text: str, does: object, icon: QIcon) -> None:
        action = QAction(icon, text, self)
        action.setData(does)
        self.addAction(action)

    def _act(self, action: QAction) -> None:
        does = action.data()
        if does == "look":
            self.look_asked.emit(self._point)
        elif does == "copy":
            QGuiApplication.clipboard().setText(self._text)
        elif does == "erase":
            self.erase_asked.emit(self._point)
        else:
            self.class_chosen.emit(self._point, does)
