"""Code view: the next step as three programs side by side; lines that do the same light up together."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFontDatabase, QHideEvent, QKeyEvent, QShowEvent, QTextCursor, QTextFormat
from PySide6.QtWidgets import (
    QApplication,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QTextEdit,
    QVBoxLayout,
    QWidget,
)

from engine.microscope.film.film import MicroStep, Phase
from engine.microscope.listings import LISTINGS, SourceLine, source
from engine.training import RunSnapshot
from playground.runtime.frame import Frame
from playground.ui import theme
from playground.ui.controls import Button, tell
from playground.ui.throttle import Throttle
from playground.views.highlighting import PythonHighlighter
from playground.views.microscope.session import MOST_PARAMETERS

LETTERS = 12  # pixels
BREAK = 2  # milliseconds from one program to the next
PAUSE = 1.0  # seconds from one writing to the next while it trains
SHARE = 20  # and at least so many times as long as a writing takes
SAYS = {
    "Value": "One point, number by number, as in micrograd",
    "NumPy": "The compiled program that trains this network",
    "PyTorch": "The same step by PyTorch's own engine",
}
NO_POINTS = "# There are no points to learn from yet."
TOO_LARGE = f"# This network has more than {MOST_PARAMETERS:,} weights and biases: too many to list."


class ListingsView(QWidget):
    """Code view: a pane for each of `LISTINGS`. Where the cursor stands in one, the others go along."""

    turned = Signal(bool)  # whether it can be seen now

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("The step in code")
        self._frame: Frame | None = None
        self._point = 0
        self._throttle = Throttle(PAUSE, SHARE)
        self._written: tuple[RunSnapshot | None, int] | None = None  # the snapshot and the point that are shown
        self._to_write: list[str] = []  # the programs that are not yet of it
        self._timer = QTimer(self, interval=BREAK)
        self._timer.timeout.connect(self._write_next)
        self._part = "layer 1"  # a program begins with numbers; what is done with them is what teaches
        self.panes = {name: _Pane(name) for name in LISTINGS}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, theme.GAP // 2, 0, 0)
        grid.setSpacing(theme.GAP)
        for column, pane in enumerate(self.panes.values()):
            grid.addWidget(pane, 0, column)
            grid.setColumnStretch(column, 1)
            pane.pointed.connect(self.light)
        theme.theme().changed.connect(self._recolour)

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(600), theme.px(120))

    def _recolour(self) -> None:
        self.light(self._part)

    def show_frame(self, frame: Frame) -> None:
        """Write the programs of this moment, if anybody can see them; now and then while it trains."""
        self._frame = frame
        if self.isVisible() and self._throttle.is_due(frame.training):
            self._write()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._write()
        self.turned.emit(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()
        if self._to_write:
            self._written = None  # it is not
        self.turned.emit(False)

    def look_at_point(self, point: int | None) -> None:
        """Write of another point, where a program is of a single one."""
        if point is not None and point != self._point:
            self._point = point
            if self.isVisible():
                self._write()

    def light(self, part: str) -> None:
        """Light up all lines that do one part of the step."""
        self._part = part
        for pane in self.panes.values():
            pane.light(part)

    def light_step(self, step: MicroStep | None, column: int) -> None:
        """Light up the lines of a film's micro-step, whose node belongs to a column of the network."""
        if step is not None:
            self.light(_PARTS.get(step.phase) or f"layer {column}")

    def _write(self) -> None:
        """Begin to write, a program at a time, so that the window answers in between."""
        snapshot = None if self._frame is None else self._frame.snapshot
        if self._written == (snapshot, self._point):
            return
        self._written, self._to_write = (snapshot, self._point), list(self.panes)
        self._timer.start()

    def _write_next(self) -> None:
        with self._throttle:
            self._print(self._to_write.pop(0))
        if not self._to_write:
            self._timer.stop()
            self.light(self._part)

    def _print(self, name: str) -> None:
        assert self._written is not None
        snapshot, _ = self._written
        has_points = snapshot is not None and len(snapshot.batch) > 0
        point = 0 if snapshot is None else min(self._point, max(0, len(snapshot.experiment.data.arrays) - 1))
        is_too_large = snapshot is not None and snapshot.experiment.parameter_count > MOST_PARAMETERS
        if snapshot is None or not has_points or is_too_large:
            self.panes[name].write([SourceLine(TOO_LARGE if is_too_large else NO_POINTS)])
        else:
            self.panes[name].write(LISTINGS[name](snapshot, point))


# a forward step is a layer's, whose number is the column's
_PARTS = {
    Phase.ZERO: "zero",
    Phase.LOSS: "loss",
    Phase.SEED: "backward",
    Phase.BACKWARD: "backward",
    Phase.UPDATE: "update",
}


class _Pane(QWidget):
    """Code pane: a program under its title, to be read, copied and run."""

    pointed = Signal(str)  # the part of the line that the cursor is at

    def __init__(self, name: str) -> None:
        super().__init__()
        self.lines: list[SourceLine] = []
        self.text = _SourceText()
        self.text.setAccessibleName(f"The step in {name}")
        self.text.cursorPositionChanged.connect(self._point)
        title, self._says = QLabel(name.upper()), QLabel(SAYS[name])
        title.setProperty("role", "title")
        title.setToolTip(SAYS[name])
        self._says.setProperty("role", "small")
        self._says.setMinimumWidth(1)  # it makes way before the pane would ask for more room
        self.copy = Button("Copy", role="segment", name=f"Copy the {name} program", tip="Copy; it runs as it is")
        self.copy.clicked.connect(self._copy)
        head = QHBoxLayout()
        head.addWidget(title)
        head.addWidget(self._says)
        head.addStretch(1)
        head.addWidget(self.copy)
        self._head = (title, self._says, self.copy)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.GAP // 2)
        layout.addLayout(head)
        layout.addWidget(self.text, 1)

    def event(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            needed = sum(widget.sizeHint().width() + theme.GAP for widget in self._head)
            self._says.setVisible(needed <= self.width())
        return super().event(event)

    def write(self, lines: list[SourceLine]) -> None:
        """Show a program; the place that is read stays."""
        if lines != self.lines:
            self.lines = lines
            self.text.blockSignals(True)
            self.text.rewrite(source(lines))
            self.text.blockSignals(False)

    def light(self, part: str) -> None:
        """Light up the lines of a part."""
        lit = [n for n, line in enumerate(self.lines) if part and line.part == part]
        self.text.light(lit)

    def _point(self) -> None:
        if self.text.hasFocus():
            line = self.text.textCursor().blockNumber()
            self.pointed.emit(self.lines[line].part if line < len(self.lines) else "")

    def _copy(self) -> None:
        QApplication.clipboard().setText(source(self.lines))
        tell(self.copy, "Copied: it runs as it is.")


class _SourceText(QPlainTextEdit):
    """Read-only editor: text that is read, not written."""

    def __init__(self) -> None:
        super().__init__()
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setTabChangesFocus(True)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._highlighter = PythonHighlighter(self.document())
        theme.theme().changed.connect(self._dress)
        self._dress()

    def _dress(self) -> None:
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        font.setPixelSize(theme.px(LETTERS))
        self.setFont(font)
        self.document().setDefaultFont(font)

    def rewrite(self, text: str) -> None:
        """Write anew what lies between the first line that is another and the last: what is read elsewhere stays."""
        old, new = self.toPlainText().split("\n"), text.split("\n")
        above = min(_same(old, new), len(old) - 1, len(new) - 1)
        below = _same(old[:above:-1], new[:above:-1])
        first, last = (self.document().findBlockByNumber(n) for n in (above, len(old) - 1 - below))
        line = self.textCursor().blockNumber()
        cursor = QTextCursor(first)
        cursor.setPosition(last.position() + last.length() - 1, QTextCursor.MoveMode.KeepAnchor)
        cursor.insertText("\n".join(new[above : len(new) - below]))
        if above <= line < len(old) - below:  # where writing has carried the cursor along
            self.setTextCursor(QTextCursor(self.document().findBlockByNumber(min(line, self.blockCount() - 1))))

    def light(self, lines: list[int]) -> None:
        """Mark some lines, and bring the last into sight: first stand the weights, then what is done with them."""
        marks = []
        for n in lines:
            mark = QTextEdit.ExtraSelection()
            mark.cursor = QTextCursor(self.document().findBlockByNumber(n))
            mark.format.setBackground(theme.colour("highlight"))
            mark.format.setProperty(QTextFormat.Property.FullWidthSelection, True)
            marks.append(mark)
        self.setExtraSelections(marks)
        first = self.firstVisibleBlock().blockNumber()
        room = self.viewport().height() // max(1, self.fontMetrics().height())
        if lines and not first <= lines[-1] < first + room - 1:
            self.verticalScrollBar().setValue(max(0, lines[-1] - room // 2))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        super().keyPressEvent(event)
        if not event.text().isspace():
            event.ignore()  # so that the window's keys work here too


def _same(a: Sequence[str], b: Sequence[str]) -> int:
    """How many lines at the beginning of both are the same."""
    return next((n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
