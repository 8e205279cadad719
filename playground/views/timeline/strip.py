"""Timeline strip: the loss of the run over all its steps, and where in them it stands: a click goes elsewhere."""

from __future__ import annotations

import math
from bisect import bisect_left

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPixmap, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolTip, QWidget

from playground.runtime.frame import Frame, Way
from playground.ui import theme
from playground.ui.controls import Button
from playground.ui.number_format import MISSING, write_loss
from playground.views.timeline.picture import KNOB, PENS, Picture, draw_way
from playground.views.timeline.scales import BESIDE, HEIGHT, StepScale

NEAR = 5  # pixels from a mark that count as on it
ENDS = [leap * 10.0**decade for decade in range(1, 17) for leap in (1, 1.5, 2, 3, 5, 7)]  # it grows by leaps
FAR = 100  # steps of Shift and an arrow
ZOOM = 1.25  # a notch of the wheel
Span = tuple[float, float]


class TimelineStrip(QWidget):
    """Timeline strip: the curves, marks where settings changed, and the playhead."""

    sought = Signal(object)  # the step to look at
    stopped = Signal()  # on the way to one

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "strip")
        self.track = _Track()
        self.track.sought.connect(self.sought)
        self.track.stopped.connect(self.stopped)
        self._log = Button("Log", name="Logarithmic timeline", tip="Every factor of ten is equally high", role="small")
        self._log.setCheckable(True)
        self._log.setChecked(True)
        self._log.toggled.connect(self.track.set_log)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16 - BESIDE, 0, 16, 0)
        layout.setSpacing(theme.GAP)
        layout.addWidget(self.track, 1)
        layout.addWidget(self._log)

    def show_frame(self, frame: Frame) -> None:
        """Show where a run stands in all that was made of it."""
        self.track.show_frame(frame)


class _Track(QWidget):
    """Painted track: two pictures, that of the curves and, over it, that of the playhead where the run stands."""

    sought = Signal(object)
    stopped = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._frame: Frame | None = None
        self._is_log = True
        self._zoomed: Span | None = None  # the steps from left to right, where the user has chosen them
        self._curves = Picture()
        self._shown: tuple[QPixmap, int, Way | None] | None = None  # the picture, where the playhead is, and its way
        self.setAccessibleName("Timeline")
        self.setAccessibleDescription(
            "Arrows go a step back and forth, with Shift a hundred; Home and End go all the way; "
            "Escape stops on a way that takes long"
        )
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)  # else all that lies under it is painted first
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
        self._refresh()

    def set_log(self, on: bool) -> None:
        self._is_log = on
        self._refresh()

    # ── scales ───────────────────────────────────────────────────────────────────────────────────────────────────

    def _steps(self) -> StepScale:
        if self._zoomed is not None:
            return StepScale(*self._zoomed, self.width())
        assert self._frame is not None
        return StepScale(0.0, ENDS[bisect_left(ENDS, self._frame.end)], self.width())

    def spot_of(self, step: float) -> QPointF:
        """Where to click for a step."""
        return QPointF(self._steps().x_of(step), self.height() / 2)

    # ── painting ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _refresh(self) -> None:
        """Paint what there is to see, unless it is seen already."""
        if (frame := self._frame) is None:
            return
        steps = self._steps()
        picture = self._curves.of(frame, steps, self._is_log, self.devicePixelRatioF())
        shown = picture, round(steps.x_of(frame.step)), frame.way
        if shown != self._shown:
            self._shown = shown
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self._shown is None:
            painter.fillRect(self.rect(), theme.colour("window"))
            return
        picture, x, way = self._shown
        painter.drawPixmap(0, 0, picture)
        if way is not None:
            draw_way(painter, x, self._steps().x_of(way.goal), way.share)
        painter.drawPixmap(x - KNOB, 0, self._curves.playhead)
        if self.hasFocus():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(theme.colour("accent"))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)

    def _recolour(self) -> None:
        self._curves = Picture()
        self._refresh()

    # ── hands ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _aimed_at(self, x: float) -> int:
        """The step under the pointer: that of a mark, where one is near."""
        assert self._frame is not None
        scale = self._steps()
        near = [(abs(scale.x_of(step) - x), step) for step, _ in self._frame.marks]
        distance, step = min(near, default=(math.inf, 0))
        aimed = step if distance <= NEAR else round(scale.step_at(x))
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
        self._refresh()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom around the pointer."""
        if self._frame is None or not event.angleDelta().y():
            event.ignore()
            return
        scale = self._steps()
        self._zoomed = None
        at = scale.step_at(event.position().x())
        factor = ZOOM ** (-event.angleDelta().y() / 120)
        width = max(ENDS[0], (scale.right - scale.left) * factor)
        left = max(0.0, at - (at - scale.left) * width / (scale.right - scale.left))
        if width < self._steps().right:
            self._zoomed = left, left + width
        self._refresh()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        frame, far = self._frame, FAR if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
        goals = {Qt.Key.Key_Left: -far, Qt.Key.Key_Right: far, Qt.Key.Key_Home: -math.inf, Qt.Key.Key_End: math.inf}
        if event.key() == Qt.Key.Key_Escape and frame is not None and frame.way is not None:
            self.stopped.emit()
            return
        by = goals.get(Qt.Key(event.key()))
        if frame is None or by is None:
            event.ignore()
            return
        self.sought.emit(int(min(max(frame.step + by, frame.start), frame.end)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._refresh()


def _loss(value: float) -> str:
    return write_loss(value) if math.isfinite(value) else MISSING
