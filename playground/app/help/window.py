"""Help window: guide, keys and glossary as one text, its headings beside it, and a field to find words."""

from __future__ import annotations

import re
from typing import NamedTuple

from PySide6.QtCore import QSignalBlocker, Qt, QUrl
from PySide6.QtGui import (
    QDesktopServices,
    QFont,
    QKeySequence,
    QResizeEvent,
    QShortcut,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextTable,
)
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QMainWindow,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from playground.app import actions
from playground.ui import glossary, theme
from playground.ui.controls import take_room

GUIDE = theme.RESOURCES / "guide.md"
FIND = "Find"
TEXT = 14  # pixels of its letters at the usual text size
HEADING_SIZES = {1: 22, 2: 16}
SIZE = 860, 640  # pixels at the usual text size
LINE_HEIGHT = 130.0  # per cent
PARAGRAPH = 6  # pixels below one


class Section(NamedTuple):
    """Section of the help: its heading, how deep that is, where it stands in the text, and its text in lower case."""

    heading: str
    level: int
    position: int
    text: str


class HelpWindow(QWidget):
    """Help window: stays beside the window that it belongs to."""

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window, Qt.WindowType.Window)
        self.setWindowTitle("Help")
        self._sections: list[Section] = []
        self._find, self._list, self._page = QLineEdit(), QListWidget(), QTextBrowser()
        self._find.setPlaceholderText(FIND)
        self._find.setToolTip("Words to find in the help (Ctrl+F); Enter goes to the next place")
        self._list.setToolTip("What the help has sections about")
        for part, name in ((self._find, FIND), (self._list, "Sections"), (self._page, "Help")):
            part.setAccessibleName(name)
        self._page.setOpenLinks(False)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        left = QVBoxLayout()
        left.addWidget(self._find)
        left.addWidget(self._list, 1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.setSpacing(12)
        layout.addLayout(left)
        layout.addWidget(self._page, 1)
        self._find.textChanged.connect(self._narrow)
        self._find.returnPressed.connect(self._find_next)
        self._list.currentRowChanged.connect(self._go)
        self._page.anchorClicked.connect(self._follow)
        QShortcut(QKeySequence("Ctrl+F"), self, self._find.setFocus)
        QShortcut(QKeySequence("Esc"), self, self.close)
        theme.theme().changed.connect(self._render)
        self._render()
        take_room(self, *SIZE)

    def open_at(self, heading: str) -> None:
        """Show a section."""
        self._find.clear()
        self._list.setCurrentRow(-1)
        self._list.setCurrentRow([section.heading for section in self._sections].index(heading))
        self.show()
        self.raise_()
        self.activateWindow()
        self._page.setFocus()
        self._go(self._list.currentRow())  # again, now that it has its size

    def section(self) -> str:
        """The heading of the section that is shown."""
        return self._sections[self._list.currentRow()].heading

    def _render(self) -> None:
        """Set the text in the colours and at the size in force; the section that is shown stays."""
        shown = max(0, self._list.currentRow())
        document = self._page.document()
        document.setDefaultFont(theme.font(TEXT))
        document.setDocumentMargin(theme.px(12))
        document.setMarkdown("\n".join((GUIDE.read_text("utf-8"), _keys(), glossary.TEXT.read_text("utf-8"))))
        _dress(document)
        self._sections = _sections(document.begin())
        with QSignalBlocker(self._list):
            self._list.clear()
            for section in self._sections:
                item = QListWidgetItem(("" if section.level == 1 else "   ") + section.heading, self._list)
                item.setFont(theme.font(13, QFont.Weight.DemiBold if section.level == 1 else QFont.Weight.Normal))
            self._list.setCurrentRow(shown)
        self._list.ensurePolished()
        bar = self._list.verticalScrollBar().sizeHint().width()
        width = self._list.sizeHintForColumn(0) + bar + theme.px(2 * theme.GAP)
        self._list.setFixedWidth(width)
        self._find.setFixedWidth(width)
        self._narrow(self._find.text(), jumps=False)
        self._go(shown)

    def _narrow(self, words: str, jumps: bool = True) -> None:
        """List the sections that have these words, and go to the first."""
        for row, section in enumerate(self._sections):
            self._list.item(row).setHidden(words.casefold() not in section.text)
        if words and jumps:
            self._page.moveCursor(QTextCursor.MoveOperation.Start)
            self._find_next()

    def _find_next(self) -> None:
        """Go to the next place of the words, or to the first again."""
        words = self._find.text()
        if not self._page.find(words):
            self._page.moveCursor(QTextCursor.MoveOperation.Start)
            self._page.find(words)
        place = self._page.textCursor().selectionStart()
        row = sum(section.position <= place for section in self._sections) - 1
        with QSignalBlocker(self._list):
            self._list.setCurrentRow(row)
        self._go(row)
        self._page.ensureCursorVisible()

    def _go(self, row: int) -> None:
        if row >= 0:
            block = self._page.document().findBlock(self._sections[row].position)
            top = self._page.document().documentLayout().blockBoundingRect(block).top()
            self._page.verticalScrollBar().setValue(round(top))

    def _follow(self, link: QUrl) -> None:
        """Go where a link leads: to a section, or out of the program."""
        if not link.isRelative():
            QDesktopServices.openUrl(link)
            return
        self._find.clear()
        self._list.setCurrentRow([_slug(section.heading) for section in self._sections].index(link.fragment()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._go(self._list.currentRow())


def show(window: QMainWindow, heading: str) -> None:
    """Open the help of a window at a section."""
    (window.findChild(HelpWindow) or HelpWindow(window)).open_at(heading)


def show_for_focus(window: QMainWindow) -> None:
    """Open the help at what the control is about that has the keyboard, or else at its beginning."""
    focus = QApplication.focusWidget()
    show(window, (focus is not None and glossary.term_in(focus.accessibleName())) or "Guide")


def _keys() -> str:
    rows = (f"| `{keys}` | {words} |" for keys, words in actions.keys_in_words())
    return "\n".join(("\n# Keys\n", "| Key | What it does |", "|---|---|", *rows, ""))


def _slug(heading: str) -> str:
    """A heading as links name it: "Learning rate" is learning-rate."""
    return re.sub(r"\W+", "-", heading.casefold()).strip("-")


def _blocks(block: QTextBlock) -> list[QTextBlock]:
    result = []
    while block.isValid():
        result.append(block)
        block = block.next()
    return result


def _sections(first: QTextBlock) -> list[Section]:
    result: list[Section] = []
    for block in _blocks(first):
        if level := block.blockFormat().headingLevel():
            result.append(Section(block.text(), level, block.position(), ""))
        result[-1] = result[-1]._replace(text=f"{result[-1].text}\n{block.text().casefold()}")
    return result


def _dress(document: QTextDocument) -> None:
    """Room between lines and around paragraphs, the sizes of headings, no lines in tables."""
    edit = QTextCursor(document)
    edit.beginEditBlock()  # laid out once, and not after each of these
    for block in _blocks(document.begin()):
        cursor, shape, letters = QTextCursor(block), QTextBlockFormat(), QTextCharFormat()
        shape.setLineHeight(LINE_HEIGHT, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        shape.setBottomMargin(theme.px(PARAGRAPH))
        shape.setTopMargin(0)
        if level := block.blockFormat().headingLevel():
            shape.setTopMargin(theme.px(HEADING_SIZES[level]))
            letters.setFont(theme.font(HEADING_SIZES[level], QFont.Weight.DemiBold))
            cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
            cursor.mergeCharFormat(letters)
        cursor.mergeBlockFormat(shape)
    for frame in document.rootFrame().childFrames():
        if isinstance(frame, QTextTable):
            lines = frame.format()
            lines.setBorder(0)
            frame.setFormat(lines)
    edit.endEditBlock()
