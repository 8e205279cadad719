"""Finding card: an illness with its evidence, what it means, where it is, and a button for each remedy."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout

from engine.microscope.doctor import Evidence, Finding, Illness, Remedy
from playground.ui import theme
from playground.ui.controls import Button

AGAIN = "Start again from step 0 with this. The run stays: Undo goes back to it."
FROM_HERE = "Train on from here with this. Undo takes it back."


class FindingCard(QFrame):
    """Finding card of one illness; what was found of it may change while it trains."""

    show_asked = Signal()  # the place in the diagram
    prescribed = Signal(object)  # the Remedy

    def __init__(self, illness: Illness) -> None:
        super().__init__()
        self._illness = illness
        self._remedies: list[Remedy] = []
        self.setProperty("role", "canvas")
        self.setAccessibleName(illness.title)
        title, self._evidence, explanation = QLabel(f"<b>{illness.title}</b>"), QLabel(), QLabel(illness.explanation)
        explanation.setProperty("role", "small")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 6, 10, 8)
        layout.setSpacing(theme.GAP // 2)
        for label in (title, self._evidence, explanation):
            label.setWordWrap(True)
            layout.addWidget(label)
        self._show = Button(icon="eye", role="small", tip="Show where it is; again: the next place")
        self._show.set_words("Show")
        self._show.setAccessibleName(f"Show {illness.title}")
        self._show.clicked.connect(self.show_asked)
        self._row = QHBoxLayout()
        self._row.addWidget(self._show)
        self._row.addStretch()
        layout.addLayout(self._row)
        self._buttons: list[Button] = []

    def show_finding(self, finding: Finding, evidence: Evidence) -> None:
        """What was found just now."""
        self._evidence.setText(finding.sighting.evidence)
        self.setAccessibleDescription(finding.sighting.evidence)
        self._show.setVisible(bool(finding.sighting.places))
        self._remedies = finding.remedies(evidence)
        self._fit_buttons()

    def _fit_buttons(self) -> None:
        """As many buttons as there are remedies; those that stay keep the keyboard."""
        tip = AGAIN if self._illness.starts_again else FROM_HERE
        while len(self._buttons) > len(self._remedies):
            button = self._buttons.pop()
            self._row.removeWidget(button)
            button.deleteLater()
        while len(self._buttons) < len(self._remedies):
            button = Button(role="small", tip=tip)
            button.clicked.connect(self._prescribe)
            self._row.insertWidget(1 + len(self._buttons), button)
            self._buttons.append(button)
        for button, remedy in zip(self._buttons, self._remedies, strict=True):
            if button.text() != remedy.label:
                button.setText(remedy.label)
                button.setAccessibleName(f"{remedy.label}, against: {self._illness.title}")

    def _prescribe(self) -> None:
        button = self.sender()
        if isinstance(button, Button):
            self.prescribed.emit(self._remedies[self._buttons.index(button)])
