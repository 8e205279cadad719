"""Data panel: the points of an experiment, what the network sees of them, and how its weights start.

Three panels for one column, each over one value: `DataPanel` over Data, `FeaturesPanel` over the names of the
features, `WeightsPanel` over the name of the initialiser.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from enum import Enum
from typing import Any

from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QButtonGroup, QCheckBox, QHBoxLayout, QVBoxLayout, QWidget

from engine.nn import INITIALISERS
from engine.training import (
    DATASETS,
    DRAWN,
    FEATURES,
    MAX_CLASSES,
    MAX_POINTS,
    PRESETS,
    TASKS,
    Data,
    InvalidError,
    Network,
    Points,
    Task,
    Training,
    features_of,
    rule_of,
)
from playground.ui import theme
from playground.ui.choice import Choice
from playground.ui.controls import Button, as_part, tell, tiled
from playground.ui.fields import Chips, ChoiceField, SliderField, by_decades
from playground.ui.number_format import PERCENT, WHOLE, Notation, whole_or_all
from playground.ui.section import Section

COLUMNS = 4
PICTURE = 30  # pixels a side of a dataset's little picture at the usual text size
PICTURE_POINTS = 110
DOT = 1.1  # radius, pixels
GIVE = "Give the network {} of each point"
CLASSES_TIP = "How many classes there are to tell apart."
BY_HAND = "The points are drawn by hand. Choose a dataset to have points made."


Kind = Enum("Kind", {name: task.label for name, task in TASKS.items()})  # type: ignore[misc]  # a row each


def dataset_picture(name: str) -> QIcon:
    """A dataset as a little picture, painted from the points that its own generator gives."""
    data = PRESETS[name].data.replace(count=PICTURE_POINTS)
    result, side = QIcon(), theme.px(PICTURE)
    for scale in {1, theme.sharpness()}:
        result.addPixmap(points_picture(data.task, data.arrays, side, scale))
    return result


def points_picture(task: Task, points: Points, side: int, scale: int, dot: float = DOT) -> QPixmap:
    """Points as dots of a radius in pixels, in a picture of so many pixels a side, as sharp as the screen needs it."""
    pixmap = QPixmap(side * scale, side * scale)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.translate(pixmap.width() / 2, pixmap.height() / 2)
    painter.scale(scale, scale)
    unit = (side / 2 - dot) / abs(points.xy).max(initial=1)
    for (x1, x2), target in zip(points.xy.tolist(), points.targets.tolist(), strict=True):
        painter.setBrush(
            theme.class_colour(int(target)) if task.has_classes else theme.value_colour(target / task.full)
        )
        painter.drawEllipse(QPointF(x1 * unit, -x2 * unit), dot, dot)
    painter.end()
    pixmap.setDevicePixelRatio(scale)
    return pixmap


class BatchField(SliderField):
    """Batch size field: how many points to a gradient step: a number, or None for all of them."""

    def __init__(self) -> None:
        super().__init__(
            "Batch size",
            rule_of(Training, "batch_size"),
            (1, None),
            whole_or_all(MAX_POINTS),
            tip="How many points share one gradient step. Fewer make it quicker and less sure.",
        )

    def set_maximum(self, total: int) -> None:
        """How many training points there are: what “all” stands for."""
        below = {round(size) for size in by_decades(1, max(1, total))} - {total}
        self.set_stops((*sorted(below | {1}), None), whole_or_all(total))


class DatasetGrid(QWidget):
    """Button grid: one button for each dataset of a kind of task, the current one down."""

    chosen = Signal(str)

    def __init__(self, kind: str) -> None:
        super().__init__()
        self._names = tuple(name for name, row in DATASETS.items() if row.kind in (None, kind))
        self._group = QButtonGroup(self)
        buttons = []
        for i, name in enumerate(self._names):
            dataset = DATASETS[name]
            button = Button(role="tile", name=dataset.label, tip=f"{dataset.label}: {dataset.description}")
            button.setCheckable(True)
            if name == DRAWN:
                button.set_icon("pencil-simple", "muted")
            self._group.addButton(button, i)
            buttons.append(button)
        self.setLayout(tiled(buttons, COLUMNS))
        self._group.idClicked.connect(self._clicked)
        theme.theme().changed.connect(self._draw)
        self._draw()

    def _draw(self) -> None:
        """The pictures, as large as the text."""
        for name, button in zip(self._names, self._group.buttons(), strict=True):
            if name != DRAWN:
                button.setIcon(dataset_picture(name))
                button.setIconSize(QSize(theme.px(PICTURE), theme.px(PICTURE)))

    def setValue(self, name: str) -> None:
        """Put down the button of a dataset; emits nothing."""
        self._group.button(self._names.index(name)).setChecked(True)

    def _clicked(self, i: int) -> None:
        self.chosen.emit(self._names[i])


class DataPanel(Section):
    """Data panel: edits a Data. The field `batch` belongs to a Training and is wired by whoever holds one."""

    edited = Signal(object, str)  # the new Data, and what the user did
    gesture_ended = Signal()
    dataset_chosen = Signal(str)
    regenerate = Signal()
    cleared = Signal()

    def __init__(self) -> None:
        super().__init__("Data")
        self._value = Data()
        self._kinds = Choice("What is learned", Kind, {kind: TASKS[kind.name].description for kind in Kind})
        self._grids: dict[str, DatasetGrid] = {}
        self._place = as_part(QWidget(), "Datasets")
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
        self.batch = BatchField()
        self._classes = _field("Classes", "classes", range(2, MAX_CLASSES + 1), WHOLE, CLASSES_TIP)
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
        self.rows.addLayout(actions)
        for field in (self._count, self._noise, self._share, self.batch, self._classes):
            self.rows.addWidget(field)

    def _connect(self) -> None:
        self._kinds.chosen.connect(self._choose_kind)
        self._anew.clicked.connect(self.regenerate)
        self._clear.clicked.connect(self.cleared)
        self._count.changed.connect(self._set_count)
        self._noise.changed.connect(self._set_noise)
        self._share.changed.connect(self._set_share)
        self._classes.changed.connect(self._set_classes)
        for field in (self._count, self._noise, self._share, self._classes):
            field.gesture_ended.connect(self.gesture_ended)

    def value(self) -> Data:
        """The data as edited."""
        return self._value

    def setValue(self, data: Data) -> None:
        """Show these data; emits nothing."""
        self._value = data
        self._show_grid(data.kind)
        self._grids[data.kind].setValue(data.dataset)
        self._count.setValue(len(data.points) if data.dataset == DRAWN else data.count)
        self._noise.setValue(data.noise)
        self._share.setValue(data.train_share if data.dataset != DRAWN else _training_share(data))
        self._classes.setValue(data.classes)
        drawn = data.dataset == DRAWN
        for field in (self._count, self._noise):
            field.forbid(BY_HAND if drawn else "")
        self._anew.setEnabled(not drawn)
        self._anew.setToolTip(BY_HAND if drawn else "Draw other points of the same dataset, at random")
        self._classes.forbid(_why_no_classes(data))

    def _show_grid(self, kind: str) -> None:
        """The datasets of a kind of task; they are made when it is first chosen."""
        self._kinds.show_choice(Kind[kind])
        if kind not in self._grids:
            grid = self._grids[kind] = DatasetGrid(kind)
            grid.chosen.connect(self._choose)
            layout = self._place.layout()
            assert layout is not None
            layout.addWidget(grid)
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

    def _set_classes(self, classes: int) -> None:
        try:
            data = self._value.replace(classes=classes)
        except InvalidError:  # there are drawn points of a class that would vanish
            self._classes.setValue(self._value.classes)
            tell(self._classes, f"Erase the points of class {classes + 1} and above first.")
        else:
            self._take(data, "change the number of classes")


def _why_no_classes(data: Data) -> str:
    """Why their number cannot be changed; empty if it can."""
    dataset = DATASETS[data.dataset]
    if not data.task.has_classes:
        return f"There are no classes: {data.task.description}."
    return f"The dataset {dataset.label} has {dataset.classes} classes." if dataset.classes is not None else ""


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
    """Weights panel: edits the name of the initialiser, and asks for other weights from it."""

    edited = Signal(object, str)  # the new name, and what the user did
    new_weights = Signal()

    def __init__(self) -> None:
        super().__init__("Initial weights")
        tip = "The distribution that the weights are drawn from before training."
        self._choice = ChoiceField("Initial weights", INITIALISERS, tip, has_caption=False)
        self._choice.changed.connect(self._take)
        self._anew = Button("New weights", tip="Draw other initial weights at random, and start again")
        self._anew.clicked.connect(self.new_weights)
        self._keep = QCheckBox("Keep")
        self._keep.setAccessibleName("Keep weights")
        self._keep.setToolTip(
            "When the network is changed, weights that have a place in the new one stay as they are; the others are "
            "drawn afresh. Off: all are."
        )
        self._keep.setChecked(True)
        self.rows.addWidget(self._choice)
        row = QHBoxLayout()
        row.setSpacing(theme.GAP)
        row.addWidget(self._anew, 1)
        row.addWidget(self._keep)
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
