"""Confusion matrix: how many points of each class are taken for which, with what that is of all of them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from engine.microscope.inside.predictions import Predictions
from engine.training import Task
from playground.ui import theme
from playground.ui.number_format import MISSING, write_percent
from playground.views.plane.markers import FILLED, target_marker

FONT = 12
GAP = 6  # pixels
NARROWEST, WIDEST, LOWEST, HIGHEST = 44, 96, 19, 34  # pixels of a cell, at the usual text size
MARKER = 18  # pixels
NAME_WIDTH = 110  # pixels of a class's name, at the most
FAINT, STRONG = 0.06, 0.75  # how strong the colour of a cell is, without and with all points of its row
MARGIN = ("Points", "Recall")  # right of the cells; below them stands the precision
_CENTRE = Qt.AlignmentFlag.AlignCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
ARROWS = {Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1), Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0)}


class Cell(NamedTuple):
    """Cell of the matrix: the class that points have, and the one that they are taken for, from 0."""

    true: int
    said: int


class MatrixPicture(QWidget):
    """Confusion matrix that is clicked, or walked over with the arrow keys; Escape chooses no cell.

    Attributes:
        predictions: what it shows; None before there is anything.
        cell: the chosen one, if any.
    """

    chosen = Signal(object)  # a Cell, or None

    def __init__(self) -> None:
        super().__init__()
        self.predictions: Predictions | None = None
        self.cell: Cell | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Confusion matrix")
        self.setAccessibleDescription("Arrow keys choose a cell, whose points are ringed in the plane; Escape none")
        self.setToolTip("Each row is a class, each column what its points are taken for; a click rings these points")
        theme.theme().changed.connect(self.updateGeometry)
        theme.theme().changed.connect(self.update)

    def show_predictions(self, predictions: Predictions) -> None:
        """Show other counts; what is chosen stays so, if there are as many classes."""
        before, self.predictions = self.predictions, predictions
        if self.cell is not None and max(self.cell) >= predictions.task.colours:
            self.choose(None)
        if before is None or before.task != predictions.task:
            self.updateGeometry()
        self.update()

    def choose(self, cell: Cell | None) -> None:
        """Choose a cell, or none."""
        self.cell = cell
        self.chosen.emit(cell)
        self.update()

    # ── where things are ─────────────────────────────────────────────────────────────────────────────────────────

    @property
    def _classes(self) -> int:
        return 2 if self.predictions is None else self.predictions.task.colours

    def sizeHint(self) -> QSize:
        columns = self._classes + len(MARGIN)
        width = self._names_width() + columns * theme.px(WIDEST)
        return QSize(round(width), self.minimumSizeHint().height())  # it takes what it is given

    def minimumSizeHint(self) -> QSize:
        rows, columns = self._classes + 1, self._classes + len(MARGIN)
        width = self._names_width() + columns * theme.px(NARROWEST) + GAP
        return QSize(round(width), round(2 * self._line + 2 * GAP + rows * theme.px(LOWEST)))

    @property
    def _line(self) -> float:
        return self._metrics().height() + 2

    @staticmethod
    def _metrics() -> QFontMetricsF:
        return QFontMetricsF(theme.font(FONT))

    def _names_width(self) -> float:
        """Of the names of the classes, at the left."""
        names = [] if self.predictions is None else _names(self.predictions.task)
        widest = max(map(self._metrics().horizontalAdvance, (*names, "Precision")))
        return float(min(widest + 1, theme.px(NAME_WIDTH)) + theme.px(MARKER) + 2 * GAP)

    def place(self, row: int, column: int) -> QRectF:
        """Where a cell is, or one of the margin."""
        left, top = self._names_width(), 2 * self._line + GAP
        width = min((self.width() - left - GAP) / (self._classes + len(MARGIN)), theme.px(WIDEST))
        height = min((self.height() - top - GAP) / (self._classes + 1), theme.px(HIGHEST))
        beyond = (GAP if column >= self._classes else 0, GAP if row >= self._classes else 0)
        return QRectF(left + column * width + beyond[0], top + row * height + beyond[1], width, height)

    def _cell_at(self, spot: QPointF) -> Cell | None:
        cells = (Cell(true, said) for true in range(self._classes) for said in range(self._classes))
        return next((cell for cell in cells if self.place(*cell).contains(spot)), None)

    # ── painting ─────────────────────────────────────────────────────────────────────────────────────────────────

    def paintEvent(self, event: QPaintEvent) -> None:
        found = self.predictions
        if found is None:
            return
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setFont(theme.font(FONT))
            for true, said in np.ndindex(found.confusion.shape):
                self._paint_cell(painter, found, Cell(true, said))
            self._paint_margins(painter, found)
            self._paint_names(painter, found.task)
            if self.cell is not None:
                painter.setPen(QPen(theme.colour("text"), 2))
                painter.drawRect(self.place(*self.cell).adjusted(2, 2, -2, -2))

    def _paint_cell(self, painter: QPainter, found: Predictions, cell: Cell) -> None:
        count, place = int(found.confusion[cell]), self.place(*cell)
        share = count / max(1, int(found.counts[cell.true]))
        token = "accent" if cell.true == cell.said else "warning"
        strength = FAINT + (STRONG - FAINT) * share if count else FAINT
        painter.fillRect(place.adjusted(1, 1, -1, -1), theme.colour(token if count else "muted", strength))
        painter.setPen(theme.colour("text" if count else "muted"))
        painter.drawText(place, _CENTRE, f"{count:,}")

    def _paint_margins(self, painter: QPainter, found: Predictions) -> None:
        classes = self._classes
        painter.setPen(theme.colour("text"))
        for label in range(classes):
            for column, text in enumerate((f"{found.counts[label]:,}", _share(found.recall[label]))):
                painter.drawText(self.place(label, classes + column), _CENTRE, text)
            painter.drawText(self.place(classes, label), _CENTRE, _share(found.precision[label]))
        painter.setPen(theme.colour("muted"))
        for column, text in enumerate(MARGIN):
            place = self.place(0, classes + column)
            painter.drawText(QRectF(place.left(), self._line, place.width(), self._line), _CENTRE, text)
        below = self.place(classes, 0)
        painter.drawText(QRectF(0, below.top(), below.left() - GAP, below.height()), _RIGHT, "Precision")
        first, last = self.place(0, 0), self.place(0, classes - 1)
        heading = QRectF(first.left(), 0, last.right() - first.left(), self._line)
        painter.drawText(heading, _CENTRE, "taken for")

    def _paint_names(self, painter: QPainter, task: Task) -> None:
        side, line, metrics = theme.px(MARKER), self._line, painter.fontMetrics()
        painter.setPen(theme.colour("text"))
        for label, name in enumerate(_names(task)):
            marker = target_marker(float(label), task, FILLED, self.devicePixelRatioF())
            room = marker.deviceIndependentSize()
            above, beside = self.place(0, label), self.place(label, 0)
            painter.drawPixmap(
                QPointF(beside.left() - GAP - room.width(), beside.center().y() - room.height() / 2), marker
            )
            width = beside.left() - 2 * GAP - side
            text = metrics.elidedText(name, Qt.TextElideMode.ElideRight, int(width))
            painter.drawText(QRectF(0, beside.top(), width, beside.height()), _RIGHT, text)
            shown = metrics.elidedText(name, Qt.TextElideMode.ElideRight, int(above.width()) - 4)
            painter.drawText(QRectF(above.left(), line, above.width(), line), _CENTRE, shown)

    # ── what the user does ───────────────────────────────────────────────────────────────────────────────────────

    def mousePressEvent(self, event: QMouseEvent) -> None:
        cell = self._cell_at(event.position())
        self.choose(None if cell == self.cell else cell)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in ARROWS and self.predictions is not None:
            down, right = ARROWS[key]
            last = self._classes - 1
            true, said = (0, 0) if self.cell is None else (self.cell.true + down, self.cell.said + right)
            self.choose(Cell(min(max(true, 0), last), min(max(said, 0), last)))
        elif key == Qt.Key.Key_Escape and self.cell is not None:
            self.choose(None)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if self.cell is None and event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self.choose(Cell(0, 0))


def _names(task: Task) -> list[str]:
    """The names of the classes; of those without one, numbers from 1."""
    return [task.name_of(label) for label in range(task.colours)]


def _share(share: float) -> str:
    return MISSING if np.isnan(share) else write_percent(round(share, 3))
