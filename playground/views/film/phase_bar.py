"""Phase bar: a film's length, its phases, and where it stands; to be clicked, dragged and walked along."""

from __future__ import annotations

from itertools import groupby

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.microscope.film.film import MicroStep, Phase
from playground.ui import theme

HEIGHT, NAMES, GROOVE, GRIP = 27, 15, 6, 6  # pixels at the usual text size
LETTERS = 12
SHORT = {Phase.ZERO: "Zero"}  # where the window's word is too long for the bar
ROOM = 14  # pixels beside the name of a phase


class PhaseBar(QWidget):
    """Slider along the micro-steps, in which each phase has room for its name."""

    sought = Signal(int)  # a position in the film

    def __init__(self) -> None:
        super().__init__()
        self._phases: list[tuple[Phase, int]] = []  # each with the number of its micro-steps
        self._position = 0
        self._dress()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName("Film")
        self.setToolTip("The operations of the film, phase by phase: click or drag to go to one")
        self.setAccessibleDescription("Left and right: one operation; Page keys: one phase; Home and End.")
        theme.theme().changed.connect(self._dress)

    def _dress(self) -> None:
        metrics = QFontMetrics(theme.font(LETTERS))
        self._widths = {phase: metrics.horizontalAdvance(_name(phase)) + theme.px(ROOM) for phase in Phase}
        self.setFixedHeight(theme.px(HEIGHT))
        self.updateGeometry()
        self.update()

    def show_film(self, steps: list[MicroStep], position: int) -> None:
        """Another film, or another place in it."""
        phases = [(phase, len(list(group))) for phase, group in groupby(step.phase for step in steps)]
        if (phases, position) != (self._phases, self._position):
            self._phases, self._position = phases, position
            self.setAccessibleDescription(self._in_words())
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme.px(420), theme.px(HEIGHT))

    def minimumSizeHint(self) -> QSize:
        return QSize(sum(self._widths.values()) + 2 * self._grip, theme.px(HEIGHT))

    @property
    def _grip(self) -> int:
        return theme.px(GRIP)

    @property
    def _length(self) -> int:
        return sum(count for _, count in self._phases)

    def _in_words(self) -> str:
        before = 0
        for phase, count in self._phases:
            if self._position <= before + count and self._position:
                return f"{phase.value}, operation {self._position - before} of {count}"
            before += count
        return "Before the first operation"

    def _stretches(self) -> list[tuple[Phase, int, float, float]]:
        """Each phase with its number of micro-steps, and where on the bar it begins and how wide it is."""
        names = [self._widths[phase] for phase, _ in self._phases]
        spare = max(0.0, self.width() - 2 * self._grip - sum(names))
        left, result = float(self._grip), []
        for (phase, count), name in zip(self._phases, names, strict=True):
            width = name + spare * count / self._length
            result.append((phase, count, left, width))
            left += width
        return result

    def _x(self, position: int) -> float:
        for _, count, left, width in self._stretches():
            if position <= count:
                return left + width * position / count
            position -= count
        return self.width() - float(self._grip)

    def _at(self, x: float) -> int:
        before = 0
        for _, count, left, width in self._stretches():
            if x <= left + width:
                return before + round(max(0.0, x - left) / width * count)
            before += count
        return before

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font(LETTERS))
        groove_height, grip = theme.px(GROOVE), self._grip
        middle, end = self.height() - grip, self._x(self._position)
        done = 0
        for phase, count, left, width in self._stretches():
            groove = QRectF(left + 1, middle - groove_height / 2, width - 2, groove_height)
            painter.fillRect(groove, theme.colour("line"))
            painter.fillRect(groove.intersected(QRectF(0, 0, end, self.height())), theme.colour("accent"))
            is_current = done < self._position <= done + count
            painter.setPen(theme.colour("accent" if is_current else "muted"))
            painter.drawText(QRectF(left, 0, width, theme.px(NAMES)), Qt.AlignmentFlag.AlignCenter, _name(phase))
            done += count
        painter.setPen(QPen(theme.colour("text" if self.hasFocus() else "accent"), 2))
        painter.setBrush(theme.colour("panel"))
        painter.drawEllipse(QPointF(end, middle), grip - 1, grip - 1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._phases:
            self.sought.emit(self._at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton and self._phases:
            self.sought.emit(self._at(event.position().x()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        moves = {
            Qt.Key.Key_Left: self._position - 1,
            Qt.Key.Key_Right: self._position + 1,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: self._length,
            Qt.Key.Key_PageUp: self._edge(-1),
            Qt.Key.Key_PageDown: self._edge(1),
        }
        key = Qt.Key(event.key())
        if key in moves and self._phases:
            self.sought.emit(min(max(moves[key], 0), self._length))
        else:
            super().keyPressEvent(event)

    def _edge(self, direction: int) -> int:
        """The next place where a phase ends, forwards or back."""
        edges = [0]
        for _, count in self._phases:
            edges.append(edges[-1] + count)
        if direction > 0:
            return next((edge for edge in edges if edge > self._position), edges[-1])
        return next((edge for edge in reversed(edges) if edge < self._position), 0)


def _name(phase: Phase) -> str:
    return SHORT.get(phase, phase.value)
