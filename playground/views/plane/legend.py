"""Colour legend: a slim bar beside the plane that says what its colours stand for."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QFontMetrics, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from playground.ui import theme
from playground.views.plane.markers import FILLED, marker
from playground.views.plane.subject import Scale

BAR, GAP = 8, 3  # pixels at the usual text size
WIDEST = "−0.00"
SPAN = "unsure–sure"  # along a class's piece of the bar


class Legend(QWidget):
    """Colour legend: the scale of what is shown, from top to bottom, with its numbers and the classes' markers."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._scale: Scale | None = None
        self.setAccessibleName("Colours")

    def room(self) -> int:
        """How wide it is: always the same at a text size."""
        return theme.px(BAR + GAP) + QFontMetrics(theme.font(11)).horizontalAdvance(WIDEST)

    def show_scale(self, scale: Scale) -> None:
        """Explain these colours."""
        if scale != self._scale:
            self._scale = scale
            self.setToolTip(scale.words)
            self.setAccessibleDescription(scale.words)
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._scale is None:
            return
        painter = QPainter(self)
        painter.setFont(theme.font(11))
        pixels = np.array(self._scale.colours, dtype=np.uint32)
        bar = QRectF(0, 0, theme.px(BAR), self.height())
        painter.drawImage(bar, QImage(pixels.data, 1, len(pixels), 4, QImage.Format.Format_RGB32))
        painter.setPen(theme.colour("muted"))
        for share, text in zip((0.0, 0.5, 1.0), self._scale.ends, strict=False):
            self._write(painter, share, text)
        if self._scale.ends:
            self._mark_ends(painter)
        else:
            self._mark_pieces(painter)

    def _mark_ends(self, painter: QPainter) -> None:
        """A class's marker next to the number of its end."""
        line = painter.fontMetrics().height() + theme.px(GAP)
        for label, y in zip(self._scale_labels(), (1.5 * line, self.height() - 1.5 * line), strict=False):
            self._mark(painter, label, y)

    def _mark_pieces(self, painter: QPainter) -> None:
        """Each class's marker where its colour is strong; once, where there is room, that it is sure there."""
        labels, line = self._scale_labels(), painter.fontMetrics().height()
        piece = self.height() / len(labels)
        for label in labels:
            self._mark(painter, label, piece * label + min(line / 2, piece / 2))
        if piece >= painter.fontMetrics().horizontalAdvance(SPAN) + line:
            painter.translate(theme.px(BAR + GAP) + line, piece)
            painter.rotate(-90)
            painter.drawText(QPointF(0, -painter.fontMetrics().descent()), SPAN)

    def _scale_labels(self) -> tuple[int, ...]:
        assert self._scale is not None
        return self._scale.labels

    def _write(self, painter: QPainter, share: float, text: str) -> None:
        metrics = painter.fontMetrics()
        top = share * (self.height() - metrics.height())
        painter.drawText(QPointF(theme.px(BAR + GAP), top + metrics.ascent()), text)

    def _mark(self, painter: QPainter, label: int, y: float) -> None:
        picture = marker(label, FILLED, self.devicePixelRatioF())
        size = picture.deviceIndependentSize()
        middle = theme.px(BAR + GAP) + painter.fontMetrics().horizontalAdvance("+1") / 2
        painter.drawPixmap(QPointF(middle - size.width() / 2, y - size.height() / 2), picture)
