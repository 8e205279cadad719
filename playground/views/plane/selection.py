"""Selection: the points that are chosen, ringed, in a box whose corners are handles."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPen

from engine.training import Points
from playground.ui import theme
from playground.views.plane.layers import NO_POINTS, Layer
from playground.views.plane.markers import ring
from playground.views.plane.regions import Place

HANDLE = 7.0  # pixels at the usual text size: the side of a handle
MARGIN = 8.0  # pixels between the box and what is in it
FEW, FAINTEST = 40, 0.3  # points whose rings are as strong as can be; and how strong those of very many are
NOBODY = np.empty(0, dtype=np.int64)


def followed(indices: NDArray[np.int64], before: Points, after: Points) -> NDArray[np.int64]:
    """Where some points of `before` stand in `after`: where they stood if all others are as they were, as after a
    move or its undoing, and else where points lie as they lay.
    """
    if after is before or not len(indices):
        return indices
    if len(before) == len(after):
        others = np.ones(len(before), dtype=bool)
        others[indices] = False
        if np.array_equal(_numbers(before)[others], _numbers(after)[others]):
            return indices
    chosen = _numbers(before)[indices]
    return np.flatnonzero(np.isin(_numbers(after), chosen))


def _numbers(points: Points) -> NDArray[np.complex128]:
    """Places as single numbers (n,), which can be looked up."""
    return np.asarray(points.xy[:, 0] + 1j * points.xy[:, 1])


class _Signals(QObject):
    """Signals of a selection, which is no QObject."""

    changed = Signal()


class Selection(Layer):
    """Selected points: their rings, and the box around them.

    Attributes:
        indices: into the points that are shown, ascending.
        changed: emitted when others are selected.
    """

    def __init__(self) -> None:
        super().__init__()
        self.indices = NOBODY
        self._signals = _Signals()
        self.changed = self._signals.changed
        self._points = NO_POINTS
        self._pixel = 1.0  # in units of the plane

    def __len__(self) -> int:
        return len(self.indices)

    def choose(self, indices: NDArray[np.int64]) -> None:
        """Select these points and no others."""
        self.indices = indices
        self.update()
        self.changed.emit()

    def show_points(self, points: Points) -> None:
        """The points as they are now; those that were selected stay so."""
        if points is not self._points:
            before, self._points = self._points, points
            self.choose(followed(self.indices, before, points))

    def show_scale(self, pixel: float) -> None:
        """What a pixel is in units of the plane."""
        self._pixel = pixel

    def box(self) -> tuple[Place, Place] | None:
        """The lower left and the upper right corner of the box around them; None if there are none."""
        if not len(self.indices):
            return None
        xy, margin = self._points.xy[self.indices], theme.px(MARGIN) * self._pixel
        return xy.min(axis=0) - margin, xy.max(axis=0) + margin

    def holds(self, at: Place) -> bool:
        """Whether a place is in the box."""
        box = self.box()
        return box is not None and bool(((at >= box[0]) & (at <= box[1])).all())

    def handle_at(self, at: Place, reach: float) -> tuple[Place, Place] | None:
        """The handle within reach of a place, in units, and the corner opposite to it, if more than one is selected."""
        box = self.box()
        if box is None or len(self.indices) < 2:
            return None
        for x1, y1, x2, y2 in ((0, 0, 1, 1), (1, 0, 0, 1), (0, 1, 1, 0), (1, 1, 0, 0)):
            handle = np.array([box[x1][0], box[y1][1]])
            if np.abs(handle - at).max() <= reach:
                return handle, np.array([box[x2][0], box[y2][1]])
        return None

    def paint_in(self, painter: QPainter, area: QRectF) -> None:
        box = self.box()
        if box is None:
            return
        tint = theme.colour("accent")
        picture = ring(theme.theme().text_size, painter.device().devicePixelRatio(), tint=tint)
        painter.setOpacity(
            max(FAINTEST, min(1, FEW / len(self.indices)))
        )  # many rings would cover what they are around
        self.stamp(painter, picture, self._points.xy[self.indices], area)
        painter.setOpacity(1)
        low, high = (QPointF(*self.pixels(corner, area)) for corner in box)
        frame = QRectF(low, high).normalized()
        painter.setPen(QPen(tint, 1, Qt.PenStyle.DashLine))
        painter.drawRect(frame)
        if len(self.indices) > 1:
            side = theme.px(HANDLE)
            painter.setPen(QPen(tint, 1))
            painter.setBrush(theme.colour("panel"))
            for corner in (frame.topLeft(), frame.topRight(), frame.bottomLeft(), frame.bottomRight()):
                painter.drawRect(QRectF(corner.x() - side / 2, corner.y() - side / 2, side, side))
