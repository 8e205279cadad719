"""Annotations: marks on the plane, the point that is looked at, and which way each point pulls a weight."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsPathItem

from playground.ui import theme

RING = 0.32  # units of the plane
LONGEST = 1.2  # units: the needle of the point that pulls most
HEAD = 0.14  # units: the point of a needle


class Marks:
    """Annotations: what the microscope draws among the points."""

    def __init__(self) -> None:
        self.ring, self.needles = QGraphicsPathItem(_ring()), QGraphicsPathItem()
        self._share = 1.0
        self._pulls = np.empty((0, 2)), np.empty(0)
        for item in (self.ring, self.needles):
            item.hide()
        self.recolour()

    def recolour(self) -> None:
        """Take the colours of the theme in force."""
        for item, token, width in ((self.ring, "accent", 2.5), (self.needles, "text", 1.5)):
            pen = QPen(theme.colour(token), width)
            pen.setCosmetic(True)
            item.setPen(pen)

    def look_at(self, place: NDArray[np.float64] | None) -> None:
        """Ring a place, or none."""
        self.ring.setVisible(place is not None)
        if place is not None:
            self.ring.setPos(*place.tolist())

    def show_pulls(self, xy: NDArray[np.float64], pulls: NDArray[np.float64]) -> None:
        """A needle at each point (n, 2): up where it pulls a weight up, the longer the harder it pulls (n,)."""
        self._pulls = xy, pulls
        largest = float(np.abs(pulls).max(initial=0.0))
        self.needles.setVisible(largest > 0 and bool(np.isfinite(largest)))
        if self.needles.isVisible():
            self.needles.setScale(self._share)
            self.needles.setPath(_needles(xy / self._share, LONGEST * pulls / largest))

    def show_share(self, share: float) -> None:
        """As large on the screen when a share of the plane's side is seen as when all of it is."""
        self._share = share
        self.ring.setScale(share)
        self.show_pulls(*self._pulls)


def _ring() -> QPainterPath:
    path = QPainterPath()
    path.addEllipse(QPointF(), RING, RING)
    return path


def _needles(xy: NDArray[np.float64], lengths: NDArray[np.float64]) -> QPainterPath:
    path = QPainterPath()
    for (x1, x2), length in zip(xy.tolist(), lengths.tolist(), strict=True):
        head = max(-HEAD, min(HEAD, length))
        path.moveTo(x1, x2)
        path.lineTo(x1, x2 + length)
        path.moveTo(x1 - abs(head) / 2, x2 + length - head)
        path.lineTo(x1, x2 + length)
        path.lineTo(x1 + abs(head) / 2, x2 + length - head)
    return path
