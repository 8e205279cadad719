"""A user at the derivative lab: what can be read there, and hands to type and drag."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from playground.ui import theme
from playground.ui.controls import Slider
from playground.views.expression_graph.canvas import Canvas
from playground.views.film.phase_bar import PhaseBar
from playground.views.lab.plot import CurvePlot
from playground.views.lab.view import LabView

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton


class User:
    """What a person sees and does."""

    def __init__(self, view: LabView, qtbot: QtBot) -> None:
        self.view, self.qtbot = view, qtbot

    # ── seeing ───────────────────────────────────────────────────────────────────────────────────────────────────

    def named(self, name: str, kind: type[Any] = QWidget) -> Any:
        found = [w for w in self.view.findChildren(kind) if w.accessibleName() == name]
        assert len(found) == 1, f"{len(found)} widgets are called {name!r}"
        return found[0]

    def read(self, name: str) -> str:
        """The number in a cell of the table, or at an input."""
        return self.named(name, QLabel).text()

    def inputs(self) -> list[str]:
        return [w.accessibleName() for w in self.view.findChildren(QLineEdit) if not w.accessibleName().startswith("h")]

    def slopes(self) -> dict[str, str]:
        return {name: self.read(f"Slope over {name}") for name in self.inputs()}

    def number(self, name: str) -> str:
        return self.named(name, QLineEdit).text()

    @property
    def text(self) -> QPlainTextEdit:
        return self.named("Formula", QPlainTextEdit)

    @property
    def complaint(self) -> str:
        label = self.named("What is wrong", QLabel)
        document = pg.QtGui.QTextDocument()
        document.setHtml(label.text())
        return document.toPlainText()

    @property
    def says(self) -> str:
        document = pg.QtGui.QTextDocument()
        document.setHtml(self.named("What happens here", QLabel).text())
        return document.toPlainText()

    @property
    def plot(self) -> CurvePlot:
        return self.named("Curve", CurvePlot)

    @property
    def canvas(self) -> Canvas:
        return self.named("Expression graph", Canvas)

    @property
    def film(self) -> PhaseBar:
        return self.named("Film", PhaseBar)

    def line(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """A line of the plot as it is drawn."""
        items = self.plot.getPlotItem().items
        (item,) = [i for i in items if isinstance(i, pg.PlotCurveItem) and i.name() == name]
        xs, ys = item.getData()
        return (np.empty(0), np.empty(0)) if xs is None else (xs, ys)

    def drawn_slope(self, name: str) -> float:
        """The slope of a straight line of the plot."""
        xs, ys = self.line(name)
        return float((ys[-1] - ys[0]) / (xs[-1] - xs[0]))

    def boxes(self) -> dict[str, float | None]:
        """What the graph says, by the names of its boxes."""
        scene = self.canvas.scene
        assert scene is not None
        return {scene.title(key): scene.value(key) for key in scene.folded.boxes}

    # ── doing ────────────────────────────────────────────────────────────────────────────────────────────────────

    def type(self, text: str) -> None:
        """Type another formula over what is there."""
        self.text.setFocus()
        self.text.selectAll()
        self.qtbot.keyClick(self.text, Qt.Key.Key_Delete)
        self.qtbot.keyClicks(self.text, text)

    def paste(self, text: str) -> None:
        """Put another formula in the place of what is there, at once."""
        QApplication.clipboard().setText(text)
        self.text.selectAll()
        self.text.paste()

    def enter(self, name: str, number: str) -> None:
        field = self.named(name, QLineEdit)
        field.setFocus()
        field.selectAll()
        self.qtbot.keyClick(field, Qt.Key.Key_Delete)
        self.qtbot.keyClicks(field, number)
        self.qtbot.keyClick(field, Qt.Key.Key_Return)

    def press(self, name: str) -> None:
        self.qtbot.mouseClick(self.named(name, QAbstractButton), LEFT)

    def slide(self, name: str, value: int) -> None:
        self.named(name, Slider).setValue(value)

    def drag(self, start: tuple[float, float], *ways: tuple[float, float]) -> None:
        """Press at a place of the plot, move over others, and let go at the last."""
        spots = [self.plot.place(*place) for place in (start, *ways)]
        self._mouse(QEvent.Type.MouseButtonPress, spots[0], LEFT, LEFT)
        for spot in spots[1:]:
            self._mouse(QEvent.Type.MouseMove, spot, NONE, LEFT)
        self._mouse(QEvent.Type.MouseButtonRelease, spots[-1], LEFT, NONE)

    def double_click(self, x: float, y: float) -> None:
        self._mouse(QEvent.Type.MouseButtonDblClick, self.plot.place(x, y), LEFT, LEFT)

    def _mouse(self, kind: QEvent.Type, spot: QPointF, button: Qt.MouseButton, held: Qt.MouseButton) -> None:
        widget = self.plot.viewport()
        event = QMouseEvent(kind, spot, widget.mapToGlobal(spot), button, held, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(widget, event)


@pytest.fixture
def open_lab(qtbot: QtBot) -> Iterator[Callable[..., User]]:
    """`open_lab(width, height)` puts it on the screen."""
    theme.set_mode(theme.Mode.LIGHT)

    def opened(width: int = 1224, height: int = 682) -> User:
        view = LabView()
        qtbot.addWidget(view)
        view.resize(width, height)
        with qtbot.waitExposed(view):
            view.show()
        view.activateWindow()
        qtbot.waitUntil(view.isActiveWindow)
        return User(view, qtbot)

    yield opened
    theme.set_mode(theme.Mode.SYSTEM)


@pytest.fixture
def user(open_lab: Callable[..., User]) -> User:
    return open_lab()
