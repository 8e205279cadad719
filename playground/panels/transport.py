"""Transport controls: the bar at the top that starts, steps and paces training, and the figures to watch."""

from __future__ import annotations

import math

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from engine.training import Experiment, Score, Task
from playground.runtime.frame import Frame
from playground.ui import theme
from playground.ui.controls import Button, Slider, SteadyLabel, as_part, caption_label, restyle
from playground.ui.glossary import explain
from playground.ui.number_format import MISSING, write_accuracy, write_fit, write_loss, write_number, write_whole

SPEEDS = (1, 2, 5, 10, 20, 30, 60, 120, 250, 500, 1000, 2000, 5000, math.inf)  # steps per second
USUAL_SPEED = SPEEDS.index(60)
GOOD = 0.9  # an accuracy, or R², that is worth a colour
STEP_TIP = "One gradient step, on one batch (S); with Shift held, as many as end the epoch (N)"
PAUSED = "paused"
TEXTS = {False: "Train", True: "Pause"}  # what the button does, by whether it trains


def speed_in_words(speed: float) -> str:
    """60 steps/s, or as fast as it goes."""
    if math.isinf(speed):
        return "as fast as it goes"
    return f"{speed:,.0f} step{'' if speed == 1 else 's'}/s"


class Metric(QWidget):
    """Metric: a small label over a large figure, with room for the widest text that it will ever hold."""

    def __init__(self, label: str, widest: str, tip: str) -> None:
        super().__init__()
        self._figure = SteadyLabel(MISSING, widest, role="metric")
        self._figure.setAccessibleName(label)
        self.setToolTip(tip)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.GAP, 0, 0, 0)
        layout.setSpacing(0)
        layout.addStretch()
        self._caption = SteadyLabel(label, role="small")
        explain(self._caption)
        for part in (self._caption, self._figure):
            part.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            layout.addWidget(part, 0, Qt.AlignmentFlag.AlignRight)
        layout.addStretch()

    def set_label(self, label: str) -> None:
        """Another label."""
        if label != self._caption.text():
            self._caption.setText(label)
            self._figure.setAccessibleName(label)

    def set_text(self, text: str) -> None:
        """Another figure."""
        self._figure.setText(text)

    def text(self) -> str:
        """The figure as shown."""
        return self._figure.text()


class Quality(Metric):
    """Quality of a score: accuracy, or R² of values, in the accent's colour where it is good."""

    def __init__(self, part: str, points: str) -> None:
        task = Experiment().task
        super().__init__(f"{part} {task.measure}", "100.0 %", "")
        self._part, self._points = part, points
        self.show_score(None, task)

    def show_score(self, score: Score | None, task: Task) -> None:
        """Say it of a score; of none where there are no such points."""
        self.set_label(f"{self._part} {task.measure}")
        if task.has_classes:
            tip = f"The {self._points} that are put in the right class"
            tip += f": {score.right:,} of {score.count:,}" if score else ""
            text = write_accuracy(score.right, score.count) if score else MISSING
        else:
            tip = f"R² of the {self._points}: 1 where each value is met, 0 where their mean would do as well"
            tip += f". Mean absolute error: {write_number(score.error * task.target.unit)}" if score else ""
            text = write_fit(score.quality) if score else MISSING
        if tip != self.toolTip():
            self.setToolTip(tip)
        self.set_text(text)
        is_good = score is not None and score.quality >= GOOD
        if is_good != bool(self._figure.property("good")):
            restyle(self._figure, good=is_good)


class Transport(QFrame):
    """Transport bar: train or pause, step, reset, speed; step, epoch, losses and accuracies as each frame gives them.

    Where the room is narrow, the buttons give way first, whose icons and tips remain; then one figure after the other.
    """

    train_toggled = Signal()
    step_asked = Signal()
    epoch_asked = Signal()
    reset_asked = Signal()
    speed_changed = Signal(object)  # steps per second as a float, math.inf for as fast as it goes

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "bar")
        self._training, self._end = True, PAUSED
        self._is_terse = False  # buttons without words
        self._needed: list[int] = []  # how wide it is with all of it, and after each thing that gave way
        self._train = Button(role="primary")
        self._train.clicked.connect(self.train_toggled)
        self._step = Button(name="Step", icon="skip-forward", tip=STEP_TIP)
        self._step.clicked.connect(self._ask_for_step)
        tip = "Back to step 0 and the same initial weights (R)"
        self._reset = Button(name="Reset", icon="arrow-counter-clockwise", tip=tip)
        self._reset.clicked.connect(self.reset_asked)
        self._speed, self._words = Slider(), SteadyLabel(*map(speed_in_words, SPEEDS), role="small")
        self._speed.setRange(0, len(SPEEDS) - 1)
        self._speed.setPageStep(1)
        self._speed.setAccessibleName("Speed")
        self._speed.setToolTip("How many gradient steps a second")
        self._speed.valueChanged.connect(self._pace)
        self._step_count = Metric("Step", "1,234,567", "Gradient steps so far: one for each batch")
        self._epoch = Metric("Epoch", "1,234,567", "Complete passes over the training points so far")
        self._train_loss = Metric("Train loss", "0.000123", "The loss on the points that the network learns from")
        self._test_loss = Metric("Test loss", "0.000123", "The loss on the points that are held back")
        self._train_quality = Quality("Train", "points that the network learns from")
        self._test_quality = Quality("Test", "points that are held back")
        self._lay_out()
        self.set_speed(USUAL_SPEED)
        self._show_training(False)
        self._show_words()
        theme.theme().changed.connect(self._measure)

    def _lay_out(self) -> None:
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(2 * theme.GAP, 0, 2 * theme.GAP, 0)
        self._row.setSpacing(theme.GAP)
        for button in (self._train, as_part(self._step, "Step"), as_part(self._reset, "Reset")):
            self._row.addWidget(button)
        self._caption = caption_label("Speed")
        self._caption.setBuddy(self._speed)
        self._words.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        pace = as_part(QWidget(), "Speed")
        pace.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)  # as wide as its words
        header, speed = QHBoxLayout(), QVBoxLayout(pace)
        speed.setContentsMargins(0, 0, 0, 0)
        header.addWidget(self._caption)
        header.addWidget(self._words, 1)
        speed.setSpacing(0)
        speed.addStretch()
        speed.addLayout(header)
        speed.addWidget(self._speed)
        speed.addStretch()
        self._row.addWidget(pace)
        self._row.addStretch()
        losses, qualities = (self._train_loss, self._test_loss), (self._train_quality, self._test_quality)
        for metric in (self._step_count, self._epoch, *losses, *qualities):
            self._row.addWidget(metric)
        self._yielding = self._caption, self._epoch, *losses, self._train_quality  # in this order

    # ── room ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _measure(self) -> None:
        """How wide it would be after each thing that gives way."""
        self._needed = []
        for count in range(len(self._yielding) + 2):
            self._give_way(count)
            self._row.invalidate()
            self._needed.append(self._row.totalMinimumSize().width())
        self.updateGeometry()
        self._fit()

    def _fit(self) -> None:
        """All that there is room for."""
        if self._needed:
            last = len(self._needed) - 1
            self._give_way(next((i for i, needed in enumerate(self._needed) if needed <= self.width()), last))

    def _give_way(self, count: int) -> None:
        """So many things give way: first the words on the buttons."""
        if self._is_terse != (count > 0):
            self._is_terse = count > 0
            self._show_words()
        for number, thing in enumerate(self._yielding):
            thing.setVisible(number + 2 > count)

    def _show_words(self) -> None:
        for button, texts in ((self._train, TEXTS.values()), (self._step, ("Step",)), (self._reset, ("Reset",))):
            button.set_words("" if self._is_terse else button.accessibleName(), *(("",) if self._is_terse else texts))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._needed[-1] if self._needed else 0, super().minimumSizeHint().height())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._measure()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    # ── what it shows ────────────────────────────────────────────────────────────────────────────────────────────

    def show_frame(self, frame: Frame) -> None:
        """Show where the run stands."""
        self._show_training(frame.training)
        self._step_count.set_text(write_whole(frame.step))
        self._epoch.set_text(write_whole(frame.epoch))
        self._train_loss.set_text(_loss(frame.train))
        self._test_loss.set_text(_loss(frame.test))
        self._train_quality.show_score(frame.train, frame.experiment.task)
        self._test_quality.show_score(frame.test, frame.experiment.task)

    def speed(self) -> float:
        """Steps per second; math.inf for as fast as it goes."""
        return SPEEDS[self._speed.value()]

    def set_speed(self, position: int) -> None:
        """Choose one of SPEEDS by its position; emits nothing."""
        with QSignalBlocker(self._speed):
            self._speed.setValue(position)
        self._words.setText(speed_in_words(self.speed()))

    def show_end(self, until: str) -> None:
        """Say until when it trains, in words; until it is paused if they are empty."""
        self._end = until or PAUSED
        self._show_hint()

    def _ask_for_step(self) -> None:
        is_shifted = QApplication.keyboardModifiers() & Qt.KeyboardModifier.ShiftModifier
        (self.epoch_asked if is_shifted else self.step_asked).emit()

    def _pace(self) -> None:
        self._words.setText(speed_in_words(self.speed()))
        self.speed_changed.emit(self.speed())

    def _show_training(self, training: bool) -> None:
        if training == self._training:
            return
        self._training = training
        self._train.setAccessibleName(TEXTS[training])
        self._train.set_icon("pause-fill" if training else "play-fill", "on_accent")
        self._train.setText("" if self._is_terse else TEXTS[training])
        self._show_hint()

    def _show_hint(self) -> None:
        to_train = f"Step after step, until {self._end} (Space)"
        self._train.setToolTip("Stop after this step (Space)" if self._training else to_train)


def _loss(score: Score | None) -> str:
    return write_loss(score.loss) if score else MISSING
