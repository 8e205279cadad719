"""Breaking the engine on purpose: it is seen, said, found, and repaired with one click."""

from __future__ import annotations

import math
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox

from engine.microscope.mistakes import MISTAKES
from playground.runtime.frame import Status
from tests.e2e.conftest import InTurn, User
from tests.playground.runtime.states import state_of


def open_mistakes(user: User) -> None:
    user.key(Qt.Key.Key_M)
    user.window.inspector.bring("mistakes")


def switch(user: User, name: str) -> None:
    """Click on a mistake's switch, and wait for a frame that says so."""
    box: QCheckBox = user.named(MISTAKES[name].label, QCheckBox)
    before = name in user.frame.mistakes
    box.click()
    user.wait(lambda: (name in user.frame.mistakes) is not before)


def a_mistake_spoils_the_training_and_one_click_repairs_it(user: User, name: str) -> None:
    open_mistakes(user)
    switch(user, name)
    assert user.window.notice.text() == f"The engine is broken on purpose: {MISTAKES[name].label}."
    user.window.worker.set_speed(1000)
    user.key(Qt.Key.Key_Space)
    user.wait_for_step(90)
    assert user.frame.train is not None
    assert user.frame.train.quality < 0.7, "which a sound engine has long passed"
    user.press("Repair the engine")
    user.wait(lambda: not user.frame.mistakes)
    assert not user.named(MISTAKES[name].label, QCheckBox).isChecked()
    assert user.frame.step >= 90, "repaired, it goes on where it stood"
    spoilt = user.frame.train.loss
    user.window.worker.set_speed(math.inf)
    user.wait(lambda: user.frame.train is not None and user.frame.train.loss < 0.8 * spoilt)
    assert user.frame.status is Status.TRAINING


def test_mistakes_are_repaired(play_in_turn: InTurn) -> None:
    play_in_turn(
        *(
            partial(a_mistake_spoils_the_training_and_one_click_repairs_it, name=name)
            for name in ("assign", "wrong_sign")
        )
    )


def weights_that_are_all_zero_begin_anew_and_so_does_the_repair(user: User) -> None:
    user.key(Qt.Key.Key_S)
    user.wait_for_step(1)
    open_mistakes(user)
    weights = state_of(user.window.worker)["weights"]
    switch(user, "zero_weights")
    assert user.frame.step == 0
    assert all(not w.any() for w in user.frame.weights)
    user.key(Qt.Key.Key_S)
    user.wait_for_step(1)
    user.key(Qt.Key.Key_R)
    user.wait(lambda: user.frame.step == 0)
    assert user.frame.mistakes == {"zero_weights"}, "a reset repairs nothing"
    assert all(not w.any() for w in user.frame.weights)
    switch(user, "zero_weights")
    assert user.frame.step == 0
    assert user.frame.weights[0].any()
    assert weights["0.weight"] != state_of(user.window.worker)["weights"]["0.weight"]


def mistakes_stay_when_the_network_is_edited_and_go_with_another_project(user: User) -> None:
    open_mistakes(user)
    switch(user, "no_zeroing")
    switch(user, "wrong_tanh")
    user.press("Add a neuron to layer 1")
    user.wait(lambda: user.frame.experiment.sizes == (2, 7, 4, 1))
    assert user.frame.mistakes == {"no_zeroing", "wrong_tanh"}
    user.forget_edits()  # so that nobody asks whether to save
    user.key(Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    user.wait(lambda: not user.frame.mistakes)
    assert not user.named(MISTAKES["wrong_tanh"].label, QCheckBox).isChecked()


def without_points_a_broken_engine_waits_like_any_other(user: User) -> None:
    open_mistakes(user)
    user.window.editor.clear_points()
    user.wait(lambda: len(user.frame.experiment.data.arrays) == 0)
    switch(user, "assign")
    user.key(Qt.Key.Key_Space)
    user.wait_for(Status.WAITING)
    user.key(Qt.Key.Key_S)
    user.settle()
    assert user.frame.step == 0


def test_mistakes_and_the_network(play_in_turn: InTurn) -> None:
    play_in_turn(
        weights_that_are_all_zero_begin_anew_and_so_does_the_repair,
        without_points_a_broken_engine_waits_like_any_other,
        mistakes_stay_when_the_network_is_edited_and_go_with_another_project,
    )


def the_gradient_check_goes_with_the_network_from_a_sound_engine_to_a_broken_one(user: User) -> None:
    user.window.inspector.bring("check")
    user.key(Qt.Key.Key_S)
    user.wait_for_step(1)
    user.window.worker.break_engine(frozenset({"no_zeroing"}))
    user.wait(lambda: bool(user.frame.mistakes))
    user.choose("Add a hidden layer")
    user.settle()
    user.choose("Undo")
    user.wait(lambda: user.frame.step == 1)
    user.choose("To the beginning")
    user.wait(lambda: not user.frame.mistakes)
    user.choose("Redo")
    user.wait(lambda: bool(user.frame.mistakes))


def test_the_gradient_check_goes_with_the_network(play_in_turn: InTurn) -> None:
    play_in_turn(the_gradient_check_goes_with_the_network_from_a_sound_engine_to_a_broken_one)
