"""Fault injection view: the classic mistakes, each with the line of code, to be switched on, watched and repaired."""

from __future__ import annotations

import html

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QCheckBox, QFrame, QGridLayout, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from engine.microscope.mistakes import MISTAKES, Mistake
from playground.runtime.frame import Frame
from playground.ui import theme
from playground.ui.controls import Button

COLUMNS = 3  # cards side by side, at the most
BAR = 12  # pixels of a scroll bar, at the usual text size
INTRODUCTION = "Switch on a mistake that everybody makes once, train, and see what becomes of it."


class MistakesView(QWidget):
    """Fault injection view: a card for each mistake; what is switched on is what the frames say."""

    chosen = Signal(object)  # a frozenset of keys of MISTAKES

    def __init__(self) -> None:
        super().__init__()
        self._made: frozenset[str] = frozenset()
        self._boxes = {name: _Card(mistake) for name, mistake in MISTAKES.items()}
        self._repair = Button("All off", role="segment", tip="Switch all mistakes off: the engine is sound again")
        self._repair.clicked.connect(lambda: self.chosen.emit(frozenset()))
        introduction = QLabel(INTRODUCTION)
        introduction.setProperty("role", "small")
        introduction.setWordWrap(True)
        top = QHBoxLayout()
        top.addWidget(introduction, 1)
        top.addWidget(self._repair)
        cards = QWidget()
        self._columns = 0
        self._grid = QGridLayout(cards)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(theme.GAP)
        for name, card in self._boxes.items():
            card.box.clicked.connect(lambda on, name=name: self._choose(name, on))
        self._grid.setRowStretch(len(MISTAKES), 1)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setWidget(cards)
        cards.setAutoFillBackground(False)  # which setWidget has just told it to do
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, theme.GAP // 2, 0, 0)
        layout.addLayout(top)
        layout.addWidget(self._area, 1)
        theme.theme().changed.connect(self._recolour)
        self._arrange()
        self._show()

    def minimumSizeHint(self) -> QSize:
        return QSize(self._widest() + theme.px(BAR), super().minimumSizeHint().height())

    def _widest(self) -> int:
        return max(card.minimumSizeHint().width() for card in self._boxes.values())

    def _arrange(self) -> None:
        """As many cards side by side as there is room for."""
        room = self._area.maximumViewportSize().width() - theme.px(BAR) + theme.GAP
        columns = min(max(room // (self._widest() + theme.GAP), 1), COLUMNS)
        if columns != self._columns:
            self._columns = columns
            for n, card in enumerate(self._boxes.values()):
                self._grid.addWidget(card, n // columns, n % columns)
            for column in range(COLUMNS):
                self._grid.setColumnStretch(column, int(column < columns))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def show_frame(self, frame: Frame) -> None:
        """Mark what the engine does wrong."""
        if frame.mistakes != self._made:
            self._made = frame.mistakes
            self._show()

    def _show(self) -> None:
        for name, card in self._boxes.items():
            card.show_made(name in self._made)
        self._repair.setEnabled(bool(self._made))

    def _recolour(self) -> None:
        self._arrange()
        for card in self._boxes.values():
            card.recolour()

    def _choose(self, name: str, on: bool) -> None:
        self.chosen.emit(self._made | {name} if on else self._made - {name})


class _Card(QFrame):
    """Card of a mistake: its switch, the line as it should be and as it is then, and what comes of it."""

    def __init__(self, mistake: Mistake) -> None:
        super().__init__()
        self._mistake = mistake
        self.setProperty("role", "canvas")
        self.box = QCheckBox(mistake.label)
        self.box.setAccessibleName(mistake.label)
        self.box.setAccessibleDescription(mistake.says)
        self.box.setToolTip("Have the engine make this mistake, or no more")
        self._code, says = QLabel(), QLabel(mistake.says)
        self._code.setTextFormat(Qt.TextFormat.RichText)
        self._code.setWordWrap(True)
        says.setWordWrap(True)
        says.setProperty("role", "small")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 6, 10, 6)
        layout.setSpacing(theme.GAP // 2)
        for widget in (self.box, self._code, says):
            layout.addWidget(widget)
        layout.addStretch()
        self.recolour()

    def show_made(self, made: bool) -> None:
        """Whether the engine makes this mistake now."""
        self.box.setChecked(made)
        self.recolour()

    def recolour(self) -> None:
        """The line that is in force stands out."""
        made = self.box.isChecked()
        lines = (("✓", self._mistake.right, not made), ("✗", self._mistake.wrong, made))
        rows = "<br>".join(_line(sign, code, in_force) for sign, code, in_force in lines)
        self._code.setText(f"<span style='font-family: monospace; font-size: {theme.px(12)}px'>{rows}</span>")


def _line(sign: str, code: str, in_force: bool) -> str:
    tint = theme.colour("text" if in_force else "muted").name()
    text = f"{sign} {html.escape(code)}"
    return f"<span style='color: {tint}'>{f'<b>{text}</b>' if in_force else text}</span>"
