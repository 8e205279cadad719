"""Transport controls: the bar at the top that starts, steps and paces training, and the figures to watch."""

from __future__ import annotations

import math

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from engine.training import Score
from playground.runtime.frame import Frame
from playground.ui import theme
from playground.ui.controls import Button, Slider, SteadyLabel, caption_label
from playground.ui.glossary import explain
from playground.ui.number_format import MISSING, write_accuracy, write_loss, write_whole

SPEEDS = (1, 2, 5, 10, 20, 30, 60, 120, 250, 500, 1000, 2000, 5000, math.inf)  # steps per second
USUAL_SPEED = SPEEDS.index(60)
TEXTS = {False: "Train", True: "Pause"}  # what the button does, by whether it trains


def speed_in_words(speed: float) -> str:
    """60 steps/s, or as fast as it goes."""
    if math.isinf(speed):
        return "as fast as it goes"
    return f"{speed:,.0f} step{'' if speed == 1 else 's'}/s"


class Metric(QWidget):
    """Metric: a small label over a large figure, with room for the widest text that it will ever hold."""

    def __init__(self, label: str, widest: str, tip: str, role: str = "metric", *, other_label: str = "") -> None:
        super().__init__()
        self._caption = SteadyLabel(label, other_label, role="small")
        explain(self._caption)
        self._figure = SteadyLabel(MISSING, widest, role=role)
        self._figure.setAccessibleName(label)
        self.setToolTip(tip)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addStretch()
        for part in (self._caption, self._figure):
            part.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            layout.addWidget(part, 0, Qt.AlignmentFlag.AlignRight)
        layout.addStretch()

    def set_text(self, text: str, label: str = "") -> None:
        """Another figure; with a label, that of another thing."""
        self._figure.setText(text)
        if label:
            self._caption.setText(label)
            self._figure.setAccessibleName(label)

    def text(self) -> str:
        """The figure as shown."""
        return self._figure.text()


class Transport(QFrame):
    """Transport bar: train or pause, step, reset, speed; step, epoch, losses and accuracy as each frame gives them."""

    train_toggled = Signal()
    step_asked = Signal()
    reset_asked = Signal()
    speed_changed = Signal(object)  # steps per second as a float, math.inf for as fast as it goes

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "bar")
        self._training = True
        self._train = Button(role="primary")
        self._train.keep_room_for(*TEXTS.values())
        self._train.clicked.connect(self.train_toggled)
        self._step = Button("Step", icon="skip-forward", tip="One gradient step, on one batch (S)")
        self._step.clicked.connect(self.step_asked)
        self._reset = Button(
            "Reset", icon="arrow-counter-clockwise", tip="Back to step 0 and the same initial weights (R)"
        )
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
        tip = "Points put in the right class: of those held back for testing, or of all if there are none"
        self._accuracy = Metric("Test accuracy", "100.0 %", tip, "accuracy", other_label="Train accuracy")
        self._lay_out()
        self.set_speed(USUAL_SPEED)
        self._show_training(False)

    def _lay_out(self) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(2 * theme.GAP, 0, 2 * theme.GAP, 0)
        layout.setSpacing(theme.GAP)
        for button in (self._train, self._step, self._reset):
            layout.addWidget(button)
        layout.addSpacing(theme.GAP)
        caption = caption_label("Speed")
        caption.setBuddy(self._speed)
        layout.addWidget(caption)
        layout.addWidget(self._speed)
        layout.addWidget(self._words)
        layout.addStretch()
        for metric in (self._step_count, self._epoch, self._train_loss, self._test_loss, self._accuracy):
            layout.addSpacing(theme.GAP)
            layout.addWidget(metric)

    def show_frame(self, frame: Frame) -> None:
        """Show where the run stands."""
        self._show_training(frame.training)
        self._step_count.set_text(write_whole(frame.step))
        self._epoch.set_text(write_whole(frame.epoch))
        self._train_loss.set_text(_loss(frame.train))
        self._test_loss.set_text(_loss(frame.test))
        judged = frame.test or frame.train
        accuracy = write_accuracy(judged.right, judged.count) if judged else MISSING
        self._accuracy.set_text(accuracy, "Test accuracy" if frame.test or not judged else "Train accuracy")

    def speed(self) -> float:
        """Steps per second; math.inf for as fast as it goes."""
        return SPEEDS[self._speed.value()]

    def set_speed(self, position: int) -> None:
        """Choose one of SPEEDS by its position; emits nothing."""
        with QSignalBlocker(self._speed):
            self._speed.setValue(position)
        self._words.setText(speed_in_words(self.speed()))

    def _pace(self) -> None:
        self._words.setText(speed_in_words(self.speed()))
        self.speed_changed.emit(self.speed())

    def _show_training(self, training: bool) -> None:
        if training == self._training:
            return
        self._training = training
        self._train.setText(TEXTS[training])
        self._train.set_icon("pause-fill" if training else "play-fill", "on_accent")
        self._train.setAccessibleName(TEXTS[training])
        self._train.setToolTip("Stop after this step (Space)" if training else "Step after step, until paused (Space)")


def _loss(score: Score | None) -> str:
    return write_loss(score.loss) if score else MISSING
