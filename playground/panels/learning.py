"""Learning panel: how the network learns, in one row above the network."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from engine.nn import LOSSES, OPTIMISERS
from engine.training import Training, rule_of
from playground import theme
from playground.panels.fields import ChoiceField, SliderField, by_decades

RATES = rule_of(Training, "learning_rate")
PENALTIES = rule_of(Training, "l2")
SMALLEST_PENALTY = 1e-5  # the slider's first stop after none


class LearningPanel(QWidget):
    """Edits a Training, all but its batch size, which stands among the data."""

    edited = Signal(object, str)  # the new Training, and what the user did
    gesture_ended = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._value = Training()
        self._rate = SliderField(
            "Learning rate",
            RATES,
            by_decades(RATES.low, RATES.high),
            tip="How far one step moves the weights.",
        )
        self._optimiser = ChoiceField("Optimiser", OPTIMISERS, "How gradients become steps.")
        self._loss = ChoiceField("Loss", LOSSES, "What training makes small: how wrong the outputs are.")
        self._l2 = SliderField(
            "L2 penalty",
            PENALTIES,
            (0.0, *by_decades(SMALLEST_PENALTY, PENALTIES.high)),
            tip="Holds the weights small: ½ · penalty · the sum of their squares is added to the loss.",
        )
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2 * theme.GAP)
        for field in (self._rate, self._optimiser, self._loss, self._l2):
            layout.addWidget(field, 1)
        self._rate.changed.connect(self._set_rate)
        self._optimiser.changed.connect(self._set_optimiser)
        self._loss.changed.connect(self._set_loss)
        self._l2.changed.connect(self._set_l2)
        for slider in (self._rate, self._l2):
            slider.gesture_ended.connect(self.gesture_ended)
        self.setValue(self._value)

    def value(self) -> Training:
        """The training as edited."""
        return self._value

    def setValue(self, training: Training) -> None:
        """Show this training; emits nothing."""
        self._value = training
        self._rate.setValue(training.learning_rate)
        self._optimiser.setValue(training.optimiser)
        self._loss.setValue(training.loss)
        self._l2.setValue(training.l2)

    def _set_rate(self, rate: float) -> None:
        self._take("change the learning rate", learning_rate=rate)

    def _set_optimiser(self, name: str) -> None:
        self._take("change the optimiser", optimiser=name)

    def _set_loss(self, name: str) -> None:
        self._take("change the loss", loss=name)

    def _set_l2(self, penalty: float) -> None:
        self._take("change the L2 penalty", l2=penalty)

    def _take(self, what: str, **changes: Any) -> None:
        self._value = self._value.replace(**changes)
        self.edited.emit(self._value, what)
