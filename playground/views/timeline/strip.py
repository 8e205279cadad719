"""Timeline strip: the loss of the run over all its steps, and where in them it stands: a click goes elsewhere."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from pyqtgraph.functions import arrayToQPolygonF
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QPolygonF,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolTip, QWidget

from engine.training import Curve
from playground.runtime.frame import Frame, Status
from playground.ui import theme
from playground.ui.controls import Button
from playground.ui.number_format import MISSING, write_loss
from playground.ui.throttle import Throttle

HEIGHT = 38
ABOVE, BELOW = 11, 5  # pixels: room for the marks, and below the curves
NEAR = 5  # pixels from a mark that count as on it
FEWEST_STEPS = 10  # that it spans
LEAPS = (1, 1.5, 2, 3, 5, 7, 10)  # it grows by these, not with each step
PAUSE = 0.1  # seconds from one picture of growing curves to the next
FAR = 100  # steps of Shift and an arrow
ZOOM = 1.25  # a notch of the wheel
PENS = {"train": "text", "test": "muted"}  # solid: dashes take ten times as long
Span = tuple[float, float]


class TimelineStrip(QWidget):
    """Timeline strip: the curves, marks where settings changed, and the playhead."""

    sought = Signal(object)  # the step to look at

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "strip")
        self.track = _Track()
        self.track.sought.connect(self.sought)
        self._log = Button("Log", name="Logarithmic timeline", tip="Every factor of ten is equally high", role="small")
        self._log.setCheckable(True)
        self._log.setChecked(True)
        self._log.toggled.connect(self.track.set_log)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 0, 16, 0)
        layout.setSpacing(theme.GAP)
        layout.addWidget(self.track, 1)
        layout.addWidget(self._log)

    def show_frame(self, frame: Frame) -> None:
        """Show where a run stands in all that was made of it."""
        self.track.show_frame(frame)


class _Track(QWidget):
    """Painted track: it is drawn at each frame, so its curves are a picture, which is made anew when it has to be."""

    sought = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._frame: Frame | None = None
        self._is_log = True
        self._zoomed: Span | None = None  # the steps from left to right, where the user has chosen them
        self._picture: QPixmap | None = None  # the curves
        self._drawn: object = None  # the scales that they were drawn for
        self._growth = Throttle(PAUSE)
        self.setAccessibleName("Timeline")
        self.setAccessibleDescription(
            "Arrows go a step back and forth, with Shift a hundred; Home and End go all the way"
        )
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # the arrows go on from where was clicked
        self.setMouseTracking(True)
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.theme().changed.connect(self._recolour)

    def sizeHint(self) -> QSize:
        return QSize(400, HEIGHT)

    def show_frame(self, frame: Frame) -> None:
        if self._frame is not None and frame.end < self._frame.end:
            self._zoomed = None  # it is another run, or a shorter one
        self._frame = frame
        self.update()

    def set_log(self, on: bool) -> None:
        self._is_log = on
        self.update()

    # ── scales ───────────────────────────────────────────────────────────────────────────────────────────────────

    def _span(self) -> Span:
        """The steps at the left and at the right end."""
        if self._zoomed is not None:
            return self._zoomed
        assert self._frame is not None
        longest = max(self._frame.end, FEWEST_STEPS)
        decade = 10.0 ** math.floor(math.log10(longest))
        return 0.0, next(leap * decade for leap in LEAPS if longest <= leap * decade)

    def x_of(self, step: float) -> float:
        """Where a step is, in pixels from the left."""
        left, right = self._span()
        return (step - left) / (right - left) * (self.width() - 1)

    def spot_of(self, step: float) -> QPointF:
        """Where to click for a step."""
        return QPointF(self.x_of(step), self.height() / 2)

    def step_at(self, x: float) -> int:
        """The step at so many pixels from the left."""
        left, right = self._span()
        return round(left + x / max(1, self.width() - 1) * (right - left))

    def _heights(self, losses: NDArray[np.float64], low: float, high: float) -> NDArray[np.float64]:
        """Pixels from above; not a number where there is none."""
        values = np.log10(np.maximum(losses, low)) if self._is_log else losses
        bottom, top = (math.log10(low), math.log10(high)) if self._is_log else (0.0, high)
        share = (values - bottom) / max(top - bottom, 1e-12)
        return self.height() - BELOW - np.clip(share, 0, 1) * (self.height() - ABOVE - BELOW)

    def _range(self) -> Span:
        """The lowest and the highest loss of this run, above 0."""
        assert self._frame is not None
        curve = self._frame.curve
        seen = np.concatenate([curve.train, curve.test])
        seen = seen[np.isfinite(seen) & (seen > 0)]
        return (float(seen.min()), float(seen.max())) if len(seen) else (0.1, 1.0)

    # ── painting ─────────────────────────────────────────────────────────────────────────────────────────────────

    def paintEvent(self, event: QPaintEvent) -> None:
        frame = self._frame
        if frame is None:
            return
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._curves(frame))
        self._draw_marks(painter, frame)
        self._draw_playhead(painter, frame)
        self._draw_end(painter, frame)

    def _draw(
        self, painter: QPainter, steps: NDArray[np.int64], losses: NDArray[np.float64], low: float, high: float
    ) -> None:
        is_seen = np.isfinite(losses)
        if is_seen.any():
            left, right = self._span()
            xs = (steps[is_seen] - left) / (right - left) * (self.width() - 1)
            painter.drawPolyline(arrayToQPolygonF(xs, self._heights(losses[is_seen], low, high)))

    def _curves(self, frame: Frame) -> QPixmap:
        """All curves; while it trains they grow not as often as the playhead moves."""
        scales = self._span(), self._is_log, self.size(), theme.current(), tuple(run.number for run in frame.runs)
        if self._picture is None or scales != self._drawn or self._growth.is_due(frame.training):
            with self._growth:
                self._picture, self._drawn = self._picture_of(frame), scales
        return self._picture

    def _picture_of(self, frame: Frame) -> QPixmap:
        ratio, (low, high) = self.devicePixelRatioF(), self._range()
        picture = QPixmap(self.size() * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setPen(theme.colour("line"))
        painter.drawLine(0, self.height() - BELOW, self.width(), self.height() - BELOW)
        painter.setPen(theme.colour("muted", 0.4))
        for run in frame.runs:
            if not run.is_current:
                self._draw(painter, run.curve.steps, _compared(run.curve), low, high)
        for name, losses in (("test", frame.curve.test), ("train", frame.curve.train)):
            painter.setPen(theme.colour(PENS[name]))
            self._draw(painter, frame.curve.steps, losses, low, high)
        painter.end()
        return picture

    def _draw_marks(self, painter: QPainter, frame: Frame) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("accent"))
        for x in sorted({round(self.x_of(step)) for step, _ in frame.marks}):
            painter.drawPolygon(QPolygonF([QPointF(x - 5, 1), QPointF(x + 5, 1), QPointF(x, 9)]))

    def _draw_end(self, painter: QPainter, frame: Frame) -> None:
        """A cross where the numbers grew beyond all bounds."""
        if frame.status is Status.DIVERGED:
            x, y = self.x_of(frame.end), ABOVE - 3
            painter.setPen(QPen(theme.colour("warning"), 2))
            painter.drawLine(QPointF(x - 4, y - 4), QPointF(x + 4, y + 4))
            painter.drawLine(QPointF(x - 4, y + 4), QPointF(x + 4, y - 4))

    def _draw_playhead(self, painter: QPainter, frame: Frame) -> None:
        x = self.x_of(frame.step)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("accent"))
        painter.drawRect(QRectF(x - 1, 0, 2, self.height() - BELOW))
        painter.drawEllipse(QPointF(x, self.height() - BELOW), 4, 4)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(theme.colour("accent"))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)

    def _recolour(self) -> None:
        self._picture = None
        self.update()

    # ── hands ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _aimed_at(self, x: float) -> int:
        """The step under the pointer: that of a mark, where one is near."""
        assert self._frame is not None
        near = [(abs(self.x_of(step) - x), step) for step, _ in self._frame.marks]
        distance, step = min(near, default=(math.inf, 0))
        aimed = step if distance <= NEAR else self.step_at(x)
        return min(max(aimed, self._frame.start), self._frame.end)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._frame is not None and event.button() is Qt.MouseButton.LeftButton:
            self.sought.emit(self._aimed_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._frame is None:
            return
        step = self._aimed_at(event.position().x())
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.sought.emit(step)
        QToolTip.showText(event.globalPosition().toPoint(), self.words_at(step), self)

    def words_at(self, step: int) -> str:
        """What there is to say of a step: its losses, and what was changed there."""
        assert self._frame is not None
        losses = (f"{name} {_loss(loss)}" for name, loss in zip(PENS, self._frame.curve.at(step), strict=True))
        changed = [f"step {at:,}: {words}" for at, words in self._frame.marks if at == step]
        return "\n".join([f"step {step:,} · {' · '.join(losses)}", *changed[-4:]])

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._zoomed = None
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom around the pointer."""
        if self._frame is None or not event.angleDelta().y():
            event.ignore()
            return
        left, right = self._span()
        self._zoomed = None
        whole = self._span()
        at = left + event.position().x() / max(1, self.width() - 1) * (right - left)
        factor = ZOOM ** (-event.angleDelta().y() / 120)
        width = max(FEWEST_STEPS, (right - left) * factor)
        left = max(0.0, at - (at - left) * width / (right - left))
        if width < whole[1]:
            self._zoomed = left, left + width
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        frame, far = self._frame, FAR if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
        goals = {Qt.Key.Key_Left: -far, Qt.Key.Key_Right: far, Qt.Key.Key_Home: -math.inf, Qt.Key.Key_End: math.inf}
        by = goals.get(Qt.Key(event.key()))
        if frame is None or by is None:
            event.ignore()
            return
        self.sought.emit(int(min(max(frame.step + by, frame.start), frame.end)))

    def event(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.update()
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.update()


def _compared(curve: Curve) -> NDArray[np.float64]:
    """The loss by which a run is compared: on test points, or on those that it learns from where there are none."""
    return curve.test if np.isfinite(curve.test).any() else curve.train


def _loss(value: float) -> str:
    return write_loss(value) if math.isfinite(value) else MISSING
