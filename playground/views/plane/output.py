"""Output view: what the network says over the plane, or one neuron of it, and the tools that edit the points.

What it says at the place that is pointed at is read off the pictures that are shown: it is there at once, at each frame
and without the worker, and as exact as colours are, to 1 % of the scale; values are told as they are.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QSize, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QMenu, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from engine.microscope.regions import curved_activation
from engine.training import MAX_CLASSES, Data, Points, Task
from playground.runtime.frame import Frame
from playground.runtime.thinning import drawn_in_words
from playground.ui import theme
from playground.ui.controls import as_part
from playground.views.formulas import region_in_words
from playground.views.plane.brush import PEN, SETTINGS
from playground.views.plane.buttons import Palette, ToolButton, in_row
from playground.views.plane.contours import contours
from playground.views.plane.foot import Foot
from playground.views.plane.layers import NO_POINTS
from playground.views.plane.lines import Lines, guessed_lines, lines_in_words, region_lines, zero_lines
from playground.views.plane.menu import PlaneMenu
from playground.views.plane.options import ViewOptions
from playground.views.plane.plane import ON_POINT, Plane
from playground.views.plane.strokes import nearest
from playground.views.plane.subject import TITLE, Neuron, Subject, answer_at, subject_of
from playground.views.plane.toolbox import FamilyButton
from playground.views.plane.tools import TOOLS
from playground.views.plane.truth import TruthTable

TITLE_ROOM = 84  # pixels for LAYER 1 NEURON 12 in two lines


class OutputView(QWidget):
    """Output view: the plane under its title, tools and classes, above the place that the pointer is at."""

    painted = Signal(object, int, bool, int)  # places (n, 2), label from 0, whether to test, stroke
    erased = Signal(object, int)  # indices into the points shown, stroke
    moved = Signal(object, object, str, int)  # indices, places (n, 2), what is done to them, stroke
    duplicated = Signal(object, object)  # indices, how far (2,) from them
    relabelled = Signal(object, int)  # indices, label
    copied = Signal(object)  # indices
    pasted = Signal(object)  # Points
    cleared = Signal()
    looked = Signal(int)  # index of a point to be looked at closely
    explained = Signal(object)  # a place (2,) to be looked at closely
    pointed = Signal(object)  # the place (2,) that the pointer or the crosshair is at, or else the one that is held
    label_chosen = Signal(int)
    option_changed = Signal(str, bool)  # a name of OPTIONS
    area_changed = Signal(object)  # the Area of the plane that is looked at
    train_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Output")
        self._frame: Frame | None = None
        self._neuron: Neuron | None = None
        self._layer = 0
        self._looked_at: int | None = None
        self._held: NDArray[np.float64] | None = None  # the place that is shown while none is pointed at
        self._place: NDArray[np.float64] | None = None

        self._title = QLabel(TITLE)
        self._title.setProperty("role", "title")
        self._title.setWordWrap(True)
        self._title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)  # it never moves the buttons
        self.plane, self._palette, self._foot = Plane(), Palette(), Foot()
        self._truth = TruthTable()
        self._options, self._menu = ViewOptions(self), PlaneMenu(self.plane, self)
        self._buttons = self._family_buttons()
        self._lay_out()
        self._connect()
        self._recolour()
        self.choose_tool("draw")
        self.set_task(self.plane.task)

    def _connect(self) -> None:
        plane = self.plane
        for asked, here in (
            (plane.painted, self.painted),
            (plane.erased, self.erased),
            (plane.moved, self.moved),
            (plane.duplicated, self.duplicated),
            (plane.looked, self.looked),
            (plane.explained, self.explained),
            (plane.area_changed, self.area_changed),
            (plane.train_asked, self.train_asked),
            (self._menu.relabelled, self.relabelled),
            (self._menu.looked, self.looked),
            (self._menu.explained, self.explained),
            (self._options.changed, self.option_changed),
        ):
            asked.connect(here)
        plane.menu_asked.connect(self._menu.open)
        plane.selection.changed.connect(self._show_hint)
        plane.radius_turned.connect(self.grow_brush)
        plane.pointed.connect(self._point_at)
        plane.pointed.connect(self._tell_pointed)
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
        self.plane.show_subject(subject)
        self.plane.lines.show_lines(self._lines(frame, subject))
        self.plane.dots.show_wrong(frame.wrong if frame.seen.fit is None else NO_POINTS)  # a curve joins them
        self._truth.show_frame(frame)
        self.plane.fit.show_fit(frame.seen, frame.wrong if self._options.is_on("wrong") else NO_POINTS)
        if self._place is not None or self._options.is_on("regions"):
            self._point_at(self._place)

    def _lines(self, frame: Frame, subject: Subject) -> list[Lines]:
        is_on, result = self._options.is_on, []
        if is_on("contours"):
            result.append(Lines(contours(subject.picture, subject.area, subject.of_classes)))
        if is_on("regions"):
            result += region_lines(frame)
        if is_on("zeros"):
            result += zero_lines(frame, self._layer, self._neuron)
        if frame.guess is not None:
            result += guessed_lines(frame.guess.lines)
        return result

    def show_layer(self, layer: int) -> None:
        """Have zero lines, if they are shown, be those of a hidden layer, counted from 0."""
        if layer != self._layer:
            self._layer = layer
            self._show_again()

    def show_neuron(self, neuron: Neuron | None) -> None:
        """Show one neuron, (column, unit) with the features as column 0, in place of the boundary; or no longer."""
        self._neuron = neuron
        self._show_again()

    def show_data(self, data: Data) -> None:
        """Show the points as they are now, and offer what there is to draw."""
        self.set_task(data.task)
        self.plane.show_data(data)
        self._point_at(self._place)
        self.look_at(self._looked_at)

    def look_at(self, point: int | None) -> None:
        """Ring a point, by its index, or none."""
        self._looked_at = point
        self._ring_place()

    def hold(self, place: NDArray[np.float64] | None) -> None:
        """Have a place (2,) be as if it was pointed at, while none is, and ring it; or no longer."""
        if place is not self._held:
            self._held = place
            self._ring_place()
            self._tell_pointed(self._place)

    def _tell_pointed(self, place: NDArray[np.float64] | None) -> None:
        self.pointed.emit(self._held if place is None else place)

    def _ring_place(self) -> None:
        point, points = self._looked_at, self.plane.points
        is_there = point is not None and point < len(points)
        self.plane.marks.look_at(points.xy[point] if is_there else self._held)

    def explain(self) -> None:
        """Ask for the place that is pointed at, or else the one where the crosshair was last, to be explained."""
        self.explained.emit(self.plane.crosshair if self._place is None else self._place)

    @property
    def options(self) -> dict[str, QAction]:
        """What can be shown or not, by the names in OPTIONS, for menus."""
        return self._options.actions

    def set_option(self, name: str, on: bool) -> None:
        """Show something of OPTIONS, or not."""
        self._options.set(name, on)

    def _show_options(self) -> None:
        self.plane.choose_shown(test=self._options.is_on("test"), wrong=self._options.is_on("wrong"))
        self._point_at(self._place)
        self._show_again()

    def _show_again(self) -> None:
        if self._frame is not None:
            self.show_frame(self._frame)

    def _point_at(self, place: NDArray[np.float64] | None) -> None:
        self._place = place
        if place is None:
            self._foot.show_hint(self._hint())
        else:
            self._foot.show_place(place, self.plane.axes, self.plane.area.side, self._answer(place))

    def _answer(self, place: NDArray[np.float64]) -> str:
        if (frame := self._frame) is None:
            return ""
        is_asked = self._options.is_on("regions") and self._neuron is None
        if is_asked and not curved_activation(frame.experiment):
            return region_in_words(frame, place)
        point = nearest(self.plane, place, ON_POINT) if self.plane.points == frame.experiment.data.arrays else None
        return answer_at(frame, place, self._neuron, point)

    def _hint(self) -> str:
        tool, brush, selected = TOOLS[self.plane.tool], self.plane.brush, len(self.plane.selection)
        if selected:
            return f"{selected:,} selected: drag, arrow keys, Delete"
        of_lines = self._frame and lines_in_words(self._frame.experiment, self._options.is_on)
        if told := of_lines or drawn_in_words(len(self.plane.points)):
            return told
        return f"{tool.hint} · test points" if tool.draws and brush.test else tool.hint

    def _show_hint(self) -> None:
        if self._place is None:
            self._foot.show_hint(self._hint())

    # ── the hand ─────────────────────────────────────────────────────────────────────────────────────────────────

    def set_task(self, task: Task) -> None:
        """Offer what there is to draw for a task."""
        if task != self.plane.task:
            self.plane.task = task
            self.plane.choose_label(min(self.plane.label, len(task.choices) - 1))
        self._show_palette()

    def choose_tool(self, name: str) -> None:
        """Take up a tool of TOOLS."""
        button = self._buttons[TOOLS[name].family]
        button.show_tool(name)
        button.setChecked(True)
        self.plane.choose_tool(name)
        self._point_at(self._place)

    def choose_label(self, label: int) -> None:
        """Draw points of a class, counted from 0, one that the data have or one that they are to get; or else give the
        points that are selected to it.
        """
        if not 0 <= label < (MAX_CLASSES if self.plane.task.has_classes else len(self.plane.task.choices)):
            return
        self.plane.choose_label(label)
        if len(self.plane.selection):
            self.relabelled.emit(self.plane.selection.indices, label)
        elif TOOLS[self.plane.tool].family != PEN:
            self.choose_tool("draw")
        self._show_palette()
        self.label_chosen.emit(label)

    def _show_palette(self) -> None:
        self._palette.show_choices(self.plane.task, self.plane.label)
        self._arrange()

    def _add_class(self) -> None:
        self.choose_label(max(len(self.plane.task.choices), self.plane.label + 1))

    def _tool_clicked(self, button: FamilyButton) -> None:
        if TOOLS[self.plane.tool].family != button.family:
            self.choose_tool(button.tool)
        elif button.menu():
            button.showMenu()

    @property
    def draws_test(self) -> bool:
        """Whether new points are held back to test the network."""
        return self.plane.brush.test

    def set_draws_test(self, on: bool) -> None:
        """Have new points be held back to test the network, or not."""
        self.plane.brush.test = on
        self._brush_changed()

    def grow_brush(self, factor: float) -> None:
        """A larger or smaller radius for the tool in hand, if it has one."""
        if name := TOOLS[self.plane.tool].radius:
            rule, brush = SETTINGS[name].rule, self.plane.brush
            radius = float(f"{getattr(brush, name) * factor:.3g}")
            setattr(brush, name, min(max(radius, rule.low), rule.high))
            self._brush_changed()

    def _brush_changed(self) -> None:
        self.plane.show_cursor()
        self._point_at(self._place)

    # ── the selection ────────────────────────────────────────────────────────────────────────────────────────────

    def select(self, indices: NDArray[np.int64]) -> None:
        """Select points, by their indices, with a tool in hand that moves them."""
        if not TOOLS[self.plane.tool].holds:
            self.choose_tool("select")
        self.plane.select(indices)

    def select_all(self) -> None:
        """Select all points that are seen."""
        self.select(np.flatnonzero(self.plane.seen()))

    def delete(self) -> None:
        """Erase what is selected."""
        self.plane.erase(self.plane.selection.indices)

    def copy(self) -> None:
        """Ask for what is selected to be put on the clipboard."""
        self.copied.emit(self.plane.selection.indices)

    def cut(self) -> None:
        """The same, and erase it."""
        self.copy()
        self.delete()

    def paste(self, points: Points) -> None:
        """Add points that were copied, and select them."""
        before = len(self.plane.points)
        self.pasted.emit(points)
        if len(self.plane.points) > before:
            self.select(np.arange(before, len(self.plane.points)))

    # ── putting together ─────────────────────────────────────────────────────────────────────────────────────────

    def _family_buttons(self) -> dict[str, FamilyButton]:
        group, result = QButtonGroup(self), {}
        for family in dict.fromkeys(tool.family for tool in TOOLS.values()):
            button = result[family] = FamilyButton(family, self.plane.brush)
            button.choices.chosen.connect(self.choose_tool)
            button.choices.turned.connect(self._brush_changed)
            group.addButton(button)
        group.buttonClicked.connect(self._tool_clicked)
        return result

    def _lay_out(self) -> None:
        clear = ToolButton(
            "Erase all points",
            "An empty plane to draw on, with the same columns and classes; Undo brings the points back",
            "trash",
        )
        clear.clicked.connect(self.cleared)
        shown = ToolButton("What is shown", "Test points, wrong points, shades and lines: shown or not", "eye")
        menu = QMenu(shown)
        menu.setToolTipsVisible(True)
        menu.addActions(list(self.options.values()))
        shown.setMenu(menu)
        shown.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._top, self._below = QHBoxLayout(), QHBoxLayout()
        self._tool_row = as_part(in_row([*self._buttons.values(), clear, shown]), "Drawing tools")
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
