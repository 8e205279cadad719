"""InspectorTabs: what looks closely at a run, a tab each, below everything else or in the whole window."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QTabWidget, QWidget

from playground.ui.controls import Button

LOWEST = 190  # pixels that a page has at least


class InspectorTabs(QTabWidget):
    """Tabs, with buttons beside them that have the workbench fill the window or close it."""

    fill_asked = Signal()
    close_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._areas: dict[QWidget, QScrollArea] = {}
        self.setDocumentMode(True)
        self.setProperty("role", "bench")
        self.tabBar().setAccessibleName("What looks closely")
        self._fill = Button(icon="arrows-out", role="icon", name="Fill the window", tip="Fill the window (Shift+M)")
        self._fill.setCheckable(True)
        self._fill.clicked.connect(self.fill_asked)
        close = Button(icon="x", role="icon", name="Close the microscope", tip="Close (M)")
        close.clicked.connect(self.close_asked)
        corner = QWidget()
        row = QHBoxLayout(corner)
        row.setContentsMargins(0, 0, 0, 2)
        row.setSpacing(2)
        row.addWidget(self._fill)
        row.addWidget(close)
        self.setCornerWidget(corner)

    def add(self, page: QWidget, name: str, tip: str) -> None:
        """One more tab; where it has not the height that it needs, it scrolls."""
        area = self._areas[page] = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setMinimumSize(page.minimumSizeHint().width(), LOWEST)
        area.setWidget(page)
        page.setAutoFillBackground(False)  # which setWidget has just told it to do
        self.setTabToolTip(self.addTab(area, name), tip)

    def bring(self, page: QWidget) -> None:
        """Show a page's tab."""
        self.setCurrentWidget(self._areas[page])

    def show_filling(self, fills: bool) -> None:
        """Say whether it has the whole window."""
        self._fill.setChecked(fills)
