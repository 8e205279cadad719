"""Inputs: a row for each input of a formula, with its number and what the output's slope is over it."""

from __future__ import annotations

import math
from collections.abc import Mapping

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QRadioButton, QScrollArea, QVBoxLayout, QWidget

from engine.formula.ranges import REACH, reach
from engine.microscope.text.spelling import figures
from playground.ui import theme
from playground.ui.controls import FONT_EVENTS, Slider, SteadyLabel, restyle, tell
from playground.ui.number_format import read_number, write_number

NOTCHES = 600  # of a slider, on either side of 0
NAME_WIDTH, ROUND = 56, 24  # pixels at the usual text size: of a name, and of them for what is round before it
WIDEST = "-1.23e-10"
LONGEST_SHOWN = 20  # characters of what was typed, in a complaint about it
SLOPES = ("−0.001234", "not a number")


class Inputs(QScrollArea):
    """Input table, a row each. It says what the user does to them, and shows what it is told."""

    moved = Signal(str, float)  # a name and its new number
    chosen = Signal(str)  # the name of the input that the curve is to run over

    def __init__(self) -> None:
        super().__init__()
        self._rows: dict[str, _InputRow] = {}
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName("Inputs")
        self._fill([])

    def show_inputs(self, numbers: Mapping[str, float], slopes: Mapping[str, float], over: str) -> None:
        """The inputs' numbers, the slopes of the output over them, and which one the curve runs over."""
        if list(numbers) != list(self._rows):
            self._fill(list(numbers))
        for name, row in self._rows.items():
            row.show_number(numbers[name], slopes[name])
        if over:
            self._rows[over].name.setChecked(True)

    def forget(self) -> None:
        """Let the next rows begin with the usual reach."""
        self._rows = {}

    def reach(self, name: str) -> float:
        """How far the slider of an input goes to either side."""
        return self._rows[name].reach

    def _fill(self, names: list[str]) -> None:
        # a row that stays keeps its reach
        self._rows = {name: self._rows.get(name) or self._row(name) for name in names}
        page = QWidget()
        page.setProperty("role", "scrolled")
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, theme.GAP // 2, 0)
        grid.setHorizontalSpacing(theme.GAP // 2)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(1, 1)
        for column, text in ((0, "INPUT"), (3, "SLOPE")):
            title = QLabel(text)
            title.setProperty("role", "title")
            grid.addWidget(title, 0, column, Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft)
        for line, row in enumerate(self._rows.values(), 1):
            for column, widget in enumerate((row.name, row.slider, row.figure, row.slope)):
                grid.addWidget(widget, line, column)
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(grid)
        if not names:
            layout.addWidget(_small("None: all numbers in this formula are fixed. Write a name, such as x."))
        layout.addStretch(1)
        self.setWidget(page)

    def _row(self, name: str) -> _InputRow:
        row = _InputRow(name)
        row.name.toggled.connect(lambda on: self.chosen.emit(name) if on else None)
        row.slider.valueChanged.connect(lambda notch: self.moved.emit(name, notch * row.reach / NOTCHES))
        row.figure.typed.connect(lambda number: self.moved.emit(name, row.stretched_to(number)))
        return row


def _small(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "small")
    label.setWordWrap(True)
    return label


class _Name(QRadioButton):
    """Name of an input, which chooses it; of a long one its beginning."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self.setAccessibleName(f"Curve over {name}")
        self.setToolTip(f"Draw the curve over {name}")

    def event(self, event: QEvent) -> bool:
        handled = super().event(event)
        if event.type() in FONT_EVENTS:
            room = theme.px(NAME_WIDTH - ROUND)
            self.setText(self.fontMetrics().elidedText(self._name, Qt.TextElideMode.ElideRight, room))
            self.setFixedWidth(theme.px(NAME_WIDTH))
        return handled


class _InputRow:
    """Row of an input: its name, slider, number and slope."""

    def __init__(self, name: str) -> None:
        self.reach = REACH
        self.name = _Name(name)
        self.slider = Slider()
        self.slider.setRange(-NOTCHES, NOTCHES)
        self.slider.setPageStep(NOTCHES // 12)
        self.slider.setSingleStep(NOTCHES // 60)
        self.slider.setMinimumWidth(32)
        self.slider.setAccessibleName(f"{name}, slider")
        self.slider.setToolTip(f"The number that {name} stands for")
        self.figure = NumberField()
        self.figure.setAccessibleName(name)
        self.figure.setToolTip("Any number can be typed here")
        self.slope = SteadyLabel("", *SLOPES, role="small")
        self.slope.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.slope.setAccessibleName(f"Slope over {name}")
        self.slope.setToolTip(f"The gradient: how fast the result changes with {name}, all others held")

    def show_number(self, number: float, slope: float) -> None:
        if abs(number) > self.reach:
            self.reach = reach(number)
        with QSignalBlocker(self.slider):
            self.slider.setValue(round(min(max(number / self.reach, -1), 1) * NOTCHES))
        self.figure.show_number(number)
        self.slope.setText(figures(slope))

    def stretched_to(self, number: float) -> float:
        """Fit the slider to a number that was typed."""
        self.reach = reach(number)
        return number


class NumberField(QLineEdit):
    """Number field: it counts as soon as it can be read. Escape goes back to the one before."""

    typed = Signal(float)

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "figure")
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._number = self._before = 0.0
        self.textEdited.connect(self._read)
        self.editingFinished.connect(self._settle)

    def show_number(self, number: float) -> None:
        """Show a number, unless another one is being typed."""
        self._number = number
        if not self.isModified():
            self._before = number
            self._write()

    def _write(self) -> None:
        self.setText(write_number(self._number))
        self._mark("")

    def _read(self, text: str) -> None:
        try:
            number = read_number(text)
        except ValueError:
            number = math.nan
        if math.isfinite(number):
            self._mark("")
            self.typed.emit(number)
        else:
            name, typed = self.accessibleName(), text[:LONGEST_SHOWN]
            self._mark(f"{name}: “{typed}” is not allowed; allowed: a number, such as 0.5 or 1e-3.")

    def _mark(self, complaint: str) -> None:
        self.setStatusTip(complaint)
        if bool(self.property("refused")) != bool(complaint):
            restyle(self, refused=bool(complaint))

    def _settle(self) -> None:
        self.setModified(False)
        self.show_number(self._number)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.statusTip():
            tell(self, self.statusTip())
        elif event.key() == Qt.Key.Key_Escape and self.isModified():
            self.setModified(False)
            self.typed.emit(self._before)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        handled = super().event(event)
        if event.type() in FONT_EVENTS:
            self.setFixedWidth(self.fontMetrics().horizontalAdvance(WIDEST) + theme.GAP)
        return handled
