"""Markers: the shape of each class as a small picture, filled for training points and hollow for test points."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPixmap, QPolygonF, QTransform

from playground.ui import theme

FILLED, HOLLOW, LARGE = 9.0, 8.5, 12.0  # pixels at their usual size: sides of markers; large on a button
RIM = 1.3  # pixels: the pen that draws a hollow one
RING, RING_PEN = 13.0, 1.3  # pixels: around a point that is in a wrong class
ARROW = 9.0  # pixels: what stands for a point outside
ROOM = 18  # pixels: the side of the picture that any of them fits in
OUTLINES = {  # corners in a square of side 1, y downward
    "up": [(-0.5, 0.5), (0, -0.5), (0.5, 0.5)],
    "down": [(-0.5, -0.5), (0, 0.5), (0.5, -0.5)],
    "square": [(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)],
    "diamond": [(0, -0.5), (-0.4, 0), (0, 0.5), (0.4, 0)],
    "pentagon": [(0.5 * math.sin(a), -0.5 * math.cos(a)) for a in np.arange(5) * math.tau / 5],
    "star": [
        (r * math.sin(a), -r * math.cos(a)) for r, a in zip([0.5, 0.19] * 5, np.arange(10) * math.tau / 10, strict=True)
    ],
}


def shape(label: int, side: float) -> QPainterPath:
    """The outline of a class's marker around (0, 0), so many pixels wide."""
    path, name = QPainterPath(), theme.MARKERS[label]
    if name == "circle":
        path.addEllipse(-0.5, -0.5, 1, 1)
    elif name in OUTLINES:
        path.addPolygon(QPolygonF([QPointF(*corner) for corner in OUTLINES[name]]))
        path.closeSubpath()
    else:  # a plus, or a cross
        path.addRect(-0.5, -0.1, 1, 0.2)
        path.addRect(-0.1, -0.5, 0.2, 1)
        path.setFillRule(Qt.FillRule.WindingFill)
        path = path.simplified()
    return QTransform.fromScale(side, side).rotate(45 if name == "cross" else 0).map(path)


def marker(label: int, side: float, ratio: float, *, zoom: float | None = None, tint: QColor | None = None) -> QPixmap:
    """A class's marker in its colour, or another, kept clear of any ground by a rim of the panel's.

    Args:
        label: the class, from 0.
        side: FILLED, HOLLOW, or LARGE.
        ratio: pixels of the screen to a pixel.
        zoom: times its usual size; None for that of the text.
        tint: another colour than its class's.
    """
    zoom = theme.theme().text_size if zoom is None else zoom
    picture, painter = _sheet(zoom, ratio)
    tint, rim = theme.class_colour(label) if tint is None else tint, theme.colour("panel")
    path = shape(label, zoom * side)
    if side == HOLLOW:
        painter.strokePath(path, QPen(rim, 3 * RIM * zoom, j=Qt.PenJoinStyle.RoundJoin))
        painter.strokePath(path, QPen(tint, RIM * zoom))
    else:
        painter.fillPath(path, tint)
        painter.strokePath(path, QPen(rim, zoom))
    painter.end()
    return picture


def arrow(label: int, ratio: float) -> QPixmap:
    """What stands at the right edge for a point of a class that lies beyond."""
    picture, painter = _sheet(theme.theme().text_size, ratio)
    path = QPainterPath()
    path.addPolygon(QPolygonF([QPointF(*corner) for corner in OUTLINES["up"]]))
    path.closeSubpath()
    side = theme.px(ARROW)
    path = QTransform.fromScale(side, side).rotate(90).map(path)
    painter.fillPath(path, theme.class_colour(label))
    painter.strokePath(path, QPen(theme.colour("panel"), 1))
    painter.end()
    return picture


def ring(zoom: float, ratio: float, *, tint: QColor | None = None) -> QPixmap:
    """What marks a point that is in a wrong class, or another in another colour."""
    picture, painter = _sheet(zoom, ratio)
    side = zoom * RING
    path = QPainterPath()
    path.addEllipse(-side / 2, -side / 2, side, side)
    painter.strokePath(path, QPen(tint or theme.colour("text", 0.8), RING_PEN * zoom))
    painter.end()
    return picture


def _sheet(zoom: float, ratio: float) -> tuple[QPixmap, QPainter]:
    """An empty picture with the painter's origin in its middle."""
    side = math.ceil(zoom * ROOM)
    picture = QPixmap(round(side * ratio), round(side * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(side / 2, side / 2)
    return picture, painter
