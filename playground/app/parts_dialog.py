"""Dialog of the window's parts: which are to be seen."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QDialog, QLabel, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from playground.app.parts import Parts
from playground.ui import theme
from playground.ui.controls import Button, closing_row, take_room

SIZE = 320, 480  # pixels at the usual text size


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
