"""Card of a lane: its letter and what it has different, its boundary, and how good it is."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout

from playground.model.branch import DIVERGED, RunSummary
from playground.ui import theme
from playground.ui.controls import Button
from playground.ui.number_format import shortened
from playground.views.race.words import LETTERS, figures
from playground.views.runs.pictures import icon, picture_of, swatch

LONGEST = 14  # characters beside the letter
WIDTH = 132  # pixels at the usual text size, at the least


class LaneCard(QFrame):
    """Card of the lane at a place of the race; a click has it be the one that is looked at."""

    chosen = Signal(int)  # the number of its run

    def __init__(self, place: int) -> None:
        super().__init__()
        self._letter = LETTERS[place]
        self._lane: RunSummary | None = None
        self.setProperty("role", "canvas")
        self._head = Button(role="small", name=f"Lane {self._letter}")
        self._head.setCheckable(True)
        self._head.clicked.connect(self._choose)
        self._picture, self._figures = QLabel(), QLabel()
        self._picture.setAccessibleName(f"Boundary of lane {self._letter}")
        self._picture.setScaledContents(True)
        self._figures.setProperty("role", "small")
        self._figures.setAccessibleName(f"Figures of lane {self._letter}")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 4, 4, 4)
        layout.setSpacing(theme.GAP // 2)
        layout.addWidget(self._head)
        layout.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addWidget(self._figures)
        layout.addStretch()
        theme.theme().changed.connect(self._recolour)

    def show_lane(self, lane: RunSummary, name: str) -> None:
        """Show a lane as it stands; `name` is short."""
        before, self._lane = self._lane, lane
        if before is None or before.number != lane.number:
            self._head.setIcon(icon(swatch(lane)))
        text = f" {self._letter}  {shortened(name, LONGEST)}"
        if text != self._head.text():
            self._head.setText(text)
            self._head.setToolTip(f"{lane.name}: look at this lane, while all go on")
        self._head.setChecked(lane.is_current)
        if lane.picture is not None:
            self._picture.setPixmap(picture_of(lane, self._picture.width()))
        said = f"{DIVERGED}, at step {lane.step:,}" if lane.trouble == DIVERGED else figures(lane)
        self._figures.setText(said.replace(", ", "\n", 1))
        self._figures.setToolTip(lane.trouble)

    def set_side(self, side: int) -> None:
        """Another size of its picture, in pixels; its words have room beside."""
        if side != self._picture.width():
            self._picture.setFixedSize(side, side)
            self.setFixedWidth(max(side + 2 * theme.GAP, theme.px(WIDTH)))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._choose()

    def _choose(self) -> None:
        if self._lane is not None:
            self._head.setChecked(self._lane.is_current)  # until it is
            self.chosen.emit(self._lane.number)

    def _recolour(self) -> None:
        if self._lane is not None:
            self._head.setIcon(icon(swatch(self._lane)))
