"""The loss view in the window: it takes the place of the plane and gives it back, and goes to any step of the curve."""

from __future__ import annotations

from PySide6.QtCore import Qt

from tests.e2e.conftest import InTurn, User


def the_loss_has_the_planes_room_until_escape(user: User) -> None:
    window = user.window
    small = window.loss.height()
    user.press("Enlarge the loss")
    user.wait(lambda: window.loss.height() > 2 * small)
    assert not window.output.isVisible()
    user.key(Qt.Key.Key_M)
    assert window.loss.isVisible(), "nothing else would be there"
    user.key(Qt.Key.Key_M)
    user.key(Qt.Key.Key_Escape)
    user.wait(window.output.isVisible)
    user.wait(lambda: window.loss.height() == small)


def a_step_that_the_curve_was_asked_for_is_gone_to(user: User) -> None:
    user.key(Qt.Key.Key_Space)
    user.wait_for_step(30)
    user.window.loss.sought.emit(7)
    user.wait(lambda: user.frame.step == 7 and not user.frame.training)


def test_the_loss_view(play_in_turn: InTurn) -> None:
    play_in_turn(
        the_loss_has_the_planes_room_until_escape,
        a_step_that_the_curve_was_asked_for_is_gone_to,
    )
