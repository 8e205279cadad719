"""Learning panel: how the network learns, above the network: one row always, and a second one on demand."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QApplication, QGridLayout, QSizePolicy, QWidget

from engine.nn import LOSSES, OPTIMIZERS, SCHEDULES
from engine.training import Training, rule_of
from playground.ui import theme
from playground.ui.controls import FONT_EVENTS
from playground.ui.disclosure import Disclosure
from playground.ui.fields import ChoiceField, SliderField, by_decades
from playground.ui.number_format import NUMBER, WHOLE, Notation

BETWEEN = 12  # pixels, between two columns
SMALLEST_PENALTY = 1e-5  # a slider's first stop after none
SMALLEST_LIMIT = 0.01
SHORTEST_SPAN = 10  # on the slider; what is typed may be shorter
NO_LIMIT = "none"
LIMIT = Notation(
    lambda value: NUMBER.write(value) if value else NO_LIMIT,
    lambda text: 0.0 if text.strip().lower() == NO_LIMIT else NUMBER.read(text),
)
PLAIN = Training()  # in which nothing of the second row acts
ACTING = {"schedule": "schedule", "max_norm": "gradient limit", "l1": "L1 penalty"}  # a span does nothing by itself
EDITS = {  # fields of a Training, and what the undo menu calls a change of each
    "learning_rate": "change the learning rate",
    "optimizer": "change the optimiser",
    "loss": "change the loss",
    "l2": "change the L2 penalty",
    "schedule": "change the schedule",
    "span": "change the span",
    "max_norm": "change the gradient limit",
    "l1": "change the L1 penalty",
}
SHOW = "Show the schedule, the gradient limit and the L1 penalty."
HIDE = "Hide the second row of settings."
NO_SPAN = "The learning rate stays as it is. Choose another schedule, and it changes within a span of steps."
Fields = dict[str, SliderField | ChoiceField]  # by the name of the field of a Training that each edits


class LimitField(SliderField):
    """Gradient norm limit: how long the gradients may be; a number above 0, or 0 for no limit, which is a word."""

    def __init__(self) -> None:
        rule = rule_of(Training, "max_norm")
        super().__init__(
            "Gradient limit",
            rule,
            (0.0, *by_decades(SMALLEST_LIMIT, rule.high)),
            LIMIT,
            tip="Shortens all gradients together to at most this length, so that one steep place cannot throw the "
            "weights far away.",
        )

    def _allowed(self) -> str:
        return f"a number from 0 to {LIMIT.write(self._rule.high)}, or “{NO_LIMIT}”"


class LearningPanel(QWidget):
    """Learning panel: edits a Training, all but its batch size, which stands among the data.

    The second row opens by itself when it is given other settings of which some act: nothing acts unseen. Otherwise
    it is open or closed as the user wishes; closed over settings that act, it is marked.
    """

    edited = Signal(object, str)  # the new Training, and what the user did
    gesture_ended = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._value = PLAIN
        self._first = _first_row()
        self._more = Disclosure()
        self._span = _span_field()
        self._second = _second_row(self._span)
        self._fields = self._first | self._second
        self._lay_out()
        for name, field in self._fields.items():
            field.changed.connect(lambda value, name=name: self._take(name, value))
            if isinstance(field, SliderField):
                field.gesture_ended.connect(self.gesture_ended)
        self._more.asked.connect(self._disclose)
        self._disclose(False)
        self.setValue(self._value)

    def _lay_out(self) -> None:
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(BETWEEN)
        self._grid.setVerticalSpacing(theme.GAP)
        self._put(self._first, 0)
        self._grid.addWidget(self._more, 0, len(self._first))  # and so between the rows in the order of Tab
        self._put(self._second, 1)

    def _put(self, fields: Fields, row: int) -> None:
        for column, field in enumerate(fields.values()):
            self._grid.addWidget(field, row, column)
            self._grid.setColumnStretch(column, 1)

    def value(self) -> Training:
        """The training as edited."""
        return self._value

    def setValue(self, training: Training) -> None:
        """Show this training; emits nothing."""
        other = any(getattr(training, name) != getattr(self._value, name) for name in self._second)
        self._value = training
        for name, field in self._fields.items():
            field.setValue(getattr(training, name))
        self._disclose(self._more.is_open() or (other and bool(self._acting())))

    def event(self, event: QEvent) -> bool:
        handled = super().event(event)
        if event.type() in FONT_EVENTS:
            self._align()
        return handled

    def _align(self) -> None:
        """Columns as wide as both rows need, so that opening the second moves nothing in the first."""
        for column, pair in enumerate(zip(self._first.values(), self._second.values(), strict=True)):
            for field in pair:
                field.ensurePolished()
            self._grid.setColumnMinimumWidth(column, max(field.minimumSizeHint().width() for field in pair))

    def disclose(self, field: QWidget) -> None:
        """Open the row that a field stands in."""
        self._disclose(self._more.is_open() or field in self._second.values())

    def _acting(self) -> list[str]:
        """In words, what of the second row has an effect."""
        return [words for name, words in ACTING.items() if getattr(self._value, name) != getattr(PLAIN, name)]

    def _disclose(self, is_open: bool) -> None:
        """Open or close the second row, as far as it is not, and say what acts in it."""
        focus, fields = QApplication.focusWidget(), self._second.values()
        if focus is not None and not is_open and any(field.isAncestorOf(focus) for field in fields):
            focus.clearFocus()  # hiding would pass it on to whatever stands next
        for field in fields:
            field.setVisible(is_open)
        acting = self._acting()
        self._span.forbid("" if ACTING["schedule"] in acting else NO_SPAN)
        in_use = f" In use: {', '.join(acting)}." if acting else ""
        self._more.show_state(is_open, HIDE if is_open else SHOW + in_use, mark=bool(acting) and not is_open)

    def _take(self, name: str, value: Any) -> None:
        self._value = self._value.replace(**{name: value})
        self._disclose(self._more.is_open())
        self.edited.emit(self._value, EDITS[name])


def _first_row() -> Fields:
    rates = rule_of(Training, "learning_rate")
    l2 = "Holds the weights small: ½ · penalty · the sum of their squares is added to the loss."
    return {
        "learning_rate": SliderField(
            "Learning rate", rates, by_decades(rates.low, rates.high), tip="How far one step moves the weights."
        ),
        "optimizer": ChoiceField("Optimiser", OPTIMIZERS, "How gradients become steps."),
        "loss": ChoiceField("Loss", LOSSES, "What training makes small: how wrong the outputs are."),
        "l2": _penalty_field("l2", "L2 penalty", l2),
    }


def _span_field() -> SliderField:
    rule = rule_of(Training, "span")
    stops = tuple(round(stop) for stop in by_decades(SHORTEST_SPAN, rule.high))
    return SliderField("Span", rule, stops, WHOLE, tip="The length of the schedule, in steps: how soon it acts.")


def _second_row(span: SliderField) -> Fields:
    l1 = "Draws weights that are not needed to 0: penalty · the sum of their sizes is added to the loss."
    return {
        "schedule": ChoiceField("Schedule", SCHEDULES, "How the learning rate changes while it trains."),
        "span": span,
        "max_norm": LimitField(),
        "l1": _penalty_field("l1", "L1 penalty", l1),
    }


def _penalty_field(name: str, label: str, tip: str) -> SliderField:
    rule = rule_of(Training, name)
    return SliderField(label, rule, (0.0, *by_decades(SMALLEST_PENALTY, rule.high)), tip=tip)
