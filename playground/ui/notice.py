"""Notice bar: what is happening, in words, and the strip under the transport that says it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal, NamedTuple

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QLabel, QSizePolicy

from playground.ui import theme
from playground.ui.controls import Button, announce, restyle

Kind = Literal["quiet", "good", "warning"]
LOOKS: dict[Kind, tuple[str, str]] = {  # icon, and the palette's colour for it
    "quiet": ("info", "muted"),
    "good": ("check", "accent"),
    "warning": ("warning", "warning"),
}
NARROW = 110  # letters n
LEAST_TEXT = 200  # pixels of it, with the icon
LEAST = {False: (34, 2), True: (50, 3)}  # by whether it is narrow: pixels of its height at the least, and its lines
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


class NoticeBar(QFrame):
    """Notice bar: a strip with an icon, a sentence, and room for two buttons.

    Its height is that of two lines, whatever is said; where it is narrow, of three, and the buttons stand one above
    the other.

    Args:
        tips: what each action does, by its name.
    """

    button_clicked = Signal(object)  # the notice's action

    def __init__(self, tips: Mapping[str, str] | None = None) -> None:
        super().__init__()
        self._tips = tips or {}
        self.setProperty("role", "notice")
        self._said = Notice("quiet", "")
        self._icon, self._line = QLabel(), QLabel()
        self._line.setTextFormat(Qt.TextFormat.PlainText)
        self._line.setWordWrap(True)
        self._line.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self._button, self._other = Button(role="small"), Button(role="small")
        self._button.clicked.connect(lambda: self.button_clicked.emit(self._said.action))
        self._other.clicked.connect(lambda: self.button_clicked.emit((self._said.other or ("", ""))[1]))
        self._buttons = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._buttons.addWidget(self._other)
        self._buttons.addWidget(self._button)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(2 * theme.GAP, 0, theme.GAP, 0)
        layout.setSpacing(theme.GAP)
        layout.addWidget(self._icon)
        layout.addWidget(self._line, 1)
        layout.addLayout(self._buttons)
        theme.theme().changed.connect(self._dress)
        self._show()
        self._dress()

    def say(self, notice: Notice) -> None:
        """Say this until something else is said."""
        if notice != self._said:  # asked for at every frame
            is_news = _FIGURES.sub("", notice.text) != _FIGURES.sub("", self._said.text)
            self._said = notice
            self._show()
            if is_news:  # and not another step, or another part of the way
                announce(self, notice.text)

    def _show(self) -> None:
        kind, text, button, action, other = self._said
        self._line.setText(text)
        self._line.setAccessibleName(text)
        for shown, words, does in ((self._button, button, action), (self._other, *(other or (None, None)))):
            shown.setText(words or "")
            shown.setAccessibleName(words or "")
            shown.setToolTip(self._tips.get(does or "", ""))
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

    def _dress(self) -> None:
        self._tint()
        self._fit()

    def _fit(self) -> None:
        """As high as its lines of text are, by the width; not by what is said."""
        metrics = QFontMetrics(theme.font())
        is_narrow = self.width() < metrics.horizontalAdvance(NARROW * "n")
        direction = QBoxLayout.Direction
        self._buttons.setDirection(direction.TopToBottom if is_narrow else direction.LeftToRight)
        self._buttons.setSpacing(0 if is_narrow else theme.GAP)
        least, lines = LEAST[is_narrow]
        self.setFixedHeight(max(theme.px(least), lines * metrics.lineSpacing()))

    def minimumSizeHint(self) -> QSize:
        # with the buttons one above the other: side by side they must not keep the window from shrinking
        widest = max(button.minimumSizeHint().width() for button in (self._button, self._other))
        return QSize(widest + theme.px(LEAST_TEXT), self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _tint(self) -> None:
        icon, token = LOOKS[self.kind()]
        size = QSize(theme.px(theme.ICON_SIZE), theme.px(theme.ICON_SIZE))
        self._icon.setPixmap(theme.icon(icon, token).pixmap(size, self.devicePixelRatioF()))
        self._icon.setVisible(bool(self.text()))
