"""Loss view: how the loss falls on training and test points, step by step, and how many points are right."""

from __future__ import annotations

import math

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from pyqtgraph.functions import arrayToQPolygonF
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPen, QPolygonF, QWheelEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from engine.training import Score
from playground.model.runs import RunSummary
from playground.runtime.frame import Frame
from playground.ui import theme
from playground.ui.controls import Button
from playground.ui.glossary import explain
from playground.ui.number_format import MISSING, write_accuracy
from playground.ui.plots import line_pen, recolour_axes, sample
from playground.views.others import other_curves

LEFT, BOTTOM, TOP, RIGHT = 44, 20, 8, 4  # pixels around the curves: nothing moves when numbers grow
FEWEST_STEPS = 10  # that the x axis spans
DECADES = 4  # labels at most on a logarithmic axis
INVITATION = "Train to see the loss fall"
PENS = {"train": ("text", Qt.PenStyle.SolidLine), "test": ("muted", Qt.PenStyle.DashLine)}


class LossView(QWidget):
    """Loss view: the curves under a title row, above the scores in words, which are the legend as well."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Loss")
        self._frame: Frame | None = None
        self._hovered: float | None = None  # the step that the pointer is at
        self._others: object = None  # the list of runs whose curves are drawn, and how

        title = QLabel("LOSS")
        title.setProperty("role", "title")
        explain(title)
        tip = "Logarithmic scale: every factor of ten has the same height"
        self._log = Button("Log scale", name="Logarithmic scale", tip=tip, role="small")
        self._log.setCheckable(True)
        self._log.toggled.connect(self._redraw)
        self._plot = _Plot()
        self._plot.hovered.connect(self._hover)
        self._samples = {name: QLabel() for name in PENS}
        self._words = {name: QLabel() for name in PENS}

        top = QHBoxLayout()
        top.addWidget(title)
        top.addStretch(1)
        top.addWidget(self._log)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.GAP // 2)
        layout.addLayout(top)
        layout.addWidget(self._plot, 1)
        layout.addLayout(self._legend())
        theme.theme().changed.connect(self._recolour)
        self._recolour()
        self._speak(None, None)

    def show_frame(self, frame: Frame) -> None:
        """Draw the curves up to this moment and say its scores."""
        self._frame = frame
        self._redraw()
        self._speak(frame.train, frame.test)

    def _redraw(self) -> None:
        if self._frame is None:
            return
        curve = self._frame.curve
        log = self._log.isChecked()
        if (self._frame.runs, log) != self._others:
            self._others = self._frame.runs, log
            self._plot.draw_others(self._frame.runs, log=log)
        self._plot.draw(curve.steps, {"train": curve.train, "test": curve.test}, log=log)
        self._hover(self._hovered)

    def _hover(self, step: float | None) -> None:
        """Say the values at the sample that is nearest to a step."""
        self._hovered = step
        if step is None or self._frame is None:
            self._plot.hide_values()
            return
        curve = self._frame.curve
        nearest = int(np.abs(curve.steps - step).argmin())
        values = "\n".join(f"{name} {_number(loss)}" for name, loss in zip(PENS, curve.at(step), strict=True))
        self._plot.show_values(float(curve.steps[nearest]), f"step {curve.steps[nearest]:,.0f}\n{values}")

    def _speak(self, train: Score | None, test: Score | None) -> None:
        self._words["train"].setText(f"Train: {_in_words(train)}")
        self._words["test"].setText(f"Test: {_in_words(test)}")

    def _legend(self) -> QVBoxLayout:
        rows = QVBoxLayout()
        rows.setSpacing(0)
        for name in PENS:
            self._words[name].setProperty("role", "small")
            self._words[name].setFixedHeight(self._words[name].fontMetrics().height())
            row = QHBoxLayout()
            row.setSpacing(theme.GAP)
            row.addWidget(self._samples[name])
            row.addWidget(self._words[name], 1)
            rows.addLayout(row)
        return rows

    def _recolour(self) -> None:
        self._plot.recolour()
        self._others = None
        self._redraw()
        for name, label in self._samples.items():
            label.setPixmap(sample(line_pen(*PENS[name])))


class _Plot(pg.PlotWidget):  # pyqtgraph has no types
    """Line plot of two curves, in ranges that grow by leaps: a range that changes costs ten times a curve."""

    hovered = Signal(object)  # the step under the pointer, None outside

    def __init__(self) -> None:
        box = pg.ViewBox(enableMenu=False, enableMouse=False)
        super().__init__(viewBox=box, enableMenu=False)
        self._ranges: tuple[float, float, float, bool] | None = None
        self._others: list[tuple[QPen, QPolygonF]] = []
        self.setAccessibleName("Loss over the steps")
        self.hideButtons()
        self.setMinimumHeight(4 * BOTTOM)
        self.disableAutoRange()
        plot = self.getPlotItem()
        plot.layout.setContentsMargins(0, TOP, RIGHT, 0)
        plot.getAxis("left").setWidth(LEFT)
        plot.getAxis("bottom").setHeight(BOTTOM)
        plot.getAxis("bottom").setStyle(hideOverlappingLabels=False)  # the 0 hangs over the corner
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

    def drawBackground(self, painter: QPainter, rect: QRectF) -> None:
        super().drawBackground(painter, rect)
        box = self.getViewBox()
        painter.setClipRect(box.sceneBoundingRect())
        painter.setTransform(box.childGroup.sceneTransform(), True)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for pen, polygon in self._others:
            painter.setPen(pen)
            painter.drawPolyline(polygon)

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
        for name, curve in self._curves.items():
            curve.setPen(line_pen(*PENS[name]))
        self._line.setPen(theme.colour("muted"))
        self._values.setColor(theme.colour("text"))
        self._values.setFont(theme.font(11))
        self._values.fill = pg.mkBrush(theme.colour("panel", 0.85))
        self._invitation.setColor(theme.colour("muted"))
        self._invitation.setFont(theme.font(12))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        box = self.getViewBox()
        place = self.mapToScene(event.position().toPoint())
        inside = box.sceneBoundingRect().contains(place)
        self.hovered.emit(box.mapSceneToView(QPointF(place)).x() if inside else None)

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


def _number(value: float) -> str:
    return f"{value:.4g}" if math.isfinite(value) else MISSING


def _in_words(score: Score | None) -> str:
    """How many points are right."""
    if score is None:
        return MISSING
    return f"{score.right:,} of {score.count:,} right, {write_accuracy(score.right, score.count)}"
