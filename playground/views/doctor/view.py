"""Doctor view: a card for each finding, and the sharpness of the run beside them."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from engine.microscope.doctor import ILLNESSES, Remedy
from playground.runtime.survey import Survey
from playground.ui import theme
from playground.views.doctor.card import FindingCard
from playground.views.doctor.plot import SharpnessPlot

WELL = "Nothing is wrong, as far as can be seen."
UNKNOWN = "There is nothing to go by: no points to learn from, or an engine that is broken on purpose."
LOOKED_AT = f"Looked for: {'; '.join(illness.title for illness in ILLNESSES.values())}."
LOST = "diverged"  # the finding whose place is an operation
NARROWEST = 300  # pixels of the cards
PLOT = 260  # and of the plot, at the usual text size


class DoctorView(QWidget):
    """Doctor view: what is wrong with the run that is looked at."""

    shown = Signal(object)  # the Place that is to be marked in the diagram, or None
    operation_asked = Signal(object)  # the Autopsy whose operation is to be looked at
    prescribed = Signal(object, bool)  # the Remedy, and whether the run starts again with it

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Doctor")
        self._survey = Survey()
        self._cards: dict[str, FindingCard] = {}
        self._looked_at: tuple[str, int] = "", 0  # the finding whose places are shown, and which comes next
        self._verdict, self._looked_for = QLabel(UNKNOWN), QLabel(LOOKED_AT)
        self._looked_for.setProperty("role", "small")
        self.plot = SharpnessPlot()
        self._lay_out()
        theme.theme().changed.connect(self._fit)
        self._fit()

    def _lay_out(self) -> None:
        inside = QWidget()
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(0, 0, theme.GAP, 0)
        self._column.setSpacing(theme.GAP)
        for label in (self._verdict, self._looked_for):
            label.setWordWrap(True)
            self._column.addWidget(label)
        self._column.addStretch()
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setWidget(inside)
        inside.setAutoFillBackground(False)  # which setWidget has just told it to do
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, theme.GAP // 2, 0, 0)
        layout.setSpacing(theme.GAP)
        layout.addWidget(self._area, 3)
        layout.addWidget(self.plot, 2)

    def _fit(self) -> None:
        self._area.setMinimumWidth(theme.px(NARROWEST))
        self.plot.setMinimumWidth(theme.px(PLOT))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(NARROWEST) + theme.px(PLOT) + theme.GAP, super().minimumSizeHint().height())

    def show_survey(self, survey: Survey) -> None:
        """Show what was found of a run."""
        self._survey = survey
        evidence = survey.evidence
        found = {finding.name: finding for finding in survey.findings}
        for name in self._cards.keys() - found:
            card = self._cards.pop(name)
            self._column.removeWidget(card)
            card.hide()  # nobody clicks what is gone
            card.deleteLater()
        for place, finding in enumerate(found.values()):
            card = self._cards.get(finding.name) or self._new_card(finding.name, place)
            assert evidence is not None
            card.show_finding(finding, evidence)
        if self._looked_at[0] not in ("", *found):
            self._looked_at = "", 0
            self.shown.emit(None)
        self._verdict.setText(UNKNOWN if evidence is None else WELL)
        for label in (self._verdict, self._looked_for):
            label.setVisible(not found)
        self.plot.show_course(survey.sharpness, None if evidence is None else evidence.sharpness)

    def _new_card(self, name: str, place: int) -> FindingCard:
        """The card of an illness, in its place among those that are there."""
        card = self._cards[name] = FindingCard(ILLNESSES[name])
        card.show_asked.connect(lambda: self._show_place(name))
        card.prescribed.connect(lambda remedy: self._prescribe(name, remedy))
        self._column.insertWidget(2 + place, card)
        return card

    def _show_place(self, name: str) -> None:
        """Mark where a finding is, one place after the other."""
        finding = next(finding for finding in self._survey.findings if finding.name == name)
        evidence, places = self._survey.evidence, finding.sighting.places
        before, turn = self._looked_at
        turn = turn % len(places) if before == name else 0
        self._looked_at = name, turn + 1
        if name == LOST and evidence is not None and evidence.autopsy is not None:
            self.operation_asked.emit(evidence.autopsy)
        else:
            self.shown.emit(places[turn])

    def _prescribe(self, name: str, remedy: Remedy) -> None:
        self.prescribed.emit(remedy, ILLNESSES[name].starts_again)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._looked_at = "", 0
        self.shown.emit(None)
