"""Choice of a sweep: some settings with their values or ranges, over how many seeds, and for how many steps."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from engine.training import Experiment, InvalidError
from engine.training.spec.rules import Integer, Real
from engine.training.sweep import SETTINGS, WANTED, Axis, Plan
from playground.model.settings import SettingChoice, has_setting, in_words, setting_choices, suggestion
from playground.runtime.pictures import boundary_of
from playground.ui import theme
from playground.ui.controls import Button, restyle, reveal
from playground.ui.fields import ChoiceField, FigureField
from playground.ui.number_format import PERCENT, WHOLE, Notation
from playground.ui.text_field import Line, SaidLabel

AXES = 4
MOST_SEEDS, MOST_STEPS, MOST_SAMPLES = 200, 100_000, 1000
MORE, MORE_TIP = "Another setting", "Have one more setting vary, in all combinations with the others"
MOST_COMBINATIONS, MOST_RUNS = 1000, 20_000  # in a window; the command line takes more
SEEDS, STEPS = 20, 3000  # at first
COUNT = Notation(WHOLE.write, WHOLE.read, WHOLE.write(MOST_STEPS))
ALL = "all"  # instead of a number of samples
SAMPLES = Notation(
    lambda count: WHOLE.write(count) if count else ALL,
    lambda text: 0 if text.strip() == ALL else WHOLE.read(text),
    "0,000",
)
SIDE = 50  # cells along each side of a run's picture
NOTHING = ""
NARROWEST = 120  # pixels of the values, at the usual text size
LINES = 2  # that what it says has room for
VALUES_TIP = (
    "Its values, with commas between them, each of which is tried together with each of the other settings; "
    "or from where to where they are drawn at random, 0.001..0.1, as many as Samples says"
)
SEEDS_TIP = "How many runs there are of each: they differ in their points, split, initial weights and batches"
STEPS_TIP = "How long each run is trained"
SAMPLES_TIP = (
    "How many combinations are drawn at random, which a range low..high needs; “all” for every one of those typed"
)
WANTED_TIP = "The accuracy that a run is to reach at some time on its way; the R² of values: 95 % is 0.95"


class SweepChoice(QWidget):
    """Choice of what to sweep over; it judges itself while one types.

    `settings`, `values`, `seeds`, `steps`, `samples` and `wanted` are its fields; `said` is what it says.
    """

    entered = Signal()
    wanted_changed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._experiment: Experiment | None = None
        table, tip = setting_choices(), "What the runs differ in"
        none = [SettingChoice("Nothing but the seed"), *[SettingChoice("No other setting")] * (AXES - 1)]
        self.settings = [ChoiceField(f"Setting {i + 1} that varies", {NOTHING: row, **table}, tip, False)
                         for i, row in enumerate(none)]  # fmt: skip
        self.values = [Line() for _ in range(AXES)]
        self._more = [Button(icon="plus", role="icon", name=MORE, tip=MORE_TIP) for _ in range(AXES)]
        self._rows = [QWidget() for _ in range(AXES)]
        self._open = 1  # of them
        self.seeds = FigureField("Seeds", Integer(1, MOST_SEEDS), COUNT, SEEDS_TIP)
        self.steps = FigureField("Steps", Integer(1, MOST_STEPS), COUNT, STEPS_TIP)
        self.samples = FigureField("Samples", Integer(0, MOST_SAMPLES), SAMPLES, SAMPLES_TIP)
        self.wanted = FigureField("To reach", Real(0, 1), PERCENT, WANTED_TIP)
        self.said = SaidLabel("", LINES)
        self.said.setAccessibleName("What the sweep does")
        layout, numbers = QVBoxLayout(self), QGridLayout()
        numbers.setHorizontalSpacing(2 * theme.GAP)
        numbers.setVerticalSpacing(0)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.GAP // 2)
        for i, (setting, line, more) in enumerate(zip(self.settings, self.values, self._more, strict=True)):
            row, policy = QHBoxLayout(self._rows[i]), more.sizePolicy()
            row.setContentsMargins(0, 0, 0, 0)
            policy.setRetainSizeWhenHidden(True)
            more.setSizePolicy(policy)
            more.clicked.connect(self._open_row)
            row.addWidget(setting, 3)
            row.addWidget(line, 2)
            row.addWidget(more)
            line.setMinimumWidth(theme.px(NARROWEST))
            layout.addWidget(self._rows[i])
            line.setAccessibleName(f"Values of setting {i + 1}")
            line.setToolTip(VALUES_TIP)
            line.textEdited.connect(self.judge)
            line.entered.connect(self.entered)
            line.abandoned.connect(partial(self._suggest, i))
            setting.changed.connect(partial(self._suggest, i))
        fields = ((self.seeds, SEEDS), (self.steps, STEPS), (self.samples, 0), (self.wanted, WANTED))
        for i, (field, value) in enumerate(fields):
            field.setValue(value)
            field.changed.connect(self.judge)
            numbers.addWidget(field, i // 2, i % 2)
        self.wanted.changed.connect(self.wanted_changed)
        layout.addLayout(numbers)
        layout.addWidget(self.said)
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
        for i, (field, line) in enumerate(zip(self.settings, self.values, strict=True)):
            field.setValue(setting if i == 0 else NOTHING)
            line.setText(values if i == 0 else "")
        self._open = 1
        self.judge()

    def _open_row(self) -> None:
        """Have room for one more setting, and the keyboard there."""
        self._open += 1
        self.judge()
        reveal(self.settings[self._open - 1])

    def plan(self) -> Plan | None:
        """The sweep that is chosen; None before there is an experiment. Raises InvalidError where it cannot be."""
        if self._experiment is None:
            return None
        chosen = [(field.value(), line.text()) for field, line in zip(self.settings, self.values, strict=True)]
        axes = tuple(Axis.read(f"{name}={text}") for name, text in chosen if name != NOTHING)
        look = partial(boundary_of, side=SIDE)
        seeds, steps, samples, wanted = (field.value() for field in (self.seeds, self.steps, self.samples, self.wanted))
        plan = Plan(self._experiment, axes, seeds, steps, samples, wanted, look)
        Integer(1, MOST_COMBINATIONS).check("number of combinations", plan.combinations)
        Integer(1, MOST_RUNS).check("number of runs", plan.runs)
        return plan

    def judge(self, *_: object) -> bool:
        """Say how many runs there are, or what is wrong with the choice; whether nothing is."""
        fault = culprit = ""
        try:
            plan = self.plan()
        except InvalidError as error:
            fault, culprit, plan = f"{in_words(error)}.", error.name.partition("[")[0], None
        used = [field.value() != NOTHING for field in self.settings]
        self._open = max([self._open, *(i + 1 for i, is_used in enumerate(used) if is_used)])
        for i, (field, line) in enumerate(zip(self.settings, self.values, strict=True)):
            line.setEnabled(used[i])
            restyle(line, refused=used[i] and field.value() == culprit)
            self._rows[i].setVisible(i < self._open)
            self._more[i].setVisible(used[i] and i + 1 == self._open < AXES)
        if plan is not None:
            self.said.setText(f"{plan.runs:,} runs of the settings as they are now.")
        if fault:
            self.said.setText(fault)
        self.said.setToolTip(fault)
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
