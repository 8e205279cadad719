"""Lab: a formula, its curve, its slopes by several ways, and the chain rule running through its graph."""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import QSize, QTimer
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from engine.dataclass import dataclass
from engine.formula.ranges import REACH
from engine.microscope.gradcheck.derivatives import MAX_ORDER, order_at, slopes_at
from engine.microscope.text.spelling import figures
from playground.ui import theme
from playground.ui.choice import Choice
from playground.ui.controls import Button
from playground.ui.number_format import MISSING
from playground.views.expression_graph.scene import Highlight
from playground.views.film.page import explained, link, number
from playground.views.film.page_pane import PagePane
from playground.views.film.projector import Projector
from playground.views.film.view import FilmView
from playground.views.lab.editor import FormulaEditor
from playground.views.lab.inputs import Inputs
from playground.views.lab.picture import USUAL_H, Picture
from playground.views.lab.plot import PlottedCurve
from playground.views.lab.session import FormulaSession
from playground.views.lab.table import SlopesTable


class Side(Enum):
    """Side of the lab that is studied, where there is not room for both."""

    CURVE = "Curve"
    CHAIN_RULE = "Chain rule"


SIDE_TIPS = {
    Side.CURVE: "The curve of the formula, and its slope by several ways",
    Side.CHAIN_RULE: "The formula as a graph, and the chain rule run through it",
}


Place = tuple[int, int, int, int]  # row, column, how many rows and columns


@dataclass(frozen=True)
class LabShape:
    """Layout of the lab: how its parts are put together.

    Attributes:
        picture, table, graph, page: where they stand; the last two may stand in the places of the first two, in turn.
        rows, columns: how much each takes of what room there is to spare.
    """

    picture: Place
    table: Place
    graph: Place
    page: Place
    rows: tuple[int, int]
    columns: tuple[int, ...]


HIGH = LabShape((0, 1, 1, 1), (0, 2, 1, 1), (1, 1, 1, 1), (1, 2, 1, 1), (1, 1), (0, 1, 0, 0, 0))
WIDE = LabShape((0, 1, 2, 1), (0, 2, 2, 1), (0, 3, 2, 1), (0, 4, 2, 1), (0, 1), (0, 4, 0, 5, 0))
SMALL = LabShape((0, 1, 2, 1), (1, 2, 1, 1), (0, 1, 2, 1), (1, 2, 1, 1), (0, 1), (0, 1, 0, 0, 0))
CHOICE: Place = (0, 2, 1, 1)
PAGE_WIDTH = 270  # pixels at the usual text size, as all here
PHASES_WIDTH = 200  # three phases need less room than the six of a step
LONG = 100  # numbers and operations of a formula whose higher derivatives take time
PAUSE, SLICE = 150, 10  # milliseconds before the first of them, and between two
LATER = "…"  # what stands for what is yet to come
LEAVE = "Leave the film: show all values and gradients"
WELCOME = (
    "Play the film below the graph: one operation after the other, forward to the result, and back by the chain rule.",
    "Or choose a box to see how its number was computed.",
)
HEIGHT_OF_TWO_ROWS, WIDTH_OF_ALL = 560, 1560


class LabView(QWidget):
    """Derivative lab. It is complete in itself: it needs no run."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Derivative lab")
        self.editor, self.inputs, self.picture, self.table = FormulaEditor(), Inputs(), Picture(), SlopesTable()
        self.session = FormulaSession(self.editor.text.toPlainText())
        leave = Button(icon="arrow-counter-clockwise", role="icon", name="Show all numbers", tip=LEAVE)
        self.graph, self.page = FilmView(self.session, Projector(self.session, self), leave), PagePane()
        self._h = USUAL_H
        self._side = Side.CURVE
        self._shape = SMALL
        self._pause = QTimer(self, singleShot=True)
        self._next_order = 1
        self._pause.timeout.connect(self._go_on_with_orders)
        self._lay_out()
        self._connect()
        self._show(afresh=True)
        self.editor.use.show_program(self.session.program, self.session.over)

    def sizeHint(self) -> QSize:
        return QSize(1250, 360)

    # ── putting together ─────────────────────────────────────────────────────────────────────────────────────────

    def _lay_out(self) -> None:
        self._left = QWidget()
        beneath = QVBoxLayout(self._left)
        beneath.setContentsMargins(0, 0, 0, 0)
        beneath.setSpacing(theme.GAP // 2)
        beneath.addWidget(self.editor)
        beneath.addWidget(self.inputs, 1)
        self.choice = Choice("What stands here", Side, SIDE_TIPS)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(2 * theme.GAP)
        self._grid.setVerticalSpacing(theme.GAP)
        self._grid.addWidget(self._left, 0, 0, 2, 1)
        self._grid.addWidget(self.choice, *CHOICE)
        self._arrange(SMALL)
        theme.theme().changed.connect(self._dress)
        self._dress()

    def _dress(self) -> None:
        """Grow with the text."""
        self._left.setFixedWidth(self.editor.minimumSizeHint().width())
        self.graph.phases.setMinimumWidth(theme.px(PHASES_WIDTH))
        self.page.setMinimumWidth(theme.px(PAGE_WIDTH))
        self._fit()

    def _fit(self) -> None:
        is_high, is_wide = self.height() >= theme.px(HEIGHT_OF_TWO_ROWS), self.width() >= theme.px(WIDTH_OF_ALL)
        shape = HIGH if is_high else WIDE if is_wide else SMALL
        if shape is not self._shape:
            self._arrange(shape)

    def _arrange(self, shape: LabShape) -> None:
        """Put the parts where a window of this shape has room for them."""
        self._shape = shape
        self._grid.addWidget(self.picture, *shape.picture)
        self._grid.addWidget(self.table, *shape.table)
        self._grid.addWidget(self.graph, *shape.graph)
        self._grid.addWidget(self.page, *shape.page)
        for row, stretch in enumerate(shape.rows):
            self._grid.setRowStretch(row, stretch)
        for column, stretch in enumerate(shape.columns):
            self._grid.setColumnStretch(column, stretch)
        self._show_side(self._side)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit()
        super().resizeEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        self._dress()
        self._show_orders()
        super().showEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        self._pause.stop()
        super().hideEvent(event)

    def _show_side(self, side: Side) -> None:
        """Where there is room for the curve or the chain rule alone, show one of them."""
        self._side = side
        are_both_seen = self._shape.picture != self._shape.graph
        self.choice.setVisible(not are_both_seen)
        self.choice.show_choice(side)
        self.picture.setVisible(are_both_seen or side is Side.CURVE)
        self.table.setVisible(are_both_seen or side is Side.CURVE)
        self.graph.setVisible(are_both_seen or side is Side.CHAIN_RULE)
        self.page.setVisible(are_both_seen or side is Side.CHAIN_RULE)

    def _connect(self) -> None:
        self.editor.edited.connect(self._read)
        self.editor.example_chosen.connect(self._forget)
        self.inputs.moved.connect(self._move)
        self.inputs.chosen.connect(self._look_along)
        self.picture.plot.moved.connect(lambda x: self._move(self.session.over, x))
        self.picture.plot.stretched.connect(self._stretch)
        self.picture.h_moved.connect(self._stretch)
        self.graph.moved.connect(self._show_graph)
        self.page.followed.connect(self.graph.go_to)
        self.choice.chosen.connect(self._show_side)

    # ── showing ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _show(self, afresh: bool = False) -> None:
        session = self.session
        self.inputs.show_inputs(session.program.inputs, session.gradients(), session.over)
        self.editor.use.setEnabled(session.fault is None)
        self._show_slopes(afresh)
        self._show_graph()

    def _show_slopes(self, afresh: bool = False) -> None:
        session, over = self.session, self.session.over
        self.picture.show_h(self._h)
        if over:
            shown = PlottedCurve(session.program, over, self._h, slopes_at(session.program, over, self._h))
            self.picture.plot.show_curve(shown, self.inputs.reach(over), afresh)
            self.table.show_slopes(f"at {over} = {figures(shown.x)}", shown.slopes.value, shown.slopes)
        else:
            self.picture.plot.show_curve(None, REACH, afresh)
            self.table.show_slopes("nothing to vary", session.program.output(), None)
        self._show_orders()

    def _show_orders(self) -> None:
        """Show the higher derivatives: at once, or those of a long formula one by one when the user pauses."""
        self._pause.stop()
        self._next_order = 1
        if not self.session.over:
            self.table.hide_orders(MISSING)
        elif len(self.session.program.tape) <= LONG:
            while self._next_order <= MAX_ORDER:
                self._show_next_order()
        else:
            self.table.hide_orders(LATER)
            if self.isVisible():
                self._pause.start(PAUSE)

    def _show_next_order(self) -> None:
        n = self._next_order
        self.table.show_order(n, *order_at(self.session.program, self.session.over, n))
        self._next_order += 1

    def _go_on_with_orders(self) -> None:
        self._show_next_order()
        if self._next_order <= MAX_ORDER:
            self._pause.start(SLICE)

    def _show_graph(self) -> None:
        self.graph.show_session(Highlight() if self.session.fault is not None else None)
        self.page.show_page(_page(self.session))

    # ── what the user does ───────────────────────────────────────────────────────────────────────────────────────

    def _read(self, text: str) -> None:
        before = self.session.structure
        self.session.read(text)
        fault = self.session.fault
        self.editor.show_fault(fault)
        self.picture.plot.pale(fault is not None)
        self.table.setEnabled(fault is None)
        self._show(afresh=self.session.structure != before)
        self.editor.use.show_program(self.session.program, self.session.over)

    def _forget(self) -> None:
        self.session.forget_numbers()
        self.inputs.forget()

    def _move(self, name: str, number: float) -> None:
        self.session.set_number(name, number)
        self._show()

    def _look_along(self, name: str) -> None:
        if name != self.session.over:
            self.session.over = name
            self._show_slopes(afresh=True)
            self.editor.use.show_program(self.session.program, name)

    def _stretch(self, h: float) -> None:
        self._h = h
        self._show_slopes()


def _page(session: FormulaSession) -> str:
    """What there is to say of the last operation, and of the number that is selected."""
    told, graph, selected = session.explanation(link), session.graph, session.selected
    sections = [] if told is None else [explained(told)]
    if graph is not None and isinstance(selected, int):
        sections.append(number(graph, session.words(link), selected))
    return "<br>".join(sections) or "".join(f"<p>{line}</p>" for line in WELCOME)
