"""Output view: what the network says over the plane, or one neuron of it, and the tools that edit the points.

What it says at the place that is pointed at is read off the pictures that are shown: it is there at once, at each frame
and without the worker, it is what the eye sees there, and as exact as colours are, to 1 % of the scale.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QSize, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QMenu, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from engine.training import MAX_CLASSES, Points
from playground.runtime.frame import Frame
from playground.ui import theme
from playground.ui.controls import as_part
from playground.views.plane.buttons import Palette, ToolButton, in_row
from playground.views.plane.foot import Foot
from playground.views.plane.menu import PointMenu
from playground.views.plane.options import ViewOptions
from playground.views.plane.plane import Plane
from playground.views.plane.subject import TITLE, Neuron, answer_at, subject_of
from playground.views.plane.tools import TOOLS
from playground.views.plane.truth import TruthTable

TITLE_ROOM = 84  # pixels for LAYER 1 NEURON 12 in two lines


class OutputView(QWidget):
    """Output view: the plane under its title, tools and classes, above the place that the pointer is at."""

    painted = Signal(object, int, int)  # places (n, 2), label from 0, stroke
    erased = Signal(object, int)  # indices into the points shown, stroke
    moved = Signal(int, float, float, int)  # index, x1, x2, stroke
    relabelled = Signal(int, int)  # index, label
    cleared = Signal()
    looked = Signal(int)  # index of a point to be looked at closely
    pointed = Signal(object)  # the place (2,) that the pointer or the crosshair is at, None outside
    label_chosen = Signal(int)
    option_changed = Signal(str, bool)  # a name of OPTIONS

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Output")
        self._frame: Frame | None = None
        self._neuron: Neuron | None = None
        self._looked_at: int | None = None
        self._place: NDArray[np.float64] | None = None

        self._title = QLabel(TITLE)
        self._title.setProperty("role", "title")
        self._title.setWordWrap(True)
        self._title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)  # it never moves the buttons
        self.plane, self._palette, self._foot = Plane(), Palette(), Foot()
        self._truth = TruthTable()
        self._options, self._menu = ViewOptions(self), PointMenu(self)
        self._tools = self._tool_buttons()
        self._lay_out()
        self._connect()
        self._recolour()
        self.choose_tool("draw")
        self.set_classes(2)

    def _connect(self) -> None:
        plane = self.plane
        for asked, here in (
            (plane.painted, self.painted),
            (plane.erased, self.erased),
            (plane.moved, self.moved),
            (plane.looked, self.looked),
            (plane.pointed, self.pointed),
            (self._menu.class_chosen, self.relabelled),
            (self._menu.look_asked, self.looked),
            (self._options.changed, self.option_changed),
        ):
            asked.connect(here)
        self._menu.erase_asked.connect(plane.erase_point)
        plane.menu_asked.connect(self._open_menu)
        plane.pointed.connect(self._point_at)
        self._options.changed.connect(self._show_options)
        self._palette.chosen.connect(self.choose_label)
        self._palette.more_asked.connect(self._add_class)
        theme.theme().changed.connect(self._recolour)

    # ── showing ──────────────────────────────────────────────────────────────────────────────────────────────────

    def show_frame(self, frame: Frame) -> None:
        """Paint the boundary, or the map of the neuron that is pointed at."""
        self._frame = frame
        subject = subject_of(frame, self._neuron, self._options.is_on("steps"))
        self._title.setText(subject.title)
        self.plane.show_subject(subject, self._options.is_on("contours"))
        self.plane.dots.show_wrong(frame.wrong)
        self._truth.show_frame(frame)
        if self._place is not None:
            self._point_at(self._place)

    def show_neuron(self, neuron: Neuron | None) -> None:
        """Show one neuron, (column, unit) with the features as column 0, in place of the boundary; or no longer."""
        self._neuron = neuron
        self._show_again()

    def show_points(self, points: Points) -> None:
        """Show the points as they are now."""
        self.plane.show_points(points)
        self.look_at(self._looked_at)

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

    @property
    def options(self) -> dict[str, QAction]:
        """What can be shown or not, by the names in OPTIONS, for menus."""
        return self._options.actions

    def set_option(self, name: str, on: bool) -> None:
        """Show something of OPTIONS, or not."""
        self._options.set(name, on)

    def _show_options(self) -> None:
        self.plane.dots.choose(test=self._options.is_on("test"), wrong=self._options.is_on("wrong"))
        self._show_again()

    def _show_again(self) -> None:
        if self._frame is not None:
            self.show_frame(self._frame)

    def _point_at(self, place: NDArray[np.float64] | None) -> None:
        self._place = place
        if place is None:
            self._foot.show_hint(TOOLS[self.plane.tool].hint)
        else:
            self._foot.show_place(place, answer_at(self._frame, place, self._neuron) if self._frame else "")

    # ── the hand ─────────────────────────────────────────────────────────────────────────────────────────────────

    def set_classes(self, count: int) -> None:
        """Offer this many classes, and one more to add."""
        if count != self.plane.classes:
            self.plane.classes = count
            self.plane.choose_label(min(self.plane.label, count - 1))
        self._show_palette()

    def choose_tool(self, name: str) -> None:
        """Take up "draw", "move" or "erase"."""
        self._tools.button(list(TOOLS).index(name)).setChecked(True)
        self.plane.choose_tool(name)
        self._point_at(self._place)

    def choose_label(self, label: int) -> None:
        """Draw points of a class, counted from 0: one that the data have, or one that they are to get."""
        if 0 <= label < MAX_CLASSES:
            self.plane.choose_label(label)
            self.choose_tool("draw")
            self._show_palette()
            self.label_chosen.emit(label)

    def _show_palette(self) -> None:
        self._palette.show_classes(max(self.plane.classes, self.plane.label + 1), self.plane.label)
        self._arrange()

    def _add_class(self) -> None:
        self.choose_label(max(self.plane.classes, self.plane.label + 1))

    def _tool_clicked(self, index: int) -> None:
        self.choose_tool(list(TOOLS)[index])

    def _open_menu(self, point: int, at: QPoint) -> None:
        x1, x2 = self.plane.points.xy[point].tolist()
        self._menu.open(point, (x1, x2), int(self.plane.points.labels[point]), self.plane.classes, at)

    # ── putting together ─────────────────────────────────────────────────────────────────────────────────────────

    def _tool_buttons(self) -> QButtonGroup:
        group = QButtonGroup(self)
        for index, tool in enumerate(TOOLS.values()):
            group.addButton(ToolButton(tool.label, tool.tip, tool.icon, checkable=True), index)
        group.idClicked.connect(self._tool_clicked)
        return group

    def _lay_out(self) -> None:
        clear = ToolButton("Erase all points", "An empty plane to draw on; Undo brings the points back", "trash")
        clear.clicked.connect(self.cleared)
        shown = ToolButton("What is shown", "Test points, wrong points, shades and contours: shown or not", "eye")
        menu = QMenu(shown)
        menu.setToolTipsVisible(True)
        menu.addActions(list(self.options.values()))
        shown.setMenu(menu)
        shown.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._top, self._below = QHBoxLayout(), QHBoxLayout()
        self._tool_row = as_part(in_row([*self._tools.buttons(), clear, shown]), "Drawing tools")
        self._top.setSpacing(theme.GAP)
        self._top.addWidget(self._title, 1)
        self._top.addWidget(self._tool_row)
        self._below.addWidget(self._palette)
        self._below.addStretch(1)
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(theme.GAP // 2)
        self._rows.addLayout(self._top)
        self._rows.addLayout(self._below)
        self._rows.addWidget(self.plane, 1)
        self._rows.addWidget(self._foot)
        self._rows.addWidget(self._truth)

    def _recolour(self) -> None:
        self._title.setMinimumWidth(theme.px(TITLE_ROOM))
        self._show_again()
        self._arrange()

    def _arrange(self) -> None:
        """The classes stand beside the tools where there is room for both, or else have a row of their own."""
        buttons = self._palette.sizeHint().width() + self._tool_row.sizeHint().width()
        needed = theme.px(TITLE_ROOM) + buttons + 2 * self._top.spacing()
        row, other = (self._top, self._below) if needed <= self.width() else (self._below, self._top)
        if row.indexOf(self._palette) < 0:
            other.removeWidget(self._palette)
            row.insertWidget(2 if row is self._top else 0, self._palette)

    def height_at(self, width: int) -> int:
        """The height at which the plane fills its width, as a square."""
        others = self._rows.totalMinimumSize().height() - self.plane.minimumHeight()
        return int(others + self.plane.height_at(width))

    def minimumSizeHint(self) -> QSize:
        # what the rows need one below the other: side by side they must not keep the window from shrinking
        tools = theme.px(TITLE_ROOM) + self._top.spacing() + self._tool_row.minimumSizeHint().width()
        widest = max(self._palette.minimumSizeHint().width(), tools, self._foot.minimumSizeHint().width())
        return QSize(widest, super().minimumSizeHint().height())

    def event(self, event: QEvent) -> bool:
        handled = super().event(event)
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            self._arrange()
        return handled
