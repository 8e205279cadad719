"""Learning panel: how the network learns, above the network: four settings always, and more on demand.

Where there is room they stand in a row of four, four others in a row below, and what the optimizer has of its own in a
third; where there is not, as two by two, and the others take their place.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QApplication, QGridLayout, QLabel, QSizePolicy, QWidget

from engine.nn import LOSSES, OPTIMIZERS, SCHEDULES, SETTINGS
from engine.nn.losses import loss_named
from engine.nn.optimizers import Setting
from engine.training import Task, Training, rule_of
from engine.training.spec.rules import Real
from playground.ui import theme
from playground.ui.controls import FONT_EVENTS
from playground.ui.disclosure import Disclosure
from playground.ui.fields import ChoiceField, SliderField, by_decades
from playground.ui.number_format import NUMBER, WHOLE, Notation

BETWEEN = {False: 2 * theme.GAP, True: theme.GAP}  # pixels between columns, by whether there is little room
SMALLEST_PENALTY = 1e-5  # a slider's first stop after none
SMALLEST_LIMIT = 0.01
SMALLEST_SETTING = 1e-4  # of an optimizer, that may be 0
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
SHOW = "Show the schedule, the gradient limit, the L1 penalty and the optimiser's own settings."
HIDE = "Hide the schedule, the gradient limit, the L1 penalty and the optimiser's own settings."
SHARES = (*(n / 10 for n in range(10)), 0.95, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9995, 0.9998)  # stops, up to 1
NOTHING = "{} has no settings of its own."
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
    """Learning panel: edits a Training, all but its batches, which stand among the data.

    What is below the first row opens by itself, where it has rows of its own, when it is given other settings of which
    some act: nothing acts unseen. Otherwise it is open or closed as the user wishes; closed over settings that act, it
    is marked.
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
        self._own: Fields = {name: _own_field(setting) for name, setting in SETTINGS.items()}
        self._nothing = QLabel()
        self._nothing.setProperty("role", "small")
        self._fields = self._first | self._second | self._own
        self._lay_out()
        for name, field in self._fields.items():
            field.changed.connect(lambda value, name=name: self._take(name, value))
            if isinstance(field, SliderField):
                field.gesture_ended.connect(self.gesture_ended)
        self._more.asked.connect(self._disclose)
        theme.theme().changed.connect(self._fit)
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
        for field in (*self._second.values(), *self._own.values()):
            self._grid.addWidget(field)
        self._grid.addWidget(self._nothing)

    def _place(self) -> None:
        """Put every field in its cell; the columns and rows are as large as any field in them ever needs."""
        columns = self._columns(self._is_narrow)
        self._grid.setHorizontalSpacing(BETWEEN[self._is_narrow])
        for fields, below in ((self._first, 0), (self._second, 0 if self._is_narrow else 1)):
            for index, field in enumerate(fields.values()):
                row, column = divmod(index, len(columns))
                self._grid.addWidget(field, row + below, column)
        for index, name in enumerate(self._own_settings()):
            row, column = divmod(index, len(columns))
            self._grid.addWidget(self._own[name], row + 2, column)
        self._grid.addWidget(self._nothing, 2, 0, 1, len(columns))
        for column in range(len(self._first) + 1):
            self._grid.setColumnMinimumWidth(column, columns[column] if column < len(columns) else 0)
            self._grid.setColumnStretch(column, int(column < len(columns)))
        self._grid.addWidget(self._more, 0, len(columns))
        highest = max(field.minimumSizeHint().height() for field in self._fields.values())
        for row in range(2):
            self._grid.setRowMinimumHeight(row, highest if self._is_narrow else 0)
        for row in (2, 3):  # as high for an optimizer that has nothing to set: what is below does not move
            is_used = self._more.is_open() and (row == 2 or self._is_narrow)
            is_empty = row == 3 and len(self._own_settings()) <= len(columns)  # a row without spacing above it
            self._grid.setRowMinimumHeight(row, is_used * (highest + is_empty * theme.GAP))

    def _columns(self, is_narrow: bool) -> list[int]:
        """Pixels that each column needs: nothing moves when the second four are shown."""
        count = len(self._first) // (2 if is_narrow else 1)
        rows = [[*fields.values()] for fields in (self._first, self._second)]
        rows += [[self._own[name] for name in recipe.settings] for recipe in OPTIMIZERS.values()]
        widths = [[field.minimumSizeHint().width() for field in row] for row in rows]
        return [max(row[i] for row in widths for i in range(column, len(row), count)) for column in range(count)]

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

    def set_task(self, task: Task) -> None:
        """Offer the losses that fit a task."""
        loss = self._fields["loss"]
        assert isinstance(loss, ChoiceField)
        loss.allow(lambda name: task.fits(loss_named(name)))

    def value(self) -> Training:
        """The training as edited."""
        return self._value

    def setValue(self, training: Training) -> None:
        """Show this training; emits nothing."""
        other = any(getattr(training, name) != getattr(self._value, name) for name in (*self._second, "settings"))
        self._value = training
        values = {name: getattr(training, name) for name in (*self._first, *self._second)}
        for name, value in (values | training.optimizer_settings).items():
            self._fields[name].setValue(value)
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
        self._disclose(self._more.is_open() or field in (*self._second.values(), *self._own.values()))

    def _acting(self) -> list[str]:
        """In words, what of the rows below the first has an effect of its own."""
        acting = [words for name, words in ACTING.items() if getattr(self._value, name) != getattr(PLAIN, name)]
        return acting + [SETTINGS[name].label.lower() for name, _ in self._value.settings]

    def _own_settings(self) -> tuple[str, ...]:
        """The settings that the optimizer has."""
        return tuple(self._value.optimizer_settings)

    def _disclose(self, is_open: bool) -> None:
        """Show the second four, or hide them, and say what acts among them."""
        focus = QApplication.focusWidget()
        shown = dict.fromkeys(self._first, not (is_open and self._is_narrow)) | dict.fromkeys(self._second, is_open)
        shown |= {name: is_open and name in self._own_settings() for name in self._own}
        if focus is not None and any(f.isAncestorOf(focus) and not shown[name] for name, f in self._fields.items()):
            focus.clearFocus()  # hiding would pass it on to whatever stands next
        for name, field in self._fields.items():
            field.setVisible(shown[name])
        self._nothing.setText(NOTHING.format(OPTIMIZERS[self._value.optimizer].label))
        self._nothing.setVisible(is_open and not self._own_settings())
        acting = self._acting()
        self._span.forbid("" if ACTING["schedule"] in acting else NO_SPAN)
        in_use = f" In use: {', '.join(acting)}." if acting else ""
        self._more.show_state(is_open, HIDE if is_open else SHOW + in_use, mark=bool(acting) and not is_open)
        self._place()

    def _take(self, name: str, value: Any) -> None:
        if name in self._own:
            self._value = self._value.with_settings(**{name: value})
        else:
            self._value = self._value.replace(**{name: value})
        self._disclose(self._more.is_open())
        self.edited.emit(self._value, EDITS.get(name) or f"change the {SETTINGS[name].label.lower()}")


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


def _own_field(setting: Setting) -> SliderField:
    rule = Real(setting.low, setting.high)
    if rule.high < 1:
        stops = tuple(sorted({rule.low, rule.high, *(share for share in SHARES if rule.low < share < rule.high)}))
    else:
        stops = by_decades(rule.low, rule.high) if rule.low else (0.0, *by_decades(SMALLEST_SETTING, rule.high))
    return SliderField(setting.label, rule, stops, tip=setting.description)


def _penalty_field(name: str, label: str, tip: str) -> SliderField:
    rule = rule_of(Training, name)
    return SliderField(label, rule, (0.0, *by_decades(SMALLEST_PENALTY, rule.high)), tip=tip)
