"""Help: the guide, the keys and the glossary in a window beside the main one; words that lead there; what this is."""

from __future__ import annotations

import re

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QAction, QContextMenuEvent, QGuiApplication, QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QDialog,
    QLabel,
    QLineEdit,
    QListWidget,
    QMenu,
    QSlider,
    QTableWidget,
    QTextBrowser,
    QWidget,
)
from pytestqt.qtbot import QtBot

from playground.app.help.about import About, versions
from playground.app.help.first_steps import FirstSteps
from playground.app.help.window import GUIDE, HelpWindow
from playground.ui import glossary, theme
from tests.e2e.conftest import InTurn, User

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # the offscreen platform, of itself
SHIFT = Qt.KeyboardModifier.ShiftModifier


def the_help(user: User) -> HelpWindow:
    """The one help window, open."""
    (found,) = user.window.findChildren(HelpWindow)
    assert found.isVisible()
    return found


def close_help(user: User) -> None:
    """Press Escape in it."""
    user.wait(the_help(user).isActiveWindow)
    user.key(Qt.Key.Key_Escape)
    assert not user.window.findChild(HelpWindow).isVisible()
    user.window.activateWindow()
    user.wait(user.window.isActiveWindow)


def at_the_top(help_window: HelpWindow) -> str:
    """The first heading that can be seen."""
    page = help_window.findChild(QTextBrowser)
    middle = page.viewport().width() // 2
    blocks = (page.cursorForPosition(QPoint(middle, y)).block() for y in range(0, page.viewport().height(), 4))
    return next(block.text() for block in blocks if block.blockFormat().headingLevel())


def captions(user: User) -> list[QLabel]:
    """The captions that can be asked."""
    return [label for label in user.window.findChildren(QLabel) if label.property("term") and label.isVisible()]


def menu_entries(user: User) -> dict[str, set[str]]:
    """The keys of every entry of the menus, by "Menu › Entry"."""

    def entries(menu: QMenu, path: str) -> dict[str, set[str]]:
        result: dict[str, set[str]] = {}
        for action in menu.actions():
            name = f"{path} › {action.text().replace('&', '').rstrip('…')}"
            result[name] = {key.toString() for key in action.shortcuts()}
            if isinstance(inside := action.menu(), QMenu):
                result |= entries(inside, path) | entries(inside, name)
        return result

    tops: list[QAction] = user.window.menuBar().actions()
    return {name: keys for top in tops for name, keys in entries(top.menu(), top.text().replace("&", "")).items()}


def f1_opens_the_guide_which_stops_nothing(user: User) -> None:
    user.key(Qt.Key.Key_F1)
    assert the_help(user).section() == "Guide"
    assert not the_help(user).isModal()
    user.press("Train")
    user.wait_for_step(3)
    close_help(user)


def each_entry_of_the_help_menu_opens_the_same_window_at_its_place(user: User) -> None:
    for entry in ("Glossary", "Keys", "Guide"):
        user.choose(entry)
        assert the_help(user).section() == entry
        assert at_the_top(the_help(user)) == entry
    close_help(user)


def a_click_on_a_caption_explains_it_and_sets_nothing(user: User) -> None:
    before = user.window.document.experiment
    asked = captions(user)
    words = {label.text().casefold() for label in asked}
    assert {"learning rate", "optimiser", "loss", "batch size", "noise", "train loss", "epoch"} <= words
    for label in asked:
        user.drag(label, [label.rect().center().toPointF()])
        assert at_the_top(the_help(user)) == the_help(user).section() == glossary.term_in(label.text())
    assert user.window.document.experiment == before
    close_help(user)


def the_pointer_tells_which_captions_can_be_asked(user: User) -> None:
    theme.set_mode(theme.Mode.LIGHT)
    label = next(label for label in captions(user) if label.text() == "Learning rate")

    def is_lit() -> bool:
        image, accent = label.grab().toImage(), theme.colour("accent")
        places = [(x, y) for x in range(image.width()) for y in range(image.height())]
        return any(image.pixelColor(*place) == accent for place in places)

    QTest.mouseMove(user.window.notice)  # wherever another test has left the pointer
    user.wait(lambda: not is_lit())
    QTest.mouseMove(label, label.rect().center())
    user.wait(is_lit)
    assert label.cursor().shape() == Qt.CursorShape.WhatsThisCursor
    QTest.mouseMove(user.window.notice)
    user.wait(lambda: not is_lit())


def a_click_beside_a_caption_that_began_on_it_asks_nothing(user: User) -> None:
    label = captions(user)[0]
    user.drag(label, [label.rect().center().toPointF(), QPoint(-40, -40).toPointF()])
    help_window = user.window.findChild(HelpWindow)
    assert help_window is None or not help_window.isVisible()


def a_column_is_explained_by_the_right_button(user: User) -> None:
    user.window.inspector.bring("runs")
    header = user.window.inspector.page("runs").findChild(QTableWidget).horizontalHeader()
    shown, asked = [], QPoint(header.sectionViewportPosition(4) + 20, header.height() // 2)
    for at in (QPoint(header.sectionViewportPosition(0) + 5, 5), asked):
        QApplication.sendEvent(
            header.viewport(), QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, header.viewport().mapToGlobal(at))
        )
        shown.append(QApplication.activePopupWidget())
    assert shown[0] is None  # a column of pictures
    assert isinstance(shown[1], QMenu)
    assert [action.text() for action in shown[1].actions()] == ["What is “Train loss”?"]
    QTest.keyClick(shown[1], Qt.Key.Key_Down)
    QTest.keyClick(shown[1], Qt.Key.Key_Return)
    assert the_help(user).section() == "Loss"
    close_help(user)


def words_in_the_lab_are_explained_too(user: User) -> None:
    user.window.inspector.bring("lab")
    found = [label for label in user.window.inspector.page("lab").findChildren(QLabel) if label.property("term")]
    assert {label.text() for label in found} >= {"chain rule", "secant", "central"}


def shift_f1_explains_the_control_that_has_the_keyboard(user: User) -> None:
    user.named("Batch size", QSlider).setFocus()
    user.key(Qt.Key.Key_F1, SHIFT)
    assert the_help(user).section() == "Batch"
    close_help(user)
    user.named("Activation of layer 1").setFocus()
    user.key(Qt.Key.Key_F1, SHIFT)
    assert the_help(user).section() == "Activation"
    close_help(user)
    user.window.setFocus()
    user.key(Qt.Key.Key_F1, SHIFT)
    assert the_help(user).section() == "Guide"
    close_help(user)


def words_are_found_and_links_are_followed(user: User) -> None:
    user.choose("Guide")
    window = the_help(user)
    find, sections, page = (window.findChild(kind) for kind in (QLineEdit, QListWidget, QTextBrowser))
    user.wait(window.isActiveWindow)
    user.key(Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.focusWidget() is find
    for letter in "WENT THROUGH":
        user.key(Qt.Key(ord(letter)))
    shown = [sections.item(row).text().strip() for row in range(sections.count()) if not sections.item(row).isHidden()]
    assert shown == []
    find.clear()
    for letter in "HUGE":
        user.key(Qt.Key(ord(letter)))
    assert window.section() == "Gradient clipping"
    assert page.textCursor().selectedText() == "huge"
    block = page.textCursor().block()
    link = QTextCursor(block)
    link.setPosition(block.position() + block.text().index("gradient's") + 2)
    user.drag(page.viewport(), [page.cursorRect(link).center().toPointF()])
    assert window.section() == at_the_top(window) == "Gradient"
    close_help(user)


def the_help_follows_text_size_and_theme_where_it_stands(user: User) -> None:
    theme.set_mode(theme.Mode.LIGHT)
    user.choose("Glossary")
    window = the_help(user)
    sections, page = window.findChild(QListWidget), window.findChild(QTextBrowser)
    sections.setCurrentRow(sections.count() - 3)
    section, size = window.section(), page.document().defaultFont().pixelSize()
    try:
        for mode, share in ((theme.Mode.DARK, 1.5), (theme.Mode.LIGHT, 2.0)):
            theme.set_mode(mode)
            theme.set_text_size(share)
            assert page.document().defaultFont().pixelSize() == round(size * share)
            assert window.section() == section
            assert sections.sizeHintForColumn(0) <= sections.viewport().width()  # no heading is cut
            assert page.horizontalScrollBar().maximum() == 0
    finally:
        theme.set_text_size(1)
    close_help(user)


def the_guide_says_what_is_true_of_menus_and_keys(user: User) -> None:
    entries = menu_entries(user)
    text = " ".join(GUIDE.read_text(encoding="utf-8").split())
    told = re.findall(r"\*\*(\w+ › [^*]+)\*\*(?: \(`([^`]+)`\))?", text)
    assert len(told) > 20
    for name, key in told:
        assert name in entries, name
        assert not key or key in entries[name], (name, key)
    assert {name for name, _ in told} >= {name for name in entries if name.startswith("Train") and name[-1] != " "}


def the_keys_that_help_names_are_those_of_the_menus(user: User) -> None:
    user.choose("Keys")
    text = the_help(user).findChild(QTextBrowser).toPlainText()
    for name, keys in menu_entries(user).items():
        assert not keys or "Class " in name or any(key in text for key in keys), name
    assert "1 … 9" in text
    close_help(user)


def about_has_versions_to_copy(user: User) -> None:
    user.choose("About Backprop Playground")
    (about,) = (dialog for dialog in user.window.findChildren(QDialog) if dialog.isVisible())
    user.press("Copy versions")
    assert QGuiApplication.clipboard().text() == versions()
    assert all(
        name in versions() for name in ("Backprop Playground", "Python 3", "PySide6", "Qt", "pyqtgraph", "NumPy")
    )
    about.close()


def every_control_of_these_windows_has_a_name_and_a_tip(user: User) -> None:
    user.choose("Guide")
    user.choose("About Backprop Playground")
    user.choose("First steps")
    for kind in (HelpWindow, About, FirstSteps):
        (shown,) = (found for found in user.window.findChildren(kind) if found.isVisible())
        for control in shown.findChildren(QWidget):
            if control.isVisible() and isinstance(control, QAbstractButton | QLineEdit | QListWidget):
                assert QAccessible.queryAccessibleInterface(control).text(QAccessible.Text.Name), control
                assert control.toolTip(), control.accessibleName()
        shown.close()


def the_window_closes_while_help_is_open(user: User) -> None:
    user.choose("Guide")
    assert the_help(user)


def test_help(play_in_turn: InTurn) -> None:
    play_in_turn(
        f1_opens_the_guide_which_stops_nothing,
        each_entry_of_the_help_menu_opens_the_same_window_at_its_place,
        a_click_on_a_caption_explains_it_and_sets_nothing,
        the_pointer_tells_which_captions_can_be_asked,
        a_click_beside_a_caption_that_began_on_it_asks_nothing,
        a_column_is_explained_by_the_right_button,
        words_in_the_lab_are_explained_too,
        shift_f1_explains_the_control_that_has_the_keyboard,
        words_are_found_and_links_are_followed,
        the_help_follows_text_size_and_theme_where_it_stands,
        the_guide_says_what_is_true_of_menus_and_keys,
        the_keys_that_help_names_are_those_of_the_menus,
        about_has_versions_to_copy,
        every_control_of_these_windows_has_a_name_and_a_tip,
        the_window_closes_while_help_is_open,
    )


def test_each_link_of_the_help_leads_somewhere(qtbot: QtBot) -> None:
    texts = [path.read_text(encoding="utf-8") for path in (GUIDE, glossary.TEXT)]
    headings = {line.lstrip("# ") for text in texts for line in text.splitlines() if line.startswith("#")} | {"Keys"}
    places = {re.sub(r"\W+", "-", heading.casefold()).strip("-") for heading in headings}
    links = {link for text in texts for link in re.findall(r"\]\(#(.+?)\)", text)}
    assert len(links) > 30
    assert links <= places, links - places


@pytest.mark.parametrize("name", ["learning rate", "gradient", "step", "L1 penalty", "Xavier", "He", "ReLU", "MSE"])
def test_the_glossary_has_a_word_by_each_of_its_names(name: str) -> None:
    assert glossary.term_in(name) is not None


def test_a_term_is_told_in_a_few_sentences() -> None:
    entries = glossary.TEXT.read_text(encoding="utf-8").split("\n## ")[1:]
    assert 40 <= len(entries) <= 80
    for entry in entries:
        words = entry.split("\n\n", 1)[1]
        assert 1 <= len(re.findall(r"[.:;](?:\s|$)", words)) <= 6, entry
        assert len(words) < 500, entry
