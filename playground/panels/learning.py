"""Learning panel: how the network learns, above the network: four settings always, and four more on demand.

Where there is room they stand in a row of four, the others in a row below; where there is not, as two by two, and the
others take their place.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QApplication, QGridLayout, QSizePolicy, QWidget

from engine.nn import LOSSES, OPTIMIZERS, SCHEDULES
from engine.training import Training, rule_of
from playground.ui import theme
from playground.ui.controls import FONT_EVENTS
from playground.ui.disclosure import Disclosure
from playground.ui.fields import ChoiceField, SliderField, by_decades
from playground.ui.number_format import NUMBER, WHOLE, Notation

BETWEEN = {False: 2 * theme.GAP, True: theme.GAP}  # pixels between columns, by whether there is little room
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
HIDE = "Hide the schedule, the gradient limit and the L1 penalty."
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

    The second four open by themselves, where they have a row of their own, when they are given other settings of which
    some act: nothing acts unseen. Otherwise they are open or closed as the user wishes; closed over settings that act,
    they are marked.
    """

    edited = Signal(object, str)  # the new Training, and what the user did
    gesture_ended = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._value, self._is_narrow = PLAIN, False
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
        self._grid.setVerticalSpacing(theme.GAP)
        self._grid.setSizeConstraint(QGridLayout.SizeConstraint.SetNoConstraint)  # it is narrower than its layout
        for field in self._first.values():
            self._grid.addWidget(field)
        self._grid.addWidget(self._more)  # and so between the two fours in the order of Tab
        for field in self._second.values():
            self._grid.addWidget(field)

    def _place(self) -> None:
        """Put every field in its cell; the columns and rows are as large as any field in them ever needs."""
        columns = self._columns(self._is_narrow)
        self._grid.setHorizontalSpacing(BETWEEN[self._is_narrow])
        for fields, below in ((self._first, 0), (self._second, 0 if self._is_narrow else 1)):
            for index, field in enumerate(fields.values()):
                row, column = divmod(index, len(columns))
                self._grid.addWidget(field, row + below, column)
        for column in range(len(self._first) + 1):
            self._grid.setColumnMinimumWidth(column, columns[column] if column < len(columns) else 0)
            self._grid.setColumnStretch(column, int(column < len(columns)))
        self._grid.addWidget(self._more, 0, len(columns))
        highest = max(field.minimumSizeHint().height() for field in self._fields.values())
        for row in range(2):
            self._grid.setRowMinimumHeight(row, highest if self._is_narrow else 0)

    def _columns(self, is_narrow: bool) -> list[int]:
        """Pixels that each column needs: nothing moves when the second four are shown."""
        count = len(self._first) // (2 if is_narrow else 1)
        widths = [[field.minimumSizeHint().width() for field in f.values()] for f in (self._first, self._second)]
        return [max(first[i] for first in widths for i in range(column, len(first), count)) for column in range(count)]

    def _width(self, is_narrow: bool) -> int:
        columns = self._columns(is_narrow)
        return sum(columns) + len(columns) * BETWEEN[is_narrow] + self._more.sizeHint().width()

    def sizeHint(self) -> QSize:
        return QSize(self._width(is_narrow=False), self._grid.sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(self._width(is_narrow=True), self._grid.minimumSize().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        if self._is_narrow != (self.width() < self._width(is_narrow=False)):
            self._fit()

    def _fit(self) -> None:
        """Stand in rows of four, or two by two."""
        self._is_narrow = self.width() < self._width(is_narrow=False)
        self._place()
        self._disclose(self._more.is_open())
        self._grid.activate()

    def value(self) -> Training:
        """The training as edited."""
        return self._value

    def setValue(self, training: Training) -> None:
        """Show this training; emits nothing."""
        other = any(getattr(training, name) != getattr(self._value, name) for name in self._second)
        self._value = training
        for name, field in self._fields.items():
            field.setValue(getattr(training, name))
        is_wide = not (self._is_narrow and self.isVisible())  # or may be: it has no room yet before it is seen
        self._disclose(self._more.is_open() or (other and bool(self._acting()) and is_wide))

    def event(self, event: QEvent) -> bool:
        handled = super().event(event)
        if event.type() in FONT_EVENTS:
            for field in self._fields.values():
                field.ensurePolished()
            self._fit()
        return handled

    def disclose(self, field: QWidget) -> None:
        """Open the row that a field stands in."""
        self._disclose(self._more.is_open() or field in self._second.values())

    def _acting(self) -> list[str]:
        """In words, what of the second row has an effect."""
        return [words for name, words in ACTING.items() if getattr(self._value, name) != getattr(PLAIN, name)]

    def _disclose(self, is_open: bool) -> None:
        """Show the second four, or hide them, and say what acts among them."""
        focus = QApplication.focusWidget()
        shown = {name: is_open if name in self._second else not (is_open and self._is_narrow) for name in self._fields}
        if focus is not None and any(f.isAncestorOf(focus) and not shown[name] for name, f in self._fields.items()):
            focus.clearFocus()  # hiding would pass it on to whatever stands next
        for name, field in self._fields.items():
            field.setVisible(shown[name])
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
