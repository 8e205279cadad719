"""Drawing tools: what a press and a drag do to the points.

A stroke lasts from the press of a mouse button to its release. It edits nothing itself: it asks, through the plane's
signals, and whoever owns the points shows the new ones before the stroke goes on. So a stroke looks at `plane.points`
afresh each time, and remembers places rather than indices.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QCursor, QPainter, QPixmap

from engine.training import PLANE, Points
from playground.ui import theme
from playground.views.plane.markers import FILLED, marker

SPACING = 0.35  # units between the points of a painted stroke
BRUSH = 0.5  # units: the radius within which the eraser erases
REACH = 12  # pixels: how near a point the press must be that moves it
SAME_PLACE = 1e-6

Place = NDArray[np.float64]  # x₁ and x₂


def on_plane(places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Those of some places (n, 2) that lie on the plane; its edge, which pixels map to 6.000000000000001, is of it."""
    inside = (np.abs(places) <= PLANE + SAME_PLACE).all(axis=1)
    return np.clip(places[inside], -PLANE, PLANE)


class Sheet(Protocol):
    """Canvas of a stroke: the points as they now are, and the signals that ask for a change."""

    points: Points
    painted: Any  # Signal(places (n, 2), label, stroke)
    erased: Any  # Signal(indices, stroke)
    moved: Any  # Signal(index, x1, x2, stroke)
    looked: Any  # Signal(index)

    def units(self, pixels: float) -> float: ...

    def seen(self) -> NDArray[np.bool_]: ...


class Stroke:
    """Stroke: one press of a button, with what was dragged until its release; `number` tells it from every other."""

    def __init__(self, sheet: Sheet, number: int, label: int, at: Place) -> None:
        self.sheet, self.number, self.label, self.at = sheet, number, label, at
        self.press()

    def press(self) -> None:
        raise NotImplementedError

    def drag(self, to: Place) -> None:
        raise NotImplementedError


class Draw(Stroke):
    """Brush stroke: points of one class, evenly along it however few events the mouse sends."""

    def press(self) -> None:
        self._paint(self.at[None])

    def drag(self, to: Place) -> None:
        way = to - self.at
        length = float(np.hypot(*way))
        count = int(length / SPACING)
        if count:
            places = self.at + way * (SPACING / length) * np.arange(1, count + 1)[:, None]
            self.at = places[-1]
            self._paint(places)

    def _paint(self, places: NDArray[np.float64]) -> None:
        inside = on_plane(places)
        if len(inside):
            self.sheet.painted.emit(inside, self.label, self.number)


class Erase(Stroke):
    """Eraser stroke: erases what comes under the brush, between two events of the mouse as well."""

    def press(self) -> None:
        self.drag(self.at)

    def drag(self, to: Place) -> None:
        is_under = _distance_to_segment(self.sheet.points.xy, self.at, to) <= BRUSH
        hit = np.flatnonzero(is_under & self.sheet.seen())
        self.at = to
        if len(hit):
            self.sheet.erased.emit(hit, self.number)


def nearest(sheet: Sheet, at: Place, reach: float = REACH) -> int | None:
    """The point nearest to a place, if it is within reach, in pixels."""
    distances = np.where(sheet.seen(), np.hypot(*(sheet.points.xy - at).T), np.inf)
    return int(distances.argmin()) if len(distances) and distances.min() <= sheet.units(reach) else None


class Look(Stroke):
    """Pick: chooses the point nearest to the press, to be looked at closely."""

    def press(self) -> None:
        index = nearest(self.sheet, self.at)
        if index is not None:
            self.sheet.looked.emit(index)

    def drag(self, to: Place) -> None:
        self.at = to
        self.press()


class Move(Stroke):
    """Drag: carries the point nearest to the press, within the plane."""

    index: int | None = None  # of the carried point, None while the hand is empty

    def press(self) -> None:
        points = self.sheet.points
        self.index = nearest(self.sheet, self.at)
        if self.index is None:
            return
        self.place = points.xy[self.index].copy()
        self.kind = points.labels[self.index], points.test[self.index]
        self.grip = self.place - self.at  # kept through the drag: the point does not jump under the pointer

    def drag(self, to: Place) -> None:
        if self.index is not None:
            self.index = self._find(self.index)
        if self.index is None:
            return
        place = np.clip(to + self.grip, -PLANE, PLANE)
        if (place != self.place).any():
            self.place = place
            self.sheet.moved.emit(self.index, float(place[0]), float(place[1]), self.number)

    def _find(self, index: int) -> int | None:
        """Where the carried point, last seen at an index, stands among the points of this moment; None if gone."""
        points, (label, test) = self.sheet.points, self.kind
        same = (np.abs(points.xy - self.place) <= SAME_PLACE).all(axis=1)
        found = np.flatnonzero(same & (points.labels == label) & (points.test == test))
        if index in found:
            return index
        return int(found[0]) if len(found) else None


def _distance_to_segment(xy: NDArray[np.float64], start: Place, end: Place) -> NDArray[np.float64]:
    way = end - start
    along = np.clip((xy - start) @ way / max(float(way @ way), 1e-12), 0, 1)
    x1, x2 = (xy - start - along[:, None] * way).T
    distances: NDArray[np.float64] = np.hypot(x1, x2)
    return distances


@dataclass(frozen=True)
class Tool:
    """Drawing tool, as its button shows it, what the line below the plane says of it, and the stroke that it makes."""

    label: str
    icon: str
    tip: str
    hint: str
    cursor: Qt.CursorShape | None  # None: the pencil with the point that it would draw
    stroke: Callable[[Sheet, int, int, Place], Stroke]


TOOLS: dict[str, Tool] = {
    "draw": Tool(
        "Draw points",
        "pencil-simple",
        "Draw: click to add a point, drag to paint (D)",
        "Click to add, drag to paint",
        None,
        Draw,
    ),
    "move": Tool(
        "Move points",
        "arrows-out-cardinal",
        "Move: drag a point (V)",
        "Drag a point to move it",
        Qt.CursorShape.OpenHandCursor,
        Move,
    ),
    "erase": Tool(
        "Erase points",
        "eraser",
        "Erase: click or drag over points (E)",
        "Click or drag to erase",
        Qt.CursorShape.CrossCursor,
        Erase,
    ),
    "look": Tool(
        "Look at a point",
        "magnifying-glass",
        "Look: click a point to see in the microscope how its loss is computed (L)",
        "Click a point to look closely",
        Qt.CursorShape.PointingHandCursor,
        Look,
    ),
}


def pen_cursor(label: int, ratio: float) -> QCursor:
    """A pencil whose tip holds the point that a click would draw."""
    point, side = marker(label, FILLED, ratio), theme.px(theme.ICON_SIZE)
    pencil = theme.icon("pencil-simple").pixmap(QSize(side, side), ratio)
    middle = point.deviceIndependentSize().width() / 2
    picture = QPixmap(round((middle + side) * ratio), round((middle + side) * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.drawPixmap(QPointF(0, side - middle), point)
    painter.drawPixmap(QPointF(middle, 0), pencil)
    painter.end()
    return QCursor(picture, round(middle), side)
