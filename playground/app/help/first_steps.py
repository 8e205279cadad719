"""First steps: five callouts that point at what they speak of, for the first minute. Each is done by doing it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRect, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QPainter, QPainterPath, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from playground.app import settings
from playground.ui import theme
from playground.ui.controls import Button, announce

if TYPE_CHECKING:
    from playground.app.main_window import MainWindow

LOOK = 150  # milliseconds between two looks at what the user has done, and at where things are
WIDTH = 250  # pixels of a callout, at the usual text size
ARROW = 10  # pixels from a callout to the tip of its arrow
NEXT = {False: "Next", True: "Done"}  # what the button reads, by whether it is the last


class Step(NamedTuple):
    """First step: what to do; where; and what tells, by changing, that the user did it."""

    text: str
    place: Callable[[MainWindow], QRect]  # in the window; empty where it cannot be seen
    sign: Callable[[MainWindow], object]


def _rect(window: MainWindow, widget: QWidget, part: QRect | None = None) -> QRect:
    """A widget, or a part of it, as the window has it."""
    if not widget.isVisible():
        return QRect()
    part = widget.rect() if part is None else part
    return part.translated(widget.mapTo(window, QPoint()))


def _train_button(window: MainWindow) -> QRect:
    return _rect(window, next(b for b in window.transport.findChildren(Button) if b.property("role") == "primary"))


def _add_neuron(window: MainWindow) -> QRect:
    buttons = window.network.findChildren(QAbstractButton)
    found = (b for b in buttons if b.isVisible() and b.accessibleName().startswith("Add a neuron"))
    return _rect(window, next(found, window.network))


def _neuron(window: MainWindow) -> QRect:
    return _rect(window, window.network, window.network.diagram.columns[1].square(0))


STEPS = (
    Step(
        "Press Train, or the space bar, and watch the network learn.",
        _train_button,
        lambda w: w.frame is not None and w.frame.training,
    ),
    Step(
        "Click or drag in the plane to add points. The network learns them at once.",
        lambda w: _rect(w, w.output.plane),
        lambda w: w.document.experiment.data,
    ),
    Step(
        "Change the network: + adds a neuron, the round + a layer. What it has learned is kept.",
        _add_neuron,
        lambda w: w.document.experiment.network,
    ),
    Step(
        "Click a neuron to see how its number is computed, and the chain rule run.",
        _neuron,
        lambda w: w.inspector.is_open,
    ),
    Step(
        "Drag along the timeline to go back to any step. The rest is in the guide: F1.",
        lambda w: _rect(w, w.strip),
        lambda w: w.frame is not None and w.frame.step < w.frame.end,
    ),
)


class FirstSteps(QWidget):
    """Callout of the first steps: stands beside what it speaks of, in the window, and takes neither keys nor clicks
    from it. Escape, or its button, ends it for good.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window, self._number = window, -1
        self._sign: object = None
        self._tip = QPointF()  # of the arrow
        self._text, self._count = QLabel(), QLabel()
        self._text.setWordWrap(True)
        self._count.setProperty("role", "small")
        self._next = Button(NEXT[False], role="small", tip="Go on without doing it")
        self._next.keep_room_for(*NEXT.values())
        self._next.clicked.connect(self._go_on)
        skip = Button("Skip", role="small", name="Skip the first steps", tip="Show no more of them (Esc)")
        skip.clicked.connect(self.end)
        row = QHBoxLayout()
        row.addWidget(self._count, 1)
        row.addWidget(self._next)
        row.addWidget(skip)
        self._column = QVBoxLayout(self)
        self._column.setSpacing(theme.GAP)
        self._column.addWidget(self._text)
        self._column.addLayout(row)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._look)
        window.ended.connect(self._timer.stop)
        window.installEventFilter(self)
        theme.theme().changed.connect(self._place)
        self._timer.start(LOOK)
        self._go_on()

    def step(self) -> Step:
        """What it speaks of."""
        return STEPS[self._number]

    def end(self) -> None:
        """Show no more of them, now and at the next start."""
        settings.keep_first_steps_seen()
        self._timer.stop()
        self._window.removeEventFilter(self)
        self.hide()
        self.deleteLater()

    def _go_on(self) -> None:
        if self._number == len(STEPS) - 1:
            self.end()
            return
        self._number += 1
        self._sign = self.step().sign(self._window)
        self._text.setText(self.step().text)
        self._next.setText(NEXT[self._number == len(STEPS) - 1])
        self._next.setAccessibleName(self._next.text())
        self._count.setText(f"{self._number + 1} of {len(STEPS)}")
        self.setAccessibleName(f"First steps: {self.step().text}")
        self._place()
        announce(self, f"{self.step().text} Escape ends the first steps.")

    def _look(self) -> None:
        if self.step().sign(self._window) != self._sign:
            self._go_on()
        else:
            self._place()

    def _place(self) -> None:
        """Stand beside what it speaks of; nowhere while that cannot be seen."""
        if not self._timer.isActive():
            return  # it has ended
        target = self.step().place(self._window)
        self.setVisible(not target.isEmpty())
        if target.isEmpty():
            return
        margin = ARROW + theme.px(10)
        self._column.setContentsMargins(margin, margin, margin, margin)
        width = theme.px(WIDTH) + 2 * ARROW
        size = QSize(width, self.heightForWidth(width))
        rect, tip = beside(target, size, self._window.rect())
        if (rect, tip) != (self.geometry(), self._tip + self.pos()):
            self.setGeometry(rect)
            self._tip = tip - rect.topLeft().toPointF()
            self.update()
        self.raise_()

    def eventFilter(self, window: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            QTimer.singleShot(0, self, self._place)  # when what is in the window has its place
        elif isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Escape:
            self.end()
            return True
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        card = QRectF(self.rect()).adjusted(ARROW, ARROW, -ARROW, -ARROW)
        path = QPainterPath()
        path.addRoundedRect(card, theme.RADIUS, theme.RADIUS)
        arrow = QPainterPath()
        arrow.addPolygon(_arrow(card, self._tip))
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.colour("accent"), 1.5))
        painter.setBrush(theme.colour("highlight"))
        painter.drawPath(path.united(arrow))


def beside(target: QRect, size: QSize, room: QRect) -> tuple[QRect, QPointF]:
    """Where a callout stands in the room, and the tip of its arrow: below its target, above it, to its left or right,
    the first that there is room for. It covers nothing of the target.
    """
    width, height = size.width(), size.height()
    x = min(max(target.center().x() - width // 2, room.left()), room.right() - width + 1)
    y = min(max(target.center().y() - height // 2, room.top()), room.bottom() - height + 1)
    middle = QRectF(target).center()
    places = (
        (QRect(x, target.bottom() + 1, width, height), QPointF(middle.x(), target.bottom() + 1)),
        (QRect(x, target.top() - height, width, height), QPointF(middle.x(), target.top())),
        (QRect(target.left() - width, y, width, height), QPointF(target.left(), middle.y())),
        (QRect(target.right() + 1, y, width, height), QPointF(target.right() + 1, middle.y())),
    )
    return next((place for place in places if room.contains(place[0])), places[0])


def _arrow(card: QRectF, tip: QPointF) -> QPolygonF:
    """The triangle from a card's edge to the tip."""
    x = min(max(tip.x(), card.left() + 2 * ARROW), card.right() - 2 * ARROW)
    y = min(max(tip.y(), card.top() + 2 * ARROW), card.bottom() - 2 * ARROW)
    if tip.y() <= card.top() or tip.y() >= card.bottom():
        edge = card.top() + 1 if tip.y() <= card.top() else card.bottom() - 1
        return QPolygonF([QPointF(x - ARROW, edge), tip, QPointF(x + ARROW, edge)])
    edge = card.left() + 1 if tip.x() <= card.left() else card.right() - 1
    return QPolygonF([QPointF(edge, y - ARROW), tip, QPointF(edge, y + ARROW)])


def show(window: MainWindow) -> None:
    """Show the first steps, from the first on."""
    for shown in window.findChildren(FirstSteps):
        shown.end()
    FirstSteps(window).show()
