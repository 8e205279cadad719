"""Syntax highlighting: Python in colours, by a table of its tokens."""

from __future__ import annotations

import keyword
import re

from PySide6.QtGui import QSyntaxHighlighter, QTextCharFormat, QTextDocument

from playground.ui import theme

# the colour of each kind of token; where two begin at one place, the first is it
TOKENS = {
    "muted": r"#.*",
    "code_string": r'[bfr]*(?:"""(?:.*?"""|.*$)|"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\')',
    "code_name": r"(?<=\bdef )\w+|(?<=\bclass )\w+",
    "code_keyword": rf"\b(?:{'|'.join(keyword.kwlist)})\b",
    "code_number": r"\b\d[\d_]*(?:\.\d*)?(?:e[+-]?\d+)?",
}
_TOKEN = re.compile("|".join(f"(?P<{token}>{pattern})" for token, pattern in TOKENS.items()))
_QUOTES = '"""'
_OUTSIDE, _INSIDE = 0, 1  # of a text in three quotes that goes on over several lines


class PythonHighlighter(QSyntaxHighlighter):
    """Syntax highlighter of a document in Python, in the colours of the theme in force."""

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)
        self._formats: dict[str, QTextCharFormat] = {}
        self._take_colours()
        theme.theme().changed.connect(self._recolour)

    def _take_colours(self) -> None:
        for token in TOKENS:
            self._formats[token] = QTextCharFormat()
            self._formats[token].setForeground(theme.colour(token))

    def _recolour(self) -> None:
        self._take_colours()
        self.rehighlight()

    def highlightBlock(self, text: str) -> None:
        start, state = 0, _OUTSIDE
        if self.previousBlockState() == _INSIDE:
            end = text.find(_QUOTES)
            start, state = (len(text), _INSIDE) if end < 0 else (end + len(_QUOTES), _OUTSIDE)
            self.setFormat(0, start, self._formats["code_string"])
        for found in _TOKEN.finditer(text, start):
            token = found.lastgroup or ""
            self.setFormat(found.start(), found.end() - found.start(), self._formats[token])
            if token == "code_string" and found.group().count(_QUOTES) == 1:
                state = _INSIDE
        self.setCurrentBlockState(state)
