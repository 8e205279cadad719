"""Recent documents: the menu of the ten that were open last, those without a file among them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QMenu, QWidget

from playground.app import settings


class RecentMenu(QMenu):
    """Menu of recent documents, filled each time that it opens.

    Args:
        title: of the menu.
        open_path: told of the one that was chosen.
    """

    def __init__(self, title: str, parent: QWidget, open_path: Callable[[Path], None]) -> None:
        super().__init__(title, parent)
        self._open_path = open_path
        self.setToolTipsVisible(True)
        self.aboutToShow.connect(self._fill)

    def _fill(self) -> None:
        self.clear()
        for path, name in settings.recent():
            action = self.addAction(name.replace("&", "&&"))
            action.setToolTip(str(path))
            action.triggered.connect(partial(self._choose, path))
        if self.isEmpty():
            self.addAction("There are none yet").setEnabled(False)

    def _choose(self, path: Path, _checked: bool = False) -> None:
        self._open_path(path)
