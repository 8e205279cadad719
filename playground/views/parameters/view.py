"""Parameters view: every weight and bias with what moves it, to be sorted, found, copied, and changed by hand."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from engine.microscope.inside.parameters import ParameterTable, parameter_table
from engine.microscope.outlook import Outlook
from engine.training import RunSnapshot
from engine.training.spec.places import ParameterPlace
from playground.runtime.frame import Frame
from playground.ui import theme
from playground.ui.controls import Button, SteadyLabel
from playground.ui.throttle import Throttle
from playground.views.network.layout import Bias, Edge, NeuronPlace, Target
from playground.views.network.selection import target_of
from playground.views.parameters.table import ParameterTableView

SHORTEST, SHARE = 0.1, 4  # seconds from one table to the next while it trains, or so many times what one takes
MOST_FROZEN = 5_000  # weights that are frozen with one press, within the time that nobody waits for
FIND_WIDTH = 190  # pixels
NOTHING = "There is no network yet."
FREEZE_TIP = f"Training leaves what is selected as it is, to the bit; up to {MOST_FROZEN:,} at once"


class ParametersView(QWidget):
    """Parameters view. It is shown frames as the other views are, but takes them only while it is visible."""

    turned = Signal(bool)  # whether it is to be seen, and asks for gradients
    chosen = Signal(object)  # the Edge or Bias of the diagram that is looked at, or None
    pulls_asked = Signal(object, object)  # the snapshot, and the place of the parameter whose pulls are shown, or None
    before_asked = Signal()  # where the run stood before its last step
    before_told = Signal(object)  # that, a RunSnapshot, in any thread; None where there was none
    value_chosen = Signal(object, float)  # places, and what they are set to
    froze = Signal(object, bool)  # places, and whether they are frozen from now on
    refused = Signal(str)
    gesture_ended = Signal()
    copied = Signal(object, int)  # what makes the text of cells, and how many rows it has

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Parameters")
        self._frame: Frame | None = None
        self._table: ParameterTable | None = None
        self._before: RunSnapshot | None = None  # of the step before
        self._asked: RunSnapshot | None = None  # the one whose step before was asked for
        self._chosen: ParameterPlace | None = None
        self._throttle = Throttle(SHORTEST, SHARE)
        self._later = QTimer(self, singleShot=True, interval=round(1000 * SHORTEST))
        self._later.timeout.connect(self._find)
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        self._text = QLineEdit()
        self._text.setPlaceholderText("Find: layer 2, frozen")
        self._text.setAccessibleName("Find weights and biases")
        self._text.setToolTip(
            "Words of their names, as in “layer 2 neuron 3”, “x1 -> layer 1”, “bias” or “frozen”; a comma for both"
        )
        self._text.setClearButtonEnabled(True)
        self._count = SteadyLabel("", "262,144 of 262,144", role="small")
        self._freeze = Button("Freeze", role="segment", tip=FREEZE_TIP)
        self._freeze.setCheckable(True)
        self._copy = Button("Copy", icon="copy", role="segment", tip="Copy what is selected, or else all (Ctrl+C)")
        self.table = ParameterTableView()
        row = QHBoxLayout()
        row.setSpacing(theme.GAP)
        for widget in (self._text, self._count, self._freeze, self._copy):
            row.addWidget(widget)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, theme.GAP // 2, 0, 0)
        layout.setSpacing(theme.GAP // 2)
        layout.addLayout(row)
        layout.addWidget(self.table, 1)
        self._dress()

    def _connect(self) -> None:
        table, rows = self.table, self.table.rows
        self._text.textChanged.connect(self._later.start)
        self._freeze.clicked.connect(self._freeze_selected)
        self._copy.clicked.connect(table.copy)
        table.copied.connect(self.copied)
        table.row_chosen.connect(self._choose)
        table.selected.connect(self._show_selected)
        rows.value_chosen.connect(self._set)
        rows.froze.connect(lambda place, on: self.froze.emit((place,), on))
        rows.refused.connect(self.refused)
        self.before_told.connect(self._show_before)
        theme.theme().changed.connect(self._dress)

    def _dress(self) -> None:
        self._text.setFixedWidth(theme.px(FIND_WIDTH))

    # ── showing ──────────────────────────────────────────────────────────────────────────────────────────────────

    def show_frame(self, frame: Frame) -> None:
        """Show a moment of a run, if anybody can see it."""
        self._frame = frame
        if self.isVisible() and self._throttle.is_due(frame.training):
            with self._throttle:
                self._take(frame)

    def _show_before(self, before: RunSnapshot | None) -> None:
        self._before = before
        if self._frame is not None and self.isVisible():
            self._take(self._frame)

    def show_target(self, target: Target | None) -> None:
        """Choose the weight or bias that is chosen in the diagram; of a neuron, the first that acts on it."""
        match target:
            case Edge(gap, source, unit):
                self._look_at(ParameterPlace(gap + 1, unit, source))
            case Bias(column, unit):
                self._look_at(ParameterPlace(column, unit, -1))
            case NeuronPlace(column, unit) if column > 0:
                self._look_at(ParameterPlace(column, unit, 0))

    def _look_at(self, place: ParameterPlace) -> None:
        self._chosen = place
        if self._table is not None and self.isVisible():
            self.table.show_row(self._table.rows.row(place))
            self._tell()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.turned.emit(True)
        if self._frame is not None:
            self._take(self._frame)
        QTimer.singleShot(0, self, self._reveal)  # when the page before has gone, and its marks with it

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.turned.emit(False)
        self.chosen.emit(None)
        self.pulls_asked.emit(None, None)

    def _reveal(self) -> None:
        if self._chosen is not None and self.isVisible():
            self._look_at(self._chosen)

    def _take(self, frame: Frame) -> None:
        if frame.snapshot is None:
            return
        table = self._table = parameter_table(frame.snapshot, _ahead(frame))
        is_still = not frame.training and not self.table.is_edited
        if self.table.rows.show_table(frame.experiment, table, self._last(frame.snapshot, table), is_still):
            self.table.fit()
        self.table.viewport().update()
        self._show_selected()
        self._tell()
        is_known = self._is_before(frame.snapshot) or self._asked is frame.snapshot
        if not (frame.training or is_known) and frame.step > frame.start:
            self._asked = frame.snapshot
            self.before_asked.emit()

    def _is_before(self, snapshot: RunSnapshot) -> bool:
        """Whether what is known of the step before is of that."""
        before = self._before
        if before is None or before.steps + 1 != snapshot.steps:
            return False
        return before.experiment.sizes == snapshot.experiment.sizes

    def _last(self, snapshot: RunSnapshot, table: ParameterTable) -> NDArray[np.float64] | None:
        """What the step before has added, where it is known."""
        before = self._before
        if before is None or not self._is_before(snapshot):
            return None
        return table.values - parameter_table(before, None).values

    def _show_selected(self) -> None:
        table, rows = self._table, self.table.selection_in_rows()
        shown = len(self.table.rows.order)
        self._count.setText("" if table is None else f"{shown:,} of {len(table):,}")
        self._freeze.setEnabled(0 < len(rows) <= MOST_FROZEN)
        self._freeze.setChecked(table is not None and len(rows) > 0 and bool(table.frozen[rows].all()))

    def _tell(self) -> None:
        """Tell the other views what to mark."""
        snapshot = None if self._frame is None else self._frame.snapshot
        is_there = (
            self._chosen is not None and self._table is not None and self._table.rows.row(self._chosen) is not None
        )
        place = self._chosen if is_there else None
        self.chosen.emit(None if place is None else target_of(place))
        self.pulls_asked.emit(snapshot, place)

    # ── what the user does ───────────────────────────────────────────────────────────────────────────────────────

    def _find(self) -> None:
        self.table.rows.show_filter(self._text.text())
        self._show_selected()

    def _choose(self, row: int) -> None:
        self._chosen = self.table.rows.place(row)
        self._tell()

    def _set(self, place: ParameterPlace, value: float) -> None:
        self.value_chosen.emit((place,), value)
        self.gesture_ended.emit()

    def _freeze_selected(self, on: bool) -> None:
        self.froze.emit(tuple(map(self.table.rows.place, self.table.selection_in_rows().tolist())), on)


def _ahead(frame: Frame) -> Outlook | None:
    """What the next step is made from; of an engine that is broken on purpose its own gradients, and no updates."""
    if frame.gradients is None:
        return frame.outlook
    return Outlook(frame.gradients, {name: np.full(array.shape, np.nan) for name, array in frame.gradients.items()})
