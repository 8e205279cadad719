"""Form fields: the small editors that panels are made of.

Each edits one plain typed value: `value()` gives it, `setValue()` sets it silently, and `changed` is emitted
when the user, and only the user, changes it. A label stands above, the control below, the figure at the right.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent, QStandardItemModel
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from engine.formula import TYPED
from engine.training.spec.rules import Integer, Real
from playground.ui import theme
from playground.ui.controls import (
    FONT_CHANGES,
    Combo,
    Slider,
    as_part,
    caption_label,
    restyle,
    tell,
)
from playground.ui.number_format import NUMBER, Notation
from playground.ui.text_field import Line

INNER_MARGIN = 3  # that QLineEdit keeps beside its text; without it the figure is flush with the slider
LONGEST_SHOWN = 40  # characters of what was typed, in a complaint about it
ALIKE = str.maketrans("123456789", "000000000")
NUDGES = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}
DECADE = (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8)  # near enough to ten equal steps, and each a round number


def by_decades(low: float, high: float) -> tuple[float, ...]:
    """Stops for a logarithmic slider, ten a decade, with both ends: 0.01, 0.012, 0.015, 0.02 …"""
    powers = (float(f"{step}e{power}") for power in range(-12, 6) for step in DECADE)
    return tuple(sorted({low, high, *(stop for stop in powers if low < stop < high)}))


class _Figure(Line):
    """Line edit of a number, as wide as it needs."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "figure")
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.setTextMargins(0, 0, -INNER_MARGIN, 0)
        self._texts: set[str] = set()
        self._widths: dict[str, int] = {}  # by font: measuring thousands of texts takes time

    def show_text(self, text: str) -> None:
        """Another text; where all of the last was selected, so that typing replaces it, all of this one is."""
        is_selected = self.hasSelectedText() and self.selectedText() == self.text()
        if text != self.text() or self.isModified():
            self.setText(text)
        if is_selected:
            self.selectAll()

    def keep_room_for(self, texts: list[str]) -> None:
        """Be as wide as the widest of these, so that nothing moves when the value changes."""
        # figures are all of one width: the same text with other figures need not be measured
        self._texts, self._widths = {text.translate(ALIKE) for text in texts}, {}
        self._fit()

    def _fit(self) -> None:
        key = self.font().key()
        if key not in self._widths:
            metrics = self.fontMetrics()
            self._widths[key] = max((metrics.horizontalAdvance(text) for text in self._texts), default=0)
        self.setFixedWidth(self._widths[key] + 2 * theme.GAP)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in FONT_CHANGES:
            self._fit()


class NumberField(QWidget):
    """Number field: a figure that takes any value that a rule allows, and complains in words of any other."""

    changed = Signal(object)
    gesture_ended = Signal()  # the edits since the last one belong together: one entry for the undo menu

    def __init__(self, label: str, rule: Real | Integer, notation: Notation, tip: str = "") -> None:
        super().__init__()
        as_part(self, label)
        self._label, self._rule, self._notation, self._tip = label, rule, notation, tip
        self._value: Any = rule.low
        self._figure = _Figure()
        self._figure.textEdited.connect(self._judge)
        self._figure.entered.connect(self._enter)
        self._figure.left.connect(self._leave)
        self._figure.abandoned.connect(self._give_up)

    def value(self) -> Any:
        """The value, exactly as it was set or typed."""
        return self._value

    def setValue(self, value: Any) -> None:
        """Set the value; emits nothing, and leaves alone what is being typed."""
        self._value = value
        if not self._figure.isModified():
            self._show_value()

    def forbid(self, reason: str) -> None:
        """Disable the field and say why; no reason enables it."""
        self.setEnabled(not reason)
        self.setToolTip(reason or self._tip)

    def _take(self, value: Any) -> None:
        self._value = value
        self._show_value()
        self.changed.emit(value)

    def _show_value(self) -> None:
        self._figure.show_text(self._notation.write(self._value))
        self._mark("")

    def _read(self) -> Any:
        """What the figure's text stands for. Raises ValueError where that is not allowed."""
        return self._rule.check(self._label, self._notation.read(self._figure.text()))

    def _judge(self) -> None:
        try:
            self._read()
        except ValueError:
            text = self._figure.text().strip()
            self._mark(f"{self._label}: “{text[:LONGEST_SHOWN]}” is not allowed; allowed: {self._allowed()}.")
        else:
            self._mark("")

    def _allowed(self) -> str:
        kind = "a whole number" if isinstance(self._rule, Integer) else "a number"
        return f"{kind} from {self._notation.write(self._rule.low)} to {self._notation.write(self._rule.high)}"

    def _mark(self, complaint: str) -> None:
        self._figure.setToolTip(complaint)  # without one, the field's own shows
        if bool(self._figure.property("refused")) != bool(complaint):
            restyle(self._figure, refused=bool(complaint))

    def _enter(self) -> None:
        if self._commit():
            self._go_on()
        else:
            tell(self._figure, self._figure.toolTip())

    def _give_up(self) -> None:
        self._show_value()
        self._go_on()

    def _go_on(self) -> None:
        """Hand on the keyboard, when what was typed is taken or given up."""

    def _leave(self) -> None:
        if not self._commit():
            self._show_value()

    def _commit(self) -> bool:
        """Take what was typed; False if it cannot be taken."""
        if not self._figure.isModified():
            return True
        try:
            value = self._read()
        except ValueError:
            return False
        changed = value != self._value
        self._figure.setModified(False)
        self.setValue(value)
        if changed:
            self.changed.emit(value)
            self.gesture_ended.emit()
        return True


class SliderField(NumberField):
    """Slider field: a slider that stands on `stops`, and a figure that takes any value that the rule allows.

    `stops` ascend. They may begin with 0 before a logarithmic part, and end with None where the rule allows it.
    """

    def __init__(
        self,
        label: str,
        rule: Real | Integer,
        stops: Sequence[Any],
        notation: Notation = NUMBER,
        tip: str = "",
    ) -> None:
        super().__init__(label, rule, notation, tip)
        self._slider = Slider()
        self._value = stops[0]
        for part in (self._slider, self._figure):
            part.setAccessibleName(label)
            part.setAccessibleDescription(tip)
        self.setToolTip(tip)
        self.setAccessibleDescription(tip)
        self._lay_out()
        self.set_stops(stops, notation)
        self._slider.valueChanged.connect(self._slid)
        self._slider.gesture_ended.connect(self.gesture_ended)

    def _lay_out(self) -> None:
        caption = caption_label(self._label)
        caption.setBuddy(self._slider)
        header = QHBoxLayout()
        header.setSpacing(0)
        header.addWidget(caption)
        header.addStretch()
        header.addWidget(self._figure)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(header)
        self._slider.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)  # beside a list
        layout.addWidget(self._slider)

    def setValue(self, value: Any) -> None:
        """Set the value; emits nothing, and leaves alone what is being typed."""
        with QSignalBlocker(self._slider):
            self._slider.setValue(self._nearest(value))
        super().setValue(value)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """What the figure leaves: the arrows up and down."""
        if event.key() in NUDGES:
            self.nudge(NUDGES[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        super().keyReleaseEvent(event)
        if event.key() in NUDGES and not event.isAutoRepeat():
            self.gesture_ended.emit()

    def nudge(self, by: int) -> None:
        """Move on by so many stops from what was typed or set."""
        if self._commit():
            self._slider.setValue(self._slider.value() + by)

    def take_focus(self) -> None:
        """Have the keyboard, so that what is typed takes the place of the figure."""
        self._figure.setFocus(Qt.FocusReason.OtherFocusReason)
        self._figure.selectAll()

    def give_up(self) -> None:
        """Forget what is being typed."""
        self._show_value()

    def set_stops(self, stops: Sequence[Any], notation: Notation) -> None:
        """Another range for the slider, and another way to write its values."""
        self._stops, self._notation = tuple(stops), notation
        with QSignalBlocker(self._slider):
            self._slider.setRange(0, len(stops) - 1)
            self._slider.setPageStep(max(1, min(10, len(stops) // 10)))
        self._figure.keep_room_for([notation.widest, *(notation.write(stop) for stop in stops)])
        self.setValue(self._value)

    def _nearest(self, value: Any) -> int:
        if value is None:
            return len(self._stops) - 1
        distances = [abs(stop - value) for stop in self._stops if stop is not None]
        return distances.index(min(distances))

    def _slid(self, position: int) -> None:
        self._take(self._stops[position])

    def _allowed(self) -> str:
        return super()._allowed() + (", or “all”" if None in self._stops else "")

    def _go_on(self) -> None:
        self._slider.setFocus(Qt.FocusReason.OtherFocusReason)


class FigureField(NumberField):
    """Figure field: a number that nobody drags, in one row with its name; `notation` says how wide it may get."""

    def __init__(self, label: str, rule: Real | Integer, notation: Notation, tip: str) -> None:
        super().__init__(label, rule, notation, tip)
        self.setToolTip(tip)
        self.setAccessibleDescription(tip)
        self._figure.setAccessibleName(label)
        self._figure.setAccessibleDescription(tip)
        self._figure.keep_room_for([notation.widest])
        caption = caption_label(label)
        caption.setBuddy(self._figure)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(caption)
        row.addStretch()
        row.addWidget(self._figure)
        self._show_value()


LONGEST = 14  # characters of a formula that stands in a list of choices


class ChoiceField(QWidget):
    """Choice field: a key of a table whose rows have a `label`, and perhaps a `description`.

    Its name stands above it, unless there is a title that is the same.
    """

    changed = Signal(object)

    def __init__(self, label: str, table: Mapping[str, Any], tip: str = "", has_caption: bool = True) -> None:
        super().__init__()
        as_part(self, label)
        self._combo = Combo()
        self.name(label, tip)
        for key, row in table.items():
            self._combo.addItem(row.label, key)
            description = getattr(row, "description", "")
            self._combo.setItemData(self._combo.count() - 1, description, Qt.ItemDataRole.ToolTipRole)
        self._key: str = self._combo.itemData(0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        if has_caption:
            caption = caption_label(label)
            caption.setBuddy(self._combo)
            layout.addWidget(caption)
        layout.addWidget(self._combo)
        self._combo.activated.connect(self._choose)

    def name(self, label: str, tip: str) -> None:
        """Say what is chosen."""
        self._combo.setAccessibleName(label)
        self._combo.setToolTip(tip)
        self.setAccessibleDescription(tip)

    def allow(self, fits: Callable[[str], bool]) -> None:
        """Have only keys be chosen that fit."""
        model = self._combo.model()
        assert isinstance(model, QStandardItemModel)
        for i in range(self._combo.count()):
            model.item(i).setEnabled(fits(self._combo.itemData(i)))

    def value(self) -> str:
        """The key of the row that is chosen."""
        return self._key

    def setValue(self, key: str) -> None:
        """Choose the row of a key; emits nothing."""
        self._key = key
        if self._combo.findData(key) < 0:  # a formula that the user typed
            formula = key.removeprefix(TYPED).strip()
            self._combo.addItem(formula if len(formula) <= LONGEST else f"{formula[: LONGEST - 1]}…", key)
            self._combo.setItemData(self._combo.count() - 1, formula, Qt.ItemDataRole.ToolTipRole)
        self._combo.setCurrentIndex(self._combo.findData(key))

    def _choose(self, index: int) -> None:
        key = self._combo.itemData(index)
        if key != self._key:
            self._key = key
            self.changed.emit(key)
