"""Chart of a sweep: ribbons of the loss where at most one setting varies, a heat map of success over two."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from engine.training.sweep import WANTED, Plan, Summary
from playground.ui import theme
from playground.views.sweep.figures import heat_map, ribbons
from playground.views.sweep.pictures import HeatMap, Ribbon, paint_heat_map, paint_ribbons

LEAST = QSize(220, 100)


class SweepChart(QWidget):
    """Chart of the summaries of a sweep; a click in a cell chooses its combination."""

    chosen = Signal(object)  # the values of a combination

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Chart of the sweep")
        self.setMinimumSize(LEAST)
        self._ribbons: list[Ribbon] = []
        self._heat: HeatMap | None = None
        theme.theme().changed.connect(self.update)

    def show_sweep(self, plan: Plan, found: Sequence[Summary]) -> None:
        """Draw what is known of each combination."""
        self._heat = heat_map(plan, found)
        self._ribbons = [] if self._heat else ribbons(plan, found)
        what = f"share of seeds that reach {WANTED:.0%}" if self._heat else "loss: median and quartiles over the seeds"
        self.setToolTip(what[:1].upper() + what[1:])
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            if self._heat is not None:
                paint_heat_map(painter, QRectF(self.rect()), self._heat)
            elif self._ribbons:
                paint_ribbons(painter, QRectF(self.rect()), self._ribbons)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._heat is not None and (cell := self._heat.cell_at(event.position(), QRectF(self.rect()))) is not None:
            row, column = cell
            self.chosen.emit((self._heat.rows[row], self._heat.columns[column]))
