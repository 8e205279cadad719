"""Runs view: all that was trained, as a table; and of two chosen runs where, and by which settings, they differ."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QTableWidgetItem, QVBoxLayout, QWidget

from playground.model.branch import FEWEST, MOST, Lane, RunSummary
from playground.model.guess import in_words
from playground.runtime.frame import Frame
from playground.ui import theme
from playground.ui.controls import Button
from playground.ui.text_field import Line
from playground.views.runs.comparison import Comparison
from playground.views.runs.table import NUMBER, PINNED, RunsTable

SHARES = 68, 32  # of the tab, in hundredths: of the table, and of what is beside it


class RunsView(QWidget):
    """Runs view: choosing one row and "Go there" looks at it; choosing two compares them."""

    opened = Signal(int)  # the number of a run to look at
    forked = Signal()
    told = Signal(object, str, object)  # runs, what is done to them in words, and what is said of them from now on
    guess_asked = Signal()  # of the run that is looked at
    raced = Signal(object)  # the lanes of a race of the runs that are chosen
    export_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Runs")
        self._frame: Frame | None = None
        self._runs: tuple[RunSummary, ...] = ()
        self._shown: object = None
        self._note_of: RunSummary | None = None  # the run whose note is shown
        self._table = RunsTable()
        self._table.itemSelectionChanged.connect(self._choose)
        self._table.itemDoubleClicked.connect(self._open)
        self._table.itemChanged.connect(self._rename)
        self._go = Button("Go there", role="small", tip="Look at the chosen run, where it was left (Enter)")
        self._go.clicked.connect(self._open)
        self._pin = Button("Pin", role="small", tip="Have the chosen runs stay at the top, or no more")
        self._pin.clicked.connect(self._pin_chosen)
        self._remove = Button("Remove", role="small", tip="Take the chosen runs out of the list")
        self._remove.clicked.connect(self._remove_chosen)
        tip = f"Train {FEWEST} to {MOST} chosen runs again in lockstep, each with the settings that it began with"
        self._race = Button("Race", role="small", name="Race the chosen runs", tip=tip)
        self._race.clicked.connect(self._race_chosen)
        fork = Button("Fork here", role="small", tip="Begin a run with the same past up to the step that is looked at")
        fork.clicked.connect(self.forked)
        self._note = Line()
        self._note.setAccessibleName("Note on the run")
        self._note.setToolTip("Kept with the run that is chosen, or else looked at; in files, tables and notebooks")
        self._note.setMaxLength(1000)
        self._note.entered.connect(self._take_note)
        self._note.left.connect(self._take_note)
        self._note.abandoned.connect(self._give_up_note)
        guess = Button("Guess…", role="small", tip="Say what the run that is looked at will come to, before it does")
        guess.clicked.connect(self.guess_asked)
        export = Button("Export…", role="small", tip="Save the table as CSV")
        export.clicked.connect(self.export_asked)
        self._comparison = Comparison()
        row = QHBoxLayout()
        for button in (self._go, fork, self._race, self._pin, self._remove, guess, export):
            row.addWidget(button)
        row.addStretch(1)
        left, right = QVBoxLayout(), QVBoxLayout()
        left.addLayout(row)
        left.addWidget(self._table, 1)
        right.addWidget(self._note)
        right.addWidget(self._comparison, 1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, theme.GAP // 2, 0, 0)
        layout.setSpacing(theme.GAP)
        for side, share in zip((left, right), SHARES, strict=True):
            layout.addLayout(side, share)
        theme.theme().changed.connect(self._redraw)
        self._choose()

    def minimumSizeHint(self) -> QSize:
        return QSize(max(600, super().minimumSizeHint().width()), 160)

    def show_frame(self, frame: Frame) -> None:
        """Show the runs; the one that is looked at as it is now."""
        self._frame = frame
        if self.isVisible():
            self._show()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show()

    def _show(self) -> None:
        frame = self._frame
        if frame is None:
            return
        self._runs = tuple(_as_it_is(run, frame) if run.is_current else run for run in frame.runs)
        told = [
            (run.number, run.name, run.is_pinned, run.is_current, run.step, run.words, run.note, run.guess, run.outcome)
            for run in self._runs
        ]
        if told != self._shown:
            self._shown = told
            self._redraw()

    def as_csv(self) -> str:
        """The table, a row a run."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(
            ["run", "different", "steps", "train loss", "test loss", "test accuracy or R²", "guess", "note"]
        )
        for run in self._runs:
            losses = ["" if score is None else repr(score.loss) for score in (run.train, run.test)]
            quality = "" if run.test is None else repr(run.test.quality)
            guess = in_words(run.guess, run.outcome)
            writer.writerow([run.name, run.words, run.step, *losses, quality, guess, run.note])
        return out.getvalue()

    def chosen(self) -> list[RunSummary]:
        """The runs whose rows are chosen."""
        numbers = {index.data(NUMBER) for index in self._table.selectionModel().selectedRows(1)}
        return [run for run in self._runs if run.number in numbers]

    def _redraw(self) -> None:
        self._table.fill(self._runs)
        self._choose()

    def _choose(self) -> None:
        chosen = self.chosen()
        self._go.setEnabled(len(chosen) == 1 and not chosen[0].is_current)
        self._race.setEnabled(FEWEST <= len(chosen) <= MOST)
        self._pin.setEnabled(bool(chosen))
        self._remove.setEnabled(any(not run.is_current for run in chosen))
        self._comparison.compare(chosen)
        self._show_note()

    def _open(self) -> None:
        if self._go.isEnabled():
            self.opened.emit(self.chosen()[0].number)

    def _race_chosen(self) -> None:
        self.raced.emit(tuple(Lane(run.name, run.first_settings) for run in self.chosen()))

    def _rename(self, item: QTableWidgetItem) -> None:
        number, name = item.data(NUMBER), item.text().removeprefix(PINNED).strip()
        renamed = [run for run in self._runs if run.number == number and run.name != name]
        if renamed:
            self.told.emit(renamed, "name a run", {"name": name})

    def _show_note(self) -> None:
        """The note of the run that is chosen, or else looked at; not while one is being typed."""
        chosen = self.chosen()
        run = chosen[0] if len(chosen) == 1 else next((run for run in self._runs if run.is_current), None)
        if run is not None and not self._note.isModified():
            self._note_of = run
            self._note.setText(run.note)
            self._note.setCursorPosition(0)
            self._note.setPlaceholderText(f"A note on {run.name}")

    def _take_note(self) -> None:
        """Take what was typed, of the run that it was typed for."""
        run, note = self._note_of, self._note.text().strip()
        self._note.setModified(False)
        if run is not None and note != run.note:
            self.told.emit([run], "note on a run", {"note": note})
        self._show_note()

    def _give_up_note(self) -> None:
        self._note.setModified(False)
        self._show_note()

    def _pin_chosen(self) -> None:
        chosen = self.chosen()
        on = not all(run.is_pinned for run in chosen)
        self.told.emit(chosen, "pin a run" if on else "unpin a run", {"is_pinned": on})

    def _remove_chosen(self) -> None:
        self.told.emit(
            [run for run in self.chosen() if not run.is_current], "remove from the list", {"is_removed": True}
        )


def _as_it_is(run: RunSummary, frame: Frame) -> RunSummary:
    """The run that is looked at, as a frame shows it."""
    return replace(
        run, step=frame.end, train=frame.train, test=frame.test, experiment=frame.experiment, picture=frame.boundary
    )
