"""Editor: the formula as text, examples to start from, and a place where a fault is shown while it is typed."""

from __future__ import annotations

import html

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QFontDatabase, QFontMetrics, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPlainTextEdit, QSizePolicy, QTextEdit, QVBoxLayout, QWidget

from engine.formula import EXAMPLES, FUNCTIONS, FormulaError
from playground.ui import theme
from playground.ui.controls import FONT_EVENTS, Combo
from playground.views.lab.use import UseButton

LINES = 3  # of the formula that are seen at once
NARROWEST = 304  # pixels
OWN = "Your own"
HINT = f"A name such as x is an input. Functions: {', '.join(FUNCTIONS)}; constant: pi."
EXPLAINED_LINES = 4  # of what was expected; 3 where letters are small
LEAD, TRAIL = 6, 4  # characters that stay in sight before and behind the faulty one


class FormulaEditor(QWidget):
    """Formula editor: the text, and what is wrong with it. It says every change, and leaves it to others to read it."""

    edited = Signal(str)
    example_chosen = Signal()  # before the text becomes that of the example

    def __init__(self) -> None:
        super().__init__()
        self.text = _FormulaText()
        self.examples = Combo()
        self.examples.addItems([name[0].upper() + name[1:] for name in EXAMPLES])
        self.examples.setPlaceholderText(OWN)
        self.examples.setAccessibleName("Examples")
        self.examples.setToolTip("Formulas to start from; Ctrl+Z in the text brings yours back")
        self.use = UseButton()
        beside = QHBoxLayout()
        beside.setSpacing(theme.GAP // 2)
        beside.addWidget(self.examples)
        beside.addStretch(1)
        beside.addWidget(self.use)
        self.complaint = _Complaint()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.GAP // 2)
        layout.addLayout(beside)
        layout.addWidget(self.text)
        layout.addWidget(self.complaint)
        self.text.setPlainText(next(iter(EXAMPLES.values())))
        self.text.textChanged.connect(self._changed)
        self.examples.activated.connect(self._load)

    def minimumSizeHint(self) -> QSize:
        above = self.examples.minimumSizeHint().width() + self.use.minimumSizeHint().width() + theme.GAP
        return QSize(max(NARROWEST, above), super().minimumSizeHint().height())

    def show_fault(self, fault: FormulaError | None) -> None:
        """Say what is wrong and mark the place; or that nothing is."""
        self.text.mark(fault)
        self.complaint.show_fault(fault)

    def _changed(self) -> None:
        text = self.text.toPlainText()
        known = list(EXAMPLES.values())
        self.examples.setCurrentIndex(known.index(text) if text in known else -1)
        self.edited.emit(text)

    def _load(self, index: int) -> None:
        self.example_chosen.emit()
        cursor = QTextCursor(self.text.document())  # not setPlainText, which would forget what can be undone
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.insertText(list(EXAMPLES.values())[index])


class _FormulaText(QPlainTextEdit):
    """Text field of a few lines, which Tab leaves."""

    def __init__(self) -> None:
        super().__init__()
        self.setTabChangesFocus(True)
        self.setAccessibleName("Formula")
        self.setAccessibleDescription("Definitions such as a = 2, one a line or with commas between; the last is shown")
        self.setPlaceholderText("3*x**2 - 4*x + 5")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._fault: FormulaError | None = None
        theme.theme().changed.connect(self._recolour)

    def mark(self, fault: FormulaError | None) -> None:
        """Underline the faulty character; of what is missing at the end, the last one."""
        self._fault = fault
        if fault is None or not fault.text:
            self.setExtraSelections([])
            return
        start = min(fault.position, len(fault.text) - 1)
        selection = QTextEdit.ExtraSelection()
        place: QTextCursor = QTextCursor(self.document())
        place.setPosition(_units(fault.text[:start]))
        place.setPosition(_units(fault.text[: start + 1]), QTextCursor.MoveMode.KeepAnchor)
        look = QTextCharFormat()
        look.setBackground(theme.colour("warning_surface"))
        look.setUnderlineColor(theme.colour("warning"))
        look.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
        selection.cursor, selection.format = place, look
        self.setExtraSelections([selection])

    def _recolour(self) -> None:
        self.mark(self._fault)

    def sizeHint(self) -> QSize:
        margins = 2 * round(self.document().documentMargin()) + 2 * self.frameWidth() + theme.GAP
        return QSize(NARROWEST, LINES * QFontMetrics(self.font()).lineSpacing() + margins)

    def event(self, event: QEvent) -> bool:
        handled = super().event(event)
        if event.type() in FONT_EVENTS:
            self.setFixedHeight(self.sizeHint().height())
        return handled


class _Complaint(QLabel):
    """Error message: the faulty line, an arrow under its faulty character, what was expected; or a hint."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "small")
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setWordWrap(True)
        self.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.setAccessibleName("What is wrong")
        self._fault: FormulaError | None = None
        self._mono = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        theme.theme().changed.connect(self._say)
        self._say()

    def show_fault(self, fault: FormulaError | None) -> None:
        self._fault = fault
        self._say()

    def _say(self) -> None:
        self._mono.setPixelSize(theme.px(12))
        if self._fault is None:
            self.setText(HINT)
            return
        line, below = self._fault.arrow().split("\n")
        line, column = _excerpt(line, below.index("^"), self._characters())
        shown = html.escape(f"{line or ' '}\n{' ' * column}^")
        tint, family = theme.colour("warning").name(), self._mono.family()
        self.setText(
            f"<pre style=\"font-family: '{family}'; margin: 0; color: {theme.colour('text').name()}\">{shown}</pre>"
            f'<span style="color: {tint}">expected {html.escape(self._fault.expected)}</span>'
        )

    def _characters(self) -> int:
        return max(self.width(), NARROWEST) // QFontMetrics(self._mono).horizontalAdvance("0") - 1

    def event(self, event: QEvent) -> bool:
        handled = super().event(event)
        if event.type() in FONT_EVENTS:
            self._mono.setPixelSize(theme.px(12))
            room = 2 * QFontMetrics(self._mono).lineSpacing() + EXPLAINED_LINES * self.fontMetrics().lineSpacing()
            self.setFixedHeight(room + theme.GAP)
        return handled


def _excerpt(line: str, column: int, room: int) -> tuple[str, int]:
    """As much of a line as has room, with … where it goes on, and the place of a column in it."""
    if len(line) <= room:
        return line, column
    start = min(max(0, column + TRAIL - room + 1), max(0, column - LEAD))
    shown = line[start : start + room]
    if start:
        shown = "…" + shown[1:]
    if start + room < len(line):
        shown = shown[:-1] + "…"
    return shown, column - start


def _units(text: str) -> int:
    """How many places Qt counts for a text: two for a character beyond the first 65,536."""
    return len(text.encode("utf-16-le")) // 2
