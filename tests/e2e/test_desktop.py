"""The desktop's habits: menus, command search, presentation, what is hidden, text size, exports, revert."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit, QListWidget, QMenu, QSlider, QTreeWidget, QWidget

from engine.training import PRESETS
from playground.app.menus import MenuAction
from playground.ui import theme
from tests.e2e.conftest import InTurn, User
from tests.e2e.dialogs import answering, button, file

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
Play = Callable[..., int]


def activate(user: User) -> None:
    """As a window manager does when a menu or a dialog goes."""
    user.window.activateWindow()
    user.wait(user.window.isActiveWindow)


def shown(user: User, *titles: str) -> QMenu:
    """A menu, opened as a click opens it."""
    bar = user.window.menuBar()
    actions = bar.actions()
    for title in titles:
        action = next(a for a in actions if a.text().replace("&", "") == title)
        menu = action.menu()
        assert isinstance(menu, QMenu)
        menu.popup(user.window.mapToGlobal(QPoint(20, 20)))
        actions = menu.actions()
    return menu


def entry(menu: QMenu, start: str) -> MenuAction:
    found = [a for a in menu.actions() if isinstance(a, MenuAction) and a.text().replace("&", "").startswith(start)]
    assert len(found) == 1, f"{len(found)} entries begin with {start!r}"
    return found[0]


def click(text: str) -> None:
    """Click the button of an open dialog that reads so."""
    dialogs = [w for w in QApplication.topLevelWidgets() if isinstance(w, QDialog) and w.isVisible()]
    button(text)(dialogs[0])


# ── menus ────────────────────────────────────────────────────────────────────────────────────────────────────────


def every_action_has_words_a_tip_and_a_letter_of_its_own(user: User) -> None:
    actions = user.window.findChildren(MenuAction)
    assert len(actions) > 80
    for action in actions:
        assert all((action.entry.name, action.toolTip(), action.statusTip())), action.text()
        assert "&" in action.text(), action.text()
    for menu in user.window.menuBar().findChildren(QMenu):
        letters = [a.text()[a.text().index("&") + 1].lower() for a in menu.actions() if "&" in a.text()]
        assert len(set(letters)) == len(letters), (menu.title(), Counter(letters).most_common(2))


def every_action_of_a_first_menu_has_an_icon_or_a_tick(user: User) -> None:
    for menu in user.window.menuBar().findChildren(QMenu):
        menu.aboutToShow.emit()
        menu.aboutToHide.emit()
    plain = [
        action.text()
        for action in user.window.findChildren(MenuAction)
        if action.icon().isNull() and not action.isCheckable() and "/" not in action.entry.menu
    ]
    assert all(text.startswith("Class &") for text in plain), plain


def what_is_not_possible_is_grey_and_says_why(user: User) -> None:
    menu = shown(user, "Edit")
    undo = entry(menu, "Undo")
    assert not undo.isEnabled()
    assert "nothing to undo" in undo.toolTip()
    menu.close()
    activate(user)
    user.key(Qt.Key.Key_Z, CONTROL)
    user.wait(lambda: user.window.notice.text() == "Not possible: there is nothing to undo.")
    user.click_plane(1, 1)
    menu = shown(user, "Edit")
    assert undo.isEnabled()
    assert undo.text() == "&Undo draw points"
    menu.close()


def layers_come_and_go_by_the_menu_until_there_are_eight(user: User) -> None:
    layers = len(user.window.document.experiment.network.layers)
    for _ in range(8 - layers):
        user.choose("Add a hidden layer")
    assert len(user.window.document.experiment.network.layers) == 8
    user.choose("Add a hidden layer")
    assert "8 hidden layers" in user.window.notice.text()
    assert len(user.window.document.experiment.network.layers) == 8
    for _ in range(8):
        user.choose("Remove the last layer")
    assert not user.window.document.experiment.network.layers
    user.choose("Add a neuron")
    assert "no hidden layer" in user.window.notice.text()


def a_text_is_cut_and_pasted_by_the_menu(user: User) -> None:
    activate(user)
    figure = user.named("Learning rate", QLineEdit)
    figure.setFocus()
    user.choose("Select all")
    user.choose("Cut")
    assert figure.text() == ""
    assert QApplication.clipboard().text() == "0.01"
    user.choose("Paste")
    assert figure.text() == "0.01"
    user.window.setFocus()
    user.choose("Copy")
    assert "put the cursor into a text" in user.window.notice.text()


def the_theme_that_is_in_force_has_the_tick(user: User) -> None:
    user.choose("Dark")
    menu = shown(user, "View", "Theme")
    assert [a.text().replace("&", "") for a in menu.actions() if a.isChecked()] == ["Dark"]
    menu.close()
    user.choose("Light")


def test_menus(play_in_turn: InTurn) -> None:
    play_in_turn(
        every_action_has_words_a_tip_and_a_letter_of_its_own,
        every_action_of_a_first_menu_has_an_icon_or_a_tick,
        what_is_not_possible_is_grey_and_says_why,
        layers_come_and_go_by_the_menu_until_there_are_eight,
        a_text_is_cut_and_pasted_by_the_menu,
        the_theme_that_is_in_force_has_the_tick,
    )


# ── command search ───────────────────────────────────────────────────────────────────────────────────────────────


def found(user: User, text: str) -> tuple[QDialog, QLineEdit]:
    activate(user)
    user.key(Qt.Key.Key_K, CONTROL)
    line = user.named("Find a command or a setting", QLineEdit)
    QTest.keyClicks(line, text)
    return line.window(), line


def a_word_finds_a_command_and_enter_does_it(user: User) -> None:
    _, line = found(user, "new weig")
    seed = user.window.document.experiment.seed
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert user.window.document.experiment.seed == seed + 1


def a_word_finds_a_setting_in_a_row_that_is_closed(user: User) -> None:
    _, line = found(user, "gradient lim")
    QTest.keyClick(line, Qt.Key.Key_Return)
    activate(user)
    figure = user.named("Gradient limit", QLineEdit)
    assert figure.hasFocus()  # to be typed into


def what_is_not_found_is_said(user: User) -> None:
    line = found(user, "xyzzy")
    QTest.keyClick(line[1], Qt.Key.Key_Return)  # and nothing comes of it
    rows = user.named("Commands", QTreeWidget)
    assert [rows.topLevelItem(row).text(0) for row in range(rows.topLevelItemCount())] == ["Nothing is called “xyzzy”."]
    QTest.keyClick(line[1], Qt.Key.Key_Escape)


def the_arrows_go_through_what_is_found_and_escape_leaves_it(user: User) -> None:
    dialog, line = found(user, "theme")
    QTest.keyClick(line, Qt.Key.Key_Down)
    QTest.keyClick(line, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def what_is_not_possible_now_is_found_and_says_why(user: User) -> None:
    _, line = found(user, "revert")
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert user.window.notice.text() == "Not possible: there is no file yet."


def test_command_search(play_in_turn: InTurn) -> None:
    play_in_turn(
        a_word_finds_a_command_and_enter_does_it,
        a_word_finds_a_setting_in_a_row_that_is_closed,
        what_is_not_found_is_said,
        the_arrows_go_through_what_is_found_and_escape_leaves_it,
        what_is_not_possible_now_is_found_and_says_why,
    )


# ── how it looks ─────────────────────────────────────────────────────────────────────────────────────────────────


def text_grows_and_shrinks_by_keys_within_its_sizes(user: User) -> None:
    usual = user.window.transport.fontMetrics().height()
    for _ in range(10):
        user.key(Qt.Key.Key_Plus, CONTROL)
    assert theme.theme().text_size == 2
    assert user.window.transport.fontMetrics().height() > 1.8 * usual
    for _ in range(10):
        user.key(Qt.Key.Key_Minus, CONTROL)
    assert theme.theme().text_size == 0.8
    user.key(Qt.Key.Key_0, CONTROL)
    assert theme.theme().text_size == 1


def a_presentation_is_large_and_bare_and_gives_all_back(user: User) -> None:
    noise = user.named("L2 penalty", QSlider)
    user.key(Qt.Key.Key_F5)
    assert user.window.isFullScreen()
    assert theme.theme().text_size == 1.5
    assert not noise.isVisible()
    assert not user.window.menuBar().isVisible()
    user.key(Qt.Key.Key_S)  # the keys of the menus work on
    user.wait_for_step(1)
    user.key(Qt.Key.Key_F5)
    assert not user.window.isFullScreen()
    assert theme.theme().text_size == 1
    assert noise.isVisible()
    assert user.window.menuBar().isVisible()


def test_appearance(play_in_turn: InTurn) -> None:
    play_in_turn(text_grows_and_shrinks_by_keys_within_its_sizes, a_presentation_is_large_and_bare_and_gives_all_back)


def tick(user: User, name: str) -> None:
    """Tick a part in the list, or no longer, as a click does."""
    parts = user.named("Parts of the window", QListWidget)
    item = parts.findItems(name, Qt.MatchFlag.MatchExactly)[0]
    parts.scrollToItem(item)
    box = parts.visualItemRect(item)
    QTest.mouseClick(parts.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(box.left() + 14, box.center().y()))


def test_a_project_keeps_what_it_hides(play: Play, tmp_path: Path) -> None:
    path = tmp_path / "lesson.backprop"

    def teach(user: User) -> None:
        user.choose("Show and hide…")
        for name in ("Noise", "Timeline", "Schedule"):
            tick(user, name)
        click("Close")
        assert not user.window.strip.isVisible()
        with answering(file(path)):
            user.window.files.save_as()
        user.wait(lambda: user.window.document.path == path and not user.window.isWindowModified())

    def learn(user: User) -> None:
        assert not user.window.strip.isVisible()
        assert not [s for s in user.window.findChildren(QSlider) if s.accessibleName() == "Noise" and s.isVisible()]
        user.press("More")  # opens the row in which the schedule would stand
        assert user.named("Gradient limit", QSlider).isVisible()
        assert user.window.parts.hidden == {"Noise", "Timeline", "Schedule"}
        user.choose("Show and hide…")
        click("Show everything")
        click("Close")
        user.wait(user.window.isWindowModified)
        assert user.window.strip.isVisible()
        assert user.named("Noise", QSlider).isVisible()
        user.forget_edits()

    assert play(teach) == 0
    assert play(learn, str(path)) == 0


def test_a_lesson_of_three_knobs_stays_so_while_its_network_learns(play: Play) -> None:
    gone = "Loss curve", "Step", "Speed", "Datasets", "Drawing tools", "Hidden layers", "Controls of a layer"

    def script(user: User) -> None:
        user.choose("Show and hide…")
        for name in gone:
            tick(user, name)
        click("Close")
        activate(user)
        user.window.resize(1100, 700)
        user.window.resize(1440, 900)  # the bar at the top and the tools arrange themselves anew
        user.key(Qt.Key.Key_Space)
        user.wait_for_step(5)
        user.key(Qt.Key.Key_Space)
        assert user.window.parts.hidden == set(gone)
        assert not user.window.loss.isVisible()
        shown = {child.objectName() for child in user.window.findChildren(QWidget) if child.isVisible()}
        assert not shown & set(gone)
        assert {"Reset", "Loss", "Learning rate"} <= shown  # the loss that is chosen is another thing than its curve

    assert play(script) == 0


# ── files ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("what", ["window", "plane", "network"])
def test_pictures_are_saved(play: Play, tmp_path: Path, what: str) -> None:
    path = tmp_path / "picture.png"

    def script(user: User) -> None:
        user.settle()
        with answering(file(path)):
            user.choose(f"Picture of the {what}…")
        image = QImage(str(path))
        window = user.window
        shown = {"window": window.rect(), "plane": window.output.plane.rect(), "network": window.network.area}[what]
        assert image.size() == shown.size() * 2
        colours = {image.pixel(x, y) for x in range(0, image.width(), 7) for y in range(0, image.height(), 7)}
        assert len(colours) > 50

    assert play(script) == 0


@pytest.mark.parametrize("what", ["plane", "network"])
def test_drawings_are_saved(play: Play, tmp_path: Path, what: str) -> None:
    path = tmp_path / "drawing.svg"

    def script(user: User) -> None:
        user.settle()
        with answering(file(path)):
            user.choose(f"Picture of the {what}…")

    assert play(script) == 0
    assert QSvgRenderer(str(path)).isValid()


def test_figures_are_saved_as_a_table(play: Play, tmp_path: Path) -> None:
    path = tmp_path / "figures.csv"
    curves = []

    def script(user: User) -> None:
        for _ in range(3):
            user.key(Qt.Key.Key_S)
        user.wait_for_step(3)
        curves.append(user.frame.curve)
        with answering(file(path)):
            user.choose("Figures as a table…")

    assert play(script) == 0
    rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    assert [int(row["step"]) for row in rows] == curves[0].steps.tolist() == [0, 1, 2, 3]
    np.testing.assert_array_equal([float(row["train loss"]) for row in rows], curves[0].train)


def test_revert_goes_back_to_the_file(play: Play, tmp_path: Path) -> None:
    path = tmp_path / "mine.backprop"

    def script(user: User) -> None:
        with answering(file(path)):
            user.window.files.save_as()
        user.wait(lambda: user.window.document.path == path and not user.window.isWindowModified())
        points = user.points()
        user.click_plane(1, 1)
        user.wait(lambda: user.points() == points + 1)
        with answering(button("Cancel")):
            user.choose("Revert")
        assert user.points() == points + 1
        with answering(button("Discard")) as answers:
            user.choose("Revert")
        assert "lost" in answers.heard[0]
        user.wait(lambda: user.points() == points and not user.window.isWindowModified())
        assert user.window.document.experiment == PRESETS["circle"]

    assert play(script) == 0
