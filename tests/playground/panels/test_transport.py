"""Transport bar: what it shows of a run, what it asks for, and what gives way where the room is narrow."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QLabel, QSlider, QWidget
from pytestqt.qtbot import QtBot

from engine.training import PRESETS, Score
from playground.panels.transport import SPEEDS, Transport
from playground.runtime.frame import Frame, Status
from playground.ui import theme
from tests.frames import frame_of
from tests.playground.conftest import LEFT, heard, in_this_font, named

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # the offscreen platform, of itself


def score(loss: float, right: int, count: int = 250) -> Score:
    """That of so many points, of which so many are right."""
    return Score(loss, right / count, 1 - right / count, count)


FIGURES = ("Step", "Epoch", "Train loss", "Test loss", "Train accuracy", "Test accuracy")


def frame(**changes: Any) -> Frame:
    """Of a run without scores."""
    return frame_of(**({"train": None, "test": None} | changes))


@pytest.mark.usefixtures("family")
def test_transport_fits_and_keeps_still(show: Callable[[Any], Any]) -> None:
    bar = show(Transport())
    assert bar.minimumSizeHint().width() <= in_this_font(840)
    bar.resize(in_this_font(1280), bar.height())

    def places() -> list[Any]:
        return [(child.mapTo(bar, QPoint()), child.size()) for child in bar.findChildren(QWidget)]

    bar.show_frame(frame())
    bar.set_speed(0)
    before = places()
    tiny, huge = score(3.2e-7, 250), score(0.000123, 0)
    bar.show_frame(frame(status=Status.TRAINING, step=1_234_567, epoch=1_234_567, train=tiny, test=huge))
    bar.set_speed(len(SPEEDS) - 1)
    assert places() == before
    for label in bar.findChildren(QWidget, options=Qt.FindChildOption.FindChildrenRecursively):
        if hasattr(label, "text") and label.text() and label.width() < label.minimumSizeHint().width() - 1:
            pytest.fail(f"{label.text()} is clipped")


def figure(bar: Transport, name: str) -> str:
    return named(bar, QLabel, name).text()


def texts(bar: Transport) -> list[str]:
    return [label.text() for label in bar.findChildren(QLabel)]


def test_transport_shows_where_the_run_stands(show: Callable[[Any], Any]) -> None:
    bar = show(Transport())
    bar.show_frame(frame())
    texts = [figure(bar, name) for name in ("Step", "Train loss", "Test accuracy")]
    assert texts == ["0", "–", "–"]
    bar.show_frame(
        frame(
            status=Status.TRAINING,
            step=12_345,
            epoch=99,
            train=score(0.0213, 250),
            test=score(0.1594, 243),
        )
    )
    assert figure(bar, "Step") == "12,345"
    assert figure(bar, "Epoch") == "99"
    assert figure(bar, "Train loss") == "0.0213"
    assert figure(bar, "Test loss") == "0.159"
    assert figure(bar, "Test accuracy") == "97.2 %"


def test_train_button_says_what_it_will_do(qtbot: QtBot, show: Callable[[Any], Any]) -> None:
    bar = show(Transport())
    toggled = heard(bar.train_toggled)
    button = named(bar, QAbstractButton, "Train")
    qtbot.mouseClick(button, LEFT)
    assert len(toggled) == 1
    assert button.text() == "Train", "only a frame says that it trains"
    bar.show_frame(frame(status=Status.TRAINING, training=True))
    assert (button.text(), button.accessibleName()) == ("Pause", "Pause")
    assert "Space" in button.toolTip()
    bar.show_frame(frame(status=Status.WAITING, training=True))
    assert button.text() == "Pause", "it goes on as soon as there are points"
    bar.show_frame(frame(status=Status.WAITING, training=False))
    assert button.text() == "Train", "nobody has asked for it yet"


def test_step_and_reset_are_asked_for(qtbot: QtBot, show: Callable[[Any], Any]) -> None:
    bar = show(Transport())
    steps, resets = heard(bar.step_asked), heard(bar.reset_asked)
    qtbot.mouseClick(named(bar, QAbstractButton, "Step"), LEFT)
    qtbot.mouseClick(named(bar, QAbstractButton, "Reset"), LEFT)
    assert (len(steps), len(resets)) == (1, 1)


def test_speed(qtbot: QtBot, show: Callable[[Any], Any]) -> None:
    bar = show(Transport())
    paces = heard(bar.speed_changed)
    bar.set_speed(SPEEDS.index(60))
    assert (bar.speed(), paces) == (60, [])
    slider = named(bar, QSlider, "Speed")
    qtbot.keyClick(slider, Qt.Key.Key_Right)
    qtbot.keyClick(slider, Qt.Key.Key_End)
    assert paces == [(120,), (math.inf,)]
    assert "as fast as it goes" in texts(bar)
    qtbot.keyClick(slider, Qt.Key.Key_Home)
    assert "1 step/s" in texts(bar)


def test_the_speed_is_no_wider_in_a_wide_window(show: Callable[[Any], Any]) -> None:
    bar = show(Transport())
    bar.resize(bar.sizeHint())
    width = named(bar, QSlider, "Speed").width()
    bar.resize(2 * bar.width(), bar.height())
    assert named(bar, QSlider, "Speed").width() == width


def test_values_have_r2_and_their_mean_error_in_place_of_accuracy(show: Callable[[Any], Any]) -> None:
    bar = show(Transport())
    experiment = PRESETS["saddle"]
    test = Score(0.02, 0.8766, 0.125, 250)
    bar.show_frame(frame_of(experiment, train=Score(0.01, 0.99996, 0.06, 250), test=test))
    assert figure(bar, "Train R²") == "0.999", "1.000 would mean that each is met"
    assert figure(bar, "Test R²") == "0.877"
    assert "Mean absolute error: 0.125" in named(bar, QLabel, "Test R²").parentWidget().toolTip()
    bar.show_frame(frame_of(experiment, train=Score(0.01, math.nan, 0.06, 250), test=None))
    assert [figure(bar, name) for name in ("Train R²", "Test R²")] == ["–", "–"], "never NaN"
    bar.show_frame(frame(train=score(0.1, 225), test=None))
    assert figure(bar, "Train accuracy") == "90.0 %"


def test_both_accuracies_are_shown_and_coloured_only_where_they_are_good(show: Callable[[Any], Any]) -> None:
    bar = show(Transport())
    bar.show_frame(frame(train=score(0.1, 225), test=score(0.3, 224)))
    assert [figure(bar, name) for name in ("Train accuracy", "Test accuracy")] == ["90.0 %", "89.6 %"]
    colours = [colour_of(named(bar, QLabel, name)) for name in ("Train accuracy", "Test accuracy")]
    assert colours == [theme.colour("accent").name(), theme.colour("text").name()]
    bar.show_frame(frame(train=score(0.1, 10), test=None))
    assert colour_of(named(bar, QLabel, "Train accuracy")) == theme.colour("text").name()
    assert figure(bar, "Test accuracy") == "–"
    assert "10 of 250" in named(bar, QLabel, "Train accuracy").parentWidget().toolTip()


def colour_of(label: QLabel) -> str:
    """What its text is written in."""
    return label.palette().color(label.foregroundRole()).name()


@pytest.fixture(params=[1, 1.5, 2])
def text_size(request: pytest.FixtureRequest) -> Iterator[float]:
    """A size of the text, in force."""
    theme.set_text_size(request.param)
    yield request.param
    theme.set_text_size(1)


def seen(bar: Transport) -> list[str]:
    """The figures that are to be seen, and "words" where the buttons have them."""
    words = ["words"] if named(bar, QAbstractButton, "Step").text() else []
    return words + [name for name in FIGURES if named(bar, QLabel, name).isVisible()]


@pytest.mark.usefixtures("family")
def test_what_gives_way_to_a_narrow_room_comes_back_and_nothing_is_clipped(
    show: Callable[[Any], Any], qtbot: QtBot, text_size: float
) -> None:
    room = QWidget()
    row = QHBoxLayout(room)
    row.setContentsMargins(0, 0, 0, 0)
    bar = Transport()
    row.addWidget(bar)
    show(room)
    stages = []
    for share in (1.6, 1.1, 1.0, 0.9, 0.75, 0.6, 0.01, 1.1, 1.6):
        width = max(round(share * 840 * text_size), room.minimumSizeHint().width())
        room.resize(width, room.height())
        qtbot.waitUntil(lambda width=width: bar.width() == width)
        qtbot.waitUntil(lambda: not overlapping(bar) and not outside(bar))
        stages.append(seen(bar))
        for child in bar.findChildren(QWidget):
            if child.isVisible() and isinstance(child, QLabel | QAbstractButton):
                assert child.width() >= child.minimumSizeHint().width() - 1, child
    assert stages[0] == ["words", *FIGURES] == stages[-1]
    assert stages[6] == ["Step", "Test accuracy"]
    for wide, narrow in pairwise(stages[:7]):
        assert set(narrow) <= set(wide)
        assert "words" not in narrow or narrow == wide, "the buttons' words go before any figure"


def outside(bar: QWidget) -> list[QWidget]:
    parts = [child for child in bar.findChildren(QWidget) if child.isVisible()]
    return [part for part in parts if not bar.rect().contains(part.rect().translated(part.mapTo(bar, QPoint())))]


def overlapping(bar: QWidget) -> list[tuple[QWidget, QWidget]]:
    parts = [child for child in bar.findChildren(QWidget) if child.isVisible() and child.parentWidget() is bar]
    return [(a, b) for i, a in enumerate(parts) for b in parts[:i] if a.geometry().intersects(b.geometry())]
