"""A walk over all windows, at all sizes of window and text: nothing is cut, elided or covered, and nothing jumps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import product

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from engine.training import LayerSpec
from playground.app.help.first_steps import STEPS
from playground.app.notices import notice_for
from playground.app.pages import PAGES
from playground.runtime.frame import Frame, Status
from playground.ui import theme
from tests.e2e.conftest import User
from tests.e2e.walk import callout, lay_out, open_each
from tests.faults import faults, geometries

Play = Callable[..., int]
SMALL, USUAL, LARGE = (960, 600), (1280, 800), (1920, 1080)
SIZES = SMALL, USUAL, LARGE
EVERYWHERE = list(product(SIZES, (1.0, 1.5)))
CLOSED = ""  # instead of the name of a tab


@pytest.fixture(autouse=True)
def _usual_text() -> Iterator[None]:
    yield
    theme.set_text_size(1)


# ── states ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def ready(user: User) -> None:
    """As it is at launch."""


def paused(user: User) -> None:
    for _ in range(3):
        user.key(Qt.Key.Key_S)
    user.wait_for_step(3)


def training(user: User) -> None:
    user.key(Qt.Key.Key_Space)
    user.wait_for(Status.TRAINING)


def with_classes(count: int) -> Callable[[User], None]:
    def draw(user: User) -> None:
        for label in range(count):
            user.key(Qt.Key(Qt.Key.Key_1 + label))
            user.click_plane(label - 4, label - 4)
        user.settle()

    return draw


def deep(user: User) -> None:
    experiment = user.window.document.experiment
    layers = (LayerSpec(16),) * 8
    user.window.document.edit(experiment.replace(network=experiment.network.replace(layers=layers)), "8 layers of 16")
    user.settle()


def diverged(user: User) -> None:
    """After a million steps, which makes the longest sentence and the longest words on two buttons."""
    user.window.notice.say(notice_for(late(user.frame), False, "", False))


STATES = {
    "ready": ready,
    "paused": paused,
    "training": training,
    "3 classes": with_classes(3),
    "9 classes": with_classes(9),
    "8 layers of 16": deep,
    "long notice": diverged,
}


def late(frame: Frame) -> Frame:
    """The same, a million steps later, and diverged."""
    steps = frame.curve.steps.copy()
    steps[-1:] = 1_234_567
    return replace(frame, status=Status.DIVERGED, step=1_234_567, end=1_234_567, epoch=1_234_567)


# ── sizes ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def looked_over(user: User, size: tuple[int, int], share: float, tabs: tuple[str, ...]) -> list[str]:
    """All faults of the window at a size, without the tabs below and with each of them."""
    window, inspector = user.window, user.window.inspector
    theme.set_text_size(share)
    window.resize(*size)
    found = []
    for tab in tabs:
        if tab:
            inspector.bring(tab)
        elif inspector.is_open:
            inspector.toggle()
        lay_out()
        where = f"{size[0]}×{size[1]}, {share:.0%}, {tab or 'no tab'}: "
        found += [where + fault for fault in faults(window)]
        if (window.width(), window.height()) != size:
            found.append(f"{where}the window is {window.width()}×{window.height()}")
    return found


def test_the_window_at_its_tightest(play: Play) -> None:
    def script(user: User) -> None:
        found = []
        for state in ("ready", "8 layers of 16", "9 classes", "paused", "long notice"):
            STATES[state](user)
            found += looked_over(user, SMALL, 1.5, (CLOSED,))
        found += looked_over(user, SMALL, 1.5, tuple(PAGES))
        theme.set_mode(theme.Mode.DARK)
        found += looked_over(user, USUAL, 1.5, (CLOSED, *PAGES))
        found += looked_over(user, SMALL, 1.0, (CLOSED, *PAGES))
        found += looked_over(user, LARGE, 1.0, (CLOSED, "microscope", "lab"))
        assert not found, "\n".join(found)

    assert play(script) == 0


@pytest.mark.slow
@pytest.mark.parametrize("mode", [theme.Mode.LIGHT, theme.Mode.DARK], ids=lambda mode: mode.value)
@pytest.mark.parametrize("state", STATES)
def test_the_window_in_all_states_and_sizes(play: Play, state: str, mode: theme.Mode) -> None:
    def script(user: User) -> None:
        theme.set_mode(mode)
        STATES[state](user)
        found = [fault for place in EVERYWHERE for fault in looked_over(user, *place, (CLOSED, *PAGES, CLOSED))]
        assert not found, "\n".join(found)

    assert play(script) == 0


def cut_or_off_the_screen(dialog: QWidget) -> list[str]:
    room = dialog.screen().availableGeometry().size()
    found = [f"{dialog.windowTitle()}: {fault}" for fault in faults(dialog)]
    if dialog.width() > room.width() or dialog.height() > room.height():
        found.append(f"{dialog.windowTitle()} is larger than the screen")
    return found


@pytest.mark.parametrize("share", [1.0, 1.5])
def test_every_dialog(play: Play, share: float) -> None:
    def script(user: User) -> None:
        theme.set_text_size(share)
        found = []
        open_each(user, lambda dialog: found.extend(cut_or_off_the_screen(dialog)))
        assert not found, "\n".join(found)

    assert play(script) == 0


@pytest.mark.parametrize("share", [1.0, 1.5])
def test_first_steps(play: Play, share: float) -> None:
    def script(user: User) -> None:
        theme.set_text_size(share)
        user.window.resize(*SMALL)
        user.choose("First steps")
        for _ in STEPS:
            lay_out()
            shown = callout(user)
            assert faults(shown) == []
            assert user.window.rect().contains(shown.geometry()), shown.accessibleName()
            user.press("Done" if shown.step() is STEPS[-1] else "Next")

    assert play(script) == 0


# ── nothing jumps ────────────────────────────────────────────────────────────────────────────────────────────────────


def show(user: User, frame: Frame) -> None:
    """Have the window show a moment as if the run had come to it."""
    window = user.window
    for view in (window.transport, window.strip, window.network, window.output, window.loss, window.inspector):
        view.show_frame(frame)
    window.notice.say(notice_for(frame, False, "", False))
    lay_out()


LIVE = {CLOSED, "microscope", "metrics", "layers", "doctor", "landscape", "runs"}  # their numbers change at each frame


@pytest.mark.parametrize(
    "tab", [pytest.param(tab, marks=[] if tab in LIVE else pytest.mark.slow) for tab in (CLOSED, *PAGES)]
)
def test_nothing_moves_while_it_trains(play: Play, tab: str) -> None:
    def script(user: User) -> None:
        user.window.resize(*USUAL)
        if tab:
            user.window.inspector.bring(tab)
        lay_out()
        places = {"at step 0": geometries(user.window)}
        user.window.change_speed(2)  # more than a step a frame, so that nobody waits long
        user.key(Qt.Key.Key_Space)
        for step in (1, 9, 10, 100):
            user.wait_for_step(step)
            places[f"from step {step} on"] = geometries(user.window)
        user.key(Qt.Key.Key_Space)
        user.wait_for(Status.PAUSED)
        places["paused"] = geometries(user.window)
        for step in (999, 1_000, 1_000_000, 1_234_567):
            show(user, replace(user.frame, step=step, end=step, epoch=step))
            places[f"at step {step:,}"] = geometries(user.window)
        show(user, late(user.frame))
        places["diverged"] = geometries(user.window)
        for moment, now in places.items():
            moved = {
                name: (now.get(name), place) for name, place in places["at step 0"].items() if now.get(name) != place
            }
            assert not moved, (moment, moved)

    assert play(script) == 0


def test_text_that_grew_and_shrank_again_leaves_no_trace(play: Play) -> None:
    def script(user: User) -> None:
        window = user.window
        parts = (window.transport, window.learning, window.network, window.output, window.loss, window.data)
        lay_out()
        before = [part.minimumSizeHint() for part in parts], geometries(window)
        for share in (1.5, 1.0):
            theme.set_text_size(share)
            lay_out()
        assert ([part.minimumSizeHint() for part in parts], geometries(window)) == before

    assert play(script) == 0
