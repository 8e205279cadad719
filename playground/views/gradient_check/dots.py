"""Dot plot: the error of every derivative at a glance, in the order of the network."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QHelpEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QToolTip

from engine.microscope.gradcheck.check import CheckTable, Verdict
from playground.ui import theme
from playground.views.gradient_check.chart import (
    BOTTOM,
    HIGHEST,
    LOWEST,
    Chart,
    draw_crosses,
    draw_diamonds,
    draw_dots,
    heights,
    nearest,
)
from playground.views.gradient_check.words import SIGNS, error, row_name

RING = 7  # pixels
REACH = 14  # pixels from which a hand points at a dot
MARKS = {Verdict.FINE: draw_dots, Verdict.KINK: draw_diamonds, Verdict.WRONG: draw_crosses}
OUTSIDE = -1e6  # a pixel
MANY = 400  # dots from which they are drawn smaller


class DotsPicture(Chart):
    """Dot plot: a dot for each weight and bias, a diamond for a kink, a cross for a wrong one; the chosen is ringed."""

    row_chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__("Relative error of all derivatives")
        self._table: CheckTable | None = None
        self._row: int | None = None

    def show_table(self, table: CheckTable | None) -> None:
        """Other errors, or none."""
        self._table = table
        self.update()

    def show_row(self, row: int | None) -> None:
        """Ring another row."""
        self._row = row
        self.update()

    def places(self) -> list[QPointF]:
        """Where the dot of each row is; of what has no error it is outside of the picture."""
        table = self._table
        if table is None:
            return []
        count = len(table)
        x = np.linspace(self._x_of(0.5, count), self._x_of(count - 0.5, count), count)
        y = np.interp(heights(table.relative), (LOWEST, HIGHEST), (self.y_of(LOWEST), self.y_of(HIGHEST)))
        return [QPointF(*at) for at in zip(x.tolist(), np.nan_to_num(y, nan=OUTSIDE).tolist(), strict=True)]

    def _x_of(self, row: float, count: int) -> float:
        """The pixel where a row of so many begins; the ring of the first and the last has room."""
        area = self.area.adjusted(RING, 0, -RING, 0)
        return area.left() + row / count * area.width()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        row = nearest(self.places(), event.position(), REACH)
        if row is not None and event.button() == Qt.MouseButton.LeftButton:
            self.row_chosen.emit(row)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent) and self._table is not None:
            row = nearest(self.places(), QPointF(event.pos()), REACH)
            text = "" if row is None else f"{row_name(self._table, row)}: {error(float(self._table.relative[row]))}"
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    def draw_below(self, painter: QPainter) -> None:
        """The layers, between lines that part them."""
        table, area = self._table, self.area
        if table is None or not len(table):
            return
        last = int(table.layer.max())
        for layer in range(1, last + 1):
            rows = np.flatnonzero(table.layer == layer)
            left, right = self._x_of(rows[0], len(table)), self._x_of(rows[-1] + 1, len(table))
            if layer > 1:
                painter.setPen(theme.colour("line"))
                painter.drawLine(QPointF(left, area.top()), QPointF(left, area.bottom() + 4))
            painter.setPen(theme.colour("muted"))
            self._draw_layer(painter, layer, last, QRectF(left, area.bottom() + 3, right - left, theme.px(BOTTOM) - 3))

    def _draw_layer(self, painter: QPainter, layer: int, last: int, box: QRectF) -> None:
        """A layer's name, or its number, or nothing: whatever its place has room for."""
        for text in ("output" if layer == last else f"layer {layer}", "out" if layer == last else f"{layer}"):
            if painter.fontMetrics().horizontalAdvance(text) <= box.width():
                painter.drawText(box, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, text)
                return

    def draw(self, painter: QPainter) -> bool:
        table = self._table
        if table is None:
            return False
        painter.setClipRect(self.area.adjusted(-8, -8, 8, 8))
        places = self.places()
        size = 4 if len(table) < MANY else 2
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, len(table) < MANY)
        draw_dots(painter, self._of(places, Verdict.FINE), size)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for verdict in (Verdict.KINK, Verdict.WRONG):
            MARKS[verdict](painter, self._of(places, verdict))
        if self._row is not None and self._row < len(places):
            painter.setPen(QPen(theme.colour("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(places[self._row], RING, RING)
        self._draw_legend(painter)
        return True

    def _of(self, places: list[QPointF], verdict: Verdict) -> list[QPointF]:
        assert self._table is not None
        return [places[i] for i in np.flatnonzero(self._table.verdict == verdict)]

    def _draw_legend(self, painter: QPainter) -> None:
        """The marks that are there, with their names, in the upper left corner."""
        assert self._table is not None
        metrics, x = painter.fontMetrics(), self.area.left() + 8
        y = self.area.top() + metrics.height() / 2
        for verdict, draw in MARKS.items():
            if not self._table.count(verdict):
                continue
            width = metrics.horizontalAdvance(SIGNS[verdict].name)
            ground = QRectF(x - 6, y - metrics.height() / 2, width + 19, metrics.height())
            painter.fillRect(ground, theme.colour("panel", 0.85))
            draw(painter, [QPointF(x, y)])
            painter.setPen(theme.colour("muted"))
            painter.drawText(
                QRectF(x + 9, y - metrics.height() / 2, width + 2, metrics.height()),
                Qt.AlignmentFlag.AlignVCenter,
                SIGNS[verdict].name,
            )
            x += 9 + width + 20
