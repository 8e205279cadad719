"""Bench: the card of the tabs, with an empty area for the page of each."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QTabWidget, QVBoxLayout, QWidget

from playground.app.pages import Page
from playground.ui.controls import Button

LEAST = QSize(300, 130)  # pixels that a page has at least, whatever the size of the text


class _Page(QScrollArea):
    """Scroll area of one page of the tabs; where it is too small, the page scrolls."""

    def __init__(self) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def fill(self, page: QWidget) -> None:
        """Have a page."""
        self.setWidget(page)
        page.setAutoFillBackground(False)  # which setWidget has just told it to do
        self.updateGeometry()

    def minimumSizeHint(self) -> QSize:
        return LEAST


class Bench(QWidget):
    """Bench: the tabs, and at their right what fills the window with them and what closes them.

    Args:
        tabs: the pages by their names.
        shown: the name of the one that is in front.
    """

    def __init__(self, tabs: Mapping[str, Page], shown: str) -> None:
        super().__init__()
        self.tabs = QTabWidget()
        self.areas = {name: _Page() for name in tabs}
        self.fill = Button(icon="arrows-out", role="icon", name="Fill the window", tip="Fill the window (Shift+M)")
        self.fill.setCheckable(True)
        self.close_button = Button(icon="x", role="icon", name="Close the microscope", tip="Close (M)")
        self._lay_out()
        for name, page in tabs.items():
            self.tabs.setTabToolTip(self.tabs.addTab(self.areas[name], page.title), page.words)
        self.tabs.setCurrentWidget(self.areas[shown])

    def _lay_out(self) -> None:
        self.tabs.setDocumentMode(True)
        self.tabs.setProperty("role", "bench")
        self.tabs.tabBar().setAccessibleName("What looks closely")
        corner = QWidget()
        row = QHBoxLayout(corner)
        row.setContentsMargins(0, 0, 0, 2)
        row.setSpacing(2)
        row.addWidget(self.fill)
        row.addWidget(self.close_button)
        self.tabs.setCornerWidget(corner)
        card = QFrame()
        card.setProperty("role", "panel")
        inside = QVBoxLayout(card)
        inside.setContentsMargins(12, 4, 12, 8)  # room is dear here
        inside.addWidget(self.tabs)
        around = QVBoxLayout(self)
        around.setContentsMargins(12, 0, 12, 12)
        around.addWidget(card)
