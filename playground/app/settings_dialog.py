"""Settings dialog: what the program remembers of how it is to look; it acts at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QDialog, QFormLayout

from playground.app.parts_dialog import PartsDialog
from playground.ui import theme
from playground.ui.controls import Button, Combo, closing_row

if TYPE_CHECKING:
    from playground.app.main_window import MainWindow


class SettingsDialog(QDialog):
    """Settings dialog."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Settings")
        self._window = window
        modes, sizes = _choice("Theme"), _choice("Text size")
        for mode in theme.Mode:
            modes.addItem(mode.value, mode)
        for share in theme.TEXT_SIZES:
            sizes.addItem(f"{share:.0%}", share)
        modes.setCurrentIndex(modes.findData(theme.theme().mode))
        sizes.setCurrentIndex(sizes.findData(window.appearance.text_size))
        modes.activated.connect(lambda index: window.appearance.set_theme(modes.itemData(index)))
        sizes.activated.connect(lambda index: window.appearance.set_text_size(sizes.itemData(index)))
        parts = Button("Show and hide…", tip="Which panels and settings are to be seen")
        parts.clicked.connect(lambda: PartsDialog(window.parts, window).show())
        layout = QFormLayout(self)
        layout.setSpacing(12)
        layout.addRow("Theme", modes)
        layout.addRow("Text size", sizes)
        layout.addRow("Window", parts)
        layout.addRow(closing_row(self))

    @classmethod
    def open_on(cls, window: MainWindow) -> None:
        """Open it beside what it changes."""
        cls(window).show()


def _choice(name: str) -> QComboBox:
    box = Combo()
    box.setAccessibleName(name)
    box.setToolTip(name)
    return box
