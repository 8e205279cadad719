"""The loss view: curves in steady ranges, values under the pointer, scores in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QContextMenuEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QPushButton
from pytestqt.qtbot import QtBot

from engine.training import Curve
from playground.runtime.frame import Frame
from playground.ui import theme
from playground.ui.cards import panel
from playground.views.loss.axes import LossAxes
from playground.views.loss.plot import LossPlot
from playground.views.loss.view import LossView
from tests.frames import frame_of
from tests.playground.conftest import LEFT, heard, in_this_font, named

NAN, INF = float("nan"), float("inf")


@pytest.fixture
def view(qtbot: QtBot) -> Iterator[LossView]:
    theme.set_mode(theme.Mode.LIGHT)
    result = LossView()
    qtbot.addWidget(result)
    result.resize(330, 200)
    with qtbot.waitExposed(result):
        result.show()
    yield result
    theme.set_mode(theme.Mode.SYSTEM)


def frame(train: list[float], test: list[float] | None = None, stride: int = 1, **changes: Any) -> Frame:
    """A frame with a curve of a sample every `stride` steps."""
    losses = (np.array(values, dtype=float) for values in (train, test or [NAN] * len(train)))
    steps = np.arange(len(train)) * stride
    return frame_of(**{"step": int(steps[-1]), "curve": Curve(steps, *losses), "end": int(steps[-1])} | changes)


def plot(view: LossView) -> LossPlot:
    return named(view, LossPlot, "Loss over the steps")


def ranges(view: LossView) -> list[list[float]]:
    """Steps and losses, on a logarithmic axis as exponents, from end to end."""
    axes = plot(view).axes
    return [[0, axes.right], [axes.bottom, axes.top]]


def drawn(view: LossView) -> list[tuple[np.ndarray, np.ndarray]]:
    """What the train and the test curve show."""
    return [plot(view).curves[name] for name in ("train", "test")]


def hovered_text(view: LossView) -> str:
    """The text beside the pointer's line; empty while there is none."""
    return plot(view).said


def log_button(view: LossView) -> QPushButton:
    return named(view, QPushButton, "Logarithmic scale")


def place(view: LossView, step: float) -> QPointF:
    axes, area = plot(view).axes, plot(view).area
    return QPointF(axes.point(step, axes.bottom, area).x(), area.center().y())


def send(view: LossView, kind: QEvent.Type, at: QPointF, button=Qt.MouseButton.NoButton) -> None:
    event = QMouseEvent(kind, at, plot(view).mapToGlobal(at), button, button, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(plot(view), event)


def hover(view: LossView, step: float) -> None:
    send(view, QEvent.Type.MouseMove, place(view, step))


def test_the_curves_are_those_of_the_frame(view):
    view.show_frame(frame([0.7, 0.4, 0.2], [0.8, 0.5, 0.3], stride=10))
    for (x, y), expected in zip(drawn(view), ([0.7, 0.4, 0.2], [0.8, 0.5, 0.3]), strict=True):
        np.testing.assert_array_equal(x, [0, 10, 20])
        np.testing.assert_allclose(y, expected)


def test_ranges_grow_by_leaps_and_stay_between(view):
    view.show_frame(frame([0.7, 0.4], stride=300))
    assert ranges(view) == [[0, 500], [0, 1]]
    view.show_frame(frame([0.7, 0.9], stride=450))
    assert ranges(view) == [[0, 500], [0, 1]]
    view.show_frame(frame([0.7, 1.1], stride=501))
    assert ranges(view) == [[0, 1000], [0, 2]]
    view.show_frame(frame([0.7]))  # reset
    assert ranges(view) == [[0, 10], [0, 1]]


def test_log_scale_spans_whole_decades_and_puts_zero_on_the_lower_edge(view, qtbot):
    view.show_frame(frame([2.0, 0.05, 0.0], [3.0, 0.5, 0.4]))
    qtbot.mouseClick(log_button(view), Qt.MouseButton.LeftButton)
    assert ranges(view)[1] == [-2, 1]
    np.testing.assert_allclose(drawn(view)[0][1], [*np.log10([2, 0.05]), -2])
    assert [text for _, text in plot(view).axes.losses()] == ["10⁻²", "10⁻¹", "10⁰", "10¹"]
    qtbot.mouseClick(log_button(view), Qt.MouseButton.LeftButton)
    np.testing.assert_allclose(drawn(view)[0][1], [2, 0.05, 0])


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize(
    "train", [[0.0], [0.0, 0.0], [NAN], [NAN, NAN], [1.0, INF, NAN], [1e-300, 1.0], [1e300, 1.0], [0.5]]
)
def test_no_loss_is_an_error(view, train, log):
    log_button(view).setChecked(log)
    view.show_frame(frame(train))
    view.grab()
    (_, right), (bottom, top) = ranges(view)
    assert right == 10
    assert np.isfinite([bottom, top]).all()
    assert bottom < top
    assert not np.isinf(drawn(view)[0][1]).any()


@pytest.mark.parametrize("size", [1e-300, 1.0, 1e300])
def test_a_curve_of_another_run_leaves_the_plot_however_large_it_is(size: float) -> None:
    axes, area = LossAxes(10, 0.0, size), QRectF(0, 0, 100, 50)
    _, y = axes.points(np.zeros(3), np.array([size / 2, 1e308, -1e308]), area)
    assert y[0] == pytest.approx(25)
    assert np.isfinite(y).all()
    assert y[1] < area.top()
    assert y[2] > area.bottom()


def test_a_loss_that_was_never_measured_draws_nothing(view):
    view.show_frame(frame([0.7, 0.4], [0.8, 0.5]))
    view.show_frame(frame([0.7, 0.4]))
    assert len(drawn(view)[1][0]) == 0


def test_before_the_first_step_it_invites(view):
    view.show_frame(frame([0.7]))
    middle = plot(view).area.toRect().adjusted(40, 30, -40, -30)
    inviting = plot(view).grab(middle).toImage()
    view.show_frame(frame([0.7, 0.6]))
    assert plot(view).grab(middle).toImage() != inviting


def test_hovering_says_the_values_of_the_nearest_sample(view):
    view.show_frame(frame([0.7, 0.4, 0.21234], [0.8, NAN, 0.3], stride=1000))
    hover(view, 1900)
    assert hovered_text(view) == "step 2,000\ntrain 0.2123\ntest 0.3"
    hover(view, 900)
    assert hovered_text(view) == "step 1,000\ntrain 0.4\ntest 0.8"  # where it was measured, nearest by
    view.show_frame(frame([0.7, 0.5, 0.3], stride=1000))
    assert hovered_text(view) == "step 1,000\ntrain 0.5\ntest –"  # the pointer rests, the numbers go on
    QApplication.sendEvent(plot(view), QEvent(QEvent.Type.Leave))
    assert hovered_text(view) == ""


@pytest.mark.parametrize("step", [0, 250, 499, 501, 999])
def test_the_text_beside_the_pointer_lies_inside_the_plot(view, step):
    view.show_frame(frame([0.123456] * 1001, [0.123456] * 1001))
    hover(view, step)
    box, area = plot(view).box(), plot(view).area
    assert area.left() <= box.left() < box.right() <= area.right()


def test_wheel_and_drag_leave_the_ranges_alone(view):
    view.show_frame(frame([0.7, 0.4], stride=300))
    before = ranges(view)
    middle = place(view, 250)
    wheel = QWheelEvent(
        middle, plot(view).mapToGlobal(middle), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(plot(view), wheel)
    for button in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton):
        send(view, QEvent.Type.MouseButtonPress, middle, button)
        send(view, QEvent.Type.MouseMove, middle + QPointF(40, 20), button)
        send(view, QEvent.Type.MouseButtonRelease, middle + QPointF(40, 20), button)
    assert ranges(view) == before


def test_it_follows_the_theme(view):
    view.show_frame(frame([0.7, 0.4]))
    theme.set_mode(theme.Mode.DARK)
    image = plot(view).grab().toImage()
    assert image.pixelColor(image.width() - 1, 0) == theme.colour("panel")


def test_the_scale_is_operable_by_keyboard_and_has_a_name(view, qtbot):
    view.show_frame(frame([0.7, 0.04]))
    qtbot.keyClick(log_button(view), Qt.Key.Key_Space)
    assert ranges(view)[1] == [-2, 0]
    assert log_button(view).accessibleName()
    assert log_button(view).toolTip()


def is_log(view: LossView) -> bool:
    return log_button(view).isChecked()


def test_it_goes_to_logarithms_by_itself_once_the_loss_spans_more_than_three_powers_of_ten(view):
    view.show_frame(frame([1.0, 0.001]))
    assert not is_log(view)
    view.show_frame(frame([1.0, 0.0009]))
    assert is_log(view)
    assert ranges(view)[1] == [-4, 0]
    view.show_frame(frame([1.0, 0.0, NAN, 0.5]))
    assert not is_log(view), "another run"


@pytest.mark.parametrize("first", [[1.0, 0.5], [1.0, 1e-6]])
def test_the_scale_that_the_user_chose_stands(view, qtbot, first):
    view.show_frame(frame(first))
    qtbot.mouseClick(log_button(view), LEFT)
    chosen = is_log(view)
    for train in ([1.0, 1e-6], [1.0, 0.5]):
        view.show_frame(frame(train))
        assert is_log(view) is chosen


def test_where_settings_changed_is_marked_and_said_under_the_pointer(view):
    plain = frame([0.7] * 101)
    view.show_frame(plain)
    before = plot(view).grab().toImage()
    view.show_frame(frame([0.7] * 101, marks=((50, "dataset circle → moons"),)))
    marked = plot(view).grab().toImage()
    at = place(view, 50)
    spot = QPoint(round(at.x()), round(plot(view).area.top()) + 3)
    assert marked.pixelColor(spot) == theme.colour("accent") != before.pixelColor(spot)
    hover(view, 51)
    assert hovered_text(view).endswith("dataset circle → moons")
    hover(view, 80)
    assert "dataset" not in hovered_text(view)
    view.show_frame(plain)
    QApplication.sendEvent(plot(view), QEvent(QEvent.Type.Leave))
    assert plot(view).grab().toImage() == before


def test_it_asks_for_more_room_and_gives_it_back_by_the_button_or_escape(view, qtbot):
    asked = heard(view.enlarge_asked)
    button = named(view, QPushButton, "Enlarge the loss")
    qtbot.mouseClick(button, LEFT)
    assert view.is_enlarged
    assert "Escape" in button.toolTip()
    view.activateWindow()
    qtbot.waitUntil(view.isActiveWindow)
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    assert asked == [(True,), (False,)]
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    qtbot.keyClick(button, Qt.Key.Key_Space)
    qtbot.keyClick(button, Qt.Key.Key_Space)
    assert asked[2:] == [(True,), (False,)]


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_the_menu_goes_to_a_step_and_has_what_the_buttons_have(view, qtbot):
    view.show_frame(frame([0.7] * 101, stride=10))
    asked, sought = heard(view.enlarge_asked), heard(view.sought)
    for text in ("Go to step 500", "Logarithmic scale", "Enlarge the loss"):
        at = place(view, 500).toPoint()
        event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, plot(view).mapToGlobal(at))
        QApplication.sendEvent(plot(view), event)
        (menu,) = (m for m in view.findChildren(QMenu) if m.isVisible())
        near = [a for a in menu.actions() if a.text()[:12] == text[:12]]
        qtbot.mouseClick(menu, LEFT, pos=menu.actionGeometry(near[0]).center())
    assert abs(sought[0][0] - 500) <= 5
    assert is_log(view)
    assert asked == [(True,)]


@pytest.mark.parametrize("size", [1, 1.5, 2])
def test_at_its_smallest_nothing_is_clipped(qtbot, size):
    theme.set_text_size(size)
    try:
        view = LossView()
        card = panel(view)
        card.layout().setContentsMargins(0, 0, 0, 0)
        qtbot.addWidget(card)
        card.show()
        assert view.minimumSizeHint().width() <= in_this_font(270)
        assert view.minimumSizeHint().height() <= in_this_font(110)
        card.resize(card.minimumSizeHint())
        view.show_frame(frame([0.7, 0.4]))
        view.grab()
        for label in view.findChildren(QLabel):
            assert label.width() >= label.minimumSizeHint().width(), label.text()
        assert plot(view).area.height() > 30 * size
    finally:
        theme.set_text_size(1)
