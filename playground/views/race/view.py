"""Race view: a setting and some values of it, or runs, trained in lockstep; their boundaries, losses and the leader."""

from __future__ import annotations

from itertools import takewhile

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from engine.training import Experiment, InvalidError
from engine.training.sweep.settings import SETTINGS
from playground.model import edits
from playground.model.branch import FEWEST, MOST, Lane, RunSummary
from playground.model.settings import has_setting, lanes_of, setting_choices, suggestion
from playground.runtime.frame import Frame
from playground.ui import theme
from playground.ui.controls import Button, announce, restyle
from playground.ui.fields import ChoiceField
from playground.ui.text_field import Line
from playground.ui.throttle import Throttle
from playground.views.race.card import LaneCard
from playground.views.race.plot import RacePlot
from playground.views.race.words import in_common, leader

HINT = f"{FEWEST} to {MOST} values, with commas between them. Or choose runs under Runs, and press Race there."
LEAST, LARGEST = 64, 240  # pixels of a boundary's picture, at the usual text size
SHARE = 0.6  # of the width that the pictures may have
NARROWEST = 170  # pixels of the values, at the usual text size
AROUND = 148  # pixels above and below it
INVITATION = "All learn from the same start, one step each: see which setting learns better."
PAUSE = 0.1  # seconds from one picture of the curves to the next, while it trains
PRESET_TIP = "Train these settings and those that were made for the dataset, in lockstep"
SEEDS_TIP = "One race may be luck: train each value with many seeds, in the background, under Sweep"
KEEP_TIP = "End the race and go on with the lane that is looked at; the others stay in the list of runs"


class RaceView(QWidget):
    """Race view: what to compare in a row at the top; below it the lanes, and their losses."""

    begun = Signal(object)  # the lanes
    lane_chosen = Signal(int)  # the number of its run
    kept = Signal()
    seeds_asked = Signal(str, str)  # a setting, and its values as they are typed: over many seeds
    turned = Signal(bool)  # whether it is to be seen

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Race")
        self._frame: Frame | None = None
        self._experiment: Experiment | None = None
        self._experiments: tuple[Experiment, ...] = ()  # of the lanes, when it was last said what they share
        self._growth = Throttle(PAUSE)
        self._setting = ChoiceField("Setting to compare", setting_choices(), "What the lanes have different", False)
        self._setting.changed.connect(self._suggest)
        self._values = Line()
        self._values.setAccessibleName("Values to compare")
        self._values.setToolTip(HINT)
        self._values.textEdited.connect(self._judge)
        self._values.entered.connect(self._begin)
        self._values.abandoned.connect(self._suggest)
        tip = "Train a lane for each value, in lockstep from the same start (Enter in the values)"
        self._go = Button("Race", icon="play-fill", role="primary", name="Begin the race", tip=tip)
        self._go.set_icon("play-fill", "on_accent")
        self._go.clicked.connect(self._begin)
        self._preset = Button("Against the preset", role="small", tip=PRESET_TIP)
        self._preset.clicked.connect(self._race_preset)
        self._seeds = Button("Over many seeds…", role="small", tip=SEEDS_TIP)
        self._seeds.clicked.connect(lambda: self.seeds_asked.emit(self._setting.value(), self._values.text()))
        self._keep = Button("Keep this one", role="small", tip=KEEP_TIP)
        self._keep.clicked.connect(self.kept)
        self._leader, self._said = QLabel(), QLabel()
        self._said.setProperty("role", "small")
        for label, name in ((self._leader, "Leader"), (self._said, "What the lanes share")):
            label.setAccessibleName(name)
            label.setWordWrap(True)
        self._cards = [LaneCard(place) for place in range(MOST)]
        self._plot = RacePlot()
        self._lay_out()
        for card in self._cards:
            card.chosen.connect(self.lane_chosen)
        theme.theme().changed.connect(self._grow)
        self._grow()
        self._show_lanes(())

    def _lay_out(self) -> None:
        top, words, lanes = QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        for row in (top, words, lanes):
            row.setSpacing(theme.GAP)
        for widget, stretch in ((self._setting, 0), (self._values, 2), (self._go, 0), (self._preset, 0)):
            top.addWidget(widget, stretch)
        top.addStretch(1)
        top.addWidget(self._seeds)
        words.addWidget(self._leader, 1)
        words.addWidget(self._said, 1)
        words.addWidget(self._keep)
        for card in self._cards:
            lanes.addWidget(card)
        lanes.addWidget(self._plot, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, theme.GAP // 2, 0, 0)
        layout.setSpacing(theme.GAP // 2)
        layout.addLayout(top)
        layout.addLayout(words)
        layout.addLayout(lanes, 1)

    def _grow(self) -> None:
        self._values.setMinimumWidth(theme.px(NARROWEST))
        self._show()

    # ── what to compare ──────────────────────────────────────────────────────────────────────────────────────────

    def _suggest(self) -> None:
        """Offer values around the one that is in force."""
        if self._experiment is not None:
            self._values.setText(suggestion(SETTINGS[self._setting.value()], self._experiment))
            self._judge()

    def _lanes(self) -> tuple[Lane, ...]:
        if self._experiment is None:
            return ()
        return lanes_of(SETTINGS[self._setting.value()], self._values.text(), self._experiment)

    def _judge(self) -> None:
        """Say what is wrong with the values, while they are typed."""
        try:
            self._lanes()
        except InvalidError as error:
            self._say(f"{error}.")
        else:
            self._say("")

    def _say(self, fault: str) -> None:
        self._said.setText(fault or (in_common(self._experiments) if self._experiments else HINT))
        self._said.setToolTip(fault)
        for part in (self._values, self._said):
            if bool(part.property("refused")) != bool(fault):
                restyle(part, refused=bool(fault))

    def _begin(self) -> None:
        self._judge()
        if self._values.property("refused"):
            announce(self._said, self._said.text())
        elif lanes := self._lanes():
            self.begun.emit(lanes)

    def _race_preset(self) -> None:
        if self._experiment is not None:
            self.begun.emit(
                (Lane("these settings", self._experiment), Lane("the preset", edits.use_preset(self._experiment)))
            )

    # ── what comes of it ─────────────────────────────────────────────────────────────────────────────────────────

    def show_frame(self, frame: Frame) -> None:
        """Show where the lanes stand."""
        self._frame = frame
        if self.isVisible():
            self._show()

    def _show(self) -> None:
        if self._frame is None:
            return
        if self._frame.experiment != self._experiment:
            self._experiment = self._frame.experiment
            self._preset.setEnabled(not edits.is_preset(self._experiment))
            now = self._experiment
            self._setting.allow(lambda name: has_setting(now, SETTINGS[name]))
            if not self._values.isModified() and not self._frame.lanes:
                self._suggest()
        self._show_lanes(self._frame.lanes)

    def _show_lanes(self, lanes: tuple[RunSummary, ...]) -> None:
        names = _short([lane.name for lane in lanes])
        for i, card in enumerate(self._cards):
            card.setVisible(i < len(lanes))
        self._fit()
        for card, lane, name in zip(self._cards, lanes, names, strict=False):
            card.show_lane(lane, name)
        self._plot.setVisible(bool(lanes))
        self._keep.setEnabled(any(lane.is_current for lane in lanes))
        self._leader.setText(leader(lanes) if lanes else INVITATION)
        if (experiments := tuple(lane.experiment for lane in lanes)) != self._experiments:
            self._experiments = experiments
            self._judge()
        training = self._frame is not None and self._frame.training
        if lanes and self._growth.is_due(training):
            with self._growth:
                self._plot.draw_lanes(lanes)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The pictures are as large as the room lets them."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        count = sum(not card.isHidden() for card in self._cards)
        room = min(self.height() - theme.px(AROUND), round(SHARE * self.width() / max(count, 1)))
        for card in self._cards:
            card.set_side(min(max(room, theme.px(LEAST)), theme.px(LARGEST)))

    def minimumSizeHint(self) -> QSize:
        return QSize(super().minimumSizeHint().width(), theme.px(AROUND + LEAST))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.turned.emit(True)
        self._show()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.turned.emit(False)


def _short(names: list[str]) -> list[str]:
    """Names without the words that all begin with: the values, where one setting differs."""
    words = [name.split() for name in names]
    same = sum(1 for _ in takewhile(lambda column: len(set(column)) == 1, zip(*words, strict=False)))
    return [" ".join(word[same:]) or name for word, name in zip(words, names, strict=True)]
