"""Map of agreement: what most networks answer over the plane, in their colours, which fade where the others differ."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from engine.training import Data
from playground.runtime.area import WHOLE
from playground.runtime.disagreement import Disagreement
from playground.runtime.pictures import CONFIDENCE_LEVELS, boundary
from playground.ui import theme
from playground.views.plane.markers import shape

MARKER = 5  # pixels of a point, at the usual text size
RIM = 0.7  # pixels around it, which keep it clear of its ground
SOME = 150  # points, at most: they stand for all


class AgreementMap(QWidget):
    """Map of agreement of networks that differ by their seeds, with the points that one of them was given."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Where the networks disagree")
        self._image: QImage | None = None
        self._data: Data | None = None
        self._votes: Disagreement | None = None
        theme.theme().changed.connect(self._colour)

    def show_votes(self, votes: Disagreement | None, data: Data | None) -> None:
        """Show what networks that were counted answer, and points; None for nothing."""
        self._votes, self._data = votes, data
        self.setToolTip("" if votes is None else _told(votes))
        self._colour()

    def _colour(self) -> None:
        self._image = None
        if self._votes is not None and self._votes.count and self._data is not None:
            colours = self._data.task.colours
            agreed = np.clip(1 - 2 * self._votes.share, 0, 1)
            picture = boundary(self._votes.majority, agreed, colours)
            rgb = np.ascontiguousarray(theme.boundary_colours(colours, CONFIDENCE_LEVELS)[picture[::-1]])
            side = len(rgb)
            self._image = QImage(rgb.data, side, side, 3 * side, QImage.Format.Format_RGB888).copy()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._image is None or self._data is None:
            return
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(QRectF(self.rect()), self._image)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            _paint_points(painter, QRectF(self.rect()), self._data)


def _told(votes: Disagreement) -> str:
    told = (
        f"Where {votes.count} networks disagree: the colour is what most of them answer, and fades where others do not"
    )
    return f"{told} ({votes.share.mean():.1%} of the plane on average). The points are those of the run below."


def _paint_points(painter: QPainter, rect: QRectF, data: Data) -> None:
    points, task = data.arrays.take(slice(SOME)), data.task
    painter.setPen(QPen(theme.colour("panel"), RIM, Qt.PenStyle.SolidLine))
    for xy, target in zip(points.xy, points.targets.tolist(), strict=True):
        x, y = ((xy - WHOLE.low) / WHOLE.side).tolist()
        painter.setBrush(
            theme.class_colour(int(target)) if task.has_classes else theme.value_colour(target / task.full)
        )
        outline = shape(int(target) if task.has_classes else 0, theme.px(MARKER))
        painter.drawPath(outline.translated(QPointF(rect.width() * x, rect.height() * (1 - y))))
