"""Header: what the microscope looks at, how far it is opened, and what can be found in it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QMenu, QWidget

from playground.ui import theme
from playground.ui.choice import Choice
from playground.ui.controls import Button, SteadyLabel
from playground.views.expression_graph.export import COPIES
from playground.views.expression_graph.folding import Level
from playground.views.microscope.session import Subject

MOST_POINTS = 10_000
FIND_WIDTH = 150
SUBJECT_TIPS = {
    Subject.POINT: "The loss of one point, in single numbers",
    Subject.BATCH: "The loss that the next step makes smaller: the mean over all points of the batch",
}


class Header(QWidget):
    """Toolbar above the graph."""

    subject_chosen = Signal(object)
    level_chosen = Signal(object)
    point_stepped = Signal(int)  # -1 or 1: to the point before or after
    sought = Signal(str)
    copy_asked = Signal(str)  # a key of COPIES
    fit_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.subject = Choice("What is looked at", Subject, SUBJECT_TIPS)
        self.subject.chosen.connect(self.subject_chosen)
        before, after = (Button(icon=f"caret-{side}", role="icon", name=name, tip=name) for side, name in _NEIGHBOURS)
        before.clicked.connect(lambda: self.point_stepped.emit(-1))
        after.clicked.connect(lambda: self.point_stepped.emit(1))
        self._point = SteadyLabel("", f"Point {MOST_POINTS:,} of {MOST_POINTS:,}", role="small")
        self._point.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.level = Choice("How far the graph is opened", Level)
        self.level.chosen.connect(self.level_chosen)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Find: layer 2 w1")
        self.search.setAccessibleName("Find in the graph")
        self.search.setToolTip("Type a name, as in “layer 2 neuron 3 w1”; Enter goes to the next that fits")
        self.search.setClearButtonEnabled(True)
        self.search.setFixedWidth(FIND_WIDTH)
        self.search.returnPressed.connect(lambda: self.sought.emit(self.search.text()))
        copy = Button(icon="copy", role="icon", name="Copy the graph", tip="Copy the graph as PNG, SVG or DOT")
        copy.setMenu(self._copy_menu())
        fit = Button("Fit", role="segment", tip="Bring the whole graph into view (0)")
        fit.clicked.connect(self.fit_asked)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.GAP)
        for widget in (self.subject, _together(before, self._point, after), self.level, self.search):
            layout.addWidget(widget)
        layout.addStretch(1)
        layout.addWidget(_together(fit, copy))

    def show_point(self, point: int, count: int) -> None:
        """Say which of all points is looked at, from 0."""
        self._point.setText(f"Point {point + 1:,} of {count:,}" if count else "No points")

    def _copy_menu(self) -> QMenu:
        menu = QMenu(self)
        for text in COPIES:
            menu.addAction(text).triggered.connect(lambda _=False, text=text: self.copy_asked.emit(text))
        return menu


_NEIGHBOURS = (("left", "The point before"), ("right", "The next point"))


def _together(*widgets: QWidget) -> QWidget:
    """Widgets close to one another."""
    row = QWidget()
    layout = QHBoxLayout(row)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(2)
    for widget in widgets:
        layout.addWidget(widget)
    return row
