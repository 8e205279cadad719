"""Typing a formula: what is wrong is said at once, at its place, and nothing is lost."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox

from tests.playground.views.lab.conftest import User
from tests.playground.views.lab.test_figures import load

CTRL = Qt.KeyboardModifier.ControlModifier


def test_a_fault_is_said_with_an_arrow_under_its_place(user: User) -> None:
    for text, column, expected in (
        ("x + foo(2)", 4, "one of the functions exp, log, sqrt"),
        ("a.b", 1, "a . belongs inside a number, and a name has no parts"),
        ("__import__('os')", 0, "a name starts with a letter"),
        ("2x", 1, "put * between 2 and x"),
        ("(x + 1", 0, "bracket"),
        ("x + 1)", 5, "bracket"),
        ("3 * ", 4, "a number, a name or ("),
        ("", 0, "a formula, such as 3*x**2"),
    ):
        user.type(text)
        line, arrow, *rest = user.complaint.split("\n")
        assert line.rstrip() == text.rstrip()
        assert arrow == " " * column + "^"
        assert " ".join(rest).startswith("expected ")
        assert expected in " ".join(rest)
        user.type("x = 2, x*x")  # and the window lives on
        assert user.read("f") == "4"
        assert "^" not in user.complaint


@pytest.mark.parametrize(
    ("text", "expected"),
    [("x" + "+x" * 500, "at most 1,000 characters"), ("(" * 41 + "x" + ")" * 41, "40")],
)
def test_what_is_too_long_or_too_deep_is_refused_and_the_place_stays_in_sight(
    user: User, text: str, expected: str
) -> None:
    user.paste(text)
    line, arrow, *rest = user.complaint.split("\n")
    assert expected in " ".join(rest)
    assert len(line) < 60
    assert line.startswith("…")
    assert len(arrow) <= len(line) + 1
    assert user.read("f") == "20"


def test_while_there_is_a_fault_the_last_good_formula_stays_and_is_pale(user: User) -> None:
    before = user.line("f")[1].copy()
    user.text.moveCursor(user.text.textCursor().MoveOperation.End)
    user.qtbot.keyClicks(user.text, " +")
    assert "expected" in user.complaint
    assert (user.line("f")[1] == before).all()
    assert user.read("f") == "20"
    assert user.plot.getPlotItem().opacity() < 0.5
    assert user.canvas.emphasis.path is not None
    assert user.text.extraSelections()
    user.qtbot.keyClicks(user.text, " x")
    assert user.read("f") == "23"
    assert user.plot.getPlotItem().opacity() == 1
    assert user.canvas.emphasis.path is None
    assert not user.text.extraSelections()


def test_the_mark_is_right_behind_characters_that_qt_counts_twice(user: User) -> None:
    user.paste("𝑥 = 2, 𝑥 + ?")
    (mark,) = user.text.extraSelections()
    assert mark.cursor.selectedText() == "?"


def test_undo_brings_back_what_was_typed_before_an_example(user: User) -> None:
    user.type("x*x*x")
    load(user, "a neuron")
    assert user.read("f") == "0.7071"
    user.qtbot.keyClick(user.text, Qt.Key.Key_Z, CTRL)
    assert user.text.toPlainText() == "x*x*x"
    assert user.read("f") == "1"
    assert user.named("Examples", QComboBox).currentIndex() == -1


def test_a_number_that_was_set_outlives_edits_until_the_text_gives_another(user: User) -> None:
    user.enter("x", "2")
    assert user.read("f") == "9"
    user.text.moveCursor(user.text.textCursor().MoveOperation.End)
    user.qtbot.keyClicks(user.text, " + 1")
    assert (user.number("x"), user.read("f")) == ("2", "10")
    user.paste("x = 4, x*x")
    assert (user.number("x"), user.read("f")) == ("4", "16")
    load(user, "a parabola")
    assert user.number("x") == "3"


def test_an_example_begins_with_its_own_numbers_though_they_were_changed(user: User) -> None:
    user.enter("x", "1000")
    load(user, "a neuron")
    load(user, "a parabola")
    assert (user.number("x"), user.read("f")) == ("3", "20")
    assert user.plot.viewRange()[0] == [-6, 6]


def test_any_number_can_be_typed_and_what_is_none_is_refused(user: User) -> None:
    user.enter("x", "1e3")
    assert user.read("f") == "2.996e6"
    for text in ("", "abc", "nan", "inf"):
        user.enter("x", text)
        assert user.read("f") == "2.996e6", text
        assert user.named("x").property("refused"), text
    user.enter("x", "1e999")
    assert user.named("x").property("refused")
    assert user.read("f") == "3e198"  # the last number on the way there
    user.qtbot.keyClick(user.named("x"), Qt.Key.Key_Escape)
    assert (user.number("x"), user.read("f")) == ("1000", "2.996e6")
    assert not user.named("x").property("refused")
    user.enter("x", "1.7e308")
    assert user.read("f") == "not a number"  # ∞ − ∞
    user.enter("x", "-0,5")
    assert user.read("f") == "7.75"


def test_tab_leaves_the_text(user: User) -> None:
    user.text.setFocus()
    user.qtbot.keyClick(user.text, Qt.Key.Key_Tab)
    assert not user.text.hasFocus()
    assert "\t" not in user.text.toPlainText()
