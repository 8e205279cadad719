"""About: what this program is, and the versions of all that it is made of, to be copied into a report."""

from __future__ import annotations

import platform

import numpy as np
import PySide6
from PySide6.QtCore import Qt, qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QLabel, QVBoxLayout, QWidget

from playground.ui.controls import Button, closing_row

NAME = "Backprop Playground"
WORDS = "See how a neural network learns: draw points, build a network, and watch backpropagation train it."
ICONS = 'Icons: <a href="https://phosphoricons.com">Phosphor</a>, under the MIT licence.'


def versions() -> str:
    """What runs here, a line each."""
    from importlib import metadata  # takes as long as a frame, and the window has to wait for it

    try:
        own = metadata.version("backprop-playground")
    except metadata.PackageNotFoundError:
        own = "(not installed)"
    return "\n".join(
        (
            f"{NAME} {own}",
            f"Python {platform.python_version()}",
            f"PySide6 {PySide6.__version__}, Qt {qVersion()}",
            f"pyqtgraph {metadata.version('pyqtgraph')}",
            f"NumPy {np.__version__}",
            platform.platform(),
        )
    )


class About(QDialog):
    """About dialog: the program's name and purpose, versions, and licences."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setWindowTitle(f"About {NAME}")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 12)
        layout.setSpacing(12)
        for text in (f"<b>{NAME}</b>", WORDS, versions(), ICONS):
            label = QLabel(text)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
            label.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            label.setOpenExternalLinks(True)
            label.setWordWrap(True)
            layout.addWidget(label)
        copy = Button("Copy versions", icon="copy", tip="Have the versions on the clipboard, for a report")
        copy.clicked.connect(_copy)
        layout.addWidget(closing_row(self, copy))


def _copy() -> None:
    QGuiApplication.clipboard().setText(versions())
