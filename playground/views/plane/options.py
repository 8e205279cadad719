"""View options of the plane: what is shown in it, as one table, and the button that opens the list."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QActionGroup


class Option(NamedTuple):
    """View option: its words, and whether it is on at first."""

    label: str
    tip: str
    is_on: bool


OPTIONS = {
    "test": Option("Test points", "The points that are held back from training, drawn hollow", True),
    "wrong": Option("Rings around wrong points", "Ring each point that the network puts in a wrong class", True),
    "steps": Option("Colours without shades", "The class alone, not how sure the network is of it", False),
    "contours": Option("Contours", "Lines along which the network answers the same", False),
    "zeros": Option(
        "Zero lines of the chosen layer", "Where each neuron of the layer chosen in the diagram sums to 0", False
    ),
    "regions": Option(
        "Linear regions", "The pieces in which a network of ReLUs is one linear formula; point at one to read it", False
    ),
}


class ViewOptions(QObject):
    """View options as checkable actions, for any menu.

    Attributes:
        actions: by the names in OPTIONS.
    """

    changed = Signal(str, bool)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        group = QActionGroup(self)
        group.setExclusionPolicy(QActionGroup.ExclusionPolicy.None_)
        self.actions: dict[str, QAction] = {}
        for name, option in OPTIONS.items():
            action = QAction(option.label, group, checkable=True, checked=option.is_on, toolTip=option.tip)
            action.setData(name)
            self.actions[name] = action
        group.triggered.connect(self._tell)

    def is_on(self, name: str) -> bool:
        """Whether it is shown."""
        return self.actions[name].isChecked()

    def set(self, name: str, on: bool) -> None:
        """Show it, or not."""
        if on != self.is_on(name):
            self.actions[name].trigger()

    def _tell(self, action: QAction) -> None:
        self.changed.emit(action.data(), action.isChecked())
