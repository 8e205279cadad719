"""Parts of the window that can be hidden, for a lesson with three knobs; a project file keeps the choice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtWidgets import QWidget

from playground.ui.controls import PART

if TYPE_CHECKING:
    from playground.app.main_window import MainWindow

# what is in the way of a class that looks at the network learn, unless a project says what it hides
ASIDE = frozenset({"Weights", "Training share", "Batch size", "Classes", "L2 penalty", "Status line"})


class Parts(QObject):
    """Visibility of the window's parts, by the names that the user reads.

    Attributes:
        names: all of them, each section before what stands in it.
        sections: those that hold others.
        hidden: those that the document hides.
    """

    chosen = Signal(object)  # the user has the document hide these: a frozenset of names

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        sections: Mapping[str, QWidget] = {
            "Timeline": window.strip,
            "Data": window.data,
            "Features": window.features,
            "Weights": window.initial,
            "Learning settings": window.learning,
            "Network": window.network,
            "Output": window.output_card,
            "Loss curve": window.loss_card,
            "Status line": window.statusBar(),
        }
        self.sections = frozenset(sections)
        self._widgets: dict[str, QWidget] = controls_of(window.transport)
        for name, section in sections.items():
            self._widgets |= {name: section} | controls_of(section)
        self.names = tuple(self._widgets)
        self.hidden: frozenset[str] = frozenset()
        self._aside: frozenset[str] = frozenset()
        self._wanted: dict[str, bool] = {}  # whether what is hidden would be seen else
        for widget in self._widgets.values():
            widget.installEventFilter(self)

    def hide(self, names: Iterable[str]) -> None:
        """Hide these and no others; names of what there is not are passed over."""
        self.hidden = frozenset(names).intersection(self.names)
        self._update()

    def present(self, on: bool) -> None:
        """Hide what is in the way of a class as well, unless the document says what to hide."""
        self._aside = ASIDE if on and not self.hidden else frozenset()
        self._update()

    def choose(self, names: Iterable[str]) -> None:
        """Have the document hide these."""
        self.hide(names)
        self.chosen.emit(self.hidden)

    def _update(self) -> None:
        now, before = self.hidden | self._aside, set(self._wanted)
        for name in now - before:
            self._wanted[name] = not self._widgets[name].isHidden()
            self._widgets[name].hide()
        for name in before - now:
            self._widgets[name].setVisible(self._wanted.pop(name))

    def eventFilter(self, widget: QObject, event: QEvent) -> bool:
        """Hide again what its owner shows."""
        if event.type() == QEvent.Type.ShowToParent and self._wanted:
            name = next(name for name, other in self._widgets.items() if other is widget)
            if name in self._wanted:
                self._wanted[name] = True
                self._widgets[name].hide()
        return False


def controls_of(section: QWidget) -> dict[str, QWidget]:
    """The controls of a section that can be hidden, by their names."""
    return {child.objectName(): child for child in section.findChildren(QWidget) if child.property(PART)}
