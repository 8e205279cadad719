"""Python in colours: each kind of token in its own, and all of them can be read on whatever lies below."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtGui import QColor, QTextDocument
from PySide6.QtWidgets import QPlainTextEdit

from playground.ui import theme
from playground.views.highlighting import TOKENS, PythonHighlighter

PROGRAM = '''"""What it says,
on several lines."""

def half(x):  # "half" of it
    return 0.5 * x if x != 1e-3 else "it\'s # small"
w1 = None
'''


@pytest.fixture(autouse=True)
def _light_again() -> Iterator[None]:
    yield
    theme.set_mode(theme.Mode.LIGHT)


def luminance(colour: QColor) -> float:
    parts = [x / 12.92 if x <= 0.03928 else ((x + 0.055) / 1.055) ** 2.4 for x in colour.getRgbF()[:3]]
    return float(0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2])


def coloured(document: QTextDocument) -> set[tuple[str, str]]:
    """Each text that is not in the usual colour, and the name of its colour."""
    names = {theme.colour(token).name(): token for token in TOKENS}
    found, block = set(), document.firstBlock()
    while block.isValid():
        for span in block.layout().formats():
            text = block.text()[span.start : span.start + span.length]
            found.add((text, names[span.format.foreground().color().name()]))
        block = block.next()
    return found


EXPECTED = {
    ('"""What it says,', "code_string"),
    ('on several lines."""', "code_string"),
    ("def", "code_keyword"),
    ("half", "code_name"),
    ('# "half" of it', "code_comment"),
    ("return", "code_keyword"),
    ("0.5", "code_number"),
    ("if", "code_keyword"),
    ("1e-3", "code_number"),
    ("else", "code_keyword"),
    ('"it\'s # small"', "code_string"),
    ("None", "code_keyword"),
}


def test_each_token_has_the_colour_of_its_kind_also_in_another_theme(show: Callable[[Any], Any]) -> None:
    editor = show(QPlainTextEdit())
    highlighter = PythonHighlighter(editor.document())
    editor.setPlainText(PROGRAM)
    assert coloured(editor.document()) == EXPECTED
    theme.set_mode(theme.Mode.DARK)
    assert coloured(editor.document()) == EXPECTED
    assert highlighter.document() is editor.document()


@pytest.mark.parametrize("mode", [theme.Mode.LIGHT, theme.Mode.DARK])
def test_the_colours_can_be_read(show: Callable[[Any], Any], mode: theme.Mode) -> None:
    show(QPlainTextEdit())
    theme.set_mode(mode)
    for ground in ("field", "panel", "highlight"):
        for token in TOKENS:
            low, high = sorted([luminance(theme.colour(token)), luminance(theme.colour(ground))])
            assert (high + 0.05) / (low + 0.05) >= 4.5, (token, ground)
