"""Scatter plot over a heat map: x₁ and x₂ from -6 to 6, what is computed there, the points, and the hand that draws.

It shows and it asks: mouse and keys become strokes (see `tools`), and strokes become signals.
"""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QGraphicsPathItem

from engine.training import MAX_CLASSES, PLANE, Points
from playground.ui import theme
from playground.ui.plots import recolour_axes
from playground.views.plane.marks import Marks
from playground.views.plane.tools import BRUSH, TOOLS, Place, Stroke, on_plane

SIDE = 200  # pixels, at the least
LEFT, BOTTOM, REST = 22, 20, 8  # pixels for the numbers along the axes, and beyond the last of them
TICKS = [[(value, f"{value:d}".replace("-", "−")) for value in (-6, -3, 0, 3, 6)]]
POINT, TEST_POINT = 9, 7  # pixels
FAINT = 0.35  # opacity of the filling of a test point; its outline is twice as strong
STEP, STRIDE = 0.25, 1.0  # units of an arrow key, without and with Shift

NO_POINTS = Points(np.empty((0, 2)), np.empty(0, dtype=np.int64), np.empty(0, dtype=bool))
ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}


class Plane(pg.GraphicsView):  # pyqtgraph has no types
    """Scatter plot over a heat map: a square picture under points that can be drawn, moved and erased."""

    painted = Signal(object, int, int)  # places (n, 2), label, stroke
    erased = Signal(object, int)  # indices into the points shown, stroke
    moved = Signal(int, float, float, int)  # index, x1, x2, stroke
    looked = Signal(int)  # index of a point to be looked at closely
    pointed = Signal(object)  # the place under the pointer or the crosshair, None outside

    def __init__(self) -> None:
        self._plot = _bare_plot()  # first of all: pyqtgraph's constructor calls resizeEvent
        super().__init__()
        self.points = NO_POINTS
        self.tool, self.label, self.classes = "draw", 0, 2
        self._stroke: Stroke | None = None
        self._button = Qt.MouseButton.NoButton
        self._strokes = 0
        self._crosshair_at: Place = np.zeros(2)

        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMinimumSize(SIDE, SIDE)
        self.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        self.setAccessibleName("Plane of x₁ and x₂")
        self.setAccessibleDescription(
            "Arrow keys move the crosshair, Enter adds a point of the chosen class, Delete erases."
        )
        self.addItem(self._plot)
        self._box: pg.ViewBox = self._plot.getViewBox()
        self._image = pg.ImageItem(axisOrder="row-major")
        self._box.addItem(self._image)
        self._clusters = {(label, test): self._cluster(test) for label in range(MAX_CLASSES) for test in (True, False)}
        self._brush = self._mark(_circle(BRUSH))
        self._crosshair = self._mark(_cross())
        self.marks = Marks()
        for item in (self.marks.needles, self.marks.ring):
            item.setZValue(3)
            self._box.addItem(item, ignoreBounds=True)
        self._recolour()
        theme.theme().changed.connect(self._recolour)

    # what it shows

    def show_picture(self, indices: NDArray[np.uint8], colours: NDArray[np.uint8]) -> None:
        """Palette indices, row 0 at the bottom, and the colours (256, 3) that they stand for."""
        if colours is not self._image.lut:
            self._image.setLookupTable(colours, update=False)
        self._image.setImage(indices, autoLevels=False)
        self._image.setRect(-PLANE, -PLANE, 2 * PLANE, 2 * PLANE)

    def show_points(self, points: Points) -> None:
        """The points; only classes that differ from what is shown are built again."""
        for (label, test), cluster in self._clusters.items():
            new = points.xy[(points.labels == label) & (points.test == test)]
            if not np.array_equal(new, np.column_stack(cluster.getData())):
                cluster.setData(x=new[:, 0], y=new[:, 1])
            cluster.setVisible(len(new) > 0)  # an empty one would take its time all the same
        self.points = points

    def choose_tool(self, name: str) -> None:
        """What the left button does from the next press on."""
        self.tool = name
        self.setCursor(TOOLS[name].cursor)
        self._brush.hide()

    def units(self, pixels: float) -> float:
        """A length on the screen as a length on the plane."""
        return pixels * 2 * PLANE / float(self._box.width())

    def pixel(self, x1: float, x2: float) -> QPointF:
        """Where a place of the plane lies on the widget."""
        return QPointF(self.mapFromScene(self._box.mapViewToScene(QPointF(x1, x2))))

    def _cluster(self, test: bool) -> pg.ScatterPlotItem:
        result = pg.ScatterPlotItem(size=TEST_POINT if test else POINT)
        result.setZValue(1 if test else 2)
        self._box.addItem(result)
        return result

    def _mark(self, path: QPainterPath) -> QGraphicsPathItem:
        result = QGraphicsPathItem(path)
        result.setZValue(3)
        result.hide()
        self._box.addItem(result, ignoreBounds=True)
        return result

    def _recolour(self) -> None:
        self.setBackground(theme.colour("panel"))
        recolour_axes(self._plot)
        for (label, test), cluster in self._clusters.items():
            fill = theme.class_colour(label)
            fill.setAlphaF(FAINT if test else 1)
            cluster.setSymbol(theme.MARKERS[label])
            cluster.setBrush(fill)
            cluster.setPen(theme.colour("panel", 2 * FAINT if test else 1))
        pen = QPen(theme.colour("text"), 1.5)
        pen.setCosmetic(True)
        self.marks.recolour()
        self._brush.setPen(pen)
        self._crosshair.setPen(pen)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        side = min(self.width() - LEFT, self.height() - BOTTOM) - REST
        spare_width, spare_height = self.width() - side - LEFT - REST, self.height() - side - BOTTOM - REST
        self._plot.setGeometry(QRectF(spare_width // 2, spare_height // 2 + REST, side + LEFT, side + BOTTOM))

    # the mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        label = self._label_of(event.button())
        if self._stroke is None and label is not None:
            self._crosshair.hide()
            self._button = event.button()
            self._begin(self.tool, label, self._place(event))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = self._place(event)
        inside = len(on_plane(place[None])) > 0
        if not event.buttons() & self._button:
            self._stroke = None  # a dialog may have swallowed the release
        if self._stroke is not None:
            self._stroke.drag(place)
        self._brush.setPos(*place)
        self._brush.setVisible(inside and self.tool == "erase")
        self.pointed.emit(place if inside else None)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == self._button:
            self._stroke = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.mousePressEvent(event)  # two quick clicks are two points

    def leaveEvent(self, event: QEvent) -> None:
        self._brush.hide()
        self.pointed.emit(None)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def _begin(self, tool: str, label: int, at: Place) -> None:
        self._strokes += 1
        self._stroke = TOOLS[tool].stroke(self, self._strokes, label, at)

    def _label_of(self, button: Qt.MouseButton) -> int | None:
        """The class that a button works with; None where it does nothing."""
        if button == Qt.MouseButton.LeftButton:
            return self.label
        if button == Qt.MouseButton.RightButton and self.classes == 2 and self.label < 2:
            return 1 - self.label
        return None

    def _place(self, event: QMouseEvent) -> Place:
        point = self._box.mapSceneToView(self.mapToScene(event.position().toPoint()))
        return np.array([point.x(), point.y()])

    # the keyboard

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in ARROWS:
            step = STRIDE if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else STEP
            self._show_crosshair(np.clip(self._crosshair_at + step * np.array(ARROWS[key]), -PLANE, PLANE))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._at_crosshair("draw")
        elif key == Qt.Key.Key_Delete:
            self._at_crosshair("erase")
        else:
            event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self._show_crosshair(self._crosshair_at)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if self._crosshair.isVisible():
            self._crosshair.hide()
            self.pointed.emit(None)

    def _at_crosshair(self, tool: str) -> None:
        self._show_crosshair(self._crosshair_at)
        self._begin(tool, self.label, self._crosshair_at)
        self._stroke = None

    def _show_crosshair(self, place: Place) -> None:
        self._crosshair_at = place
        self._crosshair.setPos(*place)
        self._crosshair.show()
        self.pointed.emit(place)


def _bare_plot() -> pg.PlotItem:
    """Axes around a box that neither wheel nor drag can shift, without pyqtgraph's menu and buttons."""
    plot = pg.PlotItem(viewBox=pg.ViewBox(enableMenu=False, enableMouse=False), enableMenu=False)
    plot.hideButtons()
    plot.setRange(xRange=(-PLANE, PLANE), yRange=(-PLANE, PLANE), padding=0, disableAutoRange=True)
    plot.getAxis("left").setWidth(LEFT)
    plot.getAxis("bottom").setHeight(BOTTOM)
    for name in ("left", "bottom"):
        plot.getAxis(name).setTicks(TICKS)
        plot.getAxis(name).setStyle(tickLength=0, hideOverlappingLabels=False)
    return plot


def _circle(radius: float) -> QPainterPath:
    path = QPainterPath()
    path.addEllipse(QPointF(), radius, radius)
    return path


def _cross() -> QPainterPath:
    path = QPainterPath()
    for x1, x2 in ARROWS.values():
        path.moveTo(0.2 * x1, 0.2 * x2)
        path.lineTo(0.6 * x1, 0.6 * x2)
    return path
