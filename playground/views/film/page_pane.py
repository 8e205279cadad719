"""Page pane: a page of rich text beside a graph, whose links lead to the graph's numbers."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QScrollArea


class PagePane(QScrollArea):
    """Rich-text pane: it shows a page, and says which link was followed."""

    followed = Signal(int)  # the number of a node, whose name was clicked

    def __init__(self) -> None:
        super().__init__()
        self._page = QLabel()
        self._page.setObjectName("page")
        self._page.setWordWrap(True)
        self._page.setMinimumWidth(1)  # lines are broken wherever the pane ends
        self._page.setTextFormat(Qt.TextFormat.RichText)
        self._page.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._page.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextBrowserInteraction | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
        )
        self._page.setAccessibleName("What happens here")
        self._page.linkActivated.connect(lambda link: self.followed.emit(int(link)))
        self.setWidgetResizable(True)
        self.setWidget(self._page)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def show_page(self, text: str) -> None:
        """Another page; the same one again costs nothing."""
        if text != self._page.text():
            self._page.setText(text)
