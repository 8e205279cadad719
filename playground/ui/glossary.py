"""Glossary: the words of the field, as `resources/glossary.md` explains them, and captions that lead there."""

from __future__ import annotations

import re
from functools import cache, partial

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QHeaderView, QLabel, QMenu, QWidget

from playground.ui import theme

TEXT = theme.RESOURCES / "glossary.md"


@cache
def _headings() -> dict[str, str]:
    """The headings of the entries, by every name that each has, in lower case."""
    result: dict[str, str] = {}
    for entry in TEXT.read_text(encoding="utf-8").split("\n## ")[1:]:
        heading, _, body = entry.partition("\n")
        also = re.match(r"\*Also: (.+)\*", body)
        for name in (heading, *(also[1].split(", ") if also else ())):
            result[name.casefold()] = heading
    return result


def term_in(text: str) -> str | None:
    """The heading of the entry that a text speaks of: of all of it, or else of the longest part that has one."""
    words = text.casefold().split()
    for length in range(len(words), 0, -1):
        for start in range(len(words) - length + 1):
            if heading := _headings().get(" ".join(words[start : start + length])):
                return heading
    return None


class _Captions(QObject):
    """Captions that name a term: a click asks for it, or the right button where a click sorts. Whoever shows the
    glossary listens.
    """

    asked = Signal(QWidget, str)  # the caption, and the heading of its entry

    def eventFilter(self, caption: QObject, event: QEvent) -> bool:
        if (
            event.type() not in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonRelease)
            or not isinstance(event, QMouseEvent)
            or not isinstance(caption, QLabel)
            or event.button() != Qt.MouseButton.LeftButton
        ):
            return False
        term = term_in(caption.text())
        is_click = event.type() == QEvent.Type.MouseButtonRelease
        if term and is_click and caption.rect().contains(event.position().toPoint()):
            self.asked.emit(caption, term)
        return term is not None

    def offer(self, at: QPoint) -> None:
        """Offer to explain the title of a column, in a menu where the pointer is."""
        header = self.sender()
        assert isinstance(header, QHeaderView)
        column = header.logicalIndexAt(at)
        title = str(header.model().headerData(column, header.orientation()) if column >= 0 else "")
        if term := term_in(title):
            menu = QMenu(header)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.addAction(f"What is “{title}”?").triggered.connect(partial(self._ask, header, term))
            menu.popup(header.mapToGlobal(at))

    def _ask(self, widget: QWidget, term: str, _checked: bool = False) -> None:
        self.asked.emit(widget, term)


@cache
def captions() -> _Captions:
    """The one filter: connect to `captions().asked`."""
    return _Captions()


def explain(caption: QLabel) -> None:
    """Have a caption answer to a click, if the glossary has its words; the pointer tells that it does."""
    if caption.text().casefold() in _headings():
        caption.setProperty("term", True)
        caption.setCursor(Qt.CursorShape.WhatsThisCursor)
        caption.setAttribute(Qt.WidgetAttribute.WA_Hover)
        caption.installEventFilter(captions())


def explain_columns(header: QHeaderView) -> None:
    """Have the titles of columns answer to the right button."""
    header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
    header.customContextMenuRequested.connect(captions().offer)
