"""Markers: the shape of each class as a small picture, filled for training points and hollow for test points."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPixmap, QPolygonF, QTransform

from engine.training import Points, Task
from playground.ui import theme

FILLED, HOLLOW, LARGE = 9.0, 8.5, 12.0  # pixels at their usual size: sides of markers; large on a button
RIM = 1.3  # pixels: the pen that draws a hollow one
RING, RING_PEN = 13.0, 1.3  # pixels: around a point that is in a wrong class
VALUE_RIM = 0.55  # the opacity of the rim of a value's marker
SHADES = 8  # of the colours of values, to either side of the middle
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


def marker(
    label: int,
    side: float,
    ratio: float,
    *,
    zoom: float | None = None,
    tint: QColor | None = None,
    rim: QColor | None = None,
) -> QPixmap:
    """A class's marker in its colour, or another, kept clear of any ground by a rim of the panel's, or another.

    Args:
        label: the class, from 0.
        side: FILLED, HOLLOW, or LARGE.
        ratio: pixels of the screen to a pixel.
        zoom: times its usual size; None for that of the text.
        tint, rim: another colour than its class's, and than the panel's.
    """
    zoom = theme.theme().text_size if zoom is None else zoom
    picture, painter = _sheet(zoom, ratio)
    tint = theme.class_colour(label) if tint is None else tint
    rim = theme.colour("panel") if rim is None else rim
    path = shape(label, zoom * side)
    if side == HOLLOW:
        painter.strokePath(path, QPen(rim, 3 * RIM * zoom, j=Qt.PenJoinStyle.RoundJoin))
        painter.strokePath(path, QPen(tint, RIM * zoom))
    else:
        painter.fillPath(path, tint)
        painter.strokePath(path, QPen(rim, zoom))
    painter.end()
    return picture


class Kind(NamedTuple):
    """Points of one kind, which have the same marker: which these are, (n,), and the target that it is of."""

    rows: NDArray[np.bool_]
    target: float
    task: Task

    @property
    def tint(self) -> QColor:
        """Their colour."""
        return target_colour(self.target, self.task)

    def picture(self, side: float, ratio: float, zoom: float | None = None) -> QPixmap:
        """Their marker."""
        return target_marker(self.target, self.task, side, ratio, zoom)


def target_colour(target: float, task: Task) -> QColor:
    """The colour of a class, or of a value."""
    return theme.class_colour(int(target)) if task.has_classes else theme.value_colour(target / task.full)


def target_marker(target: float, task: Task, side: float, ratio: float, zoom: float | None = None) -> QPixmap:
    """The marker of a class, or of a value: a disc with a rim that is seen on its own colour."""
    label, rim = (int(target), theme.colour("panel")) if task.has_classes else (0, theme.colour("muted", VALUE_RIM))
    return marker(label, side, ratio, zoom=zoom, tint=target_colour(target, task), rim=rim)


def kinds(points: Points, task: Task) -> Iterator[Kind]:
    """The points by their markers: those of a class, or of about the same value."""
    targets = points.targets
    if not task.has_classes:
        targets = task.full * np.round(np.clip(targets / task.full, -1, 1) * SHADES) / SHADES
    for target in sorted(set(targets.tolist())):  # np.unique would load all of numpy.ma, before the first frame
        yield Kind(targets == target, target, task)


def arrow(tint: QColor, ratio: float) -> QPixmap:
    """What stands at the right edge for a point of some colour that lies beyond."""
    picture, painter = _sheet(theme.theme().text_size, ratio)
    path = QPainterPath()
    path.addPolygon(QPolygonF([QPointF(*corner) for corner in OUTLINES["up"]]))
    path.closeSubpath()
    side = theme.px(ARROW)
    path = QTransform.fromScale(side, side).rotate(90).map(path)
    painter.fillPath(path, tint)
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
