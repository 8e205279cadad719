"""Choice of a sweep: up to two settings with their values, over how many seeds, and for how many steps."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from engine.training import Experiment, InvalidError
from engine.training.spec.rules import Integer
from engine.training.sweep import SETTINGS, Axis, Plan
from playground.model.settings import SettingChoice, has_setting, in_words, setting_choices, suggestion
from playground.runtime.pictures import boundary_of
from playground.ui import theme
from playground.ui.controls import restyle
from playground.ui.fields import ChoiceField, FigureField
from playground.ui.number_format import WHOLE, Notation
from playground.ui.text_field import Line

AXES = 2
MOST_SEEDS, MOST_STEPS = 200, 100_000
SEEDS, STEPS = 20, 3000  # at first
COUNT = Notation(WHOLE.write, WHOLE.read, WHOLE.write(MOST_STEPS))
SIDE = 50  # cells along each side of a run's picture
NOTHING = ""
NARROWEST = 120  # pixels of the values, at the usual text size
VALUES_TIP = "Its values, with commas between them: every one is tried, together with every one of the other setting"
SEEDS_TIP = "How many runs there are of each: they differ in their points, split, initial weights and batches"
STEPS_TIP = "How long each run is trained"


class SweepChoice(QWidget):
    """Choice of what to sweep over; it judges itself while one types.

    `settings`, `values`, `seeds` and `steps` are its fields; `said`, what it says, is put in place by whoever has it.
    """

    entered = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._experiment: Experiment | None = None
        table = {NOTHING: SettingChoice("Nothing but the seed"), **setting_choices()}
        self.settings = [ChoiceField(f"Setting {i + 1} that varies", table, "What the runs differ in", False)
                         for i in range(AXES)]  # fmt: skip
        self.values = [Line() for _ in range(AXES)]
        self.seeds = FigureField("Seeds", Integer(1, MOST_SEEDS), COUNT, SEEDS_TIP)
        self.steps = FigureField("Steps", Integer(1, MOST_STEPS), COUNT, STEPS_TIP)
        self.said = QLabel()
        self.said.setAccessibleName("What the sweep does")
        self.said.setWordWrap(True)
        self.said.setProperty("role", "small")
        layout, numbers = QVBoxLayout(self), QHBoxLayout()
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.GAP // 2)
        for i, (setting, line) in enumerate(zip(self.settings, self.values, strict=True)):
            row = QHBoxLayout()
            row.addWidget(setting, 3)
            row.addWidget(line, 2)
            line.setMinimumWidth(theme.px(NARROWEST))
            layout.addLayout(row)
            line.setAccessibleName(f"Values of setting {i + 1}")
            line.setToolTip(VALUES_TIP)
            line.textEdited.connect(self.judge)
            line.entered.connect(self.entered)
            line.abandoned.connect(partial(self._suggest, i))
            setting.changed.connect(partial(self._suggest, i))
        for field, value in ((self.seeds, SEEDS), (self.steps, STEPS)):
            field.setValue(value)
            field.changed.connect(self.judge)
            numbers.addWidget(field)
        layout.addLayout(numbers)
        self.judge()

    def show_experiment(self, experiment: Experiment) -> None:
        """What the runs have in common."""
        if experiment == self._experiment:
            return
        self._experiment = experiment
        for field in self.settings:
            field.allow(lambda name: name == NOTHING or has_setting(experiment, SETTINGS[name]))
        self.judge()

    def propose(self, setting: str, values: str) -> None:
        """Have one setting vary over these values, as they are typed."""
        for i, (name, text) in enumerate(((setting, values), (NOTHING, ""))):
            self.settings[i].setValue(name)
            self.values[i].setText(text)
        self.judge()

    def plan(self) -> Plan | None:
        """The sweep that is chosen; None before there is an experiment. Raises InvalidError where it cannot be."""
        if self._experiment is None:
            return None
        chosen = [(field.value(), line.text()) for field, line in zip(self.settings, self.values, strict=True)]
        axes = tuple(Axis.read(f"{name}={text}") for name, text in chosen if name != NOTHING)
        look = partial(boundary_of, side=SIDE)
        return Plan(self._experiment, axes, self.seeds.value(), self.steps.value(), look=look)

    def judge(self, *_: object) -> bool:
        """Say how many runs there are, or what is wrong with the choice; whether nothing is."""
        fault = ""
        try:
            plan = self.plan()
        except InvalidError as error:
            fault, plan = f"{in_words(error)}.", None
        for field, line in zip(self.settings, self.values, strict=True):
            line.setEnabled(field.value() != NOTHING)
        if plan is not None:
            self.said.setText(f"{plan.runs:,} runs of the settings as they are now; training here goes on meanwhile.")
        if fault:
            self.said.setText(fault)
        self.said.setToolTip(fault)
        if bool(self.said.property("refused")) != bool(fault):
            restyle(self.said, refused=bool(fault))
        return not fault

    def _suggest(self, i: int, *_: object) -> None:
        """Offer values around the one that is in force."""
        name = self.settings[i].value()
        if name == NOTHING or self._experiment is None:
            self.values[i].clear()
        else:
            self.values[i].setText(suggestion(SETTINGS[name], self._experiment))
        self.judge()
