"""Plot: the curve of a formula over one input, a point on it to be moved, its tangent, and a secant that h shrinks."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPen, QWheelEvent

from engine.dataclass import dataclass
from engine.formula import Formula
from engine.formula.ranges import Range, enlarged, fitting, is_possible, rounded_to, shifted
from engine.formula.sampling import Array, evenly, sample
from engine.microscope.gradcheck.derivatives import Slopes, curve
from playground.ui import theme
from playground.ui.plots import line_pen

LEFT, BOTTOM, TOP, RIGHT = 46, 20, 8, 10  # pixels around the curves: nothing moves when numbers grow
GRASP = 12  # pixels around a point in which it can be taken hold of
DOT = 12  # pixels
NOTCH = 1.15  # how much a notch of the wheel enlarges
STEPS = 120  # of an arrow key, over the width of the picture; with Shift ten at once
LEAST_H, MOST_H = 1e-6, 2.0
FAR = 50  # heights of the picture: what is drawn further off is drawn wrong
PALE = 0.3  # opacity of what is not the formula as it is typed

SOLID, DASHED, DOTTED = Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine
LINES = {"f": ("text", SOLID), "f′": ("muted", DOTTED), "tangent": ("accent", SOLID), "secant": ("accent", DASHED)}
ARROWS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
NOTHING = "No input to vary: write a name, such as x"


@dataclass(frozen=True)
class PlottedCurve:
    """Curve of a formula over one input, around that input's number: with h, and the slopes there."""

    program: Formula
    over: str
    h: float
    slopes: Slopes

    @property
    def x(self) -> float:
        """The number of the input."""
        return self.program.inputs[self.over]

    def curve(self, xs: Array) -> tuple[Array, Array]:
        """The heights and slopes of the curve at some places."""
        return curve(self.program, self.over, xs)


def pen(line: str) -> QPen:
    """How a line of the plot is drawn, and its sample in the legend."""
    return line_pen(*LINES[line])


class CurvePlot(pg.PlotWidget):  # pyqtgraph has no types
    """Function plot: a formula around one number of one input. It asks for another number, or another h."""

    moved = Signal(float)  # x
    stretched = Signal(float)  # h

    def __init__(self) -> None:
        super().__init__(viewBox=pg.ViewBox(enableMenu=False, enableMouse=False), enableMenu=False)
        self._curve: PlottedCurve | None = None
        self._reach = 6.0
        self._free = False  # whether the user has moved or enlarged the picture
        self._across: Range = (-self._reach, self._reach)
        self._up: Range = (0.0, 1.0)
        self._samples: tuple[Array, Array, Array] = (np.empty(0),) * 3
        self._drag: Callable[[QPointF], None] | None = None
        self.setAccessibleName("Curve")
        self.setAccessibleDescription(
            "Left and right move the point, with Shift further; plus and minus enlarge and shrink; 0 shows all."
        )
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(220, 110)
        self._furnish()
        theme.theme().changed.connect(self._recolour)
        self._recolour()

    def _furnish(self) -> None:
        self.hideButtons()
        self.disableAutoRange()
        plot = self.getPlotItem()
        plot.layout.setContentsMargins(0, TOP, RIGHT, 0)
        plot.getAxis("left").setWidth(LEFT)
        plot.getAxis("bottom").setHeight(BOTTOM)
        for name in ("left", "bottom"):
            plot.getAxis(name).enableAutoSIPrefix(False)
        self._axes = [pg.InfiniteLine(0, angle=angle) for angle in (0, 90)]
        self._triangle = pg.PlotCurveItem()  # h, and what f gains over it
        self._lines = {name: pg.PlotCurveItem(name=name, connect="finite", antialias=True) for name in LINES}
        self._dots = pg.ScatterPlotItem(size=DOT, antialias=True)
        self._name = pg.TextItem(anchor=(1, 1))
        self._says = pg.TextItem(anchor=(0.5, 0.5))
        for item in (*self._axes, self._triangle, *self._lines.values(), self._dots, self._name, self._says):
            self.addItem(item, ignoreBounds=True)

    def sizeHint(self) -> QSize:
        return QSize(320, 180)

    # ── what is shown ────────────────────────────────────────────────────────────────────────────────────────────

    def show_curve(self, shown: PlottedCurve | None, reach: float, afresh: bool) -> None:
        """Show a formula from -reach to reach, or wherever the user has moved the picture; None if it has no input.

        `afresh` fits the picture to it; if not, its height changes only where it is too small or by far too large.
        """
        self._curve, self._reach = shown, reach
        self._free = self._free and not afresh
        if not self._free:
            self._across = (-reach, reach)
        self._draw(afresh)

    def show_slope_curve(self, on: bool) -> None:
        """Show f′ too, or not."""
        self._lines["f′"].setVisible(on)
        self._draw(afresh=True)

    def pale(self, on: bool) -> None:
        """Draw everything pale: it is not the formula as it is typed."""
        self.getPlotItem().setOpacity(PALE if on else 1)

    def fit(self) -> None:
        """Show the whole curve again."""
        self.show_curve(self._curve, self._reach, afresh=True)

    def _draw(self, afresh: bool = False) -> None:
        shown = self._curve
        self._samples = (np.empty(0),) * 3 if shown is None else sample(shown.curve, *self._across)
        xs, ys, slopes = self._samples
        if not self._free:
            drawn = (ys, slopes) if self._lines["f′"].isVisible() else (ys,)
            seen = [evenly(xs, heights) for heights in drawn]
            self._up = fitting(self._up, seen, math.nan if shown is None else shown.slopes.value, afresh)
        (left, right), (bottom, top) = self._across, self._up
        if self.viewRange() != [[left, right], [bottom, top]]:
            self.setRange(xRange=self._across, yRange=self._up, padding=0)
        for name, heights in (("f", ys), ("f′", slopes)):
            near = self._near(np.where(np.isfinite(heights), heights, np.nan))
            is_there = np.isfinite(near).any()  # pyqtgraph warns of a curve without a single number
            self._lines[name].setData(*((xs, near) if is_there else ([], [])))
        self._draw_lines()
        self._say()

    def _near(self, y: Any) -> Any:
        """Heights, not too far off to be drawn."""
        bottom, top = self._up
        far = FAR * (top - bottom)
        return np.clip(y, bottom - far, top + far)

    def _draw_lines(self) -> None:
        """The tangent, the secant, and the two points."""
        shown = self._curve
        if shown is None:
            for item in (self._lines["tangent"], self._lines["secant"], self._triangle, self._dots):
                item.setData([], [])
            return
        x, y, ahead = shown.x, shown.slopes.value, shown.slopes.ahead
        self._lines["tangent"].setData(*self._line(x, y, shown.slopes.exact))
        self._lines["secant"].setData(*self._line(x, y, shown.slopes.forward))
        is_there = math.isfinite(y) and math.isfinite(ahead)
        corners = [x, x + shown.h, x + shown.h], [self._near(y), self._near(y), self._near(ahead)]
        self._triangle.setData(*(corners if is_there else ([], [])))
        spots = [self._spot(x + shown.h, ahead, "panel"), self._spot(x, y, "accent")]
        self._dots.setData(spots=spots)

    def _line(self, x: float, y: float, slope: float) -> tuple[list[float], list[float]]:
        """The straight line through a point, as far as it can be drawn."""
        (left, right), (bottom, top) = self._across, self._up
        if not (math.isfinite(slope) and math.isfinite(y)):
            return [], []
        run = FAR * (top - bottom) / max(abs(slope), 1e-300)
        ends = [max(left, x - run), min(right, x + run)]
        return ends, [y + slope * (end - x) for end in ends]

    def _spot(self, x: float, y: float, fill: str) -> dict[str, object]:
        bottom, top = self._up
        # where there is no number, the place can still be seen and moved
        symbol = "o" if math.isfinite(y) else "x"
        return {
            "pos": (x, min(max(y, bottom), top) if math.isfinite(y) else bottom),
            "symbol": symbol,
            "brush": theme.colour(fill),
            "pen": pg.mkPen(theme.colour("accent"), width=2),
        }

    def _say(self) -> None:
        (left, right), (bottom, top) = self._across, self._up
        shown, is_seen = self._curve, np.isfinite(self._samples[1]).any()
        self._name.setPos(right, bottom)
        self._name.setText("" if shown is None else shown.over)
        self._says.setPos((left + right) / 2, (bottom + top) / 2)
        self._says.setText(NOTHING if shown is None else "" if is_seen else "Not a number, all along")

    def _recolour(self) -> None:
        self.setBackground(theme.colour("panel"))
        for name in ("left", "bottom"):
            axis = self.getAxis(name)
            axis.setPen(theme.colour("line"))
            axis.setTextPen(theme.colour("muted"))
            axis.setStyle(tickFont=theme.font(11))
        for line in self._axes:
            line.setPen(theme.colour("line"))
        for name, item in self._lines.items():
            item.setPen(pen(name))
        self._triangle.setPen(theme.colour("muted"))
        for text in (self._name, self._says):
            text.setColor(theme.colour("muted"))
            text.setFont(theme.font(12))
        self._draw_lines()

    # ── the mouse ────────────────────────────────────────────────────────────────────────────────────────────────

    def place(self, x: float, y: float) -> QPointF:
        """Where a place of the plot lies on the widget."""
        return QPointF(self.mapFromScene(self.getViewBox().mapViewToScene(QPointF(x, y))))

    def _under(self, spot: QPointF) -> QPointF:
        return QPointF(self.getViewBox().mapSceneToView(QPointF(self.mapToScene(spot.toPoint()))))

    @property
    def _pixel(self) -> float:
        """How much of the input a pixel is."""
        return (self._across[1] - self._across[0]) / max(1.0, float(self.getViewBox().width()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._curve is not None:
            self._drag = self._drag_from(event.position())
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._drag is not None and event.buttons() & Qt.MouseButton.LeftButton:
            self._drag(event.position())
        elif self._curve is not None:
            is_held = self._grasped(event.position()) is not None
            self.setCursor(Qt.CursorShape.PointingHandCursor if is_held else Qt.CursorShape.ArrowCursor)
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._drag = None
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.fit()
        event.accept()

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._enlarge(NOTCH ** (event.angleDelta().y() / 120), self._under(event.position()))
        event.accept()

    def _grasped(self, spot: QPointF) -> Callable[[QPointF], None] | None:
        """What a drag from here does to the nearer of the two points; None if neither is near."""
        hands = (self._move_secant, self._move_point)  # in the order of the dots
        away = []
        for (x, y), hand in zip(zip(*self._dots.getData(), strict=True), hands, strict=True):
            distance = self.place(x, y) - spot
            away.append((math.hypot(distance.x(), distance.y()), hand))
        nearest = min(reversed(away), key=lambda pair: pair[0])
        return nearest[1] if nearest[0] <= GRASP else None

    def _drag_from(self, spot: QPointF) -> Callable[[QPointF], None]:
        across, up = self._across, self._up
        scale = QPointF(self._pixel, (up[1] - up[0]) / max(1.0, self.getViewBox().height()))

        def pan(to: QPointF) -> None:
            delta = to - spot
            self._see(shifted(across, -delta.x() * scale.x()), shifted(up, delta.y() * scale.y()))

        return self._grasped(spot) or pan

    def _move_point(self, to: QPointF) -> None:
        left, right = self._across
        self.moved.emit(rounded_to(self._pixel, min(max(self._under(to).x(), left), right)))

    def _move_secant(self, to: QPointF) -> None:
        assert self._curve is not None
        h = rounded_to(self._pixel, self._under(to).x() - self._curve.x)
        self.stretched.emit(min(max(h, LEAST_H), MOST_H))

    def _enlarge(self, factor: float, around: QPointF) -> None:
        self._see(enlarged(self._across, factor, around.x()), enlarged(self._up, factor, around.y()))

    def _see(self, across: Range, up: Range) -> None:
        """Show another stretch, by the user's will."""
        if self._curve is not None and is_possible(across) and is_possible(up):
            self._across, self._up, self._free = across, up, True
            self._draw()

    # ── the keyboard ─────────────────────────────────────────────────────────────────────────────────────────────

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        middle = QPointF(sum(self._across) / 2, sum(self._up) / 2)
        if key in ARROWS and self._curve is not None:
            strides = 10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
            step = ARROWS[key] * strides * (self._across[1] - self._across[0]) / STEPS
            self.moved.emit(float(f"{self._curve.x + step:.12g}"))  # 0.1 + 0.2 is 0.3 for whoever counts along
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self._enlarge(NOTCH, middle)
        elif key == Qt.Key.Key_Minus:
            self._enlarge(1 / NOTCH, middle)
        elif key == Qt.Key.Key_0:
            self.fit()
        else:
            event.ignore()
