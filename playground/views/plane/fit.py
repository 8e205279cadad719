"""Fit: the curve that a network of one input draws, and how far each point is from it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from engine.training import Points
from playground.runtime.frame import Pictures
from playground.ui import theme
from playground.ui.plots import polyline
from playground.views.plane.layers import NO_POINTS, Layer

WIDTH = 2.0  # pixels of the curve at the usual text size
FEW, FAINTEST = 20, 0.3  # residuals that are drawn as strong as can be; and how strong very many are
FAR = 1e6  # pixels: no line goes further


class FitLayer(Layer):
    """Fit: the curve over what is seen, and a line from each point that it misses."""

    def __init__(self) -> None:
        super().__init__()
        self._seen: Pictures | None = None
        self._missed = NO_POINTS

    def show_fit(self, seen: Pictures, missed: Points) -> None:
        """A curve, if there is one, and the points that are to be joined to it."""
        if seen.fit is not None or self._seen is not None:
            self._seen, self._missed = seen if seen.fit is not None else None, missed
            self.update()

    def paint_in(self, painter: QPainter, area: QRectF) -> None:
        if self._seen is None or self._seen.fit is None:
            return
        of, fit = self._seen.area, self._seen.fit
        x = of.left + (np.arange(len(fit)) + 0.5) * of.side / len(fit)
        painter.setClipRect(area)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        at = self._missed.xy[(self._missed.xy[:, 0] >= x[0]) & (self._missed.xy[:, 0] <= x[-1])]
        on = np.stack([at[:, 0], np.interp(at[:, 0], x, fit)], axis=1)
        painter.setPen(QPen(theme.colour("muted", max(FAINTEST, min(1, FEW / max(1, len(at))))), 1))
        for (x1, y1), (x2, y2) in zip(self._spots(at, area).tolist(), self._spots(on, area).tolist(), strict=True):
            painter.drawLine(round(x1), round(y1), round(x2), round(y2))
        painter.setPen(QPen(theme.colour("accent"), theme.px(WIDTH), j=Qt.PenJoinStyle.RoundJoin))
        painter.drawPolyline(polyline(*self._spots(np.stack([x, fit], axis=1), area).T))

    def _spots(self, places: NDArray[np.floating], area: QRectF) -> NDArray[np.float64]:
        return np.clip(np.nan_to_num(self.pixels(places, area)), -FAR, FAR)
