"""What a screen reader is told: the state of training when it changes, and what is refused; not each frame."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QAccessibleEvent
from PySide6.QtWidgets import QLineEdit

from engine.training import PRESETS, Project, save_project
from playground.runtime.frame import Status
from tests.e2e.conftest import User

Play = Callable[..., int]


@pytest.fixture
def spoken(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What Qt is asked to have said, as long as there is no screen reader to ask."""
    result: list[str] = []

    def hear(event: QAccessibleEvent) -> None:
        if isinstance(event, QAccessibleAnnouncementEvent):
            result.append(event.message())

    monkeypatch.setattr(QAccessible, "updateAccessibility", hear)
    return result


def test_the_state_of_training_is_said_when_it_changes_and_not_at_each_frame(play: Play, spoken: list[str]) -> None:
    def script(user: User) -> None:
        user.wait(lambda: bool(spoken))
        assert spoken.pop().startswith("Ready.")
        user.press("Train")
        user.wait_for_step(30)
        user.press("Pause")
        user.wait_for(Status.PAUSED)
        for _ in range(3):
            user.key(Qt.Key.Key_S, Qt.KeyboardModifier.ShiftModifier)
        user.settle()
        training, paused, *rest = spoken
        assert training.startswith("Training.")
        assert paused.startswith("Paused after step")
        assert [text.split(" step")[0] for text in rest] == ["Looking at"]  # once for three steps

    assert play(script) == 0


def test_divergence_is_said_with_what_to_do(play: Play, spoken: list[str], tmp_path: Path) -> None:
    path = tmp_path / "wild.backprop"
    wild = PRESETS["circle"]
    training = wild.training.replace(learning_rate=10, optimizer="sgd", loss="mse", l2=1.0)
    layers = tuple(layer.replace(activation="relu") for layer in wild.network.layers)
    save_project(path, Project(wild.replace(training=training, network=wild.network.replace(layers=layers))))

    def script(user: User) -> None:
        user.press("Train")
        user.wait_for(Status.DIVERGED)
        user.wait(lambda: "Try a learning rate of" in spoken[-1])

    assert play(script, str(path)) == 0


def test_what_a_field_refuses_is_said(play: Play, spoken: list[str]) -> None:
    def script(user: User) -> None:
        user.type_into("Learning rate", "much")
        assert "“much” is not allowed; allowed: a number from" in spoken[-1]
        user.named("Learning rate", QLineEdit).setFocus()
        user.key(Qt.Key.Key_Escape)

    assert play(script) == 0
