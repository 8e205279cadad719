"""Data panel: the points of an experiment, what the network sees of them, and how its weights start.

Three panels for one column, each over one value: `DataPanel` over Data, `FeaturesPanel` over the names of the
features, `WeightsPanel` over the name of the initialiser. The fields `batch` and `shuffle` beside the points belong to
a Training, and `seed` to the Experiment: they are wired by whoever holds one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from enum import Enum
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QVBoxLayout, QWidget

from engine.nn import INITIALISERS
from engine.training import (
    DATASETS,
    DRAWN,
    FEATURES,
    MAX_CLASSES,
    MAX_MADE,
    TASKS,
    Data,
    Experiment,
    InvalidError,
    Network,
    Training,
    features_of,
    rule_of,
)
from playground.panels.dataset_grid import DatasetGrid
from playground.ui import theme
from playground.ui.chips import Chips
from playground.ui.choice import Choice
from playground.ui.controls import Button, as_part, tell
from playground.ui.fields import ChoiceField, FigureField, SliderField, by_decades
from playground.ui.number_format import PERCENT, WHOLE, Notation, read_whole, whole_or_all
from playground.ui.section import Section
from playground.ui.text_field import TextField

COLUMNS = 4  # of features
GIVE = "Give the network {} of each point"
CLASSES_TIP = "How many classes there are to tell apart."
FORMULA_TIP = "Which points belong to which class, as in x2 > sin(x1); or the value that each has, as in sin(3*x1)."
FORMULA_HINT = "Enter takes it. With > or < it parts the plane in two classes; else it is a value."
BALANCE_TIP = "How many points are of class 1, beside each other class: at 50 % as many."
LABEL_NOISE_TIP = "The share of all points, of the test points as well, that are given to a wrong class."
SEED_TIP = "The same seed gives the same points. New points have the next one."
WEIGHTS_SEED_TIP = "The same seed draws the same weights, batches and dropout. Type one to have its weights."
SHUFFLE_TIP = "Shuffle: each epoch deals the points out in another order. Off: always in their own."
BY_HAND = "The points are drawn by hand. Choose a dataset to have points made."


Kind = Enum("Kind", {name: task.label for name, task in TASKS.items()})  # type: ignore[misc]  # a row each


class BatchField(SliderField):
    """Batch size field: how many points to a gradient step: a number, or None for all of them."""

    def __init__(self) -> None:
        super().__init__(
            "Batch size",
            rule_of(Training, "batch_size"),
            (1, None),
            whole_or_all(MAX_MADE),
            tip="How many points share one gradient step. Fewer make it quicker and less sure.",
        )

    def set_maximum(self, total: int) -> None:
        """How many training points there are: what “all” stands for."""
        below = {round(size) for size in by_decades(1, max(1, total))} - {total}
        self.set_stops((*sorted(below | {1}), None), whole_or_all(total))


class DataPanel(Section):
    """Data panel: edits a Data, beside the `batch` and the shuffling of a Training."""

    edited = Signal(object, str)  # the new Data, and what the user did
    gesture_ended = Signal()
    dataset_chosen = Signal(str)
    regenerate = Signal()
    cleared = Signal()
    shuffle_chosen = Signal(bool)

    def __init__(self) -> None:
        super().__init__("Data")
        self._value = Data()
        tips = {kind: TASKS[kind.name].description for kind in Kind}
        self._kinds = Choice("What is learned", Kind, tips, role="chip")
        self._grids: dict[str, DatasetGrid] = {}
        self._place = as_part(QWidget(), "Datasets")
        self._formula = TextField("Formula", FORMULA_TIP, FORMULA_HINT, self._formula_fault)
        self._anew = Button("New points", icon="dice-five")
        self._clear = Button(icon="trash", name="Clear", tip="Erase all points")
        self._count = _field("Points", "count", range(10, 1001, 10), WHOLE, "How many points there are.")
        self._noise = _field("Noise", "noise", _hundredths(0, 50, 1), PERCENT, "How far the points stray.")
        self._share = _field(
            "Training share",
            "train_share",
            _hundredths(10, 90, 5),
            PERCENT,
            "The network learns from this share of the points; the rest test it.",
        )
        self.batch, self._shuffle = BatchField(), Button(icon="shuffle", name="Shuffle", role="chip")
        self._shuffle.setToolTip(SHUFFLE_TIP)
        self._shuffle.setCheckable(True)
        self._classes = _field("Classes", "classes", range(2, MAX_CLASSES + 1), WHOLE, CLASSES_TIP)
        self._more = Section("Classes and seed")
        self._balance = _field("Class balance", "balance", _hundredths(10, 90, 5), PERCENT, BALANCE_TIP)
        self._label_noise = _field("Label noise", "label_noise", _hundredths(0, 50, 1), PERCENT, LABEL_NOISE_TIP)
        self._seed = FigureField("Points seed", rule_of(Data, "seed"), Notation(str, read_whole, "0000000"), SEED_TIP)
        self._more.set_open(False)
        self._lay_out()
        self._connect()
        self.setValue(self._value)

    def _lay_out(self) -> None:
        actions = QHBoxLayout()
        actions.setSpacing(theme.GAP)
        actions.addWidget(self._anew, 1)
        actions.addWidget(self._clear)
        QVBoxLayout(self._place).setContentsMargins(0, 0, 0, 0)
        self.rows.addWidget(self._kinds)
        self.rows.addWidget(self._place)
        self.rows.addWidget(self._formula)
        self.rows.addLayout(actions)
        batches = QHBoxLayout()
        batches.setSpacing(theme.GAP // 2)
        batches.addWidget(self.batch, 1)
        batches.addWidget(self._shuffle)
        for field in (self._count, self._noise, self._share):
            self.rows.addWidget(field)
        self.rows.addLayout(batches)
        self.rows.addWidget(self._more)
        for folded in (self._classes, self._balance, self._label_noise, self._seed):
            self._more.rows.addWidget(folded)

    def _connect(self) -> None:
        self._kinds.chosen.connect(self._choose_kind)
        self._anew.clicked.connect(self.regenerate)
        self._clear.clicked.connect(self.cleared)
        self._count.changed.connect(self._set_count)
        self._noise.changed.connect(self._set_noise)
        self._share.changed.connect(self._set_share)
        self._classes.changed.connect(self._set_classes)
        self._formula.changed.connect(self._set_formula)
        self._balance.changed.connect(self._set_balance)
        self._label_noise.changed.connect(self._set_label_noise)
        self._seed.changed.connect(self._set_seed)
        self._shuffle.clicked.connect(self.shuffle_chosen)
        for field in (
            self._count, self._noise, self._share, self._classes, self._balance, self._label_noise, self._seed
        ):  # fmt: skip
            field.gesture_ended.connect(self.gesture_ended)

    @property
    def is_painted(self) -> bool:
        """Whether the pictures of the datasets are there."""
        return all(grid.is_painted for grid in self._grids.values())

    def value(self) -> Data:
        """The data as edited."""
        return self._value

    def set_shuffle(self, on: bool) -> None:
        """Show whether the points are shuffled; emits nothing."""
        self._shuffle.setChecked(on)

    def setValue(self, data: Data) -> None:
        """Show these data; emits nothing."""
        if _has_more(data) and not _has_more(self._value):
            self._more.set_open(True)
        self._value = data
        self._show_grid(data.kind)
        self._grids[data.kind].setValue(data.dataset)
        self._count.setValue(len(data.points) if data.dataset == DRAWN else data.count)
        self._noise.setValue(data.noise)
        self._share.setValue(data.train_share if data.dataset != DRAWN else _training_share(data))
        self._classes.setValue(data.classes)
        self._formula.setVisible(bool(data.formula))
        self._formula.setValue(data.formula)
        self._balance.setValue(data.balance)
        self._label_noise.setValue(data.label_noise)
        self._seed.setValue(data.seed)
        self._forbid(data)

    def _forbid(self, data: Data) -> None:
        """Say of each field why it has no say."""
        drawn = BY_HAND if data.dataset == DRAWN else ""
        for field in (self._noise, self._seed):
            field.forbid(drawn)
        self._count.forbid(drawn or _why_no_count(data))
        self._classes.forbid(_why_no_classes(data))
        self._balance.forbid(drawn or _why_no_balance(data))
        self._label_noise.forbid(drawn or _no_classes(data))
        self._anew.setEnabled(not drawn)
        self._anew.setToolTip(drawn or "Draw other points of the same dataset, at random")

    def _show_grid(self, kind: str) -> None:
        """The datasets of a kind of task; they are made when it is first chosen."""
        self._kinds.show_choice(Kind[kind])
        if kind not in self._grids:
            grid = self._grids[kind] = DatasetGrid(kind)
            grid.chosen.connect(self._choose)
            layout = self._place.layout()
            assert layout is not None
            layout.addWidget(grid)
            grid.follow(self._kinds.findChildren(Button)[-1])
        for name, grid in self._grids.items():
            grid.setVisible(name == kind)

    def _choose_kind(self, kind: Kind) -> None:
        if kind.name != self._value.kind:
            self.dataset_chosen.emit(next(name for name, row in DATASETS.items() if row.kind == kind.name))
        self._kinds.show_choice(Kind[self._value.kind])

    def _choose(self, name: str) -> None:
        if name != self._value.dataset:
            self.dataset_chosen.emit(name)
        self._grids[self._value.kind].setValue(self._value.dataset)  # whoever heard it may have decided otherwise

    def _take(self, data: Data, what: str) -> None:
        self._value = data
        self.edited.emit(data, what)

    def _set_count(self, count: int) -> None:
        self._take(self._value.replace(count=count), "change the number of points")

    def _set_noise(self, noise: float) -> None:
        self._take(self._value.replace(noise=noise), "change the noise")

    def _set_share(self, share: float) -> None:
        self._take(self._value.split_anew(share), "change the training share")

    def _set_balance(self, balance: float) -> None:
        self._take(self._value.replace(balance=balance), "change the class balance")

    def _set_label_noise(self, share: float) -> None:
        self._take(self._value.replace(label_noise=share), "change the label noise")

    def _set_seed(self, seed: int) -> None:
        self._take(self._value.replace(seed=seed), "change the seed of the points")

    def _set_formula(self, formula: str) -> None:
        self._take(self._value.with_formula(formula), "change the formula")

    def _formula_fault(self, formula: str) -> str:
        """Why no points can follow it; empty if they can."""
        try:
            self._value.with_formula(formula)
        except InvalidError as error:
            fault = error.allowed.removeprefix("line 1, ")  # there is but one
            return f"{fault[0].upper()}{fault[1:]}."
        return ""

    def _set_classes(self, classes: int) -> None:
        try:
            data = self._value.replace(classes=classes)
        except InvalidError:  # there are drawn points of a class that would vanish
            self._classes.setValue(self._value.classes)
            tell(self._classes, f"Erase the points of class {classes + 1} and above first.")
        else:
            self._take(data, "change the number of classes")


def _has_more(data: Data) -> bool:
    """Whether there is something to see in what is folded away."""
    is_spoilt = (data.balance, data.label_noise) != (Data.balance, Data.label_noise)
    return is_spoilt or (data.dataset != DRAWN and not _why_no_classes(data))


# ── why a field has no say, as a sentence; empty if it has ───────────────────────────────────────────────────────────


def _no_classes(data: Data) -> str:
    return "" if data.task.has_classes else f"There are no classes: {data.task.description}."


def _why_no_classes(data: Data) -> str:
    dataset = DATASETS[data.dataset]
    fixed = f"The dataset {dataset.label} has {dataset.classes} classes." if dataset.classes is not None else ""
    return _no_classes(data) or fixed


def _why_no_count(data: Data) -> str:
    dataset = DATASETS[data.dataset]
    return f"The dataset {dataset.label} has {dataset.count} points." if dataset.count is not None else ""


def _why_no_balance(data: Data) -> str:
    dataset = DATASETS[data.dataset]
    follows = f"In the dataset {dataset.label} the place of a point says its class."
    return _no_classes(data) or ("" if dataset.has_balance else follows)


class FeaturesPanel(Section):
    """Features panel: edits the tuple of features that the network is given to see."""

    edited = Signal(object, str)  # the new names, and what the user did

    def __init__(self) -> None:
        super().__init__("Features")
        self._offered: tuple[tuple[str, str], ...] = ()
        self._chips = Chips(FEATURES, COLUMNS, GIVE)
        self.offer(Data())
        self.setValue(Network().features)

    def offer(self, data: Data) -> None:
        """Offer the features that there are of these data."""
        rows = features_of(data.inputs)
        offered = tuple((name, data.feature_label(name)) for name in rows)
        if offered == self._offered:
            return
        self._offered = offered
        self._chips.setParent(None)
        self._chips.deleteLater()
        labelled = {name: replace(rows[name], label=label) for name, label in offered}
        self._chips = Chips(labelled, COLUMNS if len(labelled) <= len(FEATURES) else 2, GIVE)
        self._chips.changed.connect(self._take)
        self.rows.addWidget(self._chips)

    def value(self) -> tuple[str, ...]:
        """The names of the features that are on."""
        return self._chips.value()

    def setValue(self, names: tuple[str, ...]) -> None:
        """Turn these features on and the others off; emits nothing."""
        self._chips.setValue(names)

    def _take(self, names: tuple[str, ...]) -> None:
        self.edited.emit(names, "change the features")


class WeightsPanel(Section):
    """Weights panel: edits the name of the initialiser beside the `seed`, and asks for other weights from it."""

    edited = Signal(object, str)  # the new name, and what the user did
    new_weights = Signal()

    def __init__(self) -> None:
        super().__init__("Initial weights")
        tip = "The distribution that the weights are drawn from before training."
        self._choice = ChoiceField("Initial weights", INITIALISERS, tip, has_caption=False)
        self._choice.changed.connect(self._take)
        notation = Notation(str, read_whole, "0000000")
        self.seed = FigureField("Seed", rule_of(Experiment, "seed"), notation, WEIGHTS_SEED_TIP)
        tip = "Draw other initial weights, from the next seed, and start again"
        self._anew = Button(icon="dice-five", name="New weights", tip=tip)
        self._anew.clicked.connect(self.new_weights)
        self._keep = QCheckBox("Keep")
        self._keep.setAccessibleName("Keep weights")
        self._keep.setToolTip(
            "When the network is changed, weights that have a place in the new one stay as they are; the others are "
            "drawn afresh. Off: all are."
        )
        self._keep.setChecked(True)
        for first, last in ((self._choice, self._keep), (self.seed, self._anew)):
            row = QHBoxLayout()
            row.setSpacing(theme.GAP)
            row.addWidget(first, 1)
            row.addWidget(last)
            self.rows.addLayout(row)
        self.setValue(Network().initialiser)

    @property
    def keeps_weights(self) -> bool:
        """Whether a changed network is to take over what has a place in it."""
        return self._keep.isChecked()

    def set_keeps_weights(self, on: bool) -> None:
        """Have a changed network take them over, or not."""
        self._keep.setChecked(on)

    def value(self) -> str:
        """The initialiser's name."""
        return self._choice.value()

    def setValue(self, name: str) -> None:
        """Choose an initialiser; emits nothing."""
        self._choice.setValue(name)

    def _take(self, name: str) -> None:
        self.edited.emit(name, "change the initial weights")


def _training_share(data: Data) -> float:
    """The share of drawn points that are trained on; as it was set while there are none."""
    test = data.arrays.test
    return 1 - float(test.mean()) if len(test) else data.train_share


def _field(label: str, name: str, stops: Sequence[Any], notation: Notation, tip: str) -> SliderField:
    return SliderField(label, rule_of(Data, name), stops, notation, tip)


def _hundredths(low: int, high: int, step: int) -> tuple[float, ...]:
    return tuple(percent / 100 for percent in range(low, high + 1, step))
