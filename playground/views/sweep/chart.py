"""Chart of a sweep: one of its pictures, which one of them, and what it is of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum

from PySide6.QtCore import QRectF, QSize, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.training.sweep import Plan, Summary
from playground.model.settings import label_of
from playground.ui import theme
from playground.ui.choice import Choice
from playground.ui.controls import Combo
from playground.views.sweep.figures import MOST, axes_with_values, heat_map, parallel_lines, ribbons
from playground.views.sweep.parallel import paint_parallel
from playground.views.sweep.pictures import paint_heat_map, paint_ribbons
from playground.views.sweep.words import aim

LEAST = QSize(220, 100)
NARROWEST = 60  # pixels of the list of axes, at the usual text size


class Picture(Enum):
    """Picture of a sweep."""

    HEAT_MAP = "Heat map"
    LINES = "Lines"
    LOSSES = "Losses"


TIPS = {
    Picture.HEAT_MAP: "How many of the runs get there, for each pair of values; a click shows the cell's best runs",
    Picture.LINES: "A line for each combination, the stronger the better; a click shows its runs",
    Picture.LOSSES: f"The loss on the way, of the best {MOST}: median and quartiles over the seeds",
}
Values = tuple[str, ...]


class SweepCanvas(QWidget):
    """Canvas that a picture is painted on; it knows which combination is at a spot."""

    chosen = Signal(object)  # the values of a combination

    def __init__(self) -> None:
        super().__init__()
        self.setMinimumSize(LEAST)
        self._paint: Callable[[QPainter, QRectF], None] | None = None
        self._at: Callable[[QMouseEvent, QRectF], Values | None] | None = None
        theme.theme().changed.connect(self.update)

    def show_ribbons(self, plan: Plan, found: Sequence[Summary]) -> None:
        """The losses on the way."""
        lines = ribbons(plan, found)
        self._show(lambda painter, rect: paint_ribbons(painter, rect, lines), lambda *_: None)

    def show_lines(self, plan: Plan, found: Sequence[Summary], chosen: Values | None) -> None:
        """A line for each combination."""
        lines, shown = parallel_lines(plan, found), [one.values for one in found if one.rows]
        if lines is None:
            return
        place = shown.index(chosen) if chosen in shown[: len(lines.heights)] else None

        def at(event: QMouseEvent, rect: QRectF) -> Values | None:
            line = lines.line_at(event.position(), rect)
            return None if line is None else shown[line]

        self._show(lambda painter, rect: paint_parallel(painter, rect, lines, place), at)

    def show_heat_map(self, plan: Plan, found: Sequence[Summary], chosen: Values | None, down: int, along: int) -> None:
        """A cell for each pair of values of two axes."""
        heat = heat_map(plan, found, down, along)
        if heat is None:
            return

        def at(event: QMouseEvent, rect: QRectF) -> Values | None:
            if (cell := heat.cell_at(event.position(), rect)) is None:
                return None
            pair = heat.rows[cell[0]], heat.columns[cell[1]]
            return next((one.values for one in found if (one.values[down], one.values[along]) == pair), None)

        def paint(painter: QPainter, rect: QRectF) -> None:
            paint_heat_map(painter, rect, heat)
            if chosen is not None:
                place = heat.rows.index(chosen[down]), heat.columns.index(chosen[along])
                painter.setPen(QPen(theme.colour("text"), theme.px(2)))
                painter.drawRect(heat.cell(*place, rect).adjusted(1, 1, -1, -1))

        self._show(paint, at)

    def _show(
        self, paint: Callable[[QPainter, QRectF], None], at: Callable[[QMouseEvent, QRectF], Values | None]
    ) -> None:
        self._paint, self._at = paint, at
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._paint is not None:
            with QPainter(self) as painter:
                self._paint(painter, QRectF(self.rect()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        values = None if self._at is None else self._at(event, QRectF(self.rect()))
        if values is not None:
            self.chosen.emit(values)


class SweepChart(QWidget):
    """Chart of the summaries of a sweep; a click chooses a combination.

    Attributes:
        header: the row above the picture, which has room at its end.
    """

    chosen = Signal(object)  # the values of a combination

    def __init__(self) -> None:
        super().__init__()
        self._shown: tuple[Plan, Sequence[Summary], Values | None] | None = None
        self._picture = Picture.LOSSES
        self._pictures = Choice("Picture of the sweep", Picture, TIPS)
        self._axes = [Combo(), Combo()]  # down and along
        self.canvas = SweepCanvas()
        self.canvas.setAccessibleName("Chart of the sweep")
        self.canvas.chosen.connect(self.chosen)
        self._pictures.chosen.connect(self._turn_to)
        self.header = QHBoxLayout()
        self.header.addWidget(self._pictures)
        self.header.addStretch()
        for combo, name in zip(self._axes, ("Down", "Across"), strict=True):
            combo.setAccessibleName(f"Setting of the heat map: {name.lower()}")
            combo.setToolTip(f"{name} in the heat map; of all other settings the runs count together")
            combo.setSizeAdjustPolicy(Combo.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            combo.setMinimumWidth(theme.px(NARROWEST))
            combo.activated.connect(self._draw)
            self.header.addWidget(combo, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.GAP // 2)
        layout.addLayout(self.header)
        layout.addWidget(self.canvas, 1)
        self._allow()

    def begin(self, plan: Plan) -> None:
        """Make ready for the summaries of a plan: what can be drawn of it."""
        names = [label_of(plan.axes[i].setting) for i in axes_with_values(plan)]
        for combo, at in zip(self._axes, (0, 1), strict=True):
            combo.clear()
            for i, name in zip(axes_with_values(plan), names, strict=True):
                combo.addItem(name, i)
            combo.setCurrentIndex(min(at, len(names) - 1))
        self._shown = plan, (), None
        self._picture = self._possible()[0]
        self._allow()

    def show_sweep(self, plan: Plan, found: Sequence[Summary], chosen: Values | None) -> None:
        """Draw what is known of each combination, with one of them chosen."""
        self._shown = plan, found, chosen
        self._draw()

    def _possible(self) -> list[Picture]:
        """The pictures that there are of the plan, the one that is seen first at the beginning."""
        if self._shown is None or not self._shown[0].axes:
            return [Picture.LOSSES]
        plan = self._shown[0]
        has_heat_map = len(axes_with_values(plan)) > 1
        if has_heat_map:
            return [Picture.HEAT_MAP, Picture.LINES, Picture.LOSSES]
        return [Picture.LINES, Picture.LOSSES] if plan.samples else [Picture.LOSSES, Picture.LINES]

    def _turn_to(self, picture: Picture) -> None:
        self._picture = picture
        self._allow()
        self._draw()

    def _allow(self) -> None:
        self._pictures.allow(self._possible())
        self._pictures.show_choice(self._picture)
        for combo in self._axes:
            combo.setVisible(self._picture is Picture.HEAT_MAP and combo.count() > 2)

    def _draw(self) -> None:
        if self._shown is None:
            return
        plan, found, chosen = self._shown
        share = f"Share of runs that reach {aim(plan)}"
        if self._picture is Picture.LOSSES:
            self.canvas.show_ribbons(plan, found)
            self.canvas.setToolTip("Loss: median and quartiles over the seeds")
        elif self._picture is Picture.LINES:
            self.canvas.show_lines(plan, found, chosen)
            self.canvas.setToolTip(share if plan.seeds > 1 else "Loss of the run of each combination")
        else:
            down, along = self._apart()
            self.canvas.show_heat_map(plan, found, chosen, down, along)
            self.canvas.setToolTip(share)

    def _apart(self) -> tuple[int, int]:
        """The two axes of the heat map: what was chosen for one of them makes way in the other."""
        down, along = self._axes
        if down.currentIndex() == along.currentIndex():
            other = down if self.sender() is along else along
            other.setCurrentIndex((other.currentIndex() + 1) % other.count())
        return down.currentData(), along.currentData()
