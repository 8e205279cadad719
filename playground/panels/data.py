"""Data panel: the points of an experiment, what the network sees of them, and how its weights start.

Three panels for one column, each over one value: `DataPanel` over Data, `FeaturesPanel` over the names of the
features, `WeightsPanel` over the name of the initialiser. The fields `batch` and `shuffle` beside the points belong to
a Training, and `seed` to the Experiment: they are wired by whoever holds one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QButtonGroup, QCheckBox, QHBoxLayout, QWidget

from engine.nn import INITIALISERS
from engine.training import (
    DATASETS,
    DRAWN,
    FEATURES,
    MAX_CLASSES,
    MAX_POINTS,
    PRESETS,
    Data,
    Experiment,
    InvalidError,
    Network,
    Training,
    rule_of,
)
from playground.ui import theme
from playground.ui.controls import Button, as_part, caption_label, tell, tiled
from playground.ui.fields import Chips, ChoiceField, NumberField, SliderField, by_decades
from playground.ui.number_format import PERCENT, WHOLE, Notation, read_whole, whole_or_all
from playground.ui.section import Section

COLUMNS = 4
PICTURE = 30  # pixels a side of a dataset's little picture at the usual text size
PICTURE_POINTS = 110
DOT = 1.1  # radius, pixels
ROOM_FOR_SEED = "0000000"  # longer ones are seen in part
CLASSES_TIP = "How many classes there are to tell apart."
SHUFFLE_TIP = "Shuffle: each epoch deals the points out in another order. Off: always in their own."
BY_HAND = "The points are drawn by hand. Choose a dataset to have points made."


def dataset_picture(name: str) -> QIcon:
    """A dataset as a little picture, painted from the points that its own generator gives."""
    points = PRESETS[name].data.replace(count=PICTURE_POINTS).arrays
    result, side = QIcon(), theme.px(PICTURE)
    for scale in {1, theme.sharpness()}:
        pixmap = QPixmap(side * scale, side * scale)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.translate(pixmap.width() / 2, pixmap.height() / 2)
        painter.scale(scale, scale)
        unit = (side / 2 - DOT) / abs(points.xy).max()
        for (x1, x2), label in zip(points.xy.tolist(), points.labels.tolist(), strict=True):
            painter.setBrush(theme.class_colour(label))
            painter.drawEllipse(QPointF(x1 * unit, -x2 * unit), DOT, DOT)
        painter.end()
        pixmap.setDevicePixelRatio(scale)
        result.addPixmap(pixmap)
    return result


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


class SeedField(NumberField):
    """Seed field: what the initial weights, the batches and dropout are drawn from, in one row with its name."""

    def __init__(self) -> None:
        super().__init__("Seed", rule_of(Experiment, "seed"), Notation(str, read_whole))
        tip = "The same seed draws the same weights, batches and dropout. Type one to have its weights."
        self.setToolTip(tip)
        self._figure.setAccessibleName("Seed")
        self._figure.setAccessibleDescription(tip)
        self._figure.keep_room_for([ROOM_FOR_SEED])
        caption = caption_label("Seed")
        caption.setBuddy(self._figure)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(caption)
        row.addWidget(self._figure)
        row.addStretch()


class DatasetGrid(QWidget):
    """Button grid: one button a dataset, the current one down."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._names = tuple(DATASETS)
        self._group = QButtonGroup(self)
        buttons = []
        for i, (name, dataset) in enumerate(DATASETS.items()):
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
        self._grid = as_part(DatasetGrid(), "Datasets")
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
        self._lay_out()
        self._connect()
        self.setValue(self._value)

    def _lay_out(self) -> None:
        actions = QHBoxLayout()
        actions.setSpacing(theme.GAP)
        actions.addWidget(self._anew, 1)
        actions.addWidget(self._clear)
        self.rows.addWidget(self._grid)
        self.rows.addLayout(actions)
        batches = QHBoxLayout()
        batches.setSpacing(theme.GAP // 2)
        batches.addWidget(self.batch, 1)
        batches.addWidget(self._shuffle)
        for field in (self._count, self._noise, self._share):
            self.rows.addWidget(field)
        self.rows.addLayout(batches)
        self.rows.addWidget(self._classes)

    def _connect(self) -> None:
        self._grid.chosen.connect(self._choose)
        self._anew.clicked.connect(self.regenerate)
        self._clear.clicked.connect(self.cleared)
        self._count.changed.connect(self._set_count)
        self._noise.changed.connect(self._set_noise)
        self._share.changed.connect(self._set_share)
        self._classes.changed.connect(self._set_classes)
        self._shuffle.clicked.connect(self.shuffle_chosen)
        for field in (self._count, self._noise, self._share, self._classes):
            field.gesture_ended.connect(self.gesture_ended)

    def value(self) -> Data:
        """The data as edited."""
        return self._value

    def set_shuffle(self, on: bool) -> None:
        """Show whether the points are shuffled; emits nothing."""
        self._shuffle.setChecked(on)

    def setValue(self, data: Data) -> None:
        """Show these data; emits nothing."""
        self._value = data
        self._grid.setValue(data.dataset)
        self._count.setValue(len(data.points) if data.dataset == DRAWN else data.count)
        self._noise.setValue(data.noise)
        self._share.setValue(data.train_share if data.dataset != DRAWN else _training_share(data))
        self._classes.setValue(data.classes)
        drawn, dataset = data.dataset == DRAWN, DATASETS[data.dataset]
        for field in (self._count, self._noise):
            field.forbid(BY_HAND if drawn else "")
        self._anew.setEnabled(not drawn)
        self._anew.setToolTip(BY_HAND if drawn else "Draw other points of the same dataset, at random")
        fixed = dataset.classes is not None
        self._classes.forbid(f"The dataset {dataset.label} has {dataset.classes} classes." if fixed else "")

    def _choose(self, name: str) -> None:
        if name != self._value.dataset:
            self.dataset_chosen.emit(name)
        self._grid.setValue(self._value.dataset)  # whoever heard it may have decided otherwise

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


class FeaturesPanel(Section):
    """Features panel: edits the tuple of features that the network is given to see."""

    edited = Signal(object, str)  # the new names, and what the user did

    def __init__(self) -> None:
        super().__init__("Features")
        self._chips = Chips(FEATURES, COLUMNS, "Give the network {} of each point")
        self._chips.changed.connect(self._take)
        self.rows.addWidget(self._chips)
        self.setValue(Network().features)

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
        self.seed = SeedField()
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
