"""Picture of a landscape: the relief from above, paths on it, where the network stands, and a cursor to go by."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QBrush,
    QFocusEvent,
    QFontMetricsF,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
    QTransform,
)
from PySide6.QtWidgets import QWidget

from engine.microscope.landscape.landscape import Landscape
from playground.ui import theme
from playground.ui.number_format import write_loss
from playground.ui.plots import polyline
from playground.ui.ticks import ticks_between
from playground.views.landscape.relief import Relief, loss_at

LEFT, BOTTOM, TOP, SCALE = 40, 34, 18, 76  # pixels around the relief, at the usual text size
BAR = 12  # of the colours of the scale
SMALLEST = (220, 110)
DOT, START = 5.0, 3.0  # pixels: the radius of where it stands, and of where it began
FAINT, PALE = 0.35, 0.6  # how strong lines of equal loss are, and the paths of other runs
STEPS = 50  # of an arrow key, over the width of the picture; with Shift five at once
APART, ABOVE = 60, 36  # pixels from tick to tick, at least, across and up
ARROWS = {
    Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Down: (0, -1), Qt.Key.Key_Up: (0, 1)
}  # fmt: skip
UNKNOWN = "no finite loss"


class LandscapePicture(QWidget):
    """Picture of a landscape. Clicking a place, or Enter at the cursor, asks to go there.

    Attributes:
        landscape: what is shown; None while there is nothing.
        cursor: the place (2,) that the arrow keys have come to; None before they were used.
    """

    chosen = Signal(object)  # a place (2,)
    pointed = Signal(object)  # the place that the pointer or the cursor is at, or None

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Landscape of the loss")
        self.setAccessibleDescription("Arrow keys move a cursor, with Shift further; Enter sets the weights there.")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.landscape: Landscape | None = None
        self.cursor_at: NDArray[np.float64] | None = None
        self._relief: Relief | None = None
        self._names = "", ""
        self._message = ""
        self._hovered: NDArray[np.float64] | None = None
        self._live: NDArray[np.float64] = np.empty((0, 2))
        self._mark: NDArray[np.float64] | None = None
        self._ground: QPixmap | None = None  # all but what moves
        theme.theme().changed.connect(self._redraw)

    def minimumSizeHint(self) -> QSize:
        width, height = SMALLEST
        return QSize(theme.px(width), theme.px(height))

    # ── what is shown ────────────────────────────────────────────────────────────────────────────────────────────

    def show_landscape(self, landscape: Landscape, names: tuple[str, str]) -> None:
        """Show a landscape, and what its two directions are called."""
        if self.landscape is None or landscape.plane is not self.landscape.plane:
            self.cursor_at = self._hovered = None
        if self.landscape is None or landscape.surface.losses is not self.landscape.surface.losses:
            self._relief = Relief(landscape.surface)
        if self.landscape is not landscape:
            self._ground = None
        self.landscape, self._names, self._message = landscape, names, ""
        self.update()

    def say(self, message: str) -> None:
        """Show nothing but why there is nothing."""
        self.landscape, self._message = None, message
        self.update()

    def mark(self, place: NDArray[np.float64] | None, live: NDArray[np.float64]) -> None:
        """Where the network stands (2,), if on the plane, and the way there since the landscape was drawn (n, 2)."""
        self._mark, self._live = place, live
        self.update()

    @property
    def area(self) -> QRectF:
        """Where the relief is, in pixels."""
        left, bottom, top, scale = map(theme.px, (LEFT, BOTTOM, TOP, SCALE))
        return QRectF(left, top, max(1, self.width() - left - scale), max(1, self.height() - top - bottom))

    def spots(self, places: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where places (..., 2) lie, in pixels."""
        assert self.landscape is not None
        low, high = np.array(self.landscape.surface.low), np.array(self.landscape.surface.high)
        area = self.area
        shares = (places - low) / (high - low)
        return np.asarray(shares * (area.width(), -area.height()) + (area.left(), area.bottom()))

    def place_at(self, spot: QPointF) -> NDArray[np.float64] | None:
        """The place (2,) at a pixel; None outside of the relief."""
        area = self.area
        if self.landscape is None or not area.contains(spot):
            return None
        low, high = np.array(self.landscape.surface.low), np.array(self.landscape.surface.high)
        shares = np.array([(spot.x() - area.left()) / area.width(), (area.bottom() - spot.y()) / area.height()])
        return np.asarray(low + shares * (high - low))

    def _redraw(self) -> None:
        self._ground = None
        self.update()

    # ── painting ─────────────────────────────────────────────────────────────────────────────────────────────────

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self.landscape is None:
            painter.setPen(theme.colour("muted"))
            painter.setFont(theme.font(12))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._message)
            return
        if self._ground is None:
            self._ground = self._drawn_ground(self.landscape)
        painter.drawPixmap(0, 0, self._ground)
        area = self.area
        if self.hasFocus():
            painter.setPen(theme.colour("accent"))
            painter.drawRect(area.adjusted(-1, -1, 0, 0))
        painter.setClipRect(area)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._draw_path(painter, self._live)
        if self._mark is not None:
            self._draw_dot(painter, self._mark, DOT, "panel")
        place = self.cursor_at if self._hovered is None else self._hovered
        if self.cursor_at is not None:
            self._draw_cross(painter, QPointF(*self.spots(self.cursor_at).tolist()))
        if place is not None:
            self._draw_loss(painter, place)

    def _drawn_ground(self, landscape: Landscape) -> QPixmap:
        """Relief, lines, paths, axes and scale."""
        assert self._relief is not None
        ground, area = QPixmap(self.size() * self.devicePixelRatio()), self.area
        ground.setDevicePixelRatio(self.devicePixelRatio())
        ground.fill(theme.colour("panel"))
        painter = QPainter(ground)
        painter.setFont(theme.font(11))
        painter.fillRect(area, theme.colour("field"))
        painter.fillRect(area, QBrush(theme.colour("muted", FAINT), Qt.BrushStyle.BDiagPattern))  # what is unknown
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(area, self._relief.image())
        self._draw_axes(painter, area, landscape)
        if not self._relief.is_empty:
            self._draw_scale(painter, area, self._relief)
        painter.setClipRect(area)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.colour("text", FAINT), 1))
        painter.drawPath(self._to_pixels(landscape).map(self._relief.lines()))
        for number, trail in landscape.others.items():
            painter.setPen(QPen(theme.run_colour(number, PALE), theme.px(1.5)))
            painter.drawPolyline(polyline(*self.spots(trail.places).T))
        self._draw_path(painter, landscape.trail.places)
        self._draw_dot(painter, landscape.trail.places[0], START, "text")
        painter.end()
        return ground

    def _to_pixels(self, landscape: Landscape) -> QTransform:
        area, (left, bottom), (right, top) = self.area, landscape.surface.low, landscape.surface.high
        across, up = area.width() / (right - left), area.height() / (top - bottom)
        return QTransform(across, 0, 0, -up, area.left() - left * across, area.bottom() + bottom * up)

    def _draw_path(self, painter: QPainter, places: NDArray[np.float64]) -> None:
        """A dark line in a light one: it is seen on any ground."""
        line = polyline(*self.spots(places).T)
        for token, width in (("panel", 4), ("text", 1.75)):
            pen = QPen(theme.colour(token), theme.px(width))
            pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
            painter.setPen(pen)
            painter.drawPolyline(line)

    def _draw_dot(self, painter: QPainter, place: NDArray[np.float64], radius: float, token: str) -> None:
        painter.setPen(QPen(theme.colour("text"), theme.px(1.75)))
        painter.setBrush(theme.colour(token))
        painter.drawEllipse(QPointF(*self.spots(place).tolist()), theme.px(radius), theme.px(radius))
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _draw_cross(self, painter: QPainter, spot: QPointF) -> None:
        area = self.area
        painter.setPen(QPen(theme.colour("text", PALE), 1))
        painter.drawLine(QPointF(area.left(), spot.y()), QPointF(area.right(), spot.y()))
        painter.drawLine(QPointF(spot.x(), area.top()), QPointF(spot.x(), area.bottom()))

    def _draw_loss(self, painter: QPainter, place: NDArray[np.float64]) -> None:
        """The loss at a place, beside it on the side that has room."""
        painter.setFont(theme.font(11))
        said, spot, area = f"loss {self.loss_text(place)}", QPointF(*self.spots(place).tolist()), self.area
        size = QFontMetricsF(painter.font()).size(0, said) + QSize(2 * theme.GAP, theme.GAP // 2).toSizeF()
        left = spot.x() - size.width() - theme.GAP if spot.x() > area.center().x() else spot.x() + theme.GAP
        top = min(max(spot.y() - size.height() - theme.GAP, area.top()), area.bottom() - size.height())
        box = QRectF(QPointF(left, top), size)
        painter.fillRect(box, theme.colour("panel", 0.9))
        painter.setPen(theme.colour("text"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, said)

    def loss_text(self, place: NDArray[np.float64]) -> str:
        """The loss at a place (2,), in words where there is none."""
        loss = math.nan if self.landscape is None else loss_at(self.landscape.surface, place)
        return write_loss(loss) if math.isfinite(loss) else UNKNOWN

    def _draw_axes(self, painter: QPainter, area: QRectF, landscape: Landscape) -> None:
        (left, bottom), (right, top) = landscape.surface.low, landscape.surface.high
        line, gap, apart = painter.fontMetrics().height(), theme.GAP // 2, theme.px(APART)
        painter.setPen(theme.colour("muted"))
        far, centre = Qt.AlignmentFlag.AlignRight, Qt.AlignmentFlag.AlignCenter
        for at, text in ticks_between(left, right, max(2, int(area.width() / apart))):
            x = self.spots(np.array([at, 0.0]))[0]
            painter.drawText(QRectF(x - apart / 2, area.bottom() + gap, apart, line), centre, text)
        for at, text in ticks_between(bottom, top, max(2, int(area.height() / theme.px(ABOVE)))):
            y = self.spots(np.array([0.0, at]))[1]
            box = QRectF(0, y - line / 2, area.left() - gap, line)
            painter.drawText(box, far | Qt.AlignmentFlag.AlignVCenter, text)
        across, up = self._names
        painter.drawText(QRectF(area.left(), area.bottom() + gap + line, area.width(), line), far, f"{across} →")
        painter.drawText(QRectF(area.left(), area.top() - line - gap / 2, area.width(), line), 0, f"↑ {up}")

    def _draw_scale(self, painter: QPainter, area: QRectF, relief: Relief) -> None:
        """Colours beside the relief, with the lowest, the middle and the highest loss."""
        bar, line = QRectF(area.right() + theme.GAP, area.top(), theme.px(BAR), area.height()), painter.fontMetrics()
        colours = theme.depth_colours()
        painter.drawImage(bar, QImage(colours.data, 1, len(colours), 3, QImage.Format.Format_RGB888))
        painter.setPen(theme.colour("muted"))
        for share in (0.0, 0.5, 1.0):
            y = bar.bottom() - share * (bar.height() - line.height()) - line.height()
            box = QRectF(bar.right() + theme.GAP // 2, y, theme.px(SCALE), line.height())
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, write_loss(relief.loss(share)))
        painter.drawText(QRectF(bar.left(), 0, theme.px(SCALE), area.top()), Qt.AlignmentFlag.AlignVCenter, "loss")

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._ground = None

    # ── going ────────────────────────────────────────────────────────────────────────────────────────────────────

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._point(self.place_at(event.position()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = self.place_at(event.position())
        if event.button() is Qt.MouseButton.LeftButton and place is not None:
            self.chosen.emit(place)

    def leaveEvent(self, event: QEvent) -> None:
        self._point(None)

    def _point(self, place: NDArray[np.float64] | None) -> None:
        self._hovered = place
        self.pointed.emit(place if place is not None else self.cursor_at)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if self.landscape is not None and key in ARROWS:
            self._move_cursor(ARROWS[Qt.Key(key)], 5 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.cursor_at is not None:
            self.chosen.emit(self.cursor_at)
        elif key == Qt.Key.Key_Escape and self.cursor_at is not None:
            self.cursor_at = None
            self._point(None)
        else:
            super().keyPressEvent(event)

    def _move_cursor(self, way: tuple[int, int], steps: int) -> None:
        """From where the network stands, at first, no further than to the middle of the last cell."""
        assert self.landscape is not None
        low, high = np.array(self.landscape.surface.low), np.array(self.landscape.surface.high)
        step = (high - low) / STEPS
        start = self.cursor_at if self.cursor_at is not None else self._mark
        start = (low + high) / 2 if start is None else start
        self.cursor_at = np.clip(start + np.array(way) * steps * step, low + step / 2, high - step / 2)
        self._point(None)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()
