"""Loss plot: the curves of training and test points over the steps, those of other runs, and what was changed when."""

from __future__ import annotations

import math

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from pyqtgraph.functions import arrayToQPolygonF
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QMouseEvent, QPainter, QPen, QPolygonF, QWheelEvent

from playground.model.runs import RunSummary
from playground.ui import theme
from playground.ui.plots import draw_marks, line_pen, recolour_axes
from playground.views.others import other_curves

LEFT, BOTTOM, TOP, RIGHT = 44, 18, 15, 4  # pixels around the curves: nothing moves when numbers grow
LOWEST = 80  # pixels of the whole
FEWEST_STEPS = 10  # that the x axis spans
DECADES = 4  # labels at most on a logarithmic axis
NEAR = 5  # pixels from a mark that count as on it
INVITATION = "Train to see the loss fall"
PENS = {"train": ("muted", Qt.PenStyle.SolidLine), "test": ("text", Qt.PenStyle.DashLine)}  # seen where they coincide


class LossPlot(pg.PlotWidget):  # pyqtgraph has no types
    """Line plot of two curves, in ranges that grow by leaps: a range that changes costs ten times a curve."""

    hovered = Signal(object)  # the step under the pointer, None outside
    menu_asked = Signal(object, QPoint)  # the same, and where a menu is to open on the screen

    def __init__(self) -> None:
        box = pg.ViewBox(enableMenu=False, enableMouse=False)
        super().__init__(viewBox=box, enableMenu=False)
        self._ranges: tuple[float, float, float, bool] | None = None
        self._others: list[tuple[QPen, QPolygonF]] = []
        self._marks: tuple[tuple[int, str], ...] = ()
        self.setAccessibleName("Loss over the steps")
        self.hideButtons()
        self.disableAutoRange()
        self.getAxis("bottom").setStyle(hideOverlappingLabels=False)  # the 0 hangs over the corner
        self._curves = {name: pg.PlotCurveItem(connect="finite", antialias=True) for name in PENS}
        self._line = pg.InfiniteLine(angle=90)
        self._values = pg.TextItem()
        self._invitation = pg.TextItem(INVITATION, anchor=(0.5, 0.5))
        for item in (*self._curves.values(), self._line, self._values, self._invitation):
            self.addItem(item, ignoreBounds=True)
        self.hide_values()
        self.draw(np.zeros(1), {}, log=False)

    def draw(self, steps: NDArray[np.number], losses: dict[str, NDArray[np.floating]], *, log: bool) -> None:
        """The curves; what is not finite is left out, what is not positive lies on a logarithmic axis' floor."""
        right = _round_up(max(float(steps[-1]), FEWEST_STEPS))
        seen = np.concatenate([np.empty(0), *losses.values()])
        seen = seen[np.isfinite(seen) & ((seen > 0) | (not log))]
        low, high = (float(seen.min()), float(seen.max())) if len(seen) else (1.0, 1.0)
        self._set_ranges(right, *(_decades(low, high) if log else (0.0, _round_up(high))), log)
        for name, loss in losses.items():
            heights = np.where(np.isfinite(loss), loss, np.nan)
            if log:
                heights = np.log10(np.maximum(heights, low))
            is_known = np.isfinite(heights)
            self._curves[name].setData(steps[is_known], heights[is_known])
        self._invitation.setVisible(len(steps) < 2)

    def draw_others(self, runs: tuple[RunSummary, ...], *, log: bool) -> None:
        """The curves of the other runs: they belong to the background, which Qt keeps as a picture."""
        self._others = []
        for colour, steps, losses in other_curves(runs):
            is_seen = losses > 0 if log else np.ones(len(losses), dtype=bool)
            heights = np.log10(losses[is_seen]) if log else losses
            self._others.append((pg.mkPen(colour), arrayToQPolygonF(steps[is_seen], heights)))
        self.resetCachedContent()

    def show_marks(self, marks: tuple[tuple[int, str], ...]) -> None:
        """The steps at which settings were changed, with what was."""
        if marks != self._marks:
            self._marks = marks
            self.resetCachedContent()

    def mark_near(self, step: float) -> str:
        """What was changed where the pointer is, a line each; empty if nothing was."""
        (left, right), _ = self.viewRange()
        near = NEAR * (right - left) / self.getViewBox().width()
        return "\n".join(words for at, words in self._marks if abs(at - step) <= near)

    def drawBackground(self, painter: QPainter, rect: QRectF) -> None:
        super().drawBackground(painter, rect)
        box = self.getViewBox()
        area = box.sceneBoundingRect()
        self._name_axes(painter, area)
        draw_marks(painter, {round(box.mapViewToScene(QPointF(at, 0)).x()) for at, _ in self._marks}, area)
        painter.setClipRect(area)
        painter.setTransform(box.childGroup.sceneTransform(), True)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for pen, polygon in self._others:
            painter.setPen(pen)
            painter.drawPolyline(polygon)

    def _name_axes(self, painter: QPainter, area: QRectF) -> None:
        painter.setFont(theme.font(11))
        painter.setPen(theme.colour("muted"))
        line = painter.fontMetrics().height()
        above = QRectF(0, area.top() - line, area.left() - 4, line)
        below = QRectF(area.left(), area.bottom() + 2, area.width(), line)
        for room, name in ((above, "loss"), (below, "step")):
            painter.drawText(room, Qt.AlignmentFlag.AlignRight, name)

    def show_values(self, step: float, text: str) -> None:
        """A line at a step with a text on the side that has room."""
        (left, right), (_, top) = self.viewRange()
        self._line.setPos(step)
        self._values.setText(text)
        self._values.setAnchor((1, 0) if step > (left + right) / 2 else (0, 0))
        self._values.setPos(step, top)
        self._line.show()
        self._values.show()

    def hide_values(self) -> None:
        self._line.hide()
        self._values.hide()

    def recolour(self) -> None:
        self.setBackground(theme.colour("panel"))
        recolour_axes(self)
        self.setMinimumHeight(theme.px(LOWEST))
        self.getPlotItem().layout.setContentsMargins(0, theme.px(TOP), RIGHT, 0)
        self.getAxis("left").setWidth(theme.px(LEFT))
        self.getAxis("bottom").setHeight(theme.px(BOTTOM))
        self.resetCachedContent()
        for name, curve in self._curves.items():
            curve.setPen(line_pen(*PENS[name]))
        self._line.setPen(theme.colour("muted"))
        self._values.setColor(theme.colour("text"))
        self._values.setFont(theme.font(11))
        self._values.fill = pg.mkBrush(theme.colour("panel", 0.85))
        self._invitation.setColor(theme.colour("muted"))
        self._invitation.setFont(theme.font(12))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.hovered.emit(self._step_at(event.position().toPoint()))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu_asked.emit(self._step_at(event.pos()), event.globalPos())

    def _step_at(self, spot: QPoint) -> float | None:
        """The step at a spot of the widget; None outside the axes."""
        box, place = self.getViewBox(), self.mapToScene(spot)
        return float(box.mapSceneToView(place).x()) if box.sceneBoundingRect().contains(place) else None

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.hovered.emit(None)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def _set_ranges(self, right: float, bottom: float, top: float, log: bool) -> None:
        if self._ranges == (right, bottom, top, log):
            return
        self._ranges = (right, bottom, top, log)
        self.setRange(xRange=(0, right), yRange=(bottom, top), padding=0)
        self.resetCachedContent()
        self.getAxis("bottom").setTicks([[(at, f"{at:,.0f}") for at in _ticks(right)]])
        if log:
            stride = math.ceil((top - bottom) / DECADES)
            ticks = [(float(at), _power(at)) for at in range(int(bottom), int(top) + 1, stride)]
        else:
            ticks = [(at, f"{at:g}") for at in _ticks(top)]
        self.getAxis("left").setTicks([ticks])
        self._invitation.setPos(right / 2, (bottom + top) / 2)


def _round_up(value: float) -> float:
    """The next of …, 1, 2, 5, 10, 20, 50, … that is not below a value; 1 for nothing."""
    if value <= 0:
        return 1.0
    decade = 10.0 ** math.floor(math.log10(value))
    return next(lead * decade for lead in (1, 2, 5, 10) if value <= lead * decade)


def _decades(low: float, high: float) -> tuple[float, float]:
    """The whole powers of ten around two positive values, as exponents."""
    bottom = math.floor(math.log10(low))
    return bottom, max(math.ceil(math.log10(high)), bottom + 1)


def _ticks(end: float) -> list[float]:
    """Round numbers from 0 to below an end that `_round_up` gave."""
    share = 0.25 if f"{end:e}".startswith("2") else 0.4
    return [i * share * end for i in range(math.ceil(1 / share))]


def _power(exponent: int) -> str:
    return "10" + str(exponent).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
