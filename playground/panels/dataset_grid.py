"""Dataset grid: a little picture of each dataset that there is for a kind of task."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from PySide6.QtCore import QPointF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QButtonGroup, QWidget

from engine.training import DATASETS, PRESETS, Points, Task
from playground.ui import theme
from playground.ui.controls import Button, tiled

COLUMNS = 5
PICTURE = 22  # pixels a side of a dataset's little picture at the usual text size
PICTURE_POINTS = 110
LATER = 250  # milliseconds after a grid is made, when its pictures are painted
DOT = 1.1  # radius, pixels


def _blank() -> QIcon:
    """Room for a picture."""
    pixmap = QPixmap(theme.px(PICTURE), theme.px(PICTURE))
    pixmap.fill(Qt.GlobalColor.transparent)
    return QIcon(pixmap)


def dataset_picture(name: str) -> QIcon:
    """A dataset as a little picture, painted from the points that its own generator gives."""
    row, data = DATASETS[name], PRESETS[name].data
    data = data.replace(count=row.count or PICTURE_POINTS)
    points, side, result = data.arrays.take(slice(PICTURE_POINTS)), theme.px(PICTURE), QIcon()
    for scale in {1, theme.sharpness()}:
        result.addPixmap(points_picture(data.task, points, side, scale))
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
        share = target / task.full
        painter.setBrush(theme.class_colour(int(target)) if task.has_classes else theme.value_colour(share))
        painter.drawEllipse(QPointF(x1 * unit, -x2 * unit), dot, dot)
    painter.end()
    pixmap.setDevicePixelRatio(scale)
    return pixmap


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
            tip = f"{dataset.label}: {dataset.description}"
            button = Button(role="tile", name=dataset.label, tip=f"{tip}.\n{dataset.source}" if dataset.source else tip)
            button.setCheckable(True)
            if dataset.icon:
                button.set_icon(dataset.icon, "muted")
            self._group.addButton(button, i)
            buttons.append(button)
        self.setLayout(tiled(buttons, COLUMNS))
        self._group.idClicked.connect(self._clicked)
        theme.theme().changed.connect(self._draw)
        self._show(lambda _: _blank())
        self._later = QTimer(self, interval=LATER, singleShot=True)  # the window need not wait for pictures
        self._later.timeout.connect(self._draw)
        self._later.start()

    @property
    def is_painted(self) -> bool:
        """Whether its pictures are there."""
        return not self._later.isActive()

    def _draw(self) -> None:
        """The pictures, as large as the text."""
        self._show(dataset_picture)

    def _show(self, picture: Callable[[str], QIcon]) -> None:
        for name, button in zip(self._names, self._group.buttons(), strict=True):
            if not DATASETS[name].icon:
                button.setIcon(picture(name))
                button.setIconSize(QSize(theme.px(PICTURE), theme.px(PICTURE)))

    def setValue(self, name: str) -> None:
        """Put down the button of a dataset; emits nothing."""
        self._group.button(self._names.index(name)).setChecked(True)

    def follow(self, widget: QWidget) -> None:
        """Have Tab come here after this one."""
        for before, after in pairwise([widget, *self._group.buttons()]):
            QWidget.setTabOrder(before, after)

    def _clicked(self, i: int) -> None:
        self.chosen.emit(self._names[i])
