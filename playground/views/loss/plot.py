"""Loss plot: the curves of training and test points over the steps, those of other runs, and what was changed when."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFontMetrics,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QWidget

from playground.model.branch import RunSummary
from playground.model.guess import Guess
from playground.ui import theme
from playground.ui.plots import draw_marks, line_pen, polyline
from playground.views.loss.axes import LossAxes
from playground.views.loss.painting import TICK, paint_axes
from playground.views.others import other_curves

LEFT, BOTTOM, TOP, RIGHT = 48, 18, 15, 4  # pixels around the curves: nothing moves when numbers grow
LOWEST = 80  # pixels of the whole
RING = 4  # pixels: the radius of what the user expects
NEAR = 5  # pixels from a mark that count as on it
PENS = {"train": ("muted", Qt.PenStyle.SolidLine), "test": ("text", Qt.PenStyle.DashLine)}  # seen where they coincide
Points = tuple[NDArray[np.number], NDArray[np.floating]]  # steps and heights on the axes


class LossPlot(QWidget):
    """Line plot of two curves. All that does not change at each frame is kept as a picture.

    Attributes:
        axes: what is seen.
        curves: the points of each curve, by its name.
        said: the text beside the line at the pointer; empty while there is none.
        title: what it is of.
    """

    title = "loss"
    invitation = "Train to see the loss fall"

    hovered = Signal(object)  # the step under the pointer, None outside
    menu_asked = Signal(object, QPoint)  # the same, and where a menu is to open on the screen

    def __init__(self) -> None:
        super().__init__()
        self.axes = LossAxes()
        self.curves: dict[str, Points] = {}
        self.said = ""
        self._others: list[tuple[QColor, Points]] = []
        self._guess: Guess | None = None
        self._marks: tuple[tuple[int, str], ...] = ()
        self._hovered = 0.0
        self._is_empty = True
        self._ground: QPixmap | None = None
        self.setAccessibleName("Loss over the steps")
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    # what it shows

    def draw(self, steps: NDArray[np.number], losses: dict[str, NDArray[np.floating]], *, log: bool) -> None:
        """The curves; what is not finite is left out, what is not positive lies on a logarithmic axis' floor."""
        self.draw_curves({name: (steps, loss) for name, loss in losses.items()}, log=log)

    def draw_curves(self, curves: dict[str, Points], *, log: bool) -> None:
        """Curves, each of which has steps of its own."""
        seen = np.concatenate([np.empty(0), *(losses for _, losses in curves.values())])
        seen = seen[np.isfinite(seen) & ((seen > 0) | (not log))]
        last = max((float(steps[-1]) for steps, _ in curves.values()), default=0.0)
        axes = LossAxes.of(last, seen, log)
        if axes != self.axes:
            self.axes, self._ground = axes, None
        lowest = 10.0**axes.bottom  # where a 0 is on a logarithmic axis: at its lower edge
        self.curves = {name: _known(steps, losses, lowest, log) for name, (steps, losses) in curves.items()}
        self._is_empty = last < 1
        self.update()

    def draw_others(self, runs: tuple[RunSummary, ...], *, log: bool) -> None:
        """The curves of the other runs."""
        self._others = []
        for colour, steps, losses in other_curves(runs):
            is_seen = losses > 0 if log else np.ones(len(losses), dtype=bool)
            self._others.append((colour, _known(steps[is_seen], losses[is_seen], 0.0, log)))
        self._ground = None

    def show_marks(self, marks: tuple[tuple[int, str], ...]) -> None:
        """The steps at which settings were changed, with what was."""
        if marks != self._marks:
            self._marks, self._ground = marks, None

    def show_guess(self, guess: Guess | None) -> None:
        """A ring where the user expects the loss to be; it is seen when the curve has come as far."""
        self._guess = guess

    def mark_near(self, step: float) -> str:
        """What was changed where the pointer is, a line each; empty if nothing was."""
        near = NEAR * self.axes.right / self.area.width()
        return "\n".join(words for at, words in self._marks if abs(at - step) <= near)

    def show_values(self, step: float, text: str) -> None:
        """A line at a step with a text on the side that has room; no text for neither."""
        if text or self.said:
            self._hovered, self.said = step, text
            self.update()

    def recolour(self) -> None:
        """Take the colours and the text size of the theme in force."""
        self.setMinimumHeight(theme.px(LOWEST))
        self._ground = None
        self.update()

    @property
    def area(self) -> QRectF:
        """Where the curves are, in pixels."""
        inner = self.rect().adjusted(theme.px(LEFT), theme.px(TOP), -RIGHT, -theme.px(BOTTOM))
        return QRectF(inner).united(QRectF(inner.topLeft(), inner.topLeft() + QPoint(1, 1)))

    def box(self) -> QRectF:
        """Where the text beside the pointer's line stands."""
        area, size = self.area, QFontMetrics(theme.font(11)).size(0, self.said)
        x = self.axes.point(self._hovered, 0, area).x()
        left = x - size.width() - TICK if x > area.center().x() else x + TICK
        left = max(min(left, area.right() - size.width()), area.left())
        return QRectF(left, area.top(), size.width(), size.height())

    # painting

    def pen_of(self, name: str) -> QPen:
        """The pen of a curve."""
        return line_pen(*PENS[name])

    def paint_behind(self, painter: QPainter, area: QRectF) -> None:
        """Paint what lies behind the axes."""

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, area = QPainter(self), self.area
        if self._ground is None:
            self._ground = self._drawn_ground()
        painter.drawPixmap(0, 0, self._ground)
        painter.setClipRect(area.adjusted(0, -1, 1, 1))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for name, (steps, heights) in self.curves.items():
            painter.setPen(self.pen_of(name))
            painter.drawPolyline(polyline(*self.axes.points(steps, heights, area)))
        self._draw_guess(painter, area)
        painter.setClipping(False)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        if self._is_empty:
            painter.setPen(theme.colour("muted"))
            painter.setFont(theme.font(12))
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, self.invitation)
        if self.said:
            self._draw_values(painter, area)

    def _draw_guess(self, painter: QPainter, area: QRectF) -> None:
        if self._guess is None or self._guess.loss is None or self._guess.steps is None:
            return
        loss = self._guess.loss
        height = math.log10(max(loss, 10.0**self.axes.bottom)) if self.axes.is_log else loss
        painter.setPen(QPen(theme.colour("accent"), theme.px(2)))
        painter.drawEllipse(self.axes.point(self._guess.steps, height, area), theme.px(RING), theme.px(RING))

    def _draw_values(self, painter: QPainter, area: QRectF) -> None:
        x = self.axes.point(self._hovered, 0, area).x()
        painter.setPen(theme.colour("muted"))
        painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
        painter.fillRect(self.box(), theme.colour("panel", 0.85))
        painter.setPen(theme.colour("text"))
        painter.setFont(theme.font(11))
        painter.drawText(self.box(), 0, self.said)

    def _drawn_ground(self) -> QPixmap:
        """Axes, marks, and the curves of the other runs."""
        ground = QPixmap(self.size() * self.devicePixelRatio())
        ground.setDevicePixelRatio(self.devicePixelRatio())
        ground.fill(theme.colour("panel"))
        painter, area = QPainter(ground), self.area
        painter.setFont(theme.font(11))
        self.paint_behind(painter, area)
        outer = QRectF(0, 0, area.right(), self.height())
        paint_axes(painter, self.axes, area, outer, self.axes.steps(), self.title)
        draw_marks(painter, {round(self.axes.point(at, 0, area).x()) for at, _ in self._marks}, area)
        painter.setClipRect(area)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for colour, (steps, heights) in self._others:
            painter.setPen(colour)
            painter.drawPolyline(polyline(*self.axes.points(steps, heights, area)))
        painter.end()
        return ground

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._ground = None

    # the mouse

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.hovered.emit(self._step_at(event.position()))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu_asked.emit(self._step_at(event.pos().toPointF()), event.globalPos())

    def _step_at(self, spot: QPointF) -> float | None:
        """The step at a spot of the widget; None outside the axes."""
        return self.axes.step_at(spot.x(), self.area) if self.area.contains(spot) else None

    def leaveEvent(self, event: QEvent) -> None:
        self.hovered.emit(None)


def _known(steps: NDArray[np.number], losses: NDArray[np.floating], lowest: float, log: bool) -> Points:
    """What there is of a curve, as heights on its axis."""
    heights = np.where(np.isfinite(losses), losses, np.nan)
    if log:
        heights = np.log10(np.maximum(heights, lowest))
    is_known = np.isfinite(heights)
    return steps[is_known], heights[is_known]
