"""Layers of the plane: the heat map with its contours, and over it the points, kept as a picture until they change."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import shiboken6
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from engine.training import Experiment, Points, Task, no_points
from playground.runtime.area import WHOLE, Area
from playground.runtime.thinning import drawn_rows
from playground.ui import theme
from playground.views.plane.lines import Lines
from playground.views.plane.markers import FILLED, HOLLOW, arrow, kinds, ring

NO_POINTS, ZERO = no_points(), np.zeros(1)
USUAL = 300  # pixels: the side of the plane at which its markers have their usual size
SMALLEST, LARGEST = 0.7, 1.5  # times that; between them they grow as the root of the side
FAINT = 0.6  # the opacity of arrows
FAINTEST = 0.12  # of rings


def rectangle(area: Area) -> QRectF:
    """An area as Qt has it."""
    return QRectF(area.left, area.bottom, area.side, area.side)


class Layer(QGraphicsItem):
    """Layer over all that is seen of the plane, painted in pixels of the screen."""

    def __init__(self) -> None:
        super().__init__()
        self.area = WHOLE

    def show_area(self, area: Area) -> None:
        """Show another area of the plane."""
        self.prepareGeometryChange()
        self.area = area

    def boundingRect(self) -> QRectF:
        return rectangle(self.area)

    def paint(self, painter: QPainter, _: QStyleOptionGraphicsItem, __: QWidget | None = None) -> None:
        area = painter.worldTransform().mapRect(rectangle(self.area))
        painter.resetTransform()
        self.paint_in(painter, area)

    def pixels(self, places: NDArray[np.floating[Any]], area: QRectF) -> NDArray[np.float64]:
        """Where places (…, 2) lie in the rectangle of the screen that shows what is seen: x and y (…, 2)."""
        scale = np.array([area.width(), -area.height()]) / self.area.side
        return np.asarray((places - self.area.low) * scale + (area.left(), area.bottom()))

    def stamp(self, painter: QPainter, picture: QPixmap, places: NDArray[np.float64], area: QRectF) -> None:
        """The same picture at each of some places (n, 2) that is seen."""
        stamp(painter, picture, self.pixels(places[self.area.contains(places)], area))

    def paint_in(self, painter: QPainter, area: QRectF) -> None:
        raise NotImplementedError


class HeatMap(Layer):
    """Heat map: a small picture stretched over the plane."""

    def __init__(self) -> None:
        super().__init__()
        self._image = QImage()
        self._pixels: NDArray[np.uint32] = np.empty((0, 0), dtype=np.uint32)  # which the image only looks at
        self._of = WHOLE  # the area that it is a picture of

    def show_picture(self, area: Area, indices: NDArray[np.uint8], colours: NDArray[np.uint32]) -> None:
        """What an area looks like: palette indices, row 0 at the bottom, and the pixels (256,) that they stand for."""
        self._of = area
        self._pixels = colours.take(indices[::-1])
        height, width = self._pixels.shape
        self._image = QImage(self._pixels.data, width, height, 4 * width, QImage.Format.Format_RGB32)
        self.update()

    def paint_in(self, painter: QPainter, area: QRectF) -> None:
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        (left, bottom), (right, top) = self.pixels(np.array([self._of.low, self._of.high]), area).tolist()
        painter.drawImage(QRectF(left, top, right - left, bottom - top), self._image)


class LineLayer(Layer):
    """Line layer: what the plane's lines are drawn in, each kind with its own pen."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: Sequence[Lines] = ()

    def show_lines(self, lines: Sequence[Lines]) -> None:
        """These, the last one uppermost."""
        if lines or self._lines:
            self._lines = lines
            self.update()

    def paint_in(self, painter: QPainter, area: QRectF) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(*self.pixels(np.zeros(2), area).tolist())
        painter.scale(area.width() / self.area.side, -area.height() / self.area.side)
        for lines in self._lines:
            pen = QPen(theme.colour(lines.token, lines.strength), lines.width)
            pen.setCosmetic(True)
            painter.setPen(pen)
            painter.drawPath(lines.path)


class PointLayer(Layer):
    """Point layer: training points filled, test points hollow, and rings around those that are in a wrong class."""

    def __init__(self) -> None:
        super().__init__()
        self._points = self._wrong = NO_POINTS
        self.chosen: Points | None = None  # that are ringed instead of the wrong ones
        self._task = Experiment().task
        self._shows_test = self._shows_wrong = True
        self._picture: QPixmap | None = None  # of the points, until they change
        self._ring = QPixmap()

    def show_points(self, points: Points, task: Task) -> None:
        """Other points, or the same again, as each edit of the network has them, in the colours of a task."""
        if points is not self._points or task != self._task:
            self._points, self._task = points, task
            self.refresh()

    def show_area(self, area: Area) -> None:
        super().show_area(area)
        self.refresh()

    def outside(self) -> int:
        """How many of the points that are shown lie outside of what is seen."""
        return int((self.seen(self._points) & ~self.area.contains(self._points.xy)).sum())

    def show_wrong(self, wrong: Points) -> None:
        """Ring these, which are in a wrong class."""
        if len(wrong) or len(self._wrong):
            self._wrong = wrong
            self.update()

    def show_chosen(self, chosen: Points | None) -> None:
        """Ring these instead, whatever else is to be seen; None for the wrong ones again."""
        self.chosen = chosen
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
            zoom = min(max(math.sqrt(area.width() / USUAL / self.area.share), SMALLEST), LARGEST)
            self._picture, self._ring = self._drawn(area.size().toSize(), zoom, ratio), ring(zoom, ratio)
        if self.chosen is not None:
            self.stamp(painter, self._ring, self.chosen.xy, area)
        elif self._shows_wrong and len(self._wrong):
            painter.setOpacity(self._ring_opacity())
            self.stamp(painter, self._ring, self._wrong.xy[self.seen(self._wrong)], area)
            painter.setOpacity(1)
        painter.drawPixmap(area.topLeft(), self._picture)

    def _ring_opacity(self) -> float:
        """The fewer points are wrong, the stronger they are ringed: where most are, there is nothing to point out."""
        share = len(self._wrong) / max(1, int(drawn_rows(len(self._points)).sum()))
        return max(FAINTEST, 1 - 2 * share)

    def _drawn(self, size: QSize, zoom: float, ratio: float) -> QPixmap:
        picture = QPixmap(size * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        points, area = self._points.take(drawn_rows(len(self._points))), QRectF(QPointF(), size)
        for test in (True, False) if self._shows_test else (False,):
            for kind in kinds(points, self._task):
                chosen = points.xy[kind.rows & (points.test == test)]
                self.stamp(painter, kind.picture(HOLLOW if test else FILLED, ratio, zoom), chosen, area)
                self._point_out(painter, arrow(kind.tint, ratio), chosen, area)
        painter.end()
        return picture

    def _point_out(self, painter: QPainter, picture: QPixmap, places: NDArray[np.float64], area: QRectF) -> None:
        """Arrows at the edge towards those of some places (n, 2) that lie outside."""
        far = self.pixels(places[~self.area.contains(places)], area)
        middle = np.array([area.center().x(), area.center().y()])
        size = picture.deviceIndependentSize().width() / 2
        half = np.array([area.width(), area.height()]) / 2 - size
        at = np.clip(far, middle - half, middle + half)
        _, first = np.unique(np.round(at / size), axis=0, return_index=True)  # one where many would lie on each other
        x, y = (far[first] - middle).T
        painter.setOpacity(FAINT)
        stamp(painter, picture, at[first], np.degrees(np.arctan2(y, x)))
        painter.setOpacity(1)

    def seen(self, points: Points) -> NDArray[np.bool_]:
        """Which of some points are to be seen."""
        return ~points.test | self._shows_test


def stamp(painter: QPainter, picture: QPixmap, spots: NDArray[np.float64], angles: NDArray[np.float64] = ZERO) -> None:
    """The same picture at each of some spots (n, 2) in pixels, turned by degrees (n,): all with one call, ten times as
    fast as one for each.
    """
    if not len(spots):
        return
    ratio = picture.devicePixelRatio()
    # in memory what QPainter.PixmapFragment is: place, piece of the picture, scale, angle and opacity
    fragments = np.empty((len(spots), 10))
    fragments[:, :2] = spots
    fragments[:, 2:] = 0, 0, picture.width(), picture.height(), 1 / ratio, 1 / ratio, 0, 1
    fragments[:, 8] = angles
    first: Any = shiboken6.wrapInstance(fragments.ctypes.data, QPainter.PixmapFragment)
    painter.drawPixmapFragments(first, len(fragments), picture)
