"""The tabs below the network keep their place, and give the keys back when they are closed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QSplitterHandle, QTabBar

from playground.runtime.frame import Status
from playground.ui import theme
from tests.e2e.conftest import InTurn, User


def drag_divider(user: User, by: int) -> None:
    inspector = user.window.inspector
    divider: QSplitterHandle = inspector.handle(1)
    middle = QPointF(divider.rect().center())
    user.drag(divider, [middle, middle + QPointF(0, by / 2), middle + QPointF(0, by)])


def test_its_share_of_the_window_and_the_tab_are_kept(play: Callable[..., int]) -> None:
    kept = []

    def leave(user: User) -> None:
        user.window.resize(1280, 1100)
        user.key(Qt.Key.Key_M)
        user.wait(lambda: user.window.inspector.handle(1).height() == 8)
        before = user.window.inspector.sizes()
        drag_divider(user, -60)
        assert user.window.inspector.sizes()[1] >= before[1] + 58
        bar = user.named("What looks closely", QTabBar)
        bar.setCurrentIndex(bar.count() - 1)
        kept.append(user.window.inspector.sizes())
        user.key(Qt.Key.Key_M)
        user.key(Qt.Key.Key_M)
        assert user.window.inspector.sizes() == pytest.approx(kept[0], abs=2)

    def come_back(user: User) -> None:
        user.window.resize(1280, 1100)
        assert not user.window.inspector.is_open
        user.key(Qt.Key.Key_M)
        assert user.window.inspector.sizes() == pytest.approx(kept[0], abs=2)
        assert user.window.inspector.page("runs").isVisible()

    assert play(leave) == 0
    assert play(come_back) == 0


def when_it_is_closed_the_keys_are_the_windows(user: User) -> None:
    user.window.inspector.bring("check")
    button = next(b for b in user.window.inspector.page("check").findChildren(QAbstractButton) if b.isVisible())
    button.setFocus(Qt.FocusReason.TabFocusReason)
    user.press("Close the microscope")
    user.key(Qt.Key.Key_Space)
    user.wait_for(Status.TRAINING)
    user.wait_for_step(1)
    user.key(Qt.Key.Key_Space)
    user.wait_for(Status.PAUSED)


def no_control_looks_pointed_at_that_has_moved_away(user: User) -> None:
    user.key(Qt.Key.Key_M)
    fill = user.named("Fill the window", QAbstractButton)
    spot = fill.mapTo(user.window, fill.rect().center())
    QCursor.setPos(user.window.mapToGlobal(spot))
    QTest.mouseMove(user.window.windowHandle(), spot)
    user.wait(fill.underMouse)
    user.key(Qt.Key.Key_M, Qt.KeyboardModifier.ShiftModifier)
    user.wait(lambda: not fill.underMouse())


def test_it_gives_back_what_it_took(play_in_turn: InTurn) -> None:
    play_in_turn(when_it_is_closed_the_keys_are_the_windows, no_control_looks_pointed_at_that_has_moved_away)


def test_no_text_size_makes_the_window_outgrow_its_screen(play: Callable[..., int]) -> None:
    def script(user: User) -> None:
        try:
            for share, size in ((1.0, (960, 600)), (1.5, (1280, 800)), (2.0, (1280, 800))):
                theme.set_text_size(share)
                user.window.resize(*size)
                user.key(Qt.Key.Key_M)
                user.wait(lambda: user.window.inspector.page("microscope").isVisible())
                least = user.window.minimumSizeHint()
                assert (least.width() <= size[0], least.height() <= size[1]) == (True, True), share
                user.key(Qt.Key.Key_M)
        finally:
            theme.set_text_size(1)

    assert play(script) == 0
