"""Residual plot: by how much each value that is said is off, over what is said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from engine.microscope.inside.predictions import Predictions
from engine.training import Points
from playground.runtime.thinning import drawn_rows
from playground.ui import theme
from playground.ui.number_format import write_figure
from playground.ui.ticks import ticks_between
from playground.views.plane.layers import stamp
from playground.views.plane.markers import FILLED, HOLLOW, kinds, ring

FONT = 11
LEFT, BOTTOM, TOP, RIGHT = 56, 34, 18, 14  # pixels
MOST_TICKS = 5
BESIDE = 6  # pixels between the axis and its numbers
ROOM = 0.06  # of what is spanned, beyond the outermost points
REACH = 12  # pixels: how near a click must be
LEAST, USUAL = QSize(240, 110), QSize(520, 110)
ZOOM = 0.8  # of a marker's usual size
STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}


class ResidualPicture(QWidget):
    """Residual plot; a click, or the arrow keys, choose a point, Escape none.

    Attributes:
        point: the chosen point, as an index into all points, if any.
    """

    chosen = Signal(object)  # the index of a point, or None

    def __init__(self) -> None:
        super().__init__()
        self.point: int | None = None
        self._found: Predictions | None = None
        self._points: Points | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Residuals over predictions")
        self.setAccessibleDescription("Left and Right choose the point before or after; Escape none")
        self.setToolTip("How far each prediction is off; a click marks the point in the plane")
        theme.theme().changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return USUAL

    def minimumSizeHint(self) -> QSize:
        return LEAST

    def show_predictions(self, found: Predictions, points: Points) -> None:
        """Show what is said of these points, all that there are."""
        is_drawn = drawn_rows(len(points))[found.rows] & np.isfinite(found.said)
        places = np.flatnonzero(is_drawn)
        said, targets = found.said[places], found.targets[places]
        self._found = replace(found, rows=found.rows[places], said=said, targets=targets)
        self._points = points.take(self._found.rows)
        if self.point is not None and self.point not in found.rows:
            self.choose(None)
        self.update()

    def choose(self, point: int | None) -> None:
        """Choose a point by its index, or none."""
        self.point = point
        self.chosen.emit(point)
        self.update()

    @property
    def area(self) -> QRectF:
        """Pixels that are plotted in, beside the widest number."""
        bottom, top, metrics = theme.px(BOTTOM), theme.px(TOP), QFontMetrics(theme.font(FONT))
        widest = max((metrics.horizontalAdvance(text) for _, text in self.ticks), default=0)
        left = max(theme.px(LEFT), widest + BESIDE + 2)
        return QRectF(left, top, max(1, self.width() - left - RIGHT), max(1, self.height() - bottom - top))

    @property
    def ticks(self) -> list[tuple[float, str]]:
        """Residuals that are marked along the axis up, in their own unit, and as they are written: 0, and others."""
        if self._found is None:
            return []
        _, up = self._ends(self._found)
        round_ones = ticks_between(*up, MOST_TICKS)
        if len(round_ones) > 1:
            return round_ones
        end = float(f"{up[1] / (1 + ROOM):.1e}")  # the largest, where no round number but 0 lies before it
        return [(number, write_figure(number)) for number in (-end, 0.0, end)]

    def _ends(self, found: Predictions) -> tuple[tuple[float, float], tuple[float, float]]:
        """From where to where the predictions go, and the residuals, zero among them; each in their own unit."""
        target = found.task.target
        said = target.raw(found.said) if len(found) else np.zeros(1)
        off = target.unit * found.residuals if len(found) else np.zeros(1)
        largest = float(np.abs(off).max()) or 1.0
        low, high = float(said.min()), float(said.max())
        room = ROOM * (high - low) or 1.0
        return (low - room, high + room), (-largest * (1 + ROOM), largest * (1 + ROOM))

    def spots(self) -> NDArray[np.float64]:
        """Where the points lie (n, 2), in pixels."""
        found = self._found
        if found is None:
            return np.empty((0, 2))
        across, up = self._ends(found)
        area, target = self.area, found.task.target
        x = area.left() + (target.raw(found.said) - across[0]) / (across[1] - across[0]) * area.width()
        y = area.bottom() - (target.unit * found.residuals - up[0]) / (up[1] - up[0]) * area.height()
        return np.column_stack([x, y])

    @property
    def rows(self) -> NDArray[np.int64]:
        """The points that are drawn (n,), as indices into all points."""
        return np.empty(0, np.int64) if self._found is None else self._found.rows

    # ── painting ─────────────────────────────────────────────────────────────────────────────────────────────────

    def paintEvent(self, event: QPaintEvent) -> None:
        found, points = self._found, self._points
        if found is None or points is None:
            return
        with QPainter(self) as painter:
            self._paint_axes(painter, found)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            spots, zoom, ratio = self.spots(), ZOOM * theme.theme().text_size, self.devicePixelRatioF()
            every = list(kinds(points, found.task))
            for test, side in ((True, HOLLOW), (False, FILLED)):
                for kind in every:
                    stamp(painter, kind.picture(side, ratio, zoom), spots[kind.rows & (points.test == test)])
            chosen = spots[found.rows == self.point]
            stamp(painter, ring(1.2 * theme.theme().text_size, ratio, tint=theme.colour("accent")), chosen)

    def _paint_axes(self, painter: QPainter, found: Predictions) -> None:
        area, (across, up) = self.area, self._ends(found)
        painter.fillRect(area, theme.colour("field"))
        painter.setFont(theme.font(FONT))
        painter.setPen(theme.colour("muted"))
        line = painter.fontMetrics().height()
        for number, text in ticks_between(*across, MOST_TICKS):
            x = area.left() + (number - across[0]) / (across[1] - across[0]) * area.width()
            below = QRectF(x - 40, area.bottom() + 2, 80, line)
            painter.drawText(below, Qt.AlignmentFlag.AlignHCenter, text)
        for number, text in self.ticks:
            y = area.bottom() - (number - up[0]) / (up[1] - up[0]) * area.height()
            beside = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRectF(0, y - line / 2, area.left() - BESIDE, line), beside, text)
        zero = area.center().y()
        painter.setPen(QPen(theme.colour("text"), theme.px(1)))
        painter.drawLine(QPointF(area.left(), zero), QPointF(area.right(), zero))
        target = found.task.target.name
        above = QRectF(0, area.top() - line - 2, self.width(), line)
        painter.drawText(above, Qt.AlignmentFlag.AlignLeft, f"↑ residual: {target} said, less what it is")
        below = QRectF(0, area.bottom() + line, area.right(), line + 4)
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, f"{target} said →")

    # ── what the user does ───────────────────────────────────────────────────────────────────────────────────────

    def mousePressEvent(self, event: QMouseEvent) -> None:
        spots = self.spots()
        far = np.hypot(*(spots - [event.position().x(), event.position().y()]).T)
        nearest = int(far.argmin()) if len(far) else None
        self.choose(None if nearest is None or far[nearest] > REACH else int(self.rows[nearest]))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, found = Qt.Key(event.key()), self._found
        if key in STEPS and found is not None and len(found):
            order = found.rows[np.argsort(found.said, kind="stable")]
            at = np.flatnonzero(order == self.point)
            place = (int(at[0]) + STEPS[key]) if len(at) else 0
            self.choose(int(order[place % len(order)]))
        elif key == Qt.Key.Key_Escape and self.point is not None:
            self.choose(None)
        else:
            super().keyPressEvent(event)
