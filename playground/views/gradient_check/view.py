"""Gradient check view: every derivative beside its finite difference, while h is dragged and while it trains."""

from __future__ import annotations

import math
from html import escape

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from engine.microscope.gradcheck.check import STEP
from engine.microscope.gradcheck.step_curve import LARGEST, SMALLEST
from playground.runtime.frame import Frame
from playground.ui import theme
from playground.ui.choice import Choice
from playground.ui.controls import Button, Slider, SteadyLabel, tell
from playground.views.gradient_check.checker import Checker, GradientsOf
from playground.views.gradient_check.curve import CurvePicture
from playground.views.gradient_check.dots import DotsPicture
from playground.views.gradient_check.table import Filter, TableView
from playground.views.gradient_check.text import Text
from playground.views.gradient_check.words import (
    IDEA,
    NO_POINTS,
    NOTHING_YET,
    STRAIGHT,
    conclusion,
    of_row,
    power,
    row_name,
    wrong_ones,
)

A_DECADE = 20  # places of the slider from one power of ten to the next
SLIDER_WIDTH = 200
LINES = 3  # of the text
HIGH = 560  # pixels from which the pictures stand above one another
FILTER_TIPS = {
    Filter.ALL: "Every weight and bias",
    Filter.KINKS: "Only where a corner explains that the two numbers differ",
    Filter.WRONG: "Only where the two numbers differ and nothing explains it",
}


class GradientCheckView(QWidget):
    """Gradient check view: its words, its table, the V of the chosen derivative, and all errors at a glance.

    It is shown frames as the other views are, but works only while it is visible: in slices, so that the window answers
    in between, and sparingly while the network trains.
    """

    parameter_chosen = Signal(object)  # the Parameter that the user has chosen

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Gradient check")
        self.gradients: GradientsOf | None = None
        self._frame: Frame | None = None
        self._checker = Checker(self)
        self._lay_out()
        self._connect()
        self._slider.setValue(_place(math.log10(STEP)))
        self._show_check()

    def sizeHint(self) -> QSize:
        return QSize(theme.px(1240), theme.px(330))

    # ── putting together ─────────────────────────────────────────────────────────────────────────────────────────

    def _lay_out(self) -> None:
        self._text = Text("What the gradient check says", LINES)
        self._rows, self._curve, self._dots = TableView(), CurvePicture(), DotsPicture()
        self._pictures = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._pictures.addWidget(_framed(self._curve), 5)
        self._pictures.addWidget(_framed(self._dots), 4)
        body = QHBoxLayout()
        body.setSpacing(theme.GAP)
        body.addWidget(_framed(self._rows))
        body.addLayout(self._pictures, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.GAP // 2)
        layout.addLayout(self._header())
        layout.addWidget(self._text)
        layout.addLayout(body, 1)

    def _header(self) -> QHBoxLayout:
        caption = QLabel("Step h")
        caption.setProperty("role", "small")
        self._slider = Slider()
        self._slider.setRange(0, (LARGEST - SMALLEST) * A_DECADE)
        self._slider.setSingleStep(A_DECADE // 4)
        self._slider.setPageStep(A_DECADE)
        self._slider.setAccessibleName("Step h")
        self._slider.setToolTip(
            "How far each weight is moved for its finite difference: by h, or by h·|w| if it lies beyond ±1. "
            "An arrow key changes h by a quarter of a factor of ten, a Page key by a whole one"
        )
        self._figure = SteadyLabel("", "9.9e−14", role="small")
        self._best = Button("Best h", role="segment", tip="The h that theory expects to be best for the chosen one")
        self._filter = Choice("Which derivatives are shown", Filter, FILTER_TIPS)
        self._filter.show_choice(Filter.ALL)
        self._progress = SteadyLabel("", "checking: 100 %", role="small")
        row = QHBoxLayout()
        row.setSpacing(theme.GAP)
        for widget in (caption, self._slider, self._figure, self._best, self._filter, self._progress):
            row.addWidget(widget)
        row.addStretch(1)
        return row

    def _connect(self) -> None:
        self._checker.checked.connect(self._show_check)
        self._checker.swept.connect(self._show_curve)
        self._checker.advanced.connect(self._show_progress)
        self._slider.valueChanged.connect(self._set_step)
        self._curve.dragged.connect(self._drag)
        self._best.clicked.connect(self._take_best)
        self._filter.chosen.connect(self._set_filter)
        self._rows.row_chosen.connect(self._choose)
        self._dots.row_chosen.connect(self._choose)
        theme.theme().changed.connect(self._say)
        theme.theme().changed.connect(self._dress)
        self._dress()

    def _dress(self) -> None:
        self._slider.setFixedWidth(theme.px(SLIDER_WIDTH))

    # ── checking ─────────────────────────────────────────────────────────────────────────────────────────────────

    def show_frame(self, frame: Frame) -> None:
        """Check this moment if anybody can see it: at once, or now and then while it trains."""
        self._frame = frame
        self._checker.be_gentle(frame.training)
        if self._checker.is_due(frame.training):
            self._begin()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._begin()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        direction = QBoxLayout.Direction
        self._pictures.setDirection(direction.TopToBottom if self.height() >= theme.px(HIGH) else direction.LeftToRight)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._checker.stop()

    def _begin(self) -> None:
        if self._frame is None or not self.isVisible():
            return
        snapshot = self._frame.snapshot
        if snapshot is None or not len(snapshot.batch):
            self._checker.clear()
        else:
            self._checker.begin(snapshot, self.gradients, 10**self._exponent)

    # ── showing ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _show_check(self) -> None:
        table, row = self._checker.table, self._checker.row
        self._rows.show_table(table, row)
        self._dots.show_table(table)
        self._dots.show_row(row)
        if table is None:
            self._show_curve()
        self._say()
        self._show_progress()

    def _show_curve(self) -> None:
        checker = self._checker
        if checker.table is None or checker.row is None:
            self._curve.show_nothing()
        else:
            is_absolute = checker.table.analytical[checker.row] == 0
            self._curve.show_curve(checker.curve, checker.scale, row_name(checker.table, checker.row), is_absolute)
        self._best.setEnabled(checker.curve is not None)

    def _show_progress(self) -> None:
        progress = self._checker.progress
        self._progress.setText("" if progress is None else f"checking: {progress:.0%}".replace("%", " %"))

    def _say(self) -> None:
        """The conclusion, what is wrong, what there is to say of the chosen one, and the idea."""
        table, row = self._checker.table, self._checker.row
        if table is None or row is None:
            has_network = self._frame is not None and self._frame.snapshot is not None
            lines = [NO_POINTS if has_network else NOTHING_YET]
        else:
            wrong = [f"•&nbsp;{escape(text)}".replace(" ", "&nbsp;") for text in wrong_ones(table)]
            lines = [f"<b>{escape(conclusion(table))}</b>", *([" &nbsp; ".join(wrong)] if wrong else [])]
            lines.append(escape(of_row(table, row, self._checker.kinks)))
        idea = f'<span style="color: {theme.colour("muted").name()}">{escape(IDEA)}</span>'
        self._text.set_text("<br>".join([*lines, idea]))

    # ── what the user does ───────────────────────────────────────────────────────────────────────────────────────

    @property
    def _exponent(self) -> float:
        """The power of ten that h is."""
        return SMALLEST + self._slider.value() / A_DECADE

    def _set_step(self) -> None:
        self._figure.setText(power(self._exponent))
        self._curve.show_step(self._exponent)
        self._begin()

    def _drag(self, exponent: float) -> None:
        self._slider.setValue(_place(exponent))

    def _take_best(self) -> None:
        curve = self._checker.curve
        if curve is None:
            return
        if curve.best_step is None:
            tell(self._best, STRAIGHT)
        best = LARGEST if curve.best_step is None else math.log10(curve.best_step / self._checker.scale)
        self._slider.setValue(_place(best))

    def _set_filter(self, filter_: Filter) -> None:
        self._filter.show_choice(filter_)
        self._rows.show_filter(filter_)

    def _choose(self, row: int) -> None:
        self._checker.choose(row)
        self._rows.show_row(row)
        self._dots.show_row(row)
        self._say()
        self.parameter_chosen.emit(self._checker.parameter)


def _place(exponent: float) -> int:
    """Where the slider stands for a power of ten."""
    return round((exponent - SMALLEST) * A_DECADE)


def _framed(widget: QWidget) -> QFrame:
    frame = QFrame()
    frame.setProperty("role", "canvas")
    layout = QVBoxLayout(frame)
    layout.setContentsMargins(1, 1, 1, 1)
    layout.addWidget(widget)
    return frame
