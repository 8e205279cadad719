"""Drawing tools: one table of what the left button does, with the words, the key and the stroke of each."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QCursor, QPainter, QPixmap

from engine.dataclass import dataclass
from engine.training import Task
from playground.ui import theme
from playground.views.plane.brush import CHOICE, ERASER, PEN
from playground.views.plane.markers import FILLED, HOLLOW, target_marker
from playground.views.plane.regions import Box, Lasso, Place, gaussian, uniform
from playground.views.plane.strokes import (
    Draw,
    Erase,
    Fill,
    Line,
    Look,
    Move,
    Sheet,
    Spray,
    Stroke,
    Trace,
    take_or_select,
)

Shape = Qt.CursorShape


@dataclass(frozen=True)
class Tool:
    """Drawing tool, as its button shows it, what the line below the plane says of it, and the stroke that it makes.

    Attributes:
        label, icon, key: its words, its picture, and the key that takes it up.
        hint: what to do with it.
        stroke: what a press of the left button begins.
        family: tools of one family share a button.
        cursor: None for the pencil with the point that it would draw.
        radius: the setting of the brush that says how far it reaches around the pointer, if it does.
        holds: whether it works with what is selected, which else is so no longer.
        guesses: whether it draws what is expected, and no points.
    """

    label: str
    icon: str
    key: str
    hint: str
    stroke: Callable[[Sheet, int, int, Place], Stroke]
    family: str
    cursor: Qt.CursorShape | None = Shape.CrossCursor
    radius: str = ""
    holds: bool = False
    guesses: bool = False

    @property
    def draws(self) -> bool:
        """Whether it draws points."""
        return self.family == PEN and not self.guesses


# fmt: off
TOOLS: dict[str, Tool] = {
    "draw": Tool("Draw points", "pencil-simple", "D", "Click to add, drag to paint", Draw, PEN, None),
    "spray": Tool("Spray points", "spray-bottle", "A", "Drag to spray points", Spray, PEN, radius="spray"),
    "line": Tool("Line of points", "line-segment", "I", "Drag from one end to the other", Line, PEN),
    "fill": Tool("Fill a rectangle", "paint-bucket", "F", "Drag a rectangle to fill with points",
        partial(Fill, shape=Box, scatter=uniform), PEN),
    "cloud": Tool("Cloud of points", "cloud", "C", "Drag a rectangle around a cloud of points",
        partial(Fill, shape=Box, scatter=gaussian), PEN),
    "area": Tool("Fill an outline", "polygon", "U", "Drag around a piece to fill with points",
        partial(Fill, shape=Lasso, scatter=uniform), PEN),
    "guess": Tool("Guess the boundary", "wave-sine", "Q", "Drag along where you expect the boundary", Trace, PEN,
        guesses=True),
    "select": Tool("Select in a rectangle", "selection", "B", "Drag around points, then drag them",
        partial(take_or_select, shape=Box), CHOICE, holds=True),
    "lasso": Tool("Select with a lasso", "lasso", "O", "Drag around points, then drag them",
        partial(take_or_select, shape=Lasso), CHOICE, holds=True),
    "move": Tool("Move points", "arrows-out-cardinal", "V", "Drag a point to move it", Move, "move",
        Shape.OpenHandCursor, holds=True),
    "erase": Tool("Erase points", "eraser", "E", "Click or drag to erase", Erase, ERASER, radius="eraser"),
    "look": Tool("Look closely", "magnifying-glass", "L", "Click a point, or a place, to look closely", Look, "look",
        Shape.PointingHandCursor),
}
# fmt: on


def pen_cursor(target: float, task: Task, test: bool, ratio: float) -> QCursor:
    """A pencil whose tip holds the point that a click would draw."""
    point, side = target_marker(target, task, HOLLOW if test else FILLED, ratio), theme.px(theme.ICON_SIZE)
    pencil = theme.icon("pencil-simple").pixmap(QSize(side, side), ratio)
    middle = point.deviceIndependentSize().width() / 2
    picture = QPixmap(round((middle + side) * ratio), round((middle + side) * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.drawPixmap(QPointF(0, side - middle), point)
    painter.drawPixmap(QPointF(middle, 0), pencil)
    painter.end()
    return QCursor(picture, round(middle), side)
