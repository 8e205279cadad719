"""It fits its places, in both themes and fonts, and can be used without a mouse."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLabel, QLineEdit, QSlider, QWidget

from playground.ui import theme
from playground.views.lab.view import LabView
from tests.playground.views.lab.conftest import User
from tests.playground.views.lab.test_figures import load

SIZES = [(1224, 312), (1864, 462), (1224, 682)]


@pytest.fixture(params=["Inter", "DejaVu Sans"])
def font(request: pytest.FixtureRequest) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(theme, "_family", lambda: request.param)
        theme.set_mode(theme.Mode.LIGHT)
        yield
    theme.set_mode(theme.Mode.SYSTEM)


@pytest.mark.usefixtures("font")
@pytest.mark.parametrize("size", SIZES)
def test_no_text_is_cut_off(open_lab: Callable[..., User], size: tuple[int, int]) -> None:
    user = open_lab(*size)
    load(user, "a neuron")
    user.paste("x = -1, log(x)*a1")
    user.qtbot.waitUntil(lambda: user.read("f") == "not a number")
    view = user.view
    assert view.minimumSizeHint().width() <= size[0]
    assert view.minimumSizeHint().height() <= size[1]
    for label in view.findChildren(QLabel):
        if label.isVisible() and not label.wordWrap() and label.pixmap().isNull():
            assert label.width() >= label.fontMetrics().horizontalAdvance(label.text()), label.text()
    assert not view.inputs.horizontalScrollBar().isVisible()


@pytest.mark.usefixtures("font")
def test_the_longest_complaint_has_room(open_lab: Callable[..., User]) -> None:
    user = open_lab()
    user.paste("2 + foo(1)")
    label = user.named("What is wrong", QLabel)
    assert label.heightForWidth(label.width()) <= label.height()


@pytest.mark.parametrize(("size", "both"), [(SIZES[0], False), (SIZES[1], True), (SIZES[2], True)])
def test_where_there_is_little_room_curve_and_chain_rule_take_turns(
    open_lab: Callable[..., User], size: tuple[int, int], both: bool
) -> None:
    user = open_lab(*size)
    assert user.plot.isVisible()
    assert user.canvas.isVisible() == both
    if not both:
        user.press("Chain rule")
        assert user.canvas.isVisible()
        assert not user.plot.isVisible()
        user.view.resize(*SIZES[2])
        user.qtbot.waitUntil(user.plot.isVisible)
        assert user.canvas.isVisible()


def test_nothing_jumps_when_numbers_change(user: User) -> None:
    def places() -> dict[str, object]:
        return {
            w.accessibleName(): w.geometry().getRect()
            for w in user.view.findChildren(QWidget)
            if w.accessibleName() and w.isVisible()
        }

    before = places()
    for notch in (-600, 1, 333):
        user.slide("x, slider", notch)
        user.slide("h", -100)
        QApplication.processEvents()
        assert places() == before
    user.paste("2x")
    QApplication.processEvents()
    assert places() == before


def test_everything_that_can_be_used_has_a_name_and_is_reached_by_tab(user: User) -> None:
    load(user, "a sum and a product")
    kinds = (QAbstractButton, QComboBox, QSlider, QLineEdit)
    usable = [w for kind in kinds for w in user.view.findChildren(kind) if w.isVisible() and w.isEnabled()]
    for widget in usable:
        assert QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name), widget
    reached = set()
    user.text.setFocus()
    for _ in range(60):
        focused = QApplication.focusWidget()
        reached.add(focused)
        user.qtbot.keyClick(focused, Qt.Key.Key_Tab)
    radios = {w for w in usable if w.accessibleName().startswith("Curve over")}
    assert reached >= set(usable) - radios | {user.text, user.plot, user.canvas, user.film}
    assert reached & radios  # within which the arrow keys go on


def test_it_follows_the_theme(user: User) -> None:
    for mode in (theme.Mode.DARK, theme.Mode.LIGHT):
        theme.set_mode(mode)
        image = user.plot.viewport().grab().toImage()
        assert image.pixelColor(image.width() - 1, 0) == theme.colour("panel")


def test_it_needs_no_run_and_leaves_nothing_running(open_lab: Callable[..., User]) -> None:
    user = open_lab()
    user.paste("+".join("x*x" for _ in range(60)))
    user.view.hide()
    assert not user.view._pause.isActive()
    user.view.show()
    user.qtbot.waitUntil(lambda: user.read("f⁗ by differences") == "0")
    assert isinstance(user.view, LabView)
