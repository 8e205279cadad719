"""Parts of the window that can be hidden, for a lesson with three knobs; a project file keeps the choice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QDialog, QLabel, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from playground.ui import theme
from playground.ui.controls import PART, Button, closing_row, take_room

if TYPE_CHECKING:
    from playground.app.main_window import MainWindow

# what is in the way of a class that looks at the network learn, unless a project says what it hides
ASIDE = frozenset({"Weights", "Training share", "Batch size", "Classes", "L2 penalty", "Status line"})
SIZE = 320, 480  # pixels at the usual text size


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


class PartsDialog(QDialog):
    """List of the window's parts, those ticked that are to be seen; it acts at once."""

    def __init__(self, parts: Parts, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Show and hide")
        self._parts = parts
        about = QLabel("What is ticked is seen. A project file keeps the choice, so that a class gets the same window.")
        about.setWordWrap(True)
        self._list = QListWidget()
        self._list.setAccessibleName("Parts of the window")
        self._list.ensurePolished()  # else its rows are low until one is ticked
        self._list.setToolTip("What is ticked is seen; Space ticks a part, or no longer")
        for name in parts.names:
            item = QListWidgetItem(name, self._list)
            if name in parts.sections:
                item.setFont(theme.font(13, QFont.Weight.DemiBold))
            item.setCheckState(Qt.CheckState.Unchecked if name in parts.hidden else Qt.CheckState.Checked)
        self._list.itemChanged.connect(self._take)
        everything = Button("Show everything", tip="Tick all of them")
        everything.clicked.connect(self._show_everything)
        take_room(self, *SIZE)
        layout = QVBoxLayout(self)
        layout.addWidget(about)
        layout.addWidget(self._list)
        layout.addWidget(closing_row(self, everything))

    def _items(self) -> list[QListWidgetItem]:
        return [self._list.item(row) for row in range(self._list.count())]

    def _take(self) -> None:
        unticked = [item.text() for item in self._items() if item.checkState() == Qt.CheckState.Unchecked]
        self._parts.choose(unticked)

    def _show_everything(self) -> None:
        for item in self._items():
            item.setCheckState(Qt.CheckState.Checked)
