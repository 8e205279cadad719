"""A user with the microscope."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

from PySide6.QtCore import QBuffer, QByteArray, QPoint, Qt
from PySide6.QtGui import QPainter, QTextDocument
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from engine.microscope.film.film import Phase
from playground.views.microscope.view import Microscope
from tests.e2e.conftest import User

Play = Callable[..., int]
LEFT = Qt.MouseButton.LeftButton


class Looker(User):
    """A user with the microscope."""

    def __init__(self, user: User, qtbot: QtBot) -> None:
        super().__init__(user.window, qtbot)
        self.scope: Microscope = user.window.inspector.page("microscope")

    @property
    def graph(self) -> Any:
        assert self.scope.session.graph is not None
        return self.scope.session.graph

    @property
    def film(self) -> Any:
        assert self.scope.session.film is not None
        return self.scope.session.film

    def page(self) -> str:
        """What is said beside the graph, without its markup."""
        document = QTextDocument()
        document.setHtml(self.scope.findChild(QLabel, "page").text())
        return document.toPlainText()

    def open(self) -> None:
        self.key(Qt.Key.Key_M)
        assert self.scope.isVisible()

    def click_neuron(self, column: int, unit: int) -> None:
        """Click on a neuron of the diagram."""
        square = self.window.network.diagram.columns[column].square(unit)
        self._qtbot.mouseClick(self.window.network, LEFT, pos=square.center())

    def click_box(self, key: Any) -> None:
        """Click on a box of the graph."""
        self.scope.canvas.reveal(key)
        scene = self.scope.canvas.scene
        assert scene is not None
        spot = self.scope.canvas.on_widget(scene.rects[key]).center().toPoint() + QPoint(0, 4)
        self._qtbot.mouseClick(self.scope.canvas, LEFT, pos=spot)

    def click_fold(self, key: Any) -> None:
        """Click on the square that opens or closes a part."""
        self.scope.canvas.reveal(key)
        scene = self.scope.canvas.scene
        assert scene is not None
        square = scene.fold_square(key)
        assert square is not None
        self._qtbot.mouseClick(self.scope.canvas, LEFT, pos=self.scope.canvas.on_widget(square).center().toPoint())

    def film_to(self, phase: Phase, node: int | None = None) -> None:
        """Go to the first micro-step of a phase, or of a node in it, on the bar."""
        places = [n for n, s in enumerate(self.film.steps, 1) if s.phase is phase and (node is None or s.node == node)]
        self.scope.film_view.phases.sought.emit(places[0])

    def written(self) -> list[tuple[str, float]]:
        """The texts on the canvas, each with its size in pixels."""
        content = QByteArray()
        buffer = QBuffer(content)
        buffer.open(QBuffer.OpenModeFlag.WriteOnly)
        generator = QSvgGenerator()
        generator.setOutputDevice(buffer)
        painter = QPainter(generator)
        self.scope.canvas.render(painter, QPoint())
        painter.end()
        drawing = ElementTree.fromstring(bytes(content.data()))
        texts = [element for element in drawing.iter() if element.tag.endswith("text") and element.text]
        return [(str(element.text).strip(), float(element.get("font-size", "0"))) for element in texts]

    def weights(self) -> dict[str, bytes]:
        """The network's weights as the window shows them, to the bit."""
        assert self.frame.snapshot is not None
        return {name: data.tobytes() for name, data in self.frame.snapshot.weights.items()}
