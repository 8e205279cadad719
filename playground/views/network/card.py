"""Card of a weight: its value to be typed, dragged or nudged, what the next step would do to it, and what holds it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
from PySide6.QtCore import QPoint, QRect, Qt, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QShortcut, QShowEvent, QWheelEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from engine.training import Experiment
from engine.training.spec.places import VALUE
from playground.runtime.frame import Frame
from playground.ui import theme
from playground.ui.controls import PART, Button, tell
from playground.ui.fields import SliderField
from playground.ui.number_format import MISSING, NUMBER
from playground.views.network import words
from playground.views.network.layout import Target
from playground.views.network.selection import Selection, neighbour, of_target, target_of

WIDTH = 290  # pixels, at the usual text size
STOPS = 200  # of the slider, to each side
REACH, BEYOND = 2.0, 1.5  # how far the slider goes at least; and as a multiple of the value
STEPS = {Qt.Key.Key_PageUp: -1, Qt.Key.Key_PageDown: 1}  # to the weight before, and after
NOTATION = replace(NUMBER, widest="-0.0000000")
TIP = "Type it and press Enter, drag, or use the arrow keys or the wheel"
MANY_TIP = "Sets all of them: type it and press Enter, drag, or use the arrow keys or the wheel"


class WeightCard(QFrame):
    """Card of what is selected: stays where it was opened, and goes with Escape.

    What is on it is made when it is first opened.
    """

    value_chosen = Signal(object, float)  # the places, and what they are set to
    froze = Signal(object, bool)  # the places, and whether they are frozen from now on
    cut = Signal(object)
    redrawn = Signal(object)
    explained = Signal(object)  # the target of the diagram that is to be looked at closely
    gesture_ended = Signal()
    moved = Signal(object)  # to another Target of the diagram, or None
    turned = Signal(bool)  # whether it is open, and asks for gradients

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.hide()
        self.setProperty("role", "panel")
        self.setAccessibleName("Weights by hand")
        self.setAutoFillBackground(True)
        self._view = parent
        self._selection: Selection | None = None
        self._experiment = Experiment()
        self._frame: Frame | None = None
        self._earlier: Frame | None = None  # the last one that was of another step
        self._due = 0  # the revision of the first frame that has what was set last

    def _build(self) -> None:
        self._make_controls()
        self._lay_out()
        for key, by in STEPS.items():  # ahead of the slider, which takes these keys for its own
            within = Qt.ShortcutContext.WidgetWithChildrenShortcut
            QShortcut(key, self, partial(self._go, by), context=within)
        theme.theme().changed.connect(self._dress)

    def _make_controls(self) -> None:
        self._name, self._said = QLabel(), QLabel()
        self._said.setProperty("role", "small")
        for label in (self._name, self._said):
            label.setWordWrap(True)
        self._value = SliderField("Value", VALUE, _stops(REACH), NOTATION, TIP)
        self._value.setProperty(PART, None)  # nothing to hide from a class: it opens when it is asked for
        self._value.changed.connect(self._set)
        self._value.gesture_ended.connect(self._end_gesture)
        self._before = self._button("", "caret-left", "Weight before", "The weight before (Page up)")
        self._after = self._button("", "caret-right", "Weight after", "The weight after (Page down)")
        close = self._button("", "x", "Close the card", "Close (Esc)")
        self._before.clicked.connect(lambda: self._go(-1))
        self._after.clicked.connect(lambda: self._go(1))
        close.clicked.connect(self.close_card)
        self._corner = (self._before, self._after, close)
        self._freeze = Button("Freeze", role="small", tip="Training leaves it as it is, to the bit")
        self._freeze.setCheckable(True)
        self._freeze.clicked.connect(lambda on: self.froze.emit(self._places, on))
        self._cut = Button("Cut", role="small", tip="Set it to 0, and freeze it: the connection is gone")
        self._cut.clicked.connect(self._sever)
        self._redraw = Button("Randomise", role="small", tip="Draw it anew, as initial weights are drawn")
        self._redraw.clicked.connect(lambda: self.redrawn.emit(self._places))
        self._explain = Button("How it was computed", role="small", icon="microscope", tip="In the expression graph")
        self._explain.clicked.connect(self._ask)

    @staticmethod
    def _button(text: str, icon: str, name: str, tip: str) -> Button:
        return Button(text, icon=icon, name=name, tip=tip, role="icon")

    def _lay_out(self) -> None:
        top, low = QHBoxLayout(), QGridLayout()
        top.addWidget(self._name, 1)
        for button in self._corner:
            top.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        for column, button in enumerate((self._freeze, self._cut, self._redraw)):
            low.addWidget(button, 0, column)
        low.addWidget(self._explain, 1, 0, 1, 3)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(12, 8, 12, 12)
        rows.setSpacing(theme.GAP)
        rows.addLayout(top)
        rows.addWidget(self._value)
        rows.addWidget(self._said)
        rows.addLayout(low)
        self._dress()

    def _dress(self) -> None:
        self.setFixedWidth(theme.px(WIDTH))
        lines = self._said.fontMetrics().lineSpacing()
        self._said.setFixedHeight(2 * lines + 2)  # and so nothing below moves

    @property
    def target(self) -> Target | None:
        """What of the diagram it is of."""
        return None if self._selection is None else self._selection.target

    @property
    def _places(self) -> tuple[object, ...]:
        return () if self._selection is None else self._selection.places

    # ── what is shown ────────────────────────────────────────────────────────────────────────────────────────────

    def open_on(self, selection: Selection, experiment: Experiment, frame: Frame | None, around: QRect) -> None:
        """Show what is selected, beside a place in the view that it should not cover."""
        was_open = self.isVisible()
        if self.layout() is None:
            self._build()
        self._experiment = experiment
        self._take(selection, frame)
        if not was_open:
            self.setParent(self._view.window())
            self.adjustSize()
            self.move(self._place(around))
            self.show()
        self.raise_()
        self._value.take_focus()

    def _place(self, around: QRect) -> QPoint:
        """Below what it is about, or above; in the view if it has room, in any case in the window."""
        window, room = self._view.window(), self._room()
        spot = QRect(self._view.mapTo(window, around.topLeft()), around.size())
        view = QRect(self._view.mapTo(window, QPoint()), self._view.size())
        if view.width() >= self.width():
            room.setLeft(max(room.left(), view.left()))
            room.setRight(min(room.right(), view.right()))
        below = spot.bottom() + theme.GAP
        top = below if below + self.height() <= room.bottom() else spot.top() - theme.GAP - self.height()
        left = min(max(spot.left(), room.left()), room.right() - self.width())
        return QPoint(left, max(room.top(), min(top, room.bottom() - self.height())))

    def _room(self) -> QRect:
        return self._view.window().rect().adjusted(theme.GAP, theme.GAP, -theme.GAP, -theme.GAP)

    def stay_inside(self) -> None:
        """Have it be where it can be reached, though the window is smaller than it was."""
        if self.isVisible() and not (room := self._room()).contains(self.geometry()):
            left, top = min(self.x(), room.right() - self.width()), min(self.y(), room.bottom() - self.height())
            self.move(max(room.left(), left), max(room.top(), top))

    def _take(self, selection: Selection, frame: Frame | None) -> None:
        self._selection, self._due = selection, 0
        self._name.setText(selection.name)
        self._value.setToolTip(TIP if selection.is_single else MANY_TIP)
        for button in (self._before, self._after):
            button.setVisible(selection.is_single)
        self._explain.setEnabled(selection.target is not None)
        self._value.give_up()
        if frame is not None:
            self.show_frame(frame, self._experiment)
            self._reach()
        self.moved.emit(selection.target)

    def show_frame(self, frame: Frame, experiment: Experiment) -> None:
        """Show a moment of a run, of this very network."""
        if self._frame is not None and self._frame.step != frame.step:
            self._earlier = self._frame
        self._experiment, self._frame = experiment, frame
        selection = self._selection
        if selection is None:
            return
        values = selection.values(frame)
        if frame.revision >= self._due and np.isfinite(values).all():
            self._value.setValue(float(values.mean()))
        frozen = selection.frozen(experiment)
        self._freeze.setChecked(frozen == len(values))
        self._cut.setEnabled(frozen < len(values) or bool(values.any()))
        self._said.setText(self._of_one(frame, frozen) if selection.is_single else _of_many(values, frozen))

    def _of_one(self, frame: Frame, frozen: int) -> str:
        """The gradient, what the last step added, if this is the frame after it, and what the next one adds."""
        if frame.outlook is None or self._selection is None:
            return f"Gradient {MISSING}\nLast update {MISSING}, next {MISSING}"
        place, before = self._selection.places[0], self._earlier
        was_seen = before is not None and before.step + 1 == frame.step and _same_shapes(before, frame)
        last = words.signed(frame.value(place) - before.value(place)) if before is not None and was_seen else MISSING
        name, key = place.key
        gradient, update = (float(part[name][key]) for part in frame.outlook)
        moves = "none: it is frozen" if frozen else words.signed(update)
        return f"Gradient {words.signed(gradient)}\nLast update {last}, next {moves}"

    def _reach(self) -> None:
        """Have the slider go about as far as the value asks for."""
        reach = max(REACH, BEYOND * abs(self._value.value()))
        self._value.set_stops(_stops(reach), NOTATION)

    # ── what the user does ───────────────────────────────────────────────────────────────────────────────────────

    def _set(self, value: float) -> None:
        revision = 0 if self._frame is None else self._frame.revision
        self._due = max(self._due, revision) + 1  # the slider is not to jump back to what it was before
        self.value_chosen.emit(self._places, value)

    def _end_gesture(self) -> None:
        self._reach()
        self.gesture_ended.emit()

    def _sever(self) -> None:
        if self._selection is not None:
            self.cut.emit((*self._selection.places, *self._selection.severed))

    def _ask(self) -> None:
        if self._selection is not None:
            self.explained.emit(self.target)

    def _go(self, by: int) -> None:
        if self._selection is not None and self._selection.is_single:
            place = neighbour(self._experiment, self._selection.places[0], by)
            selection = of_target(self._experiment, target_of(place))
            if selection is not None:
                self._take(selection, self._frame)
                tell(self, selection.name)

    def close_card(self) -> None:
        """Close it; the keys are the diagram's again."""
        has_focus = self.isAncestorOf(self.window().focusWidget() or self)
        self.hide()
        if has_focus:
            self._view.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_card()
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._value.nudge(1 if event.angleDelta().y() > 0 else -1)
        self._end_gesture()
        event.accept()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.turned.emit(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._selection = None
        self.moved.emit(None)
        self.turned.emit(False)


def _stops(reach: float) -> tuple[float, ...]:
    """Stops of the slider from -reach to reach, as round as they can be, 0 among them."""
    step = float(f"{reach / STOPS:.1g}")
    count = round(reach / step)
    return tuple(float(f"{step * k:.6g}") for k in range(-count, count + 1))


def _of_many(values: np.ndarray, frozen: int) -> str:
    """What several weights are, in words."""
    if not np.isfinite(values).all():
        return f"{len(values):,} weights\nsome are not a number"
    ends = " to ".join(words.number(float(end)) for end in (values.min(), values.max()))
    return f"{len(values):,} weights, from {ends}\n{frozen:,} frozen; the value is their mean"


def _same_shapes(one: Frame, other: Frame) -> bool:
    """Whether two frames are of networks of one structure."""
    return [w.shape for w in one.weights] == [w.shape for w in other.weights]
