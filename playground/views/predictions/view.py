"""Predictions view: the confusion of classes, or the residuals of values, of the moment that is looked at."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from engine.microscope.inside.predictions import Predictions, Which
from engine.training import Experiment
from playground.runtime.frame import Frame
from playground.ui import theme
from playground.ui.choice import Choice
from playground.ui.controls import announce
from playground.ui.throttle import Throttle
from playground.views.predictions.matrix import Cell, MatrixPicture
from playground.views.predictions.residuals import ResidualPicture
from playground.views.predictions.words import chosen_in_words, point_in_words, summary

SHORTEST, SHARE = 0.1, 4  # seconds from one picture to the next while it trains, or so many times what one takes
WORDS = 220  # pixels
TIPS = {
    Which.TRAIN: "The points that the network learns from",
    Which.TEST: "The points that are held back",
    Which.BOTH: "All points",
}


class PredictionsView(QWidget):
    """Predictions view. It is shown frames as the other views are, but asks for more only while it is visible."""

    asked = Signal(object, object)  # the snapshot whose predictions are wanted, and of Which points; None for none
    ringed = Signal(object)  # the points, by their indices (n,), that are behind the chosen cell, or None
    point_shown = Signal(object)  # the index of the chosen point, or None

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Predictions")
        self._frame: Frame | None = None
        self._experiment = Experiment()  # that the predictions were asked for
        self._which = Which.BOTH
        self._found: Predictions | None = None
        self._throttle = Throttle(SHORTEST, SHARE)
        self.matrix, self.residuals = MatrixPicture(), ResidualPicture()
        self._choice = Choice("Which points are counted", Which, TIPS)
        self._choice.show_choice(self._which)
        self._words, self._chosen = QLabel(), QLabel()
        self._lay_out()
        self._choice.chosen.connect(self._choose_which)
        self.matrix.chosen.connect(self._tell_cell)
        self.residuals.chosen.connect(self._tell_point)
        theme.theme().changed.connect(self._dress)
        self._dress()

    def _lay_out(self) -> None:
        self._pictures = QStackedWidget()
        self._pictures.addWidget(self.matrix)
        self._pictures.addWidget(self.residuals)
        self._side = QWidget()
        beside = QVBoxLayout(self._side)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(theme.GAP)
        beside.addWidget(self._choice, 0, Qt.AlignmentFlag.AlignLeft)
        for label in (self._words, self._chosen):
            label.setWordWrap(True)
            label.setProperty("role", "small")
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            beside.addWidget(label)
        beside.addStretch(1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, theme.GAP // 2, 0, 0)
        layout.setSpacing(2 * theme.GAP)
        layout.addWidget(self._side)
        layout.addWidget(self._pictures, 1)

    def _dress(self) -> None:
        self._side.setFixedWidth(theme.px(WORDS))

    # ── showing ──────────────────────────────────────────────────────────────────────────────────────────────────

    def show_frame(self, frame: Frame) -> None:
        """Show a moment of a run, if anybody can see it."""
        self._frame = frame
        if self.isVisible() and self._throttle.is_due(frame.training):
            with self._throttle:
                self._ask()

    def show_predictions(self, found: Predictions) -> None:
        """Show what was asked for."""
        if not self.isVisible():
            return
        self._found = found
        points = self._experiment.data.arrays
        picture = self.matrix if found.task.has_classes else self.residuals
        self._pictures.setCurrentWidget(picture)
        if found.task.has_classes:
            self.matrix.show_predictions(found)
        elif not len(found) or found.rows.max() < len(points):  # else they are of points that are no more
            self.residuals.show_predictions(found, points)
        self._words.setText(summary(found))
        self._tell()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        QTimer.singleShot(0, self, self._ask)  # when the page before has gone, and its marks with it

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.asked.emit(None, self._which)
        self.ringed.emit(None)
        self.point_shown.emit(None)

    def _ask(self) -> None:
        frame = self._frame
        if frame is not None and frame.snapshot is not None and self.isVisible():
            self._experiment = frame.experiment
            self.asked.emit(frame.snapshot, self._which)

    def _tell(self) -> None:
        """Tell the other views what to mark, and say what it is."""
        found, cell, point = self._found, self.matrix.cell, self.residuals.point
        has_classes = found is not None and found.task.has_classes
        is_cell = has_classes and cell is not None
        self.ringed.emit(found.behind(*cell) if is_cell and found is not None and cell is not None else None)
        self.point_shown.emit(None if has_classes else point)
        if found is None:
            said = ""
        elif has_classes:
            said = chosen_in_words(found, cell)
        else:
            said = point_in_words(found, point)
        self._chosen.setText(said)

    # ── what the user does ───────────────────────────────────────────────────────────────────────────────────────

    def _choose_which(self, which: Which) -> None:
        self._which = which
        self._choice.show_choice(which)
        self._ask()

    def _tell_cell(self, _: Cell | None) -> None:
        self._tell()
        announce(self.matrix, self._chosen.text())

    def _tell_point(self, _: int | None) -> None:
        self._tell()
        announce(self.residuals, self._chosen.text())
