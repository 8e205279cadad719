"""Layers of the plane: the heat map with its contours, and over it the points, kept as a picture until they change."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import shiboken6
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPen, QPixmap
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from engine.training import PLANE, Points
from playground.runtime.thinning import drawn_rows
from playground.ui import theme
from playground.views.plane.markers import FILLED, HOLLOW, marker, ring

NO_POINTS = Points(np.empty((0, 2)), np.empty(0, dtype=np.int64), np.empty(0, dtype=bool))
USUAL = 300  # pixels: the side of the plane at which its markers have their usual size
SMALLEST, LARGEST = 0.7, 1.5  # times that; between them they grow as the root of the side
AREA = QRectF(-PLANE, -PLANE, 2 * PLANE, 2 * PLANE)


class _Layer(QGraphicsItem):
    """Layer over the whole plane, painted in pixels of the screen."""

    def boundingRect(self) -> QRectF:
        return AREA

    def paint(self, painter: QPainter, _: QStyleOptionGraphicsItem, __: QWidget | None = None) -> None:
        area = painter.worldTransform().mapRect(AREA)
        painter.resetTransform()
        self.paint_in(painter, area)

    def paint_in(self, painter: QPainter, area: QRectF) -> None:
        raise NotImplementedError


class HeatMap(_Layer):
    """Heat map: a small picture stretched over the plane, with lines along which it is equal."""

    def __init__(self) -> None:
        super().__init__()
        self._image = QImage()
        self._pixels: NDArray[np.uint32] = np.empty((0, 0), dtype=np.uint32)  # which the image only looks at
        self._lines = QPainterPath()

    def show_picture(self, indices: NDArray[np.uint8], colours: NDArray[np.uint32], lines: QPainterPath) -> None:
        """Palette indices, row 0 at the bottom, the pixels (256,) that they stand for, and lines in units."""
        self._pixels = colours.take(indices[::-1])
        height, width = self._pixels.shape
        self._image = QImage(self._pixels.data, width, height, 4 * width, QImage.Format.Format_RGB32)
        self._lines = lines
        self.update()

    def paint_in(self, painter: QPainter, area: QRectF) -> None:
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(area, self._image)
        if not self._lines.isEmpty():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.translate(area.center())
            painter.scale(area.width() / AREA.width(), -area.height() / AREA.height())
            pen = QPen(theme.colour("text", 0.55), 1)
            pen.setCosmetic(True)
            painter.setPen(pen)
            painter.drawPath(self._lines)


class PointLayer(_Layer):
    """Point layer: training points filled, test points hollow, and rings around those that are in a wrong class."""

    def __init__(self) -> None:
        super().__init__()
        self._points = self._wrong = NO_POINTS
        self._shows_test = self._shows_wrong = True
        self._picture: QPixmap | None = None  # of the points, until they change
        self._ring = QPixmap()

    def show_points(self, points: Points) -> None:
        """Other points, or the same again, as each edit of the network has them."""
        if points is not self._points:
            self._points = points
            self.refresh()

    def show_wrong(self, wrong: Points) -> None:
        """Ring these, which are in a wrong class."""
        if len(wrong) or len(self._wrong):
            self._wrong = wrong
            self.update()

    def choose(self, *, test: bool, wrong: bool) -> None:
        """Whether test points, and the rings, are to be seen."""
        self._shows_test, self._shows_wrong = test, wrong
        self.refresh()

    def refresh(self) -> None:
        """Draw the points anew."""
        self._picture = None
        self.update()

    def paint_in(self, painter: QPainter, area: QRectF) -> None:
        ratio = painter.device().devicePixelRatio()
        if self._picture is None or self._picture.deviceIndependentSize() != area.size():
            zoom = min(max(math.sqrt(area.width() / USUAL), SMALLEST), LARGEST)
            self._picture, self._ring = self._drawn(area.size().toSize(), zoom, ratio), ring(zoom, ratio)
        if self._shows_wrong and len(self._wrong):
            _stamp(painter, self._ring, self._wrong.xy[self.seen(self._wrong)], area)
        painter.drawPixmap(area.topLeft(), self._picture)

    def _drawn(self, size: QSize, zoom: float, ratio: float) -> QPixmap:
        picture = QPixmap(size * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        points, area = self._points.take(drawn_rows(len(self._points))), QRectF(QPointF(), size)
        for test in (True, False) if self._shows_test else (False,):
            for label in sorted(set(points.labels.tolist())):
                chosen = points.xy[(points.labels == label) & (points.test == test)]
                _stamp(painter, marker(label, HOLLOW if test else FILLED, ratio, zoom=zoom), chosen, area)
        painter.end()
        return picture

    def seen(self, points: Points) -> NDArray[np.bool_]:
        """Which of some points are to be seen."""
        return ~points.test | self._shows_test


def _stamp(painter: QPainter, picture: QPixmap, places: NDArray[np.float64], area: QRectF) -> None:
    """The same picture at each of some places (n, 2): all with one call, ten times as fast as a call for each."""
    if not len(places):
        return
    ratio = picture.devicePixelRatio()
    # in memory what QPainter.PixmapFragment is: place, piece of the picture, scale, angle and opacity
    fragments = np.empty((len(places), 10))
    centre = area.center().x(), area.center().y()
    fragments[:, :2] = places * (area.width() / AREA.width(), -area.height() / AREA.height()) + centre
    fragments[:, 2:] = 0, 0, picture.width(), picture.height(), 1 / ratio, 1 / ratio, 0, 1
    first: Any = shiboken6.wrapInstance(fragments.ctypes.data, QPainter.PixmapFragment)
    painter.drawPixmapFragments(first, len(fragments), picture)
