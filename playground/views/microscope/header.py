"""Header: what the microscope looks at, how far it is opened, and what can be found in it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QMenu, QWidget

from playground.ui import theme
from playground.ui.choice import Choice
from playground.ui.controls import Button, Combo, SteadyLabel
from playground.ui.number_format import shortened
from playground.views.expression_graph.export import COPIES
from playground.views.expression_graph.folding import Level
from playground.views.microscope.session import Subject

MOST_POINTS = 10_000
ROOM = 36  # pixels beside what can be found, for the frame and the button that clears
ELSEWHERE = "outside the batch"
NO_LOSS, LONGEST = "no loss", 18  # of a place without a class; characters of one with a class
BY_HAND = "By hand"
SUBJECT_TIPS = {
    Subject.POINT: "The loss of one point, in single numbers",
    Subject.BATCH: "The loss that the next step makes smaller: the mean over all points of the batch",
    Subject.PLACE: "What the network says at a place of the plane, where there need be no point (X in the plane)",
}


class Header(QWidget):
    """Toolbar above the graph."""

    subject_chosen = Signal(object)
    level_chosen = Signal(object)
    stepped = Signal(int)  # -1 or 1: to the point before or after, or of a place to the class
    sought = Signal(str)
    copy_asked = Signal(str)  # a key of COPIES
    fit_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.subject = Choice("What is looked at", Subject, SUBJECT_TIPS)
        self.subject.chosen.connect(self.subject_chosen)
        before, after = (Button(icon=f"caret-{side}", role="icon", name=name, tip=name) for side, name in _NEIGHBOURS)
        before.clicked.connect(lambda: self.stepped.emit(-1))
        after.clicked.connect(lambda: self.stepped.emit(1))
        self.point = SteadyLabel("", f"Point {MOST_POINTS} of {MOST_POINTS}", ELSEWHERE, role="small")
        self.point.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.level = Combo()
        self.level.addItems([level.value for level in Level])
        self.level.setPlaceholderText(BY_HAND)
        self.level.setAccessibleName("How far the graph is opened")
        self.level.view().setAccessibleName("How far the graph is opened")
        self.level.setToolTip("How far the graph is opened: all of it, or only what you open and close yourself")
        self.level.activated.connect(lambda index: self.level_chosen.emit(list(Level)[index]))
        self.search = QLineEdit()
        self.search.setPlaceholderText("Find: layer 2 w1")
        self.search.setAccessibleName("Find in the graph")
        self.search.setToolTip("Type a name, as in “layer 2 neuron 3 w1”; Enter goes to the next that fits")
        self.search.setClearButtonEnabled(True)
        self.search.returnPressed.connect(lambda: self.sought.emit(self.search.text()))
        copy = Button(icon="copy", role="icon", name="Copy the graph", tip="Copy the graph as PNG, SVG or DOT")
        copy.setMenu(self._copy_menu())
        fit = Button("Fit", role="segment", tip="Bring into view as much of the graph as can be read (0)")
        fit.clicked.connect(self.fit_asked)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.GAP // 2)
        for widget in (self.subject, _together(before, self.point, after), self.level, self.search):
            layout.addWidget(widget)
        layout.addWidget(_together(fit, copy))
        layout.addStretch(1)
        theme.theme().changed.connect(self._dress)
        self._dress()

    def _dress(self) -> None:
        words = self.search.fontMetrics().horizontalAdvance(self.search.placeholderText())
        self.search.setFixedWidth(words + theme.px(ROOM))

    def show_point(self, place: int | None, count: int) -> None:
        """Say which of the batch's points is looked at, counted from 1; None for one that is not in it."""
        there = ELSEWHERE if place is None else f"Point {place} of {count}"
        self.point.setText(there if count else "no points")
        self.point.setToolTip("Which of the training points that the next step learns from")

    def show_target(self, name: str) -> None:
        """Say what a point at the place is taken to be: of a class or value of this name; empty for nothing."""
        self.point.setText(shortened(f"if {name}" if name else NO_LOSS, LONGEST))
        self.point.setToolTip(f"What the loss would be of a point here{f': if {name}' if name else ''}")

    def show_level(self, level: Level | None) -> None:
        """Say how far the graph is opened; None if the user has opened and closed parts of it."""
        self.level.setCurrentIndex(-1 if level is None else list(Level).index(level))

    def _copy_menu(self) -> QMenu:
        menu = QMenu(self)
        for text in COPIES:
            menu.addAction(text).triggered.connect(lambda _=False, text=text: self.copy_asked.emit(text))
        return menu


_NEIGHBOURS = (("left", "The point or class before"), ("right", "The next point or class"))


def _together(*widgets: QWidget) -> QWidget:
    """Widgets close to one another."""
    row = QWidget()
    layout = QHBoxLayout(row)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(2)
    for widget in widgets:
        layout.addWidget(widget)
    return row
