"""Output view: what the network says over the plane, or one neuron of it, and the tools that edit the points."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from engine.training import FEATURES, MAX_CLASSES, Points
from playground.runtime.frame import Frame
from playground.runtime.pictures import CONFIDENCE_LEVELS
from playground.ui import theme
from playground.ui.controls import Courteous
from playground.views.plane.plane import Plane
from playground.views.plane.tools import TOOLS

TITLE = "OUTPUT"
TITLE_ROOM = 126  # for LAYER 1 NEURON 12
HINT = "Click to add, drag to paint"


class OutputView(QWidget):
    """Output view: the plane under its title, tools and classes, above the place that the pointer is at."""

    painted = Signal(object, int, int)  # places (n, 2), label from 0, stroke
    erased = Signal(object, int)  # indices into the points shown, stroke
    moved = Signal(int, float, float, int)  # index, x1, x2, stroke
    looked = Signal(int)  # index of a point to be looked at closely
    label_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Output")
        self._frame: Frame | None = None
        self._neuron: tuple[int, int] | None = None
        self._looked_at: int | None = None
        self._place: NDArray[np.float64] | None = None

        self._title = QLabel(TITLE)
        self._title.setProperty("role", "title")
        self._title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)  # it never moves the buttons
        self._readout = QLabel()
        self._readout.setProperty("role", "small")
        self.plane = Plane()
        self._tools = self._tool_buttons()
        self._chips = self._class_buttons()
        self._more = self._button("Add a class", "Add a class, and draw points of it; its number key does the same")
        self._more.clicked.connect(self._add_class)
        self._lay_out()

        self.plane.painted.connect(self.painted)
        self.plane.erased.connect(self.erased)
        self.plane.moved.connect(self.moved)
        self.plane.looked.connect(self.looked)
        self.plane.pointed.connect(self._point_at)
        theme.theme().changed.connect(self._recolour)
        self._recolour()
        self.choose_tool("draw")
        self.set_classes(2)
        self._point_at(None)

    def show_frame(self, frame: Frame) -> None:
        """Paint the boundary, or the map of the neuron that is pointed at."""
        self._frame = frame
        if self._neuron is not None and _has(frame, *self._neuron):
            column, unit = self._neuron
            self._title.setText(_name(frame, column, unit))
            speaks_for_a_class = column == len(frame.maps) - 1 and len(frame.maps[column]) > 1
            colours = (
                _output_colours(unit, theme.current())
                if speaks_for_a_class
                else _map_colours(len(frame.maps[-1]), theme.current())
            )
            self.plane.show_picture(frame.maps[column][unit], colours)
        else:
            self._title.setText(TITLE)
            self.plane.show_picture(frame.boundary, _boundary_colours(frame.experiment.data.classes, theme.current()))

    def show_neuron(self, neuron: tuple[int, int] | None) -> None:
        """Show one neuron, (column, unit) with the features as column 0, in place of the boundary; or no longer."""
        self._neuron = neuron
        if self._frame is not None:
            self.show_frame(self._frame)

    def show_points(self, points: Points) -> None:
        """Show the points as they are now."""
        self.plane.show_points(points)
        self.look_at(self._looked_at)
        self._point_at(self._place)

    def look_at(self, point: int | None) -> None:
        """Ring a point, by its index, or none."""
        self._looked_at = point
        points = self.plane.points
        self.plane.marks.look_at(points.xy[point] if point is not None and point < len(points) else None)

    def show_pulls(self, pulls: tuple[NDArray[np.int64], NDArray[np.float64]] | None) -> None:
        """Draw which way points, by their indices, would have a weight go; or nothing."""
        rows, sizes = (np.empty(0, np.int64), np.empty(0)) if pulls is None else pulls
        there = rows < len(self.plane.points)
        self.plane.marks.show_pulls(self.plane.points.xy[rows[there]], sizes[there])

    def set_classes(self, count: int) -> None:
        """Offer this many classes, and one more to add."""
        if count != self.plane.classes:
            self.plane.classes = count
            self.plane.label = min(self.plane.label, count - 1)
        self._show_chips()

    def choose_tool(self, name: str) -> None:
        """Take up "draw", "move" or "erase"."""
        self._tools.button(list(TOOLS).index(name)).setChecked(True)
        self.plane.choose_tool(name)

    def choose_label(self, label: int) -> None:
        """Draw points of a class, counted from 0: one that the data have, or one that they are to get."""
        if 0 <= label < MAX_CLASSES:
            self.plane.label = label
            self.choose_tool("draw")
            self._show_chips()
            self.label_chosen.emit(label)

    def _show_chips(self) -> None:
        shown = max(self.plane.classes, self.plane.label + 1)
        for label, chip in enumerate(self._chips.buttons()):
            chip.setVisible(label < shown)
        self._chips.button(self.plane.label).setChecked(True)
        self._more.setVisible(shown < MAX_CLASSES)
        self._arrange()

    def _add_class(self) -> None:
        self.choose_label(max(self.plane.classes, self.plane.label + 1))

    def _point_at(self, place: NDArray[np.float64] | None) -> None:
        self._place = place
        if not len(self.plane.points):
            self._readout.setText(HINT)
        elif place is None:
            self._readout.clear()
        else:
            x1, x2 = (f"{value:.2f}".replace("-0.00", "0.00").replace("-", "−") for value in place)
            self._readout.setText(f"x₁ {x1}  x₂ {x2}")

    def _recolour(self) -> None:
        for button, tool in zip(self._tools.buttons(), TOOLS.values(), strict=True):
            button.setIcon(theme.icon(tool.icon))
        for label, chip in enumerate(self._chips.buttons()):
            chip.setIcon(_marker_icon(label))
        self._more.setIcon(theme.icon("plus", "muted"))
        if self._frame is not None:
            self.show_frame(self._frame)

    def _tool_buttons(self) -> QButtonGroup:
        group = QButtonGroup(self)
        for index, tool in enumerate(TOOLS.values()):
            group.addButton(self._button(tool.label, tool.tip, checkable=True), index)
        group.idClicked.connect(self._tool_clicked)
        return group

    def _tool_clicked(self, index: int) -> None:
        self.choose_tool(list(TOOLS)[index])

    def _class_buttons(self) -> QButtonGroup:
        group = QButtonGroup(self)
        for label in range(MAX_CLASSES):
            tip = f"Draw points of class {label + 1} ({label + 1})"
            group.addButton(self._button(f"Class {label + 1}", tip, checkable=True), label)
        group.idClicked.connect(self.choose_label)
        return group

    def _button(self, name: str, tip: str, *, checkable: bool = False) -> QToolButton:
        button = _ToolButton()
        button.setAccessibleName(name)
        button.setToolTip(tip)
        button.setCheckable(checkable)
        button.setIconSize(QSize(theme.ICON_SIZE, theme.ICON_SIZE))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the crosshair where it is
        return button

    def _lay_out(self) -> None:
        self._top, self._below = QHBoxLayout(), QHBoxLayout()
        self._tool_row, self._chip_row = _row(self._tools.buttons()), _row([*self._chips.buttons(), self._more])
        self._top.setSpacing(theme.GAP)
        self._top.addWidget(self._title, 1)
        self._top.addWidget(self._tool_row)
        self._below.addWidget(self._chip_row)
        self._below.addStretch(1)
        legend = QLabel("solid: training · pale: test")
        legend.setProperty("role", "small")
        legend.setToolTip("The network learns from the solid points; the pale ones are held back to test it")
        foot = QHBoxLayout()
        foot.addWidget(self._readout, 1)
        foot.addWidget(legend)
        self._readout.setFixedHeight(self._readout.fontMetrics().height() + theme.GAP // 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.GAP // 2)
        layout.addLayout(self._top)
        layout.addLayout(self._below)
        layout.addWidget(self.plane, 1)
        layout.addLayout(foot)
        self._arrange()

    def _arrange(self) -> None:
        """The classes stand beside the tools where there is room for both, or else have a row of their own."""
        buttons = self._chip_row.sizeHint().width() + self._tool_row.sizeHint().width()
        needed = TITLE_ROOM + buttons + 2 * self._top.spacing()
        row, other = (self._top, self._below) if needed <= self.width() else (self._below, self._top)
        if row.indexOf(self._chip_row) < 0:
            other.removeWidget(self._chip_row)
            row.insertWidget(1 if row is self._top else 0, self._chip_row)

    def minimumSizeHint(self) -> QSize:
        # what the rows need one below the other: side by side they must not keep the window from shrinking
        widest = max(self._chip_row.sizeHint().width(), TITLE_ROOM + self._tool_row.sizeHint().width())
        return QSize(widest, super().minimumSizeHint().height())

    def event(self, event: QEvent) -> bool:
        handled = super().event(event)
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            self._arrange()
        return handled


class _ToolButton(Courteous, QToolButton):
    """Tool button: a small button with an icon."""


def _row(buttons: Iterable[QWidget]) -> QWidget:
    """Buttons side by side."""
    row = QWidget()
    layout = QHBoxLayout(row)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(theme.GAP // 4)
    for button in buttons:
        layout.addWidget(button)
    return row


def _has(frame: Frame, column: int, unit: int) -> bool:
    return column < len(frame.maps) and unit < len(frame.maps[column])


def _name(frame: Frame, column: int, unit: int) -> str:
    """What a map is a map of; neurons are counted from 1."""
    if column == 0:
        return f"FEATURE · {FEATURES[frame.experiment.network.features[unit]].label}"
    if column < len(frame.maps) - 1:
        return f"LAYER {column} NEURON {unit + 1}"
    return TITLE if len(frame.maps[column]) == 1 else f"{TITLE} · CLASS {unit + 1}"


@cache
def _map_colours(outputs: int, _: theme.Palette) -> NDArray[np.uint8]:
    return theme.map_colours(theme.current().ground, outputs)


@cache
def _output_colours(label: int, _: theme.Palette) -> NDArray[np.uint8]:
    return theme.output_colours(label)


@cache
def _boundary_colours(classes: int, _: theme.Palette) -> NDArray[np.uint8]:
    return theme.boundary_colours(classes, CONFIDENCE_LEVELS)


def _marker_icon(label: int) -> QIcon:
    """A class's marker in its colour."""
    pixmap = QPixmap(2 * theme.ICON_SIZE, 2 * theme.ICON_SIZE)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(pixmap.rect().center())
    shape = pg.graphicsItems.ScatterPlotItem.Symbols[theme.MARKERS[label]]
    painter.scale(1.3 * theme.ICON_SIZE, 1.3 * theme.ICON_SIZE)
    painter.fillPath(shape, theme.class_colour(label))
    painter.end()
    pixmap.setDevicePixelRatio(2)
    return QIcon(pixmap)
