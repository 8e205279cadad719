"""Python in colours: each kind of token in its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtGui import QTextDocument
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
    ('# "half" of it', "muted"),
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
