"""Appearance of the window: theme, text size, full screen, and the presentation for a class."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QMainWindow

from playground.app import settings
from playground.app.parts import Parts
from playground.ui import theme

PRESENTED = 1.5  # text size at least


class Appearance(QObject):
    """Appearance of a window. The theme and the text size are remembered, a presentation is not."""

    def __init__(self, window: QMainWindow, parts: Parts) -> None:
        super().__init__(window)
        self._window, self._parts = window, parts
        self._usual: tuple[float, Qt.WindowState] | None = None  # what a presentation ends with

    def set_theme(self, mode: theme.Mode) -> None:
        """Light, dark, or as the system."""
        theme.set_mode(mode)
        settings.keep_theme_mode(mode)

    @property
    def text_size(self) -> float:
        """As a share of the usual one."""
        return theme.theme().text_size

    def set_text_size(self, share: float) -> None:
        """One of TEXT_SIZES."""
        theme.set_text_size(share)
        if not self.is_presenting:
            settings.keep_text_size(share)

    def change_text_size(self, by: int) -> None:
        """So many sizes up or down, as far as there are any."""
        position = theme.TEXT_SIZES.index(self.text_size) + by
        self.set_text_size(theme.TEXT_SIZES[min(max(position, 0), len(theme.TEXT_SIZES) - 1)])

    @property
    def fills_screen(self) -> bool:
        """Whether the window is all that the screen shows."""
        return self._window.isFullScreen()

    def toggle_full_screen(self) -> None:
        """Fill the screen, or no longer."""
        self._window.setWindowState(self._window.windowState() ^ Qt.WindowState.WindowFullScreen)

    @property
    def is_presenting(self) -> bool:
        """Whether it looks as a class is to see it."""
        return self._usual is not None

    def toggle_presentation(self) -> None:
        """Fill the screen with larger text and fewer controls, or have all as it was."""
        if self._usual is None:
            self._usual = self.text_size, self._window.windowState()
            self.set_text_size(max(PRESENTED, self.text_size))
            self._window.setWindowState(self._usual[1] | Qt.WindowState.WindowFullScreen)
        else:
            (size, state), self._usual = self._usual, None
            self.set_text_size(size)
            self._window.setWindowState(state)
        self._window.menuBar().setVisible(not self.is_presenting)
        self._parts.present(self.is_presenting)
