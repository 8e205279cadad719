"""Notice bar: what is happening, in words, and the strip under the transport that says it."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy

from playground.ui import theme
from playground.ui.controls import Button, announce, restyle

Kind = Literal["quiet", "good", "warning"]
LOOKS: dict[Kind, tuple[str, str]] = {  # icon, and the palette's colour for it
    "quiet": ("info", "muted"),
    "good": ("check", "accent"),
    "warning": ("warning", "warning"),
}
_FIGURES = re.compile(r"[\d,.]+")


class Notice(NamedTuple):
    """Notice: a sentence, how it is meant, and the words on its button with what the button does, if it has one.

    `other` is a second button and what it does.
    """

    kind: Kind
    text: str
    button: str | None = None
    action: str | None = None
    other: tuple[str, str] | None = None


class _Line(QLabel):
    """Elided label: one line of text that never asks for more room; what does not fit is in its tooltip."""

    def __init__(self) -> None:
        super().__init__()
        self._full = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def set_full(self, text: str) -> None:
        """The text to show as much of as there is room for."""
        self._full = text
        self._fit()

    def _fit(self) -> None:
        shown = self.fontMetrics().elidedText(self._full, Qt.TextElideMode.ElideRight, self.width())
        self.setText(shown)
        self.setToolTip(self._full if shown != self._full else "")
        self.setAccessibleName(self._full)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()


class NoticeBar(QFrame):
    """Notice bar: a strip of fixed height with an icon, a sentence, and room for two buttons."""

    button_clicked = Signal(object)  # the notice's action

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "notice")
        self._said = Notice("quiet", "")
        self._icon, self._line = QLabel(), _Line()
        self._button, self._other = Button(role="small"), Button(role="small")
        self._button.clicked.connect(lambda: self.button_clicked.emit(self._said.action))
        self._other.clicked.connect(lambda: self.button_clicked.emit((self._said.other or ("", ""))[1]))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(2 * theme.GAP, 0, theme.GAP, 0)
        layout.setSpacing(theme.GAP)
        layout.addWidget(self._icon)
        layout.addWidget(self._line, 1)
        layout.addWidget(self._other)
        layout.addWidget(self._button)
        theme.theme().changed.connect(self._tint)
        self._show()

    def say(self, notice: Notice) -> None:
        """Say this until something else is said."""
        if notice != self._said:  # asked for at every frame
            is_news = _FIGURES.sub("", notice.text) != _FIGURES.sub("", self._said.text)
            self._said = notice
            self._show()
            if is_news:  # and not another step, or another part of the way
                announce(self, notice.text)

    def _show(self) -> None:
        kind, text, button, _, other = self._said
        self._line.set_full(text)
        for shown, words in ((self._button, button), (self._other, other and other[0])):
            shown.setText(words or "")
            shown.setAccessibleName(words or "")
            shown.setVisible(words is not None)
        if self.property("kind") != kind:
            for part in (self, self._line):
                restyle(part, kind=kind)
        self._tint()

    def text(self) -> str:
        """What is being said, whole."""
        return self._said.text

    def kind(self) -> Kind:
        """How it is being said."""
        return self._said.kind

    def _tint(self) -> None:
        icon, token = LOOKS[self.kind()]
        size = QSize(theme.px(theme.ICON_SIZE), theme.px(theme.ICON_SIZE))
        self._icon.setPixmap(theme.icon(icon, token).pixmap(size, self.devicePixelRatioF()))
        self._icon.setVisible(bool(self.text()))
